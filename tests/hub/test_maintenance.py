from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from device.clock import DAY_MS, ClockReading, ClockState, utc_day
from device.crypto.sealing import SealingKey
from device.enrolment.document import Enrolment
from device.errors import ClockLeapt, ConfigurationError
from device.hub.db import destroyed_keys, key_uses, retention, tables
from device.hub.db.destroyed_keys import DestroyedKey
from device.hub.db.erasure import erase_some
from device.hub.db.gate_state import gate_counters
from device.hub.folder import HubFolder
from device.hub.keyring.keys import AHEAD_DAYS
from device.hub.maintenance import LEAP_DAYS, ExpiryResult, Maintenance, expire, make_sealing_keys
from device.hub.unsealing import unsealed
from device.wire.time_fields import Sent
from tests.support.databases import both_databases, hub_folder
from tests.support.fake_outbox import EPOCH, batch_of, chained_rows, rows_at
from tests.support.fakes import BOOT_ID, FakeClock, HeldClock
from tests.support.hub_folders import as_before

FIRST = date(2026, 1, 1)
START_MS = 1_767_225_600_000


class Hub:
    """A hub that is looked after once a day, and gates that seal to whatever key a test says."""

    def __init__(self, path: Path, retention_days: int = 21, url: str | None = None) -> None:
        self.clock = FakeClock(wall_ms=START_MS + 12 * 3_600_000)
        self.folder = hub_folder(path, self.clock, url, retention_days=retention_days)
        self.store = self.folder.open_store()
        self.gate = self.folder.add_gate("Cổng A")
        self.keys: dict[date, SealingKey] = {}
        self._note_keys()

    @property
    def today(self) -> date:
        return FIRST + timedelta(days=(self.clock.wall_ms - START_MS) // DAY_MS)

    def key(self, number: int) -> SealingKey:
        return self.keys[FIRST + timedelta(days=number)]

    def a_day_passes(self) -> ExpiryResult:
        self.clock.advance(DAY_MS)
        make_sealing_keys(self.folder.keys, self.store)
        self._note_keys()
        return expire(self.folder.keys, self.store, self.folder.retention_days)

    def days_pass(self, count: int) -> list[DestroyedKey]:
        return [done for _ in range(count) for done in self.a_day_passes().destroyed]

    def there(self) -> set[date]:
        return {pair.day for pair in self.folder.keys.pairs()}

    def _note_keys(self) -> None:
        self.keys |= {pair.day: pair.key for pair in self.folder.keys.pairs()}

    def says(self, gate: Enrolment, sealing_day: date) -> Sent:
        at = self.clock.reading()
        return Sent(ClockReading(BOOT_ID, at.monotonic_ms, at.wall_ms, ClockState.SYNCHRONISED), sealing_day)

    def greets(self, gate: Enrolment | None = None, sealing_day: date | None = None) -> None:
        gate = gate or self.gate
        self.store.note_contact(gate.device_id, self.says(gate, sealing_day or self.today))

    def sends(self, key: SealingKey, count: int = 3, *, epoch: str = EPOCH) -> None:
        rows = chained_rows(self.gate.device_id, key, count, epoch=epoch)
        says = self.says(self.gate, self.today)
        self.store.ingest(batch_of(self.gate.device_id, rows, epoch=epoch), b"", says)


@pytest.fixture
def hub(tmp_path: Path, database_url: str | None) -> Iterator[Hub]:
    made = Hub(tmp_path / "hub", url=database_url)
    yield made
    made.store.close()


@both_databases
def test_a_days_key_is_destroyed_after_the_retention_and_what_it_sealed_is_only_counted(
    hub: Hub,
) -> None:
    hub.sends(hub.key(0))
    for _ in range(21):
        hub.greets()
        assert hub.a_day_passes().destroyed == ()
        assert FIRST in hub.there()
    assert [body is not None for _, body in unsealed(hub.folder, hub.store, "a", "test")] == [True] * 3
    hub.greets()
    (done,) = hub.a_day_passes().destroyed
    assert (done.day, done.last_day, done.checkins, done.who) == (FIRST, FIRST, 3, "hub")
    assert FIRST not in hub.there()
    assert FIRST + timedelta(days=1) in hub.there()
    assert hub.store.count() == {"checkins": 3, "counted": 3, "expired": 3, "quarantined": 0}
    found = list(unsealed(hub.folder, hub.store, "a", "test"))
    assert [(arrived.expired, body) for arrived, body in found] == [(True, None)] * 3
    with hub.store.begin() as connection:
        assert destroyed_keys.destroyed_keys(connection) == [done]


def test_a_gate_is_heard_though_nobody_came(hub: Hub) -> None:
    assert [gate.heard_ms for gate in hub.store.gates()] == [None]
    hub.clock.advance(1000)
    hub.greets()
    assert [gate.heard_ms for gate in hub.store.gates()] == [hub.clock.wall_ms]
    hub.clock.advance(1000)
    hub.sends(hub.key(0))
    assert [(gate.heard_ms, gate.checkins) for gate in hub.store.gates()] == [(hub.clock.wall_ms, 3)]


def test_thousands_of_bodies_are_erased_in_short_pieces_and_counted_as_expired(hub: Hub) -> None:
    hub.sends(hub.key(0), 2)
    with hub.store.begin() as connection:
        like = connection.execute(select(tables.bodies).where(tables.bodies.c.seq == 2)).one()
        connection.execute(insert(tables.bodies), [dict(like._mapping) | {"seq": seq} for seq in range(3, 2_501)])
        erased = [erase_some(connection, like.sealing_day) for _ in range(4)]
    assert erased == [1_000, 1_000, 500, 0]
    hub.store.erase_day(FIRST)
    assert [arrived.expired for arrived in hub.store.every_checkin()] == [True, True]


@both_databases
def test_a_body_older_than_the_retention_arrives_counted_and_expired(hub: Hub) -> None:
    late = hub.key(0)
    for _ in range(23):
        hub.greets()
        hub.a_day_passes()
    hub.sends(late)
    assert hub.store.count() == {"checkins": 3, "counted": 3, "expired": 3, "quarantined": 0}
    assert hub.store.alarms() == []
    assert all(arrived.expired and arrived.key_day == "2026-01-01" for arrived in hub.store.every_checkin())


@both_databases
def test_expired_rows_that_come_again_are_known_again_and_another_branch_is_still_a_fork(hub: Hub) -> None:
    rows = chained_rows(hub.gate.device_id, hub.key(0), 4)
    hub.store.ingest(batch_of(hub.gate.device_id, rows))
    for _ in range(23):
        hub.greets()
        hub.a_day_passes()
    assert hub.store.ingest(batch_of(hub.gate.device_id, rows)).parked == ()
    assert hub.store.alarms() == []
    branch = chained_rows(hub.gate.device_id, hub.key(0), 2, after=rows[1])
    hub.store.ingest(batch_of(hub.gate.device_id, branch))
    assert [alarm.kind for alarm in hub.store.alarms()] == ["fork"]


def test_a_gate_that_was_not_heard_may_still_use_its_last_key_and_is_waited_for(hub: Hub) -> None:
    hub.days_pass(29)
    kept = hub.a_day_passes().kept
    assert kept[0].day == FIRST
    assert kept[0].waits_for == (hub.gate.device_id,)
    hub.sends(hub.key(0))  # stuck on its first day for a month, and readable all the same
    assert [body is not None for _, body in unsealed(hub.folder, hub.store, "a", "test")] == [True] * 3
    assert hub.store.count()["expired"] == 0


@both_databases
def test_a_key_used_past_its_day_lives_as_long_after_its_last_use(hub: Hub) -> None:
    hub.days_pass(10)
    late = rows_at(hub.gate.device_id, hub.key(0), [ClockReading("1" * 32, 9, 0, ClockState.UNSYNCHRONISED)])
    hub.store.ingest(batch_of(hub.gate.device_id, late), b"", hub.says(hub.gate, hub.today))  # recorded until today
    hub.greets()
    done = hub.days_pass(21)
    assert FIRST not in {found.day for found in done}
    done = hub.days_pass(1)
    assert [(found.day, found.last_day) for found in done if found.day == FIRST] == [
        (FIRST, FIRST + timedelta(days=10))
    ]


def test_a_gate_that_is_never_heard_again_keeps_a_day_for_thirty_days_and_not_for_ever(hub: Hub) -> None:
    done = hub.days_pass(AHEAD_DAYS + 21)
    assert done == []
    done = hub.days_pass(1)
    assert [found.day for found in done] == [FIRST + timedelta(days=number) for number in range(AHEAD_DAYS + 1)]
    assert {found.last_day for found in done} == {FIRST + timedelta(days=AHEAD_DAYS)}


@both_databases
def test_a_gate_whose_key_is_withdrawn_is_not_waited_for(hub: Hub) -> None:
    hub.folder.revoke(hub.store, hub.gate.device_id, hub.gate.key.public)
    assert [found.day for found in hub.days_pass(22)] == [FIRST]


def test_an_idle_gate_that_only_greets_holds_nothing_back(hub: Hub) -> None:
    done = []
    for _ in range(25):
        hub.greets()
        done += hub.days_pass(1)
    assert [found.day for found in done] == [FIRST + timedelta(days=number) for number in range(4)]


@both_databases
def test_a_gate_that_still_has_old_rows_to_deliver_holds_their_key(hub: Hub) -> None:
    hub.days_pass(20)
    hub.sends(hub.key(0), 1)
    hub.days_pass(3)
    with hub.store.begin() as connection:
        (age,) = key_uses.live_keys(connection, FIRST + timedelta(days=1), hub.today)
    assert age.waits_for == (hub.gate.device_id,)


@both_databases
@pytest.mark.parametrize("days", [3650, -3650])
def test_one_lie_of_the_hubs_time_server_destroys_nothing(hub: Hub, days: int) -> None:
    hub.greets()
    hub.a_day_passes()
    hub.clock.wall_ms += days * DAY_MS
    with pytest.raises(ClockLeapt, match="--accept"):
        expire(hub.folder.keys, hub.store, 21)
    assert FIRST in hub.there()
    hub.clock.wall_ms -= days * DAY_MS
    make_sealing_keys(hub.folder.keys, hub.store)
    hub.clock.advance(3_600_000)
    expire(hub.folder.keys, hub.store, 21)
    assert FIRST in hub.there()


@pytest.mark.parametrize("days", [1, 6, 8, 60])
def test_a_leap_of_seconds_destroys_no_key_early_however_far_it_is(hub: Hub, days: int) -> None:
    hub.greets(sealing_day=FIRST + timedelta(days=30))
    hub.days_pass(21)
    assert FIRST in hub.there()
    maintenance = Maintenance(hub.folder.keys, hub.store, 21, HeldClock())
    hub.clock.wall_ms += days * DAY_MS
    for _ in range(2):
        hub.clock.advance(8_000)
        maintenance.run_once()
    hub.clock.wall_ms -= days * DAY_MS
    maintenance.run_once()
    assert FIRST in hub.there()
    assert max(hub.there()) == hub.today + timedelta(days=AHEAD_DAYS)
    hub.clock.advance(3_600_000)
    maintenance.run_once()
    assert FIRST in hub.there()
    assert [done.day for done in hub.days_pass(1)] == [FIRST]


def test_a_clock_that_was_set_by_days_is_watched_for_an_hour_before_a_key_is_destroyed(hub: Hub) -> None:
    hub.greets(sealing_day=FIRST + timedelta(days=30))
    hub.days_pass(19)
    maintenance = Maintenance(hub.folder.keys, hub.store, 21, HeldClock())
    hub.clock.wall_ms += 3 * DAY_MS
    maintenance.run_once()
    hub.clock.advance(1_800_000)
    maintenance.run_once()
    assert FIRST in hub.there()
    assert max(hub.there()) == hub.today + timedelta(days=AHEAD_DAYS)  # it is believed by now
    hub.clock.advance(1_800_000)
    maintenance.run_once()
    assert FIRST not in hub.there()


def test_after_a_restart_of_the_machine_nothing_is_destroyed_for_an_hour(hub: Hub) -> None:
    hub.greets(sealing_day=FIRST + timedelta(days=30))
    hub.days_pass(21)
    hub.clock.boot_id, hub.clock.since_boot_ms = "e" * 32, 9_000
    hub.clock.wall_ms += 2 * DAY_MS
    make_sealing_keys(hub.folder.keys, hub.store)
    with pytest.raises(ClockLeapt, match="watched for an hour"):
        expire(hub.folder.keys, hub.store, 21)
    hub.clock.advance(3_600_000)
    assert [done.day for done in expire(hub.folder.keys, hub.store, 21).destroyed][:1] == [FIRST]


def test_a_hub_that_wakes_before_its_clock_is_set_makes_no_keys_of_1970(
    hub: Hub, caplog: pytest.LogCaptureFixture
) -> None:
    before, now_ms = hub.there(), hub.clock.wall_ms
    hub.clock.wall_ms = 0
    make_sealing_keys(hub.folder.keys, hub.store)
    assert hub.there() == before
    assert {key.day for key in hub.folder.sealing_keys()} == before
    assert "event=hub-clock state=doubted off_s=-1767268800 believed=2026-01-01T12:00:00Z" in caplog.messages
    hub.clock.wall_ms = now_ms
    make_sealing_keys(hub.folder.keys, hub.store)
    assert hub.there() == before


def leave_stray_keys(hub: Hub, years: int = 10) -> SealingKey:
    """Make the keys that a hub made whose clock leapt before it knew of leaps; return the first of them."""
    far_ms = hub.clock.wall_ms + years * 365 * DAY_MS
    hub.folder.keys.make_ahead(far_ms)
    with hub.store.begin() as connection:
        retention.record_keys(connection, (pair.key for pair in hub.folder.keys.pairs()))
    (stray,) = [pair.key for pair in hub.folder.keys.pairs() if pair.day == utc_day(far_ms)]
    return stray


def test_keys_that_a_lie_of_the_clock_has_left_are_offered_to_nobody(hub: Hub) -> None:
    good = hub.folder.sealing_keys()
    for years in (10, 20):
        leave_stray_keys(hub, years)
    assert len(hub.there()) == 3 * (AHEAD_DAYS + 1)
    assert hub.folder.sealing_keys() == good
    hub.clock.advance((AHEAD_DAYS + 5) * DAY_MS)  # and it was never on to make newer ones
    assert hub.folder.sealing_keys() == good[-1:]


@both_databases
def test_a_key_of_a_day_far_off_is_destroyed_with_its_last_use_and_named_until_then(hub: Hub) -> None:
    stray = leave_stray_keys(hub)
    hub.sends(stray)
    (first, *_) = [key for key in hub.a_day_passes().kept if key.stray]
    assert (first.day, first.last_day) == (stray.day, FIRST + timedelta(days=1))
    for _ in range(21):
        hub.greets()
        assert not any(done.day == stray.day for done in hub.a_day_passes().destroyed)
    assert [body is not None for _, body in unsealed(hub.folder, hub.store, "a", "test")] == [True] * 3
    hub.greets()
    done = {done.day: done for done in hub.a_day_passes().destroyed}
    assert stray.day is not None
    assert {stray.day + timedelta(days=number) for number in range(AHEAD_DAYS + 1)} <= done.keys()
    assert done[stray.day].checkins == 3
    assert max(hub.there()) == hub.today + timedelta(days=AHEAD_DAYS)
    assert {body for _, body in unsealed(hub.folder, hub.store, "a", "test")} == {None}


def test_a_gate_that_seals_to_a_key_of_a_day_far_off_is_waited_for(hub: Hub) -> None:
    stray = leave_stray_keys(hub)
    assert stray.day is not None
    hub.greets(sealing_day=stray.day)
    hub.days_pass(20)
    hub.greets(sealing_day=stray.day)
    kept = [key for key in hub.a_day_passes().kept if key.stray]
    assert kept[0].waits_for == (hub.gate.device_id,)
    hub.greets()
    kept = [key for key in hub.a_day_passes().kept if key.stray]
    assert kept[0].waits_for == ()


def test_when_the_day_of_a_destroyed_stray_key_comes_it_has_a_key_of_its_own(hub: Hub) -> None:
    day_ms = hub.clock.wall_ms + 60 * DAY_MS
    hub.folder.keys.make_ahead(day_ms)
    make_sealing_keys(hub.folder.keys, hub.store)
    for _ in range(24):
        hub.greets()
        hub.a_day_passes()
    assert utc_day(day_ms) not in hub.there()
    for _ in range(36):
        hub.greets()
        hub.a_day_passes()
    assert utc_day(day_ms) == hub.today
    assert hub.folder.sealing_keys()[0].day == hub.today


@both_databases
def test_after_a_long_stop_a_person_says_which_day_it_is(hub: Hub) -> None:
    hub.a_day_passes()
    hub.clock.advance((LEAP_DAYS + AHEAD_DAYS + 30) * DAY_MS)
    with pytest.raises(ClockLeapt):
        expire(hub.folder.keys, hub.store, 21)
    with pytest.raises(ClockLeapt, match="set it right"):
        expire(hub.folder.keys, hub.store, 21, "hoa", hub.today - timedelta(days=1))
    found = expire(hub.folder.keys, hub.store, 21, "hoa", hub.today)
    assert FIRST in {done.day for done in found.destroyed}
    assert {done.who for done in found.destroyed} == {"hoa"}


@both_databases
def test_what_a_power_cut_left_half_done_is_ended_the_next_time(hub: Hub) -> None:
    hub.sends(hub.key(0))
    hub.days_pass(1)
    with hub.store.begin() as connection:  # decided, and then the power went
        age = key_uses.KeyUse(hub.key(0).key_id, FIRST, FIRST, ())
        destroyed_keys.mark_destroyed(connection, age, "hub", hub.clock.wall_ms)
    assert FIRST in hub.there()
    assert hub.store.count()["expired"] == 0
    assert hub.a_day_passes().destroyed == ()
    assert FIRST not in hub.there()
    assert hub.store.count()["expired"] == 3


@both_databases
def test_a_destroyed_key_that_comes_back_with_an_old_copy_of_the_folder_is_destroyed_again(hub: Hub) -> None:
    first, second = (hub.folder.keys.path / f"{FIRST + timedelta(days=number)}.json" for number in range(2))
    copies = first.read_bytes(), second.read_bytes()
    hub.sends(hub.key(0))
    hub.sends(hub.key(1), epoch="1" * 32)
    hub.greets(sealing_day=FIRST + timedelta(days=31))
    assert [done.day for done in hub.days_pass(22)] == [FIRST]
    first.write_bytes(copies[0])
    second.write_bytes(copies[1])
    hub.a_day_passes()
    assert hub.there() & {FIRST, FIRST + timedelta(days=1)} == set()
    assert all(body is None for _, body in unsealed(hub.folder, hub.store, "hoa", "a test"))


def test_the_retention_is_the_folders_own(tmp_path: Path) -> None:
    hub = Hub(tmp_path / "hub", retention_days=3)
    for _ in range(3):
        hub.greets()
        assert hub.a_day_passes().destroyed == ()
    hub.greets()
    assert [done.day for done in hub.a_day_passes().destroyed] == [FIRST]
    hub.store.close()


@pytest.mark.parametrize("spoilt", ["", "[]", "{}", '{"retention_days":0}', '{"retention_days":4000}', "gone"])
def test_a_spoilt_retention_is_named_and_destroys_nothing(hub: Hub, spoilt: str) -> None:
    as_before(hub.folder.path)
    path = hub.folder.path / "hub.json"
    path.unlink() if spoilt == "gone" else path.write_text(spoilt)
    with pytest.raises(ConfigurationError, match=r"hub\.json"):
        _ = HubFolder(hub.folder.path, hub.clock).retention_days


def test_a_hub_that_lost_all_its_keys_makes_no_new_ones_over_it(hub: Hub) -> None:
    for path in hub.folder.keys.path.iterdir():
        path.unlink()
    with pytest.raises(ConfigurationError, match="missing"):
        make_sealing_keys(hub.folder.keys, hub.store)
    assert hub.there() == set()


@both_databases
def test_a_row_sealed_to_a_key_this_hub_never_made_is_kept_and_alarms(hub: Hub) -> None:
    hub.sends(SealingKey("nobodys", hub.key(0).public))
    assert hub.store.count()["checkins"] == 3
    assert [alarm.kind for alarm in hub.store.alarms()] == ["unknown-key"]
    assert {arrived.key_day for arrived in hub.store.every_checkin()} == {None}


def test_old_counts_go_with_the_hourly_look_but_not_by_a_clock_that_was_just_set(hub: Hub) -> None:
    old = {column.name: 1 for column in gate_counters.columns} | {"device_id": hub.gate.device_id, "series": "s"}
    with hub.store.begin() as connection:
        connection.execute(gate_counters.insert(), old)
    maintenance, left = Maintenance(hub.folder.keys, hub.store, 21, hub.clock), []
    for ms in (0, DAY_MS):
        hub.clock.advance(ms)
        maintenance.run_once()
        with hub.store.reading() as connection:
            left.append(len(connection.execute(select(gate_counters)).all()))
    assert left == [1, 0]


def test_the_running_hub_looks_at_once_and_says_what_is_wrong_once(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    maintenance = Maintenance(hub.folder.keys, hub.store, 21, HeldClock())
    hub.clock.advance(DAY_MS)
    maintenance.close()  # the first look is at once
    maintenance.run()
    assert hub.today + timedelta(days=AHEAD_DAYS) in hub.there()
    (hub.folder.keys.path / f"{FIRST}.json").write_text(json.dumps({"private": "secret"}))
    maintenance.run_once()
    maintenance.run_once()
    said = [message for message in caplog.messages if "event=maintenance-failed" in message]
    assert len(said) == 1
    assert f"{FIRST}.json" in said[0]
