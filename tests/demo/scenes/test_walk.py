"""Visitors walking up: what a gate sees of them, good codes and bad."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PIL import Image, ImageFilter

from device.demo.scenes import people
from device.demo.scenes.carriers import Carrier
from device.demo.scenes.geometry import Size
from device.demo.scenes.walk import Approach, Flaw, approach, nobody
from tests.demo.scenes.reading import zbar_reads, zxing_finds_broken, zxing_reads

GATE: Size = (1296, 972)
SMALL: Size = (640, 480)
CARD = people.citizen_card(people.invent(6))


@pytest.mark.parametrize("carrier", Carrier)
def test_a_visitor_comes_is_read_while_holding_still_and_goes(carrier: Carrier) -> None:
    payload = people.citizen_card(people.invent(5))
    visit = Approach(payload, carrier, steady=6, seed=2)
    frames = list(visit.frames(GATE))
    assert len(frames) == len(visit)
    steady = [frame for index, frame in enumerate(frames) if visit.is_steady(index)]
    assert len(steady) == 6
    assert all(zxing_reads(frame) == [payload] for frame in steady)
    assert zxing_reads(frames[0]) == []
    assert zxing_reads(frames[-1]) == []
    assert all(set(zxing_reads(frame)) <= {payload} for frame in frames)


def test_the_hand_trembles_so_no_two_steady_frames_are_alike() -> None:
    visit = Approach(people.wifi(), Carrier.PHONE, steady=5)
    poses = [scene.pose for index, scene in enumerate(visit.scenes(SMALL)) if visit.is_steady(index)]
    assert len(set(poses)) == 5


def test_the_same_seed_walks_the_same_way() -> None:
    payload = people.national_code(people.invent(1))
    first, again, other = (list(approach(payload, Carrier.PAPER, 3, seed, SMALL)) for seed in (4, 4, 5))
    assert all(np.array_equal(one, two) for one, two in zip(first, again, strict=True))
    assert not all(np.array_equal(one, two) for one, two in zip(first, other, strict=True))


@pytest.mark.parametrize("flaw", Flaw)
@pytest.mark.parametrize("carrier", Carrier)
def test_an_unreadable_code_is_never_read_by_either_engine(flaw: Flaw, carrier: Carrier) -> None:
    for frame in Approach(CARD, carrier, steady=3, entering=2, leaving=1, seed=3, flaw=flaw).frames(GATE):
        assert zxing_reads(frame) == []
        assert zbar_reads(255 - frame if carrier is Carrier.DARK_MODE else frame) == []


@pytest.mark.parametrize("flaw", Flaw)
def test_enlarging_or_sharpening_does_not_make_it_readable(flaw: Flaw) -> None:
    for frame in Approach(CARD, Carrier.CARD, steady=2, entering=0, leaving=0, flaw=flaw).frames(GATE):
        picture = Image.fromarray(frame)
        doubled = picture.resize((2 * GATE[0], 2 * GATE[1]), Image.Resampling.BICUBIC)
        assert zxing_reads(np.asarray(doubled)) == []
        assert zxing_reads(np.asarray(picture.filter(ImageFilter.UnsharpMask(3, 300, 0)))) == []


@pytest.mark.parametrize("flaw", [Flaw.WORN, Flaw.COVERED])
@pytest.mark.parametrize("carrier", Carrier)
@pytest.mark.parametrize("payload", [CARD, people.venue_poster()], ids=["citizen-card", "venue-poster"])
def test_a_worn_or_covered_code_is_seen_to_be_broken_while_held_still(
    flaw: Flaw, carrier: Carrier, payload: bytes
) -> None:
    visit = Approach(payload, carrier, steady=5, entering=0, leaving=0, seed=1, flaw=flaw)
    assert sum(zxing_finds_broken(frame) for frame in visit.frames(GATE)) > len(visit) / 2


def test_only_the_flaw_makes_it_unreadable() -> None:
    flawed = Approach(CARD, Carrier.CARD, steady=1, entering=0, leaving=0, flaw=Flaw.WORN)
    (whole,) = dataclasses.replace(flawed, flaw=None).frames(GATE)
    assert zxing_reads(whole) == [CARD]


def test_between_visitors_there_is_no_code_not_even_a_broken_one() -> None:
    frames = list(nobody(4, 1, GATE))
    assert len(frames) == 4
    assert not any(zxing_finds_broken(frame) for frame in frames)
    assert not np.array_equal(frames[0], frames[1])
