"""Whatever happens to an incident, in whatever order: what is promised about it holds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from jobs.alerts.detection.verdicts import Standing
from jobs.alerts.incidents.events import (
    Acknowledged,
    Action,
    Answered,
    Event,
    Finding,
    Kind,
    Learn,
    MarkedUsual,
    Notify,
    Observed,
    Outcome,
    Snoozed,
    Ticked,
    Update,
)
from jobs.alerts.incidents.incident import Change, Incident, State, mean_times, takes, time_to_acknowledge
from jobs.alerts.incidents.lifecycle import advance, opened
from jobs.alerts.incidents.policy import Policy, Step
from jobs.alerts.incidents.rota import Rota
from jobs.alerts.incidents.silences import Silence, silenced
from jobs.alerts.incidents.subject import Matcher, Path, Subject
from jobs.alerts.incidents.words import line, told

START = datetime(2026, 3, 2, 9, 40, tzinfo=UTC)
SUBJECT = Subject("sales by country", "net_sales", (("country", "Germany"),))
PEOPLE = ("Ann", "Bo", "晨")
HOUR = timedelta(hours=1)

people = st.sampled_from(PEOPLE)
bad = st.builds(
    Finding, side=st.sampled_from([Standing.ABOVE, Standing.BELOW]), size=st.sampled_from([1.0, 1.5, 2.5, 6.0])
)
policies = st.builds(
    Policy,
    fire_after=st.integers(1, 3),
    resolve_after=st.integers(1, 3),
    reopen_within=st.integers(1, 60).map(lambda hours: hours * HOUR),
    repeat_after=st.integers(1, 30).map(lambda hours: hours * HOUR),
    update_after=st.integers(1, 5).map(lambda hours: hours * HOUR),
    escalation=st.lists(st.integers(1, 12), max_size=3, unique=True).map(
        lambda hours: tuple(
            Step(after * HOUR, on_call=i % 2, people=(f"step {i}",)) for i, after in enumerate(sorted(hours))
        )
    ),
    rota=st.just(Rota(PEOPLE, date(2026, 3, 2), timezone="Europe/Berlin")),
)


OPEN = (State.PENDING, State.FIRING, State.ACKNOWLEDGED)
WAYS: dict[Change, tuple[tuple[State, ...], State]] = {
    Change.PENDING: ((State.RESOLVED,), State.PENDING),
    Change.FIRING: ((State.PENDING,), State.FIRING),
    Change.ACKNOWLEDGED: ((State.FIRING,), State.ACKNOWLEDGED),
    Change.ESCALATED: ((State.FIRING,), State.FIRING),
    Change.RECOVERED: ((State.FIRING, State.ACKNOWLEDGED), State.RESOLVED),
    Change.DISMISSED: ((State.PENDING,), State.RESOLVED),
    Change.MARKED_USUAL: ((*OPEN, State.RESOLVED), State.RESOLVED),
}


class Lifecycle(RuleBasedStateMachine):
    """One incident after another of one subject, with a clock that mostly goes forward."""

    @initialize(policy=policies, found=bad)
    def begin(self, policy: Policy, found: Finding) -> None:
        self.policy = policy
        self.now = START
        self.step = START - HOUR
        self.silences: list[Silence] = []
        self.open_anew(found)

    def open_anew(self, found: Finding) -> None:
        event = Observed(self.now, self.step, Outcome.BAD, found)
        self.log: list[Event] = [event]
        self.sent: list[tuple[Kind, Incident]] = []
        self.incident, actions = opened(SUBJECT, event, self.policy, self.silences)
        self.check(None, event, actions)

    def happen(self, event: Event) -> None:
        before = self.incident
        self.incident, actions = advance(before, event, self.policy, self.silences)
        assert advance(before, event, self.policy, self.silences) == (self.incident, actions)
        again, more = advance(self.incident, event, self.policy, self.silences)
        assert again == self.incident
        assert all(isinstance(action, Answered) for action in more)
        self.log.append(event)
        self.check(before, event, actions)

    def check(self, before: Incident | None, event: Event, actions: tuple[Action, ...]) -> None:
        notes = [action for action in actions if isinstance(action, Notify)]
        assert len(notes) <= 1
        assert not (notes and any(isinstance(action, Update) for action in actions))
        assert any(isinstance(a, Learn) for a in actions) == (
            isinstance(event, MarkedUsual) and not any(isinstance(a, Answered) for a in actions)
        )
        for note in notes:
            self.check_note(before, note)

    def check_note(self, before: Incident | None, note: Notify) -> None:
        after = self.incident
        assert after.snoozed_until is None
        assert silenced(self.silences, SUBJECT, after.at) is None
        assert note.number == after.messages == (before.messages if before else 0) + 1
        assert note.audience.subscribers or note.audience.people
        kinds = [kind for kind, _incident in self.sent]
        if note.kind is Kind.NEW:
            assert not kinds
        else:
            assert Kind.NEW in kinds
        if note.kind is Kind.RECOVERED:
            assert after.state is State.RESOLVED
        else:
            assert after.fires
        if note.kind is Kind.ESCALATED:
            assert after.state is State.FIRING
            assert not after.recovering
            step = self.policy.escalation[after.steps_done - 1]
            assert after.waiting_since is not None
            assert after.at - after.waiting_since >= step.after
            assert set(step.people) <= set(note.audience.people)
            assert before is not None
            assert after.steps_done == (before.steps_done if before.waiting_since == after.waiting_since else 0) + 1
        self.sent.append((note.kind, after))

    @rule(minutes=st.integers(0, 60 * 14))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.happen(Ticked(self.now))

    @rule(minutes=st.integers(1, 60 * 30))
    def a_clock_is_late(self, minutes: int) -> None:
        self.happen(Ticked(self.now - timedelta(minutes=minutes)))

    @rule(found=st.none() | bad, data=st.booleans(), ahead=st.integers(0, 8), back=st.sampled_from([0, 0, 0, 1, 2, 5]))
    def a_step_is_judged(self, found: Finding | None, data: bool, ahead: int, back: int) -> None:
        self.now += ahead * HOUR
        self.step += HOUR
        outcome = Outcome.BAD if found is not None else Outcome.GOOD if data else Outcome.NO_DATA
        if found is not None and not takes(self.incident, self.now, self.policy):
            self.open_anew(found)
        else:
            self.happen(Observed(self.now, self.step - back * HOUR, outcome, found))

    @rule(who=people)
    def acknowledged(self, who: str) -> None:
        state = self.incident.state
        self.happen(Acknowledged(self.now, who))
        assert (self.incident.state is State.ACKNOWLEDGED) == (state in (State.FIRING, State.ACKNOWLEDGED))

    @rule(who=people, hours=st.integers(-2, 30))
    def snoozed(self, who: str, hours: int) -> None:
        was_open = self.incident.open
        self.happen(Snoozed(self.now, who, self.now + hours * HOUR))
        if was_open and hours > 0:
            assert self.incident.snoozed_until == self.now + hours * HOUR

    @rule(who=people)
    def marked_usual(self, who: str) -> None:
        self.happen(MarkedUsual(self.now, who))
        assert not self.incident.open

    @precondition(lambda self: len(self.silences) < 4)
    @rule(who=people, hours=st.integers(1, 20), exact=st.booleans())
    def silence(self, who: str, hours: int, exact: bool) -> None:
        of = SUBJECT.fingerprint if exact else Matcher("net_sales", (("country", "Germany"),))
        self.now += timedelta(seconds=1)
        self.silences.append(Silence(of, who, self.now, self.now + hours * HOUR))

    @precondition(lambda self: self.incident.fires)
    @rule()
    def everything_ends_and_is_told(self) -> None:
        """Still firing when snoozes and silences are over: it is told."""
        muted = self.incident.muted
        ends = [self.now, *(one.until for one in self.silences)]
        if self.incident.snoozed_until is not None:
            ends.append(self.incident.snoozed_until)
        before = len(self.sent)
        self.now = max(ends)
        self.happen(Ticked(self.now))
        assert not self.incident.muted
        if muted and self.incident.state is State.FIRING:
            assert len(self.sent) == before + 1
            assert self.sent[-1][0] in (Kind.NEW, Kind.RENEWED)

    @precondition(lambda self: self.incident.open)
    @rule()
    def good_steps_resolve_it(self) -> None:
        for _ in range(self.policy.resolve_after):
            self.step += HOUR
            self.happen(Observed(self.now, self.step, Outcome.GOOD))
        assert self.incident.state is State.RESOLVED

    @invariant()
    def history_runs_forward(self) -> None:
        instants = [entry.at for entry in self.incident.history]
        assert instants == sorted(instants)
        assert instants[-1] <= self.incident.at

    @invariant()
    def history_takes_legal_ways_only(self) -> None:
        """Every firing is ended by a resolve, or is open now."""
        state = State.RESOLVED
        for entry in self.incident.history:
            ways = WAYS.get(entry.change)
            if entry.change is Change.SNOOZE_OVER and state is State.ACKNOWLEDGED:
                state = State.FIRING
            elif ways is not None:
                assert state in ways[0]
                state = ways[1]
        assert state is self.incident.state

    @invariant()
    def only_an_unacknowledged_one_waits(self) -> None:
        waits = self.incident.waiting_since is not None
        assert waits == (self.incident.state is State.FIRING) or (waits is False and self.incident.muted)

    @invariant()
    def it_can_be_said(self) -> None:
        assert "{" not in str(told(self.incident, self.now, "Asia/Shanghai"))
        assert all("{" not in str(line(entry, self.now, "UTC")) for entry in self.incident.history)

    @invariant()
    def times_are_not_negative(self) -> None:
        times = mean_times([self.incident])
        assert times.acknowledged == (time_to_acknowledge(self.incident) is not None)
        for spent in (times.to_acknowledge, times.to_resolve):
            assert spent is None or spent >= timedelta(0)

    def teardown(self) -> None:
        """A replay of the log gives the same incident."""
        first, *later = self.log
        assert isinstance(first, Observed)
        again, _actions = opened(SUBJECT, first, self.policy, self.silences)
        for event in later:
            again, _actions = advance(again, event, self.policy, self.silences)
        assert again == self.incident


TestLifecycle = Lifecycle.TestCase
TestLifecycle.settings = settings(stateful_step_count=30)

paths = st.dictionaries(st.sampled_from(["country", "category", "channel"]), st.text(max_size=3)).map(
    lambda found: tuple(found.items())
)


@given(st.text(max_size=5), st.text(max_size=5), paths, st.randoms())
def test_a_fingerprint_does_not_depend_on_the_order_of_dimensions(
    monitor: str, metric: str, path: Path, random: Random
) -> None:
    turned = list(path)
    random.shuffle(turned)
    assert Subject(monitor, metric, tuple(turned)).fingerprint == Subject(monitor, metric, path).fingerprint


@given(*[st.tuples(st.text(max_size=3), st.text(max_size=3), paths)] * 2)
def test_different_subjects_have_different_fingerprints(
    one: tuple[str, str, Path], other: tuple[str, str, Path]
) -> None:
    first, second = Subject(*one), Subject(*other)
    assert (first.fingerprint == second.fingerprint) == (first == second)


@given(st.integers(-60, 120), st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Shanghai"]))
def test_hands_over_at_the_local_time_whatever_the_clocks_do(week: int, timezone: str) -> None:
    rota = Rota(PEOPLE, date(2026, 3, 2), timezone=timezone)
    handover = datetime(2026, 3, 2, 9, tzinfo=ZoneInfo(timezone)) + timedelta(weeks=week)
    assert rota.on_call(handover.astimezone(UTC)) == PEOPLE[week % 3]
    assert rota.on_call(handover.astimezone(UTC) - timedelta(seconds=1)) == PEOPLE[(week - 1) % 3]
    assert rota.on_call(handover.astimezone(UTC), 1) == PEOPLE[(week + 1) % 3]
