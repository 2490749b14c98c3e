from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.credential import Note, masked, recognise, same_person_keys
from device.credential.kinds import FORMATS
from device.credential.other import read_other
from device.credential.text import Fields, Text, read_text
from device.credential.venue import read_web_address
from device.model import CREDENTIAL_KINDS, CodeKind, Credential, Reason, Unrecognised

UNKNOWN = (CodeKind.UNKNOWN, Reason.UNKNOWN_CODE)

GOOD = [
    "051090001234|NGUYEN VAN THU|1990-03-05|0|163200000000000001|<1<GD4515120000001<0900000001",
    "******001234|TRAN THI MAU|1994-**-**|0|163200000000000003|<2<<0900000002",
    "051090001234|212345678|Nguyễn Văn Thử|05031990|Nam|Tổ 3, Phường Nghĩa Lộ|15042021",
    "051218000777||Lê Văn Bé|01022018|Nam|Xã Nghĩa Hành|15032025|||Lê Văn Cha|Trần Thị Mẹ",
    "GD4515120000001|4cc3aa|05/03/1990|1|4cc3aa|51 - 001|01/01/2020|-|20/12/2019|51015120000001|-|4|01/01/2025|1a|$",
    "5120000001|4cc3aa|2021|2|-|51–001|01/01/2022|-|05/01/2022|51015120000001|-|4| 01/01/2027|1a|4|4cc3aa|$",
    "051090001234",
    "https://tokhaiyte.vn/?page=Group.checkin&groupId=0123456789abcdef01234567",
    "00020101021238TESTONLY5303704",
    "WIFI:S:Quan;;",
]

PIECES = st.one_of(
    st.sampled_from([piece for text in GOOD for piece in text.split("|")]),
    st.sampled_from(
        ["", "0", "1", "-", "$", "HC1:", "CCCD:", "http://", "=cmd|'/c'!A1", "{0.__class__}", "../../", "<"]
    ),
    st.text(max_size=20),
    st.text("0123456789*-/", max_size=16),
)
NEARLY = st.one_of(st.lists(PIECES, max_size=22).map("|".join), st.lists(PIECES, max_size=4).map("".join))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good payload with a few bytes replaced, cut out or put in."""
    payload = bytearray(draw(st.sampled_from(GOOD)).encode())
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(payload)))
        payload[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(payload)


ANY_BYTES = st.one_of(st.binary(max_size=200), NEARLY.map(lambda text: text.encode("utf-8", "replace")), damaged())


@given(ANY_BYTES)
def test_any_bytes_end_in_a_claim_that_keeps_the_promises_of_its_type(payload: bytes) -> None:
    claim = recognise(payload)
    if isinstance(claim, Unrecognised):
        assert claim.length % 64 == 0
        assert 0 <= claim.length - len(payload) < 64
        assert claim.reason not in {Reason.RECORDED, Reason.REPEAT, Reason.MANUAL, Reason.LEDGER_FAULT}
        return
    assert claim.kind in CREDENTIAL_KINDS
    assert set(claim.notes) <= set(Note)
    same_person_keys(claim)
    for value in (*(getattr(claim.person, name) for name in claim.person.__slots__), *(v for _, v in claim.details)):
        assert value is None or value.replace("\N{NO-BREAK SPACE}", "").isprintable()


@given(ANY_BYTES)
def test_what_a_screen_may_show_is_letters_digits_and_little_else(payload: bytes) -> None:
    claim = recognise(payload)
    if isinstance(claim, Credential):
        for value in masked(claim).values():
            assert len(value) <= 64
            assert all(letter.isalnum() or letter in " .…" for letter in value)


@given(ANY_BYTES)
def test_no_text_fits_two_formats(payload: bytes) -> None:
    text = read_text(payload)
    fits = [str(kind) for kind, known in FORMATS.items() if known.read(Fields.of(text)) is not None]
    if read_web_address(text) is not None:
        fits.append("web address")
    assert len(fits) <= 1


@given(ANY_BYTES)
def test_a_reader_that_declines_leaves_no_note_behind(payload: bytes) -> None:
    fields = Fields.of(read_text(payload))
    before = list(fields.notes)
    for known in FORMATS.values():
        if known.read(fields) is not None:
            return
        assert fields.notes == before
        assert fields.details == []


@given(NEARLY)
def test_the_same_text_composed_or_not_names_the_same_kind(text: str) -> None:
    composed = unicodedata.normalize("NFC", text).encode("utf-8", "replace")
    decomposed = unicodedata.normalize("NFD", text).encode("utf-8", "replace")
    kinds = {CodeKind.CITIZEN_CARD}
    if recognise(composed).kind in kinds and len(decomposed) < 4_000:
        assert recognise(decomposed).kind in kinds


@pytest.mark.parametrize("text", GOOD)
def test_every_good_text_is_recognised_as_something(text: str) -> None:
    assert recognise(text.encode()).kind is not CodeKind.UNKNOWN


@pytest.mark.parametrize(
    ("payload", "length"),
    [(b"", 0), (b"x", 64), (b"A" * 4_296, 4_352), (b"A" * 100_000, 100_032), (b"e" + "\u0301".encode() * 2_000, 4_032)],
    ids=["empty", "one", "most", "100k", "combining marks"],
)
def test_empty_and_endless_texts_are_unknown(payload: bytes, length: int) -> None:
    assert recognise(payload) == Unrecognised(*UNKNOWN, length)


def test_eight_megabytes_of_combining_marks_are_unknown_without_a_look() -> None:
    assert recognise("\u0301".encode() * 4_000_000).kind is CodeKind.UNKNOWN


def test_a_good_text_that_outgrows_a_qr_code_is_unknown() -> None:
    text = GOOD[2].replace("Tổ 3", "T" * 4_296)
    assert recognise(text.encode()).kind is CodeKind.UNKNOWN


@pytest.mark.parametrize(
    "payload",
    [
        b"\0",
        b"\x1b[2J\x1b]0;x\x07",
        b"\a\r\n",
        "abc\N{RIGHT-TO-LEFT OVERRIDE}def".encode(),
        b"\xed\xa0\x80",
        b"'; DROP TABLE check_in; --",
        b"=cmd|' /C calc'!A0",
        b"{0.__class__}",
        b"%s%n",
        b"../../etc/passwd",
        b"\x83n\x83\x8d\x81[",
        b"\xff\xfe0\x005\x001\x00",
    ],
    ids=["nul", "esc", "bel", "bidi", "surrogate", "sql", "csv", "format", "printf", "path", "shift-jis", "utf-16"],
)
def test_hostile_texts_are_unknown(payload: bytes) -> None:
    claim = recognise(payload)
    assert isinstance(claim, Unrecognised)
    assert (claim.kind, claim.reason) == UNKNOWN


@pytest.mark.parametrize("word", ["'; DROP TABLE x; --", "{0.__class__}", "%s%n", "../../", "=1+1", "<script>"])
def test_hostile_words_in_a_card_are_plain_text(word: str) -> None:
    claim = recognise(f"051090001234||{word}|05031990|Nam|{word}|15042021".encode())
    assert isinstance(claim, Credential)
    assert (claim.person.name, claim.person.address) == (word, word)


def test_no_claim_shows_its_content_in_its_repr() -> None:
    for text in GOOD:
        shown = repr(recognise(text.encode()))
        for secret in ("051090001234", "THU", "Thử", "4515", "0123456789abcdef", "Nghĩa"):
            assert secret not in shown


def test_other_codes_are_only_asked_last() -> None:
    assert read_other(Text("000201123456", exact=True))[0] is CodeKind.BANK
    assert recognise(b"000201123456").kind is CodeKind.CITIZEN_NUMBER
