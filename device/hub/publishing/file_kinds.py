"""What a file is, by its first bytes: what people hand over where a list or a policy is wanted."""

from __future__ import annotations

import io
import zipfile
from typing import Final

from device.words import say, sentence

WORKBOOK: Final = sentence("an Excel file (.xlsx)")
_OLD: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STREAMS: Final = {
    "EncryptedPackage": sentence("an Excel file with a password"),
    "WordDocument": sentence("an old Word file (.doc)"),
    "Workbook": sentence("an Excel file of before 2007 (.xls)"),
    "Book": sentence("an Excel file of before 2007 (.xls)"),
}
"""How an OLE file is known: by a stream it has."""
_PARTS: Final = {
    "xl/workbook.bin": sentence("a binary Excel file (.xlsb)"),
    "xl/": WORKBOOK,
    "word/": sentence("a Word file (.docx)"),
    "ppt/": sentence("a PowerPoint file (.pptx)"),
    "content.xml": sentence("a LibreOffice file (.ods, .odt)"),
    "Index/": sentence("a file of Apple's Numbers or Pages"),
}
"""How a ZIP is known: by a file in it."""
_BEGINNINGS: Final = {
    b"%PDF": sentence("a PDF file"),
    b"{\\rtf": sentence("a text with formats (.rtf)"),
    b"\x89PNG": sentence("a picture"),
    b"\xff\xd8\xff": sentence("a picture"),
    b"Rar!": sentence("an archive"),
    b"7z\xbc\xaf": sentence("an archive"),
    b"\x1f\x8b": sentence("an archive"),
}


def kind_of(raw: bytes) -> str:
    """Return what a file is, as a sentence to `say`; empty: nothing that is known here, perhaps text."""
    if raw.startswith(_OLD):
        streams = (told for stream, told in _STREAMS.items() if f"{stream}\0".encode("utf-16-le") in raw)
        return next(streams, _STREAMS["Workbook"])
    if raw.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(io.BytesIO(raw)) as packed:
                names = packed.namelist()
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            return WORKBOOK  # damaged, as reading it tells
        known = (told for part, told in _PARTS.items() if any(name.startswith(part) for name in names))
        return next(known, _BEGINNINGS[b"Rar!"])
    return next((told for beginning, told in _BEGINNINGS.items() if raw.startswith(beginning)), "")


def no_list(kind: str) -> str:
    """Say what a file is that is no list, and what to do."""
    return say(
        "{kind}, no list that can be read; open it and save it as .xlsx without a password, or copy its table into one",
        kind=say(kind),
    )
