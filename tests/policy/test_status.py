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
from device.policy import Policy, Recent, Situation, begin, decide
from device.policy.rules import Capacity, Stance, StatusRules
from device.policy.status import with_status
from tests.support.fakes import FakeClock

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


def wants_status(credential: Credential | None, policy: Policy, way: Direction = Direction.IN) -> bool:
    return begin(credential, Situation(policy, Recent(), way, FakeClock().reading())).wants_status


def test_only_who_passed_everything_else_is_asked_about() -> None:
    assert wants_status(CARD, POLICY)
    for unverified in (Outcome.REFERRED, Outcome.DENIED):
        harsh = replace(POLICY, kinds={CodeKind.CITIZEN_CARD: Stance(unverified=unverified)})
        assert not wants_status(CARD, harsh)
    assert not wants_status(CARD, replace(POLICY, accept=frozenset({CodeKind.HC1})))


def test_a_policy_that_names_neither_status_nor_this_kind_nor_this_way_asks_nothing() -> None:
    weak = Credential(CodeKind.CITIZEN_NUMBER, Person(citizen_number="051090001234"))
    assert not wants_status(CARD, Policy("test-1"))
    assert not wants_status(weak, POLICY)
    assert not wants_status(None, POLICY)
    assert not wants_status(CARD, replace(POLICY, asked=Direction.IN), Direction.OUT)


def test_an_answer_nobody_wanted_changes_nothing() -> None:
    ill = replace(WELL, health=HealthColour.RED)
    policy = replace(POLICY, status=replace(RULES, kinds=frozenset({CodeKind.NATIONAL_CODE})))
    situation = Situation(policy, Recent(), Direction.IN, FakeClock().reading())
    assert decide(CARD, situation, ill) == decide(CARD, situation)


class Door:
    """A gate's memory from one presentation to the next."""

    def __init__(self) -> None:
        self.clock, self.recent, self.policy = FakeClock(), Recent(), POLICY
        self.inside = 0

    def comes(self, status: Status | None, credential: Credential = CARD) -> tuple[Outcome, Reason]:
        at = self.clock.reading()
        decision = decide(credential, Situation(self.policy, self.recent, Direction.IN, at, self.inside), status)
        self.recent.remember(credential, decision, Direction.IN, at, self.policy.repeat_window_ms)
        return decision.outcome, decision.reason


YELLOW = replace(WELL, health=HealthColour.YELLOW)
OTHER_CODE = Credential(CodeKind.INSURANCE_CARD, Person(citizen_number="051090001234"))


def test_who_was_referred_for_status_is_referred_again_while_the_centre_does_not_answer() -> None:
    door = Door()
    assert door.comes(YELLOW) == (Outcome.REFERRED, Reason.STATUS_HEALTH)
    for again in (CARD, OTHER_CODE):
        assert door.comes(None, again) == (Outcome.REFERRED, Reason.REPEAT)


def test_who_was_referred_for_status_stands_anew_once_the_centre_says_otherwise() -> None:
    door = Door()
    door.comes(YELLOW)
    assert door.comes(replace(YELLOW, age_ms=1)) == (Outcome.REFERRED, Reason.REPEAT)
    assert door.comes(WELL) == (Outcome.GRANTED, Reason.RECORDED)
    assert door.comes(WELL) == (Outcome.GRANTED, Reason.REPEAT)


def test_that_the_centre_does_not_say_ends_no_refusal_of_its_own() -> None:
    door = Door()
    door.comes(YELLOW)
    assert door.comes(Status()) == (Outcome.REFERRED, Reason.REPEAT)
    assert door.comes(Status(declared=True, doses=2)) == (Outcome.REFERRED, Reason.REPEAT)
    assert door.comes(Status(health=HealthColour.GREEN)) == (Outcome.GRANTED, Reason.RECORDED)


def test_who_was_let_in_is_judged_anew_once_the_centre_says_worse() -> None:
    door = Door()
    door.comes(WELL)
    assert door.comes(None) == (Outcome.GRANTED, Reason.REPEAT)
    assert door.comes(YELLOW) == (Outcome.REFERRED, Reason.STATUS_HEALTH)
    assert door.comes(None) == (Outcome.REFERRED, Reason.REPEAT)


def test_an_answer_of_the_centre_lifts_no_refusal_that_was_not_its_own() -> None:
    door = Door()
    door.policy = replace(POLICY, capacity=Capacity(most=1))
    door.inside = 1
    assert door.comes(WELL) == (Outcome.DENIED, Reason.FULL)
    assert door.comes(WELL) == (Outcome.DENIED, Reason.REPEAT)


def test_the_room_is_asked_of_who_was_let_in_by_the_centre_only_now() -> None:
    door = Door()
    door.policy = replace(POLICY, capacity=Capacity(most=1))
    door.comes(YELLOW)
    door.inside = 1
    assert door.comes(WELL) == (Outcome.DENIED, Reason.FULL)
