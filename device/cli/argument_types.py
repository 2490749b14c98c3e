"""What argparse reads a word with: numbers within bounds, paths, days, names of gates; each refuses in a sentence."""

from __future__ import annotations

import argparse
import re
import unicodedata
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final

from device.words import say

MOST_NAME: Final = 100
"""Letters of a gate's name."""
DEVICE_ID: Final = re.compile(r"gate-[0-9a-f]{12}")
"""How the hub calls a gate."""


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """Return an argparse type: a whole number from *least* to *most*, refused in words that name both."""

    def number(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) <= 19 and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(
                say("must be a whole number from {least} to {most}", least=least, most=most)
            )
        return int(text)

    return number


def a_path(text: str) -> Path:
    """Read a path for argparse; nothing but blanks is none, and would be taken for the folder one stands in."""
    if not text.strip():
        raise argparse.ArgumentTypeError(say("is blank; write a path"))
    return Path(text)


def a_gate_name(text: str) -> str:
    """Read what people call a gate for argparse: one blank between words, accents in one form (NFC), as it is kept."""
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    if not name:
        raise argparse.ArgumentTypeError(say("is blank; write what people call the gate, like 'Main entrance'"))
    if odd := next((letter for letter in name if not letter.isprintable()), None):
        raise argparse.ArgumentTypeError(
            say("has a letter that cannot be seen ({letter}); leave it out", letter=f"U+{ord(odd):04X}")
        )
    if len(name) > MOST_NAME:
        raise argparse.ArgumentTypeError(
            say("has {count} letters; write at most {most}", count=len(name), most=MOST_NAME)
        )
    return name


def a_new_gate_name(text: str) -> str:
    """Read the name of a gate that is to be made; what looks like a device id is none."""
    name = a_gate_name(text)
    if DEVICE_ID.fullmatch(name):
        raise argparse.ArgumentTypeError(say("looks like a gate's device id; write what people call the gate"))
    return name


def a_day(text: str) -> date:
    """Read a day for argparse."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(say("write a day like 2026-11-29")) from None
