"""The store's own time: which steps run, which have all their data, and when it is closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from tools.forecasting.history import ONE_DAY, Past

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jobs.alerts.definition import StepGrain
    from jobs.alerts.detection.series import Bools
    from tools.semantic.catalog import Metric
    from tools.tool import Context

ONE_HOUR = timedelta(hours=1)
# After a step is over, its data may come so late before they are called missing.
LATE: Mapping[StepGrain, timedelta] = {"day": timedelta(hours=12), "hour": timedelta(hours=2)}
LAST_MINUTE = ONE_DAY - timedelta(minutes=1)
SEASONS_COMPARED = 8
CHANCE = 0.05


@dataclass(frozen=True)
class StoreClock:
    """Local times are naive, as the store's tables have them."""

    context: Context

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.context.warehouse.settings().timezone)

    @cached_property
    def now(self) -> datetime:
        """What the store's clock shows."""
        return self.context.now.astimezone(self.zone).replace(tzinfo=None)

    @property
    def live(self) -> bool:
        """Whether data of the as-of day may still come.

        The team's day may be over in the store's zone, further east, and its data be late there as on any other day.
        """
        over = datetime.combine(self.context.today + ONE_DAY, datetime.min.time())
        return self.now < over + LATE["day"]

    def last_step(self, grain: StepGrain) -> datetime:
        """When the last step begins that is looked at: today's, or the hour that runs."""
        today = datetime.combine(self.context.today, datetime.min.time())
        if grain == "day":
            return today
        last = today + ONE_DAY - ONE_HOUR
        return min(self.now.replace(minute=0, second=0, microsecond=0), last) if self.live else last

    def instant(self, wall: datetime) -> datetime:
        """When the clock shows that; one that a change of clocks skips is the instant at which it skips, and of one
        that comes twice it is the first.
        """
        return wall.replace(tzinfo=self.zone).astimezone(UTC)

    def whole(self, part: Metric, grain: StepGrain) -> datetime:
        """When the last step begins that is over and has all its data. Raises NotEnoughData."""
        reach = Past(self.context, part).reach
        day = reach.whole
        if self._imported_during(reach.last.date()):
            day = min(day, reach.last.date() - ONE_DAY)
        if self.live:
            day = min(day, self.now.date() - ONE_DAY)
        begin = datetime.combine(day, datetime.min.time())
        if grain == "day":
            return begin
        # Of the day that is cut short, the hours before the newest row.
        end_of_day = begin + ONE_DAY - ONE_HOUR
        return max(end_of_day, reach.last.replace(minute=0, second=0, microsecond=0) - ONE_HOUR)

    def due(self, grain: StepGrain) -> datetime:
        """When the first step begins whose data may still come."""
        if not self.live:
            return datetime.combine(self.context.today + ONE_DAY, datetime.min.time())
        late = self.now - LATE[grain]
        return late.replace(hour=0 if grain == "day" else late.hour, minute=0, second=0, microsecond=0)

    def _imported_during(self, day: date) -> bool:
        """Whether the store's file was made before that day, the data's last, was over."""
        given = self.context.warehouse.raw_settings().get("imported_at")
        if not given:
            return False
        at = datetime.fromisoformat(given)
        local = at if at.tzinfo is None else at.astimezone(self.zone).replace(tzinfo=None)
        return local < datetime.combine(day, datetime.min.time()) + LAST_MINUTE


def closed(there: Bools, first: int, last: int, season: int) -> Bools:
    """Steps without a row at a time of the week that had none either in the last weeks, more often than by chance.

    `there`: steps with any row of the store, between `first` and `last`, where the data begin and end. Only what was
    before a step tells, so that a first empty Monday is a figure of zero and an empty Sunday is no figure at all.
    """
    at = np.arange(len(there))
    seen = (at >= first) & (at <= last)
    opened = there & seen
    same_open, same_seen = np.zeros(len(there)), np.zeros(len(there))
    for back in range(1, SEASONS_COMPARED + 1):
        lag = back * season
        if lag < len(there):
            same_open[lag:] += opened[:-lag]
            same_seen[lag:] += seen[:-lag]
    window = SEASONS_COMPARED * season
    sums = [np.concatenate(([0.0], np.cumsum(one))) for one in (opened, seen)]
    lately_open, lately_seen = (total[at] - total[np.maximum(at - window, 0)] for total in sums)
    share = lately_open / np.maximum(lately_seen, 1)
    return np.asarray(seen & ~opened & (same_open == 0) & ((1 - share) ** (same_seen + 1) < CHANCE))
