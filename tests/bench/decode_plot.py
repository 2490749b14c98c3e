"""Read rate against pixels a module, drawn as SVG: two lines, two axes, no library."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape

Curve = Mapping[float, float]
"""Pixels a module → share read, 0 to 1."""

_WIDTH, _HEIGHT = 640, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 40, 52
_COLOURS = ("#b3541e", "#1b6f8a", "#4a7c2b", "#6b4a8a")
_DASHES = ("6 4", "none", "2 3", "10 3")
"""Dashes, so that the lines differ without their colours."""


def draw(curves: Mapping[str, Curve], title: str) -> str:
    """Return an SVG picture of a few curves over the same sizes (at least two)."""
    sizes = sorted({px for curve in curves.values() for px in curve})
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img"'
    return "\n".join(
        [
            f'{head} font-family="sans-serif" font-size="13">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
            _text(_LEFT, 20, title, "start"),
            *_axes(sizes),
            *(part for number, name in enumerate(curves) for part in _curve(number, name, curves[name], sizes)),
            "</svg>",
            "",
        ]
    )


def _x(px: float, sizes: list[float]) -> float:
    return _LEFT + (px - sizes[0]) / (sizes[-1] - sizes[0]) * (_WIDTH - _LEFT - _RIGHT)


def _y(rate: float) -> float:
    return _TOP + (1 - rate) * (_HEIGHT - _TOP - _BOTTOM)


def _axes(sizes: list[float]) -> Iterator[str]:
    for percent in range(0, 101, 25):
        height = _y(percent / 100)
        yield f'<path d="M{_LEFT} {height:.1f}H{_WIDTH - _RIGHT}" stroke="#d5d5d5"/>'
        yield _text(_LEFT - 8, height + 4, f"{percent} %", "end")
    for px in sizes:
        if float(px * 2).is_integer():
            yield _text(_x(px, sizes), _HEIGHT - _BOTTOM + 18, f"{px:g}", "middle")
    yield _text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 12, "pixels a module", "middle")


def _curve(number: int, name: str, curve: Curve, sizes: list[float]) -> Iterator[str]:
    """Yield one line and its entry in the legend, at the lower right where no curve runs."""
    colour, dashes = _COLOURS[number % len(_COLOURS)], _DASHES[number % len(_DASHES)]
    stroke = f'stroke="{colour}" stroke-width="2.5" stroke-dasharray="{dashes}"'
    way = " ".join(f"{_x(px, sizes):.1f},{_y(rate):.1f}" for px, rate in sorted(curve.items()))
    yield f'<polyline points="{way}" fill="none" {stroke}/>'
    level, left = _HEIGHT - _BOTTOM - 14 - 20 * number, _WIDTH - 190
    yield f'<path d="M{left} {level}h34" {stroke}/>'
    yield _text(left + 42, level + 4, name, "start")


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#222222">{escape(words)}</text>'
