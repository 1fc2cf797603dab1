"""The words by which an answer is to be explained, or rows are wanted as a file, in both languages."""

from __future__ import annotations

import re


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split())


THAT = frozenset(
    _listed("""
    that this it these those them they number numbers figure figures result results answer value values total totals
    amount amounts list lists table forecast forecasts prediction predictions chart rows score scores ranking
    segment segments group groups rate data one ones there everything all
""")
)
SMALL = frozenset(
    _listed("""
    please pls plz can could would will you u we and but so ok okay hey just now also then thanks the your its an a
    me us to exactly again for of behind is are was were be been does do did have has 's
""")
)
HOW_WORDS = (
    THAT
    | SMALL
    | frozenset(
        _listed("""
    how get got compute computed calculate calculated work worked working workings out arrive arrived at come came
    coming up with derive derived find reach reached measure measured determine determined count counted define
    defined made where from take taken drawn what's whats what show see give let reveal send print explain sql query
    queries calculation computation formula definition definitions source sources method methodology provenance
    logic used here include includes included cover covers contain contains on based basis right correct sure trust
    in by know that's underlying statement code yourself it's
""")
    )
)
HOW_EN = (
    re.compile(
        r"\bhow (?:did|do|have) (?:you|u)\b.*\b(?:get|got|comput|calculat|work|arriv|come|came|deriv|find|reach"
        r"|measur|determin|count|know)"
    ),
    re.compile(
        r"\bhow (?:is|was|are|were|'s|has|have|did|do)\b.*\b(?:comput|calculat|worked|work|deriv|determin|measur"
        r"|defin|count|arriv|made)"
    ),
    re.compile(r"\bwhere\b.*\b(?:from|get|got|taken|find)\b"),
    re.compile(r"\b(?:based on what|what basis|based on)\b"),
    re.compile(r"\bexplain\b"),
    re.compile(
        r"\bwhat (?:does|did|do|is|are)\b.*\b(?:include|includes|included|count|counted|cover|contain"
        r"|contains)\b"
    ),
    re.compile(
        r"\b(?:is|are) (?:that|this|it|these|those|they|the \w+) (?:right|correct)\b|\bare you sure\b"
        r"|\btrust\b"
    ),
)
# These need no word for what they are of.
HOW_ALONE_EN = re.compile(
    r"\b(?:sql|query|calculation|computation|formula|definition|source|sources|method|methodology|provenance|logic"
    r"|workings?|your work)\b"
)
HOW_ZH = re.compile(
    r"(?:怎么|如何|怎样|咋|怎)(?:样)?(?:计?算|统计|得|推|求|汇总|定义|预测|来的|来)|(?:哪里|哪儿"
    r"|哪)(?:来|取|得)|来源|出处|口径|公式|算法|计算|依据"
    r"|根据什么|基于什么|凭什么|sql|查询语句|解释|(?:包含|包括|含|算)(?:了|上)?(?:哪些|什么|啥)"
    r"|准(?:确|不准)?吗|(?:可靠|对|可信)吗"
)
# "Does that include returns?", 含税吗: its definition tells.
_PART = r"(?:returns|refunds|vat|tax(?:es)?|shipping|postage|delivery(?: costs| fees?)?|discounts|cancell?ations)"
_ZH_PART = r"(?:退货|退款|增值税|税|运费|邮费|折扣|优惠|取消的?订单?)"
INCLUDES = re.compile(
    r"^\W*(?:(?:and|so|but|ok|hm+)\W+)*(?:(?:does|do|did) (?:that|this|it|these|those|they|the (?:number|figure"
    r"|total)s?)"
    rf" (?:already )?(?:include|contain|cover|count) (?:the |any )?{_PART}"
    r"|(?:is|are|was|were) (?:that|this|it|these|those|they|the (?:number|figure|total)s?)(?: already)?"
    r" (?:net of|before|after|before or after|excluding|without|incl(?:uding|\.)?|with or without|with) (?:the "
    rf"|any )?{_PART}"
    rf"|(?:is|are|was|were) (?:the )?{_PART} (?:already )?(?:included|counted|deducted|subtracted|in (?:it|that|this"
    r"|there)|taken out|taken off)"
    r"(?: (?:in|from) (?:it|that|this|those|these))?)\W*$"
    rf"|^\W*(?:那|这个?数?字?|这|它|里面?)*(?P<whether>有没有|是否|是不是)?(?:已经)?不?"
    rf"(?:包含|包括|含|算上|算|扣掉?|扣除|减去|刨去|去掉|剔除)(?:了|过)?{_ZH_PART}(?:的|了|在内)*(?(whether)(?:吗|么"
    r"|呢)?|(?:吗|么|没有|没))\W*$"
)
# "What does that mean?", 这是什么意思，怎么定义的.
MEANS = re.compile(
    r"^\W*(?:(?:and|so|but|ok|hm+|sorry)\W+)*what (?:does|do|is|are) (?:that|this|it|these|those|they|the (?:number"
    r"|figure)s?)"
    r"(?: (?:number|figure|rate|value|one)s?)? (?:mean|stand for|tell (?:me|us)|supposed to mean)(?: exactly"
    r"| precisely)?\W*$"
    r"|^\W*(?:那|但)?(?:这|那|它)?(?:个)?(?:数字?|值|指标|比例)?(?:具体|到底|究竟)?(?:是|指的?是?|代表|说明)?(?:什么"
    r"|啥)意思[呢啊呀]?"
    r"(?:[，,、\s]*(?:是)?(?:怎么|如何|咋)(?:定义|计?算|来)的?)?\W*$"
)
THING = re.compile(r"forecast|predict|segment|score|rate|ranking|group|chart|预测|分群|概率|比例|排名|分数|指标")
ZH_THAT = (
    " ",
    *_listed("""
    上面 上边 刚才 刚刚 前面 以上 前一个 上一个 这个 那个 这些 那些 这 那 该 它们 它 数字 数据
    数值 数 结果 值 金额 名单 列表 表格 表 预测值 预测 结论 指标 答案 排名 分数 概率 比例 图
    明细 他们 她们 你 您 我 的 一下 下 请问 请 麻烦 那么 帮我 给我 告诉我 想知道 能不能 可以 能
    呢 呀 啊 吗 吧 嘛 看看 看一下 看 再 ， , ? ？ 。 . ! ！ 、 …
    """),
)
ZH_HOW_WORDS = (
    *ZH_THAT,
    *_listed("""
    都 又 到底 究竟 具体 分别 是 怎么 如何 怎样 咋 怎 计算 算 统计 得出 得到 得 推算 推 求
    汇总 定义 出来 来 出 到 从 哪里 哪儿 哪 取 来源 出处 口径 公式 算法 方法 方式 逻辑 依据
    根据 基于 凭 过程 什么 啥 在 定 包含 包括 含 了 上 哪些 准确 准不准 准 对 可靠 可信 sql
    语句 查询 显示 展示 发 列出 贴 解释 说明 把 背后 用 怎么样
    """),
)
# "How did you get the net sales": of a figure by its name.
NAMED = (
    re.compile(
        r"^\W*(?:(?:and|so|please|but)\W+)*how (?:did|have) you (?:get|got|compute|calculate|work out"
        r"|derive|find"
        r"|arrive at|come up with)d? (?:the |that |this )?(?P<name>[^?!.]{2,40}?)\W*$"
    ),
    re.compile(
        r"^\W*(?:请问|那|你|刚才的?|上面的?|这个|那个)?(?P<name>[^，,。?？]{2,12}?)(?:这个?数字?"
        r"|刚才)?你?是?(?:怎么|如何|咋)"
        r"(?:算出来|得出来|算出|得出|得来|来)的?\W*$"
    ),
)

KINDS = r"excel|xlsx|xls|csv|spreadsheet|workbook|file"
FILE_WORDS = (
    THAT
    | SMALL
    | frozenset(
        _listed("""
    export download save send give put dump write output convert turn make attach share email e-mail need want
    deliver like i i'd as in into form with excel xlsx xls csv spreadsheet spreadsheets file files sheet workbook
    format document version instead too well my over whole full complete entire details get mail have that's
""")
    )
)
FILE_SIGN_EN = re.compile(rf"\b(?:{KINDS}|files|spreadsheets|export|download)\b")
FILE_SIGN_ZH = re.compile(
    r"excel|xls|csv|导出|下载|文件|附件|电子表|(?:[发传做存转导要]|给我|[个份张])表|(?:名单|清单"
    r"|明细)(?:都)?(?:发|导|传)|(?:发|传|导|存|生成|做成|转成)\S{0,4}表格"
)
ZH_FILE_WORDS = (
    *ZH_THAT,
    *_listed("""
    导出 导 下载 发送 发给我 发我 发 传 给 另存为 保存 存 输出 生成 做成 做 转成 转 整理 弄 要
    打包 成 为 到 个 一个 一份 份 一张 张 出来 出 把 将 用 以 格式 版本 版 形式 excel 也 再 一起 同时 顺便
    xlsx xls csv 电子表格 文件 附件 全部 都 完整 有没有 有 换成 改成 谢谢 好吗 清单 过来
    来
    """),
)
DEED = r"(?:export|download|save|send|give|get|put|dump|write|output|convert|turn|make|attach|share|deliver)"
IT = r"(?:(?:it|that|this|them|those|these|everything|the (?:whole |full )?(?:list|results?|table|data|rows))\s+)?"
AFTER = (
    re.compile(
        rf"[\s,;.:?(\-–]+(?:(?:and|then|please|also|pls)[,\s]+)*(?:{DEED}\s+(?:me\s+)?{IT}(?:to me\s+)?)?"
        rf"(?:as|in|into|to)\s+(?:an?\s+)?(?P<kind>{KINDS})(?:[\s-]+(?:file|sheet|format|document|workbook))?\)?"
        r"(?:\s+(?:please|pls|thanks|for me))?\W*$"
    ),
    re.compile(rf"[,;.:?(\-–]+\s*(?:an?\s+)?(?P<kind>{KINDS})(?:\s+file)?\)?(?:\s+(?:please|pls|thanks))?\W*$"),
    re.compile(rf"[\s,;.?]+and\s+(?:then\s+)?(?:please\s+)?(?P<kind>export|download)\s+{IT}\W*$"),
    re.compile(
        r"[，,。；;、:?\s]*(?:请|并且|并|然后|再|顺便|帮我|麻烦|要|用|以|都|\s)*+"
        r"(?P<kind>(?:导出|下载)(?:成|为|到|一下|来|给我|一份|\s)*+(?:excel|xlsx|csv|电子表格|表格|文件|附件)?"
        r"|(?:发|传|给|存|保存|输出|生成|做|转|整理)(?:成|为|个|一个|一份|份|一张|张|给我|我|到|\s)*+(?:excel"
        r"|xlsx|csv|电子表格|表格|文件|附件|表)"
        r"|(?:的)?(?:excel|xlsx|csv))(?:文件|表格|格式|版本?|表|形式)?(?:发给我|给我|发我|导出)?(?:吧"
        r"|呢|谢谢|一下)?\W*$"
    ),
)
BEFORE = (
    re.compile(
        r"^\W*(?:(?:please|can you|could you|pls|i want to|i'd like to)[,\s]+)*(?P<kind>export|download)\s+(?:me\s+)?"
        r"(?:(?:an?|the)\s+(?:(?:excel|csv)\s+)?(?:list|table|file)\s+(?:of|with)\s+)?"
    ),
    re.compile(
        r"^\W*(?:(?:please|can you|could you|pls|i want|i need|i'd like)[,\s]+)*(?:(?:give|send|make"
        r"|get|create|generate|"
        rf"prepare)\s+(?:me\s+|us\s+)?)?(?:an?|the)\s+(?P<kind>{KINDS})(?:\s+(?:file|sheet|list|export))?\s+"
        r"(?:of|with|for|listing)\s+"
    ),
    re.compile(
        r"^\W*(?:请|麻烦|帮我|给我|能不能|可以|把|将)*+(?P<kind>(?:导出|下载)(?:一下|一份|出)?"
        r"|用\s*(?:excel|csv|xlsx|文件)(?:表格|格式|文件)?(?:的?形式)?(?:导出|列出|发给我|发我|给我|输出)?)"
    ),
)
