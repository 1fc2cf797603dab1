"""The terms of the trade in both languages, as `glossary.yml` lists them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "glossary.yml"


@dataclass(frozen=True)
class Entry:
    """Names of one thing; the first of each language is the usual one."""

    en: tuple[str, ...]
    zh: tuple[str, ...]


def read(file: Path = FILE) -> tuple[Entry, ...]:
    """Raises ValueError where an entry lacks a language."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    listed = yaml.load(file.read_text(encoding="utf-8"), loader)  # noqa: S506 - a safe loader
    entries = tuple(Entry(_names(one, "en"), _names(one, "zh")) for one in listed)
    for entry in entries:
        if not entry.en or not entry.zh:
            raise ValueError(f"{file.name}: {entry} names no term in one of the languages")
    return entries


@cache
def shipped() -> tuple[Entry, ...]:
    return read()


def _names(entry: dict[str, list[str]], language: str) -> tuple[str, ...]:
    return tuple(str(name).strip() for name in entry.get(language) or ())
