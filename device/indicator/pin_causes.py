"""What the errors of lgpio and gpiozero mean: each in its own words, with what to do where that is known.

The texts are those of lgpio's table of errors (``lgErr.c``: ``GPIO busy``, ``can not open gpiochip``), of its Python
module when it makes its fifo (gpiozero issue 1106, joan2937/lg issue 22), and of ``gpiozero.exc``.
"""

from __future__ import annotations

import re
from typing import Final

from device.errors import first_line, shown
from device.words import say, sentence

MOST_WORDS: Final = 160

CAUSES: Final = (
    (
        re.compile("lgd-nfy|xCreatePipe", re.IGNORECASE),
        sentence("lgpio cannot make its fifo: LG_WD must name a folder that the gate's user may write"),
    ),
    (
        re.compile("PinInUse|already in use", re.IGNORECASE),
        sentence("another key of the site file names it too: give each its own"),
    ),
    (
        re.compile("GPIO busy|resource busy", re.IGNORECASE),
        sentence("nobody was found who holds it: restart the machine if that stays so"),
    ),
    (
        re.compile("not allocated", re.IGNORECASE),
        sentence(
            "the line was taken away or never had: is it that of an interface (dtparam=spi or i2c in config.txt)?"
        ),
    ),
    (
        re.compile(
            "can ?not open gpiochip|bad gpiochip|not a gpiochip|permission|not permitted|/dev/gpio", re.IGNORECASE
        ),
        sentence("check pins.chip, and that the gate's user is in the group gpio: sudo ./setup.sh install"),
    ),
    (
        re.compile("bad GPIO number|InvalidPin|not a valid pin", re.IGNORECASE),
        sentence("this machine has no such pin: name another, or check pins.chip"),
    ),
    (
        re.compile("UnknownPi|Pi revision", re.IGNORECASE),
        sentence("gpiozero does not know this machine as a Pi: sudo apt full-upgrade, or pins.driver: mock"),
    ),
    (
        re.compile("ImportError|ModuleNotFoundError|shared object|undefined symbol|size changed|GLIBC", re.IGNORECASE),
        sentence("its libraries do not fit: sudo apt full-upgrade, sudo ./setup.sh install"),
    ),
    (
        re.compile("BadPinFactory|PinFactory", re.IGNORECASE),
        sentence("the driver cannot be used: write lgpio or mock as pins.driver"),
    ),
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
    do = say("it is held by {holder}", holder=holder) if holder else _to_do(words)
    return say("({words}); {do}", words=own_words(error), do=do) if do else f"({own_words(error)})"


def _to_do(words: str) -> str:
    return next((say(do) for pattern, do in CAUSES if pattern.search(words)), "")
