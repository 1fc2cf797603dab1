"""What every answer about incidents shares: those that the asker may see, and which one is meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jobs.alerts.figure import Figure
from jobs.alerts.incidents.store import Incidents, Kept, Origin
from jobs.alerts.telling import deviation
from tools.answer import FollowUp, Provenance, ToolCall
from tools.customers.segments.selection import Selection
from tools.errors import InvalidArgument
from tools.messages import Message, say
from tools.semantic.periods import Period
from tools.semantic.query import Engine

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from jobs.alerts.incidents.store import Which
    from jobs.catalog.incidents import IncidentsArgs
    from tools.tool import Context

NAME = "incidents"
MOST_CHOICES = 5


@dataclass(frozen=True)
class Seen:
    """An incident, its monitor, and its series."""

    kept: Kept
    origin: Origin
    figure: Figure

    @property
    def watched_still(self) -> bool:
        """Whether its alert is there and watches these figures by now."""
        now = self.origin.definition
        return not self.origin.removed and now is not None and self.figure.definition.watches_the_same(now)

    @property
    def what(self) -> Message:
        return deviation(self.figure, self.kept)


@dataclass(frozen=True)
class Desk:
    context: Context
    args: IncidentsArgs

    @classmethod
    def of(cls, context: Context, args: IncidentsArgs) -> Desk:
        """Raises InvalidArgument for an unknown metric."""
        if args.metric is not None:
            context.catalog.metric(args.metric)
        return cls(context, args)

    @property
    def state(self) -> Callable[[], Session]:
        """Raises InvalidArgument where there is none."""
        if self.context.state is None:
            raise InvalidArgument(say("Incidents cannot be kept here: there is no state database."))
        return self.context.state

    @property
    def incidents(self) -> Incidents:
        return Incidents(self.state, lambda: self.context.now)

    @property
    def timezone(self) -> str:
        """The reader's, in which instants are told."""
        return self.context.user.timezone

    def found(self, which: Which, *, metric: str | None = None, period: Period | None = None) -> tuple[Seen, ...]:
        """Those of the chat, in the terminal all; the newest first. Those of unknown metrics are left out."""
        if self.context.state is None:
            return ()
        chat = self.context.chat
        kept = self.incidents.listing(
            which,
            chat=None if chat is None else (chat.id, chat.topic),
            metric=metric,
            period=period,
            timezone=self.context.warehouse.settings().timezone,
        )
        return self._seen(kept)

    def provenance(self, definition: Message, period: Period | None) -> Provenance:
        """Of an answer about several: which they are, and up to when sales could be seen."""
        context = self.context
        engine = Engine(context.warehouse, context.catalog, context.today, Selection(context).members)
        metric = None if self.args.metric is None else context.catalog.metric(self.args.metric)
        span = engine.span("sales")
        return Provenance(
            definition=(definition,),
            period=period,
            filters=() if metric is None else (say("{metric}", metric=metric.label.label),),
            as_of=None if span is None else span[1],
        )

    def meant(self) -> Seen:
        """The one whose number was given, or the only one that is open. Raises InvalidArgument."""
        if self.args.incident is not None:
            return self._numbered(self.args.incident)
        found = self.found("open")
        if not found and self.args.action in ("show", "not_an_anomaly"):
            found = self.found("resolved")[:1]
        if not found:
            raise InvalidArgument(say("No incident is open."), (tap(say("Past incidents"), which="resolved"),))
        if len(found) > 1:
            raise InvalidArgument(say("Which one?"), tuple(self._choice(one) for one in found[:MOST_CHOICES]))
        return found[0]

    def named(self, number: int) -> Seen | None:
        """The incident of a number; None where there is none that can be told of."""
        kept = self.incidents.get(number)
        return next(iter(() if kept is None else self._seen((kept,))), None)

    def _numbered(self, number: int) -> Seen:
        found = self.named(number)
        if found is None or not self._told_here(found):
            raise InvalidArgument(
                say("There is no incident {number} here.", number=str(number)),
                (tap(say("Open incidents")),),
            )
        return found

    def _told_here(self, one: Seen) -> bool:
        """Whether it is of the chat, or was told there: to somebody on call. In the terminal, all are."""
        chat = self.context.chat
        return chat is None or chat.id == one.origin.chat_id or chat.id in self.incidents.chats(one.kept.id)

    def _seen(self, kept: Sequence[Kept]) -> tuple[Seen, ...]:
        origins = self.incidents.origins(kept)
        found = []
        for one in kept:
            origin, definition = origins.get(one.monitor_id), one.definition
            if origin is not None and definition is not None and definition.metric in self.context.catalog.metrics:
                found.append(Seen(one, origin, Figure(self.context, definition, one.incident.finding.where)))
        return tuple(found)

    def _choice(self, one: Seen) -> FollowUp:
        call = ToolCall(NAME, self.args.model_copy(update={"incident": one.kept.id}).plain())
        return FollowUp(say("{number}: {figure}", number=str(one.kept.id), figure=one.figure.title), call)


def tap(label: Message, **args: Any) -> FollowUp:
    return FollowUp(label, ToolCall(NAME, args))
