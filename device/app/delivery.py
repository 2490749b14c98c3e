"""Builds what speaks with the hub, when the site file names one: the delivery, and the questions about visitors."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack

from device.app.destination import Hearing, destination_of
from device.clock import Clock
from device.enrolment import document as enrolment
from device.enrolment.document import Enrolment
from device.gate.scan import Gate, busy
from device.gate.status_lookup import StatusLookup
from device.settings.schema import Site
from device.store.high_water_mark import HighWaterMark
from device.store.ledger import SqliteLedger
from device.store.outbox import SqliteOutbox
from device.sync.delivery import Delivery
from device.sync.refresh import Refresher
from device.uplink.hub import StatusClient
from device.uplink.retry import LinkState

log = logging.getLogger("gate.app")


def _unheard(_mark: str) -> None:
    pass


def delivery_of(  # noqa: PLR0913, PLR0917 - what a delivery ties together
    site: Site,
    enrolled: Enrolment,
    gate: Gate,
    ledger: SqliteLedger,
    mark: HighWaterMark,
    fail: Callable[[], None],
    refresher: Refresher | None = None,
) -> Delivery | None:
    """Build the sync thread's loop and tie it to the gate; ``None`` without anybody to send to. It is not started.

    Args:
        site: the checked site file.
        enrolled: who speaks, and to whom.
        gate: whose check-ins are delivered.
        ledger: told when the outbox finds the file damaged.
        mark: told the hub's time.
        fail: ends the service so that systemd starts it anew; any thread.
        refresher: hears from each receipt what there is to fetch, and knows the hub's roots.
    """
    store, clock = site.store, gate.clock
    roots = None if refresher is None else refresher.known_roots
    hearing = Hearing(lambda: key.day if (key := ledger.sealer.key) else None, mark.told, roots)
    centre = destination_of(site, enrolled, clock, hearing)
    if centre is None:
        return None

    def defect(_error: Exception) -> None:
        fail()  # a gate that cannot deliver must not look well

    def revoked(statement: bytes) -> None:
        try:
            enrolment.note_revoked(store.folder, statement)
        except OSError as error:
            log.error("revoked, which cannot be kept reason=%s", error.strerror)  # noqa: TRY400 - it says all
        fail()  # started anew, it shows REVOKED and records nobody

    def forked(epoch: str) -> None:
        ledger.condemn(epoch, "the hub has other rows of these numbers: an old image, or a copy, of this card")

    outbox = SqliteOutbox(store.folder, damaged=ledger.condemn)
    delivery = Delivery(
        lambda: outbox,
        centre.uplink,
        clock,
        report=defect,
        revoked=revoked,
        forked=forked,
        abort=centre.uplink.close,
        interval_s=centre.interval_ms / 1000,
        yield_while=lambda: busy(gate, clock.monotonic_ms()),
        most_rows=centre.most_rows,
        marked=_unheard if refresher is None else refresher.heard,
        tidy=lambda: outbox.tidy(store.keep_delivered_ms, mark.judged(clock.reading())),
        greet=centre.greet,
    )
    gate.offline = lambda: delivery.link.state in {LinkState.OFFLINE, LinkState.REFUSED}
    gate.recorded = delivery.wake
    return delivery


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
    desk = StatusClient(site.hub.url, enrolled, clock, ca_file=site.hub.ca_file)
    opened.callback(desk.close)
    return StatusLookup(desk, clock)
