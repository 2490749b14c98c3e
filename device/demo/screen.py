"""Output of the demo: plain lines, on a terminal a live line of lamps too, or JSON lines for machines.

Everything that is shown comes from closed lists of ours or is escaped: a payload never gets here.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Mapping
from typing import IO, Protocol

from device.model import Cue, Output

LAMPS = ((Output.GREEN, "32", "green"), (Output.RED, "31", "red"), (Output.BUZZER, "33", "beep"))


class Screen(Protocol):
    """Where the demo's events go. Any thread.

    Attributes:
        gone: nobody reads any more.
    """

    gone: bool

    def event(self, name: str, text: str, **fields: object) -> None:
        """Tell one event: *text* for people, *fields* for machines."""
        ...

    def lamps(self, at_ms: int, lit: frozenset[Output]) -> None:
        """Tell what is lit now."""
        ...

    def progress(self, what: str, done: int, total: int) -> None:
        """Tell how far something is."""
        ...


class _Page:
    """Where lines are written; a reader that went away is noticed, not raised on whichever thread writes."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._lock = threading.Lock()
        self.gone = False

    def _write(self, text: str) -> None:
        """Write under the lock."""
        try:
            self._out.write(text)
            self._out.flush()
        except BrokenPipeError:
            self.gone = True


class JsonScreen(_Page):
    """One JSON object a line."""

    def __init__(self, out: IO[str] = sys.stdout) -> None:
        super().__init__(out)

    def event(self, name: str, text: str, **fields: object) -> None:  # noqa: ARG002 - machines read the fields
        """Print the fields."""
        self._print({"event": name} | fields)

    def lamps(self, at_ms: int, lit: frozenset[Output]) -> None:
        """Print what is lit."""
        self._print({"event": "lamps", "at_ms": at_ms, "lit": sorted(lit)})

    def progress(self, what: str, done: int, total: int) -> None:
        """Say nothing."""

    def _print(self, fields: Mapping[str, object]) -> None:
        with self._lock:
            self._write(json.dumps(fields, ensure_ascii=True) + "\n")


class PlainScreen(_Page):
    """One line an event."""

    def __init__(self, out: IO[str] = sys.stdout) -> None:
        super().__init__(out)

    def event(self, name: str, text: str, **fields: object) -> None:  # noqa: ARG002 - people read the text
        """Print the text."""
        if text:
            with self._lock:
                self._say(text)

    def _say(self, text: str) -> None:
        self._write(text + "\n")

    def lamps(self, at_ms: int, lit: frozenset[Output]) -> None:
        """Say nothing: an answer's line tells its lamps."""

    def progress(self, what: str, done: int, total: int) -> None:
        """Say it once, at the end."""
        if done == total:
            self.event("progress", f"{what}: {total}")


class LiveScreen(PlainScreen):
    """The same, with a line at the bottom in which the lamps light up as they do at the gate."""

    def __init__(self, out: IO[str] = sys.stdout) -> None:
        super().__init__(out)
        self._bottom = ""

    def _say(self, text: str) -> None:
        self._write(f"\r\x1b[K{text}\n{self._bottom}")

    def _redraw(self, bottom: str) -> None:
        with self._lock:
            self._bottom = bottom
            self._write(f"\r\x1b[K{bottom}")

    def event(self, name: str, text: str, **fields: object) -> None:
        """Print the text above the live line, which ends with the demo."""
        if name == "ending":
            self._redraw("")
        super().event(name, text, **fields)

    def lamps(self, at_ms: int, lit: frozenset[Output]) -> None:
        """Light the lamps of the live line."""
        del at_ms
        self._redraw("   lamps  " + "  ".join(_lamp(word, colour, lit=output in lit) for output, colour, word in LAMPS))

    def progress(self, what: str, done: int, total: int) -> None:
        """Draw a bar."""
        if done == total:
            self._redraw("")
            self.event("progress", f"{what}: {total}")
        elif done % 8 == 0:
            filled = 30 * done // total
            self._redraw(f"{what}  [{'#' * filled}{'.' * (30 - filled)}] {100 * done // total} %")


def _lamp(word: str, colour: str, *, lit: bool) -> str:
    return f"\x1b[1;{colour}m● {word}\x1b[0m" if lit else f"\x1b[2m○ {word}\x1b[0m"


def choose(*, as_json: bool) -> Screen:
    """Pick the screen: JSON when asked for, a live one on a terminal, else plain lines."""
    if as_json:
        return JsonScreen()
    return LiveScreen() if sys.stdout.isatty() else PlainScreen()


SAYS = {
    Cue.GRANTED: "GREEN 1.5 s, one beep",
    Cue.REFERRED: "RED two and two, two beeps: a person must look",
    Cue.DENIED: "RED long, long tone",
    Cue.NOT_OURS: "RED twice, short: wrong code",
    Cue.UNREADABLE: "RED quick flicker: come closer",
    Cue.SEVERAL: "RED twice and twice: one at a time",
    Cue.FAULT: "RED blinking: out of service",
}
"""What a cue looks like, in words; the patterns are `device.policy.PATTERNS`."""


def table(rows: list[tuple[str, ...]]) -> str:
    """Lay out rows in columns; the first row is the head."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)
