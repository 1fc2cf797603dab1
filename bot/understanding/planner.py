"""The offline planner: a LangChain chat model that reads questions by grammar instead of by weights.

It speaks the protocol of every chat model (messages in, tool calls out), so that the same agent graph
runs it or a hosted model. Questions back and refusals are calls too, of `ask_back` and `decline`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable

from bot.understanding.interpret import World, interpret
from bot.understanding.knowledge.dialogue import Page
from bot.understanding.knowledge.reading import TOOL
from bot.understanding.outcome import Clarify, Outcome, Plan
from tools.answer import ToolCall


class OfflinePlanner(BaseChatModel):
    """Plans from the last human message and, for follow-ups, from the tool calls before it.

    What cannot be a tool call's argument (an Outcome holds typed messages) travels beside it, in
    `additional_kwargs["outcome"]` of the AIMessage.
    """

    world: Callable[[], World]

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
        outcome: Outcome = interpret(str(question.content), self.world(), _last_call(messages), _last_page(messages))
        ids = itertools.count()
        if isinstance(outcome, Plan):
            calls = [{"name": c.tool, "args": dict(c.args), "id": f"call_{next(ids)}"} for c in outcome.calls]
            return AIMessage("", tool_calls=calls, additional_kwargs={"outcome": outcome})
        return AIMessage(outcome.message.text, additional_kwargs={"outcome": outcome})


def _last_call(messages: Sequence[BaseMessage]) -> ToolCall | None:
    """The last call that was no question to the playbooks: what "and in France?" leans on."""
    for message in reversed(messages):
        outcome = getattr(message, "additional_kwargs", {}).get("outcome")
        if isinstance(outcome, Clarify) and outcome.pending is not None:
            return outcome.pending
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
        outcome = getattr(message, "additional_kwargs", {}).get("outcome")
        if latest and isinstance(outcome, Clarify) and outcome.pending is not None:
            return None
        if isinstance(message, ToolMessage) and message.name == TOOL and isinstance(message.artifact, ToolCall):
            section = section or message.artifact
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
