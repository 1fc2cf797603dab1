"""Whatever the parsers accept lies in the text, and plain text comes back as it was."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.sandbox.call import parse_formatted
from bot.sandbox.errors import ApiError
from bot.sandbox.formatted_text import FormattedText, utf16_length, utf16_slice

TAGS = ("b", "i", "u", "s", "tg-spoiler", "code", "pre", "blockquote", "blockquote expandable", 'a href="https://x.yz"')
LETTERS = st.characters(exclude_categories=["Cs"])
PLAIN = st.text(LETTERS, max_size=12)


@st.composite
def marked_up(draw: st.DrawFn, depth: int = 4) -> str:
    """HTML in which tags are closed in order."""
    if depth == 0:
        return html.escape(draw(PLAIN))
    tag = draw(st.sampled_from(TAGS))
    inner = "".join(draw(st.lists(marked_up(depth - 1), max_size=3)))
    before, after = html.escape(draw(PLAIN)), html.escape(draw(PLAIN))
    return f"{before}<{tag}>{inner}</{tag.partition(' ')[0]}>{after}"


def check(formatted: FormattedText) -> None:
    total = utf16_length(formatted.text)
    assert formatted.text == formatted.text.strip(" \n")
    monospace = [one for one in formatted.entities if one.type in ("code", "pre")]
    for entity in formatted.entities:
        assert entity.length > 0
        assert entity.offset >= 0
        assert entity.end <= total
        # never between the halves of a surrogate pair
        covered = utf16_slice(formatted.text, entity.offset, entity.length)
        assert covered in formatted.text
        assert utf16_length(covered) == entity.length
    offsets = [entity.offset for entity in formatted.entities]
    assert offsets == sorted(offsets)
    for block in monospace:
        for entity in formatted.entities:
            if entity.type in ("bold", "italic", "underline", "strikethrough", "spoiler"):
                assert entity.end <= block.offset or entity.offset >= block.end


def refused(source: str, mode: str) -> ApiError | None:
    """The refusal, or None when what was accepted is sound."""
    try:
        formatted = parse_formatted(source, mode, None)
    except ApiError as error:
        return error
    check(formatted)
    return None


@given(marked_up())
@example("<b>😀<i>x</i></b>")
@example("<b>one</b><b>two</b>")
@example(" <b> x </b> ")
@example("<b>a<code>b</code>c</b>")
def test_well_formed_html_is_accepted_and_its_entities_lie_in_the_text(source: str) -> None:
    check(parse_formatted(source, "HTML", None))


@given(st.text(st.sampled_from(list("<>/&;=\"'# abi😀é\n-")), max_size=40))
def test_any_html_is_accepted_or_refused_with_a_reason(source: str) -> None:
    refusal = refused(source, "HTML")
    if refusal is None:
        return
    assert refusal.code == 400
    assert refusal.description.startswith("Bad Request: can't parse entities: ")
    for offset in re.findall(r"byte offset (\d+)", refusal.description):
        assert int(offset) < len(source.encode())


@given(st.text(st.sampled_from(list("*_~|`[]()!>\\.\n a😀é")), max_size=40))
def test_any_markdown_is_accepted_or_refused_with_a_reason(source: str) -> None:
    refusal = refused(source, "MarkdownV2")
    assert refusal is None or refusal.description.startswith("Bad Request: can't parse entities: ")


@given(PLAIN)
def test_escaped_text_comes_back(source: str) -> None:
    plain = parse_formatted(source, "", None)
    assert parse_formatted(html.escape(source, quote=False), "HTML", None) == plain
    escaped = re.sub(r"([\x01-\x7e])", r"\\\1", source)
    assert parse_formatted(escaped, "MarkdownV2", None) == plain


@pytest.mark.parametrize(
    ("source", "mode", "text", "expected"),
    [
        ("<b>a</b> &lt;&#128512;&gt;", "HTML", "a <😀>", [("bold", 0, 1)]),
        ('<pre><code class="language-sql">SELECT</code></pre>', "HTML", "SELECT", [("pre", 0, 6)]),
        ("<b>one <i>two</i></b>", "HTML", "one two", [("bold", 0, 7), ("italic", 4, 3)]),
        ("<blockquote expandable>q</blockquote>", "HTML", "q", [("expandable_blockquote", 0, 1)]),
        ('<span class="tg-spoiler">s</span>', "HTML", "s", [("spoiler", 0, 1)]),
        ("/help @ada #top5 https://x.yz/a. me@x.yz", "", "/help @ada #top5 https://x.yz/a. me@x.yz",
         [("bot_command", 0, 5), ("mention", 6, 4), ("hashtag", 11, 5), ("url", 17, 14), ("email", 33, 7)]),
        ("*b _i_* __u__ ||s|| ~x~ `c`", "MarkdownV2", "b i u s x c",
         [("bold", 0, 3), ("italic", 2, 1), ("underline", 4, 1), ("spoiler", 6, 1), ("strikethrough", 8, 1),
          ("code", 10, 1)]),
        ("[l](http://x.yz/\\))", "MarkdownV2", "l", [("text_link", 0, 1)]),
        ("```sql\nSELECT 1```", "MarkdownV2", "SELECT 1", [("pre", 0, 8)]),
        (">a\n>b\nc", "MarkdownV2", "a\nb\nc", [("blockquote", 0, 3)]),
        (">a\n>b||", "MarkdownV2", "a\nb", [("expandable_blockquote", 0, 3)]),
    ],
)  # fmt: skip
def test_entities(source: str, mode: str, text: str, expected: list[tuple[str, int, int]]) -> None:
    formatted = parse_formatted(source, mode, None)
    assert formatted.text == text
    assert [(one.type, one.offset, one.length) for one in formatted.entities] == expected


def test_the_language_of_code_is_kept() -> None:
    [pre] = parse_formatted('<pre><code class="language-sql">x</code></pre>', "HTML", None).entities_to_api()
    assert pre == {"type": "pre", "offset": 0, "length": 1, "language": "sql"}
