"""What dialogues remember: over restarts, for a day, the last turns, each of its own, and nothing but plain values."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import ormsgpack
import pytest
from langchain_core.messages import BaseMessage, HumanMessage
from langgraph.checkpoint.serde.jsonplus import EXT_CONSTRUCTOR_SINGLE_ARG, JsonPlusSerializer
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from bot.contexts import Contexts
from bot.reply import Question, Reply
from bot.understanding.assistant import MarketAssistant
from bot.understanding.dialogue_record import ASIDE, DialogueRow, Dialogues
from bot.understanding.memory import REMEMBERED_TURNS, LastingMemory
from tests.unit.calendar_store import calendar_context
from tests.unit.outbox_scenes import Clock
from tools.answer import ToolCall
from tools.registry import Registry
from tools.semantic.catalog import Catalog
from tools.tool import User
from tools.warehouse.connection import Warehouse

TODAY = date(2026, 3, 1)
COUNTRIES = ("Germany", "France", "Spain", "Italy", "Norway", "Poland")
MINE = "5:0:5"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    folder = tmp_path_factory.mktemp("memory")
    context = calendar_context(folder / "warehouse.duckdb", dict.fromkeys(COUNTRIES, 1.0), today=TODAY)
    yield context.warehouse
    context.warehouse.close()


@pytest.fixture
def started(
    warehouse: Warehouse, catalog: Catalog, called_only: Registry, state: sessionmaker[Session], clock: Clock
) -> Callable[[], MarketAssistant]:
    """Starts the assistant on the state database, as after a restart."""

    def start() -> MarketAssistant:
        return MarketAssistant(
            Contexts(warehouse, catalog, clock=lambda: TODAY),
            called_only,
            audit=lambda _user, _action, _details: None,
            memory=LastingMemory(Dialogues(state, clock)),
        )

    return start


def asked(assistant: MarketAssistant, words: str, conversation: str = MINE, **more: Any) -> Reply:
    return assistant.ask(Question(words, User("5", "analyst"), conversation, "en", **more))


def countries(reply: Reply) -> list[str]:
    """The countries that the one call is limited to."""
    (call,) = reply.calls
    return [value for one in call.args.get("filters", ()) if one["dimension"] == "country" for value in one["values"]]


def remembered(state: sessionmaker[Session], clock: Clock, conversation: str = MINE) -> list[BaseMessage]:
    found = LastingMemory(Dialogues(state, clock)).get_tuple({"configurable": {"thread_id": conversation}})
    assert found is not None
    messages: list[BaseMessage] = found.checkpoint["channel_values"]["messages"]
    return messages


def test_a_restart_forgets_nothing(started: Callable[[], MarketAssistant]) -> None:
    first = asked(started(), "net sales in February by week")
    followed = asked(started(), "and in Germany?")
    (before,), (after,) = first.calls, followed.calls
    assert countries(followed) == ["Germany"]
    assert after.args["period"] == before.args["period"]
    assert after.args["by"] == before.args["by"]
    assert countries(asked(started(), "and in France?")) == ["France"]


def test_a_question_back_outlasts_a_restart(started: Callable[[], MarketAssistant]) -> None:
    back = asked(started(), "orders in Germany")
    assert (back.status, back.pending and back.pending.tool) == ("clarify", "metrics")
    completed = asked(started(), "last month")
    assert completed.status == "answered"
    assert countries(completed) == ["Germany"]
    assert completed.calls[0].args["metrics"] == ["orders"]


def test_what_was_said_a_day_ago_is_no_antecedent(
    started: Callable[[], MarketAssistant], state: sessionmaker[Session], clock: Clock
) -> None:
    assistant = started()
    asked(assistant, "net sales last month")
    clock.forward(hours=23, minutes=59)
    assert countries(asked(assistant, "and in Germany?")) == ["Germany"]
    clock.forward(hours=23)
    assert Dialogues(state, clock).forget_old() == 0
    clock.forward(hours=1)
    assert asked(assistant, "and in France?").status == "clarify"


def test_what_expired_is_deleted(
    started: Callable[[], MarketAssistant], state: sessionmaker[Session], clock: Clock
) -> None:
    assistant = started()
    asked(assistant, "net sales last month", "5:0:5")
    clock.forward(hours=12)
    asked(assistant, "net sales last month", "6:0:6")
    clock.forward(hours=12)
    assert Dialogues(state, clock).forget_old() == 1
    with state() as session:
        assert [row.conversation for row in session.query(DialogueRow)] == ["6:0:6"]


def test_it_holds_the_last_turns_however_long_the_dialogue(
    started: Callable[[], MarketAssistant], state: sessionmaker[Session], clock: Clock
) -> None:
    assistant = started()
    month = {"start": "2026-02-01", "end": "2026-02-28"}
    sizes = []
    for number in range(3 * REMEMBERED_TURNS):
        if number % 2:
            call = ToolCall("metrics", {"metrics": ["orders"], "period": month})
            assistant.run(call, Question("Orders", User("5", "analyst"), MINE))
        else:
            asked(assistant, "net sales last month")
        with state() as session:
            sizes.append(len(session.get_one(DialogueRow, MINE).checkpoint))
    said = [message.text for message in remembered(state, clock) if isinstance(message, HumanMessage)]
    assert len(said) == REMEMBERED_TURNS
    assert max(sizes[REMEMBERED_TURNS:]) < 1.2 * sizes[REMEMBERED_TURNS - 1]


def test_members_of_a_group_do_not_mix(started: Callable[[], MarketAssistant]) -> None:
    assistant = started()
    asked(assistant, "net sales last month", "-7:0:1")
    asked(assistant, "orders in France last month", "-7:0:2")
    assert asked(assistant, "and in Germany?", "-7:0:3").status == "clarify"
    mine = asked(assistant, "and in Germany?", "-7:0:1")
    assert (mine.calls[0].args["metrics"], countries(mine)) == (["net_sales"], ["Germany"])
    assert asked(assistant, "and in Germany?", "-7:9:1").status == "clarify"  # another topic


def test_an_older_answer_is_gone_on_from(started: Callable[[], MarketAssistant]) -> None:
    assistant = started()
    first = asked(assistant, "orders in Germany last month")
    asked(assistant, "net sales in France in 2025")
    again = asked(assistant, "by week", about=first.calls)
    assert (again.calls[0].args["metrics"], countries(again)) == (["orders"], ["Germany"])
    assert countries(asked(assistant, "and in Spain?")) == ["Spain"]


def test_dialogues_side_by_side_keep_their_own(started: Callable[[], MarketAssistant]) -> None:
    assistant = started()

    def talk(number: int) -> list[list[str]]:
        here = f"{number}:0:{number}"
        own, other = COUNTRIES[number % len(COUNTRIES)], COUNTRIES[(number + 1) % len(COUNTRIES)]
        asked(assistant, f"net sales in {own} last month", here)
        return [countries(asked(assistant, words, here)) for words in ("by week", f"and in {other}?", "and orders?")]

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(talk, range(8)))
    for number, (first, *rest) in enumerate(told):
        other = COUNTRIES[(number + 1) % len(COUNTRIES)]
        assert first == [COUNTRIES[number % len(COUNTRIES)]]
        assert rest == [[other], [other]]


def _plain(value: object) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _plain(each) for key, each in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(_plain, value))
    return value is None or type(value) in (str, int, float, bool)


def test_only_messages_of_plain_values_are_kept(
    started: Callable[[], MarketAssistant], state: sessionmaker[Session], clock: Clock
) -> None:
    assistant = started()
    for words in ("net sales by country last month", "and in Germany?", "orders", "who won the cup?"):
        asked(assistant, words)
    for message in remembered(state, clock):
        assert _plain(message.model_dump()), message
    with state() as session:
        assert session.get_one(DialogueRow, MINE).format == "msgpack"


@dataclass(frozen=True)
class Trap:
    """Says that it was made: what is read back must never be."""

    path: str

    def __post_init__(self) -> None:
        Path(self.path).touch()

    def __reduce__(self) -> tuple[Any, ...]:
        return Trap, (self.path,)


def _constructed(module: str, name: str, argument: str) -> bytes:
    ext = ormsgpack.Ext(EXT_CONSTRUCTOR_SINGLE_ARG, ormsgpack.packb((module, name, argument)))
    return ormsgpack.packb({"channel_values": {"messages": [ext]}, "id": "1"}, option=ormsgpack.OPT_PASSTHROUGH_TUPLE)


def test_what_is_read_back_runs_nothing(
    started: Callable[[], MarketAssistant], state: sessionmaker[Session], tmp_path: Path
) -> None:
    assistant, sprung = started(), tmp_path / "sprung"
    (armed := tmp_path / "armed").touch()
    trap = Trap(str(armed))
    traps = {
        "msgpack": [_constructed("os", "system", f"touch {sprung}"), JsonPlusSerializer().dumps_typed(trap)[1]],
        "pickle": [pickle.dumps(trap)],
        "json": [b'{"lc": 2, "type": "constructor", "id": ["os", "system"], "args": ["touch %s"]}' % bytes(sprung)],
    }
    armed.unlink()
    for kind, contents in traps.items():
        for content in contents:
            _keep(state, kind, content)
            assert asked(assistant, "and in Germany?").status == "clarify"
            assert not sprung.exists()
            assert not armed.exists()


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("msgpack", b""),
        ("msgpack", b"\xc1 not msgpack"),
        ("msgpack", ormsgpack.packb(["a", "list"])),
        ("msgpack", ormsgpack.packb({"id": "1"})),
        ("msgpack", ormsgpack.packb({"id": "1", "channel_values": {"messages": ["no message"]}})),
        ("of tomorrow", b"?"),
    ],
)
def test_a_broken_row_costs_a_follow_up_and_no_answer(
    started: Callable[[], MarketAssistant], state: sessionmaker[Session], kind: str, content: bytes
) -> None:
    assistant = started()
    _keep(state, kind, content)
    assert asked(assistant, "net sales last month").status == "answered"
    assert countries(asked(assistant, "and in Germany?")) == ["Germany"]  # the row is whole again


def _keep(state: sessionmaker[Session], kind: str, content: bytes) -> None:
    with state.begin() as session:
        at = Clock()()
        session.merge(DialogueRow(conversation=MINE, format=kind, checkpoint=content, details=content, at=at))


def test_a_broken_database_costs_a_follow_up_and_no_answer(
    started: Callable[[], MarketAssistant], state: sessionmaker[Session]
) -> None:
    assistant = started()
    with state.begin() as session:
        session.execute(text("DROP TABLE dialogues"))
    assert asked(assistant, "net sales last month").status == "answered"
    assert asked(assistant, "and in Germany?").status == "clarify"
    assert asked(assistant, "orders in Germany last month").status == "answered"


def test_a_group_that_moved_is_remembered_under_its_new_id(
    started: Callable[[], MarketAssistant], state: sessionmaker[Session], clock: Clock
) -> None:
    assistant, dialogues = started(), Dialogues(state, clock)
    asked(assistant, "net sales last month", "-7:0:1")
    asked(assistant, "orders in France last month", "-7:0:2")
    asked(assistant, "net sales last month", "-71:0:1")
    asked(assistant, "orders last month", "-1007:0:2")  # said there before Telegram told of the move
    dialogues.migrate_group(-7, -1007)
    assert countries(asked(assistant, "and in Germany?", "-1007:0:1")) == ["Germany"]
    assert countries(asked(assistant, "by week", "-1007:0:2")) == []
    assert asked(assistant, "and in Germany?", "-7:0:1").status == "clarify"
    assert countries(asked(assistant, "and in Germany?", "-71:0:1")) == ["Germany"]


def test_who_is_removed_is_not_remembered(
    started: Callable[[], MarketAssistant], state: sessionmaker[Session], clock: Clock
) -> None:
    assistant = started()
    theirs = ("5:0:5", "-7:0:5", "-7:3:5", f"-7:0:5{ASIDE}")
    others = ("15:0:15", "-7:5:6", "5:0:55", f"-7:0:15{ASIDE}", "-5:0:7")
    for conversation in (*theirs, *others):
        asked(assistant, "net sales last month", conversation)
    Dialogues(state, clock).forget_user(5)
    with state() as session:
        assert {row.conversation for row in session.query(DialogueRow)} == set(others)
