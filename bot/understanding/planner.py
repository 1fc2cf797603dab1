"""The offline planner: a LangChain chat model that reads questions by grammar instead of by weights.

It speaks the protocol of every chat model (messages in, tool calls out), so that the same agent graph
runs it or a hosted model. Questions back and refusals are calls too, of `ask_back` and `decline`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable

from bot.understanding.conversation.recent import Listed, Offer, Recent
from bot.understanding.conversation.several import understood
from bot.understanding.interpret import World
from bot.understanding.knowledge.dialogue import Page
from bot.understanding.knowledge.reading import TOOL
from bot.understanding.outcome import Clarify, Decline, Outcome, Plan
from tools.answer import FollowUp, ToolCall

PENDING = "pending"
AFRESH = "afresh"
OFFERED = "offered"
REFUSED = "refused"


class OfflinePlanner(BaseChatModel):
    """Plans from the last human message and, for follow-ups, from the tool calls before it.

    `told` hears the outcome, which holds typed messages. What the next question may lean on stands in the AIMessage as
    plain values: its tool calls, or the call as far as it was understood under `PENDING`, and under `OFFERED` the
    buttons of a question back or a refusal.
    """

    world: Callable[[], World]
    told: Callable[[Outcome], None]

    @property
    def _llm_type(self) -> str:
        return "offline-planner"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, AIMessage]:  # noqa: ARG002
        """The planner knows the catalog already; binding changes nothing."""
        return self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> ChatResult:
        message = AIMessage("") if isinstance(messages[-1], ToolMessage) else self._plan(messages)
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _plan(self, messages: list[BaseMessage]) -> AIMessage:
        question = next(m for m in reversed(messages) if isinstance(m, HumanMessage))
        recent = replace(_recent(messages), earlier=_earlier(messages))
        outcome = understood(str(question.content), self.world(), _last_call(messages), _last_page(messages), recent)
        ids = itertools.count()
        self.told(outcome)
        if isinstance(outcome, Plan):
            calls = [{"name": c.tool, "args": dict(c.args), "id": f"call_{next(ids)}"} for c in outcome.calls]
            return AIMessage("", tool_calls=calls)
        return asked_back(outcome)


def asked_back(outcome: Clarify | Decline) -> AIMessage:
    """A question back or a refusal, with what the next message may take up: a call to complete, the buttons."""
    kept: dict[str, Any] = {REFUSED: isinstance(outcome, Decline)}
    if outcome.pending is not None:
        kept[PENDING] = {"tool": outcome.pending.tool, "args": dict(outcome.pending.args)}
    if isinstance(outcome, Clarify) and outcome.afresh:
        kept[AFRESH] = True
    if outcome.options:
        kept[OFFERED] = [_offer(option) for option in outcome.options]
    return AIMessage(outcome.message.text, additional_kwargs=kept)


def _offer(option: FollowUp) -> dict[str, Any]:
    """A button as plain values, with its words in every language that it may be typed in."""
    from bot.rendering.voice import Voice

    call = option.call
    return {
        "labels": [Voice("en").text(option.label), Voice("zh").text(option.label)],
        "call": None if call is None else {"tool": call.tool, "args": dict(call.args)},
        "question": option.question,
        "sample": option.sample,
    }


def _recent(messages: Sequence[BaseMessage]) -> Recent:
    """What the turn before came to."""
    asked = [i for i, message in enumerate(messages) if isinstance(message, HumanMessage)]
    if len(asked) < 2:
        return Recent()
    back = _back(messages[asked[-2] + 1 : asked[-1]])
    if back is None:
        return Recent(calls=_last_calls(messages[: asked[-1]]), lists=_lists(messages[: asked[-1]]))
    kept = back.additional_kwargs
    offered = tuple(
        Offer(
            tuple(one["labels"]),
            None if one["call"] is None else ToolCall(one["call"]["tool"], one["call"]["args"]),
            one["question"],
            bool(one.get("sample")),
        )
        for one in kept.get(OFFERED, ())
    )
    refused = bool(kept.get(REFUSED))
    return Recent(
        calls=() if PENDING in kept else _last_calls(messages[: asked[-2]]),
        offered=offered,
        unread=_unread(messages, asked),
        asked=not refused,
        lists=_lists(messages[: asked[-2]]),
    )


def _back(turn: Sequence[BaseMessage]) -> AIMessage | None:
    """A turn's question back or refusal; None where it came to an answer."""
    said = (message for message in turn if isinstance(message, AIMessage))
    return next((message for message in said if REFUSED in message.additional_kwargs), None)


def _unread(messages: Sequence[BaseMessage], asked: Sequence[int]) -> tuple[str, ...]:
    """The messages since something was answered that were not understood, the latest first."""
    found: list[str] = []
    for start, end in zip(reversed(asked[:-1]), reversed(asked[1:]), strict=True):
        back = _back(messages[start + 1 : end])
        if back is None:
            break
        if PENDING not in back.additional_kwargs:
            found.append(str(messages[start].content))
    return tuple(found)


def _lists(messages: Sequence[BaseMessage]) -> tuple[Listed, ...]:
    """What the last turn with a list listed: after one of its rows, "the second one" is of the same list."""
    found: list[Listed] = []
    for message in reversed(messages):
        if isinstance(message, HumanMessage) and found:
            break
        if isinstance(message, ToolMessage) and isinstance(message.artifact, dict) and "rows" in message.artifact:
            found.insert(0, Listed(message.artifact["dimension"], tuple(message.artifact["rows"])))
    return tuple(found)


def _earlier(messages: Sequence[BaseMessage]) -> tuple[ToolCall, ...]:
    """All calls of the conversation, the latest first: what "back to the monthly orders" takes up again."""
    made = [call for message in messages if isinstance(message, AIMessage) for call in message.tool_calls]
    return tuple(ToolCall(call["name"], call["args"]) for call in reversed(made))


def _last_calls(messages: Sequence[BaseMessage]) -> tuple[ToolCall, ...]:
    """All calls of the last turn that made any."""
    found: list[ToolCall] = []
    for message in reversed(messages):
        if isinstance(message, HumanMessage) and found:
            break
        if isinstance(message, AIMessage):
            found = [*(ToolCall(call["name"], call["args"]) for call in message.tool_calls), *found]
    return tuple(found)


def _last_call(messages: Sequence[BaseMessage]) -> ToolCall | None:
    """The last call that was no question to the playbooks: what "and in France?" leans on."""
    over = False  # whether what was to be completed was given up
    for message in reversed(messages):
        over = over or AFRESH in message.additional_kwargs
        if (pending := message.additional_kwargs.get(PENDING)) and not over:
            return ToolCall(pending["tool"], pending["args"])
        if isinstance(message, AIMessage):
            for call in reversed(message.tool_calls):
                if call["name"] != TOOL:
                    return ToolCall(call["name"], call["args"])
    return None


def _last_page(messages: Sequence[BaseMessage]) -> Page | None:
    """The playbooks' answer, where the conversation came to one last: what "tell me more" leans on."""
    section: ToolCall | None = None
    latest = True
    for message in reversed(messages):
        if latest and PENDING in message.additional_kwargs:
            return None
        if isinstance(message, ToolMessage) and message.name == TOOL and message.artifact:
            section = section or ToolCall(TOOL, message.artifact)
        if isinstance(message, AIMessage) and message.tool_calls:
            asked = [call["args"] for call in message.tool_calls if call["name"] == TOOL]
            if not asked and latest:
                return None
            latest = False
            if not asked:
                break
            if asked[-1].get("question"):
                return Page(asked[-1]["question"], section)
    return None
