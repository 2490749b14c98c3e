"""The hub in a process of its own, over TLS, with its log in a file, for ``./setup.sh bench hub``.

Run as ``python -m tests.bench.hub_child FOLDER PORT``; it says ``ready`` on its standard output when it listens.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Self

from device.clock import SystemClock
from device.hub.folder import HubFolder
from device.hub.serve import LOOPBACK, listen, serve
from device.monitor.log_format import start_log
from tests.support.children import python_module, surroundings

_ENDED = re.compile(r"event=hub-ended writes=(\d+) longest_ms=(\d+) longest_wait_ms=(\d+)")


def core_s_of(pid: int) -> float:
    """Return what a process has used of a core until now, its children left out."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class MeasuredHub:
    """A hub of *folder* in a child process; a context in which it answers on `port`.

    Args:
        folder: of the hub; its log is written beside it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._log = folder.with_suffix(".log")
        self.port = 0

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._child = subprocess.Popen(
                [*python_module("tests.bench.hub_child"), str(self._folder)],
                stdout=subprocess.PIPE,
                stderr=log,
                env=surroundings(),
            )
        assert self._child.stdout is not None
        self.port = int(self._child.stdout.readline())
        return self

    def __exit__(self, *_: object) -> None:
        self._child.terminate()
        self._child.wait(20)
        assert self._child.stdout is not None
        self._child.stdout.close()

    def cpu_s(self) -> float:
        """Return what it has used of a core until now, its children left out."""
        return core_s_of(self._child.pid)

    def resident_mb(self, name: str = "VmRSS") -> float:
        """Return its memory in 10^6 bytes; ``VmHWM`` is the most it has had."""
        for line in Path(f"/proc/{self._child.pid}/status").read_text("ascii").splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024 / 1e6
        raise OSError(f"no {name}")

    @property
    def log_bytes(self) -> int:
        """How much it has logged."""
        return self._log.stat().st_size

    @property
    def longest_write_ms(self) -> int:
        """How long the database was held by one writer at most; after its end."""
        found = _ENDED.search(self._log.read_text("utf-8"))
        return -1 if found is None else int(found[2])


if __name__ == "__main__":
    start_log("info")
    listeners = listen(LOOPBACK, 0)
    sys.exit(
        serve(
            HubFolder(Path(sys.argv[1]), SystemClock()),
            listeners,
            tls=True,
            ready=lambda: print(listeners[0].getsockname()[1], flush=True),
        )
    )
