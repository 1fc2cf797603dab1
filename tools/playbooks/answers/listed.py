"""The documents that there are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from tools.answer import Answer, Column, Fact, Provenance, Table
from tools.messages import Label, Message, say, say_n
from tools.playbooks.access import readable_by
from tools.playbooks.pages import library_of, pages

if TYPE_CHECKING:
    from knowledge.catalogue import Learned
    from tools.tool import Context

OFFERED = 6
LANGUAGES: Mapping[str, Label] = {"en": Label("English", "英文"), "zh": Label("Chinese", "中文")}


def listed(context: Context) -> Answer:
    """A table of the documents that the reader may read: the team's own first, then in the reader's language."""
    documents = sorted(
        library_of(context).documents(readable_by(context.user.role)),
        key=lambda one: (one.origin != "team", one.language != context.user.language, one.title.casefold()),
    )
    team = sum(one.origin == "team" for one in documents)
    return Answer(
        headline=say_n("{count} document in the playbooks", "{count} documents in the playbooks", len(documents)),
        lines=(say_n("{count} of them is the team's own.", "{count} of them are the team's own.", team),)
        if team
        else (),
        facts=(Fact("documents", len(documents), "count"),),
        table=Table(
            (
                Column("title", Label("Title", "标题")),
                Column("language", Label("Language", "语言"), labels=LANGUAGES),
                Column("from", Label("From", "来源"), spare=True),
            ),
            tuple((one.title, one.language, _origin(one)) for one in documents),
            len(documents),
        ),
        file_name="playbooks",
        follow_ups=pages(documents[:OFFERED]),
        provenance=Provenance(
            definition=(say("The documents that you may read, by title."),),
            as_of=datetime.fromisoformat(max(one.learned_at for one in documents)),
        ),
    )


def _origin(document: Learned) -> Message:
    return say("the team") if document.origin == "team" else say("shipped")
