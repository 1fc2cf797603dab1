"""Names of events as people write them: made plain, and with the names the product knows them by."""

from __future__ import annotations

import re
import unicodedata

from tools.calendar.occasions import occasions_named, without_year
from tools.messages import Label

LONGEST_NAME = 60
_HAN = re.compile(r"[\u3400-\u9fff]")


def plain(name: str) -> str:
    """A name on one line: without control and format characters, cut to `LONGEST_NAME`."""
    kept = "".join(" " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign for sign in name)
    kept = "".join(sign for sign in kept if unicodedata.category(sign) not in ("Cf", "Cs", "Co", "Cn"))
    return " ".join(kept.split())[:LONGEST_NAME].strip()


def label_of(name: str) -> Label:
    """The name without its year; in the other language the product's own name for it, where it has one."""
    from tools.calendar.shipped import BY_KEY

    bare = without_year(name)
    known = occasions_named(name)
    if not known:
        return Label(bare)
    labels = [BY_KEY[key].label for key in known]
    label = Label(" and ".join(label.en for label in labels), "与".join(label.zh for label in labels))
    return Label(label.en, bare) if _HAN.search(bare) else Label(bare, label.zh)
