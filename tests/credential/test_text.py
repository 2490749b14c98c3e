from __future__ import annotations

import pytest

from device.credential.notes import Note
from device.credential.text import Fields, Text, from_hex, is_digits, read_text, readable


def test_utf8_is_taken_as_it_is() -> None:
    assert read_text("Nguyễn Văn Thử".encode()) == Text("Nguyễn Văn Thử", exact=True)


def test_what_is_no_utf8_becomes_latin_1_and_is_flagged() -> None:
    assert read_text(b"Nguy\xe3n") == Text("Nguyãn", exact=False)


def test_an_encoded_surrogate_is_no_utf8() -> None:
    assert not read_text(b"a\xed\xa0\x80").exact


@pytest.mark.parametrize("around", [b"\xef\xbb\xbf%s", b"%s\0", b"%s\r\n", b"\0\xef\xbb\xbf%s\n\0", b" %s "])
def test_what_stands_around_the_text_is_not_the_text(around: bytes) -> None:
    assert read_text(around % b"a b").value == "a b"


def test_digits_of_other_scripts_are_no_digits() -> None:
    assert is_digits("0123", 4)
    assert not is_digits("٠١٢٣", 4)
    assert not is_digits("\N{FULLWIDTH DIGIT ONE}23", 3)
    assert not is_digits("012", 4)


def test_a_name_is_given_back_composed() -> None:
    assert readable("Thu\N{COMBINING HORN}\N{COMBINING HOOK ABOVE}", 128) == "Thử"


@pytest.mark.parametrize("bad", ["a\0b", "a\x1b[31m", "a\N{RIGHT-TO-LEFT OVERRIDE}b", "a\nb", "\ud800", "x" * 129])
def test_control_direction_and_endless_characters_are_no_text(bad: str) -> None:
    assert readable(bad, 128) is None


def test_a_no_break_space_is_text() -> None:
    assert readable("Lê\N{NO-BREAK SPACE}Bé", 128) == "Lê\N{NO-BREAK SPACE}Bé"


@pytest.mark.parametrize(("hexed", "text"), [("4cc3aa", "Lê"), ("4CC3AA", "Lê"), ("4", None), ("zz", None), ("", None)])
def test_hex_is_strict(hexed: str, text: str | None) -> None:
    assert from_hex(hexed) == text


@pytest.mark.parametrize("bad", ["4c c3", "c3", "４c"])
def test_hex_with_gaps_or_broken_utf8_is_none(bad: str) -> None:
    assert from_hex(bad) is None


def test_only_ascii_is_kept_of_a_text_that_was_no_utf8() -> None:
    fields = Fields.of(Text("Nguyãn|ok", exact=False))
    assert fields.words(fields.parts[0], Note.NAME_UNREADABLE) is None
    assert fields.words(fields.parts[1], Note.NAME_UNREADABLE) == "ok"
    assert fields.notes == [Note.NOT_UTF8, Note.NAME_UNREADABLE]


def test_thousands_of_pipes_stay_a_few_fields() -> None:
    assert len(Fields.of(Text("|" * 4_000, exact=True)).parts) == 21
