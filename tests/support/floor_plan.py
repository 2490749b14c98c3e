"""Draws the folders of ``device/``, floor by floor: the table and the picture at the head of DECISIONS.md."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from html import escape
from pathlib import Path
from textwrap import wrap
from typing import Final

VISIT: Final = ["camera", "decoder", "eye", "gate", "credential", "policy", "store", "indicator"]
"""Where a visitor's code goes until a lamp is lit, in this order."""
PASSED_ON: Final = ["sync", "uplink", "hub"]
"""Where its check-in goes afterwards, when there is a network."""

_BOX, _GAP, _ROW, _LEFT, _TOP = 222, 10, 84, 44, 62
_STYLE: Final = (
    "text{font:11px sans-serif;fill:#222}.room{font:bold 15px sans-serif}.dim{fill:#666}"
    "rect{fill:#f4f6f8;stroke:#9aa5b1}.visit{fill:#e3f4e6;stroke:#3a9a50}.on{fill:#e6effa;stroke:#3f76b8}"
    "circle{fill:#3a9a50}.on+circle{fill:#3f76b8}.n{fill:#fff;font:bold 11px sans-serif;text-anchor:middle}"
)


def purpose(device: Path, room: str) -> str:
    """Return what a room says of itself: the first line of its docstring, without marks of code."""
    inside = device / room / "__init__.py"
    said = ast.get_docstring(ast.parse((inside if inside.exists() else device / f"{room}.py").read_bytes()))
    return (said or "").splitlines()[0].replace("`", "")


def table(floors: Sequence[str]) -> str:
    """Return the floors as a Markdown table, the lowest first."""
    rows = [f"| {number} | {' '.join(f'`{room}`' for room in rooms.split())} |" for number, rooms in enumerate(floors)]
    return "\n".join(["| floor | folders and modules of `device/` |", "|---|---|", *rows]) + "\n"


def picture(floors: Sequence[str], device: Path) -> str:
    """Return the floors as an SVG picture, the lowest at the bottom, with a visitor's way through them."""
    rows = [rooms.split() for rooms in reversed(floors)]
    width = _LEFT + max(map(len, rows)) * (_BOX + _GAP)
    height = _TOP + len(rows) * _ROW
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">'
    told = "Folders of device/: a folder imports only from floors below its own"
    steps = f"green 1 to {len(VISIT)}: from a visitor's code to the lamp; blue: from the ledger to the hub"
    parts = [
        f"<title>{told}</title><style>{_STYLE}</style>",
        '<rect width="100%" height="100%" style="fill:#fff;stroke:none"/>',
        f'<text class="room" x="{_LEFT}" y="24">{told}</text>',
        f'<text class="dim" x="{_LEFT}" y="44">{escape(steps)}</text>',
    ]
    for row, rooms in enumerate(rows):
        top = _TOP + row * _ROW
        parts.append(f'<text class="dim" x="12" y="{top + 42}">{len(rows) - 1 - row}</text>')
        for column, room in enumerate(rooms):
            parts.append(_box(_LEFT + column * (_BOX + _GAP), top, room, purpose(device, room)))
    return "\n".join([head, *parts, "</svg>"]) + "\n"


def _box(left: int, top: int, room: str, said: str) -> str:
    way = VISIT + PASSED_ON
    kind = ' class="visit"' if room in VISIT else ' class="on"' if room in PASSED_ON else ""
    parts = [f'<rect{kind} x="{left}" y="{top}" width="{_BOX}" height="{_ROW - 10}" rx="6"/>']
    if room in way:
        right = left + _BOX - 16
        parts.append(f'<circle cx="{right}" cy="{top + 16}" r="10"/>')
        parts.append(f'<text class="n" x="{right}" y="{top + 20}">{way.index(room) + 1}</text>')
    parts.append(f'<text class="room" x="{left + 10}" y="{top + 20}">{room}</text>')
    for line, words in enumerate(wrap(said, 33, max_lines=3, placeholder=" …")):
        parts.append(f'<text x="{left + 10}" y="{top + 36 + 13 * line}">{escape(words)}</text>')
    return "".join(parts)
