"""Tables on standard output: fitted to a person's terminal by rich, else plain whole lines (pipes, journal, grep).

Nothing is coloured, and nothing in a cell is taken for markup or reaches the terminal as a control character.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from device.errors import shown
from device.words import say

if TYPE_CHECKING:
    from rich.console import RenderableType

_NARROW = 40
"""A terminal of fewer columns has no room for a table: there each row is a line that goes on below itself."""
_USUAL: Final = 80
"""Columns of a terminal that nobody has made wider."""
_GLUE: Final = "\N{NO-BREAK SPACE}"


def print_table(rows: Iterable[Sequence[str]], *columns: str) -> None:
    """Print rows of cells, each on one line; on a terminal a cell that is too long goes on below itself.

    Args:
        rows: all with as many cells as there are *columns*.
        columns: side and least width of each, as `format` writes them: ``<9``, ``>9``, or empty.
    """
    cells = [[shown(cell, len(cell)) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _draw(cells, columns)
        return
    for row in cells:
        print("  ".join(format(cell, column) for cell, column in zip(row, columns, strict=True)).rstrip())
    sys.stdout.flush()


def print_lines(lines: Iterable[str]) -> None:
    """Print a table of one column; an indented line stays indented where it goes on."""
    print_table([(line,) for line in lines], "")


def _draw(rows: Sequence[Sequence[str]], columns: Sequence[str]) -> None:
    # loaded only here: half a hundred modules that the service and a pipe can do without
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    console = Console(color_system=None)
    if console.width < _NARROW:
        rows, columns = [["  ".join(row)] for row in rows], ("",)
    table = Table.grid(padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(
            justify="right" if column.startswith(">") else "left",
            min_width=int(column.strip("<>") or 0),
            overflow="fold",
        )
    for row in rows:
        table.add_row(*map(_cell, row))
    console.print(table)


def _cell(text: str) -> RenderableType:
    from rich.padding import Padding  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415

    encoding = sys.stdout.encoding
    text = text.encode(encoding, "backslashreplace").decode(encoding)  # before its width is counted
    indent = len(text) - len(text.lstrip(" "))
    return Padding(Text(text[indent:]), (0, 0, 0, indent))


def folded(phrases: Iterable[str], indent: int) -> Iterator[tuple[bool, str]]:
    """Put phrases on lines of a usual terminal, with commas between; only one too long for a line is broken.

    Args:
        phrases: each without a line end.
        indent: columns that stand before each line.

    Yields:
        Whether it is the first line, and the line.
    """
    room = _USUAL - indent
    glued = (phrase.replace(" ", _GLUE) if len(phrase) < room else phrase for phrase in phrases)
    text = ", ".join(glued)
    for number, line in enumerate(textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False)):
        yield number == 0, line.replace(_GLUE, " ")


def local_time(utc: str) -> str:
    """Return a time that a machine tells (`device.clock.utc_text`) as a person reads a clock, with its offset."""
    try:
        at = datetime.strptime(utc, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).astimezone()
    except (ValueError, OverflowError, OSError):  # beyond the calendar
        return utc
    offset = f"{at:%z}"
    return f"{at:%Y-%m-%d %H:%M} {offset[:3]}:{offset[3:5]}"


def span(seconds: int) -> str:
    """Return a length of time in the words of a person."""
    minutes, hours, days = seconds // 60, seconds // 3_600, seconds // 86_400
    if seconds < 60:
        return say("{count} s", count=seconds)
    if days > 1:
        return say("{count} days", count=days)
    return (
        say("{hours} h {minutes} min", hours=hours, minutes=minutes % 60)
        if hours
        else say("{count} min", count=minutes)
    )
