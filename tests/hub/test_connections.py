from __future__ import annotations

import asyncio

import pytest

from device.hub.connections import Connection, ConnectionTable, Limits, Phase
from device.hub.paced_log import PacedLog
from tests.support.fakes import FakeClock


class Crowd:
    """Connections of a table, by what they were called when they came; and who was cut, in order."""

    def __init__(self, limits: Limits) -> None:
        self.table = ConnectionTable(limits, PacedLog(FakeClock()))
        self.cut: list[str] = []

    def come(self, name: str, address: str, phase: Phase = Phase.HEAD) -> Connection:
        connection = Connection(self.table, address)
        connection.ends_by(lambda: self.cut.append(name))
        self.table.enter(connection)
        connection.phase = phase
        return connection


def test_of_an_address_that_has_too_many_the_oldest_goes_and_the_newcomer_stays() -> None:
    crowd = Crowd(Limits(an_address=3))
    for number in range(5):
        crowd.come(f"a{number}", "192.0.2.1")
    crowd.come("b", "192.0.2.2")
    assert crowd.cut == ["a0", "a1"]
    assert (len(crowd.table), crowd.table.held_by("192.0.2.1")) == (4, 3)


def test_one_that_has_just_been_of_use_goes_after_the_others() -> None:
    crowd = Crowd(Limits(an_address=2))
    used = crowd.come("used", "192.0.2.1", Phase.IDLE)
    crowd.come("half open", "192.0.2.1")
    crowd.table.renew(used)
    crowd.come("new", "192.0.2.1")
    assert crowd.cut == ["half open"]


def test_one_that_is_being_answered_is_not_cut() -> None:
    crowd = Crowd(Limits(an_address=2))
    crowd.come("answered", "192.0.2.1", Phase.ANSWER)
    crowd.come("sending", "192.0.2.1", Phase.BODY)
    crowd.come("new", "192.0.2.1")
    assert crowd.cut == ["sending"]


def test_one_that_does_not_take_its_answer_is_cut_before_a_newcomer_is_one_too_many() -> None:
    async def crowded() -> tuple[list[str], int]:
        crowd = Crowd(Limits(an_address=2))
        for name in ("deaf", "deaf too"):
            crowd.come(name, "192.0.2.1", Phase.ANSWER).unread(since_now=True)
        crowd.come("new", "192.0.2.1")
        return crowd.cut, len(crowd.table)

    assert asyncio.run(crowded()) == (["deaf"], 2)


def test_what_was_done_for_a_connection_counts_for_its_address_until_a_gate_signs_on_it() -> None:
    crowd = Crowd(Limits())
    shared = [crowd.come(str(number), "192.0.2.1") for number in range(10)]
    for connection in shared:
        connection.spend(10)
    assert shared[0].wait_s() > 60
    for number, connection in enumerate(shared[1:]):
        connection.proved(f"gate-{number}")
    assert shared[1].wait_s() == 0
    shared[0].proved("gate-9")
    assert crowd.come("new", "192.0.2.1").wait_s() == 0


def test_what_is_done_for_a_gate_counts_for_that_gate_alone() -> None:
    crowd = Crowd(Limits())
    busy, other = (crowd.come(str(number), "192.0.2.1") for number in range(2))
    busy.proved("gate-0")
    other.proved("gate-1")
    busy.spend(10)
    assert (busy.wait_s() > 40, other.wait_s(), crowd.come("new", "192.0.2.1").wait_s()) == (True, 0, 0)


def test_with_a_signed_request_a_connection_counts_for_its_gate_and_no_flood_reaches_it() -> None:
    crowd = Crowd(Limits(an_address=2, a_gate=2))
    gates = [crowd.come(f"gate {number}", "192.0.2.1") for number in range(2)]
    for number, connection in enumerate(gates):
        connection.proved(f"gate-{number}")
        connection.phase = Phase.IDLE
    for number in range(100):
        crowd.come(f"flood {number}", "192.0.2.1")
    assert not {"gate 0", "gate 1"}.intersection(crowd.cut)
    assert [crowd.table.held_by(holder) for holder in ("192.0.2.1", "gate gate-0", "gate gate-1")] == [2, 1, 1]


def test_a_gate_has_no_more_connections_than_it_uses() -> None:
    crowd = Crowd(Limits(a_gate=2))
    for number in range(4):
        crowd.come(str(number), "192.0.2.1").proved("gate-0")
    assert crowd.cut == ["0", "1"]


def test_when_there_are_too_many_in_all_the_address_that_holds_most_loses_its_oldest() -> None:
    crowd = Crowd(Limits(strangers=5))
    crowd.come("small", "192.0.2.1")
    for number in range(4):
        crowd.come(f"large {number}", "192.0.2.2")
    crowd.come("new", "192.0.2.3")
    assert crowd.cut == ["large 0"]


def test_strangers_make_room_before_gates_do() -> None:
    crowd = Crowd(Limits(in_all=4))
    for number in range(3):
        crowd.come(f"gate {number}", "192.0.2.1").proved("gate-0")
    crowd.come("stranger", "192.0.2.1")
    crowd.come("new", "192.0.2.2")
    crowd.come("newer", "192.0.2.3").proved("gate-1")
    assert crowd.cut == ["stranger", "new"]


def test_when_only_gates_are_left_the_one_with_most_loses_its_oldest() -> None:
    crowd = Crowd(Limits(in_all=3))
    for number in range(3):
        crowd.come(f"gate {number}", "192.0.2.1").proved("gate-0")
    crowd.come("new", "192.0.2.2")
    assert crowd.cut == ["gate 0"]


def test_a_connection_that_ended_counts_no_longer_however_often_that_is_said() -> None:
    crowd = Crowd(Limits())
    connections = [crowd.come(str(number), "192.0.2.1") for number in range(3)]
    connections[0].proved("gate-0")
    for connection in connections * 2:
        connection.ended()
    assert (len(crowd.table), crowd.table.held_by("192.0.2.1"), crowd.cut) == (0, 0, [])


def test_one_that_was_cut_while_its_signature_was_looked_at_does_not_come_back() -> None:
    crowd = Crowd(Limits(an_address=1))
    first = crowd.come("first", "192.0.2.1", Phase.BODY)
    crowd.come("second", "192.0.2.1")
    first.proved("gate-0")
    assert (len(crowd.table), crowd.table.held_by("gate gate-0"), crowd.cut) == (1, 0, ["first"])


@pytest.mark.parametrize("phase", list(Phase))
def test_every_phase_has_a_limit(phase: Phase) -> None:
    assert ConnectionTable(Limits(), PacedLog(FakeClock())).limit_s(phase) >= 10
