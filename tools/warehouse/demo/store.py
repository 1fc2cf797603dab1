"""Makes the demo store: a DuckDB file with every canonical table, and beside it the truths that were planted in it."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tools.warehouse.connection import META_TABLE
from tools.warehouse.demo import contacts, names, opinions, seasons, truths
from tools.warehouse.demo.behaviour import CUSTOMERS
from tools.warehouse.demo.blocks import Block, Drawer, TrialCount
from tools.warehouse.demo.marketing import MEDIA, spend_rows
from tools.warehouse.demo.planted import Plan, make_plan
from tools.warehouse.demo.stock import simulate_stock
from tools.warehouse.demo.words import load_words
from tools.warehouse.demo.world import make_world
from tools.warehouse.tables import TABLES, Kind, TableSpec

if TYPE_CHECKING:
    from pathlib import Path

Progress = Callable[[str, float], None]

LEAST_SCALE = 0.01
EDITION = 1  # of the generator: part of the store's version
STORE_NAME = "Lantern & Loom"
CURRENCY, TIMEZONE = "CNY", "Asia/Shanghai"
_BLOCK = 8192  # customers drawn at once, at most
_AHEAD = 2  # blocks drawn while others are written
_TOGETHER = 6  # blocks written at once: DuckDB packs long appends far faster than short ones
# Two connections write at once, each on its own thread; more threads would only wait for one another. Checkpoints list
# all that is written, so many of them would cost more and more.
_DUCKDB: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "memory_limit": "768MB",
    "checkpoint_threshold": "1GB",
}
_FORESIGHT = timedelta(days=180)  # the calendar is known ahead
_TRUTH_FILE = "truth.json"

_ARROW: dict[Kind, pa.DataType] = {
    "string": pa.string(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}

# Rows of blocks, their numbers turned into identifiers. Each table is written in the order it is drawn.
_WRITE = {
    "customers": """
        INSERT INTO customers SELECT
            printf('C%07d', customer),
            CASE WHEN eastern THEN surname || given ELSE given || ' ' || surname END,
            printf('c%07d@', customer) || "domain",
            phone_prefix || right(printf('%08d', phone), phone_digits),
            gender, birth_year, country, region, city, acquisition_channel, signed_up_at, email_consent, sms_consent
        FROM block""",
    "orders": """
        INSERT INTO orders SELECT
            printf('O%08d', "order"), ordered_at, printf('C%07d', customer),
            country, region, city, channel, campaign_id, coupon_code, shipping_fee, status
        FROM block""",
    "order_lines": """
        INSERT INTO order_lines SELECT
            printf('L%09d', line), printf('O%08d', "order"), sold_at, kind, product_id,
            printf('C%07d', customer), country, region, city, channel,
            quantity, unit_price, amount, discount, cost
        FROM block""",
    "coupons": """
        INSERT INTO coupons SELECT
            printf('K%08d', coupon), coupon_code, printf('C%07d', customer),
            issued_at, expires_at, redeemed_at, printf('O%08d', "order"), discount
        FROM block""",
    "events": """
        INSERT INTO events SELECT
            printf('E%09d', event), occurred_at, kind, printf('V%08d', session),
            printf('C%07d', customer), product_id, channel, device, country, search_term
        FROM block""",
    "reviews": """
        INSERT INTO reviews SELECT
            printf('R%08d', review), reviewed_at, product_id, printf('O%08d', "order"),
            printf('C%07d', customer), score, text, language
        FROM block""",
    "campaign_contacts": """
        INSERT INTO campaign_contacts SELECT
            printf('M%09d', contact), campaign_id, printf('C%07d', customer),
            contacted_at, channel, opened_at, clicked_at, unsubscribed_at
        FROM block""",
    "experiments": """
        INSERT INTO experiments SELECT
            experiment_id, name, printf('C%07d', customer), variant, assigned_at, converted_at, value
        FROM block""",
}


# Tables that are written at the same time as the others, about half of the work.
_BESIDE = frozenset({"orders", "events", "campaign_contacts", "experiments"})
# Which count of rows an identifier's column continues.
_COUNTED = {
    "customer": "customers",
    "order": "orders",
    "line": "order_lines",
    "coupon": "coupons",
    "event": "events",
    "session": "sessions",
    "review": "reviews",
    "contact": "campaign_contacts",
}


@dataclass(frozen=True)
class DemoStore:
    """What was made: the files, the days covered, the rows of each table."""

    path: Path
    truth: Path
    first_day: date
    last_day: date
    rows: dict[str, int]


def make_demo_store(
    target: Path,
    *,
    seed: int = 7,
    scale: float = 1.0,
    end: date,
    progress: Progress | None = None,
) -> DemoStore:
    """Writes the store to `target` and the truth file `truth.json` beside it; equal arguments make equal tables.

    Scale 1 holds about 200,000 order lines of two and a half years that end with the day `end`; lines and customers
    grow with the scale, memory does not. Both files appear only when the store is complete.

    Raises ValueError when the scale is below `LEAST_SCALE`, or `end` lies outside the years whose holidays are known.
    """
    if not scale >= LEAST_SCALE:
        raise ValueError(f"scale {scale!r} is less than {LEAST_SCALE}")
    years = sorted(seasons.SPRING_FESTIVAL)
    if not years[0] + 3 <= end.year < years[-1]:
        raise ValueError(f"end {end.isoformat()!r} is not in the years {years[0] + 3} to {years[-1] - 1}")
    report = progress or (lambda _stage, _share: None)
    report("world", 0.0)
    words = load_words()
    plan = make_plan(end)
    world = make_world(seed, plan, words)
    drawer = Drawer(
        world=world,
        seed=seed,
        scale=scale,
        customers=round(CUSTOMERS * scale),
        blocks=-(-round(CUSTOMERS * scale) // _BLOCK),
        sendings=contacts.sendings(world.marketing, plan.start, plan.end),
        texts=tuple(opinions.review_texts(world)),
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.unfinished")
    _remove(unfinished)
    try:
        with duckdb.connect(unfinished, config=_DUCKDB) as con:
            truth = _fill(con, drawer, report)
            rows = {name: con.table(name).shape[0] for name in TABLES}
        unfinished_truth = target.with_name(f".{_TRUTH_FILE}.unfinished")
        unfinished_truth.write_text(json.dumps(truth, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        truth_path = target.with_name(_TRUTH_FILE)
        unfinished_truth.replace(truth_path)
        # An older store's log must not be replayed into this one.
        target.with_name(f"{target.name}.wal").unlink(missing_ok=True)
        unfinished.replace(target)
    finally:
        _remove(unfinished)
    report("done", 1.0)
    return DemoStore(target, truth_path, plan.start, plan.end, rows)


def _remove(path: Path) -> None:
    for leftover in (path, path.with_name(f"{path.name}.wal")):
        leftover.unlink(missing_ok=True)


def _empty(spec: TableSpec) -> pa.Table:
    return pa.schema([(c.name, _ARROW[c.kind]) for c in spec.columns]).empty_table()


def _append(con: duckdb.DuckDBPyConnection, name: str, rows: list[dict[str, Any]]) -> None:
    table = pa.Table.from_pylist(rows, schema=_empty(TABLES[name]).schema)
    con.from_arrow(table).insert_into(name)


def _drawn(drawer: Drawer) -> Iterator[Block]:
    """Blocks in order, drawn ahead on threads of their own."""
    with ThreadPoolExecutor(max_workers=_AHEAD, thread_name_prefix="demo") as pool:
        waiting: deque[Future[Block]] = deque()
        for number in range(drawer.blocks):
            waiting.append(pool.submit(drawer.draw, number))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _fill(con: duckdb.DuckDBPyConnection, drawer: Drawer, report: Progress) -> dict[str, Any]:
    world, scale = drawer.world, drawer.scale
    plan = world.plan
    for name, spec in TABLES.items():
        con.from_arrow(_empty(spec)).create(name)
    con.begin()
    _append(con, "products", names.product_rows(world))
    _append(con, "sellers", names.seller_rows(world))
    _append(con, "campaigns", names.all_campaign_rows(world, scale))
    _append(con, "campaign_spend", spend_rows(world.marketing, plan.start, scale))
    _append(con, "calendar", seasons.calendar_rows(plan.start, plan.end + _FORESIGHT))
    _append(con, "value_aliases", names.alias_rows(world))
    con.commit()
    units = np.zeros(world.price.shape, dtype=np.int64)
    owed, credited = np.zeros(len(MEDIA), dtype=np.int64), np.zeros(len(MEDIA), dtype=np.int64)
    trials = {t.key: TrialCount() for t in plan.trials}
    cohort = done = 0
    before: Counter[str] = Counter()
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="demo-write") as writers:
        blocks = _drawn(drawer)
        while together := list(islice(blocks, _TOGETHER)):
            parts: dict[str, list[pa.Table]] = {name: [] for name in _WRITE}
            for block in together:
                for name, table in block.tables.items():
                    parts[name].append(_continued(table, before))
                before.update(block.counts)
                units += block.tally.units
                owed += block.tally.owed
                credited += block.tally.credited
                trials = {key: count + block.tally.trials[key] for key, count in trials.items()}
                cohort += block.tally.cohort
            halves = ({n: p for n, p in parts.items() if (n in _BESIDE) is beside} for beside in (False, True))
            for written in [writers.submit(_write, con.cursor(), half) for half in halves]:
                written.result()
            done += len(together)
            report("customers", 0.95 * done / drawer.blocks)
    report("inventory", 0.95)
    con.begin()
    _write_inventory(con, drawer, units)
    _write_settings(con, drawer)
    con.commit()
    report("closing", 0.98)
    return truths.describe(
        world, seed=drawer.seed, scale=scale, owed=owed, credited=credited, trials=trials, cohort=cohort
    )


def _continued(table: pa.Table, before: Counter[str]) -> pa.Table:
    """A block's table with its numbers carried on from what came before it."""
    for at, column in enumerate(table.column_names):
        if column in _COUNTED:
            table = table.set_column(at, column, pc.add(table[column], before[_COUNTED[column]]))
    return table


def _write(con: duckdb.DuckDBPyConnection, parts: dict[str, list[pa.Table]]) -> None:
    with con:
        con.begin()
        for name, tables in parts.items():
            con.register("block", pa.concat_tables(tables))
            con.execute(_WRITE[name])
            con.unregister("block")
        con.commit()


def _write_inventory(con: duckdb.DuckDBPyConnection, drawer: Drawer, units: Any) -> None:
    world = drawer.world
    rng = np.random.Generator(np.random.SFC64(np.random.SeedSequence([drawer.seed, 2])))
    stock = simulate_stock(rng, units, world.keep == 0)
    columns = names.inventory_columns(world, stock.on_hand, stock.on_order, stock.lead_time)
    product = pa.DictionaryArray.from_arrays(
        pa.array(columns.pop("product").astype(np.int32)), list(world.products.ids)
    )
    table = pa.table(
        {"day": pa.array(columns.pop("day")), "product_id": product, **{k: pa.array(v) for k, v in columns.items()}}
    )
    con.from_arrow(table).insert_into("inventory")


def _write_settings(con: duckdb.DuckDBPyConnection, drawer: Drawer) -> None:
    plan: Plan = drawer.world.plan
    settings = {
        "name": STORE_NAME,
        "currency": CURRENCY,
        "timezone": TIMEZONE,
        "version": f"demo-{EDITION}-{drawer.seed}-{drawer.scale:g}-{plan.end.isoformat()}",
        "personal": ",".join(f"{t.name}.{c.name}" for t in TABLES.values() for c in t.columns if c.personal),
        "imported_at": datetime.combine(plan.end, time(23, 59, 59)).isoformat(),
        "first_day": plan.start.isoformat(),
        "last_day": plan.end.isoformat(),
    }
    table = pa.table({"key": list(settings), "value": list(settings.values())})
    con.from_arrow(table).create(META_TABLE)


__all__ = ["DemoStore", "make_demo_store"]
