"""README: its tables say what the lamps do, in both languages alike; its pictures, links and figures are there."""

from __future__ import annotations

import re
from math import radians, tan
from pathlib import Path

import pytest
import yaml

from device.camera.plan import CameraPlan
from device.model import Cue, Output
from device.policy import PATTERNS

CHECKOUT = Path(__file__).parent.parent
README = (CHECKOUT / "README.md").read_text("utf-8")
DARK = ""
"""Of the row about a gate that shows nothing: no cue does."""
LAMPS = {
    "## What the lamp says, what to do": {
        Output.GREEN: "green",
        Output.RED: "red",
        Output.BUZZER: "beep|tone|tick|chirp",
    },
    "**Bảo vệ**": {Output.GREEN: "xanh", Output.RED: "đỏ", Output.BUZZER: "tiếng"},
}
NOBODY_IS_RECORDED = {
    "## What the lamp says, what to do": "nobody is recorded",
    "**Bảo vệ**": "không ai được ghi nhận",
}
BOTH = pytest.mark.parametrize("title", LAMPS)
# Camera Module 3: f = 4.74 mm, f/1.8, 66 degrees across 4,608 pixels of 1.4 µm; of them a picture of 4:3 has 3,456.
FOCAL_MM, APERTURE, ACROSS, SENSOR_PX_MM = 4.74, 1.8, tan(radians(66 / 2)) * 3_456 / 4_608, 3_456 * 0.0014
ACROSS_MODULE_2 = tan(radians(62.2 / 2))
"""Its sensor is 4:3 itself. All of these: Raspberry Pi's documentation, table of its cameras."""
MODULE_MM = 18 / 49
"""Of the code of a citizen card, 18 mm, at its finest."""


def table(title: str) -> list[list[str]]:
    """Return the cells of the first table under a title, without its head."""
    lines = README[README.index(title) :].splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("|"))
    rows = []
    for line in lines[first + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def pixels_a_module(distance_mm: float, across: float = ACROSS) -> float:
    """Return how many pixels a module of a card's code has there, in the picture that a gate takes."""
    return CameraPlan("picamera2").width / (2 * distance_mm * across) * MODULE_MM


def blur_px(distance_mm: float, focus_mm: float) -> float:
    """Return how many pixels a point is spread over there."""
    on_the_sensor_mm = FOCAL_MM**2 / APERTURE * abs(1 / distance_mm - 1 / focus_mm)
    return on_the_sensor_mm / SENSOR_PX_MM * CameraPlan("picamera2").width


@BOTH
def test_every_cue_has_a_row_in_both_languages_in_the_same_order(title: str) -> None:
    cues = [row[-1].strip("`") for row in table(title)]
    assert sorted(cues) == sorted([*Cue, DARK])
    assert cues == [row[-1].strip("`") for row in table(next(iter(LAMPS)))]


@BOTH
def test_a_row_names_the_lamps_and_the_buzzer_of_its_pattern_and_no_others(title: str) -> None:
    for row in table(title):
        if cue := row[-1].strip("`"):
            shown = frozenset().union(*(beat.outputs for beat in PATTERNS[Cue(cue)].beats))
            said = {output for output, words in LAMPS[title].items() if re.search(words, row[0])}
            assert said == shown & LAMPS[title].keys(), row


@BOTH
def test_every_row_says_what_it_means_and_what_to_do(title: str) -> None:
    assert [row for row in table(title) if len(row) != 4 or not all(row[:3])] == []


@BOTH
def test_where_nobody_is_recorded_the_row_says_so(title: str) -> None:
    silent = {row[-1].strip("`") for row in table(title) if NOBODY_IS_RECORDED[title] in row[1]}
    assert silent == {Cue.NOT_ENROLLED, Cue.REVOKED, Cue.CONFIG, Cue.FAULT}


def test_the_site_file_in_the_readme_is_the_shortest_that_is_shipped() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert yaml.safe_load(block) == yaml.safe_load((CHECKOUT / "config/minimal.yaml").read_text("utf-8"))


def test_the_words_for_the_drawing_name_every_line_of_the_example_with_its_pin() -> None:
    (words,) = re.findall(r"!\[([^]]*)\]\(tests/wiring\.svg\)", README)
    pins = yaml.safe_load((CHECKOUT / "config/site.example.yaml").read_text("utf-8"))["pins"]
    for name, line in pins.items():
        if isinstance(line, dict):
            assert re.search(rf"{name} {line['pin']}\b", words), name


def test_every_link_of_the_readme_leads_somewhere() -> None:
    titles = re.findall(r"^#+ (.+)$", README, re.MULTILINE)
    anchors = {"#" + re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
    links = re.findall(r"\]\(([^)\s]+)\)", README)
    assert len(links) > 10
    assert [link for link in links if link not in anchors and not (CHECKOUT / link).exists()] == []


def test_the_distances_are_those_of_the_lens() -> None:
    said = re.search(r"sharp from (\d+) to (\d+) cm, and its code has ([\d.]+) pixels a module at (\d+)", README)
    assert said
    nearest, farthest, finest, held = (float(figure) for figure in said.groups())
    focus_mm = CameraPlan("picamera2").focus_mm
    assert focus_mm is not None
    assert focus_mm == held * 10
    assert round(pixels_a_module(focus_mm), 1) == finest
    for distance_mm, sharp in ((nearest, True), (farthest, True), (nearest - 1, False), (farthest + 1, False)):
        # A code is read while a point is not spread wider than a module.
        assert (blur_px(distance_mm * 10, focus_mm) <= pixels_a_module(distance_mm * 10)) is sharp, distance_mm


def test_what_module_2_has_is_that_of_its_lens() -> None:
    said = re.search(r"([\d.]+) pixels a module at (\d+) cm, ([\d.]+) at (\d+)", README)
    assert said
    near, near_cm, far, far_cm = (float(figure) for figure in said.groups())
    for pixels, distance_cm in ((near, near_cm), (far, far_cm)):
        assert round(pixels_a_module(distance_cm * 10, ACROSS_MODULE_2), 1) == pixels
