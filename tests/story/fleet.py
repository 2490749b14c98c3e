"""Gates with ledgers and delivery loops of their own, for stories in which several speak with one hub."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from device.clock import SystemClock
from device.crypto.sealing import Sealer
from device.enrolment.document import Enrolment
from device.errors import LedgerUnavailable
from device.hub.db.queries import Alarm
from device.hub.folder import HubFolder
from device.hub.unsealing import unsealed
from device.store.ledger import SqliteLedger
from device.store.outbox import SqliteOutbox
from device.sync.delivery import DeliveryEvents
from device.uplink.hub import HubClient
from tests.support.delivering import Delivering
from tests.support.fake_outbox import check_in
from tests.support.fake_server import PATIENCE_S
from tests.support.threads import running

PAUSE_S = 0.02


class HastyClock(SystemClock):
    """The machine's clock with short pauses; remembers how long they should have been."""

    def __init__(self) -> None:
        super().__init__()
        self.pauses: list[float] = []

    def wait(self, until: threading.Event, timeout_s: float) -> bool:
        self.pauses.append(timeout_s)
        return super().wait(until, min(timeout_s, PAUSE_S))


class Condemning(DeliveryEvents):
    """Sets a ledger aside of which the hub has other rows."""

    def __init__(self, ledger: SqliteLedger) -> None:
        self.ledger = ledger

    def forked(self, epoch: str) -> None:
        self.ledger.condemn(epoch, "the hub has other rows")


class FleetGate:
    """One gate on its state folder; a context in which its ledger is open."""

    def __init__(self, state: Path, enrolled: Enrolment) -> None:
        self.state = state
        self.enrolled = enrolled
        self.clock = HastyClock()
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        sealer = Sealer(self.enrolled.device_id, self.enrolled.sealing_keys)
        self.ledger = self._opened.enter_context(SqliteLedger.open(self.state, self.enrolled.device_id, sealer))
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def record(self, *numbers: int) -> list[int]:
        return [self.ledger.record(check_in(number)) for number in numbers]

    def waiting(self) -> int:
        """Count what waits in the ledger in use, and which older ones are not delivered yet."""
        try:
            with SqliteOutbox(self.state) as outbox:
                undelivered = outbox.backlog().undelivered
        except LedgerUnavailable:
            return 1  # a new epoch is being made at this moment
        old = [path for path in self.state.glob("ledger.db.damaged-*") if path.name.rpartition("-")[2].isdecimal()]
        return undelivered + sum(not path.with_name(f"{path.name}.delivered").exists() for path in old)

    def delivery(self, url: str, deadline_s: float = PATIENCE_S) -> Delivering:
        """Build the delivery to *url* as the gate does, with short pauses. It is not started."""
        uplink = HubClient(url, self.enrolled, SystemClock(), deadline_s=deadline_s)
        outbox = SqliteOutbox(self.state, damaged=self.ledger.condemn)
        return Delivering(lambda: outbox, uplink, self.clock, Condemning(self.ledger))

    def deliver(
        self, url: str, until: Callable[[Delivering], bool] | None = None, deadline_s: float = PATIENCE_S
    ) -> None:
        """Deliver until nothing waits, or *until* is content."""
        to_url = self.delivery(url, deadline_s)
        with running(to_url.delivery):
            patiently(lambda: until(to_url) if until else self.waiting() == 0)


def patiently(holds: Callable[[], bool]) -> None:
    """Wait until *holds*; fails when it does not within a minute."""
    clock, never = SystemClock(), threading.Event()
    give_up_s = clock.monotonic_s() + 3 * PATIENCE_S
    while not holds():
        assert clock.monotonic_s() < give_up_s
        clock.wait(never, PAUSE_S)


def at_the_centre(hub: HubFolder) -> tuple[list[str], list[Alarm], int]:
    """Return the names in the stored check-ins in order, the alarms, and how many rows are kept apart."""
    store = hub.open_store()
    try:
        opened = [body for _, body in unsealed(hub, store, "test", "story")]
        names = [body.credential.person.name or "" for body in opened if body and body.credential]
        return sorted(names, key=lambda name: int(name.split()[-1])), store.alarms(), store.count()["quarantined"]
    finally:
        store.close()


def names(*numbers: int) -> list[str]:
    return [f"Nguyễn Văn Thử {number}" for number in numbers]
