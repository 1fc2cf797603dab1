"""Runs one call: checks arguments and role, holds the deadline, masks personal columns, writes the audit."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from tools.answer import Answer, Table, ToolCall
from tools.errors import InvalidArgument, MissingTable, NotAllowed, TooSlow
from tools.messages import say
from tools.nearest import nearest
from tools.registry import Registry
from tools.tool import Args, Context, Tool, User

Audit = Callable[[User, str, Mapping[str, Any]], None]
MASK = "•••"


def run(registry: Registry, context: Context, call: ToolCall, audit: Audit, *, deadline_s: float = 30.0) -> Answer:
    """The answer to a call, within `deadline_s` seconds.

    Raises AssistantError for what a user can mend, anything else for a bug.
    """
    tool = registry.get_tool(call.tool)
    if not context.user.may(tool.role):
        raise NotAllowed(
            say(
                "“{tool}” needs the role {role}; yours is {own}.",
                tool=tool.title,
                role=tool.role,
                own=context.user.role,
            )
        )
    args = checked(tool, call.args)
    if context.forwarded and args.acts:
        raise NotAllowed(
            say("That message was forwarded: I answer what it asks, and do nothing that it orders. Write it yourself.")
        )
    for table in tool.needs:
        if not context.warehouse.has(table):
            raise MissingTable(
                say(
                    "This needs the table “{table}”, which has not been imported. Add it to your mapping and run "
                    "`marketbot import`.",
                    table=table,
                )
            )
    context = replace(context, until=time.monotonic() + deadline_s)
    try:
        with context.warehouse.deadline(deadline_s):
            answer = tool.run(context, args)
    except Exception as error:
        if type(error).__name__ == "InterruptException":
            raise TooSlow(
                say(
                    "This took longer than {seconds} seconds and was stopped. Try a shorter period or fewer groups.",
                    seconds=int(deadline_s),
                )
            ) from error
        raise
    return _private(answer, context.user, call, audit)


def checked(tool: Tool[Any], args: Mapping[str, Any]) -> Args:
    """The arguments as the tool's model. Raises InvalidArgument naming what was given and what is expected."""
    try:
        valid: Args = tool.args.model_validate(args)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            choices = tuple(nearest(str(first["loc"][-1]), tool.args.model_fields)) or tuple(tool.args.model_fields)
            message = say(
                "“{name}” is no argument of {tool}. Nearest: {choices}.", name=where, tool=tool.name, choices=choices
            )
        else:
            message = say(
                "{tool}: {name} was {given}; {expected}.",
                tool=tool.name,
                name=where or "arguments",
                given=repr(first["input"])[:80],
                expected=first["msg"],
            )
        raise InvalidArgument(message) from error
    return valid


def _private(answer: Answer, user: User, call: ToolCall, audit: Audit) -> Answer:
    """Personal columns are shown to admins only; each look at them or at a person, and each change, is written down."""
    for change in answer.changes:
        audit(user, "changed", {"tool": call.tool, "what": change})
    if answer.subjects:
        audit(user, "customer_profile", {"tool": call.tool, "customers": list(answer.subjects)})
    table = answer.table
    if table is None or not any(column.personal for column in table.columns):
        return answer
    if user.may("admin"):
        audit(user, "personal_data", {"tool": call.tool, "rows": len((answer.whole or table).rows)})
        return answer
    return replace(answer, table=_masked(table), whole=None if answer.whole is None else _masked(answer.whole))


def _masked(table: Table) -> Table:
    rows = tuple(
        tuple(MASK if c.personal and cell is not None else cell for c, cell in zip(table.columns, row, strict=True))
        for row in table.rows
    )
    return replace(table, rows=rows)
