from __future__ import annotations

import cbor2
import pytest

from device.credential import TrustList
from device.credential.hc1.cose import open_message, signer_of
from device.errors import CertificateMalformed
from device.model import Signer, SignerState
from tests.support.issuer import ISSUED_S, Issuer

ES = Issuer.es256()
RSA = Issuer.ps256()
BOTH = TrustList([ES.trusted(), RSA.trusted()])
PAYLOAD = cbor2.dumps({1: "VN"})
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256's group: SEC 2, 2.4.2


def state(raw: bytes, trust: TrustList | None = BOTH, use: str = "v") -> SignerState:
    return signer_of(open_message(raw), use, trust).state


@pytest.mark.parametrize("issuer", [ES, RSA], ids=["ES256", "PS256"])
def test_a_right_signature_is_checked(issuer: Issuer) -> None:
    assert state(issuer.message(PAYLOAD)) is SignerState.CHECKED


@pytest.mark.parametrize("issuer", [ES, RSA], ids=["ES256", "PS256"])
def test_a_changed_payload_has_a_wrong_signature(issuer: Issuer) -> None:
    signature = cbor2.loads(issuer.message(PAYLOAD)).value[3]
    assert state(issuer.message(cbor2.dumps({1: "VM"}), signature=signature)) is SignerState.WRONG_SIGNATURE


def test_the_signature_covers_the_protected_header() -> None:
    signature = cbor2.loads(ES.message(PAYLOAD)).value[3]
    other = ES.message(PAYLOAD, protected={1: -7, 4: ES.kid, 3: 0}, signature=signature)
    assert state(other) is SignerState.WRONG_SIGNATURE


def test_without_a_trust_list_the_signature_is_not_checked() -> None:
    assert state(ES.message(PAYLOAD), None) is SignerState.NOT_CHECKED


def test_a_key_id_that_is_not_in_the_list_is_an_unknown_signer() -> None:
    assert state(Issuer.es256(b"somebody").message(PAYLOAD)) is SignerState.UNKNOWN
    assert state(ES.message(PAYLOAD), TrustList([])) is SignerState.UNKNOWN


def test_another_key_under_the_same_id_is_a_wrong_signature() -> None:
    assert state(Issuer.es256(ES.kid).message(PAYLOAD)) is SignerState.WRONG_SIGNATURE


def test_of_several_keys_with_one_id_each_is_tried() -> None:
    keys = [Issuer.es256(ES.kid).trusted(), Issuer(RSA.key, ES.kid).trusted(), ES.trusted()]
    assert state(ES.message(PAYLOAD), TrustList(keys)) is SignerState.CHECKED


def test_of_two_entries_of_one_key_the_one_that_may_sign_this_counts() -> None:
    trust = TrustList([ES.trusted("t"), ES.trusted("v")])
    assert state(ES.message(PAYLOAD), trust, "v") is SignerState.CHECKED


def test_a_signer_that_may_not_sign_this_kind_is_not_allowed() -> None:
    assert state(ES.message(PAYLOAD), TrustList([ES.trusted("tr")]), "v") is SignerState.NOT_ALLOWED


def test_who_signed_comes_from_the_trust_list_and_only_when_the_signature_is_right() -> None:
    life = (ISSUED_S, ISSUED_S + 9)
    trust = TrustList([ES.trusted(country="VN", lifetime_s=life)])
    assert signer_of(open_message(ES.message(PAYLOAD)), "v", trust) == Signer(SignerState.CHECKED, "VN", *life)
    forged = Issuer.es256(ES.kid).message(PAYLOAD)
    assert signer_of(open_message(forged), "v", trust) == Signer(SignerState.WRONG_SIGNATURE)


# -- key id ----------------------------------------------------------------------------------------


def test_a_key_id_only_in_the_unprotected_header_is_used() -> None:
    assert state(ES.message(PAYLOAD, {1: -7}, {4: ES.kid})) is SignerState.CHECKED


def test_a_right_key_id_in_the_protected_header_outweighs_a_wrong_one_outside() -> None:
    assert state(ES.message(PAYLOAD, {1: -7, 4: ES.kid}, {4: b"wrong"})) is SignerState.CHECKED


def test_a_wrong_key_id_in_the_protected_header_outweighs_a_right_one_outside() -> None:
    assert state(ES.message(PAYLOAD, {1: -7, 4: b"wrong"}, {4: ES.kid})) is SignerState.UNKNOWN


def test_a_message_without_a_key_id_has_an_unknown_signer() -> None:
    assert state(ES.message(PAYLOAD, {1: -7})) is SignerState.UNKNOWN


@pytest.mark.parametrize("kid", ["VN-TEST1", 7, [], b"k" * 65])
def test_a_key_id_that_is_none_is_refused(kid: object) -> None:
    with pytest.raises(CertificateMalformed, match="key id"):
        open_message(ES.message(PAYLOAD, {1: -7, 4: kid}, {4: ES.kid}))


@pytest.mark.parametrize("nothing", [None, b""])
def test_a_key_id_that_is_null_or_empty_is_looked_for_in_the_other_header(nothing: object) -> None:
    assert state(ES.message(PAYLOAD, {1: -7, 4: nothing}, {4: ES.kid})) is SignerState.CHECKED


# -- algorithm -------------------------------------------------------------------------------------


@pytest.mark.parametrize("alg", [None, 0, -8, -35, -36, -38, -39, -257, -65_535, "ES256", "none", -7.0, True, [], {}])
def test_an_algorithm_that_is_not_allowed_is_refused(alg: object) -> None:
    with pytest.raises(CertificateMalformed, match="algorithm"):
        open_message(ES.message(PAYLOAD, {1: alg, 4: ES.kid}))


@pytest.mark.parametrize("protected", [{}, {4: ES.kid}], ids=["empty", "key id"])
def test_an_algorithm_only_in_the_unprotected_header_is_refused(protected: dict[int, object]) -> None:
    with pytest.raises(CertificateMalformed, match="algorithm"):
        open_message(ES.message(PAYLOAD, protected, {1: -7, 4: ES.kid}))


def test_an_algorithm_outside_never_outweighs_the_protected_one() -> None:
    assert state(ES.message(PAYLOAD, {1: -7, 4: ES.kid}, {1: -37})) is SignerState.CHECKED


def test_a_key_verifies_under_no_algorithm_but_its_own() -> None:
    as_rsa = ES.message(PAYLOAD, {1: -37, 4: ES.kid}, signature=bytes(256))
    assert state(as_rsa) is SignerState.WRONG_SIGNATURE
    as_ec = RSA.message(PAYLOAD, {1: -7, 4: RSA.kid}, signature=bytes(64))
    assert state(as_ec) is SignerState.WRONG_SIGNATURE


def test_a_header_that_must_be_understood_and_is_not_is_refused() -> None:
    with pytest.raises(CertificateMalformed, match="demands"):
        open_message(ES.message(PAYLOAD, {1: -7, 2: [99], 4: ES.kid, 99: 1}))


# -- signature -------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [0, 1, 63, 65, 72, 200, 1_000])
def test_an_es256_signature_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(CertificateMalformed, match="length"):
        open_message(ES.message(PAYLOAD, signature=bytes(length)))


@pytest.mark.parametrize("length", [0, 64, 255, 1_025])
def test_a_ps256_signature_of_an_impossible_length_is_refused(length: int) -> None:
    with pytest.raises(CertificateMalformed, match="length"):
        open_message(RSA.message(PAYLOAD, signature=bytes(length)))


@pytest.mark.parametrize(
    ("r", "s"), [(0, 0), (0, 1), (1, 0), (ORDER, 1), (1, ORDER), (ORDER, ORDER), (2**256 - 1, 2**256 - 1)]
)
def test_numbers_no_signature_has_are_a_wrong_signature(r: int, s: int) -> None:
    signature = r.to_bytes(32) + s.to_bytes(32)
    assert state(ES.message(PAYLOAD, signature=signature)) is SignerState.WRONG_SIGNATURE


@pytest.mark.parametrize("length", [256, 257, 384, 512])
def test_a_ps256_signature_of_zeros_is_wrong(length: int) -> None:
    assert state(RSA.message(PAYLOAD, signature=bytes(length))) is SignerState.WRONG_SIGNATURE


# -- shape -----------------------------------------------------------------------------------------


def test_a_message_may_stand_bare_or_under_one_or_both_of_its_tags() -> None:
    tagged = ES.message(PAYLOAD)
    assert tagged[:1] == b"\xd2"
    for raw in (tagged[1:], tagged, b"\xd8\x3d" + tagged):
        assert state(raw) is SignerState.CHECKED


@pytest.mark.parametrize(
    "head", [b"\xd2\xd2", b"\xd2\xd8\x3d", b"\xd8\x3d\xd8\x3d\xd2", b"\xd8\x12", b"\xd1", b"\xc0\xd2"]
)
def test_other_tags_around_it_are_refused(head: bytes) -> None:
    with pytest.raises(CertificateMalformed):
        open_message(head + ES.message(PAYLOAD)[1:])


@pytest.mark.parametrize(
    "content",
    [
        {},
        7,
        [],
        [b"", {}, PAYLOAD],
        [b"", {}, PAYLOAD, bytes(64), b""],
        [b"", {}, None, bytes(64)],
        [{}, {}, PAYLOAD, bytes(64)],
        [b"", [], PAYLOAD, bytes(64)],
        [b"", {}, PAYLOAD, "s" * 64],
        [b"\xa1", {}, PAYLOAD, bytes(64)],
        [b"\x80", {}, PAYLOAD, bytes(64)],
        [b"\xa0\x00", {}, PAYLOAD, bytes(64)],
    ],
)
def test_anything_but_a_message_with_one_signature_is_refused(content: object) -> None:
    with pytest.raises(CertificateMalformed):
        open_message(cbor2.dumps(content))
