from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.crypto.signing import RequestSignature, SigningKey, kept_key, signature_headers, verified
from device.errors import ConfigurationError, WireError

GOLDEN = Path(__file__).parents[1] / "golden" / "wire"
# RFC 8032, section 7.1, test 1.
GATE = SigningKey(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
BODY = (GOLDEN / "batch.json").read_bytes().rstrip(b"\n")
HEADERS = dict(line.split(": ", 1) for line in (GOLDEN / "request.txt").read_text().splitlines()[1:])


def test_a_key_is_the_one_the_standard_says() -> None:
    assert GATE.public.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert verified(GATE.public, b"", GATE.sign(b""))
    assert not verified(GATE.public, b"x", GATE.sign(b""))
    assert not verified(b"short", b"", GATE.sign(b""))


def test_the_golden_request_is_signed_and_read() -> None:
    made = signature_headers(
        GATE,
        "gate-0a1b2c",
        method="POST",
        authority=HEADERS["Host"],
        target="/v1/checkins",
        encoding="identity",
        body=BODY,
    )
    assert made == {name: HEADERS[name] for name in ("Content-Digest", "Signature-Input", "Signature")}
    read = RequestSignature.read(HEADERS)
    assert read.device_id == "gate-0a1b2c"
    assert read.holds(GATE.public, "POST", HEADERS["Host"], "/v1/checkins", "identity")
    assert read.covers(BODY)
    assert not read.covers(BODY + b"\n")


@pytest.mark.parametrize(
    "other",
    [
        ("PUT", "hub.example.vn:8443", "/v1/checkins", "identity"),
        ("POST", "hub.example.vn", "/v1/checkins", "identity"),
        ("POST", "hub.example.vn:8443", "/v1/checkins?", "identity"),
        ("POST", "hub.example.vn:8443", "/v1/checkins", "gzip"),
        ("POST", "hub.example.vn:8443", "/v1/checkins", "ợ"),
        ("POST", "hub.example.vn:8443\n", "/v1/checkins", "identity"),
    ],
)
def test_a_signature_holds_for_its_own_request_only(other: tuple[str, str, str, str]) -> None:
    assert not RequestSignature.read(HEADERS).holds(GATE.public, *other)
    assert not RequestSignature.read(HEADERS).holds(SigningKey.new().public, "POST", HEADERS["Host"], "/", "identity")


@given(st.sampled_from(["Content-Digest", "Signature-Input", "Signature"]), st.text(max_size=200))
def test_headers_of_any_other_shape_are_a_wire_error(name: str, text: str) -> None:
    with pytest.raises(WireError):
        RequestSignature.read(HEADERS | {name: text})


def test_a_key_is_made_once_and_kept_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "device.key"
    key = kept_key(path)
    assert kept_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["device.key"]


def test_a_file_that_is_no_key_or_a_folder_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "device.key"
    path.write_bytes(b"half a key")
    with pytest.raises(ConfigurationError, match="remove the file"):
        kept_key(path)
    with pytest.raises(ConfigurationError, match="written"):
        kept_key(tmp_path / "nowhere" / "device.key")
