"""A whole service on a thread of its own, with a real eye, a real ledger and pretended pins."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import segno

from device.app.service import Service
from device.clock import SystemClock
from device.enrolment import document as enrolment
from device.gate.registrar import Answer
from device.indicator.pins import GpioPins, Outputs
from device.model import Cue, Output
from device.policy import PATTERNS
from device.settings.load import parse
from tests.support.fake_enrolment import enrolled
from tests.support.fakes import FakeNotifier
from tests.support.visitors import CARD

MOST_S = 30  # a limit for a machine that hangs, not a measure


class Film:
    """Stands between indicator and pins, and lets a test wait for what it wants to see."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.shots: list[frozenset[Output]] = []
        self.pins: GpioPins | None = None

    def over(self, pins: GpioPins) -> Outputs:
        self.pins = pins
        return self

    def set(self, lines: frozenset[Output]) -> None:
        assert self.pins is not None
        self.pins.set(lines)
        self._add(self.pins.lit())

    def close(self) -> None:
        assert self.pins is not None
        self.pins.close()
        self._add(self.pins.lit())

    def _add(self, lit: frozenset[Output]) -> None:
        with self.changed:
            self.shots.append(lit)
            self.changed.notify_all()


class Running:
    """A service on a thread of its own."""

    def __init__(
        self, folder: Path, more: str = "", at_end: str = "loop", passage: int | None = None, shown: str = "codes"
    ) -> None:
        self.folder, self.store = folder, folder / "store"
        self.store.mkdir(exist_ok=True)
        site = parse(
            f"""
place: {{name: Chợ Mẫu, province: Quảng Ngãi}}
camera:
  source: replay
  size: 640x640
  replay: {{path: {folder / shown}, show: 400ms, gap: 700ms, at_end: {at_end}}}
pins: {{driver: mock, green: 17, red: 27, buzzer: 22{"" if passage is None else f", passage: {passage}"}}}
presence: {{absence: 300ms}}
store: {{folder: {self.store}, volatile_ok: true}}
{more}
"""
        )
        self.film, self.notifier, self.stop = Film(), FakeNotifier(), threading.Event()
        self.answers: list[Answer] = []
        self.answered = threading.Event()
        self.service = Service(site, SystemClock(), self.notifier, watch=self._watch, outputs=self.film.over)
        self.exit: list[int] = []
        self.thread = threading.Thread(target=lambda: self.exit.append(self.service.run(self.stop)))

    def _watch(self, answer: Answer) -> None:
        self.answers.append(answer)
        self.answered.set()

    def enrol(self) -> None:
        enrolment.write(self.store / "enrolment.json", enrolled("gate-0001"))

    def end(self) -> int:
        self.stop.set()
        self.thread.join(MOST_S)
        return self.exit[0]

    def sees_cue(self, cue: Cue) -> bool:
        """Wait until the pins have played this resting cue once."""
        wanted = [beat.outputs & frozenset({Output.GREEN, Output.RED, Output.BUZZER}) for beat in PATTERNS[cue].beats]

        def played() -> bool:
            shots = self.film.shots
            return any(shots[n : n + len(wanted)] == wanted for n in range(len(shots)))

        with self.film.changed:
            return self.film.changed.wait_for(played, MOST_S)


@contextmanager
def running(
    folder: Path,
    more: str = "",
    *,
    at_end: str = "loop",
    enrolled: bool = True,
    passage: int | None = None,
    shown: str = "codes",
) -> Iterator[Running]:
    codes = folder / "codes"
    codes.mkdir(exist_ok=True)
    segno.make(CARD, micro=False, encoding="utf-8", eci=False).save(str(codes / "card.png"), scale=6, border=6)
    gate = Running(folder, more, at_end, passage, shown)
    if enrolled:
        gate.enrol()
    gate.thread.start()
    try:
        yield gate
    finally:
        gate.stop.set()
        gate.thread.join(MOST_S)
