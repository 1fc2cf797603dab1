"""Expressions compiled to SQL, equal ones once in a process.

Compiling costs more than many a query, and does not depend on where the tables are: what was asked of a store before an
import, or of a live database a moment ago, is asked of it again, and the next import does what the last one did.
Literals are part of an expression, so that no two are mixed up.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tools.warehouse.bounds import Statement

if TYPE_CHECKING:
    import ibis
    import ibis.expr.operations as ops

MOST_COMPILED = 500
MOST_STATEMENTS = 5_000


class Statements:
    """Compiled statements by what they follow from, up to `most`. Thread-safe; two threads may compile one at once."""

    def __init__(self, most: int = MOST_STATEMENTS) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Statement] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Statement]) -> Statement:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made


STATEMENTS = Statements()


def compiled(backend: Any, expression: ibis.Table) -> str:
    """The SQL of an expression over tables of this Ibis backend."""
    return _text(backend.compiler, backend.dialect, _apart(expression))


def compiled_open(backend: Any, expression: ibis.Table) -> Statement:
    """The same for an expression with bounds (`tools.warehouse.bounds`), which stay open."""
    return _statement(backend.compiler, backend.dialect, _apart(expression))


def fetched(backend: Any, expression: ibis.Table) -> tuple[list[tuple[Any, ...]], str]:
    """The rows of an expression over tables of this Ibis backend, and the SQL that gave them.

    DuckDB runs the SQL directly: the way through Arrow and Ibis's conversions costs more than most queries.
    """
    sql = compiled(backend, expression)
    if backend.name == "duckdb":
        return backend.con.execute(sql).fetchall(), sql
    table = expression.to_pyarrow()
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True)), sql


def _apart(expression: ibis.Table) -> ops.Node:
    """The expression without the connection that its tables belong to."""
    return expression.unbind().op()


@lru_cache(MOST_COMPILED)
def _text(compiler: Any, dialect: Any, operation: ops.Node) -> str:
    return str(compiler.to_sqlglot(operation.to_expr()).sql(dialect=dialect))


@lru_cache(MOST_COMPILED)
def _statement(compiler: Any, dialect: Any, operation: ops.Node) -> Statement:
    return Statement.of(compiler.to_sqlglot(operation.to_expr()), dialect)
