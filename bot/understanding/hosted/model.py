"""Asking a language model: within its time, within the user's budget, and not at all for a while after an outage."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol

import structlog
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, message_chunk_to_message

from bot.failure import Failure
from bot.understanding.hosted.budget import Tokens

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

log = structlog.get_logger(__name__)

AT_ONCE = 4
REST_S = 60.0
"""After a failure the model is left alone this long, so that an outage does not slow every question down."""
LEAST_S = 1.0
NARROW_PER_TOKEN = 4
"""Letters of a token, where the model does not say what it took; a Chinese character counts as one."""

Reason = Literal["resting", "budget", "no time left", "too many at once", "failed"]


class Unavailable(Exception):
    """The model is not asked, or gave nothing. `reason` is for the log and for what the user is told."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class Purse(Protocol):
    """What may be spent. `Budget` is one."""

    def left(self, user_id: str) -> bool: ...

    def spend(self, user_id: str, tokens: Tokens) -> None: ...


class HostedModel:
    """A chat model that may be slow, wrong, or away. Thread-safe; blocks no longer than it is given.

    Parameters
    ----------
    make : makes the chat model when it is first needed; may raise Failure.
    timeout_s : seconds that one request may take.
    budget : what users may spend; None: as much as they like.
    clock : monotonic seconds.
    """

    def __init__(
        self,
        make: Callable[[], BaseChatModel],
        *,
        timeout_s: float = 10.0,
        budget: Purse | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make = make
        self._timeout_s = timeout_s
        self._budget = budget
        self._clock = clock
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._resting_until = -1.0

    @property
    def resting(self) -> bool:
        """Whether it failed a moment ago."""
        with self._lock:
            return self._clock() < self._resting_until

    def ask(
        self,
        messages: Sequence[BaseMessage],
        *,
        user_id: str,
        tools: Sequence[dict[str, Any]] = (),
        seconds: float = float("inf"),
        heard: Callable[[str], None] | None = None,
    ) -> AIMessage:
        """What the model says. Raises Unavailable, after a line in the log where something is wrong.

        `heard` is told the text so far while the model writes, from another thread; what it raises ends the listening.
        """
        if self.resting:
            raise Unavailable("resting")
        if self._budget is not None and not self._budget.left(user_id):
            raise Unavailable("budget")
        until = self._clock() + seconds
        try:
            model = self._model
            left = min(until - self._clock(), self._timeout_s)
            reply = self._reply(model, list(messages), list(tools), left, heard)
        except Unavailable as unavailable:
            log.warning("model_not_asked", why=unavailable.reason)
            raise
        except Failure as failure:
            log.warning("model_failed", why=str(failure), mend=failure.mend)
        except Exception as error:  # noqa: BLE001 - whatever the model's client raises, there is another way
            # Its message may hold what was sent, or the key.
            log.warning("model_failed", why=type(error).__name__, status=getattr(error, "status_code", None))
            self._spend(user_id, Tokens(_estimated(messages, tools), 0))
        else:
            self._spend(user_id, _taken(reply, messages, tools))
            return reply
        with self._lock:
            self._resting_until = self._clock() + REST_S
        raise Unavailable("failed")

    def warm_up(self) -> None:
        """Makes the model, which takes seconds; what goes wrong is told when it is needed."""
        with suppress(Failure):
            _ = self._model

    @cached_property
    def _model(self) -> BaseChatModel:
        return self._make()

    def _spend(self, user_id: str, tokens: Tokens) -> None:
        if self._budget is not None:
            self._budget.spend(user_id, tokens)

    def _reply(
        self,
        model: BaseChatModel,
        messages: list[BaseMessage],
        tools: list[dict[str, Any]],
        seconds: float,
        heard: Callable[[str], None] | None,
    ) -> AIMessage:
        """Raises Unavailable, TimeoutError, and whatever the model's client raises.

        The client's own time limits count from byte to byte, so a thread waits for it that is left behind when time is
        up. There are never more than a few.
        """
        if seconds < LEAST_S:
            raise Unavailable("no time left")
        if not self._places.acquire(blocking=False):
            raise Unavailable("too many at once")
        done: Future[AIMessage] = Future()

        def ask() -> None:
            # Here, since nothing of it may be kept elsewhere, whatever the environment says.
            from langsmith import tracing_context

            try:
                with tracing_context(enabled=False):
                    bound: Any = model.bind_tools(tools) if tools else model
                    done.set_result(bound.invoke(messages) if heard is None else _streamed(bound, messages, heard))
            except BaseException as error:  # noqa: BLE001 - raised again by whoever waits
                done.set_exception(error)
            finally:
                self._places.release()

        threading.Thread(target=ask, name="language-model", daemon=True).start()
        return done.result(seconds)


def _streamed(model: Any, messages: list[BaseMessage], heard: Callable[[str], None]) -> AIMessage:
    whole: AIMessageChunk | None = None
    listening = True
    for chunk in model.stream(messages):
        whole = chunk if whole is None else whole + chunk
        if listening and whole is not None and chunk.text:
            try:
                heard(str(whole.text))
            except Exception as error:  # noqa: BLE001 - what is shown meanwhile is worth no answer
                log.info("stream_not_shown", why=type(error).__name__)
                listening = False
    if whole is None:
        raise ValueError("nothing came")
    reply = message_chunk_to_message(whole)
    if not isinstance(reply, AIMessage):
        raise TypeError("no message of a model")
    return reply


def _taken(reply: AIMessage, messages: Sequence[BaseMessage], tools: Sequence[dict[str, Any]]) -> Tokens:
    """What the request took, by the model's own account; where it gives none, by the length of the texts."""
    used = reply.usage_metadata
    if used is not None and used["input_tokens"] + used["output_tokens"] > 0:
        return Tokens(used["input_tokens"], used["output_tokens"])
    return Tokens(_estimated(messages, tools), _estimated([reply], ()))


def _estimated(messages: Sequence[BaseMessage], tools: Sequence[dict[str, Any]]) -> int:
    text = "".join(
        (f"{message.content}{message.tool_calls or ''}" if isinstance(message, AIMessage) else str(message.content))
        for message in messages
    ) + "".join(map(str, tools))
    wide = sum(ord(c) > 0x2E80 for c in text)
    return wide + (len(text) - wide) // NARROW_PER_TOKEN + 1
