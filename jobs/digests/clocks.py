"""Local times as instants where clocks jump."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_SECOND = timedelta(seconds=1)


def local(instant: datetime, zone: ZoneInfo) -> datetime:
    """What the wall clock shows at an instant, as a naive time."""
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def instant(wall: datetime, zone: ZoneInfo, not_before: datetime | None = None) -> datetime:
    """The instant (UTC) at which a wall clock first shows `wall`, a naive time.

    A time that is skipped when clocks go forward becomes the first instant after the gap. A time that comes twice when
    they go back is the first of the two; the second, where the first lies before `not_before`.
    """
    early = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    late = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if late < early:
        # In a gap the offset before it leads to an instant after it, and the other way round (PEP 495).
        return _jump(late, early, zone)
    return late if not_before is not None and early < not_before else early


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first instant with the later offset, between two instants around one change of clocks."""
    new = after.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // (2 * _SECOND) * _SECOND
        if middle.astimezone(zone).utcoffset() == new:
            after = middle
        else:
            before = middle
    return after
