"""Serving the hub with uvicorn, over TLS or in clear, until SIGTERM (in a child: `device.hub.child_process`)."""

from __future__ import annotations

import errno
import logging
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from device.clock import SystemClock
from device.errors import ConfigurationError
from device.hub.backup import in_use
from device.hub.connections import Limits
from device.hub.damage import DamageSearch, check_at_start
from device.hub.paced_log import PacedLog
from device.hub.part import Part
from device.hub.run_plan import LOOPBACK, PORT
from device.threads import STOP_MOST_S, ServiceThread, Work

if TYPE_CHECKING:
    import uvicorn

    from device.hub.db.database import HubDatabase
    from device.hub.folder import HubFolder
    from device.hub.maintenance import Maintenance
    from device.hub.metrics.numbers import HubNumbers
    from device.hub.server import HubServer

__all__ = ["LOOPBACK", "PORT", "listen", "serve", "within_descriptors"]

_SWITCH_S: Final = 0.001
"""A batch that is read keeps the interpreter for so long; by itself five times that, for each step of a question."""
_BACKLOG: Final = 2_048
_MOST_DESCRIPTORS: Final = 65_536
_OTHER_DESCRIPTORS: Final = 256
"""For the database, bundles that are sent, and whatever else is open."""
log = logging.getLogger(__name__)
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
            listener = socket.create_server(address, family=family, backlog=_BACKLOG)
            # Inherited by every connection. An answer goes out as head and body; without this the body waits for
            # the gate's delayed acknowledgement of the head, 40 ms a request.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # Inherited too. A gate that lost power says nothing: after a minute its connection is gone.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 30)
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10)
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 60_000)
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


def serve(  # noqa: PLR0913 - what is served, and how
    folder: HubFolder,
    listeners: Sequence[socket.socket],
    *,
    tls: Collection[socket.socket] | bool = False,
    ready: Callable[[], None] | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    part: Part = Part(),  # noqa: B008 - frozen
    desk: Sequence[socket.socket] = (),
) -> int:
    """Serve until SIGTERM or Ctrl-C, over TLS with the folder's certificate or in clear. Main thread only.

    Args:
        folder: of the hub.
        listeners: from `listen`; closed in the end.
        tls: whether, or those of *listeners* that are.
        limits: of connections; of all together no more than file descriptors allow.
        ready: called when all that can be wrong with the folder has been looked at, before the first request.
        part: what it does beside that.
        desk: listeners of the pages for people, always over TLS; closed in the end.

    Returns:
        The exit code: 70 (``os.EX_SOFTWARE``) after a defect in what runs beside it, so that it is started anew.

    Raises:
        ConfigurationError: the folder is not usable, or damage was found in the database while it served.
    """
    from device.hub.metrics.numbers import HubNumbers  # noqa: PLC0415 - only who serves needs it
    from device.hub.metrics.standing import Standing  # noqa: PLC0415 - same
    from device.hub.server import HubServer  # noqa: PLC0415 - a gate has no web server installed

    in_clear = [one for one in listeners if not (tls if isinstance(tls, bool) else one in tls)]
    with ExitStack() as held:
        held.callback(_close, (*listeners, *desk, *part.tells))
        held.enter_context(in_use(folder.path, alone=False))
        is_large = folder.database_url() is None and check_at_start(folder.database)
        store = held.enter_context(closing(folder.open_store()))
        maintenance = _maintenance(folder, store, part)
        paced, numbers = PacedLog(SystemClock()), HubNumbers()
        config = _config(folder, store, paced, numbers, tls=len(in_clear) < len(listeners))
        others = _desk_configs(folder, store, paced, desk)
        server = HubServer(config, within_descriptors(limits, _raise_file_limit()), paced, in_clear, others)
        standing = Standing(folder, store, lambda: len(server.table), maintenance, SystemClock())
        numbers.watch(standing)
        search = DamageSearch(folder.database, SystemClock(), partial(_end, server))
        beside: list[tuple[str, Work]] = [] if maintenance is None else [("maintenance", maintenance)]
        beside += [("damage-search", search)] if is_large else []
        beside += _supervision(folder, store, part)
        beside += part.works(numbers.registry, standing, server)
        server.beats = (standing.beat, *(() if part.notifier is None else (part.notifier.alive,)))
        if ready is not None:
            ready()
        if part.notifier is not None:
            part.notifier.ready()
        failed = _serve_beside(server, (*listeners, *desk), beside)
        _log_end(store)
    if search.told:
        raise ConfigurationError(search.told)
    return os.EX_SOFTWARE if failed else os.EX_OK


def _maintenance(folder: HubFolder, store: HubDatabase, part: Part) -> Maintenance | None:
    """Make what keys are missing, and return what looks after them from then on, if this process does."""
    from device.hub.maintenance import Maintenance, make_sealing_keys  # noqa: PLC0415 - only who serves needs it

    if folder.is_ingest:
        return None
    make_sealing_keys(folder.keys, store)
    return Maintenance(folder.keys, store, folder.retention_days, SystemClock()) if part.maintains else None


def _supervision(folder: HubFolder, store: HubDatabase, part: Part) -> list[tuple[str, Work]]:
    """Return what keeps how scanning at each place stands, if this process does."""
    from device.hub.supervision.day_export import DayExport  # noqa: PLC0415 - only who serves needs it
    from device.hub.supervision.upkeep import SupervisionUpkeep  # noqa: PLC0415 - same

    if folder.is_ingest or not part.maintains:
        return []
    export = None if folder.settings is None else folder.settings.export
    also = []
    if export is not None and export.folder is not None:
        also.append(DayExport(store, export.folder, export.time, SystemClock()))
    return [("supervision", SupervisionUpkeep(store, also, SystemClock()))]


def _log_end(store: HubDatabase) -> None:
    writers = store.writers
    log.info(
        "event=hub-ended writes=%d longest_ms=%d longest_wait_ms=%d",
        writers.taken,
        writers.longest_ms,
        writers.longest_wait_ms,
    )


def _serve_beside(server: HubServer, listeners: Sequence[socket.socket], beside: Sequence[tuple[str, Work]]) -> bool:
    """Serve with a thread for each work *beside*; return whether one of them had a defect."""
    failed = threading.Event()

    def fail() -> None:
        failed.set()
        _end(server)

    with ExitStack() as threads:
        for name, work in beside:
            # A key that is being destroyed is destroyed first, however long that takes.
            stop_most_s = None if name == "maintenance" else STOP_MOST_S
            threads.enter_context(ServiceThread(name, work, fail, stop_most_s=stop_most_s))
        _serve_until_told(server, listeners)
    return failed.is_set()


def _config(
    folder: HubFolder, store: HubDatabase, paced: PacedLog, numbers: HubNumbers, *, tls: bool
) -> uvicorn.Config:
    from device.hub.api.app import create_app  # noqa: PLC0415 - a gate has no web server; only who serves needs it
    from device.hub.app_config import app_config  # noqa: PLC0415 - same

    app = create_app(
        store,
        folder.operator_token(),
        folder.public_identity(),
        folder.status_secret,
        folder.bundles(),
        log=paced,
    )
    app.state.numbers = numbers
    return app_config(numbers.counting(app), folder.certificate_files if tls else None, believes_proxy=True)


def _desk_configs(
    folder: HubFolder, store: HubDatabase, paced: PacedLog, listeners: Sequence[socket.socket]
) -> dict[socket.socket, uvicorn.Config]:
    if not listeners:  # it takes memory
        return {}
    from device.hub.web.serving import desk_config  # noqa: PLC0415 - only who serves it needs it

    return dict.fromkeys(listeners, desk_config(folder, store, paced))


def within_descriptors(limits: Limits, files: int) -> Limits:
    """Return *limits* with no more connections than *files* leave when the database and bundles have theirs."""
    in_all = max(16, min(limits.in_all, files - _OTHER_DESCRIPTORS))
    return replace(limits, in_all=in_all, strangers=max(8, min(limits.strangers, in_all // 2)))


def _raise_file_limit() -> int:
    """Raise the limit of open files as far as it goes, and return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = min(hard, _MOST_DESCRIPTORS) if hard != resource.RLIM_INFINITY else _MOST_DESCRIPTORS
    if soft < most:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
            soft = most
        except (OSError, ValueError) as error:  # a sandbox; the unit sets it itself (LimitNOFILE)
            log.warning("event=file-limit-stays files=%d reason=%s", soft, type(error).__name__)
    return soft


def _serve_until_told(server: uvicorn.Server, listeners: Sequence[socket.socket]) -> None:
    def stop(_: int, __: object) -> None:
        _end(server)

    sys.setswitchinterval(_SWITCH_S)
    # The server hands a signal on to whom it found there when it has ended: to us, so that the end is an orderly one.
    before = signal.signal(signal.SIGTERM, stop)
    try:
        with suppress(KeyboardInterrupt):
            server.run(sockets=list(listeners))
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(server: uvicorn.Server) -> None:
    server.should_exit = True


def _close(listeners: Sequence[socket.socket]) -> None:
    for listener in listeners:
        listener.close()
