"""Days, times and periods as each language writes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tools.semantic.periods import Grain, Period, unit

if TYPE_CHECKING:
    from datetime import date, datetime

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_LONG_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_ZH_WEEKDAYS = "一二三四五六日"
_ZH_NUMERALS = "一二三四"
_HALF_STARTS = (1, 7)


class Dates(Protocol):
    """What a language must know to write dates."""

    def day(self, day: date) -> str:
        """A day with its year."""

    def moment(self, moment: datetime) -> str:
        """A day and a time of day; the day alone at midnight."""

    def period(self, period: Period) -> str:
        """A period by its shortest usual name."""

    def period_in(self, period: Period) -> str:
        """A period with the preposition that a sentence puts before it."""

    def tick(self, start: date, grain: Grain, previous: date | None) -> tuple[str, ...]:
        """An axis label, one or two lines; the year is said where it changes from `previous`."""

    def cell(self, start: date, grain: Grain) -> str:
        """A table cell for the calendar unit that begins on `start`."""

    def header(self, period: Period) -> str:
        """A period at the head of a narrow column."""


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M}"


def _is_midnight(moment: datetime) -> bool:
    return (moment.hour, moment.minute) == (0, 0)


def _quarter(day: date) -> int:
    return (day.month + 2) // 3


def _is_half(period: Period, grain: Grain, n: int) -> bool:
    return grain == "quarter" and n == 2 and period.start.month in _HALF_STARTS


@dataclass(frozen=True)
class EnglishDates:
    """9 Dec 2011; November 2011; Q3 2011; H1 2011; 10 Nov–9 Dec 2011."""

    def day(self, day: date) -> str:
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

    def moment(self, moment: datetime) -> str:
        return self.day(moment) if _is_midnight(moment) else f"{self.day(moment)} {_clock(moment)}"

    def period(self, period: Period) -> str:
        start, end = period.start, period.end
        whole = period.whole_units()
        if start == end:
            return f"{_WEEKDAYS[start.weekday()]}, {self.day(start)}"
        if whole is None or whole[0] == "day":
            return self._range(period)
        grain, n = whole
        if grain == "week":
            return f"week of {self.day(start)} ({self._range(period, year=False)})" if n == 1 else self._range(period)
        if _is_half(period, grain, n):
            return f"H{_HALF_STARTS.index(start.month) + 1} {start.year}"
        if n == 1:
            return self._one(start, grain)
        if grain == "year":
            return f"{start.year}–{end.year}"
        if start.year != end.year:
            return f"{self.cell(start, grain)}–{self.cell(unit(end, grain).start, grain)}"
        if grain == "quarter":
            return f"Q{_quarter(start)}–Q{_quarter(end)} {start.year}"
        return f"{_MONTHS[start.month - 1]}–{_MONTHS[end.month - 1]} {start.year}"

    def period_in(self, period: Period) -> str:
        written = self.period(period)
        if period.start == period.end:
            return f"on {written}"
        if written.startswith("week of"):
            return f"in the {written}"
        whole = period.whole_units()
        if whole is None or whole[0] in ("day", "week"):
            return "from " + written.replace("–", " to ")
        return f"in {written}"

    def tick(self, start: date, grain: Grain, previous: date | None) -> tuple[str, ...]:
        if grain == "year":
            return (str(start.year),)
        month = _MONTHS[start.month - 1]
        name = {"month": month, "quarter": f"Q{_quarter(start)}"}.get(grain, f"{start.day} {month}")
        return (name, str(start.year)) if previous is None or previous.year != start.year else (name,)

    def cell(self, start: date, grain: Grain) -> str:
        if grain == "year":
            return str(start.year)
        if grain == "quarter":
            return f"Q{_quarter(start)} {start.year}"
        if grain == "month":
            return f"{_MONTHS[start.month - 1]} {start.year}"
        return self.day(start)

    def header(self, period: Period) -> str:
        whole = period.whole_units()
        if whole is None or whole[0] == "day" or whole[0] == "week":
            return self.day(period.start) if period.start == period.end else self._range(period)
        return self.cell(period.start, whole[0]) if whole[1] == 1 else self.period(period)

    def _one(self, start: date, grain: Grain) -> str:
        return f"{_LONG_MONTHS[start.month - 1]} {start.year}" if grain == "month" else self.cell(start, grain)

    def _range(self, period: Period, *, year: bool = True) -> str:
        start, end = period.start, period.end
        last = self.day(end) if year else f"{end.day} {_MONTHS[end.month - 1]}"
        if start.year != end.year and year:
            return f"{self.day(start)}–{last}"
        if start.month != end.month:
            return f"{start.day} {_MONTHS[start.month - 1]}–{last}"
        return f"{start.day}–{last}"


@dataclass(frozen=True)
class ChineseDates:
    """2011年12月9日; 2011年11月; 2011年第三季度; 2011年上半年; 2011年11月10日至12月9日."""

    def day(self, day: date) -> str:
        return f"{day.year}年{day.month}月{day.day}日"

    def moment(self, moment: datetime) -> str:
        return self.day(moment) if _is_midnight(moment) else f"{self.day(moment)} {_clock(moment)}"

    def period(self, period: Period) -> str:
        start, end = period.start, period.end
        whole = period.whole_units()
        if start == end:
            return f"{self.day(start)}（周{_ZH_WEEKDAYS[start.weekday()]}）"
        if whole is None or whole[0] == "day":
            return self._range(period)
        grain, n = whole
        if grain == "week":
            return f"{self.day(start)}当周（{self._range(period, year=False)}）" if n == 1 else self._range(period)
        if _is_half(period, grain, n):
            return f"{start.year}年{'上下'[_HALF_STARTS.index(start.month)]}半年"
        if n == 1:
            return self._unit(start, grain)
        if grain == "year":
            return f"{start.year}年至{end.year}年"
        if start.year != end.year:
            return f"{self._unit(start, grain)}至{self._unit(end, grain)}"
        if grain == "quarter":
            return f"{start.year}年第{_ZH_NUMERALS[_quarter(start) - 1]}至第{_ZH_NUMERALS[_quarter(end) - 1]}季度"
        return f"{start.year}年{start.month}月至{end.month}月"

    def period_in(self, period: Period) -> str:
        return self.period(period)

    def tick(self, start: date, grain: Grain, previous: date | None) -> tuple[str, ...]:
        if grain == "year":
            return (f"{start.year}年",)
        name = {"month": f"{start.month}月", "quarter": f"{_quarter(start)}季度"}.get(
            grain, f"{start.month}/{start.day}"
        )
        return (name, f"{start.year}年") if previous is None or previous.year != start.year else (name,)

    def cell(self, start: date, grain: Grain) -> str:
        if grain == "year":
            return f"{start.year}年"
        if grain == "quarter":
            return f"{start.year}年{_quarter(start)}季度"
        if grain == "month":
            return f"{start.year}年{start.month}月"
        return start.isoformat()[:10]

    def header(self, period: Period) -> str:
        start, end = period.start, period.end
        whole = period.whole_units()
        if start == end:
            return self.day(start)
        if whole is None or whole[0] == "day" or whole[0] == "week":
            if (start.year, start.month) == (end.year, end.month):
                return f"{start.year}年{start.month}月{start.day}–{end.day}日"
            return self._range(period)
        return self.cell(start, whole[0]) if whole[1] == 1 else self.period(period)

    def _unit(self, start: date, grain: Grain) -> str:
        if grain == "quarter":
            return f"{start.year}年第{_ZH_NUMERALS[_quarter(start) - 1]}季度"
        return f"{start.year}年" if grain == "year" else f"{start.year}年{start.month}月"

    def _range(self, period: Period, *, year: bool = True) -> str:
        start, end = period.start, period.end
        first = self.day(start) if year else f"{start.month}月{start.day}日"
        if start.year != end.year and year:
            return f"{first}至{self.day(end)}"
        if start.month != end.month or not year:
            return f"{first}至{end.month}月{end.day}日"
        return f"{first}至{end.day}日"


DATES: dict[str, Dates] = {"en": EnglishDates(), "zh": ChineseDates()}
