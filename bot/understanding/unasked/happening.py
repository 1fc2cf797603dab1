"""Sentences about incidents: what is wrong, what was, who looks after it, what is silenced, and how long it takes."""

from __future__ import annotations

import re
from typing import Any

from bot.understanding.outcome import Clarify, Outcome, Plan
from bot.understanding.reading.draft import Stop, World, days
from bot.understanding.scene import Sight
from bot.understanding.unasked.figure import Figure
from bot.understanding.unasked.sentence import ENDING, POLITE, ZH_POLITE, Sentence
from bot.understanding.unasked.silencing import Silencing
from tools.answer import FollowUp, ToolCall
from tools.messages import say

TOOL = "incidents"
_EN_NOUN = r"(?:incidents?|anomal(?:y|ies)|alerts?|alarms?)"
_ZH_NOUN = r"(?:异常事件|异常|事件|告警|预警|警报)"
_IT = (
    rf"(?: (?:it|this|that|this one|that one|them|(?:the |this |that )?{_EN_NOUN}(?: (?:no\.? |number |"
    r"#)?\d+)?|(?:no\.? |number |#)?\d+))?"
)
NUMBER = re.compile(
    rf"\b(?:{_EN_NOUN}|ack|acknowledge|snooze)\s*(?:no\.?|number|#)?\s*(?P<a>\d{{1,6}})\b|"
    rf"#\s?(?P<b>\d{{1,6}})\b|{_ZH_NOUN}\s*(?:#|编号)?\s*(?P<c>\d{{1,6}})(?!\d)|第(?P<d>\d{{1,5}})(?:个|条|号|"
    rf"次)(?:{_ZH_NOUN})|(?P<e>\d{{1,6}})号(?:{_ZH_NOUN})"
)
ACKNOWLEDGE = re.compile(
    rf"^\W*{POLITE}(?:ack(?:nowledged?)?{_IT}|i(?:'m| am) (?:on (?:incident |#)\d+|on it|on this|"
    r"looking into (?:it|this)|"
    r"taking care of (?:it|this)|handling (?:it|this))|i(?:'ll| will| can) (?:take|handle|look into|"
    rf"look after|take care of|deal with|own)(?: (?:it|this|that))?{_IT}|(?:mine|on it|i've got (?:it|this)|"
    rf"i got this)){ENDING}|"
    rf"^\W*{ZH_POLITE}(?:我(?:来|会|在|去|马上|已经|这就)*(?:处理|跟进|负责|看看?|排查|查一下|解决)(?:一下|"
    r"中)?(?:这个|"
    rf"该)?{_ZH_NOUN}?(?:#?\d+)?|(?:确认|认领|接手|知悉|已读)(?:一下|了|收到)?(?:这个|该|"
    rf"此)?{_ZH_NOUN}?#?\d*(?:号)?{_ZH_NOUN}?|"
    rf"(?:这个|该)?{_ZH_NOUN}#?\d*我(?:来|会)?(?:处理|跟进|负责|认领)|{_ZH_NOUN}#?\d+(?:已经?)?确认(?:了)?){ENDING}"
)
SNOOZE = re.compile(
    rf"^\W*{POLITE}(?:snooze{_IT}|(?:remind|tell|alert|ask|bother) me (?:again )?(?:(?:about|of){_IT} (?:again )?)?"
    r"(?:later|tomorrow|in an hour|"
    r"in 1 hour)|(?:mute|silence|quiet|hush) (?:it|this|that|this incident|the incident)(?: \d+)?|"
    r"not now)(?=[^a-z]|$)|"
    rf"^\W*{ZH_POLITE}(?:(?:推迟|延后|小睡|打盹|稍后|晚点|过会儿?|等会儿?|一(?:个)?小时(?:后|以后|之后)|"
    r"1(?:个)?小时(?:后|以后|之后)|明天|"
    rf"明早)(?:再)?(?:提醒|通知|说|报|处理)?(?:我)?(?:这个|该)?{_ZH_NOUN}?#?\d*|(?:先)?(?:别|不要)(?:再)?(?:提醒|吵|"
    r"通知)(?:我)?(?:了)?(?:,|，|\s)*(?:明天再(?:说|提醒)|(?:过)?一(?:个)?小时(?:后)?再(?:说|提醒))|(?:把)?(?:这个|"
    rf"该)?{_ZH_NOUN}#?\d*(?:推迟|延后|先放一放|暂缓)|{_ZH_NOUN}#?\d+(?:明天|明早|稍后|晚点|一个?小时后)再(?:提醒|通知|说)(?:我)?|(?:推迟|延后)(?:到明天|一(?:个)?小时|1(?:个)?小时))"
)
SNOOZED = re.compile(
    r"\b(?:it|this|that|me|again|please|till|until|for|about|the|incident|alert)\b|再|我|提醒|通知|到|"
    r"处理|说|吧|先|这个|该|异常|事件|告警|预警"
)
UNTIL = re.compile(
    r"\b(?:for|in) (?P<hour>an hour|one hour|1 ?h(?:our)?|60 minutes)(?: or so)?\b|\b(?:until|till|to|"
    r"for) (?P<tomorrow>tomorrow)(?: morning)?\b|\b(?P<later>tomorrow|later|in an hour)\b|"
    r"(?P<zh_tomorrow>到?明天(?:早上)?|明早)(?:再(?:说|提醒|处理)?)?|(?P<zh_hour>(?:一|1)个?小时)(?:后|"
    r"以后|之后)?(?:再(?:说|提醒)?)?"
)
OTHER_UNTIL = re.compile(r"\b(?:for|until|till|in)\s+\w+|\d+|两|三|半|下周|周[一二三四五六日]|下个?月")
NORMAL = re.compile(
    rf"^\W*{POLITE}(?:(?:no,? )?(?:(?:it|this|that|incident \d+|#\d+)(?:'s| is| was)? )?(?:(?:not|"
    r"no) an? (?:anomaly|incident|problem|issue)|not an anomaly|(?:a )?false (?:alarm|positive|alert)|"
    r"(?:quite |perfectly |completely )?(?:normal|expected))|(?:mark|flag|"
    rf"set)(?: {_IT.strip()})? as (?:not an anomaly|normal|(?:a )?false (?:alarm|positive)|expected)|"
    rf"incident \d+ is (?:normal|a false alarm|not an anomaly|expected)){ENDING}|"
    rf"^\W*{ZH_POLITE}(?:(?:这|那|这个|它|该|把)?(?:{_ZH_NOUN})?#?\d*(?:号)?(?:{_ZH_NOUN})?(?:是|属于|算|"
    r"标记为|标为|不算|"
    r"也)?(?:正常(?:的|现象|情况|波动)?|预期(?:内|之内|的)?|误报|虚警|假警报|不是异常|不算异常|没问题|"
    rf"非异常)(?:的)?){ENDING}"
)
_HOW_LONG = (
    r"(?:how (?:fast|quickly|quick|long|soon|slow(?:ly)?)|(?:what(?:'s| is| was)? )?(?:the |our )?(?:mean|"
    r"average|median|typical)(?: (?:time|response time|reaction time|duration))?)"
)
TIMES = re.compile(
    rf"\b(?:mtta|mttr)\b|\b{_HOW_LONG}\b.*\b(?:acknowledg(?:e|ed|ing|ement)|resolv(?:e|ed|ing)|respon(?:d|ded|"
    r"se)|react(?:ion|ed)?)\b|\b(?:response|reaction|acknowledg(?:e)?ment|resolution) times?\b.*\b(?:alerts?|"
    r"incidents?|alarms?)\b|\b(?:alert|incident|alarm)s? (?:response|reaction|acknowledgement|"
    r"resolution) times?\b|\baverage response time\b|\b(?:mean )?time to (?:acknowledge|resolve)\b|"
    r"(?:平均|一般|通常)?(?:要|需要|花|得)?(?:多久|多长时间|多快|几个?小时|多少时间)(?:才)?(?:能)?(?:确认|"
    r"响应|处理|解决|认领|恢复|反应)(?:完)?(?:一次|"
    rf"一个)?(?:{_ZH_NOUN})?|{_ZH_NOUN}(?:的)?(?:平均)?(?:响应|确认|处理|解决|恢复)(?:时间|时长|速度|效率)|"
    r"平均(?:响应|确认|处理|解决|恢复)(?:时间|"
    rf"时长|速度)|(?:处理|解决|确认|响应)(?:一个|一次)?{_ZH_NOUN}(?:平均|一般|通常)*(?:要|需要|花)?(?:多久|多长时间|多快)|{_ZH_NOUN}(?:平均|一般|通常)(?:要|需要)?(?:多久|多长时间|多快)(?:才|会|能)?(?:有人|被)?(?:确认|响应|处理|解决)"
)
TIMES_REST = re.compile(
    r"\b(?:we|our|the|team|it|take|takes|took|did|do|does|to|alerts?|incidents?|alarms?|on|for|of|until|they|"
    r"are|were|is|in|and|or|resolve|acknowledge|them|usually|normally|average|mean|what)\b|我们|团队|平均|"
    r"一次|一个|的|对|"
    r"异常|告警|预警|事件|每次|是|要|多久|什么"
)
SHOW = re.compile(
    rf"^\W*{POLITE}(?:show|see|view|display|open|tell|give|details?|explain|what (?:is|was|happened (?:in|"
    r"with)))(?: me| us| about| more about| the| details?| of| on)*\s*(?:incident|anomaly|#)\s*(?:no\.?|"
    rf"number|#)?\s*\d+(?: about)?{ENDING}|^\W*incident\s*#?\d+{ENDING}|"
    rf"^\W*{ZH_POLITE}(?:查看|看看|看一下|看下|打开|显示|看|展示)?(?:一下)?(?:第\d+(?:个|条|号){_ZH_NOUN}|"
    rf"\d+号{_ZH_NOUN}|(?:异常事件|异常|"
    rf"事件)\s*#?\d+)(?:的)?(?:详情|情况|细节|是什么|是?怎么回事|怎么了|是什么情况)?{ENDING}"
)
LIST = re.compile(
    rf"^\W*{POLITE}(?:what(?:'s| is| has gone) (?:currently |going )?wrong\b|(?:is|was|are|"
    r"were) (?:there )?(?:anything|something|things) (?:wrong|unusual|broken|off|burning|alarming|"
    r"out of the ordinary)\b|(?:any|what|which)(?: (?:of the|kind of))?(?: (?:open|active|new|current|"
    r"unresolved|recent|acknowledged|resolved|closed|past|firing|ongoing|more))*"
    r" (?:incidents?|anomal(?:y|ies)|problems with (?:the|our) (?:figures|numbers))\b|any (?:open |active |"
    r"new |current |recent )?(?:alerts?|alarms?)\b|(?:which|what) (?:alerts|alarms|monitors) (?:are firing|"
    r"fired|went off|have fired|did we get|were raised|were sent|triggered)\b|(?:are|were|is|was|"
    r"have) there (?:been )?(?:any |an )?(?:open |active |new )?(?:incidents?|anomal(?:y|ies)|alerts|"
    r"alarms)\b|(?:do|did|have) we (?:have |had )?(?:any |an )?(?:open |active |new )?(?:incidents?|"
    r"anomal(?:y|ies))\b|"
    r"(?:(?:show|list|see|view|display|give)(?: me| us)?(?: all| of| the| our| my)* )?(?:(?:all|open|active|"
    r"current|unresolved|recent|resolved|closed|past|firing|ongoing|latest|last|the|our|(?:last|this|past) (?:week|"
    r"month|year)(?:'s)?|yesterday's|today's) )*(?:incidents|"
    r"incident (?:list|history|log)|anomalies|anomaly history)\b|(?:what|which) (?:was|were) (?:the )?(?:last|"
    r"latest|past) (?:incidents?|anomal(?:y|ies))\b|how many (?:open |resolved |active )?(?:incidents|"
    r"anomalies)\b|what's (?:on fire|burning|broken)\b|recent alerts\b|alerts? history\b)|"
    rf"^\W*{ZH_POLITE}(?:\0|查看|看看|看一下|列出|显示|展示|查一下|查)*(?:一下)?(?:现在|目前|当前|今天|"
    r"今日|(?:最近|近|过去)[\d一二两三四五六七八九十]+(?:天|日|周|个?月)(?:内|里)?|最近|近期|眼下|还|我们|都|一共|总共|"
    r"今年(?:以来|到现在|至今)?|年初(?:以来|至今)|\d{1,4}年(?:\d{1,2}月)?|\d{1,2}月|上个?月|这个?月|本月|上周|本周|昨天|去年|所有|全部|的)*(?:有|发生|出现|存在|出|"
    r"产生)?(?:过|了)?(?:没有|没)?(?:哪些|什么|任何|几个|多少个?|"
    r"啥)?(?:正在)?(?:还?没有?(?:处理|解决|确认|恢复|关闭)(?:完|掉|好)?的?|待处理的?|待解决的?|未解决的?|未处理的?|未确认的?|未恢复的?|已解决的?|已恢复的?|开放的?|进行中的?|"
    r"处理中的?|新的?)?(?:指标)?(?:异常事件|异常(?!高|低|订单|客户|"
    r"波动的?原因|下降|上升)|告警|警报|不正常|不对劲)(?:的?事件|记录|列表|情况|历史|清单)?(?:有)?(?:哪些|"
    r"多少|几个)?(?:吗|么|没有|没(?:有)?(?:处理|解决|确认|恢复)|未(?:处理|解决|确认|恢复)|没)?(?:\W*$|(?=\0))|"
    rf"^\W*{ZH_POLITE}(?:现在|目前|当前|今天)?(?:有没有|有|出(?:了)?|是不是有|出现)(?:什么|啥|"
    r"哪些)?(?:问题|毛病|情况|状况)(?:了)?(?:吗)?\W*$|"
    rf"^\W*{ZH_POLITE}(?:现在|目前|当前|今天)?(?:哪里|哪儿|哪些指标|哪个指标|什么指标|什么)(?:出|有|"
    r"正在)?(?:了)?(?:异常|告警|报警|预警|问题|不正常|"
    r"不对劲?)(?:了)?(?:吗)?\W*$"
)
NOW = re.compile(
    r"\b(?:today|now|right now|currently|at the moment|so far(?! th)|this morning|at present)\b|(?<!到)现在|目前|"
    r"(?<!到)当前|今天|今日|眼下|此刻"
)
WHICH = (
    ("resolved", re.compile(r"\b(?:resolved|closed|recovered|solved)\b|已解决|已恢复|已关闭|解决了的")),
    (
        "all",
        re.compile(
            r"\b(?:all|history|past|log|were|went|was|did|fired|recent|latest|last|previous)\b|所有|全部|历史|"
            r"发生过|出现过|有过|"
            r"过哪些|记录|最近|近期"
        ),
    ),
    (
        "open",
        re.compile(
            r"\b(?:open|active|current|unresolved|ongoing|firing)\b|未解决|未处理|未确认|未恢复|没有?(?:处理|解决|确认|恢复|关闭)|待处理|待解决|进行中|处理中|开放"
        ),
    ),
)
REST = re.compile(
    r"\b(?:what's|whats|wrong|anything|something|things|unusual|broken|off|burning|alarming|out|ordinary|fire|"
    r"problems|went|has|gone|goes|last|kind|many|which|fired|triggered|sent|monitors|alarms|history|open|"
    r"active|new|current|unresolved|recent|acknowledged|resolved|closed|past|firing|ongoing|more|all|history|"
    r"log|list|still|there|any|with|on|in|of|for|the|our|figures|numbers|metrics|data|business|shop|store|"
    r"here|us|we|have|had|been|yet|happened|occurred|did|get|were|was|raised|up|latest|last|so far|since|"
    r"during|going|incidents?|anomal(?:y|ies)|alerts?|detected|found|seen|show|list|see|me|and|or|are|is)\b|"
    r"发生|出现|过|了|的|有|哪些|什么|吗|没有|列表|记录|历史|所有|全部|最近|近期|未解决|已解决|已恢复|"
    r"未恢复|未处理|未确认|进行中|处理中|开放|异常|事件|告警|警报|现在|目前|当前|"
    r"今天|存在|多少|几个|个|在|里|中|指标|情况|我们|哪里|哪儿|问题|毛病|状况|不正常|不对劲?|出|有没有|"
    r"是不是|啥|产生|正在|没|处理|解决|确认|恢复|还"
)
OF_FIGURE = re.compile(
    rf"(?:有|出现|发生|存在)(?:过)?(?:没有|没)?(?:什么|任何|哪些)?异常(?:情况|波动)?(?:吗|么|没有|没|\?)*{ENDING}"
)


class Happening:
    """One sentence's reading about incidents; `read` gives None where it is about something else."""

    def __init__(self, sight: Sight, world: World, previous: ToolCall | None) -> None:
        self.sight, self.world = sight, world
        self.previous = previous if previous is not None and previous.tool in (TOOL, "monitor") else None
        self.sentence = Sentence(sight)

    def read(self) -> Outcome | None:
        text = self.sentence.text
        silencing = Silencing(self.sentence, self.world, self.previous).read()
        if silencing is not None:
            return silencing
        number = NUMBER.search(text)
        for action, pattern in (("show", SHOW), ("not_an_anomaly", NORMAL), ("acknowledge", ACKNOWLEDGE)):
            if pattern.search(text):
                return self._on_one(action, number) if self._may(action, text, number) else None
        snooze = SNOOZE.search(text)
        if snooze is not None:
            return self._snoozed(snooze, number)
        if TIMES.search(text):
            return self._times()
        if LIST.search(text) or OF_FIGURE.search(text):
            return self._listed()
        return None

    def _may(self, action: str, text: str, number: re.Match[str] | None) -> bool:
        """ "That's normal" and 确认 mean an incident after one was spoken of; an incident's own words always do."""
        if number is not None or (self.previous is not None and self.previous.tool == TOOL):
            return True
        if action == "not_an_anomaly":
            return bool(re.search(r"anomal|false|incident|误报|虚警|假警报|异常|这是正常", text))
        if action == "acknowledge":
            return bool(
                re.search(
                    r"ack|incident|alert|i'm on it|on it|i'll|i will|handle|异常|事件|告警|预警|处理|认领|跟进|负责",
                    text,
                )
            )
        return True

    def _on_one(self, action: str, number: re.Match[str] | None, **more: Any) -> Plan:
        args: dict[str, Any] = {"action": action, **more}
        if number is not None:
            args["incident"] = int(next(text for text in number.groups() if text))
        elif self.previous is not None and self.previous.tool == TOOL and self.previous.args.get("incident"):
            args["incident"] = self.previous.args["incident"]
        return Plan((ToolCall(TOOL, args),))

    def _snoozed(self, snooze: re.Match[str], number: re.Match[str] | None) -> Outcome | None:
        sentence = self.sentence
        until = UNTIL.search(sentence.text)
        for match in (snooze, number, until):
            if match is not None:
                sentence.drop(*match.span())
        if until is None and OTHER_UNTIL.search(sentence.rest):
            options = tuple(
                FollowUp(text, self._on_one("snooze", number, **more).calls[0])
                for text, more in ((say("For an hour"), {}), (say("Until tomorrow"), {"until": "tomorrow"}))
            )
            return Clarify(say("An incident is snoozed for an hour or until tomorrow. Which one?"), options)
        if sentence.scene(SNOOZED).left_over():
            return None
        tomorrow = until and (until["tomorrow"] or until["zh_tomorrow"] or until["later"] == "tomorrow")
        return self._on_one("snooze", number, **({"until": "tomorrow"} if tomorrow else {}))

    def _times(self) -> Outcome | None:
        self.sentence.take_all(TIMES)
        return self._limited({"action": "times"}, TIMES_REST)

    def _listed(self) -> Outcome | None:
        text = self.sentence.text
        which = next((name for name, pattern in WHICH if pattern.search(text)), None)
        args: dict[str, Any] = {"action": "list"}
        if which in ("resolved", "all"):
            args["which"] = which
        self.sentence.take_all(NOW)
        return self._limited(args, REST, dated=which is None or which == "all")

    def _limited(self, args: dict[str, Any], small: re.Pattern[str], *, dated: bool = False) -> Outcome | None:
        """With the figure and the time that are named; None where something else is."""
        figure = Figure(self.sentence.scene(small), self.world, args)
        try:
            period = figure.dated()
            figure.read()
        except Stop:
            return None
        if figure.left() or figure.plan.by or figure.plan.filters:
            return None
        found: dict[str, Any] = {**figure.args()}
        if period is not None:
            found["period"] = days(period)
            if dated:
                found["which"] = "all"
        return Plan((ToolCall(TOOL, found),), figure.notes())
