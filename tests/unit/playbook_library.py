"""A library of a few made documents, found by the words that the tests name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import StaticPool

from knowledge.catalogue import Learned
from knowledge.document import Block, Document, Language, Passage
from knowledge.errors import Unreadable
from knowledge.report import LearnReport, Preview, Progress, Section, Step
from knowledge.retrieval.found import Extract, Found, Hit
from tools.playbooks.record import QuestionRow, ShownRow, VoteRow
from tools.state import Base


def learned(name: str, title: str, *, language: Language = "en", access: str = "viewer", team: bool = False) -> Learned:
    return Learned(
        key=f"/somewhere/{name}",
        name=name,
        folder="/somewhere",
        origin="team" if team else "shipped",
        access=access,
        title=title,
        language=language,
        pages=None,
        passages=1,
        kind="",
        metrics=(),
        aliases=(),
        digest=name,
        size=100,
        learned_at="2026-11-03T09:30:00+00:00",
    )


def passage(
    document: Learned, text: str, section: tuple[str, ...] = (), *, place: int = 0, page: int | None = None
) -> Passage:
    return Passage(
        id=f"{document.name}-{place}",
        document=document.key,
        place=place,
        title=document.title,
        section=section,
        page=page,
        language=document.language,
        text=text,
    )


@dataclass
class FakeLibrary:
    """Stands for `knowledge.library.Library`.

    A passage answers where its word in `asked` is in the question; `also` names the passage that then answers as well.
    """

    held: list[tuple[Learned, list[Passage]]] = field(default_factory=list)
    asked: dict[str, str] = field(default_factory=dict)
    also: dict[str, str] = field(default_factory=dict)
    sent: list[tuple[str, str | None]] = field(default_factory=list)

    def documents(self, readable: Collection[str]) -> tuple[Learned, ...]:
        return tuple(document for document, _passages in self.held if document.access in readable)

    def find(
        self, question: str, *, readable: Collection[str], language: Language | None = None, limit: int = 10
    ) -> Found:
        hits = [
            Hit(passage, document, 1.0 / (number + 1))
            for number, (document, passage) in enumerate(self._readable(readable))
        ]
        for hit in hits:
            word = self.asked.get(hit.passage.id)
            if word is not None and word in question:
                first = (hit, *(other for other in hits if other is not hit))
                quote = hit.passage.text.partition("\n")[0]
                also = next((other for other in hits if other.passage.id == self.also.get(hit.passage.id)), None)
                second = (Extract(also.passage, also.document, also.passage.text),) if also else ()
                return Found(first[:limit], Extract(hit.passage, hit.document, quote), 0.9, also=second)
        return Found(tuple(hits[:limit]), None, 0.1)

    def likely(self, question: str, *, readable: Collection[str]) -> float:
        return self.find(question, readable=readable).confidence

    def section(self, passage_id: str, *, readable: Collection[str]) -> Section | None:
        for document, own in self._readable(readable):
            if own.id == passage_id:
                together = [p for p in self.contents(document.key, readable=readable) if p.section == own.section]
                numbers = [p.page for p in together if p.page is not None]
                pages = (min(numbers), max(numbers)) if numbers else None
                text = "\n\n".join(p.text for p in together)
                return Section(document, document.title, own.section, pages, text)
        return None

    def contents(self, key: str, *, readable: Collection[str]) -> tuple[Passage, ...]:
        return tuple(own for document, own in self._readable(readable) if document.key == key)

    def preview(self, file: Path, name: str) -> Preview:
        text = file.read_text(encoding="utf-8", errors="replace")
        if not text.strip():
            raise Unreadable(name, "empty")
        document = Document(text.split("\n")[0].strip("# "), "en", (Block(text),))
        old = next((document for document, _passages in self.held if document.name == name), None)
        made = learned(name, document.title, team=True)
        return Preview(name, document, (passage(made, text),), old)

    def learn_sent(
        self,
        file: Path,
        name: str,
        *,
        access: str | None = None,
        progress: Progress | None = None,
        patience_s: float = 0.0,
    ) -> LearnReport:
        preview = self.preview(file, name)
        if progress is not None:
            progress(Step("embedding", 1, 1))
        made = learned(name, preview.title, access=access or "viewer", team=True)
        changed = preview.replaces is not None
        self.held = [one for one in self.held if one[0].name != name]
        self.held.append((made, [replace(one, document=made.key) for one in preview.passages]))
        self.sent.append((name, access))
        return LearnReport(changed=(made,)) if changed else LearnReport(added=(made,))

    def _readable(self, readable: Collection[str]) -> list[tuple[Learned, Passage]]:
        return [(document, own) for document, passages in self.held if document.access in readable for own in passages]


def playbook_state() -> sessionmaker[Session]:
    """An empty state database in memory, with the tables of the playbooks."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    tables = [row.__table__ for row in (QuestionRow, ShownRow, VoteRow)]
    Base.metadata.create_all(engine, tables=tables)  # type: ignore[arg-type]
    return sessionmaker(engine, expire_on_commit=False)
