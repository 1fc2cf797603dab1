"""When each chore last ran, and how that went."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from tools.state import Base, UtcDateTime

LONGEST_WORDS = 500


class RunRow(Base):
    """The last run of a chore. `ended_at` None: it is at work, or its process died. `words` say what came of it."""

    __tablename__ = "runs"

    chore: Mapped[str] = mapped_column(String(64), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    good: Mapped[bool | None]
    words: Mapped[str] = mapped_column(String(LONGEST_WORDS), default="")
    good_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
