"""Who takes a step of the graph: the offline planner, or a language model whose every call is checked first.

The planner always reads first. What it refuses as tampering or as personal data, what it reads as an order, and, unless
the settings say otherwise, whatever it finds a plan for, never reaches the model. Where the model fails, the planner's
own reading stands.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import structlog
from langchain.agents.middleware import AgentMiddleware
from langchain.agents.middleware.types import ModelRequest, ModelResponse
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.messages import ToolCall as ToolCallRequested

from bot.understanding.hosted.model import Reason, Unavailable
from bot.understanding.hosted.plain import Unfit
from bot.understanding.hosted.privacy import Mask, outgoing
from bot.understanding.hosted.prompt import CONFIRMED, schemas, system_prompt
from bot.understanding.hosted.prose import asked_back, drafts, written
from bot.understanding.outcome import Clarify, Outcome, Plan
from bot.understanding.turns import FACTS_ONLY, Shows
from tools.answer import Answer, ToolCall
from tools.errors import InvalidArgument
from tools.messages import Message, say
from tools.runner import checked

if TYPE_CHECKING:
    from bot.understanding.hosted.model import HostedModel
    from bot.understanding.reading.draft import World
    from bot.understanding.turns import Turn
    from tools.registry import Registry

log = structlog.get_logger(__name__)

Plans = Literal["always", "unsure"]
MOST_ROUNDS = 3
"""Of calls, for one question."""
MOST_CALLS = 6
QUIET_S = 1800.0
REMEMBERED_USERS = 1000
READ_BY_MODEL = say("A language model read this question: check that the answer is to what you meant.")
SAID: Mapping[Reason, Message] = {
    "failed": say("The language model cannot be reached just now, so I answer without it."),
    "resting": say("The language model cannot be reached just now, so I answer without it."),
    "budget": say("Your share of the language model is used up for today, so I answer without it."),
}


@dataclass(frozen=True)
class Hosted:
    """A language model that may plan.

    `plans` "always": whatever is no order and no refusal; "unsure": where the planner has no plan. `shows` is what it
    may know of answers; `clock` gives monotonic seconds.
    """

    model: HostedModel
    plans: Plans = "unsure"
    shows: Shows = FACTS_ONLY
    clock: Callable[[], float] = time.monotonic


@dataclass
class Attempt:
    """What a model has made of a question so far. `fallback` is the planner's own reading of it."""

    fallback: AIMessage
    outcome: Outcome
    calls: list[ToolCall] = field(default_factory=list)
    rounds: int = 0
    prose: str | None = None


class HostedSteps(AgentMiddleware[Any, Any]):
    """Sends a step of the graph to the language model where it may help, and to the planner otherwise.

    `turn` and `world` are those of the question that is being answered; `deadline_s` are the seconds that it may take.
    """

    def __init__(
        self,
        hosted: Hosted,
        registry: Registry,
        turn: Callable[[], Turn],
        world: Callable[[], World],
        *,
        deadline_s: float = 30.0,
    ) -> None:
        super().__init__()
        self._hosted = hosted
        self._registry = registry
        self._turn = turn
        self._world = world
        self._deadline_s = deadline_s
        self._lock = threading.Lock()
        self._said_at: OrderedDict[str, float] = OrderedDict()

    def wrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], ModelResponse[Any]]
    ) -> AIMessage | ModelResponse[Any]:
        """One step: calls to make, or the end of the turn."""
        turn = self._turn()
        if isinstance(request.messages[-1], ToolMessage):
            return handler(request) if turn.by_model is None else self._further(turn, request.messages)
        planned = handler(request)
        message, outcome = planned.result[-1], turn.outcome
        if outcome is None or not isinstance(message, AIMessage) or not self._may_ask(turn, outcome, request.messages):
            return planned
        turn.by_model = Attempt(message, outcome)
        try:
            return self._first(turn, turn.by_model, request.messages)
        except Unavailable as unavailable:
            self._say_so(turn, unavailable.reason)
        except Unfit as reason:
            log.info("model_reading_not_used", why=str(reason))
        turn.by_model, turn.outcome = None, outcome
        return planned

    # --- the steps ----------------------------------------------------------------------------------------

    def _first(self, turn: Turn, attempt: Attempt, messages: Sequence[BaseMessage]) -> AIMessage:
        """Calls of the model, or its question back. Raises Unavailable, Unfit."""
        reply = self._asked(turn, messages)
        if reply.tool_calls or reply.invalid_tool_calls:
            return self._calls(turn, attempt, reply, messages)
        if isinstance(attempt.outcome, Plan):
            raise Unfit("no call")
        back = asked_back(reply, turn.user.language, str(messages[-1].content))
        turn.outcome = Clarify(say("As a language model asks back: {question}", question=back), attempt.outcome.options)
        return AIMessage(back)

    def _further(self, turn: Turn, messages: Sequence[BaseMessage]) -> AIMessage:
        """After results: more calls, prose, or, where nothing came of the calls, the planner's own reading."""
        attempt = turn.by_model
        if attempt is None or all(isinstance(a, Answer) and a.citations for _call, a in turn.answers):
            return AIMessage("")  # what documents say is worded from their passages, apart from all else
        answered = any(isinstance(answer, Answer) for _call, answer in turn.answers)
        try:
            show = drafts(turn, self._world()) if answered else None
            reply = self._asked(turn, messages, heard=show)
            if reply.tool_calls or reply.invalid_tool_calls:
                return self._calls(turn, attempt, reply, messages)
            if answered:
                attempt.prose = written(reply, turn, self._world())
                return AIMessage(attempt.prose)
        except Unavailable as unavailable:
            if not answered:
                self._say_so(turn, unavailable.reason)
        except Unfit as reason:
            log.info("prose_not_shown", why=str(reason))
        if answered:
            return AIMessage("")
        return self._given_up(turn, attempt)

    def _given_up(self, turn: Turn, attempt: Attempt) -> AIMessage:
        turn.answers.clear()
        turn.outcome, turn.by_model = attempt.outcome, None
        return attempt.fallback.model_copy(update={"id": None})

    def _calls(self, turn: Turn, attempt: Attempt, reply: AIMessage, messages: Sequence[BaseMessage]) -> AIMessage:
        """The model's calls, checked; it may mend them once. Raises Unavailable, Unfit."""
        if attempt.rounds >= MOST_ROUNDS:
            raise Unfit("calls without end")
        calls, errors = self._checked(turn, reply)
        if errors:
            reply = self._asked(turn, messages, [*_as_answered(reply, errors)])
            calls, errors = self._checked(turn, reply)
            if errors or not calls:
                raise Unfit("calls that cannot be made")
        made = [call for call in calls if call not in attempt.calls]
        if not made:
            raise Unfit("the same calls again")
        if attempt.rounds:
            turn.answers[:] = [pair for pair in turn.answers if isinstance(pair[1], Answer)]
        attempt.calls += made
        attempt.rounds += 1
        turn.outcome = Plan(tuple(attempt.calls), (READ_BY_MODEL,))
        ids = (f"model_{attempt.rounds}_{i}" for i in range(len(made)))
        return AIMessage(
            "", tool_calls=[{"name": call.tool, "args": dict(call.args), "id": next(ids)} for call in made]
        )

    def _checked(self, turn: Turn, reply: AIMessage) -> tuple[list[ToolCall], dict[str, str]]:
        """The calls as their tools read them, and what is wrong with the others, by the calls' ids."""
        calls: list[ToolCall] = []
        errors = {str(call["id"]): "The arguments are no JSON." for call in reply.invalid_tool_calls}
        for call in reply.tool_calls:
            try:
                calls.append(self._valid(turn, call["name"], call["args"]))
            except InvalidArgument as error:
                errors[str(call["id"])] = str(error)
        if len(calls) > MOST_CALLS:
            raise Unfit("too many calls")
        return _distinct(calls), errors

    def _valid(self, turn: Turn, name: str, args: Mapping[str, Any]) -> ToolCall:
        """Raises InvalidArgument for what the model may mend, Unfit for what it may not do at all."""
        tool = self._registry.get_tool(name)
        if not turn.user.may(tool.role):
            raise Unfit("a tool that the role may not use")
        read = checked(tool, {key: value for key, value in args.items() if key != CONFIRMED})
        if read.acts:
            # What changes something is ordered by people, in their own words or by a tap.
            raise Unfit("an order")
        return ToolCall(tool.name, read.plain())

    # --- asking -------------------------------------------------------------------------------------------

    def _asked(
        self,
        turn: Turn,
        messages: Sequence[BaseMessage],
        more: Sequence[BaseMessage] = (),
        heard: Callable[[str], None] | None = None,
    ) -> AIMessage:
        """The model's reply to the dialogue so far. Raises Unavailable."""
        world = self._world()
        mask = self._mask(turn, world)
        return self._hosted.model.ask(
            [SystemMessage(system_prompt(world, turn.user.language)), *outgoing([*messages, *more], mask)],
            user_id=turn.user.id,
            tools=schemas(self._registry.tools, turn.user),
            seconds=self._deadline_s - (time.perf_counter() - turn.began),
            heard=heard,
        )

    def _may_ask(self, turn: Turn, outcome: Outcome, messages: Sequence[BaseMessage]) -> bool:
        """Whether this question may go to the model at all."""
        if turn.forwarded:
            return False
        if isinstance(outcome, Plan):
            orders = any(map(self._registry.acts, outcome.calls))
            if self._hosted.plans == "unsure" or orders or outcome.form != "answer":
                return False
        world = self._world()
        text = str(next(m for m in reversed(messages) if isinstance(m, HumanMessage)).content)
        scene = world.scene(text)
        if world.sight(text).hostile or scene.words("tampering", "personal"):
            return False
        small_talk = all(span.word("greeting", "thanks", "help", "filler") for span in scene.spans)
        return not small_talk and not self._mask(turn, world).names_customers(text)

    def _mask(self, turn: Turn, world: World) -> Mask:
        names = (turn.user.name, *turn.user.name.split())
        return Mask(world.index.customers, names, personal=self._hosted.shows.personal)

    def _say_so(self, turn: Turn, reason: Reason) -> None:
        """A quiet word that the model was left out, now and then and not below each answer."""
        message = SAID.get(reason)
        now = self._hosted.clock()
        with self._lock:
            said_at = self._said_at.get(turn.user.id)
            if message is None or (said_at is not None and now - said_at < QUIET_S):
                return
            self._said_at[turn.user.id] = now
            self._said_at.move_to_end(turn.user.id)
            while len(self._said_at) > REMEMBERED_USERS:
                self._said_at.popitem(last=False)
        turn.notes.append(message)


def _distinct(calls: Sequence[ToolCall]) -> list[ToolCall]:
    found: list[ToolCall] = []
    for call in calls:
        if call not in found:
            found.append(call)
    return found


def _as_answered(reply: AIMessage, errors: Mapping[str, str]) -> list[BaseMessage]:
    """The reply with what is wrong with its calls, for the model to mend."""
    broken: list[ToolCallRequested] = [
        {"name": call["name"] or "", "args": {}, "id": call["id"]} for call in reply.invalid_tool_calls
    ]
    calls = [*reply.tool_calls, *broken]
    told = [
        ToolMessage(
            f"error: {errors.get(str(call['id']), 'not made, since another call is wrong')}",
            tool_call_id=str(call["id"]),
        )
        for call in calls
    ]
    return [AIMessage("", tool_calls=calls), *told]
