from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.settings.typography import _NAMES, named, odd_letter
from device.words import Language, speaking

SPACE, QUOTES, COLON = "write a plain space", "write plain quotes", "write a plain colon"
HIDDEN = "remove the invisible character"


@pytest.mark.parametrize(
    ("line", "column", "told"),
    [
        ("\u00a0 name: A", 1, f"{SPACE} instead of U+00A0 (no-break space)"),
        ("  \u3000name: A", 3, f"{SPACE} instead of U+3000 (ideographic space)"),
        ("- \u00a0a", 3, SPACE),
        ("place:\u00a0{name: A}", 7, SPACE),
        ("name: \u200bA", 7, f"{SPACE} instead of U+200B (zero width space)"),
        ("name\u200b: A", 5, SPACE),
        ("name: A\u00a0", 8, SPACE),
        ("name: A\u00a0 # the school", 8, SPACE),
        ("name: 'A'\u2003", 10, SPACE),
        ("name： A", 5, f"{COLON} (:) instead of U+FF1A (fullwidth colon)"),
        ("name: “Hải Phòng”", 7, f"{QUOTES} (' or \") instead of U+201C (left double quotation mark)"),
        ("name: «A»", 7, QUOTES),
        ("  - “a”", 5, QUOTES),
        ("accept: [“hc1”]", 10, QUOTES),
        ("-\u00a0hc1", 2, SPACE),
        ("name: Chợ\u00a0Hoa", 10, SPACE),
        ("pins: {green: 17,\u00a0red: 27}", 18, SPACE),
        ("pins: {green: 17, red: 27\u00a0}", 26, SPACE),
        ("accept: [hc1, “citizen-card”]", 15, QUOTES),
        ("    – hc1", 5, "write a plain minus (-) instead of U+2013 (en dash)"),
        ("accept: [citizen‑card]", 17, "write a plain minus (-) instead of U+2011 (non-breaking hyphen)"),
        ("place: {name: A， province: B}", 16, "write the plain character instead of U+FF0C (fullwidth comma)"),
        ("dir\u200bection: in", 4, f"{HIDDEN} U+200B (zero width space) here"),
        ("name: Chợ\u00ad Hoa", 10, f"{HIDDEN} U+00AD (soft hyphen) here"),
        ("name: A\u202eB", 8, HIDDEN),
        ("green: １７", 8, "write the plain character instead of U+FF11 (fullwidth digit one)"),
    ],
)
def test_a_letter_that_only_looks_right_is_named_with_its_column(line: str, column: int, told: str) -> None:
    found = odd_letter(line)
    assert found is not None
    assert found[0] == column
    assert found[1].startswith(told)


@pytest.mark.parametrize(
    ("letter", "told"),
    [
        ("\u00a0", "U+00A0 (dấu cách không ngắt dòng)"),
        ("：", "U+FF1A (dấu hai chấm toàn khổ)"),
        ("“", "U+201C (ngoặc kép cong mở)"),
        ("\u205f", "U+205F"),
    ],
)
def test_in_vietnamese_a_letter_has_its_code_point_and_no_english_name(letter: str, told: str) -> None:
    with speaking(Language.VIETNAMESE):
        assert named(letter) == told


@pytest.mark.parametrize("name", sorted(_NAMES))
def test_letters_are_called_as_unicode_calls_them(name: str) -> None:
    assert named(unicodedata.lookup(name)).endswith(f"({name})")


@pytest.mark.parametrize(
    "line",
    [
        "name: Trường K’Brếp",
        "name: Trường K'Brếp",
        "name: Chợ A, “B”",
        "name: Chợ A – cổng 2",
        "name: 'Trường “A”：\u00a0'",
        'name: "«A»\u00a0"',
        "# \u00a0 “a comment”：",
        "name: A   # “a comment”\u00a0",
        "name: A",
        "",
    ],
)
def test_inside_a_value_quotes_or_a_comment_it_is_text(line: str) -> None:
    assert odd_letter(line) is None


@given(st.text(alphabet="ab:-'\"#[ \u00a0“：", max_size=30))
def test_what_is_found_stands_there(line: str) -> None:
    if (found := odd_letter(line)) is not None:
        assert f"U+{ord(line[found[0] - 1]):04X}" in found[1]
