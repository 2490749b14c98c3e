from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from device.clock import DAY_MS, ClockReading, ClockState
from device.errors import ConfigurationError
from device.hub.believed_clock import FILE_NAME
from device.hub.folder import HubFolder
from tests.support.fake_outbox import batch_of, rows_at, sent
from tests.support.fakes import FakeClock


def test_a_hub_that_lost_its_database_does_not_get_an_empty_one(folder: HubFolder) -> None:
    database = folder.path / "hub.db"
    database.unlink()
    with pytest.raises(ConfigurationError, match=r"hub\.db: .* missing"):
        folder.open_store()
    assert not database.exists()
    database.touch()
    with pytest.raises(ConfigurationError, match=r"hub\.db: .* blank"):
        folder.open_store()


def test_a_damaged_database_is_named(folder: HubFolder) -> None:
    (folder.path / "hub.db").write_bytes(b"\x1b" * 40_960)
    with pytest.raises(ConfigurationError, match=r"hub\.db: .* damaged \(SQLITE_") as caught:
        folder.open_store()
    assert "\x1b" not in str(caught.value)


def test_a_hub_of_before_there_were_stretches_goes_on_with_the_times_it_had(tmp_path: Path) -> None:
    clock = FakeClock()
    folder = HubFolder.create(tmp_path / "hub", clock)
    gate = folder.add_gate("Cổng A")
    clock.advance(DAY_MS)
    quiet = [ClockReading("1" * 32, 1_000 * n, 0, ClockState.UNSYNCHRONISED) for n in range(1, 5)]
    rows = rows_at(gate.device_id, gate.sealing_keys[0], quiet)
    told = sent(ClockReading("1" * 32, 9_000, 0, ClockState.UNSYNCHRONISED))
    with closing(folder.open_store()) as store:
        store.ingest(batch_of(gate.device_id, rows[:2]), b"", told)
        before = [(arrived.earliest_ms, arrived.latest_ms) for arrived in store.every_checkin()]
        with store.begin() as connection:
            for table in ("stretches", "clock_doubts", "stray_keys"):
                connection.exec_driver_sql(f"DROP TABLE {table}")
    (folder.path / FILE_NAME).unlink()
    with closing(HubFolder(folder.path, clock).open_store()) as store:
        stored = [(arrived.earliest_ms, arrived.latest_ms) for arrived in store.every_checkin()]
        store.ingest(batch_of(gate.device_id, rows[2:]), b"", None)
        after = [(arrived.earliest_ms, arrived.latest_ms) for arrived in store.every_checkin()]
    for one, other in zip((*stored, *after[:2]), (*before, *before), strict=True):
        assert one == pytest.approx(other, abs=2)
    assert after[2] == pytest.approx((stored[1][0] + 1_000, stored[1][1] + 1_000), abs=2)
