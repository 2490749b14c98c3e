"""Several processes that take what gates send, on the same listening sockets: started, watched, started anew, ended.

The supervisor has one thread and no database: it may fork at any time. A worker tells it every other second how it
stands and what it has counted (`device.hub.metrics.reporting`); one that has ended is started anew, at most `MOST_ENDS`
of all within `WITHIN_S`; one that tells nothing, or whose loop does not turn, is killed first. A worker whose
supervisor is gone ends by itself.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from types import FrameType
from typing import Any, Final

from prometheus_client import CollectorRegistry

from device.clock import Clock
from device.errors import ConfigurationError
from device.hub.metrics.merging import Merged
from device.hub.metrics.pages import pages
from device.hub.metrics.reporting import Reports
from device.hub.metrics.standing import READY
from device.hub.metrics.telling import Telling
from device.hub.part import Notifier
from device.threads import place_of

MOST_ENDS: Final = 10
WITHIN_S: Final = 60.0
SILENT_S: Final = 60.0
STOP_S: Final = 10.0
_AGAIN_S: Final = 1.0
_TURN_S: Final = 0.5
log = logging.getLogger(__name__)

Serve = Callable[[int, int], int]
"""What a worker does: its number, and the pipe on which it tells; returns its exit code."""


@dataclass(eq=False, slots=True)
class _Worker:
    """A process that runs.

    Attributes:
        number: its place, from 0.
        pid: of the process.
        reports: what it tells.
        heard_s: when it last told that it turns.
        reason: why it is not ready, ``None`` before it has told anything.
    """

    number: int
    pid: int
    reports: Reports
    heard_s: float
    reason: str | None = field(default=None)


class Supervisor:
    """Runs on the main thread of a process that has no other.

    Args:
        count: how many workers.
        serve: what each does.
        tells: listeners on which it tells how all of them are; closed in the end.
        notifier: told that all are ready, and that this turns.
        clock: for pauses.
        ready: called once, when each of them has told that it serves.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what is supervised, and who is told
        self,
        count: int,
        serve: Serve,
        tells: Sequence[socket.socket],
        notifier: Notifier,
        clock: Clock,
        ready: Callable[[], None],
    ) -> None:
        self._serve = serve
        self._merged = Merged()
        registry = CollectorRegistry()
        registry.register(self._merged)
        self._telling = Telling(tells, pages(registry, lambda: self.is_alive, lambda: self.reason), clock)
        self._notifier = notifier
        self._clock = clock
        self._ready: Callable[[], None] | None = ready
        self._workers: dict[int, _Worker] = {}
        self._due_s = dict.fromkeys(range(count), 0.0)
        self._ends: deque[float] = deque(maxlen=MOST_ENDS)
        self._stopping = False
        self._code = os.EX_OK

    @property
    def is_alive(self) -> bool:
        """Whether the loop of a worker has turned lately."""
        now_s = self._clock.monotonic_s()
        return any(now_s - worker.heard_s <= SILENT_S for worker in self._workers.values())

    @property
    def reason(self) -> str:
        """Why nothing can be taken now, in a word; one worker that is ready is enough."""
        reasons = [worker.reason for worker in self._workers.values()]
        if not reasons or (None in reasons and READY not in reasons):
            return "starting"
        return READY if READY in reasons else next(reason for reason in reasons if reason)

    def run(self) -> int:
        """Supervise until SIGTERM or Ctrl-C, or until it makes no sense; return the exit code."""
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGTERM, signal.SIGINT)}
        wakes = signal.set_wakeup_fd(self._telling.wakes, warn_on_full_buffer=False)
        try:
            while not self._stopping:
                self._start_those_due()
                self._telling.turn(_TURN_S)
                self._bury()
                self._kill_silent()
                self._notifier.alive()
            self._notifier.stopping()
            self._end_all()
        finally:
            signal.set_wakeup_fd(wakes)
            for number, handler in before.items():
                signal.signal(number, handler)
            self._telling.finish()
        return self._code

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _give_up(self, code: int, why: str) -> None:
        log.error("event=workers-given-up reason=%s code=%d", why, code)
        self._stopping, self._code = True, code

    def _start_those_due(self) -> None:
        now_s = self._clock.monotonic_s()
        for number in [number for number, due_s in self._due_s.items() if due_s <= now_s]:
            del self._due_s[number]
            self._start(number)

    def _start(self, number: int) -> None:
        reading, writing = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if not pid:
            os.close(reading)
            self._be_worker(number, writing)
        os.close(writing)
        worker = _Worker(number, pid, Reports(reading), self._clock.monotonic_s())
        self._workers[pid] = worker
        self._telling.selector.register(reading, 1, partial(self._hear, worker))
        log.info("event=worker-started worker=%d pid=%d", number, pid)

    def _be_worker(self, number: int, writing: int) -> None:
        """Serve in the new process, and end it: nothing of the supervisor's goes on there."""
        code = os.EX_SOFTWARE
        try:
            signal.set_wakeup_fd(-1)
            for told in (signal.SIGTERM, signal.SIGINT):
                signal.signal(told, signal.SIG_DFL)
            for worker in self._workers.values():
                os.close(worker.reports.descriptor)
            self._telling.let_go()
            code = self._serve(number, writing)
        except ConfigurationError as error:
            sys.stderr.write(f"{error}\n")
            code = os.EX_CONFIG
        except KeyboardInterrupt:
            code = os.EX_OK
        except BaseException as error:  # noqa: BLE001 - a defect; its text could quote a request
            log.critical("event=worker-failed reason=%s at=%s", type(error).__name__, place_of(error))
        finally:
            with suppress(OSError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)

    def _hear(self, worker: _Worker) -> None:
        report: dict[str, Any] | None = worker.reports.read()
        if report is None:
            return
        if report["alive"]:
            worker.heard_s = self._clock.monotonic_s()
        worker.reason = report["reason"]
        self._merged.take(worker.pid, report["families"])
        if self._ready is not None and not self._due_s and all(w.reason is not None for w in self._workers.values()):
            self._ready()
            self._notifier.ready()
            self._ready = None

    def _bury(self) -> None:
        """Take note of those that have ended, and of when they are started anew."""
        while self._workers:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            worker = self._workers.pop(pid, None)
            if worker is not None:
                self._forget(worker, os.waitstatus_to_exitcode(status))

    def _forget(self, worker: _Worker, code: int) -> None:
        self._telling.selector.unregister(worker.reports.descriptor)
        os.close(worker.reports.descriptor)
        self._merged.end(worker.pid)
        if self._stopping:
            return
        log.warning("event=worker-ended worker=%d pid=%d code=%d", worker.number, worker.pid, code)
        now_s = self._clock.monotonic_s()
        self._ends.append(now_s)
        self._due_s[worker.number] = now_s + _AGAIN_S
        if code == os.EX_CONFIG:
            self._give_up(code, "configuration")
        elif len(self._ends) == MOST_ENDS and now_s - self._ends[0] < WITHIN_S:
            self._give_up(os.EX_SOFTWARE, "too-many-ended")

    def _kill_silent(self) -> None:
        now_s = self._clock.monotonic_s()
        for worker in self._workers.values():
            if now_s - worker.heard_s > SILENT_S:
                log.error("event=worker-silent worker=%d pid=%d", worker.number, worker.pid)
                worker.heard_s = now_s
                os.kill(worker.pid, signal.SIGKILL)

    def _end_all(self) -> None:
        """Let all end what they are doing; whoever does not is killed."""
        for number, most_s in ((signal.SIGTERM, STOP_S), (signal.SIGKILL, STOP_S)):
            for worker in self._workers.values():
                os.kill(worker.pid, number)
            until_s = self._clock.monotonic_s() + most_s
            while self._workers and self._clock.monotonic_s() < until_s:
                self._telling.turn(0.05)
                self._bury()
