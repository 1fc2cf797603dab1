"""The answer of `drivers`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.answer import Answer
from tools.drivers.answers.around import caveats, follow_ups, provenance
from tools.drivers.answers.facts import facts
from tools.drivers.answers.headline import headline
from tools.drivers.answers.sentences import lines
from tools.drivers.answers.tables import tables, waterfall

if TYPE_CHECKING:
    from tools.drivers.analysis import Analysis


def answer(analysis: Analysis) -> Answer:
    table, whole_table = tables(analysis)
    return Answer(
        headline=headline(analysis),
        lines=lines(analysis),
        facts=facts(analysis),
        table=table,
        chart=waterfall(analysis),
        file_name="drivers",
        follow_ups=follow_ups(analysis),
        caveats=caveats(analysis),
        provenance=provenance(analysis),
        whole=whole_table,
    )
