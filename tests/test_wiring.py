"""The drawing of the wiring in README: the pins of the example, in their places, and no more current than a pin gives.

``python -m tests.test_wiring`` draws ``tests/wiring.svg`` anew.
"""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import yaml

from tests.support import wiring_picture
from tests.support.wiring_picture import BASE_OHM, COIL_MA, GATE_OHM, GPIO_V, LED_OHM, NPN_MOST_MA, PULL_DOWN_OHM

TESTS = Path(__file__).parent
DRAWING = TESTS / "wiring.svg"
PINS = {
    name: line["pin"]
    for name, line in yaml.safe_load((TESTS.parent / "config/site.example.yaml").read_text("utf-8"))["pins"].items()
    if isinstance(line, dict)
}
# Raspberry Pi's own pinout, by hand: the drawing takes it from gpiozero.
ON_THE_BOARD = {4: 7, 5: 29, 6: 31, 17: 11, 22: 15, 23: 16, 24: 18, 26: 37, 27: 13}
LED_V, BASE_V = 1.9, 0.7
"""The least a red LED takes, and what a transistor's base takes."""
LEAST_GAIN = 75
"""Of a 2N2222 at 10 mA; a BC337 has 100."""


def said() -> list[str]:
    """Return every text of the drawing in the tree."""
    return [element.text or "" for element in ET.fromstring(DRAWING.read_bytes()).iter() if element.text]


def test_the_drawing_in_the_tree_is_the_one_the_code_makes() -> None:
    assert DRAWING.read_text("utf-8") == wiring_picture.picture(PINS), "stale: python -m tests.test_wiring"


def test_the_drawing_names_every_line_of_the_example_at_its_pin() -> None:
    assert PINS.keys() == {"green", "red", "amber", "buzzer", "relay", "manual_button", "out_switch", "passage"}
    named = {name: int(bcm) for text in said() for bcm, name in re.findall(r"^GPIO (\d+)  (\w+)$", text)}
    assert named == PINS


def test_a_bcm_number_of_the_drawing_is_where_it_is_on_the_board() -> None:
    drawn = {(int(bcm), int(number)) for text in said() for bcm, number in re.findall(r"GPIO (\d+) \((\d+)\)", text)}
    assert {bcm for bcm, _ in drawn} >= {4, 5, 6, 17, 22, 23}
    assert drawn <= ON_THE_BOARD.items()
    assert {bcm: wiring_picture.physical(bcm) for bcm in ON_THE_BOARD} == ON_THE_BOARD


def test_a_name_stands_in_the_row_of_its_pin() -> None:
    texts = [element for element in ET.fromstring(DRAWING.read_bytes()).iter() if element.text]
    row = {int(e.text or ""): e.get("y") for e in texts if re.fullmatch(r"\d+", e.text or "")}
    assert len(row) == 40
    for name, bcm in PINS.items():
        (label,) = [e for e in texts if (e.text or "").endswith(f"  {name}")]
        assert label.get("y") == row[ON_THE_BOARD[bcm]]


def test_no_pin_gives_more_than_it_may_nor_do_all_of_them() -> None:
    led = (GPIO_V - LED_V) / LED_OHM * 1000
    base = (GPIO_V - BASE_V) / BASE_OHM * 1000 + GPIO_V / PULL_DOWN_OHM * 1000
    gate_at_first = GPIO_V / GATE_OHM * 1000  # while it charges; nothing afterwards
    assert max(led, base, gate_at_first) < wiring_picture.PIN_MOST_MA
    assert 5 * max(led, base) < wiring_picture.PINS_MOST_MA


def test_the_transistor_is_driven_hard_enough_for_what_hangs_on_it() -> None:
    base = (GPIO_V - BASE_V) / BASE_OHM * 1000 - BASE_V / PULL_DOWN_OHM * 1000
    assert base * LEAST_GAIN > 1.5 * NPN_MOST_MA
    assert COIL_MA < NPN_MOST_MA


def test_the_drawing_brings_its_own_ground_and_letters_for_a_telephone() -> None:
    text = DRAWING.read_text("utf-8")
    width = int(re.findall(r'viewBox="0 0 (\d+) ', text)[0])
    assert '<rect width="100%" height="100%" fill="#fff"/>' in text
    assert min(int(size) for size in re.findall(r"font:[a-z ]*(\d+)px", text)) / width * 360 >= 10


if __name__ == "__main__":
    DRAWING.write_text(wiring_picture.picture(PINS), "utf-8")
