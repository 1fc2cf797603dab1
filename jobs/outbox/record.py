"""A push as it is kept, and as those see it who send it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import JSON, BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from tools.state import Base, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_KEY = 200
LONGEST_REASON = 300

State = Literal["waiting", "delivered", "given_up", "expired"]
"""`waiting` is owed; `given_up` could not be delivered; `expired` came too late to be worth sending."""


class Priority(IntEnum):
    """What goes first where several wait. Alerts overtake digests, also within a chat."""

    ALERT = 0
    DIGEST = 10


BEGUN = -1
"""The rank of a push of which a part has gone out: nothing comes between it and its rest."""


class OutboxRow(Base):
    """One push. Rows of a chat go out one at a time, by `rank`, then `id`.

    `rank` is the priority until a part is sent. `claim` counts how often the push was claimed: the fencing token of
    the claim that is held now, if `claimed_until` has not passed. `retry_at` holds back the whole chat. `payload` is
    forgotten when the push has ended; the row stays for a while, so that its key cannot be used again.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_next", "state", "rank", "id"),
        Index("ix_outbox_chat", "chat_id", "state"),
        Index("ix_outbox_ended", "ended_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(LONGEST_KEY), unique=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    topic_id: Mapped[int | None] = mapped_column(BigInteger)
    payload: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    rank: Mapped[int]
    put_at: Mapped[datetime] = mapped_column(UtcDateTime)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    expires: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON), default="")
    parts_sent: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    owner: Mapped[str | None] = mapped_column(String(100))
    claim: Mapped[int] = mapped_column(default=0)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class Push:
    """A claimed push. The first `parts_sent` parts are delivered already and are not sent again.

    `attempts` counts the sendings that were begun and did not end in an orderly way, this one included.
    """

    id: int
    key: str
    chat_id: int
    topic_id: int | None
    payload: Mapping[str, Any]
    parts_sent: int
    attempts: int
    owner: str
    claim: int
    claimed_until: datetime


@dataclass(frozen=True)
class Counts:
    """How the outbox stands: what is owed now, and what ended within the time that rows are kept.

    `due` is the part of `waiting` whose time has come, `sending` the part of `due` that is claimed, and
    `oldest_due` since when the one has been due that waits longest.
    """

    waiting: int
    due: int
    sending: int
    delivered: int
    given_up: int
    expired: int
    oldest_due: datetime | None
