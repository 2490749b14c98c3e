"""What the errors of lgpio and gpiozero mean: each in its own words, with what to do where that is known.

The texts are those of lgpio's table of errors (``lgErr.c``: ``GPIO busy``, ``can not open gpiochip``), of its Python
module when it makes its fifo (gpiozero issue 1106, joan2937/lg issue 22), and of ``gpiozero.exc``.
"""

from __future__ import annotations

import re
from typing import Final

from device.errors import first_line, shown

MOST_WORDS: Final = 160

CAUSES: Final = tuple(
    (re.compile(words, re.IGNORECASE), do)
    for words, do in (
        (
            r"lgd-nfy|xCreatePipe",
            "lgpio cannot make its fifo: LG_WD must name a folder that the gate's user may write",
        ),
        (r"PinInUse|already in use", "another key of the site file names it too: give each its own"),
        (r"GPIO busy|resource busy", "nobody was found who holds it: restart the machine if that stays so"),
        (
            r"not allocated",
            "the line was taken away or never had: is it that of an interface (dtparam=spi or i2c in config.txt)?",
        ),
        (
            r"can ?not open gpiochip|bad gpiochip|not a gpiochip|permission|not permitted|/dev/gpio",
            "check pins.chip, and that the gate's user is in the group gpio: sudo ./setup.sh install",
        ),
        (
            r"bad GPIO number|InvalidPin|not a valid pin",
            "this machine has no such pin: name another, or check pins.chip",
        ),
        (
            r"UnknownPi|Pi revision",
            "gpiozero does not know this machine as a Pi: sudo apt full-upgrade, or pins.driver: mock",
        ),
        (
            r"ImportError|ModuleNotFoundError|shared object|undefined symbol|size changed|GLIBC",
            "its libraries do not fit: sudo apt full-upgrade, sudo ./setup.sh install",
        ),
        (r"BadPinFactory|PinFactory", "the driver cannot be used: write lgpio or mock as pins.driver"),
    )
)
"""Found in the type and the text of an error, and what a person does about it. The first that fits counts."""


def own_words(error: BaseException) -> str:
    """Return the type and the first line of a driver's error, fit for the log: ``lgpio.error: 'GPIO busy'``."""
    return shown(first_line(error), MOST_WORDS)


def told(error: BaseException, holder: str = "") -> str:
    """Return an error in its own words, and what to do where that is known.

    Args:
        error: what a library raised.
        holder: who has the line, as the kernel calls it; empty when nobody was found.
    """
    words = first_line(error)
    do = f"it is held by {holder}" if holder else _to_do(words)
    return f"({own_words(error)})" + (f"; {do}" if do else "")


def _to_do(words: str) -> str:
    return next((do for pattern, do in CAUSES if pattern.search(words)), "")
