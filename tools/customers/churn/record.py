"""Predictions of who leaves, kept once a month, and how they came out when their horizon was over.

One round for each store, month and horizon: the first that is made in the month, of the customers who have not lapsed.
It stays as it was made, whatever is imported later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Date, Float, ForeignKey, Integer, String, Text, UniqueConstraint, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from tools.customers.histories import Histories
from tools.errors import NotEnoughData
from tools.messages import Quantity, say
from tools.semantic.periods import shift, unit
from tools.state import Base

if TYPE_CHECKING:
    from tools.customers.churn.scores import ChurnScores
    from tools.stats.classification import Quality
    from tools.tool import Context

LONGEST_NAME = 200
MOST_ROUNDS = 12
FEWEST_JUDGED = 50


class ChurnRoundRow(Base):
    """Predictions made together. `month` is that of `made_on`, as 2011-09."""

    __tablename__ = "churn_rounds"
    __table_args__ = (UniqueConstraint("store", "month", "horizon_days"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    store: Mapped[str] = mapped_column(String(LONGEST_NAME))
    version: Mapped[str] = mapped_column(String(LONGEST_NAME))
    month: Mapped[str] = mapped_column(String(7))
    horizon_days: Mapped[int] = mapped_column(Integer)
    made_on: Mapped[date] = mapped_column(Date)
    method: Mapped[str] = mapped_column(String(16))


class ChurnPredictionRow(Base):
    __tablename__ = "churn_predictions"

    round_id: Mapped[int] = mapped_column(ForeignKey("churn_rounds.id", ondelete="CASCADE"), primary_key=True)
    customer_id: Mapped[str] = mapped_column(Text, primary_key=True)
    probability: Mapped[float] = mapped_column(Float)
    value_at_risk: Mapped[float] = mapped_column(Float)


@dataclass(frozen=True)
class Judged:
    """Predictions of one day against what happened in the horizon after it."""

    made_on: date
    quality: Quality


@dataclass(frozen=True)
class Scoreboard:
    """The newest first. `kept`: from predictions that were kept at their time; else recomputed as of their day."""

    rounds: tuple[Judged, ...]
    kept: bool


def keep_predictions(context: Context, horizon_days: int = 90, scores: ChurnScores | None = None) -> bool:
    """Keeps this month's predictions, once; whether they were kept now. Without a state database nothing is kept.

    `scores` are those of the context's day, where they are at hand. Raises NotEnoughData where there is too little to
    predict from.
    """
    from tools.customers.churn.scores import churn_scores

    if context.state is None:
        return False
    settings = context.warehouse.settings()
    scores = scores or churn_scores(context, horizon_days)
    key = {"store": settings.name[:LONGEST_NAME], "month": f"{scores.day:%Y-%m}", "horizon_days": horizon_days}
    with context.state() as session:
        if session.scalar(select(ChurnRoundRow.id).filter_by(**key)) is not None:
            return False
        made = ChurnRoundRow(**key, version=settings.version[:LONGEST_NAME], made_on=scores.day, method=scores.method)
        session.add(made)
        try:
            session.flush()
        except IntegrityError:  # another process keeps them at this moment
            return False
        rows = [
            {
                "round_id": made.id,
                "customer_id": customer,
                "probability": float(probability),
                "value_at_risk": float(value),
            }
            for customer, probability, value, lapsed in zip(
                scores.customer_ids, scores.probability, scores.value_at_risk, scores.lapsed, strict=True
            )
            if not lapsed
        ]
        if rows:
            session.execute(insert(ChurnPredictionRow), rows)
        session.commit()
    return True


def scoreboard(context: Context, horizon_days: int = 90) -> Scoreboard:
    """How predictions whose horizon is over came out; where none were kept, those of the last month that could be.

    Raises NotEnoughData where there was too little to predict from.
    """
    kept = _kept(context, horizon_days)
    return Scoreboard(kept, kept=True) if kept else Scoreboard((_recomputed(context, horizon_days),), kept=False)


def _kept(context: Context, horizon_days: int) -> tuple[Judged, ...]:
    if context.state is None:
        return ()
    found: list[Judged] = []
    until = context.today - timedelta(days=horizon_days)
    with context.state() as session:
        rounds = session.execute(
            select(ChurnRoundRow.id, ChurnRoundRow.made_on)
            .filter_by(store=context.warehouse.settings().name[:LONGEST_NAME], horizon_days=horizon_days)
            .where(ChurnRoundRow.made_on <= until)
            .order_by(ChurnRoundRow.made_on.desc())
            .limit(MOST_ROUNDS)
        ).all()
        for round_id, made_on in rounds:
            rows = session.execute(
                select(ChurnPredictionRow.customer_id, ChurnPredictionRow.probability).filter_by(round_id=round_id)
            ).all()
            judged = _judged(context, made_on, horizon_days, {str(customer): float(p) for customer, p in rows})
            if judged is not None:
                found.append(judged)
    return tuple(found)


def _recomputed(context: Context, horizon_days: int) -> Judged:
    """The predictions that would have been made at the end of the last month whose horizon is over."""
    from tools.customers.churn.scores import churn_scores

    newest = context.today - timedelta(days=horizon_days)
    this = unit(newest, "month")
    day = newest if newest == this.end else shift(this.start, "day", -1)
    then = churn_scores(replace(context, today=day), horizon_days)
    predicted = {
        customer: float(p)
        for customer, p, lapsed in zip(then.customer_ids, then.probability, then.lapsed, strict=True)
        if not lapsed
    }
    judged = _judged(context, then.day, horizon_days, predicted)
    if judged is None:
        raise NotEnoughData(
            say(
                "Fewer than {needed} customers had not lapsed by {day}; there is nothing to judge.",
                needed=Quantity(FEWEST_JUDGED),
                day=then.day,
            )
        )
    return judged


def _judged(context: Context, made_on: date, horizon_days: int, predicted: Mapping[str, float]) -> Judged | None:
    """None where fewer of the customers than are needed are in the store: it is another one by now."""
    import numpy as np

    from tools.stats.classification import quality

    lines = Histories(context.warehouse, made_on + timedelta(days=horizon_days)).lines()
    sold = lines.filter(lines.kind == "sold")
    days = sold.group_by("customer_id").aggregate(last=sold.sold_at.max().cast("date"))
    rows, _sql = context.warehouse.fetch(days)
    last = {str(customer): day for customer, day in rows}
    known = sorted(customer for customer in predicted if customer in last)
    if len(known) < FEWEST_JUDGED:
        return None
    left = np.array([last[customer] <= made_on for customer in known], dtype=np.float64)
    return Judged(made_on, quality(left, np.array([predicted[customer] for customer in known])))
