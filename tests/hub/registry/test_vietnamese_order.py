from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.hub.registry.vietnamese_order import order_key, plain_text, sort_text

IN_ORDER = (
    [
        "An Giang",
        "Bắc Ninh",
        "Cà Mau",
        "Cao Bằng",
        "Cần Thơ",
        "Đà Nẵng",
        "Đắk Lắk",
        "Điện Biên",
        "Đồng Nai",
        "Đồng Tháp",
    ],
    ["a", "ă", "â", "b", "c", "d", "đ", "e", "ê", "g", "h", "i", "k", "l", "m", "n", "o", "ô", "ơ", "p", "q", "r", "s"],
    ["ma", "mà", "mả", "mã", "má", "mạ", "man", "mán", "mă", "mẳn", "mâm", "mần"],
    ["ma túy", "má em"],
    ["Phường 2", "Phường 10", "Phường An"],
    ["t", "u", "ú", "ư", "ứ", "v", "x", "y"],
    ["Huế", "Hưng Yên"],
    ["hoà bình", "hoà giải", "hoả lò"],
)


@pytest.mark.parametrize("words", IN_ORDER, ids=lambda words: words[0])
def test_words_come_out_in_the_order_of_a_dictionary_however_their_letters_are_made(words: list[str]) -> None:
    for form in ("NFC", "NFD"):
        mixed = [unicodedata.normalize(form, word) for word in words]
        random.Random(1).shuffle(mixed)
        for key in (order_key, sort_text):
            assert [unicodedata.normalize("NFC", word) for word in sorted(mixed, key=key)] == words


def test_case_and_signs_do_not_part_what_is_the_same_word() -> None:
    assert sorted(["CHỢ B", "Chợ-A", "chợ C"], key=order_key) == ["Chợ-A", "CHỢ B", "chợ C"]


_TEXTS = st.text(alphabet=st.sampled_from("aáàăắbcdđ 019.XÝ-") | st.characters(), max_size=8)


@given(st.lists(_TEXTS, max_size=6))
def test_what_is_kept_to_sort_by_sorts_as_the_key_does(texts: list[str]) -> None:
    assert sorted(texts, key=sort_text) == sorted(texts, key=order_key)


def test_a_search_looks_at_texts_without_marks() -> None:
    assert plain_text("  Chợ  ĐỒNG Xuân ") == "cho dong xuan"
    assert plain_text(unicodedata.normalize("NFD", "Ấp Đừng")) == "ap dung"
