"""Attempts to steer the bot, to reach its database, or to learn who somebody is, however they are written.

Most are told by frames of words. They are looked for in the whole text, so that neither quotes, nor a product's name,
nor a real question before them hides them; and in what the text turns into once letters are joined or decoded.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import unquote

from bot.understanding.normalise import Normalised

_ANY = r"(?:\w+[\s,'-]+){0,4}?"
_RULES = r"(?:instructions?|rules?|prompts?|guidelines?|directives?|restrictions?|constraints?|guardrails?|safeguards?)"
_SECRETS = (
    r"(?:prompts?|instructions?|rules|guidelines|system messages?|configuration|config|source code|code|training data"
    r"|weights|api keys?|tokens?|passwords?|secrets?|developers?|programming|credentials|restrictions|memory)"
)
_PEOPLE = r"(?:customers?|clients?|buyers?|shoppers?|users?|members?|subscribers?|people|accounts?)"
_NUMBERED = rf"(?:{_PEOPLE}(?: (?:no\.?|number|id))? ?#?\d+)"
_TABLES = r"(?:orders?|order_?lines|customers?|products?|users?|sales|accounts?|payments?|employees?|\w+_\w+)"

TAMPERING = re.compile(
    # what the bot goes by is to be set aside
    rf"\b(?:ignor(?:e|ing)|disregard(?:ing)?|forget(?:ting)?|overrid(?:e|ing)|bypass(?:ing)?|circumvent|violate"
    rf"|break|neglect|skip|(?:do not|don'?t|stop|never) (?:follow(?:ing)?|obey(?:ing)?)"
    rf"|pay no attention to|set aside|throw away|discard)\s+{_ANY}{_RULES}\b"
    r"|\b(?:ignore|disregard|forget)\s+(?:all (?:of )?)?(?:the |your |my )?(?:above|everything(?! (?:from|in|but))|"
    r"previous (?:messages?|text|context|conversation)|prior (?:messages?|text|context)|what (?:you were|i|came"
    r"|has been)"
    r"|training|safety|programming)\b"
    rf"|\b(?:change|update|remove|disable|turn off|switch off|drop|delete|rewrite)\s+your\s+(?:\w+\s+)?{_RULES}\b"
    rf"|\b(?:system|hidden|initial|internal|secret|developer)[\s-]?(?:prompts?|messages?|instructions?)\b"
    rf"|\byour (?:\w+ )?{_SECRETS}\b"
    r"|\b(?:repeat|print|show|reveal|output|echo|display|recite|copy|tell me|give me|translate|summari[sz]e)\s+"
    rf"{_ANY}(?:words|text|messages?|everything|all|sentences?|conversation|content)\s+"
    r"(?:above|preceding|before this|verbatim|you were (?:given|told))(?!\s*[£$€\d])"
    rf"|\b(?:repeat|print|show|reveal|output|echo|recite|copy|translate|summari[sz]e"
    rf"|leak)\s+{_ANY}(?:instructions?|prompts?)"
    r"\s+(?:above|preceding|before|verbatim)\b"
    # another part is to be played
    r"|\byou(?: are|'re) (?:now|no longer|henceforth|actually)\b|\bfrom now on,? (?:you|act|answer|respond|behave)\b"
    r"|\b(?:pretend|imagine|suppose|assume)\s+(?:that\s+)?(?:you(?:'re| are)?|to be)\b|\brole[\s-]?play\b"
    r"|\bact (?:as|like) (?:an? |my |the |if )\w+|\bdo anything now\b|\bjail ?break\w*"
    r"|\b(?:developer|debug|god|admin(?:istrator)?|root|maintenance|unrestricted|dan|dev|sudo) mode\b"
    r"|\bwithout (?:any )?(?:restrictions|safety|censorship|guardrails)\b"
    r"|\bi(?: am|'m) (?:your|the) (?:developer|administrator|admin|creator|maker|programmer|sysadmin|system)\b"
    r"|\b(?:grant|give|get) (?:me|us|yourself) (?:\w+ )?(?:admin|root|full|write|owner|superuser"
    r"|unlimited)(?:istrator)?"
    r"(?: access| rights| permissions?| privileges)?\b"
    r"|\bmake me (?:an? |the )?(?:admin|owner|superuser|root)"
    r"|\b(?:escalate|elevate) (?:my )?(?:privileges|rights|permissions)\b"
    r"|\b(?:new|updated|special|important|urgent) (?:system )?(?:instructions?|directives?|prompts?)\b"
    r"|(?:^|[\n;\"'\]\[>.])\s*(?:system|assistant|developer)\s*:|<\|\w+|\[/?inst\]|<</?sys>>|</?(?:system"
    r"|script|user)\b"
    r"|#{2,}\s*(?:system|instruction|new)"
    # the machine is to be reached
    r"|\b(?:shut ?down|reboot|restart|delete|erase|wipe|destroy|hack|corrupt|format)\s+(?:yourself|itself|"
    r"(?:all |the |your |our |every ){0,2}(?:servers?|bot|machine|databases?|db|data|tables?|records?|logs?"
    r"|audit log|disk"
    r"|orders|customers|warehouse))\b"
    r"|\b(?:run|execute|eval(?:uate)?|call)\s+(?:\w+ ){0,3}(?:sql|code|script|shell|command|function|python"
    r"|query below)\b"
    r"|\b(?:os\.system|subprocess|__import__|eval\(|exec\(|import os)|\brm -rf|/etc/passwd|\b(?:curl|wget|chmod"
    r"|sudo)\b"
    r"|\{\{.*\}\}|\$\{|\.\./\.\."
    r"|\benv(?:ironment)?[ _]?var\w*|\bapi[ _-]?keys?\b|\b(?:access|bot|auth|bearer|secret) ?(?:tokens?|keys?)\b"
    r"|\b(?:private keys?|connection strings?|root password|admin password|database password|credentials)\b"
    # SQL
    rf"|\bdrop\s+(?:the\s+)?(?:table|database|schema|index|view)\b|\bselect\s+(?:\*|count\s*\(|sum\s*\(|1\b"
    rf"|all\s+from)"
    rf"|\bselect\s+[\w.]+(?:\s*,\s*[\w.]+)*\s+from\s+{_TABLES}\b|\bdelete\s+from\s+\w+|\btruncate\s+\w+"
    r"|\binsert\s+into\b|\bupdate\s+\w+\s+set\b|\balter\s+table\b|\bcreate\s+(?:table|database|user|role)\b"
    r"|\bunion\s+(?:all\s+)?select\b|\bor\s+'?1'?\s*=\s*'?1|\bor\s+true\b|'\s*(?:or|and)\s*'|;\s*--|/\*"
    r"|\bxp_\w+|\bpragma\s+\w"
    r"|\binformation_schema\b|\bsqlite_master\b|\bpg_\w+|\bduckdb_\w+|\bread_csv\b|\bwhere\s+1\s*=\s*1"
    r"|\bselect\b.*\bwhere\b.*="
    # written so as not to be seen
    r"|\b(?:base ?64|rot ?13|hexadecimal)\b|\b(?:decode|decrypt|decipher)\s+(?:this|that|the|it|and|:)"
    # Chinese
    r"|(?:忽略|无视|忽视|忘记|忘掉|忘了|抛开|抛弃|不要遵守|不用遵守|别遵守|不再遵守|不遵守|违反|绕过|绕开|跳过"
    r"|覆盖|放弃|不要理会|不用理会|别理会"
    r"|不要管|别管|不管|不受|打破|摆脱|停止遵守|不要遵循|不再遵循|不必遵守|无需遵守|不用管)"
    r"[^，。,；;？?！!]{0,12}?(?:规则|指令|指示|提示|设定|命令|规定|准则|守则|约束|限制|要求)(?!的?(?:客户|商品"
    r"|订单))"
    r"|(?:忽略|无视|忘记|忘掉|忘了)(?:掉)?(?:所有|一切)?(?:以上|上面|上述|前面|之前|先前|此前)(?!.{0,6}(?:筛选"
    r"|条件|退货|月|周|年|订单))"
    r"|(?:解除|取消|去掉|关闭|修改|更改|删除)(?:掉)?(?:你的?|对你的|系统的?)\s*(?:所有|一切|全部)?(?:规则|限制"
    r"|约束|指令|设定|安全)"
    r"|(?:系统|初始|内部|隐藏|原始|开发者|预设)\s*(?:的)?\s*(?:提示词?|指令|prompt|设定|消息)|提示词"
    r"|你(?:的|们的)\s*(?:系统|初始|内部|底层|原始)?\s*(?:指令|规则|设定|提示|prompt|源代码|代码|配置|密钥|密码"
    r"|训练数据|开发者|后台|权限|限制|令牌|记忆)"
    r"|(?:重复|复述|输出|打印|逐字|原样|显示|告诉我|翻译)\S{0,6}(?:以上|上面|之前|前面|最开始"
    r"|第一条)(?:的)?\S{0,4}(?:内容|文字|话|指令|消息|对话|文本|提示)"
    r"|你现在(?:就)?是(?!什么|谁|不是|否|怎么|按|用|以|根据)|你不再是|从现在(?:开始|起)[,， ]?你"
    r"|从此(?:以后)?你|假装|扮演|假扮|冒充|充当|假设你是|想象你是|假如你是"
    r"|(?:开发者|管理员|上帝|调试|无限制|超级用户|维护|越狱|root)\s*模式|越狱"
    r"|(?:给我|给予我|赋予我?|授予我?|提升我?的?|获取|获得|开通|我要|打开)\S{0,4}(?:管理员|root|最高|超级|所有"
    r"|系统|写入)(?:的)?权限"
    r"|[把将]我(?:的权限)?(?:设|改|升|提升|变)[为成]?\S{0,3}(?:管理员|超级|root|最高)|我是你的?(?:开发者|管理员"
    r"|主人|创造者|程序员)"
    r"|(?:删除|清空|删掉|销毁|格式化|篡改|清除|删了)\S{0,4}?(?:数据库|数据表|库|所有数据|全部数据|客户表|订单表"
    r"|表|日志|所有记录|所有订单|全部订单|所有客户|订单数据)"
    r"|(?:执行|运行|跑|写|注入)\S{0,6}\s*(?:sql|代码|脚本|命令|shell)|删库|拖库|脱库|注入攻击"
    r"|密钥|令牌|口令|(?:数据库|后台|管理员|系统|服务器)的?密码|环境变量|源代码|配置文件|连接串|api\s*key"
    r"|关(?:机|闭服务器|掉服务器)|重启(?:服务器|系统|机器)|(?:入侵|黑掉|攻击)\S{0,4}(?:系统|网站|服务器|数据库|对手)"
    r"|解码|解密"
)
PERSONAL = re.compile(
    rf"\bwho (?:is|are|was|'s) (?:really |actually )?{_NUMBERED}(?: (?:really|actually|in real life|in reality"
    rf"|in person))"
    rf"|\bwho (?:is|are|'s) (?:really|actually) {_NUMBERED}|\bwho (?:is|hides|stands|sits) behind {_NUMBERED}"
    rf"|\b(?:identity|true identity|real name|full name|real names|full names|surname|last name"
    rf"|first name)s? (?:of|for|behind)\b"
    rf"|\b(?:real|full|first|last|true|legal) names?\b"
    rf"|\bnames? (?:of|for|behind) (?:\w+ ){{0,3}}{_PEOPLE}\b|\bwhat (?:is|was|'s) {_NUMBERED} called\b"
    rf"|\b(?:customer|client|buyer|user|member)s?'?s? (?:real )?names?\b(?! (?:tag|badge|brand))"
    rf"|\bnames,? (?:and |& )?(?:addresses|emails|phones|numbers|contacts)\b"
    rf"|\bwhere (?:does|do|is|did) (?:{_NUMBERED}|he|she|this customer|that customer)\b.*\b(?:lives?|work|home"
    rf"|located)\b"
    r"|\b(?:home|postal|street|billing|delivery|shipping|mailing|residential|exact|ip|mac|e?-?mail) addresse?s?\b"
    r"|\b(?:contact|phone|mobile|cell|cellphone|telephone|whatsapp|wechat|tel|fax) (?:numbers?|nos?\.?|infos?"
    r"|information|details?|lists?|data)\b"
    rf"|\b(?:e-?mails?|phones?|mobiles?|telephones?|addresse?s?|numbers to call|birthdays?|passports?|genders?)"
    rf" (?:of|for|from|belonging to) (?:(?:all|our|the|my|every|each|top|best|new|any|some|these|those|a|\d+)\s+)*"
    rf"{_PEOPLE}\b"
    rf"|\b(?:{_PEOPLE}'s?|{_NUMBERED}(?:'s)?|customer|client|their|his|her) (?:e-?mails?|phones?|mobiles?"
    rf"|addresse?s?|birthdays?|passports?"
    rf"|dates? of birth|credit cards?|bank accounts?|postcodes?|zip codes?)\b(?! (?:channel|campaign|marketing"
    rf"|open|click|rate|consent|opt))"
    r"|\b(?:credit|debit|bank) ?cards? (?:numbers?|details|info)|\bcvv\b|\biban\b|\bbank (?:details|accounts?)"
    r"|\b(?:date|place) of birth|\bdobs?\b|\b(?:social security|ssn|national insurance|tax id|identity card"
    r"|id card|driving licen[cs]e)\b"
    r"|\bpass(?:words?|codes?)\b|\bpii\b"
    r"|\b(?:give|show|list|export|send|reveal|get|download|dump|share|leak|print)\b.{0,30}\bpersonal (?:data"
    r"|details|information|info)\b"
    r"|\b(?:contact|call|dox|stalk) (?:him|her|them) (?:at home|personally)\b|\blinkedin (?:profiles?|accounts?)\b"
    r"|(?:客户|顾客|用户|买家|会员|他|她|他们|她们|收货人)们?的?(?:真实)?(?:联系(?:方式|电话)|邮箱|电子邮箱"
    r"|邮件地址|手机|电话|地址|住址|家庭|姓名|名字|"
    r"身份证|生日(?!礼|券|活动|优惠|特权|福利|月|折|当|营销|关怀)|微信|qq|银行卡|信用卡|密码|个人(?:信息|资料"
    r"|隐私)(?!保护|泄露)|住哪|住在哪(?!个国家|些国家))(?!渠道|营销|打开|活动|购买|下单)"
    r"|(?:真实)(?:姓名|身份|名字)|(?:客户|顾客|用户|会员)(?:编号)?\s*\d+\s*(?:到底|究竟|真实|真正"
    r"|其实)\S{0,3}(?:是谁|是什么人|身份|叫)"
    r"|(?:客户|顾客|用户|会员)(?:编号)?\s*\d+\s*(?:是什么人|姓什么|叫什么|姓甚名谁|住在?哪|家在哪|是男是女)"
    r"|谁是(?:客户|顾客|用户|会员)\s*\d+"
    r"|手机号|身份证|银行卡|信用卡号|家庭住址|家庭地址|住址|联系方式|联系电话|收货地址|微信号|qq号|护照号|车牌"
    r"|社保号|出生日期|人肉"
)
# Signs between letters that are written apart: "i g n o r e", "d.r.o.p".
_APART = re.compile(r"(?<!\w)\w(?:[\W_]{1,3}\w){4,}(?!\w)")
_HAN_APART = re.compile(
    r"(?<=[\u3400-\u9fff])[^\w，。？！,?!；;：:、\n]+(?=[\u3400-\u9fff])|(?<=[\u3400-\u9fff])[_*.·"
    r"|/\\~-]+(?=[\u3400-\u9fff])"
)
_LEET = str.maketrans("013457@$!", "oieastasi")
_LEET_WORD = re.compile(r"(?<!\w)(?=[\w@$!]*[a-z])(?=[\w@$!]*[0-9@$!])[\w@$!]{3,}(?!\w)")
_CODED = re.compile(r"(?<![\w+/])[A-Za-z0-9+/_-]{16,}={0,2}(?![\w+/=])")
_HEX = re.compile(r"(?<![\w])(?:0x)?(?:[0-9a-f]{2}[ :]?){8,}(?!\w)")
_READABLE = re.compile(r"[a-z]{2,} [a-z]{2,}|[\u3400-\u9fff]{4}")


def is_tampering(norm: Normalised) -> bool:
    """Whether a text tries to steer the bot or to reach its database, in plain sight or in disguise."""
    if TAMPERING.search(norm.folded):
        return True
    return any(TAMPERING.search(text) for text in _disguised(norm)) or _is_coded(norm.text)


def is_personal(norm: Normalised) -> bool:
    """Whether personal data are asked for in disguise; in plain sight, the words are spans of the question."""
    return any(PERSONAL.search(text) for text in _disguised(norm))


def personal_spans(folded: str) -> Iterator[tuple[int, int]]:
    """Where a plain, lower-cased text asks for personal data."""
    for match in PERSONAL.finditer(folded):
        yield match.start(), match.end()


def _disguised(norm: Normalised) -> Iterator[str]:
    """What a text may have been before its letters were written apart or as digits."""
    folded = norm.folded
    if _APART.search(folded):
        # Wider gaps stand between words, if there are any; without them the words run together.
        joined = _APART.sub(lambda match: re.sub(r"(?<=\w)[\W_](?=\w)", "", match.group()), folded)
        yield re.sub(r"\s+", " ", joined)
        yield _respaced(re.sub(r"[\W_]+", "", "".join(_APART.findall(folded))))
    if _HAN_APART.search(folded):
        yield _HAN_APART.sub("", folded)
    if _LEET_WORD.search(folded):
        yield _LEET_WORD.sub(lambda match: match.group().translate(_LEET), folded)
    if "%" in folded and re.search(r"(?:%[0-9a-f]{2}){3}", folded):
        yield unquote(folded).lower()


_WORDS = re.compile(
    r"ignore|disregard|forget|previous|prior|instructions?|rules?|system|prompt|your|the|all|drop|table|select|from|"
    r"delete|customers?|orders?|reveal|show|me|pretend|you|are|now|admin|password|e-?mails?|phone|numbers?"
    r"|address(?:es)?|of"
)


def _respaced(run: str) -> str:
    """Letters that ran together, cut into the words that attempts are made of."""
    return " ".join(match.group() for match in _WORDS.finditer(run))


def _is_coded(text: str) -> bool:
    """Whether a word decodes to a sentence: no question needs that."""
    for match in _CODED.finditer(text):
        word = match.group().rstrip("=").replace("-", "+").replace("_", "/")
        try:
            plain = base64.b64decode(word + "=" * (-len(word) % 4), validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            continue
        if plain.isprintable() and _READABLE.search(plain.lower()):
            return True
    for match in _HEX.finditer(text.lower()):
        try:
            plain = bytes.fromhex(re.sub(r"0x|[ :]", "", match.group())).decode("utf-8")
        except (ValueError, UnicodeDecodeError):
            continue
        if plain.isprintable() and _READABLE.search(plain.lower()):
            return True
    return False
