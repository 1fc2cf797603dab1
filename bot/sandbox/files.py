"""Files that were sent: kept in memory, or in a folder so that they survive a restart."""

from __future__ import annotations

import mimetypes
import secrets
import struct
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from bot.sandbox.errors import ApiError, bad_request

if TYPE_CHECKING:
    from bot.sandbox.parameters import Upload

MAX_PHOTO_BYTES = 10 * 1024**2
MAX_DOCUMENT_BYTES = 50 * 1024**2
MAX_DOWNLOAD_BYTES = 20 * 1024**2
MAX_PHOTO_SIDES = 10_000
MAX_PHOTO_RATIO = 20
_MAX_NAME = 120


@dataclass(frozen=True)
class StoredFile:
    """What is known of a file; its bytes lie in the FileStore. `width` and `height` in pixels, pictures only."""

    file_id: str
    unique_id: str
    path: str
    name: str
    mime_type: str
    size: int
    width: int = 0
    height: int = 0


class FileStore:
    """Holds files by id. With a folder, bytes lie there; otherwise in memory."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._files: dict[str, StoredFile] = {}
        self._contents: dict[str, bytes] = {}
        if folder:
            folder.mkdir(parents=True, exist_ok=True)

    def add(self, upload: Upload, kind: str) -> StoredFile:
        """Keeps a file. `kind` is the folder in its path: photos, documents or voice."""
        name = PurePosixPath(upload.filename.replace("\\", "/")).name.replace("\0", "")[-_MAX_NAME:] or "file"
        mime_type = image_type(upload.content) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        if kind == "voice":
            mime_type = "audio/ogg"
        width, height = image_size(upload.content) if kind == "photos" else (0, 0)
        file_id = f"{kind[:1].upper()}{secrets.token_urlsafe(30)}"
        suffix = PurePosixPath(name).suffix or mimetypes.guess_extension(mime_type) or ""
        stored = StoredFile(
            file_id,
            secrets.token_urlsafe(9),
            f"{kind}/file_{len(self._files)}{suffix if suffix.isascii() else ''}",
            name,
            mime_type,
            len(upload.content),
            width,
            height,
        )
        self._files[file_id] = stored
        if self._folder:
            (self._folder / file_id).write_bytes(upload.content)
        else:
            self._contents[file_id] = upload.content
        return stored

    def restore(self, record: dict[str, Any]) -> None:
        """Knows again a file whose bytes already lie in the folder."""
        stored = StoredFile(**record)
        self._files[stored.file_id] = stored

    def records(self) -> list[dict[str, Any]]:
        """What is known of every file, for the journal."""
        return [asdict(stored) for stored in self._files.values()]

    def get(self, file_id: str) -> StoredFile | None:
        """A file by its id."""
        return self._files.get(file_id)

    def forget_all(self) -> None:
        """No file id is good any more, as when a bot gets another token; messages keep what they show."""
        self._files.clear()

    def by_path(self, path: str) -> StoredFile | None:
        """A file by the path that `getFile` tells."""
        return next((stored for stored in self._files.values() if stored.path == path), None)

    def content(self, stored: StoredFile) -> bytes:
        """The bytes of a file."""
        if self._folder:
            return (self._folder / stored.file_id).read_bytes()
        return self._contents[stored.file_id]


def checked_photo(upload: Upload) -> Upload:
    """Raises ApiError when Telegram would not take the file as a photo."""
    if not upload.content:
        raise bad_request("file must be non-empty")
    if len(upload.content) > MAX_PHOTO_BYTES:
        raise bad_request(
            f"file of size {len(upload.content)} bytes is too big for a photo; the maximum size is "
            f"{MAX_PHOTO_BYTES} bytes"
        )
    width, height = image_size(upload.content)
    if not width or not height:
        raise bad_request("IMAGE_PROCESS_FAILED")
    if width + height > MAX_PHOTO_SIDES or max(width, height) > MAX_PHOTO_RATIO * min(width, height):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return upload


def checked_document(upload: Upload) -> Upload:
    """Raises ApiError when Telegram would not take the file as a document."""
    if not upload.content:
        raise bad_request("file must be non-empty")
    if len(upload.content) > MAX_DOCUMENT_BYTES:
        raise ApiError(413, "Request Entity Too Large")
    return upload


def image_type(content: bytes) -> str | None:
    """MIME type by the first bytes, None when it is no picture that a browser may show."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content[:6] in (b"GIF87a", b"GIF89a"):
        return "image/gif"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return None


def image_size(content: bytes) -> tuple[int, int]:
    """Width and height in pixels read from the header; (0, 0) when it is no picture.

    Only headers are read: a picture that unpacks to gigabytes costs nothing here.
    """
    kind = image_type(content)
    try:
        if kind == "image/png":
            width, height = struct.unpack(">II", content[16:24])
        elif kind == "image/gif":
            width, height = struct.unpack("<HH", content[6:10])
        elif kind == "image/jpeg":
            return _jpeg_size(content)
        elif kind == "image/webp":
            return _webp_size(content)
        else:
            return 0, 0
    except (struct.error, IndexError):
        return 0, 0
    return int(width), int(height)


def _jpeg_size(content: bytes) -> tuple[int, int]:
    at = 2
    while at < len(content):
        while content[at] == 0xFF:
            at += 1
        marker = content[at]
        # start-of-frame segments carry the size; C4, C8 and CC are other things
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 4 : at + 8])
            return int(width), int(height)
        at += 1 + struct.unpack(">H", content[at + 1 : at + 3])[0]
    return 0, 0


def _webp_size(content: bytes) -> tuple[int, int]:
    chunk = content[12:16]
    if chunk == b"VP8X":
        return 1 + int.from_bytes(content[24:27], "little"), 1 + int.from_bytes(content[27:30], "little")
    if chunk == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + ((bits >> 14) & 0x3FFF)
    width, height = struct.unpack("<HH", content[26:30])
    return width & 0x3FFF, height & 0x3FFF
