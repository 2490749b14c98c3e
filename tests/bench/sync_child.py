"""The delivering half of a gate, alone in a process: sends what waits in a folder to a hub, and tells what it took.

Run as ``python -m tests.bench.sync_child STATE URL`` by `tests.bench.sync`. Outbox, uplink and delivery loop are the
real ones. When nothing is waiting any more it writes one line of JSON to its standard output (`Took`) and ends.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from device.clock import SystemClock
from device.enrolment import document as enrolment
from device.store.outbox import SqliteOutbox
from device.sync.delivery import DeliveryEvents, Pace
from device.threads import ServiceThread
from device.uplink.hub import HubClient
from tests.support.delivering import Delivering


@dataclass(frozen=True, slots=True)
class Took:
    """What delivering took.

    Attributes:
        wall_s: from the first batch to the last receipt.
        cpu_s: processor time of this process for it, its start left out.
        growth_mb: how far resident memory went above where it stood before the first batch, 10^6 bytes; ``None`` where
            the kernel does not say.
    """

    wall_s: float
    cpu_s: float
    growth_mb: float | None


class HastyClock(SystemClock):
    """The machine's clock with no pause longer than a given one, so that a bad evening takes a minute."""

    def __init__(self, longest_s: float) -> None:
        super().__init__()
        self._longest_s = longest_s

    def wait(self, until: threading.Event, timeout_s: float) -> bool:
        """Wait, but never for longer than the longest pause."""
        return super().wait(until, min(timeout_s, self._longest_s))


def main() -> int:
    """Deliver until nothing is left."""
    parser = argparse.ArgumentParser(description="The gate that `gate-scanner bench sync` delivers with.")
    parser.add_argument("state", type=Path)
    parser.add_argument("url")
    parser.add_argument("--batch", type=int, default=500, help="most check-ins in one delivery")
    parser.add_argument("--longest-pause", type=float, default=300.0, help="seconds")
    asked = parser.parse_args()
    logging.getLogger("device.sync.delivery").setLevel(logging.ERROR)  # a bad line is what it is here for
    enrolled = enrolment.read(asked.state / enrolment.FILE_NAME)
    assert enrolled is not None
    delivered = threading.Event()
    outbox = SqliteOutbox(asked.state)

    class Waiting(DeliveryEvents):
        def idle(self) -> bool:
            """Say that nothing waits any more."""
            delivered.set()
            return False

    uplink = HubClient(asked.url, enrolled, SystemClock())
    clock = HastyClock(asked.longest_pause)
    delivery = Delivering(lambda: outbox, uplink, clock, Waiting(), Pace(most_rows=asked.batch)).delivery
    outbox.backlog()
    before_bytes = _resident("VmRSS")
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak counts from here
    began_s, cpu_began_s = time.perf_counter(), time.process_time()
    thread = ServiceThread("sync", delivery, delivered.set)
    thread.start()
    delivered.wait()
    wall_s, cpu_s = time.perf_counter() - began_s, time.process_time() - cpu_began_s
    peak_bytes = _resident("VmHWM")
    growth_mb = None if before_bytes is None or peak_bytes is None else round((peak_bytes - before_bytes) / 1e6, 2)
    thread.stop()
    print(json.dumps(asdict(Took(wall_s, cpu_s, growth_mb))), flush=True)
    return 0


def _resident(name: str) -> int | None:
    """Return a figure of ``/proc/self/status`` in bytes."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    return None


if __name__ == "__main__":
    sys.exit(main())
