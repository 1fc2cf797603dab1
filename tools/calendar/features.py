"""Events as numbers for a model: how much of each unit of time an occasion takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.calendar.shipped import BY_KEY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    from tools.calendar.events import Event
    from tools.semantic.periods import Period

POOLED = "public-holiday"


def known_events(
    events: Iterable[Event], units: Sequence[Period], shares: Mapping[str, float] | None = None
) -> tuple[npt.NDArray[np.float64], tuple[str, ...]]:
    """(matrix of K × U, K names): the share, 0 to 1, of each unit's days on which an occasion's phase is on.

    A name is "occasion/phase", or the occasion alone where it has no phases: the same in every year, so that effects
    pool over the years. Public holidays that no trade turns on (Whit Monday, Marine Day) share the row
    "public-holiday". Rows that are zero throughout are left out; rows stand in order of their names.

    Without `shares` a day counts whole when the event is on in any country: right for one country's figure, and for a
    total whose countries take part every year alike. With `shares` (country → share of sales,
    `PromotionCalendar.shares`) a day counts by the countries in which it is on: right for a total over countries that
    keep an occasion on different days (Mother's Day in the United Kingdom and the United States).
    """
    import numpy as np

    days: dict[str, list[Event]] = {}
    for event in events:
        days.setdefault(_name(event), []).append(event)
    if not units:
        return np.zeros((0, 0)), ()
    first = min(unit.start for unit in units).toordinal()
    span = max(unit.end for unit in units).toordinal() - first + 1
    bounds = np.array([(unit.start.toordinal() - first, unit.end.toordinal() - first + 1) for unit in units])
    rows: list[npt.NDArray[np.float64]] = []
    names: list[str] = []
    for name in sorted(days):
        level = _levels(days[name], first, span, shares)
        before = np.concatenate(([0.0], np.cumsum(level)))
        row = (before[bounds[:, 1]] - before[bounds[:, 0]]) / (bounds[:, 1] - bounds[:, 0])
        if row.any():
            rows.append(np.clip(row, 0.0, 1.0))
            names.append(name)
    return (np.stack(rows) if rows else np.zeros((0, len(units)))), tuple(names)


def _name(event: Event) -> str:
    if event.source == "shipped" and event.occasion not in BY_KEY:
        return POOLED
    return event.occasion if event.phase is None else f"{event.occasion}/{event.phase}"


def _levels(events: list[Event], first: int, span: int, shares: Mapping[str, float] | None) -> Any:
    """How much of the store each day's event concerns, 0 to 1, for `span` days."""
    import numpy as np

    by_country: dict[str | None, npt.NDArray[np.float64]] = {}
    for event in events:
        start = max(event.starts_on.toordinal() - first, 0)
        end = min(event.ends_on.toordinal() - first + 1, span)
        if start < end:
            on = by_country.setdefault(event.country, np.zeros(span))
            on[start:end] = 1.0 if shares is None or event.country is None else shares.get(event.country, 0.0)
    if not by_country:
        return np.zeros(span)
    stacked = np.stack(list(by_country.values()))
    if shares is None:
        return stacked.max(axis=0)
    return np.minimum(stacked.sum(axis=0), 1.0)
