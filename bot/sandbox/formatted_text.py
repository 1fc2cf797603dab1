"""Text with entities, as Telegram counts them: offsets and lengths in UTF-16 code units.

The rules follow the Bot API's "Formatting options" and TDLib's observable behaviour.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bot.sandbox.errors import bad_request

if TYPE_CHECKING:
    from collections.abc import Iterable

SPLITTABLE = ("bold", "italic", "underline", "strikethrough", "spoiler")
MONOSPACE = ("code", "pre")
_ORDER = (
    "blockquote",
    "expandable_blockquote",
    "pre",
    "code",
    "text_link",
    "text_mention",
    "custom_emoji",
    *SPLITTABLE,
)
_USER_ENTITIES = frozenset(_ORDER)
_AUTOMATIC = frozenset({"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"})


@dataclass(frozen=True)
class Entity:
    """One span. `argument` is the link, the language of a `pre`, or the emoji id, as the type demands."""

    type: str
    offset: int
    length: int
    argument: str = ""

    @property
    def end(self) -> int:
        """Where the span ends, in UTF-16 code units."""
        return self.offset + self.length

    def to_api(self) -> dict[str, Any]:
        """The Bot API's `MessageEntity`."""
        entity: dict[str, Any] = {"type": self.type, "offset": self.offset, "length": self.length}
        if self.type == "text_link":
            entity["url"] = self.argument
        elif self.type == "pre" and self.argument:
            entity["language"] = self.argument
        elif self.type == "custom_emoji":
            entity["custom_emoji_id"] = self.argument
        elif self.type == "text_mention":
            entity["user"] = {"id": int(self.argument), "is_bot": False, "first_name": "User"}
        return entity


@dataclass(frozen=True)
class FormattedText:
    """What a message says and how."""

    text: str
    entities: tuple[Entity, ...] = ()

    def entities_to_api(self) -> list[dict[str, Any]]:
        """The Bot API's `MessageEntity` list."""
        return [entity.to_api() for entity in self.entities]


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units, the unit of every Telegram limit and offset."""
    return len(text) + sum(char > "\uffff" for char in text)


def utf16_slice(text: str, offset: int, length: int) -> str:
    """The part of a text that an entity covers."""
    return text.encode("utf-16-le")[2 * offset : 2 * (offset + length)].decode("utf-16-le", "replace")


def link_entity(url: str, offset: int, length: int) -> Entity | None:
    """A link or a mention by id; None where Telegram silently leaves the text without a link."""
    if match := re.fullmatch(r"tg://user\?id=(\d+)", url.strip()):
        return Entity("text_mention", offset, length, match[1])
    checked = checked_url(url)
    return Entity("text_link", offset, length, checked) if checked else None


def checked_url(url: str) -> str | None:
    """The address as Telegram keeps it, or None when it is not one that a message may link to."""
    url = url.strip()
    if re.fullmatch(r"(tg|ton|tonsite)://\S+", url, re.IGNORECASE):
        return url
    match = re.fullmatch(r"(?:(https?)://)?([^\s/?#]+)([/?#]\S*)?", url, re.IGNORECASE)
    if not match:
        return None
    host = match[2].rpartition("@")[2].partition(":")[0]
    if not host or ("." not in host and host.lower() != "localhost") or host.startswith(".") or ".." in host:
        return None
    return f"{(match[1] or 'http').lower()}://{match[2].lower()}{match[3] or '/'}"


def finished(text: str, entities: Iterable[Entity]) -> FormattedText:
    """Cleans and trims the text, puts the entities right, and adds those that Telegram finds by itself."""
    cleaned, spans = _trimmed(text, list(entities))
    spans = _without_nesting_in_monospace([span for span in spans if span.length > 0])
    spans = _merged(spans)
    spans += _found(cleaned, [span for span in spans if span.type not in SPLITTABLE and "blockquote" not in span.type])
    return FormattedText(cleaned, tuple(sorted(spans, key=_sort_key)))


def explicit_entities(items: object) -> list[Entity]:
    """Reads the `entities` parameter.

    Raises:
        ApiError: 400, when it is not an array of MessageEntity objects.
    """
    if not isinstance(items, list):
        raise bad_request("can't parse entities: expected an Array")
    spans = []
    for item in items:
        if not isinstance(item, dict):
            raise bad_request("can't parse MessageEntity: expected an Object")
        kind = item.get("type")
        if kind in _AUTOMATIC:
            continue
        if kind not in _USER_ENTITIES:
            raise bad_request("can't parse MessageEntity: Unsupported type specified")
        argument = item.get("url") or item.get("language") or item.get("custom_emoji_id") or ""
        if kind == "text_mention":
            argument = str(item.get("user", {}).get("id", 0))
        try:
            spans.append(Entity(kind, int(item["offset"]), int(item["length"]), str(argument)))
        except (KeyError, TypeError, ValueError) as error:
            raise bad_request(f"can't parse MessageEntity: Can't find field \"{error.args[0]}\"") from error
    return spans


def check_ranges(text: str, entities: Iterable[Entity]) -> None:
    """Raises ApiError 400 when an explicit entity does not lie in the text."""
    total = utf16_length(text)
    for entity in entities:
        if entity.offset < 0 or entity.length <= 0 or entity.end > total:
            raise bad_request(
                f"entity beginning at UTF-16 offset {entity.offset} ends after the end of the text "
                f"at UTF-16 offset {entity.end}"
            )


def _sort_key(entity: Entity) -> tuple[int, int, int]:
    rank = _ORDER.index(entity.type) if entity.type in _ORDER else len(_ORDER)
    return entity.offset, -entity.length, rank


def _trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    kept: list[str] = []
    # positions[i]: where UTF-16 unit i of the source stands in the cleaned text
    positions: list[int] = []
    place = 0
    for char in text:
        width = 2 if char > "\uffff" else 1
        positions.extend(range(place, place + width) if char != "\r" else [place])
        if char == "\r":
            continue
        kept.append(" " if char < " " and char != "\n" else char)
        place += width
    positions.append(place)
    cleaned = "".join(kept)
    stripped = cleaned.rstrip(" \n")
    end = utf16_length(stripped)
    left = stripped.lstrip(" \n")
    start = end - utf16_length(left)
    moved = []
    for entity in entities:
        first = max(positions[min(entity.offset, len(positions) - 1)], start)
        last = min(positions[min(entity.end, len(positions) - 1)], end)
        moved.append(replace(entity, offset=first - start, length=max(0, last - first)))
    return left, moved


def _without_nesting_in_monospace(entities: list[Entity]) -> list[Entity]:
    blocks = sorted((entity for entity in entities if entity.type in MONOSPACE), key=lambda entity: entity.offset)
    result = []
    for entity in entities:
        if entity.type not in SPLITTABLE:
            result.append(entity)
            continue
        start = entity.offset
        for block in blocks:
            if block.end <= start or block.offset >= entity.end:
                continue
            if block.offset > start:
                result.append(replace(entity, offset=start, length=block.offset - start))
            start = block.end
        if start < entity.end:
            result.append(replace(entity, offset=start, length=entity.end - start))
    return result


def _merged(entities: list[Entity]) -> list[Entity]:
    result: list[Entity] = []
    for kind in SPLITTABLE:
        last: Entity | None = None
        for entity in sorted((one for one in entities if one.type == kind), key=_sort_key):
            if last and entity.offset <= last.end:
                last = replace(last, length=max(last.end, entity.end) - last.offset)
                result[-1] = last
            else:
                last = entity
                result.append(entity)
    return result + [entity for entity in entities if entity.type not in SPLITTABLE]


# full-width punctuation ends an address as the ASCII kind does
_WIDE = "\uff0c\u3002\u3001\uff1b\uff01\uff1f\uff08\uff09\u3010\u3011\u300a\u300b"
_FOUND = re.compile(
    rf"(?P<url>\bhttps?://[^\s<>\"'{_WIDE}]+[^\s<>\"'.,;:!?)\]}}{_WIDE}])"
    r"|(?P<email>\b[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,16}\b)"
    r"|(?<![\w/<>])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?)(?![\w/])"
    r"|(?<![\w@])(?P<mention>@[A-Za-z][A-Za-z0-9_]{2,31})(?!\w)"
    r"|(?<![\w&])(?P<hashtag>\#(?=\w*[^\W\d_])\w{1,256})"
)


def _found(text: str, taken: list[Entity]) -> list[Entity]:
    covered = bytearray(utf16_length(text))
    for other in taken:
        covered[other.offset : other.end] = b"\1" * other.length
    result = []
    offset = counted = 0
    for match in _FOUND.finditer(text):
        offset += utf16_length(text[counted : match.start()])
        counted = match.start()
        entity = Entity(str(match.lastgroup), offset, utf16_length(match[0]))
        if not any(covered[offset : entity.end]):
            result.append(entity)
    return result
