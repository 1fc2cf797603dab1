"""Each planted truth of the demo store can be found again in its tables by a simple calculation."""

from __future__ import annotations

import json
import math
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pytest

from tools.warehouse.demo import DemoStore, make_demo_store
from tools.warehouse.demo.marketing import adstock

if TYPE_CHECKING:
    from collections.abc import Iterator

END = date(2026, 11, 20)
Truth = dict[str, Any]
pytestmark = pytest.mark.xdist_group("demo-truths")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> DemoStore:
    return make_demo_store(tmp_path_factory.mktemp("demo") / "warehouse.duckdb", end=END)


@pytest.fixture
def con(made: DemoStore) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(made.path, read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def truths(made: DemoStore) -> list[Truth]:
    found: list[Truth] = json.loads(made.truth.read_text(encoding="utf-8"))["truths"]
    return found


def of_kind(truths: list[Truth], kind: str) -> list[Truth]:
    return [truth for truth in truths if truth["kind"] == kind]


def row(con: duckdb.DuckDBPyConnection, query: str, *values: object) -> tuple[Any, ...]:
    found = con.execute(query, values).fetchone()
    assert found is not None
    return found


def period(truth: Truth) -> tuple[str, str]:
    return truth["where"]["period"]["start"], truth["where"]["period"]["end"]


def test_the_store_is_of_the_size_promised(made: DemoStore) -> None:
    assert 190_000 < made.rows["order_lines"] < 215_000
    assert 15_000 < made.rows["customers"] < 21_500
    assert made.rows["products"] == 400
    assert 2 < made.rows["events"] / made.rows["order_lines"] < 5


def test_truths_name_what_they_are_about(truths: list[Truth]) -> None:
    assert len({truth["id"] for truth in truths}) == len(truths)
    assert {truth["kind"] for truth in truths} == {
        "experiment", "channel_return", "price_elasticity", "stock_out", "refund_spike", "churned_cohort",
        "bought_together", "tracking_outage", "price_error", "country_decline", "growth", "hostile_name",
    }  # fmt: skip
    for truth in truths:
        if "period" in truth["where"]:
            start, end = period(truth)
            assert "2024-05-21" <= start <= end <= END.isoformat()


def test_experiments(con: duckdb.DuckDBPyConnection, truths: list[Truth]) -> None:
    for truth in of_kind(truths, "experiment"):
        rates = {}
        for variant, count, converted in con.execute(
            "SELECT variant, count(*), count(converted_at) FROM experiments WHERE experiment_id = ? GROUP BY 1",
            [truth["where"]["experiment_id"]],
        ).fetchall():
            rates[variant] = (converted / count, count)
        (base, n), (treated, m) = rates["control"], rates[truth["where"]["variant"]]
        realised = truth["realised"]
        assert (n, m) == (realised["control"], realised["treated"])
        error = math.sqrt(base * (1 - base) / n + treated * (1 - treated) / m)
        expected = base * (1 + realised["true_lift"])
        assert abs(treated - expected) < 2.6 * error
        if truth["parameters"]["added_conversion_of_others"]:
            assert (treated - base) / error > 3
        skew = abs(m / (n + m) - truth["parameters"]["intended_share"]) / math.sqrt(0.25 / (n + m))
        assert (skew > 4) is (truth["parameters"]["treated_share"] != 0.5)


def test_conversions_are_orders(con: duckdb.DuckDBPyConnection) -> None:
    wrong = row(
        con,
        """SELECT count(*) FROM experiments e LEFT JOIN orders o
        ON o.customer_id = e.customer_id AND o.ordered_at = e.converted_at
        WHERE e.converted_at IS NOT NULL AND o.order_id IS NULL""",
    )
    assert wrong == (0,)


def test_channels(con: duckdb.DuckDBPyConnection, truths: list[Truth]) -> None:
    """Spending and credited sales are as told; adverts take credit for more than they bring, in the built order."""
    true_roas = {}
    for truth in of_kind(truths, "channel_return"):
        channel, realised = truth["where"]["channel"], truth["realised"]
        (spend,) = row(con, "SELECT sum(spend) FROM campaign_spend WHERE channel = ?", channel)
        (credited,) = row(
            con,
            """SELECT sum(amount - discount) FROM order_lines JOIN orders USING (order_id)
            JOIN campaigns USING (campaign_id) WHERE kind = 'sold' AND campaigns.channel = ?""",
            channel,
        )
        assert spend == pytest.approx(realised["spend"], rel=1e-6)
        assert credited == pytest.approx(realised["credited_sales"], rel=1e-6)
        assert realised["credited_roas"] > realised["true_roas"]
        true_roas[channel] = realised["true_roas"]
    assert sorted(true_roas, key=lambda c: -true_roas[c]) == [
        "email", "search", "social", "affiliate", "influencer", "display",
    ]  # fmt: skip


def test_channel_response_follows_its_curve(con: duckdb.DuckDBPyConnection, truths: list[Truth]) -> None:
    """A day's share of orders credited to search grows with its saturated adstock, as the truth's parameters say."""
    truth = next(t for t in of_kind(truths, "channel_return") if t["where"]["channel"] == "search")
    rows = con.execute(
        """SELECT s.spend, o.mine / o.every FROM
            (SELECT day, sum(spend) AS spend FROM campaign_spend WHERE channel = 'search' GROUP BY 1) s
        JOIN (SELECT ordered_at::DATE AS day, count(*) FILTER (campaigns.channel = 'search') AS mine, count(*) AS every
            FROM orders LEFT JOIN campaigns USING (campaign_id) GROUP BY 1) o USING (day) ORDER BY day"""
    ).fetchall()
    spend, share = np.array(rows).T
    carried = adstock(spend, truth["parameters"]["adstock_retention"])
    effect = carried / (carried + truth["parameters"]["half_saturation"])
    assert np.corrcoef(effect, share)[0, 1] > 0.5


def test_price_elasticities(con: duckdb.DuckDBPyConnection, truths: list[Truth]) -> None:
    """Poisson regression of a day's units on log price, with the category's other units as the season."""
    for truth in of_kind(truths, "price_elasticity"):
        rows = con.execute(
            """SELECT sum(quantity) FILTER (product_id = $id), max(unit_price) FILTER (product_id = $id),
                sum(quantity) FILTER (product_id <> $id)
            FROM order_lines JOIN products p USING (product_id)
            WHERE kind = 'sold' AND category = (SELECT category FROM products WHERE product_id = $id)
            GROUP BY sold_at::DATE ORDER BY sold_at::DATE""",
            {"id": truth["where"]["product_id"]},
        ).fetchall()
        # Days without a sale have no price in the lines: take that of the day before.
        units, price, others = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
        known = ~np.isnan(price)
        price = price[known][np.maximum(np.cumsum(known) - 1, 0)]
        units = np.nan_to_num(units)
        x = np.column_stack([np.ones(len(units)), np.log(price / price.mean()), np.log(np.nan_to_num(others) + 1)])
        beta = np.array([np.log(units.sum() / np.nansum(others)), 0.0, 1.0])
        for _ in range(25):
            mean = np.exp(x @ beta)
            beta += np.linalg.solve(x.T @ (x * mean[:, None]), x.T @ (units - mean))
        # Days without a sale hide their price, which draws every estimate a little towards zero.
        assert beta[1] == pytest.approx(truth["parameters"]["elasticity"], abs=0.5)


def test_stock_out(con: duckdb.DuckDBPyConnection, truths: list[Truth]) -> None:
    (truth,) = of_kind(truths, "stock_out")
    product, (start, end) = truth["where"]["product_id"], period(truth)
    sold = """SELECT coalesce(sum(quantity), 0) FROM order_lines WHERE kind = 'sold' AND product_id = ?
        AND sold_at::DATE BETWEEN ?::DATE - ? AND ?::DATE"""
    assert row(con, sold, product, start, 0, end) == (0,)
    assert row(con, sold, product, start, 10, start)[0] > 30
    on_hand = "SELECT max(on_hand), count(*) FROM inventory WHERE product_id = ? AND day BETWEEN ?::DATE AND ?::DATE"
    assert row(con, on_hand, product, start, end) == (0, 10)
    assert row(con, "SELECT min(on_hand) FROM inventory") == (0,)
    assert 0.005 < row(con, "SELECT avg((on_hand <= 0)::INT) FROM inventory")[0] < 0.04


def test_no_sale_without_stock(con: duckdb.DuckDBPyConnection) -> None:
    """What was sold on a day was there the evening before, or arrived: never on a day between two empty evenings."""
    wrong = row(
        con,
        """SELECT count(*) FROM inventory a JOIN inventory b ON b.product_id = a.product_id AND b.day = a.day + 1
        JOIN (SELECT product_id, sold_at::DATE AS day FROM order_lines WHERE kind = 'sold') s
        ON s.product_id = b.product_id AND s.day = b.day WHERE a.on_hand = 0 AND b.on_hand = 0""",
    )
    assert wrong == (0,)


def test_refund_spike(con: duckdb.DuckDBPyConnection, truths: list[Truth]) -> None:
    (truth,) = of_kind(truths, "refund_spike")
    product, (start, _end) = truth["where"]["product_id"], period(truth)
    weekly = con.execute(
        """SELECT date_trunc('week', sold_at)::DATE::VARCHAR,
            coalesce(sum(amount) FILTER (product_id = ?), 0), sum(amount)
        FROM order_lines WHERE kind = 'returned' AND sold_at < ?::DATE + 7 GROUP BY 1 ORDER BY 1""",
        [product, start],
    ).fetchall()
    assert weekly[-1][0] == start
    assert weekly[-1][1] > 5 * max(mine for _, mine, _ in weekly[:-1])
    before = [every for _, _, every in weekly[-9:-1]]
    assert weekly[-1][2] > 1.3 * np.median(before)


def test_churned_cohort(con: duckdb.DuckDBPyConnection, truths: list[Truth]) -> None:
    (truth,) = of_kind(truths, "churned_cohort")
    start, end = period(truth)
    again = dict(
        con.execute(
            """SELECT acquisition_channel, avg((orders > 1)::INT) FROM (
                SELECT acquisition_channel, customer_id, count(*) AS orders
                FROM customers JOIN orders USING (customer_id)
                WHERE signed_up_at::DATE BETWEEN ?::DATE AND ?::DATE GROUP BY 1, 2) GROUP BY 1""",
            [start, end],
        ).fetchall()
    )
    assert again[truth["where"]["acquisition_channel"]] < 0.1
    assert again["organic"] > 0.4


def test_bought_together(con: duckdb.DuckDBPyConnection, truths: list[Truth]) -> None:
    pairs = of_kind(truths, "bought_together")
    assert len(pairs) >= 5
    con.execute("CREATE TEMP TABLE b AS SELECT DISTINCT order_id, product_id FROM order_lines WHERE kind = 'sold'")
    (orders,) = row(con, "SELECT count(DISTINCT order_id) FROM b")
    for truth in pairs:
        first, second = truth["where"]["product_id"], truth["where"]["with_product_id"]
        one, two, both = row(
            con,
            """SELECT (SELECT count(*) FROM b WHERE product_id = $1), (SELECT count(*) FROM b WHERE product_id = $2),
            (SELECT count(*) FROM b x JOIN b y USING (order_id) WHERE x.product_id = $1 AND y.product_id = $2)""",
            first,
            second,
        )
        assert both * orders / (one * two) >= truth["parameters"]["least_lift"]


def test_tracking_outage(con: duckdb.DuckDBPyConnection, truths: list[Truth]) -> None:
    (truth,) = of_kind(truths, "tracking_outage")
    start, end = period(truth)
    count = "SELECT count(*) FROM events WHERE channel = ? AND occurred_at::DATE BETWEEN ?::DATE - ? AND ?::DATE"
    channel = truth["where"]["channel"]
    assert row(con, count, channel, start, 0, end) == (0,)
    assert row(con, count, channel, start, 2, end)[0] > 40
    assert (
        row(con, "SELECT count(*) FROM orders WHERE ordered_at::DATE BETWEEN ?::DATE AND ?::DATE", start, end)[0] > 100
    )


def test_price_error(con: duckdb.DuckDBPyConnection, truths: list[Truth]) -> None:
    (truth,) = of_kind(truths, "price_error")
    product, (day, _end) = truth["where"]["product_id"], period(truth)
    price, units, usual_price, usual_units = row(
        con,
        """SELECT max(unit_price) FILTER (sold_at::DATE = $2::DATE), sum(quantity) FILTER (sold_at::DATE = $2::DATE),
            median(unit_price) FILTER (sold_at::DATE <> $2::DATE),
            sum(quantity) FILTER (sold_at::DATE <> $2::DATE) / 14
        FROM order_lines
        WHERE kind = 'sold' AND product_id = $1 AND sold_at::DATE BETWEEN $2::DATE - 7 AND $2::DATE + 7""",
        product,
        day,
    )
    assert price == pytest.approx(usual_price * truth["parameters"]["price_factor"], abs=0.1)
    assert units > 4 * usual_units


def test_country_decline(con: duckdb.DuckDBPyConnection, truths: list[Truth]) -> None:
    (truth,) = of_kind(truths, "country_decline")
    where = truth["where"]
    start, _end = period(truth)
    assert start == "2026-07-01"
    before, after, before_rest, after_rest, abroad_before, abroad_after = row(
        con,
        """WITH s AS (SELECT amount - discount AS net, country = $1 AS here, category = $2 AS weak,
                sold_at::DATE >= $3::DATE AS late
            FROM order_lines JOIN products USING (product_id)
            WHERE kind = 'sold' AND sold_at >= $3::DATE - INTERVAL 3 MONTH AND sold_at < $3::DATE + INTERVAL 3 MONTH)
        SELECT sum(net) FILTER (here AND NOT late), sum(net) FILTER (here AND late),
            sum(net) FILTER (here AND NOT late AND NOT weak), sum(net) FILTER (here AND late AND NOT weak),
            sum(net) FILTER (NOT here AND NOT late), sum(net) FILTER (NOT here AND late) FROM s""",
        where["country"],
        where["category"],
        start,
    )
    assert after < 0.92 * before
    assert after_rest > 0.95 * before_rest
    assert abroad_after > 0.95 * abroad_before


def test_growth(con: duckdb.DuckDBPyConnection, truths: list[Truth]) -> None:
    (truth,) = of_kind(truths, "growth")
    product = truth["where"]["product_id"]
    (launched,) = row(con, "SELECT launched_on::VARCHAR FROM products WHERE product_id = ?", product)
    assert launched == truth["parameters"]["launched_on"]
    early, late = row(
        con,
        """SELECT sum(quantity) FILTER (sold_at::DATE < $2::DATE + 100),
            sum(quantity) FILTER (sold_at::DATE > $3::DATE - 30)
        FROM order_lines WHERE kind = 'sold' AND product_id = $1""",
        product,
        launched,
        END.isoformat(),
    )
    assert late / 30 > 8 * early / 100


def test_hostile_name(con: duckdb.DuckDBPyConnection, truths: list[Truth]) -> None:
    (truth,) = of_kind(truths, "hostile_name")
    (name,) = row(con, "SELECT name FROM products WHERE product_id = ?", truth["where"]["product_id"])
    assert name == truth["parameters"]["name"] == '=1+1 <b>"Bold" & Co</b> mug'
    assert row(con, "SELECT count(*) FROM order_lines WHERE product_id = ?", truth["where"]["product_id"])[0] > 500


def test_rates_are_those_of_a_shop(con: duckdb.DuckDBPyConnection) -> None:
    returns, discounts, margin, aov = row(
        con,
        """SELECT sum(amount) FILTER (kind = 'returned') / sum(amount) FILTER (kind = 'sold'),
            sum(discount) / sum(amount) FILTER (kind = 'sold'),
            1 - sum(cost) FILTER (kind = 'sold') / sum(amount - discount) FILTER (kind = 'sold'),
            sum(amount - discount) FILTER (kind = 'sold') / count(DISTINCT order_id) FILTER (kind = 'sold')
        FROM order_lines""",
    )
    assert 0.03 < returns < 0.08
    assert 0.02 < discounts < 0.08
    assert 0.4 < margin < 0.6
    assert 250 < aov < 550
    (conversion,) = row(
        con,
        "SELECT count(DISTINCT session_id) FILTER (kind = 'purchase') / count(DISTINCT session_id) FROM events",
    )
    assert 0.02 < conversion < 0.05
