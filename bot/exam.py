"""Scores the product on questions with known answers: right, wrong (it claimed and does not hold), or missed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Verdict = Literal["right", "wrong", "missed"]
VERDICTS: tuple[Verdict, ...] = ("right", "wrong", "missed")


@dataclass(frozen=True)
class Judgement:
    question: Mapping[str, Any]
    verdict: Verdict
    reason: str
    total_ms: float | None


def judge(expect: Mapping[str, Any], got: Mapping[str, Any] | None) -> tuple[Verdict, str]:
    """The verdict on one answer (as `ask --json` prints it), and why.

    `expect` may hold `status` (one, or any of a list), `tool` (one of these was called), `facts` (for each: a fact
    with this name has this value within `rel`), `ranking` and `series` (a column of the table equals this),
    `table_min_rows`, and `citation` (this document is cited, and the words stand in the text or the quote).
    """
    if got is None:
        return "missed", "no answer"
    status = got.get("status")
    if status not in _listed(expect["status"]):
        return ("wrong" if status == "answered" else "missed"), f"status {status!r}, expected {expect['status']!r}"
    if status != "answered":
        return "right", ""
    tools = [call.get("tool") for call in got.get("calls") or []]
    if expect.get("tool") and not set(tools) & set(expect["tool"]):
        return "wrong", f"tools {tools}, expected {expect['tool']}"
    for want in expect.get("facts", []):
        values = [fact.get("value") for fact in got.get("facts") or [] if fact.get("name") == want["name"]]
        if not any(_close(value, want["value"], want["rel"]) for value in values):
            return "wrong", f"no fact {want['name']} = {want['value']} among {values[:6]}"
    table = got.get("table") or {}
    rows = table.get("rows") or []
    columns = list(zip(*rows, strict=True))
    if "ranking" in expect:
        wanted = [str(value) for value in expect["ranking"]]
        if not any([str(value) for value in column] == wanted for column in columns):
            return "wrong", f"no column equals {wanted}"
    if "series" in expect:
        series, rel = expect["series"], expect["rel"]
        if not any(
            len(column) == len(series) and all(_close(a, b, rel) for a, b in zip(column, series, strict=True))
            for column in columns
        ):
            return "wrong", f"no column equals {series[:4]}…"
    if "table_min_rows" in expect:
        shown = max(table.get("total_rows") or 0, len(rows))
        if shown < expect["table_min_rows"]:
            return "wrong", f"{shown} rows, expected {expect['table_min_rows']} or more"
    if "citation" in expect:
        return _cited(expect["citation"], got)
    return "right", ""


def score(exam: Iterable[Mapping[str, Any]], answers: Mapping[str, Mapping[str, Any]]) -> list[Judgement]:
    """Judges every question of an exam by the answers under their ids."""
    found = []
    for question in exam:
        got = answers.get(question["id"])
        verdict, reason = judge(question["expect"], got)
        total_ms = (got.get("elapsed_ms") or {}).get("total") if got else None
        found.append(Judgement(question, verdict, reason, total_ms))
    return found


def report(judgements: Sequence[Judgement]) -> str:
    """A line for each kind and language, then the sum with the times."""
    by: dict[str, dict[Verdict, int]] = defaultdict(lambda: dict.fromkeys(VERDICTS, 0))
    for one in judgements:
        for key in (one.question["kind"], f"lang:{one.question['lang']}"):
            by[key][one.verdict] += 1
    lines = [f"{key:12} " + "  ".join(f"{verdict} {by[key][verdict]}" for verdict in VERDICTS) for key in sorted(by)]
    total = {verdict: sum(1 for one in judgements if one.verdict == verdict) for verdict in VERDICTS}
    times = sorted(one.total_ms or 0 for one in judgements if one.total_ms is not None)
    p50, p95 = (times[int(len(times) * share)] if times else None for share in (0.5, 0.95))
    share = total["right"] / len(judgements) if judgements else 0
    lines.append(
        f"{total['right']}/{len(judgements)} right ({share:.1%}), {total['wrong']} wrong, {total['missed']} missed; "
        f"p50 {p50} ms, p95 {p95} ms"
    )
    return "\n".join(lines)


def _cited(want: Mapping[str, Any], got: Mapping[str, Any]) -> tuple[Verdict, str]:
    citations = got.get("citations") or []
    from_it = [c for c in citations if want["document"] in str(c.get("document"))]
    if not from_it:
        return "wrong", f"cites {[c.get('document') for c in citations]}, expected {want['document']}"
    said = (got.get("text") or "") + " ".join(str(c.get("quote")) for c in from_it)
    missing = [word for word in want["words"] if word not in said]
    return ("wrong", f"passage lacks {missing}") if missing else ("right", "")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _close(a: Any, b: Any, rel: float) -> bool:
    try:
        return abs(float(a) - float(b)) <= max(rel * abs(float(b)), 1e-9)
    except (TypeError, ValueError):
        return False
