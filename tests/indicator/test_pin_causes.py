"""Causes of pins that cannot be had, with the texts that lgpio and gpiozero really raise."""

from __future__ import annotations

import pytest
from gpiozero import GPIOPinInUse, PinInvalidPin, PinUnknownPi
from gpiozero.exc import BadPinFactory

from device.indicator.pin_causes import CAUSES, MOST_WORDS, own_words, told


class error(Exception):  # noqa: N801 - lgpio's own name and text
    def __str__(self) -> str:
        return repr(self.args[0])


error.__module__ = "lgpio"
MET: tuple[tuple[Exception, str], ...] = (
    (error("GPIO busy"), "nobody was found who holds it"),
    (error("GPIO not allocated"), "config.txt"),
    (error("can not open gpiochip"), "group gpio"),
    (error("no permission to perform action"), "group gpio"),
    (error("bad GPIO number"), "no such pin"),
    (PermissionError(13, "Permission denied", "/dev/gpiochip0"), "group gpio"),
    (FileNotFoundError(2, "No such file or directory", "/dev/gpiochip0"), "group gpio"),
    (FileNotFoundError(2, "No such file or directory", ".lgd-nfy-3"), "LG_WD"),
    (PermissionError(13, "Permission denied", ".lgd-nfy0"), "LG_WD"),
    (GPIOPinInUse("pin GPIO17 is already in use by <gpiozero.LED object>"), "another key of the site file"),
    (PinInvalidPin("70 is not a valid pin name"), "no such pin"),
    (PinUnknownPi("unable to locate Pi revision in /proc/device-tree or /proc/cpuinfo"), "does not know this machine"),
    (BadPinFactory("Unable to load any default pin factory!"), "pins.driver"),
    (ImportError("liblgpio.so.1: cannot open shared object file: No such file or directory"), "do not fit"),
)


@pytest.mark.parametrize(("raised", "do"), MET, ids=lambda value: value if isinstance(value, str) else str(value)[:40])
def test_each_cause_is_told_in_its_own_words_with_what_to_do(raised: Exception, do: str) -> None:
    words = told(raised)
    assert words.startswith(f"({own_words(raised)}); ")
    assert str(raised)[:60] in words
    assert do in words
    assert "another program" not in words


def test_an_error_whose_type_says_nothing_stands_with_its_library() -> None:
    assert own_words(error("GPIO busy")) == "lgpio.error: 'GPIO busy'"


def test_whoever_holds_a_line_is_named_where_the_kernel_knows_it() -> None:
    assert told(error("GPIO busy"), "'gpioset'") == "(lgpio.error: 'GPIO busy'); it is held by 'gpioset'"


def test_a_cause_that_nobody_knows_is_told_in_its_own_words_and_nothing_is_guessed() -> None:
    assert told(error("unexpected error")) == "(lgpio.error: 'unexpected error')"


def test_a_drivers_text_is_one_bounded_line_fit_for_a_terminal() -> None:
    assert own_words(OSError("\x1b[31mred\nmore")) == "OSError: \N{REPLACEMENT CHARACTER}[31mred"
    assert len(own_words(OSError("x" * 10_000))) == MOST_WORDS + 1


def test_every_cause_of_the_table_is_met_by_a_text_of_this_file() -> None:
    met = {next(do for words, do in CAUSES if words.search(own_words(raised))) for raised, _ in MET}
    assert met == {do for _, do in CAUSES}
