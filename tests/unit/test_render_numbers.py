"""Numbers as English and Chinese readers write them."""

from __future__ import annotations

import math

import pytest

from bot.rendering.numbers import format_together
from bot.rendering.voice import Voice
from tools.messages import Quantity, say

EN, ZH = Voice("en"), Voice("zh")
FULL_EN, FULL_ZH = Voice("en", number_style="full"), Voice("zh", number_style="full")


@pytest.mark.parametrize(
    ("quantity", "en", "zh"),
    [
        (Quantity(1427121.25, "GBP"), "£1,427,121", "142.71万英镑"),
        (Quantity(14271212.5, "GBP"), "£14.27M", "1,427.12万英镑"),
        (Quantity(48069.52, "GBP"), "£48,070", "4.81万英镑"),
        (Quantity(581.420462, "GBP"), "£581.42", "581.42英镑"),
        (Quantity(5, "GBP"), "£5", "5英镑"),
        (Quantity(0.0342, "USD"), "$0.034", "0.034美元"),
        (Quantity(-1500000, "CNY", signed=True), "-CN¥1,500,000", "-150万元"),
        (Quantity(358000.0, "GBP", signed=True), "+£358,000", "+35.8万英镑"),
        (Quantity(1e9, "JPY"), "JP¥1B", "10亿日元"),
        (Quantity(2751), "2,751", "2,751"),
        (Quantity(12345), "12,345", "12,345"),
        (Quantity(123456), "123,456", "12.35万"),
        (Quantity(123456789, "units"), "123.46M", "1.23亿"),
        (Quantity(3.14159), "3.14", "3.14"),
        (Quantity(0.048, "ratio"), "4.8%", "4.8%"),
        (Quantity(0.0053, "ratio"), "0.53%", "0.53%"),
        (Quantity(0.5, "ratio"), "50%", "50%"),
        (Quantity(0.9999, "ratio"), "99.99%", "99.99%"),
        (Quantity(0.0000053, "ratio"), "<0.001%", "<0.001%"),
        (Quantity(-0.0000053, "ratio"), ">-0.001%", ">-0.001%"),
        (Quantity(12.345, "ratio", signed=True), "+1,234%", "+1,234%"),
        (Quantity(0.012, "points", signed=True), "+1.2 pp", "+1.2个百分点"),
        (Quantity(1, "days"), "1 day", "1天"),
        (Quantity(35.26, "days"), "35.3 days", "35.3天"),
        (Quantity(1.2345, "factor"), "1.23×", "1.23倍"),
        (Quantity(4.5, "score"), "4.50", "4.50"),
        (Quantity(0, "GBP", signed=True), "£0", "0英镑"),
        (Quantity(-0.0, "ratio", signed=True), "0%", "0%"),
        (Quantity(None, "GBP"), "–", "无"),
        (Quantity(math.nan), "–", "无"),
        (Quantity(math.inf, "ratio"), "–", "无"),
    ],
)
def test_a_quantity_in_a_sentence(quantity: Quantity, en: str, zh: str) -> None:
    assert (EN.value(quantity), ZH.value(quantity)) == (en, zh)


@pytest.mark.parametrize(
    ("quantity", "en", "zh"),
    [
        (Quantity(1427121.25, "GBP"), "£1,427,121", "1,427,121英镑"),
        (Quantity(48069.52, "GBP"), "£48,069.52", "48,069.52英镑"),
        (Quantity(12345), "12,345", "12,345"),
    ],
)
def test_the_full_style_keeps_digits(quantity: Quantity, en: str, zh: str) -> None:
    assert (FULL_EN.value(quantity), FULL_ZH.value(quantity)) == (en, zh)


@pytest.mark.parametrize(
    ("value", "en", "zh"),
    [(48069.52, "£48.1K", "£4.81万"), (999999.9, "£1.00M", "£100.00万"), (2123.5, "£2,124", "£2,124")],
)
def test_the_short_form_for_tables_and_pictures(value: float, en: str, zh: str) -> None:
    quantity = [Quantity(value, "GBP")]
    assert (EN.quantities(quantity), ZH.quantities(quantity)) == ([en], [zh])


def test_figures_that_differ_are_written_differently() -> None:
    message = say("{now} against {before}", now=Quantity(14_271_210, "GBP"), before=Quantity(14_273_210, "GBP"))
    assert EN.text(message) == "£14.271M against £14.273M"
    line = say("{value}", value=Quantity(0.0481, "ratio"))
    assert EN.text(line, beside=[say("{value}", value=Quantity(0.0484, "ratio"))]) == "4.81%"


def test_a_column_lines_up_its_decimals() -> None:
    values = [Quantity(v, "GBP") for v in (7_300_000.0, 276_000.0, 253_100.0)]
    assert format_together(values, "zh", "compact", "cell", aligned=True) == ["£730.00万", "£27.60万", "£25.31万"]
