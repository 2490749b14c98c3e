"""Which policy is in force, and when it changes."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from device.clock import ClockState
from device.errors import Complaints
from device.policy import RECORD_ONLY, Policy
from device.settings.policy_in_force import PolicySource
from tests.support.fakes import FakeClock, HeldClock

DAY_MS = 86_400_000
BEGUN = "2021-10-07"  # the fake clock starts at the first of January 2026
AHEAD = "2026-01-02T00:00:00Z"


class Place:
    """A policy file, a clock, and whoever adopts the policies."""

    def __init__(self, folder: Path) -> None:
        self.file, self.clock, self.adopted = folder / "policy.yaml", FakeClock(), list[str]()
        self.edits = 0

    def write(self, text: str) -> None:
        """Write the file; each time with another modification time, however fast the test is."""
        self.file.write_text(text, "utf-8")
        self.edits += 1
        os.utime(self.file, ns=(self.edits * 1_000_000_000, self.edits * 1_000_000_000))

    def policy(self, version: str, begins: str = BEGUN, more: str = "") -> None:
        self.write(f"version: {version}\nvalid_from: {begins}\n{more}")

    def source(self) -> PolicySource:
        source = PolicySource(self.file, Policy("inline"), self.clock)
        source._adopt = lambda policy: self.adopted.append(policy.version)
        return source


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def look(source: PolicySource, times: int = 2) -> str:
    for _ in range(times):
        source.look()
    return source.in_force.version


def test_without_a_file_the_small_form_is_in_force_for_good() -> None:
    source = PolicySource(None, Policy("inline"), FakeClock())
    assert look(source) == "inline"
    assert source.snapshot()["file"] is None


def test_a_policy_with_a_mistake_stops_the_start_with_its_line(place: Place) -> None:
    place.policy("one", more="clsoed: deny\n")
    with pytest.raises(Complaints, match=r"policy\.yaml:3:1: clsoed: unknown key; did you mean closed\?"):
        place.source()
    place.file.unlink()
    with pytest.raises(Complaints, match="there is no such file"):
        place.source()


def test_a_changed_file_is_taken_once_it_has_been_still_for_a_look(place: Place) -> None:
    place.policy("one")
    source = place.source()
    assert look(source) == "one"
    place.policy("half")
    assert look(source, 1) == "one"
    place.policy("two")
    assert look(source, 1) == "one"
    assert look(source, 1) == "two"
    assert place.adopted == ["two"]


def test_a_file_that_becomes_wrong_is_refused_and_the_last_good_one_stays(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    place.policy("one")
    source = place.source()
    place.policy("two", more="accept: [wifi]\nclsoed: deny\n")
    place.clock.advance(65_000)
    assert look(source, 5) == "one"
    told = source.snapshot()
    assert (told["version"], told["in_force_s"]) == ("one", 65)
    refused = told["refused"]
    assert isinstance(refused, list)
    assert [line.split(" ")[0].rsplit("/", 1)[1] for line in refused] == ["policy.yaml:3:10:", "policy.yaml:4:1:"]
    assert (
        sum("event=file-refused what='policy'" in record.getMessage() for record in caplog.records) == 2
    )  # told once, not every look
    place.policy("three")
    assert look(source) == "three"
    assert source.snapshot()["refused"] == []


def test_a_file_that_is_gone_changes_nothing_and_is_told(place: Place) -> None:
    place.policy("one")
    source = place.source()
    place.file.unlink()
    assert look(source, 3) == "one"
    assert "there is no such file" in str(source.snapshot()["refused"])
    place.policy("one")
    assert look(source, 3) == "one"
    assert source.snapshot()["refused"] == []
    assert place.adopted == []


def test_a_policy_begins_at_its_second_and_the_former_holds_until_then(place: Place) -> None:
    place.policy("one")
    source = place.source()
    place.policy("two", AHEAD)
    assert look(source) == "one"
    told = source.snapshot()
    assert (told["next_version"], told["next_from"]) == ("two", AHEAD)
    place.clock.advance(DAY_MS - 1)
    assert look(source) == "one"
    place.clock.advance(1)
    assert look(source) == "two"
    assert source.snapshot()["next_version"] is None


def test_rules_that_do_not_hold_yet_refuse_nobody_at_the_start(place: Place) -> None:
    place.policy("two", AHEAD)
    source = place.source()
    assert source.in_force is RECORD_ONLY
    place.clock.advance(DAY_MS)
    assert look(source) == "two"


def test_a_clock_that_loses_its_trust_neither_begins_nor_ends_a_policy(place: Place) -> None:
    place.policy("one")
    source = place.source()
    place.policy("two", AHEAD)
    look(source)
    place.clock.state = ClockState.UNSYNCHRONISED
    assert look(source) == "one"
    place.clock.wall_ms += 70 * 365 * DAY_MS  # it claims 2096
    assert look(source) == "one"
    place.clock.advance(DAY_MS)  # a day by the clock that only goes on
    assert look(source) == "two"
    place.clock.wall_ms = 0
    assert look(source) == "two"


def test_without_a_trusted_clock_at_the_start_what_has_begun_by_its_claim_holds_the_rest_waits(
    place: Place,
) -> None:
    place.clock.state = ClockState.UNSYNCHRONISED
    place.policy("one")
    assert place.source().in_force.version == "one"
    place.policy("two", AHEAD)
    source = place.source()
    assert source.in_force is RECORD_ONLY
    place.clock.wall_ms += 70 * 365 * DAY_MS
    assert look(source) == RECORD_ONLY.version
    place.clock.state = ClockState.SYNCHRONISED
    assert look(source) == "two"


def test_a_clock_that_wakes_in_1970_keeps_no_policy_waiting_that_had_begun_when_it_was_written(
    place: Place,
) -> None:
    place.clock.state, place.clock.wall_ms = ClockState.UNSYNCHRONISED, 0
    place.policy("one")
    os.utime(place.file, (1_767_225_600, 1_767_225_600))  # the first of January 2026
    assert place.source().in_force.version == "one"
    place.policy("two", AHEAD)
    os.utime(place.file, (1_767_225_600, 1_767_225_600))
    assert place.source().in_force is RECORD_ONLY


def test_a_policy_that_waits_can_be_replaced(place: Place) -> None:
    place.policy("one")
    source = place.source()
    place.policy("two", AHEAD)
    look(source)
    place.policy("three", AHEAD)
    assert look(source) == "one"
    place.clock.advance(DAY_MS)
    assert look(source) == "three"


def test_other_rules_under_the_same_name_are_told(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    place.policy("one")
    source = place.source()
    place.policy("one", more="# only a comment\n")
    look(source)
    assert not caplog.records
    place.policy("one", more="direction: in\n")
    look(source)
    assert "event=policy-changed version=" in caplog.text
    assert place.adopted == ["one"]


def test_following_adopts_at_once_and_ends_when_it_is_closed(place: Place) -> None:
    place.policy("one")
    source = PolicySource(place.file, Policy("inline"), HeldClock())
    source.follow(lambda policy: place.adopted.append(policy.version))
    source.close()
    assert place.adopted == ["one"]
    assert not [thread for thread in threading.enumerate() if thread.name == "policy"]


def test_closing_what_was_never_followed_is_fine(place: Place) -> None:
    place.policy("one")
    place.source().close()


def test_a_policy_that_the_hub_offers_takes_the_place_of_the_sites_at_the_next_look(place: Place) -> None:
    source = PolicySource(None, Policy("inline"), place.clock)
    source._adopt = lambda policy: place.adopted.append(policy.version)
    source.offer(Policy("hub-1"), 0)
    source.offer(Policy("hub-2"), 0)
    assert source.in_force.version == "inline"
    assert [look(source, 1), look(source, 1)] == ["hub-2", "hub-2"]
    assert place.adopted == ["hub-2"]


def test_a_policy_of_the_hub_that_begins_later_waits_and_the_former_one_holds(place: Place) -> None:
    source = PolicySource(None, Policy("inline"), place.clock)
    source.offer(Policy("hub-1", valid_from_ms=place.clock.wall_ms + 60_000), place.clock.wall_ms)
    assert look(source) == "inline"
    place.clock.advance(61_000)
    assert look(source) == "hub-1"


def test_a_clock_that_was_never_trusted_is_not_earlier_than_the_hubs_signature(place: Place) -> None:
    place.clock.state, place.clock.wall_ms = ClockState.UNSYNCHRONISED, 0
    source = PolicySource(None, Policy("inline"), place.clock)
    source.offer(Policy("hub-1", valid_from_ms=1_633_564_800_000), 1_767_225_600_000)
    assert look(source) == "hub-1"
