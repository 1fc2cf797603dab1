"""A store is replaced at once or not at all; importing the same again changes nothing; readers see the new one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.unit.import_cases import LINES, NOW, ROWS, mapping_text, run_import, stored, write_csv, write_mapping
from tools.errors import ImportFailed
from tools.warehouse.connection import Warehouse
from tools.warehouse.importer import import_files
from tools.warehouse.mapping import load_mapping

KILLED = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from tools.warehouse.importer import import_files
from tools.warehouse.mapping import load_mapping

def progress(message):
    if sys.argv[4] in str(message):
        os.kill(os.getpid(), signal.SIGKILL)

mapping, target = load_mapping(Path(sys.argv[1])), Path(sys.argv[3])
import_files(mapping, [sys.argv[2]], target, now=datetime(2026, 1, 1), progress=progress)
"""


def test_the_same_import_again_changes_nothing(tmp_path: Path) -> None:
    first = run_import(tmp_path, [write_csv(tmp_path)])
    before = (tmp_path / "store.duckdb").stat()
    again = run_import(tmp_path, [write_csv(tmp_path)])
    assert (first.unchanged, again.unchanged) == (False, True)
    assert again.version == first.version
    after = (tmp_path / "store.duckdb").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert not run_import(tmp_path, [write_csv(tmp_path, ROWS[:2])]).unchanged


def test_the_order_of_files_changes_nothing(tmp_path: Path) -> None:
    one, two = write_csv(tmp_path, name="1.csv"), write_csv(tmp_path, [ROWS[0]], name="2.csv")
    run_import(tmp_path, [one, two])
    assert run_import(tmp_path, [two, one]).unchanged


@pytest.mark.parametrize("moment", ["Reading", "Filling “products”", "Putting"])
def test_a_killed_import_leaves_the_store_as_it_was_and_the_next_one_clears_up(tmp_path: Path, moment: str) -> None:
    run_import(tmp_path, [write_csv(tmp_path)])
    before = (tmp_path / "store.duckdb").read_bytes()
    mapping, other = write_mapping(tmp_path), write_csv(tmp_path, ROWS[:1], name="other.csv")
    command = [sys.executable, "-c", KILLED, str(mapping), str(other), str(tmp_path / "store.duckdb"), moment]
    killed = subprocess.run(command, check=False, cwd=Path(__file__).parents[2], capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert (tmp_path / "store.duckdb").read_bytes() == before
    assert list(tmp_path.glob(".store.duckdb.import-*"))
    run_import(tmp_path, [other])
    assert not list(tmp_path.glob(".store.duckdb.import-*"))
    assert stored(tmp_path, "SELECT count(*) FROM order_lines") == [(1,)]


def test_a_failed_import_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(ImportFailed):
        run_import(tmp_path, [write_csv(tmp_path, ["1,never,A,c1,1,1"])])
    assert sorted(p.name for p in tmp_path.iterdir() if not p.name.endswith(".lock")) == ["lines.csv", "shop.yml"]


def test_one_import_at_a_time(tmp_path: Path) -> None:
    started, go_on = threading.Event(), threading.Event()

    def wait(_message: object) -> None:
        started.set()
        go_on.wait(30)

    mapping, file = load_mapping(write_mapping(tmp_path)), write_csv(tmp_path)
    target = tmp_path / "store.duckdb"
    slow = threading.Thread(target=import_files, args=(mapping, [file], target), kwargs={"now": NOW, "progress": wait})
    slow.start()
    started.wait(30)
    with pytest.raises(ImportFailed, match="Another import"):
        import_files(mapping, [file], target, now=NOW)
    go_on.set()
    slow.join()
    assert stored(tmp_path, "SELECT count(*) FROM order_lines") == [(3,)]


def test_readers_see_the_new_store_but_not_within_one_answer(tmp_path: Path) -> None:
    run_import(tmp_path, [write_csv(tmp_path)])
    warehouse = Warehouse.at(tmp_path / "store.duckdb")
    version = warehouse.settings().version

    def rows() -> int:
        return int(warehouse.table("order_lines").count().to_pyarrow().as_py())

    assert rows() == 3
    with warehouse.deadline(10):
        run_import(tmp_path, [write_csv(tmp_path, ROWS[:1])])
        assert rows() == 3
        assert warehouse.settings().version == version
    assert rows() == 1
    assert warehouse.settings().version != version


def test_many_threads_read_while_stores_change(tmp_path: Path) -> None:
    big = [f"{n},2024-05-01,A,c,1,1" for n in range(500)]
    stores = []
    for number, rows in enumerate((big[:100], big[:200])):
        folder = tmp_path / str(number)
        folder.mkdir()
        run_import(folder, [write_csv(folder, rows)])
        stores.append((folder / "store.duckdb").read_bytes())
    target = tmp_path / "store.duckdb"
    target.write_bytes(stores[0])
    warehouse, stop, wrong = Warehouse.at(target), threading.Event(), list[object]()

    def read() -> None:
        while not stop.is_set():
            try:
                with warehouse.deadline(10):
                    lines = warehouse.table("order_lines").count().to_pyarrow().as_py()
                    orders = warehouse.table("orders").count().to_pyarrow().as_py()
                if lines != orders or lines not in {100, 200}:
                    wrong.append((lines, orders))
            except Exception as error:  # noqa: BLE001
                wrong.append(error)
                return

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for turn in range(10):
        new = tmp_path / "new"
        new.write_bytes(stores[(turn + 1) % 2])
        os.replace(new, target)  # noqa: PTH105
        time.sleep(0.05)
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []


STOCK = """
store: Stock
currency: EUR
timezone: Europe/Berlin
mode: add
sources:
  stock: {files: "stock.csv"}
tables:
  inventory:
    from: stock
    columns: {day: day, product_id: product, on_hand: units}
aliases: {product: {A: {en: Apple}}}
"""


def test_adding_keeps_the_other_tables(tmp_path: Path) -> None:
    sales = mapping_text(more="aliases: {product: {B: {en: Bread}}}\n", head="personal: [customers.city]")
    first = run_import(tmp_path, [write_csv(tmp_path)], sales)
    stock = write_csv(tmp_path, ["2024-05-02,A,7"], name="stock.csv", header="day,product,units")
    added = run_import(tmp_path, [stock], STOCK)
    assert stored(tmp_path, "SELECT count(*) FROM order_lines") == [(3,)]
    assert stored(tmp_path, "SELECT on_hand FROM inventory") == [(7,)]
    assert stored(tmp_path, "SELECT value FROM value_aliases ORDER BY 1") == [("A",), ("B",)]
    settings = dict(stored(tmp_path, "SELECT key, value FROM store_settings"))
    assert (settings["name"], settings["personal"], settings["last_day"]) == (
        "Corner shop",
        "customers.city",
        "2024-05-02",
    )
    assert added.version != first.version
    assert run_import(tmp_path, [stock], STOCK).unchanged
    write_csv(tmp_path, ["2024-05-02,A,8"], name="stock.csv", header="day,product,units")
    run_import(tmp_path, [stock], STOCK)
    assert stored(tmp_path, "SELECT on_hand FROM inventory") == [(8,)]
    assert stored(tmp_path, "SELECT count(*) FROM import_reports") == [(2,)]
    with pytest.raises(ImportFailed, match="currency is EUR and the mapping's is USD"):
        run_import(tmp_path, [stock], STOCK.replace("EUR", "USD"))
    assert not run_import(tmp_path, [tmp_path / "lines.csv"], sales).unchanged
    assert stored(tmp_path, "SELECT count(*) FROM information_schema.tables WHERE table_name = 'inventory'") == [(0,)]


def test_two_parts_fill_one_table(tmp_path: Path) -> None:
    lines = LINES.replace("from: lines", "from: lines\n    only: {column: quantity, above: 0}")
    first, second = lines.split("  order_lines:\n")[1], LINES.split("  order_lines:\n")[1]
    second = second.replace("from: lines", "from: lines\n    only: {column: quantity, below: 0}")

    def item(text: str) -> str:
        return "      - " + "\n        ".join(line[4:] for line in text.rstrip().splitlines()).strip()

    text = mapping_text(lines="\n  order_lines:\n" + item(first) + "\n" + item(second) + "\n")
    run_import(tmp_path, [write_csv(tmp_path)], text)
    assert stored(tmp_path, "SELECT line_id, kind FROM order_lines ORDER BY 1") == [
        ("1-1", "sold"),
        ("2-1", "sold"),
        ("2-2", "returned"),
    ]
