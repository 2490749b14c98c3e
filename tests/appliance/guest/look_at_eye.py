"""Runs inside the booted machine: the eye as systemd starts it, killed, stopped, crashing, taken over, stuck.

Writes what it saw to ``/beside/eye.json``; `tests/appliance/test_eye.py` judges it.
"""

from __future__ import annotations

import json
import os
import pwd
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.appliance.guest.look_at_gate import RUNTIME, STORE, UNIT, journal, shown, status, systemctl, until
from tests.support.inside_the_eye import ATTEMPTS, NINE, Targets, eye_taken_over, outcome, reporting

SOCKET = "gate-scanner-eye.socket"
PYTHON = "/opt/gate-scanner/current/bin/python"
DROP_IN = Path("/run/systemd/system/gate-scanner-eye@.service.d/other.conf")

STAYS = """\
os.dup2(os.pipe()[0], 0)
os.write(2, b"stays\\n")
while True:
    time.sleep(1)
"""


def eyes() -> list[str]:
    """The instances that systemd knows, in whatever state."""
    listed = systemctl("list-units", "--all", "--plain", "--no-legend", "gate-scanner-eye@*")
    return [line.split()[0] for line in listed.splitlines()]


def eye_pids() -> list[int]:
    """The processes of the eye's user."""
    own = pwd.getpwnam("gate-eye").pw_uid
    found = []
    for path in Path("/proc").iterdir():
        with suppress(OSError):
            if path.name.isdigit() and path.stat().st_uid == own:
                found.append(int(path.name))
    return sorted(found)


def sees() -> bool:
    """The gate has frames of the one eye there is, or of one beside which others have not ended."""
    camera = status().get("camera", {})
    return bool(camera.get("alive")) and camera["fps"] > 0 and bool(eye_pids())


def the_eye() -> int:
    """The process id of the one eye, once there is one that sees."""
    found: list[int] = []

    def one() -> bool:
        found[:] = eye_pids()
        return sees() and len(found) == 1

    until("one eye", one)
    return found[0]


def replaced_by(*settings: str) -> None:
    """From the next start on an eye is something else; without *settings* it is itself again."""
    DROP_IN.write_text("[Service]\n" + "".join(f"{line}\n" for line in settings))
    systemctl("daemon-reload")


def end_eyes() -> None:
    for pid in eye_pids():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def eye_log() -> list[str]:
    told = subprocess.run(["journalctl", "-q", "-o", "cat", "-t", "gate-scanner-eye"], capture_output=True, check=True)
    return told.stdout.decode(errors="replace").splitlines()


def installed() -> dict[str, object]:
    """It reads a visitor's card, as a user of its own."""
    until("the visitor answered", lambda: status().get("scans", {}).get("answers", {}).get("granted"))
    pid = the_eye()
    gate = int(shown()["MainPID"])
    groups = {
        name: next(line for line in Path(f"/proc/{number}/status").read_text().splitlines() if line[:7] == "Groups:")
        for name, number in (("gate", gate), ("eye", pid))
    }
    video = subprocess.run(["getent", "group", "video"], capture_output=True, text=True, check=True).stdout.split(":")[
        2
    ]
    return {
        "status": status()["camera"],
        "eyes": len(eyes()),
        "children_of_the_gate": Path(f"/proc/{gate}/task/{gate}/children").read_text().split(),
        "in_video": [name for name, line in groups.items() if video in line.split()],
        "unit": systemctl("show", eyes()[0], "-p", "User,PrivateNetwork,MemoryMax,TasksMax,Result"),
        "memory": [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line[:2] == "Vm"],
    }


def targets(hub: socket.socket) -> Targets:
    """The gate that runs here, and a listener that stands for its hub."""
    gate = int(shown()["MainPID"])
    heap = next(line for line in Path(f"/proc/{gate}/maps").read_text().splitlines() if "[heap]" in line)
    return Targets(str(STORE), str(RUNTIME), hub.getsockname(), gate, int(heap.split("-")[0], 16))


def attempts() -> dict[str, object]:
    """Code inside the eye of the running gate tries what it likes; before, root tries the same nine from outside."""
    systemctl("stop", "gate-scanner-reboot.path")  # root can make the file that boots the machine
    with socket.create_server(("127.0.0.1", 0)) as hub:
        aim = targets(hub)
        outside = [outcome(name, aim) for name in NINE]
        (RUNTIME / "reboot").unlink(missing_ok=True)
        Path("/run/hostile.py").write_text(eye_taken_over("/src", reporting(aim)))
        replaced_by("ExecStart=", f"ExecStart={PYTHON} -P /run/hostile.py", "LogRateLimitIntervalSec=0")
        end_eyes()

        def tried() -> list[str]:
            return [line for line in eye_log() if line.startswith('{"attempt"')]

        until("every attempt", lambda: len(tried()) >= len(ATTEMPTS))
        inside = [json.loads(line) for line in tried()[: len(ATTEMPTS)]]
    made = (RUNTIME / "reboot").exists()
    same = int(shown()["MainPID"]) == aim.gate
    replaced_by()
    hostile = set(eye_pids())
    end_eyes()
    until("the hostile eye is gone", lambda: not hostile & set(eye_pids()))
    the_eye()
    systemctl("start", "gate-scanner-reboot.path")
    return {"outside": outside, "inside": inside, "reboot_asked": made, "same_gate": same}


def killed() -> dict[str, object]:
    """The eye is killed: another one, of the same gate."""
    before = the_eye()
    gate = shown()["MainPID"]
    os.kill(before, signal.SIGKILL)
    until("another eye", lambda: sees() and eye_pids() not in ([], [before]))
    return {
        "eyes": len(eye_pids()),
        "same_gate": shown()["MainPID"] == gate,
        "failed": systemctl("--failed", "--plain"),
    }


def stopped() -> dict[str, object]:
    """The eye stands still: it is killed, by its watchdog or by its lifeline, and another one sees."""
    before, gate = the_eye(), shown()["MainPID"]
    os.kill(before, signal.SIGSTOP)
    until("the end of the old one", lambda: before not in eye_pids())
    until("another eye", sees)
    return {"eyes": len(eye_pids()), "same_gate": shown()["MainPID"] == gate}


def stays() -> dict[str, object]:
    """Code in the eye closes the connection, feeds the watchdog, and stays: the lifeline ends it."""
    gate = shown()["MainPID"]
    Path("/run/hostile.py").write_text(eye_taken_over("/src", STAYS))
    replaced_by("ExecStart=", f"ExecStart={PYTHON} -P /run/hostile.py", "LogRateLimitIntervalSec=0")
    end_eyes()
    until("it has closed its connection", lambda: any(line == "stays" for line in eye_log()))
    replaced_by()
    until("one eye that sees", lambda: sees() and len(eye_pids()) == 1)
    return {"eyes": len(eye_pids()), "same_gate": shown()["MainPID"] == gate}


def crashing() -> dict[str, object]:
    """Eye after eye ends at once."""
    replaced_by("ExecStart=", "ExecStart=/bin/false")
    accepted = int(systemctl("show", "-P", "NAccepted", SOCKET))
    end_eyes()
    until("five more", lambda: int(systemctl("show", "-P", "NAccepted", SOCKET)) >= accepted + 5)
    seen = {
        "lost": status()["camera"]["lost"],
        "state": status()["state"],
        "socket": systemctl("show", SOCKET, "-p", "ActiveState,Result"),
        "eyes": len(eyes()),
        "failed": systemctl("--failed", "--plain", "--no-legend"),
    }
    replaced_by()
    until("sight again", sees)
    return seen


def without_socket() -> dict[str, object]:
    """The socket does not listen: the gate says what to do, and goes on when it was done."""
    systemctl("stop", SOCKET)
    end_eyes()
    until("a word about it", lambda: "systemctl" in (status().get("camera", {}).get("lost") or ""))
    lost, state = status()["camera"]["lost"], status()["state"]
    systemctl("start", SOCKET)
    until("sight again", sees)
    return {"lost": lost, "state": state}


def stuck() -> dict[str, object]:
    """The kernel does not end the eye, whatever is sent to it."""
    restarts = shown()["NRestarts"], shown()["MainPID"]
    subprocess.run(["fsfreeze", "--freeze", "/srv/stuck"], check=True)
    try:
        replaced_by("ExecStart=", "ExecStart=/bin/sh -c 'echo seen >/srv/stuck/seen'", "ReadWritePaths=/srv/stuck")
        end_eyes()
        until("an eye in state D", _held)
        held = _held()
        assert held
        os.kill(held, signal.SIGKILL)
        replaced_by()
        until("sight beside it", sees)
        beside = {"state": _state(held), "left": status()["camera"]["episodes"].get("left"), "ready": status()["state"]}
        same = (shown()["NRestarts"], shown()["MainPID"]) == restarts
        began_s = time.monotonic()
        systemctl("stop", UNIT)
        stop_s = time.monotonic() - began_s
        after = {"state": _state(held), "gate": shown()["Result"]}
        systemctl("start", UNIT)
        until("sight after a restart", sees)
    finally:
        replaced_by()
        subprocess.run(["fsfreeze", "--unfreeze", "/srv/stuck"], check=True)
    until("its end", lambda: held not in eye_pids())
    return {"beside": beside, "same_gate": same, "stop_s": stop_s, "after": after}


def _held() -> int:
    """The shell that stands for an eye, once it waits in state D for good; 0 before.

    It is in that state too while its own program is read, on a busy host for a second.
    """

    def waits() -> int:
        shells = [pid for pid in eye_pids() if b"/srv/stuck" in _command(pid)]
        return next((pid for pid in shells if _state(pid) == "D"), 0)

    first = waits()
    for _ in range(3):
        time.sleep(1)
        if not first or waits() != first:
            return 0
    return first


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def gate_stops() -> dict[str, object]:
    """Without a gate there is no eye; one that is killed takes its eye with it."""
    os.kill(int(shown()["MainPID"]), signal.SIGKILL)
    until("another gate that sees", lambda: int(shown()["NRestarts"]) >= 1 and sees())
    eyes_after_kill = len(eye_pids())
    systemctl("stop", UNIT)
    until("no eye", lambda: not eye_pids(), 60)
    until("no unit", lambda: not eyes(), 60)
    return {
        "eyes_after_kill": eyes_after_kill,
        "eyes": eyes(),
        "socket": systemctl("is-active", SOCKET),
        "lines": [line for line in journal() if "Traceback" in line or "event=defect" in line],
    }


def main() -> None:
    subprocess.run(["udevadm", "settle"], check=True)
    done = subprocess.run(["bash", "-c", "install_gate"], capture_output=True, text=True, check=False)
    seen: dict[str, Any] = {"install": [done.returncode, done.stdout.splitlines()[-1:]]}
    sys.stdout.write(f"SAW install: {done.returncode}\n{done.stdout}{done.stderr[-600:]}\n")
    looks: tuple[Callable[[], dict[str, object]], ...] = (
        *(installed, attempts, killed, stopped, stays, crashing, without_socket, stuck, gate_stops),
    )
    wanted = Path("/beside/looks").read_text(encoding="ascii").split() if Path("/beside/looks").exists() else None
    for look in (look for look in looks if wanted is None or look.__name__ in wanted):
        began_s = time.monotonic()
        try:
            seen[look.__name__] = look()
        except Exception as error:  # noqa: BLE001 - the other questions are asked all the same
            seen[look.__name__] = {"failed": f"{type(error).__name__}: {error}"}
            sys.stdout.write("\n".join([*journal()[-15:], *eye_log()[-10:], *eyes()]) + "\n")
        told = json.dumps(seen[look.__name__], ensure_ascii=False)
        sys.stdout.write(f"SAW {look.__name__} in {time.monotonic() - began_s:.0f} s: {told}\n")
        sys.stdout.flush()
        Path("/beside/eye.json").write_text(json.dumps(seen, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
