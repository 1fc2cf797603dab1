"""Digests as the calls that buttons carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jobs.catalog.digest import DigestArgs
from jobs.digests.definition import Definition, rhythm_name
from jobs.digests.timing import Monthly, Weekly
from tools.answer import FollowUp, ToolCall
from tools.messages import say

if TYPE_CHECKING:
    from jobs.digests.quiet import DaysOff
    from tools.messages import Message
    from tools.semantic.periods import Period

NAME = "digest"


def call(args: DigestArgs | None = None, **changed: Any) -> ToolCall:
    """The call with these arguments, but for those `changed`."""
    given = {} if args is None else args.model_dump()
    return ToolCall(NAME, DigestArgs.model_validate({**given, **changed}).plain())


def tap(label: Message, args: DigestArgs | None = None, **changed: Any) -> FollowUp:
    """A button that makes `call`."""
    return FollowUp(label, call(args, **changed))


def mine() -> FollowUp:
    """A button that lists the digests of the chat."""
    return tap(say("Digests of this chat"), action="list")


def arguments(definition: Definition, language: str | None = None) -> DigestArgs:
    """The arguments that describe a digest whole, whatever is asked of it."""
    schedule, wanted = definition.schedule, definition.wanted
    given = {
        **_contents(definition),
        "at": f"{schedule.at:%H:%M}",
        "timezone": schedule.timezone,
        "language": language,
        "only_when_moved": wanted.only_when_moved or None,
    }
    if schedule.quiet is not None:
        given["quiet"] = (f"{schedule.quiet.start:%H:%M}", f"{schedule.quiet.end:%H:%M}")
    if schedule.days_off is not None:
        given |= {"days_off": _days_off(schedule.days_off), "country": schedule.days_off.country}
    return DigestArgs.model_validate(given)


def preview_of(definition: Definition, told: Period) -> ToolCall:
    """The call that shows the digest of these days. Equal for all who are told the same."""
    return call(**_contents(definition), period={"start": told.start, "end": told.end})


def _contents(definition: Definition) -> dict[str, Any]:
    rhythm, wanted = definition.schedule.rhythm, definition.wanted
    return {
        "rhythm": rhythm_name(rhythm),
        "weekdays": tuple(sorted(rhythm.weekdays)) if isinstance(rhythm, Weekly) else (),
        "day": rhythm.day if isinstance(rhythm, Monthly) else None,
        "metrics": wanted.metrics,
        "sections": wanted.sections,
        "filters": wanted.filters,
    }


def _days_off(days: DaysOff) -> str:
    if not days.weekends:
        return "holidays"
    return "both" if days.holidays and days.country is not None else "weekends"
