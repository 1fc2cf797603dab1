"""Processes for fitting: in order, by the deadline, through crashes, from threads, and gone afterwards."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.errors import TooSlow
from tools.workers import WorkerDied, Workers, run_tasks


class Fussy(ValueError):
    """An error that cannot be made from its message alone."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")


def process_id(_task: int) -> int:
    return os.getpid()


def nap_and_name(seconds: float) -> tuple[float, int]:
    time.sleep(seconds)
    return seconds, os.getpid()


def fussy(task: int) -> None:
    raise Fussy(task, task)


def chatter(task: int) -> int:
    sys.stdout.write("between the frames")
    sys.stdout.flush()
    os.write(1, b"and beneath Python")
    return task


def threads_allowed(_task: int) -> str:
    return os.environ["OMP_NUM_THREADS"]


# Starting processes is what takes time here: only the script's imports what fitting needs. Where nothing ends them, the
# tests share two; else one is enough.
NOTHING = ()


@pytest.fixture
def workers() -> Iterator[Workers]:
    made = Workers(most=1, ready=NOTHING)
    yield made
    made.close()


@pytest.fixture(scope="module")
def kept() -> Iterator[Workers]:
    made = Workers(ready=NOTHING)
    # On a busy machine the one is ready before the other, and would do all.
    while len({process for _seconds, process in made.run(nap_and_name, [0.2, 0.2])}) < 2:
        continue
    yield made
    made.close()


def test_results_come_in_the_order_of_the_tasks(kept: Workers) -> None:
    told: list[tuple[int, int]] = []
    found = kept.run(nap_and_name, [0.2, 0.0, 0.1, 0.0], progress=lambda done, count: told.append((done, count)))
    assert [seconds for seconds, _process in found] == [0.2, 0.0, 0.1, 0.0]
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    processes = {process for _seconds, process in found}
    assert len(processes) == 2
    assert os.getpid() not in processes
    assert set(kept.run(process_id, [1, 2, 3])) <= processes, "they stay for the next run"


def test_nothing_to_do_starts_nothing(workers: Workers) -> None:
    assert workers.run(math.sqrt, []) == []


def test_an_error_comes_back_as_it_is(kept: Workers) -> None:
    with pytest.raises(ValueError, match="math domain error") as caught:
        kept.run(math.sqrt, [4.0, -1.0, 9.0])
    assert type(caught.value) is ValueError
    assert "Traceback" in repr(caught.value.__cause__), "where it happened is known"
    with pytest.raises(Exception, match="Unpicklable"):
        kept.run(fussy, [3])
    assert kept.run(math.sqrt, [4.0]) == [2.0]


def test_after_the_deadline_the_processes_are_gone_and_the_next_run_has_new_ones(workers: Workers) -> None:
    (first,) = set(workers.run(process_id, [1]))
    began = time.monotonic()
    with pytest.raises(TooSlow):
        workers.run(nap_and_name, [30.0, 30.0, 30.0], deadline_s=0.5)
    assert time.monotonic() - began < 25, "it waits for the deadline, and not for the naps of 30 s"
    second = workers.run(process_id, [1])[0]
    assert second != first
    assert not _alive(first)


def test_a_crash_is_an_error_and_no_hang(workers: Workers) -> None:
    with pytest.raises(WorkerDied):
        workers.run(os._exit, [3])
    assert workers.run(math.sqrt, [4.0]) == [2.0]


def test_what_a_library_prints_does_no_harm(kept: Workers) -> None:
    assert kept.run(chatter, [1, 2]) == [1, 2]


def test_each_process_keeps_to_one_thread(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert workers.run(threads_allowed, [1]) == ["1"]


def test_runs_of_several_threads_take_turns(kept: Workers) -> None:
    found: dict[int, list[float]] = {}

    def ask(number: int) -> None:
        found[number] = kept.run(math.sqrt, [float(number * number)] * 5)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert found == {n: [float(n)] * 5 for n in range(6)}


def test_a_short_run_does_not_wait_for_a_long_one_to_end(kept: Workers) -> None:
    kept.run(process_id, [1, 2])
    long = threading.Thread(target=kept.run, args=(nap_and_name, [0.2] * 20))
    long.start()
    time.sleep(0.1)
    assert kept.run(math.sqrt, [4.0]) == [2.0]
    assert long.is_alive()
    long.join()


def test_closing_ends_the_processes_and_tells_who_waits(workers: Workers) -> None:
    caught: list[BaseException] = []

    def ask() -> None:
        try:
            workers.run(time.sleep, [30.0])
        except WorkerDied as error:
            caught.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(0.5)
    workers.close()
    thread.join(timeout=10)
    assert len(caught) == 1
    assert workers.run(math.sqrt, [4.0]) == [2.0]


def test_a_script_leaves_nothing_behind(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from tests.unit.test_workers import process_id\n"
        "from tools.workers import Workers\n"
        "if __name__ == '__main__':\n"
        "    print(*Workers(1).run(process_id, [1, 2]))\n"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""
    assert not any(_alive(int(process)) for process in done.stdout.split())


def test_without_workers_it_is_done_here() -> None:
    assert run_tasks(None, process_id, [1, 2]) == [os.getpid()] * 2
    with pytest.raises(TooSlow):
        run_tasks(None, time.sleep, [0.05, 0.05, 0.05], deadline_s=0.01)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
