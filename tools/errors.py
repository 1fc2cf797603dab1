"""Errors that a user may see, as one small tree; everything else is a bug and gets an incident id.

AssistantError
├── NotUnderstood      the question, or a part of it, has no reading
├── InvalidArgument    an argument names something that does not exist
├── MissingTable       the tool needs a table that was never imported
├── NotEnoughData      the period or history holds too little
├── NothingFound       the playbooks hold nothing that answers
├── NotReadable        the playbooks cannot be read just now
├── ImportFailed       a mapping or a file that cannot be read; the store stays as it was
├── NotAllowed         the user's role does not permit it
└── TooSlow            the deadline passed
"""

from __future__ import annotations

from tools.answer import FollowUp
from tools.messages import Message


class AssistantError(Exception):
    """Says what is wrong and what would work, in a message that rendering translates."""

    def __init__(self, message: Message, options: tuple[FollowUp, ...] = ()) -> None:
        super().__init__(str(message))
        self.message = message
        self.options = options


class NotUnderstood(AssistantError):
    """The question, or a part of it, has no reading."""


class InvalidArgument(AssistantError):
    """An argument names something that does not exist; the message names the nearest valid choice."""


class MissingTable(AssistantError):
    """The tool needs a table that was never imported; the message says how to bring it."""


class NotEnoughData(AssistantError):
    """The period or the history holds too little to answer from."""


class NothingFound(AssistantError):
    """The playbooks hold nothing that answers; the options are the nearest pages. `alone` says so without them."""

    def __init__(self, message: Message, options: tuple[FollowUp, ...] = (), *, alone: Message | None = None) -> None:
        super().__init__(message, options)
        self.alone = alone or message


class NotReadable(AssistantError):
    """The playbooks cannot be read just now: files are broken, or a server is down. Figures are still answered."""


class ImportFailed(AssistantError):
    """A mapping or a file cannot be read; names file, row and column where known. The store stays as it was."""


class NotAllowed(AssistantError):
    """The user's role does not permit it."""


class TooSlow(AssistantError):
    """The deadline passed; the query was interrupted."""
