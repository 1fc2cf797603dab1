"""What a conversation came to last, beside the one call that a follow-up leans on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.understanding.reading.draft import World
from tools.answer import ToolCall

PLAYBOOK = "playbook"
ORDERS = frozenset({"digest", "monitor", "incidents"})
"""Tools that act: what they did is never done again by a later question."""
LISTS = frozenset({"segments", "churn", "clv", "cohorts", "recommend", "customer"})
"""Tools that answer about customers."""
RULED = LISTS - {"customer"}
"""Those of them that a rule limits."""


@dataclass(frozen=True)
class Offer:
    """A button of the question back that came last: what stood on it in every language, and what it does."""

    labels: tuple[str, ...]
    call: ToolCall | None = None
    question: str | None = None
    sample: bool = False


@dataclass(frozen=True)
class Listed:
    """The rows of a list that was answered, in the order in which they were shown."""

    dimension: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Recent:
    """`calls` are all of the last answer, `lists` what it listed, `offered` the last refusal's or question's buttons.

    `unread` are the user's messages, the latest first, that were refused or asked back about since something was
    answered, without a call that stands to be completed; `asked`: the last one was asked back about. `earlier` are the
    calls of the whole conversation, the latest first.
    """

    calls: tuple[ToolCall, ...] = ()
    offered: tuple[Offer, ...] = ()
    unread: tuple[str, ...] = ()
    asked: bool = False
    lists: tuple[Listed, ...] = ()
    earlier: tuple[ToolCall, ...] = ()

    @property
    def samples(self) -> bool:
        """Whether the buttons show what can be asked, and are no readings of what was said."""
        return any(offer.sample for offer in self.offered) or (
            bool(self.unread and not self.asked) and len(self.offered) != 1
        )


def again(call: ToolCall, world: World) -> ToolCall | None:
    """The same answer once more, without what it changed; None where it only changed something, or was none yet."""
    if not _whole(call):
        return None
    if call.tool == "segments" and call.args.get("save_as"):
        return ToolCall(call.tool, {name: value for name, value in call.args.items() if name != "save_as"})
    return None if world.acts(call) else call


def _whole(call: ToolCall) -> bool:
    """Whether a call lacks nothing: one that was asked back about may."""
    if call.tool == "metrics":
        ranked_alone = call.args.get("top") and not call.args.get("by")
        return bool(call.args.get("metrics") and call.args.get("period")) and not ranked_alone
    return call.tool != "drivers" or bool(call.args.get("period"))


def limits_of(call: ToolCall, world: World) -> list[dict[str, Any]]:
    """The conditions of a figure on dimensions; those on segments are left out, which other tools do not know."""
    return [dict(limit) for limit in call.args.get("filters", ()) if limit["dimension"] in world.catalog.dimensions]


def limited_to(dimension: str, call: ToolCall) -> tuple[str, ...]:
    """The values of a dimension that a call is of, and no others."""
    if call.args.get(dimension):
        return (str(call.args[dimension]),)
    limits = (limit for limit in call.args.get("filters", ()) if limit["dimension"] == dimension)
    return next((tuple(map(str, limit["values"])) for limit in limits if limit.get("op", "in") == "in"), ())


def beside(limits: Sequence[dict[str, Any]], call: ToolCall) -> list[dict[str, Any]]:
    """These conditions, but those on what the call limits or splits by itself; then the call's own."""
    own = [dict(limit) for limit in call.args.get("filters", ())]
    taken = {limit["dimension"] for limit in own} | set(call.args.get("by", ()))
    return [*(limit for limit in limits if limit["dimension"] not in taken), *own]
