"""What is wrong is told once, when it begins and when it is over, whatever happens in between."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event as sql_event

from device.hub.alerts.keeping import GATES_EVERY_S
from device.hub.alerts.message import MOST_EVENTS, Kind, What
from device.hub.alerts.rules import HOLD_MS, Rule
from tests.hub.alerts.alert_hub import LIMITS, MINUTE_MS, SEVEN_MS, AlertHub
from tests.support.databases import both_databases

BEGAN, ENDED = What.BEGAN, What.ENDED
SILENT = Rule.SILENT


@both_databases
def test_a_gate_unplugged_in_opening_hours_is_told_within_its_limit_and_a_minute_once(hub: AlertHub) -> None:
    hub.gate("Cổng B", hub.place("Chợ Mới"))
    gate = hub.gate("Cổng A", hub.place("Trường Hoa Phượng"))
    hub.minutes(15)
    assert hub.told == []
    hub.plugged.discard(gate)
    last_ms = hub.clock.wall_ms
    hub.minutes(14)
    assert hub.told == []
    hub.minutes(20)
    assert hub.told == [(BEGAN, SILENT, "Cổng A")]
    (told,) = hub.events
    assert told.at_ms - told.since_ms <= LIMITS.silent_ms + MINUTE_MS
    assert last_ms - 5 * MINUTE_MS <= told.since_ms <= last_ms
    assert (told.place, told.province) == ("Trường Hoa Phượng", "Hà Nội")


@both_databases
def test_it_is_over_when_that_has_held_for_a_while_and_told_once(hub: AlertHub) -> None:
    gate = hub.gate("Cổng A", hub.place("Chợ Mới"))
    hub.minutes(5)
    hub.plugged.discard(gate)
    hub.minutes(23)
    hub.plugged.add(gate)
    hub.report([gate])
    back_ms = hub.clock.wall_ms
    hub.minutes(20)
    assert hub.told == [(BEGAN, SILENT, "Cổng A"), (ENDED, SILENT, "Cổng A")]
    assert 0 <= hub.events[1].at_ms - back_ms - HOLD_MS <= MINUTE_MS


@both_databases
def test_a_desk_started_anew_in_between_tells_nothing_again(hub: AlertHub) -> None:
    gate = hub.gate("Cổng A", hub.place("Chợ Mới"))
    hub.minutes(5)
    hub.plugged.discard(gate)
    for _ in range(25):
        hub.keeper = hub.another_keeper()
        hub.minutes(1)
    hub.plugged.add(gate)
    for _ in range(25):
        hub.keeper = hub.another_keeper()
        hub.minutes(1)
    assert hub.told == [(BEGAN, SILENT, "Cổng A"), (ENDED, SILENT, "Cổng A")]


@both_databases
def test_two_desks_that_look_at_once_tell_once(hub: AlertHub) -> None:
    place = hub.place("Chợ Mới")
    names = [f"Cổng {number}" for number in range(3)]
    found = [hub.gate(name, place) for name in names]
    hub.minutes(10)
    hub.plugged -= set(found)
    hub.clock.advance(2 * MINUTE_MS)
    hub.keeper.run_once()
    with ThreadPoolExecutor(2) as pool:
        for _ in range(15):
            hub.clock.advance(2 * MINUTE_MS)
            for done in [pool.submit(hub.another_keeper().run_once) for _ in range(2)]:
                done.result(60)
    hub.keeper.run_once()
    assert sorted(hub.told) == [(BEGAN, SILENT, name) for name in names]


def test_at_night_nobody_is_woken_and_in_the_morning_the_limit_begins_with_the_opening(hub: AlertHub) -> None:
    gate = hub.gate("Cổng A", hub.place("Trường"))
    hub.minutes(9.9 * 60, 3 * MINUTE_MS)
    hub.plugged.discard(gate)  # the school closes, and somebody pulls the plug
    hub.minutes(14.1 * 60, 3 * MINUTE_MS)
    assert hub.told == []
    hub.minutes(30)
    assert hub.told == [(BEGAN, SILENT, "Cổng A")]
    assert hub.events[0].at_ms - SEVEN_MS - 24 * 60 * MINUTE_MS in range(19 * MINUTE_MS, 23 * MINUTE_MS)


def test_a_gate_of_a_place_whose_hours_nobody_knows_is_told_at_any_time(hub: AlertHub) -> None:
    gates = [hub.gate("Cổng A", None), hub.gate("Cổng B", hub.place("Chợ", hours=""))]
    hub.minutes(13 * 60, 30 * MINUTE_MS)
    hub.plugged -= set(gates)
    hub.minutes(40)
    assert sorted(hub.told) == [(BEGAN, SILENT, "Cổng A"), (BEGAN, SILENT, "Cổng B")]


def test_a_gate_that_comes_and_goes_all_day_does_not_flood(hub: AlertHub) -> None:
    gate = hub.gate("Cổng A", hub.place("Chợ", hours="mon-sun 00:00-24:00"))
    for _ in range(18):  # 26 minutes away, 14 there
        hub.plugged.discard(gate)
        hub.minutes(26, 2 * MINUTE_MS)
        hub.plugged.add(gate)
        hub.minutes(14, 2 * MINUTE_MS)
    assert 2 <= len(hub.told) <= 6
    assert hub.told[0] == (BEGAN, SILENT, "Cổng A")


@both_databases
def test_ten_thousand_gates_that_fall_silent_are_one_message_with_the_worst_places(hub: AlertHub) -> None:
    provinces = ["Hà Nội", "Hà Nội", "Hải Phòng", "Huế"]
    places = [hub.place(f"Chợ {number}", province=name) for number, name in enumerate(provinces)]
    gates = hub.many_gates(places, 10_000)
    hub.keeper.run_once()
    hub.minutes(10)
    hub.heard(gates[:5_000])
    hub.minutes(2)
    hub.heard(gates[5_000:])  # reports are spread over minutes, and so is the end of them
    began_ms = hub.clock.wall_ms
    hub.minutes(40)
    (message,) = [one for one in hub.sink.taken.values() if SILENT in one.counts]
    assert (message.kind, message.counts[SILENT], message.is_everything) == (Kind.DIGEST, (10_000, 0), True)
    assert list(message.provinces.items()) == [("Hà Nội", 5_000), ("Huế", 2_500), ("Hải Phòng", 2_500)]
    assert (len(message.places), len(message.events)) == (4, MOST_EVENTS)
    assert message.events[0].at_ms - began_ms <= LIMITS.silent_ms + MINUTE_MS
    assert len(message.encoded()) < 100_000
    for _ in range(6):
        hub.heard(gates)
        hub.minutes(5)
    messages = [one for one in hub.sink.taken.values() if SILENT in one.counts]
    assert [one.counts[SILENT] for one in messages] == [(10_000, 0), (0, 10_000)]


@both_databases
def test_a_look_at_many_gates_asks_no_more_of_the_database_than_one_at_few(hub: AlertHub) -> None:
    asked: list[str] = []
    sql_event.listen(hub.store._engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    counts = []
    place = hub.place("Chợ", hours="mon-sun 00:00-24:00")
    hub.keeper.run_once()
    for number in (1, 2_000):
        hub.many_gates([place], number)
        hub.keeper = hub.another_keeper()
        asked.clear()
        hub.keeper.run_once()
        counts.append(len(asked))
    assert counts[0] == counts[1]
    asked.clear()
    hub.minutes(0.5)
    assert len(asked) <= 10


def test_a_sink_that_takes_nothing_for_a_day_gets_all_of_it_afterwards_in_two_messages(hub: AlertHub) -> None:
    place = hub.place("Chợ", hours="mon-sun 00:00-24:00")
    gates = [hub.gate(f"Cổng {number}", place) for number in range(6)]
    hub.sink.fails = "status-500"
    most = 0
    for gate in gates:
        hub.plugged.discard(gate)
        hub.minutes(60, 3 * MINUTE_MS)
        hub.plugged.add(gate)
        hub.minutes(60, 3 * MINUTE_MS)
        most = max(most, hub.waiting())
    assert (most, hub.told) == (2, [])
    tries = hub.sink.tries
    hub.minutes(12 * 60, 3 * MINUTE_MS)
    assert tries < hub.sink.tries < 400  # a pause of five minutes at most, and no more often
    hub.sink.fails = ""
    hub.minutes(10)
    names = [f"Cổng {number}" for number in range(6)]
    assert sorted(hub.told) == sorted((what, SILENT, name) for what in (BEGAN, ENDED) for name in names)
    assert (len(hub.sink.taken), hub.waiting()) == (2, 0)


def test_a_gate_out_of_service_is_told_and_told_no_more_when_it_falls_silent(hub: AlertHub) -> None:
    gate = hub.gate("Cổng A", hub.place("Chợ"))
    hub.minutes(10)
    hub.troubles = ("camera", "hot")
    hub.report([gate])
    hub.minutes(1)
    assert [(event.rule, event.detail) for event in hub.events] == [(Rule.OUT_OF_SERVICE, "camera")]
    hub.plugged.discard(gate)
    hub.minutes(40)
    assert hub.told[1:] == [(BEGAN, SILENT, "Cổng A")]
    hub.troubles = ()
    hub.plugged.add(gate)
    hub.minutes(30)
    assert sorted(hub.told[2:]) == [(ENDED, Rule.OUT_OF_SERVICE, "Cổng A"), (ENDED, SILENT, "Cổng A")]


@both_databases
def test_a_place_where_nothing_is_scanned_though_its_gate_works_is_told_and_a_scan_ends_it(hub: AlertHub) -> None:
    hub.limits = replace(LIMITS, nothing_scanned_ms=4 * 60 * MINUTE_MS)
    hub.keeper = hub.another_keeper()
    gate = hub.gate("Cổng A", hub.place("Trường"))
    hub.report([gate], scans=3)
    hub.minutes(4.5 * 60, 3 * MINUTE_MS)
    assert hub.told == []
    hub.minutes(60, 3 * MINUTE_MS)
    assert hub.told == [(BEGAN, Rule.NOTHING_SCANNED, "Trường")]
    hub.report([gate], scans=1)
    hub.minutes(30)
    assert hub.told[1:] == [(ENDED, Rule.NOTHING_SCANNED, "Trường")]


@both_databases
def test_a_day_with_too_few_hours_with_a_scan_is_told_afterwards_and_a_better_one_ends_it(
    hub: AlertHub,
) -> None:
    hub.limits = replace(LIMITS, coverage_percent=50)
    hub.keeper = hub.another_keeper()
    gate = hub.gate("Cổng A", hub.place("Trường"))
    with hub.store.begin() as connection:
        connection.exec_driver_sql("UPDATE gate_assignments SET since_ms = 0")
    hub.minutes(60, 30 * MINUTE_MS)
    hub.report([gate], scans=5)
    hub.minutes(18 * 60, 30 * MINUTE_MS)
    assert [(event.rule, event.name, event.detail) for event in hub.events] == [(Rule.COVERAGE, "Trường", "10")]
    hub.minutes(5 * 60, 30 * MINUTE_MS)
    for _ in range(10):
        hub.report([gate], scans=2)
        hub.minutes(60, 30 * MINUTE_MS)
    hub.minutes(9 * 60, 30 * MINUTE_MS)
    assert hub.told[1:] == [(ENDED, Rule.COVERAGE, "Trường")]


def test_after_the_hub_was_away_gates_have_their_limit_to_be_heard_again(hub: AlertHub) -> None:
    gates = [hub.gate(f"Cổng {number}", hub.place(f"Chợ {number}")) for number in range(9)]
    hub.minutes(30)
    hub.clock.advance(90 * MINUTE_MS)
    hub.keeper = hub.another_keeper()
    hub.keeper.run_once()
    for gate in gates:
        hub.minutes(0.5)
        hub.report([gate])
    hub.minutes(30)
    assert hub.told == []


def test_a_database_that_is_away_is_logged_once_and_looked_at_again(
    hub: AlertHub, caplog: pytest.LogCaptureFixture
) -> None:
    hub.gate("Cổng A", hub.place("Chợ"))
    with hub.store.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE alert_looks RENAME TO elsewhere")
    hub.minutes(5)
    told = [line for line in caplog.messages if "alerts-failed" in line]
    assert told == ["event=alerts-failed step=look reason='OperationalError'"]
    with hub.store.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO alert_looks")
    hub.minutes(5)
    assert len([line for line in caplog.messages if "alerts-failed" in line]) == 1


def test_the_log_says_that_messages_do_not_arrive_once_and_nothing_of_what_they_say(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with closing((hub := AlertHub(tmp_path / "hub", None)).store):
        gate = hub.gate("Cổng A", hub.place("Chợ Mới"))
        hub.minutes(1)
        hub.plugged.discard(gate)
        hub.sink.fails = "late"
        hub.minutes(60)
    assert [line for line in caplog.messages if "alert-untold" in line] == [
        "event=alert-untold sink=webhook reason='late'"
    ]
    assert "Cổng A" not in caplog.text
    assert "Chợ Mới" not in caplog.text


def test_it_runs_until_it_is_closed(hub: AlertHub) -> None:
    hub.keeper.close()
    hub.keeper.run()
    assert hub.clock.waits == []
    assert GATES_EVERY_S * 1000 <= MINUTE_MS // 2
