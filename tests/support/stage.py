"""The scan loop on a stage: a scripted eye, and everybody around it writing down what happened, in order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from device.clock import JudgedClock, TimeMark
from device.credential import recognise
from device.gate.link_status import LinkStatus
from device.gate.occupancy import Occupancy
from device.gate.presence import Presence, PresenceLimits
from device.gate.registrar import Answer, Registrar, Way
from device.gate.rules import Rules, RulesInForce
from device.gate.scan import Gate, scan
from device.gate.status_lookup import StatusLookup
from device.gate.traffic import Traffic
from device.model import (
    CheckIn,
    Cue,
    Direction,
    Place,
    Reason,
    Sight,
    Symbol,
)
from device.monitor.health import Health
from device.policy import NO_LISTS, Lists, Policy, Recent
from device.ports import Ledger, StatusSource
from tests.support.fakes import BelievingMark, FakeClock, FakeNotifier

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
    """A gate, complete; what a test wants otherwise is given here, or happens while it runs.

    Attributes:
        watch: called after each answer, when it has been kept.
        turned_out: what the switch says.
    """

    def __init__(
        self,
        sights: list[Sight],
        *,
        policy: Policy | None = None,
        lists: Lists = NO_LISTS,
        cues: Mapping[Reason, Cue] | None = None,
        source: StatusSource | None = None,
        ledger: Ledger | None = None,
        mark: TimeMark | None = None,
        absence_ms: int = 500,
    ) -> None:
        self.clock, self.story, self.notifier = FakeClock(), Story(), FakeNotifier()
        self.indicator, self.ledger = FilmIndicator(self.story), ListLedger(self.story)
        self.answers: list[Answer] = []
        self.watch: Callable[[Answer], object] | None = None
        self.turned_out: Callable[[], bool | None] = lambda: False
        self.stop = threading.Event()
        lookup = None if source is None else StatusLookup(source, self.clock)
        self.rules = RulesInForce(Rules(policy or Policy("test-1"), lists, cues or {}, lookup))
        self.occupancy, self.link, self.traffic = Occupancy(), LinkStatus(0), Traffic(self.clock)
        self.registrar = Registrar(
            self.rules,
            Recent(),
            self.occupancy,
            ledger or self.ledger,
            JudgedClock(self.clock, mark or BelievingMark()),
            PLACE,
            Way(Direction.IN, self._turned_out),
        )
        self.gate = Gate(
            eye=ScriptedEye(self.clock, sights),
            presence=Presence(recognise, PresenceLimits(absence_ms=absence_ms), ""),
            registrar=self.registrar,
            indicator=self.indicator,
            clock=self.clock,
            health=Health(self.clock, self.notifier),
            link=self.link,
            traffic=self.traffic,
            new_row=threading.Event(),
            pressed=threading.Event(),
            watch=self._answered,
        )

    def _turned_out(self) -> bool | None:
        return self.turned_out()

    def _answered(self, answer: Answer) -> None:
        self.answers.append(answer)
        if self.watch is not None:
            self.watch(answer)

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
