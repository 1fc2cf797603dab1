"""A monitor's figures as series that detection judges: read from the warehouse, with all that is known about them.

A `Reader` lives for one run (a check of all monitors, or one answer): what several monitors need is read once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from jobs.alerts.detection.family import Child
from jobs.alerts.detection.rules import Change, Learned, Missing
from jobs.alerts.detection.series import DAY, HOUR, Grain, Panel
from jobs.alerts.reading import Axis, Cubes, Group, Split, figures_of
from jobs.alerts.store_clock import StoreClock, closed
from tools.calendar.calendar import PromotionCalendar
from tools.calendar.features import known_events
from tools.customers.segments.selection import Selection
from tools.errors import AssistantError, NotEnoughData
from tools.forecasting.history import NEW_AT_FIRST
from tools.messages import say
from tools.semantic.periods import Period
from tools.semantic.query import Engine, Filter, Query, Ranking

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jobs.alerts.definition import Definition, StepGrain
    from jobs.alerts.detection.series import Bools, Floats
    from jobs.alerts.detection.verdicts import Verdicts
    from jobs.alerts.incidents.subject import Path
    from jobs.alerts.monitors import Usual
    from tools.calendar.events import Event
    from tools.semantic.catalog import Metric
    from tools.tool import Context

MOST_SERIES = 200
DAYS_RANKED = 180  # whose largest values are watched
# Of the steps on which a value has to be there, for what is usual at a step to be learned; counts are scarce by chance.
STEADY, STEADY_COUNT = 0.8, 0.7
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Watched:
    """`panel` has a row for each of `paths`; the first is (), the metric as a whole.

    `steps`: instants (aware, UTC) at which the panel's steps begin in the store's own time, oldest first. The last is
    today's, or that of the hour that runs. An hour that a clock change skips has the instant of the one after it and is
    never judged. `wall`: the same beginnings by the store's clock, naive. `unit` as in `Quantity`. `cut`: there are
    more values than the largest, which are watched; `rare`: how many come too rarely for what is usual to be learned
    of them. `first` and `last` are the times of the data's oldest and newest
    row. Panels of one reader with equal `calendar` have the same `known`.
    """

    definition: Definition
    panel: Panel
    paths: tuple[Path, ...]
    steps: tuple[datetime, ...]
    wall: tuple[datetime, ...]
    unit: str
    sql: tuple[str, ...]
    cut: bool
    rare: int
    first: datetime
    last: datetime
    calendar: tuple[object, ...]

    def period(self, step: int) -> Period:
        """The days that a step's figure is of."""
        day = self.wall[step].date()
        return Period(day - timedelta(days=self.definition.over - 1), day)

    def children(self, verdicts: Verdicts, step: int) -> tuple[Child, ...]:
        """The verdicts on one step of all series, as `family` and incidents take them."""
        return tuple(Child(path, verdicts.at(row, step)) for row, path in enumerate(self.paths))


def unit_of(context: Context, metric: Metric) -> str:
    """The unit to write, as in `Quantity`: a factor of money to money is a multiple, one of counts a number."""
    if metric.unit == "currency":
        return context.warehouse.settings().currency
    if metric.unit != "factor" or metric.ratio is None:
        return metric.unit
    top, bottom = (context.catalog.metrics[name] for name in (metric.ratio.numerator, metric.ratio.denominator))
    return "factor" if top.unit == bottom.unit != "count" else "number"


def leaves(context: Context, metric: Metric) -> tuple[Metric, ...]:
    """The metrics that are read for this one: itself, or what its ratio is made of."""
    if metric.ratio is None:
        return (metric,)
    parts = (metric.ratio.numerator, metric.ratio.denominator)
    return tuple(dict.fromkeys(leaf for name in parts for leaf in leaves(context, context.catalog.metrics[name])))


def single_country(definition: Definition) -> str | None:
    """The one country that the filters leave, if they do."""
    wanted = [one.values for one in definition.filters if one.dimension == "country" and one.op == "in"]
    return wanted[0][0] if len(wanted) == 1 and len(wanted[0]) == 1 else None


class Reader:
    """Reads for one context (an as-of day and instant), each thing once. For one thread.

    `definitions`, where they are known ahead, are read together: one query for all metrics and values of a split. One
    that cannot be read is no trouble to the others.
    """

    def __init__(self, context: Context, definitions: Sequence[Definition] = ()) -> None:
        self._context = context
        self._engine = Engine(context.warehouse, context.catalog, context.today, Selection(context).members)
        self._clock = StoreClock(context)
        self._cubes: dict[StepGrain, Cubes] = {}
        self._tops: dict[tuple[object, ...], tuple[tuple[Path, ...], bool]] = {}
        self._known: dict[tuple[object, ...], Floats] = {}
        self._happening: dict[tuple[object, ...], tuple[Event, ...]] = {}
        self._calendar = PromotionCalendar(context)
        self._spans: dict[str, tuple[datetime, datetime] | None] = {}
        self._shut: dict[tuple[object, ...], Bools] = {}
        self._moments: dict[StepGrain, tuple[tuple[datetime, ...], tuple[datetime, ...], Bools]] = {}
        for definition in definitions:
            try:
                self._want(definition)
            except AssistantError:
                continue  # told when it is asked for

    def watched(self, definition: Definition, marks: Sequence[Usual] = ()) -> Watched:
        """Raises NotEnoughData, MissingTable, InvalidArgument."""
        found, cut = self._want(definition)
        every = [(path, self._series(definition, path)) for path in found]
        lately = self._cubes_of(definition.grain).axis.a_day * DAYS_RANKED
        least = STEADY_COUNT if self._metric(definition).unit == "count" else STEADY
        kept = [(path, one) for path, one in every if not path or _steady(definition, one, lately) >= least]
        paths, series = tuple(path for path, _one in kept), [one for _path, one in kept]
        first, last = self._span(definition)
        cubes = self._cubes_of(definition.grain)
        axis, lead = cubes.axis, cubes.axis.lead
        wall, steps, odd = self._steps(definition.grain)
        partial = np.broadcast_to(odd | self._partial(definition), (len(paths), axis.count))[:, lead:]
        exposed = [one.exposure for one in series if one.exposure is not None]
        panel = Panel(
            values=np.stack([one.values[lead:] for one in series]),
            grain=_grain(definition),
            partial=partial,
            known=self._events(definition),
            exposure=np.stack(exposed)[:, lead:] if exposed else None,
            normal=_normal(paths, steps, marks),
        )
        return Watched(
            definition=definition,
            panel=panel,
            paths=paths,
            steps=steps,
            wall=wall,
            unit=unit_of(self._context, self._metric(definition)),
            sql=tuple(dict.fromkeys(text for one in series for text in one.sql)),
            cut=cut,
            rare=len(every) - len(kept),
            first=first,
            last=last,
            calendar=(definition.grain, definition.over, single_country(definition)),
        )

    # --- What is to be read -------------------------------------------------------------------------------

    def _metric(self, definition: Definition) -> Metric:
        return self._context.catalog.metric(definition.metric)

    def _want(self, definition: Definition) -> tuple[tuple[Path, ...], bool]:
        """The paths of a definition's series, and whether there are more."""
        context, metric = self._context, self._metric(definition)
        for table in context.catalog.tables_of(metric):
            context.warehouse.table(table)
        self._span(definition)
        cubes = self._cubes_of(definition.grain)
        parts = leaves(context, metric)
        paths: list[Path] = [()]
        cut = False
        levels = _levels(definition.by)
        for level in levels:
            found, more = self._largest(definition, parts[-1], level, MOST_SERIES // len(levels))
            paths += found
            cut |= more
        for path in paths:
            values, rest = self._filters(definition, path)
            for part in parts:
                cubes.want(_split(part, values, rest), (part.id,), {name: (value,) for name, value in values.items()})
        return tuple(paths), cut

    def _largest(
        self, definition: Definition, size: Metric, by: tuple[str, ...], most: int
    ) -> tuple[tuple[Path, ...], bool]:
        """Those of the values, or pairs of them, that weigh most lately; what has no name is not among them."""
        key = (definition.filters, size.id, by, most)
        if key not in self._tops:
            today = self._context.today
            lately = Period(today - timedelta(days=DAYS_RANKED - 1), today)
            query = Query((size.id,), by, definition.filters, lately, ranking=Ranking(size.id, most + 1))
            groups = self._engine.run(query).groups
            there = [values for values, figures in groups.items() if figures[size.id]]
            paths = tuple(tuple(zip(by, map(str, values), strict=True)) for values in there[:most])
            self._tops[key] = paths, len(there) > most
        return self._tops[key]

    def _cubes_of(self, grain: StepGrain) -> Cubes:
        if grain not in self._cubes:
            self._cubes[grain] = Cubes(self._engine, Axis.up_to(grain, self._clock.last_step(grain)))
        return self._cubes[grain]

    def _span(self, definition: Definition) -> tuple[datetime, datetime]:
        """From when to when there are rows for all that the figure is made of. Raises NotEnoughData."""
        catalog = self._context.catalog
        parts = leaves(self._context, self._metric(definition))
        spans = [self._span_of(catalog.base_name(part.model or "")) for part in parts]
        found = [span for span in spans if span is not None]
        if len(found) < len(spans):
            raise NotEnoughData(say("The store holds nothing before the end of {day}.", day=self._context.today))
        first, last = max(span[0] for span in found), min(span[1] for span in found)
        if any(part.id == "new_customers" for part in parts):
            # Customers who bought before the data begin still turn up as new ones.
            first = min(first + NEW_AT_FIRST, last)
        return first, last

    def _span_of(self, base: str) -> tuple[datetime, datetime] | None:
        if base not in self._spans:
            self._spans[base] = self._engine.span(base)
        return self._spans[base]

    def _filters(self, definition: Definition, path: Path) -> tuple[dict[str, str], tuple[Filter, ...]]:
        """The one value that each of some dimensions has in a series, and the filters that say more than that.

        A filter that leaves one value is a group of the split by its dimension, which other monitors may share.
        """
        catalog = self._context.catalog
        values, rest = dict(path), []
        for one in definition.filters:
            dimension = catalog.dimension(one.dimension)
            alone = one.op == "in" and len(one.values) == 1 and dimension.scheme is None and not dimension.is_time
            if alone and values.setdefault(one.dimension, one.values[0]) == one.values[0]:
                continue
            rest.append(one)
        return values, tuple(rest)

    # --- Figures ------------------------------------------------------------------------------------------

    def _series(self, definition: Definition, path: Path) -> _Series:
        """One series' figures on the whole axis, those of the lead with them."""
        cubes, context = self._cubes_of(definition.grain), self._context
        metric = self._metric(definition)
        values, rest = self._filters(definition, path)
        groups: dict[str, Group] = {}
        sql: tuple[str, ...] = ()
        for part in leaves(context, metric):
            groups[part.id], text = cubes.group(_split(part, values, rest), (part.id,), values)
            sql = (*sql, *text)
        first, last = (cubes.axis.place(moment) for moment in self._span(definition))
        at = np.arange(cubes.axis.count)
        within = (at >= first) & (at <= last)
        if isinstance(definition.rule, Missing):
            there = np.logical_and.reduce([group.there for group in groups.values()])
            return _Series(
                np.where(there & within, figures_of(context.catalog, metric, groups, 1)[0], np.nan), None, sql
            )
        figures, exposure = figures_of(context.catalog, metric, groups, definition.over)
        if definition.over == 1:
            figures = np.where(self._closed(definition), np.nan, figures)
        # A figure of several days is there when all of them are.
        enough = at - definition.over + 1 >= first
        figures = np.where(within & (enough | (definition.over == 1)), figures, np.nan)
        return _Series(figures, exposure, sql)

    def _closed(self, definition: Definition) -> Bools:
        """Steps without any row of the store, at times when it never has one: a shop that is closed on Saturdays."""
        catalog = self._context.catalog
        timed = tuple(one for one in definition.filters if catalog.dimension(one.dimension).is_time)
        parts = leaves(self._context, self._metric(definition))
        bases = {catalog.base_name(part.model or "") for part in parts}
        shut = [self._closed_for(definition.grain, base, timed) for base in sorted(bases)]
        return np.asarray(np.logical_or.reduce(shut))

    def _closed_for(self, grain: StepGrain, base: str, timed: tuple[Filter, ...]) -> Bools:
        catalog, cubes, key = self._context.catalog, self._cubes_of(grain), (grain, base, timed)
        if key not in self._shut:
            some = next(m.id for m in catalog.metrics.values() if m.model == base and not m.columns)
            group, _sql = cubes.group(Split(base, (), timed), (some,), {})
            first, last = (cubes.axis.place(moment) for moment in self._span_of(base) or ())
            self._shut[key] = closed(group.there, max(first, 0), last, cubes.axis.season)
        return self._shut[key]

    # --- What is known about steps ------------------------------------------------------------------------

    def _steps(self, grain: StepGrain) -> tuple[tuple[datetime, ...], tuple[datetime, ...], Bools]:
        """(wall, instants) without those of the lead; and on the whole axis which hours a clock change bends."""
        if grain not in self._moments:
            axis = self._cubes_of(grain).axis
            wall = [axis.begin(step) for step in range(axis.count)]
            steps = [self._clock.instant(one) for one in wall]
            bent = np.zeros(axis.count, dtype=bool)
            if grain == "hour":
                ends = [*steps[1:], self._clock.instant(axis.begin(axis.count))]
                apart = [end - begin for begin, end in zip(steps, ends, strict=True)]
                bent = np.array([span != timedelta(hours=1) for span in apart])
            self._moments[grain] = tuple(wall[axis.lead :]), tuple(steps[axis.lead :]), bent
        return self._moments[grain]

    def _partial(self, definition: Definition) -> Bools:
        """Steps that are still running, or whose data are not all there."""
        axis = self._cubes_of(definition.grain).axis
        partial = np.zeros(axis.count, dtype=bool)
        if isinstance(definition.rule, Missing):
            partial[max(axis.place(self._clock.due(definition.grain)), 0) :] = True
            return partial
        for part in leaves(self._context, self._metric(definition)):
            whole = self._clock.whole(part, definition.grain)
            partial[max(axis.place(whole) + 1, 0) :] = True
        return partial

    def _events(self, definition: Definition) -> Floats | None:
        """Shape (K, T), without the lead. None: the calendar knows nothing in this time."""
        country = single_country(definition)
        key = (definition.grain, definition.over, country)
        if key not in self._known:
            axis = self._cubes_of(definition.grain).axis
            days = [axis.period.start + timedelta(days=at) for at in range(axis.days)]
            shares = None if country is not None else self._calendar.shares() or None
            back = timedelta(days=definition.over - 1)
            units = [Period(day - back, day) for day in days[axis.lead :]]
            if (definition.grain, country) not in self._happening:
                self._happening[definition.grain, country] = self._calendar.between(axis.period, country)
            known, _names = known_events(self._happening[definition.grain, country], units, shares)
            self._known[key] = np.repeat(known, axis.a_day, axis=1)[:, : axis.count - axis.lead]
        known = self._known[key]
        return known if len(known) else None


@dataclass(frozen=True)
class _Series:
    values: Floats
    exposure: Floats | None
    sql: tuple[str, ...]


def _steady(definition: Definition, one: _Series, lately: int) -> float:
    """The share of the last steps on which there is a value to learn from; 1 for rules that do not learn."""
    if not isinstance(definition.rule, Learned):
        return 1.0
    figures = (one.values if one.exposure is None else one.exposure)[-lately:]
    told = np.isfinite(figures)
    return float((figures[told] != 0).mean()) if told.any() else 0.0


def _split(part: Metric, values: Mapping[str, str], rest: tuple[Filter, ...]) -> Split:
    return Split(part.model or "", tuple(sorted(values)), rest)


def _levels(by: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Each dimension, and where there are two, their pairs."""
    one_each: list[tuple[str, ...]] = [(name,) for name in by]
    return one_each if len(by) < 2 else [*one_each, tuple(by)]


def _grain(definition: Definition) -> Grain:
    """How time runs; a change of what several days come to is against as many days before."""
    if definition.grain == "hour":
        return HOUR
    if isinstance(definition.rule, Change) and definition.over > 1:
        return replace(DAY, seasons=(definition.over,))
    return DAY


def _normal(paths: Sequence[Path], steps: Sequence[datetime], marks: Sequence[Usual]) -> Bools | None:
    """Which steps of which series somebody has called usual."""
    if not marks:
        return None
    normal = np.zeros((len(paths), len(steps)), dtype=bool)
    rows = {frozenset(path): row for row, path in enumerate(paths)}
    at = np.array([step.timestamp() for step in steps])
    for mark in marks:
        row = rows.get(frozenset(mark.path))
        if row is not None:
            normal[row] |= (at >= mark.first.timestamp()) & (at <= mark.last.timestamp())
    return normal


def watched(context: Context, definition: Definition, marks: Sequence[Usual] = ()) -> Watched:
    """One definition's series. Raises NotEnoughData, MissingTable, InvalidArgument."""
    return Reader(context, (definition,)).watched(definition, marks)
