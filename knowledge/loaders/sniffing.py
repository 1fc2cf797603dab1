"""What a file's content is, whatever its name says."""

from __future__ import annotations

import io
import zipfile

from knowledge.loaders.encoding import utf16_without_mark

_SIGNATURES = (
    (b"%PDF-", ".pdf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".doc"),
    (b"{\\rtf", ".rtf"),
    (b"\x89PNG\r\n", ".png"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"GIF8", ".gif"),
    (b"II*\x00", ".tiff"),
    (b"MM\x00*", ".tiff"),
    (b"RIFF", ".riff"),
    (b"\x1f\x8b", ".gz"),
    (b"BZh", ".bz2"),
    (b"\xfd7zXZ\x00", ".xz"),
    (b"7z\xbc\xaf\x27\x1c", ".7z"),
    (b"Rar!\x1a\x07", ".rar"),
    (b"\x7fELF", ".elf"),
    (b"MZ\x90", ".exe"),
    (b"SQLite format 3\x00", ".sqlite"),
    (b"PAR1", ".parquet"),
)
_OFFICE = (("word/", ".docx"), ("xl/", ".xlsx"), ("ppt/", ".pptx"))
# Office puts a document that opens with a password into the container of its old formats, under this name.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_HEAD = 4096


def found(content: bytes) -> str:
    """The suffix that fits the content; "encrypted" for an Office file with a password, "" for what is no text."""
    head = content[:_HEAD]
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if b"%PDF-" in head[:1024]:
        return ".pdf"
    for signature, suffix in _SIGNATURES:
        if head.startswith(signature):
            return "encrypted" if suffix == ".doc" and _ENCRYPTED in content else suffix
    if head.startswith(b"PK"):
        return _office(content)
    if start[:15].lower().startswith((b"<!doctype html", b"<html")):
        return ".html"
    return ".txt" if _is_text(content) else ""


def _office(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return ".zip"
    return next((suffix for folder, suffix in _OFFICE if any(name.startswith(folder) for name in names)), ".zip")


def _is_text(content: bytes) -> bool:
    """Text has few controls and no zero bytes, unless it is UTF-16."""
    head = content[:_HEAD]
    controls = sum(byte < 9 or 14 <= byte < 27 for byte in head)
    if head.count(0) <= 0.002 * len(head) and controls <= 0.05 * len(head):
        return True
    return head.startswith((b"\xff\xfe", b"\xfe\xff")) or utf16_without_mark(content) is not None
