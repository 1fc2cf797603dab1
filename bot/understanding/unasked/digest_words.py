"""The words of sentences about digests, in both languages."""

from __future__ import annotations

import re

from bot.understanding.unasked.sentence import ENDING, POLITE, ZH_POLITE

_OF = (
    r"(?:(?:kpi|kpis|sales|business|performance|marketing|key figures?|metrics?|numbers?|figures|status|"
    r"executive|management|team|short|summary) )*"
)
_WHEN = r"(?:daily|weekly|monthly|morning|evening|nightly|monday|friday|end[- ]of[- ]day)"
_SHEET = (
    r"(?:digests?|reports?|summar(?:y|ies)|updates?|overviews?|briefings?|recaps?|newsletters?|briefs?|"
    r"round-?ups?|reporting|kpis?|mail(?:ing)?s?)"
)
EN_NOUN = re.compile(
    rf"\b(?P<when>{_WHEN}) {_OF}{_SHEET}\b|\b{_OF}(?:digests?|newsletters?)\b(?: subscriptions?)?|\b(?:a |"
    r"the )?(?:summary|report|overview|update|recap) of (?:the |our |all )*(?:kpis?|key figures|core figures|"
    r"figures|(?:key |main |core |most important )*(?:numbers|metrics|indicators)|business|day|week|month)\b|"
    r"\b(?:kpi|business|sales|summary) (?:summary|report|update|overview|"
    r"briefing|recap)\b|\bsubscriptions?\b"
)
_ZH_OF = r"(?:数据|经营|销售|业绩|运营|业务|核心指标|kpi|指标|营销|简要|汇总)*"
ZH_NOUN = re.compile(
    rf"{_ZH_OF}(?P<when>日报|周报|月报|早报|晚报|每日简报|每周简报|每月简报|每日报告|每周报告|每月报告|"
    r"每日汇报|每周汇总|每日汇总|每月汇总|日总结|周总结|月总结)(?!表)|"
    rf"{_ZH_OF}(?:简报|播报|汇报|快报|战报|摘要|推送)(?:报告)?|的订阅|(?<=[停复消闭掉改号个条])订阅(?!日|"
    r"周|月|简|早|晚|每|一|销|经|数|kpi)"
)
ALSO_NOUN = re.compile(
    r"\b(?:the |a )?(?:report|summary|update|overview|briefing|recap|kpis?|key figures|figures|numbers|"
    r"core metrics|results|performance)\b|(?:核心|关键|经营|业务|销售|运营|营业)(?:指标|数据|情况|表现|报表|状况)|"
    r"数据汇总|汇总|报表|报告|总结|kpi"
)
# At a named time, "could I get the numbers" orders as well.
GETTING = re.compile(r"\b(?:get|receive|have)\b")
# The days that a digest tells of, where no calendar names them: "the previous day's", 前一天的.
OF_BEFORE = (
    (re.compile(r"\b(?:the )?(?:day before|(?:previous|prior|preceding) day)(?:'s)?\b|[前头]一[天日]的?"), "daily"),
    (re.compile(r"\b(?:the )?(?:week before|(?:previous|prior|preceding) week)(?:'s)?\b|前一个?周的?"), "weekly"),
    (re.compile(r"\b(?:the )?(?:month before|(?:previous|prior|preceding) month)(?:'s)?\b|前一个?月的?"), "monthly"),
)
# How a mailing did is a figure: "open rate of the last newsletter".
OF_MAILINGS = re.compile(
    r"\b(?:open|click|click-?through|bounce|unsubscribe|delivery|response)[ -]rates? (?:of|for|on|in)\b"
    r"(?!.*\b(?:every|each|daily|weekly)\b)"
    r"|(?:上|这|那|最近|最新)(?:一|几)?[期封篇次份](?:邮件|简报|推送|短信).{0,6}(?:打开率|点击率|退订率|送达率|回复率)"
)
ENDED = re.compile(r"yesterday|last (?:week|month)|昨|上")
REAL = re.compile(r"digest|日报|周报|月报|早报|晚报|简报")
RHYTHM_OF = {
    "daily": "daily",
    "morning": "daily",
    "evening": "daily",
    "nightly": "daily",
    "end-of-day": "daily",
    "end of day": "daily",
    "weekly": "weekly",
    "monday": "weekly",
    "friday": "weekly",
    "monthly": "monthly",
}
DAY_OF = {"monday": 0, "friday": 4}
ZH_RHYTHM = (("日", "daily"), ("早", "daily"), ("晚", "daily"), ("周", "weekly"), ("月", "monthly"))
_ME = (
    r"(?: (?:me|us|it|(?:the|our) (?:team|group|channel)|everyone|everybody|this (?:chat|group|channel)|here|"
    r"to me|to us))*"
)
EN_SEND = re.compile(
    rf"\b(?:send(?:ing)?|push(?:ing)?|post(?:ing)?|deliver(?:ing)?|shar(?:e|ing)|e-?mail(?:ing)?|mail(?:ing)?|message|"
    rf"text|(?:drop|ping)(?= me| us)){_ME}\b|\bin (?:my|our) inbox(?:es)?\b|"
    rf"\b(?:i|we)(?:'d| would)? (?:like|want)\b(?! to)|\b(?:i|we)(?:'d| would)? (?:like|want|"
    r"need) to (?:get|receive|have)\b|\b(?:can|could|may) (?:i|we) (?:please )?(?:get|receive|have)\b|"
    r"\b(?:sign|put|add) (?:me|us|this (?:chat|group)) (?:up|down|on)(?: for|"
    rf" to)?\b|\bsubscribe{_ME}(?: (?:to|for|on))?\b|\b(?:set up|schedule|create|start|enable|turn on|"
    r"switch on|add|get|receive|i want|i'd like|we want|i need|we need)(?: (?:me|us|a|an|the))*(?=[\s\0])"
)
ZH_SEND = re.compile(
    r"(?:定时|准时|自动|按时)?(?:把|将)?(?:发送|发|推送|推|寄|传|播报|同步|订阅|订一?[份个]|订(?=[日周月]报))"
    r"(?:一?(?:份|下|个|"
    r"条))?(?:给|到)?(?:我们|我|大家|团队|群里|本群|"
    r"这个群|一(?:份|下))?(?:一下)?|(?:我)?(?:想要?|要)(?:收到|看到|接收)|(?:开通|开启|设置|创建|添加|"
    r"安排)(?:一(?:个|份))?"
)
STRONG_SEND = re.compile(
    r"发一?[次份]|\b(?:send|push|post|deliver|e-?mail|mail|drop (?:me|us)|ping (?:me|us)|"
    r"in (?:my|our) inbox|subscribe)\b|"
    r"发送|发给?(?:我|大家|团队|群|老板)|推送|[给到](?:我们?|大家|团队|群里?|本群)(?:发|推|传|送)|[发推传]到|推给|推我|传给|"
    r"同步[给到]|定时|订阅"
)
EN_SHOW = re.compile(
    rf"^\W*{POLITE}(?:show|preview|see|view|display|read|open|look at|what (?:does|would|will|do)|how (?:does|"
    r"would|will)|give|try|test|let me see|let us see|let's see|let me|what's in|what is in)(?: me| us| out|"
    r" a)*\b|\b(?:look like|looks like|look)\b|\bpreview(?: of)?\b|\bsample\b"
)
ZH_SHOW = re.compile(
    r"(?:预览|查看|看看|看一下|看下|看一眼|显示|展示|看|瞧瞧|试看|试发)(?:一下|下|一份)?|长什么样子?|"
    r"是什么样子?的?|什么样|给我"
)
NOW = re.compile(
    r"\b(?:today|yesterday|this (?:morning|week|month)|last (?:week|month|night)|the latest|latest|current|"
    r"now)(?:'s)?\b|今天的?|昨天的?|本周的?|上周的?|本月的?|上个?月的?|这周的?|最新的?|现在|立即|马上|"
    r"当前的?|今日的?|昨日的?"
)
OF_NOW = (
    (("week", "周"), "weekly"),
    (("month", "月"), "monthly"),
    (("today", "yesterday", "morning", "今", "昨"), "daily"),
)
EN_LIST = re.compile(
    rf"^\W*{POLITE}(?:(?:which|what)(?: \w+)? (?:digests?|reports?|subscriptions?) (?:am i|are we|do i|do we|"
    r"have i|have we|did i|is this chat|are there|does this (?:chat|group))(?: \w+)*|"
    r"what (?:am i|are we|have i|did i|is this chat|is this group) (?:subscribed|signed up|"
    r"subscribe)(?: \w+)*|am i subscribed(?: \w+)*|"
    r"(?:show|list|see|view|display|manage)?(?: me| us)?(?: all| of| the| my| our| active|"
    r" current)* (?:subscriptions|digest subscriptions)(?: \w+)?|"
    r"list(?: all| of| the| my| our)* digests|(?:do i|do we) have any (?:digests|subscriptions)(?: \w+)*|"
    rf"my (?:subscriptions|digests)|subscriptions){ENDING}"
)
ZH_LIST = re.compile(
    rf"^\W*{ZH_POLITE}(?:(?:查看|看看|看一下|看下|列出|列一下|显示|管理)?(?:一下)?(?:我|我们|本群|这个群|"
    r"当前|目前|现在|都|已经?)*(?:一共)?(?:订阅|"
    r"订)(?:了|过|的)*(?:有)?(?:哪些|什么|几个|多少)(?:个|份)?(?:日报|周报|月报|报告|简报|推送|内容|东西)*|"
    r"(?:现在|目前|当前|我|我们|都)*有(?:哪些|什么|几个|多少)(?:订阅|日报订阅|定时推送|推送|简报|日报|"
    r"周报)|(?:查看|看看|看一下|看下|列出|列一下|显示|"
    r"管理)?(?:一下)?(?:我|我们|本群|当前|目前|所有|全部|已有)*的?(?:订阅|日报订阅|推送)(?:列表|清单|情况|"
    r"有哪些|都有哪些|有什么)?)" + ENDING
)
_BEGIN = rf"^\W*(?:(?:i|we)(?:'d| would)? (?:want to|like to|need to) )?{POLITE}"
_ZH_BEGIN = rf"^\W*{ZH_POLITE}(?:把|将|对|以后|\0|的|请|先|就|都|我|我们|本群|这个|那个|\s)*"
EN_END = re.compile(
    rf"{_BEGIN}(?:(?:stop|cancel|end|unsubscribe|turn off|switch off|delete|remove|no more|quit|disable|kill|"
    r"drop(?! me\b| us\b)|"
    r"get rid of|opt out(?: of)?)(?: (?:me|us|sending(?: (?:me|us))?|getting|from|this chat|this group|"
    r"receiving|all))*|(?:do(?:n't| not)|never) (?:send|want|need|give)(?: (?:me|us))?|(?:i )?(?:don't|"
    r"no longer) (?:want|need)(?: to (?:get|receive|have))?|(?:turn|switch)(?=.* off\b))\b"
)
MEANING = re.compile(
    r"^\W*(?:what(?:'s| is| are) (?:an? |the )?[\w -]{3,30}|(?:什么是|何为|啥是)[^,，]{2,8}|"
    r"[^,，]{2,8}(?:是什么(?:意思)?|"
    r"是啥))\W*$"
)
ALONE = re.compile(
    rf"^\W*{POLITE}stop sending(?: me| us)? (?:the |these |those |any |all )*(?:reports|updates|summaries|"
    rf"messages)(?: every (?:day|morning|week|evening))?{ENDING}|^\W*{POLITE}(?:unsubscribe|sign me off|"
    r"opt me out|opt out)(?: (?:me|us|this chat|this group|from (?:this|it|everything|all|all of them|"
    rf"all digests)))*{ENDING}|^\W*{ZH_POLITE}(?:退订|取消订阅|取消推送|退订全部)(?:吧|了|所有)?{ENDING}"
)
MORE = re.compile(r"\b(?:any ?more|any longer|again)\b|了$")
ZH_END = re.compile(
    rf"{_ZH_BEGIN}(?:取消|停止|退订|关闭|关掉|停掉|停了|停发|终止|结束|删除|删掉|去掉|不订阅?|不再|别再|不要再?|"
    r"不用再?|别|不想再?|不需要)(?:订阅|发送|发|推送|推|收到|收|看)?(?:给)?(?:我们|我)?(?:的)?"
)
ZH_ENDED = re.compile(
    r"(?:(?:取消|停|关|删|退)(?:掉|了)?|(?:不要|别|不用|不必)(?:再)?(?:给我们?)?(?:发|推送?|订)(?:了)?)" + ENDING
)
EN_PAUSE = re.compile(rf"{_BEGIN}(?:pause|suspend|hold(?: off)?|mute|put(?=.* on hold\b)|halt|freeze)\b")
ZH_PAUSE = re.compile(
    rf"(?:暂停|{_ZH_BEGIN}(?:先停|停一停|停一下|暂时不要|暂时别|先别|先不要|先不))(?:订阅|发送|发|推送|推|收)?"
    r"(?:给)?(?:我们|我)?(?:一下)?"
)
EN_RESUME = re.compile(
    rf"{_BEGIN}(?:resume|unpause|restart|continue|reactivate|turn (?:back )?on again|switch (?:back )?on again|"
    r"turn back on|re-?enable|start (?:sending )?again|unmute)(?: sending)?(?: (?:me|us))?\b"
)
ZH_RESUME = re.compile(
    rf"{_ZH_BEGIN}(?:恢复|重新(?:开始|开启|启用|发送|订阅|打开)|继续)(?:订阅|发送|发|推送|推)?(?:给)?(?:我们|我)?"
)
EN_CHANGE = re.compile(
    r"\b(?:move|change|switch|shift|reschedule|update|edit|modify|adjust|make|set|turn|put|limit|"
    r"restrict)(?: it)?\b(?=.*(?:\b(?:to|at|for|on|in|only|into|by|not|weekly|daily|monthly)\b|[\d:]))"
)
ZH_CHANGE = re.compile(
    r"(?:改成|改为|改到|改在|改|调整为|调整到|调整|调到|调成|调|换成|换到|换|挪到|挪|推迟到|提前到|变成|"
    r"设为|设成|设置为|移到)(?:发送|发|推送)?(?:时间)?(?:到|成|为|在)?"
)
CHANGE_WORDS = re.compile(
    r"\b(?:to|into|instead|time|sending|delivery|make it|make that|change it to)\b|发送时间|推送时间|时间|把|将"
)
STANDING = re.compile(
    r"^\W*(?:please )?(?:don't|do not|never|no|remove|cancel|drop)\b|[\u4e00-\u9fff]"
)  # of one that is there
MOVED = re.compile(
    r"\b(?:but )?(?:only |just )?(?:send (?:it |one |me one )?)?(?:only )?(?:when|if) (?:something|anything|"
    r"there (?:is|are|was|were)|things|figures|numbers|a figure|kpis?|it|the figures)?\s*(?:really |has |"
    r"have |significantly |notable |any |big |worth (?:knowing|telling)|unusual )*(?:moved|moves|move|changed|"
    r"changes|change|news|happened|happens|movements?|unusual|worth (?:knowing|telling|reporting|reading|"
    r"a look))\b|"
    r"\b(?:skip (?:it|those|them|the digest|days)?|no digest|nothing|not|don't send (?:it|anything|"
    r"one)?)\s*(?:when|if|where) (?:nothing|there (?:is|are|was) (?:nothing|no)) ?(?:has |have |"
    r"really )*(?:moved|moves|changed|changes|happened|happens|new|news|changes?|unusual)?\b|"
    r"(?:只在|仅在|只有|仅|只)?(?:数据|指标)?(?:有|出现)(?:明显|较大|大的?|显著)?(?:变化|变动|波动|异动|"
    r"异常|动静)(?:的?时候?|才|再|就|了)*(?:发送|发|推送|推|"
    r"通知|给我)?(?:我)?|(?:没有|没|无)(?:明显|大的?|什么)?(?:变化|变动|波动|异动|事|动静)(?:的?时候?|就|"
    r"则|时)*(?:不发|不用发|别发|不要发|不推送|跳过|不用推)送?"
)
STILL = re.compile(
    r"\b(?:even (?:when|if) nothing (?:moved|changed|happened|has moved|has changed)|always send(?: it)?)\b|"
    r"(?:没有|没)(?:变化|变动|异动)(?:时)?也(?:要)?发"
)
SMALL = re.compile(
    r"\b(?:please|with|by ?e?-?mail|if|then|always|ever|automatically|regularly|as usual|here|in this chat|"
    r"to this chat|to this group|our|local|sharp|on the dot|as well|the one|it|them|that|this|one|all|"
    r"subscription|start(?:ing)?|each|be|sent|delivered|too|out|come|comes|would|great|nice|good|be great|"
    r"of the|does|will|look|like|up|performance|results|"
    r"day)\b|定时|准时|每次|固定|自动|的时候|之前|以前|一份|一次|一个|早|晚|它|这个|那个|掉|了|里|只|都|"
    r"也|就|先|再|要|吧|的|内容|只包含|只要|包含|包括|只有|其中|给|到|"
    r"把|将|在|时|发|看|看看|这里|群里|本群|每|团队|大家|全员|全体|以后|今后|往后|从今往后|以后都"
)
NUMBER = re.compile(
    r"\b(?:digest|subscription|report|no\.?|number)\s*(?:no\.?|number|"
    r"#)?\s*(?P<n>\d{1,4})\b(?!\s*(?:[ap]\.?\s?m\b|:\d|o'clock))|"
    r"#(?P<n2>\d{1,4})\b|第(?P<n3>\d{1,3})(?:个|条|份)(?:订阅)?|(?P<n4>\d{1,3})号订阅|订阅#?(?P<n5>\d{1,4})(?!\d)"
)
REFUSED_SPAN = re.compile(
    r"\b(?:until|till|for (?:a|one|two|three|\d+) (?:days?|weeks?|months?)|for (?:the )?(?:rest|holidays))\b|"
    r"(?:一|两|三|\d+)(?:天|周|个月)(?:后|内)?|直到|到下周"
)
OUT_OF_SCOPE = re.compile(r"\b(?:why|how many|how much|who|compare|versus|vs)\b|为什么|多少|怎么")
HOW = re.compile(r"\bhow (?:do|can|could|to)(?: i| we| you)?\b|怎么(?:样)?(?:才能)?|如何")
