"""YAML syntax errors: PyYAML's words → what a technician should do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import yaml

from device.errors import shown
from device.words import say, sentence


class AnyMark(Protocol):
    """PyYAML's place in a text, counted from 0; it has two such classes."""

    @property
    def line(self) -> int:
        """Lines before this one."""
        ...

    @property
    def column(self) -> int:
        """Letters before this one."""
        ...


_SLIP = re.compile(r"\s*(?:-\s+)?(?P<key>[a-z][a-z0-9_-]*)(?:(?P<glued>:)[^\s/:]|\s*=)")
"""A key whose colon has no blank behind it, or that is given with ``=``."""
_KEY_AND_VALUE = re.compile(r"\s*[A-Za-z_-]+:\s+[^\s#]")
_BARE_KEY = re.compile(r"\s*[A-Za-z_-]+\s*")
_TOO_MANY = sentence("a value is missing here, or a bracket, brace or comma is too many")
_BACKSLASH = sentence("a backslash means something in double quotes; use single quotes")
_ADVICE = (
    ("'\\t'", sentence("indent with spaces; there is a tab here")),
    (
        "mapping values are not allowed",
        sentence(
            "a colon cannot stand here; check the indentation, the colon of the line above, or put quotes around the "
            "text"
        ),
    ),
    ("could not find expected ':'", sentence("a colon is missing after a key; check this line and the one above")),
    *((f"<block end>, but found '{odd}'", _TOO_MANY) for odd in "]},"),
    ("expected <block end>", sentence("this does not line up with the lines above; check the indentation")),
    ("expected ',' or ']'", sentence("a list is not finished; write it as [one, two]")),
    ("expected ',' or '}'", sentence("a section in braces is not finished; write it as {{one: 1, two: 2}}")),
    ("that cannot start any token", sentence("put quotes around a text that begins with this character")),
    *((odd, _BACKSLASH) for odd in ("unknown escape character", "hexadecimal numbers")),
    (
        "expected chomping",
        sentence("nothing but a comment may follow | or > on its line; or put quotes around the text"),
    ),
    ("expected a comment or a line break", sentence("nothing may follow here on this line")),
    ("sequence entries are not allowed", sentence("a list item (-) cannot begin here; put it on a line of its own")),
    ("expected alphabetic or numeric character", sentence("put quotes around a text that begins with & or *")),
    ("expected the node content", _TOO_MANY),
    ("expected '<document start>'", sentence("this does not belong to what stands above; check the indentation")),
    ("undefined tag handle", sentence("remove the tag; the plain value is enough")),
    ("undefined alias", sentence("write the value out; aliases are not used here")),
    ("duplicate anchor", sentence("remove the anchor; aliases are not used here")),
)


@dataclass(frozen=True, slots=True)
class _Place:
    line: int
    column: int


def slip_in(text: str) -> str:
    """Say what is wrong with a text that was meant as a key and its value; "" when it was not."""
    found = _SLIP.match(text)
    if found is None:
        return ""
    return say("write a blank behind the colon") if found["glued"] else say("write a colon and a blank, not =")


def _behind(before: str, problem: str) -> str:
    """Say what a text that goes on behind something that had ended needs; "" when it is none."""
    if before.endswith(("'", '"')):
        return say("a quote ends before this, and text follows; put the other kind of quotes round the whole")
    if before.endswith(("]", "}")) and "expected <block end>, but found '<scalar>'" in problem:
        return say("a bracket ends before this, and text follows; put quotes around the whole text")
    return say("write a blank instead of the tab here") if before and "'\\t'" in problem else ""


def _neighbours(lines: Sequence[str]) -> tuple[AnyMark, str] | None:
    """Say what the lines around a colon that cannot stand in the last of them show: which one is indented wrongly.

    Where the blanks in front of a key are gone, the line below it seems to belong to its value.
    """
    written = [
        (number, line) for number, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")
    ]
    if len(written) < 2:
        return None
    (at, line), (last, below) = written[-2:]
    blanks = [len(one) - len(one.lstrip()) for _, one in written[-3:]]
    if blanks[-2] <= blanks[-1] and _BARE_KEY.fullmatch(line):
        return _Place(at, blanks[-2]), say("write a colon behind this key")
    if blanks[-2] >= blanks[-1] or not _KEY_AND_VALUE.match(line) or not _KEY_AND_VALUE.match(below):
        return None
    head = len(written) > 2 and written[-3][1].rstrip().endswith(":")
    if len(written) > 2 and (blanks[-3] == blanks[-1] or (blanks[-3] == blanks[-2] and head)):
        what = say("indent this line by {count}, like the one below it", count=blanks[-1])
        return _Place(at, blanks[-2]), what
    if not blanks[-2]:
        return None  # perhaps it is the line above that should have no value
    what = say("indent this line by {count}, like the one above it", count=blanks[-2])
    return _Place(last, blanks[-1]), what


def _by_the_lines(lines: Sequence[str], mark: AnyMark, problem: str) -> tuple[AnyMark, str] | None:
    """Return where to look and what to do there, as the lines around a mark show it better than PyYAML's words."""
    for number in range(min(mark.line, len(lines) - 1), max(-1, mark.line - 3), -1):
        if found := _SLIP.match(lines[number]):
            return _Place(number, found.end("key")), slip_in(lines[number])
    if "mapping values are not allowed" in problem and (wrong := _neighbours(lines[: mark.line + 1])):
        return wrong
    said = _behind(lines[mark.line][: mark.column].rstrip() if mark.line < len(lines) else "", problem)
    return (mark, said) if said else None


def advice(error: yaml.MarkedYAMLError, text: str) -> tuple[AnyMark | None, str]:
    """Return where to look in *text* (the types allow none) and what to do there."""
    mark = error.problem_mark or error.context_mark
    problem, context = error.problem or "", error.context or ""
    lines = text.splitlines()
    if mark is not None and (found := _by_the_lines(lines, mark, problem)):
        return found
    if "quoted scalar" in context and "unexpected" in problem:
        return error.context_mark or mark, say("a quote is opened here and never closed")
    if "expected ',' or" in problem:
        mark = error.context_mark or mark  # where it begins
    if "scanning a tag" in context:
        return error.context_mark or mark, say("put quotes around a text that begins with !")
    for said, meaning in _ADVICE:
        if said in problem:
            return mark, say(meaning)
    return mark, say("this is not YAML: {problem}", problem=shown(problem, 80))
