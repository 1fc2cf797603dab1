"""Documents read in a process of their own, so that a hostile or broken one harms nothing but itself.

The child is a fresh interpreter that knows this package and nothing else: no environment, no open files, a limit on its
memory and on its processor time. It answers in JSON, which cannot carry more than text. At the time limit it is killed;
after a crash the next document gets a new one.
"""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from knowledge.document import Block, Document
from knowledge.errors import Unreadable
from knowledge.loaders.limits import Limits

_START = "import sys; sys.path[:] = {path}; from knowledge.loaders.isolated import serve; serve()"
# The child is told its limit on time too; this is what it may take longer before it is killed.
_GRACE = 1.0
_PROCESSOR_GRACE = 5


class Reader:
    """Reads documents in a child process, one after another; for a `with` block, and for threads to share."""

    start = _START
    """What the child runs first; `{path}` is where it finds its modules."""

    def __init__(self, limits: Limits = Limits()) -> None:  # noqa: B008
        self.limits = limits
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the child; a later `read` starts another."""
        with self._lock:
            self._stop()

    def read(self, path: Path, name: str) -> Document:
        """Reads the document at `path`, which the user knows as `name`.

        Raises:
            Unreadable: as `load` does, and when the process that read it ran too long or broke down.
        """
        with self._lock:
            return self._read(path, name)

    def _read(self, path: Path, name: str) -> Document:
        child = self._started()
        late = threading.Event()

        def stop() -> None:
            late.set()
            child.kill()

        timer = threading.Timer(self.limits.seconds + _GRACE, stop)
        timer.daemon = True
        timer.start()
        try:
            answer = _asked(
                child, {"path": str(path.absolute()), "name": name, "limits": dataclasses.asdict(self.limits)}
            )
        finally:
            timer.cancel()
        if answer is None:
            status = self._stop()
            if late.is_set():
                raise Unreadable(name, "too_slow", limit=self.limits.seconds)
            raise Unreadable(name, "damaged", detail=f"exit {status}")
        reason = answer.get("reason")
        if reason is not None:
            if reason == "too_much_memory":
                self._stop()  # what is left of its memory is in pieces
            raise Unreadable(name, reason, **answer["details"])
        return _document(answer)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._stop()
            # An interpreter of its own rather than a fork or multiprocessing's spawn: neither threads nor the main
            # module of this process have a part in it.
            self._child = subprocess.Popen(  # noqa: S603
                [sys.executable, "-I", "-X", "utf8", "-c", self.start.replace("{path}", repr(sys.path))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={},
            )
        return self._child

    def _stop(self) -> int | None:
        child, self._child = self._child, None
        if child is None:
            return None
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue  # what was asked last was never read
        return child.wait()


def _asked(child: subprocess.Popen[bytes], question: Mapping[str, object]) -> dict[str, Any] | None:
    """The child's answer; None when it has none to give any more."""
    if child.stdin is None or child.stdout is None:
        return None
    try:
        child.stdin.write(json.dumps(question).encode() + b"\n")
        child.stdin.flush()
        line = child.stdout.readline()
        answer = json.loads(line) if line.endswith(b"\n") else None
    except (OSError, ValueError):
        return None
    return answer if isinstance(answer, dict) else None


def _document(answer: Mapping[str, Any]) -> Document:
    fields = dict(answer)
    fields["blocks"] = tuple(
        Block(text=text, headings=tuple(headings), page=page) for text, headings, page in answer["blocks"]
    )
    for name in ("aliases", "metrics", "pictured_pages"):
        fields[name] = tuple(answer[name])
    return Document(**fields)


def serve() -> None:
    """The child's side: reads what it is asked to, until nobody asks any more."""
    import os

    # Libraries may write to the standard output; what is answered goes another way.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    for line in sys.stdin.buffer:
        question = json.loads(line)
        limits = Limits(**question["limits"])
        _bound(limits)
        _answer(answers, _read(Path(question["path"]), question["name"], limits))


def _read(path: Path, name: str, limits: Limits) -> dict[str, Any]:
    from knowledge.loaders import load

    try:
        document = load(path, limits, name=name)
        answer = {one.name: getattr(document, one.name) for one in dataclasses.fields(document)}
        answer["blocks"] = [(block.text, block.headings, block.page) for block in document.blocks]
    except Unreadable as error:
        return {"reason": error.reason, "details": error.details}
    except MemoryError:
        return {"reason": "too_much_memory", "details": {"limit": limits.memory_bytes}}
    return answer


def _answer(answers: IO[bytes], answer: Mapping[str, object]) -> None:
    answers.write(json.dumps(answer).encode() + b"\n")
    answers.flush()


def _bound(limits: Limits) -> None:
    """Holds this process to its limits, where the system can: memory as a whole, processor time for one document."""
    try:
        import resource
    except ImportError:  # not on Windows; there the parent's timer is the only limit
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    own = limits.memory_bytes if most == resource.RLIM_INFINITY else min(limits.memory_bytes, most)
    resource.setrlimit(resource.RLIMIT_AS, (own, most))
    usage = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(usage.ru_utime + usage.ru_stime)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    own = spent + int(limits.seconds) + _PROCESSOR_GRACE
    # If the parent is killed, nobody keeps the time of a parser that never ends; the system then does.
    resource.setrlimit(resource.RLIMIT_CPU, (own if most == resource.RLIM_INFINITY else min(own, most), most))
