from __future__ import annotations

import pytest

from device.credential import Note, recognise
from device.model import CodeKind, Credential, Person

NAME = "4e677579e1bb856e2056c4836e205468e1bbad"
ADDRESS = "54e1bb9520332c205068c6b0e1bb9d6e67204e6768c4a961204ce1bb99"
PLACE = "54e1bb896e68205175e1baa36e67204e67c3a369"
OLD = (
    f"GD4515120000001|{NAME}|05/03/1990|1|{ADDRESS}|51 - 001|01/01/2020|31/12/2020|20/12/2019|51015120000001|-|4|"
    "01/01/2025|1a2b3c4d5e6f7081-7102|$"
)
NEW = (
    f"5120000001|{NAME}|05/03/1990|1|-|51 - 001|01/01/2022|-|05/01/2022|51015120000001|-|4| 01/01/2027|"
    f"1a2b3c4d5e6f7081-1202|4|{PLACE}|$"
)
CHILD = (
    "TE1515120000002|4cc3aa205468e1bb8b2042c3a9|2021|2|-|51–002|15/06/2021|30/09/2027|20/06/2021|51025120000002|"
    "Lê Văn Cha|4|15/06/2026|9f8e7d6c5b4a392-7102|$"
)


def read(text: str | bytes) -> Credential:
    claim = recognise(text.encode() if isinstance(text, str) else text)
    assert isinstance(claim, Credential), claim
    assert claim.kind is CodeKind.INSURANCE_CARD
    return claim


def test_an_old_card_of_15_fields_gives_every_field() -> None:
    card = read(OLD)
    assert card.person == Person(
        name="Nguyễn Văn Thử",
        birth="1990-03-05",
        sex="male",
        insurance_number="5120000001",
        address="Tổ 3, Phường Nghĩa Lộ",
    )
    assert card.details == (
        ("insurance-card-number", "GD4515120000001"),
        ("facility", "51-001"),
        ("valid-from", "2020-01-01"),
        ("valid-to", "2020-12-31"),
        ("issued", "2019-12-20"),
        ("office-code", "51015120000001"),
        ("living-area", "4"),
        ("five-years-from", "2025-01-01"),
        ("checksum", "1a2b3c4d5e6f7081-7102"),
        ("benefit-level", "4"),
    )
    assert card.notes == (Note.OLD_CARD,)


def test_a_new_card_of_17_fields_gives_every_field_despite_a_leading_space() -> None:
    card = read(NEW)
    assert card.person == Person(name="Nguyễn Văn Thử", birth="1990-03-05", sex="male", insurance_number="5120000001")
    assert ("five-years-from", "2027-01-01") in card.details
    assert ("benefit-level", "4") in card.details
    assert card.details[-1] == ("place-of-issue", "Tỉnh Quảng Ngãi")
    assert card.notes == ()


def test_a_child_has_a_year_an_en_dash_and_a_parent() -> None:
    card = read(CHILD)
    assert (card.person.birth, card.person.sex) == ("2021", "female")
    assert ("facility", "51-002") in card.details
    assert ("parent", "Lê Văn Cha") in card.details


@pytest.mark.parametrize("bad", [NAME[:-1], NAME[:-2] + "zz", NAME + "ff", "1b5b33316d"])
def test_a_card_with_bad_hex_in_one_field_is_still_read(bad: str) -> None:
    card = read(NEW.replace(NAME, bad))
    assert card.person.name is None
    assert card.person.insurance_number == "5120000001"
    assert card.details == read(NEW).details
    assert card.notes == (Note.NAME_UNREADABLE,)


def test_a_bad_address_or_place_costs_only_itself() -> None:
    assert read(OLD.replace(ADDRESS, "5")).notes == (Note.OLD_CARD, Note.ADDRESS_UNREADABLE)
    assert read(NEW.replace(PLACE, "zz")).notes == (Note.FIELD_UNREADABLE,)


def test_a_damaged_parent_costs_only_itself() -> None:
    card = read(CHILD.encode().replace("Lê Văn Cha".encode(), b"L\xea V\xff"))
    assert card.person.name == "Lê Thị Bé"
    assert not any(name == "parent" for name, _ in card.details)
    assert Note.NOT_UTF8 in card.notes


@pytest.mark.parametrize("written", ["5/3/1990", "05031990"])
def test_birth_dates_of_every_form_are_read(written: str) -> None:
    assert read(NEW.replace("05/03/1990", written)).person.birth == "1990-03-05"


def test_an_impossible_birth_date_costs_only_itself() -> None:
    card = read(NEW.replace("05/03/1990", "31/02/1990"))
    assert (card.person.birth, card.notes) == (None, (Note.BIRTH_UNREADABLE,))


@pytest.mark.parametrize("end", ["#", "\r\n", "\0"])
def test_odd_endings_mean_nothing(end: str) -> None:
    assert read(NEW + end) == read(NEW)
    assert read(OLD[:-1] + end) == read(OLD)


def test_an_old_number_with_letters_in_its_tail_is_kept_as_it_is() -> None:
    card = read(OLD.replace("GD4515120000001", "GD451512000A0B1"))
    assert card.person.insurance_number is None
    assert ("insurance-card-number", "GD451512000A0B1") in card.details


@pytest.mark.parametrize(
    "text",
    [
        NEW.replace("5120000001|", "512000000|", 1),
        NEW.replace("5120000001|", "51200000011|", 1),
        OLD.replace("GD4515120000001", "124515120000001"),
        "|".join(NEW.split("|")[:12]),
        NEW + "|" * 4,
        NEW.replace(NAME, "zz").replace("|1|", "|9|"),
    ],
)
def test_what_has_not_the_shape_of_a_card_is_unknown(text: str) -> None:
    assert recognise(text.encode()).kind is CodeKind.UNKNOWN


def test_a_number_of_12_digits_is_the_citizen_number() -> None:
    card = read(NEW.replace("5120000001", "051090001234", 1))
    assert (card.person.citizen_number, card.person.insurance_number) == ("051090001234", None)
    assert card.person.name == "Nguyễn Văn Thử"
    assert Note.OLD_CARD not in card.notes
