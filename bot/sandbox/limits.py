"""Telegram's published sending limits, for trying how a bot behaves under them."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from dataclasses import dataclass, field


@dataclass(frozen=True)
class RateLimits:
    """Messages allowed. Telegram publishes 30 a second over all chats, about 1 a second in one private chat (short
    bursts pass), and 20 a minute in a group.
    """

    overall_per_second: int = 30
    private_per_second: float = 1.0
    private_burst: int = 3
    group_per_minute: int = 20


@dataclass
class RateLimiter:
    """Counts what was sent and says how long the next message must wait."""

    limits: RateLimits
    _overall: deque[float] = field(default_factory=deque)
    _groups: dict[int, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _tokens: dict[int, tuple[float, float]] = field(default_factory=dict)

    def admit(self, chat_id: int, now: float, count: int = 1) -> int:
        """0 when the messages may go (they are counted then), else whole seconds to wait."""
        limits = self.limits
        while self._overall and self._overall[0] <= now - 1:
            self._overall.popleft()
        if len(self._overall) + count > limits.overall_per_second:
            return 1
        if chat_id < 0:
            sent = self._groups[chat_id]
            while sent and sent[0] <= now - 60:
                sent.popleft()
            if len(sent) + count > limits.group_per_minute:
                return max(1, math.ceil(sent[0] + 60 - now)) if sent else 60
            sent.extend([now] * count)
        else:
            tokens, since = self._tokens.get(chat_id, (float(limits.private_burst), now))
            tokens = min(float(limits.private_burst), tokens + (now - since) * limits.private_per_second)
            # an album counts once for the chat, so that a full one can ever pass
            if tokens < 1:
                self._tokens[chat_id] = (tokens, now)
                return max(1, math.ceil((1 - tokens) / limits.private_per_second))
            self._tokens[chat_id] = (tokens - 1, now)
        self._overall.extend([now] * count)
        return 0
