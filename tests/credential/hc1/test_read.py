from __future__ import annotations

from dataclasses import replace

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicNumbers
from hypothesis import given
from hypothesis import strategies as st

from device.credential import TrustedKey, TrustList, recognise, same_person_keys
from device.credential.hc1.faults import signature_fault, time_fault
from device.credential.hc1.trust_list import ES256, USES
from device.model import CodeKind, Credential, Reason, SignerState, Unrecognised, Vaccination, Verification
from tests.support.issuer import ISSUED_S, Issuer, certificate, text_of, token

ES = Issuer.es256()
RSA = Issuer.ps256()
TRUST = TrustList([ES.trusted(), RSA.trusted()])

# Three certificates of invented people by a key made for them: valid, expired, and with a broken signature.
EXAMPLES = [
    (
        b"HC1:NCFOXN%TSMAHN-HUSC4LGLH7K1EH.3GBHBVMU96W%PLX85 R5X9TSJJ0D*%9AN9I6T5XH4PIQJAZGA+1V2:U:PI/E2$4JY/K"
        b"4+C1.KS+AL-RKOJLZIM4J.:E1B7O84H S:7U KP8EF6FDO7UYIIC1G9NTUZ4:EC0/FI84HKKZD5CC9T0HL/ICNNO5P$$0SGH.+HA"
        b"MI PQVW5/O16%HAT1Z%PHOP+MMBT16Y5+Z9XV7*$K8KG+9RR$F+ F%J00N89M4*$K3$OHBW24FAL86H0CNCRK40YQDXI03L6QS03"
        b"L9ZI4Q53DKK3MZJKFGI1JAF.7TMUZJJAKR74M/7463KOLOE1MYE9MKJGHKW/F3IKJ5QH*AA:GSEC/*A*EBCD9172RCACRHDERL.T"
        b"GNIKNEZTLRA0D$V9PJ..2$9BHT50*U3BT IG*7UZ5OR+J9F1 THPNBG9M/266MUOH5*NN89W03U0YDLTTRJ5KGVA737XTV E"
    ),
    (
        b"HC1:NCFOXN%TSMAHN-HUSC4LGLH7K1EH.3GBHHKNU96W%PLX890P XG:X9MB59KK NI4EFSYS1-ST*QGTAAY7.Y7B-S-*O5W41FD"
        b"3DD*W8:2FC9QQK97UP6LP-FN:QB7FVR4M6/K1FDIV4894S0ITNP8EFBLT8*3J-6I1IHJP7NVDEBU1JE+4D0HVON8$0W$C2VLTK96"
        b"L6SR9MU9DV5 R13PI%F1PN1/T1%%HN9G2 UK*R3T3+7A.N88J4R$F/MAITH-+R2YBV44PZB6H0CJ0%H0%P8C KKV70%KLR2C KPL"
        b"I8J4+J46YBAN8OCK-JEHIQVD9O0PRB4VIOIF1BMOZJKIB8*LPF1TQC8$.AIGCY0K5$0I-AW/F144%BKR%8Y 1KRJIDSUMEW:JHCS"
        b"DXJ%E7U1C%VRK*0N26QTGCYGY36N9T8CS0X4/DTJ-P5QM$:LZW7UQP*V9%J8I2G1D9Z43HWJ:0RIGLO%R00HE003MGG1"
    ),
    (
        b"HC1:NCFOXN%TSMAHN-HUSC4LGLH7K1EH.3GBHPPMU96W%PLX85 R5X9TSJJ0D*%9AN9I6T5XH4PIQJAZGA+1V2:U:PI/E2$4JY/K"
        b"3 4HQ3.+I92K91TYIJ+KKH4K.BEYUS8%MHLI614M.SY$NHP1$0A.+1X3F7CPP$I/XK$M8NN96YBHM9/G9YPDN*I4OIMEDTJCJKDL"
        b"EDL9CZTAKBI/8D:8DKTDL+S/15A+2XEN QT QTHC31M3+E3+T4D-4HRVUMNMD3323623423.LJX/KR968X2+36/-KKTC 50D9GCN"
        b"N./G0OPU585:4K$247H6$0A55DY067H/Y0ZW4F1JU*0CEBQ/GXQFY73/JBNNV4GGSA8ZX8KV8EYNOLR.HPB$V+RDIW0%/DU*TLT1"
        b"I:TPWIY05RABHAFIMR4E7V%G:U3826F%L9I3G5CH6EXTT3/5EZMV9HHGS2$NG1J+$K5-H$.H4UO0:D"
    ),
]
EXAMPLE_KEY = EllipticCurvePublicNumbers(
    0x945BAFBFE49BBFFE5C33D49CD083DA75CE805AAF1F2A82CFB010E0968163582A,
    0x40F7F692A325069E22CC0FE04C0E68322F4459E45106D54325EE23B8C66BD184,
    SECP256R1(),
).public_key()
EXAMPLE_TRUST = TrustList(
    [TrustedKey(bytes.fromhex("9ba0a22c5e46ffe1"), ES256, EXAMPLE_KEY, frozenset(USES), "VN", 0, 2**32)]
)
JUNE_2026_S = 1_780_272_000


def credential(payload: bytes, trust: TrustList | None = TRUST) -> Credential:
    claim = recognise(payload, trust)
    assert isinstance(claim, Credential)
    return claim


def reason(payload: bytes, trust: TrustList | None = TRUST) -> Reason:
    claim = recognise(payload, trust)
    assert isinstance(claim, Unrecognised)
    assert claim.kind is CodeKind.HC1
    return claim.reason


@pytest.mark.parametrize(
    ("number", "name", "doses", "verified", "fault"),
    [
        (0, "Nguyễn Văn Thử", "2/2", Verification.YES, None),
        (1, "Trần Thị Mẫu", "3/2", Verification.YES, Reason.CERTIFICATE_EXPIRED),
        (2, "Lê Minh Giả", "1/2", Verification.NO, Reason.SIGNATURE_WRONG),
    ],
)
def test_the_three_examples_are_valid_expired_and_wrongly_signed(
    number: int, name: str, doses: str, verified: Verification, fault: Reason | None
) -> None:
    read = credential(EXAMPLES[number], EXAMPLE_TRUST)
    assert read.certificate is not None
    assert (read.person.name, dict(read.details)["doses"], read.verified) == (name, doses, verified)
    assert (signature_fault(read.certificate) or time_fault(read.certificate, JUNE_2026_S)) is fault


@pytest.mark.parametrize("issuer", [ES, RSA], ids=["ES256", "PS256"])
@pytest.mark.parametrize("use", USES)
def test_a_certificate_of_each_kind_under_each_algorithm_is_verified(issuer: Issuer, use: str) -> None:
    read = credential(issuer.issue(use))
    assert (read.kind, read.verified) == (CodeKind.HC1, Verification.YES)
    assert dict(read.details)["signer"] == "checked"


def test_not_checked_unknown_and_wrong_are_three_answers() -> None:
    forged = Issuer.es256(ES.kid).issue()
    answers = [
        (credential(payload, trust).verified, signature_fault(found))
        for payload, trust in ((ES.issue(), None), (Issuer.es256(b"else").issue(), TRUST), (forged, TRUST))
        if (found := credential(payload, trust).certificate) is not None
    ]
    assert answers == [
        (Verification.UNCHECKED, Reason.SIGNATURE_NOT_CHECKED),
        (Verification.NO, Reason.SIGNER_UNKNOWN),
        (Verification.NO, Reason.SIGNATURE_WRONG),
    ]


def test_an_unverified_certificate_is_read_all_the_same() -> None:
    read = credential(ES.issue(), None)
    assert read.person.name == "Nguyễn Văn Thử"
    assert read.certificate is not None
    assert isinstance(read.certificate.entry, Vaccination)


def test_the_same_person_on_a_certificate_and_in_capitals_is_joined_by_name_and_birth() -> None:
    assert same_person_keys(credential(ES.issue())) == ("name:NGUYEN VAN THU:1990-03-05",)


def test_a_person_never_shows_in_the_representation_of_a_certificate() -> None:
    shown = repr(credential(ES.issue()))
    assert "Nguy" not in shown
    assert "TEST0001" not in shown


@pytest.mark.parametrize("prefix", [b"HC2:", b"hc1:", b"HC1", b"HL0:", b"", b" HC1:", b"\xef\xbb\xbfHC1:"])
def test_another_prefix_is_no_certificate(prefix: bytes) -> None:
    claim = recognise(prefix + ES.issue()[4:], TRUST)
    assert isinstance(claim, Unrecognised)
    assert claim.kind is not CodeKind.HC1


@pytest.mark.parametrize("tail", [b"\n", b"\r\n", b" ", b"\0", b"A"])
def test_a_certificate_with_something_behind_it_is_malformed(tail: bytes) -> None:
    assert reason(ES.issue() + tail) is Reason.CERTIFICATE_MALFORMED


def test_more_text_than_a_code_holds_is_not_looked_at() -> None:
    claim = recognise(b"HC1:" + b"0" * 100_000, TRUST)
    assert isinstance(claim, Unrecognised)
    assert claim.kind is CodeKind.UNKNOWN


def test_a_broken_layer_anywhere_is_malformed_even_when_it_is_signed() -> None:
    no_number = float("nan")
    for message in (
        ES.message(cbor2.dumps(token(certificate(), expires_s=no_number))),
        ES.message(cbor2.dumps(token(certificate() | {"v": []}))),
        ES.message(b"\x81" * 4_000 + b"\x00"),
        ES.message(cbor2.dumps(token(certificate()))[:-1]),
        ES.message(cbor2.dumps(token(certificate())) + b"\x00"),
    ):
        assert reason(text_of(message)) is Reason.CERTIFICATE_MALFORMED


def test_maps_and_arrays_of_indefinite_length_are_read_as_some_issuers_write_them() -> None:
    plain = cbor2.dumps(token(certificate()))
    assert plain[0] == 0xA4
    assert credential(text_of(ES.message(b"\xbf" + plain[1:] + b"\xff"))).verified is Verification.YES


def test_a_time_is_judged_at_the_clock_and_its_last_second_still_holds() -> None:
    found = credential(ES.issue(expires_s=ISSUED_S + 100)).certificate
    assert found is not None
    times = (ISSUED_S - 1, ISSUED_S, ISSUED_S + 100, ISSUED_S + 101)
    assert [time_fault(found, now_s) for now_s in times] == [
        Reason.CERTIFICATE_NOT_YET_VALID,
        None,
        None,
        Reason.CERTIFICATE_EXPIRED,
    ]


def test_the_time_of_issue_may_lie_ahead_as_far_as_one_allows_and_not_before_never() -> None:
    found = credential(ES.issue()).certificate
    assert found is not None
    assert [time_fault(found, ISSUED_S - before_s, 100) for before_s in (100, 101)] == [
        None,
        Reason.CERTIFICATE_NOT_YET_VALID,
    ]
    bound = replace(found, not_before_s=ISSUED_S)
    assert time_fault(bound, ISSUED_S - 1, 100) is Reason.CERTIFICATE_NOT_YET_VALID
    assert time_fault(bound, ISSUED_S, 100) is None


def test_a_signer_is_held_to_the_time_of_its_key() -> None:
    trust = TrustList([ES.trusted(lifetime_s=(ISSUED_S + 10, ISSUED_S + 20))])
    found = credential(ES.issue(), trust).certificate
    assert found is not None
    assert found.signer.state is SignerState.CHECKED
    times = (ISSUED_S + 9, ISSUED_S + 10, ISSUED_S + 20, ISSUED_S + 21)
    late = Reason.SIGNER_OUT_OF_DATE
    assert [time_fault(found, now_s) for now_s in times] == [late, None, None, late]


GOOD = [ES.issue(use) for use in USES] + [RSA.issue()]


@given(st.sampled_from(GOOD), st.lists(st.tuples(st.integers(0, 900), st.binary(max_size=3)), min_size=1, max_size=3))
def test_a_damaged_text_is_never_verified_and_never_an_error(text: bytes, damage: list[tuple[int, bytes]]) -> None:
    damaged = bytearray(text)
    for at, put in damage:
        damaged[at : at + len(put)] = put
    claim = recognise(bytes(damaged), TRUST)
    if bytes(damaged) != text and isinstance(claim, Credential):
        assert claim.verified is not Verification.YES


@given(st.sampled_from([ES, RSA]), st.integers(0, 700), st.integers(1, 255))
def test_a_message_with_one_byte_changed_is_never_verified_as_something_else(
    issuer: Issuer, at: int, flip: int
) -> None:
    message = bytearray(issuer.message(cbor2.dumps(token(certificate()))))
    at %= len(message)
    message[at] ^= flip
    claim = recognise(text_of(bytes(message)), TRUST)
    if isinstance(claim, Credential) and claim.verified is Verification.YES:
        # Only bytes outside the signature's cover may change without a trace; what is said is the same.
        assert claim == credential(issuer.issue())


@given(st.binary(max_size=300))
def test_any_compressed_bytes_end_in_a_claim(content: bytes) -> None:
    assert reason(text_of(content)) is Reason.CERTIFICATE_MALFORMED


@given(st.binary(max_size=200))
def test_any_signed_payload_ends_in_a_claim(payload: bytes) -> None:
    assert reason(text_of(ES.message(payload))) is Reason.CERTIFICATE_MALFORMED
