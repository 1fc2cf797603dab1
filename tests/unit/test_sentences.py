"""Where sentences end, in both languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.document import Language
from knowledge.language.detection import language_of, weight
from knowledge.language.sentences import sentences, spans

# Sentences are parted by "|"; the bar is not part of the text.
ENGLISH = [
    "Dr. Smith paid 3.5 dollars, e.g. for tea. |He left at 5 p.m. on Monday. |Sales rose 4.2%. |See Fig. 3 for more.",
    "It grew in the U.S. |The rest fell. |U.S. Census figures show it. |J. K. Rowling wrote to us. |No. 5 sells best.",
    "“Is it true?” he asked. |“Yes.” |They went on [3]. |Then it stopped.[12] |Nobody knew why (not even we). |Odd!",
    "Smith et al. found a lift of 3 pp. in vol. 2 of it. |We sell to Acme Inc. |It pays. |Acme Inc. Ltd. pays. |Right?",
    "Compare A vs. B. |The answer is no. |Stop. |The mean is 3. |Then add 2. |Wait... then go on. |Really?! |Yes.",
    "Visit example.com or mail to a.b@example.com. |Version 2.0.1 is out. |It costs approx. 30 euros.",
    "- Keep the box. |It helps.\n|1. Remind. |2. Offer a coupon.\n|Stage: Silent; Days: 3.5\n|Stage: Lapsed",
    "The dept. of sales meets on Jan. 5 at 9 a.m. |We join. |Prices start at $3.99. |“Stop.” |She stopped.",
    "Is “Buy now!” a good line? |iPhone users like it. |What about AOV? |It rose.",
    "Our CEO (Ms. Lee) agreed. |The plan (see Sec. 4.1) works; it is cheap. |So do it.",
]
CHINESE = [
    "复购率提升了 3.5%。|真的吗？|是的！|下个月再看。",
    "他说：“走吧。”|然后离开了。|“好。”|大家同意。",
    "例如“我的数据会被分享给谁？”、“我如何删除我的数据？”等。|这些要写清楚。",
    "阶段包括潜在用户、新用户；活跃用户[8]。|不同阶段不同。[9]|因此分别对待（见表1。）|完。",
    "用英文句号.|也能分开.|版本 2.0.1 已发布。|亚马逊 Kindle 的销售额超过 35%。|Zara 每周两次更新。",
    "- 第一条：提醒。|要快。\n|- 第二条：优惠券\n|阶段: 沉默; 动作: 提醒",
    "为什么？！|因为……贵。|这样？”|“那样。”",
]


@pytest.mark.parametrize(("marked", "language"), [*((one, "en") for one in ENGLISH), *((one, "zh") for one in CHINESE)])
def test_sentences_end_where_a_reader_ends_them(marked: str, language: Language) -> None:
    expected = tuple(part.strip() for part in marked.split("|"))
    assert sentences(marked.replace("|", ""), language) == expected


@given(st.text(alphabet="ab.!?。！？“”…()[]1 \n\t.A大数，,:", max_size=200), st.sampled_from(["en", "zh"]))
def test_nothing_but_white_space_is_lost(text: str, language: Language) -> None:
    at = 0
    for start, end in spans(text, language):
        assert not text[at:start].strip()
        assert text[start:end] == text[start:end].strip()
        assert "\n" not in text[start:end]
        at = end
    assert not text[at:].strip()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("What is the repurchase rate?", "en"),
        ("复购率是多少？", "zh"),
        ("亚马逊 Kindle 的 RFM 分层", "zh"),
        ("The term 私域 means a channel that a shop owns itself.", "en"),
        ("618", "en"),
        ("", "en"),
    ],
)
def test_the_language_of_a_text(text: str, language: Language) -> None:
    assert language_of(text) == language


def test_the_two_languages_weigh_alike() -> None:
    assert weight("one two three four") == pytest.approx(4)
    assert weight("复购率提升了三成") == pytest.approx(4)
    assert weight("x" * 1000) == pytest.approx(100)
