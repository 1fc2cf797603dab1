"""An incident's paths, one by one: who is told of what, when, and what is said."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

import pytest

from jobs.alerts.detection.family import Child
from jobs.alerts.detection.verdicts import Standing, Verdict
from jobs.alerts.incidents.events import (
    Acknowledged,
    Action,
    Answered,
    Audience,
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
    finding,
    outcome_of,
)
from jobs.alerts.incidents.incident import (
    Change,
    Incident,
    State,
    Times,
    mean_times,
    placed,
    takes,
    time_to_acknowledge,
    time_to_resolve,
)
from jobs.alerts.incidents.lifecycle import advance, opened
from jobs.alerts.incidents.policy import Policy, Step
from jobs.alerts.incidents.rota import Hours, Rota
from jobs.alerts.incidents.silences import Silence, silenced
from jobs.alerts.incidents.subject import Matcher, Path, Subject, grouped
from jobs.alerts.incidents.words import line, told

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
SALES = Subject("net sales, daily", "net_sales")
GERMANY = Subject("net sales, daily", "net_sales", (("country", "Germany"),))
LOW = Finding(Standing.BELOW, 1.2)
ROTA = Rota(("Ann", "Bo"), MONDAY.date())
SUBSCRIBERS = Audience(subscribers=True)


def at(clock: str, day: int = 0) -> datetime:
    hour, minute = clock.split(":")
    return MONDAY + timedelta(days=day, hours=int(hour), minutes=int(minute))


@dataclass
class Story:
    """An incident on its way; `happens` gives what an event makes to be done."""

    policy: Policy = field(default_factory=Policy)
    silences: tuple[Silence, ...] = ()
    subject: Subject = SALES
    one: Incident | None = None

    def happens(self, event: Event) -> tuple[Action, ...]:
        if self.one is None:
            assert isinstance(event, Observed)
            self.one, actions = opened(self.subject, event, self.policy, self.silences)
        else:
            self.one, actions = advance(self.one, event, self.policy, self.silences)
        return actions

    def bad(self, clock: str, day: int = 0, found: Finding = LOW) -> tuple[Action, ...]:
        return self.happens(Observed(at(clock, day), MONDAY + timedelta(days=day - 1), Outcome.BAD, found))

    def good(self, clock: str, day: int = 0) -> tuple[Action, ...]:
        return self.happens(Observed(at(clock, day), MONDAY + timedelta(days=day - 1), Outcome.GOOD))

    def tick(self, clock: str, day: int = 0) -> tuple[Action, ...]:
        return self.happens(Ticked(at(clock, day)))

    @property
    def incident(self) -> Incident:
        assert self.one is not None
        return self.one

    @property
    def state(self) -> State:
        return self.incident.state

    @property
    def changes(self) -> list[Change]:
        return [entry.change for entry in self.incident.history]


def kinds(actions: tuple[Action, ...]) -> list[Kind]:
    return [action.kind for action in actions if isinstance(action, Notify)]


def answer(actions: tuple[Action, ...]) -> str:
    (only,) = actions
    assert isinstance(only, Answered)
    return str(only.message)


def test_fires_at_once_is_acknowledged_and_recovers() -> None:
    story = Story()
    assert story.bad("09:40") == (Notify(Kind.NEW, SUBSCRIBERS, 1),)
    assert story.happens(Acknowledged(at("10:02"), "Ann")) == (Update(),)
    assert story.state is State.ACKNOWLEDGED
    assert story.good("09:00", 1) == ()
    assert story.good("09:00", 2) == (Notify(Kind.RECOVERED, SUBSCRIBERS, 2),)
    assert story.changes == [Change.PENDING, Change.FIRING, Change.ACKNOWLEDGED, Change.RECOVERED]
    assert time_to_acknowledge(story.incident) == timedelta(minutes=22)
    assert time_to_resolve(story.incident) == at("09:00", 2) - at("09:40")


def test_is_pending_until_enough_steps_are_bad() -> None:
    story = Story(Policy(fire_after=3))
    assert story.bad("09:00", 0) == story.bad("09:00", 1) == ()
    assert story.state is State.PENDING
    assert kinds(story.bad("09:00", 2)) == [Kind.NEW]
    assert story.incident.first == MONDAY - DAY
    assert story.incident.last == MONDAY + DAY


def test_what_is_good_again_before_it_fires_is_never_told() -> None:
    story = Story(Policy(fire_after=2))
    assert story.bad("09:00") == story.good("09:00", 1) == ()
    assert story.state is State.RESOLVED
    assert story.changes[-1] is Change.DISMISSED
    assert time_to_resolve(story.incident) is None
    assert str(told(story.incident, at("12:00", 1), "UTC")) == "Usual again since 09:00, before it fired"


def test_a_step_judged_again_counts_once_and_by_its_last_verdict() -> None:
    story = Story(Policy(fire_after=2))
    story.bad("09:00")
    story.bad("10:00")
    assert story.changes == [Change.PENDING]
    story.bad("09:00", 1)
    assert story.changes == [Change.PENDING, Change.FIRING]
    story.good("09:00", 2)
    story.good("10:00", 2)
    assert Change.RECOVERED not in story.changes
    story.good("09:00", 3)
    assert story.changes[-1] is Change.RECOVERED


def test_a_verdict_that_is_withdrawn_no_longer_counts() -> None:
    story = Story(Policy(fire_after=2))
    story.bad("09:00")
    story.happens(Observed(at("10:00"), MONDAY - DAY, Outcome.NO_DATA))
    story.bad("09:00", 1)
    assert story.state is State.PENDING


def test_an_older_step_that_turns_out_bad_dates_the_beginning_and_not_the_finding() -> None:
    story = Story()
    story.bad("09:00", 2)
    story.bad("10:00", 0, Finding(Standing.ABOVE, 9.0))
    assert (story.incident.first, story.incident.last) == (MONDAY - DAY, MONDAY + DAY)
    assert story.incident.finding == LOW


def test_steps_without_a_verdict_neither_count_nor_interrupt() -> None:
    story = Story(Policy(resolve_after=2))
    story.bad("09:00")
    story.good("09:00", 1)
    assert story.happens(Observed(at("09:00", 2), MONDAY + DAY, Outcome.NO_DATA)) == ()
    assert story.state is State.FIRING
    assert kinds(story.good("09:00", 3)) == [Kind.RECOVERED]


def test_nothing_presses_while_the_last_step_was_good() -> None:
    story = Story(Policy(repeat_after=DAY, escalation=(Step(DAY, people=("A",)),)))
    story.bad("09:00")
    assert story.good("09:00", 1) == story.tick("18:00", 1) == ()
    assert kinds(story.bad("09:00", 2)) == [Kind.ESCALATED]
    assert kinds(story.tick("09:01", 2)) == [Kind.RENEWED]


def test_one_good_step_among_bad_ones_is_no_recovery() -> None:
    story = Story()
    story.bad("09:00")
    for day in range(1, 9):
        assert kinds((story.good if day % 2 else story.bad)("10:00", day)) == ([] if day % 2 else [Kind.RENEWED])
    assert story.state is State.FIRING


def test_reopens_soon_after_recovery_and_keeps_its_history() -> None:
    story = Story(Policy(resolve_after=1, reopen_within=2 * DAY, repeat_after=9 * DAY))
    story.bad("09:00")
    story.good("09:00", 1)
    assert takes(story.incident, at("09:00", 3), story.policy)
    assert not takes(story.incident, at("09:01", 3), story.policy)
    with pytest.raises(ValueError, match="too long ago to reopen"):
        advance(story.incident, Observed(at("09:01", 3), MONDAY + 2 * DAY, Outcome.BAD, LOW), story.policy)
    assert kinds(story.bad("09:00", 2)) == [Kind.RENEWED]
    assert story.changes == [Change.PENDING, Change.FIRING, Change.RECOVERED, Change.PENDING, Change.FIRING]
    assert story.incident.first == MONDAY + DAY


def test_a_relapse_that_never_fires_moves_no_end() -> None:
    story = Story(Policy(fire_after=2, resolve_after=1))
    for day in range(2):
        story.bad("09:00", day)
    story.good("09:00", 2)
    story.bad("09:00", 3)
    assert story.good("09:00", 4) == (Update(),)
    assert story.changes[-2:] == [Change.PENDING, Change.DISMISSED]
    assert time_to_resolve(story.incident) == DAY


def test_is_told_again_while_nobody_acknowledges_and_not_after() -> None:
    story = Story(Policy(repeat_after=4 * HOUR))
    story.bad("08:00")
    assert kinds(story.tick("11:59")) == []
    assert story.tick("12:00") == (Notify(Kind.RENEWED, SUBSCRIBERS, 2),)
    assert kinds(story.tick("15:59")) == []
    assert kinds(story.tick("16:00")) == [Kind.RENEWED]
    story.happens(Acknowledged(at("16:05"), "Ann"))
    assert story.tick("20:00", 5) == ()


def test_a_change_for_the_worse_is_told_also_when_acknowledged() -> None:
    story = Story(Policy(worse_by=2, update_after=HOUR))
    story.bad("08:00", found=Finding(Standing.BELOW, 1.0))
    story.happens(Acknowledged(at("08:10"), "Ann"))
    assert story.bad("08:30", found=Finding(Standing.BELOW, 3.0)) == (Update(),)
    assert kinds(story.tick("09:00")) == [Kind.UPDATED]
    assert story.bad("11:00", found=Finding(Standing.BELOW, 5.9)) == (Update(),)
    assert kinds(story.bad("12:00", found=Finding(Standing.ABOVE, 1.0))) == [Kind.UPDATED]
    assert story.state is State.ACKNOWLEDGED


def test_escalates_step_by_step_until_acknowledged() -> None:
    steps = (Step(HOUR, on_call=0), Step(3 * HOUR, on_call=1, people=("Head",)), Step(5 * HOUR, people=("Chief",)))
    story = Story(Policy(escalation=steps, rota=ROTA))
    story.bad("09:00")
    assert story.tick("09:59") == ()
    assert story.tick("10:00") == (Notify(Kind.ESCALATED, Audience(False, ("Ann",)), 2),)
    assert story.tick("12:00") == (Notify(Kind.ESCALATED, Audience(False, ("Bo", "Head")), 3),)
    assert str(told(story.incident, at("12:30"), "UTC")) == "Firing since 09:00, escalated to Bo, Head 12:00"
    story.happens(Acknowledged(at("12:40"), "Bo"))
    assert story.tick("20:00") == ()
    story.good("09:00", 1)
    recovered = story.good("09:00", 2)
    assert recovered == (Notify(Kind.RECOVERED, Audience(True, ("Ann", "Bo", "Head")), 4),)


def test_escalation_keeps_its_distances_after_a_standstill() -> None:
    story = Story(Policy(escalation=(Step(HOUR, people=("A",)), Step(3 * HOUR, people=("B",))), repeat_after=9 * DAY))
    story.bad("09:00")
    assert kinds(story.tick("18:00")) == [Kind.ESCALATED]
    assert kinds(story.tick("19:59")) == []
    assert kinds(story.tick("20:00")) == [Kind.ESCALATED]
    assert story.incident.reached == ("A", "B")


def test_escalation_waits_while_nobody_is_on_call() -> None:
    office = Hours(frozenset(range(5)), time(9), time(17))
    rota = Rota(("Ann",), MONDAY.date(), hours=(office,))
    story = Story(Policy(escalation=(Step(HOUR, on_call=0),), rota=rota, repeat_after=9 * DAY))
    story.bad("18:00")
    assert story.tick("20:00") == story.tick("08:59", 1) == ()
    assert kinds(story.tick("09:00", 1)) == [Kind.ESCALATED]


def test_a_snooze_keeps_quiet_and_tells_when_it_ends() -> None:
    story = Story(Policy(escalation=(Step(HOUR, people=("A",)),), repeat_after=2 * HOUR))
    story.bad("09:00")
    assert story.happens(Snoozed(at("09:10"), "Ann", at("18:00"))) == (Update(),)
    assert str(told(story.incident, at("12:00"), "UTC")) == "Firing since 09:00, snoozed by Ann until 18:00"
    assert story.tick("12:00") == ()
    assert story.bad("15:00", found=Finding(Standing.ABOVE, 9.0)) == (Update(),)
    assert kinds(story.tick("18:00")) == [Kind.RENEWED]
    assert kinds(story.tick("18:59")) == []
    assert kinds(story.tick("19:00")) == [Kind.ESCALATED]
    assert time_to_acknowledge(story.incident) == timedelta(minutes=10)


def test_a_snooze_ends_unacknowledged() -> None:
    story = Story()
    story.bad("09:00")
    story.happens(Acknowledged(at("09:10"), "Ann"))
    story.happens(Snoozed(at("09:20"), "Ann", at("11:00")))
    assert kinds(story.tick("11:00")) == [Kind.RENEWED]
    assert story.state is State.FIRING


def test_what_recovers_under_a_snooze_is_recorded_and_not_told() -> None:
    story = Story(Policy(resolve_after=1))
    story.bad("09:00")
    story.happens(Snoozed(at("09:10"), "Ann", at("09:00", 3)))
    assert story.good("09:00", 1) == (Update(),)
    assert story.changes[-1] is Change.RECOVERED
    assert story.tick("10:00", 3) == ()
    assert story.changes[-1] is Change.RECOVERED


def test_a_snooze_outlasts_a_recovery() -> None:
    story = Story(Policy(resolve_after=1))
    story.bad("09:00")
    story.happens(Snoozed(at("09:10"), "Ann", at("09:00", 3)))
    story.good("09:00", 1)
    assert kinds(story.bad("09:00", 2)) == []
    assert story.state is State.FIRING
    assert kinds(story.tick("09:00", 3)) == [Kind.RENEWED]


def test_a_silence_holds_back_what_is_new_until_it_ends() -> None:
    silence = Silence(Matcher("net_sales"), "Bo", at("08:00"), at("12:00"))
    story = Story(silences=(silence,))
    assert story.bad("09:00") == ()
    assert story.state is State.FIRING
    assert str(told(story.incident, at("09:00"), "UTC")) == "Firing since 09:00, silenced by Bo until 12:00"
    assert story.tick("11:59") == ()
    assert story.tick("12:00") == (Notify(Kind.NEW, SUBSCRIBERS, 1),)
    assert story.changes == [Change.PENDING, Change.SILENCED, Change.FIRING, Change.SILENCE_OVER]


def test_a_silence_holds_when_an_incident_reopens() -> None:
    story = Story(Policy(resolve_after=1))
    story.bad("09:00")
    story.good("09:00", 1)
    story.silences = (Silence(SALES.fingerprint, "Bo", at("10:00", 1), at("10:00", 2)),)
    assert kinds(story.bad("09:00", 2)) == []
    assert kinds(story.tick("10:00", 2)) == [Kind.RENEWED]


def test_what_was_acknowledged_is_not_told_when_a_silence_ends() -> None:
    story = Story()
    story.bad("09:00")
    story.happens(Acknowledged(at("09:10"), "Ann"))
    story.silences = (Silence(SALES.fingerprint, "Bo", at("10:00"), at("11:00")),)
    assert story.tick("10:30") == story.tick("11:00") == (Update(),)


def test_what_is_acknowledged_under_a_silence_is_not_told_when_it_ends() -> None:
    story = Story(Policy(resolve_after=1))
    story.bad("09:00")
    story.good("09:00", 1)
    story.silences = (Silence(SALES.fingerprint, "Bo", at("10:00", 1), at("10:00", 2)),)
    story.bad("09:00", 2)
    story.happens(Acknowledged(at("09:10", 2), "Ann"))
    assert story.tick("10:00", 2) == (Update(),)


def test_steps_called_usual_do_not_count_towards_the_next_firing() -> None:
    story = Story(Policy(fire_after=2))
    story.bad("09:00")
    story.bad("09:00", 1)
    story.happens(MarkedUsual(at("10:00", 1), "Ann"))
    story.bad("09:00", 2)
    assert story.state is State.PENDING


def test_not_an_anomaly_resolves_and_teaches() -> None:
    story = Story()
    found = Finding(Standing.BELOW, 1.2, where=(("country", "Germany"),), members=((), (("country", "Germany"),)))
    story.bad("09:00", found=found)
    story.bad("09:00", 1, found=found)
    learn = Learn(SALES, ((), (("country", "Germany"),)), MONDAY - DAY, MONDAY, Standing.BELOW, "Ann")
    assert story.happens(MarkedUsual(at("10:00", 1), "Ann")) == (learn, Update())
    assert story.state is State.RESOLVED
    assert str(told(story.incident, at("12:00", 1), "UTC")) == "Not an anomaly, says Ann (10:00)"
    assert story.bad("11:00", 1) == ()
    assert story.state is State.RESOLVED
    assert kinds(story.bad("09:00", 2)) == [Kind.RENEWED]


def test_not_an_anomaly_after_recovery_still_teaches() -> None:
    story = Story(Policy(resolve_after=1))
    story.bad("09:00")
    story.good("09:00", 1)
    assert isinstance(story.happens(MarkedUsual(at("10:00", 1), "Ann"))[0], Learn)
    assert time_to_resolve(story.incident) == DAY
    again = story.happens(MarkedUsual(at("11:00", 1), "Bo"))
    assert answer(again).startswith("Ann called it usual already")


def test_what_cannot_be_done_is_answered_and_changes_nothing() -> None:
    story = Story(Policy(fire_after=2, resolve_after=1))
    story.bad("09:00")
    assert answer(story.happens(Acknowledged(at("09:05"), "Bo"))).startswith("It does not fire yet")
    story.bad("09:00", 1)
    assert "is past" in answer(story.happens(Snoozed(at("09:05", 1), "Bo", at("09:05", 1))))
    story.happens(Snoozed(at("09:06", 1), "Bo", at("09:30", 1)))
    assert answer(story.happens(Snoozed(at("09:07", 1), "Ann", at("09:30", 1)))).startswith("Bo snoozed it until")
    story.happens(Acknowledged(at("09:10", 1), "Ann"))
    assert answer(story.happens(Acknowledged(at("09:11", 1), "Bo"))).startswith("Ann acknowledged it already")
    story.good("09:00", 2)
    before = story.incident
    assert answer(story.happens(Acknowledged(at("09:00", 2), "Bo"))) == (
        "It recovered by itself, 2026-03-04 09:00:00+00:00. There is nothing left to acknowledge."
    )
    assert answer(story.happens(Snoozed(at("09:00", 2), "Bo", at("19:00", 2)))).endswith("nothing left to snooze.")
    assert story.incident == before


def test_acknowledging_a_resolved_one_says_who_resolved_it() -> None:
    story = Story()
    story.bad("09:00")
    story.happens(MarkedUsual(at("10:00"), "Ann"))
    assert answer(story.happens(Acknowledged(at("10:01"), "Bo"))).startswith("Ann called it usual, ")


def test_an_event_that_comes_late_counts_from_the_last_instant() -> None:
    story = Story()
    story.bad("09:40")
    assert story.happens(Acknowledged(at("09:39"), "Ann")) == (Update(),)
    assert story.incident.history[-1].at == at("09:40")


def test_instants_need_a_zone() -> None:
    story = Story()
    story.bad("09:00")
    naive = datetime(2026, 3, 2, 10)
    for event in (Ticked(naive), Snoozed(at("10:00"), "Ann", naive), Observed(at("10:00"), naive, Outcome.GOOD)):
        with pytest.raises(ValueError, match="has no zone"):
            advance(story.incident, event, story.policy)


def test_only_a_bad_step_opens_an_incident_and_only_it_has_a_finding() -> None:
    with pytest.raises(ValueError, match="opens with a bad step"):
        opened(SALES, Observed(MONDAY, MONDAY, Outcome.GOOD), Policy())
    with pytest.raises(ValueError, match="bad step has a finding"):
        Observed(MONDAY, MONDAY, Outcome.BAD)
    with pytest.raises(ValueError, match="bad step has a finding"):
        Observed(MONDAY, MONDAY, Outcome.GOOD, LOW)


def test_mean_times_leave_out_what_has_none() -> None:
    acknowledged, still_open, over = Story(), Story(), Story(Policy(resolve_after=1))
    for story in (acknowledged, still_open, over):
        story.bad("09:00")
    acknowledged.happens(Acknowledged(at("09:30"), "Ann"))
    over.happens(Acknowledged(at("09:10"), "Ann"))
    over.good("09:00", 1)
    found = mean_times([story.incident for story in (acknowledged, still_open, over)])
    assert found == Times(timedelta(minutes=20), 2, DAY, 1)
    assert mean_times([]) == Times(None, 0, None, 0)


def test_the_time_to_acknowledge_is_of_the_firing_that_was_answered() -> None:
    story = Story(Policy(resolve_after=1))
    story.bad("09:00")
    story.good("09:00", 1)
    story.bad("09:00", 2)
    story.happens(Acknowledged(at("09:05", 2), "Ann"))
    assert time_to_acknowledge(story.incident) == timedelta(minutes=5)


def test_instants_are_said_by_the_clock_today_and_with_their_day_otherwise() -> None:
    story = Story()
    story.bad("09:40")
    story.happens(Acknowledged(at("10:02"), "Ann"))
    assert str(told(story.incident, at("11:00"), "UTC")) == "Firing since 09:40, acknowledged by Ann 10:02"
    assert str(told(story.incident, at("11:00"), "Asia/Shanghai")) == "Firing since 17:40, acknowledged by Ann 18:02"
    assert told(story.incident, at("11:00", 1), "UTC").values["since"] == at("09:40")
    lines = [str(line(entry, at("11:00"), "UTC")) for entry in story.incident.history]
    assert lines == ["09:40: off", "09:40: firing", "10:02: acknowledged by Ann"]


def test_a_fingerprint_is_the_same_in_every_process() -> None:
    code = f"from jobs.alerts.incidents.subject import Subject; print(({GERMANY!r}).fingerprint)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == GERMANY.fingerprint
    assert len(GERMANY.fingerprint) == 16
    assert GERMANY.fingerprint != SALES.fingerprint


def series(path: Path, value: float, expected: float, standing: Standing) -> Child:
    alarm = standing is not Standing.USUAL
    score = 4.0 if alarm else 0.5
    return Child(path, Verdict(9, value, expected, 0, 0, score, 2.0, 1e-4 if alarm else 0.5, 1, standing))


def country(name: str) -> Path:
    return (("country", name),)


def test_a_parent_and_its_children_are_one_group() -> None:
    groups = grouped(
        "m",
        "net_sales",
        [
            series(country("France"), 48, 50, Standing.USUAL),
            series((), 60, 100, Standing.BELOW),
            series(country("Germany"), 5, 40, Standing.BELOW),
            series(country("Spain"), 30, 10, Standing.ABOVE),
        ],
    )
    assert [(group.subject.where, group.members) for group in groups] == [
        (country("Germany"), ((), country("Germany"))),
        (country("Spain"), (country("Spain"),)),
    ]
    found = finding(groups[0])
    assert (found.side, found.size, found.value, found.expected) == (Standing.BELOW, 2.0, 60, 100)
    assert found.where == country("Germany")


def test_parts_that_share_a_cause_are_one_group() -> None:
    both = (("category", "Home"), ("country", "Germany"))
    groups = grouped(
        "m",
        "net_sales",
        [
            series((("category", "Home"),), 60, 100, Standing.BELOW),
            series(country("Germany"), 50, 90, Standing.BELOW),
            series(both, 1, 40, Standing.BELOW),
        ],
    )
    assert [group.subject.where for group in groups] == [both]
    assert set(groups[0].members) == {(("category", "Home"),), country("Germany"), both}


def test_nothing_that_alarms_is_no_group() -> None:
    assert grouped("m", "net_sales", [series((), 99, 100, Standing.USUAL)]) == ()


def test_a_step_goes_to_the_incident_of_its_fingerprint_then_of_its_family() -> None:
    policy = Policy(resolve_after=1)
    whole, part = Story(policy), Story(policy, subject=GERMANY)
    whole.bad("09:00")
    part.bad("09:05")
    both = [whole.incident, part.incident]
    now = at("10:00")
    spain = Subject(SALES.monitor, SALES.metric, country("Spain"))
    assert placed(both, GERMANY, Standing.BELOW, now, policy) is part.incident
    assert placed(both, SALES, Standing.BELOW, now, policy) is whole.incident
    assert placed(both, spain, Standing.BELOW, now, policy) is whole.incident
    assert placed(both, spain, Standing.ABOVE, now, policy) is None
    assert placed([part.incident], spain, Standing.BELOW, now, policy) is None
    assert placed(both, Subject("another", "net_sales"), Standing.BELOW, now, policy) is None
    whole.good("09:00", 1)
    assert placed([whole.incident], SALES, Standing.BELOW, at("09:00", 2), policy) is whole.incident
    assert placed([whole.incident], SALES, Standing.BELOW, at("09:00", 5), policy) is None
    assert placed([whole.incident], GERMANY, Standing.BELOW, at("09:00", 2), policy) is None


@pytest.mark.parametrize(
    ("standing", "outcome"),
    [
        (Standing.BELOW, Outcome.BAD),
        (Standing.MISSING, Outcome.BAD),
        (Standing.KNOWN_USUAL, Outcome.GOOD),
        (Standing.SMALL, Outcome.GOOD),
        (Standing.PARTIAL, Outcome.NO_DATA),
        (Standing.BRIEF, Outcome.NO_DATA),
    ],
)
def test_how_a_verdict_is_read(standing: Standing, outcome: Outcome) -> None:
    assert outcome_of(standing) is outcome


def test_a_silence_covers_what_it_matches_and_while_it_lasts() -> None:
    silence = Silence(Matcher(where=country("Germany")), "Bo", at("08:00"), at("12:00"))
    longer = Silence(GERMANY.fingerprint, "Ann", at("09:00"), at("13:00"))
    assert silenced([silence], GERMANY, at("08:00")) is silence
    assert silenced([silence], GERMANY, at("12:00")) is None
    assert silenced([silence, longer], GERMANY, at("10:00")) is longer
    assert silenced([silence, longer], SALES, at("10:00")) is None
    assert silenced([Silence(Matcher("orders"), "Bo", at("08:00"), at("12:00"))], SALES, at("09:00")) is None
    with pytest.raises(ValueError, match="would silence everything"):
        Matcher()
    with pytest.raises(ValueError, match="must end after it begins"):
        Silence("0" * 16, "Bo", at("08:00"), at("08:00"))
    with pytest.raises(ValueError, match="has no zone"):
        Silence("0" * 16, "Bo", datetime(2026, 3, 2), at("08:00"))


def test_a_rota_keeps_local_hours_over_a_night_and_a_clock_change() -> None:
    nights = Hours(frozenset({4}), time(18), time(9))
    rota = Rota(("Ann", "Bo"), date(2026, 3, 2), timezone="Europe/Berlin", hours=(nights,))
    friday = datetime(2026, 3, 27, tzinfo=UTC)  # clocks go forward in the night to Sunday
    assert rota.on_call(friday + timedelta(hours=16, minutes=59)) is None
    assert rota.on_call(friday + timedelta(hours=17)) == "Bo"
    assert rota.on_call(friday + timedelta(hours=31, minutes=59)) == "Bo"
    assert rota.on_call(friday + timedelta(hours=32)) is None
    always = Rota(("Ann", "Bo"), date(2026, 3, 2), timezone="Europe/Berlin")
    assert always.on_call(datetime(2026, 3, 30, 6, 59, tzinfo=UTC)) == "Bo"
    assert always.on_call(datetime(2026, 3, 30, 7, tzinfo=UTC)) == "Ann"
    with pytest.raises(ValueError, match="has no zone"):
        always.on_call(datetime(2026, 3, 30))


def test_a_whole_day_of_hours() -> None:
    weekend = Hours(frozenset({5, 6}), time(0), time(0))
    rota = Rota(("Ann",), date(2026, 3, 2), hours=(weekend,))
    found = [rota.on_call(MONDAY + timedelta(days=day, hours=clock)) for day in range(7) for clock in (0, 12, 23)]
    assert found == [None] * 15 + ["Ann"] * 6


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Policy(fire_after=0), "fire_after counts steps from 1"),
        (lambda: Policy(resolve_after=0), "resolve_after counts steps from 1"),
        (lambda: Policy(reopen_within=timedelta(0)), "reopen_within must be longer"),
        (lambda: Policy(repeat_after=-HOUR), "repeat_after must be longer"),
        (lambda: Policy(update_after=timedelta(0)), "update_after must be longer"),
        (lambda: Policy(worse_by=1.0), "worse_by is a factor above 1"),
        (lambda: Policy(worse_by=float("nan")), "worse_by is a factor above 1"),
        (lambda: Policy(escalation=(Step(HOUR, people=("A",)),) * 2), "one after the other"),
        (lambda: Policy(escalation=(Step(HOUR, on_call=0),)), "there is no rota"),
        (lambda: Step(timedelta(0), people=("A",)), "comes after some time"),
        (lambda: Step(HOUR), "names people, or who is on call"),
        (lambda: Step(HOUR, on_call=-1), "counts from 0"),
        (lambda: Step(HOUR, people=(" ",)), "needs a name"),
        (lambda: Rota((), MONDAY.date()), "at least one person"),
        (lambda: Rota(("Ann", ""), MONDAY.date()), "needs a name"),
        (lambda: Rota(("Ann",), MONDAY.date(), timezone="Mars/Base"), "unknown timezone"),
        (lambda: Rota(("Ann",), MONDAY.date(), timezone="../etc"), "unknown timezone"),
        (lambda: Hours(frozenset({7}), time(9), time(10)), "weekdays are numbers"),
    ],
)
def test_settings_that_cannot_be_meant(make: object, says: str) -> None:
    assert callable(make)
    with pytest.raises(ValueError, match=says):
        make()
