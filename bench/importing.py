"""`marketbot import` of UCI Online Retail against DuckDB reading the same Parquet files into a table as they are.

Both run in a process of their own with two threads and write a new DuckDB file. By hand means CREATE TABLE AS over
all columns, with nothing checked, and then COPY of that table to Parquet: the floor, not the same work. The import
also types every cell, finds duplicates, sets rows aside with their reasons, fills the canonical tables and reports.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

import duckdb

from bench._child import Finished, run_child
from bench._retail import MAPPING, SHARED, retail_files

ROUNDS = 3
AS_THEY_ARE = """
import duckdb, sys
target, *files = sys.argv[1:]
connection = duckdb.connect(target, config={"threads": 2})
connection.execute("CREATE TABLE lines AS SELECT * FROM read_parquet($files)", {"files": files})
connection.execute(f"COPY lines TO '{target}.parquet' (FORMAT parquet)")
connection.close()
"""


def main() -> None:
    files = [str(path) for path in retail_files()]
    if not files:
        print(f"skipped: no Parquet files in {SHARED / 'data' / 'online_retail'}", flush=True)
        return
    rows = duckdb.execute("SELECT COUNT(*) FROM read_parquet($files)", {"files": files}).fetchall()[0][0]
    marketbot = str(Path(sys.executable).parent / "marketbot")
    ours: list[Finished] = []
    theirs: list[Finished] = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            ours.append(run_child([marketbot, "--home", folder, "import", str(MAPPING), *files]))
            theirs.append(run_child([sys.executable, "-c", AS_THEY_ARE, str(Path(folder) / "by_hand.duckdb"), *files]))
    print(f"{rows:,} rows{'':14}import     by hand    ratio    aim", flush=True)
    import_s, hand_s = (statistics.median(one.seconds for one in runs) for runs in (ours, theirs))
    print(f"{'wall, s':27}{import_s:6.1f} {hand_s:11.1f} {import_s / hand_s:8.1f}    < 30 s", flush=True)
    import_cpu, hand_cpu = (statistics.median(one.cpu_seconds for one in runs) for runs in (ours, theirs))
    print(f"{'CPU, s':27}{import_cpu:6.1f} {hand_cpu:11.1f} {import_cpu / hand_cpu:8.1f}", flush=True)
    import_mb, hand_mb = (max(one.peak_mb for one in runs) for runs in (ours, theirs))
    print(f"{'peak memory, MiB':27}{import_mb:6.0f} {hand_mb:11.0f} {import_mb / hand_mb:8.1f}    < 1024", flush=True)


if __name__ == "__main__":
    main()
