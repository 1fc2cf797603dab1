"""What dialogues remember: LangGraph's last checkpoint of each conversation, bounded and expiring.

A turn is over before its reply is sent, so only the last checkpoint is ever needed. A memory that cannot be read or
written costs a follow-up, never an answer.
"""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import structlog
from langchain.agents.middleware import AgentMiddleware
from langchain_core.messages import BaseMessage, HumanMessage, RemoveMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
)
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from bot.understanding.dialogue_record import Dialogues, Kept

if TYPE_CHECKING:
    from langgraph.runtime import Runtime

log = structlog.get_logger(__name__)

REMEMBERED_TURNS = 6
REMEMBERED_CONVERSATIONS = 5000


class Memory(BaseCheckpointSaver[int]):
    """A checkpointer that keeps the last checkpoint of each thread. Synchronous; thread-safe."""

    def __init__(self) -> None:
        # Messages and plain values, and nothing that could be made to run.
        super().__init__(serde=JsonPlusSerializer(allowed_msgpack_modules=None))

    @abstractmethod
    def _load(self, conversation: str) -> Kept | None:
        """What is kept of a conversation; None where nothing is, or too old."""

    @abstractmethod
    def _keep(self, conversation: str, kept: Kept) -> None:
        """Keeps this of a conversation, in place of what was."""

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        conversation = config["configurable"]["thread_id"]
        kept = self._load(conversation)
        if kept is None:
            return None
        try:
            checkpoint = self.serde.loads_typed((kept.format, kept.checkpoint))
            metadata = self.serde.loads_typed((kept.format, kept.metadata))
            if not all(isinstance(message, BaseMessage) for message in checkpoint["channel_values"]["messages"]):
                raise TypeError("messages were expected")  # noqa: TRY301 - told below, as all that is wrong with it
            return CheckpointTuple(_config(conversation, checkpoint["id"]), checkpoint, metadata, None, [])
        except Exception as error:  # noqa: BLE001 - another version wrote it, and a dialogue may begin anew
            log.warning("dialogue_not_read", error=type(error).__name__)
            return None

    def list(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002, ARG002 - LangGraph's name
        before: RunnableConfig | None = None,  # noqa: ARG002
        limit: int | None = None,  # noqa: ARG002
    ) -> Iterator[CheckpointTuple]:
        last = self.get_tuple(config) if config else None
        if last is not None:
            yield last

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,  # noqa: ARG002
    ) -> RunnableConfig:
        conversation = config["configurable"]["thread_id"]
        format_, written = self.serde.dumps_typed(checkpoint)
        self._keep(conversation, Kept(format_, written, self.serde.dumps_typed(metadata)[1]))
        return _config(conversation, checkpoint["id"])

    def put_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        """Nothing: a turn that broke off is asked again, not taken up in its middle."""


class ShortMemory(Memory):
    """In this process alone, for the terminal. The conversations spoken in last are kept."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Kept] = OrderedDict()

    def _load(self, conversation: str) -> Kept | None:
        with self._lock:
            return self._kept.get(conversation)

    def _keep(self, conversation: str, kept: Kept) -> None:
        with self._lock:
            self._kept[conversation] = kept
            self._kept.move_to_end(conversation)
            while len(self._kept) > REMEMBERED_CONVERSATIONS:
                self._kept.popitem(last=False)


class LastingMemory(Memory):
    """In the state database: a restart forgets nothing."""

    def __init__(self, dialogues: Dialogues) -> None:
        super().__init__()
        self._dialogues = dialogues

    def _load(self, conversation: str) -> Kept | None:
        return self._dialogues.load(conversation)

    def _keep(self, conversation: str, kept: Kept) -> None:
        self._dialogues.keep(conversation, kept)


class LastTurns(AgentMiddleware[Any, Any]):
    """Forgets all but the last turns of a dialogue, when a turn is over."""

    def after_agent(self, state: Any, runtime: Runtime[Any]) -> dict[str, Any] | None:  # noqa: ARG002
        gone = too_old(state["messages"])
        return {"messages": gone} if gone else None


def too_old(messages: Sequence[BaseMessage]) -> list[RemoveMessage]:
    """What takes all but the last turns out of a dialogue."""
    starts = [i for i, message in enumerate(messages) if isinstance(message, HumanMessage)]
    if len(starts) <= REMEMBERED_TURNS:
        return []
    return [RemoveMessage(id=message.id) for message in messages[: starts[-REMEMBERED_TURNS]] if message.id]


LAST_NODE = f"{LastTurns.__name__}.after_agent"
"""The graph's node after which a turn is over."""


def _config(conversation: str, checkpoint_id: str) -> RunnableConfig:
    return {"configurable": {"thread_id": conversation, "checkpoint_ns": "", "checkpoint_id": checkpoint_id}}
