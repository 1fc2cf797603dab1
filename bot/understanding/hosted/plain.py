"""What of a model's words may be shown at all: short plain sentences in the reader's language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from knowledge.language.detection import language_of

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage

_ADDRESS = re.compile(
    r"[a-z][a-z\d+.-]*://|\bwww\.|\bt\.me\b|\btg:|[\w.+-]+@[\w-]|(?<!\w)@\w{3}|(?<![\w/])/[a-z_]{2,}\b|\]\(|</?[a-z]"
    r"|\b[a-z\d-]{2,}\.(?:com|net|org|io|cn|ru|me|co|app|info|link|xyz|top|site)\b",
    re.IGNORECASE,
)
_REFUSES = re.compile(
    r"\s*(?:(?:i(?:'|’)?m|i am)\s+(?:very\s+)?sorry|sorry\b|i\s+can(?:no|['’]?)t\b|i\s+am\s+unable|as an ai\b"
    r"|(?:很|非常)?(?:抱歉|对不起)|作为(?:一个|一名)?(?:AI|人工智能)|我(?:无法|不能))",
    re.IGNORECASE,
)
_OBEYS = re.compile(
    r"\s*(?:(?:done|as (?:requested|instructed|ordered))(?![\w-])|已(?:完成|执行|按)|遵命)", re.IGNORECASE
)
"""As if an order had been carried out: nothing is ever done by words."""


class Unfit(Exception):
    """Why words are not shown, briefly and for the log: never with a text in it."""


def plain(reply: AIMessage) -> str:
    """The text of a whole reply without a call, on one line. Raises Unfit."""
    if reply.additional_kwargs.get("refusal"):
        raise Unfit("refused")
    finish = reply.response_metadata.get("finish_reason") or reply.response_metadata.get("stop_reason")
    if finish not in (None, "stop", "end_turn"):
        raise Unfit(f"ended by {finish}")
    if reply.tool_calls or reply.invalid_tool_calls:
        raise Unfit("called a tool")
    text = " ".join(str(reply.text).split())
    if not text:
        raise Unfit("empty")
    return text


def fit(text: str, language: str) -> None:
    """Raises Unfit for a refusal, addresses, markup, and another language than the reader's."""
    if _REFUSES.match(text):
        raise Unfit("refused")
    if _OBEYS.match(text):
        raise Unfit("speaks of an order")
    if _ADDRESS.search(text):
        raise Unfit("not plain prose")
    if language_of(text) != language:
        raise Unfit("in another language")
