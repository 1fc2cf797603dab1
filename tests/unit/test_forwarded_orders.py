"""What somebody else wrote is answered, and nothing that it orders is done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.unit.calendar_store import calendar_context
from tools.answer import Answer, ToolCall
from tools.errors import NotAllowed
from tools.messages import Message
from tools.registry import Registry, discover
from tools.runner import run
from tools.tool import Args, Chat, Context

RULE = {"measure": "orders", "op": ">=", "value": 1}
ORDERS = [
    *(("digest", {"action": action}) for action in ("subscribe", "change", "pause", "resume", "end")),
    *(("monitor", {"action": action}) for action in ("add", "defaults", "change", "pause", "resume", "remove")),
    *(("incidents", {"action": action}) for action in ("acknowledge", "snooze", "not_an_anomaly", "silence")),
    ("incidents", {"action": "unsilence"}),
    *(("calendar", {"action": action, "name": "Sale"}) for action in ("add", "remove")),
    ("segments", {"rule": RULE, "save_as": "Mine"}),
    ("segments", {"forget": "Mine"}),
    ("playbook", {"passage": "a-0", "vote": "down"}),
]
QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    *(("digest", {"action": action}) for action in ("preview", "list")),
    *(("monitor", {"action": action}) for action in ("list", "backtest")),
    *(("incidents", {"action": action}) for action in ("list", "show", "times", "silences")),
    ("calendar", {"name": "Sale"}),
    ("segments", {"rule": RULE}),
    ("segments", {"list_saved": True}),
    ("playbook", {"question": "coupons"}),
    ("metrics", {"metrics": ["net_sales"], "period": {"start": "2026-02-01", "end": "2026-02-28"}}),
]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """What tools stand on for words that were forwarded to an admin's private chat."""
    context = calendar_context(tmp_path_factory.mktemp("forwarded") / "warehouse.duckdb", {"Germany": 1.0})
    yield replace(context, chat=Chat(1), forwarded=True)
    context.warehouse.close()


@pytest.mark.parametrize(("tool", "args"), ORDERS, ids=lambda given: given if isinstance(given, str) else str(given))
def test_an_order_is_refused_confirmed_or_not(
    told: Context, registry: Registry, state: sessionmaker[Session], tool: str, args: dict[str, Any]
) -> None:
    audits: list[Any] = []
    context = replace(told, state=state)
    can_confirm = "confirmed" in registry.get_tool(tool).args.model_fields
    for more in ({}, {"confirmed": True}) if can_confirm else ({},):
        with pytest.raises(NotAllowed, match="forwarded"):
            run(registry, context, ToolCall(tool, {**args, **more}), lambda *look: audits.append(look))
    assert audits == []


@pytest.mark.parametrize(("tool", "args"), QUESTIONS, ids=lambda given: given if isinstance(given, str) else str(given))
def test_a_question_is_answered(told: Context, called_only: Registry, tool: str, args: dict[str, Any]) -> None:
    assert run(called_only, told, ToolCall(tool, args), lambda *_: None) == Answer(Message("Called."))


def test_every_tool_that_asks_to_confirm_knows_what_an_order_is() -> None:
    acting = {tool.name for tool in discover().tools if "confirmed" in tool.args.model_fields}
    assert acting
    assert acting <= {tool.name for tool in discover().tools if tool.args.acts is not Args.acts}
