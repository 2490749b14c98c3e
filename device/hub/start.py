"""Starting a hub as planned: its listeners, and one process that serves or several with a supervisor."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from device.clock import SystemClock
from device.hub.folder import HubFolder
from device.hub.ingest_folder import check_role
from device.hub.part import Notifier, Part
from device.hub.run_plan import RunPlan
from device.hub.serve import listen, serve


@dataclass(slots=True)
class Listeners:
    """What a hub listens on.

    Attributes:
        gates: where gates come.
        with_tls: those of them that are served over TLS.
        tells: where it tells how it is.
        desk: where people reach its pages.
        people: where phones of people who come reach it.
    """

    gates: list[socket.socket] = field(default_factory=list)
    with_tls: list[socket.socket] = field(default_factory=list)
    tells: list[socket.socket] = field(default_factory=list)
    desk: list[socket.socket] = field(default_factory=list)
    people: list[socket.socket] = field(default_factory=list)

    def close(self) -> None:
        """Close all."""
        for one in (*self.gates, *self.tells, *self.desk, *self.people):
            one.close()


def open_listeners(plan: RunPlan) -> Listeners:
    """Listen where it is planned.

    Raises:
        OSError: that cannot be; its ``filename`` says where, as an option or a key.
    """
    opened = Listeners()
    where = ""
    try:
        for address, tls in plan.doors:
            where = f"--host {address.host} --port {address.port}"
            found = listen(address.host, address.port)
            opened.gates += found
            opened.with_tls += found if tls else []
        if plan.metrics is not None:
            where = f"metrics: {plan.metrics}"
            opened.tells += listen(plan.metrics.host, plan.metrics.port)
        if plan.desk is not None:
            where = f"desk: {plan.desk}"
            opened.desk += listen(plan.desk.host, plan.desk.port)
        if plan.people is not None:
            where = f"people.listen: {plan.people}"
            opened.people += listen(plan.people.host, plan.people.port)
    except OSError as error:
        opened.close()
        raise OSError(error.errno, error.strerror, where) from error
    return opened


def start(folder: HubFolder, plan: RunPlan, listeners: Listeners, ready: Callable[[], None], notifier: Notifier) -> int:
    """Serve until told to end; returns the exit code. Main thread of a process that has no other.

    Args:
        folder: of the hub.
        plan: what is done.
        listeners: from `open_listeners`; closed in the end.
        ready: called when gates may come.
        notifier: told so too, and that it goes on.

    Raises:
        ConfigurationError: the folder is not usable, or is none for the role.
    """
    check_role(folder, plan.role)
    part = Part(tells=listeners.tells, notifier=notifier)
    if plan.workers == 1:
        return _serve(folder, plan, listeners, part, ready)
    return _supervise(folder, plan, listeners, notifier, ready)


def _serve(
    folder: HubFolder, plan: RunPlan, listeners: Listeners, part: Part, ready: Callable[[], None] | None = None
) -> int:
    return serve(
        folder,
        listeners.gates,
        tls=listeners.with_tls,
        ready=ready,
        limits=plan.limits,
        part=part,
        desk=listeners.desk,
        people=listeners.people,
    )


def _supervise(
    folder: HubFolder, plan: RunPlan, listeners: Listeners, notifier: Notifier, ready: Callable[[], None]
) -> int:
    # What workers import is imported before them: they share its memory.
    from device.hub.supervisor import Supervisor  # noqa: PLC0415 - same

    limits = replace(plan.limits, in_all=max(16, plan.limits.in_all // plan.workers))
    shared = replace(plan, limits=limits)
    gates = replace(listeners, tells=[])

    def work(number: int, reports_to: int) -> int:
        return _serve(folder, shared, gates, Part(maintains=number == 0, reports_to=reports_to))

    supervisor = Supervisor(plan.workers, work, listeners.tells, notifier, SystemClock(), ready)
    try:
        return supervisor.run()
    finally:
        listeners.close()
