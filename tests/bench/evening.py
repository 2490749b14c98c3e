"""A bad evening: a backlog is delivered while answers get lost, connections break, and hub and gate are killed.

Afterwards each row of the ledger must be at the hub once: what stands there is compared link by link, and a link
covers all of a row.
"""

from __future__ import annotations

import random
import subprocess
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from device.clock import SystemClock
from device.errors import GateScannerError
from device.hub.child_process import HubProcess
from device.hub.folder import HubFolder
from device.store.reading import read_back
from tests.bench.drain import Stage, delivering
from tests.support.bad_line import BadLine, Mishap

LOSE_ANSWER: Final = 0.2
RESET: Final = 0.05
_KILL_EVERY: Final = 25
_PAUSE_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What stands at the hub, compared with the gate's ledger.

    Attributes:
        rows: check-ins recorded at the gate.
        lost: of these are not at the hub.
        twice: rows at the hub that are there already, or were never recorded.
        quarantined: rows that the hub keeps apart.
        alarms: raised at the hub.
    """

    rows: int
    lost: int
    twice: int
    quarantined: int
    alarms: int

    @property
    def exactly_once(self) -> bool:
        """Whether everything arrived, once, and nothing looked wrong to the hub."""
        return not (self.lost or self.twice or self.quarantined or self.alarms)


@dataclass(frozen=True, slots=True)
class EveningResult:
    """What became of a backlog.

    Attributes:
        arrivals: what arrived.
        requests: how many times the gate tried.
        answers_lost: after the hub had committed.
        resets: connections reset in the middle of a request.
        hub_killed: times the hub was killed while it worked on a batch, and started again.
        uncommitted: … of these before the batch was stored.
        gate_killed: times the gate was killed before it knew that its batch was stored.
        wire_bytes: sent by check-in in both directions, headers too, not counting what was sent in vain.
    """

    arrivals: Arrivals
    requests: int
    answers_lost: int
    resets: int
    hub_killed: int
    uncommitted: int
    gate_killed: int
    wire_bytes: float


def mishaps(seed: int) -> Callable[[int], Mishap]:
    """Return what decides about each request: a fifth of the answers are lost, and deaths come at fixed numbers."""

    def mishap_of(number: int) -> Mishap:
        match number % (2 * _KILL_EVERY):
            case 12 | 36:
                return Mishap.HUB_KILLED
            case 24:
                return Mishap.GATE_KILLED
        drawn = random.Random(f"{seed} {number}").random()
        if drawn < LOSE_ANSWER:
            return Mishap.ANSWER_LOST
        return Mishap.RESET if drawn < LOSE_ANSWER + RESET else Mishap.NONE

    return mishap_of


class _Deaths:
    """Kills the hub, or the gate, when the line says so."""

    def __init__(self, hub: HubProcess, folder: HubFolder, seed: int) -> None:
        self._hub = hub
        self._folder = folder
        self._moment = random.Random(seed)
        self._clock = SystemClock()
        self.gate: subprocess.Popen[bytes] | None = None
        self.uncommitted = 0

    def kill_hub(self, answers_after_s: float) -> None:
        """Kill it somewhere on its way to the answer, and start it again."""
        before = self._stored()
        self._clock.wait(threading.Event(), self._moment.uniform(0, answers_after_s))
        self._hub.kill()
        self.uncommitted += self._stored() == before
        self._hub.start()

    def kill_gate(self) -> None:
        """Kill it; the bench starts another."""
        if self.gate is not None:
            self.gate.kill()

    def _stored(self) -> int:
        store = self._folder.open_store()
        try:
            return store.count()["checkins"]
        finally:
            store.close()


def bad_evening(stage: Stage, seed: int) -> EveningResult:
    """Deliver everything through a bad line, and compare.

    Args:
        stage: hub, gate and what waits; used up.
        seed: of what goes wrong when.

    Raises:
        GateScannerError: the delivering process ended by itself.
    """
    folder = HubFolder(stage.hub, SystemClock())
    batch_rows = max(1, min(500, stage.rows // 70))  # small enough that there are many requests to go wrong
    words = ("--batch", str(batch_rows), "--longest-pause", str(_PAUSE_S))
    gates = 0
    with HubProcess(stage.hub) as hub:
        deaths = _Deaths(hub, folder, seed)
        with BadLine(hub.port, mishaps(seed), deaths.kill_hub, deaths.kill_gate, SystemClock()) as line:
            ended = -1
            while ended:
                with delivering(stage, line.url, *words) as deaths.gate:
                    deaths.gate.communicate()
                ended = deaths.gate.returncode
                gates += 1
                if ended > 0:
                    raise GateScannerError(f"the delivering gate ended with {ended}; see what it wrote above")
    arrivals = compare(stage)
    return EveningResult(
        arrivals=arrivals,
        requests=line.requests,
        answers_lost=line.mishaps[Mishap.ANSWER_LOST],
        resets=line.mishaps[Mishap.RESET],
        hub_killed=line.mishaps[Mishap.HUB_KILLED],
        uncommitted=deaths.uncommitted,
        gate_killed=gates - 1,
        wire_bytes=round(line.settled_bytes / max(1, arrivals.rows), 1),
    )


def compare(stage: Stage) -> Arrivals:
    """Compare what the hub holds with the gate's ledger."""
    store = HubFolder(stage.hub, SystemClock()).open_store()
    try:
        arrived = Counter(there.row.link for there in store.every_checkin())
        quarantined, alarms = store.count()["quarantined"], len(store.alarms())
    finally:
        store.close()
    recorded = Counter(row.link for row in read_back(stage.state))
    lost, more = recorded - arrived, arrived - recorded
    return Arrivals(recorded.total(), lost.total(), more.total(), quarantined, alarms)
