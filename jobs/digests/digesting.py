"""A digest while it is made: what its sections look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from jobs.digests.events import Events
from jobs.digests.figures import Figure, Figures
from tools.answer import ToolCall
from tools.errors import AssistantError
from tools.messages import Label, Message, say
from tools.semantic.answers.naming import where_phrase
from tools.semantic.periods import Period

if TYPE_CHECKING:
    from jobs.digests.wanted import Occasion, Wanted
    from tools.drivers.analysis import Analysis
    from tools.semantic.catalog import Metric
    from tools.tool import Context

AHEAD = timedelta(days=14)


@dataclass(frozen=True)
class Digesting:
    """What is known of a digest's days; each thing is read when a section first asks for it."""

    context: Context
    wanted: Wanted
    occasion: Occasion

    @property
    def told(self) -> Period:
        """All the days that it tells of, also those that were held back to the same moment."""
        return self.occasion.covers

    @cached_property
    def figures(self) -> Figures:
        return Figures(self.context, self.wanted, self.told)

    @property
    def main(self) -> Figure:
        return self.figures.all[0]

    @property
    def stale(self) -> bool:
        """Whether the main figure's data end before the days do."""
        return self.figures.reach(self.figures.main.main).whole < self.told.end

    @cached_property
    def analysis(self) -> Analysis | None:
        """Why the main figure moved against the first baseline; None where it cannot be told."""
        from tools.drivers.analysis import analysed
        from tools.drivers.request import DriversArgs, prepared

        if self.main.now is None or self.main.before[0] is None:
            return None
        asked = DriversArgs.model_validate(self.drivers_call(self.main.metric).args)
        try:
            found = analysed(prepared(self.context, asked))
        except AssistantError:  # of figures that cannot be taken apart
            return None
        self.figures.sql.update(dict.fromkeys(found.sql))
        return found

    @cached_property
    def events(self) -> Events:
        """From the first baseline to two weeks after the days; of one country where only that is filtered for."""
        wide = Period(self.figures.baselines[0].period.start, self.told.end + AHEAD)
        places = [f for f in self.wanted.filters if f.dimension == "country" and f.op == "in"]
        country = places[0].values[0] if len(places) == 1 and len(places[0].values) == 1 else None
        return Events(self.context, wide, country)

    @property
    def where(self) -> Mapping[str, str]:
        """The filters as facts carry them."""
        return {f.dimension: ", ".join(f.values) for f in self.wanted.filters if f.op == "in"}

    def title(self, metric: Metric) -> Label | Message:
        """A figure at the start of a sentence, with the filters."""
        if not self.wanted.filters:
            return metric.label.label
        return say("{metric} {where}", metric=metric.label.label, where=where_phrase(self.figures.main))

    def drivers_call(self, metric: Metric) -> ToolCall:
        """Asks why a figure moved against the first baseline."""
        baseline = self.figures.baselines[0].period
        return self.call("drivers", metric=metric.id, period=days(self.told), compare=days(baseline))

    def call(self, tool: str, **args: Any) -> ToolCall:
        """A call of a tool under the digest's filters."""
        if self.wanted.filters:
            args["filters"] = [each.model_dump(mode="json") for each in self.wanted.filters]
        return ToolCall(tool, args)


def days(period: Period) -> dict[str, str]:
    """A period as tools take it."""
    return {"start": period.start.isoformat(), "end": period.end.isoformat()}
