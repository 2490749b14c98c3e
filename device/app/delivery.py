"""Delivery and status lookup of a gate, built from its site file; what a delivery's events mean for the gate."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from device.app.destination import Destination, Hearing, destination_of
from device.clock import Clock, JudgedClock
from device.enrolment import document as enrolment
from device.enrolment.document import Enrolment
from device.gate.link_status import LinkStatus
from device.gate.status_lookup import StatusLookup
from device.gate.traffic import Traffic
from device.model import Receipt
from device.settings.schema import Site, StoreSection
from device.store.high_water_mark import HighWaterMark
from device.store.ledger import SqliteLedger
from device.store.outbox import SqliteOutbox
from device.sync.delivery import Delivery, DeliveryEvents, Pace
from device.sync.refresh import Refresher
from device.uplink.hub import StatusClient

log = logging.getLogger(__name__)


def delivery_of(  # noqa: PLR0913, PLR0917 - what a delivery ties together
    site: Site,
    enrolled: Enrolment,
    ledger: SqliteLedger,
    clock: Clock,
    mark: HighWaterMark,
    link: LinkStatus,
    traffic: Traffic,
    new_row: threading.Event,
    refresher: Refresher | None,
    fail: Callable[[], None],
) -> Delivery | None:
    """Build the delivery loop; ``None`` without anybody to send to. It is not started.

    Args:
        site: the checked site file.
        enrolled: who speaks, and to whom.
        ledger: told when the outbox finds the file damaged.
        clock: the machine's own.
        mark: told the hub's time.
        link: how it stands with the centre.
        traffic: whether a code is in view.
        new_row: set when a check-in was written.
        refresher: hears from each receipt what there is to fetch, and knows the hub's roots.
        fail: ends the service so that systemd starts it anew; any thread.
    """
    roots = None if refresher is None else refresher.known_roots
    hearing = Hearing(lambda: key.day if (key := ledger.sealer.key) else None, mark.told, roots)
    centre = destination_of(site, enrolled, clock, hearing)
    if centre is None:
        return None
    outbox = SqliteOutbox(site.store.folder, damaged=ledger.condemn, places=[site.place])
    events = _Events(site.store, ledger, outbox, JudgedClock(clock, mark), centre, refresher, fail)
    pace = Pace(centre.interval_ms / 1000, centre.most_rows)
    return Delivery(lambda: outbox, centre.uplink, clock, link, traffic, new_row, events, pace)


@dataclass(frozen=True, slots=True)
class _Events(DeliveryEvents):
    """What a delivery's events mean for the gate."""

    store: StoreSection
    ledger: SqliteLedger
    outbox: SqliteOutbox
    clock: JudgedClock
    centre: Destination
    refresher: Refresher | None
    fail: Callable[[], None]

    def receipt(self, receipt: Receipt) -> None:
        if self.refresher is not None:
            self.refresher.heard(receipt.etag)

    def forked(self, epoch: str) -> None:
        self.ledger.condemn(epoch, "its rows do not follow those of the hub: an old image, a copy, or a changed card")

    def revoked(self, statement: bytes) -> None:
        try:
            enrolment.note_revoked(self.store.folder, statement)
        except OSError as error:
            log.error("event=revocation-not-kept reason=%r", error.strerror)  # noqa: TRY400 - it says all
        self.fail()  # started anew, it shows REVOKED and records nobody

    def idle(self) -> bool:
        return self.outbox.tidy(self.store.keep_delivered_ms, self.clock.reading())

    def greet(self) -> None:
        if self.centre.greet is not None:
            self.centre.greet()


def status_lookup_of(site: Site, enrolled: Enrolment, clock: Clock, opened: ExitStack) -> StatusLookup | None:
    """Build what asks the hub about visitors, on a connection of its own; ``None`` without a hub.

    Args:
        site: the checked site file.
        enrolled: who asks, and whom.
        clock: for deadlines and ages.
        opened: ends a running question when it is closed.
    """
    if site.hub is None:
        return None
    source = StatusClient(site.hub.url, enrolled, clock, ca_file=site.hub.ca_file)
    opened.callback(source.close)
    return StatusLookup(source, clock)
