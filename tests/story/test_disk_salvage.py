"""A block of the card goes bad under undelivered check-ins: the centre gets all but that block."""

from __future__ import annotations

import threading
from pathlib import Path

from device.clock import SystemClock
from device.crypto.sealing import Sealer
from device.hub.child_process import HubProcess
from device.hub.folder import HubFolder
from device.hub.unsealing import unsealed
from device.store.checkup import Checkup
from device.store.ledger import SqliteLedger
from device.store.outbox import SqliteOutbox
from device.uplink.hub import HubClient
from tests.story.fleet import PAUSE_S, HastyClock
from tests.support.delivering import Delivering
from tests.support.fake_outbox import check_in
from tests.support.fake_server import PATIENCE_S
from tests.support.threads import running


def spoil_a_page_of(file: Path) -> None:
    with file.open("r+b") as database:
        middle = database.seek(0, 2) // 4096 // 2
        database.seek(middle * 4096)
        database.write(b"\xa5" * 4096)


def old_tail_is_delivered(state: Path) -> bool:
    clock, never = SystemClock(), threading.Event()
    give_up_s = clock.monotonic_s() + 3 * PATIENCE_S
    while clock.monotonic_s() < give_up_s:
        if any(path.read_text() == "all\n" for path in state.glob("ledger.db.damaged-*.delivered")):
            return True
        clock.wait(never, PAUSE_S)
    return False


def test_a_bad_block_costs_its_own_check_ins_and_the_centre_sees_the_gap(tmp_path: Path) -> None:
    hub_folder, state = HubFolder.create(tmp_path / "hub", SystemClock()), tmp_path / "state"
    gate = hub_folder.add_gate("Cổng A")
    sealer = Sealer(gate.device_id, gate.sealing_keys)
    with SqliteLedger.open(state, gate.device_id, sealer) as ledger:
        for number in range(1, 401):
            ledger.record(check_in(number))
    spoil_a_page_of(state / "ledger.db")
    with HubProcess(hub_folder.path) as hub, SqliteLedger.open(state, gate.device_id, sealer) as ledger:
        old = ledger.epoch
        Checkup(ledger, state).run()
        assert ledger.epoch != old
        assert [ledger.record(check_in(number)) for number in (401, 402, 403)] == [1, 2, 3]
        uplink = HubClient(hub.url, gate, SystemClock(), deadline_s=PATIENCE_S)
        outbox = SqliteOutbox(state, damaged=ledger.condemn)
        with running(Delivering(lambda: outbox, uplink, HastyClock()).delivery):
            assert old_tail_is_delivered(state)
    store = hub_folder.open_store()
    try:
        names = [
            body.credential.person.name
            for _, body in unsealed(hub_folder, store, "test", "story")
            if body and body.credential
        ]
        alarms = store.alarms()
    finally:
        store.close()
    assert len(names) == len(set(names))
    assert 403 - 12 <= len(names) < 403
    assert {f"Nguyễn Văn Thử {number}" for number in (1, 400, 401, 402, 403)} <= set(names)
    assert [alarm.kind for alarm in alarms] == ["gap"]
