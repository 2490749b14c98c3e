"""The hub in a child process on a loopback port, for the demo and for tests."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final, Self

from device.clock import Clock, SystemClock
from device.errors import HubUnreachable
from device.hub.serve import LOOPBACK, listen, serve

_READY_MOST_S: Final = 20.0
_STOP_MOST_S: Final = 5.0
DESK_PORT: Final = 8443
"""Where its pages are, unless somebody else is there."""


class HubProcess:
    """The hub of *folder* in a child process, on one loopback port for as long as this object lives.

    Stopping it and starting it again is how the demo takes the network away. The child ends with its
    parent, however that one ends.

    Args:
        folder: of the hub.
        clock: for waiting until it answers.
        port: a free one is looked for when it is 0.
        tls: serve with the folder's certificate.
        desk: open its pages for people too.

    Attributes:
        port: where gates come.
        desk_port: where people come; ``None``: nowhere.
    """

    def __init__(
        self, folder: Path, clock: Clock | None = None, port: int = 0, *, tls: bool = False, desk: bool = False
    ) -> None:
        self._folder = folder
        self._clock = clock or SystemClock()
        self.port = port or _free_port()
        self.desk_port = _free_port(DESK_PORT) if desk else None
        self._tls = tls
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"{'https' if self._tls else 'http'}://{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int | None:
        """Process id; ``None`` while it is stopped."""
        return None if self._child is None else self._child.pid

    def start(self) -> None:
        """Start it and wait until it answers; does nothing when it runs.

        Raises:
            HubUnreachable: it ended, or did not answer in time.
        """
        if self._child is not None:
            return
        # -P: what lies in the current folder is never imported in place of ours.
        command = [
            sys.executable,
            "-P",
            "-m",
            "device.hub.child_process",
            str(self._folder),
            str(self.port),
            *["tls"][: self._tls],
            *([] if self.desk_port is None else [f"desk={self.desk_port}"]),
        ]
        where = str(Path(__file__).parents[2])
        environment = os.environ | {"PYTHONPATH": where}
        # Its input is a pipe that closes when this process dies: that is how the child learns of it.
        self._child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=environment
        )
        try:
            self._wait_until_it_answers(self._child)
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """End it in order; requests come back with "connection refused" from now on."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _end(self, number: signal.Signals) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.send_signal(number)
        try:
            child.wait(_STOP_MOST_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        assert child.stdin is not None
        child.stdin.close()

    def _wait_until_it_answers(self, child: subprocess.Popen[bytes]) -> None:
        pause = threading.Event()
        give_up_s = self._clock.monotonic_s() + _READY_MOST_S
        while self._clock.monotonic_s() < give_up_s:
            if child.poll() is not None:
                raise HubUnreachable(f"the hub ended with code {child.returncode} while it started")
            if _answers(self.port, tls=self._tls):
                return
            self._clock.wait(pause, 0.05)
        raise HubUnreachable(f"the hub did not answer within {_READY_MOST_S:g} s")


def _unverified() -> ssl.SSLContext:
    """Trust nobody: it is only asked whether our own child answers."""
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    return trust


def _answers(port: int, *, tls: bool) -> bool:
    connection = (
        http.client.HTTPSConnection(LOOPBACK, port, timeout=2.0, context=_unverified())
        if tls
        else http.client.HTTPConnection(LOOPBACK, port, timeout=2.0)
    )
    try:
        connection.request("GET", "/v1/health")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _free_port(liked: int = 0) -> int:
    """Return a port that nobody listens on: *liked* where it is one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, liked))
        except OSError:
            return _free_port()
        port: int = probe.getsockname()[1]
        return port


def _end_with_parent() -> None:
    # Not through sys.stdin: the interpreter cannot end in order while a thread waits in its buffer.
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    from device.hub.folder import HubFolder

    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    hub = HubFolder(Path(sys.argv[1]), SystemClock())
    options = sys.argv[3:]
    desk = [one for word in options if word.startswith("desk=") for one in listen(LOOPBACK, int(word[5:]))]
    sys.exit(serve(hub, listen(LOOPBACK, int(sys.argv[2])), tls="tls" in options, desk=desk))
