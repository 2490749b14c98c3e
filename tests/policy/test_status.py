"""What the centre's answer does to a decision, and for whom it is asked at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from device.model import (
    CodeKind,
    Credential,
    Decision,
    Direction,
    HealthColour,
    Outcome,
    Person,
    Reason,
    Status,
    Verification,
)
from device.policy import Policy, Recent, asks_status, decide, with_status
from device.policy.rules import StatusRules
from tests.fakes import FakeClock

CARD = Credential(CodeKind.CITIZEN_CARD, Person(citizen_number="051090001234"))
PROVED = replace(CARD, verified=Verification.YES)
RULES = StatusRules(frozenset({CodeKind.CITIZEN_CARD}), doses=2)
POLICY = Policy("test-1", status=RULES)
PASSED = Decision(Outcome.GRANTED, Reason.RECORDED, "test-1", rules=("accepted-here:pass",))
WELL = Status(declared=True, health=HealthColour.GREEN, movement_declared=True, doses=2)


def judged(status: Status | None, credential: Credential = CARD, rules: StatusRules = RULES) -> Decision:
    return with_status(PASSED, status, credential, replace(POLICY, status=rules))


def test_who_is_well_by_the_centre_keeps_the_decision_and_the_record_says_what_was_asked() -> None:
    decision = judged(WELL)
    assert (decision.outcome, decision.reason) == (Outcome.GRANTED, Reason.RECORDED)
    assert decision.rules == (
        "accepted-here:pass",
        "status:asked",
        "status-health:pass",
        "status-declaration:pass",
        "status-movement:pass",
        "status-doses:pass",
    )


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (replace(WELL, declared=False), Reason.STATUS_DECLARATION_MISSING),
        (replace(WELL, health=HealthColour.YELLOW), Reason.STATUS_HEALTH),
        (replace(WELL, health=HealthColour.RED), Reason.STATUS_HEALTH),
        (replace(WELL, movement_declared=False), Reason.STATUS_MOVEMENT_MISSING),
        (replace(WELL, doses=1), Reason.STATUS_DOSES),
    ],
)
def test_a_code_that_is_only_read_is_referred_at_most_whatever_the_centre_says(status: Status, reason: Reason) -> None:
    deny = Outcome.DENIED
    harsh = replace(RULES, declaration=deny, yellow=deny, red=deny, movement=deny, too_few_doses=deny)
    decision = judged(status, rules=harsh)
    assert (decision.outcome, decision.reason) == (Outcome.REFERRED, reason)


def test_a_policy_may_let_status_refuse_a_code_that_is_only_read() -> None:
    red = replace(WELL, health=HealthColour.RED)
    assert judged(red, rules=replace(RULES, may=Outcome.DENIED)).outcome is Outcome.DENIED


def test_a_code_that_proves_itself_gets_what_the_policy_says_of_red() -> None:
    decision = judged(replace(WELL, health=HealthColour.RED), PROVED)
    assert (decision.outcome, decision.rules[2]) == (Outcome.DENIED, "status-health:deny")


def test_the_gravest_finding_counts_and_among_equals_the_first() -> None:
    ill = Status(declared=False, health=HealthColour.RED, movement_declared=False, doses=0)
    assert judged(ill).reason is Reason.STATUS_HEALTH
    grave = replace(RULES, may=Outcome.DENIED, red=Outcome.REFERRED, movement=Outcome.DENIED)
    assert judged(ill, rules=grave).reason is Reason.STATUS_MOVEMENT_MISSING


def test_not_asked_keeps_nobody_out() -> None:
    decision = judged(None)
    assert (decision.outcome, decision.reason) == (Outcome.GRANTED, Reason.RECORDED)
    assert decision.rules[-1] == "status:not-asked"


def test_what_the_centre_does_not_say_keeps_nobody_out() -> None:
    decision = judged(Status())
    assert (decision.outcome, decision.reason) == (Outcome.GRANTED, Reason.RECORDED)
    assert "status-health:unknown" in decision.rules


def test_what_the_policy_lets_pass_is_still_the_reason() -> None:
    decision = judged(replace(WELL, declared=False), rules=replace(RULES, declaration=Outcome.GRANTED))
    assert (decision.outcome, decision.reason) == (Outcome.GRANTED, Reason.STATUS_DECLARATION_MISSING)


def test_doses_are_not_asked_where_the_policy_asks_for_none() -> None:
    decision = judged(replace(WELL, doses=0), rules=replace(RULES, doses=0))
    assert (decision.outcome, "status-doses" in " ".join(decision.rules)) == (Outcome.GRANTED, False)


def test_an_answer_given_a_little_earlier_says_so() -> None:
    assert "status:kept" in judged(replace(WELL, age_ms=2_000)).rules


def test_only_who_passed_everything_else_is_asked_about() -> None:
    assert asks_status(PASSED, CARD, POLICY, Direction.IN)
    for outcome in (Outcome.REFERRED, Outcome.DENIED):
        assert not asks_status(replace(PASSED, outcome=outcome), CARD, POLICY, Direction.IN)
    assert not asks_status(replace(PASSED, reason=Reason.REPEAT), CARD, POLICY, Direction.IN)


def test_a_policy_that_names_neither_status_nor_this_kind_nor_this_way_asks_nothing() -> None:
    weak = Credential(CodeKind.CITIZEN_NUMBER, Person(citizen_number="051090001234"))
    assert not asks_status(PASSED, CARD, Policy("test-1"), Direction.IN)
    assert not asks_status(PASSED, weak, POLICY, Direction.IN)
    assert not asks_status(PASSED, None, POLICY, Direction.IN)
    assert not asks_status(PASSED, CARD, replace(POLICY, asked=Direction.IN), Direction.OUT)


def test_a_repeat_of_who_was_referred_for_status_is_referred_and_not_asked_about() -> None:
    clock, recent = FakeClock(), Recent()
    first = judged(replace(WELL, health=HealthColour.YELLOW))
    recent.remember(CARD, first, Direction.IN, clock.reading(), POLICY.repeat_window_ms)
    other_code = Credential(CodeKind.NATIONAL_CODE, Person(citizen_number="051090001234"))
    for again in (CARD, other_code):
        decision = decide(again, POLICY, recent, Direction.IN, clock.reading())
        assert (decision.outcome, decision.reason) == (Outcome.REFERRED, Reason.REPEAT)
        assert not asks_status(decision, again, POLICY, Direction.IN)
