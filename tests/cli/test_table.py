"""Tables of the command line: on a terminal, and where there is none."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from device.cli.table import folded, local_time, print_lines, print_table, span
from device.model import Cue
from tests.support.terminal import on_terminal

HOSTILE = "[red]no[/red] [bold :smile: \x1b[31m\x9b31m\u202e\x07\r\n\x00 {0} %s"
SHOWN = HOSTILE.translate(dict.fromkeys(map(ord, "\x1b\x9b\u202e\x07\r\n\x00"), "\N{REPLACEMENT CHARACTER}"))
DRAW = "import json, sys; from device.cli.table import print_table; print_table(*json.loads(sys.argv[1]))"
QUEUE = [["17", "2026-01-01T00:00:00Z", "clock unsynchronised", "in", "512 sealed bytes"]] * 2
ROWS = [["1", "the first", "short"], ["22", "the second", "a cell whose text is longer than any terminal here " * 4]]


def drawn(rows: list[list[str]], columns: list[str], width: int, **environment: str) -> list[str]:
    return on_terminal(["-c", DRAW, json.dumps([rows, *columns])], width, **environment)


def test_without_a_terminal_each_row_is_one_whole_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(ROWS, ">4", "<12", "")
    assert capsys.readouterr().out.splitlines() == [
        "   1  the first     short",
        f"  22  the second    {ROWS[1][2].rstrip()}",
    ]


def test_without_a_terminal_control_characters_are_replaced_and_markup_is_text(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_table([["a", HOSTILE]], "<2", "")
    print_lines([HOSTILE, "", f"    {HOSTILE}"])
    assert capsys.readouterr().out == f"a   {SHOWN}\n{SHOWN}\n\n    {SHOWN}\n"


def letters(text: str) -> list[str]:
    return sorted(text.replace(" ", ""))


@pytest.mark.parametrize("width", [7, 20, 40, 80, 200])
@pytest.mark.parametrize(("rows", "columns"), [(ROWS, [">4", "<12", ""]), (QUEUE, [">9", "", "", "", ""])])
def test_no_line_is_wider_than_the_terminal_and_no_letter_is_lost(
    rows: list[list[str]], columns: list[str], width: int
) -> None:
    lines = drawn(rows, columns, width)
    assert max(map(len, lines)) <= width
    assert letters("".join(lines)) == letters("".join(cell for row in rows for cell in row))


def test_a_word_that_is_longer_than_its_column_goes_on_below() -> None:
    assert "".join(line.strip() for line in drawn([["x" * 100]], [""], 30)) == "x" * 100


def test_on_a_terminal_markup_is_text_and_no_control_character_arrives() -> None:
    (line,) = drawn([["a", HOSTILE]], ["<2", ""], 120)
    assert line.rstrip() == f"a   {SHOWN}"


def test_an_indented_line_goes_on_with_its_indent() -> None:
    first, second = drawn([["    known-kind:pass health:deny"]], [""], 24)
    assert (first.rstrip(), second.rstrip()) == ("    known-kind:pass", "    health:deny")


def test_letters_that_the_terminal_has_not_are_escaped_before_they_are_counted() -> None:
    lines = drawn([["Chợ Hoa Sen", "Huế"]], ["", ""], 30, PYTHONIOENCODING="ascii:backslashreplace")
    assert max(map(len, lines)) <= 30
    assert "Ch\\u1ee3" in lines[0]


def test_a_terminal_that_does_not_know_its_width_is_taken_for_80() -> None:
    assert max(map(len, drawn(ROWS, [">4", "<12", ""], 0))) <= 80


def test_lights_fits_its_list_to_the_terminal_and_a_pipe_gets_it_whole() -> None:
    lines = on_terminal(["-m", "device", "lights"], 50)
    assert max(map(len, lines)) <= 50
    assert {line.split()[0] for line in lines if not line.startswith(" ")} == {cue.value for cue in Cue}
    piped = subprocess.run([sys.executable, "-m", "device", "lights"], capture_output=True, text=True, check=True)
    assert len(piped.stdout.splitlines()) == 2 * len(Cue)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (7_500, "2 h 5 min"), (86_400, "24 h 0 min"), (9 * 86_400, "9 days")],
)
def test_a_length_of_time_in_words(seconds: int, words: str) -> None:
    assert span(seconds) == words


@pytest.mark.parametrize("indent", [0, 12])
def test_phrases_stay_whole_on_lines_of_a_usual_terminal(indent: int) -> None:
    phrases = ["one phrase", "another that is longer", "x" * (79 - indent), "seven words of a short phrase here", "end"]
    lines = list(folded(phrases, indent))
    assert [first for first, _ in lines] == [True, False, False]
    assert [line for _, line in lines] == [
        "one phrase, another that is longer,",
        f"{'x' * (79 - indent)},",
        "seven words of a short phrase here, end",
    ]


def test_a_phrase_longer_than_a_line_goes_on_below_and_a_path_is_not_cut() -> None:
    assert [line for _, line in folded([" ".join(["word"] * 20), "/" + "p" * 90, ""], 11)] == [
        "word " * 13 + "word",
        "word " * 5 + "word,",
        f"/{'p' * 90},",
    ]
    assert list(folded([], 11)) == []


def test_folded_lines_are_the_same_on_a_terminal_and_where_there_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        ["" if number else "bộ quy tắc", line] for number, (_, line) in enumerate(folded(["một hai ba bốn"] * 14, 12))
    ]
    print_table(lines, "<10", "")
    assert capsys.readouterr().out.splitlines() == [line.rstrip() for line in drawn(lines, ["<10", ""], 80)]


@pytest.mark.parametrize(
    ("utc", "local"),
    [
        ("2026-01-01T00:00:00Z", "2026-01-01 03:25 +03:25"),
        ("2025-12-31T21:00:59Z", "2026-01-01 00:25 +03:25"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
        ("99999999999999999 ms", "99999999999999999 ms"),
        ("soon", "soon"),
    ],
)
def test_a_time_is_told_by_the_clock_of_the_place(utc: str, local: str) -> None:
    assert local_time(utc) == local
