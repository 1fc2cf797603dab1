"""Failures on order: floods, errors, blocks."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.sandbox.errors import ApiError, too_many_requests

_DESCRIPTIONS = {
    400: "Bad Request",
    403: "Forbidden",
    409: "Conflict",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


@dataclass
class _Flood:
    chat_id: int | None
    retry_after: int
    left: int


@dataclass
class _Failure:
    method: str
    status: int
    left: int
    description: str
    after_processing: bool


@dataclass
class Faults:
    """What is to go wrong next."""

    floods: list[_Flood] = field(default_factory=list)
    failures: list[_Failure] = field(default_factory=list)

    def add_flood(self, chat_id: int | None, retry_after: int, times: int) -> None:
        """Lets the next calls to a chat be answered with 429."""
        self.floods.append(_Flood(chat_id, retry_after, times))

    def add_failure(self, method: str, status: int, times: int, description: str, after_processing: bool) -> None:
        """Lets the next calls of a method be answered with an error."""
        words = description or _DESCRIPTIONS.get(status, "Error")
        self.failures.append(_Failure(method.lower(), status, times, words, after_processing))

    def before(self, method: str, chat_id: int | None) -> None:
        """Raises ApiError when the call is to fail without any effect."""
        for failure in self.failures:
            if failure.left and failure.method == method and not failure.after_processing:
                failure.left -= 1
                raise ApiError(failure.status, failure.description)
        for flood in self.floods:
            if flood.left and chat_id is not None and flood.chat_id in (None, chat_id):
                flood.left -= 1
                raise too_many_requests(flood.retry_after)

    def after(self, method: str) -> None:
        """Raises ApiError when the call has had its effect but the answer is to be lost."""
        for failure in self.failures:
            if failure.left and failure.method == method and failure.after_processing:
                failure.left -= 1
                raise ApiError(failure.status, failure.description)
