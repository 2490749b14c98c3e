"""Serving the hub with uvicorn, over TLS or in clear, until SIGTERM (in a child: `device.hub.child_process`)."""

from __future__ import annotations

import errno
import os
import signal
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from device.clock import SystemClock
from device.errors import ConfigurationError
from device.threads import ServiceThread

if TYPE_CHECKING:
    import uvicorn

    from device.hub.db.database import HubDatabase
    from device.hub.folder import HubFolder

LOOPBACK: Final = "127.0.0.1"
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
    ready: Callable[[], None] | None = None,
) -> int:
    """Serve until SIGTERM or Ctrl-C, over TLS with the folder's certificate or in clear. Main thread only.

    Args:
        folder: of the hub.
        listeners: from `listen`; closed in the end.
        tls: whether.
        ready: called when all that can be wrong with the folder has been looked at, before the first request.

    Returns:
        The exit code: 70 (``os.EX_SOFTWARE``) after a defect in what runs beside it, so that it is started anew.

    Raises:
        ConfigurationError: the folder is not usable.
    """
    import uvicorn  # noqa: PLC0415 - a gate has no web server installed; only who serves needs it

    from device.hub.maintenance import Maintenance, make_sealing_keys  # noqa: PLC0415 - same

    try:
        store = folder.open_store()
        maintenance = Maintenance(folder.keys, store, folder.retention_days, SystemClock())
        try:
            make_sealing_keys(folder.keys, store)
            config = _config(folder, store, tls=tls)
            if ready is not None:
                ready()
            server, failed = uvicorn.Server(config), threading.Event()

            def fail() -> None:
                failed.set()
                server.should_exit = True

            with ServiceThread("maintenance", maintenance, fail, stop_most_s=None):
                _serve_until_told(server, listeners)
        finally:
            store.close()
    finally:
        _close(listeners)
    return os.EX_SOFTWARE if failed.is_set() else os.EX_OK


def _config(folder: HubFolder, store: HubDatabase, *, tls: bool) -> uvicorn.Config:
    import uvicorn  # noqa: PLC0415 - a gate has no web server installed; only who serves needs it

    from device.hub.api.app import create_app  # noqa: PLC0415 - same

    certificate, key = folder.certificate_files if tls else (None, None)
    config = uvicorn.Config(
        create_app(store, folder.operator_token(), folder.public_identity(), folder.status_secret, folder.bundles()),
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
    return config


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
