from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.clock import ClockReading
from device.model import CREDENTIAL_KINDS, CodeKind, Credential, Cue, Decision, Direction, Outcome, Person, Reason
from device.policy import Policy, Recent, Situation, cue_of, decide
from tests.support.fakes import FakeClock

POLICY = Policy("2026-01", repeat_window_ms=60_000)
NO_INSURANCE = replace(POLICY, accept=frozenset({CodeKind.CITIZEN_CARD, CodeKind.CITIZEN_NUMBER}))
PERSON = Person(citizen_number="051090001234", insurance_number="5120000001")
SEVERITY = list(Outcome)


def code(kind: CodeKind, person: Person = PERSON) -> Credential:
    return Credential(kind, person)


CARD = code(CodeKind.CITIZEN_CARD)
NUMBER = code(CodeKind.CITIZEN_NUMBER, Person(citizen_number="051090001234"))
INSURANCE = code(CodeKind.INSURANCE_CARD)


class Gate:
    """Decides and remembers, as the gate does after its ledger has committed."""

    def __init__(self, policy: Policy = POLICY) -> None:
        self.policy = policy
        self.recent = Recent()
        self.clock = FakeClock()
        self.direction = Direction.IN

    def ask(self, credential: Credential | None) -> Decision:
        return decide(credential, Situation(self.policy, self.recent, self.direction, self.clock.reading()))

    def answer(self, credential: Credential | None) -> Decision:
        decision = self.ask(credential)
        at: ClockReading = self.clock.reading()
        self.recent.remember(credential, decision, self.direction, at, self.policy.repeat_window_ms)
        return decision

    def first_was(self, credential: Credential, decision: Decision) -> None:
        self.recent.remember(credential, decision, self.direction, self.clock.reading(), self.policy.repeat_window_ms)


@pytest.mark.parametrize("kind", [CodeKind.NATIONAL_CODE, CodeKind.CITIZEN_CARD, CodeKind.INSURANCE_CARD])
def test_the_default_policy_records_everyone_and_refuses_nobody(kind: CodeKind) -> None:
    decision = Gate().ask(code(kind))
    assert decision == Decision(
        Outcome.GRANTED, Reason.RECORDED, "2026-01", rules=("known-kind:pass", "accepted-here:pass", "repeat:no")
    )


@pytest.mark.parametrize("kind", [kind for kind in CodeKind if kind not in CREDENTIAL_KINDS])
def test_what_is_no_credential_is_never_granted(kind: CodeKind) -> None:
    accepts_all = replace(POLICY, accept=frozenset(CodeKind))
    assert Gate(accepts_all).ask(code(kind)).outcome is Outcome.DENIED


def test_a_kind_that_is_not_accepted_is_denied_by_that_reason() -> None:
    decision = Gate(NO_INSURANCE).ask(INSURANCE)
    assert (decision.outcome, decision.reason) == (Outcome.DENIED, Reason.KIND_NOT_ACCEPTED)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_bare_number_has_the_outcome_the_policy_names(outcome: Outcome) -> None:
    decision = Gate(replace(POLICY, weak_reading=outcome)).ask(NUMBER)
    assert (decision.outcome, decision.reason) == (outcome, Reason.WEAK_READING)
    assert decision.rules[2] == {"granted": "weak-reading:grant", "referred": "weak-reading:refer"}.get(
        outcome, "weak-reading:deny"
    )


def test_the_button_is_granted_and_never_a_repeat() -> None:
    gate = Gate()
    for _ in range(2):
        assert gate.answer(None) == Decision(Outcome.GRANTED, Reason.MANUAL, "2026-01", rules=("manual",))


def test_deciding_remembers_nothing_by_itself() -> None:
    gate = Gate()
    assert gate.ask(CARD).reason is Reason.RECORDED
    assert gate.ask(CARD).reason is Reason.RECORDED
    assert len(gate.recent) == 0


def test_a_repeat_has_the_first_outcome_and_is_not_counted() -> None:
    gate = Gate()
    assert gate.answer(CARD).counted
    again = gate.answer(CARD)
    assert (again.outcome, again.reason, again.counted) == (Outcome.GRANTED, Reason.REPEAT, False)
    assert cue_of(again) is Cue.GRANTED


def test_one_person_on_two_codes_is_one_passage() -> None:
    gate = Gate()
    gate.answer(CARD)
    assert gate.answer(INSURANCE).reason is Reason.REPEAT


def test_another_person_is_no_repeat() -> None:
    gate = Gate()
    gate.answer(CARD)
    assert gate.answer(code(CodeKind.CITIZEN_CARD, Person(citizen_number="051194005678"))).reason is Reason.RECORDED


def test_the_window_ends_counted_from_the_first_and_not_from_the_repeats() -> None:
    gate = Gate()
    gate.answer(CARD)
    for _ in range(2):
        gate.clock.advance(29_999)
        assert gate.answer(CARD).reason is Reason.REPEAT
    gate.clock.advance(2)
    assert gate.answer(CARD).reason is Reason.RECORDED


def test_a_wall_clock_that_jumps_moves_no_window() -> None:
    gate = Gate()
    gate.answer(CARD)
    gate.clock.wall_ms -= 86_400_000
    assert gate.answer(CARD).reason is Reason.REPEAT


def test_another_direction_or_policy_is_a_new_presentation() -> None:
    gate = Gate()
    gate.answer(CARD)
    gate.direction = Direction.OUT
    assert gate.answer(CARD).reason is Reason.RECORDED
    gate.direction = Direction.IN
    assert gate.answer(CARD).reason is Reason.RECORDED
    gate.policy = replace(POLICY, version="2026-02")
    assert gate.answer(CARD).reason is Reason.RECORDED


@pytest.mark.parametrize("outcome", [Outcome.DENIED, Outcome.REFERRED])
@pytest.mark.parametrize("second", [CARD, INSURANCE])
def test_a_person_refused_first_stays_refused_within_the_window(outcome: Outcome, second: Credential) -> None:
    gate = Gate()
    gate.first_was(CARD, Decision(outcome, Reason.RECORDED, "2026-01"))
    again = gate.answer(second)
    assert (again.outcome, again.reason, again.counted) == (outcome, Reason.REPEAT, False)


def test_a_refused_kind_shown_again_is_a_repeat_of_its_refusal() -> None:
    gate = Gate(NO_INSURANCE)
    gate.answer(INSURANCE)
    again = gate.answer(INSURANCE)
    assert (again.outcome, again.reason, again.counted) == (Outcome.DENIED, Reason.REPEAT, False)


def test_who_showed_the_wrong_card_first_may_show_the_right_one() -> None:
    gate = Gate(NO_INSURANCE)
    gate.answer(INSURANCE)
    assert (gate.ask(CARD).outcome, gate.ask(CARD).reason) == (Outcome.GRANTED, Reason.RECORDED)


def test_who_showed_a_bare_number_first_may_show_the_card() -> None:
    gate = Gate()
    gate.answer(NUMBER)
    assert gate.ask(CARD).outcome is Outcome.GRANTED


def test_a_printed_number_of_somebody_just_granted_is_not_granted_with_them() -> None:
    gate = Gate()
    gate.answer(CARD)
    assert (gate.answer(NUMBER).outcome, gate.ask(NUMBER).reason) == (Outcome.REFERRED, Reason.WEAK_READING)


def test_a_printed_number_does_not_make_its_owner_a_new_visitor() -> None:
    gate = Gate()
    gate.answer(CARD)
    gate.answer(NUMBER)
    assert gate.answer(CARD).reason is Reason.REPEAT


def test_a_kind_not_accepted_is_not_let_in_by_an_earlier_grant() -> None:
    gate = Gate(NO_INSURANCE)
    gate.answer(CARD)
    assert gate.answer(INSURANCE).outcome is Outcome.DENIED


POLICIES = st.builds(
    Policy,
    st.sampled_from(["1", "2"]),
    st.frozensets(st.sampled_from(CodeKind)),
    st.sampled_from(Outcome),
    st.sampled_from([0, 1_000, 60_000]),
)
CODES = st.builds(
    Credential,
    st.sampled_from(CodeKind),
    st.builds(Person, citizen_number=st.sampled_from([None, "1", "2"]), insurance_number=st.sampled_from([None, "3"])),
)


@given(POLICIES, st.lists(st.tuples(st.none() | CODES, st.sampled_from(Direction), st.integers(0, 2_000)), max_size=12))
def test_every_code_gets_a_decision_and_a_repeat_never_lightens_it(
    policy: Policy, shown: list[tuple[Credential | None, Direction, int]]
) -> None:
    gate = Gate(policy)
    for credential, direction, pause_ms in shown:
        gate.direction = direction
        gate.clock.advance(pause_ms)
        alone = Gate(policy).ask(credential)
        decision = gate.answer(credential)
        assert decision.policy_version == policy.version
        assert decision.counted is (decision.reason is not Reason.REPEAT)
        assert SEVERITY.index(decision.outcome) >= SEVERITY.index(alone.outcome)
        assert decision.rules
