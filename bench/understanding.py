"""Understanding alone, a file of questions, and one question from a cold start, against what a chat can bear.

The questions are those of the public exam and of the golden plans, on UCI Online Retail; the texts made to be slow are
the tests'. Understanding is all of `ask` but the tools' own run. The file and the cold question are the command line in
a process of its own, so that the time holds starting Python and loading the libraries, and the memory is the whole
process's.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from bench._child import run_child
from bench._retail import LAST_DAY, ROOT, SHARED, retail_files, retail_home
from bench._slow_texts import SLOW_TEXTS
from bot.contexts import Contexts
from bot.reply import Question
from bot.understanding.assistant import MarketAssistant
from tools.registry import discover
from tools.semantic.catalog import Catalog
from tools.tool import User
from tools.warehouse.connection import Warehouse

ROUNDS = 5
COLD_STARTS = 3
COLD = ("net sales last month", "德国上季度的销售额", "top 5 products by revenue last month")


def main() -> None:
    files = retail_files()
    if not files:
        print(f"skipped: no Parquet files in {SHARED / 'data' / 'online_retail'}", flush=True)
        return
    home = retail_home(files)
    questions = _questions()
    marketbot = [str(Path(sys.executable).parent / "marketbot"), "--home", str(home), "ask", "--json"]
    # The processes first: a child's peak counts from what its parent held when it was started.
    cold = [run_child([*marketbot, "--as-of", LAST_DAY.isoformat(), text]) for text in COLD for _ in range(COLD_STARTS)]
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as batch:
        batch.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in questions)
        batch.flush()
        done = run_child([*marketbot, "--batch", batch.name])
    totals = [json.loads(line)["elapsed_ms"]["total"] for line in done.output.splitlines()]
    seconds = [one.seconds for one in cold]
    print(f"{len(questions)} questions{'':20}   p50      p95      p99   aim", flush=True)
    print(_row("understanding, ms", _understood(home, questions), "p95 ≤ 30, p99 ≤ 60"), flush=True)
    slow = [{"id": name, "question": text, "as_of": LAST_DAY.isoformat()} for name, text in SLOW_TEXTS.items()]
    print(_row("texts made to be slow, ms", _understood(home, slow), "p99 ≤ 200"), flush=True)
    print(_row("ask --batch, total ms", totals, "p95 ≤ 300"), flush=True)
    print(f"\n{'':32}median    worst            aim", flush=True)
    print(f"{'cold ask, s':32}{statistics.median(seconds):6.1f}   {max(seconds):6.1f}            ≤ 6", flush=True)
    cpu = [one.cpu_seconds for one in cold]
    print(f"{'cold ask, CPU s':32}{statistics.median(cpu):6.1f}   {max(cpu):6.1f}", flush=True)
    print(f"{'cold ask, peak MiB':32}{'':9}{max(one.peak_mb for one in cold):6.0f}            ≤ 1024", flush=True)
    print(f"{'ask --batch, peak MiB':32}{'':9}{done.peak_mb:6.0f}            ≤ 1024", flush=True)


def _questions() -> list[dict[str, Any]]:
    golden = [json.loads(line) for line in (ROOT / "tests" / "golden" / "plans.jsonl").read_text("utf-8").splitlines()]
    asked = [
        {"id": f"golden-{i}", "question": case["q"], "as_of": LAST_DAY.isoformat()} for i, case in enumerate(golden)
    ]
    exam = SHARED / "exam" / "public.jsonl"
    if exam.is_file():
        lines = (json.loads(line) for line in exam.read_text("utf-8").splitlines() if line.strip())
        asked += [{k: line[k] for k in ("id", "question", "as_of", "session") if k in line} for line in lines]
    return asked


def _understood(home: Path, questions: list[dict[str, Any]]) -> list[float]:
    """Milliseconds of each question in each round; the first round warms up and does not count."""
    warehouse = Warehouse.at(home / "warehouse.duckdb")
    assistant = MarketAssistant(
        Contexts(warehouse, Catalog.load(), clock=lambda: LAST_DAY),
        discover(),
        audit=lambda _user, _action, _details: None,
    )
    found: list[float] = []
    for round_ in range(ROUNDS + 1):
        for line in questions:
            conversation = f"{round_}:{line.get('session', line['id'])}"
            day = date.fromisoformat(line["as_of"])
            reply = assistant.ask(Question(line["question"], User("bench", "admin"), conversation, today=day))
            if round_:
                found.append(reply.elapsed_ms["understand"])
    warehouse.close()
    return found


def _row(name: str, values: list[float], aim: str) -> str:
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return f"{name:32}{cuts[49]:6.1f}   {cuts[94]:6.1f}   {cuts[98]:6.1f}   {aim}"


if __name__ == "__main__":
    main()
