"""What a teaching sentence says: the word, and in whichever words what it means."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tools.errors import InvalidArgument
from tools.messages import say

CALLED = re.compile(
    r"^\s*(?:(?:please\s+)?teach(?:\s+me|\s+you)?|learn|请?(?:教你|教你一个词|记住|学一下|学习))\s*[:：]\s*",
    re.IGNORECASE,
)
"""What tells a teaching sentence from a question."""
QUOTES = {"“": "”", '"': '"', "「": "」", "『": "』", "‘": "’", "'": "'", "《": "》", "”": "”"}
OPENING = re.compile(
    r"^(?:that\s+)?(?:(?:when|if|whenever)\s+(?:i|we|people|someone|somebody|anyone)\s+says?\s+|by\s+(?=.*\b(?:i|we)\s+mean\b))"
    r"|^(?:以后|今后|从现在起)?[,，]?(?:当|如果|凡是)?(?:我们?|大家|有人)?(?:说到?|提到|讲到?|问到?)(?:的)?",
    re.IGNORECASE,
)
SEPARATOR = re.compile(
    r"\s*[,，]?\s*(?<!\w)(?:it\s+means?|i\s+means?|we\s+means?|they\s+means?|means?|stands?\s+for|is\s+short\s+for|"
    r"refers?\s+to|should\s+mean|shall\s+mean|is\s+read\s+as|is)(?!\w)\s*[:：]?\s*"
    r"|\s*(?:的时候|时)?\s*[,，]?\s*(?:我|我们|就|都)?(?:是指|指的就?是|的?意思就?是|表示|代表|等于|等同于|就是|指|即|是)\s*[:：]?\s*"
    r"|\s*(?:=|＝|->|→|=>)\s*",
    re.IGNORECASE,
)
ENDING = " \t\n.。!！;；"


@dataclass(frozen=True)
class Said:
    """A word and the words for its meaning, both as they were typed."""

    word: str
    meaning: str


def is_teaching(text: str) -> bool:
    """Whether a message begins as one that teaches: “teach: …”, 记住：…."""
    return CALLED.match(text) is not None


def said(text: str) -> Said:
    """Reads `"自营" means channel=own` and the like. Raises InvalidArgument, with examples, where it is none."""
    rest = OPENING.sub("", CALLED.sub("", text.strip(), count=1).strip(), count=1).strip()
    closing = QUOTES.get(rest[:1])
    if closing is not None:
        end = rest.find(closing, 1)
        word, after = (rest[1:end], rest[end + 1 :]) if end > 0 else ("", "")
        match = SEPARATOR.match(after)
    else:
        match = SEPARATOR.search(rest)
        word, after = (rest[: match.start()], rest) if match else ("", "")
    meaning = after[match.end() :].strip(ENDING) if match else ""
    if len(meaning) > 1 and QUOTES.get(meaning[0]) == meaning[-1]:
        meaning = meaning[1:-1]
    if not word.strip() or not meaning.strip():
        raise InvalidArgument(
            say(
                "Tell me a word and what it means, for example:\n"
                "/teach “GP” means net sales\n"
                "/teach “flagship markets” means country=Germany, France\n"
                "/teach “big spenders” means segment=VIP-DE"
            )
        )
    return Said(word.strip(), meaning.strip())
