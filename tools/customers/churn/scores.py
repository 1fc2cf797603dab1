"""Who is leaving: the chance that a customer places no order within a horizon, what is at stake, why, and what to do.

Non-contractual: nobody says that they leave. The probability is of one thing that can be seen afterwards, no order
within so many days. How it is told: `tools.customers.churn.model`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from tools.customers.churn.actions import Action, Consent, Level, choose
from tools.customers.churn.features import Snapshot, behaviour, outcomes
from tools.customers.churn.model import (
    SETTLED,
    YEAR,
    Design,
    Example,
    Flags,
    Forecast,
    Method,
    Theme,
    design_of,
    example_of,
    forecast,
    rhythm_of,
)
from tools.customers.churn.reasons import reasons_of
from tools.customers.histories import Histories
from tools.customers.schemes.lifecycle import LIFECYCLE
from tools.errors import NotEnoughData
from tools.messages import Label, Message, Quantity, Value, say
from tools.stats.classification import Quality, quality
from tools.stats.fitting import FitFailed
from tools.stats.gamma_gamma import GammaGamma
from tools.stats.logistic import Vector

if TYPE_CHECKING:
    import ibis

    from tools.tool import Context
    from tools.warehouse.connection import Warehouse

HIGH_RISK, MEDIUM_RISK = 0.7, 0.4
HIGH_VALUE_SHARE, LOW_VALUE_SHARE = 0.2, 0.5  # the top fifth, the lower half of expected sales
FEWEST_CUSTOMERS = 200
FEWEST_OF_A_KIND = 20
PAST_DAYS = 12  # how many past days are learned from
LONGEST_STEP, SHORTEST_STEP = 30, 7
MOST_LEARNED = 8_000  # customers on each past day; beyond, every n-th
# Longer without any sale, and the horizon begins at the last one: the figures are old, the customers not all gone.
STALE_AFTER_DAYS = 7

RISK_LABELS: Mapping[str, Label] = {
    "high": Label("High risk", "高风险"),
    "medium": Label("Medium risk", "中风险"),
    "low": Label("Low risk", "低风险"),
}
METHOD_LABELS: Mapping[Method, Label] = {
    "behaviour": Label("Behaviour model", "行为模型"),
    "rhythm": Label("Purchase rhythm (BG/NBD)", "购买节奏模型（BG/NBD）"),
}


@dataclass(frozen=True)
class CustomerRisk:
    """One customer's risk. Money in the store's currency; `usual_gap_days` None for who ordered on one day only.

    `reasons` are those that matter, the weightiest first; perhaps none. `to_do` is None where nothing is to be done.
    """

    customer_id: str
    probability: float
    value_at_risk: float
    reasons: tuple[Message, ...]
    usual_gap_days: float | None
    days_since_last: int
    to_do: Label | None
    risk: Level
    value: Level
    lapsed: bool


@dataclass(frozen=True)
class Trial:
    """A method's figures on the last backtest, among the customers who had not lapsed by its day."""

    method: Method
    quality: Quality


@dataclass(frozen=True)
class ChurnScores:
    """Every customer who ever bought, in the order of their ids; arrays (n,).

    `probability` of no order in the `horizon_days` after `day`; `expected` net sales in them of who stays. `trials`
    holds the chosen method first; `trial_day` is the day on which they were put to the test.
    """

    day: date
    horizon_days: int
    snapshot: Snapshot
    probability: Vector
    expected: Vector
    lapsed: Flags
    method: Method
    trials: tuple[Trial, ...]
    trial_day: date
    past_days: int
    contributions: Mapping[Theme, Vector]
    consent: Mapping[str, Consent]
    sql: str

    @cached_property
    def customer_ids(self) -> list[str]:
        ids: list[str] = self.snapshot.customer_ids.tolist()
        return ids

    @cached_property
    def place(self) -> dict[str, int]:
        return {customer: place for place, customer in enumerate(self.customer_ids)}

    @cached_property
    def value_at_risk(self) -> Vector:
        """Probability of leaving × what the customer would bring within the horizon by staying."""
        return np.asarray(self.probability * self.expected, dtype=np.float64)

    @cached_property
    def _value_limits(self) -> tuple[float, float]:
        """Expected sales from which value is high, and below which it is low."""
        values = self.expected[~self.lapsed]
        if not len(values):
            return 0.0, 0.0
        low, high = np.quantile(values, (LOW_VALUE_SHARE, 1 - HIGH_VALUE_SHARE))
        return float(high), float(low)

    @property
    def trial(self) -> Quality:
        return self.trials[0].quality

    def of(self, customer_id: str) -> CustomerRisk | None:
        """The customer's risk; None for who never bought."""
        at = self.place.get(customer_id)
        return None if at is None else self.at(at)

    def at(self, at: int) -> CustomerRisk:
        """The risk of the customer at a place of the arrays."""
        gap = float(self.snapshot["gap_mean"][at])
        action = self.action(at)
        return CustomerRisk(
            self.customer_ids[at],
            float(self.probability[at]),
            float(self.value_at_risk[at]),
            reasons_of(self.snapshot, self.contributions, at),
            None if np.isnan(gap) else gap,
            int(self.snapshot["recency"][at]),
            None if action.step == "nothing" else action.label,
            self.risk(at),
            self.value(at),
            bool(self.lapsed[at]),
        )

    def risk(self, at: int) -> Level:
        p = float(self.probability[at])
        return "high" if p >= HIGH_RISK else "medium" if p >= MEDIUM_RISK else "low"

    def value(self, at: int) -> Level:
        high, low = self._value_limits
        expected = float(self.expected[at])
        return "high" if expected > 0 and expected >= high else "low" if expected <= low else "medium"

    def action(self, at: int) -> Action:
        """What to do about the customer, by risk × value, over a channel that they agreed to where that is known."""
        return choose(self.risk(at), self.value(at), self.consent.get(self.customer_ids[at]))

    def definition(self) -> tuple[Message, ...]:
        """What the figures mean and how good they were, for the answer's provenance."""
        parts = [
            say(
                "Leaving means placing no order in the {horizon} after {day}; the probability is for every customer "
                "who ever ordered.",
                horizon=Quantity(self.horizon_days, "days"),
                day=self.day,
            ),
            self._choice(),
            *(_figures(trial) for trial in self.trials),
            say(
                "Value at risk: the probability of leaving × net sales within the horizon of a customer who stays "
                "(BG/NBD orders of one who is still there × Gamma-Gamma order value)."
            ),
        ]
        return tuple(parts)

    def _choice(self) -> Message:
        chosen = self.trials[0]
        values: dict[str, Value] = {
            "method": METHOD_LABELS[chosen.method],
            "day": self.trial_day,
            "horizon": Quantity(self.horizon_days, "days"),
            "customers": Quantity(chosen.quality.count),
        }
        if len(self.trials) == 1:
            return say(
                "Method: {method}; the history is too short to learn another (backtest told on {day}, judged on the "
                "{horizon} that followed, {customers} customers who had not lapsed).",
                **values,
            )
        return say(
            "Method: {method}, the better one on the last backtest (told on {day}, judged on the {horizon} that "
            "followed, {customers} customers who had not lapsed).",
            **values,
        )


def _figures(trial: Trial) -> Message:
    q = trial.quality
    return say(
        "{method}: AUC {auc}, Brier score {brier}, mean calibration error {error}.",
        method=METHOD_LABELS[trial.method],
        auc=Quantity(q.auc, "score"),
        brier=Quantity(q.brier, "score"),
        error=Quantity(q.calibration_error, "points"),
    )


def churn_scores(context: Context, horizon_days: int = 90) -> ChurnScores:
    """Everybody's risk as of `context.today`, remembered while the store stands.

    Raises NotEnoughData, saying what is missing, where the history is too short or too one-sided to learn from.
    """
    return context.warehouse.remembered(("churn", context.today, horizon_days), lambda: _scores(context, horizon_days))


def _scores(context: Context, horizon_days: int) -> ChurnScores:
    warehouse = context.warehouse
    first, day, customers = _span(context)
    needed = 2 * horizon_days
    if (day - first).days + 1 < needed:
        raise NotEnoughData(
            say(
                "Predicting who leaves within {horizon} needs at least {needed} of sales; there are {days} (since "
                "{first}). A shorter horizon may work.",
                horizon=Quantity(horizon_days, "days"),
                needed=Quantity(needed, "days"),
                days=Quantity((day - first).days + 1, "days"),
                first=first,
            )
        )
    if customers < FEWEST_CUSTOMERS:
        raise _too_few(customers)
    context.progress(say("Learning from earlier months which customers leave…"))
    trial_day = day - timedelta(days=horizon_days)
    days = past_days(first, day, horizon_days)
    one_in = max(1, -(-customers // MOST_LEARNED))
    taken, sql = behaviour(warehouse, [*days, day] if one_in == 1 else days, horizon_days, one_in)
    past = taken[: len(days)]
    if one_in > 1:
        (now,), sql = behaviour(warehouse, [day], horizon_days)
    else:
        now = taken[-1]
    try:
        examples = [
            example_of(s, o, horizon_days)
            for s, o in zip(past, outcomes(warehouse, past, horizon_days), strict=True)
            if len(s) >= FEWEST_CUSTOMERS or s.day == trial_day
        ]
        target = design_of(now, horizon_days)
    except FitFailed as error:
        raise NotEnoughData(
            say("Too few customers have ordered again to tell a rhythm from, so nobody can be said to be leaving.")
        ) from error
    test = next(e for e in examples if e.design.day == trial_day)
    _check(test, trial_day, horizon_days)
    trials, chosen = _chosen(context, test, past[days.index(trial_day)], examples, horizon_days)
    found = forecast(chosen, target, examples, horizon_days)
    lapsed = _lapsed(Histories(warehouse, day), now)
    return ChurnScores(
        day=day,
        horizon_days=horizon_days,
        snapshot=now,
        probability=found.probability,
        expected=_expected(now, target, horizon_days),
        lapsed=lapsed,
        method=chosen,
        trials=trials,
        trial_day=trial_day,
        past_days=len(examples),
        contributions=found.classifier.contributions(target, ~lapsed if (~lapsed).any() else lapsed),
        consent=_consent(warehouse),
        sql=sql,
    )


def _span(context: Context) -> tuple[date, date, int]:
    """The first day of sales, the day that the horizon follows, and how many customers have ordered."""
    lines = Histories(context.warehouse, context.today).lines()
    sold = lines.filter(lines.kind == "sold")
    asked = sold.aggregate(first=sold.sold_at.min(), last=sold.sold_at.max(), n=sold.customer_id.nunique())
    ((first, last, n),), _sql = context.warehouse.fetch(asked)
    if first is None:
        raise NotEnoughData(say("There are no sales to known customers up to {today}.", today=context.today))
    stale = (context.today - last.date()).days > STALE_AFTER_DAYS
    return first.date(), last.date() if stale else context.today, int(n)


def past_days(first: date, day: date, horizon_days: int) -> list[date]:
    """The days to learn from, in rising order: their horizon is over by `day`, and some history lies behind them.

    Beside them, what lies a year before `day` and before the backtest's day, for the season.
    """
    step = min(max(horizon_days // 3, SHORTEST_STEP), LONGEST_STEP)
    trial = day - timedelta(days=horizon_days)
    least = first + timedelta(days=max(horizon_days // 2, LONGEST_STEP))
    days = {trial, *(d for i in range(PAST_DAYS) if (d := trial - timedelta(days=step * i)) >= least)}
    for later in (day, trial):
        earlier = later - timedelta(days=YEAR)
        over = earlier + timedelta(days=horizon_days) <= later
        if over and (earlier - first).days >= SETTLED and not any(abs((d - earlier).days) <= step // 2 for d in days):
            days.add(earlier)
    return sorted(days)


def _too_few(customers: int) -> NotEnoughData:
    return NotEnoughData(
        say(
            "Only {customers} customers had ordered; predicting who leaves needs at least {needed}.",
            customers=Quantity(customers),
            needed=Quantity(FEWEST_CUSTOMERS),
        )
    )


def _check(test: Example, day: date, horizon_days: int) -> None:
    """Raises NotEnoughData where the backtest has too few customers, or of one kind only."""
    if len(test.left) < FEWEST_CUSTOMERS:
        raise NotEnoughData(
            say(
                "Only {customers} customers had ordered by {day}, the day of the backtest; it needs at least {needed}. "
                "A shorter horizon may work.",
                customers=Quantity(len(test.left)),
                day=day,
                needed=Quantity(FEWEST_CUSTOMERS),
            )
        )
    left = int(test.left.sum())
    if min(left, len(test.left) - left) < FEWEST_OF_A_KIND:
        raise NotEnoughData(
            say(
                "In the {horizon} after {day}, {stayed} customers ordered and {left} did not; telling them apart needs "
                "at least {needed} of each.",
                horizon=Quantity(horizon_days, "days"),
                day=day,
                stayed=Quantity(len(test.left) - left),
                left=Quantity(left),
                needed=Quantity(FEWEST_OF_A_KIND),
            )
        )


def _chosen(
    context: Context, test: Example, snapshot: Snapshot, examples: list[Example], horizon_days: int
) -> tuple[tuple[Trial, ...], Method]:
    """Both methods on the backtest, the better one (by Brier score among all customers) first."""
    known = any(e.design.day + timedelta(days=horizon_days) <= test.design.day for e in examples)
    methods: tuple[Method, ...] = ("behaviour", "rhythm") if known else ("rhythm",)
    tried: dict[Method, Forecast] = {m: forecast(m, test.design, examples, horizon_days) for m in methods}
    best = min(methods, key=lambda m: quality(test.left, tried[m].probability).brier)
    listed = ~_lapsed(Histories(context.warehouse, test.design.day), snapshot)
    if not listed.any():
        listed = ~listed
    trials = {m: Trial(m, quality(test.left[listed], tried[m].probability[listed])) for m in methods}
    return (trials[best], *(trial for m, trial in trials.items() if m != best)), best


def _lapsed(histories: Histories, snapshot: Snapshot) -> Flags:
    assigned: ibis.Table = LIFECYCLE.assigned(histories)
    rows, _sql = histories.warehouse.fetch(assigned.filter(assigned.group == "lapsed").select("customer_id"))
    gone = {str(customer) for (customer,) in rows}
    return np.array([customer in gone for customer in snapshot.customer_ids.tolist()], dtype=np.bool_)


def _expected(snapshot: Snapshot, design: Design, horizon_days: int) -> Vector:
    """Net sales within the horizon of each customer who is still there: orders to expect × what one is worth."""
    x, _t_x, age = rhythm_of(snapshot)
    orders = design.bgnbd.expected_if_alive(horizon_days, x, age)
    # Whole cents: of who sent everything back, a sum of floats may leave a trace, which has a logarithm.
    mean = np.round(snapshot["net_sales"], 2) / snapshot["orders"]
    bought = mean > 0
    worth = np.maximum(mean, 0.0)
    try:
        model = GammaGamma.fit(snapshot["orders"][bought], mean[bought])
        worth = model.expected_value(snapshot["orders"], mean)
    except (FitFailed, ValueError):
        pass  # all spend the same, or nobody anything: their own mean is all there is to know
    worth = np.where(bought, worth, 0.0)
    return np.asarray(np.nan_to_num(np.maximum(orders, 0.0) * worth, posinf=0.0), dtype=np.float64)


def _consent(warehouse: Warehouse) -> Mapping[str, Consent]:
    """What customers agreed to, where the store knows."""
    if not warehouse.has("customers"):
        return {}
    people = warehouse.table("customers")
    if not {"email_consent", "sms_consent"} <= set(people.columns):
        return {}
    known = people.filter(people.email_consent.notnull() | people.sms_consent.notnull())
    rows, _sql = warehouse.fetch(known.select("customer_id", "email_consent", "sms_consent"))
    return {str(customer): Consent(email, sms) for customer, email, sms in rows}
