"""Why the machine refuses something, in the language that is spoken: the C library's words, which are English here."""

from __future__ import annotations

from typing import Final

from device.words.spoken import say, sentence

_USUAL: Final = {
    sentence("No such file or directory"),
    sentence("Permission denied"),
    sentence("Operation not permitted"),
    sentence("Is a directory"),
    sentence("Not a directory"),
    sentence("Directory not empty"),
    sentence("File exists"),
    sentence("File name too long"),
    sentence("Too many levels of symbolic links"),
    sentence("No space left on device"),
    sentence("Disk quota exceeded"),
    sentence("Read-only file system"),
    sentence("Input/output error"),
    sentence("Device or resource busy"),
    sentence("Too many open files"),
    sentence("Cannot allocate memory"),
    sentence("Invalid argument"),
    sentence("Connection refused"),
    sentence("Connection reset by peer"),
    sentence("Connection timed out"),
    sentence("Network is unreachable"),
    sentence("No route to host"),
    sentence("Address already in use"),
    sentence("Cannot assign requested address"),
}


def why_of(error: OSError) -> str:
    """Return what the machine says of an error; an unusual one as it is, or the name of its type where it says none."""
    told = error.strerror
    if told is None:
        return type(error).__name__
    return say(told) if told in _USUAL else told
