"""What a user may use of the language model in a day, and what was used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bot.understanding.hosted.record import ModelUseRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

log = structlog.get_logger(__name__)

KEPT_DAYS = 90
MILLION = 1_000_000


@dataclass(frozen=True)
class Tokens:
    """What one request took."""

    sent: int
    received: int


@dataclass(frozen=True)
class Use:
    """What a day's requests took. `cost` is in the currency of the prices."""

    calls: int
    tokens: int
    cost: float


@dataclass(frozen=True)
class Limits:
    """For each user and day. 0 tokens, 0 cost: as much as they like. Prices are of a million tokens."""

    tokens: int = 0
    cost: float = 0.0
    price_in: float = 0.0
    price_out: float = 0.0

    def cost_of(self, tokens: Tokens) -> float:
        return (tokens.sent * self.price_in + tokens.received * self.price_out) / MILLION


class Budget:
    """Counts in the state database, for all processes together. Thread-safe.

    `today` is the team's calendar day. A database that cannot be read leaves nothing to spend.
    """

    def __init__(self, state: Callable[[], Session], today: Callable[[], date], limits: Limits) -> None:
        self._state = state
        self._today = today
        self._limits = limits

    def left(self, user_id: str) -> bool:
        """Whether the user may use the model now."""
        if not self._limits.tokens and not self._limits.cost:
            return True
        try:
            with self._state() as session:
                row = session.get(ModelUseRow, (user_id, self._today()))
        except SQLAlchemyError as error:
            log.warning("model_use_not_read", error=type(error).__name__)
            return False
        if row is None:
            return True
        tokens, cost = self._limits.tokens, self._limits.cost
        return not (tokens and row.tokens_in + row.tokens_out >= tokens) and not (cost and row.cost >= cost)

    def spend(self, user_id: str, tokens: Tokens) -> None:
        """Writes down what one request took."""
        try:
            if not self._added(user_id, tokens):
                self._begin(user_id)
                self._added(user_id, tokens)
        except SQLAlchemyError as error:
            log.warning("model_use_not_kept", error=type(error).__name__)

    def used_today(self) -> Use:
        """By everybody together. Raises SQLAlchemyError."""
        row = ModelUseRow
        sums = select(
            func.coalesce(func.sum(row.calls), 0),
            func.coalesce(func.sum(row.tokens_in + row.tokens_out), 0),
            func.coalesce(func.sum(row.cost), 0.0),
        ).where(row.day == self._today())
        with self._state() as session:
            calls, tokens, cost = session.execute(sums).one()
        return Use(int(calls), int(tokens), float(cost))

    def _added(self, user_id: str, tokens: Tokens) -> bool:
        """Added in the database, so that two requests at once are both counted. False: there is no row yet."""
        row = ModelUseRow
        mine = row.user_id == user_id, row.day == self._today()
        with self._state() as session, session.begin():
            if session.execute(select(row.user_id).where(*mine)).first() is None:
                return False
            session.execute(
                update(row)
                .where(*mine)
                .values(
                    calls=row.calls + 1,
                    tokens_in=row.tokens_in + tokens.sent,
                    tokens_out=row.tokens_out + tokens.received,
                    cost=row.cost + self._limits.cost_of(tokens),
                )
            )
            return True

    def _begin(self, user_id: str) -> None:
        """The day's row; another process may have made it meanwhile. What is old is forgotten."""
        today = self._today()
        try:
            with self._state() as session, session.begin():
                session.add(ModelUseRow(user_id=user_id, day=today, calls=0, tokens_in=0, tokens_out=0, cost=0.0))
                session.execute(delete(ModelUseRow).where(ModelUseRow.day < today - timedelta(days=KEPT_DAYS)))
        except IntegrityError:
            log.debug("model_use_row_was_there")
