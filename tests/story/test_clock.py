"""Whatever a gate's clock says: no check-in is lost or out of order, and the hub knows when each truly was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from cryptography import x509

from device.clock import DAY_MS, ClockReading, ClockState, SystemClock
from device.crypto.sealing import Sealer
from device.enrolment import document as enrolment
from device.enrolment.document import Enrolment
from device.hub.child_process import HubProcess
from device.hub.folder import HubFolder
from device.hub.unsealing import unsealed
from device.store.high_water_mark import HighWaterMark
from device.store.ledger import SqliteLedger
from device.store.outbox import SqliteOutbox
from device.uplink.enrol import EnrolmentClient, enrol
from device.uplink.hub import HubClient
from tests.support.databases import both_databases, hub_folder
from tests.support.fake_enrolment import enrolled
from tests.support.fake_outbox import check_in
from tests.support.fake_server import PATIENCE_S

YEAR_MS = 365 * DAY_MS
LATE_MS = 4_070_908_800_000  # 2099


class GateClock(SystemClock):
    """A gate's clock that says whatever a test wants; its monotonic time begins anew with each boot."""

    def __init__(self) -> None:
        super().__init__()
        self.boots = 0
        self.off_ms = 0
        self.wall_ms: int | None = None
        self.state = ClockState.SYNCHRONISED
        self.boot()

    def boot(self) -> None:
        self.boots += 1
        self._booted_ms = super().reading().monotonic_ms - 1_000

    def reading(self) -> ClockReading:
        true = super().reading()
        wall_ms = true.wall_ms + self.off_ms if self.wall_ms is None else self.wall_ms
        return ClockReading(f"{self.boots:032x}", true.monotonic_ms - self._booted_ms, wall_ms, self.state)


@dataclass
class Evening:
    """A hub over TLS, and a gate that comes from another hub: nobody knows when it began to record."""

    hub: HubProcess
    folder: HubFolder
    gate: Enrolment
    state: Path
    ledger: SqliteLedger
    clock: GateClock = field(default_factory=GateClock)
    true_ms: list[int] = field(default_factory=list)

    def record(self, count: int = 3) -> None:
        for _ in range(count):
            before_ms = SystemClock().reading().wall_ms
            self.ledger.record(replace(check_in(len(self.true_ms) + 1), at=self.clock.reading()))
            self.true_ms.append(before_ms)

    def deliver(self, told: Callable[[int], None] = lambda _ms: None) -> None:
        uplink = HubClient(self.hub.url, self.gate, self.clock, deadline_s=PATIENCE_S, told=told)
        with SqliteOutbox(self.state) as outbox:
            while batch := outbox.next_batch(4, 10**6):
                outbox.settle(batch, uplink.deliver(batch))
        uplink.close()

    def check(self) -> None:
        """All rows are there once, in order, and each interval holds the true time."""
        store = self.folder.open_store()
        found = sorted(unsealed(self.folder, store, "test", "story"), key=lambda pair: pair[0].row.seq)
        assert [alarm.kind for alarm in store.alarms()] == []
        store.close()
        names = [body.credential.person.name for _, body in found if body and body.credential]
        assert names == [f"Nguyễn Văn Thử {number}" for number in range(1, len(self.true_ms) + 1)]
        for (arrived, _), true_ms in zip(found, self.true_ms, strict=True):
            assert arrived.earliest_ms - 20 <= true_ms <= arrived.latest_ms
            assert arrived.latest_ms - arrived.earliest_ms <= 6 * 60_000


@pytest.fixture
def evening(tmp_path: Path, database_url: str | None) -> Iterator[Evening]:
    folder, state = hub_folder(tmp_path / "hub", SystemClock(), database_url), tmp_path / "state"
    state.mkdir(mode=0o700)
    enrolment.write(state / enrolment.FILE_NAME, enrolled("gate-0a1b2c"))
    store = folder.open_store()
    code = store.new_code("Cổng A")
    store.close()
    with HubProcess(folder.path, tls=True) as hub:
        gate = enrol(state, code, EnrolmentClient(hub.url, SystemClock(), PATIENCE_S))
        assert gate.device_id == "gate-0a1b2c"
        with SqliteLedger.open(state, gate.device_id, Sealer(gate.device_id, gate.sealing_keys)) as ledger:
            yield Evening(hub, folder, gate, state, ledger)


@both_databases
@pytest.mark.parametrize("wall_ms", [0, LATE_MS])
def test_a_clock_of_1970_or_2099_whether_it_calls_itself_synchronised_or_not(evening: Evening, wall_ms: int) -> None:
    evening.clock.wall_ms = wall_ms
    for state in ClockState:
        evening.clock.state = state
        evening.record()
        evening.deliver()
        evening.clock.boot()
    evening.check()


def test_the_hubs_certificates_hold_at_a_gate_in_1970_and_in_2099(tmp_path: Path) -> None:
    folder = HubFolder.create(tmp_path / "hub", SystemClock())
    for name in ("ca.pem", "server.pem"):
        (certificate,) = x509.load_pem_x509_certificates((folder.path / "tls" / name).read_bytes())[:1]
        assert certificate.not_valid_before_utc.timestamp() <= 0
        assert certificate.not_valid_after_utc.timestamp() * 1000 >= LATE_MS


def test_the_clock_jumps_back_a_day_while_scanning(evening: Evening) -> None:
    evening.record()
    evening.clock.off_ms = -DAY_MS
    evening.record()
    evening.deliver()
    evening.record()
    evening.deliver()
    evening.check()


@both_databases
@pytest.mark.parametrize("years", [10, -10])
def test_the_time_server_lies_by_ten_years(evening: Evening, years: int) -> None:
    evening.record()
    evening.deliver()
    evening.clock.off_ms = years * YEAR_MS
    evening.record()
    evening.deliver()
    evening.clock.off_ms = 0
    evening.record()
    evening.deliver()
    evening.check()


def test_monotonic_time_begins_anew_with_each_boot(evening: Evening) -> None:
    for _ in range(3):
        evening.record()
        evening.clock.boot()
    evening.deliver()
    evening.check()


@both_databases
def test_no_anchor_for_three_boots(evening: Evening) -> None:
    evening.record()
    evening.clock.state, evening.clock.wall_ms = ClockState.UNSYNCHRONISED, 0
    for _ in range(3):
        evening.clock.boot()
        evening.record()
    evening.clock.boot()
    evening.record()
    evening.deliver()
    evening.check()


def test_signed_hub_time_sets_a_mark_right_that_a_lie_had_moved_and_no_lie_moves_it_again(evening: Evening) -> None:
    clock, hour_ms = evening.clock, 3_600_000
    mark = HighWaterMark(
        evening.state, evening.gate.at_ms + 400 * DAY_MS, clock
    )  # what a hub with a wrong clock once said
    assert mark.judged(clock.reading()).state is ClockState.UNSYNCHRONISED
    evening.record(1)
    evening.deliver(mark.told)
    now_ms = SystemClock().reading().wall_ms
    assert abs(mark.judged(clock.reading()).wall_ms - now_ms) < hour_ms
    clock.off_ms = 10 * YEAR_MS
    mark.look()
    assert abs(mark.judged(clock.reading()).wall_ms - now_ms) < hour_ms
    clock.boot()
    again = HighWaterMark(evening.state, evening.gate.at_ms + 400 * DAY_MS, clock)
    again.look()
    assert abs(again.judged(clock.reading()).wall_ms - now_ms) < hour_ms
    assert again.judged(clock.reading()).state is ClockState.UNSYNCHRONISED
