"""What the Bot API answers when it refuses a call."""

from __future__ import annotations


class ApiError(Exception):
    """A refusal with Telegram's own error code and description.

    `retry_after`: whole seconds, only with code 429. `moved_to`: the supergroup that the group became.
    """

    def __init__(
        self, code: int, description: str, retry_after: int | None = None, *, moved_to: int | None = None
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after
        self.moved_to = moved_to

    def to_json(self) -> dict[str, object]:
        """The response body as Telegram sends it."""
        body: dict[str, object] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.retry_after is not None:
            body["parameters"] = {"retry_after": self.retry_after}
        elif self.moved_to is not None:
            body["parameters"] = {"migrate_to_chat_id": self.moved_to}
        return body


def bad_request(reason: str) -> ApiError:
    """A 400 with Telegram's prefix."""
    return ApiError(400, f"Bad Request: {reason}")


def forbidden(reason: str) -> ApiError:
    """A 403 with Telegram's prefix."""
    return ApiError(403, f"Forbidden: {reason}")


def too_many_requests(retry_after: int) -> ApiError:
    """A 429 that tells how many seconds to wait."""
    return ApiError(429, f"Too Many Requests: retry after {retry_after}", retry_after)


def upgraded(new_id: int) -> ApiError:
    """What calls to a group get that became a supergroup."""
    return ApiError(400, "Bad Request: group chat was upgraded to a supergroup chat", moved_to=new_id)
