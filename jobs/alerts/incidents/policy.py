"""How incidents are handled: after how many steps, who is told, how often, and who is woken next.

Terms beside Prometheus's and Alertmanager's: `fire_after` is `for`, counted in steps; `resolve_after` plays the part of
`keep_firing_for`; `repeat_after` is `repeat_interval`; `update_after` is `group_interval`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from jobs.alerts.incidents.rota import Rota


@dataclass(frozen=True)
class Step:
    """Whom to tell when nobody has acknowledged for `after` since the incident was told.

    `on_call` 0 is the person on call at that instant, 1 the next in the rota, and so on; `people` are told whenever the
    step comes. While nobody at all would be reached (outside the rota's hours), the step waits.
    """

    after: timedelta
    on_call: int | None = None
    people: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.after <= timedelta(0):
            raise ValueError(f"an escalation step comes after some time, not {self.after}")
        if self.on_call is None and not self.people:
            raise ValueError("an escalation step names people, or who is on call")
        if self.on_call is not None and self.on_call < 0:
            raise ValueError(f"on_call counts from 0, the person on call; it is {self.on_call}")
        if any(not person.strip() for person in self.people):
            raise ValueError(f"everyone in an escalation step needs a name: {self.people!r}")


@dataclass(frozen=True)
class Policy:
    """Of one monitor.

    fire_after      bad steps in a row until an incident fires; the monitor's own persistence rule comes before it
    resolve_after   good steps in a row until it has recovered; steps without a verdict neither count nor interrupt
    reopen_within   a figure that goes bad again this soon after recovery reopens the same incident
    repeat_after    while firing and unacknowledged it is told again this long after it was last told; as escalation and
                    what got worse, this waits while the last step was good
    update_after    a change for the worse is told no sooner than this after it was last told
    worse_by        such a change: so many times as far off as when it was last told, or the other side of usual
    escalation      steps in order of time
    rota            who is on call, for the steps that ask for it

    Raises ValueError for what cannot be meant.
    """

    fire_after: int = 1
    resolve_after: int = 2
    reopen_within: timedelta = timedelta(days=3)
    repeat_after: timedelta = timedelta(days=1)
    update_after: timedelta = timedelta(hours=1)
    worse_by: float = 2.0
    escalation: tuple[Step, ...] = ()
    rota: Rota | None = None

    def __post_init__(self) -> None:
        for name, steps in (("fire_after", self.fire_after), ("resolve_after", self.resolve_after)):
            if steps < 1:
                raise ValueError(f"{name} counts steps from 1 on; it is {steps}")
        durations = {
            "reopen_within": self.reopen_within,
            "repeat_after": self.repeat_after,
            "update_after": self.update_after,
        }
        for name, duration in durations.items():
            if duration <= timedelta(0):
                raise ValueError(f"{name} must be longer than nothing; it is {duration}")
        if not self.worse_by > 1:
            raise ValueError(f"worse_by is a factor above 1; it is {self.worse_by}")
        for before, step in pairwise(self.escalation):
            if step.after <= before.after:
                raise ValueError(f"escalation steps come one after the other: {step.after} follows {before.after}")
        if self.rota is None and any(step.on_call is not None for step in self.escalation):
            raise ValueError("an escalation step asks who is on call, but there is no rota")

    def reached(self, step: Step, instant: datetime) -> tuple[str, ...]:
        """Who is told at a step, each once; empty while nobody is on call."""
        found = step.people
        if self.rota is not None and step.on_call is not None:
            person = self.rota.on_call(instant, step.on_call)
            found = found if person is None else (person, *found)
        return tuple(dict.fromkeys(found))
