"""What messages say, as fields of the Bot API's `Message`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.sandbox.files import StoredFile
    from bot.sandbox.formatted_text import FormattedText


def formatted_fields(formatted: FormattedText, key: str) -> dict[str, Any]:
    """`text` with `entities`, or `caption` with `caption_entities`."""
    fields: dict[str, Any] = {key: formatted.text} if formatted.text else {}
    if formatted.entities:
        fields["entities" if key == "text" else "caption_entities"] = formatted.entities_to_api()
    return fields


def text_content(formatted: FormattedText) -> dict[str, Any]:
    """Content of a text message."""
    return formatted_fields(formatted, "text")


def photo_content(stored: StoredFile, caption: FormattedText) -> dict[str, Any]:
    """Content of a photo message."""
    size = {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_size": stored.size,
        "width": stored.width,
        "height": stored.height,
    }
    return {"photo": [size], **formatted_fields(caption, "caption")}


def document_content(stored: StoredFile, caption: FormattedText) -> dict[str, Any]:
    """Content of a document message."""
    document = {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_name": stored.name,
        "mime_type": stored.mime_type,
        "file_size": stored.size,
    }
    return {"document": document, **formatted_fields(caption, "caption")}
