"""Orders for what comes unasked: digests, alerts, incidents."""

from __future__ import annotations

from typing import Any

from bench import _generated_words as w
from bench._generated import Family, Word

TIMES = (
    Word("09:00", ("at 9am", "at 9:00"), ("九点", "9点", "9:00")),
    Word("08:30", ("at 8:30", "at 8:30am"), ("八点半", "8:30", "8点半")),
    Word("18:00", ("at 6pm", "at 18:00"), ("18点", "18:00")),
)
WEEKDAYS = (Word(0, ("Monday",), ("一",)), Word(2, ("Wednesday",), ("三",)), Word(4, ("Friday",), ("五",)))
MONTH_DAYS = (Word(1, ("1st",), ("1号", "1日")), Word(5, ("5th",), ("5号",)), Word(15, ("15th",), ("15日",)))


def _country(m: Any) -> list[dict[str, Any]]:
    return [{"dimension": "country", "values": [m["c"]]}]


DIGESTS = (
    Family("digest daily", "digest",
           ("send me the daily report {t}", "daily digest every day {t} please",
            "I want the KPI summary every day {t}", "post the daily numbers here every day {t}"),
           ("每天{t}发日报", "每天{t}给我推送日报", "以后每天{t}发我一份日报", "订阅日报，每天{t}"),
           lambda m: {"action": "subscribe", "rhythm": "daily", "at": m["t"]}, {"t": TIMES}),
    Family("digest weekly", "digest",
           ("send the weekly report every {d} {t}", "weekly digest on {d}s {t}",
            "I'd like a weekly summary each {d} {t}"),
           ("每周{d}{t}发周报", "每周{d}{t}给我推一份周报", "周报订阅，每周{d}{t}"),
           lambda m: {"action": "subscribe", "rhythm": "weekly", "weekdays": [m["d"]], "at": m["t"]},
           {"t": TIMES, "d": WEEKDAYS}, each=10),
    Family("digest monthly", "digest",
           ("monthly report on the {d} of each month {t}", "send me a monthly digest on the {d} {t}"),
           ("每月{d}{t}发月报", "每个月{d}{t}给我发月报"),
           lambda m: {"action": "subscribe", "rhythm": "monthly", "day": m["d"], "at": m["t"]},
           {"t": TIMES, "d": MONTH_DAYS}, each=6),
    Family("digest of a country", "digest",
           ("daily digest {t}, only {c}", "send me a daily report for {c} {t}"),
           ("每天{t}发{c}的日报", "每天{t}发日报，只看{c}"),
           lambda m: {"action": "subscribe", "rhythm": "daily", "at": m["t"], "filters": _country(m)},
           {"t": TIMES, "c": w.COUNTRIES}, each=6),
    Family("digest now", "digest",
           ("show me the digest", "preview the daily digest", "let me see today's report"),
           ("看一下日报", "预览日报", "今天的日报给我看看"),
           lambda _m: {"action": "preview"}, each=3),
    Family("digest list", "digest",
           ("what digests am I subscribed to?", "list my digest subscriptions", "which reports do I get?"),
           ("我订了哪些日报？", "看看我的日报订阅", "列出我的订阅"),
           lambda _m: {"action": "list"}, each=3),
)  # fmt: skip
LEVELS = (
    Word(200, ("200",), ("200", "两百")),
    Word(500, ("500",), ("500", "五百")),
    Word(1000, ("1,000", "1k"), ("1000", "一千")),
)
MONEY = (Word(10000, ("10,000", "10k"), ("1万", "10000")), Word(50000, ("50,000", "50k"), ("5万", "五万")))
RATES = (Word(0.05, ("5%",), ("5%",)), Word(0.1, ("10%",), ("10%",)), Word(0.025, ("2.5%",), ("2.5%",)))
PARTS = (Word(0.2, ("20%",), ("20%",)), Word(0.3, ("30%",), ("30%", "三成")), Word(0.15, ("15%",), ("15%",)))
MONEYS = tuple(word for word in w.SALES if word.means == "net_sales")
COUNTS = tuple(word for word in w.SALES if word.means in {"orders", "new_customers"})
WATCHED = tuple(word for word in w.SALES if word.means in {"net_sales", "orders", "units", "aov"})


def _add(m: Any, **rest: Any) -> dict[str, Any]:
    return {"action": "add", "metric": m["m"], **rest}


MONITORS = (
    Family("alert below", "monitor",
           ("alert me when daily {m} drops below {x}", "let me know if {m} falls under {x} a day",
            "ping me when daily {m} is below {x}", "notify me if daily {m} goes under {x}"),
           ("日{m}低于{x}时提醒我", "每天{m}跌破{x}就通知我", "{m}少于{x}的时候告诉我", "如果日{m}不到{x}，提醒我"),
           lambda m: _add(m, rule="threshold", direction="down", level=m["x"]), {"m": COUNTS, "x": LEVELS}, each=10),
    Family("alert below money", "monitor",
           ("alert me if daily {m} drops below {x}", "warn me when {m} falls below {x}"),
           ("日{m}低于{x}提醒我", "{m}跌到{x}以下就告诉我"),
           lambda m: _add(m, rule="threshold", direction="down", level=m["x"]), {"m": MONEYS, "x": MONEY}, each=6),
    Family("alert above", "monitor",
           ("alert me when {m} goes above {x}", "tell me if {m} exceeds {x}", "notify me as soon as {m} is over {x}"),
           ("{m}超过{x}时提醒我", "{m}高于{x}就通知我", "{m}大于{x}的话告诉我一声"),
           lambda m: _add(m, rule="threshold", direction="up", level=m["x"]),
           {"m": tuple(r for r in w.RATES if r.means in {"return_rate", "unsubscribe_rate"}), "x": RATES}, each=8),
    Family("alert in a country", "monitor",
           ("alert me when daily {m} in {c} drops below {x}", "notify me if {m} from {c} falls below {x} a day"),
           ("{c}日{m}低于{x}时提醒我", "{c}的{m}每天少于{x}就通知我"),
           lambda m: _add(m, rule="threshold", direction="down", level=m["x"], filters=_country(m)),
           {"m": COUNTS[:1], "x": LEVELS, "c": w.COUNTRIES}),
    Family("alert change", "monitor",
           ("alert me if {m} drops more than {y} week over week", "tell me when {m} falls by over {y} week on week"),
           ("{m}周环比下降超过{y}时提醒我", "{m}周环比跌超{y}就告诉我"),
           lambda m: _add(m, over=7, rule="change", direction="down", share=m["y"]), {"m": WATCHED, "y": PARTS},
           each=8),
    Family("alert unusual", "monitor",
           ("watch {m}", "keep an eye on {m}", "monitor {m} for me", "tell me when {m} looks abnormal"),
           ("监控{m}", "帮我盯着{m}", "{m}异常的时候告诉我", "关注一下{m}，有异常就提醒我"),
           _add, {"m": WATCHED}),
    Family("alert by parts", "monitor",
           ("watch {m} by {d}", "monitor {m} for each {d}"), ("按{d}监控{m}", "监控各{d}的{m}"),
           lambda m: _add(m, by=[m["d"]]), {"m": WATCHED[:3], "d": w.SPLITS[:4]}, each=6),
    Family("alert list", "monitor",
           ("which alerts do I have?", "list my alerts", "what alerts are set up?", "show all monitors"),
           ("有哪些预警？", "列出所有监控", "我设了哪些预警", "看看现有的预警规则"),
           lambda _m: {"action": "list"}, each=4),
)  # fmt: skip
NUMBERS = tuple(Word(n, (str(n),), (str(n),)) for n in (3, 7, 12))
PAST = tuple(word for word in w.TIMES if word.means in (w.OCTOBER, w.THIS_YEAR))
INCIDENTS = (
    Family("incidents open", "incidents",
           ("what's wrong right now?", "any open incidents?", "which incidents are still open?",
            "list open incidents"),
           ("现在有什么异常？", "还有哪些异常没处理？", "未解决的异常有哪些", "列出当前的异常"),
           lambda _m: {"action": "list"}, each=4),
    Family("incidents of a time", "incidents",
           ("which incidents did we have {p}?", "what incidents happened {p}?", "incidents {p}"),
           ("{p}发生过哪些异常？", "{p}出现了什么异常", "{p}有过哪些异常？"),
           lambda m: {"action": "list", "which": "all", "period": m["p"]}, {"p": PAST}, each=6),
    Family("incident acknowledged", "incidents",
           ("acknowledge incident {n}", "ack incident {n}", "I'm on incident {n}"), ("确认异常{n}", "异常{n}我来处理",
                                                                                     "异常{n}已确认"),
           lambda m: {"action": "acknowledge", "incident": m["n"]}, {"n": NUMBERS}, each=5),
    Family("incident shown", "incidents",
           ("show incident {n}", "what is incident {n} about?", "details of incident {n}"), ("看一下异常{n}",
                                                                                             "异常{n}的详情",
                                                                                             "异常{n}是怎么回事？"),
           lambda m: {"action": "show", "incident": m["n"]}, {"n": NUMBERS}, each=6),
    Family("incident snoozed", "incidents",
           ("snooze incident {n} until tomorrow", "remind me about incident {n} tomorrow"), ("异常{n}明天再提醒我",
                                                                                             "异常{n}推迟到明天"),
           lambda m: {"action": "snooze", "incident": m["n"], "until": "tomorrow"}, {"n": NUMBERS}, each=4),
    Family("incident no anomaly", "incidents",
           ("incident {n} is a false alarm", "incident {n} is not an anomaly"), ("异常{n}是误报", "异常{n}不是异常"),
           lambda m: {"action": "not_an_anomaly", "incident": m["n"]}, {"n": NUMBERS}, each=4),
    Family("incident times", "incidents",
           ("how fast do we react to incidents?", "how long does it take us to acknowledge incidents?",
            "mean time to resolve incidents"),
           ("我们处理异常平均要多久？", "异常一般多久才确认", "平均多久解决一个异常？"),
           lambda _m: {"action": "times"}, each=3),
    Family("alerts silenced", "incidents",
           ("mute alerts for {m} until tomorrow", "silence {m} alerts until tomorrow"), ("{m}的预警静音到明天",
                                                                                         "把{m}预警静音到明天"),
           lambda m: {"action": "silence", "metric": m["m"], "until": "tomorrow"}, {"m": WATCHED}, each=6),
    Family("alerts silenced list", "incidents",
           ("which alerts are muted?", "what is silenced at the moment?"), ("哪些预警静音了？", "现在静音了哪些预警"),
           lambda _m: {"action": "silences"}, each=2),
)  # fmt: skip
FAMILIES = (*DIGESTS, *MONITORS, *INCIDENTS)
