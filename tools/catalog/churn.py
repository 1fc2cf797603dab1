"""The tool `churn`: who is leaving, how sure, why, what it costs, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from tools.answer import Answer, Cell, Chart, Column, Fact, FollowUp, Provenance, Table, ToolCall
from tools.customers.contacts import CONTACTS, contacts
from tools.customers.histories import Histories
from tools.customers.rules import In, Rule, leaves
from tools.customers.segments.selection import Selection
from tools.messages import Label, Message, Quantity, Value, say, say_n
from tools.semantic.periods import Period
from tools.tool import Args, Context, Cue, Example, Tool
from tools.warehouse.profile import time_range

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tools.customers.churn.record import Judged, Scoreboard
    from tools.customers.churn.scores import ChurnScores
    from tools.stats.classification import Quality

NAME = "churn"
MOST_IN_FILE = 50_000
WHOLE_FROM = 1000


class ChurnArgs(Args):
    """Whose risk, over which horizon, shown how."""

    show: Literal["list", "summary", "scoreboard"] = Field(
        "list",
        description="list: who; summary: counts and money by risk; scoreboard: predictions against what came.",
    )
    horizon_days: int = Field(90, ge=7, le=365, description="Leaving means no order in so many days.")
    rule: Rule | None = Field(None, description="Only these customers.")
    min_probability: float | None = Field(None, ge=0, le=1, description="Only those at least so likely to leave.")
    top: int = Field(20, ge=1, le=1000)
    order_by: Literal["probability", "value_at_risk"] = "probability"


@dataclass(frozen=True)
class _Request:
    """The checked call, the scores, and which customers are meant: places in the scores' arrays."""

    context: Context
    args: ChurnArgs
    scores: ChurnScores
    matched: NDArray[np.intp]  # by the rule, also those who have lapsed
    with_lapsed: bool

    @property
    def currency(self) -> str:
        return self.context.warehouse.settings().currency

    @property
    def horizon(self) -> Quantity:
        return Quantity(self.args.horizon_days, "days")

    @property
    def period(self) -> Period:
        day = self.scores.day
        return Period(day + timedelta(days=1), day + timedelta(days=self.args.horizon_days))

    @property
    def threshold(self) -> float:
        """From which probability on a customer counts as at risk."""
        from tools.customers.churn.scores import HIGH_RISK

        return HIGH_RISK if self.args.min_probability is None else self.args.min_probability

    @cached_property
    def places(self) -> NDArray[np.intp]:
        """Whom the answer is about."""
        return self.matched if self.with_lapsed else self.matched[~self.scores.lapsed[self.matched]]

    @property
    def lapsed(self) -> int:
        return int(self.scores.lapsed[self.matched].sum())

    def money(self, places: NDArray[np.intp]) -> float:
        return float(self.scores.value_at_risk[places].sum())

    def quantity(self, value: float) -> Quantity:
        return Quantity(value, self.currency)


def run(context: Context, args: ChurnArgs) -> Answer:
    """Answers, and keeps this month's predictions. Raises NotEnoughData, InvalidArgument, MissingTable."""
    import numpy as np

    from tools.customers.churn.record import keep_predictions, scoreboard
    from tools.customers.churn.scores import churn_scores

    selection = Selection(context)
    if args.rule is not None:
        selection.check(args.rule)
    scores = churn_scores(context, args.horizon_days)
    keep_predictions(context, args.horizon_days, scores)
    if args.show == "scoreboard":
        return _scoreboard(context, args, scores, scoreboard(context, args.horizon_days))
    if args.rule is None:
        matched = np.arange(len(scores.customer_ids))
    else:
        ids = selection.ids(args.rule)
        matched = np.array([at for at, customer in enumerate(scores.customer_ids) if customer in ids], dtype=np.intp)
    request = _Request(context, args, scores, matched, with_lapsed=_asks_for_lapsed(args.rule))
    return _summary(request) if args.show == "summary" else _list(request)


def _asks_for_lapsed(rule: Rule | None) -> bool:
    """Whether the rule itself names the lapsed: then they are not left out."""
    return rule is not None and any(
        isinstance(leaf, In) and leaf.scheme == "lifecycle" and "lapsed" in leaf.groups for leaf in leaves(rule)
    )


# --- who --------------------------------------------------------------------------------------------------------------


def _list(request: _Request) -> Answer:
    import numpy as np

    args, scores = request.args, request.scores
    places = request.places
    if args.min_probability is not None:
        places = places[scores.probability[places] >= args.min_probability]
    ids = np.array(scores.customer_ids, dtype=np.str_)[places]
    by_risk, by_value = -scores.probability[places], -scores.value_at_risk[places]
    keys = (ids, by_value, by_risk) if args.order_by == "probability" else (ids, by_risk, by_value)
    places = places[np.lexsort(keys)]
    shown = places[: args.top]
    at_risk = _at_risk(request)
    columns, rows = _rows(request, places[:MOST_IN_FILE])
    return Answer(
        headline=_headline(request, places),
        lines=_lines(request, places, shown),
        facts=(
            Fact("customers", len(at_risk), "count", request.period),
            Fact("value_at_risk", request.money(at_risk), request.currency, request.period),
            *_shown_facts(request, shown),
            *_probability_of_one(request),
            Fact("customers_not_lapsed", len(request.matched) - request.lapsed, "count"),
            Fact("customers_lapsed", request.lapsed, "count"),
            *_quality_facts(scores.trial, {}),
        ),
        table=Table(columns, rows[: args.top], len(places)) if rows else None,
        whole=Table(columns, rows, len(places)) if len(rows) > args.top else None,
        file_name="churn.csv",
        follow_ups=_follow_ups(args),
        caveats=_caveats(request),
        provenance=_provenance(request),
    )


def _headline(request: _Request, places: NDArray[np.intp]) -> Message:
    everybody = len(request.places)
    if not len(request.matched):
        return say("No customers match, so nobody can be said to be leaving.")
    if not everybody:
        return say("All of these customers have lapsed already.")
    if not len(places):
        return say(
            "None of {all} customers has a probability of {threshold} or more to place no order in the next {horizon}.",
            all=Quantity(everybody),
            threshold=Quantity(request.threshold, "ratio"),
            horizon=request.horizon,
        )
    at_risk = _at_risk(request)
    values: dict[str, Value] = {
        "all": Quantity(everybody),
        "horizon": request.horizon,
        "threshold": Quantity(request.threshold, "ratio"),
        "value": request.quantity(request.money(at_risk)),
    }
    if everybody == 1:
        return say(
            "The probability of no order in the next {horizon} is {probability}; {value} is at stake.",
            horizon=request.horizon,
            probability=Quantity(float(request.scores.probability[places[0]]), "ratio"),
            value=request.quantity(request.money(places)),
        )
    if request.args.min_probability is not None:
        return say_n(
            "{count} of {all} customers has a probability of {threshold} or more to place no order in the next "
            "{horizon}; {value} is at stake.",
            "{count} of {all} customers have a probability of {threshold} or more to place no order in the next "
            "{horizon}; {value} is at stake with them.",
            len(at_risk),
            **values,
        )
    if not len(at_risk):
        return say("None of {all} customers is at high risk of placing no order in the next {horizon}.", **values)
    return say_n(
        "{count} of {all} customers is at high risk of placing no order in the next {horizon}; {value} is at stake.",
        "{count} of {all} customers are at high risk of placing no order in the next {horizon}; {value} is at stake "
        "with them.",
        len(at_risk),
        **values,
    )


def _at_risk(request: _Request) -> NDArray[np.intp]:
    """Those whom the answer is about, from the probability on that was asked for, or of high risk."""
    return request.places[request.scores.probability[request.places] >= request.threshold]


def _lines(request: _Request, places: NDArray[np.intp], shown: NDArray[np.intp]) -> tuple[Message, ...]:
    if not len(request.places):
        return ()
    found: list[Message] = []
    if len(request.places) > 1 and len(places):
        found.append(_listed(request, places, shown))
    if request.args.min_probability is None and len(request.places) > 1:
        found.append(
            say("High risk is a probability of {threshold} or more.", threshold=Quantity(request.threshold, "ratio"))
        )
    return (*found, *_left_out(request))


def _listed(request: _Request, places: NDArray[np.intp], shown: NDArray[np.intp]) -> Message:
    """What the list is, and what it holds."""
    by_value = request.args.order_by == "value_at_risk"
    value = request.quantity(request.money(shown))
    if len(shown) == len(places):
        if by_value:
            return say_n(
                "{count} is listed by value at risk: {value} is at stake.",
                "All {count} are listed by value at risk: {value} is at stake with them.",
                len(shown),
                value=value,
            )
        return say_n(
            "{count} is listed by probability: {value} is at stake.",
            "All {count} are listed by probability: {value} is at stake with them.",
            len(shown),
            value=value,
        )
    if by_value:
        return say_n(
            "Listed is the one with the most at stake: {value}.",
            "Listed are the {count} with the most at stake: {value} in all.",
            len(shown),
            value=value,
        )
    return say_n(
        "Listed is the likeliest to leave: {value} is at stake.",
        "Listed are the {count} likeliest to leave: {value} is at stake with them.",
        len(shown),
        value=value,
    )


def _left_out(request: _Request) -> tuple[Message, ...]:
    if not request.lapsed or request.with_lapsed:
        return ()
    return (
        say_n(
            "{count} more customer has lapsed already and is not counted.",
            "{count} more customers have lapsed already and are not counted.",
            request.lapsed,
        ),
    )


def _shown_facts(request: _Request, shown: NDArray[np.intp]) -> tuple[Fact, ...]:
    """What the list itself holds."""
    return (
        Fact("customers_listed", len(shown), "count", request.period),
        Fact("value_at_risk_listed", request.money(shown), request.currency, request.period),
    )


def _probability_of_one(request: _Request) -> tuple[Fact, ...]:
    if len(request.places) != 1:
        return ()
    (at,) = request.places.tolist()
    where = {"customer": request.scores.customer_ids[at]}
    return (Fact("churn_probability", float(request.scores.probability[at]), "ratio", request.period, where),)


def _rows(request: _Request, places: NDArray[np.intp]) -> tuple[tuple[Column, ...], tuple[tuple[Cell, ...], ...]]:
    from tools.customers.churn.actions import actions

    scores = request.scores
    people = contacts(request.context, {scores.customer_ids[at] for at in places})
    named = [name for name in CONTACTS if any(person.get(name) for person in people.values())]
    columns = (
        Column("customer_id", Label("Customer", "客户")),
        Column("probability", Label("Risk", "流失概率"), unit="ratio", good="down"),
        Column("value_at_risk", say("Value at risk"), unit=request.currency, good="down"),
        # What a phone has no room for gives way to what to do; it is in the file.
        Column("days_since_last_order", say("Days since last order"), unit="days", spare=True),
        Column("usual_gap", say("Usual days between orders"), unit="days", spare=True),
        Column("net_sales_365", say("Net sales in the last 365 days"), unit=request.currency, spare=True),
        Column("step", say("What to do"), labels={action.step: action.short for action in actions()}),
        Column("reason", say("Main reason")),
        Column("action", say("What to do, in full"), labels={action.id: action.label for action in actions()}),
        *(Column(name, CONTACTS[name], personal=True) for name in named),
    )
    rows: list[tuple[Cell, ...]] = []
    year = scores.snapshot["sales_365"]
    # An expectation of thousands is not known to the cent, and a phone has no room for cents.
    digits = 0 if len(places) and float(scores.value_at_risk[places].max()) >= WHOLE_FROM else 2
    for at in places.tolist():
        risk = scores.at(at)
        person = people.get(risk.customer_id, {})
        action = scores.action(at)
        rows.append(
            (
                risk.customer_id,
                risk.probability,
                round(risk.value_at_risk, digits),
                risk.days_since_last,
                risk.usual_gap_days,
                float(year[at]),
                action.step,
                risk.reasons[0] if risk.reasons else None,
                action.id,
                *(person.get(name) for name in named),
            )
        )
    return columns, tuple(rows)


# --- how many, and how much -------------------------------------------------------------------------------------------


def _summary(request: _Request) -> Answer:

    from tools.customers.churn.scores import HIGH_RISK, MEDIUM_RISK, RISK_LABELS

    scores, places = request.scores, request.places
    p = scores.probability[places]
    parts: dict[str, NDArray[np.intp]] = {
        "high": places[p >= HIGH_RISK],
        "medium": places[(p >= MEDIUM_RISK) & (p < HIGH_RISK)],
        "low": places[p < MEDIUM_RISK],
    }
    total, money = len(places), request.money(places)
    facts: list[Fact] = []
    rows: list[tuple[Cell, ...]] = []
    for band, part in parts.items():
        share = len(part) / total if total else None
        at_stake = request.money(part)
        where = {"risk": band}
        facts += [
            Fact("customers", len(part), "count", request.period, where),
            Fact("share", share, "ratio", request.period, where),
            Fact("value_at_risk", at_stake, request.currency, request.period, where),
        ]
        rows.append((band, len(part), share, at_stake, at_stake / money if money else None))
    columns = (
        Column("risk", Label("Risk", "风险"), labels=RISK_LABELS),
        Column("customers", say("Customers"), unit="count", good="down"),
        Column("share", say("Share"), unit="ratio"),
        Column("value_at_risk", say("Value at risk"), unit=request.currency, good="down"),
        Column("share_of_value", say("Share of value at risk"), unit="ratio", spare=True),
    )
    expected = float(p.sum())
    headline = say(
        "Of {all} customers, {count} are at high risk of placing no order in the next {horizon}; {value} is at stake "
        "with them.",
        all=Quantity(total),
        count=Quantity(len(parts["high"])),
        horizon=request.horizon,
        value=request.quantity(request.money(parts["high"])),
    )
    if not total:
        headline = _headline(request, places)
    return Answer(
        headline=headline,
        lines=(
            *(
                (
                    say(
                        "To be expected: {expected} of them place no order, and {value} is at stake in all. High risk "
                        "is a probability of {high} or more, medium {medium} or more.",
                        expected=Quantity(round(expected)),
                        value=request.quantity(money),
                        high=Quantity(HIGH_RISK, "ratio"),
                        medium=Quantity(MEDIUM_RISK, "ratio"),
                    ),
                )
                if total
                else ()
            ),
            *_left_out(request),
        ),
        facts=(
            *facts,
            Fact("customers_not_lapsed", len(request.matched) - request.lapsed, "count"),
            Fact("customers_lapsed", request.lapsed, "count"),
            Fact("expected_to_leave", expected, "number", request.period),
            Fact("value_at_risk", money, request.currency, request.period),
            *_quality_facts(scores.trial, {}),
        ),
        table=Table(columns, tuple(rows), len(rows)) if total else None,
        chart=Chart("bar", say("Customers by risk of leaving"), "risk", ("customers",)) if total else None,
        file_name="churn_summary.csv",
        follow_ups=_follow_ups(request.args),
        caveats=_caveats(request),
        provenance=_provenance(request),
    )


# --- predictions against what came ------------------------------------------------------------------------------------


def _scoreboard(context: Context, args: ChurnArgs, scores: ChurnScores, board: Scoreboard) -> Answer:
    newest = board.rounds[0]
    q = newest.quality
    horizon = Quantity(args.horizon_days, "days")
    what: dict[str, Value] = {"day": newest.made_on, "horizon": horizon, "auc": Quantity(q.auc, "score")}
    if board.kept:
        headline = say(
            "The predictions of {day} came out with an AUC of {auc} over the {horizon} that followed.", **what
        )
    else:
        headline = say(
            "Backtest: predictions as of {day} would have come out with an AUC of {auc} over the {horizon} that "
            "followed.",
            **what,
        )
    columns = (
        Column("decile", say("Tenth by prediction")),
        Column("customers", say("Customers"), unit="count"),
        Column("predicted", say("Predicted to leave"), unit="ratio"),
        Column("actual", say("Left"), unit="ratio"),
    )
    rows = tuple((str(n), one.count, one.predicted, one.actual) for n, one in enumerate(q.bins, start=1))
    return Answer(
        headline=headline,
        lines=(
            say(
                "{predicted} of {customers} customers were expected to leave; {actual} did. Brier score {brier}, mean "
                "calibration error {error}.",
                predicted=Quantity(round(sum(one.count * one.predicted for one in q.bins))),
                customers=Quantity(q.count),
                actual=Quantity(round(q.share * q.count)),
                brier=Quantity(q.brier, "score"),
                error=Quantity(q.calibration_error, "points"),
            ),
            say(
                "In the tenth with the highest predictions, leaving was {lift} as frequent as among all.",
                lift=Quantity(q.lift, "factor"),
            ),
            *(_earlier(one) for one in board.rounds[1:]),
        ),
        facts=(
            *_quality_facts(q, {}),
            Fact("customers", q.count, "count"),
            Fact("predicted_to_leave", sum(one.count * one.predicted for one in q.bins), "number"),
            Fact("left", round(q.share * q.count), "count"),
            *(
                fact
                for one in board.rounds[1:]
                for fact in _quality_facts(one.quality, {"month": f"{one.made_on:%Y-%m}"})
            ),
        ),
        table=Table(columns, rows, len(rows)),
        chart=Chart("line", say("Predicted to leave and left, by tenth"), "decile", ("predicted", "actual")),
        file_name="churn_scoreboard.csv",
        follow_ups=_follow_ups(args),
        caveats=()
        if board.kept
        else (
            say(
                "No kept predictions have come to the end of their {horizon} yet, so this is a backtest: computed now, "
                "from what was known on {day}.",
                horizon=horizon,
                day=newest.made_on,
            ),
        ),
        provenance=Provenance(
            definition=(
                say(
                    "Customers who had not lapsed by {day}; those without an order in the {horizon} that followed have "
                    "left.",
                    day=newest.made_on,
                    horizon=horizon,
                ),
                say("Predictions are kept once a month, the first of the month as it was made."),
                say(
                    "AUC: the chance that one who left had a higher prediction than one who stayed. Brier score: mean "
                    "squared error. Calibration error: mean distance of predicted and actual shares, by tenth."
                ),
            ),
            period=Period(newest.made_on + timedelta(days=1), newest.made_on + timedelta(days=args.horizon_days)),
            sql=(scores.sql,),
            tables=("order_lines",),
            as_of=_as_of(context),
        ),
    )


def _earlier(one: Judged) -> Message:
    return say(
        "{day}: AUC {auc}, Brier score {brier}, calibration error {error}.",
        day=one.made_on,
        auc=Quantity(one.quality.auc, "score"),
        brier=Quantity(one.quality.brier, "score"),
        error=Quantity(one.quality.calibration_error, "points"),
    )


def _quality_facts(q: Quality, where: Mapping[str, str]) -> tuple[Fact, ...]:
    return (
        Fact("auc", q.auc, "score", where=where),
        Fact("brier", q.brier, "score", where=where),
        Fact("calibration_error", q.calibration_error, "points", where=where),
        Fact("lift", q.lift, "factor", where=where),
    )


# --- around the answer ------------------------------------------------------------------------------------------------


def _caveats(request: _Request) -> tuple[Message, ...]:
    scores = request.scores
    found: list[Message] = []
    q = scores.trial
    if len(request.places):
        found.append(
            say(
                "On the last backtest ({day}) the probabilities were off by {error} on average, with an AUC of {auc}.",
                day=scores.trial_day,
                error=Quantity(q.calibration_error, "points"),
                auc=Quantity(q.auc, "score"),
            )
        )
    if scores.day != request.context.today:
        found.append(
            say(
                "The last sale was on {day}: the {horizon} are counted from there.",
                day=scores.day,
                horizon=request.horizon,
            )
        )
    if len(request.places) > MOST_IN_FILE:
        found.append(say("The file holds the first {shown} customers.", shown=Quantity(MOST_IN_FILE)))
    return tuple(found)


def _provenance(request: _Request) -> Provenance:
    context, args = request.context, request.args
    filters: list[Message] = []
    if args.rule is not None:
        filters.append(Selection(context).customers_in_words(args.rule))
    if args.min_probability is not None:
        filters.append(say("probability of at least {threshold}", threshold=Quantity(args.min_probability, "ratio")))
    lapsed = say("Customers who have lapsed already (by lifecycle stage) are left out, unless they are asked for.")
    beside = ("customers", "campaign_contacts", "events", "coupons", "reviews")
    return Provenance(
        definition=(*request.scores.definition(), lapsed),
        period=request.period,
        filters=tuple(filters),
        sql=(request.scores.sql,),
        tables=("order_lines", *(name for name in beside if context.warehouse.has(name))),
        as_of=_as_of(context),
    )


def _as_of(context: Context) -> Any:
    return time_range(Histories(context.warehouse, context.today).lines())[1]


def _follow_ups(args: ChurnArgs) -> tuple[FollowUp, ...]:
    kept = {name: value for name, value in args.plain().items() if name in ("rule", "horizon_days")}
    found: list[FollowUp] = []
    if args.show != "list" or args.order_by != "value_at_risk":
        saving = ToolCall(NAME, {**kept, "order_by": "value_at_risk"})
        found.append(FollowUp(say("Whom to save first (by value at risk)"), saving))
    if args.show != "list" or args.order_by != "probability":
        found.append(FollowUp(say("Who is most likely to leave?"), ToolCall(NAME, kept)))
    if args.show != "summary":
        found.append(FollowUp(say("How many, by risk?"), ToolCall(NAME, {**kept, "show": "summary"})))
    if args.show != "scoreboard":
        horizon = {name: value for name, value in kept.items() if name == "horizon_days"}
        found.append(FollowUp(say("How good were the predictions?"), ToolCall(NAME, {**horizon, "show": "scoreboard"})))
    return tuple(found[:3])


TOOL = Tool(
    name=NAME,
    title=Label("Churn", "流失预警"),
    description=(
        "Who is likely to leave: for each customer a calibrated probability of placing no order within a horizon, the "
        "value at risk, the main reason, and what to do. Also how many by risk, and how earlier predictions came out."
    ),
    args=ChurnArgs,
    run=run,
    needs=("order_lines",),
    cues=(
        Cue(
            (
                "most likely to churn",
                "likely to churn",
                "churn list",
                "churn risk",
                "at risk of leaving",
                "likely to leave",
                "who is leaving",
                "which customers are we losing",
            ),
            ("最可能流失", "可能流失", "流失名单", "流失预警", "流失风险", "即将流失", "快要流失"),
            {"show": "list"},
        ),
        Cue(
            ("churn summary", "churn by risk", "how many customers are at risk"),
            ("流失概况", "流失风险分布", "多少客户有流失风险"),
            {"show": "summary"},
        ),
        Cue(
            ("churn scoreboard", "how good were the churn predictions", "were the churn predictions right"),
            ("流失预测准不准", "流失预测效果", "流失预测的准确度"),
            {"show": "scoreboard"},
        ),
    ),
    examples=(
        Example(Label("Which customers are most likely to churn?", "哪些客户最可能流失？"), {}),
        Example(
            Label(
                "Which 50 customers are most likely to place no order in the next 60 days?",
                "未来60天最可能不再下单的50位客户是谁？",
            ),
            {"top": 50, "horizon_days": 60},
        ),
        Example(
            Label(
                "Which customers at risk of leaving have the most money at stake?", "哪些有流失风险的客户涉及金额最大？"
            ),
            {"order_by": "value_at_risk"},
        ),
        Example(
            Label("Customers with a churn probability of at least 80%", "流失概率至少80%的客户"),
            {"min_probability": 0.8},
        ),
        Example(Label("How many customers are at risk of churning?", "有多少客户有流失风险？"), {"show": "summary"}),
        Example(Label("How good were our churn predictions?", "我们的流失预测准不准？"), {"show": "scoreboard"}),
    ),
)
