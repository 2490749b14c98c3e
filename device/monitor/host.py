"""Host metrics from sysfs and procfs: temperature, under-voltage and throttling, memory, free disk, watchdogs.

Files only, no command. Where a file is not there (another board, another kernel) the answer is ``None``, never a guess.
Sources: kernel documentation ``driver-api/thermal/sysfs-api``, ``watchdog/watchdog-api``; the bits of
``get_throttled`` from Raspberry Pi's documentation of ``vcgencmd``, whose word the kernel passes on.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

_THERMAL = "sys/class/thermal"
_THROTTLED = "sys/devices/platform/soc/soc:firmware/get_throttled"
_WATCHDOG = "sys/class/watchdog/watchdog0"
_UNDER_VOLTAGE, _CAPPED, _THROTTLED_NOW, _SOFT_LIMIT = (1 << bit for bit in range(4))
_SINCE_BOOT = 16
"""The same bits, so many places higher, stay set until the machine boots."""

HOT_C = 80
"""A Pi slows itself down from here."""
MOST_WATCHDOG_S = 15
"""What systemd/system.conf asks for; a Pi's counter reaches 16 s."""
LEAST_FREE_BYTES = 100 * 1024 * 1024
"""Below this the journal and the ledger soon are in each other's way."""


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


def _power(root: Path) -> dict[str, object]:
    text = _text(root / _THROTTLED)
    try:
        word = None if text is None else int(text, 16)
    except ValueError:
        word = None
    return {
        "under_voltage": None if word is None else bool(word & _UNDER_VOLTAGE),
        "throttled": None if word is None else bool(word & (_CAPPED | _THROTTLED_NOW | _SOFT_LIMIT)),
        "under_voltage_since_boot": None if word is None else bool(word & _UNDER_VOLTAGE << _SINCE_BOOT),
    }


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
