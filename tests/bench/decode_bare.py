"""Codes without a quiet zone, dark and light, of three sizes, on plain and textured grounds of several greys.

Half of them no engine can read; what matters is that the gate reads, within a round of its tries, all that any does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from device.demo.scenes.codes import modules
from device.demo.scenes.people import citizen_card, invent
from tests.bench.decode_measure import Read, Step, Tallies, Tally

if TYPE_CHECKING:
    from device.model import Luma

CARD = citizen_card(invent(5))
ROUND = 26
"""Frames in which every try has had its turn and is paid for; a visit has 30."""
SHARES = (0.3, 0.55, 0.8)
"""Of the frame's height."""
GROUNDS = ((80, False), (128, False), (235, False), (30, True), (170, True), (235, True))
"""Grey around the code, and whether the code is light on dark."""
_DARK, _LIGHT, _CELL = 20, 235, 12


def bare(height: int, share: float, ground: int, *, inverted: bool = False, textured: bool = False) -> Luma:
    """Draw `CARD` upright in the middle of a frame 4:3, *share* of its height high."""
    shape = height, height * 4 // 3
    draw = np.random.default_rng(3)
    frame = np.full(shape, ground, np.float64)
    if textured:
        cells = draw.integers(-60, 60, (shape[0] // _CELL + 1, shape[1] // _CELL + 1))
        frame += np.kron(cells, np.ones((_CELL, _CELL)))[: shape[0], : shape[1]]
    dark = modules(CARD) ^ inverted
    px = int(height * share) // len(dark)
    thing = np.kron(np.where(dark, _DARK, _LIGHT), np.ones((px, px)))
    top, left = (shape[0] - len(thing)) // 2, (shape[1] - len(thing)) // 2
    frame[top : top + len(thing), left : left + len(thing)] = thing
    return np.clip(frame + draw.normal(0, 3, shape), 0, 255).astype(np.uint8)


def shown(frame: Luma) -> Iterator[Luma]:
    """Yield it for a round of the tries, a little further each time."""
    for number in range(ROUND):
        yield np.roll(frame, (2 * number, 3 * number), (0, 1))


def pictures(height: int) -> list[Luma]:
    """Draw all sizes on all grounds."""
    return [
        bare(height, share, ground, inverted=inverted, textured=textured)
        for share, (ground, inverted), textured in product(SHARES, GROUNDS, (False, True))
    ]


def read_bare(engines: dict[str, Read], ours: Callable[[], Read], name: str, height: int, step: Step) -> Tallies:
    """Read each picture once with each engine, and with a new decoder of *ours* for a round of the tries at most."""
    tallies: Tallies = {each: Tally() for each in (*engines, "any engine", name)}
    for frame in pictures(height):
        found = {each: read(frame) for each, read in engines.items()}
        for each, payloads in found.items():
            tallies[each].judge(payloads, CARD.__eq__)
        tallies["any engine"].judge([payload for payloads in found.values() for payload in payloads], CARD.__eq__)
        read = ours()
        payloads = next((payloads for each in shown(frame) if (payloads := read(each))), [])
        tallies[name].judge(payloads, CARD.__eq__)
        step()
    return tallies
