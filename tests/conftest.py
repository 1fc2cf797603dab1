"""What many tests share: the public data, an imported store, the demo store, and Hypothesis's profiles."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import structlog
from hypothesis import HealthCheck, Phase, settings

from bot.contexts import Contexts
from bot.understanding.assistant import MarketAssistant
from tools.answer import Answer
from tools.messages import Message
from tools.registry import Registry, discover
from tools.semantic.catalog import Catalog
from tools.tool import Context, User
from tools.warehouse.connection import Warehouse

if TYPE_CHECKING:
    from knowledge.library import Library

ROOT = Path(__file__).resolve().parents[1]
DEMO_END = date(2026, 11, 20)
RETAIL_DAY = date(2011, 12, 9)
# Of files that ask the public store for what is fitted: in one process, which fits it once.
FITTED_ONCE = pytest.mark.xdist_group("fitted")

# Importing and collecting leave next to no garbage, and a million objects that are there to stay.
gc.disable()
OBJECTS_BEFORE_COLLECTING = (50_000, 20, 20)

# Failures are rare and some examples build a store: finding one matters here, its smallest form less.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
for _name, _examples in (("quick", 40), ("ci", 60)):
    settings.register_profile(
        _name, max_examples=_examples, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck)
    )
settings.load_profile("ci" if os.environ.get("CI") else "quick")

# Traces with every local variable take a second each, and nobody looks at these.
for _processor in structlog.get_config()["processors"]:
    if isinstance(_processor, structlog.dev.ConsoleRenderer):
        _processor._exception_formatter = structlog.dev.plain_traceback


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public data beside the repository; without it the test is skipped."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"needs the public data sets in {folder}")
    return folder


@pytest.fixture(scope="session")
def public_exam() -> Path:
    file = ROOT.parent / "shared" / "exam" / "public.jsonl"
    if not file.is_file():
        pytest.skip(f"needs the public exam in {file}")
    return file


def _made_once(folder: Path, name: str, make: Callable[[Path], None]) -> Path:
    """A store that the first worker makes and the others wait for."""
    import filelock

    folder.mkdir(parents=True, exist_ok=True)
    target = folder / name / "warehouse.duckdb"
    with filelock.FileLock(folder / f"{name}.lock"):
        if not target.exists():
            target.parent.mkdir(exist_ok=True)
            make(target)
    return target


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of one run share."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "stores"


@pytest.fixture(scope="session")
def retail_path(shared_data: Path, stores: Path) -> Path:
    """UCI Online Retail, imported by the example mapping."""
    from tests.retail_import import import_retail

    files = sorted((shared_data / "online_retail").glob("*.parquet"))
    return _made_once(stores, "online_retail", lambda target: import_retail(files, target))


@pytest.fixture(scope="session")
def demo_path(stores: Path) -> Path:
    """A small demo store with every table."""

    def make(target: Path) -> None:
        from tools.warehouse.demo import make_demo_store

        make_demo_store(target, scale=0.1, end=DEMO_END)

    return _made_once(stores, "demo", make)


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return Catalog.load()


@pytest.fixture(scope="session")
def retail(retail_path: Path) -> Iterator[Warehouse]:
    warehouse = Warehouse.at(retail_path)
    yield warehouse
    warehouse.close()


@pytest.fixture(scope="session")
def demo(demo_path: Path) -> Iterator[Warehouse]:
    warehouse = Warehouse.at(demo_path)
    yield warehouse
    warehouse.close()


@pytest.fixture(scope="session")
def playbooks(stores: Path) -> Iterator[Library]:
    """The documents that come with the product, found by their words alone; learned by the first worker."""
    import filelock

    from knowledge.library import Library

    folder = stores / "playbooks"
    folder.mkdir(parents=True, exist_ok=True)
    library = Library(folder / "index")
    with filelock.FileLock(stores / "playbooks.lock"):
        if not library.shipped_is_learned():
            library.learn(embed=False)
    yield library
    library.close()


@pytest.fixture
def retail_context(retail: Warehouse, catalog: Catalog) -> Context:
    return Context(retail, catalog, RETAIL_DAY, User("1", "admin"))


@pytest.fixture
def demo_context(demo: Warehouse, catalog: Catalog) -> Context:
    return Context(demo, catalog, DEMO_END, User("1", "admin"))


def make_assistant(
    warehouse: Warehouse,
    catalog: Catalog,
    today: date,
    library: Library | None = None,
    registry: Registry | None = None,
) -> MarketAssistant:
    return MarketAssistant(
        Contexts(warehouse, catalog, clock=lambda: today, library=library),
        registry or discover(),
        audit=lambda _user, _action, _details: None,
        deadline_s=120,  # answers are judged here, not the machine
    )


@pytest.fixture(scope="session")
def retail_assistant(retail: Warehouse, catalog: Catalog, playbooks: Library) -> MarketAssistant:
    return make_assistant(retail, catalog, RETAIL_DAY, playbooks)


@pytest.fixture(scope="session")
def demo_assistant(demo: Warehouse, catalog: Catalog, playbooks: Library) -> MarketAssistant:
    return make_assistant(demo, catalog, DEMO_END, playbooks)


@pytest.fixture(scope="session")
def called_only() -> Registry:
    """The tools with all that planning and checking a call know of them; run, they say only that they were called."""
    return Registry(
        tuple(replace(tool, run=lambda _context, _args: Answer(Message("Called."))) for tool in discover().tools)
    )


@pytest.fixture(scope="session")
def retail_planner(retail: Warehouse, catalog: Catalog, playbooks: Library, called_only: Registry) -> MarketAssistant:
    """For tests of what a question becomes, where what the tool answers is shown elsewhere."""
    return make_assistant(retail, catalog, RETAIL_DAY, playbooks, called_only)


@pytest.fixture(scope="session")
def demo_planner(demo: Warehouse, catalog: Catalog, playbooks: Library, called_only: Registry) -> MarketAssistant:
    return make_assistant(demo, catalog, DEMO_END, playbooks, called_only)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file's tests run in one process, which makes once what they share; a mark of their own says otherwise."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was imported and collected stays to the end: it need not be searched for garbage again and again."""
    gc.freeze()
    gc.set_threshold(*OBJECTS_BEFORE_COLLECTING)
    gc.enable()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
    """In CI, what tests need is there; one that is skipped all the same is named."""
    if os.environ.get("CI"):
        for report in terminalreporter.stats.get("skipped", []):
            terminalreporter.write_line(f"skipped in CI, which is a failure: {report.nodeid} {report.longrepr}")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Turns skips into a failure in CI (the controller decides, not the workers)."""
    if not os.environ.get("CI") or hasattr(session.config, "workerinput"):
        return
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped") and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
