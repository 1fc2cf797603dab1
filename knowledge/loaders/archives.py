"""Office files are archives: how much one unpacks to is known, and held to, before a parser sees it."""

from __future__ import annotations

import io
import zipfile

from knowledge.errors import Unreadable
from knowledge.loaders.limits import Limits

_MOST_FILES = 20_000
# XML says the same in many more bytes than text; pictures are not unpacked by any parser here, but count as they are.
_BYTES_PER_CHARACTER = 20
_CHUNK = 1024 * 1024


def checked(content: bytes, name: str, limits: Limits) -> None:
    """Unpacks an archive into nothing, part by part, to see that it stays within the limits.

    The sizes that it declares are looked at first; since they can lie, what is unpacked is counted too.

    Raises:
        Unreadable: it unpacks to too much, is damaged, or opens with a password.
    """
    most = limits.characters * _BYTES_PER_CHARACTER
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > _MOST_FILES or sum(part.file_size for part in parts) > most:
                raise Unreadable(name, "too_much_text", limit=limits.characters)
            if any(part.flag_bits & 1 for part in parts):
                raise Unreadable(name, "encrypted")
            unpacked = 0
            for part in parts:
                with archive.open(part) as opened:
                    while chunk := opened.read(_CHUNK):
                        unpacked += len(chunk)
                        if unpacked > most:
                            raise Unreadable(name, "too_much_text", limit=limits.characters)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError) as error:
        raise Unreadable(name, "damaged", detail=type(error).__name__) from error
