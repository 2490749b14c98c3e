from __future__ import annotations

import pytest

from device.credential import keys_of, masked, recognise, same_person_keys
from device.model import CodeKind, Credential, Person

NATIONAL = "051090001234|NGUYEN VAN THU|1990-03-05|0|163200000000000001|<1<GD4515120000001<0900000001"
CARD = "051090001234|212345678|Nguyễn Văn Thử|05031990|Nam|Tổ 3|15042021"
INSURANCE = "5120000001|4cc3aa|05/03/1990|1|-|51 - 001|01/01/2022|-|05/01/2022|51015120000001|-|4|-|1a|4|-|$"
LETTERED = "GD451512000A0B1|4cc3aa|1990|1|-|51 - 001|-|-|-|-|-|4|-|1a|$"


def credential(text: str) -> Credential:
    claim = recognise(text.encode())
    assert isinstance(claim, Credential)
    return claim


def holder(person: Person) -> Credential:
    return Credential(CodeKind.HC1, person)


def joined(one: str, other: str) -> bool:
    return not set(same_person_keys(credential(one))).isdisjoint(same_person_keys(credential(other)))


def test_a_national_code_joins_a_citizen_card_and_an_insurance_card() -> None:
    assert joined(NATIONAL, CARD)
    assert joined(NATIONAL, INSURANCE)
    assert joined(CARD, "051090001234")


def test_a_card_made_after_the_number_changed_joins_the_cards_from_before() -> None:
    card = "051095004321||Lê Minh Giả|09091995|Nam|Tổ 1|10082024|{}|||"
    assert joined(card.format("051095009999"), "051095009999")
    assert keys_of(credential(card.format("051095009999"))) == ("citizen:051095004321", "citizen:051095009999")
    assert keys_of(credential(card.format("212345678"))) == ("citizen:051095004321",)


def test_an_insurance_card_with_a_citizen_number_joins_the_citizen_card() -> None:
    assert joined(INSURANCE.replace("5120000001", "051090001234", 1), CARD)


def test_codes_that_share_no_number_are_not_joined() -> None:
    assert not joined(CARD, INSURANCE)


def test_a_number_is_no_key_of_another_sort() -> None:
    one = holder(Person(citizen_number="1632"))
    other = holder(Person(national_code_id="1632"))
    assert set(same_person_keys(one)).isdisjoint(same_person_keys(other))


def test_without_a_number_name_and_full_birth_date_are_the_key_however_written() -> None:
    one = holder(Person(name="Đặng  Thị Thử", birth="1990-03-05"))
    other = holder(Person(name="DANG THI THU", birth="1990-03-05"))
    assert same_person_keys(one) == same_person_keys(other) != ()


@pytest.mark.parametrize("person", [Person(name="A", birth="1990"), Person(name="A"), Person(birth="1990-03-05")])
def test_less_than_that_is_nobody(person: Person) -> None:
    assert same_person_keys(holder(person)) == ()


def test_an_insurance_card_with_letters_is_its_own_key() -> None:
    assert same_person_keys(credential(LETTERED)) == ("card:GD451512000A0B1",)


def test_a_screen_shows_a_short_name_a_year_and_three_digits() -> None:
    assert masked(credential(CARD)) == {"name": "N. V. Thử", "birth_year": "1990", "sex": "male", "number": "…234"}


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Thử", "T."), ("Lê Bé", "L. Bé"), ("", None), ("--- '", None), ("A " * 40 + "B", "A. A. A. A. A. A. B")],
)
def test_names_of_every_length_are_shortened(name: str, shown: str | None) -> None:
    assert masked(holder(Person(name=name))).get("name") == shown


def test_a_number_that_was_put_where_a_name_belongs_is_not_shown() -> None:
    assert masked(holder(Person(name="Văn Thử051090001234"))) == {"name": "V. Thử"}
    assert masked(holder(Person(name="0510 90001234"))) == {}


def test_a_bare_number_shows_its_end_only() -> None:
    assert masked(credential("051090001234")) == {"number": "…234"}


def test_only_whole_numbers_of_the_known_shapes_are_asked_by() -> None:
    def keys(**numbers: str) -> tuple[str, ...]:
        return keys_of(Credential(CodeKind.NATIONAL_CODE, Person(**numbers)))

    assert keys(name="Trần Thị Mẫu", birth="1994-11-20") == ()
    assert keys(citizen_number="051090001234") == ("citizen:051090001234",)
    assert keys(national_code_id="a" * 65) == ()
    assert keys(national_code_id="b2\u0301") == ()
