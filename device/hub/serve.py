"""Running the hub: in this process, or as a child on a loopback port for the demo and for tests."""

from __future__ import annotations

import errno
import http.client
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from device.clock import Clock, SystemClock
from device.errors import ConfigurationError, HubUnreachable

if TYPE_CHECKING:
    import uvicorn

    from device.hub.folder import HubFolder

LOOPBACK: Final = "127.0.0.1"
_READY_MOST_S: Final = 20.0
_STOP_MOST_S: Final = 5.0
_NO_SUCH_FAMILY: Final = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)


def listen(host: str, port: int) -> list[socket.socket]:
    """Listen on every address of *host*; the caller hands them to `serve` or closes them.

    Raises:
        OSError: there is no such host, the port is taken, or it may not be used; its ``strerror`` says which.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except UnicodeError:
        raise OSError(errno.EINVAL, "not a host name") from None
    listeners: list[socket.socket] = []
    missing: OSError | None = None
    for family, address in dict.fromkeys((family, address) for family, _, _, _, address in found):
        try:
            listener = socket.create_server(address, family=family)
            # Inherited by every connection. An answer goes out as head and body; without this the body waits for
            # the gate's delayed acknowledgement of the head, 40 ms a request.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            listeners.append(listener)
        except OSError as error:
            if error.errno in _NO_SUCH_FAMILY:  # "localhost" on a machine without IPv6
                missing = error
                continue
            _close(listeners)
            raise OSError(error.errno, os.strerror(error.errno or 0)) from error
    if not listeners:
        number = missing.errno if missing else errno.EADDRNOTAVAIL
        raise OSError(number, os.strerror(number or 0))
    return listeners


def serve(
    folder: HubFolder,
    listeners: Sequence[socket.socket],
    *,
    tls: bool = False,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve until SIGTERM or Ctrl-C, over TLS with the folder's certificate or in clear. Main thread only.

    Args:
        folder: of the hub.
        listeners: from `listen`; closed in the end.
        tls: whether.
        ready: called when all that can be wrong with the folder has been looked at, before the first request.

    Raises:
        ConfigurationError: the folder is not usable.
    """
    import uvicorn  # noqa: PLC0415 - a gate has no web server installed; only who serves needs it

    from device.hub.api.app import create_app  # noqa: PLC0415 - same
    from device.hub.maintenance import Maintenance, make_sealing_keys  # noqa: PLC0415 - same

    certificate, key = folder.certificate_files if tls else (None, None)
    try:
        store = folder.open_store()
        maintenance = Maintenance(folder.keys, store, folder.retention_days, SystemClock())
        try:
            make_sealing_keys(folder.keys, store)
            config = uvicorn.Config(
                create_app(
                    store, folder.operator_token(), folder.public_identity(), folder.status_secret, folder.bundles()
                ),
                lifespan="off",
                access_log=False,
                log_level="warning",
                server_header=False,
                ssl_certfile=certificate,
                ssl_keyfile=key,
                timeout_graceful_shutdown=1,
            )
            try:
                config.load()
            except OSError as error:
                raise ConfigurationError(f"{key}: cannot be served with; restore a backup") from error
            ready()
            maintenance.start()
            _serve_until_told(uvicorn.Server(config), listeners)
        finally:
            maintenance.stop()
            store.close()
    finally:
        _close(listeners)


def _serve_until_told(server: uvicorn.Server, listeners: Sequence[socket.socket]) -> None:
    def stop(_: int, __: object) -> None:
        server.should_exit = True

    # The server hands a signal on to whom it found there when it has ended: to us, so that the end is an orderly one.
    before = signal.signal(signal.SIGTERM, stop)
    try:
        with suppress(KeyboardInterrupt):
            server.run(sockets=list(listeners))
    finally:
        signal.signal(signal.SIGTERM, before)


def _close(listeners: Sequence[socket.socket]) -> None:
    for listener in listeners:
        listener.close()


class HubProcess:
    """The hub of *folder* in a child process, on one loopback port for as long as this object lives.

    Stopping it and starting it again is how the demo takes the network away. The child ends with its
    parent, however that one ends.

    Args:
        folder: of the hub.
        clock: for waiting until it answers.
        port: a free one is looked for when it is 0.
        tls: serve with the folder's certificate.
    """

    def __init__(self, folder: Path, clock: Clock | None = None, port: int = 0, *, tls: bool = False) -> None:
        self._folder = folder
        self._clock = clock or SystemClock()
        self.port = port or _free_port()
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
            "device.hub.serve",
            str(self._folder),
            str(self.port),
            *["tls"][: self._tls],
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

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
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
    serve(HubFolder(Path(sys.argv[1]), SystemClock()), listen(LOOPBACK, int(sys.argv[2])), tls="tls" in sys.argv[3:])
