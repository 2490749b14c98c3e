"""A batch, and what delivers it to a server of a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from device.clock import Clock, SystemClock
from device.model import Receipt
from device.uplink.hub import HubClient
from device.wire import checkins as wire
from tests.support.fake_enrolment import enrolled
from tests.support.fake_outbox import batch_of, chained_rows
from tests.support.fake_server import (
    PATIENCE_S,
    RawServer,
    Script,
)

GATE = enrolled()
BATCH = batch_of(GATE.device_id, chained_rows(GATE.device_id, GATE.sealing_keys[-1], 3))
GOOD = wire.encode_receipt(Receipt(3))
JSON_HEAD = f"HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: {len(GOOD)}"


@contextmanager
def uplink_to(url: str, clock: Clock | None = None, *, ca_file: Path | None = None) -> Iterator[HubClient]:
    uplink = HubClient(url, GATE, clock or SystemClock(), deadline_s=PATIENCE_S, ca_file=ca_file)
    try:
        yield uplink
    finally:
        uplink.close()


def deliver_to(script: Script) -> Receipt:
    with RawServer(script) as server, uplink_to(server.url) as uplink:
        return uplink.deliver(BATCH)


def head(status: str = "200 OK", **fields: object) -> str:
    lines = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in fields.items()}
    return "\n".join([f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in lines.items())])
