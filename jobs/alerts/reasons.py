"""What may be behind an alarm, and what the playbooks say to do: short, and only where there is something to say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog

from jobs.alerts.detection.verdicts import Standing
from tools.answer import Citation, Fact, ToolCall
from tools.errors import AssistantError
from tools.messages import Message, say
from tools.playbooks.access import readable_by
from tools.playbooks.pages import path_text
from tools.semantic.periods import Period

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jobs.alerts.figure import Figure
    from knowledge.catalogue import Learned
    from knowledge.document import Language, Passage

log = structlog.get_logger(__name__)

NAMED = 2  # drivers: a caption is short
LONGEST_QUOTE: Mapping[Language, int] = {"en": 190, "zh": 90}
INCIDENTS = "incident"  # the kind of playbook pages on what to do when a figure goes wrong
DATA_LATE = "incident-data-late.md"
ONE_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Reasons:
    lines: tuple[Message, ...] = ()
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class Remedy:
    """The page that says what to do, and its first advice."""

    document: str
    citation: Citation


def why(figure: Figure, period: Period) -> ToolCall:
    """The question why it moved, against the same days of the week before, or as many days before."""
    before = _before(period)
    args: dict[str, Any] = {
        "metric": figure.metric.id,
        "period": {"start": period.start.isoformat(), "end": period.end.isoformat()},
        "compare": {"start": before.start.isoformat(), "end": before.end.isoformat()},
    }
    if figure.filters:
        args["filters"] = [one.model_dump(mode="json") for one in figure.filters]
    return ToolCall("drivers", args)


def reasons(figure: Figure, period: Period, side: Standing) -> Reasons:
    """The likely drivers of a day's alarm; none where the figure did not move to that side since a week before.

    An hour is not taken apart: what drives a day need not drive one hour of it.
    """
    if side is Standing.MISSING or figure.definition.grain == "hour":
        return Reasons()
    from tools.drivers.analysis import analysed
    from tools.drivers.answers.facts import facts
    from tools.drivers.answers.sentences import lines
    from tools.drivers.request import DriversArgs, prepared

    try:
        args = DriversArgs.model_validate({**why(figure, period).args, "top": NAMED})
        analysis = analysed(prepared(figure.context, args))
    except AssistantError as nothing:
        log.info("no_drivers_of_an_alarm", metric=figure.metric.id, why=str(nothing.message))
        return Reasons()
    whole = analysis.whole
    if whole is None or not analysis.breakdowns or (whole.change > 0) != (side is Standing.ABOVE):
        return Reasons()
    first, *_more = lines(analysis)
    return Reasons((say("Against {baseline}: {line}", baseline=_before(period), line=first),), facts(analysis))


def _before(period: Period) -> Period:
    back = max(ONE_WEEK, timedelta(days=period.days))
    return Period(period.start - back, period.end - back)


def remedy(figure: Figure, side: Standing) -> Remedy | None:
    """What the reader's playbooks say to do about it; None where they hold nothing, or the alarm is good news."""
    library, user = figure.context.knowledge, figure.context.user
    good = {Standing.ABOVE: "up", Standing.BELOW: "down"}.get(side)
    if library is None or (good is not None and figure.metric.good == good):
        return None
    readable = readable_by(user.role)
    try:
        page = _page(library.documents(readable), figure, side)
        passages = () if page is None else library.contents(page.key, readable=readable)
    except Exception:  # whatever broke among the files, the alarm goes out
        log.exception("playbooks_not_read")
        return None
    advice = next((one for one in passages if one.section), None)
    if page is None or advice is None:
        return None
    return Remedy(
        page.name,
        Citation(page.name, path_text(advice.section), advice.page, _beginning(advice), access=page.access),
    )


def _page(documents: Iterable[Learned], figure: Figure, side: Standing) -> Learned | None:
    """The page on this figure, best one that is first of all on it, the team's own, in the reader's language."""
    metric, language = figure.metric.id, figure.context.user.language
    if side is Standing.MISSING:
        fitting = [one for one in documents if one.name.endswith(DATA_LATE)]
    else:
        fitting = [one for one in documents if one.kind == INCIDENTS and metric in one.metrics]
    if not fitting:
        return None
    return min(
        fitting,
        key=lambda one: (
            one.metrics.index(metric) if metric in one.metrics else 0,
            one.language != language,
            one.origin != "team",
            one.name,
        ),
    )


def _beginning(passage: Passage) -> str:
    """Its first lines, whole ones as far as they fit."""
    longest = LONGEST_QUOTE[passage.language]
    kept = ""
    for line in passage.text.split("\n"):
        longer = f"{kept}\n{line}" if kept else line
        if len(longer) > longest:
            break
        kept = longer
    if kept:
        return kept
    cut = passage.text[:longest]
    return f"{cut[: cut.rfind(' ')] if ' ' in cut else cut}…"
