"""Which disk it is, what a flush costs, and that the kernel does forget."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from device.doctor.disk import disk_of, forget_cached, measure_flush

MEMORY = Path("/dev/shm")


def test_the_file_system_is_the_one_that_df_names(tmp_path: Path) -> None:
    told = subprocess.run(["df", "--output=fstype", str(tmp_path)], check=True, capture_output=True, text=True).stdout
    assert disk_of(tmp_path).kind == told.split()[-1]


def test_a_link_to_another_disk_is_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").symlink_to("/proc")
    found = disk_of(tmp_path / "elsewhere")
    assert (found.kind, found.volatile) == ("proc", "")


@pytest.mark.skipif(not MEMORY.is_dir(), reason="no file system in memory here")
def test_memory_is_told_as_what_a_power_cut_empties() -> None:
    found = disk_of(MEMORY)
    assert found.kind == "tmpfs"
    assert "power cut" in found.volatile


def test_a_folder_that_is_not_there_has_no_disk(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        disk_of(tmp_path / "missing")


def test_each_flush_overwrites_the_one_sector_of_its_file(tmp_path: Path) -> None:
    result = measure_flush(tmp_path, 50)
    assert result.flushes == 50
    assert 0 < result.median_ms <= result.p99_ms
    assert (tmp_path / "flush").read_bytes() == (50).to_bytes(8, "big") * 64


def in_memory(path: Path) -> bool:
    """Return whether the first page of a file can be had without asking the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.preadv(descriptor, [bytearray(16)], 0, os.RWF_NOWAIT)
    except BlockingIOError:
        return False
    except OSError:
        pytest.skip("this file system cannot be asked what it holds in memory")
    finally:
        os.close(descriptor)
    return True


def test_a_forgotten_file_is_no_longer_in_the_kernels_memory(tmp_path: Path) -> None:
    if disk_of(tmp_path).volatile:
        pytest.skip("what is in memory only cannot be forgotten")
    path = tmp_path / "file"
    path.write_bytes(bytes(1 << 16))
    assert in_memory(path)
    forget_cached(path)
    assert not in_memory(path)
