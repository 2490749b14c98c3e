"""The delivery loop: what lies in the outbox goes to the centre, in order, until it is settled there.

It never touches the scan path: its own thread, its own connection to the ledger, and it steps aside
while a code is in view. Nothing it meets ends it: a bad line makes it wait and send less at a time, a
hub that refuses makes it wait, a row the centre cannot take is parked so that the ones behind it go on.
Only a defect ends the thread, and with it the service (`device.threads`), for a gate that cannot deliver must not
look well.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final

from device.clock import Clock
from device.errors import HubNonsense, HubRefused, HubRevoked, HubUnreachable, LedgerUnavailable, UplinkError, WireError
from device.gate.link_status import LinkState, LinkStatus
from device.gate.traffic import Traffic
from device.model import Batch, Receipt
from device.ports import Outbox, Uplink
from device.uplink.retry import BackOff, RetryAction, retry_action_of
from device.wire.checkins import BATCH_MOST_BYTES, BATCH_MOST_ROWS, KEPT_APART

ROWS_ON_A_BAD_LINE: Final = 50
GREET_EVERY_S: Final = 6 * 3600.0

log = logging.getLogger(__name__)


class DeliveryEvents:
    """What happens in a delivery; each method is called on its thread, does nothing, and may be overridden."""

    def receipt(self, receipt: Receipt) -> None:
        """Hear that the centre has answered; returns at once."""

    def forked(self, epoch: str) -> None:
        """Hear the epoch of a ledger whose chain is not the one that the centre has.

        It has other rows under the same numbers (an old image of the card was put back, or the card was copied), or
        a row does not follow those it has. The rows are settled by then.
        """

    def revoked(self, statement: bytes) -> None:
        """Hear, once, that the hub has withdrawn this gate, with the signed statement; nothing more is sent."""

    def idle(self) -> bool:
        """Do a little upkeep of the outbox, since nothing is to be sent; return whether there is more to do."""
        return False

    def greet(self) -> None:
        """Make yourself heard at the centre, and hear its time, since there was no receipt for hours.

        Raises `UplinkError`.
        """


@dataclass(frozen=True, slots=True)
class Pace:
    """How often and how much is sent.

    Attributes:
        interval_s: how often an empty queue is looked at, when no new row wakes the loop.
        most_rows: most rows of one batch on a good line.
        chance: see `BackOff`.
    """

    interval_s: float = 30.0
    most_rows: int = BATCH_MOST_ROWS
    chance: Callable[[], float] = random.random


class Delivery:
    """The loop; given to a `device.threads.ServiceThread`.

    Args:
        open_outbox: opens the outbox; called on the delivery thread, which also leaves it. Called
            again after the ledger failed.
        uplink: where batches go; closed by `close`, so that stopping need not wait for a request.
        clock: for every wait.
        link: how it stands with the centre; written here.
        traffic: whether a code is in view.
        new_row: set by whoever has written a check-in; cleared here.
        events: told what happens.
        pace: how often and how much is sent.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - where from, where to, what is shared with the gate, and how
        self,
        open_outbox: Callable[[], AbstractContextManager[Outbox]],
        uplink: Uplink,
        clock: Clock,
        link: LinkStatus,
        traffic: Traffic,
        new_row: threading.Event,
        events: DeliveryEvents = DeliveryEvents(),  # noqa: B008 - it has no state
        pace: Pace = Pace(),
    ) -> None:
        self._open_outbox = open_outbox
        self._uplink = uplink
        self._clock = clock
        self._link = link
        self._traffic = traffic
        self._new_row = new_row
        self._events = events
        self._interval_s = pace.interval_s
        self._greet_at_s = clock.monotonic_s()
        self._greet_back_off = BackOff(pace.chance)
        self._back_off = BackOff(pace.chance)
        self._largest = min(pace.most_rows, BATCH_MOST_ROWS)
        self._most_rows = self._largest
        self._behind = 0
        self._stop = threading.Event()

    def close(self) -> None:
        """End the loop, also in the middle of a request; any thread."""
        self._stop.set()
        self._new_row.set()
        self._uplink.close()

    def run(self) -> None:
        """Deliver until closed, or withdrawn by the hub; what it raises is a defect."""
        while not self._stop.is_set():
            self._with_an_outbox()

    def _with_an_outbox(self) -> None:
        try:
            with self._open_outbox() as outbox:
                while not self._stop.is_set():
                    self._turn(outbox)
        except LedgerUnavailable as error:
            if self._link.now.error != "ledger":
                log.warning("event=outbox-unavailable reason=%r", str(error))
            self._link.become(self._link.now.state, self._now_ms(), "ledger")
            self._clock.wait(self._stop, self._back_off.next_s())

    def _turn(self, outbox: Outbox) -> None:
        """Send one batch, or wait for something to send."""
        self._new_row.clear()
        self._traffic.step_aside(self._stop)
        batch = outbox.next_batch(self._most_rows, BATCH_MOST_BYTES)
        if batch is None:
            if not self._stop.is_set() and not self._events.idle():
                self._greet_if_due()
                self._clock.wait(self._new_row, self._interval_s)
            return
        try:
            receipt = self._uplink.deliver(batch)
            if receipt.cursor >= batch.rows[0].seq:
                outbox.settle(batch, receipt)
            elif receipt.cursor:  # at 0 it never knew this ledger: another hub, whose concern the old rows are not
                outbox.rewind(batch, receipt.cursor)
        except (UplinkError, WireError) as error:
            pause_s = self._failed(outbox, batch, error)
        else:
            pause_s = self._settled(batch, receipt)
        if pause_s > 0:
            self._clock.wait(self._stop, pause_s)

    def _settled(self, batch: Batch, receipt: Receipt) -> float:
        """Note a receipt; return the pause before the next batch."""
        behind = receipt.cursor < batch.rows[0].seq
        self._behind = self._behind + 1 if behind else 0
        if self._behind > 1:
            self._become(LinkState.REFUSED, "behind", f"it stays at row {receipt.cursor}")
        else:
            self._become(LinkState.ONLINE, None)
        self._heard()
        self._link.settled(self._now_ms())
        self._events.receipt(receipt)
        for seq, reason in receipt.parked:
            log.warning("event=parked seq=%d reason=%s", seq, reason)
        if any(reason in KEPT_APART for _, reason in receipt.parked):
            self._events.forked(batch.epoch)
        if behind:
            # The centre lacks rows before this batch (it was restored from a backup) and says so once. Those that
            # are still here come first after a pause; of the others the gap stays on record there. One that says it
            # again and again takes nothing: that is shown.
            log.warning("event=centre-behind cursor=%d first=%d", receipt.cursor, batch.rows[0].seq)
            return self._back_off.next_s()
        log.debug("event=delivered rows=%d cursor=%d", len(batch.rows), receipt.cursor)
        self._back_off.reset()
        self._most_rows = min(self._largest, self._most_rows * 2)
        return 0.0

    def _failed(self, outbox: Outbox, batch: Batch, error: UplinkError | WireError) -> float:
        """Decide the action of a batch that was not settled; return the pause before the next try."""
        if self._stop.is_set():
            return 0.0  # the request was ended by us, which says nothing about the link
        if isinstance(error, HubRevoked):
            self._end_revoked(error)
            return 0.0
        if not isinstance(error, HubRefused):
            if isinstance(error, HubUnreachable):
                self._most_rows = min(self._most_rows, ROWS_ON_A_BAD_LINE)
            self._become(LinkState.OFFLINE, _slug(error), str(error))
            return self._back_off.after(error)
        action = retry_action_of(error.status)
        if action is RetryAction.SPLIT and len(batch.rows) > 1:
            self._most_rows = max(1, len(batch.rows) // 4)
            return 0.0
        if action is RetryAction.SPLIT:
            # The pause below keeps a hub that refuses everything from parking a whole ledger.
            seq = batch.rows[0].seq
            outbox.settle(batch, Receipt(seq, ((seq, _slug(error)),)))
            log.warning("event=parked seq=%d reason=%s", seq, _slug(error))
        self._become(LinkState.OFFLINE if action is RetryAction.WAIT else LinkState.REFUSED, _slug(error), str(error))
        return self._back_off.after(error)

    def _greet_if_due(self) -> None:
        """Greet the centre when it was not heard for long; a failure says nothing while there is nothing to send."""
        if self._clock.monotonic_s() < self._greet_at_s:
            return
        try:
            self._events.greet()
        except HubRevoked as error:
            self._end_revoked(error)
        except UplinkError:
            self._greet_at_s = self._clock.monotonic_s() + self._greet_back_off.next_s()
        else:
            self._heard()

    def _heard(self) -> None:
        self._greet_at_s = self._clock.monotonic_s() + GREET_EVERY_S
        self._greet_back_off.reset()

    def _end_revoked(self, error: HubRevoked) -> None:
        self._become(LinkState.REVOKED, "revoked", str(error))
        self._stop.set()
        self._events.revoked(error.statement)

    def _become(self, state: LinkState, error: str | None, reason: str = "") -> None:
        """Change the link; a line in the log only when the state is another."""
        if self._link.become(state, self._now_ms(), error):
            level = logging.INFO if state is LinkState.ONLINE else logging.WARNING
            log.log(level, "event=link state=%s action=%s reason=%r", state, error or "none", reason)

    def _now_ms(self) -> int:
        return self._clock.monotonic_ms()


def _slug(error: UplinkError | WireError) -> str:
    match error:
        case HubRefused():
            return f"status-{error.status}"
        case HubUnreachable():
            return "unreachable"
        case HubNonsense() | WireError():
            return "nonsense"
        case _:
            return "uplink"
