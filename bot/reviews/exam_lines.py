"""Reviews as questions for `marketbot exam`: the expected answer is left to be filled in where nobody knows it yet."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.reviews.record import Review
    from tools.answer import ToolCall

KIND = "review"


def exam_line(review: Review) -> dict[str, Any]:
    """One question. An answer that an admin judged right is expected again; else `expect` is null.

    `answered` is what was shown then; `reason`, `note` and `verdict` are for whoever fills the line in.
    """
    calls = [_plain(call) for call in review.shown.calls]
    return {
        "id": f"review-{review.id}",
        "kind": KIND,
        "lang": review.shown.language,
        "question": review.shown.question,
        **({"as_of": review.shown.today.isoformat()} if review.shown.today else {}),
        "expect": {"status": "answered", "calls": calls} if review.verdict == "right" else None,
        "answered": {"calls": calls, "headline": review.headline},
        "reason": review.reason,
        "note": review.note,
        "verdict": review.verdict,
    }


def exam_file(reviews: Iterable[Review]) -> str:
    """JSON lines, in the order of the reviews."""
    return "".join(json.dumps(exam_line(review), ensure_ascii=False) + "\n" for review in reviews)


def _plain(call: ToolCall) -> dict[str, Any]:
    return {"tool": call.tool, "args": dict(call.args)}
