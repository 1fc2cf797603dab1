"""Loads what the first questions would wait for, beside the bot at work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from jobs.threads import DaemonThreads

if TYPE_CHECKING:
    from bot.bootstrap import Parts

log = structlog.get_logger(__name__)


def begin_to_warm_up(parts: Parts) -> None:
    """Returns at once; whoever ends the bot at once does not wait for it."""
    DaemonThreads(1, "warm-up").submit(_warm_up, parts)


def _warm_up(parts: Parts) -> None:
    from bot.rendering.pictures import warm_up

    try:
        parts.assistant.warm_up()
        warm_up()
    except Exception:
        log.exception("not_warmed_up")
