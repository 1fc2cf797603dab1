"""Who is sent which digest, and how far each was told: the state table and its reader."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from tools.state import Base, UtcDateTime

LONGEST_REASON = 300


class SubscriptionRow(Base):
    """A digest of a chat. `definition` is its schedule and contents; `told` the last day that it covered.

    `next_at` is when the next is due, None while it is paused (`paused_at`) or ended (`ended_at`). `reason` says why the
    bot paused it by itself. `user_id` subscribed, and it is made with their rights.
    """

    __tablename__ = "subscriptions"
    __table_args__ = (Index("ix_subscriptions_chat", "chat_id", "topic_id"), Index("ix_subscriptions_next", "next_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    topic_id: Mapped[int | None] = mapped_column(BigInteger)
    user_id: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(8))
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    told: Mapped[date] = mapped_column(Date)
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
