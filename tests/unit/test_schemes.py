"""RFM, lifecycle, tiers and clusters: against recounts in pandas, and what must hold whatever the store."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.conftest import DEMO_END, RETAIL_DAY
from tests.unit.purchases import Person, Purchase, make_store
from tools.customers.histories import Histories
from tools.customers.schemes import SCHEMES, clusters, lifecycle, tiers
from tools.customers.schemes.rfm import GRID, scores
from tools.customers.schemes.standing import standing
from tools.errors import NotEnoughData
from tools.warehouse.connection import Warehouse

TODAY = date(2024, 12, 31)

# "RFM Analysis For Successful Customer Segmentation", Putler: recency and mean of frequency and monetary scores.
PUTLER = {
    "champions": ((4, 5), (4, 5)),
    "loyal": ((2, 5), (3, 5)),
    "potential_loyalists": ((3, 5), (1, 3)),
    "new_customers": ((4, 5), (0, 1)),
    "promising": ((3, 4), (0, 1)),
    "need_attention": ((2, 3), (2, 3)),
    "about_to_sleep": ((2, 3), (0, 2)),
    "at_risk": ((0, 2), (2, 5)),
    "cannot_lose": ((0, 1), (4, 5)),
    "hibernating": ((1, 2), (1, 2)),
    "lost": ((0, 2), (0, 2)),
}


def groups(scheme: str, histories: Histories) -> dict[str, str]:
    table = SCHEMES[scheme].assigned(histories)
    assert table.columns == ("customer_id", "group")
    rows, _sql = histories.warehouse.fetch(table)
    found = {str(customer): str(group) for customer, group in rows}
    assert len(found) == len(rows), "a customer stands in one group"
    assert set(found.values()) <= SCHEMES[scheme].groups.keys()
    return found


def lines_of(warehouse: Warehouse, today: date) -> pd.DataFrame:
    """The visible lines of known customers, read without any of the code under test."""
    frame = warehouse.backend.con.execute(
        'SELECT customer_id AS customer, order_id AS "order", sold_at AS "at", kind, amount - discount AS worth '
        "FROM order_lines WHERE customer_id IS NOT NULL AND sold_at < ?",
        [today + timedelta(days=1)],
    ).df()
    return frame.assign(day=frame["at"].dt.normalize(), net=frame.worth.where(frame.kind == "sold", -frame.worth))


def summary_of(lines: pd.DataFrame) -> pd.DataFrame:
    sold = lines[lines.kind == "sold"].groupby("customer")
    summary = pd.DataFrame({"last": sold.day.max(), "orders": sold.order.nunique()})
    return summary.join(lines.groupby("customer").net.sum().round(2))


def test_every_cell_of_the_grid_lies_in_the_published_ranges() -> None:
    assert set(PUTLER) == set(SCHEMES["rfm"].groups) == {name for row in GRID for name in row}
    for r, row in enumerate(GRID, 1):
        for fm, name in enumerate(row, 1):
            (r_low, r_high), (fm_low, fm_high) = PUTLER[name]
            assert r_low <= r <= r_high, (r, fm, name)
            assert fm_low <= fm <= fm_high, (r, fm, name)


@pytest.mark.parametrize("today", [RETAIL_DAY, date(2011, 6, 30)])
def test_rfm_equals_a_recount_in_pandas(retail: Warehouse, today: date) -> None:
    summary = summary_of(lines_of(retail, today))
    expected = {}
    marks = {
        name: (5 * (2 * column.rank(method="average") - 1) / (2 * len(summary))).map(np.floor).astype(int) + 1
        for name, column in {"r": summary["last"], "f": summary.orders, "m": summary.net}.items()
    }
    for customer in summary.index:
        fm = (marks["f"][customer] + marks["m"][customer] + 1) // 2
        expected[customer] = GRID[marks["r"][customer] - 1][fm - 1]
    assert groups("rfm", Histories(retail, today)) == expected


def test_lifecycle_equals_a_recount_in_pandas(retail: Warehouse) -> None:
    histories = Histories(retail, RETAIL_DAY)
    lines = lines_of(retail, RETAIL_DAY)
    days = lines[lines.kind == "sold"][["customer", "day"]].drop_duplicates().sort_values(["customer", "day"])
    gaps = days.assign(gap=-days.groupby("customer").day.diff(-1).dt.days).dropna()
    end = pd.Timestamp(RETAIL_DAY)
    follow_up = ((end - days.day.min()).days + 1) // 2
    followed = gaps[(gaps.day <= end - pd.Timedelta(days=follow_up)) & (gaps.gap <= follow_up)].gap
    found = lifecycle.rhythm(histories)
    assert (found.gaps, found.follow_up_days) == (len(followed), follow_up)
    assert found.active_days == np.quantile(followed, 0.80, method="inverted_cdf")
    assert found.silent_days == max(np.quantile(followed, 0.95, method="inverted_cdf"), 2 * found.active_days)
    summary = summary_of(lines)
    away = (end - summary["last"]).dt.days
    expected = np.select(
        [
            (away <= found.active_days) & (summary.orders == 1),
            away <= found.active_days,
            away <= found.silent_days,
        ],
        ["new", "active", "silent"],
        "lapsed",
    )
    assert groups("lifecycle", histories) == dict(zip(summary.index, expected, strict=True))


def test_what_comes_later_changes_nothing(tmp_path: Path) -> None:
    rng = random.Random(3)
    early = [Purchase(f"c{n % 60}", TODAY - timedelta(days=rng.randrange(400)), 5.0 + n) for n in range(600)]
    later = [Purchase(f"c{n % 90}", TODAY + timedelta(days=1 + rng.randrange(90)), 900.0) for n in range(270)]
    people = [Person(f"c{n}") for n in range(90)] + [
        Person("signs up later", TODAY + timedelta(days=3)),
        Person("signed up", TODAY - timedelta(days=3)),
        Person("undated"),
    ]
    without = Histories(make_store(tmp_path / "a.duckdb", early, [*people[:60], *people[-2:]]), TODAY)
    together = Histories(make_store(tmp_path / "b.duckdb", early + later, people), TODAY)
    for scheme in SCHEMES:
        assert groups(scheme, together) == groups(scheme, without), scheme
        assert SCHEMES[scheme].definition(together) == SCHEMES[scheme].definition(without)
    stages = groups("lifecycle", together)
    assert stages["signed up"] == stages["undated"] == "prospect"
    assert "signs up later" not in stages
    # c60 to c89 are known from later orders only.
    assert not any(f"c{n}" in stages for n in range(60, 90))


def test_who_only_returned_is_in_no_group(tmp_path: Path) -> None:
    store = make_store(
        tmp_path / "s.duckdb",
        [Purchase("buys", TODAY), Purchase("returns", TODAY, kind="returned")],
        [Person("buys"), Person("returns")],
    )
    for scheme in ("rfm", "lifecycle", "tier"):
        assert groups(scheme, Histories(store, TODAY)).keys() == {"buys"}


def test_equal_customers_are_treated_alike(tmp_path: Path) -> None:
    store = make_store(tmp_path / "s.duckdb", [Purchase(f"c{n}", TODAY, 9.99) for n in range(101)])
    histories = Histories(store, TODAY)
    rows, _sql = store.fetch(scores(histories).select("r", "f", "m").distinct())
    assert rows == [(3, 3, 3)]
    assert set(groups("rfm", histories).values()) == {"need_attention"}
    assert set(groups("tier", histories).values()) == {"middle"}
    assert set(groups("lifecycle", histories).values()) == {"new"}
    with pytest.raises(NotEnoughData, match="too much alike"):
        SCHEMES["cluster"].assigned(histories)


@pytest.mark.parametrize("amounts", [[5.0], [-3.0, 0.0, 2.0], [0.1] * 10 + [0.3]])
def test_few_odd_and_negative_spends_do_not_crash(tmp_path: Path, amounts: list[float]) -> None:
    bought = [Purchase(f"it's {n}; DROP", TODAY - timedelta(days=n), 1.0) for n in range(len(amounts))]
    corrected = [
        Purchase(f"it's {n}; DROP", TODAY, abs(a - 1), "sold" if a >= 1 else "returned") for n, a in enumerate(amounts)
    ]
    histories = Histories(make_store(tmp_path / "s.duckdb", bought + corrected), TODAY)
    for scheme in ("rfm", "lifecycle", "tier"):
        found = groups(scheme, histories)
        assert len(found) == len(amounts)
        assert SCHEMES[scheme].definition(histories)
    tier = groups("tier", histories)
    assert all(tier[f"it's {n}; DROP"] == "low" for n, a in enumerate(amounts) if a <= 0)
    with pytest.raises(NotEnoughData, match="at least"):
        SCHEMES["cluster"].assigned(histories)


def test_no_customers_are_no_groups(tmp_path: Path) -> None:
    histories = Histories(make_store(tmp_path / "s.duckdb", []), TODAY)
    for scheme in ("rfm", "lifecycle", "tier"):
        assert groups(scheme, histories) == {}
        assert SCHEMES[scheme].definition(histories)


def test_stages_only_move_one_way_while_a_customer_stays_away(retail: Warehouse) -> None:
    histories = Histories(retail, RETAIL_DAY)
    order = {"new": 0, "active": 0, "silent": 1, "lapsed": 2}
    table = standing(histories).select("recency_days", "lifecycle").distinct().order_by("recency_days")
    rows = retail.fetch(table)[0]
    ranks = [order[stage] for _days, stage in sorted(rows, key=lambda row: (row[0], order[row[1]]))]
    assert ranks == sorted(ranks)


def test_too_few_repeats_fall_back_to_stated_thresholds(tmp_path: Path) -> None:
    store = make_store(tmp_path / "s.duckdb", [Purchase("c", TODAY - timedelta(days=n)) for n in (0, 90, 91, 181)])
    found = lifecycle.rhythm(Histories(store, TODAY))
    assert (found.active_days, found.silent_days, found.gaps) == (90, 180, 0)
    assert "fewer than" in str(SCHEMES["lifecycle"].definition(Histories(store, TODAY))[1])


def test_one_pass_gives_what_the_schemes_give(retail: Warehouse) -> None:
    histories = Histories(retail, RETAIL_DAY)
    rows = retail.fetch(standing(histories).select("customer_id", "rfm", "lifecycle"))[0]
    assert {c: rfm for c, rfm, _stage in rows} == groups("rfm", histories)
    assert {c: stage for c, _rfm, stage in rows} == groups("lifecycle", histories)


def test_tiers_hold_their_shares_and_state_their_cuts(retail: Warehouse) -> None:
    histories = Histories(retail, RETAIL_DAY)
    found = Counter(groups("tier", histories).values())
    lines = lines_of(retail, RETAIL_DAY)
    bought = set(lines[lines.kind == "sold"].customer)
    recent = lines[lines["at"] >= pd.Timestamp(RETAIL_DAY - timedelta(days=364))]
    net = recent.groupby("customer").net.sum().round(2)
    spenders = net[(net > 0) & net.index.isin(list(bought))].sort_values(ascending=False)
    assert found["top"] == pytest.approx(0.05 * len(spenders), abs=1)
    assert found["high"] == pytest.approx(0.15 * len(spenders), abs=1)
    assert found["middle"] == pytest.approx(0.30 * len(spenders), abs=1)
    assert sum(found.values()) == len(bought)
    sizes = tiers.sizes(histories)
    assert sizes["top"].net_sales == pytest.approx(spenders.iloc[: found["top"]].sum())
    assert sizes["top"].least == pytest.approx(spenders.iloc[found["top"] - 1])


def test_equal_sales_share_a_tier(tmp_path: Path) -> None:
    amounts = [100.0] * 10 + [50.0] * 30 + [10.0] * 60
    bought = [Purchase(f"c{n}", TODAY, amount) for n, amount in enumerate(amounts)]
    found = groups("tier", Histories(make_store(tmp_path / "s.duckdb", bought), TODAY))
    assert len({(amounts[int(c[1:])], tier) for c, tier in found.items()}) == 3


@pytest.mark.parametrize("store", ["retail", "demo"])
def test_clusters_are_stable_ordered_and_told_apart(store: str, request: pytest.FixtureRequest) -> None:
    warehouse: Warehouse = request.getfixturevalue(store)
    histories = Histories(warehouse, RETAIL_DAY if store == "retail" else DEMO_END)
    fit = clusters.clustering(histories)
    assert fit.stability >= 0.9
    assert 3 <= fit.count <= 8
    assert fit.silhouette > 0.15
    table = SCHEMES["cluster"].assigned(histories)
    table = table.join(histories.summary(), "customer_id")
    rows = warehouse.fetch(table.group_by("group").aggregate(n=table.count(), worth=table.net_sales.mean()))[0]
    assert sum(n for _group, n, _worth in rows) == fit.customers
    worth = [worth for _group, _n, worth in sorted(rows)]
    assert len(worth) == fit.count
    assert worth == sorted(worth, reverse=True)
    described = SCHEMES["cluster"].described(histories)
    assert list(described) == [str(n) for n in range(1, fit.count + 1)]
    assert len({str(message) for message in described.values()}) > 1


def test_the_engine_assigns_as_the_fit_does(retail: Warehouse) -> None:
    """The nearest centre worked out in SQL is the one that numpy finds."""
    histories = Histories(retail, RETAIL_DAY)
    fit = clusters.clustering(histories)
    rows = retail.fetch(clusters.behaviour(histories))[0]
    values = np.array([[np.nan if cell is None else float(cell) for cell in row[1:]] for row in rows])
    skewed = np.array([feature.skewed for feature in clusters.FEATURES])
    shaped = np.where(skewed, np.sign(values) * np.log1p(np.abs(values)), values)
    scaled = np.clip(
        np.nan_to_num((shaped - np.array(fit.middle)) / np.array(fit.spread)), -clusters.FARTHEST, clusters.FARTHEST
    )
    nearest = ((scaled[:, None, :] - np.array(fit.centres)[None]) ** 2).sum(axis=2).argmin(axis=1) + 1
    expected = {str(row[0]): str(n) for row, n in zip(rows, nearest, strict=True)}
    assert groups("cluster", histories) == expected
