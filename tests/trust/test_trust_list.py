from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from device.credential import recognise
from device.errors import Complaints, ConfigurationError
from device.model import Credential, SignerState, Verification
from device.trust.trust_list import MOST_BYTES, load_trust, parse_trust, trust_document
from tests.support.issuer import ISSUED_S, Issuer

ES, RSA = Issuer.es256(), Issuer.ps256()
DOCUMENT = trust_document([ES.trusted("v"), RSA.trusted(country=None)])


def spki(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> str:
    return base64.b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def entry(**changed: object) -> dict[str, object]:
    written = json.loads(trust_document([ES.trusted()]))[0]
    return {key: value for key, value in (written | changed).items() if value != "missing"}


def mistakes(text: str) -> list[str]:
    with pytest.raises(Complaints) as refused:
        parse_trust(text)
    return [f"{c.line}: {c.key}: {c.message}" for c in refused.value.complaints]


def test_what_is_written_is_read_again() -> None:
    trust = parse_trust(DOCUMENT)
    assert len(trust) == 2
    (key,) = trust.under(ES.kid)
    assert (key.alg, key.use, key.country, key.not_before_s, key.not_after_s) == (
        -7,
        frozenset("v"),
        "VN",
        ES.trusted().not_before_s,
        ES.trusted().not_after_s,
    )
    assert trust.under(RSA.kid)[0].country is None
    assert trust.under(b"nobody") == ()


def test_a_certificate_is_verified_with_a_list_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "trust.json"
    path.write_text(DOCUMENT, encoding="utf-8")
    trust = load_trust(path)
    for issuer in (ES, RSA):
        claim = recognise(issuer.issue("v"), trust)
        assert isinstance(claim, Credential)
        assert claim.verified is Verification.YES
    refused = recognise(ES.issue("t"), trust)
    assert isinstance(refused, Credential)
    assert refused.certificate is not None
    assert refused.certificate.signer.state is SignerState.NOT_ALLOWED


def test_the_document_is_the_same_whatever_the_order_and_has_each_key_once() -> None:
    keys = [RSA.trusted(country=None), ES.trusted("v"), ES.trusted("v")]
    assert trust_document(keys) == DOCUMENT


def test_each_key_has_a_line_of_its_own() -> None:
    assert DOCUMENT.count("\n") == 4


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "trust.json"
    path.write_text("\ufeff" + DOCUMENT, encoding="utf-8")
    assert len(load_trust(path)) == 2


@pytest.mark.parametrize(
    ("changed", "key", "message"),
    [
        ({"kid": "missing"}, "kid", "missing"),
        ({"kid": ""}, "kid", "base64"),
        ({"kid": "no base64!"}, "kid", "base64"),
        ({"kid": 7}, "kid", "base64"),
        ({"kid": "é"}, "kid", "base64"),
        ({"kid": base64.b64encode(bytes(65)).decode()}, "kid", "1 to 64"),
        ({"alg": "none"}, "alg", "ES256 or PS256"),
        ({"alg": []}, "alg", "ES256 or PS256"),
        ({"alg": "PS256"}, "alg", "P-256"),
        ({"alg": "ES256", "key": spki(RSA.key)}, "alg", "P-256"),
        ({"key": "AAAA"}, "key", "SubjectPublicKeyInfo"),
        ({"key": None}, "key", "base64"),
        ({"key": spki(ec.generate_private_key(ec.SECP384R1()))}, "key", "P-256"),
        ({"key": spki(ed25519.Ed25519PrivateKey.generate())}, "key", "P-256"),
        ({"key": spki(rsa.generate_private_key(65_537, 1_024))}, "key", "2048"),
        ({"use": []}, "use", "each once"),
        ({"use": "v"}, "use", "each once"),
        ({"use": ["v", "v"]}, "use", "each once"),
        ({"use": ["x"]}, "use", "each once"),
        ({"use": [[]]}, "use", "each once"),
        ({"country": "vn"}, "country", "capital"),
        ({"country": 84}, "country", "capital"),
        ({"country": "missing"}, "country", "missing"),
        ({"not_before": "2021-12-20"}, "not_before", "UTC"),
        ({"not_before": 1_640_000_000}, "not_before", "UTC"),
        ({"not_after": "2021-13-20T00:00:00Z"}, "not_after", "UTC"),
        ({"not_after": "2021-12-20T00:00:00+07:00"}, "not_after", "UTC"),
        ({"not_after": "1999-01-01T00:00:00Z"}, "not_after", "later"),
        ({"uses": ["v"]}, "uses", "no such key"),
        ({"\x1b[2J": 1}, "\N{REPLACEMENT CHARACTER}[2J", "no such key"),
    ],
)
def test_a_mistake_names_line_entry_and_key(changed: dict[str, object], key: str, message: str) -> None:
    text = f"[\n{json.dumps(entry())},\n{json.dumps(entry(**changed))}\n]"
    (complaint,) = mistakes(text)
    assert complaint.startswith(f"3: [2].{key}: ")
    assert message in complaint


def test_all_mistakes_are_told_at_once() -> None:
    text = "[\n" + ",\n".join(json.dumps(entry(**changed)) for changed in ({"alg": 1}, {"use": 1}, {"kid": 1})) + "\n]"
    assert [complaint.split(":")[0] for complaint in mistakes(text)] == ["2", "3", "4"]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "[ must stand here"),
        ("{}", 1, "[ must stand here"),
        ("[]", 1, "no key"),
        ("[\n7]", 2, "each entry is an object"),
        ("[" + json.dumps(entry()) + "\n", 2, "] must stand here"),
        ("[" + json.dumps(entry()) + ",\n]", 2, "Expecting value"),
        ("[" + json.dumps(entry()) + "]\nx", 2, "behind"),
        ('[\n{"kid": 1, "kid": 2}]', 2, "kid stands twice"),
        ("[\n" + "[" * 100_000, 2, "nested too deep"),
        ('[\n{"kid": ' + "9" * 5_000 + "}]", 2, "number too long"),
        ("[\n{", 2, "Expecting property name"),
    ],
)
def test_a_file_that_is_no_list_of_keys_is_refused_with_its_line(text: str, line: int, message: str) -> None:
    complaints = mistakes(text)
    assert complaints[0].startswith(f"{line}: ")
    assert message in complaints[0]


def test_too_many_keys_with_one_id_are_refused() -> None:
    keys = [Issuer.es256(b"same").trusted() for _ in range(9)]
    assert "have this id" in mistakes(trust_document(keys))[0]
    assert len(parse_trust(trust_document(keys[:8])).under(b"same")) == 8


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file"):
        load_trust(tmp_path / "none.json")
    with pytest.raises(ConfigurationError, match="directory"):
        load_trust(tmp_path)
    (tmp_path / "bytes").write_bytes(b"\xff\xfe[")
    with pytest.raises(ConfigurationError, match="UTF-8"):
        load_trust(tmp_path / "bytes")
    (tmp_path / "large").write_bytes(b" " * (MOST_BYTES + 1))
    with pytest.raises(ConfigurationError, match="larger"):
        load_trust(tmp_path / "large")


@given(st.text(max_size=60) | st.sampled_from(DOCUMENT.split('"')).map(lambda piece: DOCUMENT.replace(piece, "x", 1)))
def test_any_text_is_a_trust_list_or_refused_with_complaints(text: str) -> None:
    try:
        parse_trust(text)
    except Complaints as refused:
        assert refused.complaints  # noqa: PT017 - either end is right


def test_the_document_holds_times_to_the_second() -> None:
    trust = parse_trust(trust_document([ES.trusted(lifetime_s=(ISSUED_S, ISSUED_S + 1))]))
    assert (trust.under(ES.kid)[0].not_before_s, trust.under(ES.kid)[0].not_after_s) == (ISSUED_S, ISSUED_S + 1)


def test_a_list_that_went_through_a_windows_editor_is_read_over_its_byte_order_mark(tmp_path: Path) -> None:
    key = Issuer.es256().trusted()
    (tmp_path / "trust.json").write_bytes(trust_document([key]).replace("\n", "\r\n").encode("utf-8-sig"))
    assert load_trust(tmp_path / "trust.json").under(key.kid) == (key,)
