"""The chat page in headless Chromium, with a real bot behind it."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import ApplicationBuilder, CallbackQueryHandler, ContextTypes, MessageHandler, filters

from bot.sandbox.server import SandboxHandle, running_sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

playwright = pytest.importorskip("playwright.async_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]

ADA, LIN = 1001, 1002
GROUP = -5001
HOSTILE = '<img src=x onerror=alert(1)><b>&amp;"=1+1'
EXAMPLES = {"en": ["Top 5 products by revenue last month"], "zh": ["德国上季度的销售额"]}


@asynccontextmanager
async def answering_bot(handle: SandboxHandle) -> AsyncIterator[None]:
    """Repeats what it is told, in a table under a button."""

    async def answer(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("How computed", callback_data="sql")]])
        wide = "Product" + " " * 200 + "Revenue"
        await update.message.reply_text("You said: " + (update.message.text or "?"), reply_markup=keyboard)
        await update.message.reply_text(f"<pre>{wide}</pre><tg-spoiler>hidden</tg-spoiler>", parse_mode="HTML")

    async def pressed(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.callback_query
        await update.callback_query.answer("Three lines were read.", show_alert=True)
        await update.callback_query.edit_message_text("SELECT 1")

    builder = ApplicationBuilder().token(handle.token).base_url(handle.base_url).base_file_url(handle.base_file_url)
    application = builder.build()
    application.add_handlers([MessageHandler(filters.ALL, answer), CallbackQueryHandler(pressed)])
    async with application:
        assert application.updater
        await application.start()
        await application.updater.start_polling()
        try:
            yield
        finally:
            await application.updater.stop()
            await application.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    """Started once, which takes seconds; what one page keeps, another does not see."""
    async with playwright.async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


@asynccontextmanager
async def opened(browser: Any, address: str, **options: Any) -> AsyncIterator[Any]:
    """A page of its own; its console must stay silent."""
    async with await browser.new_context(**options) as context:
        page = await context.new_page()
        page.set_default_timeout(8000)
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith(("http://127.0.0.1", "data:", "blob:"))
                else complaints.append(request.url)
            ),
        )
        await page.goto(address)
        yield page
    assert complaints == []


async def reopened(page: Any, address: str, answer: Callable[[Any], Awaitable[None]]) -> None:
    """Loads the page anew; what it asks for at the address from then on, `answer` answers."""
    await page.get_by_text("Ask marketbot a question").wait_for()
    await page.route(address, answer)
    await page.reload()


async def reopened_slowly(page: Any, address: str) -> asyncio.Event:
    """As on a slow machine: what the page asks for at the address comes once the event is set."""
    gate = asyncio.Event()

    async def wait(route: Any) -> None:
        await gate.wait()
        await route.continue_()

    await reopened(page, address, wait)
    return gate


async def test_a_question_is_typed_answered_and_its_button_pressed(tmp_path: Path, browser: Any) -> None:
    with running_sandbox(examples=EXAMPLES) as handle:
        async with answering_bot(handle), opened(browser, f"{handle.url}/#{ADA}", color_scheme="dark") as page:
            await page.get_by_text("Ask marketbot a question").wait_for()
            await page.get_by_label("Message", exact=True).fill(HOSTILE)
            await page.keyboard.press("Enter")
            bubble = page.locator(".theirs .bubble", has_text="You said:")
            await bubble.wait_for()
            assert HOSTILE in await bubble.inner_text()
            assert await page.locator(".bubble img").count() == 0
            table = page.locator("pre")
            assert await table.evaluate("one => one.scrollWidth > one.clientWidth")
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert not await page.locator(".spoiler.shown").count()
            await page.locator(".spoiler").click()
            assert await page.locator(".spoiler.shown").count() == 1
            await page.get_by_role("button", name="How computed").click()
            await page.get_by_text("Three lines were read.").wait_for()
            await page.keyboard.press("Escape")
            await page.locator(".words", has_text="SELECT 1").wait_for()
            assert await page.get_by_role("button", name="How computed").count() == 0
            picture = tmp_path / "page.png"
            await page.screenshot(path=picture)
            assert picture.stat().st_size > 10_000
        assert [one.text for one in handle.sandbox.messages(ADA, from_bot=False)] == [HOSTILE]


async def test_the_page_speaks_the_users_language_and_offers_questions_and_commands(browser: Any) -> None:
    with running_sandbox(examples=EXAMPLES) as handle:
        commands = [{"command": "help", "description": "可以问什么"}, {"command": "start", "description": "开始"}]
        handle.sandbox.remember("commands", {"default|zh": commands})
        async with answering_bot(handle), opened(browser, f"{handle.url}/#{ADA}") as page:
            await page.get_by_role("button", name="中文").click()
            await page.get_by_role("button", name="德国上季度的销售额").click()
            await page.locator(".words", has_text="You said: 德国上季度的销售额").wait_for()
            assert handle.sandbox.language_of(ADA) == "zh-hans"
            box = page.get_by_label("输入消息", exact=True)
            await box.fill("/")
            await page.get_by_role("option", name="/help 可以问什么").wait_for()
            assert await page.locator("#suggest [role=option]").all_inner_texts() == [
                "/help\n可以问什么",
                "/start\n开始",
            ]
            await box.press("ArrowDown")
            await box.press("Enter")
            await page.locator(".words", has_text="You said: /start").wait_for()
            await page.get_by_role("button", name="EN", exact=True).click()
            await page.get_by_text("Private chats").wait_for()


async def test_what_is_clicked_and_written_before_the_page_has_loaded_is_not_lost(browser: Any) -> None:
    with running_sandbox(examples=EXAMPLES) as handle:
        async with answering_bot(handle), opened(browser, f"{handle.url}/#{ADA}") as page:
            loading = await reopened_slowly(page, "**/page/state")
            for control in ("#text", "#menu", "#attach", "#voice", "#speaker", "[data-language=en]"):
                assert await page.locator(control).is_disabled(), control
            assert await page.locator("#theme-switch").is_enabled()
            await page.keyboard.type("into nowhere")
            clicking = asyncio.create_task(page.get_by_role("button", name="中文").click())
            writing = asyncio.create_task(page.locator("#text").fill("hello"))
            assert await asyncio.wait([clicking, writing], timeout=0.3) == (set(), {clicking, writing})
            loading.set()
            await asyncio.gather(clicking, writing)
            await page.get_by_role("button", name="德国上季度的销售额").wait_for()
            await page.locator("#text").press("Enter")
            await page.locator(".words", has_text="You said: hello").wait_for()
            assert handle.sandbox.language_of(ADA) == "zh-hans"
        assert [one.text for one in handle.sandbox.messages(ADA, from_bot=False)] == ["hello"]


async def test_commands_that_come_late_are_offered_all_the_same(browser: Any) -> None:
    with running_sandbox() as handle:
        handle.sandbox.remember("commands", {"default|": [{"command": "help", "description": "What to ask"}]})
        async with opened(browser, f"{handle.url}/#{ADA}") as page:
            loading = await reopened_slowly(page, "**/page/commands*")
            await page.locator("#text").fill("/he")
            assert await page.locator("#suggest [role=option]").count() == 0
            loading.set()
            await page.get_by_role("option", name="/help What to ask").wait_for()


async def test_a_page_whose_state_did_not_come_asks_again(browser: Any) -> None:
    asked = 0

    async def in_vain_at_first(route: Any) -> None:
        nonlocal asked
        asked += 1
        await (route.fulfill(body="") if asked == 1 else route.continue_())

    with running_sandbox() as handle:
        async with opened(browser, f"{handle.url}/#{ADA}") as page:
            await reopened(page, "**/page/state", in_vain_at_first)
            await page.get_by_text("Ask marketbot a question").wait_for()
    assert asked == 2


async def test_files_voice_replies_and_the_group_on_a_phone(tmp_path: Path, browser: Any) -> None:
    picture = tmp_path / "sales.csv"
    picture.write_text("a,b\n1,2\n")
    with running_sandbox() as handle:
        sandbox = handle.sandbox
        async with answering_bot(handle), opened(browser, handle.url, viewport={"width": 390, "height": 800}) as page:
            await page.locator(f'[data-chat="{LIN}"]').click()
            await page.locator("#files").set_input_files(picture)
            await page.locator(".own .document", has_text="sales.csv").wait_for()
            await page.locator("#voice").click()
            await page.locator(".own .voice").wait_for()
            await page.locator(".own .voice").click()
            await page.locator("#text").fill("about this")
            await page.locator("#send").click()
            await page.locator(".own .quote").wait_for()
            document, voice, reply = sandbox.messages(LIN, from_bot=False)
            assert (document.kind, document.file, voice.kind, reply.reply_to) == (
                "document",
                b"a,b\n1,2\n",
                "voice",
                voice.id,
            )
            await page.locator("#back").click()
            await page.locator(f'[data-chat="{GROUP}"]').click()
            await page.locator("#speaker").select_option("1004")
            await page.get_by_text("Stranger is not a member of this group.").wait_for()
            await page.locator("#speaker").select_option("1003")
            await page.locator("#text").fill("@marketbot hello")
            await page.keyboard.press("Enter")
            await page.locator(".theirs .author", has_text="marketbot").first.wait_for()


async def test_drafts_stream_until_the_message_comes(browser: Any) -> None:
    with running_sandbox() as handle:
        sandbox = handle.sandbox
        sandbox.send_text(ADA, None, "hello")
        async with opened(browser, f"{handle.url}/#{ADA}") as page:
            await page.locator(".words", has_text="hello").wait_for()

            async def draft(text: str) -> None:
                sandbox.keep_draft(
                    ADA,
                    None,
                    {"type": "draft", "chat_id": ADA, "thread_id": None, "draft_id": 1, "text": text, "entities": []},
                )

            await draft("")
            await page.get_by_text("Thinking…").wait_for()
            await draft("Reading sales")
            await page.locator(".draft", has_text="Reading sales").wait_for()
            sandbox.new_message(ADA, sandbox.bot.id, {"text": "Net sales: £146.2K"})
            await page.locator(".theirs .bubble", has_text="£146.2K").wait_for()
            assert await page.locator(".draft").count() == 0


async def test_a_reaction_is_given_shown_and_taken_back(browser: Any) -> None:
    with running_sandbox() as handle:
        async with answering_bot(handle), opened(browser, f"{handle.url}/#{ADA}") as page:
            await page.get_by_label("Message", exact=True).fill("hello")
            await page.keyboard.press("Enter")
            bubble = page.locator(".theirs .bubble-line", has_text="You said: hello")
            await bubble.hover()
            await bubble.get_by_role("button", name="React with 👎").click()
            chip = bubble.locator(".reactions button")
            await chip.wait_for()
            assert await chip.inner_text() == "👎"
            assert await chip.get_attribute("aria-pressed") == "true"
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            own = page.locator(".own .bubble-line")
            await own.hover()
            assert await own.locator(".react-button").count() == 0, "only what the bot said can be judged here"
            await chip.click()
            await chip.wait_for(state="detached")
