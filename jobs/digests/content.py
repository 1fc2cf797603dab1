"""What a digest says: one sentence, one picture, and a line for each thing that is worth a look."""

from __future__ import annotations

from jobs.digests.digesting import Digesting, days
from jobs.digests.figures import tables_of
from jobs.digests.headline import headline, stale_headline
from jobs.digests.section import Part, Section
from jobs.digests.sections import chosen
from jobs.digests.wanted import Composed, Occasion, Wanted
from tools.answer import Answer, FollowUp, Provenance
from tools.errors import NotEnoughData
from tools.messages import say
from tools.semantic.answers.naming import filter_text
from tools.semantic.periods import Period
from tools.tool import Context

MOST_TAPS = 8
MOST_METRICS = 8  # of a call of `metrics`


def composed(context: Context, wanted: Wanted, occasion: Occasion) -> Composed:
    """The digest of the occasion's days.

    Where the data of the main figure end before the days do, it says so first, and tells no figures at all. It moved
    where a figure did beyond what is usual (`comparisons.moved`), where an incident is open, and where data lack.

    Raises InvalidArgument where a metric, a section or a filter is not known, MissingTable and NotEnoughData where the
    store holds nothing of what is asked for, or begins after the days.
    """
    with context.warehouse.deadline(None):  # one answer, one store
        return _composed(Digesting(context, wanted, occasion), chosen(wanted.sections))


def _composed(digesting: Digesting, sections: tuple[Section, ...]) -> Composed:
    first = digesting.figures.reach(digesting.figures.main.main).first
    if digesting.told.end < first:
        raise NotEnoughData(
            say("The data begins on {day}: there is nothing of {period} yet.", day=first, period=digesting.told)
        )
    stale = digesting.stale
    parts = [part for one in sections if not (stale and one.tells_figures) if (part := one.run(digesting)) is not None]
    answer = _answer(digesting, parts, stale=stale)
    return Composed(answer, moved=stale or any(part.moved for part in parts), stale=stale)


def _answer(digesting: Digesting, parts: list[Part], *, stale: bool) -> Answer:
    taps = [*(_older(digesting) if stale else ()), *(tap for part in parts for tap in part.follow_ups)]
    return Answer(
        headline=stale_headline(digesting) if stale else headline(digesting),
        lines=tuple(line for part in parts for line in part.lines),
        facts=tuple(fact for part in parts for fact in part.facts),
        table=next((part.table for part in parts if part.table is not None), None),
        chart=next((part.chart for part in parts if part.chart is not None), None),
        file_name="digest",
        follow_ups=tuple(taps[:MOST_TAPS]),
        caveats=tuple(caveat for part in parts for caveat in part.caveats),
        provenance=_provenance(digesting, stale=stale),
    )


def _older(digesting: Digesting) -> tuple[FollowUp, ...]:
    """The newest figures that are there, as a tap of their own."""
    figures = digesting.figures
    whole = figures.reach(figures.main.main).whole
    names = [request.main.id for request in figures.requests if figures.reach(request.main).whole >= whole]
    newest = Period(whole, whole)
    call = digesting.call("metrics", metrics=names[:MOST_METRICS], period=days(newest))
    return (FollowUp(say("Figures of {day}", day=whole), call),)


def _provenance(digesting: Digesting, *, stale: bool) -> Provenance:
    figures, context = digesting.figures, digesting.context
    metrics = [request.main for request in figures.requests]
    told = [say("{metric}: {definition}", metric=one.label.label, definition=one.definition.label) for one in metrics]
    if not stale:
        told += [say("Compared with {period}.", period=baseline.period) for baseline in figures.baselines]
        told.append(
            say(
                "What is marked differs from the first of these, and from the median of the eight like periods before, "
                "by more than a tenth and by more than two of their usual deviations."
            )
        )
    return Provenance(
        definition=tuple(told),
        period=digesting.told,
        filters=tuple(filter_text(figures.main, each) for each in digesting.wanted.filters),
        sql=tuple(figures.sql),
        tables=tables_of(context, metrics),
        as_of=figures.reach(metrics[0]).last,
    )
