"""Forecasts of public data against what came, and the figures in words against the store's own."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tools.answer import Answer, ToolCall
from tools.forecasting.history import Past
from tools.registry import discover
from tools.runner import run
from tools.semantic.periods import Period
from tools.tool import Context


def asked(context: Context, **args: Any) -> Answer:
    return run(discover(), context, ToolCall("forecast", args), lambda *_what: None, deadline_s=120)


def month_ahead(context: Context, year: int, month: int) -> Answer:
    """The forecast of a month as of the evening before it."""
    first = date(year, month, 1)
    days = {"start": first.isoformat(), "end": first.replace(day=monthrange(year, month)[1]).isoformat()}
    return asked(replace(context, today=date.fromordinal(first.toordinal() - 1)), period=days)


def test_october_2011_as_of_the_evening_before(retail_context: Context) -> None:
    answer = month_ahead(retail_context, 2011, 10)
    first = answer.facts[0]
    assert first.name == "net_sales"
    assert first.period == Period(date(2011, 10, 1), date(2011, 10, 31))
    assert first.value == pytest.approx(1_061_697.93, rel=0.25)
    bounds = {fact.name: fact.value for fact in answer.facts}
    assert (bounds["net_sales_low_95"] or 0) <= 1_061_697.93 <= (bounds["net_sales_high_95"] or 0)


def test_months_of_a_quarter_are_near(retail_context: Context) -> None:
    """On average within 15 %, and none off by more than 30 %."""
    errors: list[float] = []
    for month in (7, 8, 11):
        expected = float(month_ahead(retail_context, 2011, month).facts[0].value or 0)
        whole = Period(date(2011, month, 1), date(2011, month, monthrange(2011, month)[1]))
        came = Past(retail_context, retail_context.catalog.metric("net_sales")).value(whole)
        errors.append(abs(came - expected) / came)
    assert sum(errors) / len(errors) < 0.15
    assert max(errors) < 0.3


def test_the_day_that_ends_at_noon_is_left_out(retail_context: Context) -> None:
    """The data end on 9 December 2011 at 12:50."""
    past = Past(retail_context, retail_context.catalog.metric("net_sales"))
    assert past.reach.whole == date(2011, 12, 8)
    assert past.history(7).units[-1] == Period(date(2011, 12, 2), date(2011, 12, 8))
    assert past.history("month").units[-1] == Period(date(2011, 11, 1), date(2011, 11, 30))


def test_series_are_what_the_tool_for_figures_says(retail_context: Context) -> None:
    past = Past(retail_context, retail_context.catalog.metric("net_sales"))
    days, weeks, months = past.history(1), past.history("week"), past.history("month")
    assert days.total.sum() == pytest.approx(past.value(Period(days.units[0].start, days.units[-1].end)))
    november = Period(date(2011, 11, 1), date(2011, 11, 30))
    assert months.total[-1] == pytest.approx(past.value(november))
    assert weeks.total[-1] == pytest.approx(past.value(weeks.units[-1]))
    by_country = past.history(7, "country")
    assert sum(by_country.parts.values()) == pytest.approx(by_country.total)
    customers = Past(retail_context, retail_context.catalog.metric("active_customers"))
    blocks = customers.history(28)
    assert blocks.total[-1] == customers.value(blocks.units[-1])
    assert customers.history("month").total[-1] == customers.value(november)


def test_a_promotions_day_stands_beside_the_same_day_of_the_year_before(demo_context: Context) -> None:
    """Double 12 moves over the weekdays, Black Friday over the dates."""
    for day, before in (("2026-12-12", date(2025, 12, 12)), ("2026-11-27", date(2025, 11, 28))):
        answer = asked(demo_context, period={"start": day, "end": day})
        assert Period(before, before) in {fact.period for fact in answer.facts}
