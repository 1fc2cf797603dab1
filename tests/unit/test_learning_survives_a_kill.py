"""Killed at any moment, learning leaves each document wholly old or wholly new; the next run mends the rest."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.crashing_learner import DOCUMENTS, KILLS

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(280)
def test_ten_kills_leave_no_half_updated_document(tmp_path: Path) -> None:
    seed = random.randrange(1_000_000)
    run = subprocess.run(
        [sys.executable, "-m", "tests.unit.crashing_learner", str(tmp_path), str(seed)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, f"seed {seed}: {run.stderr[-2000:]}"
    seen = json.loads(run.stdout)
    assert seen["kills"] + seen["finished"] == KILLS
    assert seen["kills"] >= 2, f"seed {seed}"
    assert seen["half"] == [[]] * KILLS, f"seed {seed}"
    # Vectors and passages are swapped together.
    assert seen["odd_vectors"] == [0] * KILLS, f"seed {seed}"
    last = seen["last"]
    assert last["versions"] == [[KILLS]] * DOCUMENTS, f"seed {seed}"
    assert (last["half"], last["odd_vectors"]) == ([], 0)
    assert (last["kept"], last["lexical"]) == (1, 1), f"seed {seed}: what was left behind is tidied up"
