"""The state table of what language models were used for."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, Date, Float, String
from sqlalchemy.orm import Mapped, mapped_column

from tools.state import Base


class ModelUseRow(Base):
    """What a user's questions of one day took of the language model. `cost` by the prices of the settings."""

    __tablename__ = "model_use"

    user_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    calls: Mapped[int]
    tokens_in: Mapped[int] = mapped_column(BigInteger)
    tokens_out: Mapped[int] = mapped_column(BigInteger)
    cost: Mapped[float] = mapped_column(Float)
