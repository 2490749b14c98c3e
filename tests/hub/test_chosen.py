from __future__ import annotations

from dataclasses import replace

import pytest

from device.hub.chosen import EVERYTHING, Chosen
from device.hub.db.queries import Arrived, Quarantined
from device.model import Direction, Place, SealedRow
from tests.support.fakes import FakeClock

PLACE = Place("Chợ Hoa Sen", "market", "Quảng Ngãi")
ROW = SealedRow(1, FakeClock().reading(), Direction.IN, True, "ab" * 16, "00" * 16, b"sealed", link=b"")  # noqa: FBT003 - its own order
HERE = Arrived(7, 0, "gate-0001", "0" * 32, ROW, PLACE, 1_000, 2_000, None, False)  # noqa: FBT003 - a row's own order
APART = Quarantined(1, 0, "gate-0001", "Cổng A", "0" * 32, ROW, "fork")


def test_nothing_said_is_everything_and_no_words() -> None:
    assert EVERYTHING.takes(HERE)
    assert EVERYTHING.takes(APART)
    assert not str(EVERYTHING)


def test_of_other_gates_nothing_is_taken() -> None:
    for row in (HERE, APART):
        assert Chosen(frozenset({"gate-0001", "gate-0002"})).takes(row)
        assert not Chosen(frozenset({"gate-0002"})).takes(row)


@pytest.mark.parametrize("name", ["Chợ Hoa Sen", "chợ  hoa sen", "Cho\u031b\u0323 Hoa Sen", HERE.row.place_id])
def test_a_place_is_known_by_its_name_however_written_and_by_its_id(name: str) -> None:
    assert Chosen(place=name).takes(HERE)
    assert not Chosen(place=name).takes(replace(HERE, place=None, row=replace(HERE.row, place_id="0" * 64)))


@pytest.mark.parametrize(
    ("from_ms", "until_ms", "taken"),
    [(2_000, None, True), (2_001, None, False), (None, 1_001, True), (None, 1_000, False), (1_400, 1_500, True)],
)
def test_what_may_have_been_then_is_taken(from_ms: int | None, until_ms: int | None, taken: bool) -> None:  # noqa: FBT001 - a table
    assert Chosen(from_ms=from_ms, until_ms=until_ms).takes(HERE) is taken


def test_a_row_that_is_kept_apart_has_the_time_it_says() -> None:
    told_ms = APART.row.at.wall_ms
    assert Chosen(from_ms=told_ms, until_ms=told_ms + 1).takes(APART)
    assert not Chosen(from_ms=told_ms + 1).takes(APART)


def test_it_says_in_a_line_what_is_asked_for() -> None:
    asked = Chosen(frozenset({"b", "a"}), "Chợ Hoa Sen", 0, 86_400_000)
    assert str(asked) == "gates=a,b place=Chợ Hoa Sen from=1970-01-01T00:00:00Z until=1970-01-02T00:00:00Z"
