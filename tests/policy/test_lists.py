"""What a watch list and a roster do to a decision, also when there is none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from device.model import CodeKind, Credential, Cue, Decision, Direction, Outcome, Person, Reason, Verification
from device.policy import Lists, Policy, Recent, Situation, cue_of, decide
from device.policy.rules import ListRules
from tests.support.fakes import FakeClock

GRANTED, REFERRED, DENIED = Outcome.GRANTED, Outcome.REFERRED, Outcome.DENIED
NUMBER = "citizen:051090001234"
CARD = Credential(CodeKind.CITIZEN_CARD, Person(citizen_number="051090001234", insurance_number="5120001234"))
PROVED = replace(CARD, verified=Verification.YES)
NAMED = Credential(CodeKind.INSURANCE_CARD, Person(name="Nguyễn Văn Thử", birth="1990-03-05"))
WATCHED = Policy("watch", watch_list=ListRules())
EXPECTED = Policy("roster", roster=ListRules())


class Listed:
    """A list of these numbers."""

    def __init__(self, *numbers: str) -> None:
        self.numbers = numbers

    def holds(self, keys: Iterable[str]) -> bool:
        return not set(keys).isdisjoint(self.numbers)


HERE, NOBODY = Listed(NUMBER), Listed()


def judged(policy: Policy, lists: Lists, credential: Credential = CARD, recent: Recent | None = None) -> Decision:
    return decide(credential, Situation(policy, recent or Recent(), Direction.IN, FakeClock().reading(), lists=lists))


@pytest.mark.parametrize(
    ("policy", "lists", "outcome", "reason", "slug"),
    [
        (WATCHED, Lists(watch=NOBODY), GRANTED, Reason.RECORDED, "watch-list:pass"),
        (WATCHED, Lists(watch=HERE), REFERRED, Reason.ON_WATCH_LIST, "watch-list:refer"),
        (WATCHED, Lists(), REFERRED, Reason.NO_LIST, "watch-list:refer"),
        (WATCHED, Lists(roster=HERE), REFERRED, Reason.NO_LIST, "watch-list:refer"),
        (EXPECTED, Lists(roster=HERE), GRANTED, Reason.RECORDED, "roster:pass"),
        (EXPECTED, Lists(roster=NOBODY), REFERRED, Reason.NOT_ON_ROSTER, "roster:refer"),
        (EXPECTED, Lists(), REFERRED, Reason.NO_LIST, "roster:refer"),
        (EXPECTED, Lists(watch=HERE), REFERRED, Reason.NO_LIST, "roster:refer"),
    ],
)
def test_a_list_or_its_absence_has_its_own_reason(
    policy: Policy, lists: Lists, outcome: Outcome, reason: Reason, slug: str
) -> None:
    decision = judged(policy, lists)
    assert (decision.outcome, decision.reason) == (outcome, reason)
    assert slug in decision.rules
    assert cue_of(decision) is {GRANTED: Cue.GRANTED, REFERRED: Cue.REFERRED}[outcome]


def test_a_policy_that_asks_for_no_list_neither_asks_nor_says_so() -> None:
    decision = judged(Policy("none"), Lists(HERE, NOBODY))
    assert (decision.outcome, decision.reason) == (GRANTED, Reason.RECORDED)
    assert not any("list" in slug or "roster" in slug for slug in decision.rules)


@pytest.mark.parametrize("failing", Outcome)
@pytest.mark.parametrize("credential", [CARD, PROVED])
@pytest.mark.parametrize("may", [REFERRED, DENIED])
def test_a_code_that_is_only_read_comes_to_no_worse_than_the_policy_lets_it(
    failing: Outcome, credential: Credential, may: Outcome
) -> None:
    rules = ListRules(failing=failing, may=may)
    on_it = judged(Policy("p", watch_list=rules), Lists(watch=HERE), credential)
    not_on_it = judged(Policy("p", roster=rules), Lists(roster=NOBODY), credential)
    capped = failing is DENIED and credential is CARD and may is REFERRED
    assert on_it.outcome is not_on_it.outcome is (REFERRED if capped else failing)
    assert (on_it.reason, not_on_it.reason) == (Reason.ON_WATCH_LIST, Reason.NOT_ON_ROSTER)


@pytest.mark.parametrize("meaning", Outcome)
def test_no_list_means_what_the_policy_says(meaning: Outcome) -> None:
    rules = ListRules(no_list=meaning)
    for policy in (Policy("p", watch_list=rules), Policy("p", roster=rules)):
        decision = judged(policy, Lists())
        assert (decision.outcome, decision.reason) == (meaning, Reason.NO_LIST)


def test_a_code_without_a_number_is_on_no_list() -> None:
    assert judged(WATCHED, Lists(watch=HERE), NAMED).outcome is GRANTED
    assert judged(EXPECTED, Lists(roster=HERE), NAMED).reason is Reason.NOT_ON_ROSTER


def test_any_number_of_the_person_is_enough() -> None:
    assert judged(WATCHED, Lists(watch=Listed("insurance:5120001234"))).reason is Reason.ON_WATCH_LIST
    assert judged(EXPECTED, Lists(roster=Listed("insurance:5120001234"))).outcome is GRANTED


def test_who_goes_the_way_that_is_not_asked_is_only_recorded() -> None:
    policy = replace(WATCHED, asked=Direction.OUT)
    assert judged(policy, Lists(watch=HERE)).reason is Reason.RECORDED


def test_who_is_on_the_watch_list_is_referred_with_another_code_too_and_again_in_the_window() -> None:
    recent, at = Recent(), FakeClock().reading()
    first = judged(WATCHED, Lists(watch=HERE), CARD, recent)
    recent.remember(CARD, first, Direction.IN, at, 60_000)
    other = Credential(CodeKind.INSURANCE_CARD, Person(insurance_number="5120001234"))
    again = judged(WATCHED, Lists(watch=HERE), other, recent)
    assert (again.outcome, again.reason) == (REFERRED, Reason.REPEAT)


def test_who_was_referred_for_want_of_a_list_is_judged_anew_when_it_has_come() -> None:
    recent, at = Recent(), FakeClock().reading()
    for policy, lists in ((WATCHED, Lists(watch=NOBODY)), (EXPECTED, Lists(roster=HERE))):
        recent.remember(CARD, judged(policy, Lists(), CARD, recent), Direction.IN, at, 60_000)
        decision = judged(policy, lists, CARD, recent)
        assert (decision.outcome, decision.reason) == (GRANTED, Reason.RECORDED)


def test_who_was_let_in_before_the_list_came_is_no_repeat_once_it_names_them() -> None:
    recent, at = Recent(), FakeClock().reading()
    recent.remember(CARD, judged(WATCHED, Lists(watch=NOBODY), CARD, recent), Direction.IN, at, 60_000)
    assert judged(WATCHED, Lists(watch=HERE), CARD, recent).reason is Reason.ON_WATCH_LIST


def test_the_gravest_finding_counts_whichever_list_it_comes_from() -> None:
    both = Policy("both", watch_list=ListRules(), roster=ListRules(failing=DENIED, may=DENIED))
    decision = judged(both, Lists(HERE, NOBODY))
    assert (decision.outcome, decision.reason) == (DENIED, Reason.NOT_ON_ROSTER)
    assert decision.rules[-3:] == ("watch-list:refer", "roster:deny", "repeat:no")
