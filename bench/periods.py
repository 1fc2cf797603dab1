"""Expressions of time with gold values in both languages, beside dateparser and recognizers-text.

The expressions are those of the golden files that name one range of days. marketbot reads the whole text; the peers
are given the expression alone, and whatever range their answer can be taken for counts: an end that is or is not
counted, a whole unit or the part up to today, of two readings either one. They run in an environment of their own,
since one of them needs an old `emoji`; it is made once, under the temporary folder.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from bench._environment import environment
from bench._retail import ROOT
from bot.understanding.periods import find_periods

LANGUAGES: tuple[Literal["en", "zh"], ...] = ("en", "zh")
FIRST_DAY = date(2009, 12, 1)
PEERS = ("dateparser", "recognizers-text")
# The last one that says which `emoji` it needs does not say it right: 2.0 took away what it imports.
PACKAGES = ("dateparser>=1.2", "recognizers-text-date-time", "emoji<2")
Range = tuple[date, date]


@dataclass(frozen=True)
class Expression:
    """`words` of `text` mean this range, seen from `today`."""

    text: str
    words: str
    language: str
    today: date
    means: Range


@dataclass(frozen=True)
class Read:
    """The ranges that an answer can be taken for, and how long it took."""

    ranges: tuple[Range, ...]
    milliseconds: float


def main() -> None:
    asked = [one for language in LANGUAGES for one in _expressions(language)]
    print(
        f"{'':30}" + "".join(f"{f'{n}: both ends':>16}{'start':>8}" for n in LANGUAGES) + f"{'p50 ms':>10}{'p95 ms':>8}"
    )
    counts = {language: sum(one.language == language for one in asked) for language in LANGUAGES}
    print(f"{'expressions':30}" + "".join(f"{counts[language]:16}{'':8}" for language in LANGUAGES), flush=True)
    _row("marketbot, %", asked, [_ours(one) for one in asked])
    python = environment("period-peers", PACKAGES)
    if python is None:
        return
    answers = _answers(python, asked)
    for peer in PEERS:
        read = [Read(tuple(_range(pair) for pair in a[peer]), a[f"{peer} ms"]) for a in answers]
        _row(f"{peer}, %", asked, read)
    missed = [one for one in asked if not _right(one, _ours(one), lambda a, b: a == b)]
    for one in missed:
        print(f"missed: {one.today} {one.text}")


def _expressions(language: str) -> list[Expression]:
    """Those of the golden file that are one range of days; the same words of the same day once."""
    path = ROOT / "tests" / "golden" / f"periods_{language}.jsonl"
    found: dict[tuple[str, str], Expression] = {}
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        spans = row["spans"]
        if len(spans) == 1 and "period" in spans[0]:
            words = spans[0]["text"]
            one = Expression(row["text"], words, language, date.fromisoformat(row["as_of"]), _range(spans[0]["period"]))
            found.setdefault((words.lower(), row["as_of"]), one)
    return list(found.values())


def _ours(one: Expression) -> Read:
    started = time.perf_counter()
    spans = find_periods(one.text, one.today, first_day=FIRST_DAY)
    took = (time.perf_counter() - started) * 1000
    periods = [span.period for span in spans if span.period is not None]
    # Two ranges are no answer to one: no reading is chosen from several for us.
    return Read(((periods[0].start, periods[0].end),) if len(periods) == 1 else (), took)


def _answers(python: Path, asked: Sequence[Expression]) -> list[dict[str, Any]]:
    lines = [json.dumps({"text": one.words, "language": one.language, "today": one.today.isoformat()}) for one in asked]
    script = Path(__file__).with_name("_period_peers.py")
    done = subprocess.run(  # noqa: S603 - ours
        [str(python), str(script)], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def _range(pair: Sequence[str]) -> Range:
    return date.fromisoformat(pair[0]), date.fromisoformat(pair[1])


def _right(one: Expression, read: Read, same: Callable[[Range, Range], bool]) -> bool:
    return any(same(found, one.means) for found in read.ranges)


def _row(name: str, asked: Sequence[Expression], read: Sequence[Read]) -> None:
    line = f"{name:30}"
    for language in LANGUAGES:
        pairs = [(one, r) for one, r in zip(asked, read, strict=True) if one.language == language]
        both = sum(_right(one, r, lambda a, b: a == b) for one, r in pairs)
        start = sum(_right(one, r, lambda a, b: a[0] == b[0]) for one, r in pairs)
        line += f"{100 * both / len(pairs):16.1f}{100 * start / len(pairs):8.1f}"
    cuts = statistics.quantiles([r.milliseconds for r in read], n=100, method="inclusive")
    print(f"{line}{cuts[49]:10.1f}{cuts[94]:8.1f}", flush=True)


if __name__ == "__main__":
    main()
