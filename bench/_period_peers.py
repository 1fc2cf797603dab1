"""Reads expressions of time by dateparser and recognizers-text; runs by itself, in an environment that has them.

A JSON line in: `text`, `language`, `today`. A JSON line out: for each peer every range that its answer can be taken
for, as [first day, last day].
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from dateparser.date import DateDataParser
from dateparser.search import search_dates
from recognizers_date_time import Culture, recognize_datetime

MIDNIGHT = datetime.min.time()
ONE = timedelta(days=1)
CULTURES = {"en": Culture.English, "zh": Culture.Chinese}
Range = tuple[date, date]


def main() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        today = date.fromisoformat(asked["today"])
        answer: dict[str, Any] = {}
        for name, reads in (("dateparser", by_dateparser), ("recognizers-text", by_recognizers)):
            started = time.perf_counter()
            try:
                found = list(reads(asked["text"], asked["language"], today))
            except Exception as error:  # noqa: BLE001 - that it breaks on a text is a result as well
                found = []
                answer[f"{name} broke"] = type(error).__name__
            answer[name] = [[a.isoformat(), b.isoformat()] for a, b in found]
            answer[f"{name} ms"] = (time.perf_counter() - started) * 1000
        print(json.dumps(answer), flush=True)


def by_recognizers(text: str, language: str, today: date) -> Iterator[Range]:
    """All values of the first entity. Its ranges end on the day after; "past 7 days" may or may not hold today."""
    found = recognize_datetime(text, CULTURES[language], reference=datetime.combine(today, MIDNIGHT))
    for value in (found[0].resolution or {}).get("values", ()) if found else ():
        if "value" in value and value["type"] == "date" and value["value"] != "not resolved":
            day = date.fromisoformat(value["value"])
            yield day, day
        elif "start" in value and "end" in value:
            yield from _ends(date.fromisoformat(value["start"][:10]), date.fromisoformat(value["end"][:10]))
        elif "start" in value:
            yield date.fromisoformat(value["start"][:10]), today


def by_dateparser(text: str, language: str, today: date) -> Iterator[Range]:
    """One date with the unit it stands for, the time spans it finds, or two dates as a range."""
    base = datetime.combine(today, MIDNIGHT)
    settings = {"RELATIVE_BASE": base, "PREFER_DATES_FROM": "past"}
    one = DateDataParser(languages=[language], settings=settings).get_date_data(text)
    if one.date_obj is not None:
        yield from _unit(one.date_obj.date(), one.period or "day", today)
    found = search_dates(text, languages=[language], settings={**settings, "RETURN_TIME_SPAN": True}) or []
    days = {name: day.date() for name, day, *_ in found}
    starts = [day for name, day in days.items() if name.endswith("(start)")]
    ends = [day for name, day in days.items() if name.endswith("(end)")]
    for start, end in zip(starts, ends, strict=False):
        yield from _ends(start, end)
    plain = [day for name, day in days.items() if not name.endswith(("(start)", "(end)"))]
    if len(plain) == 2:
        yield plain[0], plain[1]
        for _first, last in _unit(plain[1], "month", today):
            yield plain[0].replace(day=1), last
    elif len(plain) == 1:
        yield plain[0], plain[0]
        yield plain[0], today


def _ends(start: date, end: date) -> Iterator[Range]:
    """What a range may mean, whichever way its ends are counted."""
    yield start, end - ONE
    yield start, end
    yield start + ONE, end


def _unit(day: date, period: str, today: date) -> Iterator[Range]:
    """The whole unit that holds a day, and the part of it up to today."""
    if period == "week":
        first = day - timedelta(days=day.weekday())
        last = first + timedelta(days=6)
    elif period == "month":
        first = day.replace(day=1)
        last = (first + timedelta(days=32)).replace(day=1) - ONE
    elif period == "year":
        first, last = date(day.year, 1, 1), date(day.year, 12, 31)
    else:
        first = last = day
    yield first, last
    if first <= today < last:
        yield first, today


if __name__ == "__main__":
    main()
