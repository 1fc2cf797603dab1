"""Every module that declares state tables, so that the metadata is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bot.reviews.record
import bot.telegram.access
import bot.telegram.answered
import bot.telegram.audit
import bot.telegram.inbox
import bot.telegram.tokens
import bot.understanding.dialogue_record
import bot.understanding.hosted.record
import bot.understanding.taught.record  # noqa: F401
import jobs.alerts.record
import jobs.digests.subscriptions
import jobs.lease
import jobs.maintenance.runs
import jobs.outbox.contents
import jobs.outbox.record  # noqa: F401
import tools.calendar.team
import tools.customers.churn.record
import tools.customers.segments.saved
import tools.forecasting.record
import tools.playbooks.record  # noqa: F401
from tools.state import Base

if TYPE_CHECKING:
    from sqlalchemy import MetaData


def metadata() -> MetaData:
    return Base.metadata
