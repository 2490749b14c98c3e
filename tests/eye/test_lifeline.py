"""The pipe by which the kernel ends an eye that does not want to end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from device.eye.engine_marker import new_marker
from device.eye.lifeline import new_lifeline
from device.eye.settings import EyeSettings
from tests.support.children import CHECKOUT, surroundings
from tests.support.fake_server import PATIENCE_S
from tests.support.hostile_eye import picture

STAYS = f"""
import fcntl, os, signal, sys, threading
sys.path.append({str(CHECKOUT)!r})
from device.eye import child

def tried(use, *arguments):
    try:
        use(*arguments)
    except OSError:
        return "refused"
    return "done"

class Stays:
    name = "zbar"

    def read(self, luma):
        from device.decoder.engines import Zbar
        found = Zbar().read(luma)
        if found.symbols:
            return found  # the self-test
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        lifeline = next(fd for fd in range(3, 20) if is_pipe(fd))
        threading.Thread(target=os.read, args=(lifeline, 1), daemon=True).start()
        told = [tried(os.close, lifeline), tried(os.dup2, 2, lifeline), tried(fcntl.fcntl, lifeline, fcntl.F_SETFL, 0)]
        told += [tried(fcntl.fcntl, os.dup(lifeline), command, 0) for command in (fcntl.F_SETOWN, 10, fcntl.F_SETFL)]
        os.dup2(os.pipe()[0], 0)  # the gate takes it for ended, and no thread of its own notices
        os.write(2, (" ".join(told) + chr(10)).encode())
        while True:
            threading.Event().wait(1)

def is_pipe(fd):
    try:
        return os.fstat(fd).st_mode & 0o170000 == 0o010000
    except OSError:
        return False

sys.exit(child.main((("zbar", Stays),)))
"""
"""Code in a decoder that closes the connection, and stays with the camera."""


def test_code_in_the_eye_that_closes_the_connection_and_stays_is_killed_when_the_gate_lets_go(tmp_path: Path) -> None:
    marker, (ours, theirs), (eyes_end, gates_end) = new_marker(), socket.socketpair(), new_lifeline()
    settings = EyeSettings(picture(tmp_path))
    with subprocess.Popen(
        [sys.executable, "-P", "-c", STAYS], stdin=theirs.fileno(), stderr=subprocess.PIPE, env=surroundings()
    ) as eye:
        theirs.close()
        socket.send_fds(ours, [f"{settings.to_json()}\n\n".encode()], [marker, eyes_end])
        os.close(eyes_end)
        assert eye.stderr is not None
        told = next(line for line in eye.stderr if line.startswith((b"refused", b"done")))
        assert told.split() == [b"refused"] * 6
        with pytest.raises(subprocess.TimeoutExpired):
            eye.wait(3)  # nothing of its own ends it
        os.close(gates_end)
        assert eye.wait(PATIENCE_S) == -signal.SIGKILL
        ours.close()
    os.close(marker)
