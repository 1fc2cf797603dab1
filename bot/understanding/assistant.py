"""The assistant: the agent graph around a model, the tools it may call, and the dialogue it remembers."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import structlog
from langchain.agents import create_agent
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import StructuredTool
from sqlalchemy.exc import SQLAlchemyError

from bot.reply import Progress, Question, Reply
from bot.understanding import values
from bot.understanding.interpret import World
from bot.understanding.lexicon import CJK, base_lexicon
from bot.understanding.outcome import Clarify, Decline, Plan
from bot.understanding.planner import OfflinePlanner
from bot.understanding.turns import (
    Turn,
    as_messages,
    brief,
    elapsed_ms,
    otherwise,
    replied,
    safely,
    section_call,
    silent,
)
from tools.answer import Answer, ToolCall
from tools.customers.segments.saved import SavedSegments
from tools.errors import AssistantError
from tools.messages import say
from tools.playbooks.access import readable_by
from tools.registry import Registry
from tools.runner import Audit, run
from tools.semantic.catalog import Catalog
from tools.tool import Context, Tool, User
from tools.warehouse.connection import Warehouse
from tools.workers import Workers

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from bot.understanding.writing import Writer
    from knowledge.library import Library

log = structlog.get_logger(__name__)
T = TypeVar("T")
REMEMBERED_TURNS = 6
REMEMBERED_CONVERSATIONS = 5000
LONGEST_QUESTION = 1000


class MarketAssistant:
    """Implements `bot.reply.Assistant`. Blocking and thread-safe.

    `as_of` is "today", "latest" (the data's last day) or a day; a question may bring its own day.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        catalog: Catalog,
        registry: Registry,
        *,
        clock: Callable[[], date],
        audit: Audit,
        as_of: Literal["today", "latest"] | date = "today",
        default_language: Literal["en", "zh"] = "en",
        deadline_s: float = 30.0,
        state: Callable[[], Session] | None = None,
        workers: Workers | None = None,
        library: Library | None = None,
        writer: Writer | None = None,
    ) -> None:
        self.warehouse = warehouse
        self.catalog = catalog
        self.registry = registry
        self._clock = clock
        self._audit = audit
        self._as_of = as_of
        self._default_language = default_language
        self._deadline_s = deadline_s
        self._state = state
        self._workers = workers
        self._library = library
        self._writer = writer
        self._lock = threading.Lock()
        self._index: tuple[str, values.ValueIndex] | None = None
        self._history: OrderedDict[str, list[BaseMessage]] = OrderedDict()
        # The graph may run its steps in other threads; a context variable follows them there.
        self._turn: ContextVar[Turn] = ContextVar("turn")
        self._graph: Any = create_agent(
            OfflinePlanner(world=self._world), [self._as_langchain(tool) for tool in registry.tools]
        )

    # --- Asking -------------------------------------------------------------------------------------------

    def ask(self, question: Question, progress: Progress | None = None) -> Reply:
        """Understands a question and answers it; never raises."""
        started = time.perf_counter()
        language = self.language_of(question)
        if len(question.text) > LONGEST_QUESTION:
            message = say(
                "That is longer than {limit} characters. Ask in one or two sentences.", limit=LONGEST_QUESTION
            )
            return Reply("declined", language, message=message, elapsed_ms=elapsed_ms(started))
        return safely(
            lambda: self._answer(question, language, progress or silent, started), language, started, "question"
        )

    def run(self, call: ToolCall, question: Question, progress: Progress | None = None) -> Reply:
        """Answers a call that a button carries; the call becomes part of the dialogue."""
        started = time.perf_counter()
        language = self.language_of(question)

        def work() -> Reply:
            turn = self._turn_of(question, language, progress or silent)
            self._execute(turn, call)
            self._remember(question.conversation, [HumanMessage(question.text), *as_messages(turn)])
            return self._worded(replied(turn, language, (), started), turn, started)

        return safely(work, language, started, call.tool, (call,))

    def language_of(self, question: Question) -> str:
        """Chinese where there are Chinese characters, English where there are letters, else the user's own."""
        if question.language:
            return question.language
        if CJK.search(question.text):
            return "zh"
        if any(c.isascii() and c.isalpha() for c in question.text):
            return "en"
        return question.user.language or self._default_language

    def today(self) -> date:
        """The as-of date: what counts as today where a question brings no day of its own."""
        if self._as_of == "today":
            return self._clock()
        if self._as_of == "latest":
            last = self._span()[1]
            return last if last is not None else self._clock()
        return self._as_of

    def context(self, user: User, today: date | None = None) -> Context:
        """What a tool that runs for this user may know; `today` None: the as-of date."""
        return Context(
            warehouse=self.warehouse,
            catalog=self.catalog,
            today=today or self.today(),
            user=user,
            state=self._state,
            workers=self._workers,
            knowledge=self._library,
        )

    def warm_up(self) -> None:
        """Answers a question of its own, so that the first real one finds everything loaded."""
        self.ask(Question("net sales yesterday", User("warm-up", "viewer"), "warm-up"))
        if self._workers is not None:
            self._workers.warm_up()
        if self._writer is not None:
            self._writer.warm_up()

    # --- Inside -------------------------------------------------------------------------------------------

    def _turn_of(self, question: Question, language: str, progress: Progress) -> Turn:
        """Tools see the asker in the language of the answer: what they save is told in it later."""
        user = replace(question.user, language=language)
        return Turn(user, question.today or self.today(), progress, question.chat)

    def _answer(self, question: Question, language: str, progress: Progress, started: float) -> Reply:
        turn = self._turn_of(question, language, progress)
        self._turn.set(turn)
        history = self._recall(question.conversation)
        config: RunnableConfig = {"configurable": {"turn": turn}, "recursion_limit": 12}
        result = self._graph.invoke({"messages": [*history, HumanMessage(question.text)]}, config)
        new = result["messages"][len(history) :]
        outcome = next(
            (m.additional_kwargs["outcome"] for m in new if "outcome" in getattr(m, "additional_kwargs", {})), None
        )
        if isinstance(outcome, Clarify):
            self._remember(question.conversation, new)
            return Reply(
                "clarify", language, message=outcome.message, options=outcome.options, elapsed_ms=elapsed_ms(started)
            )
        if isinstance(outcome, Decline):
            return Reply(
                "declined", language, message=outcome.message, options=outcome.options, elapsed_ms=elapsed_ms(started)
            )
        if isinstance(outcome, Plan) and (reply := otherwise(outcome, turn, language, started)) is not None:
            asked_back = [HumanMessage(question.text), AIMessage("", additional_kwargs={"outcome": outcome.otherwise})]
            self._remember(question.conversation, asked_back if reply.status == "clarify" else new)
            return reply
        notes = outcome.notes if isinstance(outcome, Plan) else ()
        if isinstance(outcome, Plan) and len(outcome.calls) > 1:  # they ran side by side
            planned = [call.tool for call in outcome.calls]
            turn.answers.sort(key=lambda pair: planned.index(pair[0].tool))
        self._remember(question.conversation, new)
        return self._worded(replied(turn, language, notes, started), turn, started)

    def _worded(self, reply: Reply, turn: Turn, started: float) -> Reply:
        """With prose for the first answer that quotes, where a model writes it; without, the quote stands alone."""
        cited = ((call, answer) for call, answer in turn.answers if isinstance(answer, Answer) and answer.citations)
        call, answer = next(cited, (None, None))
        if self._writer is None or call is None or answer is None or "question" not in call.args:
            return reply
        began = time.perf_counter()
        prose = self._writer.write(
            str(call.args["question"]),
            reply.language,
            answer.citations,
            facts=[fact for each in reply.answers for fact in each.facts],
            seconds=self._deadline_s - (began - started),
        )
        write_ms = (time.perf_counter() - began) * 1000
        elapsed = {**reply.elapsed_ms, "write": write_ms, "total": reply.elapsed_ms["total"] + write_ms}
        return replace(reply, prose=prose, elapsed_ms={name: round(ms, 1) for name, ms in elapsed.items()})

    def _execute(self, turn: Turn, call: ToolCall) -> Answer:
        started = time.perf_counter()
        context = replace(self.context(turn.user, turn.today), chat=turn.chat, progress=turn.progress)
        try:
            answer = run(self.registry, context, call, self._audit, deadline_s=self._deadline_s)
        except AssistantError as error:
            turn.answers.append((call, error))
            raise
        finally:
            turn.run_ms += (time.perf_counter() - started) * 1000
        turn.answers.append((call, answer))
        return answer

    def _as_langchain(self, tool: Tool[Any]) -> StructuredTool:
        """The tool as the graph calls it: the model sees the facts, the turn keeps the whole answer."""

        def call(config: RunnableConfig, **args: Any) -> tuple[str, ToolCall | None]:
            turn: Turn = config["configurable"]["turn"]
            plain = tool.args.model_validate(args).plain()
            try:
                answer = self._execute(turn, ToolCall(tool.name, plain))
            except AssistantError as error:
                return f"error: {error}", None
            return brief(answer), section_call(answer)

        return StructuredTool.from_function(
            func=call,
            name=tool.name,
            description=tool.description,
            args_schema=tool.args,
            response_format="content_and_artifact",
        )

    def _world(self) -> World:
        turn = self._turn.get()
        index = self._values()
        first, _last = self._span()
        return World(
            catalog=self.catalog,
            index=index,
            tables=self.warehouse.tables(),
            currency=self.warehouse.settings().currency,
            today=turn.today,
            first_day=first,
            tools=frozenset(tool.name for tool in self.registry.tools),
            saved=self._saved(),
            has_playbooks=self._has_playbooks(turn.user),
            likely=lambda text: self._likely(text, turn.user),
        )

    def _has_playbooks(self, user: User) -> bool:
        """Whether there are documents to ask. Broken ones are there: asked, the tool says that they cannot be read."""
        if self._library is None:
            return False
        return self._of_library(lambda library: bool(library.documents(readable_by(user.role))), default=True)

    def _likely(self, text: str, user: User) -> float:
        """How probable it is that a page which the user may read answers."""
        return self._of_library(lambda library: library.likely(text, readable=readable_by(user.role)), default=0.0)

    def _of_library(self, ask: Callable[[Library], T], default: T) -> T:
        """What the library says; a broken one is logged, and figures are answered all the same."""
        if self._library is None:
            return default
        try:
            return ask(self._library)
        except Exception:  # whatever broke, no figure needs documents
            log.exception("library not read")
            return default

    def _saved(self) -> tuple[str, ...]:
        """Names of the saved segments; none where nothing can be saved."""
        if self._state is None:
            return ()
        try:
            return tuple(segment.name for segment in SavedSegments(self._state).all())
        except SQLAlchemyError as error:
            # Figures need no state: a question that names no segment is answered all the same.
            log.warning("saved_segments_not_read", error=type(error).__name__)
            return ()

    def _values(self) -> values.ValueIndex:
        version = self.warehouse.settings().version
        with self._lock:
            if self._index is None or self._index[0] != version:
                self._index = (
                    version,
                    values.build(base_lexicon(self.catalog, self.registry.tools), self.catalog, self.warehouse),
                )
            return self._index[1]

    def _span(self) -> tuple[date | None, date | None]:
        raw = self.warehouse.raw_settings()
        first, last = raw.get("first_day"), raw.get("last_day")
        return (date.fromisoformat(first) if first else None, date.fromisoformat(last) if last else None)

    def _recall(self, conversation: str) -> list[BaseMessage]:
        with self._lock:
            return list(self._history.get(conversation, ()))

    def _remember(self, conversation: str, messages: list[BaseMessage]) -> None:
        """Keeps the last turns of the last conversations."""
        with self._lock:
            history = self._history.setdefault(conversation, [])
            history += messages
            starts = [i for i, message in enumerate(history) if isinstance(message, HumanMessage)]
            if len(starts) > REMEMBERED_TURNS:
                del history[: starts[-REMEMBERED_TURNS]]
            self._history.move_to_end(conversation)
            while len(self._history) > REMEMBERED_CONVERSATIONS:
                self._history.popitem(last=False)
