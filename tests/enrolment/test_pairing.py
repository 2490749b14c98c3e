from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.crypto.signing import SigningKey
from device.enrolment import pairing
from device.enrolment.code import read_code
from device.enrolment.pairing import Applicant, Hello
from device.errors import WireError

GOLDEN = Path(__file__).parents[1] / "golden" / "wire"
CODE = read_code("GATE-SCAN-NERE-XAMPN")
KEY = pairing.proof_key(CODE)


def golden(name: str) -> bytes:
    return (GOLDEN / name).read_bytes().rstrip(b"\n")


HELLO = pairing.decode_hello(golden("hello.json"))
APPLICANT = pairing.decode_applicant(golden("proof-question.json"))
GRANTED, HUB_PROOF = pairing.decode_answer(golden("proof.json"))


def test_the_golden_examples_are_written_byte_for_byte() -> None:
    assert pairing.encode_question("GATE") == golden("hello-question.json")
    assert pairing.decode_question(golden("hello-question.json")) == "GATE"
    assert pairing.encode_hello(HELLO) == golden("hello.json")
    assert pairing.encode_applicant(APPLICANT) == golden("proof-question.json")
    assert pairing.encode_answer(GRANTED, HUB_PROOF) == golden("proof.json")
    assert pairing.encode_granted(pairing.decode_granted(GRANTED)) == GRANTED


def test_the_golden_proofs_are_ours() -> None:
    assert pairing.gate_proof(KEY, HELLO, APPLICANT) == APPLICANT.proof
    assert pairing.hub_proof(KEY, HELLO, APPLICANT, GRANTED) == HUB_PROOF


OTHER = SigningKey(bytes(32)).public


@pytest.mark.parametrize(
    "change",
    [
        lambda h, a: (replace(h, hub_key=OTHER), a),
        lambda h, a: (replace(h, hub_nonce=OTHER), a),
        lambda h, a: (replace(h, ca=h.ca.replace("MII", "MIJ", 1)), a),
        lambda h, a: (h, replace(a, gate_key=OTHER)),
        lambda h, a: (h, replace(a, gate_nonce=OTHER)),
        lambda h, a: (h, replace(a, device_id="gate-ffffff")),
    ],
)
def test_a_proof_speaks_of_everything_that_was_said(
    change: Callable[[Hello, Applicant], tuple[Hello, Applicant]],
) -> None:
    hello, applicant = change(HELLO, APPLICANT)
    assert pairing.gate_proof(KEY, hello, applicant) != APPLICANT.proof
    if applicant.device_id == APPLICANT.device_id:
        assert pairing.hub_proof(KEY, hello, applicant, GRANTED) != HUB_PROOF


def test_a_proof_of_one_side_is_none_of_the_other() -> None:
    assert pairing.hub_proof(KEY, HELLO, APPLICANT, "") != APPLICANT.proof
    assert pairing.hub_proof(KEY, HELLO, APPLICANT, GRANTED + " ") != HUB_PROOF
    assert pairing.gate_proof(pairing.proof_key(replace(CODE, secret="0" * 12)), HELLO, APPLICANT) != APPLICANT.proof
    assert pairing.gate_proof(replace(KEY, code_id="0000"), HELLO, APPLICANT) != APPLICANT.proof


def test_what_proofs_are_made_with_is_another_key_for_each_code_and_costs_sixteen_megabytes() -> None:
    other = replace(CODE, code_id="0000")
    assert pairing.proof_key(other).key != KEY.key
    rfc = hashlib.scrypt(b"SCANNEREXAMP", salt=b"gate/1 enrolGATE", n=16_384, r=8, p=1, dklen=32)  # 128 * n * r bytes
    assert rfc == KEY.key
    assert KEY.key.hex() not in repr(KEY)


def test_a_gate_says_the_same_nonce_each_time_it_speaks_of_one_code_and_no_two_gates_the_same() -> None:
    key = SigningKey.new()
    assert pairing.gate_nonce(key, "GATE") == pairing.gate_nonce(key, "GATE")
    assert (
        len(
            {
                pairing.gate_nonce(key, "GATE"),
                pairing.gate_nonce(key, "0000"),
                pairing.gate_nonce(SigningKey.new(), "GATE"),
            }
        )
        == 3
    )


@pytest.mark.parametrize(
    "ca",
    [
        "",
        "no certificate",
        HELLO.ca * 2,
        HELLO.ca + "x",
        "x" + HELLO.ca,
        HELLO.ca.replace("CERTIFICATE", "X509 CRL"),
        "a" * 20_000,
        None,
        7,
    ],
)
def test_a_greeting_with_anything_but_one_certificate_is_refused(ca: object) -> None:
    with pytest.raises(WireError, match="ca"):
        pairing.decode_hello(json.dumps(json.loads(golden("hello.json")) | {"ca": ca}).encode())


def test_what_a_newer_side_says_more_is_passed_over() -> None:
    more = json.dumps(json.loads(golden("proof-question.json")) | {"model": "Pi 5"}).encode()
    assert pairing.decode_applicant(more) == APPLICANT


READERS: list[Callable[[bytes], object]] = [
    pairing.decode_question,
    pairing.decode_hello,
    pairing.decode_applicant,
    pairing.decode_answer,
]
NAMES = ["hello-question.json", "hello.json", "proof-question.json", "proof.json"]


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_a_wire_error(body: bytes) -> None:
    for read in READERS:
        with pytest.raises(WireError):
            read(body)


@given(st.sampled_from(range(4)), st.data())
def test_any_value_in_any_place_raises_nothing_but_a_wire_error(which: int, data: st.DataObject) -> None:
    document = json.loads(golden(NAMES[which]))
    key = data.draw(st.sampled_from(sorted(document)))
    values = st.none() | st.integers() | st.text(max_size=50) | st.lists(st.text(max_size=3), max_size=3)
    document[key] = data.draw(values)
    try:
        READERS[which](json.dumps(document).encode())
    except WireError:
        return


@given(st.text(max_size=200))
def test_no_granted_text_raises_anything_but_a_wire_error(text: str) -> None:
    with pytest.raises(WireError):
        pairing.decode_granted(text)
