"""Is everything explained, and is nothing essential missing?"""

from __future__ import annotations

from bot.understanding.outcome import Clarify, Decline, Outcome, Plan
from bot.understanding.reading.draft import (
    DEFAULT_METRIC,
    TOOL_TITLES,
    Base,
    Stop,
)
from tools.answer import FollowUp, ToolCall
from tools.messages import say
from tools.semantic.periods import Period, unit


class Checks(Base):
    """Is everything explained, and is nothing essential missing?"""

    def _unexplained(self) -> None:
        scene, plan = self.scene, self.plan
        left = scene.left_over()
        if not left:
            if not self._readable() and scene.words("pronoun", "follow_up", "how_many", "which"):
                raise Stop(Clarify(say("What would you like to know about it? For example:"), self._examples()))
            return
        unknown = [span for span in left if span.unknown or span.word("partial_name")]
        readable = self._readable()
        if not readable and all(
            span.word("pronoun", "compare", "highest", "lowest", "top", "only", "overview") or span.has("number")
            for span in left
        ):
            raise Stop(Clarify(say("What would you like to know about it? For example:"), self._examples()))
        if unknown and not plan.metrics:
            raise Stop(
                Decline(
                    say(
                        "I answer questions about your team's marketing figures; this one is beyond me. "
                        "I can answer, for example:"
                    ),
                    self._examples(),
                )
            )
        if unknown:
            words = tuple(dict.fromkeys(scene.original(span) for span in unknown))
            raise Stop(
                Decline(
                    say(
                        "I do not know what {words} means here, so I would rather not give a figure.",
                        words=tuple(f"“{w}”" for w in words[:4]),
                    ),
                    self._without(),
                )
            )
        words = tuple(f"“{scene.original(span)}”" for span in left[:4])
        if not readable:
            raise Stop(Clarify(say("What would you like to know about {words}?", words=words), self._examples()))
        raise Stop(
            Clarify(
                say("I am not sure how {words} is meant here. Do you mean this?", words=words),
                self._without(),
            )
        )

    def _essentials(self) -> None:
        """A figure needs a metric and a period; a ranking needs groups."""
        plan, scene = self.plan, self.scene
        pending = self._pending()
        if not plan.metrics:
            if (scene.words("selling", "selling_worst")) and plan.period is not None:
                raise Stop(self._which_measure())
            if plan.by and plan.ranked and scene.words("ordering"):
                plan.metrics = ["orders"]
            elif plan.by and (plan.ranked or plan.period is not None) and not (plan.ranked and not plan.by):
                plan.metrics = [DEFAULT_METRIC]
                plan.notes.append(say("Ranked by net sales, since no figure was named."))
            elif plan.period is not None or plan.filters or plan.ranked:
                raise Stop(Clarify(say("Which figure would you like?"), self._figures(), pending))
            else:
                raise Stop(
                    Decline(
                        say(
                            "I answer questions about your team's marketing figures; this one is beyond me. "
                            "I can answer, for example:"
                        ),
                        self._examples(),
                    )
                )
        if plan.ranked and plan.top is None and plan.period and any(self.catalog.dimensions[b].grain for b in plan.by):
            plan.top = 1000  # "rank the quarters": all of them, in the order of their values
        if plan.ranked and not plan.by and plan.top != 1:
            raise Stop(Clarify(say("The top of what?"), self._groups()))
        if plan.ranked and not plan.by:
            raise Stop(Clarify(say("Ranked by what?"), self._groups()))
        if plan.having and (plan.metrics[0] == "active_customers" or "customer" in plan.by):
            if "segments" in self.world.tools:
                raise Stop(
                    Decline(say("I am not sure which customers you mean. You can ask, for example:"), self._examples())
                )
            raise Stop(
                Decline(
                    say(
                        "I cannot do {tool} yet. I can compute, compare and rank figures.", tool=TOOL_TITLES["segments"]
                    ),
                    self._examples(),
                )
            )
        if plan.having and not plan.by:
            raise Stop(
                Decline(
                    say("I can set conditions on groups such as countries or products, not on single orders."),
                    self._examples(),
                )
            )
        if len(plan.by) > 2 or (plan.top and len(plan.by) > 1):
            raise Stop(Clarify(say("I can split by two things, and rank by one. Which one first?"), self._groups()))
        if plan.period is None and plan.by == ["year"] and self.world.first_day is not None:
            plan.period = Period(self.world.first_day, self.world.today)
        if plan.period is None:
            raise Stop(Clarify(say("For which period?"), self._period_options(), self._pending()))
        if plan.rank_by == "change" and plan.compare is None:
            plan.compare = self._before(plan.period)

    def _pending(self) -> ToolCall:
        """The plan as it stands, for the next message to complete."""
        return ToolCall("metrics", self.plan.args())

    def _which_measure(self) -> Clarify:
        plan = self.plan
        options = []
        for name in ("units", "net_sales"):
            plan.metrics = [name]
            options.append(
                FollowUp(
                    say("By {metric}", metric=self.catalog.metrics[name].label.label), ToolCall("metrics", plan.args())
                )
            )
        return Clarify(say("Best-selling by units or by money?"), tuple(options))

    def _figures(self) -> tuple[FollowUp, ...]:
        plan = self.plan
        found = []
        for name in ("net_sales", "orders", "units", "active_customers"):
            plan.metrics = [name]
            plan.top = plan.top if plan.by else None
            saved = plan.period
            plan.period = saved or unit(self.world.today, "month").previous()
            found.append(
                FollowUp(
                    say("{metric}, {period}", metric=self.catalog.metrics[name].label.label, period=plan.period),
                    ToolCall("metrics", plan.args()),
                )
            )
            plan.period = saved
        return tuple(found)

    def _finish(self) -> Outcome:
        plan = self.plan
        if plan.period is not None:
            plan.period = self._clip(plan.period)
        notes = [
            say("Read “{typed}” as “{meant}”.", typed=typed, meant=meant) for typed, meant in self.scene.corrections
        ]
        return Plan((ToolCall("metrics", plan.args()),), (*notes, *plan.notes))
