"""Each day's coverage in a folder: once, whole, made up for, and told when it cannot be written."""

from __future__ import annotations

import csv
import logging
from datetime import date
from pathlib import Path

import pytest

from device.hub.supervision.day_export import AGAIN_S, MOST_DAYS, DayExport, due_days, late_day
from tests.support.databases import both_databases
from tests.support.fakes import FakeClock
from tests.support.supervised import OFFICE, Supervised

pytestmark = both_databases
DAY_MS = 86_400_000


def read(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text("utf-8-sig").splitlines()))


def test_yesterday_is_written_once_by_place_and_no_cell_is_a_formula(
    hub: Supervised, clock: FakeClock, tmp_path: Path
) -> None:
    place, now = hub.place("=cmd|' /C calc'!A0", OFFICE), hub.now_hour
    blank = hub.place("Chợ", "")
    gate = hub.gate(place)
    for hour in (now - 24, now - 25, now):
        hub.scans(gate, hour, 4)
    hub.counts(gate, now - 24, granted=4, passed=5)
    export = DayExport(hub.store, tmp_path, 0, clock)
    export()
    path = tmp_path / "coverage-2026-01-27.csv"
    assert [one.name for one in tmp_path.glob("coverage-*")] == [path.name]
    header, *rows = read(path)
    found = {row[1]: dict(zip(header, row, strict=True)) for row in rows}
    assert found[place]["name"] == "'=cmd|' /C calc'!A0"
    assert [found[place][name] for name in header[6:]] == ["8", "10", "2", "4", "5"]
    assert [found[blank][name] for name in header[6:]] == ["0", "", "", "", ""]
    path.unlink()
    DayExport(hub.store, tmp_path, 0, clock)()  # another desk
    assert not path.exists()


def test_days_that_were_missed_are_made_up_for_a_week_at_most(
    hub: Supervised, clock: FakeClock, tmp_path: Path
) -> None:
    export = DayExport(hub.store, tmp_path, 0, clock)
    export()
    clock.advance(3 * DAY_MS)
    export()
    assert len(list(tmp_path.glob("coverage-*"))) == 4
    clock.advance(30 * DAY_MS)
    export()
    assert len(list(tmp_path.glob("coverage-*"))) == 4 + MOST_DAYS


def test_before_its_time_only_the_day_before_yesterday_is_due(hub: Supervised) -> None:
    now_ms = hub.store.now_ms()  # 08:25 where the tests stand
    with hub.store.reading() as connection:
        assert due_days(connection, 505, now_ms) == [date(2026, 1, 27)]
        assert due_days(connection, 506, now_ms) == [date(2026, 1, 26)]
        assert late_day(connection, 446, now_ms) == date(2026, 1, 26)
        assert late_day(connection, 445, now_ms) == date(2026, 1, 27)


def test_a_folder_that_cannot_be_written_is_told_once_and_tried_again(
    hub: Supervised, clock: FakeClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    hub.place("Chợ")
    folder = tmp_path / "exports"
    export = DayExport(hub.store, folder, 0, clock)
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            export()
            clock.advance(round(AGAIN_S * 1000))
    assert caplog.text.count("event=coverage-export-failed") == 1
    assert str(folder) in caplog.text
    folder.mkdir()
    export()
    assert [one.name for one in folder.iterdir()] == ["coverage-2026-01-27.csv"]
    with hub.store.reading() as connection:
        assert late_day(connection, 0, hub.store.now_ms()) is None
