"""What a question leaves open about customers comes from the call before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.understanding.customers.frame import Frame, listing
from bot.understanding.customers.parts import Unclear
from bot.understanding.customers.pieces import Amount
from bot.understanding.customers.refining import in_countries, together, with_number
from bot.understanding.customers.saving import Named
from bot.understanding.customers.segments import LISTED
from bot.understanding.outcome import Outcome, Plan
from bot.understanding.reading.draft import World, days
from bot.understanding.scene import Scene
from tools.answer import ToolCall
from tools.semantic.periods import Period

KEPT = ("segments", "churn", "clv", "cohorts", "recommend")
RISK = ("churn", "churn_risk", "likely")
SMALL = frozenset({"customer", "and", "but", "count", "list", "only", "again"})


class Dialogue:
    """Reads a question that leans on the one before: "and in Germany?", "call this VIP-DE", "split by country"."""

    def __init__(
        self, scene: Scene, world: World, previous: ToolCall | None, named: Named, choices: Mapping[str, str]
    ) -> None:
        self.scene, self.world, self.named, self.choices = scene, world, named, choices
        self.previous = previous if previous is not None and previous.tool in KEPT else None

    def outcome(self) -> Outcome | None:
        """The call, or None where the question stands by itself."""
        if self.previous is None or self.previous.tool not in self.world.tools:
            return None
        try:
            return self._follow(self.previous)
        except Unclear:
            return None

    def _follow(self, before: ToolCall) -> Outcome | None:
        args: dict[str, Any] = {
            k: v for k, v in before.args.items() if k not in ("save_as", "overlap", "forget", "list_saved")
        }
        if self.named.name is not None and not self.scene.spans:
            return self._saved(args)
        if before.tool == "recommend" and before.args.get("product"):
            return None  # what goes with a product is of no customers
        refers = bool(self.scene.words("them"))
        risk = refers and bool(self.scene.words("churn", "churn_risk")) and "churn" in self.world.tools
        frame = Frame(self.scene, self.world, self.choices, self._own(risk=risk)).cut()
        frame.top = frame.top or self.named.top
        if not refers and not self._leans(frame):
            return None
        if risk:
            show = {"show": "summary"} if frame.counting else {}
            rule = self._narrowed(before, frame) or args.get("rule")
            return self._plan("churn", {**({"rule": rule} if rule else {}), **show})
        changed = self._laid_out(before.tool, args, frame)
        rule = self._narrowed(before, frame)
        if rule is not None:
            args["rule"] = rule
            changed = True
        if not changed and (refers or frame.listing) and before.tool == "segments":
            args["top"] = frame.top or LISTED
            changed = frame.listing
        if not changed:
            return None
        if self.named.name is not None:
            if before.tool != "segments":
                return None
            args["save_as"] = self.named.name
        return self._plan(before.tool, args)

    def _own(self, *, risk: bool) -> frozenset[int]:
        groups = ["follow"] + (list(RISK) if risk else [])
        return frozenset(
            i
            for i in self.scene.words(*groups)
            if not self.scene.spans[i].word("neg", "or") and (i == 0 or not self.scene.spans[i].word("and", "only"))
        )

    def _leans(self, frame: Frame) -> bool:
        """Whether the question cannot stand alone: it begins with "and", or names neither customers nor a deed."""
        first = self.scene.spans[0] if self.scene.spans else None
        opened = first is not None and first.word("follow")
        named = any(piece.kind == "customer" for piece in frame.pieces)
        return opened or not named

    def _saved(self, args: dict[str, Any]) -> Outcome | None:
        rule = args.get("rule")
        if rule is None:
            return None
        return self._plan("segments", {"rule": rule, "save_as": self.named.name})

    def _laid_out(self, tool: str, args: dict[str, Any], frame: Frame) -> bool:
        changed = False
        if frame.by is not None and tool in ("segments", "clv"):
            args["by"] = frame.by
            args.pop("top", None)
            changed = True
        if tool in ("segments", "churn", "clv") and (frame.top is not None or frame.order_by or frame.order):
            more = listing(frame)
            if tool != "segments":
                more = {name: value for name, value in more.items() if name == "top"}
            elif frame.top is None:
                more["top"] = args.get("top", LISTED)
            args.update(more)
            changed = bool(more)
        return changed

    def _narrowed(self, before: ToolCall, frame: Frame) -> dict[str, Any] | None:
        """The rule before with what the question adds; a new country or period takes the old one's place."""
        pieces = [piece for piece in frame.pieces if piece.kind not in SMALL]
        if not pieces:
            return None
        old: dict[str, Any] | None = before.args.get("rule")
        if len(pieces) == 1 and pieces[0].kind == "period" and old is not None:
            moved = self._moved(old, pieces[0].value.period)
            if moved is None:
                raise Unclear(pieces[0].spans)
            return moved
        frame.pieces = [p for p in frame.pieces if not (p.kind == "only" and _begins(frame, p))]
        while frame.pieces and frame.pieces[0].kind in ("and", "but"):
            frame.pieces = frame.pieces[1:]
        said = [piece for piece in frame.pieces if piece.kind not in SMALL]
        if old is not None and len(said) == 1 and isinstance(said[0].value, Amount):
            changed = with_number(old, said[0].value, self.world)
            if changed is not None:
                return changed
        ever = any(piece.kind == "alltime" for piece in frame.pieces)
        new = frame.wish().rule
        if new is None:
            return None
        if old is None:
            return new
        country = _country_of(new)
        if country is not None and _countries(old):
            switched: dict[str, Any] = _with_country(old, country)
            return switched
        if country is not None:
            return in_countries(old, country)
        return together(old, new, ever=ever)

    def _moved(self, rule: dict[str, Any], period: Period | None) -> dict[str, Any] | None:
        """The same rule in another period, where it has one."""
        if period is None or period.start > self.world.today:
            return None
        spoken = {tuple(sorted(found.items())) for found in _periods(rule)}
        if len(spoken) != 1:
            return None
        now = days(period)
        replaced: dict[str, Any] = _replaced(rule, now)
        return replaced

    def _plan(self, tool: str, args: Mapping[str, Any]) -> Outcome:
        return Plan((ToolCall(tool, dict(args)),))


def _begins(frame: Frame, piece: Any) -> bool:
    return bool(frame.pieces) and frame.pieces[0] is piece


def _periods(rule: Any) -> list[dict[str, str]]:
    if isinstance(rule, Mapping):
        own = [dict(rule["period"])] if isinstance(rule.get("period"), Mapping) else []
        return own + [found for name, part in rule.items() if name != "period" for found in _periods(part)]
    if isinstance(rule, (list, tuple)):
        return [found for part in rule for found in _periods(part)]
    return []


def _replaced(rule: Any, period: Any) -> Any:
    if isinstance(rule, Mapping):
        return {name: period if name == "period" else _replaced(part, period) for name, part in rule.items()}
    if isinstance(rule, (list, tuple)):
        return [_replaced(part, period) for part in rule]
    return rule


def _country_of(rule: Mapping[str, Any]) -> list[str] | None:
    """The countries, where a rule says nothing else."""
    return list(rule["values"]) if rule.get("attribute") == "country" and rule.get("op", "in") == "in" else None


def _countries(rule: Any) -> bool:
    if isinstance(rule, Mapping):
        if rule.get("attribute") == "country" or rule.get("dimension") == "country":
            return True
        return any(_countries(part) for part in rule.values())
    return isinstance(rule, (list, tuple)) and any(_countries(part) for part in rule)


def _with_country(rule: Any, countries: list[str]) -> Any:
    if isinstance(rule, Mapping):
        if rule.get("attribute") == "country" or rule.get("dimension") == "country":
            return {**{k: v for k, v in rule.items() if k != "op"}, "values": countries} | (
                {"op": "in"} if rule.get("dimension") else {}
            )
        return {name: _with_country(part, countries) for name, part in rule.items()}
    if isinstance(rule, (list, tuple)):
        return [_with_country(part, countries) for part in rule]
    return rule
