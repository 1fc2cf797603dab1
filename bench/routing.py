"""Whole plans of generated questions in both languages, beside two peers that choose the tool alone.

Every question has one gold plan, put together without the planner: the tool and all of its arguments. A plan is exact
when it is one call of that tool with arguments that mean the same. Wrong is a plan that is not exact: what the user
would have been told without being asked. The peers learn from the tools' own examples and the public exam, and once
more from all the questions that the product's own tests ask. The second wordings were written when the planner had
been mended for the first.
Options: `--failures=FILE` writes what was not exact; `--no-peers` leaves the peers out.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from bench import _generated_ahead, _generated_customers, _generated_figures, _generated_unasked
from bench._generated import LANGUAGES, TODAY, Case, Lang, cases
from bench._generated_fresh import fresh
from bench._routing_peers import Examples, by_embedding, by_ngrams, own_examples, with_gold
from bench._stores import demo_store
from bot.contexts import Contexts
from bot.understanding.interpret import interpret
from bot.understanding.outcome import Clarify, Outcome, Plan
from bot.understanding.worlds import Worlds
from knowledge.library import Library
from tools.registry import Registry, discover
from tools.semantic.catalog import Catalog
from tools.semantic.query import Days
from tools.tool import User
from tools.warehouse.connection import Warehouse

LINES = 200_000
WIDTH = 62
FAMILIES = (
    *_generated_figures.FAMILIES,
    *_generated_customers.FAMILIES,
    *_generated_ahead.FAMILIES,
    *_generated_unasked.FAMILIES,
)
PEERS: dict[str, Callable[[Examples, Sequence[Case]], dict[Lang, float] | None]] = {
    "semantic-router (MiniLM)": by_embedding,
    "n-grams, logistic regression": by_ngrams,
}
Verdict = Literal["exact", "wrong", "asked back", "declined"]
WHOLE_NUMBERS = frozenset({"orders", "products", "returned_orders", "units"})


@dataclass(frozen=True)
class Judged:
    """A case, what became of it, and the tool of its plan, if there is one."""

    case: Case
    outcome: Outcome
    verdict: Verdict

    @property
    def tool(self) -> str | None:
        return self.outcome.calls[0].tool if isinstance(self.outcome, Plan) else None

    @property
    def tool_is_right(self) -> bool:
        return self.tool == self.case.tool or (self.case.same is not None and self.tool == self.case.same[0])


def main() -> None:
    first = cases(FAMILIES)
    texts = {case.text for case in first}
    second = [case for case in cases(fresh(FAMILIES)) if case.text not in texts]
    registry = discover()
    judged = _planned([*first, *second], registry)
    _report(f"{len(first)} questions of {len(FAMILIES)} kinds", judged[: len(first)])
    if "--no-peers" not in sys.argv:
        _peers(first, registry)
    _report(f"{len(second)} questions in second wordings", judged[len(first) :])
    path = next((o.partition("=")[2] for o in sys.argv if o.startswith("--failures=")), None)
    if path:
        Path(path).write_text(_failures(judged), encoding="utf-8")


def _report(name: str, judged: Sequence[Judged]) -> None:
    print(f"{name:{WIDTH}}" + "".join(f"{x:>8}" for x in (*LANGUAGES, "all")), flush=True)
    for verdict in ("exact", "asked back", "declined"):
        _row(f"marketbot: {verdict}, %", judged, [one.verdict == verdict for one in judged])
    _row("marketbot: the tool alone, %", judged, [one.tool_is_right for one in judged])
    wrong = [one for one in judged if one.verdict == "wrong"]
    _count("marketbot: wrong, count", wrong)
    _count("marketbot: of these a search in the playbooks", [one for one in wrong if one.tool == "playbook"])


def _count(name: str, judged: Sequence[Judged]) -> None:
    counts = Counter(one.case.language for one in judged)
    print(f"{name:{WIDTH}}" + "".join(f"{counts[x]:8}" for x in LANGUAGES) + f"{len(judged):8}", flush=True)


def _planned(asked: Sequence[Case], registry: Registry) -> list[Judged]:
    warehouse = Warehouse.at(demo_store(LINES))
    library = Library(Path(tempfile.gettempdir()) / "marketbot-bench" / "playbooks")
    if not library.shipped_is_learned():
        library.learn(embed=False)
    try:
        contexts = Contexts(warehouse, Catalog.load(), clock=lambda: TODAY, library=library)
        world = Worlds(contexts, registry).of(User("bench", "admin"), TODAY)
        return [_judged(case, interpret(case.text, world), registry) for case in asked]
    finally:
        library.close()
        warehouse.close()


def _judged(case: Case, outcome: Outcome, registry: Registry) -> Judged:
    if not isinstance(outcome, Plan):
        return Judged(case, outcome, "asked back" if isinstance(outcome, Clarify) else "declined")
    gold = [[_meaning(registry, *call)] for call in ((case.tool, case.args), case.same) if call is not None]
    found = [_meaning(registry, call.tool, call.args) for call in outcome.calls]
    return Judged(case, outcome, "exact" if found in gold else "wrong")


def _meaning(registry: Registry, tool: str, args: Mapping[str, Any]) -> tuple[str, Any]:
    """A call in the one form that all calls of the same meaning share."""
    checked = registry[tool].args.model_validate(args)
    plain = checked.model_dump(mode="json")
    if plain.get("compare") in ("previous_period", "year_ago"):
        period = Days.model_validate(plain["period"]).period
        other = period.previous() if plain["compare"] == "previous_period" else period.year_ago()
        plain["compare"] = {"start": other.start.isoformat(), "end": other.end.isoformat()}
    return tool, _ordered(plain)


def _ordered(value: Any) -> Any:
    """Conditions and values in one order; "more than 4" orders as "at least 5"; what a customer did, up to today."""
    if isinstance(value, dict):
        value = {key: _ordered(part) for key, part in value.items() if key not in ("confirmed", "said")}
        if value.get("period") and "measure" in value:
            value["period"] |= {"end": min(value["period"]["end"], TODAY.isoformat())}
        if value.get("measure") in WHOLE_NUMBERS and value.get("op") in (">", "<="):
            value |= {"op": ">=" if value["op"] == ">" else "<", "value": value["value"] + 1}
        for key in ("filters", "where", "values", "all", "any", "having"):
            if isinstance(value.get(key), list):
                value[key] = sorted(value[key], key=lambda part: json.dumps(part, sort_keys=True))
        return value
    return [_ordered(part) for part in value] if isinstance(value, list) else value


def _peers(asked: Sequence[Case], registry: Registry) -> None:
    examples = own_examples(registry)
    for learnt in (examples, with_gold(examples)):
        for name, peer in PEERS.items():
            rates = peer(learnt, asked)
            if rates is None:
                continue
            whole = sum(rates[case.language] for case in asked) / len(asked)
            shares = [100 * rate for rate in (*(rates[language] for language in LANGUAGES), whole)]
            _figures(f"{name}, {len(learnt.questions)} examples: tool, %", shares)


def _row(name: str, judged: Sequence[Judged], right: Sequence[bool]) -> None:
    pairs = list(zip(judged, right, strict=True))
    of = [[ok for one, ok in pairs if one.case.language == language] for language in LANGUAGES]
    _figures(name, [100 * sum(part) / len(part) for part in (*of, list(right))])


def _figures(name: str, values: Sequence[float]) -> None:
    print(f"{name:{WIDTH}}" + "".join(f"{value:8.1f}" for value in values), flush=True)


def _failures(judged: Sequence[Judged]) -> str:
    """A line each: the verdict, the question, the gold plan and what came instead."""
    lines = []
    for one in judged:
        if one.verdict != "exact":
            came = (
                [[c.tool, dict(c.args)] for c in one.outcome.calls]
                if isinstance(one.outcome, Plan)
                else one.outcome.message.text
            )
            values = (
                None if isinstance(one.outcome, Plan) else {k: str(v) for k, v in one.outcome.message.values.items()}
            )
            line = {
                "verdict": one.verdict,
                "kind": one.case.kind,
                "text": one.case.text,
                "gold": [one.case.tool, one.case.args],
                "came": came,
            }
            lines.append(json.dumps(line | ({"values": values} if values else {}), ensure_ascii=False))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
