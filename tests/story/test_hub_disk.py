"""The hub's disk fills up: it takes nothing it cannot keep, and the gates keep it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from device.clock import SystemClock
from device.hub.child_process import HubProcess
from device.hub.folder import HubFolder
from tests.story.fleet import FleetGate, at_the_centre, names

ROWS = 1_500
ROOM_BYTES = 600_000


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, where root may make one."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small disk")
    path = tmp_path / "disk"
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "gate-scanner-test", str(path)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("this root may not mount")
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True, capture_output=True)


def test_a_hub_with_a_full_disk_acknowledges_only_what_it_kept_and_goes_on_when_there_is_room(
    tmp_path: Path, disk: Path
) -> None:
    hub_folder = HubFolder.create(disk / "hub", SystemClock())
    with FleetGate(tmp_path / "state", hub_folder.add_gate("Cổng A")) as gate, HubProcess(hub_folder.path) as hub:
        gate.record(*range(1, ROWS + 1))
        room = os.statvfs(disk)
        (disk / "somebody-elses.log").write_bytes(bytes(room.f_bavail * room.f_frsize - ROOM_BYTES))
        gate.deliver(hub.url, lambda delivery: delivery.link.error == "status-503")
        kept = len(at_the_centre(hub_folder)[0])
        assert kept < ROWS
        assert gate.waiting() == ROWS - kept
        (disk / "somebody-elses.log").unlink()
        gate.deliver(hub.url)
    assert at_the_centre(hub_folder) == (names(*range(1, ROWS + 1)), [], 0)
