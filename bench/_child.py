"""A command in a process of its own: what it printed, how long it took, how much memory it had at its peak."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Finished:
    """`cpu_seconds` says more than `seconds` on a busy machine; `peak_mb` is the largest resident set, in MiB."""

    output: str
    seconds: float
    cpu_seconds: float
    peak_mb: float


def run_child(command: Sequence[str]) -> Finished:
    """Raises RuntimeError, with what the command wrote to stderr above it, where it fails."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8")  # noqa: S603 - ours
    assert process.stdout is not None
    output = process.stdout.read()
    _pid, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}")
    bytes_each = 1 if sys.platform == "darwin" else 1024
    return Finished(output, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * bytes_each / 1024**2)
