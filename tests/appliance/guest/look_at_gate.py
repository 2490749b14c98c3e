"""Runs inside the booted machine: the installed gate under systemd, looked at from the other side of its pins.

Writes what it saw to ``/beside/gate.json``; `tests/appliance/test_gate.py` judges it. Nothing here waits for a time: it
waits for what must come, and gives up after minutes.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from device.errors import GateScannerError, GateSilent
from device.monitor.control_socket import ask
from device.store.reading import LedgerReader
from tests.appliance.guest.look_at_pins import Chip, levels_of, pause

UNIT, MISTAKES = "gate-scanner.service", "gate-scanner-mistakes.service"
SITE = Path("/etc/gate-scanner/site.yaml")
RUNTIME = Path("/run/gate-scanner")
STORE = Path("/var/lib/gate-scanner")
DROP_IN = Path("/run/systemd/system/gate-scanner.service.d/groups.conf")
PATIENCE_S = 180.0
CHECKED_IN = re.compile(r" event=checked-in seq=(\d+) ")  # told after the lamp; this gate refuses nobody


def systemctl(*words: str) -> str:
    return subprocess.run(["systemctl", *words], capture_output=True, text=True, check=False).stdout.strip()


def shown(unit: str = UNIT) -> dict[str, str]:
    asked = "ActiveState,SubState,Result,ExecMainStatus,NRestarts,MainPID,StatusText"
    return dict(line.split("=", 1) for line in systemctl("show", unit, "-p", asked).splitlines())


def journal(skip: int = 0) -> list[str]:
    """The gate's lines in the journal, after the first *skip*."""
    told = subprocess.run(["journalctl", "-q", "-o", "cat", "-u", UNIT], capture_output=True, text=True, check=True)
    return told.stdout.splitlines()[skip:]


def status() -> dict[str, Any]:
    """What the running gate tells; empty when none answers."""
    try:
        told = ask(RUNTIME, "status")
    except (GateSilent, OSError):
        return {}
    return told if isinstance(told, dict) else {}


def until(what: str, met: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
    """Wait until something is so; TimeoutError when it never is."""
    end_s = time.monotonic() + patience_s
    while not met():
        if time.monotonic() > end_s:
            raise TimeoutError(f"{what}: {shown()} {status().get('state')} {journal()[-5:]}")
        pause(0.2)


def state_is(*states: str) -> Callable[[], bool]:
    return lambda: status().get("state") in states


def red_writes(chip: Chip, seconds: float) -> list[int]:
    """Every level written to the red lamp for so long."""
    with chip.watched():
        pause(seconds)
        return levels_of(chip.written(), "red")


def eye_pid() -> int:
    """The process of the eye that was started last; 0 without one."""
    found = [(0, 0)]
    for line in systemctl("list-units", "--plain", "--no-legend", "gate-scanner-eye@*").splitlines():
        asked = systemctl("show", line.split()[0], "-p", "ExecMainStartTimestampMonotonic,MainPID").splitlines()
        told = dict(one.split("=", 1) for one in asked)
        found.append((int(told["ExecMainStartTimestampMonotonic"]), int(told["MainPID"])))
    return max(found)[1]


def rows() -> list[int]:
    """The rows of the ledger, read from a copy: the reader must leave nothing of root's beside the gate's files."""
    copy = Path("/tmp/copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(STORE, copy, ignore=lambda _, names: [name for name in names if not name.startswith("ledger")])
    with LedgerReader(copy) as ledger:
        return [row.seq for row in ledger.rows()]


def visitors(chip: Chip) -> dict[str, object]:
    """From a start to a stop: a card, then a Wi-Fi code, before the camera."""
    systemctl("stop", UNIT)
    skip = len(journal())
    with chip.watched():
        systemctl("start", UNIT)
        started = shown()
        until(
            "both codes answered", lambda: {"granted", "not-ours"} <= set(status().get("scans", {}).get("answers", {}))
        )
        told = status()
        until("a moment without an answer", lambda: chip.level(17) == 0)
        systemctl("stop", UNIT)
        written = chip.written()
    began_s = written[0][0]
    lines = journal(skip)
    return {
        "started": started,
        "status": told,
        "checked_in": [int(found[1]) for line in lines if (found := CHECKED_IN.search(line))],
        "foreign": [line for line in lines if " event=answer cue=not-ours " in line],
        "green_ms": [[round((at - began_s) * 1000), level] for at, line, level in written if line == "green"],
        "relay": levels_of(written, "relay"),
        "buzzer_edges": len(levels_of(written, "buzzer")),
        "buzzer_last": levels_of(written, "buzzer")[-1:],
        "after": chip.levels(),
        "rows": rows(),
    }


def lights(chip: Chip) -> dict[str, object]:
    """Somebody wants to see the lamps of the running gate."""
    systemctl("start", UNIT)
    until("the visitor answered", lambda: status().get("scans", {}).get("answers", {}).get("granted"))
    until("dark again", lambda: chip.level(17) == 0)
    with chip.watched():
        told = ask(RUNTIME, "lights", cue="granted")
        until("green", lambda: chip.level(17) == 1, 20)
        until("dark", lambda: chip.level(17) == 0, 20)
        written = chip.written()
    return {"told": told, "green": levels_of(written, "green"), "relay": levels_of(written, "relay")}


def silent_eye(chip: Chip) -> dict[str, object]:
    """The eye stops, as a capture does that blocks for ever."""
    until("an eye", lambda: status().get("camera", {}).get("alive"))
    before, skip = eye_pid(), len(journal())
    os.kill(before, signal.SIGSTOP)
    until("fault", state_is("fault"))
    lost = status()
    red = red_writes(chip, 5)
    until("another eye", lambda: status().get("camera", {}).get("alive") and eye_pid() not in {0, before})
    until("ready", state_is("ready", "offline"))
    until("the end of the old one", lambda: not Path(f"/proc/{before}").exists())
    return {
        "lost": lost["camera"]["lost"],
        "troubles": [trouble["what"] for trouble in lost["troubles"]],
        "red_writes": len(red),
        "replaced": status()["camera"]["episodes"].get("replaced"),
        "same_gate": shown()["NRestarts"],
        "old_eye_gone": not Path(f"/proc/{before}").exists(),
        "lines": [line for line in journal(skip) if "event=eye-lost " in line or "event=eye-sees-again " in line],
    }


def hanging_loop(chip: Chip) -> dict[str, object]:
    """The whole gate stands still with its green lamp on."""
    restarts, skip = int(shown()["NRestarts"]), len(journal())
    until("green", lambda: chip.level(17) == 1)
    os.kill(int(shown()["MainPID"]), signal.SIGSTOP)
    lit = chip.levels()
    until("its end", lambda: shown()["SubState"] in {"auto-restart", "auto-restart-queued"})
    between = chip.levels()
    until("a new start", lambda: int(shown()["NRestarts"]) > restarts and shown()["ActiveState"] == "active")
    until("ready", state_is("ready", "offline"))
    return {"lit": lit, "between": between, "watchdog": [line for line in journal(skip) if "atchdog" in line]}


def read_only(chip: Chip) -> dict[str, object]:
    """The card cannot be written, from the start on."""
    systemctl("stop", UNIT)
    skip = len(journal())
    subprocess.run(["mount", "-o", "remount,ro", STORE], check=True)
    systemctl("start", UNIT)
    started = shown()
    until("fault", state_is("fault"))
    red = red_writes(chip, 5)
    told = status()
    systemctl("stop", UNIT)  # a unit of its own mounts keeps what was read-only when it was started
    subprocess.run(["mount", "-o", "remount,rw", STORE], check=True)
    return {
        "started": started,
        "troubles": [trouble["what"] for trouble in told["troubles"]],
        "red_writes": len(red),
        "lines": [line for line in journal(skip) if "event=ledger-unavailable" in line],
    }


def no_ledger(_chip: Chip) -> dict[str, object]:
    """Something else stands in the ledger's place, and is taken away."""
    lock = STORE / "ledger.lock"
    lock.unlink()
    lock.mkdir()
    systemctl("start", UNIT)
    started = shown()
    until("fault", state_is("fault"))
    lock.rmdir()
    until("ready by itself", state_is("ready", "offline"))
    return {"started": started, "same_gate": shown()["MainPID"] == started["MainPID"]}


def no_group(_chip: Chip) -> dict[str, object]:
    """The user is not in the group of the pins."""
    skip = len(journal())
    DROP_IN.write_text("[Service]\nSupplementaryGroups=\n")
    subprocess.run(["gpasswd", "-d", "gate-scanner", "gpio"], capture_output=True, check=False)
    systemctl("daemon-reload")
    systemctl("--no-block", "restart", UNIT)
    until("a second try", lambda: sum("event=pins-unavailable" in line for line in journal(skip)) > 1)
    told = [line for line in journal(skip) if "event=pins-unavailable" in line]
    DROP_IN.unlink()
    subprocess.run(["systemd-sysusers", "/src/systemd/gate-scanner.sysusers"], check=True)
    systemctl("daemon-reload")
    systemctl("stop", UNIT)
    return {"lines": sorted(set(told))}


def mistakes(chip: Chip) -> dict[str, object]:
    """Two mistakes in the site file; then they are corrected."""
    right, skip = SITE.read_text(), len(journal())
    SITE.write_text(right.replace("province", "provinze") + "log: {level: loud}\n")
    systemctl("restart", UNIT)
    down = shown()
    until("lamps that say so", lambda: shown(MISTAKES)["ActiveState"] == "active")
    until("the red lamp", lambda: chip.level(27) == 1)
    with chip.watched():
        pause(10)
        written = chip.written()
    still_down = shown()
    SITE.write_text(right)
    until("ready by itself", state_is("ready", "offline"))
    return {
        "down": down,
        "still_down": still_down["ActiveState"],
        "lines": [line for line in journal(skip) if "site.yaml:" in line],
        "red_writes": len(levels_of(written, "red")),
        "others_written": sorted({line for _, line, _ in written if line != "red"}),
        "mistakes_after": shown(MISTAKES)["ActiveState"],
        "up": shown()["ActiveState"],
    }


def main() -> None:
    chip = Chip()
    subprocess.run(["udevadm", "settle"], check=True)
    installed = subprocess.run(["bash", "-c", "install_gate"], capture_output=True, text=True, check=False)
    seen: dict[str, object] = {"install": [installed.returncode, installed.stdout.splitlines()[-1:]]}
    looks: tuple[Callable[[Chip], dict[str, object]], ...] = (
        *(visitors, lights, silent_eye, hanging_loop),
        *(read_only, no_ledger, no_group, mistakes),
    )
    sys.stdout.write(f"SAW install: {installed.returncode}\n{installed.stdout[-600:]}{installed.stderr[-600:]}\n")
    for look in looks:
        began_s = time.monotonic()
        try:
            seen[look.__name__] = look(chip)
        except (GateScannerError, OSError, LookupError, TimeoutError, ValueError, subprocess.SubprocessError) as error:
            seen[look.__name__] = {"failed": f"{type(error).__name__}: {error}"}
        told = json.dumps(seen[look.__name__], ensure_ascii=False)
        sys.stdout.write(f"SAW {look.__name__} in {time.monotonic() - began_s:.0f} s: {told}\n")
        sys.stdout.flush()
        Path("/beside/gate.json").write_text(json.dumps(seen, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
