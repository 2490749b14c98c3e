"""What the errors of the camera's libraries mean: each in its own words, with what to do where that is known.

The texts are those that picamera2 raises (``picamera2.py``, ``allocators/``, ``dma_heap.py``), those of libcamera's
Python binding (``Failed to …: `` and the words of strerror(3)) and those of the loader and numpy, as people met them in
the issues of raspberrypi/picamera2, raspberrypi/libcamera and raspberrypi/rpicam-apps.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from device.errors import first_line, shown
from device.words import say, sentence

MOST_WORDS: Final = 74
MOST_TO_DO: Final = 76
"""With both, and the key, a reason is no longer than an eye may tell (`device.eye.messages`)."""
BUSY: Final = sentence("nobody was found who holds it: restart the machine if that stays so")
_LIBRARIES: Final = sentence("its libraries do not fit: sudo apt full-upgrade, sudo ./setup.sh install")
_MOST_LOOKED_AT: Final = 400
_WRAPPED: Final = re.compile("sequence did not complete")
"""picamera2 raises this instead of the error it had."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause.

    Attributes:
        words: found in the type and the text of the error.
        do: what a person does about it.
        key: of the site file, where it is one of its terms that is wrong.
        busy: somebody else has the camera; who, is asked (`device.camera.holder`).
    """

    words: re.Pattern[str]
    do: str
    key: str = "camera.source"
    busy: bool = False


def _cause(words: str, do: str, key: str = "camera.source", *, busy: bool = False) -> Cause:
    return Cause(re.compile(words, re.IGNORECASE), do, key, busy)


CAUSES: Final = (
    _cause(
        r"cannot allocate memory|failed to allocate|allocation failure|MemoryError",
        sentence("set CMA in /boot/firmware/config.txt: vc4-kms-v3d,cma-256 (512 MB: cma-128)"),
    ),
    _cause(r"resource busy|in use by another|requiring state Available|\bEBUSY\b", BUSY, busy=True),
    _cause(
        r"tuning|IPA library|IPA module|ipa_.*\.so",
        sentence("the sensor's file is missing or broken: sudo apt reinstall libcamera-ipa"),
    ),
    _cause(
        r"permission denied|operation not permitted|PermissionError|could not open any dma",
        sentence("the gate's user must be in the group video: sudo ./setup.sh install"),
    ),
    _cause(
        r"firmware|too old|version mismatch|inappropriate ioctl|function not implemented|not supported by the kernel",
        sentence("kernel and libcamera do not fit each other: sudo apt full-upgrade, restart"),
    ),
    _cause(
        r"size changed|numpy|undefined symbol|shared object|symbol .* version|ImportError|ModuleNotFoundError"
        r"|_ARRAY_API|partially initialized|GLIBC|circular import",
        _LIBRARIES,
    ),
    _cause(
        r"^IndexError|'NoneType' object has no attribute|lores stream",
        sentence("no second stream, as of USB cameras: use one on the ribbon connector"),
    ),
    _cause(
        r"invalid camera configuration|failed to configure|configuration failed|invalid argument",
        sentence("it refuses this size: write one that rpicam-hello --list-cameras names"),
        "camera.size",
    ),
    _cause(
        r"timed? ?out|TimeoutError|input/output error|remote I/O|no such device|not respond|i2c",
        sentence("the sensor does not answer: switch off, check the ribbon cable, switch on"),
    ),
    _cause(
        r"camera\(s\) not found|no cameras? (?:available|found)|legacy camera",
        sentence("switch off, check the ribbon and raspi-config (legacy camera off), switch on"),
    ),
    _cause(
        r"too many open files|no space left", sentence("the machine has run out of it: restart it if that stays so")
    ),
)
"""The first that fits counts."""


def own_words(error: BaseException) -> str:
    """Return the type and the first line of a library's error, fit for the log: ``OSError: [Errno 12] Cannot …``."""
    return shown(_words(error), MOST_WORDS)


def cause_of(error: BaseException) -> Cause | None:
    """Return the cause that an error's own words name; ``None`` when it is none of those known."""
    words = _words(error)[:_MOST_LOOKED_AT]
    return next((cause for cause in CAUSES if cause.words.search(words)), None)


def _words(error: BaseException) -> str:
    words = first_line(error)
    while _WRAPPED.search(words) and (before := error.__cause__ or error.__context__) is not None:
        error, words = before, first_line(before)
    return words


def not_opened(error: BaseException, holder: str) -> str:
    """Return why the camera cannot be opened, and what to do.

    Args:
        error: what a library raised.
        holder: the process that has the camera; empty when none was found.
    """
    cause = cause_of(error)
    key, do = ("camera.source", "") if cause is None else (cause.key, say(cause.do))
    if holder and (cause is None or cause.busy):
        do = say("it is held by {holder}: end that", holder=holder)
    return say("{key}: the camera cannot be opened {why}", key=key, why=_why(error, do))


def not_loaded(error: BaseException) -> str:
    """Return why the camera's library cannot be loaded, and what to do."""
    return say("camera.source: picamera2 cannot be loaded {why}", why=_why(error, say(_LIBRARIES)))


def not_working(error: BaseException) -> str:
    """Return what befell a camera that was open, and what to do where that is known."""
    cause = cause_of(error)
    do = "" if cause is None or cause.busy else say(cause.do)
    return say("the camera failed {why}", why=_why(error, do))


def _why(error: BaseException, do: str) -> str:
    return say("({words}); {do}", words=own_words(error), do=do) if do else f"({own_words(error)})"
