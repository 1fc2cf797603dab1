"""The bilingual period grammar: which words of a question speak of time, and what they mean on a given day."""

from __future__ import annotations

from bot.understanding.periods.find import find_periods
from bot.understanding.periods.span import Assumption, Baseline, PeriodSpan, SpanKind

__all__ = ["Assumption", "Baseline", "PeriodSpan", "SpanKind", "find_periods"]
