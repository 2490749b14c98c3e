"""How lgpio is loaded where its fifo cannot be made, and which chips it finds; the real one is in tests/appliance."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from device.errors import PinUnavailable
from device.indicator.lgpio_library import chip_labels
from tests.support.children import surroundings

LIKE_LGPIO = """
import os
os.chdir(os.environ.get("LG_WD", "."))  # its C part does so, and stays there
os.mkfifo(".lgd-nfy0")
"""
LOAD = """
import os, sys
sys.path.insert(0, {folder!r})
from device.indicator.lgpio_library import load_lgpio
unwritable = {unwritable!r}
os.chdir(unwritable)
os.access = lambda path, mode: False  # for root every folder is writable
before = dict(os.environ)
load_lgpio()
print(os.getcwd() == unwritable, os.listdir(unwritable), dict(os.environ) == before)
"""


def loaded(tmp_path: Path, **environment: str) -> tuple[str, Path]:
    """Load something that behaves like lgpio in a folder where it must not write; what it prints, and that folder."""
    (tmp_path / "lgpio.py").write_text(LIKE_LGPIO, "ascii")
    unwritable = tmp_path / "unwritable"
    unwritable.mkdir()
    script = LOAD.format(folder=str(tmp_path), unwritable=str(unwritable))
    command = [sys.executable, "-P", "-c", script]
    done = subprocess.run(command, env=surroundings() | environment, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr, unwritable


def test_where_its_fifo_cannot_be_made_it_gets_a_folder_that_goes_again(tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    assert loaded(tmp_path, TMPDIR=str(temporary))[0] == "True [] True\n"
    assert list(temporary.iterdir()) == []


def test_a_folder_that_the_environment_names_is_used_and_the_process_stays_where_it_was(tmp_path: Path) -> None:
    named = tmp_path / "named"
    named.mkdir()
    assert loaded(tmp_path, LG_WD=str(named))[0] == "True [] True\n"
    assert [path.name for path in named.iterdir()] == [".lgd-nfy0"]


def test_a_folder_that_is_named_and_missing_is_told_as_that(tmp_path: Path) -> None:
    assert "FileNotFoundError" in loaded(tmp_path, LG_WD=str(tmp_path / "missing"))[0]


class Chips:
    """Stands for lgpio: chips by their number, or why they cannot be opened."""

    class error(Exception):  # noqa: N801 - lgpio's own name
        """As lgpio raises it."""

    def __init__(self, folder: Path, chips: dict[int, str], refused: str = "") -> None:
        self.folder, self.chips, self.refused = folder, chips, refused
        for number in chips:
            (folder / f"gpiochip{number}").touch()

    def gpiochip_open(self, number: int) -> int:
        if self.refused:
            raise self.error(self.refused)
        return number

    def gpio_get_chip_info(self, handle: int) -> tuple[int, int, str, str]:
        return 0, 54, f"gpiochip{handle}", self.chips[handle]

    def gpiochip_close(self, handle: int) -> None:
        assert handle in self.chips


def test_each_chip_is_told_by_its_number(tmp_path: Path) -> None:
    (tmp_path / "gpiochip-old").touch()
    assert chip_labels(Chips(tmp_path, {0: "pinctrl-rp1", 10: "other"}), tmp_path) == {0: "pinctrl-rp1", 10: "other"}


def test_chips_that_may_not_be_opened_are_told_apart_from_none_at_all(tmp_path: Path) -> None:
    with pytest.raises(PinUnavailable, match=r"no /dev/gpiochip; write mock"):
        chip_labels(Chips(tmp_path, {}), tmp_path)
    with pytest.raises(PinUnavailable, match=r"error: can not open gpiochip\); check .* in the group gpio"):
        chip_labels(Chips(tmp_path, {0: "pinctrl-rp1"}, "can not open gpiochip"), tmp_path)
