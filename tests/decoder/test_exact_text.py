from __future__ import annotations

import pytest

from device.decoder import default_decoder, still_reader
from device.decoder.engines import Engine, Zbar, Zxing
from device.demo.scenes.people import corpus
from tests.decoder.pictures import Plane, cheap_code, drawn, empty_code, placed

CARDS = 10_000


@pytest.fixture(scope="module")
def cards() -> list[tuple[bytes, Plane]]:
    """Citizen cards of people whose names use the whole alphabet, drawn plainly."""
    return [(payload, drawn(cheap_code(payload, mask=n % 8))) for n, payload in enumerate(corpus(CARDS, seed=4))]


@pytest.mark.parametrize("make", [Zxing, Zbar], ids=["zxing", "zbar"])
def test_ten_thousand_citizen_cards_are_read_by_each_engine_without_one_wrong_text(
    make: type[Zxing | Zbar], cards: list[tuple[bytes, Plane]]
) -> None:
    engine: Engine = make()
    wrong = unread = 0
    for payload, plane in cards:
        payloads = [symbol.payload for symbol in engine.read(plane).symbols]
        wrong += sum(other != payload for other in payloads)
        unread += not payloads
    assert wrong == 0
    assert unread <= CARDS // 200


def test_ten_thousand_citizen_cards_are_read_by_the_whole_chain(cards: list[tuple[bytes, Plane]]) -> None:
    read = still_reader()
    assert [payload for payload, plane in cards if read(plane) != [payload]] == []


def test_an_empty_code_gives_no_text_and_no_error() -> None:
    plane = placed(drawn(empty_code()))
    cascade, _ = default_decoder()
    for _ in range(6):
        symbols, _ = cascade.decode(plane)
        assert b"".join(symbol.payload for symbol in symbols) == b""


def test_dark_mode_reads_at_least_95_of_100_of_what_is_read_upright(cards: list[tuple[bytes, Plane]]) -> None:
    read = still_reader()
    upright = inverted = 0
    for payload, plane in cards[:200]:
        upright += read(plane) == [payload]
        inverted += read(255 - plane) == [payload]
    assert upright > 190
    assert inverted >= 0.95 * upright
