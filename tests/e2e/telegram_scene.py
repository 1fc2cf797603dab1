"""A bot with a scripted assistant, talking to the sandbox over HTTP."""

from __future__ import annotations

import asyncio
import threading
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import SecretStr

from bot.migrations import upgrade
from bot.pages import Pages
from bot.reply import Progress, Question, Reply
from bot.sandbox.server import SandboxHandle, SentMessage, running_sandbox
from bot.settings import Settings
from bot.telegram.access import Access
from bot.telegram.application import build_application
from bot.telegram.people import People
from bot.telegram.service import run_polling
from jobs.alerts.incidents.policy import Policy
from jobs.outbox.outbox import Outbox
from jobs.recipients import Ground
from tools.answer import Answer, Chart, Column, FollowUp, Provenance, Table, ToolCall
from tools.errors import NotAllowed
from tools.messages import Label, say
from tools.state import connect
from tools.tool import Args, Context, Example, Tool, User

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from sqlalchemy.orm import Session, sessionmaker

    from bot.understanding.memory import Dialogues
    from bot.understanding.taught.teaching import Teaching
    from bot.upkeep import Upkeep
    from knowledge.library import Library

T = TypeVar("T")

ADMIN, ANALYST, VIEWER, STRANGER = 1001, 1002, 1003, 1004
GROUP = -5001
HOSTILE = '<b>&"=1+1'
SECRET = "password hunter2 in /etc/passwd"


class Clock:
    """The bot's clock: real time plus what a test lets pass."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class ScriptedAssistant:
    """Answers what it was asked; a few words make it slow, ask back, refuse or break."""

    def __init__(self) -> None:
        self.asked: list[Question] = []
        self.ran: list[tuple[ToolCall, Question]] = []
        self.gate = threading.Event()

    def ask(self, question: Question, progress: Progress | None = None) -> Reply:
        self.asked.append(question)
        text, language = question.text, question.language or question.user.language
        if "wait" in text:
            if progress is not None:
                progress(say("Counting orders…"))
            self.gate.wait(20)
        if "boom" in text:
            raise ValueError(SECRET)
        if "broken" in text:
            return Reply("failed", language, incident="abc12345")
        if text.startswith("alert watch"):
            return Reply("declined", language, message=say("I do not know “watch” here."))
        if "forbidden" in text:
            raise NotAllowed(say("Only admins see that."))
        if "which" in text:
            return Reply(
                "clarify",
                language,
                message=say("Which one do you mean?"),
                options=(FollowUp(say("Net sales"), question="net sales"),),
            )
        reply = self._answer(ToolCall("echo", {"text": text}), text, language)
        if "both" in text:
            second = self._answer(ToolCall("echo", {"text": "second half"}), "second half", language)
            return replace(reply, calls=reply.calls + second.calls, answers=reply.answers + second.answers)
        return reply

    def run(self, call: ToolCall, question: Question, progress: Progress | None = None) -> Reply:
        self.ran.append((call, question))
        if "personal" in call.args.get("text", "") and not question.user.may("admin"):
            raise NotAllowed(say("Only admins see that."))
        return self._answer(call, str(call.args.get("text", call.tool)), question.language or question.user.language)

    def _answer(self, call: ToolCall, text: str, language: str) -> Reply:
        name = HOSTILE if "hostile" in text else text
        table = Table(
            (Column("product", say("Product")), Column("orders", say("Orders"), unit="count")),
            tuple((f"{name} {number}", number) for number in range(3)),
            3,
        )
        answer = Answer(
            headline=say("You said {text}", text=name),
            table=table,
            chart=Chart("bar", say("Orders by product"), "product", ("orders",)) if "picture" in text else None,
            file_name="answer",
            follow_ups=(FollowUp(say("Once more"), call=ToolCall("echo", {"text": "once more"})),),
            provenance=Provenance(sql=("SELECT 'the SQL'",)),
        )
        return Reply("answered", language, calls=(call,), answers=(answer,))


class EchoArgs(Args):
    text: str


def _never(_context: Context, _args: EchoArgs) -> Answer:
    raise AssertionError("the scripted assistant runs no tools")


def echo_tool() -> Tool[EchoArgs]:
    examples = tuple(
        Example(Label(f"example question {number}", f"示例问题{number}"), {"text": str(number)}) for number in range(4)
    )
    return Tool("echo", Label("Echo & more", "回声"), "Repeats.", EchoArgs, _never, examples)


def _no_context(_user: User) -> Context:
    raise AssertionError("nothing here is computed from a store")


def ground_on(
    state: sessionmaker[Session],
    clock: Callable[[], datetime],
    settings: Settings,
    contexts: Callable[[User], Context] = _no_context,
) -> Ground:
    """What pushes stand on; without a store unless `contexts` have one."""
    return Ground(
        state=state,
        clock=clock,
        outbox=Outbox(state, clock),
        contexts=contexts,
        people=People(Access(state, clock), settings),
        pages=Pages(settings, clock),
        policy=Policy(),
        on_call={},
    )


@cache
def _newest_database() -> bytes:
    """An empty state database in its newest form, which takes a while to make."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "state.sqlite3")
        upgrade(f"sqlite:///{file}")
        return file.read_bytes()


class Scene:
    """Async context: a sandbox, a state database and a bot between them. `stop` and `start` restart the bot."""

    def __init__(self, folder: Path, *, members: Sequence[int] = (), **made_with: Any) -> None:
        self.folder = folder
        self.assistant = ScriptedAssistant()
        self.contexts: Callable[[User], Context] = _no_context
        self.upkeep: Callable[[Ground], Upkeep] | None = None
        self.library: Library | None = None
        self.dialogues: Dialogues | None = None
        self.teaching: Teaching | None = None
        self.clock = Clock()
        self.members = members
        self.settings: dict[str, Any] = {"shutdown_grace_s": 0.2, "workers": 4}
        self._made_with = made_with
        self._stack = ExitStack()
        self._serving: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()

    async def __aenter__(self) -> Scene:
        self.handle: SandboxHandle = self._stack.enter_context(running_sandbox(**self._made_with))
        self.sandbox = self.handle.sandbox
        database = self.folder / "state.sqlite3"
        if not database.exists():
            database.write_bytes(_newest_database())
        self.state = connect(f"sqlite:///{database}")
        self._stack.callback(self.state.kw["bind"].dispose)
        self.access = Access(self.state, self.clock)
        self.access.enrol(ADMIN, "Ada", "admin", "en")
        self.access.enrol(ANALYST, "Lin", "analyst", "zh")
        self.access.enrol(VIEWER, "Max", "viewer", "en")
        for user_id in self.members:
            self.access.enrol(user_id, "", "viewer", "en")
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.assistant.gate.set()
        await self.stop()
        self._stack.close()

    async def start(self) -> None:
        settings = Settings(
            _env_file=None, home=self.folder, telegram_token=SecretStr(self.handle.token), **self.settings
        )
        self._stop = asyncio.Event()
        self.ground = ground_on(self.state, self.clock, settings, self.contexts)
        application = build_application(
            settings,
            self.assistant,
            self.state,
            self.clock,
            tools=(echo_tool(),),
            library=self.library,
            dialogues=self.dialogues,
            teaching=self.teaching,
            ground=self.ground,
            upkeep=self.upkeep(self.ground) if self.upkeep is not None else None,
            api_url=self.handle.url,
        )
        self._serving = asyncio.create_task(run_polling(application, self._stop))
        await self.until(lambda: self.sandbox.calls("getMe") or self.serving_failed())

    def serving_failed(self) -> bool:
        return self._serving is not None and self._serving.done()

    async def stop(self) -> None:
        if self._serving is not None:
            self._stop.set()
            await self._serving
            self._serving = None

    async def until(self, predicate: Callable[[], T], timeout: float = 10) -> T:  # noqa: ASYNC109
        return await self.sandbox.until(predicate, timeout)

    async def say(self, text: str, user_id: int = VIEWER, chat_id: int | None = None, **more: Any) -> SentMessage:
        """Sends a text and gives the bot's next message in that chat and topic."""
        where = chat_id or user_id
        before = len(self.sandbox.messages(where))
        self.sandbox.send_text(user_id, chat_id, text, **more)
        return (await self.until(lambda: self.sandbox.messages(where)[before:]))[0]

    async def pressed(self, message: SentMessage, label: str, user_id: int | None = None) -> dict[str, Any]:
        """Presses a button and gives what the bot answered to the press."""
        query = self.sandbox.press(message, label, user_id=user_id, chat_id=message.chat_id)
        await self.until(lambda: self.sandbox.callback_answer(query) is not None)
        return self.sandbox.callback_answer(query) or {}

    async def silence(self, seconds: float = 0.6) -> None:
        """Lets the bot take up all updates and then some time for what it should not say."""
        await self.until(lambda: self.sandbox.pending_updates() == 0)
        await asyncio.sleep(seconds)

    def texts(self, chat_id: int) -> list[str]:
        return [message.text for message in self.sandbox.messages(chat_id)]

    async def next_after(self, message: SentMessage) -> SentMessage:
        """The bot's first message after this one in its chat."""
        found = await self.until(
            lambda: [each for each in self.sandbox.messages(message.chat_id) if each.id > message.id]
        )
        return found[0]
