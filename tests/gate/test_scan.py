"""The scan loop: green only after the commit, every answer once, every state shown."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from types import FrameType

import pytest

from device.clock import ClockReading
from device.errors import HubUnreachable, LedgerUnavailable, SealingUnavailable
from device.gate.link_status import LinkState
from device.gate.status_lookup import MOST_A_MINUTE
from device.model import (
    EYE_STARTING,
    CheckIn,
    CodeKind,
    Cue,
    Direction,
    HealthColour,
    Outcome,
    Reason,
    Sight,
    Status,
)
from device.policy import Lists, Policy
from device.policy.rules import Capacity, ListRules, OpeningHours, StatusRules
from tests.support.fakes import ScriptedStatus
from tests.support.stage import GONE, PLACE, Stage, seen
from tests.support.visitors import CARD

OTHER = "051194005678||Trần Thị Mẫu|20111994|Nữ|Bình Châu|01072022".encode()
WIFI = b"WIFI:T:WPA;S:quan;P:khong;;"


class Listed:
    """A list of these numbers."""

    def __init__(self, *numbers: str) -> None:
        self.numbers = numbers

    def holds(self, keys: Iterable[str]) -> bool:
        return not set(keys).isdisjoint(self.numbers)


LOST = [Sight(-1, 0, lost="no camera found")]


def test_green_is_lit_only_after_the_commit() -> None:
    stage = Stage(seen(CARD)).run()
    assert stage.story.lines == ["committed 1", "lamp granted"]


def test_the_check_in_carries_person_place_direction_policy_and_time() -> None:
    stage = Stage(seen(CARD)).run()
    (row,) = stage.ledger.rows
    assert row.credential is not None
    assert row.credential.person.name == "Nguyễn Văn Thử"
    assert (row.place, row.direction, row.decision.policy_version) == (PLACE, Direction.IN, "test-1")
    assert row.at == stage.clock.reading()


class FixedMark:
    """Has every look at the clock judged by one time."""

    def __init__(self, wall_ms: int) -> None:
        self.wall_ms = wall_ms

    def judged(self, at: ClockReading) -> ClockReading:
        return replace(at, wall_ms=self.wall_ms)


def test_decisions_go_by_the_judged_time_and_the_row_keeps_what_the_clock_said() -> None:
    closed = Policy("test-1", hours=(OpeningHours(frozenset(range(7)), 8 * 60, 17 * 60),), closed=Outcome.DENIED)
    night, noon = 1_767_225_600_000 - 3 * 3_600_000, 1_767_225_600_000 + 5 * 3_600_000  # 4 and 12 o'clock in Vietnam
    for judged_ms, cue in ((noon, Cue.GRANTED), (night, Cue.DENIED)):
        stage = Stage(seen(CARD), policy=closed, mark=FixedMark(judged_ms))
        stage.clock.wall_ms = 0
        assert [answer.cue for answer in stage.run().answers] == [cue]
        assert [row.at.wall_ms < 1_000 for row in stage.ledger.rows] == [True]


def test_a_card_held_for_three_seconds_is_one_check_in() -> None:
    stage = Stage(seen(CARD, count=45)).run()
    assert stage.story.lines == ["committed 1", "lamp granted"]


def test_a_screenshot_shown_twenty_times_is_twenty_greens_and_one_passage() -> None:
    stage = Stage([sight for _ in range(20) for sight in [*seen(CARD), *GONE]]).run()
    assert [answer.cue for answer in stage.answers] == [Cue.GRANTED] * 20
    assert sum(row.decision.counted for row in stage.ledger.rows) == 1
    assert stage.occupancy.inside == 1


def test_when_nothing_can_be_written_the_lamp_shows_fault_and_never_green() -> None:
    for error in (LedgerUnavailable("disk"), SealingUnavailable("key")):
        stage = Stage(seen(CARD, count=3))
        stage.ledger.error = error
        stage.run()
        assert stage.story.lines == ["lamp fault"]
        assert stage.indicator.rest[-1] is Cue.FAULT
        assert stage.answers[0].seq is None


def test_after_a_fault_the_next_visitor_is_written_down_again() -> None:
    stage = Stage(seen(CARD, count=2) + GONE + seen(CARD) + GONE)
    stage.ledger.error = LedgerUnavailable("disk")
    stage.watch = lambda _answer: setattr(stage.ledger, "error", None)
    stage.run()
    assert stage.story.lines == ["lamp fault", "committed 1", "lamp granted"]
    assert stage.indicator.rest[-1] is Cue.READY
    assert stage.ledger.rows[0].decision.reason is Reason.RECORDED  # the failed try was no first presentation


def test_a_wrong_code_is_told_and_counted_but_never_recorded() -> None:
    stage = Stage(seen(WIFI)).run()
    assert stage.story.lines == ["lamp not-ours"]
    assert stage.gate.health.codes == {CodeKind.WIFI: 1}


def test_the_same_person_again_gets_the_same_light_and_counts_once() -> None:
    stage = Stage(seen(CARD) + GONE + seen(CARD)).run()
    assert stage.story.lines == ["committed 1", "lamp granted", "committed 2", "lamp granted"]
    assert [row.decision.counted for row in stage.ledger.rows] == [True, False]
    assert stage.ledger.rows[1].decision.reason is Reason.REPEAT


def test_two_people_at_once_get_no_verdict() -> None:
    stage = Stage(seen(CARD, OTHER, count=5)).run()
    assert stage.story.lines == ["lamp several"]


def test_refused_rows_are_at_most_one_a_second_and_still_refused() -> None:
    nothing_accepted = Policy("closed", frozenset())
    crowd = [
        sight
        for n in range(4)
        for sight in seen(f"0510900012{n}4||Nguyễn Văn Thử|05031990|Nam|Tổ 3|15042021".encode()) + seen(count=2)
    ]
    stage = Stage(crowd, policy=nothing_accepted, absence_ms=100).run()
    assert stage.story.lines.count("lamp denied") == 4
    assert len(stage.ledger.rows) == 1
    assert stage.ledger.rows[0].decision.outcome is Outcome.DENIED


def test_the_button_records_somebody_without_a_code() -> None:
    stage = Stage(seen(count=3))
    stage.gate.pressed.set()
    stage.run()
    assert stage.story.lines == ["committed 1", "lamp granted"]
    assert stage.ledger.rows[0].credential is None
    assert stage.ledger.rows[0].decision.reason is Reason.MANUAL


def test_the_button_works_while_the_camera_is_lost() -> None:
    stage = Stage(LOST * 3)
    stage.gate.pressed.set()
    stage.run()
    assert stage.story.lines == ["committed 1", "lamp granted"]


def test_the_log_tells_that_somebody_came_and_never_what_was_said_to_them(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    policies = [None, Policy("none", frozenset()), Policy("room", capacity=Capacity(0))]
    told = []
    for policy in policies:
        caplog.clear()
        stage = Stage(seen(CARD), policy=policy).run()
        told.append(caplog.messages)
        assert stage.ledger.rows
    assert told[0] == told[1] == told[2]
    assert [message.partition(" lamp_ms=")[0] for message in told[0]] == ["event=checked-in seq=1"]


def test_the_log_tells_why_a_code_is_nobodys(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    Stage(seen(WIFI)).run()
    assert [message.partition(" lamp_ms=")[0] for message in caplog.messages] == [
        "event=answer cue=not-ours reason=wifi-code kind=wifi length=64"
    ]


def test_a_lost_camera_is_shown_and_goes_away_by_itself() -> None:
    stage = Stage(seen() + LOST * 3 + seen()).run()
    assert stage.indicator.rest == [Cue.READY, Cue.FAULT, Cue.READY]


def test_the_lamp_says_starting_while_the_eye_starts_and_fault_while_a_lost_eye_starts_again() -> None:
    starting = [Sight(-1, 0, lost=EYE_STARTING)]
    assert Stage(starting * 2 + seen()).run().indicator.rest == [Cue.STARTING, Cue.READY]
    assert Stage(seen() + starting).run().indicator.rest == [Cue.READY, Cue.FAULT]


def test_the_service_is_ready_when_it_can_answer_or_shows_that_it_cannot() -> None:
    starting = [Sight(-1, 0, lost=EYE_STARTING)]
    assert "ready" not in Stage(starting * 5).run().notifier.said
    assert "ready" in Stage(seen()).run().notifier.said
    assert "ready" in Stage(LOST).run().notifier.said


def test_the_watchdog_is_fed_while_the_camera_is_lost_too() -> None:
    assert Stage(LOST * 40).run().notifier.said.count("alive") >= 2


def test_a_growing_queue_is_shown_at_rest() -> None:
    stage = Stage(seen(count=2))
    stage.link.become(LinkState.OFFLINE, 0)
    assert stage.run().indicator.rest == [Cue.OFFLINE]


def test_a_replay_that_ends_ends_the_loop() -> None:
    stage = Stage([*seen(CARD), Sight(-1, 0, ended=True), *seen(OTHER)]).run()
    assert len(stage.ledger.rows) == 1


def test_delivery_is_woken_by_a_row_and_only_by_a_row() -> None:
    stage, woken = Stage(seen(WIFI) + GONE + seen(CARD)), list[bool]()
    stage.watch = lambda _answer: woken.append(stage.gate.new_row.is_set())
    stage.run()
    assert woken == [False, True]


def test_delivery_steps_aside_while_a_code_is_in_view() -> None:
    stage = Stage(seen(CARD)).run()
    stage.clock.advance(400)
    assert stage.traffic.busy
    stage.clock.advance(200)
    assert not stage.traffic.busy


def test_the_time_from_frame_to_lamp_is_measured_from_the_capture() -> None:
    stage = Stage(seen(CARD))
    slow = stage.ledger.record

    def record(check_in: CheckIn) -> int:
        stage.clock.advance(42)
        return slow(check_in)

    stage.ledger.record = record  # type: ignore[method-assign]
    stage.run()
    assert stage.answers[0].lamp_ms == 42


def test_who_is_inside_is_counted_from_what_was_written_down() -> None:
    stage = Stage(
        seen(CARD) + GONE + seen(CARD) + GONE + seen(OTHER), policy=Policy("room", capacity=Capacity(1))
    ).run()
    assert stage.story.lines[1::2] == ["lamp granted", "lamp granted", "lamp denied"]
    assert [row.decision.reason for row in stage.ledger.rows] == [Reason.RECORDED, Reason.REPEAT, Reason.FULL]
    assert stage.occupancy.inside == 1


def test_a_site_shows_its_own_cue_for_a_reason_also_when_the_visitor_comes_again() -> None:
    cues = {Reason.KIND_NOT_ACCEPTED: Cue.UNREADABLE, Reason.WIFI_CODE: Cue.SEVERAL}
    codes = seen(CARD) + GONE + seen(CARD) + GONE + seen(WIFI)
    stage = Stage(codes, policy=Policy("none", frozenset()), cues=cues).run()
    assert [answer.cue for answer in stage.answers] == [Cue.UNREADABLE, Cue.UNREADABLE, Cue.SEVERAL]


def test_who_leaves_by_the_switch_makes_room_for_the_next() -> None:
    stage = Stage(
        seen(CARD) + GONE + seen(OTHER) + GONE + seen(CARD) + GONE + seen(OTHER),
        policy=Policy("room", capacity=Capacity(1), repeat_window_ms=0),
    )
    stage.turned_out = lambda: len(stage.answers) == 2
    stage.run()
    assert stage.story.lines[1::2] == ["lamp granted", "lamp denied", "lamp granted", "lamp granted"]
    ways = [Direction.IN, Direction.IN, Direction.OUT, Direction.IN]
    assert [row.direction for row in stage.ledger.rows] == [answer.direction for answer in stage.answers] == ways
    assert stage.occupancy.inside == 1


def test_while_the_switch_cannot_be_read_nobody_is_counted_on_a_guess() -> None:
    stage = Stage(seen(CARD), policy=Policy("room", capacity=Capacity(1)))
    stage.turned_out = lambda: None
    stage.run()
    assert stage.ledger.rows[0].direction is Direction.UNKNOWN
    assert stage.occupancy.inside == 0


def test_a_check_in_that_could_not_be_written_takes_no_room() -> None:
    stage = Stage(seen(CARD), policy=Policy("room", capacity=Capacity(1)))
    stage.ledger.error = LedgerUnavailable("disk")
    assert stage.run().occupancy.inside == 0


def test_a_policy_adopted_while_the_gate_runs_judges_the_next_visitor() -> None:
    stage = Stage(seen(CARD) + GONE + seen(CARD))
    stage.watch = lambda _answer: stage.rules.adopt(Policy("none", frozenset()))
    stage.run()
    assert [row.decision.policy_version for row in stage.ledger.rows] == ["test-1", "none"]
    assert stage.ledger.rows[1].decision.outcome is Outcome.DENIED


ASKING = Policy("asking-1", status=StatusRules(frozenset({CodeKind.CITIZEN_CARD})))
WELL, YELLOW = Status(declared=True, health=HealthColour.GREEN), Status(health=HealthColour.YELLOW)


def asking(sights: list[Sight], status: Status = WELL) -> tuple[Stage, ScriptedStatus]:
    centre = ScriptedStatus(status)
    stage = Stage(sights, policy=ASKING, source=centre)
    centre.while_asked = lambda: stage.story.lines.append("asked")
    return stage, centre


def pause(ms: int) -> list[Sight]:
    return seen(count=ms // 66)


def card(number: int) -> bytes:
    return f"0510900{number:05d}||Nguyễn Văn Thử|05031990|Nam|Tổ 3, Nghĩa Lộ|15042021".encode()


def test_the_centre_is_asked_before_the_commit_and_its_answer_is_the_record() -> None:
    stage, centre = asking(seen(CARD), YELLOW)
    stage.run()
    assert stage.story.lines == ["asked", "committed 1", "lamp referred"]
    (row,) = stage.ledger.rows
    assert (row.decision.outcome, row.decision.reason) == (Outcome.REFERRED, Reason.STATUS_HEALTH)
    assert "status-health:refer" in row.decision.rules
    assert centre.asked == [(("citizen:051090001234",), 300)]


def test_each_rule_is_asked_once_a_visitor_also_when_the_centre_is() -> None:
    always = OpeningHours(frozenset(range(7)), 0, 1_440)
    policy = replace(ASKING, hours=(always,), capacity=Capacity(9), watch_list=ListRules(), roster=ListRules())
    lists, centre = Lists(watch=Listed(), roster=Listed("citizen:051090001234")), ScriptedStatus(WELL)
    stage = Stage(seen(CARD), policy=policy, lists=lists, source=centre)
    rules: list[str] = []

    def called(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code.co_qualname == "_Chain.ask":
            rules.append(frame.f_locals["rule"])

    sys.setprofile(called)
    try:
        stage.run()
    finally:
        sys.setprofile(None)
    assert len(centre.asked) == 1
    assert rules == ["known-kind", "accepted-here", "opening-hours", "watch-list", "roster", "room"]
    (row,) = stage.ledger.rows
    assert row.decision.outcome is Outcome.GRANTED


def test_a_late_answer_is_not_asked_and_the_visitor_passes_within_the_deadline() -> None:
    stage, centre = asking(seen(CARD) + GONE + seen(OTHER))
    centre.error, centre.while_asked = HubUnreachable("no answer within 0.3 s"), lambda: stage.clock.advance(300)
    stage.run()
    assert [row.decision.outcome for row in stage.ledger.rows] == [Outcome.GRANTED, Outcome.GRANTED]
    assert all(row.decision.rules[-2:] == ("status:not-asked", "repeat:no") for row in stage.ledger.rows)
    assert [answer.lamp_ms for answer in stage.answers] == [300, 0]
    assert len(centre.asked) == 1


def test_a_question_that_always_runs_out_never_starves_the_watchdog() -> None:
    stage, centre = asking([sight for n in range(8) for sight in [*seen(card(n)), *GONE]])
    centre.error, centre.while_asked = HubUnreachable("no answer"), lambda: stage.clock.advance(2_000)
    fed: list[int] = []
    stage.notifier.alive = lambda: fed.append(stage.clock.since_boot_ms)  # type: ignore[method-assign]
    stage.run()
    assert len(stage.ledger.rows) == 8
    assert max(later - earlier for earlier, later in pairwise(fed)) < 4_000


def test_without_somebody_to_ask_nobody_is_asked_about_and_nobody_is_kept_out() -> None:
    stage = Stage(seen(CARD), policy=ASKING).run()
    (row,) = stage.ledger.rows
    assert (row.decision.outcome, "status:not-asked" in row.decision.rules) == (Outcome.GRANTED, True)


def test_thirty_visitors_a_minute_are_asked_about_and_the_next_just_passes() -> None:
    stage, centre = asking([sight for n in range(MOST_A_MINUTE + 3) for sight in [*seen(card(n)), *GONE]])
    stage.run()
    assert len(centre.asked) == MOST_A_MINUTE
    assert stage.story.lines.count("lamp granted") == MOST_A_MINUTE + 3


def test_a_status_that_changed_after_a_minute_makes_a_new_presentation() -> None:
    stage, centre = asking(seen(CARD) + GONE + seen(CARD) + pause(61_000) + seen(CARD), YELLOW)
    stage.watch = lambda _answer: setattr(centre, "status", WELL)
    stage.run()
    answers = [(row.decision.outcome, row.decision.reason) for row in stage.ledger.rows]
    assert answers == [
        (Outcome.REFERRED, Reason.STATUS_HEALTH),
        (Outcome.REFERRED, Reason.REPEAT),
        (Outcome.GRANTED, Reason.RECORDED),
    ]
    assert len(centre.asked) == 2
    assert "status:kept" in stage.ledger.rows[1].decision.rules


def test_who_is_held_before_the_camera_is_asked_about_once() -> None:
    stage, centre = asking(seen(CARD, count=60))
    assert stage.run().story.lines == ["asked", "committed 1", "lamp granted"]
    assert len(centre.asked) == 1


def test_an_answer_of_the_centre_that_cannot_be_written_lights_no_green() -> None:
    stage, _ = asking(seen(CARD))
    stage.ledger.error = LedgerUnavailable("disk")
    assert stage.run().story.lines == ["asked", "lamp fault"]


def test_a_watch_list_that_comes_while_the_gate_runs_counts_from_the_next_visitor_on() -> None:
    stage = Stage(seen(CARD) + GONE + seen(OTHER), policy=Policy("p", watch_list=ListRules()))
    stage.watch = lambda _answer: stage.rules.watch(Listed("citizen:051194005678"))
    stage.run()
    assert [answer.reason for answer in stage.answers] == [Reason.NO_LIST, Reason.ON_WATCH_LIST]
    assert [row.decision.outcome for row in stage.ledger.rows] == [Outcome.REFERRED, Outcome.REFERRED]


def test_nobody_on_the_watch_list_is_asked_about_at_the_centre() -> None:
    centre = ScriptedStatus(Status())
    rules = StatusRules(frozenset({CodeKind.CITIZEN_CARD}))
    policy = Policy("p", watch_list=ListRules(), status=rules)
    stage = Stage(seen(CARD), policy=policy, source=centre, lists=Lists(watch=Listed("citizen:051090001234"))).run()
    assert [answer.reason for answer in stage.answers] == [Reason.ON_WATCH_LIST]
    assert not centre.asked
