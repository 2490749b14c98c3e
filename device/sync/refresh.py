"""The refreshing loop: what the hub has published is fetched, checked, kept and put into force.

It runs beside the delivery on a thread and a connection of its own, steps aside while a code is in view, and holds
no lock that the scan loop takes. It looks at the start, on a jittered timer, when a receipt says that there is
something new, and when a hub that could not be reached answers again. A bundle that is refused is logged once for its
reason and leaves the last good one in force; so does a hub that fell back to an older version.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from device.clock import Clock
from device.errors import BundleRefused, HubRefused, HubUnreachable, UplinkError
from device.store.bundle_store import BundleStore
from device.sync.bundle_status import BundleStatus
from device.uplink.retry import BackOff
from device.wire.bundle import PEOPLE_LISTS, Bundle, BundleKind, Head, Incoming
from device.wire.catalogue import Catalogue, Offer

LEAST_PAUSE_S: Final = 1.0
"""Between two looks, whatever receipts say."""
_YIELD_STEP_S: Final = 0.05
_YIELD_MOST_S: Final = 2.0

Adopt = Callable[[Bundle, Callable[[], None]], Callable[[], None]]
"""Reads a bundle, and returns what puts it into force; raises `BundleRefused` when its content is broken.

The second argument is to be called every now and then in a long work: it lets a visitor go first.
"""

log = logging.getLogger("gate.bundles")


class BundleSource(Protocol):
    """Where bundles come from; used on the refreshing thread."""

    def catalogue(self) -> Catalogue:
        """Return what there is; raises `UplinkError`."""
        ...

    def fetch(self, offer: Offer, incoming: Incoming, pause: Callable[[], None]) -> None:
        """Feed one bundle into *incoming*; raises `UplinkError`, or `BundleRefused` of *incoming*."""
        ...

    def close(self) -> None:
        """End a running request; any thread."""
        ...


@dataclass(frozen=True, slots=True)
class Adopter:
    """How one kind of bundle is put into force.

    Attributes:
        adopt: see `Adopt`.
        wanted: whether this gate takes it from the hub at this moment.
        drop: forgets what is in force, when it is wanted no longer.
    """

    adopt: Adopt
    wanted: Callable[[], bool] = lambda: True
    drop: Callable[[], None] = lambda: None


def _never() -> bool:
    return False


class Refresher:
    """The loop and its thread.

    Args:
        desk: where bundles come from.
        shelf: what is kept of them.
        adopters: what is done with each kind.
        clock: for every wait, and for what is out of date.
        interval_s: how often it looks when nothing calls for it; half of that to one and a half.
        yield_while: whether a code is in view.
        chance: from 0 to 1, anew at each call.
    """

    def __init__(  # noqa: PLR0913 - the parts of the loop, each a seam
        self,
        desk: BundleSource,
        shelf: BundleStore,
        adopters: Mapping[BundleKind, Adopter],
        clock: Clock,
        *,
        interval_s: float = 900.0,
        yield_while: Callable[[], bool] = _never,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._desk = desk
        self._shelf = shelf
        self._adopters = adopters
        self._clock = clock
        self._interval_s = interval_s
        self._yield_while = yield_while
        self._chance = chance
        self._back_off = BackOff(chance)
        self._standing = BundleStatus(adopters)
        self._etag = ""
        self._error: str | None = None
        self._unreachable = False
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bundles", daemon=True)

    def begin(self) -> None:
        """Put into force what is kept on the card, then look for newer in the background. Called once."""
        for kind, adopter in self._adopters.items():
            if kind in PEOPLE_LISTS or not adopter.wanted():
                continue
            bundle = self._shelf.read(kind)
            if bundle is None:
                continue
            try:
                adopter.adopt(bundle, self._step_aside)()
            except BundleRefused as refusal:
                self._standing.refuse(kind, f"the one kept here: {refusal}")
            except Exception as error:  # noqa: BLE001 - a defect; a kept file must not keep the gate from starting
                self._standing.refuse(kind, f"the one kept here: {type(error).__name__}")
            else:
                self._standing.taken(bundle.head)
        self._standing.warn_of_old(self._clock.reading())

    def known_roots(self) -> tuple[bytes, ...]:
        """Return the hub's roots as far as this gate has followed them; any thread."""
        return self._shelf.roots

    def start(self) -> None:
        """Start the thread. It is a daemon: a look-up that hangs must not hold the process."""
        self._thread.start()

    def heard(self, etag: str) -> None:
        """Tell that the hub has answered, and which catalogue it has; returns at once; any thread."""
        if self._unreachable or (etag not in {"", self._etag} and self._error is None):
            self._wake.set()

    def wake(self) -> None:
        """Tell that something else may be wanted now; returns at once; any thread."""
        self._wake.set()

    def stop(self, timeout_s: float = 2.0) -> bool:
        """End the loop, also in the middle of a request; ``True`` when the thread has ended."""
        self._stop.set()
        self._wake.set()
        self._desk.close()
        if self._thread.ident is None:
            return True
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def snapshot(self) -> Mapping[str, object]:
        """Return what a person may ask: each kind's version, age and refusal; nothing that is in them. Any thread."""
        now_ms = self._clock.reading().wall_ms
        return {
            "error": self._error,
            "kinds": [self._standing.told(kind, now_ms) for kind, one in self._adopters.items() if one.wanted()],
        }

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                pause_s = self.look()
            except Exception as error:  # noqa: BLE001 - a defect; what is in force stays, and the gate goes on
                log.error("refreshing failed error=%s", type(error).__name__)  # noqa: TRY400 - its text may say anything
                self._error, pause_s = "defect", self._back_off.next_s()
            if not self._clock.wait(self._stop, min(LEAST_PAUSE_S, pause_s)):
                self._clock.wait(self._wake, max(0.0, pause_s - LEAST_PAUSE_S))

    def look(self) -> float:
        """Look once; return the pause before the next look, in seconds. On the refreshing thread."""
        self._step_aside()
        try:
            catalogue = self._desk.catalogue()
            self._learn_roots(catalogue)
            for kind, adopter in self._adopters.items():
                if not adopter.wanted():
                    self._forget(kind, adopter)
                elif (offer := catalogue.offers.get(kind)) is not None:
                    self._take(offer, adopter)
        except UplinkError as error:
            return self._failed(error)
        self._etag = catalogue.etag
        if self._error is not None:
            log.info("bundles are refreshed again")
        self._error, self._unreachable = None, False
        self._back_off.reset()
        self._standing.warn_of_old(self._clock.reading())
        return self._interval_s * (0.5 + self._chance())

    def _take(self, offer: Offer, adopter: Adopter) -> None:
        """Fetch one bundle if it is newer and put it into force, or note why not; raises `UplinkError`."""
        kind, head = offer.kind, self._standing.head(offer.kind)
        if head is not None and head.version == offer.version:
            self._standing.taken(head)
            return
        floor = self._shelf.floor(kind)
        if offer.version < floor:
            self._standing.refuse(kind, f"the hub fell back to version {offer.version}; this gate has had {floor}")
            return
        if offer.too_large:
            self._standing.refuse(kind, f"{offer.size} bytes are more than any {kind} has")
            return
        incoming = Incoming(self._shelf.roots[-1:], lambda head: self._judge(head, offer))
        try:
            self._desk.fetch(offer, incoming, self._step_aside)
            bundle = incoming.whole()
            put_into_force = adopter.adopt(bundle, self._step_aside)
            self._keep(bundle)
        except BundleRefused as refusal:
            self._standing.refuse(kind, str(refusal))
            return
        put_into_force()
        self._standing.taken(bundle.head)
        log.info("bundle in force kind=%s version=%d bytes=%d", kind, bundle.head.version, bundle.head.size)

    def _judge(self, head: Head, offer: Offer) -> None:
        self._shelf.judge(head, offer.kind)
        if head.version != offer.version:
            raise BundleRefused(f"it is version {head.version}, not {offer.version} as was said")

    def _keep(self, bundle: Bundle) -> None:
        try:
            self._shelf.keep(bundle)
        except OSError as error:
            if bundle.head.kind in PEOPLE_LISTS:  # only its version would have been written
                log.warning("version of a list cannot be kept reason=%s", error.strerror)
                return
            raise BundleRefused(f"it cannot be kept: {error.strerror}") from error

    def _forget(self, kind: BundleKind, adopter: Adopter) -> None:
        if self._standing.head(kind) is not None:
            self._standing.dropped(kind)
            adopter.drop()

    def _learn_roots(self, catalogue: Catalogue) -> None:
        try:
            self._shelf.succeed(catalogue.succession)
        except OSError as error:
            log.warning("the hub's new root cannot be kept reason=%s", error.strerror)

    def _failed(self, error: UplinkError) -> float:
        told = "unreachable" if isinstance(error, HubUnreachable) else str(error)
        if not self._stop.is_set() and self._error != told:
            log.warning("bundles are not refreshed reason=%r", str(error))
        self._error, self._unreachable = told, isinstance(error, HubUnreachable)
        return self._back_off.next_s(error.retry_after if isinstance(error, HubRefused) else None)

    def _step_aside(self) -> None:
        waited_s = 0.0
        while waited_s < _YIELD_MOST_S and self._yield_while() and not self._stop.is_set():
            self._clock.wait(self._stop, _YIELD_STEP_S)
            waited_s += _YIELD_STEP_S
