"""One call of a Bot API method: what its parameters mean in this sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.sandbox.errors import bad_request
from bot.sandbox.files import StoredFile, checked_document, checked_photo
from bot.sandbox.formatted_text import FormattedText, check_ranges, explicit_entities, finished, utf16_length
from bot.sandbox.html_markup import parse_html
from bot.sandbox.markdown_markup import parse_markdown_v2
from bot.sandbox.markup import inline_keyboard

if TYPE_CHECKING:
    from bot.sandbox.messages import StoredMessage
    from bot.sandbox.parameters import Parameters, Upload
    from bot.sandbox.sandbox import Sandbox

MAX_TEXT = 4096
MAX_CAPTION = 1024


def chat_id_of(sandbox: Sandbox, parameters: Parameters, name: str = "chat_id") -> int | None:
    """The chat that a call names, None when it names none that exists."""
    text = parameters.text(name).strip()
    if text.startswith("@"):
        return None
    try:
        number = int(text)
    except ValueError:
        return None
    return number if number in sandbox.users or number in sandbox.groups else None


def parse_formatted(text: str, parse_mode: str, entities: object) -> FormattedText:
    """Text and entities as Telegram would keep them.

    Raises:
        ApiError: 400, ``can't parse entities: …``.
    """
    mode = parse_mode.lower()
    if not mode or mode == "none":
        spans = explicit_entities(entities) if entities is not None else []
        check_ranges(text, spans)
        return finished(text, spans)
    if mode == "html":
        plain, spans = parse_html(text)
    elif mode == "markdownv2":
        plain, spans = parse_markdown_v2(text)
    else:
        raise bad_request("unsupported parse_mode")
    return finished(plain, spans)


@dataclass(frozen=True)
class Call:
    """Parameters read in the light of the sandbox's state."""

    sandbox: Sandbox
    parameters: Parameters

    def chat(self, name: str = "chat_id", *, must_reach: bool = True) -> int:
        """The chat's id.

        Raises:
            ApiError: 400 when there is none, 403 when the bot may not write to it.
        """
        if not self.parameters.text(name).strip():
            raise bad_request(f"{name} is empty")
        chat_id = chat_id_of(self.sandbox, self.parameters, name)
        if chat_id is None:
            raise bad_request("chat not found")
        if must_reach:
            self.sandbox.check_reachable(chat_id)
        return chat_id

    def thread(self, chat_id: int) -> int | None:
        """The topic's thread id, None outside of topics."""
        thread_id = self.parameters.integer("message_thread_id") or None
        group = self.sandbox.groups.get(chat_id)
        if thread_id is not None and (group is None or thread_id not in group.topics):
            raise bad_request("message thread not found")
        return thread_id

    def reply_to(self, chat_id: int) -> int | None:
        """The message that this one answers."""
        given = self.parameters.structure("reply_parameters", "reply parameters")
        if given is not None:
            message_id, lenient = given.get("message_id"), bool(given.get("allow_sending_without_reply"))
        else:
            message_id = self.parameters.integer("reply_to_message_id")
            lenient = self.parameters.boolean("allow_sending_without_reply")
        if not message_id:
            return None
        if self.sandbox.stored(chat_id, int(message_id)):
            return int(message_id)
        if lenient:
            return None
        raise bad_request("message to be replied not found")

    def formatted(self, name: str, *, source: dict[str, Any] | None = None) -> FormattedText:
        """The text or caption with its entities; `source` is an InputMedia instead of the call itself."""
        key = "entities" if name == "text" else "caption_entities"
        if source is not None:
            return parse_formatted(str(source.get(name) or ""), str(source.get("parse_mode") or ""), source.get(key))
        entities = self.parameters.structure(key, "message entities")
        return parse_formatted(self.parameters.text(name), self.parameters.text("parse_mode"), entities)

    def text(self, *, may_be_empty: bool = False) -> FormattedText:
        """Raises ApiError when the text is missing, empty or too long."""
        if not self.parameters.text("text") and not may_be_empty:
            raise bad_request("message text is empty")
        formatted = self.formatted("text")
        if not formatted.text and not may_be_empty:
            raise bad_request("message text is empty")
        if utf16_length(formatted.text) > MAX_TEXT:
            raise bad_request("message is too long")
        return formatted

    def caption(self, source: dict[str, Any] | None = None) -> FormattedText:
        """Raises ApiError when the caption is too long."""
        formatted = self.formatted("caption", source=source)
        if utf16_length(formatted.text) > MAX_CAPTION:
            raise bad_request("message caption is too long")
        return formatted

    def keyboard(self) -> dict[str, Any] | None:
        """The inline keyboard of the call, None where there is none."""
        return inline_keyboard(self.parameters.structure("reply_markup", "reply markup"))

    def own_message(self, chat_id: int) -> StoredMessage:
        """The bot's message that is to be edited."""
        stored = self.sandbox.stored(chat_id, self.parameters.integer("message_id"))
        if stored is None:
            raise bad_request("message to edit not found")
        if stored.sender_id != self.sandbox.bot.id:
            raise bad_request("message can't be edited")
        return stored

    def file(self, kind: str, given: str | None = None) -> StoredFile:
        """The `photo` or `document` of the call: uploaded, attached, or known by its file id."""
        name = "photo" if kind == "photos" else "document"
        reference = self.parameters.text(name) if given is None else given
        attached = reference.removeprefix("attach://") if reference.startswith("attach://") else name
        upload = self.parameters.uploads.get(attached)
        if upload is not None and (given is None or reference.startswith("attach://")):
            return self._keep(upload, kind)
        if not reference:
            raise bad_request(f"there is no {name} in the request")
        if reference.startswith(("http://", "https://")):
            raise bad_request("failed to get HTTP URL content")
        known = self.sandbox.files.get(reference)
        if known is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        if (kind == "photos") != known.path.startswith("photos/"):
            raise bad_request(
                f"can't use file of type {'Photo' if kind != 'photos' else 'Document'} as "
                f"{'Photo' if kind == 'photos' else 'Document'}"
            )
        return known

    def _keep(self, upload: Upload, kind: str) -> StoredFile:
        checked = checked_photo(upload) if kind == "photos" else checked_document(upload)
        return self.sandbox.keep_file(checked, kind)
