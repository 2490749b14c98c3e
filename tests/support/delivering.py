"""A delivery and what it shares with its gate, for tests and benches that have no scan loop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

from device.clock import Clock
from device.gate.link_status import LinkReading, LinkStatus
from device.gate.traffic import Traffic
from device.ports import Outbox, Uplink
from device.sync.delivery import Delivery, DeliveryEvents, Pace


class Delivering:
    """A delivery loop, complete; run `delivery` on a thread, or without one."""

    def __init__(
        self,
        open_outbox: Callable[[], AbstractContextManager[Outbox]],
        uplink: Uplink,
        clock: Clock,
        events: DeliveryEvents | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.status, self.traffic, self.new_row = LinkStatus(clock.monotonic_ms()), Traffic(clock), threading.Event()
        self.delivery = Delivery(
            open_outbox,
            uplink,
            clock,
            self.status,
            self.traffic,
            self.new_row,
            events or DeliveryEvents(),
            pace or Pace(),
        )

    @property
    def link(self) -> LinkReading:
        """How it stands with the centre."""
        return self.status.now
