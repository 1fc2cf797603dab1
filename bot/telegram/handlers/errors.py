"""When handling an update fails: keep it for later, or apologise with an incident id. Never a trace in a chat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog
from telegram import Message, Update

from bot.telegram.addressing import place_of, sender
from bot.telegram.answering import apology, new_incident
from bot.telegram.delivery import Undelivered, Unreachable
from bot.telegram.lanes import Cancelled, Stopping

if TYPE_CHECKING:
    from bot.telegram.desk import Desk

log = structlog.get_logger(__name__)


async def on_error(desk: Desk, update: object, context: Any) -> None:
    """PTB's error handler."""
    error = context.error
    if not isinstance(update, Update):
        log.error("telegram_failed", exc_info=error)
        return
    if isinstance(error, Cancelled):
        log.info("cancelled", update_id=update.update_id)
    elif isinstance(error, Unreachable):
        log.info("unreachable", update_id=update.update_id)
    elif isinstance(error, Stopping | Undelivered):
        log.warning("kept_for_next_start", update_id=update.update_id, reason=type(error).__name__)
        _keep(desk, update)
    else:
        incident = new_incident()
        log.error("update_failed", update_id=update.update_id, incident=incident, exc_info=error)
        await apologise(desk, update, incident)


async def apologise(desk: Desk, update: Update, incident: str) -> None:
    """Says sorry where the update came from; keeps the update where not even that can be delivered."""
    user, message = sender(update), update.effective_message
    if user is None or not isinstance(message, Message):
        return
    member = await desk.stored(desk.access.member, user.id)
    if member is None:
        return
    voice = desk.voice(member, desk.language(member))
    try:
        await desk.delivery.text(place_of(message), voice.html(apology(incident)))
    except Unreachable:
        log.info("unreachable", update_id=update.update_id)
    except Undelivered:
        _keep(desk, update)


def _keep(desk: Desk, update: Update) -> None:
    try:
        desk.lanes.turn_of(update.update_id).keep()
    except KeyError:
        log.info("not_kept", update_id=update.update_id)
