"""What one question gathers while it is answered, and the reply that comes of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, get_args

import structlog
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from bot.reply import Progress, Reply, broken
from bot.understanding.knowledge.reading import TOOL as PLAYBOOK
from bot.understanding.outcome import Clarify, Outcome, Plan
from tools.answer import Answer, Cell, ToolCall
from tools.errors import AssistantError, NothingFound
from tools.messages import Message, say
from tools.semantic.periods import Grain
from tools.tool import Chat, User

if TYPE_CHECKING:
    from bot.understanding.hosted.routing import Attempt

log = structlog.get_logger(__name__)
# Where nothing answers, so many pages and so many questions about figures are offered: of the nearer kind first.
OFFERED = 2
NEARER, FURTHER = 3, 1
MOST_FACTS = 20
MOST_ROWS = 50


@dataclass
class Turn:
    """What one question needs and gathers while the graph runs.

    `by_model` is what a language model makes of it, where one was asked; `notes` go below the answer. `began` is on
    the clock of `time.perf_counter`.
    """

    user: User
    today: date
    progress: Progress
    chat: Chat | None = None
    forwarded: bool = False
    outcome: Outcome | None = None
    answers: list[tuple[ToolCall, Answer | AssistantError]] = field(default_factory=list)
    run_ms: float = 0.0
    by_model: Attempt | None = None
    notes: list[Message] = field(default_factory=list)
    began: float = field(default_factory=time.perf_counter)


def silent(_message: Message) -> None:
    """Progress that nobody watches."""


def elapsed_ms(started: float, run_ms: float = 0.0) -> Mapping[str, float]:
    total = (time.perf_counter() - started) * 1000
    run_ms = min(run_ms, total)  # calls that ran side by side add up to more
    return {"understand": round(total - run_ms, 1), "run": round(run_ms, 1), "total": round(total, 1)}


def replied(turn: Turn, language: str, notes: tuple[Message, ...], started: float) -> Reply:
    """Answers where there are any; a failed call beside them becomes a caveat, alone a refusal."""
    elapsed = elapsed_ms(started, turn.run_ms)
    answers = [answer for _call, answer in turn.answers if isinstance(answer, Answer)]
    errors = [error for _call, error in turn.answers if isinstance(error, AssistantError)]
    calls = tuple(call for call, _answer in turn.answers)
    if not answers:
        error = errors[0]
        return refused(error, language, calls, elapsed)
    answers[0] = replace(answers[0], caveats=(*notes, *answers[0].caveats, *map(_caveat, errors)))
    if len(answers) > 1:
        answers = [_beside_others(answer) for answer in answers]
    return Reply("answered", language, calls=calls, answers=tuple(answers), elapsed_ms=elapsed)


def _caveat(error: AssistantError) -> Message:
    return error.alone if isinstance(error, NothingFound) else error.message


def _beside_others(answer: Answer) -> Answer:
    """With its most useful button and the votes: a page stands by itself or beside a figure, and rows are few."""
    loud = [follow for follow in answer.follow_ups if not follow.quiet]
    return replace(answer, follow_ups=(*loud[:1], *(follow for follow in answer.follow_ups if follow.quiet)))


def otherwise(plan: Plan, turn: Turn, language: str, started: float) -> Reply | None:
    """What is said where the playbooks were asked because figures knew too little, and they do not answer either.

    None: they do, or nothing was planned for this.
    """
    errors = [error for _call, error in turn.answers if isinstance(error, AssistantError)]
    if len(errors) < len(turn.answers) or not errors or not (plan.otherwise or plan.examples):
        return None
    error = errors[0]
    elapsed = elapsed_ms(started, turn.run_ms)
    reply = refused(error, language, tuple(call for call, _error in turn.answers), elapsed)
    figures = plan.otherwise
    if not isinstance(error, NothingFound):
        return replace(reply, options=(*error.options, *(figures.options if figures else plan.examples)[:NEARER]))
    if figures is None:
        return replace(reply, message=_perhaps(error), options=(*error.options[:OFFERED], *plan.examples[:OFFERED]))
    return replace(
        reply,
        status="clarify" if isinstance(figures, Clarify) else "declined",
        message=figures.message,
        options=(*figures.options[:NEARER], *error.options[:FURTHER]),
    )


def _perhaps(error: NothingFound) -> Message:
    if not error.options:
        return say("{nothing} I also answer questions about your team's figures, for example:", nothing=error.alone)
    return say("{nothing} These pages are the nearest, and you can ask for figures:", nothing=error.alone)


def refused(error: AssistantError, language: str, calls: tuple[ToolCall, ...], elapsed: Mapping[str, float]) -> Reply:
    return Reply("declined", language, calls=calls, message=error.message, options=error.options, elapsed_ms=elapsed)


def safely(
    work: Callable[[], Reply], language: str, started: float, what: str, calls: tuple[ToolCall, ...] = ()
) -> Reply:
    """The reply, or why there is none. After a bug the user gets an id, and the log the trace under it."""
    try:
        return work()
    except AssistantError as error:
        return refused(error, language, calls, elapsed_ms(started))
    except Exception:  # whatever broke, the bot goes on and says so
        reply = broken(language, calls, elapsed_ms(started))
        log.exception("question failed", incident=reply.incident, what=what)
        return reply


def as_messages(turn: Turn) -> list[BaseMessage]:
    """A tapped call as the graph would have left it, so that the next question can build on it."""
    messages: list[BaseMessage] = []
    for i, (call, answer) in enumerate(turn.answers):
        messages.append(AIMessage("", tool_calls=[{"name": call.tool, "args": dict(call.args), "id": f"tap_{i}"}]))
        text, artifact = (brief(answer), taken_up(answer)) if isinstance(answer, Answer) else (str(answer), None)
        messages.append(ToolMessage(text, tool_call_id=f"tap_{i}", name=call.tool, artifact=artifact))
    return messages


def as_said(calls: Sequence[ToolCall]) -> list[BaseMessage]:
    """Calls of an older answer, as if it had been given last."""
    if not calls:
        return []
    made = [{"name": call.tool, "args": dict(call.args), "id": f"about_{i}"} for i, call in enumerate(calls)]
    heard = [ToolMessage("", tool_call_id=f"about_{i}", name=call.tool) for i, call in enumerate(calls)]
    return [HumanMessage(""), AIMessage("", tool_calls=made), *heard]


def taken_up(answer: Answer) -> dict[str, Any] | None:
    """What the next message may take up of an answer, as plain values: the section that was quoted, the rows listed."""
    section = section_call(answer)
    if section is not None or answer.table is None or not answer.table.columns:
        return section
    first = answer.table.columns[0]
    dimension = first.name.removesuffix("_id")
    if first.personal or dimension in get_args(Grain):
        return None
    return {"dimension": dimension, "rows": [str(row[0]) for row in answer.table.rows[:MOST_ROWS]]}


def section_call(answer: Answer) -> dict[str, Any] | None:
    """What shows the whole section that was quoted, as the playbooks' arguments: what "tell me more" asks for."""
    calls = (option.call for option in answer.follow_ups if not option.quiet)
    found = (call.args for call in calls if call and call.tool == PLAYBOOK and "passage" in call.args)
    return next(map(dict, found), None)


@dataclass(frozen=True)
class Shows:
    """What a model may know of an answer besides its facts: so many rows, and whether also personal columns."""

    rows: int = 0
    personal: bool = False


FACTS_ONLY = Shows()


def brief(answer: Answer, shows: Shows = FACTS_ONLY) -> str:
    """What a model may know of an answer: its facts, and rows where that is allowed."""
    facts = [
        {
            "name": fact.name,
            "value": fact.value,
            "unit": fact.unit,
            "period": fact.period and [fact.period.start.isoformat(), fact.period.end.isoformat()],
            "where": dict(fact.where),
        }
        for fact in answer.facts[:MOST_FACTS]
    ]
    told: dict[str, Any] = {"facts": facts}
    if answer.table is not None and shows.rows:
        columns = [
            (place, column)
            for place, column in enumerate(answer.table.columns)
            if shows.personal or not (column.personal or column.name in ("customer", "customer_id"))
        ]
        told["columns"] = [column.name for _place, column in columns]
        told["rows"] = [[_cell(row[place]) for place, _column in columns] for row in answer.table.rows[: shows.rows]]
    return json.dumps(told, ensure_ascii=False)


def _cell(cell: Cell) -> str | int | float | None:
    return cell if isinstance(cell, str | int | float) or cell is None else str(cell)
