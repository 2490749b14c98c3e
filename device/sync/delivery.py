"""The delivery loop: what lies in the outbox goes to the centre, in order, until it is settled there.

It never touches the scan path: its own thread, its own connection to the ledger, and it steps aside
while a code is in view. Nothing it meets ends it: a bad line makes it wait and send less at a time, a
hub that refuses makes it wait, a row the centre cannot take is parked so that the ones behind it go on.
Only a defect ends the thread, and that is reported, for a gate that cannot deliver must not look well.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final

from device.clock import Clock
from device.errors import HubNonsense, HubRefused, HubRevoked, HubUnreachable, LedgerUnavailable, UplinkError, WireError
from device.model import Batch, Receipt
from device.ports import Outbox, Uplink
from device.uplink.retry import BackOff, LinkState, LinkStatus, RetryAction, retry_action_of
from device.wire.checkins import BATCH_MOST_BYTES, BATCH_MOST_ROWS, FORK

ROWS_ON_A_BAD_LINE: Final = 50
GREET_EVERY_S: Final = 6 * 3600.0
_YIELD_STEP_S: Final = 0.05
_YIELD_MOST_S: Final = 2.0
"""A code held up for longer (a poster in view) does not stop delivery altogether."""

_log = logging.getLogger(__name__)


def _nothing() -> None:
    pass


def _unheard(_: bytes) -> None:
    pass


def _unforked(_: str) -> None:
    pass


def _no_mark(_: str) -> None:
    pass


def _never() -> bool:
    return False


class Delivery:
    """The loop and its thread.

    Args:
        open_outbox: opens the outbox; called on the delivery thread, which also leaves it. Called
            again after the ledger failed.
        uplink: where batches go.
        clock: for every wait.
        report: told once of an exception nobody foresaw, on the delivery thread, which then ends:
            the app takes the process down.
        revoked: told once when the hub has withdrawn this gate, with the signed statement, on the delivery
            thread, which then ends: nothing more is sent.
        forked: told the epoch of a ledger of which the centre has other rows under the same numbers (an old image of
            the card was put back, or the card was copied); its rows are settled by then.
        abort: ends a running request of *uplink* (its ``close``), so that stopping need not wait for it.
        interval_s: how often an empty queue is looked at, when nobody calls `wake`.
        most_rows: most rows of one batch on a good line.
        yield_while: whether a code is in view.
        marked: told of each receipt's ETag (`Receipt.etag`), on the delivery thread; returns at once.
        tidy: does a little upkeep of the outbox, when nothing is to be sent; ``True`` when there is more to do.
        greet: makes itself heard at the centre and hears its time, when there was no receipt for hours. Raises
            `UplinkError`.
        chance: see `BackOff`.
    """

    def __init__(  # noqa: PLR0913 - the parts of the loop, each a seam
        self,
        open_outbox: Callable[[], AbstractContextManager[Outbox]],
        uplink: Uplink,
        clock: Clock,
        *,
        report: Callable[[Exception], None],
        revoked: Callable[[bytes], None] = _unheard,
        forked: Callable[[str], object] = _unforked,
        abort: Callable[[], None] = _nothing,
        interval_s: float = 30.0,
        most_rows: int = BATCH_MOST_ROWS,
        yield_while: Callable[[], bool] = _never,
        marked: Callable[[str], None] = _no_mark,
        tidy: Callable[[], bool] = _never,
        greet: Callable[[], None] = _nothing,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._open_outbox = open_outbox
        self._uplink = uplink
        self._clock = clock
        self._report = report
        self._revoked = revoked
        self._forked = forked
        self._abort = abort
        self._interval_s = interval_s
        self._yield_while = yield_while
        self._marked = marked
        self._tidy = tidy
        self._greet = greet
        self._greet_at_s = clock.monotonic_s()
        self._greet_back_off = BackOff(chance)
        self._back_off = BackOff(chance)
        self._largest = min(most_rows, BATCH_MOST_ROWS)
        self._most_rows = self._largest
        self._link = LinkStatus(LinkState.UNTRIED, self._now_ms())
        self._settled_ms: int | None = None
        self._behind = 0
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def link(self) -> LinkStatus:
        """How it stands with the centre; any thread."""
        return self._link

    @property
    def settled_ms(self) -> int | None:
        """Monotonic time of the last receipt; ``None`` when there was none since the start. Any thread."""
        return self._settled_ms

    def start(self) -> None:
        """Start the thread. It is a daemon: a look-up that hangs must not hold the process."""
        self._thread = threading.Thread(target=self.run, name="sync", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Tell that there is a new check-in; returns at once; any thread."""
        self._wake.set()

    def stop(self, timeout_s: float = 2.0) -> bool:
        """End the loop, also in the middle of a request; ``True`` when the thread has ended."""
        self._stop.set()
        self._wake.set()
        self._abort()
        if self._thread is None:
            return True
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def run(self) -> None:
        """Deliver until stopped. Never raises."""
        try:
            while not self._stop.is_set():
                self._with_an_outbox()
        except Exception as error:  # noqa: BLE001 - a defect; the app decides what to do with it
            _log.error("event=delivery-ended error=%s", type(error).__name__)
            self._report(error)

    def _with_an_outbox(self) -> None:
        try:
            with self._open_outbox() as outbox:
                while not self._stop.is_set():
                    self._turn(outbox)
        except LedgerUnavailable as error:
            if self._link.error != "ledger":
                _log.warning("event=outbox-unavailable why=%r", str(error))
            self._link = LinkStatus(self._link.state, self._link.since_ms, "ledger")
            self._clock.wait(self._stop, self._back_off.next_s())

    def _turn(self, outbox: Outbox) -> None:
        """Send one batch, or wait for something to send."""
        self._wake.clear()
        self._step_aside()
        batch = outbox.next_batch(self._most_rows, BATCH_MOST_BYTES)
        if batch is None:
            if not self._stop.is_set() and not self._tidy():
                self._greet_if_due()
                self._clock.wait(self._wake, self._interval_s)
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

    def _step_aside(self) -> None:
        waited_s = 0.0
        while waited_s < _YIELD_MOST_S and self._yield_while() and not self._stop.is_set():
            self._clock.wait(self._stop, _YIELD_STEP_S)
            waited_s += _YIELD_STEP_S

    def _settled(self, batch: Batch, receipt: Receipt) -> float:
        """Note a receipt; return the pause before the next batch."""
        behind = receipt.cursor < batch.rows[0].seq
        self._behind = self._behind + 1 if behind else 0
        if self._behind > 1:
            self._become(LinkState.REFUSED, "behind", f"it stays at row {receipt.cursor}")
        else:
            self._become(LinkState.ONLINE, None)
        self._heard()
        self._marked(receipt.etag)
        self._settled_ms = self._now_ms()
        for seq, reason in receipt.parked:
            _log.warning("event=parked seq=%d reason=%s", seq, reason)
        if any(reason == FORK for _, reason in receipt.parked):
            self._forked(batch.epoch)
        if behind:
            # The centre lacks rows before this batch (it was restored from a backup) and says so once. Those that
            # are still here come first after a pause; of the others the gap stays on record there. One that says it
            # again and again takes nothing: that is shown.
            _log.warning("event=centre-behind cursor=%d first=%d", receipt.cursor, batch.rows[0].seq)
            return self._back_off.next_s()
        _log.debug("event=delivered rows=%d cursor=%d", len(batch.rows), receipt.cursor)
        self._back_off.reset()
        self._most_rows = min(self._largest, self._most_rows * 2)
        return 0.0

    def _failed(self, outbox: Outbox, batch: Batch, error: UplinkError | WireError) -> float:
        """Decide the fate of a batch that was not settled; return the pause before the next try."""
        if self._stop.is_set():
            return 0.0  # the request was ended by us, which says nothing about the link
        if isinstance(error, HubRevoked):
            self._end_revoked(error)
            return 0.0
        if not isinstance(error, HubRefused):
            if isinstance(error, HubUnreachable):
                self._most_rows = min(self._most_rows, ROWS_ON_A_BAD_LINE)
            self._become(LinkState.OFFLINE, _slug(error), str(error))
            return self._back_off.next_s()
        fate = retry_action_of(error.status)
        if fate is RetryAction.SPLIT and len(batch.rows) > 1:
            self._most_rows = max(1, len(batch.rows) // 4)
            return 0.0
        if fate is RetryAction.SPLIT:
            # The pause below keeps a hub that refuses everything from parking a whole ledger.
            seq = batch.rows[0].seq
            outbox.settle(batch, Receipt(seq, ((seq, _slug(error)),)))
            _log.warning("event=parked seq=%d reason=%s", seq, _slug(error))
        self._become(LinkState.OFFLINE if fate is RetryAction.WAIT else LinkState.REFUSED, _slug(error), str(error))
        return self._back_off.next_s(error.retry_after)

    def _greet_if_due(self) -> None:
        """Greet the centre when it was not heard for long; a failure says nothing while there is nothing to send."""
        if self._clock.monotonic_s() < self._greet_at_s:
            return
        try:
            self._greet()
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
        self._revoked(error.statement)

    def _become(self, state: LinkState, error: str | None, why: str = "") -> None:
        """Change the link; a line in the log only when the state is another."""
        former = self._link
        if former.state is not state:
            level = logging.INFO if state is LinkState.ONLINE else logging.WARNING
            _log.log(level, "event=link state=%s error=%s why=%r", state, error or "none", why)
            self._link = LinkStatus(state, self._now_ms(), error)
        elif former.error != error:
            self._link = LinkStatus(state, former.since_ms, error)

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
