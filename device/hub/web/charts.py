"""Small charts as SVG within a page: drawn here, coloured by the style sheet, each with a table beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup, escape

_HEIGHT: Final = 40
_BAR: Final = 2
"""Units of width a value."""


def sparkline(values: Sequence[int], label: str, every: int = 24) -> Markup:
    """Return a row of thin bars, the highest as high as the chart.

    Args:
        values: none below 0, from left to right.
        label: what a screen reader says instead.
        every: after so many values stands a fine line; values are hours, so that is a day.
    """
    width, most = max(1, len(values)) * _BAR, max([1, *values])
    bars = "".join(
        f"M{at * _BAR + 1} {_HEIGHT}V{_HEIGHT - max(1, round(value * _HEIGHT / most))}"
        for at, value in enumerate(values)
        if value
    )
    lines = "".join(f"M{at * _BAR} 0V{_HEIGHT}" for at in range(every, len(values), every))
    drawn = (
        f'<svg class="spark" role="img" aria-label="{escape(label)}" viewBox="0 0 {width} {_HEIGHT}" '
        f'preserveAspectRatio="none"><path class="spark-days" d="{lines}"/>'
        f'<path class="spark-bars" d="{bars}"/></svg>'
    )
    return Markup(drawn)  # noqa: S704 - numbers, and a label that is escaped
