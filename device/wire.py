"""The contract between a gate and the centre: one definition, both directions.

A batch travels as the body of ``POST /v1/checkins``: JSON in UTF-8, gzipped on the way (by the
uplink), answered by a receipt. The files in ``tests/golden/wire/`` show each byte for byte::

    {"contract": "gate/1", "device": ID, "epoch": 32 hex digits,
     "places": {16 hex digits: {"name", "kind", "province", "district", "ward", "location_qr"}},
     "rows": [{"seq", "boot", "monotonic", "wall", "clock", "direction", "counted",
               "place", "key", "sealed", "link"}]}

    {"contract": "gate/1", "cursor": N, "parked": [[seq, reason], …]}

Times are milliseconds; ``sealed`` and ``link`` are base64. Rows follow each other without gaps.
A batch with a field that is not in this list is refused: a field more is a new contract version.
A receipt may carry more fields, which are passed over, so that a centre can be newer than its gates.

Whatever the bytes are, reading them gives an object or raises `WireError`, which names the field
and never what stood in it. Pure functions, safe on any thread.
"""

from __future__ import annotations

import binascii
import json
import re
from typing import Final, TypeVar

from device.clock import ClockReading, ClockState
from device.errors import WireError
from device.model import Batch, Direction, Place, Receipt, SealedRow

CONTRACT: Final = "gate/1"
BATCH_MOST_ROWS: Final = 500
BATCH_MOST_BYTES: Final = 512 * 1024
"""What a gate puts into one batch, as the outbox estimates its JSON."""
BODY_MOST_BYTES: Final = 1024 * 1024
"""What a reader accepts, before gzip is undone and after it: room for one outsized row."""
RECEIPT_MOST_BYTES: Final = 64 * 1024
SEALED_MOST_BYTES: Final = 128 * 1024

_BATCH_KEYS: Final = ("contract", "device", "epoch", "places", "rows")
# fmt: off
_ROW_KEYS: Final = (
    "seq", "boot", "monotonic", "wall", "clock", "direction", "counted", "place", "key", "sealed", "link",
)
# fmt: on
_PLACE_KEYS: Final = ("name", "kind", "province", "district", "ward", "location_qr")
_PLACE_MOST_CHARS: Final = 4_296  # a location QR may be kept whole: the most a QR code holds
_MOST_INT: Final = 2**53 - 1  # what every JSON reader keeps exact

_HEX_16: Final = re.compile(r"[0-9a-f]{16}")
_HEX_32: Final = re.compile(r"[0-9a-f]{32}")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SLUG: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
_Word = TypeVar("_Word", ClockState, Direction)


class UnknownContract(WireError):
    """The other side speaks another version: somebody has to upgrade one of the two."""


def encode_batch(batch: Batch) -> bytes:
    """Write *batch* as the contract says, compact, not compressed. Never raises."""
    document = {
        "contract": CONTRACT,
        "device": batch.device_id,
        "epoch": batch.epoch,
        "places": {place_id: {key: getattr(place, key) for key in _PLACE_KEYS} for place_id, place in batch.places},
        "rows": [_row_document(row) for row in batch.rows],
    }
    # A lone surrogate (YAML can make one) becomes "?": a strange place name must not stop delivery.
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def decode_batch(body: bytes) -> Batch:
    """Read a batch from the uncompressed *body*.

    Raises:
        UnknownContract: it is a batch of another version.
        WireError: it breaks the contract; the message names the field.
    """
    document = _document(body, BODY_MOST_BYTES)
    _contract(document)
    _exactly(document, _BATCH_KEYS, "batch")
    places = _places(document["places"])
    rows = document["rows"]
    if not isinstance(rows, list) or not 1 <= len(rows) <= BATCH_MOST_ROWS:
        raise WireError(f"rows: must be a list of 1 to {BATCH_MOST_ROWS}")
    known = {place_id for place_id, _ in places}
    decoded = tuple(_row(row, index, known) for index, row in enumerate(rows))
    for index, row in enumerate(decoded):
        if row.seq != decoded[0].seq + index:
            raise WireError(f"rows[{index}].seq: does not follow the row before it")
    return Batch(
        device_id=_text(document["device"], _NAME, "device"),
        epoch=_text(document["epoch"], _HEX_32, "epoch"),
        rows=decoded,
        places=places,
    )


def encode_receipt(receipt: Receipt) -> bytes:
    """Write *receipt* as the contract says. Never raises."""
    document = {"contract": CONTRACT, "cursor": receipt.cursor, "parked": [list(pair) for pair in receipt.parked]}
    return json.dumps(document, separators=(",", ":")).encode()


def decode_receipt(body: bytes) -> Receipt:
    """Read a receipt; raises `WireError` when *body* is none."""
    document = _document(body, RECEIPT_MOST_BYTES)
    _contract(document)
    cursor = _integer(document.get("cursor"), 0, "cursor")
    parked = document.get("parked")
    if not isinstance(parked, list) or len(parked) > BATCH_MOST_ROWS:
        raise WireError(f"parked: must be a list of at most {BATCH_MOST_ROWS}")
    pairs: list[tuple[int, str]] = []
    for index, pair in enumerate(parked):
        if not isinstance(pair, list) or len(pair) != 2:
            raise WireError(f"parked[{index}]: must be [seq, reason]")
        seq = _integer(pair[0], 1, f"parked[{index}][0]")
        if pairs and seq <= pairs[-1][0]:
            raise WireError(f"parked[{index}][0]: must be larger than the one before it")
        pairs.append((seq, _text(pair[1], _SLUG, f"parked[{index}][1]")))
    return Receipt(cursor, tuple(pairs))


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
        "sealed": binascii.b2a_base64(row.sealed, newline=False).decode("ascii"),
        "link": binascii.b2a_base64(row.link, newline=False).decode("ascii"),
    }


def _row(document: object, index: int, places: set[str]) -> SealedRow:
    where = f"rows[{index}]"
    row = _exactly(document, _ROW_KEYS, where)
    if not isinstance(row["counted"], bool):
        raise WireError(f"{where}.counted: must be true or false")
    place_id = row["place"]
    if not isinstance(place_id, str) or place_id not in places:
        raise WireError(f"{where}.place: is not among the places of this batch")
    return SealedRow(
        seq=_integer(row["seq"], 1, f"{where}.seq"),
        at=ClockReading(
            boot_id=_text(row["boot"], _HEX_32, f"{where}.boot"),
            monotonic_ms=_integer(row["monotonic"], 0, f"{where}.monotonic"),
            wall_ms=_integer(row["wall"], -_MOST_INT, f"{where}.wall"),
            state=_one_of(ClockState, row["clock"], f"{where}.clock"),
        ),
        direction=_one_of(Direction, row["direction"], f"{where}.direction"),
        counted=row["counted"],
        place_id=place_id,
        key_id=_text(row["key"], _NAME, f"{where}.key"),
        sealed=_base64(row["sealed"], 1, SEALED_MOST_BYTES, f"{where}.sealed"),
        link=_base64(row["link"], 32, 32, f"{where}.link"),
    )


def _places(document: object) -> tuple[tuple[str, Place], ...]:
    if not isinstance(document, dict) or len(document) > BATCH_MOST_ROWS:
        raise WireError(f"places: must be an object of at most {BATCH_MOST_ROWS}")
    places: list[tuple[str, Place]] = []
    for index, (place_id, place) in enumerate(document.items()):
        where = f"places[{index}]"
        fields = _exactly(place, _PLACE_KEYS, where)
        texts = {key: _place_text(fields[key], f"{where}.{key}") for key in _PLACE_KEYS}
        places.append((_text(place_id, _HEX_16, where), Place(**texts)))
    return tuple(places)


def _place_text(value: object, where: str) -> str:
    """Accept any text that can be stored: no lone surrogates, no NUL (PostgreSQL has none)."""
    if not isinstance(value, str) or len(value) > _PLACE_MOST_CHARS:
        raise WireError(f"{where}: must be text of at most {_PLACE_MOST_CHARS} characters")
    if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise WireError(f"{where}: holds a character that is none")
    return value


def _document(body: bytes, most_bytes: int) -> dict[str, object]:
    if len(body) > most_bytes:
        raise WireError(f"body: larger than {most_bytes} bytes")
    try:
        document = json.loads(
            body.decode("utf-8"), object_pairs_hook=_unique, parse_float=_no_number, parse_constant=_no_number
        )
    except (ValueError, RecursionError):
        # "from None": a JSON error carries the whole text along.
        raise WireError("body: not JSON as the contract has it") from None
    if not isinstance(document, dict):
        raise WireError("body: must be an object")
    return document


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise WireError("body: a field stands twice")
    return document


def _no_number(_: str) -> object:
    raise WireError("body: a number that is not whole")


def _contract(document: dict[str, object]) -> None:
    contract = document.get("contract")
    if not isinstance(contract, str):
        raise WireError("contract: missing")
    if contract != CONTRACT:
        raise UnknownContract(f"contract: this side speaks {CONTRACT}")


def _exactly(document: object, keys: tuple[str, ...], where: str) -> dict[str, object]:
    if not isinstance(document, dict):
        raise WireError(f"{where}: must be an object")
    for key in keys:
        if key not in document:
            raise WireError(f"{where}.{key}: missing")
    if len(document) != len(keys):
        raise WireError(f"{where}: has a field the contract does not know")
    return document


def _integer(value: object, least: int, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= _MOST_INT:
        raise WireError(f"{where}: must be a whole number from {least} to {_MOST_INT}")
    return value


def _text(value: object, shape: re.Pattern[str], where: str) -> str:
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise WireError(f"{where}: must look like {shape.pattern}")
    return value


def _one_of(kind: type[_Word], value: object, where: str) -> _Word:
    if isinstance(value, str):
        for word in kind:
            if word == value:
                return word
    raise WireError(f"{where}: must be one of {', '.join(kind)}")


def _base64(value: object, least: int, most: int, where: str) -> bytes:
    if not isinstance(value, str) or len(value) > (most + 2) // 3 * 4:
        raise WireError(f"{where}: must be base64 of {least} to {most} bytes")
    try:
        decoded = binascii.a2b_base64(value, strict_mode=True)
    except ValueError:
        raise WireError(f"{where}: must be base64") from None
    if not least <= len(decoded) <= most:
        raise WireError(f"{where}: must be base64 of {least} to {most} bytes")
    return decoded
