"""Frames that single words cannot tell: with a gap ("what does … mean", 什么是…), or bound to a place in the text."""

from __future__ import annotations

import re

POLITE = (
    r"^\W*(?:(?:please|so|ok|okay|hey|hi|and|but|could you|can you|would you|tell me|i(?:'d| would) like to know"
    r"|do you know|remind me)\W+)*"
)
WE = r"(?:we|i|you|one|they|people|companies|marketers|brands|retailers|shops)"
MODAL = r"(?:should|could|can|might|must|shall|would|ought)"
PARTS = r"(?:stages|phases|steps|types|kinds|principles|elements|components|characteristics|features|ingredients|vs)"
PARTS_ZH = r"(?:阶段|步骤|类型|特征|特点|部分|要素|层次)"

# Asks for a meaning in so many words.
MEANING = re.compile(
    r"\bwhat (?:does|do|did)\b.+\b(?:means?|stands? for|refers? to|signify|signifies)\b"
    r"|\bwhat (?:does|do)\b.+\b(?:cover|comprise|consist of|entail)\W*$"
    r"|\bwhat is meant by\b|\b(?:meaning|definition|formula)s? (?:of|for|behind)\b|^\W*define\b"
    r"|\bhow (?:is|are|was|were|do you|do we|would you|should we|can we|to)\b.*\bdefined?\b"
    r"|\bhow (?:is|are|was|were)\b.+\b(?:calculated|computed|measured|worked out|determined|derived)\b"
    rf"|\bhow (?:do|does|to|{MODAL})(?: {WE})? (?:calculate|compute|measure|work out)\b"
    r"|\bwhat counts as\b|\b(?:difference|distinction)s? between\b"
    r"|\bhow (?:do|does|is|are)\b.+\b(?:differ|different) from\b"
    rf"|^\W*(?:what|which|into (?:what|which|how many)|name|how many)(?: \w+){{0,3}} {PARTS}\b"
    r"(?! .*\bcustomers? (?:are|do|did|have)\b)"
    r"|什么(?:是|叫做?)|何谓|何为|是?什么意思|(?:的|计算)?公式"
    r"|的(?:定义|含义|口径|概念|计算方法|计算方式|算法)|(?:定义|含义)(?:是什么|$)|(?:怎么|如何|怎样)(?:来)?(?:算|计算|定义)"
    r"|有(?:什么|何|啥)(?:区别|不同|差别|差异)|的?(?:区别|差别)(?:是什么|在哪|在于)|[和与跟].+的区别"
    rf"|分[为成](?:哪|几|多少)|(?:有|包括|包含|分)(?:哪些|哪几个?|几个?|多少个?)(?:主要|关键|核心)?{PARTS_ZH}"
)
# 新老客户的销售额有什么区别: between two figures, where a figure is named of both.
APART = re.compile(r"有(?:什么|何|啥)(?:区别|不同|差别|差异)")
# "What is X", X是什么: a meaning where X is a thing by itself.
BARE = re.compile(
    rf"{POLITE}(?:what(?:'s| is|s)|explain|what are)\s+(?:an? |some )?(?P<en>.+?)\W*$"
    rf"|{POLITE}what (?P<en2>.+?) is\W*$"
    r"|^\W*(?:请问|请|麻烦|帮我|给我|跟我)*(?:解释一?下|解释|科普一?下|介绍一?下)(?:什么是)?(?P<zh>.+?)\W*$"
    r"|^\W*(?:请问|那|那么)*(?P<zh2>.+?)(?:指的?是什么|到底是什么|究竟是什么|是什么|是啥|指什么)(?:呢|呀|啊)?\W*$"
)
# What stands in no gap that asks for a meaning.
POINTED = re.compile(
    r"^(?:the|this|that|these|those|it|there|up|on|in|at|new|next|left|wrong|happening|going|selling|driving|causing|"
    r"behind|different|better|best|my|our|your|their|his|her|more|often|usually|commonly|frequently|bought|sold|ordered|"
    r"likely|expected|who|whose|which)\b"
)
PLURAL = re.compile(rf"{POLITE}what are\b")

# Advice, with a doer and a deed between.
ADVICE = re.compile(
    rf"\bhow {MODAL} {WE}\b|\bhow (?:do|does) {WE}\b"
    r"|\bwhat (?:steps|measures|actions|precautions|rules|things|points) (?:should|can|must|are|do|could)\b"
    r"|\bbest (?:way|practice|time|moment|day|hour|channel)s? (?:to|for)\b"
    r"|(?:什么时候|何时|几点|周几|哪天|哪个时间).{0,12}(?:最好|合适|最合适|效果最?好|最佳|打开率最?高)"
    r"|多少(?:才?算|比较)?(?:正常|合适|合理|健康)|多少(?:才|就)?算(?:是)?(?:太|过|偏|很|比较)?(?:高|低|好|差|危险)"
    r"|\bwhat (?!(?:is|are|was|were)\b)(?:\w+[ -]){1,4}(?:is|are) (?:too |considered )?"
    r"(?:worrying|normal|healthy|good|bad|high|low|acceptable|alarming|usual|typical)\W*$"
    r"|(?<!平均)多久(?:(?!买|购|下单|来|消费).){0,8}一次|一(?:周|个?月|天|年)(?:(?!买|购|下单|来|消费).){0,6}几(?:次|封|条)"
)
# 怎么, 如何 before a deed; at the end, or of how a figure runs, they ask for the figure.
HOW = re.compile(r"(?:怎么|如何|怎样)(?!样|了|回事|变|走|分布|卖|这么|那么|说|\W|$)")
# Who asks for leave, need or duty speaks of himself, and not of the team's figures: "may we", "do I need".
ASKER = re.compile(
    r"\b(?:should|shall|must|may|might|can|could|ought)(?:n't| not)? (?:we|i|you)\b"
    r"|\b(?:do|don't|does|did) (?:we|i|you) (?:need|have to)\b"
)
# With these deeds a figure is asked for all the same: "how do I see sales by country", "how do we compare".
SEEING = re.compile(
    rf"\bhow (?:do|does|did|{MODAL}) (?:{WE}|the|our|my|us) ?"
    r"(?:see|get|view|show|list|export|download|ask|know|look|compare|stand|rank|perform|fare|do|be|stack|check)\b"
)
PLANNED = re.compile(rf"\bhow (?:do|{MODAL}) {WE} (?:best )?(?:plan|prepare|get ready|organi[sz]e)\b")

_THINGS = r"(?:customers?|clients?|buyers?|shoppers?|accounts?|orders?|products?|items?|ones)"
_THINGS_ZH = r"(?:客户|顾客|买家|订单|商品|产品)"
# Lists, counts and hopes of our own.
OURS = re.compile(
    rf"\b{_THINGS}(?: \w+)? (?:who|that|whose|which|with|from|near|of|likely|acquired|by|because|after|over)\b"
    rf"|\b(?:how many|number of|list|list of|show|which|who are the|top) (?:\w+ ){{0,3}}{_THINGS}\b"
    r"|\bwho (?:will|would|bought|buys|ordered|has|have|did|hasn't|are|is likely)\b|\bwould\b.+\baffect\b"
    r"|^\W*(?:will|can you|could you)\b|\bwill\b[^0-9]*$|^\W*(?:forecast|predict)"
    rf"|的{_THINGS_ZH}(?:有?多少|有哪些|有几|名单|列表|数|是谁|占比)?\W*$"
    r"|(?:客户|顾客|买家|订单)(?:[^，,。]{0,6})(?:有多少|有几|多少个|多少人|占比|名单|列表)|哪些(?:客户|顾客)|客户有哪些|谁会"
    r"|^\W*(?:预测(?!区间|误差|模型|准确)|预估)|(?:完成|达成|达到).{0,6}目标|会带来多少|了多少(?:张|条|封|次|件|单|笔)|是多久|多久.{0,4}(?:买|购|下单)|平均多久"
)
# "How do I use the churn list", 流失名单怎么用: what a list is good for, rather than the list.
USING = re.compile(
    rf"\bhow (?:do|{MODAL}) {WE} (?:best )?use (?!our|my)|\bhow to (?:best )?use (?!our|my)"
    r"|(?:怎么|如何|怎样|该怎么)(?:使用|利用|用)(?:呢|啊|好|才好)?\W*$"
)
# A question at all, rather than a few words.
ASKING = re.compile(
    r"\b(?:what|which|who|whom|whose|how|why|when|where)\b"
    r"|(?:^|[,;:] )\W*(?:did|does|do|is|are|was|were|can|could|should|may|must|has|have)\b"
    r"|什么|哪|谁|多少|几|吗|为何|为什么|如何|怎|是否|能不能|有没有|多久|多大|多高|何时|何种|啥"
)
# A time near by: figures of ours are meant.
NEAR = re.compile(
    r"\b(?:last|this|next|past|previous|coming) (?:\w+ ){0,2}"
    r"(?:day|week|month|quarter|year|season|fortnight|weekend|spring|summer|autumn|winter)s?\b"
    r"|\blast (?:double|singles|black|cyber|christmas|easter|prime|618|valentine)\b"
    r"|\b(?:today|yesterday|tomorrow|tonight|so far|year to date|ytd|recently|lately|currently|right now)\b"
    r"|[上下这本]个?(?:周|星期|礼拜|月|季度|季|年度|半年)|[今明昨前去后]天|[今明去前]年|最近|近期|目前|近\d+|未来|接下来|刚刚|截至"
)
YEAR = re.compile(r"(?:19|20)\d\d|[今明去前本]年|\b(?:last|this|next)\b")
# A code of a customer, a product or an order: the store is meant.
CODED = re.compile(r"(?<![\w.])(?=[a-z]*\d)(?!(?:19|20)\d\d\b)[a-z]{0,6}\d{3,}[a-z]?(?![\w%年月天])")
# 有没有关于隐私的资料: whether something is written about it.
FILED = re.compile(r"关于[^，,。]+的(?:资料|文件|文章|材料|说明)|\b(?:anything|something) written (?:about|on)\b")
# Asked of the bot itself.
ADDRESSED = re.compile(
    r"(?<!do )(?<!would )(?<!can )(?<!could )(?<!should )(?<!if )(?<!thank )(?<!-)\byou(?:r|rs|rself)?\b"
    r"|(?<!请)(?<!麻烦)你(?!们|知道|觉得|认为|说的)"
)
_FIGURE_ZH = (
    r"(?:率|满意度|忠诚度|时长|时间|时效|效率|成本|费用?|费|流量|库存|利润|毛利|评分|得分|分数|nps|roi|roas|ctr|cpc|cac|gmv"
    r"|量|额|值|数|占比|比例|份额|价格)"
)
_FIGURE_EN = (
    r"(?:rates?|ratio|scores?|costs?|spend|spending|traffic|margins?|profits?|satisfaction|stock|inventory|levels?|ratings?"
    r"|nps|roi|roas|ctr|cpc|cac|conversions?|clicks|impressions|visits|visitors|sessions|time|share|reach|followers|volume)"
)
# 跳出率最近有没有上升, "has the bounce rate gone up": how a figure moved, and no advice on it.
MOVED_FIGURE = re.compile(
    rf"^(?=.*{_FIGURE_ZH})(?=.*(?:有没有|有无|是不是|是否|有何|怎么样|如何|[吗么没]\W*$|没有\W*$|了没))"
    r".*(?:上升|下降|上涨|下跌|下滑|升高|提高|提升|降低|增加|减少|改善|恶化|好转|变化|波动|反弹|回升|回落|变[好差高低多少长短快慢大小]"
    r"|[涨跌升降掉]|[高低好差多少长短快慢](?=了)|最近(?:怎么样|如何))"
    r"(?:了|过|得|很多|一些|一点|没有|没|吗|么|呢|啊|呀|吧|\W)*$"
    rf"|^\W*(?:has|have|is|are|did|does|do|was|were|how (?:has|have|is|are|did))\b.*\b{_FIGURE_EN}\b.*\b"
    r"(?:up|down|ris\w+|rose|fall\w*|fell|drop\w*|increas\w+|decreas\w+|declin\w+|improv\w+|worse\w*|better|shr[iu]nk\w*|gr[eo]w\w*|climb\w*"
    r"|jump\w*|spik\w+|slip\w*|dip\w*|higher|lower|changed|moved|doubled|halved|developed|trend\w*)\b"
    r"(?: (?:lately|recently|now|at all|a lot|much|again|this|last|since|in|over|from|compared|on|by|yet|still|or)"
    r"\b.*)?\W*$"
)
_LATELY = r"(?:最近|近期|近来|目前|现在|这阵子|这段时间|[这上本]个?(?:月|周|季度|年)|今[年天]|昨天)"
# What a question of that kind calls the figure.
MOVED_NAME = re.compile(
    rf"(?:^\W*(?:{_LATELY})?|有没有(?:发现)?|{_LATELY}|我们的?|咱们的?|[，,])(?P<zh>[^，,的是否\W]{{0,8}}?{_FIGURE_ZH})"
    rf"(?={_LATELY}|有没有|有无|是不是|是否|变|[涨跌升降]|上升|下降|高了|低了|提[高升]|怎么样|如何)"
    rf"|^\W*(?:has|have|is|are|did|does|do|was|were|how (?:has|have|is|are|did)) (?:(?:our|the|my) )?"
    rf"(?P<en>(?:[\w&-]+ ){{0,3}}?{_FIGURE_EN})(?! (?:rates?|scores?|costs?|time|levels?|share|value)\b)\b"
)
# What the table of customers may not hold of them.
UNHELD = re.compile(
    r"男女|男性|女性|男生|女生|男的|女的|性别|几岁|多大岁数|多大年纪|年龄|\bgenders?\b|\b(?:fe)?males?\b"
    r"|\b(?:men|women)\b|\bhow old\b|\bage (?:groups?|range|distribution|split|bands?)\b|\baverage age\b"
)
COUNTING = re.compile(r"\bhow (?:much|many)\b|多少|几(?:个|件|张|条|次|单)")
