from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.clock import ClockReading, ClockState
from device.crypto.sealing import new_key_pair
from device.crypto.signing import SigningKey, verified
from device.errors import UnknownContract, WireError
from device.model import Batch, Direction, Place, Receipt, SealedRow
from device.uplink.hub import compressed
from device.wire import checkins as wire
from device.wire.time_fields import Sent
from tests.support.fake_outbox import batch_of, chained_rows

GOLDEN = Path(__file__).parents[1] / "golden" / "wire"
BATCH_BYTES = (GOLDEN / "batch.json").read_bytes().rstrip(b"\n")
RECEIPT_BYTES = (GOLDEN / "receipt.json").read_bytes().rstrip(b"\n")
BOOT = "0123456789abcdef0123456789abcdef"
PLACE_ID = "5f0e3a9b12c4d678"
BATCH = Batch(
    device_id="gate-0a1b2c",
    epoch="00112233445566778899aabbccddeeff",
    rows=(
        SealedRow(
            seq=41,
            at=ClockReading(BOOT, 1_003_200, 1_767_225_603_200, ClockState.SYNCHRONISED),
            direction=Direction.IN,
            counted=True,
            place_id=PLACE_ID,
            key_id="k2026-01-01",
            sealed=b"sealed 41",
            link=bytes(32),
        ),
        SealedRow(
            seq=42,
            at=ClockReading(BOOT, 1_009_900, -86_400_000, ClockState.UNSYNCHRONISED),
            direction=Direction.UNKNOWN,
            counted=False,
            place_id=PLACE_ID,
            key_id="k2026-01-01",
            sealed=b"sealed 42",
            link=b"\xff" * 32,
        ),
    ),
    places=((PLACE_ID, Place("Chợ Hoa Sen", "market", "Thành phố Hồ Chí Minh", "Quận 1", "Phường Bến Nghé")),),
)
RECEIPT = Receipt(42, ((41, "fork"),))
SENT = Sent(ClockReading(BOOT, 1_015_000, 1_767_225_615_000, ClockState.SYNCHRONISED), date(2026, 1, 1))
# RFC 8032, section 7.1, test 1.
GATE = SigningKey(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
HEAD = GATE.sign(wire.head_of(BATCH))


def test_a_batch_is_written_as_the_golden_file_byte_for_byte() -> None:
    assert wire.encode_batch(BATCH, HEAD, SENT) == BATCH_BYTES


def test_the_golden_batch_is_read() -> None:
    assert wire.decode_batch(BATCH_BYTES) == wire.SignedBatch(BATCH, HEAD, SENT)


def test_a_receipt_is_written_and_read_as_the_golden_file() -> None:
    assert wire.encode_receipt(RECEIPT) == RECEIPT_BYTES
    assert wire.decode_receipt(RECEIPT_BYTES) == RECEIPT


@pytest.mark.parametrize("change", ["seq", "link", "epoch", "device"])
def test_the_signed_head_speaks_of_one_place_in_one_ledger(change: str) -> None:
    last = BATCH.rows[-1]
    other = {
        "seq": replace(BATCH, rows=(replace(last, seq=43),)),
        "link": replace(BATCH, rows=(replace(last, link=bytes(32)),)),
        "epoch": replace(BATCH, epoch="ff" * 16),
        "device": replace(BATCH, device_id="gate-0a1b2d"),
    }[change]
    assert verified(GATE.public, wire.head_of(BATCH), HEAD)
    assert not verified(GATE.public, wire.head_of(other), HEAD)


def test_a_receipt_of_a_newer_centre_may_say_more() -> None:
    more = json.loads(RECEIPT_BYTES) | {"time": 1}
    assert wire.decode_receipt(json.dumps(more).encode()) == RECEIPT


def test_a_place_name_that_is_no_text_does_not_stop_delivery() -> None:
    odd = Batch(BATCH.device_id, BATCH.epoch, BATCH.rows, ((PLACE_ID, Place("Chợ \ud800", "market", "Huế")),))
    assert wire.decode_batch(wire.encode_batch(odd, HEAD, SENT)).batch.places[0][1].name == "Chợ ?"


def _row(number: int, **fields: object) -> Callable[[dict[str, Any]], object]:
    return lambda document: document["rows"][number].update(fields)


SPOILT: list[tuple[str, Callable[[dict[str, Any]], object]]] = [
    ("contract", lambda d: d.pop("contract")),
    ("contract", lambda d: d.update(contract=1)),
    ("batch.device", lambda d: d.pop("device")),
    ("device", lambda d: d.update(device="../../etc")),
    ("device", lambda d: d.update(device="a" * 65)),
    ("epoch", lambda d: d.update(epoch="00")),
    ("batch", lambda d: d.update(more=1)),
    ("batch.head", lambda d: d.pop("head")),
    ("head", lambda d: d.update(head="AAAA")),
    ("head", lambda d: d.update(head=None)),
    ("batch.sent", lambda d: d.pop("sent")),
    ("sent", lambda d: d.update(sent=None)),
    ("sent.monotonic", lambda d: d["sent"].pop("monotonic")),
    ("sent.monotonic", lambda d: d["sent"].update(monotonic=-1)),
    ("sent.wall", lambda d: d["sent"].update(wall=2**53)),
    ("sent.clock", lambda d: d["sent"].update(clock="good")),
    ("sent.sealing_day", lambda d: d["sent"].update(sealing_day="2026-02-30")),
    ("sent.sealing_day", lambda d: d["sent"].update(sealing_day="20260101")),
    ("rows", lambda d: d.update(rows=[])),
    ("rows", lambda d: d.update(rows={})),
    ("rows", lambda d: d.update(rows=d["rows"] * 251)),
    ("rows[1].seq", _row(1, seq=43)),
    ("rows[1].seq", _row(1, seq=41)),
    ("rows[0].seq", _row(0, seq=0)),
    ("rows[0].seq", _row(0, seq=True)),
    ("rows[0].seq", _row(0, seq="41")),
    ("rows[0].seq", _row(0, seq=2**53)),
    ("rows[0].boot", _row(0, boot=BOOT.upper())),
    ("rows[0].monotonic", _row(0, monotonic=-1)),
    ("rows[0].wall", _row(0, wall=None)),
    ("rows[0].clock", _row(0, clock="sure")),
    ("rows[0].direction", _row(0, direction=["in"])),
    ("rows[0].counted", _row(0, counted=1)),
    ("rows[0].place", _row(0, place="0000000000000000")),
    ("rows[0].place", _row(0, place=[])),
    ("rows[0].key", _row(0, key="")),
    ("rows[0].sealed", _row(0, sealed="")),
    ("rows[0].sealed", _row(0, sealed="c2Vh bGVk")),
    ("rows[0].sealed", _row(0, sealed="Ợ")),
    ("rows[0].sealed", _row(0, sealed="A" * 200_000)),
    ("rows[0].link", _row(0, link="AAAA")),
    ("rows[0]", _row(0, more=1)),
    ("rows[0].link", lambda d: d["rows"][0].pop("link")),
    ("rows[0]", lambda d: d["rows"].__setitem__(0, 5)),
    ("places", lambda d: d.update(places=[])),
    ("places[0]", lambda d: d["places"].update({PLACE_ID: 3})),
    ("places[0].ward", lambda d: d["places"][PLACE_ID].pop("ward")),
    ("places[0].name", lambda d: d["places"][PLACE_ID].update(name="a\0b")),
    ("places[0].name", lambda d: d["places"][PLACE_ID].update(name="\ud800")),
    ("places[0].name", lambda d: d["places"][PLACE_ID].update(name="a" * 5_000)),
    ("places[1]", lambda d: d["places"].update({"id": d["places"][PLACE_ID]})),
]


@pytest.mark.parametrize(("field", "spoil"), SPOILT)
def test_a_batch_that_breaks_the_contract_is_refused_naming_the_field(
    field: str, spoil: Callable[[dict[str, Any]], object]
) -> None:
    document = json.loads(BATCH_BYTES)
    spoil(document)
    with pytest.raises(WireError) as caught:
        wire.decode_batch(json.dumps(document).encode())
    assert str(caught.value).startswith(field + ":")
    assert "sealed 41" not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b"nul",
        b"[" * 100_000,
        b'{"contract":"gate/1","rows":[' + b"[]," * 300_000 + b"[]]}",
        b'{"contract":"gate/1","rows":[' + b"{}," * 300_000 + b"{}]}",
        b'{"contract":"gate/1","contract":"gate/1"}',
        BATCH_BYTES.replace(b":41,", b":41.0,"),
        BATCH_BYTES.replace(b":41,", b":NaN,"),
        BATCH_BYTES.replace(b":41,", b":" + b"9" * 5_000 + b","),
        BATCH_BYTES + b" " * wire.BODY_MOST_BYTES,
        b"\xef\xbb\xbf" + BATCH_BYTES,
    ],
)
def test_bytes_that_are_no_document_are_refused(body: bytes) -> None:
    with pytest.raises(WireError, match=r"^(body|rows)"):
        wire.decode_batch(body)


def test_another_version_is_told_from_a_broken_batch() -> None:
    with pytest.raises(UnknownContract):
        wire.decode_batch(BATCH_BYTES.replace(b"gate/1", b"gate/2"))


@pytest.mark.parametrize(
    "receipt",
    [
        {"cursor": -1},
        {"cursor": 1.5},
        {"cursor": None},
        {"parked": None},
        {"parked": [[41]]},
        {"parked": [[41, "Fork\n"]]},
        {"parked": [[41, "fork"], [41, "fork"]]},
        {"parked": [[0, "fork"]]},
        {"parked": [[41, "fork"]] * 501},
        {"contract": "gate/0"},
    ],
)
def test_a_receipt_that_breaks_the_contract_is_refused(receipt: dict[str, object]) -> None:
    with pytest.raises(WireError):
        wire.decode_receipt(json.dumps(json.loads(RECEIPT_BYTES) | receipt).encode())


@pytest.mark.parametrize(
    "receipt", [Receipt(43), Receipt(10**15), Receipt(42, ((40, "fork"),)), Receipt(41, ((42, "fork"),))]
)
def test_a_receipt_cannot_settle_what_was_not_sent(receipt: Receipt) -> None:
    with pytest.raises(WireError):
        wire.check_receipt(BATCH, receipt)


@pytest.mark.parametrize("receipt", [RECEIPT, Receipt(41), Receipt(0)])
def test_a_receipt_may_settle_all_a_part_or_nothing(receipt: Receipt) -> None:
    wire.check_receipt(BATCH, receipt)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_a_wire_error(body: bytes) -> None:
    for decode in (wire.decode_batch, wire.decode_receipt):
        with pytest.raises(WireError):
            decode(body)


@given(st.data())
def test_a_batch_with_any_value_in_any_place_raises_nothing_but_a_wire_error(data: st.DataObject) -> None:
    document: Any = json.loads(BATCH_BYTES)
    inner: Any = document
    while True:
        keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
        key = data.draw(st.sampled_from(keys))
        if isinstance(inner[key], (dict, list)) and data.draw(st.booleans()):
            inner = inner[key]
        else:
            inner[key] = data.draw(json_values)
            break
    body = json.dumps(document).encode()
    try:
        signed = wire.decode_batch(body)
    except WireError:
        return
    assert wire.decode_batch(wire.encode_batch(signed.batch, signed.head_signature, signed.sent)) == signed


@given(st.integers(0, len(BATCH_BYTES) - 1), st.integers(0, 255))
def test_a_batch_with_one_byte_changed_raises_nothing_but_a_wire_error(place: int, value: int) -> None:
    changed = bytearray(BATCH_BYTES)
    changed[place] = value
    try:
        wire.decode_batch(bytes(changed))
    except WireError:
        return


def test_a_full_batch_takes_at_most_450_bytes_a_row_on_the_wire() -> None:
    key, _ = new_key_pair()
    batch = batch_of("gate-0a1b2c", chained_rows("gate-0a1b2c", key, wire.BATCH_MOST_ROWS))
    sent = compressed(wire.encode_batch(batch, HEAD, SENT))
    assert len(sent) / len(batch.rows) <= 450
    assert wire.decode_batch(gzip.decompress(sent)).batch == batch
