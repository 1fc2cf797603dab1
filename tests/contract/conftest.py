"""The demo store on PostgreSQL, copied once for all tests of a worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.postgres_store import copy_store, fresh_database
from tools.warehouse.connection import Warehouse


@pytest.fixture(scope="session")
def postgres(demo: Warehouse) -> Iterator[Warehouse]:
    with fresh_database("marketbot_demo") as address:
        warehouse = copy_store(demo, address)
        yield warehouse
        warehouse.close()
