"""The tool `cohorts`: retention and revenue by when customers first bought."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from tools.answer import Answer, Cell, Chart, Column, Fact, FollowUp, Provenance, Table, ToolCall
from tools.customers.cohorts import Attribute, Cohort, CohortGrain, Followed, Measured, Study, covered
from tools.customers.histories import Histories
from tools.customers.rules import Did, Rule
from tools.customers.segments.selection import Selection
from tools.errors import NotEnoughData
from tools.messages import Label, Message, Quantity, Value, say
from tools.semantic.periods import Grain, Period, shift, unit
from tools.semantic.query import Days, Filter
from tools.semantic.wording import filter_noun
from tools.stats.proportions import benjamini_hochberg, lower_than_others
from tools.tool import Args, Context, Cue, Example, Tool
from tools.warehouse.values import labels_of, names_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

NAME = "cohorts"
UNITS = 12
MOST_COHORTS = 60
MOST_OFFSETS: dict[CohortGrain, int] = {"week": 12, "month": 12, "quarter": 8}
MOST_VALUES = 8
# Below so many customers a share jumps about: such a cohort is neither the best nor the worst.
FEWEST_TO_COMPARE = 30
# So long after the data begins, customers who bought before it still turn up as new ones.
NEW_AT_FIRST = timedelta(days=90)
FALSE_DISCOVERIES = 0.01
MUCH_LOWER = 0.75
TESTED_OFFSETS = 3
MOST_UNUSUAL = 3
ALL = "all"
CHANNEL: Attribute = "acquisition_channel"
ATTRIBUTES: dict[Attribute, Label] = {
    "acquisition_channel": Label("acquisition channel", "获客渠道"),
    "country": Label("country", "国家"),
    "region": Label("region", "地区"),
    "city": Label("city", "城市"),
    "gender": Label("gender", "性别"),
}
MEASURES: dict[Measured, Label] = {
    "retention": Label("Retention", "留存率"),
    "customers": Label("Customers who ordered again", "复购客户数"),
    "net_sales": Label("Net sales", "净销售额"),
    "net_sales_per_customer": Label("Net sales per customer won", "每位新客带来的净销售额"),
}


class CohortsArgs(Args):
    """Which cohorts, and what is followed."""

    grain: Literal["week", "month", "quarter"] = "month"
    measure: Literal["retention", "customers", "net_sales", "net_sales_per_customer"] = "retention"
    period: Days | None = Field(None, description="When the cohorts first bought; None: the last twelve units.")
    where: tuple[Filter, ...] = Field((), description="Conditions on the lines counted after the first order.")
    rule: Rule | None = Field(None, description="Only these customers.")
    by: Literal["acquisition_channel", "country", "region", "city", "gender"] | None = Field(
        None, description="Split each cohort by this, at one offset."
    )
    offset: int = Field(1, ge=0, le=36, description="With `by`: how many units after the first order.")


@dataclass(frozen=True)
class _Asked:
    """The checked call, with what the steps below share."""

    context: Context
    args: CohortsArgs
    study: Study
    data: Period
    last: datetime
    currency: str

    @property
    def grain(self) -> CohortGrain:
        return self.args.grain

    @property
    def unit(self) -> str:
        match self.args.measure:
            case "retention":
                return "ratio"
            case "customers":
                return "count"
            case _:
                return self.currency

    def quantity(self, value: float | int | None) -> Quantity:
        whole = self.unit == "count" and value is not None and float(value).is_integer()
        return Quantity(value, "number" if self.unit == "count" and not whole else self.unit)

    def has_old(self, cohort: Cohort) -> bool:
        """Whether customers who bought before the data begins may look won in this cohort."""
        return cohort.start < self.data.start + NEW_AT_FIRST

    def compared(self, followed: Followed) -> Followed:
        """The cohorts that averages and extremes are of: without those that hold old customers.

        All of them where the others have not been followed long enough yet.
        """
        offset = self.args.offset if self.args.by else 1
        new = tuple(cohort for cohort in followed.cohorts if not self.has_old(cohort))
        return replace(followed, cohorts=new) if any(followed.over(c, offset) for c in new) else followed

    def left_out(self, followed: Followed) -> tuple[Cohort, ...]:
        """The cohorts that averages and extremes leave out."""
        kept = self.compared(followed).cohorts
        return tuple(cohort for cohort in followed.cohorts if cohort not in kept)

    def named(self, cohort: Cohort) -> Period:
        return unit(cohort.start, self.grain)


@dataclass(frozen=True)
class _Unusual:
    """A cohort of which fewer came back than of the others like it."""

    value: str | None
    cohort: Cohort
    offset: int
    share: float
    others: float


def run(context: Context, args: CohortsArgs) -> Answer:
    """Follows cohorts. Raises NotEnoughData outside the data, InvalidArgument or MissingTable for what is not there."""
    asked = _prepare(context, args)
    return _whole(asked) if args.by is None else _split(asked, args.by)


def _prepare(context: Context, args: CohortsArgs) -> _Asked:
    selection = Selection(context)
    if args.rule is not None:
        selection.check(args.rule)
    if args.where:
        selection.check(Did(measure="orders", op=">=", value=1, where=args.where))
    first, last = _span(context)
    data = covered(first.date(), last.date(), context.today)
    period = _acquired(context, args, data)
    study = Study(context, args.grain, period, args.where, args.rule)
    return _Asked(context, args, study, data, last, context.warehouse.settings().currency)


def _span(context: Context) -> tuple[datetime, datetime]:
    lines = Histories(context.warehouse, context.today).lines()

    def read() -> tuple[datetime | None, datetime | None]:
        rows, _sql = context.warehouse.fetch(lines.aggregate(first=lines.sold_at.min(), last=lines.sold_at.max()))
        return rows[0][0], rows[0][1]

    first, last = context.warehouse.remembered(("span of known customers' lines", context.today), read)
    if first is None or last is None:
        raise NotEnoughData(
            say("There are no sales of known customers up to {today}, so there are no cohorts.", today=context.today)
        )
    return first, last


def _acquired(context: Context, args: CohortsArgs, data: Period) -> Period:
    """The whole units in which the cohorts first bought, within what the data covers."""
    if args.period is None:
        start = shift(unit(context.today, args.grain).start, args.grain, 1 - UNITS)
        wanted = Period(start, unit(context.today, args.grain).end)
        if not wanted.overlaps(data):
            wanted = Period(shift(unit(data.end, args.grain).start, args.grain, 1 - UNITS), data.end)
    else:
        wanted = args.period.period
    if not wanted.overlaps(data):
        raise NotEnoughData(
            say(
                "Nobody was won in {period}: the data covers {first} to {last}.",
                period=wanted,
                first=data.start,
                last=data.end,
            )
        )
    start = max(unit(wanted.start, args.grain).start, unit(data.start, args.grain).start)
    end = min(unit(wanted.end, args.grain).end, unit(data.end, args.grain).end)
    earliest = shift(unit(end, args.grain).start, args.grain, 1 - MOST_COHORTS)
    return Period(max(start, earliest), end)


# --- all customers ----------------------------------------------------------------------------------------------------


def _whole(asked: _Asked) -> Answer:
    args = asked.args
    followed, sql = asked.study.follow(asked.data.end)
    won = sum(cohort.size for cohort in followed.cohorts)
    if not won:
        raise NotEnoughData(say("Nobody first bought in {period}.", period=asked.study.period))
    offsets = _offsets(asked, followed)
    unusual: list[_Unusual] = []
    if args.measure in ("retention", "customers"):
        tested = [o for o in offsets if o][:TESTED_OFFSETS]
        if _has_channels(asked):
            parts, more = asked.study.follow_by(CHANNEL, asked.data.end)
            unusual, sql = _unusual(asked, parts, tested), (*sql, *more)
        unusual += _unusual(asked, {None: followed}, tested)
    drawn = tuple(str(o) for o in offsets if o or args.where or args.measure not in ("retention", "customers"))
    table = _table(asked, followed, offsets)
    return Answer(
        headline=_headline(asked, followed, offsets),
        lines=(
            *_left_out(asked, followed),
            say("{customers} customers were won in {period}.", customers=Quantity(won), period=asked.study.period),
            *(_unusual_line(asked, found) for found in unusual[:MOST_UNUSUAL]),
        ),
        facts=tuple(_facts(asked, followed, offsets)),
        table=table,
        chart=Chart(
            "heatmap",
            _title(asked),
            "cohort",
            drawn,
            beside="size",
            partial=frozenset(
                (cohort.start, str(o))
                for cohort in followed.cohorts
                for o in offsets
                if followed.begun(cohort, o) and not followed.over(cohort, o)
            ),
        )
        if drawn
        else None,
        file_name=NAME,
        follow_ups=_follow_ups(asked),
        caveats=_caveats(asked, [followed], offsets),
        provenance=_provenance(asked, sql, tested=bool(unusual)),
    )


def _offsets(asked: _Asked, followed: Followed) -> list[int]:
    oldest = followed.cohorts[0]
    return [o for o in range(MOST_OFFSETS[asked.grain] + 1) if followed.begun(oldest, o)]


def _headline(asked: _Asked, followed: Followed, offsets: Sequence[int]) -> Message:
    """The figure one unit later over all cohorts, and between which cohorts it lies; only where that unit is over."""
    measure = asked.args.measure
    usable = [c for c in followed.cohorts if c.size and followed.over(c, 1)] if 1 in offsets else []
    if not usable:
        return say(
            "{customers} customers were won in {period}; no full {unit} after it is over yet.",
            customers=Quantity(sum(c.size for c in followed.cohorts)),
            period=asked.study.period,
            unit=_UNIT[asked.grain],
        )
    compared = asked.compared(followed)
    usable = [c for c in usable if c in compared.cohorts]
    shown = asked.quantity(compared.together(1, measure))
    when = _later(asked.grain, 1)
    large = [c for c in usable if c.size >= FEWEST_TO_COMPARE and not asked.has_old(c)]
    ranked = sorted(large, key=lambda c: (-(followed.value(c, 1, measure) or 0), c.start))
    if len(ranked) < 2 or followed.value(ranked[0], 1, measure) == followed.value(ranked[-1], 1, measure):
        if len(usable) == 1:
            return say(
                "{measure} of the customers won in {cohort}, {later}: {value}",
                measure=MEASURES[measure],
                cohort=asked.named(usable[0]),
                later=when,
                value=shown,
            )
        return say("{measure}, {later}: {value}", measure=MEASURES[measure], later=when, value=shown)
    best, worst = ranked[0], ranked[-1]
    return say(
        "{measure}, {later}: {value} on average; highest for customers won in {best} ({highest}), lowest for those "
        "won in {worst} ({lowest})",
        measure=MEASURES[measure],
        later=when,
        value=shown,
        best=asked.named(best),
        highest=asked.quantity(followed.value(best, 1, measure)),
        worst=asked.named(worst),
        lowest=asked.quantity(followed.value(worst, 1, measure)),
    )


def _left_out(asked: _Asked, followed: Followed) -> tuple[Message, ...]:
    """Which rows of the table the averages and extremes are not of, and why."""
    found: list[Message] = []
    old = asked.left_out(followed)
    if old:
        found.append(_old_left_out(asked, old))
    compared, measure = asked.compared(followed), asked.args.measure
    usable = [c for c in compared.cohorts if c.size and compared.over(c, 1)]
    values = [followed.value(c, 1, measure) or 0 for c in usable]
    for cohort in followed.cohorts if values else ():
        so_far = followed.value(cohort, 1, measure)
        if so_far is not None and not followed.over(cohort, 1) and not min(values) <= so_far <= max(values):
            found.append(
                say(
                    "Those won in {cohort} ({value} so far) are not compared: {period} is not over yet.",
                    cohort=asked.named(cohort),
                    value=asked.quantity(so_far),
                    period=followed.unit_of(cohort, 1),
                )
            )
    if any(c.size < FEWEST_TO_COMPARE for c in usable) and sum(c.size >= FEWEST_TO_COMPARE for c in usable) > 1:
        found.append(
            say(
                "Cohorts of fewer than {customers} customers are in the average, but neither highest nor lowest.",
                customers=Quantity(FEWEST_TO_COMPARE),
            )
        )
    return tuple(found)


def _old_left_out(asked: _Asked, old: Sequence[Cohort]) -> Message:
    return say(
        "Left out of the average, the highest and the lowest: {cohorts}. The data begins on {day}, so that they hold "
        "customers who had bought before.",
        cohorts=tuple(map(asked.named, old)),
        day=asked.data.start,
    )


_UNIT: dict[CohortGrain, Label] = {
    "week": Label("week", "周"),
    "month": Label("month", "月"),
    "quarter": Label("quarter", "季度"),
}


def _later(grain: CohortGrain, offset: int) -> Message:
    match grain:
        case "week":
            return say("{count} weeks later", count=offset) if offset != 1 else say("one week later")
        case "month":
            return say("{count} months later", count=offset) if offset != 1 else say("one month later")
        case "quarter":
            return say("{count} quarters later", count=offset) if offset != 1 else say("one quarter later")


def _title(asked: _Asked) -> Message:
    measure = MEASURES[asked.args.measure]
    match asked.grain:
        case "week":
            return say("{measure} by weeks after the first order", measure=measure)
        case "month":
            return say("{measure} by months after the first order", measure=measure)
        case "quarter":
            return say("{measure} by quarters after the first order", measure=measure)


def _table(asked: _Asked, followed: Followed, offsets: Sequence[int]) -> Table:
    """A row a cohort and one for all of them; units that have not begun are empty, running ones hold what there is."""
    measure, size_unit = asked.args.measure, "count"
    columns = (
        _cohort_column(asked),
        Column("size", Label("Won", "新客数"), size_unit),
        *(Column(str(o), Label(f"+{o}", f"+{o}"), asked.unit, spare=o == 0) for o in offsets),
    )
    rows: list[tuple[Cell, ...]] = [
        (cohort.start, cohort.size, *(followed.value(cohort, o, measure) for o in offsets))
        for cohort in followed.cohorts
    ]
    if len(rows) > 1:
        compared = asked.compared(followed)
        average: tuple[Cell, ...] = tuple(compared.together(o, measure) for o in offsets)
        rows.append((ALL, sum(cohort.size for cohort in followed.cohorts), *average))
    return Table(columns, tuple(rows), len(rows))


def _cohort_column(asked: _Asked) -> Column:
    labels = {ALL: Label("Average", "平均")}
    return Column("cohort", Label("First order", "首单时间"), grain=asked.grain, labels=labels)


def _facts(asked: _Asked, followed: Followed, offsets: Sequence[int]) -> Iterable[Fact]:
    """Sizes, and the figures of units that are over; what is still running is no fact yet."""
    measure = asked.args.measure
    for cohort in followed.cohorts:
        where = {"cohort": _key(cohort.start, asked.grain)}
        yield Fact("customers", cohort.size, "count", asked.named(cohort), where)
        for o in offsets:
            if cohort.size and followed.over(cohort, o):
                value = followed.value(cohort, o, measure)
                yield Fact(measure, value, asked.unit, followed.unit_of(cohort, o), {**where, "offset": str(o)})
    yield Fact("customers", sum(c.size for c in followed.cohorts), "count", asked.study.period, {"cohort": ALL})
    compared = asked.compared(followed)
    for o in offsets:
        value = compared.together(o, measure)
        if value is not None:
            number = asked.quantity(value)
            yield Fact(measure, value, number.unit, None, {"cohort": ALL, "offset": str(o)})


def _key(start: date, grain: Grain) -> str:
    """How facts call a cohort: 2011-01, 2011-Q1, or a week by its Monday."""
    if grain == "month":
        return f"{start:%Y-%m}"
    return f"{start.year}-Q{(start.month + 2) // 3}" if grain == "quarter" else start.isoformat()


# --- by an attribute --------------------------------------------------------------------------------------------------


def _split(asked: _Asked, attribute: Attribute) -> Answer:
    args, offset, measure = asked.args, asked.args.offset, asked.args.measure
    found, sql = asked.study.follow_by(attribute, asked.data.end)
    sizes = {value: sum(c.size for c in followed.cohorts) for value, followed in found.items()}
    if not sizes:
        raise NotEnoughData(say("The data has no {attribute} of customers.", attribute=ATTRIBUTES[attribute]))
    values = sorted(sizes, key=lambda value: (-sizes[value], value))
    shown = values[:MOST_VALUES]
    some = found[shown[0]]
    reached = [c for c in some.cohorts if some.begun(c, offset)]
    if not reached:
        raise NotEnoughData(
            say("Nobody who was won in {period} could be followed so far yet: {later}.", period=asked.study.period,
                later=_later(asked.grain, offset))
        )  # fmt: skip
    unusual = _unusual(asked, found, [offset]) if offset else []
    labels = _labels(asked, attribute, shown)
    columns = (
        _cohort_column(asked),
        *(Column(f"{attribute}:{value}", labels.get(value, Label(value)), asked.unit) for value in shown),
    )
    rows: list[tuple[Cell, ...]] = []
    for index, cohort in enumerate(some.cohorts):
        if some.begun(cohort, offset):
            rows.append((cohort.start, *(found[v].value(found[v].cohorts[index], offset, measure) for v in shown)))
    if len(rows) > 1:
        rows.append((ALL, *(asked.compared(found[v]).together(offset, measure) for v in shown)))
    return Answer(
        headline=_unusual_line(asked, unusual[0], labels) if unusual else _split_headline(asked, found, shown, labels),
        lines=tuple(_unusual_line(asked, one, labels) for one in unusual[1:MOST_UNUSUAL]),
        facts=tuple(_split_facts(asked, attribute, found)),
        table=Table(columns, tuple(rows), len(rows)),
        chart=Chart(
            "heatmap",
            say("{measure} by {attribute}, {later}", measure=MEASURES[measure], attribute=ATTRIBUTES[attribute],
                later=_later(asked.grain, offset)),
            "cohort",
            tuple(f"{attribute}:{value}" for value in shown),
            partial=frozenset(
                (c.start, f"{attribute}:{value}") for c in reached if not some.over(c, offset) for value in shown
            ),
        ),
        file_name=NAME,
        follow_ups=_follow_ups(asked),
        caveats=(
            *_caveats(asked, list(found.values()), [offset]),
            *((say("Only the {shown} largest of {total} are shown; all were tested.", shown=len(shown),
                   total=len(values)),) if len(values) > len(shown) else ()),
        ),
        provenance=_provenance(asked, sql, tested=bool(args.offset)),
    )  # fmt: skip


def _split_headline(
    asked: _Asked, found: Mapping[str, Followed], shown: Sequence[str], labels: Mapping[str, Label]
) -> Message:
    measure, offset = asked.args.measure, asked.args.offset
    means = {value: asked.compared(found[value]).together(offset, measure) for value in shown}
    known = {value: mean for value, mean in means.items() if mean is not None}
    if not known:
        return say("No full {unit} is over yet, so nothing can be compared.", unit=_UNIT[asked.grain])
    best = min(known, key=lambda value: (-known[value], value))
    return say(
        "{measure}, {later}: highest for {value} ({highest})",
        measure=MEASURES[measure],
        later=_later(asked.grain, offset),
        value=labels.get(best, Label(best)),
        highest=asked.quantity(known[best]),
    )


def _split_facts(asked: _Asked, attribute: Attribute, found: Mapping[str, Followed]) -> Iterable[Fact]:
    offset, measure = asked.args.offset, asked.args.measure
    for value, followed in sorted(found.items()):
        for cohort in followed.cohorts:
            where = {"cohort": _key(cohort.start, asked.grain), attribute: value}
            if cohort.size:
                yield Fact("customers", cohort.size, "count", asked.named(cohort), where)
            if cohort.size and followed.over(cohort, offset):
                figure = followed.value(cohort, offset, measure)
                yield Fact(measure, figure, asked.unit, followed.unit_of(cohort, offset),
                           {**where, "offset": str(offset)})  # fmt: skip
        mean = asked.compared(followed).together(offset, measure)
        if mean is not None:
            where = {"cohort": ALL, attribute: value, "offset": str(offset)}
            yield Fact(measure, mean, asked.quantity(mean).unit, None, where)


def _labels(asked: _Asked, attribute: Attribute, values: Iterable[str]) -> dict[str, Label]:
    dimension = asked.context.catalog.dimensions.get(attribute)
    return labels_of(asked.context.warehouse, dimension, values) if dimension else {}


# --- what stands out --------------------------------------------------------------------------------------------------


def _has_channels(asked: _Asked) -> bool:
    warehouse = asked.context.warehouse
    if not warehouse.has("customers"):
        return False

    def look() -> bool:
        customers = warehouse.table("customers")
        rows, _sql = warehouse.fetch(customers.aggregate(n=customers.acquisition_channel.nunique()))
        return int(rows[0][0]) > 1

    return warehouse.remembered("several acquisition channels", look)


def _unusual(
    asked: _Asked, parts: Mapping[str, Followed] | Mapping[None, Followed], offsets: Sequence[int]
) -> list[_Unusual]:
    """Cohorts of which significantly and much fewer ordered in a unit than of the other cohorts of the same part.

    All cohorts, parts and offsets are one family of tests. A cohort is named once, at its clearest offset. Cohorts
    from the beginning of the data take no part: the old customers among them come back more.
    """
    tests: list[tuple[float, _Unusual]] = []
    for value, followed in parts.items():
        for offset in offsets:
            done = [c for c in followed.cohorts if c.size and followed.over(c, offset) and not asked.has_old(c)]
            came = {c.start: followed.activity(c, offset).customers for c in done}
            total, size = sum(came.values()), sum(c.size for c in done)
            for cohort in done:
                p = lower_than_others(came[cohort.start], cohort.size, total, size)
                if p is not None:
                    others = (total - came[cohort.start]) / (size - cohort.size)
                    share = came[cohort.start] / cohort.size
                    tests.append((p, _Unusual(value, cohort, offset, share, others)))
    adjusted = benjamini_hochberg([p for p, _test in tests])
    clear = sorted(
        (
            (q, p, test)
            for (p, test), q in zip(tests, adjusted, strict=True)
            if q <= FALSE_DISCOVERIES and test.share <= MUCH_LOWER * test.others
        ),
        key=lambda found: (found[0], found[1], found[2].cohort.start, found[2].value or "", found[2].offset),
    )
    named: dict[tuple[str | None, date], _Unusual] = {}
    for _q, _p, test in clear:
        named.setdefault((test.value, test.cohort.start), test)
    return list(named.values())


def _unusual_line(asked: _Asked, found: _Unusual, labels: Mapping[str, Label] | None = None) -> Message:
    shown: dict[str, Value] = {
        "cohort": asked.named(found.cohort),
        "later": _later(asked.grain, found.offset),
        "share": Quantity(found.share, "ratio"),
        "others": Quantity(found.others, "ratio"),
    }
    if found.value is None:
        return say(
            "Unusually low: of customers won in {cohort}, {share} ordered {later}, against {others} of the other "
            "cohorts.",
            **shown,
        )
    attribute = asked.args.by or CHANNEL
    names = labels if labels is not None else _labels(asked, attribute, [found.value])
    shown["value"] = names.get(found.value, Label(found.value))
    if attribute == CHANNEL:
        return say(
            "Unusually low: of customers won in {cohort} through {value}, {share} ordered {later}, against {others} "
            "of those won through it at other times.",
            **shown,
        )
    return say(
        "Unusually low: of customers of {value} won in {cohort}, {share} ordered {later}, against {others} of those "
        "won at other times.",
        **shown,
    )


# --- around the figures -----------------------------------------------------------------------------------------------


def _caveats(asked: _Asked, parts: Sequence[Followed], offsets: Sequence[int]) -> tuple[Message, ...]:
    found: list[Message] = []
    some = parts[0]
    left_out = asked.left_out(some)
    if left_out and asked.args.by:
        found.append(_old_left_out(asked, left_out))
    elif any(map(asked.has_old, some.cohorts)) and not left_out:
        found.append(
            say(
                "The data begins on {day}: who bought before that looks won at the first order since, so the cohorts "
                "of the first {days} hold old customers too.",
                day=asked.data.start,
                days=Quantity(NEW_AT_FIRST.days, "days"),
            )
        )
    if any(some.begun(c, o) and not some.over(c, o) for c in some.cohorts for o in offsets):
        found.append(
            say(
                "What happened in {period}, the last figure of each row, is not over yet: it will still grow, and is "
                "in no average.",
                period=unit(asked.data.end, asked.grain),
            )
        )
    given = asked.args.period
    shown = asked.study.period
    if given is not None and (shown.start < given.start or given.end < min(shown.end, asked.data.end)):
        found.append(say("Cohorts are whole calendar units; these were won in {period}.", period=shown))
    if asked.data.end < asked.context.today:
        found.append(say("The data ends on {day}; nothing after it is counted.", day=asked.data.end))
    return tuple(found)


def _provenance(asked: _Asked, sql: tuple[str, ...], *, tested: bool) -> Provenance:
    context, args = asked.context, asked.args
    definition = [
        say(
            "A cohort is all customers whose first order ever falls in the same calendar unit; +1 is the unit after "
            "it. Customers who are not known count nowhere."
        ),
        _MEANINGS[args.measure],
        say("Averages are over all customers of the cohorts for which the unit is over.")
        if args.measure in ("retention", "net_sales_per_customer")
        else say("Averages are a cohort, over the cohorts for which the unit is over."),
        say(
            "Cohorts of the first {days} of the data hold customers who bought before it; where there are others, "
            "averages, the highest and the lowest are without them.",
            days=Quantity(NEW_AT_FIRST.days, "days"),
        ),
    ]
    if tested:
        definition.append(
            say(
                "Unusually low: significantly below the other cohorts by a two-proportion test (false discovery rate "
                "{rate}, Benjamini–Hochberg), and at least a quarter lower.",
                rate=Quantity(FALSE_DISCOVERIES, "ratio"),
            )
        )
    filters = [_filter_text(asked, condition) for condition in args.where]
    if args.rule is not None:
        filters.append(Selection(context).customers_in_words(args.rule))
    joined = any("." in path for f in args.where for path in context.catalog.dimension(f.dimension).columns.values())
    uses_customers = args.by is not None or args.rule is not None or joined or len(sql) > 2
    return Provenance(
        definition=tuple(definition),
        period=asked.study.period,
        filters=tuple(filters),
        sql=sql,
        tables=("order_lines", "customers") if uses_customers else ("order_lines",),
        as_of=asked.last,
    )


_MEANINGS: dict[Measured, Message] = {
    "retention": say("Retention: the share of the cohort with an order in the unit."),
    "customers": say("Customers: those of the cohort with an order in the unit."),
    "net_sales": say("Net sales of the cohort in the unit: sold less discounts and what came back in it."),
    "net_sales_per_customer": say(
        "Net sales in the unit divided by all customers of the cohort, those who did not order included."
    ),
}


def _filter_text(asked: _Asked, condition: Filter) -> Message:
    catalog, warehouse = asked.context.catalog, asked.context.warehouse
    dimension = catalog.dimension(condition.dimension)
    names = {**labels_of(warehouse, dimension, condition.values), **names_of(warehouse, dimension, condition.values)}
    return filter_noun(dimension, condition, [names.get(value, Label(value)) for value in condition.values])


def _follow_ups(asked: _Asked) -> tuple[FollowUp, ...]:
    args = asked.args
    found: list[FollowUp] = []

    def offer(label: Message, changed: CohortsArgs) -> None:
        if changed != args:
            found.append(FollowUp(label, ToolCall(NAME, changed.plain())))

    if args.by is None and _has_channels(asked):
        offer(say("By acquisition channel"), args.model_copy(update={"by": "acquisition_channel"}))
    if args.by is not None:
        offer(say("All customers together"), args.model_copy(update={"by": None, "offset": 1}))
    if args.measure != "net_sales_per_customer":
        offer(say("Net sales per customer"), args.model_copy(update={"measure": "net_sales_per_customer"}))
    if args.measure != "retention":
        offer(say("Retention"), args.model_copy(update={"measure": "retention"}))
    if args.grain != "quarter":
        offer(say("By quarter"), args.model_copy(update={"grain": "quarter", "period": args.period}))
    return tuple(found[:3])


TOOL = Tool(
    name=NAME,
    title=Label("Cohorts", "同期群"),
    description=(
        "Retention and revenue of acquisition cohorts: customers grouped by the week, month or quarter of their first "
        "order, followed over the units after it, as a table and a heat map; optionally by acquisition channel or "
        "country at one offset."
    ),
    args=CohortsArgs,
    run=run,
    cues=(
        Cue(
            (
                "cohort analysis",
                "cohort retention",
                "retention by cohort",
                "retention cohorts",
                "retention heat map",
                "cohorts",
            ),
            ("同期群分析", "同期群", "留存分析", "留存热力图", "同批客户留存", "群组分析"),
        ),
    ),
    examples=(
        Example(Label("Show me retention by monthly cohort", "看一下月度同期群留存"), {}),
        Example(Label("Show the quarterly cohort retention", "看一下季度同期群留存"), {"grain": "quarter"}),
        Example(
            Label("How much net sales did each monthly cohort bring?", "各月度同期群带来了多少净销售额？"),
            {"measure": "net_sales"},
        ),
        Example(
            Label("Net sales per customer by monthly cohort", "月度同期群的人均净销售额"),
            {"measure": "net_sales_per_customer"},
        ),
        Example(
            Label("Retention of the customers won in the first half of 2011", "2011年上半年获得的新客户留存怎么样？"),
            {"period": {"start": "2011-01-01", "end": "2011-06-30"}},
        ),
        Example(Label("Weekly cohort retention", "周度同期群留存"), {"grain": "week"}),
    ),
    needs=("order_lines",),
)
