"""A file that is followed: a mistake keeps the last good reading, and says so once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from device.errors import Complaint, Complaints
from device.settings.watched_file import Offered, WatchedFile
from tests.support.fakes import FakeClock


def number(path: Path) -> int:
    text = path.read_text("utf-8") if path.exists() else ""
    if not text.isdecimal():
        raise Complaints([Complaint(path.name, 1, 1, "file", "write a number")])
    return int(text)


class Written:
    def __init__(self, folder: Path) -> None:
        self.path, self.edits = folder / "number", 0
        self.write("1")
        self.followed = WatchedFile(self.path, number, "number")

    def write(self, text: str) -> None:
        """Each time with another modification time, however fast the test is."""
        self.path.write_text(text, "utf-8")
        self.edits += 1
        os.utime(self.path, ns=(self.edits * 10**9, self.edits * 10**9))

    def looks(self, times: int = 2) -> list[bool]:
        return [self.followed.look() for _ in range(times)]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    return Written(tmp_path)


def test_a_changed_file_is_read_when_it_has_been_still_for_one_look(written: Written) -> None:
    written.write("2")
    assert written.looks(3) == [False, True, False]
    assert written.followed.latest == 2


def test_a_file_that_is_still_being_written_is_left_alone(written: Written) -> None:
    for text in ("2", "23", "234"):
        written.write(text)
        assert written.looks(1) == [False]
    assert written.looks(1) == [True]
    assert written.followed.latest == 234


def test_a_mistake_keeps_the_last_good_reading_and_is_told_once(
    written: Written, caplog: pytest.LogCaptureFixture
) -> None:
    written.write("two")
    assert written.looks(4) == [False] * 4
    assert written.followed.latest == 1
    assert written.followed.refused == ("number:1:1: file: write a number",)
    assert len(caplog.records) == 1
    written.write("3")
    assert written.looks() == [False, True]
    assert not written.followed.refused


def test_a_file_that_went_away_keeps_the_last_good_reading(written: Written) -> None:
    written.path.unlink()
    assert written.looks() == [False, False]
    assert written.followed.latest == 1
    assert written.followed.refused


def test_the_same_text_again_is_nothing_new(written: Written) -> None:
    written.write("1")
    assert written.looks() == [False, False]


def test_a_mistake_at_the_start_is_raised(tmp_path: Path) -> None:
    (tmp_path / "number").write_text("one", "utf-8")
    with pytest.raises(Complaints, match="write a number"):
        WatchedFile(tmp_path / "number", number, "number")


def test_the_age_is_that_of_the_text_that_holds_and_a_newer_one_that_was_refused_is_told(written: Written) -> None:
    clock = FakeClock(wall_ms=90_000)
    assert written.followed.snapshot(clock) == {"file": str(written.path), "age_s": 89, "refused": []}
    written.write("one")
    written.looks()
    told = written.followed.snapshot(clock)
    assert (told["age_s"], told["refused"]) == (89, ["number:1:1: file: write a number"])
    written.write("3")
    written.looks()
    assert written.followed.snapshot(clock) == {"file": str(written.path), "age_s": 87, "refused": []}


def test_a_file_of_the_future_has_no_negative_age(written: Written) -> None:
    assert written.followed.snapshot(FakeClock(wall_ms=0))["age_s"] == 0


def test_what_is_offered_is_taken_up_at_the_next_look_the_newest_only() -> None:
    clock, offered = FakeClock(), Offered[str]()
    assert not offered.look()
    assert offered.snapshot(clock) == {"file": None, "age_s": None, "refused": []}
    offered.offer("one", clock.wall_ms - 5_000)
    offered.offer("two", clock.wall_ms - 3_000)
    assert [offered.look(), offered.look()] == [True, False]
    assert (offered.latest, offered.snapshot(clock)["age_s"]) == ("two", 3)
    offered.offer("two", clock.wall_ms)
    assert offered.look() is False
    assert offered.snapshot(clock)["age_s"] == 0
