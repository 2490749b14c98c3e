"""Who holds the camera: asked of real locks, as libcamera takes them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from device.camera.holder import holder, no_permission

LOCK = "import os, sys; os.lockf(os.open(sys.argv[1], os.O_RDWR), os.F_LOCK, 0); print(flush=True); sys.stdin.read()"


@contextmanager
def held(device: Path) -> Iterator[int]:
    """Another process that holds the device."""
    with subprocess.Popen([sys.executable, "-c", LOCK, device], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        yield other.pid
        other.kill()


@pytest.fixture
def device(tmp_path: Path) -> Path:
    (tmp_path / "media0").touch()
    return tmp_path / "media0"


def test_the_process_that_holds_the_camera_is_named(device: Path, tmp_path: Path) -> None:
    with held(device) as pid:
        comm = Path(f"/proc/{pid}/comm").read_text().strip()
        assert holder([tmp_path / "media9", device]) == f"{comm} (process {pid})"


def test_a_process_that_cannot_be_seen_has_its_number_all_the_same(device: Path, tmp_path: Path) -> None:
    with held(device) as pid:
        assert holder([device], proc=tmp_path) == f"process {pid}"
        (tmp_path / str(pid)).mkdir()
        (tmp_path / str(pid) / "comm").write_bytes(b"x\x1b[31m\xff\n")
        assert holder([device], proc=tmp_path) == rf"x\x1b[31m\ufffd (process {pid})"


def test_where_nobody_holds_it_or_nobody_can_be_asked_nobody_is_named(device: Path, tmp_path: Path) -> None:
    assert holder([device]) == ""
    assert holder([tmp_path / "media9", Path("/proc/self/mem/none")]) == ""
    assert holder([]) == ""


def test_whether_any_camera_may_be_opened_is_told(device: Path, tmp_path: Path) -> None:
    assert not no_permission([])
    assert not no_permission([tmp_path / "media9", device])
    assert no_permission([tmp_path / "media9"])
