"""A part of a digest: what a section gives, and how a module of `jobs/digests/sections` says that it is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.answer import Chart, Fact, FollowUp, Table
from tools.messages import Label, Message

if TYPE_CHECKING:
    from jobs.digests.digesting import Digesting


@dataclass(frozen=True)
class Part:
    """What a section adds to the answer. `moved`: it is a reason to send a digest that is only sent when something
    moved.
    """

    lines: tuple[Message, ...] = ()
    facts: tuple[Fact, ...] = ()
    table: Table | None = None
    chart: Chart | None = None
    follow_ups: tuple[FollowUp, ...] = ()
    caveats: tuple[Message, ...] = ()
    moved: bool = False


@dataclass(frozen=True)
class Section:
    """A module's `SECTION`. Sections stand by `order`. One that `tells_figures` of the period is left out where these
    are not there yet. `run` gives None where there is nothing to say.
    """

    name: str
    title: Label
    order: int
    run: Callable[[Digesting], Part | None]
    tells_figures: bool = True
