from __future__ import annotations

import hashlib
import zlib
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.crypto.sealed_body import _WORDS, BODY_SIZES, Body, decode_body, encode_body
from device.crypto.sealing import Sealer, SealingKey, new_key_pair, unseal
from device.errors import SealingUnavailable, WireError
from device.model import (
    CheckIn,
    CodeKind,
    Credential,
    Decision,
    Direction,
    Outcome,
    Person,
    Reason,
    SealedRow,
    Verification,
)
from tests.support.fakes import FakeClock
from tests.support.visitors import PLACE, visitor

DEVICE = "gate-1"
EPOCH = "00112233445566778899aabbccddeeff"
GRANTED = Decision(Outcome.GRANTED, Reason.RECORDED, "2026-01-01", rules=("known-kind", "accepted-here"))
HC1_DETAILS = (
    ("issuer", "VN"),
    ("kid", "9ba0a22c5e46ffe1"),
    ("issued", "2021-12-20T00:00:00Z"),
    ("expires", "2022-12-20T00:00:00Z"),
    ("disease", "840539006"),
    ("vaccine", "1119349007"),
    ("product", "EU/1/20/1528"),
    ("maker", "ORG-100030215"),
    ("doses", "2/2"),
    ("date", "2021-11-01"),
    ("country", "VN"),
    ("certificate-id", "URN:UVCI:01:VN:7Q2K9XJ4M1C8T5B3N6R0HZWE"),
    ("name-in-passport", "TON<NU<NGHIEM<XUAN<THUY<PHUONG"),
)
INSURANCE_DETAILS = (
    ("insurance-card-number", "GD4515120000001"),
    ("facility", "51-001"),
    ("valid-from", "2020-01-01"),
    ("valid-to", "2020-12-31"),
    ("issued", "2019-12-20"),
    ("office-code", "51015120000001"),
    ("parent", "Tôn Nữ Nghiêm Xuân Thùy Phương"),
    ("living-area", "4"),
    ("five-years-from", "2025-01-01"),
    ("checksum", "1a2b3c4d5e6f7081-7102"),
    ("benefit-level", "4"),
    ("place-of-issue", "Thành phố Hồ Chí Minh"),
)


def check_in(credential: Credential | None, decision: Decision = GRANTED) -> CheckIn:
    return CheckIn(credential, decision, PLACE, Direction.IN, FakeClock().reading())


def row(key_id: str, sealed: bytes, seq: int = 1) -> SealedRow:
    return SealedRow(seq, FakeClock().reading(), Direction.IN, True, "0" * 16, key_id, sealed, bytes(32))  # noqa: FBT003 - the row's own order


def body_around(packed: bytes) -> bytes:
    return (b"\1" + len(packed).to_bytes(2, "big") + packed).ljust(BODY_SIZES[0], b"\0")


def test_what_was_sealed_is_what_is_unsealed() -> None:
    key, private = new_key_pair()
    fact = visitor(7, FakeClock())
    key_id, sealed = Sealer(DEVICE, [key]).seal(fact, EPOCH, 12)
    body = unseal(private, DEVICE, EPOCH, row(key_id, sealed, 12))
    assert key_id == key.key_id
    assert body == Body(
        fact.decision.outcome,
        fact.decision.reason,
        fact.decision.policy_version,
        fact.decision.rules,
        fact.credential,
    )


def test_a_manual_check_in_has_no_credential() -> None:
    fact = check_in(None, Decision(Outcome.GRANTED, Reason.MANUAL, "1"))
    assert decode_body(encode_body(fact)).credential is None


def test_the_same_check_in_sealed_twice_looks_different() -> None:
    key, _ = new_key_pair()
    sealer, fact = Sealer(DEVICE, [key]), visitor(7, FakeClock())
    assert sealer.seal(fact, EPOCH, 1)[1] != sealer.seal(fact, EPOCH, 1)[1]


@pytest.mark.parametrize(
    ("device", "epoch", "seq", "key_id"),
    [
        ("gate-2", EPOCH, 1, "k"),
        (DEVICE, EPOCH[::-1], 1, "k"),
        (DEVICE, EPOCH, 2, "k"),
        (DEVICE, EPOCH, 1, "j"),
    ],
)
def test_a_sealed_body_opens_only_in_its_own_place(device: str, epoch: str, seq: int, key_id: str) -> None:
    key, private = new_key_pair()
    _, sealed = Sealer(DEVICE, [SealingKey("k", key.public)]).seal(visitor(7, FakeClock()), EPOCH, 1)
    unseal(private, DEVICE, EPOCH, row("k", sealed))
    with pytest.raises(WireError):
        unseal(private, device, epoch, row(key_id, sealed, seq))


def test_no_other_private_key_opens_it() -> None:
    key, _ = new_key_pair()
    _, stranger = new_key_pair()
    key_id, sealed = Sealer(DEVICE, [key]).seal(visitor(7, FakeClock()), EPOCH, 1)
    with pytest.raises(WireError):
        unseal(stranger, DEVICE, EPOCH, row(key_id, sealed))


@pytest.mark.parametrize("cut", [0, 1, 31, 48, 200, 367])
def test_sealed_bytes_cut_short_do_not_open(cut: int) -> None:
    key, private = new_key_pair()
    key_id, sealed = Sealer(DEVICE, [key]).seal(visitor(7, FakeClock()), EPOCH, 1)
    with pytest.raises(WireError):
        unseal(private, DEVICE, EPOCH, row(key_id, sealed[:cut]))


@pytest.mark.parametrize("point", [bytes(32), b"\1" + bytes(31), b"\xff" * 32])
def test_a_degenerate_encapsulated_key_is_refused(point: bytes) -> None:
    key, private = new_key_pair()
    key_id, sealed = Sealer(DEVICE, [key]).seal(visitor(7, FakeClock()), EPOCH, 1)
    with pytest.raises(WireError):
        unseal(private, DEVICE, EPOCH, row(key_id, point + sealed[32:]))


def test_the_length_is_the_same_for_every_person_kind_and_answer() -> None:
    clock = FakeClock()
    long_name = "Công Tằng Tôn Nữ Nghiêm Xuân Thùy Phương"
    long_address = (
        "Căn hộ 1204, Tòa nhà Bưởi Khuê, Khu đô thị Nghiêng Lựu, Phường Trương Quang Trọng, "
        "Thành phố Buôn Ma Thuột, Tỉnh Đắk Lắk"
    )
    numbers = Person(
        name=long_name,
        birth="1990-03-05",
        sex="female",
        citizen_number="051190001234",
        old_number="212345678",
        insurance_number="5120000001",
        address=long_address,
    )
    qid = replace(numbers, national_code_id="163200000000000001", phone="0900000001", address=None)
    facts = [
        *(visitor(number, clock) for number in range(300)),
        check_in(None, Decision(Outcome.GRANTED, Reason.MANUAL, "1")),
        check_in(Credential(CodeKind.CITIZEN_NUMBER, Person(citizen_number="051190001234"))),
        check_in(Credential(CodeKind.CITIZEN_CARD, numbers, details=(("parent", long_name), ("parent", long_name)))),
        check_in(Credential(CodeKind.NATIONAL_CODE, qid, details=(("declared-by", "163200000000000002"),))),
        check_in(Credential(CodeKind.INSURANCE_CARD, numbers, details=INSURANCE_DETAILS, notes=("old-card",))),
        check_in(Credential(CodeKind.HC1, Person(name=long_name), Verification.YES, details=HC1_DETAILS)),
        check_in(
            Credential(CodeKind.CITIZEN_CARD, numbers, notes=("number-and-birth-differ",)),
            Decision(Outcome.DENIED, Reason.KIND_NOT_ACCEPTED, "2026-12-31/12", rules=("known-kind", "accepted-here")),
        ),
    ]
    assert {len(encode_body(fact)) for fact in facts} == {BODY_SIZES[0]}


def test_the_largest_code_there_can_be_is_sealed_whole() -> None:
    text = "".join(hashlib.sha512(bytes([turn])).hexdigest() for turn in range(34))[:4296]
    fact = check_in(Credential(CodeKind.CITIZEN_CARD, Person(address=text)))
    assert decode_body(encode_body(fact)).credential == fact.credential
    assert len(encode_body(fact)) in BODY_SIZES


def test_without_a_key_nothing_is_sealed() -> None:
    with pytest.raises(SealingUnavailable, match="enrol"):
        Sealer(DEVICE, []).seal(visitor(1, FakeClock()), EPOCH, 1)


def test_the_newest_key_is_used_and_can_be_renewed() -> None:
    old, new, newer = (new_key_pair()[0] for _ in range(3))
    sealer = Sealer(DEVICE, [old, new])
    assert sealer.seal(visitor(1, FakeClock()), EPOCH, 1)[0] == new.key_id
    sealer.renew([newer])
    assert sealer.seal(visitor(1, FakeClock()), EPOCH, 1)[0] == newer.key_id


@pytest.mark.parametrize(
    "bad",
    [
        SealingKey("k", bytes(31)),
        SealingKey("k", bytes(32)),
        SealingKey("a|b", bytes(range(32))),
        SealingKey("", bytes(range(32))),
    ],
)
def test_an_unusable_key_is_refused_and_the_one_in_use_stays(bad: SealingKey) -> None:
    good, _ = new_key_pair()
    sealer = Sealer(DEVICE, [good])
    with pytest.raises(SealingUnavailable):
        sealer.renew([good, bad])
    assert sealer.seal(visitor(1, FakeClock()), EPOCH, 1)[0] == good.key_id


def test_a_device_id_that_could_be_mistaken_for_two_parts_is_refused() -> None:
    with pytest.raises(SealingUnavailable):
        Sealer("gate|1", [])


def test_a_person_s_names_are_not_in_what_a_body_prints() -> None:
    assert "Nguyễn" not in repr(decode_body(encode_body(check_in(Credential(CodeKind.HC1, Person(name="Nguyễn"))))))


TEXT = st.text(max_size=60)


@given(st.lists(st.none() | TEXT, max_size=9), st.lists(st.tuples(TEXT, TEXT), max_size=4), st.lists(TEXT, max_size=3))
def test_any_text_comes_back_as_it_was(
    fields: list[str | None], details: list[tuple[str, str]], notes: list[str]
) -> None:
    credential = Credential(CodeKind.HC1, Person(*fields), Verification.NO, tuple(details), tuple(notes))
    assert decode_body(encode_body(check_in(credential))).credential == credential


def test_half_of_a_surrogate_pair_is_no_reason_to_lose_a_check_in() -> None:
    credential = Credential(CodeKind.CITIZEN_CARD, Person(name="Th\ud83d"))
    assert decode_body(encode_body(check_in(credential))).credential == credential


@given(st.binary(max_size=400))
def test_bytes_that_are_no_body_are_refused_in_one_way(body: bytes) -> None:
    with pytest.raises(WireError):
        decode_body(body)


@given(st.integers(0, BODY_SIZES[0] * 8 - 1))
def test_a_flipped_bit_gives_another_body_or_a_refusal(bit: int) -> None:
    body = bytearray(encode_body(visitor(3, FakeClock())))
    body[bit // 8] ^= 1 << bit % 8
    try:
        decode_body(bytes(body))
    except WireError:
        return
    # What still unpacks must have been in the content, never in the layout or in the padding.
    assert 3 <= bit // 8 < 3 + int.from_bytes(body[1:3], "big")


@pytest.mark.parametrize(
    "json",
    [
        b"{}",
        b"[]",
        b'["granted","recorded","1",[],null,null]',
        b'["waved-through","recorded","1",[],null]',
        b'["granted","because","1",[],null]',
        b'["granted","recorded",1,[],null]',
        b'["granted","recorded","1",[1],null]',
        b'["granted","recorded","1",[],["hc1","yes",[],[]]]',
        b'["granted","recorded","1",[],["hc1","yes",[1],[],[]]]',
        b'["granted","recorded","1",[],["hc1","yes",["","","","","","","","","",""],[],[]]]',
        b'["granted","recorded","1",[],["hc1","yes",[],[["a"]],[]]]',
        b"[" * 100_000,
        b"\xff",
        b"NaN",
    ],
)
def test_content_of_another_shape_is_refused(json: bytes) -> None:
    press = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zdict=_WORDS)
    with pytest.raises(WireError):
        decode_body(body_around(press.compress(json) + press.flush()))


def test_a_body_that_swells_when_unpacked_is_refused() -> None:
    press = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zdict=_WORDS)
    packed = press.compress(b'["granted","recorded","1",[],null]' + b" " * 300_000) + press.flush()
    body = b"\1" + len(packed).to_bytes(2, "big") + packed
    with pytest.raises(WireError):
        decode_body(body.ljust(next(size for size in BODY_SIZES if size >= len(body)), b"\0"))


def test_padding_that_is_not_zero_or_too_long_is_refused() -> None:
    body = encode_body(visitor(3, FakeClock()))
    for other in (body[:-1] + b"\1", body + b"\0", body.ljust(BODY_SIZES[1], b"\0")):
        with pytest.raises(WireError, match="padded"):
            decode_body(other)


def test_a_body_sealed_by_the_first_version_is_still_read() -> None:
    # Rows stay sealed for weeks: layout 1 and its preset dictionary may never change.
    assert hashlib.sha256(_WORDS).hexdigest() == "74930ec8e3ff73c268f692a64117828d004f2e4bbc5cb4143467b96723f1ddf8"
    old = bytes.fromhex(
        "0100368b46d4673aa815231e1f10e5509444edfb70d7ea5264572a199802eb6a1303035333730b0cd71919e91a9883ec05b912a59e033a19"
    )
    body = decode_body(old.ljust(BODY_SIZES[0], b"\0"))
    assert body == Body(
        Outcome.REFERRED,
        Reason.WEAK_READING,
        "2026-01-01",
        ("known-kind",),
        Credential(
            CodeKind.CITIZEN_CARD,
            Person(name="Trần Thị Mẫu", citizen_number="051194005678"),
            Verification.NOT_APPLICABLE,
            (("issued", "2022-07-01"),),
            ("number-only",),
        ),
    )


DAY = date(2026, 1, 5)


def test_a_gate_seals_to_the_key_of_its_day_and_changes_at_midnight() -> None:
    keys = [new_key_pair(day)[0] for day in (DAY, DAY.replace(day=6))]
    days = [DAY, DAY.replace(day=6)]
    sealer = Sealer(DEVICE, keys, lambda: days[0])
    assert sealer.seal(visitor(1, FakeClock()), EPOCH, 1)[0] == keys[0].key_id
    days.pop(0)
    assert sealer.seal(visitor(1, FakeClock()), EPOCH, 1)[0] == keys[1].key_id


def test_a_gate_without_the_days_key_uses_its_last_one_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    key, _ = new_key_pair(DAY)
    sealer = Sealer(DEVICE, [key], lambda: DAY.replace(day=9))
    for seq in (1, 2):
        assert sealer.seal(visitor(1, FakeClock()), EPOCH, seq)[0] == key.key_id
    assert caplog.messages == ["event=sealing-key state=late key_day=2026-01-05 today=2026-01-09"]
    sealer.renew([key, new_key_pair(DAY.replace(day=9))[0]])
    sealer.seal(visitor(1, FakeClock()), EPOCH, 3)
    assert caplog.messages[1:] == ["event=sealing-key state=good key_day=2026-01-09 today=2026-01-09"]


def test_a_key_for_every_day_is_never_late(caplog: pytest.LogCaptureFixture) -> None:
    sealer = Sealer(DEVICE, [new_key_pair()[0]], lambda: DAY)
    sealer.seal(visitor(1, FakeClock()), EPOCH, 1)
    assert caplog.messages == []
