from __future__ import annotations

import pytest

from device.credential import recognise
from device.model import CodeKind, Credential, Person


@pytest.mark.parametrize("payload", [b"051090001234", b"CCCD:051090001234", b"\xef\xbb\xbf051090001234\r\n"])
def test_twelve_bare_digits_are_a_number_and_no_more(payload: bytes) -> None:
    assert recognise(payload) == Credential(CodeKind.CITIZEN_NUMBER, Person(citizen_number="051090001234"))


@pytest.mark.parametrize("payload", [b"05109000123", b"051090001234x", b"0510 9000 1234", b"-51090001234"])
def test_anything_around_the_digits_makes_it_unknown(payload: bytes) -> None:
    assert recognise(payload).kind is CodeKind.UNKNOWN


def test_a_number_that_begins_like_a_bank_code_is_still_a_number() -> None:
    assert recognise(b"000201123456").kind is CodeKind.CITIZEN_NUMBER
