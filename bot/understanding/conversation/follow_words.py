"""Frames of follow-ups, in both languages: each is the whole message, but for those of single words."""

from __future__ import annotations

import re

CHART = re.compile(
    r"^\W*(?:(?:please|can you|could you|now|and|ok|also|then|i want|i'd like|let me see|show"
    r"|me|us|give|draw|plot|make|put|turn|change|switch|display|it|that|this|them|as|to|in|into|on|with|a|an|the"
    r"|see|visuali[sz]e)\W+)*"
    r"(?P<what>chart|charts|graph|graphs|plot|picture|diagram|visuali[sz]ation"
    r"|(?P<kind>line|bar|column|pie|area|donut|doughnut|scatter|radar) (?:chart|graph|plot|diagram)s?"
    r"|(?:(?<=\ba )|(?<=\bas )|(?<=\binto )|(?<=\bto ))(?P<bare>line|bar|pie|donut|doughnut)s?"
    r"|table|visuali[sz]e|draw|plot)(?: (?:it|that|this|them|please|form|view|of it"
    r"|of that|of this|instead|now))*\W*$"
    r"|^\W*(?:请|帮我|给我|能不能|可以|用|以|再|把它|把这个|换|改|变|转|弄|要|做|画|出|来|看)*(?:成|为"
    r"|一?[个张份])?(?P<zh>图表"
    r"|图形|(?P<zh_kind>折线|曲线|趋势|走势|线|柱状|柱形|柱|条形|饼|饼状|面积|环形|圆环|散点|雷达)(?:统计)?图?|图"
    r"|可视化|表格|图片)(?:展示|显示|看看|形式"
    r"|表示|画出来|一下)?(?:吧|呢|吗)?\W*$"
)
DRAWN = re.compile(r"\b(?:line|bar)s?\b")
LINES = frozenset({"line", "折线", "曲线", "趋势", "走势", "线"})
BARS = frozenset({"bar", "column", "柱状", "柱形", "柱", "条形"})
UP = re.compile(
    r"ascending|lowest first|smallest first|from low(?:est)? to high|least first|worst first"
    r"|bottom first|升序|从低到高|由低到高|从小到大|由小到大|从少到多|最低的?在前"
)
DOWN = re.compile(
    r"descending|highest first|largest first|biggest first|from high(?:est)? to low|best first"
    r"|降序|从高到低|由高到低|从大到小|由大到小|从多到少|最高的?在前"
)
TURNED = re.compile(r"\brevers(?:e|ed)\b|other way (?:a)?round|upside down|\bflip|反过来|倒过来|倒序|反序|颠倒")
SORTING = re.compile(
    r"^\W*(?:(?:please|now|and|can you|ok|then|sort(?:ed)?|order(?:ed)?|rank(?:ed)?|it|them|that"
    r"|the|list|in|by|order|ascending|descending|lowest|highest|smallest|largest|biggest|least"
    r"|best|worst|bottom"
    r"|first|from|to|low|high|reverse|reversed|other|way|round|around|a|flip|upside|down|instead|value)\W*)+$"
    r"|^\W*(?:请|再|按|改成|换成|改为|把|它们?|排序|排列|排|升序|降序|从低到高|由低到高|从小到大"
    r"|由小到大|从少到多|从高到低|由高到低|从大到小|由大到小|从多到少|反过来|倒过来|倒序|反序"
    r"|颠倒|顺序|一下|来|吧|最低|最高|的|在前|呢|看)+\W*$"
)
WHY = re.compile(
    r"^\W*(?:(?:but|and|so|ok)\W+)*(?:why(?: (?:is|was|are|were|did) (?:that|this|it|they))?(?: so"
    r"| that| happen| them| these| those)?|how come|for what reason)\W*$"
    r"|^\W*(?:那|这|这是|但)?(?:为什么|为何|为啥|怎么回事|什么原因|原因(?:是什么|呢)?)(?:是)?(?:呢"
    r"|啊|呀|会这样|这样|他们|它们|这些)?\W*$|^\W*(?:那|这)?差在(?:哪|什么地方)[里儿]?[呢啊]?\W*$"
)
ALSO = re.compile(
    r"^\W*(?:(?:and|please|ok|can you|could you)\W+)*(?:also|add|plus|include|together with|along with)\b"
    r"|\b(?:as well|too|in addition)\W*$|^\W*(?:再)?(?:加上|加|添加|补上|也(?:要|看|给我)?|同时看"
    r"|一并看)|也(?:要|看看|来一个|加上)\W*$"
)
OFFER = re.compile(
    r"\b(?:offer|recommend|suggest|cross-?sell|sell)\b.*\b(?:them|him|her|these|those|this customer"
    r"|that customer|these customers)\b|\bwhat (?:to|should we|can we) (?:recommend|offer|suggest"
    r"|sell)\b"
    r"|(?:给|向|对)(?:他|她|他们|她们|这些客户?|这个客户|这位客户|这批人?)(?:们)?(?:应该|该|可以"
    r"|能)?(?:推荐|推|卖|推销)|推荐(?:什么|哪些)"
)
EVERYWHERE = re.compile(
    r"^\W*(?:(?:and|now|for|in|of|show|ok|what about|how about)\W+)*(?:all|every|any|everywhere"
    r"|worldwide|the whole store|all of them|not only \w+)(?: (?:the )?(?:countr(?:y|ies)|markets?"
    r"|customers?|of them|places?))?\W*$"
    r"|^\W*(?:please )?(?:remove|drop|lift|clear|without|no|reset|delete|forget) (?:the |all "
    r"|any )?(?:countr(?:y|ies)|filters?|limits?|restrictions?)(?: filters?| limits?)?\W*$"
    r"|^\W*(?:那|看|不限|不分|去掉|取消)*(?:所有|全部|整体|各个?|不限|每个)?(?:的)?(?:国家|市场"
    r"|地区|客户|限制|筛选|条件)(?:都算|都看|限制)?(?:呢)?\W*$"
)
BY_VALUE = re.compile(
    r"\b(?:by|sort(?:ed)? by|order(?:ed)? by|rank(?:ed)? by)\b.*\b(?:value|money|revenue|sales"
    r"|amount|spend|worth)\b|按.*(?:价值|金额|销售额|消费)"
)
BY_CHANCE = re.compile(
    r"\b(?:by|sort(?:ed)? by|order(?:ed)? by|rank(?:ed)? by)\b.*\b(?:probability|risk|likelihood"
    r"|chance)\b|按.*(?:概率|风险|可能性)"
)
NEW = re.compile(
    r"^\W*(?:(?:and|now|but|ok|what about|how about|show)\W+)*(?:only|just|for|of|by|from)?\W*(?:the )?new (?:"
    r"customers|clients|buyers|ones|users)(?: only)?\W*$"
    r"|^\W*(?:那)?(?:只看|只算|只要|仅看|仅|只统计|单看|只)(?:新客户|新客|新用户|新顾客)(?:的|呢)?\W*$"
)
# Of customers who were counted: how many of them came for the first time.
NEW_OF_THEM = re.compile(
    r"^\W*(?:(?:and|so|ok|but)\W+)*how many (?:(?:of )?(?:them|these|those|that)(?: customers| buyers)? )?"
    r"(?:are|were|was) (?P<new>new|(?:returning|repeat))(?: (?:customers|ones|buyers))?\W*$"
    r"|^\W*(?:那)?(?:其中|里面|这里面|这些人?里面?|他们(?:里面?|当中|中))(?:有|的)?(?:多少|几)?(?:个|位|人)?(?:是)?"
    r"(?P<zh>新|老)(?:客户|客|用户|顾客|的)(?:有|占)?(?:多少|几)?(?:个|位|人)?(?:呢)?\W*$"
)
OVERALL = re.compile(
    r"^\W*(?:(?:and|but|so|what about|how about|now)\W+)*(?:overall|in total|altogether|all together"
    r"|in all|total|everything(?: together)?|all of it(?: together)?)\W*$"
    r"|^\W*(?:那)?(?:整体|总体|总共|合计|全部)(?:呢|的呢|来看)?\W*$"
)
ROW = re.compile(
    r"\bthe (?:first|second|third|fourth|fifth|last|top|1st|2nd|3rd) (?:one|product|country|customer)\b"
    r"|第[一二三四五12345]名|第[一二三四五12345]个(?!季|月|周|星期|礼拜|年|半)|排第[一二三]的"
)
ONLY_ROW = re.compile(
    r"^\W*(?:(?:and|now|please|show me|give me)\W+)*(?:only|just) the (?:first|top|1st) (?:one"
    r"|product|country|customer)\W*$|^\W*(?:只看|只要|就看)第[一1](?:名|个)\W*$"
)
MORE_OR_LESS = re.compile(
    r"^(?P<open>\W*(?:那么?)?)比(?P<what>.{1,12}?)(?:[多高好大]了?还是[少低差小]"
    r"|[涨升增]了?还是[跌降减])了?(?P<end>[呢啊吗呀]?\W*)$"
)
ITS = re.compile(r"\bit\b|\bits\b|它")
DEALS = re.compile(r"\bsell|\bsold|\bbuy|\bbought|\bgoes? with|卖|买|搭")
THEY = re.compile(r"\b(?:they|them|their|those|these)\b|他们|她们|这些|那些")
LEAVE = re.compile(
    r"^\W*(?:(?:and|but|so|ok)\W+)*(?:will|are|is|would|do|does|might|could)?\W*(?:they|he|she"
    r"|it|the customer|this customer)?\W*(?:about to |likely to |going to |at )?(?:churn|leave"
    r"|risk|lapse)(?:ing)?(?: soon)?\W*$|^\W*(?:他|她|他们|这个客户|这位客户)?(?:会不会|会|可能"
    r"|快要|快)?(?:流失|走)(?:吗|么|呢|了吗|风险(?:大吗|高吗|如何|呢)?)?\W*$"
)
BUYS = re.compile(
    r"\bwhat (?:do|did|have|are) (?:they|these|those|these customers)\b.*\b(?:buy|bought|buying"
    r"|order|ordered|purchased?)\b|(?:他们|她们|这些客户|这些人)(?:都|最|常|经常|一般)*(?:买"
    r"|购买)(?:了|的)?(?:什么|哪些|最多)"
)
SAME_IN = re.compile(
    r"^\W*(?:(?:and|ok|now)\W+)*(?:(?:the )?same (?:for|in|of|thing for|but for)|make (?:it|that)"
    r"|change (?:it |that )?to) (?:19|20)\d\d\W*$|^\W*(?:换成|改成|改为)(?:19|20)\d\d年?(?:的)?\W*$"
    r"|^\W*(?:19|20)\d\d年(?:的)?(?:同样|一样|同期)(?:的)?(?:呢)?\W*$"
)
MEASURES = (
    ("net_sales_per_customer", re.compile(r"per customer|人均|每客|单客")),
    ("net_sales", re.compile(r"revenue|sales|money|销售额|金额|收入")),
    ("customers", re.compile(r"customers|head ?count|how many|人数|客户数|人头")),
    ("retention", re.compile(r"retention|rate|percent|留存|比例|百分比")),
)
# Said of a share: not the share, but what it is a share of.
NO_SHARE = re.compile(
    r"\b(?:as|in) (?:a |the )?(?:plain |actual |whole )?(?:numbers?|figures?|amounts?|money|pounds)\b|"
    r"\b(?:not|no|without|forget|drop|skip|never mind|instead of|rather than|don't need|do not need)"
    r" (?:as )?(?:the |a |in |any )?(?:shares?|percent(?:age)?s?|proportions?|pct)\b"
    r"|\b(?:in )?absolute (?:terms|numbers?|figures?|values?|amounts?)\b|\b(?:plain|raw|actual|absolute|itself)\b"
    r"|(?:不要|不看|不用|不需要|不给|别|去掉|不是)(?:再|给|看|算)?(?:占比|比例|百分比|份额|比重)(?:了)?"
    r"|绝对(?:值|数|金额)|(?:具体|实际)(?:的)?(?:金额|数字|数值|数)?|直接(?:给|看|要|说|来|报)?(?:我)?"
)
_ALL_EN = (
    r"(?P<all>[\s,;]+(?:(?:and|just|show|give|me|us|the|i|want|rather)\s+)*(?:all|everything|overall|everywhere)\b.*)?"
)
_ALL_ZH = (
    r"(?P<all>[，,。\s]*(?:就|直接|改)?(?:看|要|给我)?(?:全部|整体|总体|大盘|所有)(?:的)?(?:国家|市场|地区)?(?:的)?)?"
)
_BEGIN_EN = r"^\W*(?:(?:ok|okay|and|now|then|please|pls|but|so|can you|could you|let's|actually)\W+)*"
LEFT_OUT = (
    re.compile(
        rf"{_BEGIN_EN}(?:drop|remove|take out|leave out|leave off|lose|skip|ditch|kick out|cut out|cut|throw out"
        r"|exclude|excluding|ignore|without|except|except for|minus|not|no more|forget|forget about)"
        r"\s+(?P<what>[^,;.?!]+?)"
        r"(?:\s+(?:please|pls|then|now|anymore|any more|for now|from (?:it|that|this|them|there|the list)))*"
        rf"{_ALL_EN}\W*$"
    ),
    re.compile(
        rf"{_BEGIN_EN}(?:with )?(?:the )?(?P<what>[^,;.?!]+?)\s+(?:removed"
        rf"|excluded|left out|taken out)(?: please)?{_ALL_EN}\W*$"
    ),
    re.compile(rf"{_BEGIN_EN}(?:leave|take|keep)\s+(?P<what>[^,;.?!]+?)\s+out(?: of it)?{_ALL_EN}\W*$"),
    re.compile(
        r"^\W*(?:那|请|再|先|好的?|嗯|[，,])*(?:去掉|去除|剔除|除去|除掉|拿掉|删掉|排除|不要|不看|不算|不含|不包括"
        r"|别算|别看|"
        rf"除了|扣掉|扣除)(?P<what>[^，,。；;?？]+?)(?:以外|之外|除外|了|吧|先|的|呢)*{_ALL_ZH}\W*$"
    ),
    re.compile(
        r"^\W*(?:那|请|再|先|好的?|嗯|把|将|[，,])*(?P<what>[^，,。；;?？]+?)(?:的)?(?:就|先|都|可以)*(?:不算|不要"
        r"|不看|不含|去掉"
        r"|剔除|除外|排除|不用看|不用算|拿掉|删掉|不计|别算|扣掉|不包括)(?:在内|进去|了|吧|先|的)*"
        rf"{_ALL_ZH}\W*$"
    ),
)
# Of a place's own figure these mean all the others, which "drop" may not.
SURELY_WITHOUT = re.compile(
    rf"{_BEGIN_EN}(?:exclude|excluding|except|without|other than"
    rf"|outside)\b|^\W*(?:那|请|再)*(?:除了|除去|排除|剔除|不含|不包括)"
)
# "What share of gross is that?", of returns.
SHARE_OF_GROSS = re.compile(
    rf"{_BEGIN_EN}(?:what|which|how (?:much|big|large)|as)?(?: (?:is"
    rf"|'s))?\s*(?:a |the )?(?:share|percent(?:age)?|proportion|fraction|%)"
    r" (?:of|a share of)(?: the| our| all)? gross(?: sales)?(?: (?:is|are|was|were) (?:that|it|they|those))?\W*$"
    r"|^\W*(?:那|这)?占(?:退货前(?:的)?(?:总)?销售额|总销售额(?:[(（]退货前[)）])?|毛销售额)(?:的)?(?:比例|百分比|比重|占比|百分之)?(?:是)?(?:多少|几)(?:呢)?\W*$"
)
_LIMIT_ZH = r"(?:限制|限定|筛选|过滤|条件)(?:条件|限制|项|器)?"
# "Now drop the country filter", 去掉德国的限制，看全部: the limit itself goes.
LIFTED = (
    re.compile(
        rf"{_BEGIN_EN}(?:drop|remove|lift|clear|take (?:off|away"
        rf"|out)|get rid of|reset|undo|cancel|ditch|lose|scrap|forget"
        r"(?: about)?|delete|turn off|switch off|without|no)\s+(?:(?:the|that|this|these|those|all|any|my|of)\s+)*"
        r"(?P<what>(?:[^,;.?!]+?\s+)??)(?:filter|limit|limitation|restriction|condition|constraint|exclusion)s?"
        r"(?:\s+(?:on|to|for|of|by)\s+(?:the\s+)?(?P<on>[^,;.?!]+?))?"
        r"(?:\s+(?:please|pls|then|now|again|altogether|completely))*"
        rf"{_ALL_EN}\W*$"
    ),
    re.compile(
        r"^\W*(?:那|请|再|先|现在|好的?|嗯|[，,])*(?:去掉|去除|取消|解除|拿掉|撤掉|撤销|删掉|清除|清空|清掉|放开|移除|不要|不用|不加)"
        rf"(?:了|对)?(?P<what>[^，,。；;?？]*?)(?:的)?{_LIMIT_ZH}(?:了|吧|先|呢)*{_ALL_ZH}\W*$"
    ),
    re.compile(
        r"^\W*(?:那|请|再|先|现在|好的?|嗯|把|将|[，,])*(?P<what>[^，,。；;?？]*?)(?:的)?"
        rf"{_LIMIT_ZH}(?:都|全|全部|也|先|就|给我)*(?:去掉|去除|去了|取消|解除|拿掉|撤掉|撤销|删掉|清除|清空|清掉|放开|移除|不要|不用)"
        rf"(?:了|吧|先)*{_ALL_ZH}\W*$"
    ),
)
# "Rank by revenue instead", 改按销售额排: the same groups in the order of another figure.
RANKED_BY = re.compile(
    rf"{_BEGIN_EN}(?:(?:re-?)?(?:rank|sort|order|list)(?:ed)?(?: (?:it"
    rf"|them|that|these|those|the list))?(?: again)? )?by "
    r"(?P<what>[^,;.?!]+?)(?: (?:instead|then|now|rather|please|pls|this time))*\W*$"
    r"|^\W*(?:那|请|再|就|还是|[，,])*(?:改|换)?(?:成|为|用|一下)?(?:按照?|用|以|依)(?P<zh>[^，,。；;?？]{1,12}?)(?:来|的|重新|再|去)*"
    r"(?:排序|排名|排列|排行|排个?序|排|看)(?:一下|一次|吧|呢|看看|看)*\W*$"
)
# "And net?", of gross sales.
NET_OF_IT = re.compile(
    rf"{_BEGIN_EN}(?:what about |how about |what is |what's |the |it |that |in |as |is )*(?P<kind>net|gross)"
    r"(?: (?:one|figure|number|amount|total|terms|value|then|instead|please|pls))*\W*$"
    r"|^\W*(?:那|换成|改成|再看|看)*(?P<zh>净额|净值|净的|净|毛额|毛的|总额\(毛\))(?:是?多少|呢|的呢)+\W*$"
)
BACK_IN = (
    re.compile(
        rf"{_BEGIN_EN}(?:put|bring|add|take|let|include|count)\s+(?P<what>[^,;.?!]+?)\s+(?:back(?: in)?|in again|again)"
        r"(?:\s+(?:please|pls|then|now))*\W*$"
    ),
    re.compile(
        r"^\W*(?:那|请|再|还是|把|将|[，,])*(?P<what>[^，,。；;?？]+?)(?:还是|再|也|又)*(?:加回来?|放回来?|算回来?"
        r"|算上|算进来|加进来|加上)"
        r"(?:了|吧|去)*\W*$"
    ),
    re.compile(
        r"^\W*(?:那|请|再|还是|[，,])*(?:加回|放回|还是算上|重新加上)(?P<what>[^，,。；;?？]+?)(?:了|吧|的)*\W*$"
    ),
)
# Another number for what was said: of a bound, where no rows were counted.
MADE = re.compile(
    rf"{_BEGIN_EN}(?:make|raise|lower|change|set|put|bump|move|increase|decrease|reduce)\b"
    r"(?: (?:it|that|this|the (?:limit|bar|threshold|number)))?"
    r"(?: up| down)?(?: to)?\b|^\W*(?:那|再|请|就|门槛|标准|线)*(?:改|换|调|提高|降低|提|降|放宽|放低)(?:成|为|到|至)"
)
# "At this point last month?", of a month so far.
SAME_POINT = re.compile(
    rf"{_BEGIN_EN}(?:what about |how about )?(?:(?:at|by|to|up to|until) (?:this|the same|that) (?:point|stage|time"
    r"|day|date)"
    r"|(?:at |by |in |on |for |over )?(?:the )?same (?:days|dates|number of days|point|stage))"
    r"(?: (?:in|of))?(?: the)? (?:last|previous|prior|past) (?P<grain>week|month|quarter|year)\W*$"
    r"|^\W*(?:那么?)?上个?(?P<zh>周|月|季度|年)(?:的)?(?:到)?(?:同样|相同|一样|这个|这)(?:的)?(?:天数|进度|时候"
    r"|时间点)(?:呢|是多少)?\W*$"
)
# "And one more back": the unit stands in what was asked before.
ONE_BACK = re.compile(
    rf"{_BEGIN_EN}(?:go )?(?:one|another)(?: one)?(?: (?:more|further))? (?:back|further back|earlier|before"
    r"|before that)\W*$"
    r"|^\W*(?:那|然后)?(?:再|还要?|更)(?:往|向)?(?:前|早|之前)(?:推|看|数|退|一)?一?个?(?:的|呢|看看)*\W*$"
)
ONE_ON = re.compile(
    r"^\W*(?:那|然后)?(?:后一个?|再?往后一个?|再下一?个?|紧接着的?那?一?个?|次)(?P<unit>月|周|季度|季|年|天|日)(?:的)?(?:呢|看看|怎么样)*\W*$"
)
AGAINST = re.compile(
    rf"{_BEGIN_EN}(?:how (?:does|do|did) (?:that|this|it"
    rf"|they) compare (?:to|with)|compared? (?:it |that |this )?(?:to|with)"
    r"|versus|vs\.?|against|v)\s+"
)
LAST_DAYS = re.compile(
    rf"{_BEGIN_EN}(?:what about |how about |for )?(?:the )?(?:last|past) (?P<n>[1-9]\d{{0,2}})\W*$"
    r"|^\W*(?:那么?|再)?(?:看)?(?:最近|近|过去)(?:的)?(?P<zh>[1-9]\d{0,2})(?:个)?(?:的|呢)*\W*$"
)
# "Only Q4", 只要四季度: without a word of which year.
ONLY_PART = re.compile(
    rf"{_BEGIN_EN}(?:(?:show|give) (?:me |us )?)?(?:only|just)\b|^.{{2,20}}\bonly\W*$"
    r"|^\W*(?:那|再|请)*(?:只|就|仅|单)(?:要|看|给我|想看|算|统计)"
)
DATED = re.compile(
    r"(?:19|20)\d\d|'\d\d|\b(?:this|last|past|next|previous|prior|current|latest|ago|that|same)\b"
    r"|[今去前明]年|本|上|这|最近|近|当前|目前|同"
)
DAYS_BEFORE = re.compile(
    rf"{_BEGIN_EN}(?:what about |how about |for )?(?:the )?(?P<n>[1-9]\d{{0,2}})(?: days)? (?:before|prior to"
    r"|preceding)"
    r" (?:that|those|these|them|it)\W*$"
)
ONLY_NTH = re.compile(
    rf"{_BEGIN_EN}(?:only|just) (?:the )?(?P<n>first|second|third|fourth|fifth|sixth|1st|2nd|3rd|4th|5th|6th|last)"
    r"(?: (?:one|(?P<unit>day|week|month|quarter|year)))?(?: (?:please|pls))?\W*$"
    r"|^\W*(?:那|就)?(?:只|就|仅|单)(?:要|看|给我)(?:第(?P<zh>[一二三四五六1-6])"
    r"|(?P<zh_last>最后一))个?(?P<zh_unit>天|周|月|季度|季|年)?(?:的|吧|呢)*\W*$"
)
# "Make it 8", 改成8周: of a horizon.
ANOTHER_COUNT = re.compile(
    rf"{_BEGIN_EN}(?:(?:make|change|set|extend|stretch|lengthen|shorten|push|bump)(?: (?:it|that"
    r"|this))?(?: out)?(?: to)?"
    r"|what about|how about|rather)?"
    r" ?(?P<n>\d{1,3}|[a-z]{3,6})(?: (?:instead|then|please|pls|rather))*\W*$"
    r"|^\W*(?:那|再|请|就)*(?:(?:改|换|调|拉长|延长|缩短|拉|延|扩大?)(?:成|为|到|至)?|要)(?P<zh>\d{1,3}"
    r"|[二三四五六七八九两])个?(?:吧|呢)*\W*$"
)
# "How about 14911", after another customer.
CODE = re.compile(
    rf"{_BEGIN_EN}(?:(?:what|how) about |(?:the )?same for |for |of |customer )*(?P<code>\d{{4,8}})\W*$"
    r"|^\W*(?:那么?|换成|改成|换|看|再看|客户|用户|顾客)*(?P<zh>\d{4,8})(?:的)?(?:呢|怎么样|如何|也?看看|也?看一下"
    r"|也?看下)?\W*$"
)
# What is left of gross sales once the returns are taken off.
AFTER_RETURNS = re.compile(
    rf"{_BEGIN_EN}(?:thanks?(?: you)?\W+)?(?:and )?(?:(?:how much|what|what's|whats|what is)(?: (?:is|was|are"
    r"|'s))? (?:left|remains?|remaining|left over)"
    r"(?: over)?(?: for us)? |that |it |this )?"
    r"(?:after|net of|minus|less|without|once you (?:subtract|deduct)|(?:subtracting|deducting)) (?:the |those "
    r"|these |all )?(?:returns|refunds)\W*$"
    r"|^\W*(?:那么?|再)?(?:扣掉|扣除|减去|减掉|除去|去掉|刨去|刨除|抛开)(?:了|掉)?(?:这些|那些)?退(?:货|款)(?:额"
    r"|金额)?(?:后|之后|以后)?"
    r"(?:呢|的呢|(?:还)?(?:剩|剩下|余|余下|有|是)?(?:多少)(?:钱)?)?(?:呢)?\W*$"
)
# "And active ones?", after new customers.
ACTIVE = re.compile(
    r"^\W*(?:(?:and|now|but|ok|what about|how about|show)\W+)*(?:the )?active (?:ones|customers|buyers"
    r"|clients)(?: then| instead)?\W*$"
    r"|^\W*(?:那|换成|改成|看)*活跃(?:的|客户|用户|顾客)?(?:有多少)?(?:呢)?\W*$"
)
# "Same comparison for Portugal", 葡萄牙也按刚才那样比一下.
SAME_COMPARISON = re.compile(
    r"\b(?:(?:the |do the )?same comparison|compare (?:it |them |that )?(?:in )?the same way"
    r"|the same compare)(?: but)?\b"
    r"|(?:也)?(?:按|照|像|跟|和)?(?:刚才|刚刚|上面|之前|前面)?(?:那样|一样|同样"
    r"|这样)(?:的)?(?:再)?(?:也)?(?:对?比(?:较)?(?:一?下|一比)?)"
)
# "All countries again": where a place was left out or singled out.
ALL_PLACES = re.compile(
    r"[\s,]*\b(?:(?:for|in|across|of) )?(?:all|every)(?: the| our| of the)? (?:countr(?:y|ies)|markets?)(?: again"
    r"| together| combined)?\b"
    r"|(?:所有|全部|全体)(?:的)?(?:国家|市场)(?:都算|都看|一起|合计)?"
)
# "For any country", 不限国家: a limit is lifted, and the rest of the message says what else is wanted.
ANY = re.compile(
    r"[\s,]*\b(?:(?:for|in|across|of) any|regardless of(?: the)?|irrespective of(?: the)?"
    r"|no matter (?:the|which|what)|whatever the)"
    r" (?P<what>countr(?:y|ies)|markets?|products?|customers?|channels?)\b"
    r"|[，,\s]*(?:不限制?|不分|不区分|不论|无论|不管)(?:哪个|什么|是哪个)?"
    r"(?P<zh>国家|市场|地区|商品|产品|客户|顾客|渠道)(?:了|都行|都可以|都算)?"
)
