"""The sandbox over HTTP: python-telegram-bot as its client, and raw requests for what a good client never sends."""

from __future__ import annotations

import asyncio
import json
import struct
import threading
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import telegram
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto, Update
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from bot.sandbox.server import (
    BotIdentity,
    RateLimits,
    Sandbox,
    SandboxGroup,
    SandboxHandle,
    SandboxUser,
    running_sandbox,
    standard_users,
)

if TYPE_CHECKING:
    from pathlib import Path

ADA, LIN, MAX, STRANGER = (user.id for user in standard_users())
GROUP = -5001
FORUM = -1001234567890
EVERYBODY = tuple(SandboxUser(user.id, user.first_name, user.username, user.language_code, user.role_hint, started=True)
                  for user in standard_users())  # fmt: skip
GROUPS = (
    SandboxGroup(GROUP, "Marketing team", (ADA, LIN, MAX), admins=(ADA,)),
    SandboxGroup(FORUM, "Store", (ADA, LIN), topics={2: "Sales", 3: "Campaigns"}),
)
Handler = Callable[[Update, ContextTypes.DEFAULT_TYPE], Awaitable[None]]


def png(width: int = 40, height: int = 30) -> bytes:
    """A small valid picture, without a library."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = zlib.compress((b"\0" + b"\x33\x90\xec" * width) * height)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.fixture(autouse=True)
def timedelta_opt_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it, python-telegram-bot warns of a coming change whenever a duration is read."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture(scope="module")
def untouched() -> Iterator[SandboxHandle]:
    """One server for calls that are refused and so change nothing."""
    with running_sandbox(users=EVERYBODY, groups=GROUPS) as running:
        yield running


@pytest.fixture
def handle() -> Iterator[SandboxHandle]:
    with running_sandbox(users=EVERYBODY, groups=GROUPS) as running:
        yield running


@asynccontextmanager
async def connected(handle: SandboxHandle) -> AsyncIterator[Bot]:
    bot = Bot(handle.token, base_url=handle.base_url, base_file_url=handle.base_file_url)
    async with bot:
        yield bot


@asynccontextmanager
async def polling(
    handle: SandboxHandle, *handlers: Any, allowed: list[str] | None = None
) -> AsyncIterator[Application[Any, Any, Any, Any, Any, Any]]:
    builder = ApplicationBuilder().token(handle.token).base_url(handle.base_url).base_file_url(handle.base_file_url)
    application = builder.build()
    application.add_handlers(list(handlers))
    async with application:
        assert application.updater
        await application.start()
        await application.updater.start_polling(allowed_updates=allowed)
        try:
            yield application
        finally:
            await application.updater.stop()
            await application.stop()


def call(handle: SandboxHandle, method: str, **parameters: Any) -> dict[str, Any]:
    """A raw call; files go in as (name, content) pairs."""
    files = {name: value for name, value in parameters.items() if isinstance(value, tuple)}
    form = {name: value for name, value in parameters.items() if not isinstance(value, tuple)}
    response = httpx.post(f"{handle.base_url}{handle.token}/{method}", data=form, files=files or None)
    body: dict[str, Any] = response.json()
    assert body["ok"] == (response.status_code == 200)
    assert body["ok"] or body["error_code"] == response.status_code
    return body


def refusal(handle: SandboxHandle, method: str, **parameters: Any) -> str:
    return str(call(handle, method, **parameters)["description"])


async def echo(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.message
    await update.message.reply_text(f"echo: {update.message.text}")


# A conversation with the real client


@pytest.mark.asyncio
async def test_a_bot_answers_with_a_picture_and_a_press_edits_it(handle: SandboxHandle) -> None:
    async def ask(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message
        assert update.effective_user
        assert update.effective_user.language_code == "zh-hans"
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("计算方法", callback_data="sql:1")]])
        await update.message.reply_photo(
            png(), "<b>销售额</b> 😀 <i>146万</i>", parse_mode="HTML", reply_markup=keyboard
        )

    async def pressed(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.callback_query
        assert update.callback_query.data == "sql:1"
        await update.callback_query.answer("ok", show_alert=True)
        await update.callback_query.edit_message_caption("SELECT 1")

    async with polling(handle, MessageHandler(filters.TEXT, ask), CallbackQueryHandler(pressed)):
        sandbox = handle.sandbox
        sandbox.send_text(LIN, None, "德国上季度的销售额")
        [answer] = await sandbox.until(lambda: sandbox.messages(LIN))
        assert (answer.kind, answer.text, answer.file) == ("photo", "销售额 😀 146万", png())
        assert [(one["type"], one["offset"], one["length"]) for one in answer.entities] == [
            ("bold", 0, 3),
            ("italic", 7, 4),
        ]
        press = sandbox.press(answer, "计算方法")
        assert await sandbox.until(lambda: sandbox.callback_answer(press)) == {"text": "ok", "show_alert": True}
        [edited] = await sandbox.until(lambda: [one for one in sandbox.messages(LIN) if one.edited])
        assert (edited.text, edited.buttons) == ("SELECT 1", ())


@pytest.mark.asyncio
async def test_every_kind_of_user_message_arrives(handle: SandboxHandle) -> None:
    seen: list[Update] = []

    async def note(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        seen.append(update)

    async with polling(handle, MessageHandler(filters.ALL, note)) as application:
        sandbox = handle.sandbox
        first = sandbox.send_text(ADA, None, "/start@marketbot now")
        sandbox.send_photo(ADA, None, png(), caption="look")
        sandbox.send_document(ADA, None, b"a,b\n1,2\n", "../销售.csv")
        sandbox.send_voice(ADA, None, duration=7)
        sandbox.forward(ADA, first)
        sandbox.send_text(ADA, None, "again", reply_to=first)
        sandbox.edit_text(ADA, first, "/stop")
        await sandbox.until(lambda: len(seen) == 7)
        command, photo, document, voice, forwarded, reply, edit = seen
        assert command.message
        assert [entity.type for entity in command.message.entities] == ["bot_command"]
        assert photo.message
        assert photo.message.photo[-1].width == 40
        assert photo.message.caption == "look"
        assert document.message
        assert document.message.document
        assert document.message.document.file_name == "销售.csv"
        file = await application.bot.get_file(document.message.document.file_id)
        assert bytes(await file.download_as_bytearray()) == b"a,b\n1,2\n"
        assert voice.message
        assert voice.message.voice
        assert voice.message.voice.duration == timedelta(seconds=7)
        assert forwarded.message
        assert isinstance(forwarded.message.forward_origin, telegram.MessageOriginUser)
        assert reply.message
        assert reply.message.reply_to_message
        assert reply.message.reply_to_message.message_id == first.id
        assert edit.edited_message
        assert edit.edited_message.text == "/stop"


@pytest.mark.asyncio
async def test_the_client_reads_every_object_without_leftovers(handle: SandboxHandle) -> None:
    """PTB keeps fields that it does not know in `api_kwargs`: there must be none."""

    def leftovers(thing: Any) -> list[Any]:
        if isinstance(thing, telegram.TelegramObject):
            own = [(type(thing).__name__, dict(thing.api_kwargs))] if thing.api_kwargs else []
            return own + [found for name in thing.__slots__ for found in leftovers(getattr(thing, name, None))]
        if isinstance(thing, list | tuple):
            return [found for one in thing for found in leftovers(one)]
        return []

    async with connected(handle) as bot:
        keyboard = InlineKeyboardMarkup(
            [[InlineKeyboardButton("a", callback_data="x"), InlineKeyboardButton("b", url="example.com")]]
        )
        text = await bot.send_message(ADA, "<a href='http://x.y/z'>z</a> <code>c</code>", "HTML", reply_markup=keyboard)
        got: list[Any] = [
            text,
            await bot.get_me(),
            await bot.send_photo(ADA, png(), caption="c", reply_to_message_id=text.message_id),
            await bot.send_document(ADA, b"x", filename="x.csv"),
            await bot.send_media_group(GROUP, [InputMediaPhoto(png(), caption="one"), InputMediaPhoto(png())]),
            await bot.send_message(FORUM, "t", message_thread_id=2),
            await bot.forward_message(LIN, ADA, text.message_id),
            await bot.copy_message(LIN, ADA, text.message_id),
            await bot.edit_message_media(InputMediaPhoto(png(50, 50)), ADA, text.message_id + 1),
            *[await bot.get_chat(chat) for chat in (ADA, GROUP, FORUM)],
            *[await bot.get_chat_member(GROUP, user) for user in (ADA, LIN, STRANGER, bot.id)],
            await bot.get_webhook_info(),
            await bot.get_chat_menu_button(),
            await bot.get_my_description(),
        ]
        handle.sandbox.send_text(LIN, FORUM, "/hello", topic=3)
        handle.sandbox.block(MAX)
        handle.sandbox.press(text.message_id, "a", chat_id=ADA)
        got += await bot.get_updates()
        assert leftovers(got) == []


@pytest.mark.asyncio
async def test_commands_follow_scope_and_language(handle: SandboxHandle) -> None:
    async with connected(handle) as bot:
        await bot.set_my_commands([("help", "What can be asked")])
        await bot.set_my_commands([("help", "可以问什么")], language_code="zh")
        await bot.set_my_commands([("audit", "Who saw what")], scope=telegram.BotCommandScopeChat(ADA))
        assert [one.description for one in await bot.get_my_commands(language_code="zh")] == ["可以问什么"]
        assert [one.command for one in await bot.get_my_commands(scope=telegram.BotCommandScopeChat(ADA))] == ["audit"]
        await bot.delete_my_commands()
        assert await bot.get_my_commands() == ()
        with pytest.raises(BadRequest, match=r"(?i)BOT_COMMAND_INVALID"):
            await bot.set_my_commands([("Bad-Name", "no")])


@pytest.mark.asyncio
async def test_progress_is_shown_before_the_answer(handle: SandboxHandle) -> None:
    events: list[dict[str, Any]] = []
    handle.sandbox.subscribe(events.append)
    async with connected(handle) as bot:
        await bot.send_chat_action(ADA, "typing")
        await bot.send_message_draft(ADA, 1, "")
        await bot.send_message_draft(ADA, 1, "Read<b>ing</b>", parse_mode="HTML")
        assert handle.sandbox.live_drafts()
        message = await bot.send_message(ADA, "done")
        await bot.set_message_reaction(ADA, message.message_id, "👍")
        await bot.delete_message(ADA, message.message_id)
        with pytest.raises(BadRequest, match="non-zero"):
            await bot.send_message_draft(ADA, 0, "x")
    assert [event["type"] for event in events if event["type"] != "call"] == [
        "action", "draft", "draft", "message", "edit", "delete",
    ]  # fmt: skip
    assert not handle.sandbox.live_drafts()
    assert handle.sandbox.messages(ADA) == []
    assert len(handle.sandbox.messages(ADA, with_deleted=True)) == 1


# Groups


@pytest.mark.asyncio
async def test_privacy_mode_and_topics(handle: SandboxHandle) -> None:
    async with polling(handle, MessageHandler(filters.ALL, echo)):
        sandbox = handle.sandbox
        sandbox.send_text(ADA, GROUP, "the bot must not see this")
        sandbox.send_text(ADA, GROUP, "/sales@otherbot")
        sandbox.send_text(ADA, GROUP, "@marketbot sales?")
        [answer] = await sandbox.until(lambda: sandbox.messages(GROUP))
        assert answer.text == "echo: @marketbot sales?"
        sandbox.send_text(LIN, GROUP, "why?", reply_to=answer)
        sandbox.send_text(LIN, GROUP, "/help")
        await sandbox.until(lambda: len(sandbox.messages(GROUP)) == 3)
        sandbox.send_text(ADA, FORUM, "/top", topic=2)
        [in_topic] = await sandbox.until(lambda: sandbox.messages(FORUM))
        assert in_topic.thread_id == 2
        assert in_topic.raw["is_topic_message"]
        with pytest.raises(LookupError):
            sandbox.send_text(STRANGER, GROUP, "let me in")
    assert refusal(handle, "sendMessage", chat_id=FORUM, text="x", message_thread_id=99) == (
        "Bad Request: message thread not found"
    )
    assert call(handle, "leaveChat", chat_id=GROUP)["ok"]
    assert refusal(handle, "sendMessage", chat_id=GROUP, text="x") == (
        "Forbidden: bot is not a member of the group chat"
    )


# What Telegram refuses


def test_tokens_and_methods(handle: SandboxHandle) -> None:
    def status(token: str, method: str = "getMe") -> tuple[int, str]:
        response = httpx.get(f"{handle.base_url}{token}/{method}")
        return response.status_code, response.json()["description"]

    assert status("nonsense") == (404, "Not Found")
    assert status("1234567:" + "A" * 35) == (401, "Unauthorized")
    assert status(handle.token, "sendNothing") == (404, "Not Found: method not found")
    assert httpx.get(f"{handle.base_url}{handle.token}/GETME").json()["ok"]
    assert httpx.get(f"{handle.base_file_url}1234567:{'A' * 35}/photos/file_0.png").status_code == 401
    assert httpx.get(f"{handle.base_file_url}{handle.token}/../journal.jsonl").status_code == 404


@pytest.mark.asyncio
async def test_the_client_knows_a_wrong_token(handle: SandboxHandle) -> None:
    with pytest.raises(InvalidToken):
        async with Bot("1234567:" + "A" * 35, base_url=handle.base_url):
            pass


def keyboard(**button: str) -> str:
    return json.dumps({"inline_keyboard": [[button]]})


NO_ACTION = "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"text": "x", "chat_id": ""}, "chat_id is empty"),
        ({"text": "x", "chat_id": 42}, "chat not found"),
        ({"text": "x", "chat_id": "@nobody"}, "chat not found"),
        ({}, "message text is empty"),
        ({"text": " \n "}, "message text is empty"),
        ({"text": "<b></b>", "parse_mode": "HTML"}, "message text is empty"),
        ({"text": "😀" * 2049}, "message is too long"),
        ({"text": "x", "parse_mode": "Wiki"}, "unsupported parse_mode"),
        ({"text": "x", "entities": '[{"type": "bold", "offset": 0, "length": 2}]'},
         "entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 2"),
        ({"text": "x", "reply_parameters": '{"message_id": 999}'}, "message to be replied not found"),
        ({"text": "x", "reply_markup": keyboard(text="a", callback_data="é" * 33)}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "reply_markup": keyboard(text="", callback_data="a")},
         "inline keyboard button text must be non-empty"),
        ({"text": "x", "reply_markup": keyboard(text="a", callback_data="")}, NO_ACTION),
        ({"text": "x", "reply_markup": keyboard(text="a", url="a b")},
         "inline keyboard button URL 'a b' is invalid: Wrong HTTP URL"),
        ({"text": "x", "reply_markup": "[1"}, "can't parse reply markup JSON object"),
        ({"text": "x", "reply_markup": "[]"}, "object expected as reply markup"),
    ],
)  # fmt: skip
def test_messages_that_telegram_refuses(untouched: SandboxHandle, parameters: dict[str, Any], expected: str) -> None:
    assert refusal(untouched, "sendMessage", **{"chat_id": ADA, **parameters}) == f"Bad Request: {expected}"


@pytest.mark.parametrize(
    ("markup", "mode", "expected"),
    [
        ("é <x>", "HTML", 'Unsupported start tag "x" at byte offset 3'),
        ("1 < 2", "HTML", 'Unsupported start tag "" at byte offset 2'),
        ("<b>x</i>", "HTML", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b>x", "HTML", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "HTML", "Unexpected end tag at byte offset 1"),
        ("x <b", "HTML", "Unclosed start tag at byte offset 2"),
        ("<b>x</b", "HTML", "Unclosed end tag at byte offset 4"),
        ("<span class='x'>y</span>", "HTML", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("1.5", "MarkdownV2", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("*x", "MarkdownV2", "Can't find end of Bold entity at byte offset 0"),
    ],
)
def test_markup_that_telegram_refuses(untouched: SandboxHandle, markup: str, mode: str, expected: str) -> None:
    description = refusal(untouched, "sendMessage", chat_id=ADA, text=markup, parse_mode=mode)
    assert description == f"Bad Request: can't parse entities: {expected}"


def test_limits_count_utf16_units_after_parsing(handle: SandboxHandle) -> None:
    assert call(handle, "sendMessage", chat_id=ADA, text="<b>" + "😀" * 2048 + "</b>", parse_mode="HTML")["ok"]
    caption = call(handle, "sendPhoto", chat_id=ADA, photo=("p.png", png()), caption="&lt;" * 1024, parse_mode="HTML")
    assert caption["result"]["caption"] == "<" * 1024
    assert refusal(handle, "sendPhoto", chat_id=ADA, photo=("p.png", png()), caption="x" * 1025) == (
        "Bad Request: message caption is too long"
    )


def test_pictures_and_files_that_telegram_refuses(handle: SandboxHandle) -> None:
    def photo(content: bytes) -> str:
        return refusal(handle, "sendPhoto", chat_id=ADA, photo=("p.png", content))

    assert photo(b"not a picture") == "Bad Request: IMAGE_PROCESS_FAILED"
    assert photo(png(2001, 100)) == "Bad Request: PHOTO_INVALID_DIMENSIONS"
    assert photo(png(1, 1)[:16] + struct.pack(">II", 9000, 1001) + png(1, 1)[24:]) == (
        "Bad Request: PHOTO_INVALID_DIMENSIONS"
    )
    assert "too big for a photo" in photo(png() + b"\0" * 10 * 1024**2)
    assert refusal(handle, "sendPhoto", chat_id=ADA) == "Bad Request: there is no photo in the request"
    assert refusal(handle, "sendPhoto", chat_id=ADA, photo="nonsense") == (
        "Bad Request: wrong file identifier/HTTP URL specified"
    )
    assert (
        refusal(handle, "sendDocument", chat_id=ADA, document=("d.csv", b"")) == "Bad Request: file must be non-empty"
    )
    assert refusal(handle, "sendDocument", chat_id=ADA, document=("d.bin", b"x" * (50 * 1024**2 + 1))) == (
        "Request Entity Too Large"
    )
    assert refusal(handle, "getFile", file_id="nonsense") == "Bad Request: invalid file_id"


def test_edits_deletes_and_answers_that_telegram_refuses(handle: SandboxHandle) -> None:
    own = call(handle, "sendMessage", chat_id=ADA, text="<b>one</b>", parse_mode="HTML")["result"]["message_id"]
    theirs = handle.sandbox.send_text(ADA, None, "hi").id
    photo = call(handle, "sendPhoto", chat_id=ADA, photo=("p.png", png()))["result"]["message_id"]

    def edit(number: int, text: str, method: str = "editMessageText", **more: Any) -> str:
        return refusal(handle, method, chat_id=ADA, message_id=number, text=text, **more)

    assert edit(own, "*one*", parse_mode="MarkdownV2").startswith("Bad Request: message is not modified: specified new")
    assert edit(999, "x") == "Bad Request: message to edit not found"
    assert edit(theirs, "x") == "Bad Request: message can't be edited"
    assert edit(photo, "x") == "Bad Request: there is no text in the message to edit"
    assert edit(own, "", "editMessageCaption") == "Bad Request: there is no caption in the message to edit"
    assert refusal(handle, "deleteMessage", chat_id=ADA, message_id=999) == "Bad Request: message to delete not found"
    in_group = handle.sandbox.send_text(ADA, GROUP, "hi").id
    assert refusal(handle, "deleteMessage", chat_id=GROUP, message_id=in_group) == (
        "Bad Request: message can't be deleted"
    )
    too_old = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    assert refusal(handle, "answerCallbackQuery", callback_query_id="1") == too_old
    assert call(
        handle,
        "editMessageReplyMarkup",
        chat_id=ADA,
        message_id=own,
        reply_markup=keyboard(text="Go", callback_data="go"),
    )["ok"]
    press = handle.sandbox.press(own, "Go")
    assert refusal(handle, "answerCallbackQuery", callback_query_id=press, text="x" * 201) == (
        "Bad Request: MESSAGE_TOO_LONG"
    )
    handle.sandbox.expire_callbacks()
    assert refusal(handle, "answerCallbackQuery", callback_query_id=press) == too_old


def test_a_bot_may_not_write_first(handle: SandboxHandle) -> None:
    with running_sandbox(users=standard_users()) as fresh:
        cannot = "Forbidden: bot can't initiate conversation with a user"
        assert refusal(fresh, "sendMessage", chat_id=ADA, text="hi") == cannot
        fresh.sandbox.send_text(ADA, None, "/start")
        assert call(fresh, "sendMessage", chat_id=ADA, text="hi")["ok"]


# Floods, faults, blocks


@pytest.mark.asyncio
async def test_faults_on_order(handle: SandboxHandle) -> None:
    sandbox = handle.sandbox
    async with connected(handle) as bot:
        sandbox.flood(ADA, retry_after=3, times=1)
        with pytest.raises(RetryAfter):
            await bot.send_message(ADA, "one")
        assert sandbox.calls("sendMessage")[-1].response == {
            "ok": False, "error_code": 429, "description": "Too Many Requests: retry after 3",
            "parameters": {"retry_after": 3},
        }  # fmt: skip
        await bot.send_message(LIN, "another chat is not held up")
        await bot.send_message(ADA, "one")
        sandbox.fail("sendMessage", 502, times=1, after_processing=True)
        with pytest.raises(NetworkError, match="Bad Gateway"):
            await bot.send_message(ADA, "two")
        assert [one.text for one in sandbox.messages(ADA)] == ["one", "two"]
        sandbox.fail("getMe", 500)
        with pytest.raises(NetworkError):
            await bot.get_me()
        sandbox.block(ADA)
        with pytest.raises(Forbidden, match="bot was blocked by the user"):
            await bot.send_message(ADA, "three")
        [blocked] = await bot.get_updates()
        assert blocked.my_chat_member
        assert blocked.my_chat_member.new_chat_member.status == "kicked"
        sandbox.send_text(ADA, None, "/start")
        await bot.send_message(ADA, "welcome back")
    assert [call_made.status for call_made in sandbox.calls("sendMessage", ADA)] == [429, 200, 502, 403, 200]


def test_rate_limits() -> None:
    now = [1_000_000.0]
    many = [SandboxUser(number, f"U{number}", started=True) for number in range(1, 41)]
    with running_sandbox(
        users=many, groups=[SandboxGroup(-7, "G", (1,))], limits=RateLimits(), clock=lambda: now[0]
    ) as handle:

        def send(chat: int) -> int:
            body = call(handle, "sendMessage", chat_id=chat, text="x")
            return 0 if body["ok"] else int(body["parameters"]["retry_after"])

        assert [send(1) for _ in range(4)] == [0, 0, 0, 1]
        now[0] += 1
        assert [send(1) for _ in range(2)] == [0, 1]
        now[0] += 60
        assert [send(-7) for _ in range(20)] == [0] * 20
        now[0] += 10
        assert send(-7) == 50
        now[0] += 50
        assert send(-7) == 0
        now[0] += 2
        assert [send(chat) for chat in range(1, 32)] == [0] * 30 + [1]


# Updates


@pytest.mark.asyncio
async def test_updates_stay_until_confirmed(handle: SandboxHandle) -> None:
    sandbox = handle.sandbox
    for number in range(5):
        sandbox.send_text(ADA, None, f"m{number}")
    async with connected(handle) as bot:
        first = await bot.get_updates(limit=2)
        assert [update.message.text for update in first if update.message] == ["m0", "m1"]
        assert await bot.get_updates(limit=2) == first
        rest = await bot.get_updates(offset=first[-1].update_id + 1)
        assert [update.message.text for update in rest if update.message] == ["m2", "m3", "m4"]
        [last] = await bot.get_updates(offset=-1)
        assert last.message
        assert last.message.text == "m4"
        assert await bot.get_updates(offset=last.update_id + 1) == ()
        assert await bot.get_updates(allowed_updates=["callback_query"]) == ()
        sandbox.send_text(ADA, None, "not asked for")
        assert sandbox.pending_updates() == 0


@pytest.mark.asyncio
async def test_long_polling_waits_and_wakes(handle: SandboxHandle) -> None:
    async with connected(handle) as bot:
        waiting = asyncio.create_task(bot.get_updates(timeout=20))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        handle.sandbox.send_text(ADA, None, "wake")
        [update] = await asyncio.wait_for(waiting, 2)
        assert update.message
        assert update.message.text == "wake"


@pytest.mark.asyncio
async def test_of_two_pollers_the_first_is_ended(handle: SandboxHandle) -> None:
    async with connected(handle) as one, connected(handle) as other:
        waiting = asyncio.create_task(one.get_updates(timeout=20))
        await asyncio.sleep(0.2)
        newcomer = asyncio.create_task(other.get_updates(timeout=1))
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await asyncio.wait_for(waiting, 2)
        assert await newcomer == ()


def test_webhook_delivers_with_its_secret_and_tries_again(handle: SandboxHandle) -> None:
    got: list[tuple[str | None, bytes]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.headers.get("X-Telegram-Bot-Api-Secret-Token"), body))
            self.send_response(500 if len(got) == 1 else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Silence."""

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}/hook"
        assert refusal(handle, "setWebhook", url="http://example.com/hook").startswith(
            "Bad Request: bad webhook: An HTTPS"
        )
        assert call(handle, "setWebhook", url=url, secret_token="s3cret")["ok"]
        assert refusal(handle, "getUpdates").startswith("Conflict: can't use getUpdates method while webhook is active")
        handle.sandbox.send_text(ADA, None, "hello")
        handle.sandbox.wait_for(lambda: len(got) == 2 and handle.sandbox.pending_updates() == 0)
        assert got[0] == got[1]
        assert got[0][0] == "s3cret"
        assert "Wrong response" in call(handle, "getWebhookInfo")["result"]["last_error_message"]
        assert call(handle, "deleteWebhook")["ok"]
        assert call(handle, "getUpdates")["result"] == []
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.asyncio
async def test_two_hundred_updates_from_fifty_chats_keep_their_order() -> None:
    people = [SandboxUser(number, f"U{number}") for number in range(1, 51)]
    with running_sandbox(users=people, groups=()) as handle:
        async with polling(handle, MessageHandler(filters.TEXT, echo)):
            for turn in range(4):
                for person in people:
                    handle.sandbox.send_text(person.id, None, f"{turn}")
            await handle.sandbox.until(lambda: all(len(handle.sandbox.messages(one.id)) == 4 for one in people), 20)
            for person in people:
                assert [one.text for one in handle.sandbox.messages(person.id)] == [
                    f"echo: {turn}" for turn in range(4)
                ]


# Restart


def test_conversation_files_and_updates_survive_a_restart(tmp_path: Path) -> None:
    identity = BotIdentity.generated()

    def begin() -> Any:
        return running_sandbox(users=standard_users(), groups=GROUPS, bot=identity, home=tmp_path)

    with begin() as handle:
        handle.sandbox.send_text(ADA, None, "hello")
        sent = call(handle, "sendPhoto", chat_id=ADA, photo=("p.png", png()), caption="old")["result"]
        call(handle, "editMessageCaption", chat_id=ADA, message_id=sent["message_id"], caption="new")
        gone = call(handle, "sendMessage", chat_id=ADA, text="gone")["result"]["message_id"]
        call(handle, "deleteMessage", chat_id=ADA, message_id=gone)
        call(handle, "setMyCommands", commands='[{"command": "help", "description": "Help"}]')
        handle.sandbox.set_language(ADA, "zh-hans")
        [update] = call(handle, "getUpdates")["result"]
        last_url = handle.url
    with (tmp_path / "sandbox" / "journal.jsonl").open("a") as journal:
        journal.write('{"record": "mess')
    with begin() as handle:
        assert handle.url
        assert last_url
        assert [one.text for one in handle.sandbox.messages(ADA, from_bot=None)] == ["hello", "new"]
        assert handle.sandbox.messages(ADA)[0].file == png()
        assert call(handle, "getUpdates")["result"] == [update]
        call(handle, "getUpdates", offset=update["update_id"] + 1)
        assert call(handle, "getMyCommands")["result"][0]["command"] == "help"
        assert handle.sandbox.language_of(ADA) == "zh-hans"
        assert call(handle, "sendMessage", chat_id=ADA, text="next")["result"]["message_id"] > gone
    with begin() as handle:
        assert handle.sandbox.pending_updates() == 0
        handle.sandbox.send_text(ADA, None, "later")
        assert call(handle, "getUpdates")["result"][0]["update_id"] == update["update_id"] + 1


@pytest.mark.asyncio
async def test_a_bot_lives_through_a_server_that_goes_and_comes_back() -> None:
    sandbox = Sandbox(standard_users())
    with running_sandbox(sandbox) as handle:
        port = handle.port
        async with polling(handle, MessageHandler(filters.TEXT, echo), CommandHandler("x", echo)):
            sandbox.send_text(ADA, None, "before")
            await sandbox.until(lambda: sandbox.messages(ADA))
    with running_sandbox(sandbox, port=port) as handle:
        async with polling(handle, MessageHandler(filters.TEXT, echo)):
            sandbox.send_text(ADA, None, "after")
            await sandbox.until(lambda: len(sandbox.messages(ADA)) == 2)


# The page's side


def page_token(handle: SandboxHandle) -> str:
    html = httpx.get(handle.url + "/").text
    return html.partition('name="page-token" content="')[2].partition('"')[0]


def test_the_page_serves_only_this_machine_and_its_own_page(handle: SandboxHandle) -> None:
    answer = httpx.get(handle.url + "/")
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert httpx.get(handle.url + "/", headers={"Host": "evil.example"}).status_code == 403
    assert httpx.get(handle.url + "/", headers={"Host": f"localhost:{handle.port}"}).status_code == 200
    assert httpx.get(handle.url + "/page/state").status_code == 403
    own = {"X-Page-Token": page_token(handle), "Origin": handle.url}
    body = {"user_id": ADA, "chat_id": ADA, "text": "hi"}
    assert httpx.post(handle.url + "/page/send", json=body, headers=own).status_code == 200
    for wrong in (
        {**own, "Origin": "http://evil.example"},
        {**own, "X-Page-Token": "x"},
        {"X-Page-Token": own["X-Page-Token"]},
    ):
        assert httpx.post(handle.url + "/page/send", json=body, headers=wrong).status_code == 403
    assert [one.text for one in handle.sandbox.messages(ADA, from_bot=False)] == ["hi"]


def test_the_page_is_told_what_is_wrong(handle: SandboxHandle) -> None:
    own = {"X-Page-Token": page_token(handle), "Origin": handle.url}
    wrong = httpx.post(handle.url + "/page/send", json={"user_id": 9, "chat_id": ADA, "text": "hi"}, headers=own)
    assert (wrong.status_code, "no user 9" in wrong.json()["error"]) == (400, True)
    assert httpx.post(handle.url + "/page/send", content=b"[", headers=own).status_code == 400
    long = httpx.post(
        handle.url + "/page/send", json={"user_id": ADA, "chat_id": ADA, "text": "😀" * 3000}, headers=own
    )
    assert long.status_code == 200
    assert [one.text for one in handle.sandbox.messages(ADA, from_bot=False)] == ["😀" * 2048, "😀" * 952]


def test_hostile_files_are_downloads(handle: SandboxHandle) -> None:
    hostile = handle.sandbox.send_document(ADA, None, b"<script>alert(1)</script>", 'x".html')
    file_id = hostile.raw["document"]["file_id"]
    answer = httpx.get(f"{handle.url}/page/files/{file_id}", params={"token": page_token(handle)})
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''x%22.html"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_waiting_in_vain_tells_the_last_calls(handle: SandboxHandle) -> None:
    call(handle, "sendMessage", chat_id=ADA, text="only this")
    with pytest.raises(TimeoutError, match="only this"):
        handle.sandbox.wait_for(lambda: False, timeout=0.1)


def test_reactions_are_told_to_a_bot_that_asks_for_them_and_outlast_a_restart(tmp_path: Path) -> None:
    groups = (SandboxGroup(GROUP, "Team", (ADA, LIN)), SandboxGroup(-5002, "Led", (ADA, LIN), bot_is_admin=True))
    sandbox = Sandbox(EVERYBODY, groups, BotIdentity.generated(), home=tmp_path)
    private = sandbox.send_text(ADA, None, "hello")
    sandbox.react(ADA, private, "👎")
    assert [set(update) for update in sandbox.updates.waiting] == [{"update_id", "message"}], "nobody asked for them"
    sandbox.updates.allowed = ("message", "message_reaction")
    sandbox.react(ADA, private, "👍")
    sandbox.react(ADA, private, "👍")
    sandbox.react(ADA, private, None)
    changes = [update["message_reaction"] for update in sandbox.updates.waiting if "message_reaction" in update]
    signs = [[[one["emoji"] for one in change[key]] for key in ("old_reaction", "new_reaction")] for change in changes]
    assert signs == [[["👎"], ["👍"]], [["👍"], []]]
    assert (changes[0]["user"]["id"], changes[0]["chat"]["id"]) == (ADA, ADA)
    for group, told in ((GROUP, 0), (-5002, 1)):
        before = len(sandbox.updates.waiting)
        sandbox.react(LIN, sandbox.send_text(ADA, group, "hi"), "🔥")
        new = list(sandbox.updates.waiting)[before:]
        assert sum("message_reaction" in update for update in new) == told
    with pytest.raises(LookupError, match="not in chat"):
        sandbox.react(LIN, private, "👎")
    with pytest.raises(ValueError, match="is no reaction"):
        sandbox.react(ADA, private, "x")
    sandbox.react(ADA, private, "❤")
    sandbox.close()
    again = Sandbox(EVERYBODY, groups, sandbox.bot, home=tmp_path)
    stored = again.stored(ADA, private.id)
    assert stored is not None
    assert stored.user_reactions == {str(ADA): "❤"}
    again.close()
