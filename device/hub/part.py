"""What a process of a hub does beside serving: whether it looks after keys, and whom it tells how it is."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from device.clock import SystemClock
from device.threads import Work

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from device.hub.metrics.standing import Standing
    from device.hub.server import HubServer


class Notifier(Protocol):
    """Who started the process, and is told how far it is (systemd)."""

    def ready(self) -> None:
        """Take note that it serves."""
        ...

    def alive(self) -> None:
        """Take note that it turns."""
        ...

    def stopping(self) -> None:
        """Take note that it ends on purpose."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """What a process does beside serving.

    Attributes:
        maintains: makes and destroys keys, where there are any; of several processes one does.
        tells: listeners on which it tells how it is (`device.hub.metrics`); closed in the end.
        reports_to: a pipe on which it tells its supervisor.
        notifier: told that it is ready, and that it turns.
    """

    maintains: bool = True
    tells: Sequence[socket.socket] = ()
    reports_to: int | None = None
    notifier: Notifier | None = None

    def works(self, registry: CollectorRegistry, standing: Standing, server: HubServer) -> list[tuple[str, Work]]:
        """Return what tells how the process is, each to run on a thread of its name."""
        from device.hub.metrics.pages import pages  # noqa: PLC0415 - only who serves needs it
        from device.hub.metrics.reporting import Reporter  # noqa: PLC0415 - same
        from device.hub.metrics.telling import Telling  # noqa: PLC0415 - same

        def orphaned() -> None:
            server.should_exit = True

        works: list[tuple[str, Work]] = []
        if self.tells:
            answers = pages(registry, lambda: standing.is_alive, standing.reason)
            works.append(("telling", Telling(self.tells, answers, SystemClock())))
        if self.reports_to is not None:
            works.append(("reporting", Reporter(self.reports_to, registry, standing, orphaned, SystemClock())))
        return works
