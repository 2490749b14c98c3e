"""``gate-scanner lights``: through the running gate, or on the pins themselves."""

from __future__ import annotations

import argparse
import os
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from device.cli import lights, main
from device.errors import GateScannerError
from device.model import Cue
from device.monitor.control_socket import ControlSocket
from tests.support.fakes import HeldClock
from tests.support.threads import running

SITE = "place: {name: Chợ Hoa, province: Huế}\npins: {driver: mock, green: 17, red: 27}\nstore: {folder: .}\n"


class QuickClock(HeldClock):
    """Lets the command's own waits pass at once; the indicator's thread waits for its wake."""

    def wait(self, until: object, timeout_s: float) -> bool:
        self.waits.append(timeout_s)
        return False


def said(*words: str) -> tuple[int, list[float]]:
    parser, clock = argparse.ArgumentParser(), QuickClock()
    lights.add_arguments(parser)
    return lights.run(parser.parse_args(list(words)), clock), clock.waits


@pytest.fixture
def config(tmp_path: Path) -> str:
    (tmp_path / "site.yaml").write_text(SITE, "utf-8")
    return str(tmp_path / "site.yaml")


def test_without_a_cue_all_of_them_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert said()[0] == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed[::2]] == [cue.value for cue in Cue]
    place = listed.index("granted       green for 1.5 s, one short beep")
    assert listed[place + 1] == "              Come in; the only cue that may light green or hold the relay."
    assert max(map(len, listed)) <= 80


def test_the_running_gate_is_asked_since_it_holds_the_pins(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[Mapping[str, object]] = []

    def play(terms: Mapping[str, object]) -> object:
        asked.append(dict(terms))
        return {"ms": 1_500}

    with running(ControlSocket(Path(config).parent, {"lights": play})):
        code, waits = said("granted", "fault", "--relay", "--config", config)
    assert code == 0
    who = {"asker_uid": os.getuid()}
    assert asked == [who, {"cue": "granted", "relay": True, **who}, {"cue": "fault", "relay": True, **who}]
    assert waits == [2.5, 2.5]
    assert capsys.readouterr().out.startswith("granted       green for 1.5 s\n              Come in;")


def test_a_gate_that_refuses_is_told(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    with running(ControlSocket(Path(config).parent, {"why": dict})):
        assert main(["lights", "granted", "--config", config]) == 1
    assert capsys.readouterr().err == "ask one of why\n"


def test_where_no_gate_runs_the_pins_are_played_and_let_go(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):  # the second time they are free again
        assert said("granted", "--config", config)[0] == 0
    assert capsys.readouterr().out.count("granted") == 2


class BrokenClock(HeldClock):
    """A clock with a defect on every thread but the command's own; the command waits for what ends the lamps."""

    def monotonic_s(self) -> float:
        if threading.current_thread() is not threading.main_thread():
            raise ZeroDivisionError
        return super().monotonic_s()


def test_lamps_that_stop_half_way_are_no_success(config: str) -> None:
    parser = argparse.ArgumentParser()
    lights.add_arguments(parser)
    with pytest.raises(GateScannerError, match="granted: the lamps stopped half-way"):
        lights.run(parser.parse_args(["granted", "--config", config]), BrokenClock())


def test_all_plays_each_cue(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert said("all", "--config", config)[0] == 0
    assert len(capsys.readouterr().out.splitlines()) == 2 * len(Cue)


def test_a_relay_that_is_not_wired_cannot_be_asked_for(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lights", "granted", "--relay", "--config", config]) == 78
    assert capsys.readouterr().err.startswith("pins.relay: no relay is wired")


def test_pins_that_cannot_be_had_end_with_69(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(config).write_text(SITE.replace("driver: mock", "driver: lgpio, chip: 99"), "utf-8")
    assert main(["lights", "granted", "--config", config]) in {69, 78}  # 78 where lgpio is not installed
    assert "pins.driver: " in capsys.readouterr().err


def test_a_look_is_told_of_the_lamps_and_patterns_of_the_site_file(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    own = "cues: {fault: [{lines: [red, amber], for: 900ms}, {lines: [], for: 100ms}]}\n"
    Path(config).write_text(SITE.replace("red: 27", "red: 27, amber: 22, buzzer: 5") + own, "utf-8")
    assert said("--config", config)[0] == 0
    told = capsys.readouterr().out
    assert "\nready         one red and amber wink every 3 s\n" in told
    assert "\nfault         red and amber 0.9 s on, 0.1 s off\n" in told
    assert "two ticks" in told


def test_a_site_file_with_mistakes_that_was_named_is_told(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(config).write_text("pins: {}\n", "utf-8")
    assert main(["lights", "--config", config]) == 78
    assert f"{config}:1:1: place." in capsys.readouterr().err


def test_an_installed_site_file_that_cannot_be_used_is_said_and_the_built_in_cues_are_told(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(config).write_text("pins: {}\n", "utf-8")
    assert lights.told_site(None, Path(config)) is None
    assert capsys.readouterr().err.startswith(f"{config} cannot be used: ")
    assert lights.told_site(None, Path(config).with_name("none")) is None


def test_a_cue_that_does_not_exist_is_a_mistake_in_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["lights", "grantet"])
    assert ended.value.code == 2
    assert "there is no grantet; did you mean granted?" in capsys.readouterr().err
