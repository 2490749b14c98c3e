"""The baseline of the benchmark is what pyzbar does by itself, faults included."""

from __future__ import annotations

from device.decoder.engines import naive_pyzbar
from device.demo.scenes.people import invent
from tests.bench.decode_texts import flat


def test_a_plain_code_is_read() -> None:
    assert naive_pyzbar()(flat(b"https://example.org/menu")) == [b"https://example.org/menu"]


def test_of_vietnamese_names_many_come_back_as_other_letters() -> None:
    read = naive_pyzbar()
    names = [invent(seed, any_letters=True).name.encode() for seed in range(20)]
    changed = [name for name in names if read(flat(name)) != [name]]
    assert len(changed) > 5


def test_a_code_with_light_and_dark_turned_round_is_missed() -> None:
    assert naive_pyzbar()(255 - flat(b"dark mode")) == []
