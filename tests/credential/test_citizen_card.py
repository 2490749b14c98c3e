from __future__ import annotations

import pytest

from device.credential import Note, recognise
from device.model import CodeKind, Credential, Person, Reason, Unrecognised

WHOLE = (
    "051090001234|212345678|Nguyễn Văn Thử|05031990|Nam|"
    "Tổ 3, Phường Nghĩa Lộ, Thành phố Quảng Ngãi, Quảng Ngãi|15042021"
)


def read(text: str | bytes) -> Credential:
    claim = recognise(text.encode() if isinstance(text, str) else text)
    assert isinstance(claim, Credential), claim
    assert claim.kind is CodeKind.CITIZEN_CARD
    return claim


def refused(text: str) -> bool:
    claim = recognise(text.encode())
    return isinstance(claim, Unrecognised) and claim.reason is Reason.UNKNOWN_CODE


def test_a_card_with_an_old_number_gives_every_field() -> None:
    card = read(WHOLE)
    assert card.person == Person(
        name="Nguyễn Văn Thử",
        birth="1990-03-05",
        sex="male",
        citizen_number="051090001234",
        old_number="212345678",
        address="Tổ 3, Phường Nghĩa Lộ, Thành phố Quảng Ngãi, Quảng Ngãi",
    )
    assert card.details == (("issued", "2021-04-15"),)
    assert card.notes == ()


def test_a_card_without_an_old_number_is_read() -> None:
    person = read("051194005678||Trần Thị Mẫu|20111994|Nữ|Thôn Đông, Bình Châu, Bình Sơn, Quảng Ngãi|01072022").person
    assert (person.old_number, person.sex, person.birth) == (None, "female", "1994-11-20")


def test_an_adult_card_of_2024_ends_in_four_empty_fields() -> None:
    card = read("051095004321||Lê Minh Giả|09091995|Nam|Tổ 1, Trương Quang Trọng, Quảng Ngãi|10082024||||")
    assert card.person.name == "Lê Minh Giả"
    assert card.details == (("issued", "2024-08-10"),)


@pytest.mark.parametrize(
    ("extras", "details"),
    [
        ("||Lê Văn Cha|Trần Thị Mẹ", [("parent", "Lê Văn Cha"), ("parent", "Trần Thị Mẹ")]),
        (
            "|051218000111|Lê Văn Cha|Trần Thị Mẹ",
            [("cancelled-number", "051218000111"), ("parent", "Lê Văn Cha"), ("parent", "Trần Thị Mẹ")],
        ),
        (
            "Lê Văn Cha|Trần Thị Mẹ|051218000111|",
            [("parent", "Lê Văn Cha"), ("parent", "Trần Thị Mẹ"), ("cancelled-number", "051218000111")],
        ),
    ],
)
def test_parents_and_a_cancelled_number_are_known_by_shape(extras: str, details: list[tuple[str, str]]) -> None:
    card = read(f"051218000777||Lê Văn Bé|01022018|Nam|Xã Nghĩa Hành, Quảng Ngãi|15032025|{extras}")
    assert card.details == (("issued", "2025-03-15"), *details)
    assert card.notes == ()


@pytest.mark.parametrize("around", ["\ufeff%s", "CCCD:%s", "\ufeffCCCD: %s", "%s\r\n", "%s\0", "\0%s\n"])
def test_what_printers_put_around_a_card_means_nothing(around: str) -> None:
    assert read(around % WHOLE) == read(WHOLE)


def test_a_code_of_six_fields_is_a_card_when_the_fourth_is_a_date() -> None:
    assert read("051090001234||Nguyễn Văn Thử|05031990|Nam|Quảng Ngãi").person.address == "Quảng Ngãi"


@pytest.mark.parametrize(("written", "birth"), [("031990", "1990-03"), ("1990", "1990")])
def test_a_birth_date_without_day_or_month_is_kept_as_far_as_it_goes(written: str, birth: str) -> None:
    assert read(f"051090001234||A|{written}|Nam||15042021").person.birth == birth


def test_an_empty_address_and_issue_date_are_nothing_odd() -> None:
    card = read("051090001234||A|05031990|Nam||")
    assert (card.person.address, card.details, card.notes) == (None, (), ())


def test_a_number_of_the_newer_kind_that_contradicts_the_card_is_a_warning_only() -> None:
    card = read("051090001234||A|05031985|Nữ|B|15042021")
    assert card.notes == (Note.NUMBER_AND_BIRTH_DIFFER, Note.NUMBER_AND_SEX_DIFFER)


def test_a_name_in_separate_accents_is_composed() -> None:
    assert read("051090001234||Le\N{COMBINING CIRCUMFLEX ACCENT}|05031990|Nam|B|15042021").person.name == "Lê"


def test_a_card_that_is_no_utf8_keeps_what_is_certain_and_says_so() -> None:
    card = read("051090001234|212345678|Trần Bà|05031990|Nam|To 3|15042021".encode("cp1258", "replace"))
    assert card.person == Person(
        birth="1990-03-05", sex="male", citizen_number="051090001234", old_number="212345678", address="To 3"
    )
    assert card.notes == (Note.NOT_UTF8, Note.NAME_UNREADABLE)


def test_a_card_whose_pipes_moved_is_read_as_its_number_only() -> None:
    # A Big5 or Shift-JIS trail byte may be 0x7C, which splits the name in two.
    claim = recognise(b"051090001234|212345678|Nguy\x81|n|05031990|Nam|To 3|15042021")
    assert claim == Credential(
        CodeKind.CITIZEN_NUMBER, Person(citizen_number="051090001234"), notes=(Note.NOT_UTF8, Note.NUMBER_ONLY)
    )


@pytest.mark.parametrize(
    ("name", "noted"),
    [("A\x1b[31mB", True), ("A\N{RIGHT-TO-LEFT OVERRIDE}B", True), ("e" + "\u0301" * 500, True), ("", False)],
)
def test_a_name_that_is_no_text_is_left_out_and_the_card_kept(name: str, noted: bool) -> None:  # noqa: FBT001 - a table
    card = read(f"051090001234||{name}|05031990|Nam|B|15042021")
    assert card.person.name is None
    assert (Note.NAME_UNREADABLE in card.notes) is noted


@pytest.mark.parametrize(
    "text",
    [
        "051090001234||A|05031990|Nam",  # 5 fields
        "051090001234||A|05031990|Nam|B||||||",  # 12 fields and no issue date
        "051090001234||A||Nam|B|15042021",
        "051090001234||A|31021990|Nam|B|15042021",
        "051090001234||A|02001990|Nam|B|15042021",  # a day without its month
        "051090001234||A|05031990|Nam|B|31022021",
        "051090001234||A|05031990|Nam|B|2021-04-15",
        "051090001234||A|05-03-1990|Nam|B|15042021",
        "051090001234||A|٠٥٠٣١٩٩٠|Nam|B|15042021",
        "051090001234|A|05031990",
        "051090001234|",
        "051090001234|1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|18|19|20|21|22",
    ],
)
def test_of_a_card_of_another_layout_the_number_is_read(text: str) -> None:
    number = Credential(CodeKind.CITIZEN_NUMBER, Person(citizen_number="051090001234"), notes=(Note.NUMBER_ONLY,))
    assert recognise(text.encode()) == number


def test_a_card_of_more_than_11_fields_is_read_as_far_as_it_is_known() -> None:
    card = read("051090001234|212345678|A|05031990|Nam|B|15042025|||C|D|051090009876|x1")
    assert (card.person.name, card.person.birth, card.person.address) == ("A", "1990-03-05", "B")
    assert dict(card.details)["cancelled-number"] == "051090009876"
    assert card.notes == (Note.FIELD_UNREADABLE,)


@pytest.mark.parametrize("extra", ["05031990", "0900000001", "12345678901"])
def test_a_date_or_a_telephone_number_is_no_cancelled_number(extra: str) -> None:
    card = read(f"051090001234||A|05031990|Nam|B|15042025|{extra}|||")
    assert "cancelled-number" not in dict(card.details)
    assert card.notes == (Note.FIELD_UNREADABLE,)


def test_a_number_of_13_digits_is_unknown() -> None:
    assert refused("0510900012345||A|05031990|Nam|B|15042021")
    assert refused("0510900012345")


@pytest.mark.parametrize(
    "number", ["٠٥١٠٩٠٠٠١٢٣٤", "05109000123\N{FULLWIDTH DIGIT FOUR}", "O51090001234", "05109000l234"]
)
def test_homoglyph_digits_are_unknown(number: str) -> None:
    assert refused(WHOLE.replace("051090001234", number))
    assert refused(number)
