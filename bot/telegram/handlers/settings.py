"""`/settings`: language, timezone and number style, by buttons that edit the message in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from bot.telegram.desk import LANGUAGES, NUMBER_STYLES
from bot.telegram.keyboards import Choice, marked
from bot.telegram.names import LANGUAGE_NAMES, NUMBER_STYLE_NAMES
from tools.messages import Message as Words
from tools.messages import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.telegram.visit import Visit

TIMEZONES = (
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Asia/Shanghai",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Australia/Sydney",
)


async def settings(visit: Visit) -> None:
    """Shows the choices; in a group the group's language, which admins may change."""
    if visit.place.is_group and not visit.member.may("admin"):
        await visit.reply(say("Only admins may do this."))
        return
    words = visit.message.text.split() if visit.message.text else []
    if len(words) > 1 and not visit.place.is_group:
        visit = await _named_timezone(visit, words[1])
    await visit.reply(*_texts(visit), rows=_rows(visit))


async def pressed(visit: Visit, payload: Mapping[str, Any]) -> None:
    """Stores a choice and shows the changed settings where the button was."""
    access = visit.desk.access
    if visit.place.is_group:
        if "language" in payload:
            await visit.desk.stored(access.set_group_language, visit.place.chat_id, payload["language"])
        visit = await visit.again()
    else:
        chosen = {name: payload[name] for name in ("language", "timezone", "number_style") if name in payload}
        visit = await visit.again(await visit.desk.stored(access.prefer, visit.member.id, **chosen))
    html = "\n\n".join(visit.voice.html(text) for text in _texts(visit))
    rows = _timezone_rows(visit) if payload.get("page") == "timezone" else _rows(visit)
    await visit.desk.delivery.edit(visit.place, visit.message.message_id, html, await visit.buttons(rows))


async def _named_timezone(visit: Visit, name: str) -> Visit:
    known = {zone.lower(): zone for zone in available_timezones()}
    zone = known.get(name.lower())
    if zone is None:
        await visit.reply(say("I know no timezone “{name}”; write it as in Europe/London or Asia/Shanghai.", name=name))
        return visit
    return await visit.again(await visit.desk.stored(visit.desk.access.prefer, visit.member.id, timezone=zone))


def _texts(visit: Visit) -> tuple[Words, ...]:
    voice = visit.voice
    if visit.place.is_group:
        return (
            say(
                "In this group, where a question does not tell, I speak {language}.",
                language=LANGUAGE_NAMES[visit.language],
            ),
        )
    return (
        say("*Settings*"),
        say(
            "Language: {language}. Timezone: {timezone}. Numbers: {numbers}.",
            language=LANGUAGE_NAMES[voice.language],
            timezone=voice.timezone,
            numbers=NUMBER_STYLE_NAMES[voice.number_style],
        ),
        say("A question in the other language is answered in that one. For another timezone: /settings Asia/Dubai"),
    )


def _rows(visit: Visit) -> Sequence[Sequence[Choice]]:
    voice = visit.voice
    languages = [
        Choice(
            marked(LANGUAGE_NAMES[language].en, language == visit.language), {"do": "settings", "language": language}
        )
        for language in LANGUAGES
    ]
    if visit.place.is_group:
        return [languages]
    styles = [
        Choice(
            marked(voice.text(say("Numbers {style}", style=NUMBER_STYLE_NAMES[style])), style == voice.number_style),
            {"do": "settings", "number_style": style},
        )
        for style in NUMBER_STYLES
    ]
    zones = Choice(voice.text(say("Timezone…")), {"do": "settings", "page": "timezone"})
    return [languages, styles, [zones]]


def _timezone_rows(visit: Visit) -> Sequence[Sequence[Choice]]:
    choices = [
        Choice(marked(zone, zone == visit.voice.timezone), {"do": "settings", "timezone": zone}) for zone in TIMEZONES
    ]
    back = Choice(visit.voice.text(say("Back")), {"do": "settings"})
    return [*(choices[at : at + 2] for at in range(0, len(choices), 2)), [back]]
