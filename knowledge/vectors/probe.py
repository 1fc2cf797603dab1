"""Which languages a model of meaning reads, found out on a few pairs of sentences that say the same.

For each pair the model must find the partner among all the partners of the others, both ways. The two sentences of a
pair share few words, so that a model which only compares letters does not pass.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from knowledge.document import Language

# English, the same in other words, Chinese, the same in other words.
SENTENCES: tuple[tuple[str, str, str, str], ...] = (
    (
        "Customers who have not bought for a year should be contacted again.",
        "Reach out to people whose last purchase lies twelve months back.",
        "一年没有购买的顾客应当重新联系。",
        "对最近一次下单在十二个月前的人，要再次触达。",
    ),
    (
        "The parcel arrived three days late.",
        "Delivery of the package was delayed.",
        "包裹晚到了三天。",
        "快递没有按时送达。",
    ),
    (
        "Too many discounts teach shoppers to wait for the next sale.",
        "If prices are cut constantly, buyers hold back until there is another promotion.",
        "折扣太多会让消费者习惯等下一次促销。",
        "经常降价，买家就会忍着不买，直到再有活动。",
    ),
    (
        "Personal details may only be stored with permission.",
        "Consent is required before private data is kept.",
        "个人资料必须得到同意才能保存。",
        "未经本人许可，不得留存隐私信息。",
    ),
    (
        "The warehouse has run out of the red jacket.",
        "That crimson coat is no longer in stock.",
        "仓库里的红色外套卖完了。",
        "那件大红上衣已经缺货。",
    ),
    (
        "Half of the visitors saw the old page and half the new one.",
        "The audience was split at random between two versions of the site.",
        "一半访客看到旧页面，另一半看到新页面。",
        "把用户随机分成两组，各用网站的一个版本。",
    ),
    (
        "Heavy rain is expected tomorrow afternoon.",
        "The forecast says it will pour later the next day.",
        "预计明天下午有大雨。",
        "天气预报说次日午后会下暴雨。",
    ),
    (
        "The doctor told him to stop smoking.",
        "His physician advised giving up cigarettes.",
        "医生叫他戒烟。",
        "大夫劝他别再抽香烟了。",
    ),
    (
        "She learned to play the piano as a child.",
        "Even when she was little she took music lessons at the keyboard.",
        "她小时候学会了弹钢琴。",
        "她从小就上琴课。",
    ),
    (
        "The company borrowed money from the bank.",
        "The firm took out a loan.",
        "公司向银行借了钱。",
        "企业办理了一笔贷款。",
    ),
    (
        "Our team lost the final match.",
        "We were beaten in the last game of the tournament.",
        "我们队输掉了决赛。",
        "在锦标赛最后一场，我们被击败了。",
    ),
    (
        "Bread is baked from flour, water and yeast.",
        "A loaf needs wheat meal, some liquid and a raising agent in the oven.",
        "面包用面粉、水和酵母烤成。",
        "做吐司要有麦粉、液体和发酵剂，再进烤箱。",
    ),
)
ENOUGH = 0.85

Encode = Callable[[Sequence[str]], NDArray[np.float32]]


def languages_of(encode: Encode) -> frozenset[Language]:
    """The languages that a model reads; both only where it also carries meaning from one into the other.

    `encode` gives vectors of unit length, (n, d).
    """
    columns = [encode(column) for column in zip(*SENTENCES, strict=True)]
    english, chinese = _found(columns[0], columns[1]), _found(columns[2], columns[3])
    across = (_found(columns[0], columns[2]) + _found(columns[1], columns[3])) / 2
    if min(english, chinese, across) >= ENOUGH:
        return frozenset({"en", "zh"})
    if max(english, chinese) < ENOUGH:
        return frozenset()
    return frozenset({"en"}) if english >= chinese else frozenset({"zh"})


def _found(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """The share of sentences whose nearest is their partner, looking from both sides."""
    likeness = one @ other.T
    partner = np.arange(len(one))
    return float(((likeness.argmax(axis=1) == partner).mean() + (likeness.argmax(axis=0) == partner).mean()) / 2)
