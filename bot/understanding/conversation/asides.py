"""What people say around a question and what changes nothing of it: what it is for, who asks, how urgent it is.

"I need it for the board pack", "finance is asking: …", 写周报要用, 老板在催. What is left out here is spelt out to its
last word: a clause with any other word in it, a place, a count or "only", is none of these, and the message stays as it
was read. Only a message that came to no answer as it stands is read without them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

from bot.understanding.conversation.recent import ORDERS, PLAYBOOK
from bot.understanding.lexicon import CJK
from bot.understanding.normalise import normalise
from bot.understanding.outcome import Clarify, Decline, Outcome, Plan
from bot.understanding.reading.draft import World

MOST_CLAUSES = 12
LONGEST = 120  # characters of a clause
FOR_STOCK = frozenset({"inventory"})
"""What a purpose may be taken for, though a figure is asked for: 备货要用，预测未来两周能卖多少件."""


def _any(words: str) -> str:
    """One of some words, as a pattern."""
    return "(?:" + "|".join(re.split(r",\s+", words.strip())) + ")"


# --- English ----------------------------------------------------------------------------------------------------------

_THE = r"(?:my|our|the|an?|this|that|his|her|their|some|(?:today|tomorrow|tonight|monday|friday)'s)"
_SORT = _any("""
    board, management, team, weekly, monthly, quarterly, annual, yearly, year[- ]end, month[- ]end, sales, marketing,
    finance, financial, investor, staff, internal, exec(?:utive)?, leadership, company, client, budget, planning,
    business, status, progress, performance, big, important, upcoming, trading, commercial, strategy, ops, operations,
    zoom, teams, short, quick, little, all[- ]hands, customer, department, kick-?off, steering, directors?'?, morning,
    shareholders?'?, assortment, pricing, homepage, website, supplier,
    monday, friday, slide, project, wrap-?up, next""")
_PAPER = _any("""
    reports?, presentations?, meetings?, slides?, slide ?show, power ?point, ppt, memo, summary, stand-?up, spreadsheet,
    notes?, newsletter, banner, write-?up, catch-?up, one[- ]on[- ]one, town hall, off-?site, all[- ]hands, briefing,
    workshop, budget(?:ing)?, audit, tax return, kick-?off""")
_READER = _any("boss, manager, ceo, cfo, accountants?, auditors?, investors?, director, bank")
# Words of products' names too: only where it is said what sort of them is meant, or whose.
_DOUBTFUL = _any("deck, pack, papers?, review, call, update, recap, plan, planning")
_SOON = _any(r"""
    now, right now, asap, today, tonight, tomorrow, tomorrow morning, tomorrow afternoon, eod, cob, soon, shortly,
    (?:the )?end of (?:the )?day, this (?:morning|afternoon|evening), later(?: today)?, straight away, in the morning,
    \d{1,2}(?::\d\d)? ?[ap]m,
    in (?:an hour|half an hour|a few minutes|a minute|a bit|\d{1,2} min(?:ute)?s),
    at (?:\d{1,2}(?::\d\d)?(?: ?[ap]m)?|noon|lunch(?:time)?|midday), (?:on )?(?:mon|tues|wednes|thurs|fri)day""")
_PAPERS = (
    rf"(?:(?:{_THE} )?(?:{_SORT} ){{1,4}}(?:{_PAPER}|{_DOUBTFUL})|{_THE} (?:{_PAPER}|{_READER})"
    rf"|(?:my|our) {_DOUBTFUL})(?: with (?:{_THE} )?(?:{_READER}|board|team))?(?: {_SOON})?"
)
_BOARD = rf"(?:{_THE} )?(?:{_READER}|board|team)"
_DEPARTMENT = _any("""
    finance, management, accounting, accounts, marketing, leadership, procurement, purchasing, legal, sales, operations,
    ops, hq, head office, merchandising, logistics, the warehouse, the board""")
_TEAM = _any("finance, marketing, sales, ops, operations, warehouse, leadership, exec, management, buying")
_ROLE = _any(rf"""
    boss, manager, line manager, ceo, cfo, coo, cmo, md, director, managing director, vp, team, team lead, supervisor,
    accountants?, auditors?, investors?, colleagues?, co-?worker, client, owner, board, directors, bookkeeper,
    partners?, chief, bank, head of [a-z]+, {_TEAM} (?:team|director|guys|people|lady|guy|manager|department)""")
_SOMEONE = (
    rf"(?:(?:{_DEPARTMENT}|(?:the|my|our|a) {_ROLE}|boss|ceo|cfo|coo|cmo|[a-z]+ (?:from|in|at) {_DEPARTMENT})\b"
    rf"|(?:everyone|people|they|he|she)(?=(?:'s|'re| are| is)?(?: keeps?)? (?:asking|waiting)))"
)
_MEANWHILE = r"(?:'s| (?:is|are|was|were|has|have|been|just|now|still|keeps?|already|also|really)){0,4}"
_IT = r"(?:it|this|that|them|these|those|the (?:number|figure|data|answer|total|result)s?|these numbers)"
_FIRST = (
    r"(?:(?:and|so|because|since|as|cos|coz|cuz|but|plus|well|um+|hi|hey|hello|also|sorry|ok|btw|by the way"
    r"|lol|ugh|argh|omg|oh|yo|hm+|e+m+|morning)\s+){0,4}"
)
_WRITING = _any("""
    writing, preparing, prepping(?: for)?, drafting, putting together, working on, finishing, planning, compiling,
    updating, presenting(?: to)?, pulling together, budgeting, organi[sz]ing, getting ready for, setting up""")
_BUSY = _any(rf"""
    {_WRITING}, doing, building, making, filling in, about to go into, in, going into, late for, heading into, running,
    launching, thinking (?:of|about), reviewing, hiring, sorting out, completing""")
_DO = _any("""
    run, launch, start, send(?: out)?, do, set up, plan, organi[sz]e, prepare, write, make, present, put together,
    offer, give, create, build, try, schedule, finish, hire, staff, reward, thank, budget, fill in,
    brief, report to""")
_WISH = (
    r"(?:i|we)(?:'d| would|'m| am|'re| are|m|d)? (?:just |also |now )?(?:want|like|plan|planning|need|intend|hope"
    r"|hoping|going|trying|try|looking|about|have|wanting|aim|aiming|supposed|meant|asked|wish|wanna|gonna)(?: to)?"
)
# Each by itself limits nothing: what a campaign, a plan or a mailing is said to be.
_MATTER = _any(rf"""
    an?, the, my, our, some, this, that, for, to, of, with, and, on, in, win-?back, re-?activation, re-?engagement,
    retention, loyalty, thank[- ]you, e-?mail, mail, mailing, direct, marketing, campaigns?, promo, promotions?, sale,
    newsletter, vouchers?, coupons?, discounts?, offers?, event, push, sms, letters?, cards?, gifts?, ads?,
    advert(?:ising|s)?, budget, staff, staffing, rota, rotas, shifts, temps, warehouse, office, team, people, stock,
    buying, purchasing, inventory, capacity, purchase, business, case, plans?, planning, strategy, proposal, programme,
    program, scheme, project, content, something, small, big, little, quick, catalogue, flyer, ahead, accordingly,
    properly, (?:for|to|our) (?:clients?|customers?), (?:clients|customers)(?= an? ), {_SORT}(?= ), {_PAPER},
    {_DOUBTFUL}, {_READER}, {_SOON}""")
_MATTERS = rf"(?>{_MATTER}\b)(?: (?>{_MATTER}\b)){{0,9}}+"
_WELL = _any("""
    (?:doing |going )?(?:well|good|ok|fine|great), have a (?:good|great|nice) (?:day|week|weekend),
    had a (?:good|great|nice) (?:day|week|weekend)""")
_TOOL = _any("dashboard, laptop, excel, vpn, computer, wifi, internet, system, spreadsheet, report, file")
_CHAT = _any(rf"""
    (?:i was |i am |i'm |im |was )?(?:just )?wondering, i(?:'ve| have)? (?:got )?a (?:quick |small |silly )?question,
    (?:i'm |im |so |really |very )*sorry(?: to (?:bother|bug|disturb|trouble|pester) you)?(?: again)?(?: so late)?,
    how(?:'?s| is| are) (?:it going|things|you(?: doing)?|everything|life|your day(?: going)?|u|ya|you all)(?: today)?,
    what'?s up, wassup, sup, how do you do, (?:are )?you (?:ok|alright|there),
    (?:i )?hope (?:you(?:'re| are)?|u|all is|everything(?:'s| is)?|your day is) {_WELL}, (?:it'?s )?me again,
    (?:(?:it'?s )?(?:just )?an? )?(?:quick|silly|stupid|dumb|simple|easy) (?:one|question), bear with me,
    happy (?:mon|tues|wednes|thurs|fri)day, (?:there's |there is )?no (?:rush|hurry), you're (?:a star|the best),
    (?:when(?:ever)?|if|once) you (?:can|get a (?:chance|sec|minute)|have (?:a )?(?:chance|sec|minute|moment|time)),
    i (?:can't|cannot|couldn't|can not) (?:find|see|open|remember|recall) (?:it|this|that|the {_TOOL})(?: anywhere)?,
    (?:(?:the|my|our) )?{_TOOL}(?: is|'s| has)? (?:down|broken|died|crashed|slow|frozen|dead)(?: again| today)?,
    i (?:forgot|forget|should know (?:this|that)|don't remember|can't recall),
    (?:i'm |im )?(?:on my phone|running late),
    (?:i'm |im )?in a (?:bit of a )?(?:rush|hurry|meeting)(?: {_SOON})?,
    (?:it's )?been a (?:long|crazy|busy) day, long time no see,
    no worries if not, (?:i )?appreciate (?:it|your help), for context, long story short, i (?:have|'ve) no idea,
    (?:just )?out of (?:curiosity|interest), i know (?:this|it)(?:'s| is) (?:random|a long shot|late|last minute|a lot),
    (?:no idea|not sure) (?:if|whether) (?:you (?:can|could|know)|it's)(?: (?:do|find|answer))?(?: {_IT}| possible)?,
    (?:can|could|may) (?:i|you|u) (?:ask|help)(?: me)?(?: (?:with )?(?:something|a question|you something|quickly))?,
    pretty please, i'd (?:really )?appreciate it, i need (?:your|some) help, need your help, help me out(?: here)?,
    i'm (?:a bit |so |totally )?(?:lost|confused|stuck|new here|new to this|swamped), long story,
    apologies(?: for the (?:(?:late|long|random|weird) )?(?:message|question|delay|ping))?, (?:mon|fri)day again,
    (?:i )?don't ask (?:me )?why, chop chop, (?:please )?hurry(?: up)?, quick(?:ly)?, asap, urgent(?:ly)?,
    as soon as (?:possible|you can)""")
_ENGLISH = re.compile(
    rf"\W*{_FIRST}(?:{_CHAT}"
    rf"|(?:(?:i|we|he|she|they|{_SOMEONE})(?:'ll| will|'d| would)?(?: just| really| also| kind of)? )?"
    rf"(?:needs?|wants?|must have)(?:(?: {_IT})? (?:for|in|before) (?:{_PAPERS}|{_BOARD})"
    rf"|(?: {_IT})? (?:by|before) {_SOON}| {_IT} {_SOON})"
    rf"|(?:it's|its|this is|that's|it is|this one is|all)?(?: just| all| only)?\s*"
    rf"(?:(?:needed |wanted |meant |asking )?for|going in(?:to)?|to go in(?:to)?|to put in|before)"
    rf" (?:{_PAPERS}|{_BOARD}|{_THE} newsletter|a friend|my(?: own)? (?:curiosity|interest)|(?:the|our) records)"
    r"|(?:it's|its|this is|it is)(?: a bit| quite| pretty| really| very| super| kind of)?"
    r" (?:urgent|important|time[- ]sensitive|for work|a rush(?: job)?)"
    rf"|{_SOMEONE}{_MEANWHILE} (?:asking|asked|asks|on the (?:phone|line)|waiting|chasing|breathing down my neck"
    r"|in a (?:hurry|rush)|curious|wondering|(?:wants?|needs?|would like)(?: to (?:know|see|have))?|pinged|messaged"
    rf"|called|calling|standing (?:next to|behind) me|in the room|here)(?: me| us)?(?: (?:about |for |on )?{_IT})?"
    rf"(?: again)?(?: (?:by )?{_SOON}| for {_PAPERS})?"
    rf"|(?P<plan>(?:(?:(?:i|we)(?:'m| am|'re| are|m|re) (?:just |currently |now |still |busy )?{_BUSY}"
    rf"|(?:just |currently |still |busy )?{_WRITING})(?: {_MATTERS})?"
    rf"|(?:{_WISH}|(?:need|have|got|want|trying|going|about) to) {_DO}(?: {_MATTERS})?"
    rf"|(?:to|so (?:that )?(?:i|we) (?:can|could)|trying to) {_DO} {_MATTERS}))"
    rf"|(?:there's|there is|i have|i've got|i got|we have|we've got|got|(?:i|we) need) (?:{_PAPERS}"
    rf"(?: coming up| to (?:write|prepare|do|finish|give))?)"
    rf"|(?:an? )?(?:quick |small |little )?(?:one|question|thing) (?:for|from) (?:{_PAPERS}|{_BOARD}|{_DEPARTMENT})"
    rf"|from {_SOMEONE}|{_SOMEONE} (?:question|request|query)"
    rf"|before (?:i|we) (?:go (?:in)?to|join|start|leave for|head into) {_PAPERS}"
    rf"|(?:{_SORT} ){{0,3}}(?:meeting|call|presentation|review|deadline)(?: is| starts)? {_SOON}"
    r"|(?P<week>(?:so |ie |that is )?mon(?:day)?\s?(?:-|to|through|till|until)\s?sun(?:day)?)"
    r")(?: (?:please|pls|plz|thanks|thx|cheers|now|though|tho|btw|lol|for you)){0,3}\W*"
)
# "Gross sales in Q3 for the board deck": where a clause ends.
_INLINE = re.compile(
    rf"\b(?:(?:i need|needed|wanted) )?(?:for|to put in(?:to)?|to go in(?:to)?) {_PAPERS}\s*(?=$|[?!.,;:)]|[–—]|-\s)"
)
_MAILING = (
    r"send (?:out )?(?:an? |some |the )?(?:thank[- ]you |discount |win-?back |re-?activation )?(?:e-?mails?|vouchers?"
    r"|coupons?|letters?|cards?|notes?|offers?|messages?|gifts?|newsletter|mailing|sms|texts?|surveys?|discounts?"
    r"|codes?) to|e-?mail|mail|text|message|contact|write to|reach out to|target|reward|thank|invite|re-?activate"
    r"|re-?engage|approach|call|survey|get in touch with"
)
# Who asks before what is asked; who is to be written to is what is asked about.
_ASKER = re.compile(
    rf"\W*{_FIRST}(?:{_SOMEONE}{_MEANWHILE} (?:asking|asked|asks|wants?|needs?|wondering|would like|wonders"
    r"|(?<=is |re )after)(?: me| us)?(?: to (?:know|see|have|find out|understand))?(?: (?:for|about|4))?"
    rf"|i (?:promised|owe) {_SOMEONE}"
    r"|(?:i was |i am |i'm |im )(?:just )?(?:wondering|curious)"
    r"|i know (?:this|it)(?:'s| is) (?:random|a long shot|late|last minute|a lot) but"
    rf"|(?:{_WISH}|(?:i|we)(?:'m| am|'re| are) planning to) (?:{_MAILING})"
    r"(?= (?:every(?:one|body)|all|anyone|those|people|customers|buyers|clients|shoppers|whoever"
    r"|the (?:customers|people|ones|buyers|clients))\b)"
    r")\s+(?=\w)"
)

# --- Chinese ----------------------------------------------------------------------------------------------------------

_NAMES = (
    "王李张刘陈杨赵黄吴徐孙胡朱林何郭马罗梁宋郑谢韩唐冯董程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶潘杜戴夏钟汪田姜石姚谭"
)
_BOSS = _any(rf"""
    老板娘?, 老大, 领导们?, 大?boss, 上级, 上头, 老总, 小编, 客户经理, [{_NAMES}](?:总|姐|哥|工|经理), 总监, 总经理,
    经理, 主管, 会计, 财务(?:部|那边|同事|总监)?, 董事长?, 董事会, 股东, 投资人, 合伙人, 运营(?:部|那边|同事)?,
    采购(?:部|那边|同事)?, 仓库(?:那边)?, 市场部, 销售部, 总部, 同事们?, 组长, 店长, ceo, cfo, coo, cmo, 甲方, 团队""")
_DAYTIME = _any("今[天早晚], 明[天早], 上午, 下午, 中午, 晚上, 早上, 待会儿?, 等会儿?, 等下, 一会儿?, 马上, 现在")
_SAID = (
    rf"(?:刚刚|刚才|刚|又|正在|正|突然|一直|都|也|在|还|就|急着|等着|那边|{_DAYTIME}|(?:微信|钉钉|飞书|工作|部门|公司)?群里"
    r"|会上|电话里|微信[上里]|邮件里|开会|过来|来|说|跟我|给我|找我|发消息|打电话){0,6}"
)
_SORTS = _any("""
    人群, 会员, 客户, 用户, 精准, 私域, 社群, 节日, 年终, 年底, 月度, 季度, 年度, 部门, 工作, 活动, 营销, 运营, 感谢,
    召回, 唤醒, 促销, 清仓, 仓库, 采购, 备货, 经营, 销售, 数据, 业务, 季末, 月末, 复盘, 分析, 老客户?, 流失, 挽回, 答谢,
    优惠, 满减, 折扣, 推广, 电话, 短信, 邮件, 小, 大, 新一轮, 下一步, 进货, 补货, 公司, 项目, 述职, 内部, 汇报, 董事会,
    预算, 会员日, 周年庆, 店庆, 仓储, 人员, 团队, 的""")
_PAPER_ZH = _any("""
    周报, 月报, 季报, 年报, 日报, 报告, 汇报, 总结, 复盘, ppt, 幻灯片, 方案, 计划, 规划, 预算, 策划案?, 例会, 周会,
    月会, 早会, 晨会, 季度会, 年会, 董事会, 股东会, 会议?, 述职, 评审, 材料, 报表, 表格?, 分析, 文案, 海报, 推文,
    稿子, 文档""")
_DEED = _any("""
    活动, 促销, 大促, 召回, 唤醒, 挽回, 挽留, 回馈, 答谢, 营销, 运营, 会员日, 券, 红包, 短信, 礼品, 小?礼物, 样品, 货,
    库存, 采购, 排班, 人手, 人, 投放, 广告, 推广, 直播, 问卷, 回访, 关怀, 清仓, 触达, 推文, 公众号, 福利, 贺卡, 补货""")
_SOME = r"(?:一?[个份下波次场轮点版批张套些]|[这那][个份次场])?"
_AIM = rf"(?:我们?|咱们?|这边|{_DAYTIME}|正好|刚好|最近|先|就是|因为|所以|主要是?){{0,5}}"
_WANT = r"(?:为了|想着|想要|想|正在|正|准备|打算|计划|要去|要|得去|得|在|需要|急着|赶着|考虑){1,4}"
_WORK = (
    rf"(?:(?:写|做|赶|交|弄|整理|整|出|准备|开|填|改|搞){_SOME}{_SORTS}{{0,4}}{_PAPER_ZH}"
    r"|汇报|复盘|述职|开会|做账|对账|报税)"
)
_ACT = (
    rf"(?:(?:给[大老]?(?:客户|用户|顾客|会员|粉丝)们?)?(?:做|发|搞|办|备|清|送|寄|推|订|进|招|安排|策划|筹备|组织|准备){_SOME}{_SORTS}{{0,4}}{_DEED}"
    r"|备货|进货|排班|召回|订货|采购|补货|招人)"
)
_USE = (
    r"(?:(?:里|上|时候?|中|的时候|那边)?(?:急着|等着|马上|要|急|得|需要|会|好|正好){0,3}"
    r"(?:用|讲|看|汇报|展示|念|放|交|提|说)(?:到|的|一下|呢|了)?)"
)
_PLEASE = r"(?:吧|呗|哈|啊|哦|谢谢)?"
_CHAT_ZH = _any(rf"""
    在吗, 在不在, 在么, (?:最近|今天)?忙吗, 忙不忙, 不懂就问, 吃了吗, 好久不见, 最近好吗, 周末愉快, 新年好, 节日快乐,
    早啊?, 嗨, 小问题, 我又来了, 又是我, 辛苦[你您]?[啦了]?, 拜托(?:拜托|了|你了)?, 求(?:求)?[你您]?(?:了|帮忙)?,
    帮个忙, 救急, 救命, 求助, 江湖救急, 帮帮我, 你懂的, 刚?(?:开完会|下会|散会|到公司|上班), 不急,
    不(?:知道|确定)[你您]?(?:能不能|能否|可不可以|会不会)(?:[查看算做答]到?|帮[忙我])?,
    (?:有|问|请教)[你您]?一?[个件]?小?(?:问题|事儿?|情况)(?:想?(?:问|请教)(?:一下|下)?)?[你您]?, 手机打字, 急等,
    (?:不好意思|抱歉)?(?:又来|又要)?(?:打扰|麻烦)[你您]?(?:一下|了|啦)?, 我给?忘了, 我?(?:记不太?清|想不起来|不记得)了?,
    (?:看板|后台|系统|报表|电脑|excel|网页?|bi)(?:又|好像)?(?:打不开|卡了?|崩了|挂了|看不到|死机)了?, 我?没带电脑,
    我?在(?:路上|外面|出差|开会), 别嫌我?烦, 发(?:我|给我|过来|一?下|我一?下|我看看?|我一份)(?:就行)?{_PLEASE},
    回我一?下, 等你(?:回复|消息|哈)?, 着急[用要]?, 赶紧的?, 赶时间, 来不及了, 等着[用要交看](?:呢|的)?,
    尽快(?:回复|给我)?,
    (?:帮忙?我?)?(?:快点?|赶紧|马上|尽快|抓紧)?(?:帮忙?我?)?[查看算问拉捞](?:一?下|查|看|算){_PLEASE},
    (?:很|挺|比较|有点|非常|特别|超级?|十万火)?急+(?:的|用|需|死了|得很|吗)?, 在线等(?:急|挺急的)?, [快速]+[点度]?,
    (?:越快越好|马上)(?:要|给我?)?, (?:如果|要是)?(?:方便|可以|有空)的?话?, 有空再?(?:看|回|帮我看)(?:一?下)?,
    (?:嗯|呃|额|那个|这个|就是说?|怎么说呢?|那啥|话说){{1,4}}, 谢谢?[啦了你您]?, 天[呐啊哪], 哎[呀哟]?, 好[累忙烦],
    真的?是?[累忙](?:死了)?, 今天[好真][累忙冷热], (?:情况)?是这样的?""")
_CHINESE = re.compile(
    rf"\W*(?:{_CHAT_ZH}"
    rf"|(?:{_AIM}[给跟向帮]|这个?(?:数据?|表)是?)?{_BOSS}{_SAID}(?:[要想]?问(?:起|到|了|我|一下|下|过|呢|来了){{0,3}}"
    r"|催(?:着|得|我|了|要|呢|死了){0,3}(?:紧|急)?|等(?:着|我){0,2}(?:看|要|用|回复|回话|呢)?"
    r"|[让叫]我?(?:查|问|看|报|统计|拉)(?:一?下|的|查|看)?|想?(?:要|知道|看|了解)(?:一?下|的|数据|数|呢|看)?"
    r"|急了|发话了?|来电话了?|用|交代的?|布置的?)"
    rf"|{_AIM}[给跟向帮]{_BOSS}(?:做|写|开|去)?(?:汇报|述职|报告|看|交差|报数|讲|ppt|开会|对账|报税|审计|参考)(?:一?下|用|要用|要看|的)?"
    rf"|{_AIM}(?:{_BOSS})?(?P<plan>{_WANT}(?:给{_BOSS})?(?:{_WORK}|{_ACT})(?:{_USE}|要|了|时)?)"
    rf"|{_AIM}(?:{_WANT})?(?:{_WORK}|{_ACT}|{_PAPER_ZH}){_USE}"
    rf"|{_AIM}(?:{_WANT})?{_WORK}(?:要|之?前急?(?:用|要|需要?|看)|[还就]?[缺差要][个些点]?数[据字]?)"
    rf"|{_AIM}(?:要|得|急着)(?:交|用|讲|看|汇报)的?"
    rf"|{_AIM}[写赶交填改]{_SOME}{_SORTS}{{0,4}}{_PAPER_ZH}(?:中|ing)?"
    rf"|{_AIM}有{_SOME}{_SORTS}{{0,3}}(?:会|{_PAPER_ZH})(?:要[写做交开赶])?"
    r"|就?是?按?(?P<week>(?:周一|星期一|礼拜一)(?:到|至|-|~)(?:周日|星期[日天]|礼拜[日天]|周天))"
    r")[吧了呢啊哈哦哟呗嘛呀]?\W*"
)
_ASKER_ZH = re.compile(
    rf"\W*(?:是?{_BOSS}{_SAID}(?:问(?:我|咱们?|起|到|了|一下|下(?![个周季月半])){{0,3}}|催着?[问要]"
    r"|想要?(?:知道|了解|看看|看)(?:一下)?|要(?:看看|看|知道|查)?(?![发补进完做交付退换送采])"
    r"|[让叫]我?(?:[查问看报拉](?:一下|查|看)?|统计(?:一下)?))(?:我们)?"
    r"|(?:我们?|咱们?|这边){0,2}(?:急需|急要|急用|需要)(?:一下|一份)?(?![发补进完做交付退换送采])"
    r"|(?:有空|方便|得空)(?:的话|时|再)?(?:麻烦)?(?:帮[我忙]?)?[查看算问](?:一下|下(?![个周季月半])|[查看])?"
    r"|(?:e+m+|hmm+|um+|hi|hello|hey|嗯+|呃+|额+)(?=[\s,，~])"
    r"|(?:我们?|咱们?)?(?:想|打算|准备|计划|要)要?(?:召回|唤醒|挽回|挽留|感谢|回馈|答谢|触达|联系|回访)(?:一下|一波|下)?"
    r"(?=.*[客用顾买人]))[\s，,：:]*(?=\S)"
)
# 想给超过150天没下单的客户发券: who they are is what is asked about.
_GIVEN = re.compile(
    rf"\W*(?:我们?|咱们?)?{_WANT}[给对向跟](?P<who>.{{2,40}}?(?:客户|用户|顾客|买家|会员|人|客|的))[都们]?"
    rf"(?:发|送|寄|推|做|打|搞|推送){_SOME}{_SORTS}{{0,3}}(?:{_DEED}|电话|邮件|消息|折扣|优惠)\W*"
    rf"|\W*(?:我们?|咱们?)?{_WANT}(?:发|送|寄|推|推送){_SOME}{_SORTS}{{0,3}}(?:{_DEED}|邮件|消息|折扣|优惠)"
    r"给(?P<whom>.{2,40}?(?:客户|用户|顾客|买家|会员|人|客|的))\W*"
)

# ----------------------------------------------------------------------------------------------------------------------

_MARK = re.compile(
    r"(?:[，。；：！？!?;\n()（）\[\]【】~～…]|(?<!\d)[,.:]|[,.:](?!\d)|\s[-–—]+\s|[–—]+)+\s*"
    r"|(?<=[\u3400-\u9fff])\s+(?=\S)"
)
# What a plan may be told of before it is asked how it went: the clause is needed then.
_POINTS = re.compile(
    r"\b(?:it|its|that|this one)\b|它|这个|那个|这次|那次|^(?:and )?how many(?: \w+){0,4}\W*$"
    r"|^[一总大]?[共概]?有?(?:多少|几)[个位]?[人客户]{0,2}[呢啊]?\W*$"
)
_DAY = re.compile(
    r"\b(?:today|tomorrow|tonight|\w+day|morning|afternoon|evening|annual|(?:week|month|quarter|year)(?:ly|[- ]end))"
    rf"|\d|{_DAYTIME}|[日周月季年]"
)
# What is sent or watched time and again is an order.
_REPEATED = re.compile(
    r"每(?:天|日|周|月|早|晚|个月|星期|工作日)[^，,。]{0,8}(?:发|推|提醒|送|给我|通知|报给)|定时|定期|订阅|推送|自动"
    r"|\b(?:subscri|alert|notify|remind)"
    r"|\b(?:every|each) (?:day|week|month|mon|morning)\w*.*\b(?:send|e-?mail|report)\b"
    r"|\b(?:send|e-?mail|report)\b.*\bevery (?:day|week|month|mon|morning)"
)


@dataclass(frozen=True)
class Rest:
    """A message without its asides.

    `weeks`: one of them said that its weeks run from Monday to Sunday. `timed`: a time stood in one, which is none of
    what is asked: "for my presentation tomorrow", "for the monthly report".
    """

    text: str
    weeks: bool = False
    timed: bool = False

    def fits(self, outcome: Outcome, world: World) -> bool:
        """Whether the rest came to an answer that the asides say nothing against."""
        if not is_answer(outcome, world):
            return False
        periods = [call.args.get("period") for call in outcome.calls] if isinstance(outcome, Plan) else []
        return not self.weeks or all(map(_is_of_weeks, periods))


def past_asides(text: str, world: World, outcome: Outcome, read: Callable[[str], Outcome]) -> Outcome:
    """The reading without asides, where the message as it is came to no answer and the rest of it does.

    Where the rest is asked back about, that is said instead of a refusal for words around it.
    """
    if isinstance(outcome, Plan) and any(map(world.acts, outcome.calls)):
        return outcome
    rest = without_asides(text)
    settled = is_answer(outcome, world) and not _for_stock(outcome)
    if rest is None or (settled and not rest.timed and isinstance(outcome, Plan) and not outcome.notes):
        return outcome
    again = read(rest.text)
    if isinstance(outcome, Decline) and isinstance(again, Clarify) and any(each.call for each in again.options):
        return again  # what is not clear of the question itself
    if not rest.fits(again, world) or (settled and not rest.timed and not _same(again, outcome)):
        return outcome
    return again


def _same(one: Outcome, other: Outcome) -> bool:
    """Whether both come to the same calls, so that they differ in their notes alone."""
    return isinstance(one, Plan) and isinstance(other, Plan) and one.calls == other.calls


def is_answer(outcome: Outcome, world: World) -> bool:
    """Whether an outcome is of figures, customers or what is to come: no playbook, and nothing that acts."""
    return isinstance(outcome, Plan) and not any(
        call.tool == PLAYBOOK or call.tool in ORDERS or world.acts(call) for call in outcome.calls
    )


def without_asides(text: str) -> Rest | None:
    """The message without its asides; None where it has none, or little else."""
    norm = normalise(text)
    folded = norm.folded
    clauses = list(islice(clauses_of(folded), MOST_CLAUSES + 1))
    if len(clauses) > MOST_CLAUSES or _REPEATED.search(folded):
        return None
    cuts: list[tuple[int, int]] = []
    planned = weeks = timed = False
    for start, end, after in clauses:
        clause = folded[start:end]
        if len(clause) > LONGEST:
            continue
        whole = (_CHINESE if CJK.search(clause) else _ENGLISH).fullmatch(clause)
        if whole is None:
            within = [(start + a, start + b) for a, b in _within(clause)]
            cuts += within
            timed |= any(_DAY.search(folded[a:b]) for a, b in within)
            continue
        cuts.append((start, after))
        planned |= whole["plan"] is not None
        weeks |= whole["week"] is not None
        timed |= _DAY.search(clause) is not None
    kept, at = [], 0
    for start, end in (*cuts, (len(folded), len(folded))):
        if at < start:
            kept.append(text[slice(*norm.original_span(at, start))])
        at = end
    rest = re.sub(r"^(?i:but)\s+", "", "".join(kept).strip(" \n,，:：;；、-–—(（~"))
    if not cuts or len(re.findall(r"[a-z0-9]+|[\u3400-\u9fff]", rest.lower())) < 2:
        return None
    return None if planned and _POINTS.search(rest.lower()) else Rest(rest, weeks, timed)


def clauses_of(folded: str) -> Iterator[tuple[int, int, int]]:
    """Where each clause begins and ends, and where the next one begins."""
    at = 0
    for mark in _MARK.finditer(folded):
        if folded[at : mark.start()].strip():
            yield at, mark.start(), mark.end()
        at = mark.end()
    if folded[at:].strip():
        yield at, len(folded), len(folded)


def _within(clause: str) -> Iterator[tuple[int, int]]:
    """What of a clause is an aside: who asks before what is asked, or what it is for behind it."""
    if not CJK.search(clause):
        asker = _ASKER.match(clause)
        if asker is not None:
            yield asker.span()
        purpose = _INLINE.search(clause, asker.end() if asker is not None else 0)
        if purpose is not None and clause[: purpose.start()].strip():
            yield purpose.span()
    elif (given := _GIVEN.fullmatch(clause)) is not None:
        start, end = given.span("who" if given["who"] else "whom")
        yield 0, start
        yield end, len(clause)
    elif (asker := _ASKER_ZH.match(clause)) is not None:
        yield asker.span()


def _for_stock(outcome: Outcome) -> bool:
    return isinstance(outcome, Plan) and {call.tool for call in outcome.calls} <= FOR_STOCK


def _is_of_weeks(period: object) -> bool:
    """Whether a call's period runs from a Monday to a Sunday."""
    if not isinstance(period, dict):
        return False
    start, end = (date.fromisoformat(str(period[side])) for side in ("start", "end"))
    return start.weekday() == 0 and end.weekday() == 6
