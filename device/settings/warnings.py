"""Warnings about a site file: what is right as it stands, and most likely not what somebody wants.

A Pi drives no pin while it boots: GPIO 0 to 8 are pulled up and 9 to 27 down (BCM2835 peripherals, table 6-31; the same
on later models), so that what switches on at that level is on until the gate has started. Other pins are used by the
boot itself. A site file with warnings is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from device.errors import Complaint, shown
from device.model import Output
from device.settings.tree import Located, Path, Scalar, Tree, dotted
from device.settings.values import read_pin
from device.words import say, sentence

PULLED_UP: Final = range(9)
"""Pins that are high while a Pi boots."""
STAY_OFF: Final = sentence(
    "4 to 8 for what switches on at low level (active_high: false), 9 to 13 and 16 to 27 for the rest"
)
_HAT: Final = sentence("the Pi looks for a HAT on it while it boots")
_PULL_UP: Final = sentence("it has a fixed pull-up of 1.8 kOhm")
_USED_AT_BOOT: Final = {
    0: _HAT,
    1: _HAT,
    2: _PULL_UP,
    3: _PULL_UP,
    14: sentence("the Pi's serial console writes on it while it boots"),
    15: sentence("the Pi's serial console listens on it while it boots"),
}
_LAMP: Final = sentence("the lamp may light")
_SHOWN: Final = {Output.RELAY: sentence("the door may open"), Output.BUZZER: sentence("the buzzer may sound")}
_ADDRESS: Final = re.compile(r"(?P<root>https?://[^/?#\s]+)/+[^/?#\s][^?#\s]*")
_GLUED: Final = re.compile(r"(\s+)#[^\s#]")


def warnings(located: Located, text: str) -> list[Complaint]:
    """Return what a technician should look at again, in the order of the file."""
    found = [*_pins(located), *_path_of_the_hub(located), *_comments(located, text)]
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
        if why := _on_at_boot(number, at_high=at_high):
            what = say(
                "warning: {why}: {may}; use {pins}", why=why, may=say(_SHOWN.get(line, _LAMP)), pins=say(STAY_OFF)
            )
            yield located.complaint(path, what)


def _path_of_the_hub(located: Located) -> Iterator[Complaint]:
    """What stands behind the port, like the ``/v1/`` of somebody's notes: no hub of ours answers there."""
    url = _at(located.tree, ("hub", "url"))
    parts = _ADDRESS.fullmatch(url.text) if isinstance(url, Scalar) else None
    if parts is not None and located.values.get(("hub", "url")):
        what = say("warning: our hub answers at {url} and not at a path behind it", url=shown(parts["root"], 100))
        yield located.complaint(("hub", "url"), what)


def _on_at_boot(number: int, *, at_high: bool) -> str:
    """Say why what hangs on a pin may be on while a Pi boots; empty when it stays off."""
    if number in _USED_AT_BOOT:
        return say(_USED_AT_BOOT[number])
    if at_high is not (number in PULLED_UP):
        return ""
    high, low = (
        sentence("GPIO {number} is high while the Pi boots"),
        sentence("GPIO {number} is low while the Pi boots"),
    )
    return say(high if number in PULLED_UP else low, number=number)


def _comments(located: Located, text: str) -> Iterator[Complaint]:
    """A ``#`` after a blank begins a comment, and a comma ends nothing, which a name may not mean."""
    lines = text.splitlines()
    for path, position in located.values.items():
        value = _at(located.tree, path)
        if not isinstance(value, Scalar) or not value.plain or position.line > len(lines):
            continue
        end = position.column - 1 + len(value.text)
        if value.text.endswith((",", ";")):
            what = say('warning: the value ends in "{sign}", which is not needed; remove it', sign=value.text[-1])
            yield Complaint(located.file, position.line, end, dotted(path), what)
        if glued := _GLUED.match(lines[position.line - 1], end):
            what = say("warning: a comment begins at this #; put quotes around a text that has one")
            yield Complaint(located.file, position.line, end + len(glued[1]) + 1, dotted(path), what)


def _at(tree: Tree, path: Path) -> Tree | None:
    found: Tree | None = tree
    for part in path:
        if isinstance(found, dict) and isinstance(part, str):
            found = found.get(part)
        elif isinstance(found, list) and isinstance(part, int):
            found = found[part]
    return found
