"""What a monitor watches, and by which rule; as JSON for the state database, and as the arguments of the tool."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from jobs.alerts.detection.rules import Change, Learned, Missing, Rule, Threshold
from tools.semantic.query import Filter

if TYPE_CHECKING:
    from jobs.catalog.monitor import MonitorArgs

VERSION = 1
LEARNED = Learned()
HOURS_IN_A_WEEK = 168

StepGrain = Literal["day", "hour"]
Over = Literal[1, 7, 30]
RULES: Mapping[str, type[Rule]] = {"threshold": Threshold, "change": Change, "learned": Learned, "missing": Missing}


class Unreadable(ValueError):
    """A kept definition that this version cannot read."""


@dataclass(frozen=True)
class Definition:
    """A metric, under filters and also by each value of the dimensions `by`, looked at each day or hour.

    Each step's figure is of the `over` days that end with it; 1 at the grain of hours, where it is of that hour.
    """

    metric: str
    by: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    grain: StepGrain = "day"
    over: Over = 1
    rule: Rule = LEARNED

    def __post_init__(self) -> None:
        if self.grain == "hour" and self.over != 1:
            raise ValueError(f"a monitor by the hour looks at single hours, not at {self.over} days")

    @property
    def kind(self) -> str:
        """The rule's name in the tool's arguments."""
        return next(name for name, rule in RULES.items() if isinstance(self.rule, rule))

    def to_json(self) -> dict[str, Any]:
        """Equal definitions have equal JSON, whatever the order of their filters and dimensions."""
        filters = [{**one.model_dump(mode="json"), "values": _values(one)} for one in self.filters]
        return {
            "version": VERSION,
            "metric": self.metric,
            "by": sorted(self.by),
            "filters": sorted(filters, key=lambda one: (one["dimension"], one["op"], one["values"])),
            "grain": self.grain,
            "over": self.over,
            "rule": {"kind": self.kind, **asdict(self.rule)},
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Definition:
        """Raises Unreadable."""
        try:
            if raw["version"] != VERSION:
                raise Unreadable(f"version {raw['version']!r}, expected {VERSION}")
            given = dict(raw["rule"])
            rule = RULES[given.pop("kind")](**given)
            if raw["grain"] not in ("day", "hour") or raw["over"] not in (1, 7, 30):
                raise Unreadable(f"grain {raw['grain']!r} over {raw['over']!r}")
            return cls(
                metric=str(raw["metric"]),
                by=tuple(map(str, raw["by"])),
                filters=tuple(Filter.model_validate(one) for one in raw["filters"]),
                grain=raw["grain"],
                over=raw["over"],
                rule=rule,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise Unreadable(f"{type(error).__name__}: {error}") from error

    @classmethod
    def from_args(cls, args: MonitorArgs) -> Definition:
        """Of arguments that say what to watch (see `answers.checks`, which refuses those that do not).

        Raises ValueError where the rule lacks what it needs.
        """
        if args.metric is None:
            raise ValueError("no metric is named")
        over: Over = 1 if args.rule == "missing" else args.over
        return cls(args.metric, args.by, args.filters, args.grain, over, _rule(args))

    def to_args(self) -> dict[str, Any]:
        """The arguments that name this definition, as JSON, without those at their defaults."""
        found: dict[str, Any] = {"metric": self.metric}
        if self.by:
            found["by"] = list(self.by)
        if self.filters:
            found["filters"] = [one.model_dump(mode="json") for one in self.filters]
        if self.grain != "day":
            found["grain"] = self.grain
        if self.over != 1:
            found["over"] = self.over
        if self.kind != "learned":
            found["rule"] = self.kind
        return found | _rule_args(self.rule)

    def watches_the_same(self, other: Definition) -> bool:
        """Whether the figures are the same, by whichever rule."""
        mine, theirs = ({**one.to_json(), "rule": None} for one in (self, other))
        return mine == theirs

    def with_rule(self, rule: Rule) -> Definition:
        """The same figure by another rule, whose numbers are told in full where they are told."""
        return replace(self, rule=_plain(rule))


def _values(one: Filter) -> list[str]:
    return list(one.values) if one.op == "between" else sorted(one.values)


def _rule(args: MonitorArgs) -> Rule:
    match args.rule:
        case "threshold":
            if args.level is None or not math.isfinite(args.level) or args.direction == "both":
                raise ValueError("a threshold needs a level, and a direction up or down")
            return Threshold(args.level, args.direction, args.steps)
        case "change":
            if args.share is None or not math.isfinite(args.share):
                raise ValueError("a change needs a share")
            last = HOURS_IN_A_WEEK if args.grain == "hour" else Change.last
            # Figures of several days are compared with those of as many days before them, which share none.
            against = "season before" if args.over > 1 and args.against == "step before" else args.against
            return Change(args.share, args.direction, against, last, args.least, args.steps)
        case "learned":
            per_year = args.per_year or LEARNED.per_year
            return Learned(per_year, args.direction, least=args.least, steps=args.steps)
        case "missing":
            return Missing(args.steps)


def _rule_args(rule: Rule) -> dict[str, Any]:
    found: dict[str, Any]
    match rule:
        case Threshold():
            found = {"level": rule.level, "direction": rule.direction}
        case Change():
            found = {"share": rule.share, "direction": rule.direction, "against": rule.against, "least": rule.least}
        case Learned():
            found = {"per_year": rule.per_year, "direction": rule.direction, "least": rule.least}
        case Missing():
            found = {}
    defaults = {"direction": "both", "against": "season before", "least": 0.0, "per_year": LEARNED.per_year}
    found = {name: value for name, value in found.items() if defaults.get(name) != value}
    return found | ({"steps": rule.steps} if rule.steps != 1 else {})


def _plain(rule: Rule) -> Rule:
    """Numbers of at most four digits, as people give them."""
    match rule:
        case Threshold():
            return replace(rule, level=float(f"{rule.level:.4g}"))
        case Change():
            return replace(rule, share=float(f"{rule.share:.2g}"))
        case _:
            return rule
