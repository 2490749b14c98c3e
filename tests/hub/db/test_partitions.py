from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, select, text
from sqlalchemy.exc import OperationalError

from device.clock import DAY_MS, ClockReading, ClockState
from device.crypto.sealing import SealingKey
from device.hub.db import partitions, tables
from device.hub.db.rows import UNKNOWN_DAY, day_number
from device.hub.keyring.keys import AHEAD_DAYS
from device.hub.maintenance import Maintenance, expire, make_sealing_keys
from device.hub.migrating import migrate
from device.hub.unsealing import unsealed
from device.model import Receipt, SealedRow
from device.wire.time_fields import Sent
from tests.support.databases import hub_folder
from tests.support.fake_outbox import batch_of, chained_rows
from tests.support.fakes import BOOT_ID, FakeClock

FIRST = date(2026, 1, 1)


class Hub:
    """A hub on PostgreSQL, and a gate of it."""

    def __init__(self, path: Path, url: str) -> None:
        self.clock = FakeClock()
        self.folder = hub_folder(path, self.clock, url)
        self.store = self.folder.open_store()
        self.gate = self.folder.add_gate("Cổng A")
        self.keys = {pair.day: pair.key for pair in self.folder.keys.pairs()}
        self.last: SealedRow | None = None

    def names(self) -> set[str]:
        with self.store.reading() as connection:
            return partitions._there(connection)

    def rows_in(self, table: str) -> int:
        with self.store.reading() as connection:
            return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())

    def drop(self, *names: str) -> None:
        with self.store.begin() as connection:
            for name in names:
                connection.execute(text(f"DROP TABLE {name}"))

    def send(self, key: SealingKey, count: int = 3) -> Receipt:
        """Send the next rows of the gate."""
        at = self.clock.reading()
        says = Sent(ClockReading(BOOT_ID, at.monotonic_ms, at.wall_ms, ClockState.SYNCHRONISED), self.today)
        rows = chained_rows(self.gate.device_id, key, count, after=self.last)
        self.last = rows[-1]
        return self.store.ingest(batch_of(self.gate.device_id, rows), b"", says)

    @property
    def today(self) -> date:
        return FIRST + timedelta(days=(self.clock.wall_ms - 1_767_225_600_000) // DAY_MS)

    def a_day_passes(self) -> None:
        self.clock.advance(DAY_MS)
        make_sealing_keys(self.folder.keys, self.store)
        self.store.note_contact(self.gate.device_id, Sent(self.clock.reading(), self.today))


@pytest.fixture
def hub(tmp_path: Path, postgres_hub_url: str) -> Iterator[Hub]:
    made = Hub(tmp_path / "hub", postgres_hub_url)
    yield made
    made.store.close()


def body_of(day: date) -> str:
    return f"bodies_{day_number(day)}"


def test_a_new_hub_has_partitions_for_every_key_and_every_month_to_come(hub: Hub) -> None:
    days = {body_of(FIRST + timedelta(days=ahead)) for ahead in range(AHEAD_DAYS + 1)}
    assert hub.names() >= {"checkins_202601", "bodies_unknown", *days}  # others are of tests that were before
    assert hub.store.days_ahead() == partitions.AHEAD_DAYS
    for _ in range(18):
        hub.a_day_passes()
    assert {"checkins_202602", body_of(FIRST + timedelta(days=18 + AHEAD_DAYS))} <= hub.names()


def test_rows_lie_in_the_month_they_came_and_bodies_under_the_day_of_their_key(hub: Hub) -> None:
    assert hub.send(hub.keys[FIRST + timedelta(days=1)]) == Receipt(3)
    assert hub.rows_in("checkins_202601") == hub.rows_in(body_of(FIRST + timedelta(days=1))) == 3
    assert [body is not None for _, body in unsealed(hub.folder, hub.store, "a", "test")] == [True] * 3


def test_a_row_that_finds_no_partition_is_stored_in_one_that_is_made_for_it(
    hub: Hub, caplog: pytest.LogCaptureFixture
) -> None:
    missing = {"checkins_202601", body_of(FIRST), "bodies_unknown"}
    hub.drop(*missing)
    assert hub.send(hub.keys[FIRST]) == Receipt(3)
    assert missing <= hub.names()
    assert hub.store.count()["checkins"] == hub.rows_in("checkins") == hub.rows_in("bodies") == 3
    assert "event=partitions-missing count=3" in caplog.text


@pytest.mark.parametrize("years", [2, -2])
def test_a_clock_two_years_off_makes_no_partition_of_another_year_and_takes_rows(
    hub: Hub, caplog: pytest.LogCaptureFixture, years: int
) -> None:
    before, off_ms = hub.names(), years * 365 * DAY_MS
    hub.clock.wall_ms += off_ms
    key = hub.keys[FIRST]
    assert hub.send(key, 3) == Receipt(3)
    make_sealing_keys(hub.folder.keys, hub.store)
    hub.store.make_partitions()
    assert hub.names() == before
    assert "event=hub-clock state=doubted" in caplog.text
    hub.clock.wall_ms -= off_ms
    assert hub.send(key, 2) == Receipt(5)
    assert hub.rows_in("checkins_202601") == hub.rows_in("checkins") == 5
    assert [arrived.in_doubt for arrived in hub.store.every_checkin()] == [True] * 3 + [False] * 2


def test_when_one_batch_of_a_shared_transaction_finds_no_partition_all_are_stored(hub: Hub) -> None:
    others = [hub.folder.add_gate(f"Cổng {number}").device_id for number in range(2)]
    batches = [
        batch_of(other, chained_rows(other, hub.keys[FIRST + timedelta(days=ahead)], 5))
        for ahead, other in enumerate(others)
    ]
    hub.drop(body_of(FIRST + timedelta(days=1)))
    found = hub.store.together([partial(hub.store.ingest, batch) for batch in batches])
    assert found == [Receipt(5)] * 2
    assert hub.store.count()["checkins"] == hub.rows_in("checkins") == hub.rows_in("bodies") == 10


def test_forgetting_a_day_is_dropping_its_partition_and_one_row_in_the_audit(hub: Hub) -> None:
    hub.send(hub.keys[FIRST])
    while FIRST in {pair.day for pair in hub.folder.keys.pairs()}:
        hub.a_day_passes()
        expire(hub.folder.keys, hub.store, 3)
    assert body_of(FIRST) not in hub.names()
    assert hub.rows_in("bodies") == 0
    assert hub.store.count() == {"checkins": 3, "counted": 3, "expired": 3, "quarantined": 0}
    with hub.store.reading() as connection:
        audit = connection.execute(select(tables.destructions)).all()
    assert [(row.day, row.checkins, row.stored) for row in audit if row.checkins] == [(str(FIRST), 3, 3)]
    assert hub.send(hub.keys[FIRST], 2) == Receipt(5)
    assert (hub.store.count()["expired"], body_of(FIRST) in hub.names()) == (5, False)


def test_a_past_day_is_made_ready_to_be_counted_and_forgotten_and_todays_is_left_alone(hub: Hub) -> None:
    tomorrow = FIRST + timedelta(days=1)
    with hub.store.begin() as connection:
        connection.execute(text("SELECT pg_stat_force_next_flush()"))
        for day in (FIRST, tomorrow):
            some = f"SELECT {day_number(day)}, 1, i, 0, '' FROM generate_series(1, 10001) i"
            connection.execute(text(f"INSERT INTO bodies (sealing_day, ledger_id, seq, apart, sealed) {some}"))
    hub.clock.advance(DAY_MS)
    Maintenance(hub.folder.keys, hub.store, 21, hub.clock).run_once()
    visible = "SELECT relallvisible > 0 AND relallvisible = relpages FROM pg_class WHERE relname = '{}'"
    with hub.store.reading() as connection:
        ready = [connection.execute(text(visible.format(body_of(day)))).scalar_one() for day in (FIRST, tomorrow)]
    assert ready == [True, False]
    assert partitions.vacuum_past(hub.store._engine, day_number(tomorrow)) == []


def test_a_day_that_somebody_reads_is_forgotten_later_and_keeps_nobody_waiting_for_long(
    hub: Hub, postgres_hub_url: str
) -> None:
    hub.send(hub.keys[FIRST])
    other = create_engine(make_url(postgres_hub_url))
    with other.connect() as reader:
        reader.execute(text(f"SELECT count(*) FROM {body_of(FIRST)}"))
        with pytest.raises(OperationalError):
            hub.store.erase_day(FIRST)
        assert hub.send(hub.keys[FIRST], 1) == Receipt(4)
    other.dispose()
    hub.store.erase_day(FIRST)
    assert body_of(FIRST) not in hub.names()


def test_too_few_partitions_ahead_are_an_alarm_until_they_are_made(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    hub.drop(body_of(FIRST + timedelta(days=4)))
    assert hub.store.days_ahead() == 3
    with hub.store.begin() as connection:  # so that they are not made anew
        gone = tables.sealing_days.c.day == str(FIRST + timedelta(days=4))
        connection.execute(tables.sealing_days.update().where(gone).values(destroyed_ms=1, gone=True))
    hub.folder.keys.destroy(FIRST + timedelta(days=4))
    keys = hub.folder.keys
    keys_without_that_day = [pair.day for pair in keys.pairs()]
    hub.store.make_partitions(keys_without_that_day)
    assert hub.store.days_ahead() == 3
    hub.drop("checkins_202601")
    assert hub.store.days_ahead() == 0
    Maintenance(keys, hub.store, 21, hub.clock).run_once()
    assert hub.store.days_ahead() == partitions.AHEAD_DAYS


def test_migrating_makes_what_is_missing_ahead(hub: Hub) -> None:
    hub.drop(body_of(FIRST), "checkins_202601")
    assert migrate(hub.folder, print) == 0
    assert {body_of(FIRST), "checkins_202601"} <= hub.names()


def test_what_was_sealed_to_a_key_that_turns_up_lies_under_its_day_from_then_on(hub: Hub) -> None:
    with hub.store.begin() as connection:
        connection.execute(tables.sealing_days.delete().where(tables.sealing_days.c.day == str(FIRST)))
    hub.send(hub.keys[FIRST])
    assert hub.rows_in("bodies_unknown") == 3
    make_sealing_keys(hub.folder.keys, hub.store)
    assert (hub.rows_in("bodies_unknown"), hub.rows_in(body_of(FIRST))) == (0, 3)
    assert [body is not None for _, body in unsealed(hub.folder, hub.store, "a", "test")] == [True] * 3
    assert UNKNOWN_DAY == 0


def test_the_tables_of_a_migrated_server_are_those_of_the_program(hub: Hub) -> None:
    with hub.store.reading() as connection:
        for table in tables.metadata.sorted_tables:
            query = text("SELECT column_name FROM information_schema.columns WHERE table_name = :name")
            found = set(connection.execute(query, {"name": table.name}).scalars())
            assert found == {column.name for column in table.c}
