from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from device.cli import main
from device.credential import TrustList, recognise
from device.errors import DerError
from device.model import Credential, Verification
from device.trust.der import extended_key_usage
from device.trust.trust_list import load_trust
from tests.support.issuer import ISSUED_S, Issuer

ES, RSA = Issuer.es256(), Issuer.ps256()
START = datetime.fromtimestamp(ISSUED_S, UTC)
ARC = "1.3.6.1.4.1.1847.2021.1."
Compile = Callable[..., tuple[int, TrustList | None]]


def signed(
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey,
    *uses: str,
    country: str | None = "VN",
) -> x509.Certificate:
    """Make a signer's certificate, signed by itself."""
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, "Signer of invented certificates")]
    if country is not None:
        parts.append(x509.NameAttribute(NameOID.COUNTRY_NAME, country))
    name = x509.Name(parts)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(START).not_valid_after(START + timedelta(days=730))
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    if uses:
        usage = x509.ExtendedKeyUsage([x509.ObjectIdentifier(use) for use in uses])
        builder = builder.add_extension(usage, critical=False)
    return builder.sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else SHA256())


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def kid_of(certificate: x509.Certificate) -> bytes:
    return hashlib.sha256(der(certificate)).digest()[:8]


CERTIFICATE = signed(ES.key)
FORMS = {
    "PEM": CERTIFICATE.public_bytes(Encoding.PEM),
    "PEM with Windows line ends and text around": b"subject=VN\r\n"
    + CERTIFICATE.public_bytes(Encoding.PEM).replace(b"\n", b"\r\n"),
    "DER": der(CERTIFICATE),
    "bare base64": base64.b64encode(der(CERTIFICATE)),
    "base64 in lines": base64.encodebytes(der(CERTIFICATE)),
    "gateway": json.dumps([{"rawData": base64.b64encode(der(CERTIFICATE)).decode(), "country": "VN"}]).encode(),
    "gateway under a line of signature": b"c2lnbmF0dXJl\n"
    + json.dumps({"certificates": [{"rawData": base64.b64encode(der(CERTIFICATE)).decode()}]}).encode(),
}


@pytest.fixture
def compile_trust(tmp_path: Path) -> Compile:
    def compiled(*contents: bytes) -> tuple[int, TrustList | None]:
        files = []
        for number, content in enumerate(contents):
            files.append(str(tmp_path / f"signers{number}"))
            Path(files[-1]).write_bytes(content)
        out = tmp_path / "trust.json"
        code = main(["trust", "compile", *files, "--out", str(out)])
        return code, load_trust(out) if out.exists() else None

    return compiled


@pytest.mark.parametrize("content", FORMS.values(), ids=FORMS.keys())
def test_every_form_of_a_certificate_is_compiled_and_verifies(content: bytes, compile_trust: Compile) -> None:
    code, trust = compile_trust(content)
    assert code == 0
    claim = recognise(Issuer(ES.key, kid_of(CERTIFICATE)).issue(), trust)
    assert isinstance(claim, Credential)
    assert claim.verified is Verification.YES
    assert claim.certificate is not None
    assert claim.certificate.signer.country == "VN"
    assert claim.certificate.signer.not_before_s == ISSUED_S


def test_several_files_and_several_certificates_in_one_become_one_list(
    compile_trust: Compile, capsys: pytest.CaptureFixture[str]
) -> None:
    other = signed(RSA.key)
    _, trust = compile_trust(FORMS["PEM"] + other.public_bytes(Encoding.PEM), FORMS["DER"])
    assert trust is not None
    assert len(trust) == 2
    assert trust.under(kid_of(other))[0].alg == -37
    assert capsys.readouterr().out.endswith(": 2 keys\n")


@pytest.mark.parametrize(
    ("uses", "expected"),
    [
        ((), "vtr"),
        ((ARC + "1",), "t"),
        ((ARC + "2",), "v"),
        ((ARC + "3", ARC + "1"), "tr"),
        (("1.3.6.1.4.1.0.1847.2021.1.2",), "v"),
        ((ExtendedKeyUsageOID.SERVER_AUTH.dotted_string,), "vtr"),
        ((ExtendedKeyUsageOID.SERVER_AUTH.dotted_string, ARC + "3"), "r"),
    ],
)
def test_the_key_usage_says_which_entries_may_be_signed(
    uses: tuple[str, ...], expected: str, compile_trust: Compile
) -> None:
    certificate = signed(ES.key, *uses)
    _, trust = compile_trust(der(certificate))
    assert trust is not None
    assert trust.under(kid_of(certificate))[0].use == frozenset(expected)


def test_a_gateway_list_gives_key_ids_and_countries_and_only_document_signers(compile_trust: Compile) -> None:
    raw = base64.b64encode(der(signed(ES.key, country=None))).decode()
    items = [
        {"rawData": raw, "kid": base64.b64encode(b"gateway1").decode(), "country": "VN", "certificateType": "DSC"},
        {"rawData": raw, "kid": base64.b64encode(b"gateway2").decode(), "country": "VN", "certificateType": "CSCA"},
    ]
    code, trust = compile_trust(json.dumps(items).encode())
    assert code == 0
    assert trust is not None
    assert (trust.under(b"gateway1")[0].country, trust.under(b"gateway2")) == ("VN", ())


@pytest.mark.parametrize("damage", [{"rawData": "!"}, {"kid": "?"}])
def test_a_damaged_certificate_does_not_cost_the_gateway_list(
    damage: dict[str, str], compile_trust: Compile, capsys: pytest.CaptureFixture[str]
) -> None:
    item = {"rawData": base64.b64encode(der(CERTIFICATE)).decode(), "country": "VN"}
    code, trust = compile_trust(json.dumps([item | damage, item]).encode())
    assert code == 0
    assert trust is not None
    assert len(trust) == 1
    assert "certificate 1 left out" in capsys.readouterr().err


def test_a_list_that_no_gate_would_take_is_not_written(
    compile_trust: Compile, capsys: pytest.CaptureFixture[str]
) -> None:
    raws = [base64.b64encode(der(signed(Issuer.es256().key))).decode() for _ in range(9)]
    assert compile_trust(json.dumps([{"rawData": raw, "kid": "AAAA"} for raw in raws]).encode()) == (1, None)
    assert "more than 8 keys have this id; nothing was written" in capsys.readouterr().err


def test_a_certificate_without_a_country_has_none(compile_trust: Compile) -> None:
    certificate = signed(ES.key, country=None)
    _, trust = compile_trust(der(certificate))
    assert trust is not None
    assert trust.under(kid_of(certificate))[0].country is None


@pytest.mark.parametrize(
    "key",
    [
        ed25519.Ed25519PrivateKey.generate(),
        ec.generate_private_key(ec.SECP384R1()),
        rsa.generate_private_key(65_537, 1_024),
    ],
    ids=["Ed25519", "P-384", "RSA 1024"],
)
def test_a_key_that_cannot_sign_certificates_is_left_out_by_name(
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey,
    compile_trust: Compile,
    capsys: pytest.CaptureFixture[str],
) -> None:
    other = signed(key).public_bytes(Encoding.PEM)
    code, trust = compile_trust(other + FORMS["PEM"])
    assert code == 0
    assert trust is not None
    assert len(trust) == 1
    assert "certificate 1 left out: a key" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no certificate"),
        (b"what is this?", "neither PEM"),
        (b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "without a certificate"),
        (b"\x30\x03abc", "no certificate"),
        (b"{", "no JSON"),
        (b'{"keys": []}', "no list of certificates"),
        (b"[7]", "no list of certificates"),
        (b"[]", "no certificate"),
        (b'[{"rawData": 7}]', "no certificate"),
        (b"[" * 100_000, "no JSON"),
        (b"\xff\xfe\x00", "neither PEM"),
    ],
)
def test_a_file_of_no_use_writes_nothing_and_says_why(
    content: bytes, message: str, compile_trust: Compile, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compile_trust(content) == (1, None)
    assert message in capsys.readouterr().err


def test_a_list_in_force_stays_when_a_new_one_cannot_be_made(
    compile_trust: Compile, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    compile_trust(FORMS["PEM"])
    before = (tmp_path / "trust.json").read_bytes()
    assert compile_trust(FORMS["PEM"], b"rubbish")[0] == 1
    assert (tmp_path / "trust.json").read_bytes() == before
    assert main(["trust", "compile", str(tmp_path / "none"), "--out", str(tmp_path / "trust.json")]) == 1
    assert "No such file" in capsys.readouterr().err
    assert main(["trust", "compile", str(tmp_path / "signers0"), "--out", str(tmp_path / "no" / "trust.json")]) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["signers0", "signers1", "trust.json"]


# -- the few lines of DER ---------------------------------------------------------------------------


def test_a_key_usage_is_found_among_extensions_a_library_would_refuse() -> None:
    usage = bytes.fromhex("300a06082b06010505070303")
    extensions = (
        bytes.fromhex("300c0603551d130405300301" + "0100")  # "not a CA", written out though it is the default
        + bytes([0x30, 5 + 2 + len(usage)])
        + bytes.fromhex("0603551d25")
        + bytes([4, len(usage)])
        + usage
    )
    listed = bytes([0x30, len(extensions)]) + extensions
    tagged = bytes([0xA3, len(listed)]) + listed
    assert extended_key_usage(bytes([0x30, len(tagged)]) + tagged) == ["1.3.6.1.5.5.7.3.3"]


@pytest.mark.parametrize(
    "raw", ["", "30", "3005", "30850000000001", "3080", "3006a3043002", "3005a303300100", "3007a3053003300100", "1f01"]
)
def test_der_that_is_none_is_refused(raw: str) -> None:
    with pytest.raises(DerError):
        extended_key_usage(bytes.fromhex(raw))


def test_a_certificate_without_extensions_names_no_usage() -> None:
    assert extended_key_usage(bytes.fromhex("3003020101")) == []
