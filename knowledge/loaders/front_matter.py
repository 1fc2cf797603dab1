"""The head of a Markdown file between two lines of "---": what sort of page it is, and what it answers to."""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

_HEAD = re.compile(r"\A---[ \t]*\n(?P<head>.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_LONGEST_HEAD = 16 * 1024
_LONGEST_VALUE = 300
_MOST_VALUES = 100


@dataclass(frozen=True)
class FrontMatter:
    title: str = ""
    kind: str = ""
    metrics: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


class _PlainLoader(yaml.SafeLoader):
    """YAML without references: a few lines of them unfold to more than any machine holds."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("references are not read")
        return super().compose_node(parent, index)


def split_front_matter(text: str) -> tuple[FrontMatter, str]:
    """What the head says, and the text after it. A head that is broken, or too long, is part of the text."""
    match = _HEAD.match(text[: _LONGEST_HEAD + 8])
    if match is None:
        return FrontMatter(), text
    try:
        # _PlainLoader is a SafeLoader: it makes no objects but strings, numbers, lists and mappings.
        read = yaml.load(match["head"], _PlainLoader)  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError):
        return FrontMatter(), text
    if not isinstance(read, dict):
        return FrontMatter(), text
    return (
        FrontMatter(
            title=_one(read.get("title")),
            kind=_one(read.get("kind")),
            metrics=_several(read.get("metrics")),
            aliases=_several(read.get("aliases")),
        ),
        text[match.end() :],
    )


def _one(value: object) -> str:
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return " ".join(str(value).split())[:_LONGEST_VALUE]
    return ""


def _several(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(one for one in map(_one, values[:_MOST_VALUES]) if one)
