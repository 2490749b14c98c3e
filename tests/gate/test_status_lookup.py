"""The gate asks seldom, never waits twice for a broken link, and forgets."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from device.errors import HubLate, HubNonsense, HubRefused, HubUnreachable, UplinkError
from device.gate.status_lookup import FIRST_PAUSE_S, KEEP_MS, MOST_A_MINUTE, MOST_PAUSE_S, StatusLookup
from device.model import CodeKind, Credential, HealthColour, Person, Status
from device.policy.rules import StatusRules
from tests.support.fakes import FakeClock, ScriptedStatus

NUMBER = "051090001234"
RULES = StatusRules(frozenset({CodeKind.CITIZEN_CARD}))
WELL = Status(declared=True, health=HealthColour.GREEN)


class Looking:
    """A status lookup before a scripted centre."""

    def __init__(self) -> None:
        self.clock, self.centre = FakeClock(), ScriptedStatus(WELL)
        self.lookup = StatusLookup(self.centre, self.clock)

    def ask(self, number: int = 1) -> Status | None:
        return self.lookup.ask(card(f"{number:012d}"), RULES)


def card(number: str, **more: str) -> Credential:
    return Credential(CodeKind.CITIZEN_CARD, Person(name="Nguyễn Văn Thử", citizen_number=number, **more))


def test_a_person_is_asked_about_by_every_number_and_within_the_deadline_of_the_policy() -> None:
    gate = Looking()
    found = gate.lookup.ask(card(NUMBER, insurance_number="5120001234"), RULES)
    assert found == WELL
    assert gate.centre.asked == [((f"citizen:{NUMBER}", "insurance:5120001234"), 300)]


def test_a_code_without_a_number_is_not_asked_about() -> None:
    gate = Looking()
    nobody = Credential(CodeKind.NATIONAL_CODE, Person(name="Nguyễn Văn Thử", birth="1990-03-05"))
    assert gate.lookup.ask(nobody, RULES) is None
    assert gate.centre.asked == []


def test_an_answer_is_used_again_with_its_age_for_another_code_with_the_same_numbers() -> None:
    gate = Looking()
    gate.lookup.ask(card(NUMBER), RULES)
    gate.clock.advance(5_000)
    again = gate.lookup.ask(Credential(CodeKind.NATIONAL_CODE, Person(citizen_number=NUMBER)), RULES)
    assert again is not None
    assert (again.age_ms, again.health, len(gate.centre.asked)) == (5_000, HealthColour.GREEN, 1)


def test_a_code_made_of_two_peoples_numbers_speaks_for_neither_of_them() -> None:
    gate = Looking()
    gate.lookup.ask(card(NUMBER, insurance_number="5120001234"), RULES)
    for honest in (card(NUMBER), Credential(CodeKind.INSURANCE_CARD, Person(insurance_number="5120001234"))):
        found = gate.lookup.ask(honest, RULES)
        assert found is not None
        assert found.age_ms == 0
    assert len(gate.centre.asked) == 3


def test_an_old_answer_is_forgotten_and_asked_for_anew() -> None:
    gate = Looking()
    gate.ask()
    gate.clock.advance(KEEP_MS)
    again = gate.ask()
    assert again is not None
    assert (again.age_ms, len(gate.centre.asked), len(gate.lookup)) == (0, 2, 1)


def test_at_most_thirty_questions_are_asked_in_any_minute() -> None:
    gate = Looking()
    answers = []
    for number in range(30):
        answers.append(gate.ask(number))
        gate.clock.advance(1_000)
    assert (sum(answer is not None for answer in answers), len(gate.centre.asked)) == (MOST_A_MINUTE, MOST_A_MINUTE)
    gate.clock.advance(30_000)
    assert gate.ask(100) == WELL
    assert gate.ask(101) is None


def test_an_answer_that_is_kept_costs_no_question() -> None:
    gate = Looking()
    for _ in range(50):
        assert gate.ask() is not None
    assert len(gate.centre.asked) == 1


@pytest.mark.parametrize("error", [HubUnreachable("no answer"), HubRefused(503), HubNonsense("no status")])
def test_a_link_that_failed_is_not_tried_on_every_visitor(error: UplinkError) -> None:
    gate = Looking()
    gate.centre.error = error
    assert [gate.ask(number) for number in range(5)] == [None] * 5
    assert len(gate.centre.asked) == 1
    gate.clock.advance(round(FIRST_PAUSE_S * 1000) - 1)
    gate.ask(6)
    assert len(gate.centre.asked) == 1
    gate.clock.advance(1)
    gate.centre.error = None
    assert gate.ask(7) == WELL


def test_an_answer_that_is_late_once_costs_no_pause_and_twice_in_a_row_does() -> None:
    gate = Looking()
    gate.centre.error = HubLate("no answer within 0.3 s")
    gate.ask(1)
    gate.centre.error = None
    assert gate.ask(2) == WELL
    gate.centre.error = HubLate("no answer within 0.3 s")
    assert [gate.ask(number) for number in (3, 4, 5)] == [None] * 3
    assert len(gate.centre.asked) == 4
    gate.clock.advance(round(FIRST_PAUSE_S * 1000))
    assert [gate.ask(number) for number in (6, 7, 8)] == [None] * 3
    assert len(gate.centre.asked) == 6


def test_the_pause_after_a_failure_grows_to_a_limit_and_ends_with_an_answer() -> None:
    gate = Looking()
    gate.centre.error = HubUnreachable("no answer")
    for pause_s in (30, 60, 120, 240, 300, 300):
        asked = len(gate.centre.asked)
        gate.ask()
        gate.clock.advance(pause_s * 1000 - 1)
        gate.ask()
        assert len(gate.centre.asked) == asked + 1
        gate.clock.advance(1)
    gate.centre.error = None
    assert gate.ask() == WELL
    gate.centre.error = HubUnreachable("no answer")
    gate.ask(2)
    gate.clock.advance(30_000)
    gate.ask(2)
    assert len(gate.centre.asked) == 9


@pytest.mark.parametrize(("asked", "pause_s"), [(timedelta(seconds=90), 90), (timedelta(days=9), MOST_PAUSE_S)])
def test_a_hub_that_asks_for_time_gets_it_within_a_limit(asked: timedelta, pause_s: float) -> None:
    gate = Looking()
    gate.centre.error = HubRefused(429, asked)
    gate.ask()
    gate.clock.advance(round(pause_s * 1000) - 1)
    gate.ask(2)
    assert len(gate.centre.asked) == 1
    gate.clock.advance(1)
    gate.ask(2)
    assert len(gate.centre.asked) == 2


def test_nothing_about_a_person_reaches_the_log_or_a_printed_object(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    gate = Looking()
    gate.lookup.ask(card(NUMBER), RULES)
    gate.centre.error = HubUnreachable("no answer")
    gate.lookup.ask(card("051194005678"), RULES)
    said = caplog.text + repr(gate.lookup.__dict__) + repr(WELL)
    assert "event=status-not-asked for_s=30" in caplog.text
    for secret in (NUMBER, "051194005678", "Thử", "green"):
        assert secret not in said


def test_a_defect_in_asking_is_named_by_its_sort_alone_and_keeps_nobody_out(caplog: pytest.LogCaptureFixture) -> None:
    gate = Looking()
    gate.centre.error = RuntimeError(NUMBER)
    assert gate.ask() is None
    assert "reason='a defect (RuntimeError)'" in caplog.text
    assert NUMBER not in caplog.text
