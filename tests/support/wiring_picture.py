"""Draws how lamps, buzzer, relay and buttons are wired to a Pi: ``tests/wiring.svg``, shown in README.

Which pin is for what comes from ``config/site.example.yaml``, where a pin lies on the header from gpiozero. It is
narrow and its letters are large, so that it can be read on a telephone; it has a ground of its own, for dark pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Final

from gpiozero import pi_info

from device.settings.wiring import INPUTS

_WIDTH, _ROW, _TOP, _PANEL = 480, 23, 84, 12
_STYLE: Final = (
    "text{font:14px sans-serif;fill:#1c2328}.b{font-weight:bold}.dim{fill:#5a6570}"
    ".m{text-anchor:middle}.e{text-anchor:end}"
    ".w{fill:none;stroke:#1c2328;stroke-width:2}.part{fill:#fff;stroke:#1c2328;stroke-width:2}.full{fill:#1c2328}"
    ".panel{fill:#f4f6f8;stroke:#c3cad1}.board{fill:#e4efe7;stroke:#7d9c86}.pin{fill:#fff;stroke:#8a949d}"
    ".out{fill:#cfe6fb;stroke:#1f6fb2}.in{fill:#fbe3c4;stroke:#b3661e}"
    ".v{fill:#f9cfcf;stroke:#b53030}.g{fill:#c9ced3;stroke:#4d565e}"
)
SUPPLIES: Final = {"3V3": "3.3 V", "5V": "5 V", "GND": "GND"}
GPIO_V: Final = 3.3
LED_OHM, BASE_OHM, GATE_OHM, PULL_DOWN_OHM = 330, 1_000, 220, 10_000
NPN_MOST_MA, COIL_MA, PIN_MOST_MA, PINS_MOST_MA = 100, 70, 16, 50
"""What an NPN switches here, what the coil of a 5 V relay takes, what a pin and all of them together may give."""


def header() -> Mapping[int, str]:
    """Return what lies on each of the 40 pins: ``3V3``, ``5V``, ``GND`` or ``GPIO17``. Every board has the same."""
    return {number: pin.name for number, pin in sorted(pi_info("c03111").headers["J8"].pins.items())}


def physical(bcm: int) -> int:
    """Return where a BCM number lies on the header, 1 to 40."""
    return {name: number for number, name in header().items()}[f"GPIO{bcm}"]


def picture(pins: Mapping[str, int]) -> str:
    """Return the drawing as SVG.

    Args:
        pins: name in the site file → BCM number.
    """
    panels: list[tuple[int, list[str]]] = [
        (104, list(_led(pins))),
        (236, list(_npn(pins))),
        (232, list(_mosfet())),
        (196, list(_relay(pins))),
        (124, list(_button(pins))),
        (110, list(_limits())),
    ]
    height = _TOP + 20 * _ROW + 46 + sum(tall + 10 for tall, _ in panels)
    told = "How lamps, buzzer, relay and buttons are wired to the 40 pins of a Raspberry Pi"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" role="img">',
        f"<title>{told}</title><style>{_STYLE}</style>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        *_board(pins),
    ]
    top = _TOP + 20 * _ROW + 46
    for tall, inside in panels:
        frame = f'<rect class="panel" width="{_WIDTH - 2 * _PANEL}" height="{tall}" rx="8"/>'
        parts.append(f'<g transform="translate({_PANEL} {top})">{frame}')
        parts += inside
        parts.append("</g>")
        top += tall + 10
    return "\n".join([*parts, "</svg>"]) + "\n"


def _board(pins: Mapping[str, int]) -> Iterator[str]:
    """Yield the header as one sees it with the USB sockets below: odd pins on the left, even ones at the edge."""
    wired = {f"GPIO{bcm}": name for name, bcm in pins.items()}
    yield _text(_WIDTH / 2, 26, "40 pins: number on the board, BCM number", "b m")
    yield _text(_WIDTH / 2, 46, "40 chân: số trên bo mạch, số BCM", "m dim")
    yield f'<rect class="board" x="204" y="{_TOP - 26}" width="72" height="{20 * _ROW + 52}" rx="6"/>'
    yield _text(_WIDTH / 2, _TOP - 8, "SD", "m dim")
    yield _text(_WIDTH / 2, _TOP + 20 * _ROW + 18, "USB", "m dim")
    for number, name in header().items():
        row, right = divmod(number - 1, 2)
        x, y = 223 + 34 * right, _TOP + _ROW * row + _ROW // 2
        line = wired.get(name)
        kind = "in" if line in INPUTS else "out" if line else {"5V": "v", "3V3": "v", "GND": "g"}.get(name, "pin")
        yield f'<rect class="{kind}" x="{x - 14}" y="{y - 10}" width="28" height="20" rx="{0 if number == 1 else 6}"/>'
        yield _text(x, y + 5, str(number), "m" if kind != "pin" else "m dim")
        where, anchor = (284, "") if right else (196, "e")
        if line:
            yield _text(where, y + 5, f"{name[:4]} {name[4:]}  {line}", f"b {anchor}".strip())
        elif name in SUPPLIES:
            yield _text(where, y + 5, SUPPLIES[name], f"dim {anchor}".strip())


def _led(pins: Mapping[str, int]) -> Iterator[str]:
    yield _text(12, 24, "Small LED · đèn LED nhỏ", "b")
    yield _text(12, 70, _gpio(pins["green"]))
    yield _wire("M112 65h28M192 65h58M272 65h50") + _resistor(140, 65, f"{LED_OHM} Ω") + _ground(322, 65)
    yield '<path class="full" d="M250 54v22l20 -11z"/>' + _wire("M271 54v22")
    yield _wire("M262 48l10 -10m-6 0h6v6M272 50l10 -10m-6 0h6v6") + _text(350, 70, "2 to 4 mA")


def _switched(pin: str, ohm: str, diode: str) -> Iterator[str]:
    """Yield what both transistors have in common; the transistor's own lines are between (226, 160) and (262, 200)."""
    yield _wire("M262 62v14M262 116v44M262 68h84v14M346 104v34h-84") + _text(262, 56, "+12 V", "b m")
    yield '<rect class="part" x="226" y="76" width="72" height="40" rx="4"/>' + _text(262, 101, "đèn, còi", "m")
    yield '<path class="full" d="M334 104h24l-12 -21z"/>' + _wire("M334 82h24") + _text(368, 98, diode)
    yield _text(12, 185, pin) + _wire("M112 180h12M176 180h50M200 180v8") + _resistor(124, 180, ohm)
    yield f'<rect class="part" x="191" y="188" width="18" height="22"/>{_ground(200, 210, 0)}'
    yield _text(184, 207, f"{PULL_DOWN_OHM // 1000} kΩ", "e") + _ground(262, 200)


def _npn(pins: Mapping[str, int]) -> Iterator[str]:
    yield _text(12, 24, f"Lamp or buzzer, 5 to 24 V, to {NPN_MOST_MA} mA: NPN", "b")
    yield from _switched(_gpio(pins["buzzer"]), f"{BASE_OHM // 1000} kΩ", "1N4148")
    yield '<circle class="part" cx="250" cy="180" r="24"/>' + _wire(
        "M226 180h14M262 160l-22 13M240 168v24M240 187l22 13"
    )
    yield '<path class="full" d="M263 201l-12 -1l6 -9z"/>'
    yield _text(284, 166, "BC337 (flat side to", "b") + _text(284, 185, "you: C B E), 2N2222", "b")
    yield _text(284, 204, "A bare relay too: its")
    yield _text(284, 222, f"coil takes {COIL_MA} mA")


def _mosfet() -> Iterator[str]:
    yield _text(12, 24, f"More than {NPN_MOST_MA} mA, to 1 A: N-MOSFET", "b")
    yield from _switched("GPIO …", f"{GATE_OHM} Ω", "1N4007")
    yield _wire("M226 180h8M234 168v24M240 166v28M240 170h22v-10M240 190h22v10")
    yield _text(284, 182, "IRLZ44N (letters", "b") + _text(284, 201, "to you: G D S)", "b")


def _relay(pins: Mapping[str, int]) -> Iterator[str]:
    yield _text(12, 24, "Relay board · mạch rơ-le", "b")
    yield '<rect class="part" x="300" y="40" width="130" height="88" rx="4"/>'
    grounds = [number for number, name in header().items() if name == "GND"]
    ground = min(grounds, key=lambda number: abs(number - physical(pins["relay"])))
    for y, pin, leg in ((58, "5 V (2)", "VCC"), (86, f"GND ({ground})", "GND"), (114, _gpio(pins["relay"]), "IN")):
        yield _text(12, y + 5, pin) + _wire(f"M112 {y}h188") + _text(310, y + 5, leg)
    yield _text(12, 156, "For 3.3 V signals, on at high level (jumper at H).")
    yield _text(12, 178, f"On at low level: IN at {_gpio(4)}, active_high: false")


def _button(pins: Mapping[str, int]) -> Iterator[str]:
    yield _text(12, 24, "Button, switch, door contact · nút, công tắc", "b")
    for row, name in enumerate(INPUTS):
        yield _text(12, 52 + 18 * row, _gpio(pins[name]))
    yield _wire("M196 65h70l40 -18M310 65h50") + _ground(360, 65)
    yield '<circle class="part" cx="266" cy="65" r="4"/><circle class="part" cx="310" cy="65" r="4"/>'
    yield _text(12, 108, "No resistor: the Pi pulls up · không cần điện trở", "dim")


def _limits() -> Iterator[str]:
    yield _text(12, 26, f"A GPIO gives {PIN_MOST_MA} mA at most, all together {PINS_MOST_MA} mA.", "b")
    yield _text(12, 48, "Minus of the 12 V supply: to a GND of the Pi.")
    yield _text(12, 70, "Cực âm của nguồn 12 V: nối với GND của Pi.", "dim")
    yield _text(12, 92, "No 5 V or 12 V at a GPIO · GPIO chỉ chịu 3,3 V", "dim")


def _gpio(bcm: int) -> str:
    """Its number, and in brackets where it is on the board."""
    return f"GPIO {bcm} ({physical(bcm)})"


def _resistor(x: float, y: float, told: str) -> str:
    return f'<rect class="part" x="{x}" y="{y - 9}" width="52" height="18"/>' + _text(x + 26, y - 15, told, "m")


def _ground(x: float, y: float, drop: float = 14) -> str:
    return _wire(f"M{x} {y}v{drop}m-12 0h24m-20 5h16m-12 5h8")


def _wire(way: str) -> str:
    return f'<path class="w" d="{way}"/>'


def _text(x: float, y: float, words: str, kind: str = "") -> str:
    style = f' class="{kind}"' if kind else ""
    return f'<text x="{x:g}" y="{y:g}"{style} xml:space="preserve">{escape(words)}</text>'
