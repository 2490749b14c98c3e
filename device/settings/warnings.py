"""Warnings about a site file: what is right as it stands, and most likely not what somebody wants.

A Pi drives no pin while it boots: GPIO 0 to 8 are pulled up and 9 to 27 down (BCM2835 peripherals, table 6-31; the same
on later models), so that what switches on at that level is on until the gate has started. Other pins are used by the
boot itself. A site file with warnings is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from device.errors import Complaint
from device.model import Output
from device.settings.tree import Located, Path, Scalar, Tree, dotted
from device.settings.values import read_pin

PULLED_UP: Final = range(9)
"""Pins that are high while a Pi boots."""
STAY_OFF: Final = "4 to 8 for what switches on at low level (active_high: false), 9 to 13 and 16 to 27 for the rest"
_USED_AT_BOOT: Final = {
    0: "the Pi looks for a HAT on it while it boots",
    1: "the Pi looks for a HAT on it while it boots",
    2: "it has a fixed pull-up of 1.8 kOhm",
    3: "it has a fixed pull-up of 1.8 kOhm",
    14: "the Pi's serial console writes on it while it boots",
    15: "the Pi's serial console listens on it while it boots",
}
_SHOWN: Final = {Output.RELAY: "the door may open", Output.BUZZER: "the buzzer may sound"}
_GLUED: Final = re.compile(r"(\s+)#[^\s#]")


def warnings(located: Located, text: str) -> list[Complaint]:
    """Return what a technician should look at again, in the order of the file."""
    found = [*_pins(located), *_comments(located, text)]
    return sorted(found, key=lambda warning: (warning.line, warning.column))


def _pins(located: Located) -> Iterator[Complaint]:
    pins = located.tree.get("pins")
    for line in Output:
        written = pins.get(line.value) if isinstance(pins, dict) else None
        path: Path = ("pins", line.value)
        high: Tree | None = None
        if isinstance(written, dict):
            path, high, written = (*path, "pin"), written.get("active_high"), written.get("pin")
        number = read_pin(written.text) if isinstance(written, Scalar) else None
        if number is None:
            continue
        at_high = not (isinstance(high, Scalar) and high.text == "false")
        shown = _SHOWN.get(line, "the lamp may light")
        if number in _USED_AT_BOOT:
            yield located.complaint(path, f"warning: {_USED_AT_BOOT[number]}: {shown}; use {STAY_OFF}")
        elif at_high is (number in PULLED_UP):
            level = "high" if number in PULLED_UP else "low"
            yield located.complaint(
                path, f"warning: GPIO {number} is {level} while the Pi boots: {shown}; use {STAY_OFF}"
            )


def _comments(located: Located, text: str) -> Iterator[Complaint]:
    """A ``#`` after a blank begins a comment, which a name with a number in it may not mean."""
    lines = text.splitlines()
    for path, position in located.values.items():
        value = _at(located.tree, path)
        if not isinstance(value, Scalar) or not value.plain or position.line > len(lines):
            continue
        end = position.column - 1 + len(value.text)
        if glued := _GLUED.match(lines[position.line - 1], end):
            what = "warning: a comment begins at this #; put quotes around a text that has one"
            yield Complaint(located.file, position.line, end + len(glued[1]) + 1, dotted(path), what)


def _at(tree: Tree, path: Path) -> Tree | None:
    found: Tree | None = tree
    for part in path:
        if isinstance(found, dict) and isinstance(part, str):
            found = found.get(part)
        elif isinstance(found, list) and isinstance(part, int):
            found = found[part]
    return found
