from __future__ import annotations

from device.clock import ClockReading
from device.model import CodeKind, Credential, Decision, Direction, Outcome, Person, Reason
from device.policy import Recent
from tests.support.fakes import FakeClock

WINDOW_MS = 60_000
GRANTED = Decision(Outcome.GRANTED, Reason.RECORDED, "1")


def card(number: str) -> Credential:
    return Credential(CodeKind.CITIZEN_CARD, Person(citizen_number=number))


def found(recent: Recent, credential: Credential, at: ClockReading) -> list[Decision]:
    return [seen.decision for seen in recent.find(credential, Direction.IN, "1", at)]


def test_a_person_is_found_by_any_number_they_share() -> None:
    recent, at = Recent(), FakeClock().reading()
    national = Credential(
        CodeKind.NATIONAL_CODE, Person(citizen_number="1", insurance_number="2", national_code_id="3")
    )
    recent.remember(national, GRANTED, Direction.IN, at, WINDOW_MS)
    assert found(recent, card("1"), at) == [GRANTED]
    assert found(recent, Credential(CodeKind.INSURANCE_CARD, Person(insurance_number="2")), at) == [GRANTED]
    assert found(recent, card("2"), at) == []


def test_a_repeat_adds_its_own_numbers_without_lengthening_the_window() -> None:
    recent, clock = Recent(), FakeClock()
    recent.remember(card("1"), GRANTED, Direction.IN, clock.reading(), WINDOW_MS)
    clock.advance(WINDOW_MS - 1)
    national = Credential(CodeKind.NATIONAL_CODE, Person(citizen_number="1", insurance_number="2"))
    repeat = Decision(Outcome.GRANTED, Reason.REPEAT, "1", counted=False)
    recent.remember(national, repeat, Direction.IN, clock.reading(), WINDOW_MS)
    insurance = Credential(CodeKind.INSURANCE_CARD, Person(insurance_number="2"))
    assert found(recent, insurance, clock.reading()) == [GRANTED]
    clock.advance(1)
    assert found(recent, insurance, clock.reading()) == []


def test_the_most_severe_first_presentation_comes_first() -> None:
    recent, at = Recent(), FakeClock().reading()
    denied = Decision(Outcome.DENIED, Reason.RECORDED, "1")
    recent.remember(card("1"), GRANTED, Direction.IN, at, WINDOW_MS)
    insurance = Credential(CodeKind.INSURANCE_CARD, Person(insurance_number="2"))
    recent.remember(insurance, denied, Direction.IN, at, WINDOW_MS)
    both = Credential(CodeKind.NATIONAL_CODE, Person(citizen_number="1", insurance_number="2"))
    assert found(recent, both, at) == [denied, GRANTED]


def test_nothing_personal_is_kept() -> None:
    recent, at = Recent(), FakeClock().reading()
    recent.remember(card("051090001234"), GRANTED, Direction.IN, at, WINDOW_MS)
    assert [len(digest) for digest in recent._seen] == [16]
    assert "051090001234" not in repr(vars(recent))


def test_two_gates_hash_one_person_differently() -> None:
    one, other, at = Recent(), Recent(), FakeClock().reading()
    for recent in (one, other):
        recent.remember(card("1"), GRANTED, Direction.IN, at, WINDOW_MS)
    assert set(one._seen).isdisjoint(other._seen)


def test_what_has_expired_is_dropped() -> None:
    recent, clock = Recent(), FakeClock()
    for number in range(100):
        recent.remember(card(str(number)), GRANTED, Direction.IN, clock.reading(), WINDOW_MS)
    clock.advance(WINDOW_MS)
    recent.remember(card("new"), GRANTED, Direction.IN, clock.reading(), WINDOW_MS)
    assert len(recent) == 1


def test_the_memory_is_bounded_and_the_oldest_goes_first() -> None:
    recent, at = Recent(most=10), FakeClock().reading()
    for number in range(25):
        recent.remember(card(str(number)), GRANTED, Direction.IN, at, WINDOW_MS)
    assert len(recent) == 10
    assert found(recent, card("14"), at) == []
    assert found(recent, card("15"), at) == [GRANTED]


def test_a_new_presentation_makes_a_person_young_again() -> None:
    recent, at = Recent(most=2), FakeClock().reading()
    for number, direction in (("1", Direction.OUT), ("2", Direction.IN), ("1", Direction.IN), ("3", Direction.IN)):
        recent.remember(card(number), GRANTED, direction, at, WINDOW_MS)
    assert found(recent, card("1"), at) == [GRANTED]
    assert found(recent, card("2"), at) == []


def test_the_button_and_a_code_that_names_nobody_are_never_remembered() -> None:
    recent, at = Recent(), FakeClock().reading()
    recent.remember(None, Decision(Outcome.GRANTED, Reason.MANUAL, "1"), Direction.IN, at, WINDOW_MS)
    recent.remember(Credential(CodeKind.HC1, Person(name="A")), GRANTED, Direction.IN, at, WINDOW_MS)
    assert len(recent) == 0


def test_a_window_of_nothing_remembers_nobody() -> None:
    recent, at = Recent(), FakeClock().reading()
    recent.remember(card("1"), GRANTED, Direction.IN, at, 0)
    assert found(recent, card("1"), at) == []
