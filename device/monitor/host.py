"""Host metrics from sysfs and procfs: temperature, under-voltage and throttling, memory, free disk, watchdogs.

Files only, no command. Where a file is not there (another board, another kernel) the answer is ``None``, never a guess.
Sources: kernel documentation ``driver-api/thermal/sysfs-api``, ``watchdog/watchdog-api``; the bits of
``get_throttled`` from Raspberry Pi's documentation of ``vcgencmd``, whose word the kernel passes on; ``rpi_volt`` from
raspberrypi-hwmon.c of Linux: every 2 s it asks for that word, clears its "since boot" bits by that, and tells by its
alarm whether the voltage was too low meanwhile.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

_THERMAL = "sys/class/thermal"
_HWMON = "sys/class/hwmon"
_VOLTAGE_MONITOR = "rpi_volt"
_THROTTLED = "sys/devices/platform/{}*firmware/get_throttled"
"""``soc/soc:firmware`` and, of a Pi 5, ``soc@107c000000:firmware``: below a node of its own or not, by the kernel."""
_WATCHDOG = "sys/class/watchdog/watchdog0"
_UNDER_VOLTAGE, _CAPPED, _THROTTLED_NOW, _SOFT_LIMIT = (1 << bit for bit in range(4))
_SINCE_BOOT = 16
"""The same bits, so many places higher, stay set until the machine boots, or the voltage monitor looks."""

HOT_C = 80
"""A Pi slows itself down from here."""
MOST_WATCHDOG_S = 15
"""What systemd/system.conf asks for; a Pi's counter reaches 16 s."""
LEAST_FREE_BYTES = 100 * 1024 * 1024
"""Below this the journal and the ledger soon are in each other's way."""

log = logging.getLogger(__name__)


def host_metrics(store: Path, root: Path = Path("/"), environment: Mapping[str, str] = os.environ) -> dict[str, object]:
    """Return the machine's figures of this moment.

    Args:
        store: the ledger's folder, whose disk is asked for its free space.
        root: where ``sys`` and ``proc`` are.
        environment: where systemd says whether it watches (``WATCHDOG_USEC``).
    """
    return {
        "temperature_c": temperature_c(root),
        **_power(root),
        **_memory(root),
        **_own_memory(root),
        "disk_free_bytes": _free_bytes(store),
        "service_watchdog_s": _service_watchdog_s(environment),
        "hardware_watchdog": hardware_watchdog(root),
    }


def temperature_c(root: Path = Path("/")) -> float | None:
    """Return the processor's temperature in degrees Celsius: the hottest zone the kernel knows."""
    zones = [_number(zone / "temp") for zone in (root / _THERMAL).glob("thermal_zone*")]
    known = [millidegrees for millidegrees in zones if millidegrees is not None]
    return round(max(known) / 1000, 1) if known else None


def hardware_watchdog(root: Path = Path("/")) -> dict[str, object] | None:
    """Return what watches the whole machine: driver, whether it is armed, its time; ``None`` without one."""
    folder = root / _WATCHDOG
    state = _text(folder / "state")
    if state is None:
        return None
    return {"driver": _text(folder / "identity"), "armed": state == "active", "timeout_s": _number(folder / "timeout")}


def watchdog_faults(root: Path = Path("/"), environment: Mapping[str, str] = os.environ) -> list[str]:
    """Return each watchdog that is configured and not active, in words for the log; empty when all are.

    For a process that systemd has not started none is expected.
    """
    if "NOTIFY_SOCKET" not in environment:
        return []
    faults = []
    if _service_watchdog_s(environment) is None:
        faults.append("systemd does not watch this service: its unit must have WatchdogSec=10")
    found = hardware_watchdog(root)
    if found is None:
        return [*faults, "no hardware watchdog can be seen: a machine that hangs as a whole may stay so"]
    took_s = found["timeout_s"]
    if not found["armed"]:
        faults.append("the hardware watchdog is not armed: sudo ./setup.sh install does it")
    elif not isinstance(took_s, int) or took_s > MOST_WATCHDOG_S:
        faults.append(f"the hardware watchdog did not take {MOST_WATCHDOG_S} s but {took_s}: it may not bite in time")
    return faults


def under_voltage(root: Path = Path("/")) -> bool | None:
    """Return whether the power supply is too weak now, or was within the last seconds; ``None``: nothing tells."""
    if (alarm := _voltage_alarm(root)) is not None:
        return alarm
    word = _throttled_word(root)
    return None if word is None else bool(word & _UNDER_VOLTAGE)


def _voltage_alarm(root: Path) -> bool | None:
    """Return what the kernel's voltage monitor says; ``None`` without one."""
    for folder in sorted((root / _HWMON).glob("hwmon*")):
        if _text(folder / "name") == _VOLTAGE_MONITOR and (alarm := _number(folder / "in0_lcrit_alarm")) is not None:
            return alarm != 0
    return None


def _throttled_word(root: Path) -> int | None:
    """Return the firmware's word; its lower bits are of now, the upper ones of the time since boot."""
    for below in ("", "*/"):
        for file in sorted(root.glob(_THROTTLED.format(below))):
            with suppress(TypeError, ValueError):
                return int(_text(file) or "", 16)
    return None


def _power(root: Path) -> dict[str, object]:
    word = _throttled_word(root)
    since_boot = None if word is None else bool(word & _UNDER_VOLTAGE << _SINCE_BOOT)
    if not since_boot and _voltage_alarm(root) is not None:
        since_boot = None  # the monitor has cleared it
    return {
        "under_voltage": under_voltage(root),
        "under_voltage_since_boot": since_boot,
        "throttled": None if word is None else bool(word & (_CAPPED | _THROTTLED_NOW | _SOFT_LIMIT)),
    }


class PowerWatch:
    """Remembers whether the power supply was too weak since the gate started. Looked at on one thread, told on any.

    Args:
        root: where ``sys`` is.
    """

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root
        self.since_start: bool | None = None
        """Whether it ever was; ``None`` while nothing has told."""

    def look(self) -> None:
        """Look once; the first time that it is too weak is logged."""
        now = under_voltage(self._root)
        if now and not self.since_start:
            log.warning("event=under-voltage reason=power-supply-too-weak")
        if now is not None:
            self.since_start = bool(self.since_start) or now


def _memory(root: Path) -> dict[str, object]:
    lines = (_text(root / "proc/meminfo") or "").splitlines()
    kib = {line.partition(":")[0]: line.split()[1] for line in lines if len(line.split()) > 1}
    total, free = kib.get("MemTotal", ""), kib.get("MemAvailable", "")
    return {
        "memory_bytes": int(total) * 1024 if total.isdigit() else None,
        "memory_free_bytes": int(free) * 1024 if free.isdigit() else None,
    }


def _own_memory(root: Path) -> dict[str, object]:
    """Return what this process takes, and whether it is kept out of swap.

    Its own only: no other of its user may look (`device.monitor.dumpable`).
    """
    lines = (_text(root / "proc/self/smaps_rollup") or "").splitlines()
    kib = {line.partition(":")[0]: line.split()[1] for line in lines if line.endswith(" kB")}
    pss, rss, locked = (kib.get(name, "") for name in ("Pss", "Rss", "Locked"))
    return {
        "gate_pss_bytes": int(pss) * 1024 if pss.isdigit() else None,
        "gate_rss_bytes": int(rss) * 1024 if rss.isdigit() else None,
        "memory_locked": int(locked) > 0 if locked.isdigit() else None,
    }


def _free_bytes(folder: Path) -> int | None:
    try:
        found = os.statvfs(folder)
    except OSError:
        return None
    return found.f_bavail * found.f_frsize


def _service_watchdog_s(environment: Mapping[str, str]) -> float | None:
    """Return after how long of silence systemd kills the service (sd_watchdog_enabled(3)); ``None``: it does not."""
    asked = environment.get("WATCHDOG_USEC", "")
    return int(asked) / 1_000_000 if asked.isdigit() else None


def _text(file: Path) -> str | None:
    try:
        return file.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return None


def _number(file: Path) -> int | None:
    text = _text(file)
    return int(text) if text is not None and text.lstrip("-").isdigit() else None
