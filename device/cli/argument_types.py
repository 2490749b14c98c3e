"""What argparse reads a word with: numbers within bounds, paths, days, names of gates; each refuses in a sentence."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path

from device.words import say


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


def a_day(text: str) -> date:
    """Read a day for argparse."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(say("write a day like 2026-11-29")) from None
