"""``gate-scanner tell-mistakes`` and ``safe-pins``: pins read out of a site file that is wrong elsewhere."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from device import cli
from device.cli.tell_mistakes import tell
from device.errors import ConfigurationError, PinUnavailable
from device.settings.load import load_pins
from tests.support.fakes import FakeClock

PINS = "pins: {driver: mock, green: 17, red: 27, buzzer: {pin: 22, sort: passive}}\n"
RIGHT = "place: {name: Chợ Hoa, province: Huế}\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "site.yaml"


class EveningClock(FakeClock):
    """After some waits systemd wants it to stop."""

    def __init__(self, stop: threading.Event, waits: int) -> None:
        super().__init__()
        self._stop, self._left, self._main = stop, waits, threading.current_thread()

    def wait(self, until: threading.Event, timeout_s: float) -> bool:
        if threading.current_thread() is not self._main:
            return until.wait(60)  # the indicator's own thread
        self._left -= 1
        if self._left == 0:
            self._stop.set()
        return super().wait(until, timeout_s)


@pytest.mark.parametrize(
    "wrong",
    [
        "place: 7\n",
        "plaze: {}\n",
        RIGHT + "log: {level: loud}\n",
        "",
        RIGHT + "policy: {file: nowhere.yaml}\ncamera: {source: replay, replay: {path: .}}\n",
        RIGHT + "trust: {file: nowhere.json}\ncamera: {source: replay, replay: {path: .}}\n",
        RIGHT + "camera: {source: replay, replay: {path: nowhere}}\n",
        RIGHT + "camera: {source: replay, replay: {path: .}}\nstore: {folder: data}\n",
        RIGHT.replace("Chợ Hoa", "Trường THPT Hoa Phượng") + "camera: {source: replay, replay: {path: .}}\n",
    ],
)
def test_the_lamps_say_so_until_it_is_stopped(wrong: str, config: Path) -> None:
    (config.parent / "a.png").touch()
    config.write_text(wrong + PINS, "utf-8")
    stop = threading.Event()
    clock = EveningClock(stop, 3)
    assert tell(config, clock, stop) == 0
    assert len(clock.waits) == 2


def test_a_file_that_is_right_already_lights_nothing(config: Path) -> None:
    (config.parent / "a.png").touch()
    config.write_text(RIGHT + PINS + "camera: {source: replay, replay: {path: .}}\n", "utf-8")
    clock = FakeClock()
    assert tell(config, clock, threading.Event()) == 0
    assert clock.waits == []


def test_being_stopped_ends_it(config: Path) -> None:
    config.write_text(PINS, "utf-8")
    stop = threading.Event()
    stop.set()
    clock = EveningClock(stop, 3)
    assert tell(config, clock, stop) == 0
    assert clock.waits == []


@pytest.mark.parametrize(
    "pins",
    [
        "pins: {driver: mock, green: 017, red: 27}\n",
        "pins: {driver: mock, green: 17, red: 17}\n",
        "pins: {driver: mock, green: 17}\n",
        "pins: {driver: mock, green: 17, red: 27, red: 28}\n",
        "pins: 7\n",
        "pins: [\n",
        RIGHT,
    ],
)
def test_no_line_is_driven_when_anything_about_the_pins_is_wrong(
    pins: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(pins, "utf-8")
    assert load_pins(config) is None
    with pytest.raises(ConfigurationError, match="cannot be read: no lamp"):
        tell(config, FakeClock(), threading.Event())
    assert cli.main(["safe-pins", "--config", str(config)]) == 78
    assert capsys.readouterr().err == f"the pins of {config} cannot be read: no pin was touched\n"


def test_a_file_that_is_not_there_has_no_pins(config: Path) -> None:
    assert load_pins(config) is None


def test_pins_are_made_safe_whatever_else_is_wrong(config: Path) -> None:
    config.write_text("place: 7\n" + PINS, "utf-8")
    assert cli.main(["safe-pins", "--config", str(config)]) == 0


def test_a_driver_that_is_not_there_is_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(PINS.replace("mock", "lgpio, chip: 99"), "utf-8")
    with pytest.raises((ConfigurationError, PinUnavailable), match=r"^pins\.driver: "):  # the first: no lgpio installed
        tell(config, FakeClock(), threading.Event())
    assert cli.main(["safe-pins", "--config", str(config)]) in {69, 78}
    assert capsys.readouterr().err.startswith("pins.driver: ")
