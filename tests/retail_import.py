"""Imports Online Retail in a process of its own, so that the memory at its peak is the import's alone."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "examples" / "online_retail.yml"


def import_retail(files: Sequence[Path], target: Path) -> None:
    """Makes the store `target` and writes the kilobytes that it took beside it."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.retail_import", str(target), *map(str, files)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    _peak_of(target).write_text(run.stdout)


def kilobytes_at_peak(target: Path) -> int:
    return int(_peak_of(target).read_text())


def own_peak() -> int:
    """The kilobytes that this process held at most."""
    status = Path("/proc/self/status")  # Linux counts in ru_maxrss what the parent held when it forked
    lines = status.read_text().splitlines() if status.exists() else []
    peaks = [int(line.split()[1]) for line in lines if line.startswith("VmHWM")]
    return (peaks or [resource.getrusage(resource.RUSAGE_SELF).ru_maxrss])[0]


def _peak_of(target: Path) -> Path:
    return target.with_name("kilobytes")


def main(target: Path, files: Sequence[str]) -> None:
    from tools.warehouse.importer import import_files
    from tools.warehouse.mapping import load_mapping

    import_files(load_mapping(EXAMPLE), files, target, now=datetime(2026, 1, 1))
    sys.stdout.write(str(own_peak()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
