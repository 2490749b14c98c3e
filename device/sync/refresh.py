"""Bundle refresh: what the hub has published is fetched, checked, kept and put into force.

It runs beside the delivery on a thread and a connection of its own, steps aside while a code is in view, and holds
no lock that the scan loop takes. It looks at the start, on a jittered timer, when a receipt says that there is
something new, and when a hub that could not be reached answers again; what else is told to the hub beside that
(`device.sync.state_reporter`) has its turns between two looks. A bundle that is refused is logged once for its
reason and leaves the last good one in force; so does a hub that fell back to an older version. A content that meets a
defect of ours is refused too: it goes to every gate, and must not take them all down. Another defect ends the service.
"""

from __future__ import annotations

import logging
import random
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from device.clock import Clock
from device.errors import BundleRefused, HubRefused, HubUnreachable, UplinkError
from device.gate.traffic import Traffic
from device.store.bundle_store import BundleStore
from device.sync.bundle_status import BundleStatus
from device.uplink.retry import BackOff, RetryAction, retry_action_of
from device.wire.bundle import PEOPLE_LISTS, Bundle, BundleKind, Head, Incoming
from device.wire.catalogue import Catalogue, Offer
from device.words import say, why_of

LEAST_PAUSE_S: Final = 1.0
"""Between two looks, whatever receipts say."""

_LEAST_TURN_S: Final = 0.5

log = logging.getLogger(__name__)


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


class Beside(Protocol):
    """What else is done on the refreshing thread, between two looks."""

    def turn(self) -> float:
        """Do it, if it is time to; return after how many seconds to ask again. Never raises but for a defect."""
        ...


class Adopter(ABC):
    """Puts one kind of bundle into force; used on the refreshing thread."""

    @abstractmethod
    def read(self, bundle: Bundle, pause: Callable[[], None]) -> Callable[[], None]:
        """Read a bundle; return what puts it into force.

        Args:
            bundle: signed by the hub's root, and whole.
            pause: to be called every now and then in a long work: it lets a visitor go first.

        Raises:
            BundleRefused: its content is broken.
        """

    def wanted(self) -> bool:
        """Return whether this gate takes it from the hub at this moment; it does."""
        return True

    def drop(self) -> None:  # noqa: B027 - may be overridden
        """Forget what is in force, when it is wanted no longer; there is nothing to forget."""


class Refresher:
    """The loop; given to a `device.threads.ServiceThread`.

    Args:
        source: where bundles come from; closed by `close`.
        kept: what is kept of them.
        adopters: what is done with each kind.
        clock: for every wait, and for what is out of date.
        traffic: whether a code is in view.
        beside: what else is done on the thread; ``None``: nothing.
        interval_s: how often it looks when nothing calls for it; half of that to one and a half.
        chance: from 0 to 1, anew at each call.
    """

    def __init__(  # noqa: PLR0913 - the parts of the loop, each a seam
        self,
        source: BundleSource,
        kept: BundleStore,
        adopters: Mapping[BundleKind, Adopter],
        clock: Clock,
        traffic: Traffic,
        *,
        beside: Beside | None = None,
        interval_s: float = 900.0,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._source = source
        self._kept = kept
        self._adopters = adopters
        self._clock = clock
        self._beside = beside
        self._interval_s = interval_s
        self._traffic = traffic
        self._chance = chance
        self._back_off = BackOff(chance)
        self._status = BundleStatus(adopters)
        self._etag = ""
        self._error: str | None = None
        self._is_refused = False
        self._unreachable = False
        self._stop = threading.Event()
        self._wake = threading.Event()

    def begin(self) -> None:
        """Put into force what is kept on the card, then look for newer in the background. Called once."""
        for kind, adopter in self._adopters.items():
            if kind in PEOPLE_LISTS or not adopter.wanted():
                continue
            bundle = self._kept.read(kind)
            if bundle is None:
                continue
            try:
                self._adopt(adopter, bundle, keep=False)
            except BundleRefused as refusal:
                self._status.refuse(kind, f"the one kept here: {refusal}")
            else:
                self._status.taken(bundle.head)
        self._status.warn_of_old(self._clock.reading())

    def known_roots(self) -> tuple[bytes, ...]:
        """Return the hub's roots as far as this gate has followed them; any thread."""
        return self._kept.roots

    def heard(self, etag: str) -> None:
        """Hear that the hub has answered, and which catalogue it has (`Receipt.etag`); returns at once; any thread."""
        if self._unreachable or (etag not in {"", self._etag} and self._error is None):
            self._wake.set()

    def wake(self) -> None:
        """Look soon: something else may be wanted now; returns at once; any thread."""
        self._wake.set()

    def close(self) -> None:
        """End the loop, also in the middle of a request; any thread."""
        self._stop.set()
        self._wake.set()
        self._source.close()

    def snapshot(self) -> Mapping[str, object]:
        """Return what a person may ask: each kind's version, age and refusal; nothing that is in them. Any thread."""
        now_ms = self._clock.reading().wall_ms
        return {
            "error": self._error,
            "refused": self._is_refused,
            "kinds": [self._status.told(kind, now_ms) for kind, one in self._adopters.items() if one.wanted()],
        }

    def run(self) -> None:
        """Look until closed; what it raises is a defect."""
        while not self._stop.is_set():
            self._wake.clear()
            pause_s = self.look()
            if not self._clock.wait(self._stop, min(LEAST_PAUSE_S, pause_s)):
                self._until_woken(max(0.0, pause_s - LEAST_PAUSE_S))

    def _until_woken(self, pause_s: float) -> None:
        """Wait, and let what is done beside have its turns."""
        until_s = self._clock.monotonic_s() + pause_s
        while True:
            left_s = until_s - self._clock.monotonic_s()
            if self._beside is not None and not self._wake.is_set():
                self._step_aside()
                left_s = min(left_s, max(_LEAST_TURN_S, self._beside.turn()))
            if self._clock.wait(self._wake, max(0.0, left_s)) or self._clock.monotonic_s() >= until_s:
                return

    def look(self) -> float:
        """Look once; return the pause before the next look, in seconds. On the refreshing thread."""
        self._step_aside()
        try:
            catalogue = self._source.catalogue()
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
            log.info("event=bundles-refreshed-again")
        self._error, self._unreachable, self._is_refused = None, False, False
        self._back_off.reset()
        self._status.warn_of_old(self._clock.reading())
        return self._interval_s * (0.5 + self._chance())

    def _take(self, offer: Offer, adopter: Adopter) -> None:
        """Fetch one bundle if it is newer and put it into force, or note why not; raises `UplinkError`."""
        kind, head = offer.kind, self._status.head(offer.kind)
        if head is not None and head.version == offer.version:
            self._status.taken(head)
            return
        floor = self._kept.floor(kind)
        if offer.version < floor:
            self._status.refuse(kind, f"the hub fell back to version {offer.version}; this gate has had {floor}")
            return
        if offer.too_large:
            self._status.refuse(kind, f"{offer.size} bytes are more than any {kind} has")
            return
        incoming = Incoming(self._kept.roots[-1:], lambda head: self._judge(head, offer))
        try:
            self._source.fetch(offer, incoming, self._step_aside)
            bundle = incoming.whole()
            self._adopt(adopter, bundle, keep=True)
        except BundleRefused as refusal:
            self._status.refuse(kind, str(refusal))
            return
        self._status.taken(bundle.head)
        log.info("event=bundle-in-force kind=%s version=%d bytes=%d", kind, bundle.head.version, bundle.head.size)

    def _adopt(self, adopter: Adopter, bundle: Bundle, *, keep: bool) -> None:
        """Read a bundle, keep it and put it into force; raises `BundleRefused`, also for a defect that it meets."""
        try:
            put_into_force = adopter.read(bundle, self._step_aside)
            if keep:
                self._keep(bundle)
            put_into_force()
        except BundleRefused:
            raise
        except Exception as error:
            raise BundleRefused(say("a defect ({name})", name=type(error).__name__)) from error

    def _judge(self, head: Head, offer: Offer) -> None:
        self._kept.judge(head, offer.kind)
        if head.version != offer.version:
            raise BundleRefused(
                say("it is version {version}, not {said} as was said", version=head.version, said=offer.version)
            )

    def _keep(self, bundle: Bundle) -> None:
        try:
            self._kept.keep(bundle)
        except OSError as error:
            if bundle.head.kind in PEOPLE_LISTS:  # only its version would have been written
                log.warning("event=list-version-not-kept reason=%r", error.strerror)
                return
            raise BundleRefused(say("it cannot be kept: {why}", why=why_of(error))) from error

    def _forget(self, kind: BundleKind, adopter: Adopter) -> None:
        if self._status.head(kind) is not None:
            self._status.dropped(kind)
            adopter.drop()

    def _learn_roots(self, catalogue: Catalogue) -> None:
        try:
            self._kept.succeed(catalogue.succession)
        except OSError as error:
            log.warning("event=hub-root-not-kept reason=%r", error.strerror)

    def _failed(self, error: UplinkError) -> float:
        told = "unreachable" if isinstance(error, HubUnreachable) else str(error)
        if not self._stop.is_set() and self._error != told:
            log.warning("event=bundles-not-refreshed reason=%r", str(error))
        self._error, self._unreachable = told, isinstance(error, HubUnreachable)
        self._is_refused = isinstance(error, HubRefused) and retry_action_of(error.status) is RetryAction.SHOW
        return self._back_off.next_s(error.retry_after if isinstance(error, HubRefused) else None)

    def _step_aside(self) -> None:
        self._traffic.step_aside(self._stop)
