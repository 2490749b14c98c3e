"""The hours of a week as a picture within a page: how many were scanned in each, and when the place is open.

Each hour has its number in it and a closed one a dashed edge, so that colour is never the only sign; a table with the
same stands beside it. Drawn here, coloured by the style sheet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup, escape

from device.hub.supervision.place_view import Slot
from device.words import number, say, sentence

WEEKDAYS: Final = (
    sentence("Mon"),
    sentence("Tue"),
    sentence("Wed"),
    sentence("Thu"),
    sentence("Fri"),
    sentence("Sat"),
    sentence("Sun"),
)
LEVELS: Final = 4
_WIDTH, _HEIGHT, _LEFT, _TOP = 28, 24, 40, 20


def level(scans: int, most: int) -> int:
    """Return how dark an hour is: 0 where nobody was scanned, up to `LEVELS` for the fullest."""
    return 0 if not scans else max(1, -(-scans * LEVELS // most))


def heat_map(week: Sequence[Sequence[Slot]], label: str) -> Markup:
    """Draw the hours of a week.

    Args:
        week: by weekday (0 is Monday) and hour of the day.
        label: what a screen reader says instead.
    """
    most = max((slot.scans for day in week for slot in day), default=0)
    hours = "".join(
        f'<text x="{_LEFT + hour * _WIDTH + _WIDTH // 2}" y="{_TOP - 6}">{hour}</text>' for hour in range(24)
    )
    rows = "".join(
        f'<text class="heat-day" x="0" y="{_TOP + day * _HEIGHT + 16}">{escape(say(WEEKDAYS[day]))}</text>'
        + "".join(_cell(day, hour, slot, most) for hour, slot in enumerate(slots))
        for day, slots in enumerate(week)
    )
    size = f"{_LEFT + 24 * _WIDTH} {_TOP + 7 * _HEIGHT}"
    drawn = f'<svg class="heat" role="img" aria-label="{escape(label)}" viewBox="0 0 {size}">{hours}{rows}</svg>'
    return Markup(drawn)  # noqa: S704 - numbers, and words that are escaped


def _cell(day: int, hour: int, slot: Slot, most: int) -> str:
    x, y = _LEFT + hour * _WIDTH, _TOP + day * _HEIGHT
    look = f"heat-{level(slot.scans, most)}{'' if slot.opening else ' heat-closed'}"
    cell = f'<rect class="{look}" x="{x + 1}" y="{y + 1}" width="{_WIDTH - 2}" height="{_HEIGHT - 2}" rx="2"/>'
    if not slot.scans:
        return cell
    return f'{cell}<text x="{x + _WIDTH // 2}" y="{y + 16}">{escape(_short(slot.scans))}</text>'


def _short(scans: int) -> str:
    """Return a number in the room of a cell: thousands from 10,000 on."""
    return str(scans) if scans < 10_000 else f"{number(scans // 1000)}k"
