"""Plain text made whole: wrapped lines, headings by number, page furniture, encodings."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.document import Block, Document
from knowledge.loaders import load


def _load(folder: Path, content: str | bytes, name: str = "a.txt") -> Document:
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return load(file)


CHINESE = (
    "用户生命周期管理是电子商务平台实现精准营销的重要基础，"
    "企业依据用户从接触品牌到最终流失所经历的不同阶段，制定针对性的运营和营销策略。"
)
TRADITIONAL = "客戶生命週期管理是電子商務平臺的重要基礎，不同的客戶有不同的需求，我們要分別對待他們。"


def _wrapped(text: str, width: int, between: str) -> str:
    return between.join(text[at : at + width] for at in range(0, len(text), width))


@pytest.mark.parametrize("between", ["\n", "\n\n", " \n \n"])
def test_chinese_lines_are_joined_without_a_space(tmp_path: Path, between: str) -> None:
    body = CHINESE * 2
    lines = _wrapped(body, 31, between)
    text = f"1. 引言 \n\n{lines} \n\n2. 现状 \n\n{lines} \n\n3. 结语 \n\n谢谢。"
    document = _load(tmp_path, text)
    assert document.blocks == (Block(body, ("1. 引言",)), Block(body, ("2. 现状",)), Block("谢谢。", ("3. 结语",)))


def test_english_lines_are_joined_with_a_space_and_words_made_whole(tmp_path: Path) -> None:
    text = """How retention works

Retention is the share of customers of one period who buy in the next, and the market-
ing team watches it every week. A well-
known rule says that keeping a customer costs less than win-
ning one, which is well-known.

The second paragraph begins here and is long enough that it wraps onto a second
line too.
"""
    document = _load(tmp_path, text)
    assert document.title == "How retention works"
    assert document.blocks == (
        Block(
            "Retention is the share of customers of one period who buy in the next, and the marketing team watches it "
            "every week. A well-known rule says that keeping a customer costs less than winning one, which is "
            "well-known."
        ),
        Block("The second paragraph begins here and is long enough that it wraps onto a second line too."),
    )


def test_numbers_tell_how_deep_headings_stand(tmp_path: Path) -> None:
    text = f"""大数据下的营销

一、现状

{CHINESE}

（一）问题

{CHINESE}

（二）原因

{CHINESE}

二、对策

（一）平台

{CHINESE}

参考文献

[1] 王一. 用户画像研究[J]. 商业, 2020(1): 1-2.
[2] 李二. 精准营销[M]. 北京, 2019.
"""
    document = _load(tmp_path, text)
    assert document.title == "大数据下的营销"
    assert [block.headings for block in document.blocks] == [
        ("一、现状",),
        ("一、现状", "（一）问题"),
        ("一、现状", "（二）原因"),
        ("二、对策", "（一）平台"),
        ("参考文献",),
    ]
    assert document.blocks[-1].text.count("\n") == 1


def test_chapters_and_dotted_numbers(tmp_path: Path) -> None:
    text = f"第一章 总则\n\n{CHINESE}\n\n1.1 目的\n\n{CHINESE}\n\n1.2 范围\n\n{CHINESE}\n\n第二章 附则\n\n{CHINESE}\n"
    assert [block.headings for block in _load(tmp_path, text).blocks] == [
        ("第一章 总则",),
        ("第一章 总则", "1.1 目的"),
        ("第一章 总则", "1.2 范围"),
        ("第二章 附则",),
    ]


def test_numbered_steps_are_a_list_and_figures_are_no_headings(tmp_path: Path) -> None:
    text = """What to do:
1. Find the silent customers
2. Write to them
3. Wait

3.5 million customers were written to. That was enough.
"""
    document = _load(tmp_path, text)
    assert [block.text for block in document.blocks] == [
        "What to do:",
        "1. Find the silent customers\n2. Write to them\n3. Wait",
        "3.5 million customers were written to. That was enough.",
    ]
    assert {block.headings for block in document.blocks} == {()}


def test_furniture_of_pages_is_dropped_and_the_sentence_round_it_is_whole(tmp_path: Path) -> None:
    body = _wrapped(CHINESE * 3, 31, "\n\n")
    cut = body.index("\n\n", 150) + 2
    furniture = "https://doi.org/10.12677/ecl.142\n\n\n殷佳莉 \n \n\nDOI: 10.12677/ecl.142 684 电子商务评论 \n\n"
    assert _load(tmp_path, "1. 引言\n\n" + body[:cut] + furniture + body[cut:]).blocks == (
        Block(CHINESE * 3, ("1. 引言",)),
    )


def test_pages_of_text_are_counted_by_form_feeds(tmp_path: Path) -> None:
    pages = [f"The Handbook\n\nThis page tells thing number {page}.\n\n{page}" for page in range(1, 6)]
    document = _load(tmp_path, "\f".join(pages))
    assert document.pages == 5
    assert [(block.page, block.text) for block in document.blocks] == [
        (page, f"This page tells thing number {page}.") for page in range(1, 6)
    ]


def test_abstract_and_keywords_on_their_line(tmp_path: Path) -> None:
    text = f"营销研究\n\n王一\n\n摘要：{CHINESE}\n\n关键词：营销；研究\n\n{CHINESE}\n\n一、引言\n\n{CHINESE}\n"
    assert [(block.headings, block.text) for block in _load(tmp_path, text).blocks] == [
        ((), "王一"),
        (("摘要",), CHINESE),
        (("关键词",), "营销；研究"),
        ((), CHINESE),
        (("一、引言",), CHINESE),
    ]


def test_markdown_by_the_name_of_text_with_levels_that_contradict_the_numbers(tmp_path: Path) -> None:
    text = f"""# 精准营销

## 1. 引言

{CHINESE[:-1]}，以及

由此产生的一切。

### 2. 方法

#### (一) 画像

{CHINESE}

## (二) 推荐

{CHINESE}

### 3. 结语

{CHINESE}
"""
    document = _load(tmp_path, text)
    assert document.title == "精准营销"
    assert [block.headings for block in document.blocks] == [
        ("1. 引言",),
        ("2. 方法", "(一) 画像"),
        ("2. 方法", "(二) 推荐"),
        ("3. 结语",),
    ]
    assert document.blocks[0].text.endswith("以及由此产生的一切。")


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "big5", "gbk"]
)
def test_chinese_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    text = (
        "客戶生命週期管理是電子商務平臺的重要基礎，不同的客戶有不同的需求，我們要分別對待他們。"
        if encoding == "big5"
        else CHINESE
    )
    assert _load(tmp_path, (text * 3).encode(encoding)).blocks == (Block(text * 3),)


@pytest.mark.parametrize(
    "text",
    [
        "Le café de la société est très apprécié par les clients fidèles; la fidélité a été récompensée à Noël.",
        "We sell crème brûlée at the café.",
        "Résumé",
        "Prices rose 5 % — the “naïve” plan costs £30, or €35; it’s São Paulo’s façade.",
        "Größe und Maß: „Straße“ über Öl, ½ Liter, 20°C",
        "¿Cuándo vuelven los clientes? El año pasado, señor Núñez.",
        "Smørrebrød på øen koster 20 kr. Ærlig talt, det går fint å få det.",
    ],
)
def test_western_letters_in_an_old_encoding(tmp_path: Path, text: str) -> None:
    assert _load(tmp_path, text.encode("cp1252")).blocks == (Block(text),)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1250", "Klient może zwrócić towar w ciągu czternastu dni, jeśli nie był używany. Żółta koszula."),
        ("cp1250", "Zákazník může vrátit zboží do čtrnácti dnů, pokud nebylo použité."),
        ("koi8-r", "Клиент может вернуть товар в течение четырнадцати дней"),
        ("gb18030", "Q1 复购率 rate 22%"),
        ("gb18030", "商品,数量 雨伞,3"),
    ],
)
def test_what_is_not_western_is_not_read_as_if_it_were(tmp_path: Path, encoding: str, text: str) -> None:
    assert _load(tmp_path, text.encode(encoding)).blocks == (Block(text),)


def test_marks_that_are_not_seen_are_taken_out(tmp_path: Path) -> None:
    text = "Pay\u202e the\u200b in\u00advoice\ufeff on\x07 time\U000e0041. ⽤⼾ and ﬁle."
    assert _load(tmp_path, text).blocks == (Block("Pay the invoice on time. 用户 and file."),)


def test_unwrapped_paragraphs_stay_apart(tmp_path: Path) -> None:
    one, two = "One paragraph on a single line. " * 12, "Another paragraph, on another line. " * 12
    assert [block.text for block in _load(tmp_path, f"{one}\n{two}\n").blocks] == [one.strip(), two.strip()]
