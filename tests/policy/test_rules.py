"""The order of the rules, what each stance means, and what a moment's refusal is worth later."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest

from device.gate.occupancy import Occupancy
from device.model import (
    CREDENTIAL_KINDS,
    CodeKind,
    Credential,
    Decision,
    Direction,
    Outcome,
    Person,
    Reason,
    SignerState,
)
from device.policy import Policy, Recent, Situation, decide
from device.policy.rules import (
    Capacity,
    CertificateRules,
    DoseRule,
    EntryRules,
    LabTestRule,
    OpeningHours,
    RecoveryRule,
    Stance,
)
from tests.policy.certificates import (
    JANSSEN,
    NOON,
    PCR,
    VIETNAM,
    Entry,
    at,
    certificate,
    dose,
    lab_test,
    recovery,
    seconds,
)

SECOND = timedelta(seconds=1)
CARD = Credential(CodeKind.CITIZEN_CARD, Person(citizen_number="051090001234"))
NUMBER = Credential(CodeKind.CITIZEN_NUMBER, Person(citizen_number="051090001234"))
GRANT, REFER, DENY = Outcome.GRANTED, Outcome.REFERRED, Outcome.DENIED
TWO_DOSES = CertificateRules(grant=EntryRules(vaccination=DoseRule(2)))
WORKDAYS = (OpeningHours(frozenset(range(5)), 7 * 60, 17 * 60 + 30),)
HEALTH = Policy("health", certificates=TWO_DOSES, kinds={CodeKind.HC1: Stance(unverified=REFER)})


def ask(
    policy: Policy,
    shown: Credential = CARD,
    time: datetime = NOON,
    way: Direction = Direction.IN,
    *,
    trusted: bool = True,
) -> Decision:
    return decide(shown, Situation(policy, Recent(), way, at(time, trusted=trusted)))


def answer(decision: Decision) -> tuple[Outcome, Reason]:
    return decision.outcome, decision.reason


def test_every_rule_that_is_asked_leaves_its_slug_in_the_fixed_order() -> None:
    policy = replace(
        HEALTH,
        hours=WORKDAYS,
        capacity=Capacity(10),
        certificates=replace(TWO_DOSES, signer_countries=frozenset({"VN"})),
    )
    assert ask(policy, certificate(dose())).rules == (
        *("known-kind:pass", "accepted-here:pass", "signature:pass", "signer-country:pass"),
        *("dates:pass", "opening-hours:pass", "health:pass", "repeat:no", "room:pass"),
    )


def test_after_a_denial_nothing_more_is_asked() -> None:
    policy = replace(HEALTH, accept=frozenset({CodeKind.CITIZEN_CARD}), hours=WORKDAYS, capacity=Capacity(1))
    assert ask(policy, certificate(dose())).rules == ("known-kind:pass", "accepted-here:deny", "repeat:no")


def test_the_gravest_failing_counts_and_among_equals_the_first() -> None:
    policy = replace(HEALTH, hours=WORKDAYS, closed=REFER)
    sunday = NOON + timedelta(days=4)
    unknown = certificate(dose(), SignerState.UNKNOWN)
    assert answer(ask(policy, unknown, sunday)) == (REFER, Reason.SIGNER_UNKNOWN)
    assert answer(ask(replace(policy, closed=DENY), unknown, sunday)) == (DENY, Reason.CLOSED_NOW)
    assert "signature:refer" in ask(replace(policy, closed=DENY), unknown, sunday).rules


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("state", [SignerState.UNKNOWN, SignerState.NOT_CHECKED])
def test_a_certificate_nobody_could_check_means_what_the_policy_says(state: SignerState, outcome: Outcome) -> None:
    policy = replace(HEALTH, kinds={CodeKind.HC1: Stance(unverified=outcome)})
    found = answer(ask(policy, certificate(dose(), state)))
    assert found == (outcome, {"unknown": Reason.SIGNER_UNKNOWN}.get(state, Reason.SIGNATURE_NOT_CHECKED))


@pytest.mark.parametrize("state", [SignerState.WRONG_SIGNATURE, SignerState.NOT_ALLOWED])
def test_a_wrong_signature_is_denied_where_certificates_are_judged_and_else_referred(state: SignerState) -> None:
    forged = certificate(dose(), state)
    assert ask(HEALTH, forged).outcome is DENY
    assert ask(Policy("record-only"), forged).outcome is REFER


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_format_without_a_signature_can_be_asked_for_proof(outcome: Outcome) -> None:
    policy = Policy("proof", kinds={CodeKind.CITIZEN_CARD: Stance(unverified=outcome)})
    expected = Reason.RECORDED if outcome is GRANT else Reason.NOT_VERIFIED
    assert answer(ask(policy)) == (outcome, expected)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_no_data_means_what_the_policy_says_of_that_kind(outcome: Outcome) -> None:
    policy = replace(HEALTH, kinds={CodeKind.CITIZEN_CARD: Stance(no_data=outcome)})
    assert answer(ask(policy)) == (outcome, Reason.NO_DATA)
    assert answer(ask(replace(policy, certificates=None))) == (GRANT, Reason.RECORDED)


def test_a_certificate_holds_to_its_last_second_and_from_its_first() -> None:
    held = certificate(dose())
    assert held.certificate is not None
    end = NOON + timedelta(days=100)
    assert answer(ask(HEALTH, held, end)) == (GRANT, Reason.RULES_MET)
    assert answer(ask(HEALTH, held, end + SECOND)) == (DENY, Reason.CERTIFICATE_EXPIRED)
    begin = NOON - timedelta(days=100)
    bound = certificate(dose(), not_before_s=seconds(begin))
    assert answer(ask(HEALTH, bound, begin)) == (GRANT, Reason.RULES_MET)
    assert answer(ask(HEALTH, bound, begin - SECOND)) == (DENY, Reason.CERTIFICATE_NOT_YET_VALID)


def test_an_issuers_clock_may_be_ahead_of_the_gates_as_far_as_the_policy_says() -> None:
    issued, held = NOON - timedelta(days=100), certificate(dose())
    for rules, ahead in ((TWO_DOSES, timedelta(days=7)), (replace(TWO_DOSES, issued_ahead_ms=0), timedelta())):
        policy = replace(HEALTH, certificates=rules)
        assert answer(ask(policy, held, issued - ahead)) == (GRANT, Reason.RULES_MET)
        assert answer(ask(policy, held, issued - ahead - SECOND)) == (DENY, Reason.CERTIFICATE_NOT_YET_VALID)


def test_a_policy_may_let_an_expired_certificate_pass_and_the_record_says_so() -> None:
    lenient = replace(HEALTH, certificates=replace(TWO_DOSES, out_of_date=GRANT))
    late = NOON + timedelta(days=101)
    assert answer(ask(lenient, certificate(dose()), late)) == (GRANT, Reason.CERTIFICATE_EXPIRED)


def test_signers_of_other_countries_can_be_left_out() -> None:
    policy = replace(HEALTH, certificates=replace(TWO_DOSES, signer_countries=frozenset({"FR", "DE"})))
    assert answer(ask(policy, certificate(dose()))) == (DENY, Reason.SIGNER_COUNTRY_NOT_ACCEPTED)


def test_products_and_diseases_that_do_not_count() -> None:
    rules = replace(TWO_DOSES, grant=EntryRules(vaccination=DoseRule(2, products=frozenset({"EU/1/20/1507"}))))
    assert ask(replace(HEALTH, certificates=rules), certificate(dose())).reason is Reason.PRODUCT_NOT_ACCEPTED
    other = certificate(replace(dose(), target="6142004"))
    assert answer(ask(HEALTH, other)) == (DENY, Reason.ENTRY_NOT_ACCEPTED)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (replace(dose(), target=""), Reason.ENTRY_NOT_ACCEPTED),
        (replace(dose(), product=""), Reason.PRODUCT_NOT_ACCEPTED),
        (replace(dose(), doses=0), Reason.TOO_FEW_DOSES),
        (replace(lab_test(), type=""), Reason.TEST_TYPE_NOT_ACCEPTED),
        (replace(lab_test(), result=""), Reason.TEST_NOT_NEGATIVE),
        (replace(dose(), given_on=None), Reason.ENTRY_NOT_ACCEPTED),
        (replace(lab_test(), sampled_at_s=None), Reason.ENTRY_NOT_ACCEPTED),
        (replace(recovery(), first_positive_on=None), Reason.ENTRY_NOT_ACCEPTED),
        (replace(recovery(), valid_from=None), Reason.ENTRY_NOT_ACCEPTED),
        (replace(recovery(), valid_until=None), Reason.ENTRY_NOT_ACCEPTED),
    ],
)
def test_a_field_without_a_value_earns_no_rule(entry: Entry, reason: Reason) -> None:
    products = frozenset({"EU/1/20/1528", JANSSEN})
    tier = EntryRules(DoseRule(1, products=products), LabTestRule({PCR: 86_400_000}), RecoveryRule())
    policy = replace(HEALTH, certificates=replace(TWO_DOSES, one_dose_products=frozenset({JANSSEN, ""}), grant=tier))
    assert answer(ask(policy, certificate(entry))) == (DENY, reason)


def test_days_are_asked_of_the_last_dose_that_was_needed_and_not_of_one_beyond() -> None:
    policy = replace(HEALTH, certificates=replace(TWO_DOSES, grant=EntryRules(DoseRule(2, min_days=14))))
    today = NOON.date()
    assert answer(ask(policy, certificate(dose(2, given=today)))) == (DENY, Reason.DOSE_TOO_RECENT)
    assert ask(policy, certificate(dose(3, given=today))).reason is Reason.RULES_MET
    tomorrow = today + timedelta(days=1)
    assert answer(ask(policy, certificate(dose(3, given=tomorrow)))) == (DENY, Reason.DOSE_TOO_RECENT)


def test_a_dose_can_be_too_old() -> None:
    rules = replace(TWO_DOSES, grant=EntryRules(vaccination=DoseRule(2, max_days=30)))
    policy = replace(HEALTH, certificates=rules)
    given_on = NOON.date() - timedelta(days=30)
    midnight = datetime(2021, 10, 21, tzinfo=VIETNAM)
    assert ask(policy, certificate(dose(given=given_on)), midnight - SECOND).reason is Reason.RULES_MET
    assert ask(policy, certificate(dose(given=given_on)), midnight).reason is Reason.DOSE_TOO_OLD


@pytest.mark.parametrize("state", [SignerState.UNKNOWN, SignerState.NOT_CHECKED])
@pytest.mark.parametrize(("otherwise", "outcome"), [(GRANT, GRANT), (REFER, REFER), (DENY, REFER)])
def test_nobody_gets_round_the_countries_with_a_signature_that_could_not_be_checked(
    state: SignerState, otherwise: Outcome, outcome: Outcome
) -> None:
    rules = replace(TWO_DOSES, signer_countries=frozenset({"VN"}), otherwise=otherwise)
    policy = replace(HEALTH, certificates=rules, kinds={CodeKind.HC1: Stance(unverified=GRANT)})
    assert ask(policy, certificate(dose(), state)).outcome is outcome
    assert ask(replace(policy, certificates=TWO_DOSES), certificate(dose(), state)).outcome is GRANT


def test_a_wrong_signature_that_the_policy_lets_pass_has_no_country_that_counts() -> None:
    rules = replace(TWO_DOSES, signer_countries=frozenset({"VN"}), signature_wrong=GRANT)
    forged = certificate(dose(), SignerState.WRONG_SIGNATURE)
    policy = replace(HEALTH, certificates=rules)
    assert answer(ask(policy, forged)) == (DENY, Reason.SIGNER_COUNTRY_NOT_ACCEPTED)


def test_a_recovery_holds_from_the_policys_first_day_to_the_issuers_last() -> None:
    rules = replace(TWO_DOSES, grant=EntryRules(recovery=RecoveryRule(min_days=30)))
    policy = replace(HEALTH, certificates=rules)
    first, last = NOON.date() - timedelta(days=30), NOON.date()
    midnight = datetime(2021, 10, 20, tzinfo=VIETNAM)
    held = certificate(replace(recovery(first), valid_until=last))
    assert ask(policy, held, midnight - SECOND).reason is Reason.RECOVERY_TOO_RECENT
    assert ask(policy, held, midnight).reason is Reason.RULES_MET
    assert ask(policy, held, midnight + timedelta(days=1) - SECOND).reason is Reason.RULES_MET
    assert ask(policy, held, midnight + timedelta(days=1)).reason is Reason.RECOVERY_TOO_OLD


# -- time -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_clock_that_is_not_trusted_means_what_the_policy_says_where_time_is_needed(outcome: Outcome) -> None:
    stance = Stance(clock_not_trusted=outcome)
    policy = replace(HEALTH, kinds={CodeKind.HC1: stance, CodeKind.CITIZEN_CARD: stance})
    assert answer(ask(policy, certificate(dose()), trusted=False)) == (outcome, Reason.CLOCK_NOT_TRUSTED)
    assert answer(ask(replace(policy, hours=WORKDAYS, certificates=None), trusted=False)) == (
        outcome,
        Reason.CLOCK_NOT_TRUSTED,
    )


def test_what_needs_no_time_is_judged_as_ever_on_a_clock_that_is_not_trusted() -> None:
    assert answer(ask(Policy("record-only"), trusted=False)) == (GRANT, Reason.RECORDED)
    assert answer(ask(Policy("record-only"), certificate(dose()), trusted=False)) == (GRANT, Reason.RECORDED)
    waived = replace(HEALTH, kinds={CodeKind.HC1: Stance(clock_not_trusted=GRANT)})
    assert answer(ask(waived, certificate(dose(1)), trusted=False)) == (DENY, Reason.TOO_FEW_DOSES)
    assert answer(ask(waived, certificate(dose()), NOON + timedelta(days=9_999), trusted=False)) == (
        GRANT,
        Reason.CLOCK_NOT_TRUSTED,
    )


@pytest.mark.parametrize("entry", [lab_test(), recovery(), dose()])
def test_an_entry_that_ages_needs_the_time_even_where_the_certificates_own_dates_do_not_matter(entry: Entry) -> None:
    ages = EntryRules(DoseRule(2, max_days=200), LabTestRule({PCR: 10**9}), RecoveryRule())
    policy = replace(HEALTH, certificates=CertificateRules(out_of_date=GRANT, grant=ages))
    assert answer(ask(policy, certificate(entry), trusted=False)) == (REFER, Reason.CLOCK_NOT_TRUSTED)


def test_hours_without_consequence_need_no_time() -> None:
    policy = Policy("hours", hours=WORKDAYS, closed=GRANT)
    assert answer(ask(policy, trusted=False)) == (GRANT, Reason.RECORDED)


def test_a_dose_of_tomorrow_is_none_and_without_a_trusted_clock_the_policys_choice() -> None:
    tomorrow = certificate(dose(given=NOON.date() + timedelta(days=1)))
    for choice in Outcome:
        stance = {CodeKind.HC1: Stance(clock_not_trusted=choice)}
        policy = replace(HEALTH, certificates=replace(TWO_DOSES, out_of_date=GRANT), kinds=stance)
        assert answer(ask(policy, tomorrow)) == (DENY, Reason.DOSE_TOO_RECENT)
        assert answer(ask(policy, tomorrow, trusted=False)) == (choice, Reason.CLOCK_NOT_TRUSTED)


def test_doors_open_and_close_to_the_second() -> None:
    policy = Policy("hours", hours=WORKDAYS)
    opens, closes = NOON.replace(hour=7), NOON.replace(hour=17, minute=30)
    assert [ask(policy, time=t).reason for t in (opens - SECOND, opens, closes - SECOND, closes)] == [
        *(Reason.CLOSED_NOW, Reason.RECORDED),
        *(Reason.RECORDED, Reason.CLOSED_NOW),
    ]
    assert ask(policy, time=NOON + timedelta(days=2)).reason is Reason.RECORDED  # Friday
    assert ask(policy, time=NOON + timedelta(days=3)).reason is Reason.CLOSED_NOW


def test_hours_over_midnight_belong_to_the_day_they_begin() -> None:
    night = Policy("night", hours=(OpeningHours(frozenset({5}), 22 * 60, 2 * 60),))  # Saturday to Sunday
    saturday = datetime(2021, 10, 23, tzinfo=VIETNAM)
    open_at = [h for h in range(72) if ask(night, time=saturday + timedelta(hours=h)).reason is Reason.RECORDED]
    assert open_at == [22, 23, 24, 25]


def test_the_hours_are_those_of_the_place() -> None:
    elsewhere = Policy("hours", hours=WORKDAYS, zone=timezone(timedelta(hours=-5)))
    assert ask(elsewhere, time=NOON).reason is Reason.CLOSED_NOW  # midnight there
    assert ask(elsewhere, time=NOON + timedelta(hours=12)).reason is Reason.RECORDED


# -- direction, repeats, room ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "way", "held"),
    [
        (Direction.IN, Direction.IN, True),
        (Direction.IN, Direction.OUT, False),
        (Direction.IN, Direction.UNKNOWN, True),
        (Direction.OUT, Direction.IN, False),
        (Direction.UNKNOWN, Direction.OUT, True),
    ],
)
def test_who_goes_the_other_way_is_only_recorded(asked: Direction, way: Direction, held: bool) -> None:  # noqa: FBT001 - a table
    policy = replace(HEALTH, asked=asked)
    decision = ask(policy, certificate(dose(1)), way=way)
    assert (decision.outcome is DENY) is held
    assert ("direction:not-asked" in decision.rules) is not held


class Door:
    """Decides, remembers and counts, as the gate does after its ledger has committed."""

    def __init__(self, policy: Policy) -> None:
        self.policy, self.recent, self.room = policy, Recent(), Occupancy()
        self.time, self.passed_ms = NOON, 0

    def show(self, shown: Credential | None, way: Direction = Direction.IN, *, after_s: int = 1) -> Decision:
        self.time, self.passed_ms = self.time + timedelta(seconds=after_s), self.passed_ms + after_s * 1000
        now = replace(at(self.time), monotonic_ms=self.passed_ms)
        decision = decide(shown, Situation(self.policy, self.recent, way, now, self.room.people(self.policy, now)))
        self.recent.remember(shown, decision, way, now, self.policy.repeat_window_ms)
        self.room.passed(decision, way)
        return decision


def person(number: int) -> Credential:
    return Credential(CodeKind.CITIZEN_CARD, Person(citizen_number=f"{number:012}"))


@pytest.mark.parametrize("full", [REFER, DENY])
def test_when_it_is_full_the_next_one_waits_until_somebody_leaves(full: Outcome) -> None:
    door = Door(Policy("room", capacity=Capacity(2, full)))
    assert [door.show(person(n)).outcome for n in range(2)] == [GRANT, GRANT]
    assert answer(door.show(person(3))) == (full, Reason.FULL)
    again = door.show(person(3))
    assert (*answer(again), again.counted) == (full, Reason.REPEAT, False)
    door.show(person(0), Direction.OUT)
    assert answer(door.show(person(3))) == (GRANT, Reason.RECORDED)
    assert door.room.inside == 2


def test_who_was_just_let_in_is_not_refused_for_the_room_they_took() -> None:
    door = Door(Policy("room", capacity=Capacity(1)))
    door.show(person(1))
    assert answer(door.show(person(1))) == (GRANT, Reason.REPEAT)
    assert door.room.inside == 1


def test_the_guards_button_counts_and_is_never_refused() -> None:
    door = Door(Policy("room", capacity=Capacity(1)))
    assert [door.show(None).reason for _ in range(2)] == [Reason.MANUAL] * 2
    assert door.room.inside == 2
    assert door.show(person(1)).reason is Reason.FULL


def test_nobody_can_leave_more_often_than_people_came() -> None:
    door = Door(Policy("room", capacity=Capacity(1)))
    for number in range(3):
        door.show(person(number), Direction.OUT)
    assert door.room.inside == 0


def test_counting_starts_over_at_the_policys_hour() -> None:
    door = Door(Policy("room", capacity=Capacity(1, resets_at_minute=4 * 60)))
    door.show(person(1))
    until_four = round((datetime(2021, 10, 21, 4, tzinfo=VIETNAM) - door.time).total_seconds())
    assert door.show(person(2), after_s=until_four - 1).reason is Reason.FULL
    assert door.show(person(3)).reason is Reason.RECORDED


def test_a_clock_set_back_a_day_empties_no_room_and_counting_starts_over_the_day_after() -> None:
    door = Door(Policy("room", capacity=Capacity(1)))
    door.show(person(1))
    assert door.show(person(2), after_s=-86_400).reason is Reason.FULL
    assert door.show(person(3), after_s=86_400).reason is Reason.RECORDED


def test_a_gate_whose_clock_is_never_trusted_does_not_stay_full_for_ever() -> None:
    room, policy = Occupancy(), Policy("room", capacity=Capacity(1))
    granted = Decision(GRANT, Reason.RECORDED, "room")

    def people(hours: int, *, trusted: bool, wall: datetime = NOON) -> int:
        now = at(wall + timedelta(hours=hours), trusted=trusted)
        return room.people(policy, replace(now, monotonic_ms=hours * 3_600_000))

    assert people(0, trusted=False) == 0
    room.passed(granted, Direction.IN)
    assert people(11, trusted=False) == 1
    assert people(12, trusted=False) == 0  # midnight by the clock that only goes on
    room.passed(granted, Direction.IN)
    assert people(13, trusted=True, wall=NOON + timedelta(days=999)) == 1  # set right: nobody left by that
    assert people(24, trusted=False, wall=NOON) == 1
    assert people(36, trusted=False, wall=NOON) == 0  # the trusted midnight, whatever the wall clock says


def test_who_came_too_early_is_let_in_when_the_doors_open() -> None:
    door = Door(Policy("hours", hours=WORKDAYS))
    door.time = NOON.replace(hour=6, minute=59, second=50)
    assert door.show(person(1)).reason is Reason.CLOSED_NOW
    assert answer(door.show(person(1))) == (DENY, Reason.REPEAT)
    assert answer(door.show(person(1), after_s=10)) == (GRANT, Reason.RECORDED)


def test_who_showed_a_code_without_data_may_show_the_certificate_and_then_the_better_one() -> None:
    door = Door(HEALTH)
    card = Credential(CodeKind.CITIZEN_CARD, Person(name="Nguyễn Văn Thử", birth="1990-03-05"))
    assert door.show(card).reason is Reason.NO_DATA
    assert door.show(certificate(dose(1))).reason is Reason.TOO_FEW_DOSES
    assert door.show(certificate(dose(1))).reason is Reason.REPEAT
    assert answer(door.show(certificate(dose(2)))) == (GRANT, Reason.RULES_MET)
    assert answer(door.show(certificate(dose(1)))) == (DENY, Reason.TOO_FEW_DOSES)
    assert answer(door.show(certificate(dose(2)))) == (GRANT, Reason.REPEAT)


def test_two_cards_of_one_person_let_in_without_data_are_one_passage() -> None:
    lenient = {kind: Stance(no_data=GRANT) for kind in CREDENTIAL_KINDS}
    door = Door(replace(HEALTH, kinds=lenient))
    assert answer(door.show(CARD)) == (GRANT, Reason.NO_DATA)
    insurance = Credential(CodeKind.INSURANCE_CARD, CARD.person)
    assert answer(door.show(insurance)) == (GRANT, Reason.REPEAT)


def test_a_number_of_a_thousand_years_ago_is_no_time_that_passes() -> None:
    ancient = certificate(dose(given=date.min))
    assert answer(ask(HEALTH, ancient)) == (GRANT, Reason.RULES_MET)
    limited = replace(TWO_DOSES, grant=EntryRules(vaccination=DoseRule(2, max_days=10)))
    assert ask(replace(HEALTH, certificates=limited), ancient).reason is Reason.DOSE_TOO_OLD
    assert (
        ask(replace(HEALTH, certificates=limited), certificate(dose(given=date.max))).reason is Reason.DOSE_TOO_RECENT
    )
