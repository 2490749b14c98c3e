"""YAML with line numbers: text → a tree that knows where each value stands.

PyYAML's own loader guesses types (``017`` becomes 15, ``on`` becomes True) and keeps the last of two
equal keys, both without a word. So the text is read as PyYAML's node graph: every scalar keeps its
literal letters, and a parallel map from path to position says where it stands.

Hostile text ends in `Complaints`, never in another exception. The event stream is walked first, so
depth and number of nodes are bounded before anything recurses. Aliases, anchors and tags are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from device.errors import Complaint, Complaints, shown
from device.settings.syntax import AnyMark, advice
from device.settings.tree import START, Located, Path, Position, Scalar, Tree, dotted
from device.settings.typography import odd_letter
from device.words import say

MOST_BYTES = 256 * 1024
MOST_DEPTH = 16
MOST_NODES = 5_000
"""A site with every key set has about 250."""

# YAML 1.1 section 5.1 without the exotic line ends (they would shift the line numbers editors show)
# and without a byte order mark in the middle.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_NO_TEXT = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"{\\rtf")
"""How files of Excel and Word, PDF and RTF begin."""
_ALIAS = "alias"
_LINE_END = re.compile("\r\n|\n|\r")


def decode(raw: bytes, file: str) -> str:
    """Return the text of a file: UTF-8, with or without a byte order mark.

    Raises `Complaints` (one) for anything else, and for more than `MOST_BYTES`.
    """
    if raw.startswith(_NO_TEXT):
        told = say("a file of Excel, Word or the like; this must be YAML, written with a plain text editor")
        raise _refusal(file, START, "file", told)
    if len(raw) > MOST_BYTES:
        raise _refusal(
            file, START, "file", say("larger than {most} KiB; is this the right file?", most=MOST_BYTES // 1024)
        )
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _refusal(file, START, "file", say("this is UTF-16; save it as UTF-8"))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        position = _position_after(raw[: error.start].decode("utf-8-sig"))
    raise _refusal(file, position, "file", say("not UTF-8 from here on; save the file as UTF-8"))


def read(text: str, file: str) -> Located:
    """Read one YAML document whose top is a mapping.

    Returns the tree with its positions; mistakes that leave the rest readable (duplicate keys, aliases,
    anchors, tags, keys that are no text) stand in `Located.mistakes`. Raises `Complaints` with one
    entry when the text cannot be read at all: bad syntax, too deep, too much, several documents.
    """
    text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    odd_letters = [
        Complaint(file, number, found[0], "syntax", found[1])
        for number, line in enumerate(_LINE_END.split(text), 1)
        if (found := odd_letter(line))
    ]
    if odd_letters:
        raise Complaints(odd_letters)
    if odd := _UNWRITABLE.search(text):
        what = say("remove the invisible character U+{code} here", code=f"{ord(odd.group()):04X}")
        raise _refusal(file, _position_after(text[: odd.start()]), "syntax", what)
    try:
        _survey(text, file)
        composer = _Composer(text)
        try:
            top = composer.get_single_node()
        finally:
            composer.dispose()
    except yaml.MarkedYAMLError as error:
        mark, message = advice(error, text)
        raise _refusal(file, _counted_from_1(mark), "syntax", message) from None
    except (yaml.YAMLError, ValueError, OverflowError):
        # PyYAML lets chr() and int() fail on escapes like "\UFFFFFFFF" and on endless version numbers
        raise _refusal(file, START, "syntax", say("a number or an escape (\\u, \\U, %YAML) is out of range")) from None
    located = Located(file)
    if not isinstance(top, yaml.MappingNode):
        what = say("empty; write keys and their values")
        if top:
            what = say("a list or a single value; write keys and their values")
        raise _refusal(file, _position(top) if top else START, "file", what)
    _Walk(located, composer.refused).into_mapping(top, (), located.tree)
    return located


def _refusal(file: str, position: Position, key: str, message: str) -> Complaints:
    """Return the exception for a text of which nothing else can be said."""
    return Complaints([Complaint(file, position.line, position.column, key, message)])


def _position_after(before: str) -> Position:
    """Return the place after *before*."""
    lines = _LINE_END.split(before)
    return Position(len(lines), len(lines[-1]) + 1)


def _counted_from_1(mark: AnyMark | None) -> Position:
    """Return a place as editors count it; PyYAML counts from 0."""
    return Position(mark.line + 1, mark.column + 1) if mark else START


def _position(node: yaml.Node) -> Position:
    """Return where a node begins."""
    return _counted_from_1(node.start_mark)


def _survey(text: str, file: str) -> None:
    """Walk the event stream, which does not recurse, and refuse what would cost too much."""
    depth = nodes = documents = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        position = _counted_from_1(event.start_mark)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        nodes += isinstance(event, yaml.NodeEvent)
        documents += isinstance(event, yaml.DocumentStartEvent)
        if depth > MOST_DEPTH:
            raise _refusal(file, position, "syntax", say("nested more than {most} deep", most=MOST_DEPTH))
        if nodes > MOST_NODES:
            what = say("more than {most} keys and values; is this the right file?", most=MOST_NODES)
            raise _refusal(file, position, "syntax", what)
        if documents > 1:
            raise _refusal(file, position, "syntax", say("a second document begins here; remove the --- line"))


class _Composer(yaml.SafeLoader):
    """PyYAML's composer, except that aliases are not followed and anchors and tags are noted.

    Attributes:
        refused: id of a node → what to say about it; ids hold as long as the graph does.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.refused: dict[int, str] = {}

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Compose one node; an alias becomes an empty scalar."""
        event: Any = self.peek_event()  # type: ignore[no-untyped-call] # the stubs know no events here
        wrong = ""
        if isinstance(event, yaml.AliasEvent):
            self.get_event()  # type: ignore[no-untyped-call] # as above
            node: yaml.Node | None = yaml.ScalarNode(_ALIAS, "", event.start_mark, event.end_mark)  # type: ignore[arg-type] # PyYAML's own mark
            wrong = say("write the value out instead of the alias *{name}", name=shown(str(event.anchor)))
        else:
            if event.tag:
                wrong = say("remove the tag {tag}; the plain value is enough", tag=shown(_short(event.tag)))
            if event.anchor:
                wrong = say("remove the anchor &{name}; aliases are not used here", name=shown(event.anchor))
            event.anchor = event.tag = None
            node = super().compose_node(parent, index)
        if wrong:
            self.refused[id(node)] = wrong
        return node


def _short(tag: str) -> str:
    """Return a tag as people write it."""
    standard = "tag:yaml.org,2002:"
    return f"!!{tag.removeprefix(standard)}" if tag.startswith(standard) else tag


@dataclass(frozen=True, slots=True)
class _Walk:
    """Turns the node graph into `Located`."""

    located: Located
    refused: dict[int, str]

    def into_mapping(self, node: yaml.MappingNode, path: Path, section: dict[str, Tree]) -> None:
        """Fill *section*; the first of two equal keys counts."""
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag == _ALIAS or not key_node.value:
                what = say("a key must be a word; put quotes around texts with [ ] {{ }} *")
                self._complain(path, _position(key_node), what)
                continue
            key = key_node.value
            below = (*path, key)
            if wrong := self.refused.get(id(key_node)):
                self._complain(below, _position(key_node), wrong)
            if key in section:
                first = self.located.keys[below].line
                self._complain(below, _position(key_node), say("given twice; first on line {line}", line=first))
                continue
            self.located.keys[below] = _position(key_node)
            section[key] = self.value(value_node, below)

    def value(self, node: yaml.Node, path: Path) -> Tree:
        """Return what stands at *path*."""
        self.located.values[path] = _position(node)
        if wrong := self.refused.get(id(node)):
            self._complain(path, _position(node), wrong)
            if node.tag == _ALIAS:
                self.located.aliases.add(path)
        if isinstance(node, yaml.MappingNode):
            section: dict[str, Tree] = {}
            self.into_mapping(node, path, section)
            return section
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        style = node.style if isinstance(node, yaml.ScalarNode) else None
        return Scalar(node.value, plain=style is None)

    def _complain(self, path: Path, position: Position, message: str) -> None:
        self.located.mistakes.append(
            Complaint(self.located.file, position.line, position.column, dotted(path), message)
        )
