"""A mapping that is wrong says where, what was given, and the nearest valid choice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.import_cases import LINES, SOURCE, mapping_text, write_mapping
from tools.errors import ImportFailed
from tools.warehouse.mapping import load_mapping, names_used

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (mapping_text().replace("currency: EUR", "currency: EURO"), ["shop.yml, line 2, currency", "“EURO”", "“EUR”"]),
        (mapping_text().replace("Europe/Berlin", "Europe/Berln"), ["line 3, timezone", "Did you mean “Europe/Berlin”"]),
        (mapping_text(head="curency: EUR"), ["“curency” is not known here", "Did you mean “currency”"]),
        (mapping_text(source=SOURCE.replace("price: number", "price: numbr")), ["sources.lines.columns.price.type"]),
        (mapping_text(lines=LINES.replace("order_lines:", "order_line:")), ["“order_line”", "“order_lines”"]),
        (mapping_text(lines=LINES.replace("unit_price:", "unit_prise:")), ["“unit_prise”", "“unit_price”"]),
        (mapping_text(lines=LINES.replace("from: lines", "from: line")), ["“line”", "Did you mean “lines”"]),
        (mapping_text(lines=LINES.replace("      sold_at: day\n", "")), ["needs the column “sold_at”"]),
        (mapping_text(lines=LINES.replace("below: 0", "blow: 0")), ["“blow”", "“below”"]),
        (mapping_text(lines=LINES.replace(", below: 0", "")), ["needs a test"]),
        (mapping_text(lines=LINES.replace("{absolute: quantity}", "{abs: quantity}")), ["“abs”", "“absolute”"]),
        (mapping_text(lines=LINES.replace("below: 0", 'matches: "("')), ["“(” is no regular expression"]),
        (mapping_text(lines=LINES.replace("below: 0", 'matches: "a(?=b)"')), ["“a(?=b)” is no regular expression"]),
        (mapping_text(head="personal: [customers.emial]"), ["“customers.emial”", "“customers.email”"]),
        (mapping_text(more="aliases: {contry: {EIRE: {en: Ireland}}}"), ["“contry”", "“country”"]),
        (mapping_text(head="store: Twice"), ["“store” is there twice"]),
        ("store: [", ["line 1", "no YAML"]),
        ("- a\n- b\n", ["is not a mapping"]),
        ("", ["is not a mapping"]),
    ],
)
def test_a_wrong_mapping_names_the_place_and_the_nearest_choice(tmp_path: Path, text: str, expected: list[str]) -> None:
    with pytest.raises(ImportFailed) as failure:
        load_mapping(write_mapping(tmp_path, text))
    for part in expected:
        assert part in str(failure.value)


def test_a_missing_mapping_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(ImportFailed, match="no mapping"):
        load_mapping(tmp_path / "none.yml")


def test_a_mapping_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "shop.yml"
    path.write_bytes(mapping_text(head="# für").encode("latin-1"))
    with pytest.raises(ImportFailed, match="cannot be read as a mapping"):
        load_mapping(path)


def test_norway_is_no_boolean(tmp_path: Path) -> None:
    mapping = load_mapping(write_mapping(tmp_path, mapping_text(more="aliases: {country: {NO: {en: Norway}}}")))
    assert mapping.aliases["country"]["NO"] == {"en": ("Norway",)}


def test_every_column_that_is_named_anywhere_is_used(tmp_path: Path) -> None:
    mapping = load_mapping(EXAMPLES / "olist.yml")
    assert names_used(mapping, "customers") == {"customer_id", "customer_unique_id", "customer_state", "customer_city"}
    assert names_used(mapping, "categories") == {"product_category_name", "product_category_name_english"}


@pytest.mark.parametrize("name", ["online_retail.yml", "olist.yml"])
def test_the_examples_are_valid(name: str) -> None:
    assert load_mapping(EXAMPLES / name).tables


def test_personal_columns_are_the_canonical_ones_and_the_mappings_own(tmp_path: Path) -> None:
    columns = "{customer_id: customer, email: {newest: {of: product, by: day}}}"
    customers = f"  customers: {{from: lines, one_per: customer, columns: {columns}}}\n"
    mapping = load_mapping(
        write_mapping(tmp_path, mapping_text(lines=LINES + customers, head="personal: [customers.city]"))
    )
    assert mapping.personal_columns() == {"customers.email", "customers.city"}
