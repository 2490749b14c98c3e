"""The scan loop on a stage: a scripted eye, and everybody around it writing down what happened, in order."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

from device.credential import recognise
from device.gate.presence import Presence, PresenceLimits
from device.gate.scan import Answer, Gate, scan
from device.model import (
    CheckIn,
    Cue,
    Direction,
    Place,
    Sight,
    Symbol,
)
from device.monitor.health import Health
from device.policy import Policy, Recent
from tests.support.fakes import FakeClock, FakeNotifier

PLACE = Place("Chợ Mẫu", "market", "Quảng Ngãi")
CORNERS = ((100, 100), (200, 100), (200, 200), (100, 200))


class Story:
    """What happened, in order, whoever did it."""

    def __init__(self) -> None:
        self.lines: list[str] = []


class ScriptedEye:
    def __init__(self, clock: FakeClock, sights: list[Sight]) -> None:
        self.clock, self.script = clock, sights

    def sights(self, stop: threading.Event) -> Iterator[Sight]:
        for sight in self.script:
            if stop.is_set():
                return
            self.clock.advance(66)
            yield replace(sight, captured_ms=self.clock.since_boot_ms)


class FilmIndicator:
    def __init__(self, story: Story) -> None:
        self.story, self.rest = story, list[Cue]()

    def show(self, cue: Cue) -> None:
        self.story.lines.append(f"lamp {cue}")

    def rest_on(self, cue: Cue) -> None:
        if not self.rest or self.rest[-1] != cue:
            self.rest.append(cue)

    def close(self) -> None:
        self.story.lines.append("dark")


class ListLedger:
    def __init__(self, story: Story) -> None:
        self.story, self.rows = story, list[CheckIn]()
        self.error: Exception | None = None

    def record(self, check_in: CheckIn) -> int:
        if self.error:
            raise self.error
        self.rows.append(check_in)
        self.story.lines.append(f"committed {len(self.rows)}")
        return len(self.rows)


class Stage:
    def __init__(self, sights: list[Sight], *, policy: Policy | None = None) -> None:
        self.clock, self.story, self.notifier = FakeClock(), Story(), FakeNotifier()
        self.indicator, self.ledger = FilmIndicator(self.story), ListLedger(self.story)
        self.answers: list[Answer] = []
        self.stop = threading.Event()
        self.gate = Gate(
            eye=ScriptedEye(self.clock, sights),
            presence=Presence(recognise, PresenceLimits(absence_ms=500), ""),
            policy=policy or Policy("test-1"),
            recent=Recent(),
            ledger=self.ledger,
            indicator=self.indicator,
            clock=self.clock,
            health=Health(self.clock, self.notifier),
            place=PLACE,
            direction=Direction.IN,
            watch=self.answers.append,
        )

    def run(self) -> Stage:
        scan(self.gate, self.stop)
        return self


def seen(*payloads: bytes, count: int = 1, **more: object) -> list[Sight]:
    symbols = tuple(
        Symbol(payload, tuple((x + 300 * n, y) for x, y in CORNERS), "zxing")  # type: ignore[arg-type]
        for n, payload in enumerate(payloads)
    )
    return [Sight(n, 0, symbols, **more) for n in range(count)]  # type: ignore[arg-type]


GONE = seen(count=12)
