"""The wall round the eye: every attempt is refused behind it, and reached without it."""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import segno
from PIL import Image

from device.camera import CameraPlan
from device.errors import WallUnavailable
from device.eye import landlock, wall
from device.eye.messages import Lost, Walled
from device.eye.settings import EyeSettings
from device.eye.wall import WallPlan
from tests.support.attacked_gate import attacked
from tests.support.children import CHECKOUT, surroundings
from tests.support.hostile_eye import Outcomes, lines_of, picture, run_hostile_eye
from tests.support.inside_the_eye import ATTEMPTS, Targets

ROOT_ONLY = {
    *("open-by-handle", "set-the-clock", "change-the-root", "packets", "mount", "new-mount", "unmount", "bpf", "perf"),
    *("watch-files", "hostname"),
}
"""Refused to a user that is not root, wall or none; and what a kernel may lack is refused to everybody."""
MAY_BE_ABSENT = {"ENOSYS", "EAFNOSUPPORT", "ENOENT", "ENODEV"}
READING = {
    *("read-signing-key", "read-ledger", "list-the-store", "read-the-password-file", "open-by-handle"),
    *("command-line-of-the-gate", "environment-of-the-gate", "descriptors-of-the-gate", "memory-file"),
}
"""What only Landlock, or a user of its own, keeps from an eye."""

OUTER = """
import ctypes
library = ctypes.CDLL("libseccomp.so.2")
library.seccomp_init.restype = ctypes.c_void_p
outer = ctypes.c_void_p(library.seccomp_init(0x7FFF0000))
for name in {calls}:
    number = library.seccomp_syscall_resolve_name(name)
    assert library.seccomp_rule_add_array(outer, 0x50000 | {error}, number, 0, None) == 0
assert library.seccomp_load(outer) == 0
"""
"""In a kernel that answers some system calls with an error, as one does that lacks them."""
NO_LANDLOCK = OUTER.format(calls=[b"landlock_create_ruleset"], error=errno.ENOSYS)
NO_SECCOMP = OUTER.format(calls=[b"seccomp"], error=errno.EINVAL)
CAMERA = """
import sys
sys.path.append({checkout!r})
from device.camera import CameraPlan
from device.eye import wall
from tests.support.hostile_eye import Outcomes, lines_of, picture, run_hostile_eye
from tests.support.inside_the_eye import Targets, report
wall.build(CameraPlan("picamera2"), wall.WallPlan(), ())
report(Targets(**{targets}))
"""
"""A process that would open a real camera next."""
NAMES = """
import sys
sys.path.append({checkout!r})
from device.camera import CameraPlan
from device.eye import wall
from tests.support.inside_the_eye import Targets, report
wall.build(CameraPlan("picamera2"), wall.WallPlan(), ())
report(Targets(**{targets}), ["make-a-socket-file"])
"""
"""The same; its connection is a socket that has no name."""


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Targets]:
    with attacked(tmp_path_factory.mktemp("gate") / "attacked") as targets:
        yield targets


@pytest.fixture(scope="module")
def walled(gate: Targets, tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    plan = picture(tmp_path_factory.mktemp("picture"))
    outcomes, messages = run_hostile_eye(EyeSettings(plan, WallPlan(hidden=(gate.store, gate.runtime))), gate)
    assert messages[0] == Walled(seccomp=True, landlock=landlock.abi())
    return outcomes


@pytest.fixture(scope="module")
def unwalled(gate: Targets) -> Outcomes:
    program = CHECKOUT / "tests" / "support" / "inside_the_eye.py"
    said = subprocess.run([sys.executable, program, gate.to_json()], stdout=subprocess.PIPE, check=True).stdout
    return lines_of(said)


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_behind_the_wall_an_attempt_is_refused(attempt: str, walled: Outcomes) -> None:
    if landlock.abi() == landlock.ABSENT and attempt in READING:
        pytest.skip("this kernel has no Landlock")
    assert walled[attempt]["reached"] is False
    assert walled[attempt]["error"] in {"EPERM", "EACCES", "ENOSYS"}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_without_the_wall_it_is_reached(attempt: str, unwalled: Outcomes) -> None:
    if unwalled[attempt]["error"] in MAY_BE_ABSENT:
        pytest.skip("this kernel has nothing of the kind")
    if os.geteuid() != 0 and attempt in ROOT_ONLY:
        pytest.skip("only root may do that, wall or none")
    assert unwalled[attempt]["reached"] is True


def reached(outcomes: Outcomes, attempts: Iterable[str] = ATTEMPTS) -> set[str]:
    assert set(outcomes) == set(attempts)
    return {attempt for attempt, line in outcomes.items() if line["reached"]}


@pytest.mark.skipif(landlock.abi() == landlock.ABSENT, reason="this kernel has no Landlock")
def test_with_a_real_camera_everything_is_refused_too(gate: Targets) -> None:
    script = CAMERA.format(checkout=str(CHECKOUT), targets=json.loads(gate.to_json()))
    said = subprocess.run([sys.executable, "-c", script], stderr=subprocess.PIPE, check=True, env=surroundings()).stderr
    assert reached(lines_of(said)) == set()


def test_without_landlock_files_can_be_read_and_still_nothing_else(gate: Targets, tmp_path: Path) -> None:
    outcomes, messages = run_hostile_eye(EyeSettings(picture(tmp_path)), gate, NO_LANDLOCK)
    assert messages[0] == Walled(seccomp=True, landlock=0)
    assert "read-signing-key" in reached(outcomes)
    assert reached(outcomes) <= READING


def test_a_name_for_its_connection_makes_no_file_though_libudev_may_name_its_own(gate: Targets, tmp_path: Path) -> None:
    script = NO_LANDLOCK + NAMES.format(checkout=str(CHECKOUT), targets=json.loads(gate.to_json()))
    ours, theirs = socket.socketpair()
    with ours, theirs:
        command = [sys.executable, "-c", script]
        run = subprocess.run(
            command, stdin=theirs.fileno(), stderr=subprocess.PIPE, check=True, env=surroundings(), cwd=tmp_path
        )
    assert reached(lines_of(run.stderr), {"make-a-socket-file"}) == set()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(landlock.abi() == landlock.ABSENT, reason="this kernel has no Landlock")
@pytest.mark.parametrize("hidden", [True, False])
def test_the_gates_folders_stay_hidden_below_a_folder_that_is_replayed(tmp_path: Path, *, hidden: bool) -> None:
    with attacked(tmp_path / "attacked") as gate:
        segno.make("hostile", micro=False).save(str(tmp_path / "code.png"), scale=6, border=6)
        Image.new("L", (64, 64), 96).save(tmp_path / "grey.png")
        plan = CameraPlan("replay", replay_path=str(tmp_path), show_ms=500, gap_ms=100, at_end="stop")
        outcomes, _ = run_hostile_eye(EyeSettings(plan, WallPlan((gate.store, gate.runtime) if hidden else ())), gate)
    listed = {"list-the-store"}  # names are told, contents are not
    assert reached(outcomes) == (listed if hidden else listed | {"read-signing-key", "read-ledger"})


def test_without_seccomp_the_eye_does_not_run_and_says_what_to_do(gate: Targets, tmp_path: Path) -> None:
    outcomes, messages = run_hostile_eye(EyeSettings(picture(tmp_path)), gate, NO_SECCOMP)
    assert outcomes == {}
    (lost,) = messages
    assert isinstance(lost, Lost)
    assert "cannot be walled off" in lost.reason
    assert lost.reason.endswith("camera.unwalled_ok: true")


def test_without_seccomp_it_runs_where_the_site_file_allows_it(gate: Targets, tmp_path: Path) -> None:
    outcomes, messages = run_hostile_eye(EyeSettings(picture(tmp_path), WallPlan(unwalled_ok=True)), gate, NO_SECCOMP)
    assert messages[0] == Walled(seccomp=False, landlock=landlock.abi())
    assert "fork" in reached(outcomes)


def test_what_is_typed_into_the_terminal_of_its_log_it_cannot_read() -> None:
    ours, theirs = os.openpty()
    script = """
import os
from device.camera import CameraPlan
from device.eye import wall
wall.build(CameraPlan("replay"), wall.WallPlan(), ())
try:
    os.read(2, 1)
except OSError as error:
    os.write(2, f"errno {error.errno}".encode())
"""
    os.write(ours, b"a password\n")
    subprocess.run([sys.executable, "-c", script], stderr=theirs, check=True, env=surroundings())
    told = os.read(ours, 4096)
    os.close(theirs)
    os.close(ours)
    assert f"errno {errno.EBADF}".encode() in told  # what was typed may be echoed after it


def test_a_process_with_a_second_thread_is_not_walled_off_since_that_would_go_free() -> None:
    end = threading.Event()
    second = threading.Thread(target=end.wait)
    second.start()
    try:
        with pytest.raises(WallUnavailable, match="more than one thread"):
            wall.build(CameraPlan("replay"), WallPlan(), ())
    finally:
        end.set()
        second.join()
