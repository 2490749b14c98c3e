"""Output of the demo: plain lines, on a terminal a live line of lamps too (rich), or JSON lines for machines.

Everything that is shown comes from closed lists of ours or is escaped: a payload never gets here.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import IO, Protocol

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from device.model import Output
from device.words import say, sentence

LAMPS = (
    (Output.GREEN, "green", sentence("green")),
    (Output.RED, "red", sentence("red")),
    (Output.BUZZER, "yellow", sentence("beep")),
)

Rows = Sequence[tuple[str, ...]]
"""The rows of a table, all of one length; the first is the head."""


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

    def table(self, name: str, rows: Rows) -> None:
        """Tell one event that is a table for people; machines have had its fields already."""
        ...

    def close(self) -> None:
        """Leave the terminal as it was; may be called twice."""
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

    def close(self) -> None:
        """Nothing is left to do."""


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

    def table(self, name: str, rows: Rows) -> None:  # noqa: ARG002 - it is for people
        """Print that it is there."""
        self._print({"event": name})

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
                self._write(text + "\n")

    def lamps(self, at_ms: int, lit: frozenset[Output]) -> None:
        """Say nothing: an answer's line tells its lamps."""

    def progress(self, what: str, done: int, total: int) -> None:
        """Say it once, at the end."""
        if done == total:
            self.event("progress", f"{what}: {total}")

    def table(self, name: str, rows: Rows) -> None:
        """Print it, as wide as its cells are."""
        self.event(name, "\n" + table(rows))


class LiveScreen:
    """The same, fitted to the terminal, with a line at the bottom in which the lamps light up as they do at the gate.

    Attributes:
        gone: never; a terminal that goes away ends the demo with a signal.
    """

    def __init__(self, console: Console | None = None) -> None:
        """Begin the live line; *console* is standard output unless a test says otherwise."""
        self.gone = False
        self._console = console or Console()
        self._live = Live(
            console=self._console, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False
        )
        self._live.start()  # hides the cursor until `close`

    def event(self, name: str, text: str, **fields: object) -> None:  # noqa: ARG002 - people read the text
        """Print the text above the live line, which ends with the demo."""
        if name == "ending":
            self.close()
        if text:
            self._console.print(Text(text))

    def lamps(self, at_ms: int, lit: frozenset[Output]) -> None:
        """Light the lamps of the live line."""
        del at_ms
        lamps = [_lamp(say(word), colour, lit=output in lit) for output, colour, word in LAMPS]
        self._live.update(Text("  ").join([Text(f"   {say('lamps')}"), *lamps]), refresh=True)

    def progress(self, what: str, done: int, total: int) -> None:
        """Draw a bar."""
        if done == total:
            self._live.update("", refresh=True)
            self.event("progress", f"{what}: {total}")
        elif done % 8 == 0:
            bar = Table.grid(padding=(0, 1))
            bar.add_row(what, ProgressBar(total, done, width=30), f"{100 * done // total} %")
            self._live.update(bar, refresh=True)

    def table(self, name: str, rows: Rows) -> None:
        """Print it as wide as the terminal, with long cells on several lines."""
        self.event(name, "")
        drawn = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
        for cell in rows[0]:
            drawn.add_column(Text(cell), overflow="fold")
        for row in rows[1:]:
            drawn.add_row(*map(Text, row))
        self._console.print("", drawn)

    def close(self) -> None:
        """End the live line and show the cursor again."""
        self._live.stop()


def _lamp(word: str, colour: str, *, lit: bool) -> Text:
    return Text(f"● {word}", f"bold {colour}") if lit else Text(f"○ {word}", "dim")


def choose(*, as_json: bool) -> Screen:
    """Pick the screen: JSON when asked for, a live one on a terminal, else plain lines."""
    if as_json:
        return JsonScreen()
    return LiveScreen() if sys.stdout.isatty() else PlainScreen()


def table(rows: Rows) -> str:
    """Lay out rows in columns; the first row is the head."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)
