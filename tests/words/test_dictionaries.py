"""Every sentence of the code has its words in every language, and every word is of a sentence of the code."""

from __future__ import annotations

import ast
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from jinja2 import Environment, nodes

from device.words import vietnamese
from device.words.spoken import placeholders
from tests.support.on_a_gate import left_out

DEVICE = Path(__file__).parents[2] / "device"
MARKS = {"say": 1, "say_many": 2, "sentence": 1}
"""What marks a sentence, and how many literal texts it takes."""


def sentences_of(source: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the line and the texts of every sentence that *source* marks."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
            texts = [arg.value for arg in node.args[: MARKS[node.func.id]] if isinstance(arg, ast.Constant)]
            if texts:
                yield node.lineno, tuple(map(str, texts))


def in_pieces(source: str) -> list[int]:
    """Return the lines where what is marked is put together (an f-string, a sum), which no dictionary can have."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    marked = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in MARKS and call.args]
    return [call.lineno for call in marked if any(map(is_made, call.args[: MARKS[call.func.id]]))]  # type: ignore[attr-defined] # a Name, see above


def is_made(text: ast.expr) -> bool:
    """Return whether a text is made where it is marked: written there as a whole, or a name, is fine."""
    if isinstance(text, ast.IfExp):
        return not all(isinstance(arm, ast.Name | ast.Subscript) for arm in (text.body, text.orelse))
    return isinstance(text, ast.JoinedStr | ast.BinOp)


SOURCES = {path.relative_to(DEVICE).as_posix(): path.read_text("utf-8") for path in sorted(DEVICE.rglob("*.py"))}
TEMPLATES = {path.relative_to(DEVICE).as_posix(): path.read_text("utf-8") for path in sorted(DEVICE.rglob("*.html"))}


def sentences_of_template(source: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the same of a template of Jinja."""
    for call in Environment().parse(source).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in MARKS:
            texts = [arg.value for arg in call.args[: MARKS[call.node.name]] if isinstance(arg, nodes.Const)]
            assert texts, f"line {call.lineno}: not a whole sentence"
            yield call.lineno, tuple(map(str, texts))


SAID = {texts: f"{name}:{line}" for name, source in SOURCES.items() for line, texts in sentences_of(source)} | {
    texts: f"{name}:{line}" for name, source in TEMPLATES.items() for line, texts in sentences_of_template(source)
}
ENTRIES = vietnamese.ENTRIES


def test_every_sentence_has_vietnamese_words() -> None:
    assert {texts[0]: where for texts, where in SAID.items() if texts[0] not in ENTRIES} == {}


def test_every_vietnamese_entry_is_of_a_sentence_that_is_said() -> None:
    assert set(ENTRIES) - {texts[0] for texts in SAID} == set()


def test_what_is_said_on_a_gate_has_words_on_a_gate() -> None:
    """The commands of the hub and of the demo are there to tell that the rest is not."""
    modules = [path for path in Path(vietnamese.__file__).parent.glob("[a-z]*.py") if not left_out(path)]
    there = {english for path in modules for english in getattr(vietnamese, path.stem).ENTRIES}
    sources = {name: source for name, source in SOURCES.items() if not left_out(DEVICE / name)}
    said = {name: {texts[0] for _, texts in sentences_of(source)} for name, source in sources.items()}
    lacking = {name: texts - there for name, texts in said.items() if name not in {"cli/hub.py", "cli/demo.py"}}
    assert {name: texts for name, texts in lacking.items() if texts} == {}


def test_no_entry_stands_in_two_subjects() -> None:
    counted = Counter(english for subject in vietnamese.SUBJECTS for english in subject)
    assert [english for english, times in counted.items() if times > 1] == []


def test_every_module_of_the_dictionary_is_in_use() -> None:
    modules = {path.stem for path in Path(vietnamese.__file__).parent.glob("*.py")} - {"__init__"}
    assert {name for name in modules if getattr(vietnamese, name).ENTRIES in vietnamese.SUBJECTS} == modules


@pytest.mark.parametrize("texts", SAID, ids=lambda texts: texts[-1][:60])
def test_the_words_have_the_same_values_and_are_fit_for_a_terminal(texts: tuple[str, ...]) -> None:
    words = ENTRIES[texts[0]]
    assert placeholders(words) == placeholders(texts[-1])
    assert placeholders(texts[0]) <= placeholders(texts[-1]) | {"count"}
    assert words.isprintable()
    assert unicodedata.is_normalized("NFC", words)
    assert [words[:1].isspace(), words[-1:].isspace()] == [texts[0][:1].isspace(), texts[0][-1:].isspace()]


def test_a_value_is_a_name_alone() -> None:
    """An index or an attribute in braces would ask the value for it; a form (``:,``) is the caller's, who has words."""
    for texts in SAID:
        for text in (*texts, ENTRIES[texts[0]]):
            for _, name, form, conversion in Formatter().parse(text):
                assert name is None or (name.isidentifier() and not form and not conversion), text


def test_no_sentence_is_put_together_from_pieces() -> None:
    assert {name: lines for name, source in SOURCES.items() if (lines := in_pieces(source))} == {}


def test_a_marked_sentence_and_one_in_pieces_would_be_seen() -> None:
    source = 'say("a {b}", b=1)\nsay_many("one", "{count}", n)\nX = sentence("c" "d")\nsay(f"{x}")\nsay(X)\nshow("e")'
    source += '\nsay(X if a else "e")\nsay(X if a else Y)'
    assert list(sentences_of(source)) == [(1, ("a {b}",)), (2, ("one", "{count}")), (3, ("cd",))]
    assert in_pieces(source) == [4, 7]
