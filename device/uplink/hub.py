"""The hub's client: delivers batches, asks for the time and about a visitor (`device.uplink.request` has the deadline).

`HubClient` is used on the sync thread, `StatusClient` on the scan thread, each with a connection
of its own; ``close`` may be called from any thread.
"""

from __future__ import annotations

import http.client
import logging
import ssl
import zlib
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from device.clock import Clock, utc_day
from device.crypto.signing import verified_by_any
from device.enrolment.document import Enrolment, is_revocation
from device.errors import ConfigurationError, HubNonsense, HubRefused, HubRevoked, WireError
from device.model import Batch, Receipt, Status
from device.uplink.connection import pinned
from device.uplink.request import DeadlineClient, RequestSigner, certificates
from device.wire import checkins as wire
from device.wire import status as question
from device.wire import time as hub_time
from device.wire.time_fields import Sent, time_statement
from device.words import say

_LATE_S: Final = 2.0
"""How long an answer that came too late for a visitor is waited for: the next one finds the line open."""
_ASK_MOST_S: Final = 2.0
"""Nobody at a gate waits longer, whatever a policy says."""

log = logging.getLogger(__name__)


class HubClient:
    """The uplink over HTTPS, each request signed with the gate's own key.

    Args:
        url: of the hub, like ``https://hub.example.vn``; ``http://`` only to this machine.
        enrolled: who this gate is; its certificate authority is the only one that is trusted.
        clock: for the deadline and for dates in ``Retry-After``.
        deadline_s: for everything: look-up, connection, handshake, headers, body.
        ca_file: the certificates to trust instead of those of the enrolment.
        sealing_day: the day of the key that is sealed with at this moment; ``None``, itself or its answer, is the
            clock's own day.
        told: told the hub's time (Unix ms) whenever an answer carries it and its signature holds.
        roots: the hub's roots as this gate knows them at this moment; ``None`` is the one of the enrolment.

    Raises:
        ConfigurationError: *url* or a certificate cannot be used; names the key of the YAML.
    """

    def __init__(  # noqa: PLR0913 - where, who, and the two that are told or asked
        self,
        url: str,
        enrolled: Enrolment,
        clock: Clock,
        *,
        deadline_s: float = 20.0,
        ca_file: Path | None = None,
        sealing_day: Callable[[], date | None] | None = None,
        told: Callable[[int], None] | None = None,
        roots: Callable[[], Sequence[bytes]] | None = None,
    ) -> None:
        trust = certificates(ca_file) if ca_file is not None else enrolled_trust(enrolled)
        self._enrolled = enrolled
        self._clock = clock
        self._sealing_day = sealing_day
        self._told = told
        self._roots = roots or (lambda: (enrolled.bundle_root,))
        self._lied = False
        self._client = DeadlineClient(url, clock, deadline_s, trust, RequestSigner(enrolled.device_id, enrolled.key))

    def deliver(self, batch: Batch) -> Receipt:
        """Send one batch and return the centre's receipt.

        Raises:
            HubUnreachable: no answer, or none within the deadline, or the uplink was closed.
            HubRevoked: this gate's key was withdrawn, and the hub's root says so.
            HubRefused: the hub answered with an error status.
            HubNonsense: what answered is not the hub, or settles rows that were never sent.
        """
        head = self._enrolled.key.sign(wire.head_of(batch))
        body = compressed(wire.encode_batch(batch, head, self._sent()))
        answer = self._post("/v1/checkins", body, "gzip")
        try:
            receipt = wire.decode_receipt(answer)
            wire.check_receipt(batch, receipt)
        except WireError as error:
            raise HubNonsense(say("the answer is no receipt: {error}", error=error)) from error
        self._hear(body, answer)
        return receipt

    def ask_time(self) -> None:
        """Ask the hub for its time, which `told` is then told. Raises as `deliver`."""
        body = hub_time.encode_question(self._sent())
        self._hear(body, self._post(hub_time.PATH, body, "identity"))

    def close(self) -> None:
        """End a running request now; every later one is refused. Any thread, any number of times."""
        self._client.close()

    def _post(self, path: str, body: bytes, encoding: str) -> bytes:
        try:
            return self._client.post(path, body, encoding)
        except HubRefused as refusal:
            if refusal.status == http.client.FORBIDDEN and is_revocation(self._enrolled, refusal.body, self._roots()):
                raise HubRevoked(refusal.status, refusal.body) from None
            raise

    def _sent(self) -> Sent:
        at = self._clock.reading()
        day = None if self._sealing_day is None else self._sealing_day()
        return Sent(at, day or utc_day(at.wall_ms))

    def _hear(self, body: bytes, answer: bytes) -> None:
        """Pass on the hub's time, if there is one and it is the root's word in answer to *body*."""
        try:
            said = hub_time.decode_hub_time(answer)
        except WireError:
            said, lied = None, True
        else:
            statement = b"" if said is None else time_statement(self._enrolled.device_id, body, said.now_ms)
            lied = said is not None and not verified_by_any(self._roots(), statement, said.signature)
        if lied is not self._lied:
            self._lied = lied
            log.log(
                logging.WARNING if lied else logging.INFO, "event=hub-time state=%s", "unsigned" if lied else "good"
            )
        if self._told is not None and said is not None and not lied:
            self._told(said.now_ms)


class StatusClient:
    """Asks the centre over HTTPS about one person; the question is signed, and only in the body.

    Args:
        url: of the hub, as for `HubClient`.
        enrolled: who this gate is.
        clock: for the deadline.
        ca_file: the certificates to trust instead of those of the enrolment.

    Raises:
        ConfigurationError: *url* or a certificate cannot be used; names the key of the YAML.
    """

    def __init__(self, url: str, enrolled: Enrolment, clock: Clock, *, ca_file: Path | None = None) -> None:
        trust = certificates(ca_file) if ca_file is not None else enrolled_trust(enrolled)
        signer = RequestSigner(enrolled.device_id, enrolled.key)
        self._client = DeadlineClient(url, clock, _ASK_MOST_S, trust, signer, late_s=_LATE_S)

    def ask(self, keys: tuple[str, ...], deadline_ms: int) -> Status:
        """Ask about the person with these numbers (`StatusDesk.ask`)."""
        body = question.encode_question(keys)
        answer = self._client.post(question.PATH, body, deadline_s=min(deadline_ms / 1000, _ASK_MOST_S))
        try:
            return question.decode_status(answer)
        except WireError as error:
            raise HubNonsense(say("the answer is no status: {error}", error=error)) from error

    def close(self) -> None:
        """End a running question now; every later one is refused. Any thread, any number of times."""
        self._client.close()


def enrolled_trust(enrolled: Enrolment) -> ssl.SSLContext | None:
    """Return whom a gate trusts by its enrolment: the pinned authority, or ``None`` for the usual ones."""
    try:
        return pinned(enrolled.ca) if enrolled.ca else None
    except (OSError, ValueError) as error:
        raise ConfigurationError(say("the enrolment holds no certificate authority: enrol the gate again")) from error


def compressed(body: bytes) -> bytes:
    """Gzip with window bits 15+16; base64 is random text, where this strategy is the smallest and quick."""
    compressor = zlib.compressobj(6, zlib.DEFLATED, 31, 9, zlib.Z_FILTERED)
    return compressor.compress(body) + compressor.flush()
