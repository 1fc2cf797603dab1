"""Several answers before, taken together: "both months together", "the two side by side", 三个里谁最多, "all four"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from bot.understanding.conversation.recent import Recent
from bot.understanding.foresight.reader import period_of
from bot.understanding.interpret import interpret
from bot.understanding.lexicon import CJK
from bot.understanding.normalise import normalise
from bot.understanding.outcome import Clarify, Outcome, Plan
from bot.understanding.reading.draft import World, days, offer
from tools.answer import ToolCall
from tools.messages import say
from tools.semantic.periods import Grain, Period

LONGEST = 60  # characters of such a message
MOST_CALLS = 4
_NOUN = (
    r"(?: (?:days?|weeks?|months?|quarters?|years?|periods?|times?|countries|markets|places|products|customers|figures"
    r"|numbers|results|of (?:them|these|those)))?"
)
_COUNTED = re.compile(
    r"\b(?:(?P<both>both|the two|these two|those two|the last two)"
    rf"|(?:all|the|these|those|the last) (?P<n>three|four|five)){_NOUN}\b"
    r"|(?:这|那|前面|刚才)?(?P<zh>[两俩三四五2345])(?:个(?:月份?|周|星期|季度|年|天|国家|市场|商品|产品|客户|数字?|时间段?)?"
    r"|周|天|年|国|者|款|家)?(?=$|[里中之都一合加对比放列谁哪的做，,]|总共|一共|分别)"
)
COUNTS = {"three": 3, "four": 4, "five": 5, "两": 2, "二": 2, "俩": 2, "三": 3, "四": 4, "五": 5} | {
    str(n): n for n in (2, 3, 4, 5)
}
_SUM = re.compile(
    r"\b(?:together|combined|in total|altogether|total(?: of)?|sum(?: of)?|added(?: up)?"
    r"|add (?:them|these|those)(?: up)?)\b"
    r"|合计|总计|加起来|加在一起|一共|总共|合起来"
)
_COMPARED = re.compile(
    r"\b(?:compared?|side by side|against (?:each other|one another)|difference|vs)\b"
    r"|对比|比较|比一?比|比一下|放一起|放在一起|差多少"
)
_MOST = re.compile(
    r"\b(?:which|who|what)\b.*\b(?:most|more|highest|best|biggest|least|fewest|lowest|worst|smallest)\b"
    r"|(?:谁|哪个|哪一个|哪家)(?:最|更)?(?:多|高|好|大|少|低|差|小)"
)
_LISTED = re.compile(r"\b(?:as a table|list|listed|in one table|in a table)\b|列个?表|列出来|列一下|做个表|一起看")
# "So did it go up or down", 升了还是降了: against the one before.
_MOVED = re.compile(
    r"^\W*(?:(?:so|and|then|ok|well|but|hm+) )*(?:did (?:it|that|this) (?:go )?(?:up or down|rise or fall"
    r"|grow or shrink|increase or decrease|get (?:better|worse)(?: or (?:better|worse))?)|up or down"
    r"|by how much(?: did (?:it|that|they) (?:grow|rise|fall|drop|change|go up|go down))?"
    r"|how much (?:more|less|higher|lower)(?: is (?:that|it))?|(?:(?:what(?:'s| is) )?the )?(?:difference|change|gap)"
    r"|is (?:that|it) (?:up or down|better or worse|more or less|a rise or a (?:fall|drop)))\W*(?:then|now)?\W*$"
    r"|^\W*(?:那|所以|这|那么|这算|到底|它)*(?:是)?(?:升了?还是[降跌]了?|涨了?还是[跌降]了?|[增上][长升]了?还是下[降滑]了?"
    r"|变好了?还是变[坏差]了?|[差涨升增降跌多少]了?(?:长|加|降|少)?了?多少|多了还是少了|高了还是低了"
    r"|差距(?:有)?(?:多大|多少)?|相差多少|变化(?:有)?多[大少])"
    r"[呢啊吗]?\W*$"
)
# "Which of them sold more?", 谁多: of the last two answers, or of what one answer sets side by side.
_WHICH = re.compile(
    r"^\W*(?:(?:so|and|ok|then) )*(?:which|who)(?: (?:one|country|product|market|customer|month|week))?"
    r"(?: (?:of (?:them|these|those|the two|both)|was it that))?"
    r"(?: (?:had|has|have|is|was|are|were|sold|sells|did|does|made|got|brought in|came out))?(?: the)?"
    r" (?:more|most|higher|highest|bigger|biggest|larger|largest|better|best|lower|lowest|fewer|less|worse)\W*$"
    r"|^\W*(?:那|所以|到底)*(?:是)?(?:谁|哪(?:一)?(?:个|家|边|国|款))(?:国家|商品|产品|市场)?(?:的)?(?:卖得|卖的|做得)?(?:更|最|比较)?"
    r"[多高好大少低差小](?:一些|一点|些|点)?[呢啊]?\W*$"
)
_GAP = re.compile(r"\b(?:difference|gap|how much)\b|差")
_SMALL = re.compile(
    r"\b(?:please|so|and|then|ok|now|can you|could you|show|put|give|me|what|were|was|is|are|the|of|in|for|had|has|have"
    r"|it|them|a|as|by|do|did|just|let's|see|how|about|which|who)\b|把|请|帮我|那|这|给我|一下|的|是|多少|都|呢|吧|吗|做|个|看"
    r"|里|中|之|了|各|分别|放|一起"
)


@dataclass(frozen=True)
class _Gathered:
    """What the last answers were of: times, the latest first, or the values of one dimension, the first asked first."""

    metrics: tuple[str, ...]
    filters: tuple[dict[str, Any], ...]
    periods: tuple[Period, ...]
    dimension: str = ""
    values: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return len(self.values) or len(self.periods)


def gathered(text: str, world: World, recent: Recent) -> Outcome | None:
    """The outcome where the last answers are to be told together; None: the message says nothing of the kind."""
    folded = normalise(text).folded
    if len(folded) > LONGEST or not recent.earlier:
        return None
    if _WHICH.match(folded):
        return _which_of_them(recent, world)
    counted = _COUNTED.search(folded)
    moved = _MOVED.match(folded) is not None
    if not moved and counted is None and not _SUM.search(folded):
        return None
    if counted is not None and CJK.search(folded) and _SMALL.sub("", folded[: counted.start()]).strip(" ，,"):
        return None  # 近两个月: a time of its own
    metrics = () if moved else _only_figures(folded, counted, world, recent.earlier[0])
    if metrics is None:
        return None
    count = 2 if moved else _count(counted)
    if moved and _GAP.search(folded) and _of_times(recent, 2) is None:
        return _which_of_them(recent, world)
    found = _of_times(recent, count) or (None if moved else _of_values(recent, world, count))
    if found is None or found.count < 2 or (count is not None and found.count != count):
        return _which() if counted is not None else None
    return _told(found, metrics or found.metrics, folded, world, compared=moved)


def _which_of_them(recent: Recent, world: World) -> Plan | None:
    """The last answer once more where it sets values side by side, else the last two together."""
    last = recent.earlier[0]
    apart = [
        f for f in last.args.get("filters", ()) if f["dimension"] in last.args.get("by", ()) and len(f["values"]) > 1
    ]
    if last.tool == "metrics" and apart and not last.args.get("top"):
        return Plan((last,))
    found = _of_values(recent, world, 2) or _of_times(recent, 2)
    told = _told(found, found.metrics, "", world, compared=True) if found is not None else None
    return told if isinstance(told, Plan) else None


def _which() -> Clarify:
    return Clarify(say("Which ones do you mean? Write their names or their times."))


def _count(counted: re.Match[str] | None) -> int | None:
    if counted is None:
        return None
    return 2 if counted["both"] else COUNTS[counted["n"] or counted["zh"]]


def _only_figures(folded: str, counted: re.Match[str] | None, world: World, last: ToolCall) -> tuple[str, ...] | None:
    """The figures that are named beside; None where anything else is said."""
    rest = folded if counted is None else f"{folded[: counted.start()]} {folded[counted.end() :]}"
    for pattern in (_SUM, _COMPARED, _MOST, _LISTED):
        rest = pattern.sub(" ", rest)
    spans = world.scene(rest).spans if re.search(r"\w", rest) else []
    others = " ".join(span.text for span in spans if not span.has("metric") and not span.word("filler"))
    if re.search(r"\w", _SMALL.sub(" ", others)):
        return None
    if not any(span.has("metric") for span in spans):
        return ()
    outcome = interpret(rest, world, last)
    return tuple(outcome.calls[0].args.get("metrics", ())) or None if isinstance(outcome, Plan) else None


# --- What was answered ------------------------------------------------------------------------------------------------


def _of_times(recent: Recent, count: int | None) -> _Gathered | None:
    """Times of which the same figures were asked, one after the other, or one against the other."""
    calls = [call for call in recent.earlier if call.args.get("period")]
    if not calls or calls[0].tool != "metrics" or calls[0].args.get("by"):
        return None
    last = calls[0]
    periods: list[Period] = []
    for call in recent.earlier:
        if call.tool != "metrics" or not call.args.get("period") or _kept(call, "period") != _kept(last, "period"):
            break
        for period in (period_of(call.args["period"]), _baseline(call)):
            if period is not None and period not in periods:
                periods.append(period)
        if count is not None and len(periods) >= count:
            break
    if len(periods) < 2:
        return None
    return _Gathered(tuple(last.args["metrics"]), tuple(last.args.get("filters", ())), tuple(periods[:count]))


def _of_values(recent: Recent, world: World, count: int | None) -> _Gathered | None:
    """Values of one dimension of which the same figures were asked, of the same time."""
    calls = [call for call in recent.earlier if call.tool == "metrics"]
    if not calls or not calls[0].args.get("filters"):
        return None
    last = calls[0]
    for limit in last.args["filters"]:
        dimension = str(limit["dimension"])
        if limit.get("op", "in") != "in" or dimension not in world.catalog.dimensions:
            continue
        found: list[str] = []
        for call in recent.earlier:
            own = [f for f in call.args.get("filters", ()) if f["dimension"] == dimension and f.get("op", "in") == "in"]
            if call.tool != "metrics" or len(own) != 1 or _kept(call, dimension) != _kept(last, dimension):
                break
            found = [*(value for value in own[0]["values"] if value not in found), *found]
            if count is not None and len(found) >= count:
                break
        if len(found) > 1:
            others = tuple(f for f in last.args["filters"] if f is not limit)
            period = period_of(last.args["period"])
            return _Gathered(tuple(last.args["metrics"]), others, (period,), dimension, tuple(found))
    return None


def _kept(call: ToolCall, varying: str) -> Any:
    """What must be the same in calls that differ by their period, or by the values of one dimension."""
    args = call.args
    by = [name for name in args.get("by", ()) if name != varying]
    if by or args.get("having") or args.get("share") or args.get("average_per"):
        return object()  # like no other
    filters = [f for f in args.get("filters", ()) if f["dimension"] != varying]
    period = None if varying == "period" else args.get("period")
    return list(args.get("metrics", ())), filters, period, None if varying == "period" else args.get("compare")


def _baseline(call: ToolCall) -> Period | None:
    compare = call.args.get("compare")
    if not compare:
        return None
    period = period_of(call.args["period"])
    if isinstance(compare, str):
        return period.year_ago() if compare == "year_ago" else period.previous()
    return period_of(compare)


# --- What is told of them ---------------------------------------------------------------------------------------------


def _told(
    found: _Gathered, metrics: Sequence[str], folded: str, world: World, *, compared: bool
) -> Plan | Clarify | None:
    args: dict[str, Any] = {"metrics": list(metrics), "filters": [dict(f) for f in found.filters]}
    summed = _SUM.search(folded) is not None and not compared
    if found.values:
        limits = [*args["filters"], {"dimension": found.dimension, "op": "in", "values": list(found.values)}]
        by = {} if summed else {"by": [found.dimension]}
        return Plan((ToolCall("metrics", {**args, "filters": limits, "period": days(found.periods[0]), **by}),))
    periods = sorted(found.periods, key=lambda period: period.start)
    whole, grain = _joined(periods), _grain(periods)
    if summed:
        if whole is not None:
            return Plan((ToolCall("metrics", {**args, "period": days(whole)}),))
        options = tuple(offer({**args, "period": days(period)}, world) for period in periods[:MOST_CALLS])
        return Clarify(say("These times do not join, so I give each by itself. Which one?"), options)
    if len(periods) == 2 and (compared or _COMPARED.search(folded) or _MOST.search(folded)):
        before, now = periods
        return Plan((ToolCall("metrics", {**args, "period": days(now), "compare": days(before)}),))
    if whole is not None and grain is not None:
        return Plan((ToolCall("metrics", {**args, "by": [grain], "period": days(whole)}),))
    calls = tuple(ToolCall("metrics", {**args, "period": days(period)}) for period in periods)
    return Plan(calls) if len(calls) <= MOST_CALLS else None


def _joined(periods: Sequence[Period]) -> Period | None:
    """The one span that periods in their order make; None where days lie between them, or in two of them."""
    for before, after in pairwise(periods):
        if (after.start - before.end).days != 1:
            return None
    return Period(periods[0].start, periods[-1].end)


def _grain(periods: Sequence[Period]) -> Grain | None:
    grains = {period.whole() for period in periods}
    return grains.pop() if len(grains) == 1 else None
