"""The parameters of one Bot API call, however they were sent: query, form, multipart or JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.errors import bad_request

_TRUE = frozenset({"true", "yes", "1"})


@dataclass(frozen=True)
class Upload:
    """A file that came with a call."""

    filename: str
    content: bytes
    content_type: str = ""


@dataclass(frozen=True)
class Parameters:
    """Reads parameters as Telegram does: everything may be a string, objects may be JSON in a string."""

    values: dict[str, Any] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The parameter as text, empty when absent."""
        value = self.values.get(name)
        if value is None:
            return ""
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def integer(self, name: str, default: int | None = None) -> int | None:
        """The parameter as a whole number, `default` when it is absent or no number."""
        try:
            return int(self.text(name).strip())
        except ValueError:
            return default

    def boolean(self, name: str) -> bool:
        """The parameter as yes or no; absent is no."""
        return self.text(name).strip().lower() in _TRUE

    def structure(self, name: str, what: str) -> Any:
        """The parameter as a JSON value, None when absent. `what` names it in Telegram's error."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError as error:
            raise bad_request(f"can't parse {what} JSON object") from error

    def logged(self) -> dict[str, Any]:
        """For the log of calls: JSON decoded, files told by name and size."""
        result: dict[str, Any] = {}
        for name, value in self.values.items():
            decoded = value
            if isinstance(value, str) and value[:1] in ("{", "["):
                try:
                    decoded = json.loads(value)
                except ValueError:
                    decoded = value
            result[name] = decoded
        for name, upload in self.uploads.items():
            result[name] = f"<file {upload.filename}, {len(upload.content)} bytes>"
        return result
