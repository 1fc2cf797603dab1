"""Scores the product on questions with known answers: right, wrong (it claimed and does not hold), or missed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Verdict = Literal["right", "wrong", "missed"]
VERDICTS: tuple[Verdict, ...] = ("right", "wrong", "missed")
STATUSES = ("answered", "clarify", "declined", "failed")
LANGUAGES = ("en", "zh")
REL = 0.001
"""How far a figure may be off, as a share, where a question does not say."""


@dataclass(frozen=True)
class Judgement:
    question: Mapping[str, Any]
    verdict: Verdict
    reason: str
    total_ms: float | None


def judge(expect: Mapping[str, Any], got: Mapping[str, Any] | None) -> tuple[Verdict, str]:
    """The verdict on one answer (as `ask --json` prints it), and why.

    `expect` may hold `status` (one, or any of a list), `tool` (one of these was called), `calls` (each was made, with
    these arguments among its own), `facts` (for each: a fact with this name has this value within `rel`), `ranking` and
    `series` (a column of the table equals this), `table_min_rows`, and `citation` (this document is cited, and the
    words stand in the text or the quote).
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
    for want in expect.get("calls", []):
        if not any(_holds(call, want) for call in got.get("calls") or []):
            return "wrong", f"no call {want} among {got.get('calls')}"
    for want in expect.get("facts", []):
        values = [fact.get("value") for fact in got.get("facts") or [] if fact.get("name") == want["name"]]
        if not any(_close(value, want["value"], want.get("rel", REL)) for value in values):
            return "wrong", f"no fact {want['name']} = {want['value']} among {values[:6]}"
    table = got.get("table") or {}
    rows = table.get("rows") or []
    columns = list(zip(*rows, strict=True))
    if "ranking" in expect:
        wanted = [str(value) for value in expect["ranking"]]
        if not any([str(value) for value in column] == wanted for column in columns):
            return "wrong", f"no column equals {wanted}"
    if "series" in expect:
        series, rel = expect["series"], expect.get("rel", REL)
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


def flaw(line: Mapping[str, Any]) -> str | None:
    """Why a question of an exam cannot be judged; None where it can, or where what to expect is left to fill in."""
    for key in ("expect", "kind", "lang"):
        if key not in line:
            return f"it has no {key!r}"
    if not isinstance(line["kind"], str) or not line["kind"]:
        return f"'kind' was {line['kind']!r}; expected a word for the sort of question"
    if line["lang"] not in LANGUAGES:
        return f"'lang' was {line['lang']!r}; expected en or zh"
    return None if is_open(line) else _flaw_of(line["expect"])


def is_open(line: Mapping[str, Any]) -> bool:
    """Whether what to expect is still to be filled in, as in a review that was exported."""
    return line["expect"] is None or line["expect"] == {}


def _flaw_of(expect: Any) -> str | None:
    if not isinstance(expect, dict):
        return f"'expect' was {expect!r}; expected an object, or null to fill in later"
    unknown = sorted(set(expect) - set(FORMS))
    if unknown:
        return f"'expect' has {unknown[0]!r}; it may have {', '.join(FORMS)}"
    if "status" not in expect:
        return "'expect' has no 'status'"
    for key, value in expect.items():
        form, described = FORMS[key]
        if not form(value):
            return f"'{key}' in 'expect' was {value!r}; expected {described}"
    return None


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


def _holds(call: Mapping[str, Any], want: Mapping[str, Any]) -> bool:
    """Whether a call is of this tool and has these arguments; what else it has stands at its default or is free."""
    args = call.get("args") or {}
    return call.get("tool") == want["tool"] and all(args.get(name) == value for name, value in want["args"].items())


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _all(values: Any, test: Callable[[Any], bool]) -> bool:
    return isinstance(values, list) and bool(values) and all(map(test, values))


def _is_status(value: Any) -> bool:
    return _all(_listed(value), lambda one: one in STATUSES)


def _is_fact(value: Any) -> bool:
    named = isinstance(value, dict) and isinstance(value.get("name"), str) and _is_number(value.get("value"))
    return named and _is_number(value.get("rel", REL))


def _is_call(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("tool"), str) and isinstance(value.get("args"), dict)


def _is_citation(value: Any) -> bool:
    named = isinstance(value, dict) and isinstance(value.get("document"), str)
    return named and isinstance(value.get("words"), list) and all(isinstance(word, str) for word in value["words"])


FORMS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "status": (_is_status, f"one of {', '.join(STATUSES)}, or a list of them"),
    "tool": (lambda value: _all(value, lambda one: isinstance(one, str)), "a list of tools"),
    "calls": (lambda value: _all(value, _is_call), 'a list such as [{"tool": "metrics", "args": {…}}]'),
    "facts": (lambda value: _all(value, _is_fact), 'a list such as [{"name": "orders", "value": 2751, "rel": 0.001}]'),
    "ranking": (
        lambda value: _all(value, lambda one: isinstance(one, str | int | float)),
        "a list of values, in order",
    ),
    "series": (lambda value: _all(value, _is_number), "a list of numbers"),
    "rel": (_is_number, "how far numbers may be off, as a share"),
    "table_min_rows": (lambda value: isinstance(value, int), "a number of rows"),
    "citation": (_is_citation, '{"document": "…", "words": ["…"]}'),
}
"""What `expect` may hold: whether a value is of its form, and the form in words."""


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _close(a: Any, b: Any, rel: float) -> bool:
    try:
        return abs(float(a) - float(b)) <= max(rel * abs(float(b)), 1e-9)
    except (TypeError, ValueError):
        return False
