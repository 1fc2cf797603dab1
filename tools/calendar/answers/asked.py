"""What a question about the calendar looks at, and the pieces that every answer shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tools.answer import Cell, Column, FollowUp, Provenance, Table, ToolCall
from tools.calendar.calendar import FIRST_YEAR, LAST_YEAR, PromotionCalendar
from tools.calendar.events import PHASES, Event, Phase
from tools.calendar.occurrences import Occurrence
from tools.calendar.store_countries import ENOUGH_SHARE
from tools.errors import InvalidArgument
from tools.messages import Label, Message, Quantity, Value, say
from tools.nearest import nearest
from tools.semantic.countries import country_label
from tools.warehouse.profile import time_range
from tools.warehouse.values import labels_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from tools.semantic.periods import Period
    from tools.semantic.query import Days
    from tools.tool import Context

NAME = "calendar"
MOST_DAYS = 1100
# Beyond so many countries a sentence only counts them.
MOST_NAMED = 3
SOURCES: dict[str, Label] = {
    "shipped": Label("shipped", "系统自带"),
    "imported": Label("imported", "导入"),
    "team": Label("team's own", "团队添加"),
}
KINDS: dict[str, Label] = {"promotion": Label("promotion", "大促"), "holiday": Label("holiday", "节假日")}


@dataclass(frozen=True)
class Asked:
    """A context with its calendar; names of countries as a reader knows them."""

    context: Context

    @cached_property
    def calendar(self) -> PromotionCalendar:
        return PromotionCalendar(self.context)

    @property
    def today(self) -> date:
        return self.context.today

    @cached_property
    def _country_labels(self) -> Mapping[str, Label]:
        dimension = self.context.catalog.dimensions.get("country")
        if dimension is None:
            return {}
        return labels_of(self.context.warehouse, dimension, self.calendar.countries.shares)

    def country_name(self, country: str) -> Value:
        """A store's value, or an ISO code, as readers call it."""
        return self._country_labels.get(country) or country_label(country) or country

    def where(self, occurrence: Occurrence) -> Message:
        """The countries of an occurrence, within a sentence."""
        return self.where_of(occurrence.countries)

    def where_of(self, countries: tuple[str, ...]) -> Message:
        if not countries:
            return say("everywhere")
        if len(countries) > MOST_NAMED:
            return say("{count} countries", count=len(countries))
        return say("{countries}", countries=tuple(self.country_name(country) for country in countries))

    def country(self, given: str) -> str:
        """The store's own value for a country. Raises InvalidArgument, with the nearest, for others."""
        countries = self.calendar.countries
        value = countries.value_of(given)
        if value is not None:
            return value
        if not countries.shares:
            raise InvalidArgument(say("This store's orders name no country: leave it out, and it counts everywhere."))
        choices = tuple(nearest(given, countries.shares)) or tuple(countries.shares)[:3]
        raise InvalidArgument(
            say(
                "This store sells nothing in “{country}”. Nearest: {choices}.",
                country=given[:80],
                choices=tuple(self.country_name(choice) for choice in choices),
            )
        )

    def period(self, given: Days) -> Period:
        """The days to look at. Raises InvalidArgument for years that the calendar does not hold, and for too many."""
        period = given.period
        if period.start.year < FIRST_YEAR or period.end.year > LAST_YEAR:
            raise InvalidArgument(
                say("The calendar holds the years {first} to {last}.", first=str(FIRST_YEAR), last=str(LAST_YEAR))
            )
        if period.days > MOST_DAYS:
            raise InvalidArgument(
                say("That is {days}; the calendar shows up to three years at once.", days=Quantity(period.days, "days"))
            )
        return period

    def rows(self, found: Iterable[Occurrence]) -> Table:
        """One row for each occurrence."""
        every = list(found)
        columns = (
            Column("event", Label("Event", "活动")),
            Column("main_from", Label("Main days from", "核心期起")),
            Column("main_to", Label("Main days to", "核心期止"), spare=True),
            Column("starts_on", Label("Phases from", "整体起"), spare=True),
            Column("ends_on", Label("Phases to", "整体止"), spare=True),
            Column("kind", Label("Kind", "类型"), labels=KINDS, spare=True),
            Column("source", Label("Source", "来源"), labels=SOURCES, spare=True),
            Column("countries", Label("Where", "地区")),
        )
        rows: list[tuple[Cell, ...]] = []
        for one in every:
            main = one.coming(self.today) or one.main[-1]
            rows.append(
                (
                    say("{event}", event=one.label),
                    main.start,
                    main.end,
                    one.whole.start,
                    one.whole.end,
                    one.kind,
                    one.source,
                    self._all_countries(one.countries),
                )
            )
        return Table(columns, tuple(rows), len(rows))

    def phases(self, occurrence: Occurrence) -> Table:
        """One row for each phase; countries that keep the same days, or some of them, are one."""
        columns = (
            Column("phase", Label("Phase", "阶段"), labels={str(phase): label for phase, label in PHASES.items()}),
            Column("starts_on", Label("From", "开始")),
            Column("ends_on", Label("To", "结束")),
            Column("kind", Label("Kind", "类型"), labels=KINDS, spare=True),
            Column("source", Label("Source", "来源"), labels=SOURCES, spare=True),
            Column("countries", Label("Where", "地区")),
        )
        grouped: dict[tuple[Phase | None, Period], list[Event]] = {}
        for event in sorted(occurrence.events, key=lambda event: (-event.period.days, event.starts_on)):
            # Where a country has a day less of a phase than another, one row tells of both.
            held = (key for key in grouped if key[0] == event.phase and key[1].contains(event.period))
            grouped.setdefault(next(held, (event.phase, event.period)), []).append(event)
        rows: list[tuple[Cell, ...]] = []
        for (phase, days), events in sorted(grouped.items(), key=lambda item: item[0][1]):
            these = Occurrence(tuple(events))
            called = phase or say("{kind}", kind=KINDS[these.kind])
            rows.append((called, days.start, days.end, these.kind, these.source, self._all_countries(these.countries)))
        return Table(columns, tuple(rows), len(rows))

    def _all_countries(self, countries: tuple[str, ...]) -> Message:
        if not countries:
            return say("everywhere")
        return say("{countries}", countries=tuple(self.country_name(country) for country in countries))

    def provenance(self, period: Period | None, filters: tuple[Message, ...] = ()) -> Provenance:
        warehouse = self.context.warehouse
        as_of = time_range(warehouse.table("order_lines", self.today))[1] if warehouse.has("order_lines") else None
        return Provenance(
            definition=(
                say(
                    "Public holidays are those of the package “holidays”; promotions of the trade come by rule or by "
                    "their published dates; imported events and the team's own count instead of them for the same "
                    "occasion, year and country."
                ),
                self._followed(),
            ),
            period=period,
            filters=filters,
            tables=("calendar",) if warehouse.has("calendar") else (),
            as_of=as_of,
        )

    def _followed(self) -> Message:
        countries = self.calendar.countries
        if countries.followed:
            return say(
                "Shipped events are those of the countries with at least {share} of a year's sales, or of the largest: "
                "{countries}.",
                share=Quantity(ENOUGH_SHARE, "ratio"),
                countries=tuple(self.country_name(country) for country in countries.followed),
            )
        if countries.home is not None:
            return say(
                "The store's orders name no country; by its currency and timezone it sells in {country}.",
                country=self.country_name(countries.home),
            )
        return say("The store's orders name no country: only events that much of the world keeps are shown.")


def tap(label: Message, **args: Any) -> FollowUp:
    return FollowUp(label, ToolCall(NAME, args))
