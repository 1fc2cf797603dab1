"""Conditions as they take shape, before periods and countries are spread over them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.understanding.reading.draft import days
from tools.customers.rules import Comparison
from tools.messages import Message
from tools.semantic.periods import Period


class Unclear(Exception):
    """The words stand in no order that has one meaning. `spans` are those that do not fit.

    `sure`: no figure can be meant either.
    """

    def __init__(self, spans: tuple[int, ...] = (), *, sure: bool = False) -> None:
        super().__init__()
        self.spans = spans
        self.sure = sure


class Ambiguous(Exception):
    """Two readings: `key` names the question, `options` are its answers with what they are called."""

    def __init__(self, key: str, question: Message, options: Mapping[str, Message]) -> None:
        super().__init__()
        self.key, self.question, self.options = key, question, options


@dataclass
class Part:
    """One leaf of a rule. `limits` are conditions on the lines counted; `settled` keeps other periods away."""

    kind: Literal["did", "dated", "has", "in"]
    fields: dict[str, Any]
    period: Period | None = None
    limits: list[dict[str, Any]] = field(default_factory=list)
    settled: bool = False
    negated: bool = False  # the opposite of the leaf

    @property
    def takes_period(self) -> bool:
        return self.kind == "did" and not self.settled and self.period is None and not self.counts_days

    @property
    def counts_days(self) -> bool:
        return str(self.fields.get("measure", "")).startswith("days_since")

    @property
    def absence(self) -> bool:
        """Whether customers who did nothing of the kind meet it."""
        value, op = self.fields.get("value"), self.fields.get("op")
        return self.kind == "did" and not self.counts_days and (op in ("<", "<=") or (op == "=" and value == 0))

    @property
    def bought(self) -> bool:
        """Nothing but an order at all."""
        return self.kind == "did" and (self.fields["measure"], self.fields["op"], self.fields["value"]) == (
            "orders",
            ">=",
            1,
        )

    @property
    def ordered(self) -> bool:
        """Whether only customers with an order meet it."""
        if self.kind != "did" or self.negated or self.fields["measure"] != "orders":
            return False
        return self.fields["op"] in ("=", ">=", ">") and self.fields["value"] >= 1

    def rule(self) -> dict[str, Any]:
        found = dict(self.fields)
        if self.period is not None:
            found["period"] = days(self.period)
        if self.limits:
            found["where"] = self.limits
        return {"not": found} if self.negated else found


@dataclass
class Node:
    """Several conditions together."""

    op: Literal["all", "any"]
    parts: list[Part | Node]

    def rule(self) -> dict[str, Any]:
        if len(self.parts) == 1:
            return self.parts[0].rule()
        found: list[dict[str, Any]] = []
        for part in self.parts:
            rule = part.rule()
            if set(rule) == {self.op}:
                found += rule[self.op]
            elif rule not in found:
                found.append(rule)
        return found[0] if len(found) == 1 else {self.op: found}


def every(tree: Part | Node) -> Iterator[Part]:
    if isinstance(tree, Part):
        yield tree
        return
    for part in tree.parts:
        yield from every(part)


def did(measure: str, op: Comparison, value: float, *, period: Period | None = None) -> Part:
    return Part("did", {"measure": measure, "op": op, "value": _plain(value)}, period)


def dated(event: str, period: Period) -> Part:
    return Part("dated", {"event": event}, period)


def has(attribute: str, values: list[str], op: str = "in") -> Part:
    fields: dict[str, Any] = {"attribute": attribute, "values": values}
    if op != "in":
        fields["op"] = op
    return Part("has", fields)


def inside(scheme: str, groups: list[str], *, negated: bool = False) -> Part:
    return Part("in", {"scheme": scheme, "groups": groups}, negated=negated)


def _plain(value: float) -> float | int:
    return int(value) if value == int(value) else value
