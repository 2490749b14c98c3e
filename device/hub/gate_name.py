"""What people may call a gate, however it is given: a word of a command, a field of a form. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from device.words import say

MOST_NAME: Final = 100
"""Letters of a gate's name."""
DEVICE_ID: Final = re.compile(r"gate-[0-9a-f]{12}")
"""How the hub calls a gate."""


def gate_name(text: str) -> str:
    """Return what people call a gate as it is kept: one blank between words, accents in one form (NFC).

    Raises `ValueError` in a sentence that says what is wrong with it.
    """
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    if not name:
        raise ValueError(say("is blank; write what people call the gate, like 'Main entrance'"))
    if odd := next((letter for letter in name if not letter.isprintable()), None):
        raise ValueError(say("has a letter that cannot be seen ({letter}); leave it out", letter=f"U+{ord(odd):04X}"))
    if len(name) > MOST_NAME:
        raise ValueError(say("has {count} letters; write at most {most}", count=len(name), most=MOST_NAME))
    return name


def new_gate_name(text: str) -> str:
    """Return the name of a gate that is to be made; what looks like a device id is none. Raises as `gate_name`."""
    name = gate_name(text)
    if DEVICE_ID.fullmatch(name):
        raise ValueError(say("looks like a gate's device id; write what people call the gate"))
    return name
