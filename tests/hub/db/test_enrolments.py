from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from device.crypto.signing import SigningKey
from device.enrolment import pairing
from device.enrolment.code import EnrolCode
from device.enrolment.pairing import Applicant
from device.hub.db.database import HubDatabase
from device.hub.db.enrolments import Enrolled, Refused
from device.hub.folder import HubFolder
from tests.support.fakes import FakeClock


class Desk:
    """A hub whose clock stands still, and gates that come with codes."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.folder = HubFolder.create(folder, self.clock)
        self.identity = self.folder.public_identity()
        self.store: HubDatabase = self.folder.open_store()

    def applicant(self, code: EnrolCode, key: SigningKey, device_id: str = "") -> Applicant:
        hello = self.store.answer_hello(code.code_id, self.identity)
        assert hello is not None
        applicant = Applicant(code.code_id, key.public, pairing.new_nonce(), device_id, b"")
        return replace(applicant, proof=pairing.gate_proof(code, hello, applicant))

    def enrol(self, code: EnrolCode, key: SigningKey | None = None, device_id: str = "") -> str | Refused:
        """Return the device id that was given, or why not."""
        result = self.store.enrol(self.applicant(code, key or SigningKey.new(), device_id), self.identity)
        return result if isinstance(result, Refused) else pairing.decode_granted(result.granted).device_id

    def gates(self) -> list[tuple[str, bytes]]:
        return [(gate.name, gate.public) for gate in self.store.gates()]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "hub")
    yield desk
    desk.store.close()


def test_a_gate_with_a_code_is_registered_and_gets_the_hubs_proof(desk: Desk) -> None:
    code, key = desk.store.new_code("Cổng A"), SigningKey.new()
    applicant = desk.applicant(code, key)
    hello = desk.store.answer_hello(code.code_id, desk.identity)
    result = desk.store.enrol(applicant, desk.identity)
    assert isinstance(result, Enrolled)
    assert hello is not None
    assert result.proof == pairing.hub_proof(code, hello, applicant, result.granted)
    granted = pairing.decode_granted(result.granted)
    assert granted.sealing_keys == desk.folder.sealing_keys()
    assert desk.store.key_of(granted.device_id) == (key.public, None)
    assert desk.gates() == [("Cổng A", key.public)]


def test_a_code_works_once(desk: Desk) -> None:
    code = desk.store.new_code("Cổng A")
    desk.enrol(code)
    assert desk.enrol(code) is Refused.SPENT
    assert len(desk.gates()) == 1


def test_a_gate_whose_answer_got_lost_comes_again_as_itself(desk: Desk) -> None:
    code, key = desk.store.new_code("Cổng A"), SigningKey.new()
    assert desk.enrol(code, key) == desk.enrol(code, key) == desk.enrol(code, key)
    assert len(desk.gates()) == 1


def test_a_replayed_proof_changes_nothing_not_even_a_revocation(desk: Desk) -> None:
    code, key = desk.store.new_code("Cổng A"), SigningKey.new()
    applicant = desk.applicant(code, key)
    first = desk.store.enrol(applicant, desk.identity)
    (gate,) = desk.store.gates()
    desk.folder.revoke(desk.store, gate.device_id, gate.public)
    assert desk.store.enrol(applicant, desk.identity) == first
    assert [known.revocation is None for known in desk.store.gates()] == [False]


def test_a_proof_of_one_code_opens_no_other(desk: Desk) -> None:
    one, other = desk.store.new_code("Cổng A"), desk.store.new_code("Cổng B")
    replayed = replace(desk.applicant(one, SigningKey.new()), code_id=other.code_id)
    assert desk.store.enrol(replayed, desk.identity) is Refused.WRONG_PROOF


def test_a_proof_does_not_serve_another_key(desk: Desk) -> None:
    code = desk.store.new_code("Cổng A")
    stolen = replace(desk.applicant(code, SigningKey.new()), gate_key=SigningKey.new().public)
    assert desk.store.enrol(stolen, desk.identity) is Refused.WRONG_PROOF
    assert desk.gates() == []


def test_after_five_wrong_proofs_the_right_one_comes_too_late(desk: Desk) -> None:
    code = desk.store.new_code("Cổng A")
    right = desk.applicant(code, SigningKey.new())
    wrong = replace(right, proof=bytes(32))
    assert [desk.store.enrol(wrong, desk.identity) for _ in range(6)] == [Refused.WRONG_PROOF] * 5 + [Refused.SPENT]
    assert desk.store.enrol(right, desk.identity) is Refused.SPENT
    assert desk.store.answer_hello(code.code_id, desk.identity) is None
    assert desk.gates() == []


def test_four_wrong_proofs_leave_one_try(desk: Desk) -> None:
    code = desk.store.new_code("Cổng A")
    right = desk.applicant(code, SigningKey.new())
    for _ in range(4):
        desk.store.enrol(replace(right, proof=bytes(32)), desk.identity)
    assert isinstance(desk.store.enrol(right, desk.identity), Enrolled)


def test_a_code_lives_for_a_quarter_of_an_hour(desk: Desk) -> None:
    in_time, late = desk.store.new_code("Cổng A"), desk.store.new_code("Cổng B")
    applicant = desk.applicant(late, SigningKey.new())
    desk.clock.advance(15 * 60_000 - 1)
    assert isinstance(desk.enrol(in_time), str)
    desk.clock.advance(1)
    assert desk.store.enrol(applicant, desk.identity) is Refused.SPENT
    assert desk.store.answer_hello(late.code_id, desk.identity) is None


def test_a_code_nobody_made_is_like_one_that_is_spent(desk: Desk) -> None:
    applicant = Applicant("0000", bytes(32), bytes(32), "", bytes(32))
    assert desk.store.enrol(applicant, desk.identity) is Refused.SPENT


def test_an_expired_secret_does_not_stay_in_the_database(desk: Desk) -> None:
    old = desk.store.new_code("Cổng A")
    desk.clock.advance(15 * 60_000)
    desk.store.new_code("Cổng B")
    with desk.store._engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT secret FROM codes").scalars().all()
    assert old.secret not in kept
    assert len(kept) == 1


def test_enrolled_again_a_gate_keeps_its_device_id_and_its_old_key_ends(desk: Desk) -> None:
    device_id = desk.enrol(desk.store.new_code("Cổng A"))
    assert isinstance(device_id, str)
    key = SigningKey.new()
    assert desk.enrol(desk.store.new_code("Cổng A", device_id), key, device_id) == device_id
    assert desk.gates() == [("Cổng A", key.public)]


def test_a_new_card_may_take_a_registered_gates_place_with_a_code_for_it(desk: Desk) -> None:
    device_id = desk.enrol(desk.store.new_code("Cổng A"))
    assert isinstance(device_id, str)
    assert desk.enrol(desk.store.new_code("Cổng A", device_id), device_id="") == device_id


def test_a_code_for_a_new_gate_does_not_take_a_registered_gates_place(desk: Desk) -> None:
    device_id = desk.enrol(desk.store.new_code("Cổng A"))
    assert isinstance(device_id, str)
    code = desk.store.new_code("Cổng B")
    assert desk.enrol(code, device_id=device_id) is Refused.ANOTHER_GATE
    assert isinstance(desk.enrol(code), str), "the refusal must not have used the code up"


def test_a_code_for_one_gate_does_not_serve_another(desk: Desk) -> None:
    one, other = desk.enrol(desk.store.new_code("A")), desk.enrol(desk.store.new_code("B"))
    assert isinstance(one, str)
    assert isinstance(other, str)
    assert desk.enrol(desk.store.new_code("A", one), device_id=other) is Refused.ANOTHER_GATE


def test_a_gate_of_another_hub_brings_its_device_id_along(desk: Desk) -> None:
    assert desk.enrol(desk.store.new_code("Cổng A"), device_id="gate-0a1b2c3d4e5f") == "gate-0a1b2c3d4e5f"


def test_a_key_that_was_withdrawn_never_comes_back(desk: Desk) -> None:
    key = SigningKey.new()
    device_id = desk.enrol(desk.store.new_code("Cổng A"), key)
    assert isinstance(device_id, str)
    desk.folder.revoke(desk.store, device_id, key.public)
    assert desk.enrol(desk.store.new_code("Cổng A", device_id), key, device_id) is Refused.ANOTHER_GATE
    assert desk.enrol(desk.store.new_code("Cổng A", device_id), device_id=device_id) == device_id
    assert [gate.revocation for gate in desk.store.gates()] == [None]
