from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from device.crypto.signing import SigningKey
from device.enrolment import pairing
from device.enrolment.code import EnrolCode
from device.enrolment.pairing import Applicant
from device.hub.db.database import HubDatabase
from device.hub.db.enrolments import Enrolled, Refused, open_until
from tests.support.databases import both_databases, hub_folder
from tests.support.fake_server import PATIENCE_S
from tests.support.fakes import FakeClock


class EnrolmentHub:
    """A hub whose clock stands still, and gates that come with codes."""

    def __init__(self, folder: Path, url: str | None = None) -> None:
        self.clock = FakeClock()
        self.folder = hub_folder(folder, self.clock, url)
        self.identity = self.folder.public_identity()
        self.store: HubDatabase = self.folder.open_store()

    def applicant(self, code: EnrolCode, key: SigningKey, device_id: str = "") -> Applicant:
        nonce = pairing.gate_nonce(key, code.code_id)
        applicant = Applicant(code.code_id, key.public, nonce, device_id, b"")
        hello = self.identity.hello(code.code_id)
        return replace(applicant, proof=pairing.gate_proof(pairing.proof_key(code), hello, applicant))

    def enrol(self, code: EnrolCode, key: SigningKey | None = None, device_id: str = "") -> str | Refused:
        """Return the device id that was given, or why not."""
        result = self.store.enrol(self.applicant(code, key or SigningKey.new(), device_id), self.identity)
        return result if isinstance(result, Refused) else pairing.decode_granted(result.granted).device_id

    def gates(self) -> list[tuple[str, bytes]]:
        return [(gate.name, gate.public) for gate in self.store.gates()]


@pytest.fixture
def hub(tmp_path: Path, database_url: str | None) -> Iterator[EnrolmentHub]:
    hub = EnrolmentHub(tmp_path / "hub", database_url)
    yield hub
    hub.store.close()


def test_a_code_is_open_until_it_is_used_or_expires_and_for_its_own_gate(hub: EnrolmentHub) -> None:
    def left_ms(name: str, device_id: str | None = None) -> int | None:
        with hub.store.reading() as connection:
            until_ms = open_until(connection, name, device_id, hub.store.now_ms())
        return None if until_ms is None else until_ms - hub.store.now_ms()

    code = hub.store.new_code("Cổng A")
    assert (left_ms("Cổng A"), left_ms("Cổng B"), left_ms("Cổng A", "gate-1")) == (15 * 60_000, None, None)
    device_id = str(hub.enrol(code))
    assert left_ms("Cổng A") is None
    hub.store.new_code("Cổng A", device_id)
    assert (left_ms("Cổng A"), left_ms("", device_id)) == (None, 15 * 60_000)
    hub.clock.advance(15 * 60_000)
    assert left_ms("", device_id) is None


def test_a_gate_with_a_code_is_registered_and_gets_the_hubs_proof(hub: EnrolmentHub) -> None:
    code, key = hub.store.new_code("Cổng A"), SigningKey.new()
    applicant = hub.applicant(code, key)
    hello = hub.identity.hello(code.code_id)
    result = hub.store.enrol(applicant, hub.identity)
    assert isinstance(result, Enrolled)
    assert result.proof == pairing.hub_proof(pairing.proof_key(code), hello, applicant, result.granted)
    granted = pairing.decode_granted(result.granted)
    assert granted.sealing_keys == hub.folder.sealing_keys()
    assert hub.store.key_of(granted.device_id) == (key.public, None)
    assert hub.gates() == [("Cổng A", key.public)]


def test_a_wrong_proof_and_one_that_came_before_keep_no_writer_waiting(hub: EnrolmentHub) -> None:
    code, key = hub.store.new_code("Cổng A"), SigningKey.new()
    first = hub.enrol(code, key)
    taken = hub.store.writers.taken
    with hub.store.writers:
        assert hub.enrol(code, key) == first
        for wrong in (code, EnrolCode("0000", code.secret), EnrolCode(code.code_id, "0" * 12)):
            assert hub.enrol(wrong) is Refused.NOT_PROVED
    assert hub.store.writers.taken == taken + 1


def test_a_code_works_once(hub: EnrolmentHub) -> None:
    code = hub.store.new_code("Cổng A")
    hub.enrol(code)
    assert hub.enrol(code) is Refused.NOT_PROVED
    assert len(hub.gates()) == 1


def test_a_gate_whose_answer_got_lost_comes_again_as_itself(hub: EnrolmentHub) -> None:
    code, key = hub.store.new_code("Cổng A"), SigningKey.new()
    assert hub.enrol(code, key) == hub.enrol(code, key) == hub.enrol(code, key)
    assert len(hub.gates()) == 1
    hub.clock.advance(15 * 60_000)
    assert hub.enrol(code, key) is Refused.NOT_PROVED


def test_a_replayed_proof_changes_nothing_not_even_a_revocation(hub: EnrolmentHub) -> None:
    code, key = hub.store.new_code("Cổng A"), SigningKey.new()
    applicant = hub.applicant(code, key)
    first = hub.store.enrol(applicant, hub.identity)
    (gate,) = hub.store.gates()
    hub.folder.revoke(hub.store, gate.device_id, gate.public)
    assert hub.store.enrol(applicant, hub.identity) == first
    assert [known.revocation is None for known in hub.store.gates()] == [False]


def test_a_proof_of_one_code_opens_no_other(hub: EnrolmentHub) -> None:
    one, other = hub.store.new_code("Cổng A"), hub.store.new_code("Cổng B")
    replayed = replace(hub.applicant(one, SigningKey.new()), code_id=other.code_id)
    assert hub.store.enrol(replayed, hub.identity) is Refused.NOT_PROVED


def test_a_proof_does_not_serve_another_key(hub: EnrolmentHub) -> None:
    code = hub.store.new_code("Cổng A")
    stolen = replace(hub.applicant(code, SigningKey.new()), gate_key=SigningKey.new().public)
    assert hub.store.enrol(stolen, hub.identity) is Refused.NOT_PROVED
    assert hub.gates() == []


def test_wrong_proofs_do_not_use_a_code_up(hub: EnrolmentHub) -> None:
    code = hub.store.new_code("Cổng A")
    right = hub.applicant(code, SigningKey.new())
    wrong = [replace(right, proof=bytes(32)), replace(right, proof=bytes([1]) + bytes(31))] * 50
    assert {hub.store.enrol(applicant, hub.identity) for applicant in wrong} == {Refused.NOT_PROVED}
    assert isinstance(hub.store.enrol(right, hub.identity), Enrolled)


def test_a_code_that_never_was_that_lives_that_is_used_and_that_has_expired_are_greeted_alike(
    hub: EnrolmentHub,
) -> None:
    used, expired = hub.store.new_code("Cổng A"), hub.store.new_code("Cổng B")
    before = [hub.identity.hello(code_id) for code_id in (used.code_id, expired.code_id, "0000")]
    hub.enrol(used)
    hub.clock.advance(15 * 60_000)
    hub.store.forget_expired_codes()
    after = [hub.identity.hello(code_id) for code_id in (used.code_id, expired.code_id, "0000")]
    assert before == after
    assert len({hello.hub_nonce for hello in after}) == 3
    assert {len(pairing.encode_hello(hello)) for hello in after} == {len(pairing.encode_hello(after[0]))}


def test_a_proof_with_the_key_that_stands_for_none_opens_nothing(hub: EnrolmentHub) -> None:
    used = hub.store.new_code("Cổng A")
    hub.enrol(used)
    for code_id in (used.code_id, "0000"):
        applicant = Applicant(code_id, SigningKey.new().public, bytes(32), "", b"")
        key = pairing.ProofKey(code_id, bytes(32))
        proof = pairing.gate_proof(key, hub.identity.hello(code_id), applicant)
        assert hub.store.enrol(replace(applicant, proof=proof), hub.identity) is Refused.NOT_PROVED


def test_a_code_lives_for_a_quarter_of_an_hour(hub: EnrolmentHub) -> None:
    in_time, late = hub.store.new_code("Cổng A"), hub.store.new_code("Cổng B")
    applicant = hub.applicant(late, SigningKey.new())
    hub.clock.advance(15 * 60_000 - 1)
    assert isinstance(hub.enrol(in_time), str)
    hub.clock.advance(1)
    assert hub.store.enrol(applicant, hub.identity) is Refused.NOT_PROVED


def test_a_code_nobody_made_is_like_one_that_is_spent(hub: EnrolmentHub) -> None:
    applicant = Applicant("0000", bytes(32), bytes(32), "", bytes(32))
    assert hub.store.enrol(applicant, hub.identity) is Refused.NOT_PROVED


def on_disk(hub: EnrolmentHub) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(hub.folder.path.glob("hub.db*")))


def test_of_a_secret_that_lives_only_what_proofs_are_made_with_is_kept(hub: EnrolmentHub) -> None:
    code = hub.store.new_code("Cổng A")
    assert code.secret.encode() not in on_disk(hub)
    assert pairing.proof_key(code).key in on_disk(hub)


def test_what_a_used_code_was_proved_with_is_gone_at_once_from_every_page_and_the_log(hub: EnrolmentHub) -> None:
    code, key = hub.store.new_code("Cổng A"), SigningKey.new()
    hub.enrol(code, key)
    assert pairing.proof_key(code).key not in on_disk(hub)
    assert isinstance(hub.enrol(code, key), str), "the same request may still come again"


def test_what_an_expired_code_was_proved_with_is_gone_when_expired_codes_are_forgotten(hub: EnrolmentHub) -> None:
    old = hub.store.new_code("Cổng A")
    hub.clock.advance(15 * 60_000)
    hub.store.forget_expired_codes()
    assert pairing.proof_key(old).key not in on_disk(hub)


def test_enrolled_again_a_gate_keeps_its_device_id_and_its_old_key_ends(hub: EnrolmentHub) -> None:
    device_id = hub.enrol(hub.store.new_code("Cổng A"))
    assert isinstance(device_id, str)
    key = SigningKey.new()
    assert hub.enrol(hub.store.new_code("Cổng A", device_id), key, device_id) == device_id
    assert hub.gates() == [("Cổng A", key.public)]


def test_a_new_card_may_take_a_registered_gates_place_with_a_code_for_it(hub: EnrolmentHub) -> None:
    device_id = hub.enrol(hub.store.new_code("Cổng A"))
    assert isinstance(device_id, str)
    assert hub.enrol(hub.store.new_code("Cổng A", device_id), device_id="") == device_id


def test_a_code_for_a_new_gate_does_not_take_a_registered_gates_place(hub: EnrolmentHub) -> None:
    device_id = hub.enrol(hub.store.new_code("Cổng A"))
    assert isinstance(device_id, str)
    code = hub.store.new_code("Cổng B")
    assert hub.enrol(code, device_id=device_id) is Refused.ANOTHER_GATE
    assert isinstance(hub.enrol(code), str), "the refusal must not have used the code up"


def test_a_code_for_one_gate_does_not_serve_another(hub: EnrolmentHub) -> None:
    one, other = hub.enrol(hub.store.new_code("A")), hub.enrol(hub.store.new_code("B"))
    assert isinstance(one, str)
    assert isinstance(other, str)
    assert hub.enrol(hub.store.new_code("A", one), device_id=other) is Refused.ANOTHER_GATE


def test_a_gate_of_another_hub_brings_its_device_id_along(hub: EnrolmentHub) -> None:
    assert hub.enrol(hub.store.new_code("Cổng A"), device_id="gate-0a1b2c3d4e5f") == "gate-0a1b2c3d4e5f"


def test_a_key_that_was_withdrawn_never_comes_back(hub: EnrolmentHub) -> None:
    key = SigningKey.new()
    device_id = hub.enrol(hub.store.new_code("Cổng A"), key)
    assert isinstance(device_id, str)
    hub.folder.revoke(hub.store, device_id, key.public)
    assert hub.enrol(hub.store.new_code("Cổng A", device_id), key, device_id) is Refused.ANOTHER_GATE
    assert hub.enrol(hub.store.new_code("Cổng A", device_id), device_id=device_id) == device_id
    assert [gate.revocation for gate in hub.store.gates()] == [None]


@both_databases
def test_of_two_gates_at_two_desks_with_one_code_at_once_one_is_enrolled(hub: EnrolmentHub) -> None:
    with closing(hub.folder.open_store()) as other, ThreadPoolExecutor(2) as desks:
        for number in range(5):
            code = hub.store.new_code(f"Cổng {number}")
            came = [hub.applicant(code, SigningKey.new()) for _ in range(2)]
            both = threading.Barrier(2)

            def enrol(desk: HubDatabase, one: Applicant, both: threading.Barrier = both) -> bool:
                both.wait(PATIENCE_S)
                return isinstance(desk.enrol(one, hub.identity), Enrolled)

            asked = [desks.submit(enrol, desk, one) for desk, one in zip((hub.store, other), came, strict=True)]
            assert sorted(one.result(PATIENCE_S) for one in asked) == [False, True]
    assert sorted(name for name, _ in hub.gates()) == [f"Cổng {number}" for number in range(5)]


@both_databases
def test_codes_that_two_desks_make_at_once_are_all_good(hub: EnrolmentHub) -> None:
    with closing(hub.folder.open_store()) as other, ThreadPoolExecutor(2) as desks:
        made = [desks.submit(desk.new_code, f"Cổng {number}") for number in range(10) for desk in (hub.store, other)]
        codes = [one.result(PATIENCE_S) for one in made]
    assert len({code.code_id for code in codes}) == 20
    assert all(isinstance(hub.enrol(code), str) for code in codes)
    assert len(hub.gates()) == 20
