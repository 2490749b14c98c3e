"""What the machine says of itself, read from files as a Pi's kernel writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from device.monitor.host import hardware_watchdog, host_metrics, watchdog_faults


def write(root: Path, **files: str) -> Path:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "ascii")
    return root


@pytest.fixture
def pi(tmp_path: Path) -> Path:
    return write(
        tmp_path,
        **{
            "sys/class/thermal/thermal_zone0/temp": "54321\n",
            "sys/class/thermal/thermal_zone1/temp": "61000\n",
            "sys/devices/platform/soc/soc:firmware/get_throttled": "0\n",
            "sys/class/watchdog/watchdog0/state": "active\n",
            "sys/class/watchdog/watchdog0/timeout": "15\n",
            "sys/class/watchdog/watchdog0/identity": "Broadcom BCM2835 Watchdog timer\n",
            "proc/meminfo": "MemTotal:        1000 kB\nMemFree: 1 kB\nMemAvailable:     250 kB\nHugePages_Total: 0\n",
            "proc/self/smaps_rollup": "5600-7ffc ---p 0 00:00 0 [rollup]\nRss:  60 kB\nPss:  40 kB\nPss_Dirty: 9 kB\n"
            "Locked: 8 kB\n",
        },
    )


def test_heat_power_memory_room_and_watchdogs_are_read(pi: Path) -> None:
    told = host_metrics(pi, pi, {"WATCHDOG_USEC": "10000000"})
    assert told["temperature_c"] == 61.0
    assert (told["memory_bytes"], told["memory_free_bytes"]) == (1_024_000, 256_000)
    assert (told["gate_pss_bytes"], told["gate_rss_bytes"]) == (40_960, 61_440)
    assert told["memory_locked"] is True
    assert told["service_watchdog_s"] == 10
    assert told["hardware_watchdog"] == {"driver": "Broadcom BCM2835 Watchdog timer", "armed": True, "timeout_s": 15}
    assert isinstance(told["disk_free_bytes"], int)


def test_a_watchdog_that_was_not_accepted_is_told_at_the_start_unless_none_was_promised(pi: Path) -> None:
    promised = {"NOTIFY_SOCKET": "/run/systemd/notify", "WATCHDOG_USEC": "10000000"}
    assert watchdog_faults(pi, promised) == []
    write(pi, **{"sys/class/watchdog/watchdog0/timeout": "60\n"})
    (refused,) = watchdog_faults(pi, promised)
    assert refused == "the hardware watchdog did not take 15 s but 60: it may not bite in time"
    write(pi, **{"sys/class/watchdog/watchdog0/state": "inactive\n"})
    (idle,) = watchdog_faults(pi, promised)
    assert "not armed" in idle
    unwatched, missing = watchdog_faults(pi / "nowhere", {"NOTIFY_SOCKET": "/run/systemd/notify"})
    assert "WatchdogSec=10" in unwatched
    assert "no hardware watchdog" in missing
    assert watchdog_faults(pi / "nowhere", {}) == []


@pytest.mark.parametrize(
    ("word", "now", "slow", "since_boot"),
    [("0", False, False, False), ("50005", True, True, True), ("10000", False, False, True), ("8", False, True, False)],
)
def test_under_voltage_is_told_now_and_since_boot(
    word: str, now: object, slow: object, since_boot: object, pi: Path
) -> None:
    write(pi, **{"sys/devices/platform/soc/soc:firmware/get_throttled": f"{word}\n"})
    told = host_metrics(pi, pi, {})
    assert (told["under_voltage"], told["throttled"], told["under_voltage_since_boot"]) == (now, slow, since_boot)


def test_what_another_board_does_not_say_is_not_guessed(tmp_path: Path) -> None:
    told = host_metrics(tmp_path / "nowhere", tmp_path, {})
    assert set(told.values()) == {None}
    write(tmp_path, **{"sys/devices/platform/soc/soc:firmware/get_throttled": "what\n"})
    write(tmp_path, **{"sys/class/thermal/thermal_zone0/temp": "\n", "proc/meminfo": "MemTotal:\nMemAvailable: x kB\n"})
    assert set(host_metrics(tmp_path / "nowhere", tmp_path, {"WATCHDOG_USEC": "soon"}).values()) == {None}


def test_a_watchdog_that_nobody_armed_is_told_so(pi: Path) -> None:
    write(pi, **{"sys/class/watchdog/watchdog0/state": "inactive\n", "sys/class/watchdog/watchdog0/timeout": ""})
    assert hardware_watchdog(pi) == {
        "driver": "Broadcom BCM2835 Watchdog timer",
        "armed": False,
        "timeout_s": None,
    }
