"""Names of gates as words of the hub's commands."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from device.hub.gate_name import gate_name, new_gate_name


def a_gate_name(text: str) -> str:
    """Read what people call a gate for argparse."""
    return _named(gate_name, text)


def a_new_gate_name(text: str) -> str:
    """Read the name of a gate that is to be made for argparse."""
    return _named(new_gate_name, text)


def _named(read: Callable[[str], str], text: str) -> str:
    try:
        return read(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
