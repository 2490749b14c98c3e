"""Which policy is in force, and when it changes."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from device.clock import ClockReading, ClockState, JudgedClock
from device.errors import Complaints
from device.policy import RECORD_ONLY, Policy
from device.settings.policy_in_force import PolicyFollower, PolicySource
from tests.support.fakes import FakeClock, HeldClock
from tests.support.threads import running

DAY_MS = 86_400_000
BEGUN = "2021-10-07"  # the fake clock starts at the first of January 2026
AHEAD = "2026-01-02T00:00:00Z"


class DoubtingMark:
    """Says one time, whatever the clock says."""

    def __init__(self, wall_ms: int) -> None:
        self.wall_ms = wall_ms

    def judged(self, at: ClockReading) -> ClockReading:
        return replace(at, wall_ms=self.wall_ms)


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
        return PolicySource(self.file, Policy("inline"), self.clock)

    def adopt(self, policy: Policy) -> None:
        self.adopted.append(policy.version)

    def look(self, source: PolicySource, times: int = 2) -> str:
        """Look so many times, as the thread does; return what is in force then."""
        follower = PolicyFollower(source, self.clock, self.adopt)
        for _ in range(times):
            follower.look()
        return source.in_force.version


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_without_a_file_the_small_form_is_in_force_for_good() -> None:
    clock = FakeClock()
    source = PolicySource(None, Policy("inline"), clock)
    assert not source.look(clock.reading())
    assert source.in_force.version == "inline"
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
    assert place.look(source) == "one"
    place.policy("half")
    assert place.look(source, 1) == "one"
    place.policy("two")
    assert place.look(source, 1) == "one"
    assert place.look(source, 1) == "two"
    assert place.adopted == ["two"]


def test_a_file_that_becomes_wrong_is_refused_and_the_last_good_one_stays(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    place.policy("one")
    source = place.source()
    place.policy("two", more="accept: [wifi]\nclsoed: deny\n")
    place.clock.advance(65_000)
    assert place.look(source, 5) == "one"
    told = source.snapshot()
    assert (told["version"], told["in_force_s"]) == ("one", 65)
    refused = told["refused"]
    assert isinstance(refused, list)
    assert [line.split(" ")[0].rsplit("/", 1)[1] for line in refused] == ["policy.yaml:3:10:", "policy.yaml:4:1:"]
    assert (
        sum("event=file-refused what='policy'" in record.getMessage() for record in caplog.records) == 2
    )  # told once, not every look
    place.policy("three")
    assert place.look(source) == "three"
    assert source.snapshot()["refused"] == []


def test_a_file_that_is_gone_changes_nothing_and_is_told(place: Place) -> None:
    place.policy("one")
    source = place.source()
    place.file.unlink()
    assert place.look(source, 3) == "one"
    assert "there is no such file" in str(source.snapshot()["refused"])
    place.policy("one")
    assert place.look(source, 3) == "one"
    assert source.snapshot()["refused"] == []
    assert place.adopted == []


def test_a_policy_begins_at_its_second_and_the_former_holds_until_then(place: Place) -> None:
    place.policy("one")
    source = place.source()
    place.policy("two", AHEAD)
    assert place.look(source) == "one"
    told = source.snapshot()
    assert (told["next_version"], told["next_from"]) == ("two", AHEAD)
    place.clock.advance(DAY_MS - 1)
    assert place.look(source) == "one"
    place.clock.advance(1)
    assert place.look(source) == "two"
    assert source.snapshot()["next_version"] is None


def test_rules_that_do_not_hold_yet_refuse_nobody_at_the_start(place: Place) -> None:
    place.policy("two", AHEAD)
    source = place.source()
    assert source.in_force is RECORD_ONLY
    place.clock.advance(DAY_MS)
    assert place.look(source) == "two"


def test_a_clock_that_loses_its_trust_neither_begins_nor_ends_a_policy(place: Place) -> None:
    place.policy("one")
    source = place.source()
    place.policy("two", AHEAD)
    place.look(source)
    place.clock.state = ClockState.UNSYNCHRONISED
    assert place.look(source) == "one"
    place.clock.wall_ms += 70 * 365 * DAY_MS  # it claims 2096
    assert place.look(source) == "one"
    place.clock.advance(DAY_MS)  # a day by the clock that only goes on
    assert place.look(source) == "two"
    place.clock.wall_ms = 0
    assert place.look(source) == "two"


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
    assert place.look(source) == RECORD_ONLY.version
    place.clock.state = ClockState.SYNCHRONISED
    assert place.look(source) == "two"


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
    place.look(source)
    place.policy("three", AHEAD)
    assert place.look(source) == "one"
    place.clock.advance(DAY_MS)
    assert place.look(source) == "three"


def test_other_rules_under_the_same_name_are_told(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    place.policy("one")
    source = place.source()
    place.policy("one", more="# only a comment\n")
    place.look(source)
    assert not caplog.records
    place.policy("one", more="direction: in\n")
    place.look(source)
    assert "event=policy-changed version=" in caplog.text
    assert place.adopted == ["one"]


def test_following_looks_until_it_is_closed_and_tells_of_another_policy_once(place: Place) -> None:
    place.policy("one")
    source, looks = place.source(), list[str]()

    def beside() -> None:
        looks.append(source.in_force.version)
        if len(looks) == 1:
            place.policy("two")
        if len(looks) == 5:
            follower.close()

    follower = PolicyFollower(source, place.clock, place.adopt, [beside])
    follower.run()
    assert looks == ["one", "one", "two", "two", "two"]
    assert place.adopted == ["two"]
    assert place.clock.waits == [3.0] * 5


def test_following_ends_at_once_when_it_is_closed(place: Place) -> None:
    place.policy("one")
    with running(PolicyFollower(place.source(), HeldClock(), place.adopt)):
        assert place.adopted == []
    assert not [thread for thread in threading.enumerate() if thread.name == "test"]


def test_a_policy_begins_by_the_judged_time_and_not_by_what_the_clock_says(place: Place) -> None:
    place.policy("one")
    source = place.source()
    place.policy("two", AHEAD)
    place.look(source)
    place.clock.wall_ms = 1_767_312_000_001  # a day ahead, but the mark does not believe it
    before = JudgedClock(place.clock, DoubtingMark(1_767_225_600_000))
    PolicyFollower(source, before, place.adopt).look()
    assert source.in_force.version == "one"
    after = JudgedClock(place.clock, DoubtingMark(1_767_312_000_000))
    PolicyFollower(source, after, place.adopt).look()
    assert source.in_force.version == "two"


def test_a_policy_that_the_hub_offers_takes_the_place_of_the_sites_at_the_next_look(place: Place) -> None:
    source = PolicySource(None, Policy("inline"), place.clock)
    source.offer(Policy("hub-1"), 0)
    source.offer(Policy("hub-2"), 0)
    assert source.in_force.version == "inline"
    assert [place.look(source, 1), place.look(source, 1)] == ["hub-2", "hub-2"]
    assert place.adopted == ["hub-2"]


def test_a_policy_of_the_hub_that_begins_later_waits_and_the_former_one_holds(place: Place) -> None:
    source = PolicySource(None, Policy("inline"), place.clock)
    source.offer(Policy("hub-1", valid_from_ms=place.clock.wall_ms + 60_000), place.clock.wall_ms)
    assert place.look(source) == "inline"
    place.clock.advance(61_000)
    assert place.look(source) == "hub-1"


def test_a_clock_that_was_never_trusted_is_not_earlier_than_the_hubs_signature(place: Place) -> None:
    place.clock.state, place.clock.wall_ms = ClockState.UNSYNCHRONISED, 0
    source = PolicySource(None, Policy("inline"), place.clock)
    source.offer(Policy("hub-1", valid_from_ms=1_633_564_800_000), 1_767_225_600_000)
    assert place.look(source) == "hub-1"
