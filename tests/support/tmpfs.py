"""A small file system of a test's own, where root may make one."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def tmpfs(path: Path, size: str = "64m") -> Iterator[Path]:
    """Mount one at *path*, which is made; skips the test where that cannot be."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a disk")
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "gate-scanner-test", str(path)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("this root may not mount")
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True, capture_output=True)


@contextmanager
def read_only(path: Path) -> Iterator[None]:
    """Let nothing be written there while the block runs; no file there is open for writing when it begins."""
    subprocess.run(["mount", "-o", "remount,ro", str(path)], check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(path)], check=True, capture_output=True)
