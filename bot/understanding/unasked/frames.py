"""How sentences about monitors begin and end: what orders one, and what is done with one that is there."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.understanding.unasked.sentence import AT_ONCE, ENDING, POLITE, ZH_AT_ONCE, ZH_POLITE, Sentence

_WHO = r"(?:(?: to)? (?:me|us|the team|everyone|everybody|our team|the group|this (?:chat|group)))?"
_EN_NOUN = (
    r"(?:(?:anomaly |threshold |metric |kpi )?(?:alerts?|alarms?|monitors?|warnings?|notifications?|watche?s?|"
    r"alerting|monitoring))"
)
_ZH_NOUN = r"(?:(?:异常|阈值|指标)?(?:预警|告警|报警|警报|监控|监测|提醒|通知)(?:规则|项|任务)?)"
NOUN = re.compile(
    rf"\b(?:the |my |our |all |of |that |this |an? )*{_EN_NOUN}\b(?: (?:for|on|about|of|when|if|that|which))?|"
    rf"(?:的|这个|那个|所有的?|全部的?|关于)*{_ZH_NOUN}"
)
NUMBERED = re.compile(
    r"\b(?:alert|monitor|alarm|warning|watch)\s*(?:no\.?|number|#)?\s*(?P<a>\d{1,5})\b(?!\s*%)|"
    r"#(?P<b>\d{1,5})\b|(?:预警|监控|告警|提醒)#?(?P<c>\d{1,5})(?!\d)|第(?P<d>\d{1,4})(?:个|条|号)(?:预警|"
    r"监控|告警|提醒)?|"
    r"(?P<e>\d{1,5})号(?:预警|监控|告警|提醒)?"
)
_ONCE = (
    r"(?:when(?:ever)?|if(?: ever)?|once|as soon as|in case|should|"
    r"the (?:very )?(?:moment|minute|second|instant)(?: that)?|every time|each time|any ?time)"
)
_SOON = rf"(?:\s*(?:{AT_ONCE}\b|straight|here|in this chat|,|:))*"
_WHOM = r" (?:to )?(?:me|us|the team|everyone|everybody|our team|the group|this (?:chat|group))"
EN_STRONG = re.compile(
    rf"^\W*{POLITE}(?:(?:i(?:'d| would)? (?:like|want|need|wish)|we(?:'d| would)? (?:like|want|"
    r"need)) to be (?:alerted|notified|warned|informed|told)|"
    rf"(?:always )?(?:alert|notify|warn|ping|page|remind|inform|flag(?: it)?|nudge){_WHOM}|(?:raise|trigger|"
    r"sound|fire) an? (?:alarm|alert)|"
    rf"(?:send|give|drop){_WHO} (?:an? )?(?:alert|alarm|message|warning|heads?[- ]?up|note|notification|shout|"
    r"ping|line))\b"
    rf"{_SOON}\s*(?:(?:{_ONCE}|about|of|on|"
    r"for|that|to)\b)*"
)
EN_BARE = re.compile(
    rf"^\W*{POLITE}(?:alert|notify|warn|ping|remind|inform|flag|shout|warning|alarm)"
    rf"\b{_SOON}\s*(?:(?:{_ONCE}|about|on|for)\b)*"
)
EN_STRONG_END = re.compile(
    r"(?:,|;|\bthen\b|\s)*\b(?:please |then |do |just |immediately )*(?:(?:alert|notify|warn|ping|remind|"
    rf"inform|page){_WHO}|(?:send|give){_WHO} (?:an? )?(?:alert|warning|message|notification|heads?[- ]?up)|"
    r"raise an (?:alarm|alert)|"
    rf"i(?:'d| would)? (?:like|want) to be (?:alerted|notified|warned|told)){_SOON}{ENDING}"
)
EN_PAUSED_END = re.compile(rf"(?:[,;:–-]|→|[=-]>)\s*(?:please |then )*(?:alert|notify|warn|ping|inform){_WHO}{ENDING}")
EN_WEAK = re.compile(
    rf"^\W*{POLITE}(?:(?:tell|message|text|let){_WHO}(?: know)?|(?:i|we)(?:'d| would)? (?:want|need|"
    rf"like) to (?:know|hear)(?: about (?:it|this|that))?){_SOON}\s*{_ONCE}\b"
)
EN_WEAK_END = re.compile(
    r"(?:,|\bthen\b|\s)*\b(?:please |then |just )*(?:tell (?:me|us)|let (?:me|us) know|(?:i|we) (?:want|"
    rf"need) to (?:know|hear)(?: about it)?){_SOON}{ENDING}"
)
EN_IF = re.compile(rf"^\W*{POLITE}(?:{_ONCE})\b")
EN_SET_UP = re.compile(
    rf"^\W*{POLITE}(?:set(?: up)?|create|add|make|configure|put(?: up| in place)?|start|define|build|establish|"
    r"activate|enable|switch on|turn on|i (?:want|need|would like)|i'd like|we (?:want|need)|give me|get me|"
    rf"have|new|install)\s+(?=(?:[^\0]*\s)?{_EN_NOUN}\b)(?:(?:an?|the|another|me|us|up|some|new)\s+)*"
)
EN_WATCH = re.compile(
    rf"^\W*{POLITE}(?:start\s+|begin\s+|continuously\s+|constantly\s+)?(?:watch(?:ing)?|monitor(?:ing)?|"
    r"keep (?:an? |your |a close |one )?(?:close )?eyes? on|keep watch (?:on|over|for)|look(?:ing)? out for|"
    r"watch out for|be on the lookout for|supervise|surveil)\b(?:\s+(?:over|out for))?(?:\s+for\b)?"
)
_ZH_TELL = r"(?<![不别])(?:提醒|通知|预警|告警|报警|警告|警报|告知|知会|喊|@(?=我|大家|团队|群))"
_ZH_WHOM = r"(?P<whom>给?(?:我们|我|大家|团队|群里|本群|大伙)(?:一下|一声|下)?)?"
_ZH_WHEN = (
    r"(?P<when>(?:(?:的)?时候?|的话|之后|以后|后)?(?:[,，、\s]|请|麻烦|帮忙|就|则|都|要|需要|应该|自动|"
    rf"{ZH_AT_ONCE}|务必|记得|得)*)"
)
ZH_STRONG_END = re.compile(
    rf"{_ZH_WHEN}(?:(?:给|向|跟)(?:我们|我|大家|团队|群里|本群))?(?:(?:发(?:送|出|个|一?条|一?个)?|"
    r"推送?(?:一?条)?|触发|来个)(?:消息|通知|提醒|预警|"
    rf"告警|警报|警告)|{_ZH_TELL}){_ZH_WHOM}(?:一下|一声|下)?{ENDING}"
)
ZH_WEAK_END = re.compile(
    rf"(?:(?:的)?时候?|的话|[,，、\s]*(?:请|麻烦)?(?:就|则|{ZH_AT_ONCE}))(?:[,，、\s]|请|"
    rf"麻烦|就|要|{ZH_AT_ONCE})*(?:告诉|通知|叫|"
    rf"call|跟我说|和我说|说){_ZH_WHOM}(?:一下|一声|下)?{ENDING}"
)
ZH_TOLD_END = re.compile(
    rf"[,，、\s]*(?:请|麻烦|就|{ZH_AT_ONCE})*(?:告诉|跟|和)(?:我们|我|大家)(?:说)?(?:一下|一声)?{ENDING}"
)
ZH_STRONG = re.compile(
    rf"^\W*{ZH_POLITE}(?:{_ZH_TELL}(?:我们|我|大家|团队)(?:一下)?)(?:[,，:\s])*(?:如果|一旦|当|要是|若|只要|每当)?"
)
ZH_BARE = re.compile(rf"^\W*{ZH_POLITE}{_ZH_TELL}[,，:\s]*(?:如果|一旦|当|要是|若|只要|每当)?")
ZH_WEAK = re.compile(rf"^\W*{ZH_POLITE}(?:告诉|叫)(?:我们|我)?[,，\s]*(?:如果|一旦|当|要是|若|只要|每当)")
# 一跌破8000就: no number.
ZH_AS_SOON = re.compile(
    r"(?<![\d零一二两三四五六七八九十第周期拜])一(?=跌|降|掉|低于|少于|小于|不到|不足|超|高于|大于|多于|涨|升|突破|过|达到|出现|发现|有)"
)
ZH_IF = re.compile(rf"^\W*{ZH_POLITE}(?:如果|一旦|当|要是|假如|倘若|若|只要|每当|万一|凡是|每次)")
ZH_SET_UP = re.compile(
    rf"^\W*{ZH_POLITE}(?:设置|设定|设立|设|创建|建立|新建|新增|添加|增加|配置|开通|开启|加(?!拿大|州|纳)|建|做|弄|搞|来|"
    r"定)(?:一个|一条|一项|一下|个|条|"
    rf"上)*(?=.*{_ZH_NOUN})(?:新的)?"
)
ZH_WATCH = re.compile(
    rf"^\W*{ZH_POLITE}(?:开始|持续|实时|重点|密切)*(?:监控|监测|监视|盯着|盯住|盯紧|盯一下|盯|留意|看住|"
    r"看着点)(?:一下|着|下|好)?"
)
ZH_WATCH_WEAK = re.compile(rf"^\W*{ZH_POLITE}(?:开始|持续|实时|重点|密切)*(?:关注|看着)(?:一下|着|下)?")
ZH_WATCH_BY = re.compile(
    rf"^\W*{ZH_POLITE}(?:按|分)[^\0,，。]{{1,8}}?(?P<verb>(?:来)?(?:监控|监测|盯着|盯)(?:一下|着)?)"
)
ZH_WATCH_END = re.compile(rf"(?:要|需要|进行|做|给我|帮我)*(?:监控|监测|盯着|盯住|盯)(?:起来|一下|着|住|好)?{ENDING}")
ZH_OBJECT = re.compile(rf"^\W*{ZH_POLITE}(?:对|把|将|给)(?=.*(?:监控|监测|盯|预警))")
LISTING = (
    re.compile(
        rf"^\W*{POLITE}(?:show|list|see|view|display|check|manage|get|give me)?(?: me| us)?(?: all| of| the| my|"
        r" our| your| active| existing| current| every)*\s*(?:alerts|monitors|alarms|alert rules|alert settings|"
        r"notifications)(?: (?:that )?(?:are |is |i |we |you )?(?:have )?(?:set up|set|active|there|have|got|"
        rf"configured|running|on))?{ENDING}"
    ),
    re.compile(
        rf"^\W*{POLITE}(?:which|what|how many) (?:\w+ )?(?:alerts|monitors|alarms|alert rules|notifications|"
        r"warnings)(?: do| are| have| is| did)?(?: we| i| there| you| being)?(?: have| got)?(?: currently|"
        r" now)?(?: been)?(?: set up| set| active| there| configured| defined| running| switched on| turned on|"
        r" on| exist| have| created)?(?: (?:right )?now| here| in this (?:chat|group)| for this (?:chat|"
        rf"group))?{ENDING}"
    ),
    re.compile(
        rf"^\W*{POLITE}(?:what|which (?:figures|metrics|kpis|numbers|things))(?: exactly)? (?:are you|do you|"
        r"is being|are being|are we|do we|is|are|am i)(?: currently| now)? (?:watch|monitor|alert|"
        r"keeping an eye on)(?:ing|ed)?(?: on| us on| me on)?(?: for (?:me|us))?(?: (?:right )?now| here|"
        rf" in this (?:chat|group)| currently)?{ENDING}"
    ),
    re.compile(
        rf"^\W*{POLITE}(?:do|are) (?:i|we|there) (?:have )?any (?:alerts|monitors|alarms)(?: set up| configured|"
        rf" active| set)(?: here)?{ENDING}"
    ),
    re.compile(
        rf"^\W*{ZH_POLITE}(?:查看|看看|看一下|看下|列出|列一下|显示|看)?(?:一下)?(?:我|我们|咱们|这里|本群|"
        r"目前|当前|现在|已经?|都|一共)*(?:设置|设|建立|建|配置|"
        r"创建|添加|加|开)?(?:了|过|的)?(?:有)?(?:哪些|什么|多少个?|几个|几条)(?:指标)?(?:的)?(?:预警|监控|"
        r"告警|报警|提醒)(?:规则|项)?(?:在(?:运行|"
        rf"用))?{ENDING}"
    ),
    re.compile(
        rf"^\W*{ZH_POLITE}(?:查看|看看|看一下|看下|列出|列一下|显示|管理|看)?(?:一下)?(?:我|我们|本群|目前|"
        r"当前|现在|所有|全部|现有|已有|已设置?|的)*(?:预警|监控|"
        rf"告警|报警|提醒)(?:规则|项|指标)?(?:列表|清单|设置|一览|有哪些|都有哪些|有什么|有几个|有多少个?)?{ENDING}"
    ),
    re.compile(
        rf"^\W*{ZH_POLITE}(?:你|你们|现在|目前|当前|我们)*(?:正在|在|都在|都)?(?:监控|盯|监测|关注)(?:着|"
        r"了)?(?:哪些|什么)(?:指标|数据|内容|"
        rf"东西)?{ENDING}"
    ),
    re.compile(
        rf"^\W*{ZH_POLITE}(?:哪些|什么)(?:指标|数据)(?:正在|在|被|已经?)*(?:被)?(?:监控|盯着|监测)(?:中)?{ENDING}"
    ),
)
_EN_ABOUT = r"(?: (?:me|us|this chat|this group))*(?: (?:about|on|of|for|when|if))?"
_EN_BEGIN = rf"^\W*(?:(?:i|we) (?:want to|'d like to|would like to|need to) )?{POLITE}"
EN_REMOVE = re.compile(
    rf"{_EN_BEGIN}(?:stop (?:watching|monitoring|keeping an eye on|(?:alerting|notifying|warning|telling|"
    rf"informing){_EN_ABOUT})|(?:do(?:n't| not)|no longer|never) (?:watch|monitor|alert|notify|"
    rf"warn){_EN_ABOUT}|(?:remove|delete|drop|cancel|stop|end|turn off|switch off|disable|get rid of|kill|"
    r"clear|deactivate|undo|no more|(?:turn|switch)(?=.*\boff\b)))\b"
)
EN_REMOVE_ALONE = re.compile(
    rf"{_EN_BEGIN}(?:stop (?:watching|monitoring|keeping an eye on|alerting|notifying|warning)|(?:do(?:n't|"
    r" not)|no longer) (?:watch|monitor|alert|notify|warn))\b"
)
_ZH_END = rf"(?=(?:一下|掉|了|吧|先|,|\s)*{ENDING})"
_ZH_REMOVING = r"(?:删除|删掉|删了|取消|去掉|移除|停止|停掉|停了|关闭|关掉|关了|撤销|撤掉|终止|删|停|关)(?:掉|了)?"
ZH_REMOVE = re.compile(
    rf"(?:^\W*{ZH_POLITE}(?:{_ZH_REMOVING}|(?:不要|别|不用|不必|无需|不需要)(?:再)?|不再)(?:对|给我|我们|"
    r"我|因为)?(?:再)?)|"
    rf"(?:{_ZH_REMOVING}){_ZH_END}"
)
ZH_REMOVE_ALONE = re.compile(
    rf"^\W*{ZH_POLITE}(?:停止|取消|(?:不要|别|不用|不必|无需)再?|不再)(?:对|给)?(?:监控|监测|盯着?|提醒|通知|预警)"
)
EN_PAUSE = re.compile(rf"{_EN_BEGIN}(?:pause|suspend|mute|silence|hold|put(?=.*\bon hold\b))\b")
EN_RESUME = re.compile(
    rf"{_EN_BEGIN}(?:resume|unpause|unmute|reactivate|restart|re-?enable|turn back on|switch back on|continue|"
    r"(?:turn|switch)(?=.*\b(?:back )?on\b(?: again)?\W*$))\b"
)
_ZH_PAUSING = r"(?:先)?(?:暂停|静音|静默|停一停|停一下|先停)(?:一下|掉)?"
_ZH_RESUMING = r"(?:恢复|重新(?:开启|启用|开始|打开)|取消暂停|解除静音|继续)"
ZH_PAUSE = re.compile(rf"^\W*{ZH_POLITE}{_ZH_PAUSING}|{_ZH_PAUSING}{_ZH_END}")
ZH_RESUME = re.compile(rf"^\W*{ZH_POLITE}{_ZH_RESUMING}|{_ZH_RESUMING}{_ZH_END}")
ORDERED = re.compile(
    r"(?:时候?|就|则|的话|[,，])\s*(?:请|麻烦|马上|立即|及时|自动|要)*(?:给我)?(?:发(?:个|"
    rf"一?条)?)?{_ZH_TELL}{_ZH_WHOM}(?:一下|一声|"
    rf"下)?{ENDING}"
)
NEVER = re.compile(r"(?!)")
MANAGING = (
    ("resume", EN_RESUME, NEVER),
    ("resume", ZH_RESUME, NEVER),
    ("pause", EN_PAUSE, NEVER),
    ("pause", ZH_PAUSE, NEVER),
    ("remove", EN_REMOVE, EN_REMOVE_ALONE),
    ("remove", ZH_REMOVE, ZH_REMOVE_ALONE),
)
CHANGING = (
    re.compile(
        rf"^\W*{POLITE}(?:change|set|adjust|update|edit|modify|move|raise|lower|make|turn|increase|decrease|"
        r"reduce)\b(?! (?:up|an?|another|new)\b)(?=.*(?:\bto\b|\bat\b|\bless\b|\bmore\b|\bonly\b|\bby\b|"
        r"\bcalmer\b|\bsharper\b|\d))"
    ),
    re.compile(
        r"(?:的)?(?:阈值|门槛|线|标准)?(?:改成|改为|改到|调整?到|调整?为|调成|换成|设为|设成|提高到|降低到|"
        r"降到|升到|调高到|调低到)"
    ),
)
TESTING = (
    re.compile(rf"^\W*{POLITE}(?:test|back-?test|try(?: out)?|simulate|check)\b(?: (?:of|out))?"),
    re.compile(
        r"\bhow (?:often|many times) (?:would|did|has|does)\b|\bwould have (?:fired|spoken|gone off|triggered|"
        r"alerted)\b"
    ),
    re.compile(r"(?:回测|测试|试跑|试一下|试试|测一下|试一试)(?:一下)?"),
    re.compile(r"(?:过去|以前|之前)?(?:会|曾|总共|一共)?(?:触发|响|报|报过|触发过)(?:过|了)?(?:多少|几)次"),
)
CALMER = re.compile(
    r"\b(?:(?:a (?:bit|little) |much )?(?:calmer|quieter|less sensitive|less noisy|less nervous|less often|"
    r"more relaxed|milder)|not so (?:often|sensitive|nervous|many)|fewer (?:alerts|alarms|false alarms)|"
    r"(?:too (?:many|noisy|sensitive|nervous|often))(?: alerts| alarms)?|calm (?:it )?down|tone (?:it )?down|"
    r"less)\b|"
    r"(?:更|再|稍微|调得?|变得?|太|别那么|不要那么|没那么|不那么)*(?:不敏感|不要太敏感|迟钝|安静|平静|"
    r"宽松|钝|不频繁)(?:一点|一些|些|点)*|(?:别|不要|没)?(?:这么|那么|"
    r"太)(?:敏感|频繁|吵|多|灵敏)(?:了)?|少(?:报|提醒|响)(?:一点|一些|点|些)?|(?:灵敏度|敏感度)(?:调低|"
    r"降低|低)(?:一点|一些|点|些)?|(?:调低|"
    r"降低)(?:一点)?(?:灵敏度|敏感度)"
)
SHARPER = re.compile(
    r"\b(?:(?:a (?:bit|little) |much )?(?:sharper|more sensitive|stricter|tighter|more often|keener)|"
    r"more (?:alerts|alarms))\b|"
    r"(?:更|再|稍微|调得?|变得?)(?:敏感|灵敏|敏锐|严格|严)(?:一点|一些|些|点)?|(?:敏感|灵敏)(?:一点|一些|"
    r"些|点)|多(?:报|提醒)(?:一点|一些|点|些)|(?:灵敏度|"
    r"敏感度)(?:调高|提高|高)(?:一点|一些|点|些)?|(?:调高|提高)(?:一点)?(?:灵敏度|敏感度)"
)
CORE = re.compile(
    r"\b(?:all )?(?:the |our |my )?(?:(?:core|key|main|most important|important|usual|standard|default|basic|"
    r"central|all) )+(?:kpis?|figures|metrics|numbers|indicators|alerts|monitors)\b|\b(?:the |our |"
    r"my )?(?:kpis|everything|everything important|the business|our business|the shop|the store)\b|(?:所有的?|"
    r"全部的?)?(?:核心|关键|主要|重点|重要|基本|默认|常用)(?:的)?(?:指标|数据|kpi|预警|监控)|(?:所有|全部)"
    r"(?:的)?指标|大盘|kpi"
)
ANYTHING = re.compile(
    r"\b(?:(?:something|anything|things?|any (?:figure|metric|kpi)|some(?: figure| metric)|a (?:figure|metric|"
    r"kpi)) (?:(?:is|are|goes|go|looks?|seems?|gets?|happens?|behaves?|turns?)\s*)?(?:really |seriously |"
    r"out of )?(?:wrong|off|unusual(?:ly)?|odd|strange|abnormal|weird|suspicious|the ordinary|bad|amiss|"
    r"important|happens?)(?: happens?)?|(?:there (?:is|are) )?(?:any|an|a|some)? ?(?:anomal(?:y|ies)|"
    r"problems?|outliers?)(?: (?:occurs?|happens?|appears?|shows? up))?|of anomalies|anomalies)\b|"
    r"(?:任何|哪个|有|某个?|凡是)(?:一个|一项)?指标(?:出现|有|发生)?(?:了)?(?:异常|问题|异动)|^(?=[^\0]*$)"
    r"(?:有|出现|发现|发生)(?:了)?(?:任何|"
    r"什么)?(?:异常|问题|不对劲|不正常|异动|状况)(?:情况|波动)?|(?:有|出现|发现|发生)(?:了)?(?:任何|"
    r"什么)?(?:异常|问题|不对劲|不正常|异动|状况)(?:情况|波动)?"
)
PAST = re.compile(
    r"\b(?:fell|dropped|went|was|were|rose|exceeded|did|had|increased|decreased|declined|grew|surpassed|"
    r"jumped|climbed|last|ago)\b|上个?月|去年|昨天|上周(?!同)|曾经|过(?:吗|没)"
)
SMALL = re.compile(
    rf"\b(?:if|when|whenever|then|ever|again|at any time|{AT_ONCE}|automatically|here|"
    r"value|level|threshold|limit|of|for|in|on|to|from|that|which|are|is|it|them|me|us|like|stays?|remains?|"
    r"there|become|becomes|please|please do|starts?|to be|shows?|behaves?|happens?|movements?|changes in|"
    r"behaviou?r of|all|each|any|day|the|first|time|once|with|at|our|team|know|just|sure|also|sign|closely|"
    r"continuously|constantly|comes|goes|gets|by itself|single|rule|a|an|so that|told|tell|separately|too|"
    r"much|unexpectedly|set|up|has|have|been)\b|"
    r"如果|一旦|某个?|任一|任意|说一声|告诉我|要是|假如|的时候|时候|的话|就|则|请|立即|马上|及时|第一时间|"
    rf"{ZH_AT_ONCE}|[哪某]一?天|任何一天|任意一天|并|都|会|达|指标|的值|数值|时|"
    r"当|对|把|将|给|发|我|我们|了|有|出现|发生|每个|各个|每|各|按|分|"
    r"数据|情况|单独|分别|起来|一下|看|才报|才提醒|才|报|再|只|也|那个|这个|这条|那条|条|个|新的|关于|任何|变化|波动|规则|线|"
    r"阈值|为|上|下|过|被|要|进行"
)


@dataclass(frozen=True)
class Frame:
    """What orders a monitor.

    `weak`: the words may also open a question, and only a condition tells; `bare`: or a figure and nothing besides.
    """

    start: int
    end: int
    weak: bool = False
    bare: bool = False


def framed(sentence: Sentence) -> Frame | None:
    """The words that order a monitor, taken from the sentence."""
    for pattern in (EN_SET_UP, ZH_SET_UP):
        match = sentence.take(pattern)
        if match is not None:
            sentence.take(NOUN)
            sentence.take(EN_IF)
            return Frame(*match.span())
    for pattern, weak in (
        (EN_STRONG, False),
        (EN_WATCH, False),
        (EN_WEAK, True),
        (ZH_STRONG, False),
        (ZH_WATCH, False),
        (ZH_WATCH_WEAK, True),
        (EN_BARE, True),
        (ZH_BARE, True),
    ):
        match = sentence.take(pattern)
        if match is not None:
            sentence.take(ZH_STRONG_END) or sentence.take(ZH_WATCH_END)
            return Frame(*match.span(), weak, bare=pattern is ZH_WATCH_WEAK)
    match = ZH_WATCH_BY.search(sentence.rest)
    if match is not None:
        sentence.drop(*match.span("verb"))
        sentence.take(ZH_STRONG_END)
        return Frame(*match.span("verb"))
    match = sentence.take(ZH_WEAK)
    if match is not None:
        return Frame(*match.span(), weak=True)
    match = sentence.take(EN_PAUSED_END)
    if match is not None:
        sentence.take(EN_IF)
        return Frame(*match.span())
    for pattern, weak in ((EN_STRONG_END, False), (EN_WEAK_END, True)):
        if EN_IF.search(sentence.rest) and (match := sentence.take(pattern)) is not None:
            sentence.take(EN_IF)
            return Frame(*match.span(), weak)
    match = sentence.take(ZH_STRONG_END)
    if match is not None:
        ordered = bool(sentence.take(ZH_IF) or match["whom"] or match["when"])
        sentence.take(ZH_OBJECT)
        return Frame(*match.span(), weak=not ordered)  # 流失预警 is a list's name
    if (ZH_IF.search(sentence.rest) or ANYTHING.search(sentence.rest)) and (
        match := sentence.take(ZH_TOLD_END)
    ) is not None:
        sentence.take(ZH_IF)
        return Frame(*match.span(), weak=True)
    match = sentence.take(ZH_WEAK_END)
    if match is not None:
        sentence.take(ZH_IF)
        return Frame(*match.span(), weak=True)
    match = sentence.take(ZH_WATCH_END)
    if match is not None:
        sentence.take(ZH_OBJECT)
        return Frame(*match.span())
    return None
