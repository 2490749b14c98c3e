"""A gate's command beside a hub: `hub` and what `check` says of hub.yaml are the hub's program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from device.cli.beside import leave_to_the_hub
from tests.support.children import surroundings

CALL = "import sys; from pathlib import Path; from device.cli.beside import leave_to_the_hub as leave; "


@pytest.fixture
def program(tmp_path: Path) -> Path:
    made = tmp_path / "gate-scanner"
    made.write_text('#!/bin/sh\necho "hub: $*"\n')
    made.chmod(0o755)
    return made


def said(program: Path, package: str) -> str:
    """Return what a process says that leaves three words to *program*, unless it has *package* itself."""
    code = f"{CALL}leave(sys.argv[2:], Path(sys.argv[1]), {package!r}); print('own')"
    command = [sys.executable, "-P", "-c", code, str(program), "hub", "code", "Cổng chính"]
    return subprocess.run(command, env=surroundings(), capture_output=True, text=True, check=True, timeout=60).stdout


def test_where_no_hub_is_installed_with_a_gate_the_hubs_own_program_runs_instead(program: Path) -> None:
    assert said(program, "device.none") == "hub: hub code Cổng chính\n"


def test_where_there_is_one_or_none_beside_it_nothing_is_left_to_another(program: Path) -> None:
    assert said(program, "device.hub") == "own\n"
    assert said(program.with_name("none"), "device.none") == "own\n"
    leave_to_the_hub(["hub"])
