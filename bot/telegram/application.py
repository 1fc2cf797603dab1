"""Puts the Telegram side together: one PTB application with its handlers, limits, lanes and inbox."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from telegram import Message, Update
from telegram.ext import (
    Application,
    ApplicationBuilder,
    BaseHandler,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    ExtBot,
    MessageHandler,
    MessageReactionHandler,
    filters,
)
from telegram.request import HTTPXRequest

from bot.reviews.record import Reviews
from bot.telegram.access import Access
from bot.telegram.addressing import lane_of, place_of, sender
from bot.telegram.answered import Answered
from bot.telegram.audit import AuditLog
from bot.telegram.delivery import Delivery, Undelivered, Unreachable
from bot.telegram.desk import Desk
from bot.telegram.handlers import (
    audit,
    cancel,
    complaints,
    documents,
    errors,
    groups,
    health,
    help,  # noqa: A004
    invite,
    media,
    press,
    question,
    reviews,
    settings,
    start,
    teach,
    unasked,
    users,
    whoami,
)
from bot.telegram.inbox import Inbox
from bot.telegram.intake import Intake
from bot.telegram.lanes import LaneProcessor, Lanes
from bot.telegram.limiter import ChatLimiter
from bot.telegram.progress import DraftSupport
from bot.telegram.tokens import Tokens
from bot.telegram.visit import Visit, in_turn
from bot.telegram.waiting_files import WaitingFiles
from jobs.digests.subscriptions import Subscriptions
from tools.messages import say_n

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session, sessionmaker

    from bot.reply import Assistant
    from bot.settings import Settings
    from bot.understanding.dialogue_record import Dialogues
    from bot.understanding.taught.teaching import Teaching
    from bot.upkeep import Upkeep
    from jobs.recipients import Ground
    from knowledge.library import Library
    from tools.tool import Role, Tool

log = structlog.get_logger(__name__)

TelegramApplication = Application[Any, Any, Any, Any, Any, Any]

REACTIONS = MessageReactionHandler.MESSAGE_REACTION_UPDATED
CONNECTIONS = 64
READ_TIMEOUT_S = 20.0
CONNECT_TIMEOUT_S = 10.0
UPLOAD_TIMEOUT_S = 60.0
SENT_FOLDER = "documents"
WAITING_FOLDER = ".pending"
DESK = "desk"
"""Under this key `bot_data` holds the `Desk`."""


def build_application(
    settings_: Settings,
    assistant: Assistant,
    state: sessionmaker[Session],
    clock: Callable[[], datetime],
    *,
    tools: Sequence[Tool[Any]] = (),
    library: Library | None = None,
    dialogues: Dialogues | None = None,
    teaching: Teaching | None = None,
    ground: Ground | None = None,
    upkeep: Upkeep | None = None,
    api_url: str | None = None,
    token: str | None = None,
) -> TelegramApplication:
    """The application, not yet initialized; `bot.telegram.service` runs it. To be called on the event loop.

    Parameters
    ----------
    state : sessions on a state database that `bot.migrations.upgrade` has brought up to date.
    clock : gives the time, aware, in UTC.
    tools : what `/help` and `/start` show.
    library : where documents that admins send are learned; None: they are not taken.
    dialogues : what the assistant remembers of them, to be swept; None: nothing that outlasts this process.
    teaching : where admins teach the team's own words; None: they cannot.
    ground : what is sent unasked stands on this; None: nothing is.
    upkeep : what is done by the clock, and how it is told; None: nothing is.
    api_url, token : override the settings', as the sandbox does.

    Raises
    ------
    ValueError : no token.
    """
    # PTB reads this switch from the environment only; without it every 429 emits a deprecation warning.
    os.environ.setdefault("PTB_TIMEDELTA", "true")
    secret = token or (settings_.telegram_token.get_secret_value() if settings_.telegram_token else "")
    if not secret:
        raise ValueError("no bot token: set MARKETBOT_TELEGRAM_TOKEN (from @BotFather)")
    server = (api_url or settings_.telegram_api_url).rstrip("/")
    bot: ExtBot[float] = ExtBot(
        secret,
        base_url=f"{server}/bot",
        base_file_url=f"{server}/file/bot",
        request=HTTPXRequest(
            connection_pool_size=CONNECTIONS,
            read_timeout=READ_TIMEOUT_S,
            connect_timeout=CONNECT_TIMEOUT_S,
            pool_timeout=READ_TIMEOUT_S,
            media_write_timeout=UPLOAD_TIMEOUT_S,
        ),
        # Polling keeps its one connection busy; it must not take one from the answers.
        get_updates_request=HTTPXRequest(connection_pool_size=1, read_timeout=READ_TIMEOUT_S),
        rate_limiter=ChatLimiter(),
    )
    access = Access(state, clock)
    if settings_.first_admin is not None:
        access.ensure_first_admin(settings_.first_admin)
    tokens = Tokens(state, clock)

    async def unreachable(chat_id: int) -> None:
        forget = access.note_blocked if chat_id > 0 else access.forbid_group
        await desk.stored(forget, chat_id)
        if ground is not None:
            await desk.stored(Subscriptions(state, clock).pause_chat, chat_id, "unreachable")

    async def migrated(old_id: int, new_id: int) -> None:
        await groups.follow(desk, old_id, new_id)

    desk = Desk(
        settings=settings_,
        assistant=assistant,
        tools=tuple(tools),
        clock=clock,
        access=access,
        audit=AuditLog(state, clock),
        tokens=tokens,
        inbox=Inbox(state, clock),
        answered=Answered(state, clock),
        dialogues=dialogues,
        teaching=teaching,
        reviews=Reviews(state, clock),
        lanes=Lanes(settings_.queue_limit),
        delivery=Delivery(bot, unreachable=unreachable, migrated=migrated),
        bot=bot,
        drafts=DraftSupport(),
        workers=ThreadPoolExecutor(settings_.workers, thread_name_prefix="assistant"),
        storage=ThreadPoolExecutor(1, thread_name_prefix="state"),
        learning=ThreadPoolExecutor(1, thread_name_prefix="learning"),
        library=library,
        waiting_files=WaitingFiles(settings_.home / SENT_FOLDER / WAITING_FOLDER, clock),
        ground=ground,
        upkeep=upkeep,
    )
    intake = Intake()
    intake.open(desk)
    processor = LaneProcessor(
        desk.lanes,
        lane_of,
        refuse=partial(_refuse, desk),
        done=partial(_done, desk),
        postponed=partial(_postponed, desk),
    )
    application: TelegramApplication = (
        ApplicationBuilder().bot(bot).update_queue(intake).concurrent_updates(processor).job_queue(None).build()
    )
    application.bot_data[DESK] = desk
    application.add_handlers(_handlers(desk))
    application.add_error_handler(partial(errors.on_error, desk))
    return application


def desk_of(application: TelegramApplication) -> Desk:
    """The parts of an application that `build_application` made."""
    desk = application.bot_data[DESK]
    if not isinstance(desk, Desk):
        raise TypeError("the application was not made by build_application")
    return desk


def _handlers(desk: Desk) -> list[BaseHandler[Update, Any, None]]:
    """The first that fits takes the update."""
    new = filters.UpdateType.MESSAGE

    def command(
        name: str, body: Callable[[Visit], Awaitable[None]], role: Role = "viewer", *, private: bool = False
    ) -> CommandHandler[Any, None]:
        return CommandHandler(name, in_turn(desk, body, role=role, private=private), new & ~filters.FORWARDED)

    def message(
        kind: filters.BaseFilter, body: Callable[[Visit], Awaitable[None]], role: Role = "viewer"
    ) -> MessageHandler[Any, None]:
        return MessageHandler(new & kind, in_turn(desk, body, role=role))

    pictures = filters.PHOTO | filters.VIDEO | filters.VIDEO_NOTE | filters.ANIMATION | filters.Sticker.ALL
    return [
        CallbackQueryHandler(partial(press.press, desk)),
        MessageReactionHandler(partial(complaints.reacted, desk), message_reaction_types=REACTIONS),
        ChatMemberHandler(partial(groups.membership, desk), ChatMemberHandler.MY_CHAT_MEMBER),
        MessageHandler(new & filters.StatusUpdate.MIGRATE, partial(groups.migration, desk)),
        CommandHandler("start", partial(start.start, desk), new),
        CommandHandler("cancel", partial(cancel.cancel, desk), new),
        command("help", help.show_help),
        command("ask", question.question),
        command("digest", unasked.digest),
        command("monitors", unasked.monitors),
        command("incidents", unasked.incidents),
        command("settings", settings.settings),
        command("whoami", whoami.whoami),
        command("invite", invite.invite, "admin", private=True),
        command("users", users.users, "admin", private=True),
        command("audit", audit.audit, "admin", private=True),
        command("teach", teach.teach, "admin"),
        command("taught", teach.taught, "admin"),
        command("reviews", reviews.reviews, "admin", private=True),
        command("allow", groups.allow, "admin"),
        command("forbid", groups.forbid, "admin"),
        *([command("health", partial(health.health, desk.upkeep), "admin", private=True)] if desk.upkeep else []),
        message(filters.COMMAND & filters.FORWARDED, question.forwarded_command),
        message(filters.COMMAND, question.unknown_command),
        message(filters.TEXT & ~filters.FORWARDED & teach.Teaches(desk), teach.teach, "admin"),
        message(filters.TEXT & complaints.Complains(desk), complaints.complained),
        message(filters.TEXT, complaints.noted_or_asked),
        message(filters.VOICE | filters.AUDIO, media.voice),
        message(pictures, media.picture),
        message(filters.Document.ALL, documents.document),
        message(~filters.StatusUpdate.ALL, media.other),
    ]


async def _refuse(desk: Desk, update: Update, waiting: int) -> None:
    """The lane is full: says so, once until it has emptied."""
    user, message = sender(update), update.effective_message
    if user is None or not isinstance(message, Message):
        return
    member = await desk.stored(desk.access.member, user.id)
    if member is None:
        return
    text = say_n(
        "I am still busy with {count} question here. Please send further ones again when it is answered.",
        "I am still busy with {count} questions here. Please send further ones again when they are answered.",
        waiting,
    )
    voice = desk.voice(member, desk.language(member))
    try:
        await desk.delivery.text(place_of(message, quoting=True), voice.html(text))
    except (Unreachable, Undelivered) as error:
        log.info("busy_not_told", chat_id=message.chat.id, error=str(error))


async def _done(desk: Desk, update: Update) -> None:
    await desk.stored(desk.inbox.answered, update.update_id)


async def _postponed(desk: Desk, update: Update) -> None:
    await desk.stored(desk.inbox.postponed, update.update_id)
