from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.crypto.signing import SigningKey, verified
from device.errors import WireError
from device.wire.revocation import decode_revocation, encode_revocation, revocation_statement

REVOKED_BYTES = (Path(__file__).parents[1] / "golden" / "wire" / "revoked.json").read_bytes().rstrip(b"\n")
# RFC 8032, section 7.1, test 1 and test 2.
GATE = SigningKey(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
ROOT = SigningKey(bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))


def test_the_golden_revocation_is_the_roots_word_about_one_key_of_one_device() -> None:
    said = decode_revocation(REVOKED_BYTES)
    assert (said.device_id, said.public) == ("gate-0a1b2c", GATE.public)
    assert verified(ROOT.public, revocation_statement(said.device_id, said.public), said.signature)
    assert encode_revocation(said) == REVOKED_BYTES


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_a_wire_error(body: bytes) -> None:
    with pytest.raises(WireError):
        decode_revocation(body)
