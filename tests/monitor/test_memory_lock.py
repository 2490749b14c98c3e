"""What is known about people stays out of swap: tried in processes of their own, since a lock stays."""

from __future__ import annotations

import os
import subprocess
import sys

from device.monitor.memory_lock import may_lock

PROGRAM = """
import resource
from pathlib import Path
from device.monitor.host import host_metrics
from device.monitor.memory_lock import lock_memory
locked = lock_memory()
later = bytearray(b"x" * 30_000_000)
print(locked, host_metrics(Path("/"))["memory_locked"])
"""
WITHOUT_RIGHTS = ("setpriv", "--bounding-set=-ipc_lock", "--inh-caps=-all")
"""util-linux; what it starts has root's name and not this right of his."""


def locked_and_told(*command: str) -> str:
    run = subprocess.run([*command, sys.executable, "-c", PROGRAM], capture_output=True, check=True, encoding="utf-8")
    return run.stdout


def test_all_memory_is_locked_where_that_may_be_and_the_status_says_whether() -> None:
    assert locked_and_told() == f"{may_lock()} {may_lock()}\n"


def test_under_a_limit_nothing_is_locked_and_memory_that_is_needed_later_is_there() -> None:
    command = f'ulimit -l 4; exec {" ".join(WITHOUT_RIGHTS) if os.geteuid() == 0 else ""} "$@"'
    assert locked_and_told("bash", "-c", command, "bash") == "False False\n"
