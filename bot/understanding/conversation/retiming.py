"""Follow-ups on the time of an answer that name no unit of it: "last 14", "one more back", "only the second"."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.understanding.conversation import follow_words as words
from bot.understanding.conversation.change import Change, says_nothing
from bot.understanding.foresight.reader import period_of
from bot.understanding.numbers import CHINESE, ENGLISH
from bot.understanding.outcome import Plan
from bot.understanding.reading.draft import UNITS, days
from tools.semantic.periods import Grain, Period, shift, split, unit

WEEK = 7
SAID_IN_DAYS = 28  # 14, 21 or 28 days may have been said as such; 42 of them were said as weeks
LONGEST_HORIZON = 365
GRAINS: dict[str, Grain] = {
    "天": "day",
    "日": "day",
    "周": "week",
    "月": "month",
    "季度": "quarter",
    "季": "quarter",
    "年": "year",
}
PLACES = {
    **{word: n for n, word in enumerate(("first", "second", "third", "fourth", "fifth", "sixth"), 1)},
    **{word: n for n, word in enumerate(("1st", "2nd", "3rd", "4th", "5th", "6th"), 1)},
    **{word: n for n, word in enumerate("一二三四五六", 1)},
    **{str(n): n for n in range(1, 7)},
    "last": -1,
    "最后一": -1,
}


class Retiming(Change):
    """What changes of the time of the call before."""

    def _another_time(self) -> Plan | None:
        """The same figure of the time that is meant; None where none is, or it is not sure which."""
        if self.tool == "forecast":
            return self._further_ahead()
        if self.tool != "metrics" or self.args.get("compare"):
            return None
        if (against := words.AGAINST.match(self.folded)) is not None:
            then = self._same_point(self.folded[against.end() :])
            return (
                self._again({"compare": days(then)}) if then is not None and not self.args.get("average_per") else None
            )
        period = (
            self._same_point(self.folded)
            or self._one_back()
            or self._one_on()
            or self._last_days()
            or self._days_before()
            or self._part_of_it()
        )
        if period is not None:
            return self._again({"period": days(period)})
        only = self._one_of_them()
        return self._again({"period": days(only), "by": []}) if only is not None else None

    @property
    def _period(self) -> Period:
        return period_of(self.args["period"])

    def _same_point(self, text: str) -> Period | None:
        """ "At this point last month?", of the month so far: as many days of the month before."""
        found, period, today = words.SAME_POINT.match(text), self._period, self.world.today
        if found is None or period.end != today:
            return None
        grain = next(g for g in UNITS if g == found["grain"] or g == GRAINS.get(found["zh"] or ""))
        if grain == "year":
            return period.year_ago()
        if period.start != unit(today, grain).start:
            return None
        start = shift(period.start, grain, -1)
        return Period(start, min(unit(start, grain).end, start + timedelta(days=period.days - 1)))

    def _one_back(self) -> Period | None:
        """ "One more back", of a month: the month before."""
        whole = words.ONE_BACK.match(self.folded) is not None and self._period.whole() is not None
        return self._period.previous() if whole else None

    def _one_on(self) -> Period | None:
        """后一个月呢, of October: November, where it has begun."""
        found, period = words.ONE_ON.match(self.folded), self._period
        if found is None or period.whole() != GRAINS[found["unit"]]:
            return None
        following = unit(period.end + timedelta(days=1), GRAINS[found["unit"]])
        today = self.world.today
        return Period(following.start, min(following.end, today)) if following.start <= today else None

    def _last_days(self) -> Period | None:
        """ "Last 14", of the last 7 days."""
        found = words.LAST_DAYS.match(self.folded)
        if found is None or not self._counted_in_days():
            return None
        count = int(found["n"] or found["zh"])
        today = self.world.today
        return Period(today - timedelta(days=count - 1), today) if count > 1 else None

    def _days_before(self) -> Period | None:
        """ "The 7 before those", of days."""
        found, period = words.DAYS_BEFORE.match(self.folded), self._period
        if found is None or period.whole() not in (None, "day"):
            return None
        count = int(found["n"])
        if period.days % WEEK == 0 and (count % WEEK or count * WEEK == period.days or count > period.days):
            return None  # perhaps so many weeks
        return Period(period.start - timedelta(days=count), period.start - timedelta(days=1))

    def _counted_in_days(self) -> bool:
        """Whether a period that ends today was surely said in days: 7 or 10 of them, but no month so far, no weeks."""
        period, today = self._period, self.world.today
        running = any(period.start == unit(today, grain).start for grain in UNITS)
        weeks = period.days % WEEK == 0 and period.days > WEEK
        return period.end == today and period.days > 1 and not weeks and (not running or period.days == WEEK)

    def _part_of_it(self) -> Period | None:
        """ "Only Q4", of the months of 2010: the last quarter of that year, and not of this one."""
        whole, spans = self._period, self.scene.spans
        timed = [s for s in spans if any(p.kind == "period" for p in s.values("period"))]
        plain = all(s in timed or says_nothing(s) for s in spans) and not words.DATED.search(self.folded)
        if len(timed) != 1 or not plain or not words.ONLY_PART.match(self.folded) or whole.whole() != "year":
            return None
        named = next(p.period for p in timed[0].values("period") if p.kind == "period")
        grain = named.whole() if named is not None else None
        if named is None or grain not in ("month", "quarter") or named.start <= whole.end:
            return None
        while named.start > whole.end:
            named = named.year_ago()
        return named if whole.contains(named) else None

    def _one_of_them(self) -> Period | None:
        """ "Only the second", of quarters."""
        found, by = words.ONLY_NTH.match(self.folded), list(self.args.get("by", ()))
        if found is None or len(by) != 1 or self.args.get("top") or self.args.get("order"):
            return None
        grain = self.world.catalog.dimensions[by[0]].grain
        said = found["unit"] or GRAINS.get(found["zh_unit"] or "")
        if grain is None or (said and said != grain):
            return None
        place = PLACES[found["n"] or found["zh"] or found["zh_last"]]
        period = self._period
        units = tuple(split(period, grain))
        if place > len(units):
            return None
        one = units[place - 1 if place > 0 else place]
        return Period(max(one.start, period.start), min(one.end, period.end))

    def _further_ahead(self) -> Plan | None:
        """ "Make it 8", of a forecast of 6 weeks."""
        found = words.ANOTHER_COUNT.match(self.folded)
        period = self._period if self.args.get("period") else None
        listed = self.args.get("by") or self.args.get("top")  # "make it 8": of the products
        if found is None or listed or period is None or period.start != self.world.today + timedelta(days=1):
            return None
        said = found["n"] or found["zh"]
        count = int(said) if said.isdigit() else ENGLISH.get(said, CHINESE.get(said, 0))
        whole_months = period.start.day == 1 and (period.end + timedelta(days=1)).day == 1
        if whole_months:
            end = shift(period.start, "month", count) - timedelta(days=1)
        elif period.days % WEEK == 0 and period.days > SAID_IN_DAYS:
            end = period.start + timedelta(days=WEEK * count - 1)
        elif period.days % WEEK:
            end = period.start + timedelta(days=count - 1)
        else:
            return None
        if count < 1 or (end - period.start).days >= LONGEST_HORIZON:
            return None
        return self._again({"period": days(Period(period.start, end))})

    def _rest_of(self, gone: Period) -> Period | None:
        """What is left of the period without days at its beginning or its end; None where they lie elsewhere."""
        period = self._period
        while gone.start > period.end:
            gone = gone.year_ago()
        if gone.start <= period.start <= gone.end < period.end:
            return replace(period, start=gone.end + timedelta(days=1))
        if period.start < gone.start <= period.end <= gone.end:
            return replace(period, end=gone.start - timedelta(days=1))
        return None
