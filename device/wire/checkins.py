"""Check-ins on the wire (``POST /v1/checkins``): batches of sealed rows and their receipts, both directions.

A batch travels as the body of ``POST /v1/checkins``: JSON in UTF-8, gzipped on the way (by the
uplink), answered by a receipt. The files in ``tests/golden/wire/`` show each byte for byte::

    {"contract": "gate/1", "device": ID, "epoch": 32 hex digits, "head": BASE64, "sent": {…},
     "places": {16 hex digits: {"name", "kind", "province", "district", "ward", "location_qr"}},
     "rows": [{"seq", "boot", "monotonic", "wall", "clock", "direction", "counted",
               "place", "key", "sealed", "link"}]}

    {"contract": "gate/1", "cursor": N, "parked": [[seq, reason], …], "bundles": 16 hex digits,
     "time": {…}}

``sent`` and ``time`` are in `device.wire.time_fields`; ``bundles`` is the ETag of the centre's catalogue
(`device.wire.catalogue`); a centre may leave out both. Times are milliseconds; ``sealed``
and ``link`` are base64. Rows follow each other without gaps. ``head`` is the gate's Ed25519 signature of where its
chain stands after the last row (`head_of`): two heads of one number with different links prove a copied card to
anybody.
A gate whose key was withdrawn is answered 403 and a `device.wire.revocation`.

A batch with a field that is not in this list is refused: a field more is a new contract version.
A receipt may carry more fields, which are passed over, so that a centre can be newer than its gates.

Whatever the bytes are, reading them gives an object or raises `WireError`, which names the field
and never what stood in it. Pure functions, safe on any thread.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Final

from device.clock import ClockReading, ClockState
from device.errors import UnknownContract, WireError
from device.model import Batch, Direction, Place, Receipt, SealedRow
from device.strict_json import MOST_INT, NAME, base64_of, document, exactly, integer, octets, one_of, text
from device.wire.time_fields import HubTime, Sent, sent_document, sent_from, time_document

CONTRACT: Final = "gate/1"
BATCH_MOST_ROWS: Final = 500
BATCH_MOST_BYTES: Final = 512 * 1024
"""What a gate puts into one batch, as the outbox estimates its JSON."""
BODY_MOST_BYTES: Final = 1024 * 1024
"""What a reader accepts, before gzip is undone and after it: room for one outsized row."""
RECEIPT_MOST_BYTES: Final = 64 * 1024
SEALED_MOST_BYTES: Final = 128 * 1024
FORK: Final = "fork"
"""Reason of a parked row: the centre has another row of that number. The gate then begins a new epoch."""
CHAIN_BROKEN: Final = "chain-broken"
"""Reason of a parked row: it does not follow the rows that the centre has. The gate then begins a new epoch."""
KEPT_APART: Final = (FORK, CHAIN_BROKEN)
"""Reasons with which the centre keeps a row whole; one with any other reason is nowhere but at the gate."""

_BATCH_KEYS: Final = ("contract", "device", "epoch", "head", "sent", "places", "rows")
_SIGNATURE_BYTES: Final = 64
# fmt: off
_ROW_KEYS: Final = (
    "seq", "boot", "monotonic", "wall", "clock", "direction", "counted", "place", "key", "sealed", "link",
)
# fmt: on
_PLACE_KEYS: Final = ("name", "kind", "province", "district", "ward", "location_qr")
_PLACE_MOST_CHARS: Final = 4_296  # a location QR may be kept whole: the most a QR code holds

_HEX_16: Final = re.compile(r"[0-9a-f]{16}")
_HEX_32: Final = re.compile(r"[0-9a-f]{32}")
_SLUG: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class SignedBatch:
    """A batch as it was read.

    Attributes:
        batch: its rows.
        head_signature: the gate's, over `head_of` the batch; 64 bytes, not verified here.
        sent: what the gate's clock said when it sent it.
    """

    batch: Batch
    head_signature: bytes = field(repr=False)
    sent: Sent


def head_of(batch: Batch) -> bytes:
    r"""Return what a gate signs about its chain.

    ``gate/1 head\0``, u8 length and device id (ASCII), 16 bytes epoch, u64 sequence number of the last row,
    32 bytes its link.
    """
    device, last = batch.device_id.encode("ascii"), batch.rows[-1]
    named = bytes([len(device)]) + device + bytes.fromhex(batch.epoch)
    return b"gate/1 head\0" + named + last.seq.to_bytes(8, "big") + last.link


def encode_batch(batch: Batch, head_signature: bytes, sent: Sent) -> bytes:
    """Write *batch* as the contract says, compact, not compressed. Never raises."""
    written = {
        "contract": CONTRACT,
        "device": batch.device_id,
        "epoch": batch.epoch,
        "head": base64_of(head_signature),
        "sent": sent_document(sent),
        "places": {place_id: {key: getattr(place, key) for key in _PLACE_KEYS} for place_id, place in batch.places},
        "rows": [_row_document(row) for row in batch.rows],
    }
    # A lone surrogate (YAML can make one) becomes "?": a strange place name must not stop delivery.
    return json.dumps(written, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def decode_batch(body: bytes) -> SignedBatch:
    """Read a batch from the uncompressed *body*.

    Raises:
        UnknownContract: it is a batch of another version.
        WireError: it breaks the contract; the message names the field.
    """
    found = document(body, BODY_MOST_BYTES)
    check_contract(found)
    exactly(found, _BATCH_KEYS, "batch")
    places = _places(found["places"])
    rows = found["rows"]
    if not isinstance(rows, list) or not 1 <= len(rows) <= BATCH_MOST_ROWS:
        raise WireError(f"rows: must be a list of 1 to {BATCH_MOST_ROWS}")
    known = {place_id for place_id, _ in places}
    decoded = tuple(_row(row, index, known) for index, row in enumerate(rows))
    for index, row in enumerate(decoded):
        if row.seq != decoded[0].seq + index:
            raise WireError(f"rows[{index}].seq: does not follow the row before it")
    batch = Batch(
        device_id=text(found["device"], NAME, "device"),
        epoch=text(found["epoch"], _HEX_32, "epoch"),
        rows=decoded,
        places=places,
    )
    head = octets(found["head"], _SIGNATURE_BYTES, _SIGNATURE_BYTES, "head")
    return SignedBatch(batch, head, sent_from(found["sent"]))


def encode_receipt(receipt: Receipt, hub_time: HubTime | None = None) -> bytes:
    """Write *receipt*, and the hub's time, as the contract says. Never raises."""
    written: dict[str, object] = {
        "contract": CONTRACT,
        "cursor": receipt.cursor,
        "parked": [list(pair) for pair in receipt.parked],
    }
    if receipt.etag:
        written["bundles"] = receipt.etag
    if hub_time is not None:
        written["time"] = time_document(hub_time)
    return json.dumps(written, separators=(",", ":")).encode()


def decode_receipt(body: bytes) -> Receipt:
    """Read a receipt; raises `WireError` when *body* is none."""
    found = document(body, RECEIPT_MOST_BYTES)
    check_contract(found)
    cursor = integer(found.get("cursor"), 0, "cursor")
    parked = found.get("parked")
    if not isinstance(parked, list) or len(parked) > BATCH_MOST_ROWS:
        raise WireError(f"parked: must be a list of at most {BATCH_MOST_ROWS}")
    pairs: list[tuple[int, str]] = []
    for index, pair in enumerate(parked):
        if not isinstance(pair, list) or len(pair) != 2:
            raise WireError(f"parked[{index}]: must be [seq, reason]")
        seq = integer(pair[0], 1, f"parked[{index}][0]")
        if pairs and seq <= pairs[-1][0]:
            raise WireError(f"parked[{index}][0]: must be larger than the one before it")
        pairs.append((seq, text(pair[1], _SLUG, f"parked[{index}][1]")))
    etag = found.get("bundles")
    return Receipt(cursor, tuple(pairs), "" if etag is None else text(etag, _HEX_16, "bundles"))


def check_contract(found: dict[str, object]) -> None:
    """Make sure that a document is of this version of the contract.

    Raises:
        UnknownContract: it is of another.
        WireError: it does not say.
    """
    contract = found.get("contract")
    if not isinstance(contract, str):
        raise WireError("contract: missing")
    if contract != CONTRACT:
        raise UnknownContract(f"contract: this side speaks {CONTRACT}")


def check_receipt(batch: Batch, receipt: Receipt) -> None:
    """Make sure that *receipt* settles nothing that was not in *batch*.

    A cursor before the batch is allowed: the centre has a gap and says where it stands.

    Raises:
        WireError: it speaks of rows that were never sent.
    """
    if receipt.cursor > batch.rows[-1].seq:
        raise WireError("cursor: settles rows that were not sent")
    for seq, _ in receipt.parked:
        if not batch.rows[0].seq <= seq <= receipt.cursor:
            raise WireError("parked: speaks of rows that were not sent")


def is_row(row: SealedRow) -> bool:
    """Return whether a reader of the contract takes *row*, from a batch that has its place."""
    try:
        return _row(_row_document(row), 0, {row.place_id}) == row
    except WireError:
        return False


def _row_document(row: SealedRow) -> dict[str, int | bool | str]:
    return {
        "seq": row.seq,
        "boot": row.at.boot_id,
        "monotonic": row.at.monotonic_ms,
        "wall": row.at.wall_ms,
        "clock": row.at.state.value,
        "direction": row.direction.value,
        "counted": row.counted,
        "place": row.place_id,
        "key": row.key_id,
        "sealed": base64_of(row.sealed),
        "link": base64_of(row.link),
    }


def _row(found: object, index: int, places: set[str]) -> SealedRow:
    where = f"rows[{index}]"
    row = exactly(found, _ROW_KEYS, where)
    if not isinstance(row["counted"], bool):
        raise WireError(f"{where}.counted: must be true or false")
    place_id = row["place"]
    if not isinstance(place_id, str) or place_id not in places:
        raise WireError(f"{where}.place: is not among the places of this batch")
    return SealedRow(
        seq=integer(row["seq"], 1, f"{where}.seq"),
        at=ClockReading(
            boot_id=text(row["boot"], _HEX_32, f"{where}.boot"),
            monotonic_ms=integer(row["monotonic"], 0, f"{where}.monotonic"),
            wall_ms=integer(row["wall"], -MOST_INT, f"{where}.wall"),
            state=one_of(ClockState, row["clock"], f"{where}.clock"),
        ),
        direction=one_of(Direction, row["direction"], f"{where}.direction"),
        counted=row["counted"],
        place_id=place_id,
        key_id=text(row["key"], NAME, f"{where}.key"),
        sealed=octets(row["sealed"], 1, SEALED_MOST_BYTES, f"{where}.sealed"),
        link=octets(row["link"], 32, 32, f"{where}.link"),
    )


def _places(found: object) -> tuple[tuple[str, Place], ...]:
    if not isinstance(found, dict) or len(found) > BATCH_MOST_ROWS:
        raise WireError(f"places: must be an object of at most {BATCH_MOST_ROWS}")
    places: list[tuple[str, Place]] = []
    for index, (place_id, place) in enumerate(found.items()):
        where = f"places[{index}]"
        fields = exactly(place, _PLACE_KEYS, where)
        texts = {key: _place_text(fields[key], f"{where}.{key}") for key in _PLACE_KEYS}
        places.append((text(place_id, _HEX_16, where), Place(**texts)))
    return tuple(places)


def _place_text(value: object, where: str) -> str:
    """Accept any text that can be stored: no lone surrogates, no NUL (PostgreSQL has none)."""
    if not isinstance(value, str) or len(value) > _PLACE_MOST_CHARS:
        raise WireError(f"{where}: must be text of at most {_PLACE_MOST_CHARS} characters")
    if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise WireError(f"{where}: holds a character that is none")
    return value
