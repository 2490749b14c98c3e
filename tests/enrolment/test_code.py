from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.enrolment.code import EnrolCode, new_code, read_code

CODE = EnrolCode("GATE", "SCANNEREXAMP")
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def test_a_code_is_written_in_groups_and_read_back() -> None:
    assert CODE.letters == "GATE-SCAN-NERE-XAMPN"
    assert read_code(CODE.letters) == CODE


@pytest.mark.parametrize(
    "written", ["gate-scan-nere-xampn", "GATESCANNEREXAMPN", " GATE SCAN NERE XAMPN \n", "G-A-T-E-scannerexampn"]
)
def test_how_a_person_writes_it_makes_no_difference(written: str) -> None:
    assert read_code(written) == CODE


def test_letters_that_look_like_digits_are_read_as_digits() -> None:
    code = EnrolCode("0110", "010101010101")
    assert read_code(code.letters.replace("0", "O").replace("1", "l")) == code


@pytest.mark.parametrize("place", range(17))
def test_every_wrong_letter_is_found(place: int) -> None:
    word = CODE.letters.replace("-", "")
    for letter in set(LETTERS) - {word[place]}:
        with pytest.raises(ValueError, match="wrong"):
            read_code(word[:place] + letter + word[place + 1 :])


def test_every_two_letters_that_changed_places_are_found() -> None:
    word = CODE.letters.replace("-", "")
    for one in range(17):
        for other in range(one + 1, 17):
            swapped = list(word)
            swapped[one], swapped[other] = swapped[other], swapped[one]
            if "".join(swapped) != word:
                with pytest.raises(ValueError, match="wrong"):
                    read_code("".join(swapped))


@given(st.text(max_size=120))
def test_any_other_text_is_no_code_and_is_not_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="enrolment code") as caught:
        read_code(text + "U")
    assert len(text) < 4 or text not in str(caught.value)


def test_no_two_new_codes_are_alike_and_the_secret_is_not_printed() -> None:
    codes = {new_code() for _ in range(200)}
    assert len({code.secret for code in codes}) == 200
    code = codes.pop()
    assert code.secret not in repr(code)
    assert code.code_id in repr(code)
