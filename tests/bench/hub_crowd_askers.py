"""Gates that ask a hub about people while others keep it busy, for ``./setup.sh bench hub-crowd``."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count, cycle
from typing import Final

from device.clock import SystemClock
from device.enrolment.document import Enrolment
from device.errors import UplinkError
from device.uplink.hub import StatusClient

EVERY_S: Final = 0.1
LATE_MS: Final = 2_000
"""An answer that takes longer counts as this; a gate waits for 300."""


@contextmanager
def asking(gates: Sequence[Enrolment], ports: Sequence[int]) -> Iterator[list[float]]:
    """Ask about a person ten times a second while the block runs, as gates in turn; yield how long each took, ms."""
    took_ms, stop, clock = list[float](), threading.Event(), SystemClock()
    desks = [
        StatusClient(f"https://127.0.0.1:{port}", gate, clock) for gate, port in zip(gates, cycle(ports), strict=False)
    ]
    for desk in desks:  # the lines are open
        desk.ask(("citizen:051090000000",), LATE_MS)

    def ask() -> None:
        start_s = time.monotonic()
        for number, desk in zip(count(), cycle(desks), strict=False):
            began_s = time.monotonic()
            try:
                desk.ask((f"citizen:{51_090_000_000 + number:012d}",), LATE_MS)
                took_ms.append(round((time.monotonic() - began_s) * 1000, 1))
            except UplinkError:
                took_ms.append(float(LATE_MS))
            if stop.wait(max(0.0, start_s + (number + 1) * EVERY_S - time.monotonic())):
                return

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    try:
        yield took_ms
    finally:
        stop.set()
        thread.join()
        for desk in desks:
            desk.close()
