"""In words, what learning a document would bring, how far it is, and what it brought."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.answer import Answer, Citation
from tools.messages import Message, say, say_n
from tools.playbooks.access import READERS
from tools.playbooks.answers.listed import LANGUAGES
from tools.playbooks.pages import dotted, learned_on, tap, titled
from tools.playbooks.words import page_count, size_of

if TYPE_CHECKING:
    from knowledge.document import Block, Document
    from knowledge.report import LearnReport, Preview, Step

FIRST_LINES = 600
PAGES_NAMED = 12


def previewed(preview: Preview, shown_name: str, size: int) -> Answer:
    """What a document is and would replace, before anything is learned; `size` in bytes."""
    document = preview.document
    facts: list[Message] = [say("{language}", language=LANGUAGES[document.language])]
    if document.pages is not None:
        facts.append(page_count(preview.name, document.pages))
    facts += [
        say_n("{count} section", "{count} sections", len({block.headings for block in document.blocks})),
        size_of(size),
    ]
    lines = [dotted(facts)]
    if shown_name != preview.name:
        lines.append(say("Its name here: “{name}”", name=preview.name))
    return Answer(
        headline=titled(document.title),
        lines=tuple(lines),
        citations=(Citation(shown_name, "", None, _first_lines(document.blocks)),),
        closing=(
            *_replaced(preview),
            *(say("⚠️ {warning}", warning=warning) for warning in _not_read(document)),
            say("Shall I learn it, and for whom?"),
        ),
    )


def progress(step: Step) -> Message:
    """How far learning is."""
    if step.stage == "waiting":
        return say("Another learning is running; yours follows.")
    if step.stage == "reading":
        return say("Reading…")
    if step.stage == "embedding":
        return say("Indexing: {done} of {total} passages", done=step.done, total=step.total)
    return say("Indexing everything anew: {done} of {total} passages", done=step.done, total=step.total)


def learned(report: LearnReport, name: str, access: str) -> Answer:
    """What came of learning one document for the readers of an access label."""
    documents = (*report.added, *report.changed)
    if not documents:
        return Answer(
            headline=say(
                "“{name}” was learned already and has not changed. It is now for {readers}.",
                name=name,
                readers=READERS.get(access, say("admins only")),
            ),
            follow_ups=(tap(say("Show it"), document=name),),
        )
    document = documents[0]
    title = titled(document.title)
    return Answer(
        headline=say("Learned: {title}", title=title)
        if document in report.added
        else say("Learned anew: {title}", title=title),
        lines=(
            say_n(
                "{count} passage, for {readers}. Ask me about it.",
                "{count} passages, for {readers}. Ask me about it.",
                document.passages,
                readers=READERS.get(document.access, say("admins only")),
            ),
        ),
        follow_ups=(tap(say("Show it"), document=document.name),),
    )


def _replaced(preview: Preview) -> tuple[Message, ...]:
    old = preview.replaces
    if old is None:
        return ()
    return (
        say(
            "It would replace “{title}”, learned {day}, for {readers}.",
            title=titled(old.title),
            day=learned_on(old),
            readers=READERS.get(old.access, say("admins only")),
        ),
    )


def _not_read(document: Document) -> tuple[Message, ...]:
    """Pages that are pictures: what they say would not be found."""
    pictured = document.pictured_pages
    if not pictured:
        return ()
    named = tuple(str(page) for page in pictured[:PAGES_NAMED])
    if len(pictured) > PAGES_NAMED:
        return (
            say(
                "{count} of {pages} pages are pictures without text; what they say would not be found: {named} …",
                count=len(pictured),
                pages=document.pages or len(pictured),
                named=named,
            ),
        )
    return (
        say_n(
            "{count} page is a picture without text; what it says would not be found: {named}",
            "{count} pages are pictures without text; what they say would not be found: {named}",
            len(pictured),
            named=named,
        ),
    )


def _first_lines(blocks: tuple[Block, ...]) -> str:
    text = ""
    for block in blocks:
        text += f"{block.text.strip()}\n\n"
        if len(text) >= FIRST_LINES:
            return f"{text[:FIRST_LINES].rstrip()}…"
    return text.strip()
