"""Service threads: started, stopped within a deadline, and a defect in one ends the service with its reason.

What a thread does is an object with `run` and `close` (`Work`): a loop, a player, a socket that answers. It can be run
without a thread, which is how most tests run it; who builds the service gives it one.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol, Self

STOP_MOST_S: Final = 2.0

log = logging.getLogger(__name__)


class Work(Protocol):
    """What a thread does."""

    def run(self) -> None:
        """Do it until it is done or `close` was called; on the thread. Whatever it raises is a defect."""
        ...

    def close(self) -> None:
        """Make `run` return soon; any thread, any number of times, before `run` too."""
        ...


class ServiceEnd:
    """Ends a service, and knows whether it failed. Any thread.

    Args:
        stop: ends it when it is set, by whoever has it.
    """

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._failed = threading.Event()

    @property
    def failed(self) -> bool:
        """Whether it ended, or is to end, with a failure."""
        return self._failed.is_set()

    def fail(self) -> None:
        """End it with a failure: systemd starts it anew."""
        self._failed.set()
        self._stop.set()


class ServiceThread:
    """One thread of a service; as a context manager it runs inside.

    It is a daemon: a look-up of a name that hangs must not hold the process.

    Args:
        name: of the thread, as the log and a debugger show it.
        work: what it does.
        fail: called on the thread when *work* raised (`ServiceEnd.fail`); the reason is in the log by then.
        stop_most_s: how long `stop` waits for its end; ``None`` is as long as it takes.
    """

    def __init__(
        self, name: str, work: Work, fail: Callable[[], None], stop_most_s: float | None = STOP_MOST_S
    ) -> None:
        self._work = work
        self._fail = fail
        self._stop_most_s = stop_most_s
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it; once."""
        self._thread.start()

    def stop(self) -> bool:
        """Close the work and wait; return whether the thread has ended. Also for one that was never started."""
        self._work.close()
        if self._thread.ident is not None:
            self._thread.join(self._stop_most_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._work.run()
        except Exception as error:  # noqa: BLE001 - a defect; its text could quote a payload, so it stays out of the log
            reason = type(error).__name__
            log.critical("event=thread-failed thread=%s reason=%s at=%s", self._thread.name, reason, place_of(error))
            self._fail()


def place_of(error: BaseException) -> str:
    """Return where an exception comes from, like ``gate.py:120``: it may be logged where the text may not."""
    place, trace = "?", error.__traceback__
    while trace is not None:
        place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
