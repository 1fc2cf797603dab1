"""The number check finds every figure that was planted, and none in what the sources say themselves."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from bot.rendering.numbers import format_quantity
from bot.understanding.number_check import unsupported
from tools.answer import Fact
from tools.messages import Quantity

ONES = [
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
]
TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
PIECES = st.sampled_from(
    [
        *(
            "一",
            "二",
            "两",
            "十",
            "百",
            "万",
            "亿",
            "点",
            "成",
            "折",
            "分之",
            "百分",
            "第",
            "周",
            "半",
            "零售",
            "，",
            "、",
        ),
        *(
            "one",
            "two",
            "twenty",
            "hundred",
            "million",
            "dozen",
            "half",
            "third",
            "second",
            "May",
            "and",
            "a",
            "percent",
        ),
        *(
            "1",
            "20",
            "3.5",
            "1,000",
            "0",
            "%",
            "‰",
            "K",
            "M",
            "-",
            "–",
            "to",
            "/",
            ".",
            ")",
            "\n",
            "①",
            "²",
            "½",
            "٣",
            "x",
        ),
    ]
)
SENTENCES = st.lists(st.tuples(PIECES, st.sampled_from(["", " "])), max_size=30).map(
    lambda pieces: "".join(piece + gap for piece, gap in pieces)
)


def english(n: int) -> str:
    if n < 20:
        return ONES[n]
    if n < 100:
        return TENS[n // 10] + (f"-{ONES[n % 10]}" if n % 10 else "")
    for size, word in ((1_000_000_000, "billion"), (1_000_000, "million"), (1000, "thousand"), (100, "hundred")):
        if n >= size:
            rest = n % size
            return f"{english(n // size)} {word}" + (f" {'and ' if rest < 100 else ''}{english(rest)}" if rest else "")
    raise AssertionError


def chinese(n: int) -> str:
    digits = "零一二三四五六七八九"
    if n < 10:
        return digits[n]
    for size, word in ((100_000_000, "亿"), (10_000, "万"), (1000, "千"), (100, "百"), (10, "十")):
        if n >= size:
            rest = n % size
            gap = "零" if rest and rest < size // 10 else ""
            return f"{chinese(n // size)}{word}{gap}{chinese(rest) if rest else ''}"
    raise AssertionError


NUMBERS = st.one_of(st.integers(2, 100), st.integers(2, 999_999), st.integers(2, 9_999_999_999))
WAYS = (
    str,
    lambda n: f"{n:,}",
    lambda n: str(n).translate({ord("0") + d: 0xFF10 + d for d in range(10)}),
    english,
    chinese,
    lambda n: f"**{n}**",
)


@given(SENTENCES)
def test_a_text_supports_itself(text: str) -> None:
    assert unsupported(text, [text]) == ()


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_text_breaks_it(prose: str, source: str) -> None:
    assert set(unsupported(prose, [source])) <= set(unsupported(prose, []))


@given(NUMBERS, st.sampled_from(WAYS), st.sampled_from(WAYS))
def test_a_number_is_the_same_in_every_writing(n: int, told: object, known: object) -> None:
    assert unsupported(f"about {told(n)} customers", [f"about {known(n)} customers"]) == ()  # type: ignore[operator]


@given(NUMBERS, NUMBERS, st.sampled_from(WAYS), st.sampled_from(WAYS))
def test_another_number_is_found(n: int, other: int, told: object, known: object) -> None:
    assume(not 0.94 < n / other < 1.06)
    prose = f"about {told(n)} customers"  # type: ignore[operator]
    assert len(unsupported(prose, [f"about {known(other)} customers"])) == 1  # type: ignore[operator]


@given(st.integers(1, 100), st.sampled_from(["{}%", "{} percent", "{} per cent", "百分之{}", "{}％"]))
def test_a_share_is_no_count(n: int, way: str) -> None:
    assert unsupported(way.format(n), [f"{n} customers"]) == (way.format(n).replace("％", "%"),)
    assert unsupported(way.format(n), [f"{n} %"]) == ()
    assert unsupported(f"{n} customers", [way.format(n)]) == (str(n),)


@given(
    st.floats(1e-4, 1e11),
    st.sampled_from(["GBP", "CNY", "count", "units", "ratio", "points", "days", "score", "factor", "number"]),
    st.sampled_from(["en", "zh"]),
    st.sampled_from(["compact", "full"]),
    st.booleans(),
)
def test_a_fact_is_supported_as_rendering_writes_it(
    value: float, unit: str, language: str, style: str, up: bool
) -> None:
    if unit in ("ratio", "points"):
        value = min(value, 10.0)
    signed = value if up else -value
    written = format_quantity(Quantity(signed, unit), language, style)  # type: ignore[arg-type]
    shown = any(c in "123456789" for c in written)
    coarse = value < 1 and unit not in ("ratio", "points")  # 0.04 days are told as 0.0, 0.16 as 0.2
    if shown and not coarse and "<" not in written:
        assert unsupported(f"It was {written}.", [], [Fact("x", signed, unit)]) == ()
