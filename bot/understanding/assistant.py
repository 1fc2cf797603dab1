"""The assistant: the agent graph around a model, the tools it may call, and the dialogue it remembers."""

from __future__ import annotations

import time
from contextvars import ContextVar
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import structlog
from langchain.agents import create_agent
from langchain_core.messages import BaseMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import StructuredTool

from bot.reply import Progress, Question, Reply
from bot.understanding.interpret import World
from bot.understanding.lexicon import CJK
from bot.understanding.memory import LAST_NODE, LastTurns, Memory, ShortMemory, too_old
from bot.understanding.outcome import Clarify, Decline, Outcome, Plan
from bot.understanding.planner import OfflinePlanner, asked_back
from bot.understanding.turns import (
    FACTS_ONLY,
    Turn,
    as_messages,
    as_said,
    brief,
    elapsed_ms,
    otherwise,
    replied,
    safely,
    silent,
    taken_up,
)
from bot.understanding.worlds import Worlds
from tools.answer import Answer, ToolCall
from tools.errors import AssistantError
from tools.messages import say
from tools.playbooks.access import readable_by
from tools.registry import Registry
from tools.runner import Audit, run
from tools.tool import Tool, User

if TYPE_CHECKING:
    from langchain.agents.middleware import AgentMiddleware

    from bot.contexts import Contexts
    from bot.understanding.hosted.routing import Hosted
    from bot.understanding.writing import Writer

log = structlog.get_logger(__name__)
T = TypeVar("T")
LONGEST_QUESTION = 1000
LONGEST_TURN = 12
"""Steps of the graph: of a model that calls tools again and again."""


class MarketAssistant:
    """Implements `bot.reply.Assistant`. Blocking and thread-safe. A question may bring a day of its own."""

    def __init__(
        self,
        contexts: Contexts,
        registry: Registry,
        *,
        audit: Audit,
        default_language: Literal["en", "zh"] = "en",
        deadline_s: float = 30.0,
        writer: Writer | None = None,
        hosted: Hosted | None = None,
        memory: Memory | None = None,
        worlds: Worlds | None = None,
    ) -> None:
        self.contexts = contexts
        self.registry = registry
        self._audit = audit
        self._default_language = default_language
        self._deadline_s = deadline_s
        self._writer = writer
        self._shows = hosted.shows if hosted is not None else FACTS_ONLY
        self._worlds = worlds or Worlds(contexts, registry)
        # The graph may run its steps in other threads; a context variable follows them there.
        self._turn: ContextVar[Turn] = ContextVar("turn")
        self._graph: Any = create_agent(
            OfflinePlanner(world=self._world, told=self._understood),
            [self._as_langchain(tool) for tool in registry.tools],
            middleware=[LastTurns(), *self._steps(hosted)],
            checkpointer=memory or ShortMemory(),
        )

    # --- Asking -------------------------------------------------------------------------------------------

    def ask(self, question: Question, progress: Progress | None = None) -> Reply:
        """Understands a question and answers it; never raises."""
        started = time.perf_counter()
        question = replace(question, text=question.text.encode(errors="ignore").decode())  # no halves of characters
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
            self._remember(question, as_messages(turn))
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

    def warm_up(self) -> None:
        """Answers questions of its own in both languages, so that the first real ones find everything loaded."""
        for text in ("net sales yesterday", "昨天的净销售额"):
            self.ask(Question(text, User("warm-up", "viewer"), "warm-up"))
        if self.contexts.workers is not None:
            self.contexts.workers.warm_up()
        if self._writer is not None:
            self._writer.warm_up()
        if self.contexts.library is not None:  # last: what finds pages by meaning takes the longest
            self.contexts.library.find("how to win customers back", readable=readable_by("viewer"))

    # --- Inside -------------------------------------------------------------------------------------------

    def _steps(self, hosted: Hosted | None) -> list[AgentMiddleware[Any, Any]]:
        """What asks a language model, where one may plan."""
        if hosted is None:
            return []
        from bot.understanding.hosted.routing import HostedSteps

        return [HostedSteps(hosted, self.registry, self._turn.get, self._world, deadline_s=self._deadline_s)]

    def _turn_of(self, question: Question, language: str, progress: Progress) -> Turn:
        """Tools see the asker in the language of the answer: what they save is told in it later."""
        user = replace(question.user, language=language)
        today = question.today or self.contexts.today()
        return Turn(user, today, progress, question.chat, forwarded=question.forwarded)

    def _answer(self, question: Question, language: str, progress: Progress, started: float) -> Reply:
        turn = self._turn_of(question, language, progress)
        self._turn.set(turn)
        config: RunnableConfig = {
            "configurable": {"thread_id": question.conversation, "turn": turn},
            "recursion_limit": LONGEST_TURN,
        }
        said = [*as_said(question.about), HumanMessage(question.text)]
        self._graph.invoke({"messages": said}, config, durability="exit")
        outcome = turn.outcome
        if isinstance(outcome, Clarify):
            return Reply(
                "clarify",
                language,
                message=outcome.message,
                options=outcome.options,
                elapsed_ms=elapsed_ms(started),
                pending=outcome.pending,
            )
        if isinstance(outcome, Decline):
            return Reply(
                "declined", language, message=outcome.message, options=outcome.options, elapsed_ms=elapsed_ms(started)
            )
        if isinstance(outcome, Plan) and (reply := otherwise(outcome, turn, language, started)) is not None:
            if reply.status == "clarify" and isinstance(outcome.otherwise, Clarify):
                self._remember(question, [asked_back(outcome.otherwise)])
                return replace(reply, pending=outcome.otherwise.pending)
            return reply
        notes = (*(outcome.notes if isinstance(outcome, Plan) else ()), *turn.notes)
        if isinstance(outcome, Plan) and len(outcome.calls) > 1:  # they ran side by side
            planned = [self._validated(call) for call in outcome.calls]
            turn.answers.sort(key=lambda pair: planned.index(pair[0]))
        reply = self._worded(replied(turn, language, notes, started), turn, started)
        return replace(reply, form=outcome.form) if isinstance(outcome, Plan) else reply

    def _worded(self, reply: Reply, turn: Turn, started: float) -> Reply:
        """With prose for the first answer that quotes, where a model writes it; without, the quote stands alone."""
        cited = ((call, answer) for call, answer in turn.answers if isinstance(answer, Answer) and answer.citations)
        call, answer = next(cited, (None, None))
        if call is None and turn.by_model is not None:
            return replace(reply, prose=turn.by_model.prose)
        if self._writer is None or call is None or answer is None or "question" not in call.args:
            return reply
        began = time.perf_counter()
        prose = self._writer.write(
            str(call.args["question"]),
            reply.language,
            answer.citations,
            user_id=turn.user.id,
            facts=[fact for each in reply.answers for fact in each.facts],
            seconds=self._deadline_s - (began - started),
        )
        write_ms = (time.perf_counter() - began) * 1000
        elapsed = {**reply.elapsed_ms, "write": write_ms, "total": reply.elapsed_ms["total"] + write_ms}
        return replace(reply, prose=prose, elapsed_ms={name: round(ms, 1) for name, ms in elapsed.items()})

    def _execute(self, turn: Turn, call: ToolCall) -> Answer:
        started = time.perf_counter()
        context = replace(
            self.contexts.of(turn.user, turn.today),
            chat=turn.chat,
            progress=turn.progress,
            forwarded=turn.forwarded,
        )
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

        def call(config: RunnableConfig, **args: Any) -> tuple[str, dict[str, Any] | None]:
            turn: Turn = config["configurable"]["turn"]
            try:
                answer = self._execute(turn, self._validated(ToolCall(tool.name, args)))
            except AssistantError as error:
                return f"error: {error}", None
            return brief(answer, self._shows), taken_up(answer)

        return StructuredTool.from_function(
            func=call,
            name=tool.name,
            description=tool.description,
            args_schema=tool.args,
            response_format="content_and_artifact",
        )

    def _validated(self, call: ToolCall) -> ToolCall:
        """The call as its tool reads it, with what it leaves out at its defaults."""
        return ToolCall(call.tool, self.registry.get_tool(call.tool).args.model_validate(call.args).plain())

    def _understood(self, outcome: Outcome) -> None:
        self._turn.get().outcome = outcome

    def _world(self) -> World:
        turn = self._turn.get()
        return self._worlds.of(turn.user, turn.today)

    def _remember(self, question: Question, messages: list[BaseMessage]) -> None:
        """What was done without the graph becomes part of the dialogue."""
        config = {"configurable": {"thread_id": question.conversation}}
        before = self._graph.get_state(config).values.get("messages", [])
        said = [HumanMessage(question.text), *messages]
        self._graph.update_state(config, {"messages": [*too_old([*before, *said]), *said]}, as_node=LAST_NODE)
