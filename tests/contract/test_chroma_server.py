"""Vectors on a real Chroma server: the same library as in the home folder."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from knowledge.errors import VectorsUnavailable
from knowledge.library import Library
from tests.unit.word_vectors import WordModels

ALL = frozenset({"viewer"})
START_S = 60


class Server:
    """`chroma run` on a free port, which may be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = str(Path(sys.executable).parent / "chroma")
        command = [program, "run", "--path", str(self.folder), "--host", "127.0.0.1", "--port", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            try:
                httpx.get(f"{self.url}/api/v2/heartbeat").raise_for_status()
            except httpx.HTTPError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError("the server did not start")

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def collections(self) -> list[str]:
        path = "api/v2/tenants/default_tenant/databases/default_database/collections"
        return [one["name"] for one in httpx.get(f"{self.url}/{path}").json()]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path / "server")
    made.start()
    yield made
    made.stop()


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_learning_asking_moving_and_doing_without(server: Server, opened: ExitStack, tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    for topic in ("coupons", "returns", "pricing"):
        (docs / f"{topic}.md").write_text(f"# {topic}\n\n" + f"The rule about {topic} is written here. " * 10)
    models = WordModels()

    def library(home: str = "home", model: str = "") -> Library:
        folder = tmp_path / home / "index"
        made = Library(folder, model=model, chroma_url=server.url, shipped=None, embedders=models)
        opened.callback(made.close)
        return made

    mine = library()
    assert mine.learn([docs]).embedded == 3
    assert mine.find("the rule about returns", readable=ALL).hits[0].document.name == "returns.md"
    assert not list((tmp_path / "home" / "index").glob("v*"))

    # A reader in another place sees what changes, and what left is not counted.
    reader = library()
    assert reader.find("the rule about returns", readable=ALL).hits
    (docs / "returns.md").unlink()
    (docs / "coupons.md").write_text("# coupons\n\n" + "Coupons have another rule now. " * 10)
    report = mine.learn()
    assert (len(report.removed), len(report.changed), report.embedded) == (1, 1, 1)
    names = {hit.document.name for hit in reader.find("the rule about coupons", readable=ALL).hits}
    assert names <= {"coupons.md", "pricing.md"}
    state = mine.state()
    assert state is not None
    assert (state.passages, state.missing) == (2, 0)

    # Another home on the same server has vectors of its own, and neither touches the other's.
    other = library("other")
    other.learn([docs])
    assert len(server.collections()) == 2
    assert library(model="wide-2").learn().moved_to == "wide-2"
    assert len(server.collections()) == 2
    assert other.find("the rule about pricing", readable=ALL).hits
    state = other.state()
    assert state is not None
    assert state.missing == 0

    # Without the server, words still count, and learning says what is wrong.
    server.stop()
    assert reader.find("the rule about pricing", readable=ALL).hits[0].document.name == "pricing.md"
    state = mine.state()
    assert state is not None
    assert (state.missing, bool(state.unreachable)) == (None, True)
    (docs / "pricing.md").write_text("# pricing\n\n" + "Prices are never below cost. " * 10)
    with pytest.raises(VectorsUnavailable, match=str(server.port)):
        library(model="wide-2").learn()
    server.start()
    library(model="wide-2").learn()
    assert "never below cost" in reader.find("prices below cost", readable=ALL).hits[0].passage.text
