"""Questions from a file, and days from the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from bot.failure import Failure


def read_batch(file: Path) -> Iterator[dict[str, Any]]:
    """The lines of a JSON-lines file, each with an `id`. Raises Failure naming file and line."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Failure(f"{file} cannot be read: {error.strerror}.", code=2) from error
    except UnicodeDecodeError as error:
        raise Failure(f"{file} is not UTF-8 (byte {error.start}).", "Save it as UTF-8.", 2) from error
    # Not `splitlines`: a question may hold one of the rarer characters that end a line there.
    for number, raw in enumerate(text.split("\n"), start=1):
        if not raw.strip():
            continue
        try:
            line = json.loads(raw)
        except json.JSONDecodeError as error:
            raise Failure(
                f"{file}, line {number}: not JSON ({error.msg}).", "Write one JSON object a line.", 2
            ) from error
        if not isinstance(line, dict) or not isinstance(line.get("question"), str):
            raise Failure(f'{file}, line {number}: expected an object with a "question".', code=2)
        if line.get("as_of") and not _is_day(line["as_of"]):
            raise Failure(
                f'{file}, line {number}: "as_of" was {line["as_of"]!r}; expected a day such as 2011-12-09.', code=2
            )
        line.setdefault("id", str(number))
        yield line


def _is_day(given: object) -> bool:
    try:
        date.fromisoformat(str(given))
    except ValueError:
        return False
    return isinstance(given, str)


def day_or_word(text: str) -> date | str:
    if text in ("today", "latest"):
        return text
    if not _is_day(text):
        raise Failure(f"--as-of was {text!r}; expected a day such as 2011-12-09, or latest, or today.", code=2)
    return date.fromisoformat(text)
