"""YAML tree: a document as literal texts, with line and column of each."""

from __future__ import annotations

from dataclasses import dataclass, field

from device.errors import Complaint, shown


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the text; both count from 1."""

    line: int
    column: int


START = Position(1, 1)
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value as it was written.

    Attributes:
        text: its letters, quotes taken off and escapes resolved.
        plain: it stood there without quotes.
    """

    text: str
    plain: bool = True

    @property
    def empty(self) -> bool:
        """Whether nothing was written, or YAML's word for nothing."""
        return self.plain and self.text.lower() in {"", "~", "null"}


Tree = Scalar | list["Tree"] | dict[str, "Tree"]


@dataclass(frozen=True, slots=True)
class Located:
    """A document and the positions in it.

    Attributes:
        file: what complaints call it.
        tree: the document; keys in the order of the text.
        values: path → where the value begins.
        keys: path → where the key begins.
        aliases: paths whose value is unknown because an alias stood there.
        mistakes: what was wrong with the text itself; the tree leaves those parts out.
    """

    file: str
    tree: dict[str, Tree] = field(default_factory=dict)
    values: dict[Path, Position] = field(default_factory=dict)
    keys: dict[Path, Position] = field(default_factory=dict)
    aliases: set[Path] = field(default_factory=set)
    mistakes: list[Complaint] = field(default_factory=list)

    def complaint(self, path: Path, message: str, *, at_key: bool = False) -> Complaint:
        """Return a complaint about *path*, placed at the nearest thing that stands in the text."""
        known = path
        while known and known not in self.values:
            known = known[:-1]
        first, second = (self.keys, self.values) if at_key or known != path else (self.values, self.keys)
        position = first.get(known) or second.get(known) or START
        return Complaint(self.file, position.line, position.column, dotted(path), message)


def dotted(path: Path) -> str:
    """Return ``cues.granted[1].for`` for ``("cues", "granted", 0, "for")``."""
    parts = (f"[{part + 1}]" if isinstance(part, int) else f".{shown(part)}" for part in path)
    return "".join(parts).removeprefix(".") or "file"
