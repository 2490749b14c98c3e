"""How an eye is started and ended: as a child, and by a unit behind its socket."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from device.app.eye import way_to_start
from device.errors import EyeNotStarted
from device.eye.process import ChildProcess, UnitProcess, connect_to_unit, start_child
from tests.support.children import surroundings
from tests.support.fake_server import PATIENCE_S

SLEEPS = "import os; os.write(0, b'here'); os.read(os.pipe()[0], 1)"
"""It says so, and then ignores everything."""


def child(script: str = SLEEPS) -> ChildProcess:
    started = start_child((sys.executable, "-c", script))
    started.connection.settimeout(PATIENCE_S)
    assert started.connection.recv(4) == b"here"
    return started


def test_a_child_that_ignores_everything_and_one_that_was_stopped_are_ended() -> None:
    for stopped in (False, True):
        one = child(f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPS}")
        if stopped:
            os.kill(one.pid, signal.SIGSTOP)
        assert not one.ended()
        one.kill()
        assert one.ended(PATIENCE_S)
        one.kill()
        one.connection.close()


def test_a_child_has_ended_though_what_it_left_behind_holds_its_connection() -> None:
    forks = "import os; other = os.fork() or os.read(os.pipe()[0], 1); "
    one = child(forks + SLEEPS.replace("b'here'", "b'here%d' % other"))
    left_behind = int(one.connection.recv(20))
    one.kill()
    assert one.ended(PATIENCE_S)
    one.connection.close()
    os.kill(left_behind, signal.SIGKILL)


def test_what_a_child_prints_reaches_a_terminal_in_printable_lines() -> None:
    ours, theirs = os.openpty()
    prints = "import os; os.write(2, b'here \\x1b]52;c;aGk=\\x07' + bytes([0x9b]) + b'2J %d\\n' % os.isatty(2))"
    starts = f"from device.eye.process import start_child; import sys; start_child((sys.executable, '-c', {prints!r}))"
    waits = "; import threading; [t.join(20) for t in threading.enumerate() if t.name == 'eye-prints']"
    subprocess.run([sys.executable, "-c", starts + waits], stderr=theirs, check=True, env=surroundings())
    told = os.read(ours, 4096).decode()
    os.close(theirs)
    os.close(ours)
    assert told.splitlines() == ["here \ufffd]52;c;aGk=\ufffd\ufffd2J 0"]


def test_a_program_that_is_not_there_is_an_eye_that_cannot_be_started() -> None:
    with pytest.raises(EyeNotStarted, match=r"the eye cannot be started \(No such file or directory\)"):
        start_child(("/no/such/python",))


def test_a_new_connection_is_a_new_eye_and_closing_it_is_its_end(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as systemd:
        systemd.bind(str(tmp_path / "socket"))
        systemd.listen()
        for _ in range(2):
            eye = connect_to_unit(tmp_path / "socket")
            at_the_other_end, _ = systemd.accept()
            with at_the_other_end, eye.connection:
                assert not eye.ended()
                eye.kill()
                assert at_the_other_end.recv(1) == b""
                assert not eye.ended(0.01)  # it does not want to
                at_the_other_end.close()
                assert eye.ended(PATIENCE_S)


def test_a_socket_that_is_missing_or_that_nobody_listens_on_is_told_with_what_to_do(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as unheard:
        unheard.bind(str(tmp_path / "unheard"))
        for name in ("none", "unheard"):
            with pytest.raises(EyeNotStarted, match=r"systemctl restart gate-scanner-eye\.socket"):
                connect_to_unit(tmp_path / name)


def test_a_systemd_that_answers_nobody_does_not_hold_the_gate_up(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as systemd:
        systemd.bind(str(tmp_path / "socket"))
        systemd.listen(0)
        first = connect_to_unit(tmp_path / "socket")
        with first.connection, pytest.raises(EyeNotStarted, match="systemd starts no eye"):
            connect_to_unit(tmp_path / "socket")


def test_the_service_is_told_its_way_and_there_is_no_other_when_that_fails(tmp_path: Path) -> None:
    assert way_to_start({}) is start_child
    assert way_to_start({"GATE_EYE_SOCKET": ""}) is start_child
    with pytest.raises(EyeNotStarted):
        way_to_start({"GATE_EYE_SOCKET": str(tmp_path / "none")})()


def test_a_connection_that_is_gone_already_can_be_ended() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    eye = UnitProcess(ours)
    eye.kill()
    assert eye.ended()
    ours.close()
