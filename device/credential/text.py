"""Payload bytes to text (UTF-8, else Latin-1), and the fields between the pipes: one rule for every format.

Bytes are strict UTF-8, or else Latin-1 (or UTF-16) and flagged: then only fields of plain ASCII are certain.
A byte-order mark and NUL, CR, LF, tab or space around a payload or a field belong to the printer
of the code, not to the text. Everything inside stays as it is, but for NFC in text meant to be read.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from device.credential.notes import Note

MOST_BYTES = 4_296
"""The most characters one QR symbol can carry (version 40-L, alphanumeric mode: ISO/IEC 18004)."""

MOST_NAME = 128
"""Characters in a name; also keeps normalising piled-up combining marks cheap."""

MOST_WORDS = 512
"""Characters in an address or a detail."""

_MOST_FIELDS = 20
_BOM = b"\xef\xbb\xbf"
_EDGE = "\0\r\n\t "
_EDGE_BYTES = _EDGE.encode()
_HEX_DIGITS = frozenset("0123456789abcdefABCDEF")


@dataclass(frozen=True, slots=True)
class Text:
    """A payload as text.

    Attributes:
        value: without what stands around it.
        exact: it was strict UTF-8; otherwise only its ASCII is certain.
    """

    value: str
    exact: bool


def read_text(payload: bytes) -> Text:
    """Decode a payload; never fails, since Latin-1 gives every byte a character."""
    trimmed = payload.strip(_EDGE_BYTES).removeprefix(_BOM).strip(_EDGE_BYTES)
    try:
        # Of UTF-16 and UTF-32 nearly every other byte is NUL; as UTF-8 it would be a text of other words.
        return Text(trimmed.decode("utf-8"), exact=trimmed.count(0) * 3 <= len(trimmed))
    except UnicodeDecodeError:
        return Text(trimmed.decode("latin-1"), exact=False)


def is_digits(value: str, *lengths: int) -> bool:
    """Return whether *value* is made of ASCII digits only and has one of *lengths*.

    ``str.isdigit`` alone is also true for digits of other scripts, which look alike.
    """
    return len(value) in lengths and value.isascii() and value.isdigit()


def readable(value: str, most: int) -> str | None:
    """Return *value* in NFC, or ``None`` when it is no text of at most *most* characters.

    Control, direction, surrogate and unassigned characters make it no text.
    """
    if len(value) > most or not (value.isprintable() or value.replace("\N{NO-BREAK SPACE}", "").isprintable()):
        return None
    return unicodedata.normalize("NFC", value)


def from_hex(value: str) -> str | None:
    """Return the text behind hexadecimal UTF-8; ``None`` when it is not that."""
    if len(value) % 2 or not is_hex(value):
        return None
    try:
        return bytes.fromhex(value).decode("utf-8").strip(_EDGE)
    except UnicodeDecodeError:
        return None


def is_hex(value: str) -> bool:
    """Return whether *value* is not empty and all hexadecimal digits."""
    return bool(value) and _HEX_DIGITS.issuperset(value)


@dataclass(slots=True)
class Fields:
    """The fields of one payload while it is being read, and what was odd about them.

    Attributes:
        parts: the fields in order; never more than 21, the rest is one last part.
        exact: see `Text.exact`.
        notes: in the order they were found, each once.
        details: for `Credential.details`.
    """

    parts: tuple[str, ...]
    exact: bool
    notes: list[Note] = field(default_factory=list)
    details: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, text: Text) -> Fields:
        """Split a text at its pipes."""
        fields = cls(tuple(part.strip(_EDGE) for part in text.value.split("|", _MOST_FIELDS)), text.exact)
        if not text.exact:
            fields.note(Note.NOT_UTF8)
        return fields

    def note(self, note: Note) -> None:
        """Remember a remark, once."""
        if note not in self.notes:
            self.notes.append(note)

    def words(self, value: str, otherwise: Note, most: int = MOST_NAME) -> str | None:
        """Return a field meant to be read by people; ``None`` when empty, or left out with a note."""
        if not value:
            return None
        words = readable(value, most) if self.exact or value.isascii() else None
        if words is None:
            self.note(otherwise)
        return words

    def detail(self, name: str, value: str) -> None:
        """Keep a further field under *name* unless it is empty; what is no text is left out with a note."""
        words = self.words(value, Note.FIELD_UNREADABLE, MOST_WORDS)
        if words is not None:
            self.details.append((name, words))
