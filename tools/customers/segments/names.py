"""Names of saved segments: which are good, and which are the same."""

from __future__ import annotations

import re
import unicodedata

from tools.errors import InvalidArgument
from tools.messages import say

LONGEST_NAME = 40
# Letters and digits of any script, and what names of segments are written with: VIP-DE, R&D 2.0.
_NAME = re.compile(r"[\w &.\-]+")


def clean_name(name: str) -> str:
    """The name in the form in which it is kept. Raises InvalidArgument where it is none."""
    shown = " ".join(unicodedata.normalize("NFKC", name).split())
    if not 1 <= len(shown) <= LONGEST_NAME or not _NAME.fullmatch(shown) or not any(map(str.isalnum, shown)):
        raise InvalidArgument(
            say(
                "“{name}” is no name for a segment: up to {longest} letters, digits, spaces, and - _ . &.",
                name=name[: 2 * LONGEST_NAME],
                longest=LONGEST_NAME,
            )
        )
    return shown


def key_of(name: str) -> str:
    """The name as it is compared: without case, width or spare spaces."""
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).split())
