"""Bundle downloads and state reports: asks for the hub's catalogue, fetches bundles, tells how the gate stands.

Used on the thread of `device.sync.refresh`, with a connection of its own; ``close`` may be called from any thread.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from device.clock import Clock
from device.enrolment.document import Enrolment
from device.errors import HubNonsense, WireError
from device.uplink.hub import enrolled_trust
from device.uplink.request import DeadlineClient, RequestSigner, certificates
from device.wire import catalogue
from device.wire import state as gate_state
from device.wire.bundle import Incoming
from device.wire.catalogue import Catalogue, Offer
from device.wire.state_records import StateAnswer
from device.words import say

LEAST_BYTES_A_S: Final = 32 * 1024
"""A line slower than this does not get a large list: the deadline grows with the size, and ends."""


_REPORT_MOST_S: Final = 10.0
"""What else waits on this line is waited for by nobody who stands at the gate, but need not wait long."""


class BundleClient:
    """The hub's catalogue and its downloads, and what it is told of the gate; over HTTPS, each request signed.

    Args:
        url: of the hub, as for `device.uplink.hub.HubClient`.
        enrolled: who this gate is.
        clock: for the deadline.
        deadline_s: for the catalogue, and for a download besides what its size needs.
        ca_file: the certificates to trust instead of those of the enrolment.

    Raises:
        ConfigurationError: *url* or a certificate cannot be used; names the key of the YAML.
    """

    def __init__(
        self, url: str, enrolled: Enrolment, clock: Clock, *, deadline_s: float = 20.0, ca_file: Path | None = None
    ) -> None:
        trust = certificates(ca_file) if ca_file is not None else enrolled_trust(enrolled)
        self._deadline_s = deadline_s
        self._client = DeadlineClient(url, clock, deadline_s, trust, RequestSigner(enrolled.device_id, enrolled.key))

    def catalogue(self) -> Catalogue:
        """Return what the hub has; raises `UplinkError` (HubUnreachable, HubRefused, HubNonsense)."""
        answer = self._client.post(catalogue.PATH, catalogue.encode_question())
        try:
            return catalogue.decode_catalogue(answer)
        except WireError as error:
            raise HubNonsense(say("the answer is no catalogue: {error}", error=error)) from error

    def fetch(self, offer: Offer, incoming: Incoming, pause: Callable[[], None]) -> None:
        """Feed a bundle into *incoming*.

        Args:
            offer: of the catalogue.
            incoming: takes it, and refuses what it does not want.
            pause: called before each piece, on the request's own thread, to let others go first.

        Raises:
            UplinkError: as `catalogue`.
            BundleRefused: *incoming* has refused it.
        """

        def take(piece: bytes) -> None:
            pause()
            incoming.feed(piece)

        deadline_s = self._deadline_s + offer.size / LEAST_BYTES_A_S
        self._client.post(
            catalogue.CONTENT_PATH, catalogue.encode_bundle_request(offer), deadline_s=deadline_s, take=take
        )

    def report(self, body: bytes) -> StateAnswer:
        """Send a state report (`device.wire.state`); return which hours the hub has; raises `UplinkError`."""
        answer = self._client.post(gate_state.PATH, body, deadline_s=min(self._deadline_s, _REPORT_MOST_S))
        try:
            return gate_state.decode_answer(answer)
        except WireError as error:
            raise HubNonsense(say("the answer to a state report is none: {error}", error=error)) from error

    def close(self) -> None:
        """End a running request now; every later one is refused. Any thread, any number of times."""
        self._client.close()
