"""What a scheme is: every customer falls into at most one of its named groups, as of a day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.messages import Label, Message, say

if TYPE_CHECKING:
    import ibis

    from tools.customers.histories import Histories


@dataclass(frozen=True)
class Group:
    """A group's id, as rules and facts name it, what readers call it, and one line on who is in it."""

    id: str
    label: Label
    meaning: Label


def _nothing(_histories: Histories) -> Mapping[str, Message]:
    return {}


@dataclass(frozen=True)
class Scheme:
    """A way to group customers.

    `assigned` gives customer_id and group (both strings, a row a customer), as of the histories' day. `definition`
    says how, with the thresholds found. `found` says what sets the groups of this store apart, where that is learned.
    Both raise NotEnoughData where the store holds too little.
    """

    id: str
    title: Label
    groups: Mapping[str, Group]
    assigned: Callable[[Histories], ibis.Table]
    definition: Callable[[Histories], tuple[Message, ...]]
    found: Callable[[Histories], Mapping[str, Message]] = _nothing

    def described(self, histories: Histories) -> Mapping[str, Message]:
        """Group id → what it means here, for the groups that this store can have, in the scheme's order."""
        learned = self.found(histories)
        return learned or {id_: say("{meaning}", meaning=group.meaning) for id_, group in self.groups.items()}


def groups_of(*groups: Group) -> Mapping[str, Group]:
    return {group.id: group for group in groups}
