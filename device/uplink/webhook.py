"""Webhook: one JSON document a check-in, signed (HMAC-SHA256), posted to a server that is not ours until it is taken.

``POST`` to the address of the site file, the next one when this one is answered::

    Content-Type: application/json
    Idempotency-Key: DEVICE/EPOCH/SEQ/LINK
    Gate-Signature: sha256=HEX OF HMAC-SHA256 OF THE BODY, KEYED WITH THE SECRET

    {"id": "DEVICE/EPOCH/SEQ/LINK", "device": …, "epoch": …, "seq": …, and the fields the site file names}

An answer may get lost after the server has written the check-in down; then the same document comes again under the
same name, and the server must not count it twice. LINK is 16 digits of the row's place in the hash chain: where an old
image of a card was put back, other check-ins have the same numbers and must not pass for those. What answers mean::

    2xx                       it has it; what the body says does not matter, but a web page (HTML) is no answer
    409                       it had it already
    413, 422                  it cannot take this one: parked here, the next one follows after a pause
    408, 425, 429, 5xx        not now: kept, tried again; Retry-After is heeded up to 15 minutes
    401, 403, 404, other 4xx  somebody must look: kept, shown, tried again
    3xx, HTML, no answer, an untrusted certificate      kept, tried again

A row that is sealed to another key (of a hub, before) is parked as ``other-key``, one that does not open as
``unreadable``. config/webhook.md tells the same to whoever writes the server.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from device.clock import Clock
from device.crypto.body_signature import signed
from device.crypto.sealed_body import Body
from device.crypto.sealing import unseal
from device.errors import HubRefused, UplinkError, WireError
from device.model import Batch, Person, Place, Receipt, SealedRow, WebhookField
from device.uplink.request import DeadlineClient, certificates
from device.uplink.response import WEBHOOK
from device.uplink.retry import RetryAction, retry_action_of
from device.uplink.webhook_keys import WebhookKeys

BATCH_ROWS: Final = 20
"""Check-ins between two looks at whether a code is in view."""
_OTHER_KEY: Final = "other-key"
_UNREADABLE: Final = "unreadable"

_Value = Callable[[SealedRow, Place | None, Body], object]


@dataclass(frozen=True, slots=True)
class _Postponed:
    """What the server said of a check-in whose forerunners in the same batch it had taken."""

    epoch: str
    seq: int
    error: UplinkError


class WebhookUplink:
    """An uplink to a webhook. Used on the sync thread.

    Args:
        url: where check-ins are posted.
        keys: what opens and signs them.
        fields: what is told of each.
        clock: for the deadline and for dates in ``Retry-After``.
        deadline_s: for one request, everything in it.
        ca_file: the certificates to trust instead of the usual ones.

    Raises:
        ConfigurationError: *url* or *ca_file* cannot be used; names the key of the YAML.
    """

    def __init__(  # noqa: PLR0913 - the section of the site file, key by key
        self,
        url: str,
        keys: WebhookKeys,
        fields: tuple[WebhookField, ...],
        clock: Clock,
        *,
        deadline_s: float = 10.0,
        ca_file: Path | None = None,
    ) -> None:
        trust = None if ca_file is None else certificates(ca_file, f"{WEBHOOK.section}.ca_file")
        self._keys = keys
        self._fields = fields
        self._postponed: _Postponed | None = None
        self._client = DeadlineClient(url, clock, deadline_s, trust, rules=WEBHOOK)

    def deliver(self, batch: Batch) -> Receipt:
        """Send the rows of *batch* one by one, and say how many the server has.

        Raises:
            UplinkError: the first row was not taken. Of a later one the next call tells, without asking again.
        """
        self._raise_postponed(batch)
        parked: list[tuple[int, str]] = []
        for index, row in enumerate(batch.rows):
            try:
                body = self._unsealed(batch, row)
                if isinstance(body, str):
                    parked.append((row.seq, body))
                else:
                    self._send(batch, row, body)
            except UplinkError as error:
                self._postponed = _Postponed(batch.epoch, row.seq, error)
                if index == 0:
                    self._raise_postponed(batch)
                return Receipt(row.seq - 1, tuple(parked))
        return Receipt(batch.rows[-1].seq, tuple(parked))

    def close(self) -> None:
        """End a running request now; every later one is refused. Any thread, any number of times."""
        self._client.close()

    def _raise_postponed(self, batch: Batch) -> None:
        """Raise what the server said of the first row, if it was asked; a row to be parked must come alone first."""
        earlier, self._postponed = self._postponed, None
        if earlier is None or (earlier.epoch, earlier.seq) != (batch.epoch, batch.rows[0].seq):
            return
        splits = isinstance(earlier.error, HubRefused) and retry_action_of(earlier.error.status) is RetryAction.SPLIT
        if splits and len(batch.rows) > 1:
            self._postponed = earlier
        raise earlier.error

    def _unsealed(self, batch: Batch, row: SealedRow) -> Body | str:
        """Return what is under the seal, or why it is to be parked."""
        if row.key_id != self._keys.key.key_id:
            return _OTHER_KEY
        try:
            return unseal(self._keys.private, batch.device_id, batch.epoch, row)
        except WireError:
            return _UNREADABLE

    def _send(self, batch: Batch, row: SealedRow, body: Body) -> None:
        sent = encoded(document_of(batch, row, body, self._fields))
        headers = signed(self._keys.secret.reveal(), name_of(batch, row), sent)
        try:
            self._client.post("", sent, headers=headers)
        except HubRefused as refusal:
            if refusal.status != http.client.CONFLICT:
                raise


def name_of(batch: Batch, row: SealedRow) -> str:
    """Return the name of a check-in, the same however often it is sent."""
    return f"{batch.device_id}/{batch.epoch}/{row.seq}/{row.link.hex()[:16]}"


def document_of(batch: Batch, row: SealedRow, body: Body, fields: tuple[WebhookField, ...]) -> Mapping[str, object]:
    """Lay out one check-in; a field that the code did not say is null."""
    place = dict(batch.places).get(row.place_id)
    named = {"id": name_of(batch, row), "device": batch.device_id, "epoch": batch.epoch, "seq": row.seq}
    return named | {field.value: _VALUES[field](row, place, body) for field in fields}


def encoded(document: Mapping[str, object]) -> bytes:
    """Write it as JSON in UTF-8; half of a surrogate pair becomes ``?``."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _time(row: SealedRow) -> str | None:
    """Return what the gate's clock claimed, in UTC; ``None`` for a year nobody can write."""
    try:
        at = datetime.fromtimestamp(row.at.wall_ms // 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return f"{at:%Y-%m-%dT%H:%M:%S}.{row.at.wall_ms % 1000:03}Z"


def _place(place: Place | None) -> Mapping[str, str] | None:
    return None if place is None else {name: getattr(place, name) for name in Place.__slots__}


def _of_person(name: str) -> _Value:
    assert name in Person.__slots__
    return lambda _row, _place, body: getattr(body.credential.person, name) if body.credential else None


_VALUES: Final[Mapping[WebhookField, _Value]] = {
    WebhookField.TIME: lambda row, _place, _body: _time(row),
    WebhookField.CLOCK: lambda row, _place, _body: row.at.state.value,
    WebhookField.BOOT: lambda row, _place, _body: row.at.boot_id,
    WebhookField.MONOTONIC_MS: lambda row, _place, _body: row.at.monotonic_ms,
    WebhookField.DIRECTION: lambda row, _place, _body: row.direction.value,
    WebhookField.COUNTED: lambda row, _place, _body: row.counted,
    WebhookField.PLACE: lambda _row, place, _body: _place(place),
    WebhookField.OUTCOME: lambda _row, _place, body: body.outcome.value,
    WebhookField.REASON: lambda _row, _place, body: body.reason.value,
    WebhookField.POLICY: lambda _row, _place, body: body.policy_version,
    WebhookField.KIND: lambda _row, _place, body: body.credential.kind.value if body.credential else None,
    WebhookField.VERIFIED: lambda _row, _place, body: body.credential.verified.value if body.credential else None,
    **{WebhookField(name): _of_person(name) for name in Person.__slots__},
    WebhookField.DETAILS: lambda _row, _place, body: (
        list(map(list, body.credential.details)) if body.credential else []
    ),
    WebhookField.NOTES: lambda _row, _place, body: list(body.credential.notes) if body.credential else [],
}
