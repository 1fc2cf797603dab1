"""The demo store as a store: complete, canonical, whole, repeatable, and made in bounded memory."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from tests.conftest import ROOT
from tests.made_store import TYPES
from tools.warehouse.connection import Warehouse
from tools.warehouse.demo import DemoStore, make_demo_store
from tools.warehouse.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

END = date(2026, 11, 20)
SCALE = 0.1
pytestmark = pytest.mark.xdist_group("demo-store")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> DemoStore:
    return make_demo_store(tmp_path_factory.mktemp("demo") / "warehouse.duckdb", scale=SCALE, end=END)


@pytest.fixture
def con(made: DemoStore) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(made.path, read_only=True) as connection:
        yield connection


def one(con: duckdb.DuckDBPyConnection, query: str) -> Any:
    row = con.sql(query).fetchone()
    assert row is not None
    return row[0]


def digest(path: Path) -> dict[str, object]:
    """A hash of each table's rows with their places."""
    with duckdb.connect(path, read_only=True) as con:
        return {
            name: one(con, f"SELECT bit_xor(hash(rowid, t)) FROM {name} AS t") for name in [*TABLES, "store_settings"]
        }


def test_every_canonical_table_with_exact_columns_and_types(con: duckdb.DuckDBPyConnection) -> None:
    for name, spec in TABLES.items():
        table = con.table(name)
        assert list(zip(table.columns, map(str, table.types), strict=True)) == [
            (column.name, TYPES[column.kind]) for column in spec.columns
        ]
        assert one(con, f"SELECT count(*) FROM {name}") > 0


def test_required_columns_are_filled_and_keys_unique(con: duckdb.DuckDBPyConnection) -> None:
    for name, spec in TABLES.items():
        rows = one(con, f"SELECT count(*) FROM {name}")
        for column in spec.columns:
            if column.required:
                assert one(con, f"SELECT count({column.name}) FROM {name}") == rows, (name, column.name)
        assert one(con, f"SELECT count(*) FROM (SELECT DISTINCT {', '.join(spec.key)} FROM {name})") == rows, name


def test_equal_arguments_make_equal_tables(made: DemoStore, tmp_path: Path) -> None:
    again = make_demo_store(tmp_path / "again.duckdb", scale=SCALE, end=END)
    assert digest(again.path) == digest(made.path)
    assert again.truth.read_bytes() == made.truth.read_bytes()


def test_another_seed_makes_another_store(made: DemoStore, tmp_path: Path) -> None:
    other = make_demo_store(tmp_path / "other.duckdb", scale=SCALE, seed=8, end=END)
    ours, theirs = digest(made.path), digest(other.path)
    assert {name for name in ours if ours[name] == theirs[name]} <= {"calendar", "sellers", "campaigns"}


def test_nothing_lies_after_the_last_day(con: duckdb.DuckDBPyConnection) -> None:
    for name, spec in TABLES.items():
        for column in spec.columns:
            # Expiry, a campaign's plan and the calendar look ahead; everything else has happened.
            if name == "calendar" or column.name in ("expires_at", "ends_on"):
                continue
            if column.kind in ("date", "timestamp"):
                assert one(con, f"SELECT coalesce(max({column.name})::DATE <= DATE '{END}', true) FROM {name}"), (
                    name,
                    column.name,
                )


@pytest.mark.parametrize(
    ("child", "key", "parent"),
    [
        ("orders", "customer_id", "customers"),
        ("orders", "campaign_id", "campaigns"),
        ("order_lines", "order_id", "orders"),
        ("order_lines", "product_id", "products"),
        ("order_lines", "customer_id", "customers"),
        ("products", "seller_id", "sellers"),
        ("inventory", "product_id", "products"),
        ("campaign_spend", "campaign_id", "campaigns"),
        ("campaign_contacts", "campaign_id", "campaigns"),
        ("campaign_contacts", "customer_id", "customers"),
        ("coupons", "customer_id", "customers"),
        ("coupons", "order_id", "orders"),
        ("events", "customer_id", "customers"),
        ("events", "product_id", "products"),
        ("reviews", "order_id", "orders"),
        ("reviews", "product_id", "products"),
        ("experiments", "customer_id", "customers"),
    ],
)
def test_what_is_named_exists(con: duckdb.DuckDBPyConnection, child: str, key: str, parent: str) -> None:
    assert one(con, f"SELECT count(*) FROM {child} ANTI JOIN {parent} USING ({key}) WHERE {key} IS NOT NULL") == 0


def test_money_adds_up_to_the_cent(con: duckdb.DuckDBPyConnection) -> None:
    wrong = one(
        con,
        """SELECT count(*) FROM order_lines
        WHERE amount::DECIMAL(18, 2) <> quantity * unit_price::DECIMAL(18, 2) OR abs(amount - round(amount, 2)) > 1e-9
        OR discount < 0 OR discount > amount OR quantity <= 0 OR unit_price <= 0 OR cost IS NULL""",
    )
    assert wrong == 0


def test_lines_agree_with_their_order(con: duckdb.DuckDBPyConnection) -> None:
    wrong = one(
        con,
        """SELECT count(*) FROM order_lines l JOIN orders o USING (order_id)
        WHERE l.customer_id IS DISTINCT FROM o.customer_id OR l.city <> o.city OR l.channel <> o.channel
        OR (kind = 'sold' AND sold_at <> ordered_at) OR (kind = 'returned' AND sold_at <= ordered_at)""",
    )
    assert wrong == 0
    assert one(con, "SELECT count(*) FROM orders ANTI JOIN order_lines USING (order_id)") == 0


def test_nothing_comes_back_that_was_not_sold(con: duckdb.DuckDBPyConnection) -> None:
    wrong = one(
        con,
        """SELECT count(*) FROM (
            SELECT sum(quantity) FILTER (kind = 'returned') AS back, sum(quantity) FILTER (kind = 'sold') AS sold,
                sum(amount) FILTER (kind = 'returned') AS refund, sum(amount - discount) FILTER (kind = 'sold') AS paid
            FROM order_lines GROUP BY order_id, product_id)
        WHERE back > coalesce(sold, 0) OR refund > paid + 0.001""",
    )
    assert wrong == 0


def test_things_happen_in_order(con: duckdb.DuckDBPyConnection) -> None:
    assert (
        one(con, "SELECT count(*) FROM orders JOIN customers USING (customer_id) WHERE ordered_at < signed_up_at") == 0
    )
    assert one(con, "SELECT count(*) FROM coupons WHERE redeemed_at NOT BETWEEN issued_at AND expires_at") == 0
    assert one(con, "SELECT count(*) FROM coupons WHERE (redeemed_at IS NULL) <> (order_id IS NULL)") == 0
    assert (
        one(con, "SELECT count(*) FROM campaign_contacts WHERE opened_at < contacted_at OR clicked_at < opened_at") == 0
    )
    assert one(con, "SELECT count(*) FROM experiments WHERE converted_at <= assigned_at") == 0
    assert (
        one(
            con,
            """SELECT count(*) FROM campaign_contacts later JOIN campaign_contacts earlier USING (customer_id, channel)
            WHERE later.contacted_at > earlier.contacted_at + INTERVAL 1 DAY AND earlier.unsubscribed_at IS NOT NULL""",
        )
        == 0
    )


def test_purchases_in_the_panel_are_orders(con: duckdb.DuckDBPyConnection) -> None:
    unmatched = one(
        con,
        """SELECT count(*) FROM events e ANTI JOIN order_lines l
        ON l.sold_at = e.occurred_at AND l.product_id = e.product_id
        AND l.customer_id IS NOT DISTINCT FROM e.customer_id
        WHERE e.kind = 'purchase'""",
    )
    assert unmatched == 0
    # A customer in the panel is seen whole: each online order of theirs is there, but for those a session lost.
    share = one(
        con,
        """WITH panel AS (SELECT DISTINCT customer_id FROM events WHERE customer_id IS NOT NULL)
        SELECT avg((EXISTS (FROM events e WHERE e.kind = 'purchase' AND e.occurred_at = o.ordered_at))::INT)
        FROM orders o JOIN panel USING (customer_id) WHERE o.channel IN ('web', 'app')""",
    )
    assert share > 0.97


def test_coupons_are_part_of_the_discount(con: duckdb.DuckDBPyConnection) -> None:
    wrong = one(
        con,
        """SELECT count(*) FROM coupons c JOIN (
            SELECT order_id, sum(discount) AS given FROM order_lines WHERE kind = 'sold' GROUP BY 1) o USING (order_id)
        WHERE c.discount > o.given + 0.001""",
    )
    assert wrong == 0
    assert one(con, "SELECT count(*) FROM orders WHERE coupon_code IS NOT NULL") == one(
        con, "SELECT count(redeemed_at) FROM coupons"
    )


def test_some_orders_are_guests(con: duckdb.DuckDBPyConnection) -> None:
    assert 0.06 < one(con, "SELECT avg((customer_id IS NULL)::INT) FROM orders") < 0.1


def test_most_customers_buy_once_or_twice_and_some_often(con: duckdb.DuckDBPyConnection) -> None:
    per_customer = "SELECT count(*) AS n FROM orders WHERE customer_id IS NOT NULL GROUP BY customer_id"
    assert one(con, f"SELECT median(n) FROM ({per_customer})") <= 2
    assert one(con, f"SELECT quantile_cont(n, 0.99) FROM ({per_customer})") >= 20


def test_seasons_show(con: duckdb.DuckDBPyConnection) -> None:
    daily = "SELECT sold_at::DATE AS day, sum(amount) AS sales FROM order_lines WHERE kind = 'sold' GROUP BY 1"
    for year in (2024, 2025, 2026):
        times = one(
            con,
            f"""WITH d AS ({daily}) SELECT (SELECT sales FROM d WHERE day = DATE '{year}-11-11') / median(sales)
            FROM d WHERE year(day) = {year}""",
        )
        assert times >= 3
    china = f"{daily.replace('GROUP BY', 'AND country = $$China$$ GROUP BY')}"
    quiet = one(
        con,
        f"""WITH d AS ({china}) SELECT avg(sales) FILTER (day BETWEEN '2026-02-16' AND '2026-02-22')
        / avg(sales) FILTER (day BETWEEN '2026-03-10' AND '2026-04-10') FROM d""",
    )
    assert quiet < 0.7


def test_values_have_names_in_both_languages(con: duckdb.DuckDBPyConnection) -> None:
    for dimension, values in {
        "product": "SELECT product_id FROM products",
        "category": "SELECT category FROM products",
        "brand": "SELECT brand FROM products",
        "channel": "SELECT channel FROM orders",
        "country": "SELECT country FROM orders",
        "region": "SELECT region FROM orders",
        "city": "SELECT city FROM orders",
        "acquisition_channel": "SELECT acquisition_channel FROM customers",
        "traffic_channel": "SELECT channel FROM events",
        "campaign": "SELECT campaign_id FROM campaigns",
    }.items():
        for language in ("en", "zh"):
            lacking = one(
                con,
                f"""SELECT count(*) FROM ({values}) AS v(value) ANTI JOIN (
                    FROM value_aliases WHERE dimension = '{dimension}' AND language = '{language}') USING (value)""",
            )
            assert lacking == 0, (dimension, language)
    twice = one(
        con,
        """SELECT count(*) FROM (SELECT 1 FROM value_aliases WHERE language IS NOT NULL
        GROUP BY dimension, value, language HAVING count(*) > 1)""",
    )
    assert twice == 0


def test_personal_details_reach_nobody(con: duckdb.DuckDBPyConnection) -> None:
    assert one(con, r"SELECT count(*) FROM customers WHERE NOT regexp_matches(email, '@example\.(com|org|net)$')") == 0
    assert one(con, "SELECT count(*) FROM customers WHERE name IS NULL OR phone IS NULL") == 0


@pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")  # Ibis's own call
def test_settings_name_the_store(made: DemoStore) -> None:
    warehouse = Warehouse.at(made.path)
    settings = warehouse.settings()
    raw = warehouse.raw_settings()
    warehouse.close()
    assert (settings.currency, settings.timezone) == ("CNY", "Asia/Shanghai")
    assert settings.personal == {
        "customers.name",
        "customers.email",
        "customers.phone",
        "customers.birth_year",
        "reviews.text",
    }
    assert raw["last_day"] == END.isoformat() == raw["imported_at"][:10]
    assert raw["first_day"] == "2024-05-21"


def test_rows_count_what_is_there(made: DemoStore, con: duckdb.DuckDBPyConnection) -> None:
    assert made.rows == {name: one(con, f"SELECT count(*) FROM {name}") for name in TABLES}
    assert json.loads(made.truth.read_text(encoding="utf-8"))["store"]["end"] == END.isoformat()


def test_a_store_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "warehouse.duckdb"
    target.write_text("what was there before")

    def stop(stage: str, _share: float) -> None:
        if stage == "inventory":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_demo_store(target, scale=0.01, end=END, progress=stop)
    assert [p.name for p in tmp_path.iterdir()] == ["warehouse.duckdb"]
    assert target.read_text() == "what was there before"


def test_progress_grows_to_one(tmp_path: Path) -> None:
    shares: list[float] = []
    make_demo_store(tmp_path / "s.duckdb", scale=0.01, end=END, progress=lambda _stage, share: shares.append(share))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.parametrize("end", [date(2024, 2, 29), date(2025, 8, 31), date(2030, 1, 1)])
def test_any_day_can_be_the_last(tmp_path: Path, end: date) -> None:
    made = make_demo_store(tmp_path / "s.duckdb", scale=0.02, end=end)
    with duckdb.connect(made.path, read_only=True) as con:
        assert one(con, "SELECT max(day) FROM inventory") == end == made.last_day
        assert one(con, "SELECT min(day) FROM inventory") == made.first_day


@pytest.mark.parametrize(
    ("scale", "end"), [(0.0, END), (float("nan"), END), (1.0, date(2019, 1, 1)), (1.0, date(2050, 1, 1))]
)
def test_impossible_stores_are_refused(tmp_path: Path, scale: float, end: date) -> None:
    with pytest.raises(ValueError, match=r"scale|end"):
        make_demo_store(tmp_path / "s.duckdb", scale=scale, end=end)
    assert list(tmp_path.iterdir()) == []


def test_memory_does_not_grow_with_the_scale(tmp_path: Path) -> None:
    code = (
        "import sys; from datetime import date; from pathlib import Path;"
        "from tools.warehouse.demo import make_demo_store;"
        "from tests.retail_import import own_peak;"
        "made = make_demo_store(Path(sys.argv[1]), scale=2, end=date(2026, 11, 20));"
        "print(made.rows['order_lines'], own_peak())"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "big.duckdb")]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    lines, kilobytes = map(int, done.stdout.split())
    assert lines > 400_000
    assert kilobytes / 1024 < 950  # MiB; a fifth of the lines take 520
