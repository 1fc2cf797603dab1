"""Words as they are mistyped: Chinese ones by their sound (销受额 for 销售额), others by known slips."""

from __future__ import annotations

# Characters of one line sound alike but for the tone, or look alike. Only those that the names of figures are made of
# are listed: what is looked for is a figure's name, not any word.
_ALIKE = (
    "销消肖宵萧削效校", "售受授瘦收手守首寿", "额鹅俄恶饿颔", "订定钉盯丁", "单丹担但蛋旦", "数树术述束",
    "量两亮辆良", "客课刻克可科", "价家架假加佳介", "退推腿", "货或获火伙祸贷", "率律绿虑旅滤", "复付负妇父覆富夫",
    "购够构沟狗", "转专砖赚", "化话华花划画", "毛猫貌冒", "利力例立丽历厉", "成城程诚承", "本笨", "户护互湖",
    "新心辛薪欣", "老佬", "营赢盈迎莹", "业页叶夜", "收首手受", "入如", "净静境竟镜", "总宗综", "广光",
    "告高搞", "点典电", "击机鸡基积", "展站战", "现线县限", "曝爆报暴", "光广", "库酷裤哭", "存村寸", "周州洲",
    "折者", "扣口寇", "活火", "跃约月越", "均军君", "人任", "品拼频", "渠去取区", "道到倒", "类泪累", "加家佳",
    "打达", "开凯", "流留刘", "访仿房", "问文", "次词此", "件见间建", "顾雇故固", "频品贫", "连联年", "带代待",
    "平瓶评", "交教较", "易意亿", "笔比币", "金今斤", "核合和", "券劝圈", "缺却确", "断段短",
)  # fmt: skip
# Names of two characters are mended only where nothing else is likely to be meant.
SHORT = frozenset({"销售", "订单", "退货", "客户", "顾客", "渠道", "销量", "复购"})
# Words of their own, which stand for others where figures are spoken of.
NAMES = {f"{typed}单{rest}": f"订单{rest}" for typed in "帐账" for rest in ("", "数", "量")}
WORDS = {
    "oders": "order", "oder": "order", "returm": "return", "returms": "return", "sals": "sale", "rev": "revenue",
    "revs": "revenue", "cust": "customer", "custs": "customer", "prods": "product", "prod": "product",
    "qty": "quantity", "mths": "months",
    "cntry": "country", "ctry": "country", "untis": "unit", "grosss": "gross", "nett": "net",
    "averge": "average", "avarage": "average", "averag": "average", "rte": "rate", "rtes": "rate",
}  # fmt: skip
"""Typed word → the stem that is meant."""


def _classes() -> dict[int, str]:
    """Each character by the first of its line; a character of several lines counts in its first."""
    found: dict[int, str] = {}
    for line in _ALIKE:
        for character in line:
            found.setdefault(ord(character), found.get(ord(line[0]), line[0]))
    return found


_SOUNDS = _classes()


def sounds(text: str) -> str:
    """The text with each character replaced by one that stands for all that sound like it."""
    return text.translate(_SOUNDS)


def is_slip(typed: str, name: str) -> bool:
    """Whether `typed`, which sounds like `name`, differs in so few characters that the name was meant."""
    wrong = sum(a != b for a, b in zip(typed, name, strict=True))
    return 0 < wrong <= (1 if len(name) < 5 else 2)
