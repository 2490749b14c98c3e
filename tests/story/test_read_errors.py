"""A card that cannot be read for a while, under a gate that tries again with each visitor."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from device.store.folder import files_set_aside
from tests.support.children import python_module, surroundings

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


@pytest.mark.parametrize("reads", ["30..400", "90..700"])
def test_while_the_card_cannot_be_read_one_file_is_set_aside_and_not_one_a_visitor(tmp_path: Path, reads: str) -> None:
    state = tmp_path / "state"
    fault = ["-e", "trace=pread64", "-P", str(state / "ledger.db"), "-e", f"inject=pread64:error=EIO:when={reads}"]
    command = ["strace", "-f", "-qq", "-o", "/dev/null", *fault, *python_module("tests.story.read_errors"), str(state)]
    done = subprocess.run(command, env=surroundings(), capture_output=True, text=True, check=True, timeout=120)
    counted = json.loads(done.stdout)
    assert counted["refused"] > 30
    assert counted["recorded"] > 10
    assert len(files_set_aside(state)) == 1
