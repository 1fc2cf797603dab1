"""Forecasts as they were told, kept to be held against what came.

One for each store, question (metric, filters, days, rows) and day on which it was asked: the first. It stays as it was
told, whatever is imported later. Of days that were over already nothing is kept: they were no forecast.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Date, Float, ForeignKey, Integer, String, Text, UniqueConstraint, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from tools.forecasting.outlook import Counted, Expected
from tools.semantic.periods import Period
from tools.semantic.query import Filter
from tools.state import Base

if TYPE_CHECKING:
    from tools.forecasting.answers.request import Request
    from tools.tool import Context

LONGEST_NAME = 200
MOST_READ = 200


class ForecastRow(Base):
    """A forecast of the days `starts_on` to `ends_on`, all of them after `data_end`."""

    __tablename__ = "forecasts"
    __table_args__ = (UniqueConstraint("store", "question", "made_on"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    store: Mapped[str] = mapped_column(String(LONGEST_NAME))
    version: Mapped[str] = mapped_column(String(LONGEST_NAME))
    question: Mapped[str] = mapped_column(String(64))
    metric: Mapped[str] = mapped_column(String(LONGEST_NAME))
    filters: Mapped[str] = mapped_column(Text)
    grain: Mapped[str] = mapped_column(String(8))
    made_on: Mapped[date] = mapped_column(Date)
    data_end: Mapped[date] = mapped_column(Date)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    expected: Mapped[float] = mapped_column(Float)
    low_80: Mapped[float] = mapped_column(Float)
    high_80: Mapped[float] = mapped_column(Float)
    low_95: Mapped[float] = mapped_column(Float)
    high_95: Mapped[float] = mapped_column(Float)


class ForecastStepRow(Base):
    """One of its rows."""

    __tablename__ = "forecast_steps"

    forecast_id: Mapped[int] = mapped_column(ForeignKey("forecasts.id", ondelete="CASCADE"), primary_key=True)
    starts_on: Mapped[date] = mapped_column(Date, primary_key=True)
    ends_on: Mapped[date] = mapped_column(Date)
    expected: Mapped[float] = mapped_column(Float)
    low_80: Mapped[float] = mapped_column(Float)
    high_80: Mapped[float] = mapped_column(Float)
    low_95: Mapped[float] = mapped_column(Float)
    high_95: Mapped[float] = mapped_column(Float)


@dataclass(frozen=True)
class Told:
    """What was expected of a period, with bounds."""

    period: Period
    expected: float
    low_80: float
    high_80: float


@dataclass(frozen=True)
class Kept:
    """A forecast as it was told. `steps`, oldest first, make up its period."""

    metric: str
    filters: tuple[Filter, ...]
    made_on: date
    data_end: date
    whole: Told
    steps: tuple[Told, ...]


def keep(request: Request, expected: Expected, rows: Sequence[Expected], extra: tuple[Filter, ...] = ()) -> bool:
    """Keeps a forecast, once a day; whether it was kept now. Without a state database nothing is kept.

    `extra` are filters beyond the request's, for a part of it.
    """
    context = request.context
    counted = isinstance(request.outlook, Counted)
    if context.state is None or not expected.bounds:
        return False
    ahead = request.period if counted else request.outlook.ahead
    filters = json.dumps([f.model_dump(mode="json") for f in (*request.args.filters, *extra)], ensure_ascii=False)
    asked = json.dumps([request.metric.id, filters, ahead.start.isoformat(), ahead.end.isoformat(), request.grain])
    settings = context.warehouse.settings()
    key = {
        "store": settings.name[:LONGEST_NAME],
        "question": hashlib.sha256(asked.encode()).hexdigest(),
        "made_on": context.today,
    }
    with context.state() as session:
        if session.scalar(select(ForecastRow.id).filter_by(**key)) is not None:
            return False
        made = ForecastRow(
            **key,
            version=settings.version[:LONGEST_NAME],
            metric=request.metric.id,
            filters=filters,
            grain=request.grain,
            data_end=request.outlook.whole,
            **_figures(expected, ahead, counted=counted),
        )
        session.add(made)
        try:
            session.flush()
        except IntegrityError:  # another process keeps it at this moment
            return False
        for row in rows:
            if row.bounds:
                days = row.period if counted else Period(max(row.period.start, ahead.start), row.period.end)
                session.add(ForecastStepRow(forecast_id=made.id, **_figures(row, days, counted=counted)))
        session.commit()
    return True


def kept_forecasts(context: Context, metric: str, filters: Sequence[Filter] = ()) -> tuple[Kept, ...]:
    """The last forecasts of a metric under these filters (none: under any), the newest first."""
    if context.state is None:
        return ()
    wanted = {f.model_dump_json() for f in filters}
    with context.state() as session:
        rows = session.scalars(
            select(ForecastRow)
            .filter_by(store=context.warehouse.settings().name[:LONGEST_NAME], metric=metric)
            .where(ForecastRow.made_on <= context.today)
            .order_by(ForecastRow.made_on.desc(), ForecastRow.id.desc())
            .limit(MOST_READ)
        ).all()
        found: list[Kept] = []
        for row in rows:
            own = tuple(Filter.model_validate(f) for f in json.loads(row.filters))
            if wanted and wanted != {f.model_dump_json() for f in own}:
                continue
            steps = session.scalars(
                select(ForecastStepRow).filter_by(forecast_id=row.id).order_by(ForecastStepRow.starts_on)
            ).all()
            found.append(
                Kept(row.metric, own, row.made_on, row.data_end, _told(row), tuple(_told(step) for step in steps))
            )
    return tuple(found)


def metrics_kept(context: Context) -> tuple[str, ...]:
    """The metrics of which forecasts were kept, by name."""
    if context.state is None:
        return ()
    store = context.warehouse.settings().name[:LONGEST_NAME]
    with context.state() as session:
        return tuple(sorted(session.scalars(select(ForecastRow.metric).filter_by(store=store).distinct()).all()))


def _figures(expected: Expected, days: Period, *, counted: bool) -> Mapping[str, date | float]:
    """Of the days ahead alone, unless the figure is counted for the period as a whole."""
    so_far = 0.0 if counted else expected.so_far
    (low_80, high_80), (low_95, high_95) = expected.bounds[0.8], expected.bounds[0.95]
    return {
        "starts_on": days.start,
        "ends_on": days.end,
        "expected": expected.value - so_far,
        "low_80": low_80 - so_far,
        "high_80": high_80 - so_far,
        "low_95": low_95 - so_far,
        "high_95": high_95 - so_far,
    }


def _told(row: ForecastRow | ForecastStepRow) -> Told:
    return Told(Period(row.starts_on, row.ends_on), row.expected, row.low_80, row.high_80)
