"""YAML text → located tree: marks, literal text, and what is refused."""

from __future__ import annotations

import pytest

from device.errors import Complaints
from device.settings.located import MOST_BYTES, MOST_DEPTH, MOST_NODES, decode, read
from device.settings.tree import Position, Scalar, dotted


def only_complaint(text: str) -> str:
    with pytest.raises(Complaints) as caught:
        read(text, "f")
    assert len(caught.value.complaints) == 1
    return str(caught.value)


@pytest.mark.parametrize("written", ["017", "on", "12:30:00", "1e3", "0x1b", "2021-10-07", "1_000", ".5", "yes"])
def test_a_scalar_keeps_its_letters_where_yaml_would_guess_a_type(written: str) -> None:
    assert read(f"a: {written}", "f").tree == {"a": Scalar(written)}


@pytest.mark.parametrize("written", ["", "~", "null", "Null", "NULL"])
def test_an_empty_value_is_known_as_empty_unless_it_is_quoted(written: str) -> None:
    tree = read(f"a: {written}\nb: '{written}'", "f").tree
    assert [value.empty for value in tree.values() if isinstance(value, Scalar)] == [True, False]


def test_marks_count_from_1_and_know_keys_and_values() -> None:
    located = read("a: 1\nb:\n  c: [x, y]\n", "f")
    assert located.keys["b", "c"] == Position(3, 3)
    assert located.values["b", "c"] == Position(3, 6)
    assert located.values["b", "c", 1] == Position(3, 10)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\N{ZERO WIDTH NO-BREAK SPACE}"])
def test_windows_line_ends_and_a_byte_order_mark_move_no_mark(line_end: str, mark: str) -> None:
    located = read(f"{mark}a: 1{line_end}b: Hải{line_end}", "f")
    assert located.tree == {"a": Scalar("1"), "b": Scalar("Hải")}
    assert located.keys["a",] == Position(1, 1)
    assert located.values["b",] == Position(2, 4)


def test_the_first_of_two_equal_keys_counts_and_both_places_are_named() -> None:
    located = read("a: 1\nb: 2\na: 3\n", "f")
    assert located.tree["a"] == Scalar("1")
    assert [str(mistake) for mistake in located.mistakes] == ["f:3:1: a: given twice; first on line 1"]


def test_equal_keys_in_quotes_or_other_sections_are_told_apart_rightly() -> None:
    located = read("a: {x: 1}\nb: {x: 1}\n'a': 2\n", "f")
    assert [str(mistake) for mistake in located.mistakes] == ["f:3:1: a: given twice; first on line 1"]


def test_an_alias_is_not_followed_and_its_path_is_remembered() -> None:
    located = read("a: &x [1]\nb: *x\n", "f")
    assert located.tree["b"] == Scalar("")
    assert located.aliases == {("b",)}
    assert [mistake.line for mistake in located.mistakes] == [1, 2]


def test_aliases_that_would_multiply_cost_nothing() -> None:
    text = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    assert len(read(text, "f").mistakes) == 9 + 16


def test_an_alias_of_itself_or_of_nothing_is_a_complaint() -> None:
    assert len(read("a: &a [*a]\nb: *nothing\n*a : 1\n", "f").mistakes) == 4


@pytest.mark.parametrize("tag", ["!!python/object:os.system", "!!python/object/apply:os.system", "!!binary", "!x", "!"])
def test_a_tag_builds_nothing_and_is_refused(tag: str) -> None:
    located = read(f"a: {tag} x", "f")
    assert located.tree == {"a": Scalar("x")}
    assert [mistake.message for mistake in located.mistakes] == [f"remove the tag {tag}; the plain value is enough"]


@pytest.mark.parametrize("key", ["[a]", "{a: 1}", "? [a]\n", "? \n", "''", "&x"])
def test_a_key_that_is_no_word_is_a_complaint(key: str) -> None:
    assert read(f"{key}: 1", "f").mistakes


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{" * 100_000,
        "- " * 100_000,
        "? " * 100_000,
        "\n".join(" " * deep + "a:" for deep in range(1_000)),
    ],
    ids=["brackets", "braces", "dashes", "question marks", "indentation"],
)
def test_a_text_nested_without_end_is_refused_by_its_depth(text: str) -> None:
    assert only_complaint(text).endswith(f"syntax: nested more than {MOST_DEPTH} deep")


def test_depth_is_allowed_up_to_the_limit_and_no_further() -> None:
    fits = "a: " + "[" * (MOST_DEPTH - 1) + "]" * (MOST_DEPTH - 1)
    assert not read(fits, "f").mistakes
    only_complaint(fits.replace("[]", "[[]]"))


def test_too_many_keys_are_refused() -> None:
    assert f"more than {MOST_NODES} keys" in only_complaint("".join(f"k{n}: 1\n" for n in range(20_000)))


def test_a_file_over_the_limit_is_refused_and_one_of_just_that_size_is_read() -> None:
    with pytest.raises(Complaints, match=r"f:1:1: file: larger than 256 KiB"):
        decode(b"#" * (MOST_BYTES + 1), "f")
    assert len(decode(b"#" * MOST_BYTES, "f")) == MOST_BYTES


def test_text_that_is_not_utf_8_is_refused_where_it_begins() -> None:
    with pytest.raises(Complaints, match=r"f:2:5: file: not UTF-8"):
        decode(b"a: 1\nb: H" + "ải".encode("cp1258", "replace").replace(b"?", b"\xff"), "f")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_a_text_in_utf_16_is_named_or_refused(encoding: str) -> None:
    with pytest.raises(Complaints, match=r"UTF-16|invisible"):
        read(decode("place: Hue".encode(encoding), "f"), "f")


@pytest.mark.parametrize("raw", [b"PK\3\4\0", b"\xd0\xcf\x11\xe0", b"%PDF-1.7", b"{\\rtf1"])
def test_a_file_of_an_office_program_is_named_and_not_taken_for_letters_in_disorder(raw: bytes) -> None:
    with pytest.raises(Complaints, match=r"^f:1:1: file: a file of Excel, Word or the like; this must be YAML"):
        decode(raw + bytes(MOST_BYTES), "f")


@pytest.mark.parametrize("letter", ["\0", "\x1b", "\x7f", "\x85", "\u2028", "\u2029", "\ufeff", "\ufffe", "\ud800"])
def test_an_invisible_character_is_named_with_its_place(letter: str) -> None:
    expected = f"f:2:4: syntax: remove the invisible character U+{ord(letter):04X} here"
    assert only_complaint(f"a: 1\nb: {letter}") == expected


@pytest.mark.parametrize("text", ['a: "\\UFFFFFFFF"', f"%YAML 1.{'9' * 5_000}\n---\na: 1", "%YAML 2.0\n---\na: 1"])
def test_numbers_out_of_range_that_break_pyyaml_are_a_complaint(text: str) -> None:
    assert ": syntax: " in only_complaint(text)


def test_a_path_is_written_with_dots_and_list_places_from_1() -> None:
    assert dotted(("cues", "granted", 0, "lines", 2)) == "cues.granted[1].lines[3]"
    assert dotted(("a\x1b[31m",)) == "a\N{REPLACEMENT CHARACTER}[31m"
    assert dotted(()) == "file"
