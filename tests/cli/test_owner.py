from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from device.cli.owner import not_the_owner


def test_a_folder_of_ones_own_is_no_obstacle(tmp_path: Path) -> None:
    assert not_the_owner(tmp_path) == ""


def test_a_folder_that_is_not_there_yet_is_made_by_the_gate_and_by_nobody_else(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    assert not_the_owner(folder) == f"{folder}: No such file or directory; the gate makes it when it first runs"
    assert not folder.exists()


def test_a_folder_of_somebody_else_is_told_with_the_command_that_will_do(tmp_path: Path) -> None:
    folder = tmp_path
    if os.geteuid() == 0:
        os.chown(folder, pwd.getpwnam("daemon").pw_uid, -1)
    else:
        folder = Path("/usr")
    owner = folder.owner()
    told = f"{folder} belongs to {owner}; run the same again as that user: sudo -u {owner} gate-scanner …"
    assert not_the_owner(folder) == told


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a folder away")
def test_an_owner_without_a_name_is_told_by_number(tmp_path: Path) -> None:
    os.chown(tmp_path, 54_321, -1)
    assert "belongs to #54321; " in not_the_owner(tmp_path)
