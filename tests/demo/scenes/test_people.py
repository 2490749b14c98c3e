"""Invented people and what their codes say."""

from __future__ import annotations

import binascii
import re
import unicodedata

import pytest

from device.demo.scenes import people


def test_the_alphabet_has_134_letters_with_diacritics_each_one_code_point() -> None:
    assert len(people.LETTERS) == 134
    assert all(unicodedata.is_normalized("NFC", letter) and len(letter) == 1 for letter in people.LETTERS)


def test_the_same_seed_invents_the_same_person_and_another_seed_another() -> None:
    assert people.invent(7) == people.invent(7)
    assert people.invent(7) != people.invent(8)


@pytest.mark.parametrize("any_letters", [False, True])
def test_numbers_have_their_legal_shape_and_agree_with_each_other(*, any_letters: bool) -> None:
    for seed in range(200):
        person = people.invent(seed, any_letters=any_letters)
        assert re.fullmatch(r"\d{12}", person.citizen_number)
        assert person.citizen_number.startswith(person.province)
        century, woman = divmod(int(person.citizen_number[3]), 2)
        assert (19 + century, bool(woman)) == (person.birth.year // 100, not person.male)
        assert person.citizen_number[4:6] == f"{person.birth:%y}"
        assert re.fullmatch(r"(\d{9})?", person.old_number)
        assert re.fullmatch(r"\d{10}", person.insurance_number)
        assert re.fullmatch(r"\d{18}", person.national_code_id)
        assert re.fullmatch(r"0\d{9}", person.phone)
        assert person.name
        assert unicodedata.is_normalized("NFC", person.name)


def test_a_national_code_is_ascii_with_six_fields_and_no_diacritics() -> None:
    for seed in range(100):
        text = people.national_code(people.invent(seed, any_letters=True)).decode("ascii")
        assert re.fullmatch(r"\d{12}\|[A-Z ]+\|\d{4}-\d\d-\d\d\|0\|\d{18}\|<[12]<GD4\d{12}<0\d{9}", text), text


@pytest.mark.parametrize("fields", [7, 11])
def test_a_citizen_card_has_as_many_fields_as_asked_for(fields: int) -> None:
    person = people.invent(3)
    said = people.citizen_card(person, 7 if fields == 7 else 11).decode().split("|")
    assert len(said) == fields
    assert said[0] == person.citizen_number
    assert said[2] == person.name
    assert re.fullmatch(r"\d{8}", said[3])
    assert said[4] in {"Nam", "Nữ"}
    assert not any(said[7:])


@pytest.mark.parametrize(("new", "fields", "number"), [(True, 17, r"\d{10}"), (False, 15, r"GD4\d{12}")])
def test_an_insurance_card_old_or_new_has_its_fields_and_hex_names(*, new: bool, fields: int, number: str) -> None:
    person = people.invent(4)
    said = people.insurance_card(person, new=new).decode("ascii").split("|")
    assert len(said) == fields
    assert re.fullmatch(number, said[0])
    assert bytes.fromhex(said[1]).decode() == person.name
    assert re.fullmatch(r"\d{14}", said[9])
    assert said[-1] == "$"


def test_a_bank_code_ends_in_the_checksum_of_all_before_it() -> None:
    code = people.bank()
    assert code.startswith(b"000201")
    assert int(code[-4:], 16) == binascii.crc_hqx(code[:-4], 0xFFFF)


def test_other_codes_look_like_what_they_are() -> None:
    assert re.fullmatch(rb"https://tokhaiyte\.vn/\?page=Group\.checkin&groupId=[0-9a-f]{24}", people.venue_poster())
    assert people.wifi().startswith(b"WIFI:")
    assert people.link().startswith(b"https://")
    assert re.fullmatch(rb"HC1:[0-9A-Z $%*+\-./:]{821}", people.hc1_like())


def test_the_corpus_reaches_every_letter_of_the_alphabet() -> None:
    seen = set("".join(payload.decode().split("|")[2] for payload in people.corpus(3000)))
    assert set(people.LETTERS) <= seen


def test_the_corpus_is_the_same_for_the_same_seed_and_made_of_citizen_cards() -> None:
    first = list(people.corpus(50, seed=1))
    assert first == list(people.corpus(50, seed=1))
    assert first != list(people.corpus(50, seed=2))
    assert {payload.count(b"|") for payload in first} == {6, 10}
    assert len(set(first)) == 50
