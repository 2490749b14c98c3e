from __future__ import annotations

import pytest

from device.credential import Note, recognise
from device.model import CodeKind, Credential, Person, Unrecognised, Verification


def read(text: str) -> Credential:
    claim = recognise(text.encode())
    assert isinstance(claim, Credential), claim
    assert claim.kind is CodeKind.NATIONAL_CODE
    return claim


def test_a_self_declared_code_gives_every_field() -> None:
    code = read("051090001234|NGUYEN VAN THU|1990-03-05|0|163200000000000001|<1<GD4515120000001<0900000001")
    assert code.person == Person(
        name="NGUYEN VAN THU",
        birth="1990-03-05",
        sex="male",
        citizen_number="051090001234",
        insurance_number="5120000001",
        national_code_id="163200000000000001",
        phone="0900000001",
    )
    assert code.details == (("insurance-card-number", "GD4515120000001"),)
    assert code.verified is Verification.NOT_APPLICABLE
    assert code.notes == ()


def test_a_code_declared_by_another_names_the_declarer_apart() -> None:
    code = read("|LE MINH BE|2018-09-09|1|163200000000000002|163200000000000001<1<<")
    assert code.person == Person(
        name="LE MINH BE", birth="2018-09-09", sex="male", national_code_id="163200000000000002"
    )
    assert code.details == (("declared-by", "163200000000000001"),)
    assert code.notes == (Note.DECLARED_BY_ANOTHER,)


def test_a_masked_code_is_read_without_its_masked_fields() -> None:
    code = read("******001234|TRAN THI MAU|1994-**-**|0|163200000000000003|<2<<0900000002")
    assert code.person == Person(
        name="TRAN THI MAU", sex="female", national_code_id="163200000000000003", phone="0900000002"
    )
    assert code.details == (("masked-number", "******001234"), ("masked-birth", "1994-**-**"))
    assert code.notes == (Note.MASKED,)


@pytest.mark.parametrize(
    "extension", ["<1<5120000001<0900000001", "1<5120000001<0900000001", "<<0900000001<5120000001<1"]
)
def test_extension_parts_are_known_by_shape_not_by_place(extension: str) -> None:
    person = read(f"051090001234|A B|1990-03-05|0|1632|{extension}").person
    assert (person.sex, person.insurance_number, person.phone) == ("male", "5120000001", "0900000001")


def test_a_second_telephone_number_is_not_taken_for_an_insurance_number() -> None:
    code = read("051090001234|A B|1990-03-05|0|1632|<1<<0900000001<0911111111")
    assert (code.person.phone, code.person.insurance_number) == ("0900000001", None)
    assert code.details == (("extension", "0911111111"),)


@pytest.mark.parametrize(
    ("document", "citizen", "old"),
    [("051090001234", "051090001234", None), ("212345678", None, "212345678"), ("C1234567", None, "C1234567")],
)
def test_card_old_card_and_passport_numbers_are_told_apart(document: str, citizen: str | None, old: str | None) -> None:
    person = read(f"{document}|A B|1990-03-05|0|1632|").person
    assert (person.citizen_number, person.old_number) == (citizen, old)


def test_a_strange_document_number_costs_only_itself() -> None:
    code = read("'; DROP TABLE x|A B|1990-03-05|0|1632|")
    assert code.person == Person(name="A B", birth="1990-03-05", national_code_id="1632")
    assert code.notes == (Note.NUMBER_UNREADABLE,)


def test_an_id_that_cannot_be_one_is_noted() -> None:
    assert read("051090001234|A B|1990-03-05|0|a b!|").notes == (Note.ID_UNREADABLE,)


def test_a_number_that_contradicts_birth_or_sex_is_a_warning_only() -> None:
    code = read("051090001234|A B|1991-03-05|0|1632|<2<<")
    assert code.person.citizen_number == "051090001234"
    assert code.notes == (Note.NUMBER_AND_BIRTH_DIFFER, Note.NUMBER_AND_SEX_DIFFER)


@pytest.mark.parametrize(
    "text",
    [
        "|A B|1990-03-05|2|1632|",
        "|A B|05/03/1990|0|1632|",
        "|A B|1990-03-05|0|1632",
        "|A B|1990-03-05|0|1632||",
    ],
)
def test_anything_but_the_exact_shape_is_none(text: str) -> None:
    assert recognise(text.encode()).kind is CodeKind.UNKNOWN
    assert recognise(b"051090001234" + text.encode()).kind is CodeKind.CITIZEN_NUMBER


@pytest.mark.parametrize("born", ["1990-02-31", "1988-00-02", "1990-13-01", "0000-00-00"])
def test_an_impossible_birth_date_makes_it_none(born: str) -> None:
    assert recognise(f"051090001234|A B|{born}|0|1632|".encode()).kind is CodeKind.UNKNOWN


@pytest.mark.parametrize(("born", "birth"), [("1990-00-00", "1990"), ("1990-03-00", "1990-03")])
def test_a_day_or_month_of_00_is_not_on_record(born: str, birth: str) -> None:
    assert read(f"051090001234|A B|{born}|0|1632|").person.birth == birth


@pytest.mark.parametrize(
    "payload", [b"||1990-01-01|0||", b"||****-**-**|0||", b"|LE MINH BE|2018-09-09|1||", b"| |1990-01-01|0|1|"]
)
def test_a_code_that_names_nobody_is_no_credential(payload: bytes) -> None:
    assert isinstance(recognise(payload), Unrecognised)
