from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.crypto.signing import SigningKey, verified
from device.errors import WireError
from device.wire import time as hub_time
from device.wire.time_fields import HubTime, time_statement

GOLDEN = Path(__file__).parents[1] / "golden" / "wire"
QUESTION = (GOLDEN / "time-question.json").read_bytes().rstrip(b"\n")
ANSWER = (GOLDEN / "time.json").read_bytes().rstrip(b"\n")
# RFC 8032, section 7.1, test 2.
ROOT = SigningKey(bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))


def told() -> HubTime:
    found = hub_time.decode_hub_time(ANSWER)
    assert found is not None
    return found


def test_the_golden_question_and_answer_are_read_and_written_byte_for_byte() -> None:
    assert hub_time.encode_question(hub_time.decode_question(QUESTION)) == QUESTION
    assert hub_time.encode_answer(told()) == ANSWER


def test_the_golden_answer_is_the_roots_word_to_this_gate_and_this_question() -> None:
    def holds(device_id: str = "gate-0a1b2c", body: bytes = QUESTION, later_ms: int = 0) -> bool:
        statement = time_statement(device_id, body, told().now_ms + later_ms)
        return verified(ROOT.public, statement, told().signature)

    assert holds()
    assert not holds(device_id="gate-0a1b2d")
    assert not holds(body=QUESTION.replace(b"1015000", b"1015001"))
    assert not holds(later_ms=-1)


def test_an_answer_without_the_time_is_one_too() -> None:
    assert hub_time.decode_hub_time(b'{"contract":"gate/1","cursor":1,"parked":[]}') is None


@pytest.mark.parametrize("spoilt", [None, 1, {}, {"now": 1}, {"now": "1", "signature": "A" * 86 + "=="}, {"now": -1}])
def test_a_time_that_is_none_is_a_wire_error(spoilt: object) -> None:
    with pytest.raises(WireError, match="time"):
        hub_time.decode_hub_time(json.dumps({"contract": "gate/1", "time": spoilt}).encode())


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_as_a_question(body: bytes) -> None:
    with pytest.raises(WireError):
        hub_time.decode_question(body)
