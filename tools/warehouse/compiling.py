"""Expressions compiled to SQL, equal ones once in a process.

Compiling costs more than many a query, and does not depend on where the tables are: what was asked of a store before an
import, or of a live database a moment ago, is asked of it again, and the next import does what the last one did.
Literals are part of an expression, so that no two are mixed up.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tools.warehouse.bounds import Statement

if TYPE_CHECKING:
    import ibis
    import ibis.expr.operations as ops

MOST_COMPILED = 500


def compiled(backend: Any, expression: ibis.Table) -> str:
    """The SQL of an expression over tables of this Ibis backend."""
    return _text(backend.compiler, backend.dialect, _apart(expression))


def compiled_open(backend: Any, expression: ibis.Table) -> Statement:
    """The same for an expression with bounds (`tools.warehouse.bounds`), which stay open."""
    return _statement(backend.compiler, backend.dialect, _apart(expression))


def _apart(expression: ibis.Table) -> ops.Node:
    """The expression without the connection that its tables belong to."""
    return expression.unbind().op()


@lru_cache(MOST_COMPILED)
def _text(compiler: Any, dialect: Any, operation: ops.Node) -> str:
    return str(compiler.to_sqlglot(operation.to_expr()).sql(dialect=dialect))


@lru_cache(MOST_COMPILED)
def _statement(compiler: Any, dialect: Any, operation: ops.Node) -> Statement:
    return Statement.of(compiler.to_sqlglot(operation.to_expr()), dialect)
