"""What is refused, greeted or another tool's work, before any figure is read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.understanding.lexicon import CUES
from bot.understanding.outcome import Clarify, Decline, Plan
from bot.understanding.reading.draft import (
    TOOL_TITLES,
    Base,
    Stop,
)
from bot.understanding.spans import Kind, Span
from tools.answer import FollowUp, ToolCall
from tools.messages import say

# Tools with a grammar of their own, where no word is a mere filler.
OWN_GRAMMAR = frozenset(
    {"segments", "churn", "clv", "cohorts", "customer", "recommend", "forecast", "drivers", "calendar", "inventory"}
)
_THING = (
    r"(?:orders? #?\d+|customers? #?\w*\d+|(?:all |the |our |every )*(?:ads?|campaigns?|prices?|adverts?"
    r"|listings?|website|coupons?"
    r"|vouchers?|discount codes?|budgets?|bids?)\b)"
)
DOING = re.compile(
    r"^\W*(?:(?:please|can you|could you|now|go|just|then) )*(?:(?:delete|remove|erase|refund|cancel|pause|stop"
    r"|launch|start"
    rf"|publish|block|ban|change|lower|raise|increase|reduce|update|edit|create|issue|set) (?:the price of "
    rf"|up )?{_THING}"
    r"|(?:send|give|issue|text|mail|email|call|message|offer) (?:(?:all|our|the|every|these|those|vip|new|a|each) )*"
    r"(?:customers?|clients?|buyers?|champions|vips?|members) (?:an?|some|\d+|the|our|that|to)\b)"
    r"|^\W*(?:请|帮我|麻烦|你|给我|把|将|马上|立即|现在)*(?:删除|删掉|取消|修改|暂停|停掉|关掉|关闭|投放|上架"
    r"|下架|调整|提高|降低|上调|下调|退款|冻结|拉黑)"
    r"(?:掉|一下)?(?:客户\s*\d|订单\s*\d|(?:所有|全部|这个|该)?的?(?:广告|价格|售价|商品价格|营销活动|广告活动))"
    r"|(?<![要该])(?<!应该)(?<!可以)给.{1,12}(?:发送?|寄|打|群发)(?:一?[个张封条])?\S{0,6}(?:优惠券|短信|红包"
    r"|电话|礼品)(?!.{0,8}(?:效果|多少|率|吗|好|应该|怎么|如何))"
    r"|给订单\s*\d+\s*退款|[把将](?:客户|订单|商品)\s*\w*\d+\S{0,4}(?:删|退|下架|取消|改)"
)
# "Write a birthday mail": no figure, whatever it is to be about. A report or a digest is none of these.
WRITING = re.compile(
    r"^\W*(?:(?:please|can you|could you|help me|now|just) )*(?:write|draft|compose)"
    r" (?:(?:me|us|him|her|them|my boss|our team) )?(?:an?|the|some|our|my)?(?: [\w'-]+){0,4}?"
    r" ?(?:e-?mail|letter|poem|song|essay|blog ?post|post|article|tweet|caption|slogan|story|joke|speech|greeting"
    r"|card)\b"
    r"|^\W*(?:请|麻烦|帮我|帮忙|给我|替我|你)*(?:写|起草|拟|编|撰写)(?:一?[个封条份篇段首句])?[^，。,?？]{0,8}"
    r"(?:邮件|信|贺词|祝福语?|短信|诗|故事|推文|软文|作文|标语|口号|演讲稿|段子|笑话)"
)
# Advice on everyday matters, and who of the staff is away: neither figures nor pages.
ELSEWHERE = re.compile(
    r"\b(?:recommend|suggest) (?:(?:me|us) )?(?:(?:an?|some|the|any|good|nice|best) )*"
    r"(?:stocks?(?! (?:level|code|item))|shares|funds?|films?|movies?|restaurants?|books?|hotels?|songs?|recipes?)\W*$"
    r"|推荐(?:给我|我)?(?:一?[下只支个部本家首款道些])?(?:好看的|好的|好吃的)?(?:股票|基金|电影|电视剧|餐厅|饭店|酒店|小说|歌|景点|菜)"
    r"|\bwho(?:'s|s| is| are)? (?:on (?:holiday|leave|vacation|duty|call)|off (?:sick|work|today|tomorrow)|away|sick)\b"
    r"|谁(?:在|要|会)?(?:请假|休假|值班|出差|旷工|迟到)|(?:请假|休假|值班|考勤|离职|招聘|面试)(?:名单|情况|记录|安排|进度)?\W*$"
)
# "In stock right now", 进价: of a figure that these words alone name, whatever stands beside them.
NAMED_ALONE = (
    (
        "average_stock",
        re.compile(
            r"\b(?:how (?:many|much)|any)\b.*"
            r"\b(?:(?:left |still |currently )?in stock|on hand|in the warehouse|stock left)\b"
            r"|(?:还有|剩|还剩|现有|有)多少(?:件|个)?(?:库存|现货|存货)|库存(?:还)?(?:有|剩|余)(?:多少|几)|仓库里?(?:还)?有多少"
        ),
    ),
    (
        "cost_of_sales",
        re.compile(
            r"\bwhat (?:does|do|did) (?!.*\b(?:returns|refunds)\b)[^,;?]+ cost (?:us|to (?:buy|make|source))\b"
            r"|\b(?:cost|purchase|buying|unit) (?:cost|price) of\b"
            r"|(?:进货?价|成本价|采购价|单位成本)"
        ),
    ),
)
TOLD: tuple[Kind, ...] = ("metric", "dimension", "value", "absent", "period")


class Guard(Base):
    """What is refused, greeted or another tool's work, before any figure is read."""

    def _guard(self) -> None:
        """Personal data and attempts to steer the bot are refused whatever else is asked."""
        if self.hostile == "tampering" or self.scene.words("tampering"):
            raise Stop(
                Decline(
                    say("I only answer marketing questions from your team's figures; I cannot do that."),
                    self._examples(),
                )
            )
        self._no_doer()
        if self.hostile or [i for i in self.scene.words("personal") if not self._harmless(i)]:
            raise Stop(
                Decline(
                    say("I do not hand out customers' personal data. I can count and group customers instead."),
                    self._examples(),
                )
            )

    def _no_doer(self) -> None:
        """ "Refund order 536365", 暂停所有广告: something is to be done with the shop, where the bot only answers."""
        if DOING.search(self.scene.norm.folded):
            raise Stop(
                Decline(
                    say(
                        "I answer questions; I change nothing in your shop, your campaigns or your customers' records."
                    ),
                    self._examples(),
                )
            )

    def _harmless(self, i: int) -> bool:
        return self._consented(i) or self._names_a_product(i)

    def _names_a_product(self, i: int) -> bool:
        """ "Birthday cards", "address book": with the word after it, products are called so."""
        words = [span.text for span in self.scene.spans[i : i + 2]]
        return len(words) == 2 and " " not in words[0] and bool(self.world.index.products_named(words))

    def _consented(self, i: int) -> bool:
        """ "Customers with e-mail consent": the word belongs to a condition, no address is asked for."""
        span = self.scene.spans[i]
        return any(start <= span.start and span.end <= end for start, end in self.conditions)

    def _social(self) -> None:
        if ELSEWHERE.search(self.scene.norm.folded):
            raise Stop(self._beyond())
        spans = self.scene.spans
        telling = [s for s in spans if s.word("thanks") or not s.word("filler", "follow_up", "and", "classifier")]
        if self.scene.words("help") and not any(s.has("metric") or s.has("period") for s in telling):
            raise Stop(Clarify(say("Ask me about your figures in plain words, for example:"), self._examples()))
        if telling and all(s.word("greeting", "thanks") for s in telling):
            if telling[0].word("thanks"):
                raise Stop(Clarify(say("You are welcome! What would you like to know next?"), self._examples()))
            raise Stop(Clarify(say("Hello! What would you like to know? For example:"), self._examples()))
        if not self.scene.spans:
            raise Stop(
                Decline(say("I read no question in that. Ask me about your figures, for example:"), self._examples())
            )

    def _other_tools(self) -> None:
        """Signs of work that another tool does. One that is not there is said, never answered by a figure."""
        folded = self.scene.norm.folded
        if WRITING.search(folded):
            raise Stop(self._beyond())
        self._absent_by_name()
        self._asked_by_name()
        found = [value for span in self.scene.spans for value in span.values("cue") if self._is_cue(span)]
        for cue in CUES:
            if cue in found and self._works(cue) and self._about_something_else():
                raise Stop(self._beyond())
            if cue in found and self._works(cue):
                words = tuple(f"“{self.scene.original(span)}”" for span in self.scene.spans if span.has("cue", cue))
                raise Stop(
                    Clarify(
                        say("I am not sure how {words} is meant here. You can ask, for example:", words=words[:4]),
                        self._examples(),
                    )
                )
            if cue in found:
                raise Stop(
                    Decline(
                        say("I cannot do {tool} yet. I can compute, compare and rank figures.", tool=TOOL_TITLES[cue]),
                        self._examples(),
                    )
                )

    if TYPE_CHECKING:

        def _missing_tables(self) -> None: ...

    def _absent_by_name(self) -> None:
        """ "How many units are in stock": units are no sales there, and where there is no stock, that is said."""
        for name, words in NAMED_ALONE:
            metric = self.catalog.metrics.get(name)
            if metric is not None and words.search(self.scene.norm.folded):
                told, self.plan.metrics = self.plan.metrics, [name]
                self._missing_tables()
                self.plan.metrics = told

    def _about_something_else(self) -> bool:
        """ "Recommend a restaurant": words that mean nothing here, and none of figures, groups or times."""
        strange = self.scene.where(lambda s: s.unknown or s.word("partial_name"))
        known = self.scene.where(lambda s: not s.word("partial_name") and any(map(s.has, TOLD)))
        return bool(strange) and not known

    def _works(self, tool: str) -> bool:
        return tool in self.world.tools and (tool != "playbook" or self.world.has_playbooks)

    def _asked_by_name(self) -> None:
        """A phrase of a tool's own, with nothing beside it but grammar, is a call of that tool."""
        scene = self.scene
        for i in scene.where(lambda s: s.has("tool")):
            tool, args = scene.spans[i].values("tool")[0]
            if tool in OWN_GRAMMAR:
                continue
            scene.use(i)
            call = ToolCall(tool, dict(args))
            left = scene.left_over()
            if not left:
                raise Stop(Plan((call,)))
            words = tuple(f"“{scene.original(span)}”" for span in left[:4])
            option = FollowUp(say("{question}", question=scene.original(scene.spans[i])), call)
            raise Stop(
                Clarify(say("I am not sure how {words} is meant here. Do you mean this?", words=words), (option,))
            )

    def _is_cue(self, span: Span) -> bool:
        return not (span.has("metric") or span.has("value") or span.has("period"))
