"""``gate-scanner status``: the table, the object, the exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from device.cli import main
from device.cli.status import lines
from device.monitor.control_socket import ControlSocket
from tests.support.threads import running

TOLD: dict[str, Any] = {
    "version": "0.1.0",
    "state": "offline",
    "uptime_s": 7_500,
    "lamps_failing": False,
    "camera": {
        "source": "picamera2",
        "alive": True,
        "lost": None,
        "fps": 14.9,
        "frames": 100,
        "decode_ms": 6.5,
        "engines": ["zxing"],
        "engines_left_out": ["zbar"],
        "view": {
            "sensor": "imx708",
            "mode": [2304, 1296],
            "bit_depth": 10,
            "size": [1496, 842],
            "frame_rate": 15,
            "width_share": 0.999,
            "height_share": 1.0,
            "busy_ms": 38.5,
        },
        "engine_crashes": {"zbar": 2},
        "episodes": {"lost": 1},
    },
    "scans": {
        "today": 37,
        "last_at": "2026-01-01T00:00:00Z",
        "last_cue": "granted",
        "lamp_ms_p50": 5,
        "lamp_ms_p99": 90,
    },
    "queue": {"recorded": 40, "undelivered": 2, "parked": 1, "oldest_at": "2026-01-01T00:00:00Z", "oldest_s": 120},
    "link": {"state": "offline", "since_s": 61, "error": "unreachable", "last_success_s": 70},
    "clock": {
        "trusted": False,
        "now": "2026-01-01T00:02:00Z",
        "judged": "2026-02-01T00:00:00Z",
        "judged_known": False,
    },
    "policy": {"version": "v-1", "in_force_s": 59, "next_version": "v-2", "next_from": "soon", "refused": ["p:1:1: x"]},
    "trust": {"file": "trust.json", "age_s": 5, "refused": []},
    "machine": {
        "temperature_c": 61.0,
        "under_voltage": False,
        "under_voltage_since_boot": True,
        "throttled": False,
        "memory_bytes": 1 << 30,
        "memory_free_bytes": 1 << 29,
        "disk_free_bytes": 1 << 30,
        "service_watchdog_s": 10.0,
        "hardware_watchdog": {"driver": "bcm", "armed": True, "timeout_s": 15},
    },
    "troubles": [{"what": "parked", "do": "look \x1b at it"}],
}


def said(config: Path, *more: str) -> int:
    return main(["status", "--config", str(config), *more])


def test_people_get_a_short_table_and_what_to_do(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(ControlSocket(config.parent, {"status": lambda _terms: TOLD})):
        assert said(config) == 1
    assert capsys.readouterr().out.splitlines() == [
        "gate       0.1.0, offline, up for 2 h 5 min",
        (
            "camera     picamera2 sees, 14.9 frames a second, decode 6.5 ms, imx708 read out as 2304x1296 with 100% of "
            "its width in 1496x842 at 15 a second (a busy frame takes 38.5 ms), engines zxing, left out zbar, lost 1"
        ),
        "scans      37 today, last 2026-01-01T00:00:00Z, lamp after 5 ms (p99 90)",
        "queue      2 waiting of 40 recorded, the oldest for 2 min; 1 parked",
        "link       offline (unreachable) for 1 min, last delivery 1 min ago",
        (
            "clock      2026-01-01T00:02:00Z, NOT trusted: nobody has set it since boot, "
            "judged by 2026-02-01T00:00:00Z or later"
        ),
        "policy     v-1, in force here for 59 s, then v-2 from soon; a newer text was REFUSED: p:1:1: x",
        (
            "machine    61.0 °C, power good (it was not, since boot), 512 of 1024 MB memory free, "
            "1024 MB free on the card, watchdog of the service 10 s, of the machine 15 s"
        ),
        "trust      file trust.json, age_s 5",
        "NOT WELL   parked: look \N{REPLACEMENT CHARACTER} at it",
    ]


def test_a_gate_that_is_well_ends_with_0_whatever_it_cannot_tell(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told: dict[str, Any] = {
        **TOLD,
        "state": None,
        "camera": {**TOLD["camera"], "alive": False, "decode_ms": None, "engines": []},
        "scans": {"today": None, "last_at": None, "lamp_ms_p50": None},
        "queue": {"error": "no ledger yet"},
        "link": None,
        "clock": {"trusted": True, "now": "2026-01-01T00:02:00Z", "judged": None, "judged_known": None},
        "machine": {**dict.fromkeys(TOLD["machine"]), "hardware_watchdog": {"armed": False}},
        "troubles": [],
    }
    with running(ControlSocket(config.parent, {"status": lambda _terms: told})):
        assert said(config) == 0
    out = capsys.readouterr().out
    assert "camera     picamera2 not open" in out
    assert "queue      no ledger yet\n" in out
    assert "machine    watchdog of the service off, of the machine NOT armed\n" in out
    assert out.endswith("well       nothing to do\n")


def test_machines_get_the_object_as_it_is_and_the_same_exit_code(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(ControlSocket(config.parent, {"status": lambda _terms: TOLD})):
        assert said(config, "--json") == 1
    assert json.loads(capsys.readouterr().out) == TOLD


def test_a_weak_power_supply_and_a_slow_camera_are_told_since_when_and_of_how_much() -> None:
    machine = {**TOLD["machine"], "under_voltage_since_start": True, "under_voltage_since_boot": None}
    camera = {
        **TOLD["camera"],
        "fps": 2.0,
        "asked_fps": 15,
        "slow": "the camera gives 2 frames a second, 15 were asked",
    }
    told = dict(lines({**TOLD, "machine": machine, "camera": camera}))
    assert "power good (it was not, since the gate started)" in told["machine"]
    assert "2.0 frames a second of 15 asked" in told["camera"]
