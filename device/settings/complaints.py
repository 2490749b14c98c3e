"""What a person is told about a mistake in a file, and the exception that carries all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from device.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Complaint:
    """One mistake, where it stands and what to write instead.

    Attributes:
        file: the file as the person named it.
        line: counted from 1.
        column: counted from 1.
        key: dotted path (``pins.green``, list items ``policy.accept[2]`` counted from 1); ``file`` or
            ``syntax`` when the mistake belongs to no key.
        message: what to write instead; one line of printable text.
    """

    file: str
    line: int
    column: int
    key: str
    message: str

    def __str__(self) -> str:
        return f"{shown(self.file, 4_096)}:{self.line}:{self.column}: {self.key}: {self.message}"


class Complaints(ConfigurationError):
    """All mistakes of one file; prints one line each, in the order of the file.

    Attributes:
        complaints: sorted by line and column, each once; never empty.
    """

    def __init__(self, complaints: Iterable[Complaint]) -> None:
        self.complaints = tuple(sorted(set(complaints), key=lambda c: (c.line, c.column, c.key, c.message)))
        super().__init__("\n".join(map(str, self.complaints)))


def shown(text: str, most: int = 40) -> str:
    """Return *text* fit for a terminal: one line, printable, at most *most* characters."""
    printable = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
    return printable if len(printable) <= most else f"{printable[:most]}…"
