"""How documents are cut: along headings, between sentences, with nothing lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.document import Block, Document, Passage
from knowledge.language.detection import language_of, weight
from knowledge.language.sentences import sentences
from knowledge.learning.chunker import LONGEST, passages

SENTENCE = "A silent customer has not bought anything for thirty days and may be won back by a reminder. "
CHINESE = "沉默用户是指三十天内没有任何购买行为的老用户，可以通过提醒短信和优惠券挽回。"


def _cut(*blocks: Block, title: str = "Title") -> tuple[Passage, ...]:
    return passages("key", Document(title, "en", blocks))


def test_each_section_is_a_passage_with_its_path_page_and_language() -> None:
    cut = _cut(
        Block(SENTENCE * 2, ("One",), 1),
        Block(SENTENCE * 3, ("One",), 2),
        Block(CHINESE * 2, ("One", "二"), 3),
    )
    assert [(one.place, one.section, one.page, one.language) for one in cut] == [
        (0, ("One",), 1, "en"),
        (1, ("One", "二"), 3, "zh"),
    ]
    assert cut[0].text == f"{(SENTENCE * 2).strip()}\n\n{(SENTENCE * 3).strip()}"
    assert {(one.document, one.title) for one in cut} == {("key", "Title")}


@pytest.mark.parametrize(("sentence", "count"), [(SENTENCE, 60), (CHINESE, 60)])
def test_a_long_section_is_cut_evenly_between_sentences(sentence: str, count: int) -> None:
    cut = _cut(Block(sentence * count, ("One",)))
    assert all(100 <= weight(one.text) <= LONGEST for one in cut)
    assert all(one.text.endswith((".", "。")) for one in cut)
    assert " ".join(one.text for one in cut).replace(" ", "") == (sentence * count).replace(" ", "")


def test_cuts_prefer_the_ends_of_paragraphs() -> None:
    paragraphs = [Block((SENTENCE * count).strip()) for count in (8, 12, 9, 11)]
    assert [one.text for one in _cut(*paragraphs)] == [paragraph.text for paragraph in paragraphs]


def test_a_list_stays_with_what_introduces_it() -> None:
    lead_in = "These are the steps that are taken with a silent customer:"
    items = "\n".join(f"- step {number} is to {SENTENCE.lower().strip()}" for number in range(8))
    cut = _cut(Block(SENTENCE * 9), Block(lead_in), Block(items))
    assert len(cut) > 1
    holding = next(one for one in cut if lead_in in one.text)
    assert "- step 0" in holding.text


def test_tiny_sections_stand_together_but_a_question_keeps_its_answer() -> None:
    cut = _cut(
        Block("Yes.", ("FAQ", "Do you deliver?")),
        Block("Three days.", ("FAQ", "多久到账？")),
        Block("Mon to Fri.", ("Shop", "Hours")),
        Block("Main St.", ("Shop", "Address")),
        Block(SENTENCE * 3, ("Shop", "Returns")),
    )
    assert [(one.section, one.text) for one in cut[:3]] == [
        (("FAQ", "Do you deliver?"), "Yes."),
        (("FAQ", "多久到账？"), "Three days."),
        (("Shop",), "Hours\nMon to Fri.\n\nAddress\nMain St."),
    ]
    assert cut[3].section == ("Shop", "Returns")


def test_an_introduction_of_a_few_words_stands_with_what_it_introduces() -> None:
    cut = _cut(Block("There are two.", ("Kinds",)), Block(SENTENCE * 2, ("Kinds", "The first")))
    assert [(one.section, one.text[:14]) for one in cut] == [(("Kinds", "The first"), "There are two.")]


def test_references_keywords_and_sources_are_left_out() -> None:
    cut = _cut(
        Block(SENTENCE, ("1. One",)),
        Block("营销；研究", ("关键词",)),
        Block("[1] Smith, J. Marketing. 2020.", ("References",)),
        Block("[1] 王一. 营销[J]. 2020.", ("6. 参考文献",)),
        Block("- The team's own figures.", ("Sources",)),
    )
    assert [one.section for one in cut] == [("1. One",)]


def test_sources_that_are_a_subject_are_kept() -> None:
    cut = _cut(Block(SENTENCE, ("Sources",)), Block(SENTENCE, ("Other figures",)))
    assert [one.section for one in cut] == [("Sources",), ("Other figures",)]


def test_a_sentence_longer_than_a_passage_is_cut_between_clauses_or_anywhere() -> None:
    clauses = "，".join(["这是一个很长的句子里的一小段"] * 100)
    cut = _cut(Block(clauses))
    assert all(weight(one.text) <= LONGEST for one in cut)
    assert all(one.text.endswith("，") for one in cut[:-1])
    solid = _cut(Block("x" * 50_000))
    assert "".join(one.text for one in solid) == "x" * 50_000
    assert all(weight(one.text) <= LONGEST for one in solid)


def test_ids_are_stable_and_different() -> None:
    before = (Block(SENTENCE, ("One",)), Block(SENTENCE, ("Two",)), Block(CHINESE, ("Three",)))
    after = (Block(CHINESE, ("Zero",)), *before[:2], Block(f"{CHINESE}新。", ("Three",)))
    ids = [one.id for one in _cut(*before)]
    assert len(set(ids)) == 3
    assert [one.id for one in _cut(*after, title="Another")][1:3] == ids[:2]
    assert ids[2] not in [one.id for one in _cut(*after)]
    twice = _cut(Block("Same.", ("How?",)), Block("Other.", ("Why?",)), Block("Same.", ("How?",)))
    assert len({one.id for one in twice}) == 3
    assert passages("other", Document("Title", "en", before))[0].id != ids[0]


WORDS = st.sampled_from(["silent", "customers", "buy", "618", "复购率", "优惠券", "提升了", "3.5", "U.S.", "e.g."])
ENDS = st.sampled_from([". ", "。", "! ", "？", "\n", ", ", "：\n- "])
TEXTS = st.lists(st.tuples(st.lists(WORDS, min_size=1, max_size=60).map(" ".join), ENDS), min_size=1, max_size=12).map(
    lambda parts: "".join(text + end for text, end in parts)
)
PATHS = st.sampled_from([(), ("One",), ("One", "Two"), ("一",), ("Why?",)])


@given(st.lists(st.builds(Block, TEXTS, PATHS, st.sampled_from([None, 1, 2])), max_size=8))
def test_every_sentence_of_every_block_is_in_a_passage(blocks: list[Block]) -> None:
    cut = _cut(*blocks)
    whole = "\n".join(one.text for one in cut)
    for block in blocks:
        for sentence in sentences(block.text, language_of(block.text)):
            if weight(sentence) <= LONGEST:
                assert sentence in whole
    written = sum(len("".join(block.text.split())) for block in blocks)
    assert len("".join(whole.split())) >= written
    assert all(weight(one.text) <= LONGEST * 1.1 for one in cut)
    assert len({one.id for one in cut}) == len(cut)
    assert [one.place for one in cut] == list(range(len(cut)))
