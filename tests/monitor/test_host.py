"""What the machine says of itself, read from files as a Pi's kernel writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from device.monitor.host import PowerWatch, hardware_watchdog, host_metrics, under_voltage, watchdog_faults


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


NODES = {
    "Pi 4": "sys/devices/platform/soc/soc:firmware/get_throttled",
    "Pi 5": "sys/devices/platform/soc@107c000000:firmware/get_throttled",
    "Pi 5, below a node": "sys/devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled",
    "Zero 2 W": "sys/devices/platform/soc/3f000000.soc:firmware/get_throttled",
}


@pytest.mark.parametrize("board", NODES)
@pytest.mark.parametrize(
    ("word", "now", "slow"),
    [("0", False, False), ("50005", True, True), ("10000", False, False), ("8", False, True), ("0x50005", True, True)],
)
def test_under_voltage_and_throttling_are_read_on_every_board(
    board: str, word: str, now: object, slow: object, tmp_path: Path
) -> None:
    write(tmp_path, **{NODES[board]: f"{word}\n"})
    told = host_metrics(tmp_path, tmp_path, {})
    assert (told["under_voltage"], told["throttled"]) == (now, slow)


@pytest.mark.parametrize("board", NODES)
@pytest.mark.parametrize(("alarm", "low"), [("0", False), ("1", True)])
def test_the_voltage_monitor_is_found_by_its_name_and_counts_before_the_firmwares_word(
    board: str, alarm: str, low: object, tmp_path: Path
) -> None:
    write(tmp_path, **{NODES[board]: "0\n" if low else "50005\n"})
    for number, name in enumerate(("cpu_thermal", "rp1_adc", "rpi_volt", "pwmfan")):
        write(tmp_path, **{f"sys/class/hwmon/hwmon{number}/name": f"{name}\n"})
    write(tmp_path, **{"sys/class/hwmon/hwmon1/in0_lcrit_alarm": "1\n"})
    write(tmp_path, **{"sys/class/hwmon/hwmon2/in0_lcrit_alarm": f"{alarm}\n"})
    assert under_voltage(tmp_path) is low


def test_on_a_pi_5_with_a_monitor_and_no_word_of_the_firmware_under_voltage_is_known(tmp_path: Path) -> None:
    files = {"sys/class/hwmon/hwmon3/name": "rpi_volt\n", "sys/class/hwmon/hwmon3/in0_lcrit_alarm": "1\n"}
    told = host_metrics(tmp_path, write(tmp_path, **files), {})
    assert (told["under_voltage"], told["throttled"]) == (True, None)


@pytest.mark.parametrize(("word", "monitor", "since_boot"), [("0", "none", False), ("10000", "none", True)])
def test_since_boot_is_told_where_no_monitor_clears_it(word: str, monitor: str, since_boot: object, pi: Path) -> None:
    write(pi, **{NODES["Pi 4"]: f"{word}\n", "sys/class/hwmon/hwmon0/name": f"{monitor}\n"})
    write(pi, **{"sys/class/hwmon/hwmon0/in0_lcrit_alarm": "0\n"})
    assert host_metrics(pi, pi, {})["under_voltage_since_boot"] is since_boot
    write(pi, **{"sys/class/hwmon/hwmon0/name": "rpi_volt\n"})
    assert host_metrics(pi, pi, {})["under_voltage_since_boot"] is (since_boot or None)


def test_a_weak_supply_is_remembered_since_the_gate_started_and_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    alarm = "sys/class/hwmon/hwmon0/in0_lcrit_alarm"
    watch = PowerWatch(write(tmp_path, **{"sys/class/hwmon/hwmon0/name": "rpi_volt\n"}))
    assert watch.since_start is None
    seen = list[bool | None]()
    for text in ("0", "1", "0", "1", "", "0"):
        write(tmp_path, **{alarm: f"{text}\n"})
        watch.look()
        seen.append(watch.since_start)
    assert seen == [False, True, True, True, True, True]
    assert caplog.messages == ["event=under-voltage reason=power-supply-too-weak"]


def test_a_machine_that_tells_nothing_of_its_power_is_not_said_to_be_well(tmp_path: Path) -> None:
    watch = PowerWatch(tmp_path)
    watch.look()
    assert watch.since_start is None
    assert under_voltage(tmp_path) is None


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
