"""Gates that deliver to a hub all at once, over TLS, with batches made beforehand; and one that is slow on purpose."""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache

from device.clock import ClockReading, ClockState, SystemClock
from device.crypto.sealing import new_key_pair
from device.crypto.signing import signature_headers
from device.enrolment.document import Enrolment
from device.hub.folder import HubFolder
from device.model import Direction, SealedRow
from device.uplink.hub import compressed
from device.wire import checkins as wire
from device.wire.hash_chain import genesis, link_of
from device.wire.time_fields import Sent
from tests.support.fake_outbox import EPOCH, batch_of, chained_rows, sent, with_link
from tests.support.fakes import BOOT_ID
from tests.support.raw_request import signed_head

PATH = "/v1/checkins"
HOST = "127.0.0.1"


@dataclass(slots=True)
class Deliveries:
    """What became of the batches of many gates.

    Attributes:
        took_s: of each batch that was taken, from its request to its receipt.
        asked_to_wait: answers 429.
        failed: other answers, and broken connections.
        finished: gates all of whose batches were taken.
        wall_s: from the first to the last.
    """

    took_s: list[float] = field(default_factory=list)
    asked_to_wait: int = 0
    failed: int = 0
    finished: int = 0
    wall_s: float = 0.0

    def at_ms(self, share: float) -> float:
        """Return what *share* of the batches stayed below, in milliseconds."""
        ordered = sorted(self.took_s)
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1e3, 1)


@dataclass(frozen=True, slots=True)
class Sending:
    """A gate with its signed requests."""

    gate: Enrolment
    requests: tuple[tuple[dict[str, str], bytes], ...]


def signed(gate: Enrolment, port: int, path: str, body: bytes, encoding: str = "identity") -> dict[str, str]:
    """Return the headers of a signed request."""
    authority = f"{HOST}:{port}"
    headers = signature_headers(
        gate.key, gate.device_id, method="POST", authority=authority, target=path, encoding=encoding, body=body
    )
    return {"Host": authority, "Content-Encoding": encoding} | headers


def prepare(gates: Sequence[Enrolment], port: int, rows: int, batch: int) -> list[Sending]:
    """Make the requests of *gates*: *rows* check-ins of each, *batch* in a request.

    The hub does not open what is sealed (`unsealed_rows`).
    """
    prepared = []
    for gate in gates:
        made = unsealed_rows(gate, rows)
        requests = []
        for first in range(0, rows, batch):
            one = batch_of(gate.device_id, made[first : first + batch])
            body = compressed(wire.encode_batch(one, gate.key.sign(wire.head_of(one)), sent_after(one.rows[-1])))
            requests.append((signed(gate, port, PATH, body, "gzip"), body))
        prepared.append(Sending(gate, tuple(requests)))
    return prepared


def unsealed_rows(gate: Enrolment, count: int) -> tuple[SealedRow, ...]:
    """Return *count* rows of a gate with octets in place of what is sealed, as many and as random.

    They were recorded since now, a millisecond apart, by a clock that is right: what all but a few rows are like.
    """
    length, began_ms = _sealed_bytes(), SystemClock().reading().wall_ms
    key_id, link, made = gate.sealing_keys[0].key_id, genesis(gate.device_id, EPOCH), list[SealedRow]()
    for seq in range(1, count + 1):
        at = ClockReading(BOOT_ID, 1_000_000 + seq, began_ms + seq, ClockState.SYNCHRONISED)
        row = SealedRow(seq, at, Direction.IN, True, chained_place(), key_id, os.urandom(length), b"")  # noqa: FBT003 - the row's own order
        link = link_of(link, row)
        made.append(with_link(row, link))
    return tuple(made)


def sent_after(row: SealedRow) -> Sent:
    """Return what a gate says of its clock right after *row*."""
    return sent(replace(row.at, monotonic_ms=row.at.monotonic_ms + 1, wall_ms=row.at.wall_ms + 1))


@cache
def _sealed_bytes() -> int:
    return len(chained_rows("gate-000000000000", new_key_pair(date(2026, 1, 1))[0], 1)[0].sealed)


def chained_place() -> str:
    """Return the id of the place that every batch names."""
    return batch_of("", ()).places[0][0]


def trusting(folder: HubFolder) -> ssl.SSLContext:
    """Return what trusts this hub."""
    return ssl.create_default_context(cadata=folder.public_identity().ca)


def deliver(sending: Sequence[Sending], port: int, trust: ssl.SSLContext, most_s: float = 120.0) -> Deliveries:
    """Let all of them deliver at once, each batch after batch on one line; 429 and broken lines are tried again."""
    found, lock, start = Deliveries(), threading.Lock(), threading.Barrier(len(sending) + 1)
    give_up_s = time.perf_counter() + most_s

    def one(mine: Sending) -> None:
        line = http.client.HTTPSConnection(HOST, port, timeout=most_s, context=trust)
        start.wait()
        left = list(mine.requests)
        while left and time.perf_counter() < give_up_s:
            status, took_s, wait_s = _post(line, *left[0])
            with lock:
                if status == http.client.OK:
                    found.took_s.append(took_s)
                    left.pop(0)
                    found.finished += not left
                elif status == http.client.TOO_MANY_REQUESTS:
                    found.asked_to_wait += 1
                else:
                    found.failed += 1
            if status != http.client.OK:
                threading.Event().wait(wait_s)
        line.close()

    threads = [threading.Thread(target=one, args=(mine,), daemon=True) for mine in sending]
    for thread in threads:
        thread.start()
    start.wait()
    began_s = time.perf_counter()
    for thread in threads:
        thread.join()
    found.wall_s = time.perf_counter() - began_s
    return found


def _post(line: http.client.HTTPSConnection, headers: dict[str, str], body: bytes) -> tuple[int, float, float]:
    """Return status, seconds, and how long to wait before the next try."""
    began_s = time.perf_counter()
    try:
        line.request("POST", PATH, body, headers)
        answer = line.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException):
        line.close()
        return 0, 0.0, 0.2
    return answer.status, time.perf_counter() - began_s, float(answer.headers.get("Retry-After", "0.2"))


@contextmanager
def slow_gate(gate: Enrolment, port: int, trust: ssl.SSLContext, lines: int = 40) -> Iterator[None]:
    """Open *lines* requests of one gate's key, whose bodies come byte by byte, as long as the block runs."""
    body = os.urandom(100_000)
    head = signed_head(gate, f"{HOST}:{port}", PATH, body, "gzip")
    begun, stop = threading.Event(), threading.Event()

    def open_one() -> socket.socket:
        line = trust.wrap_socket(socket.create_connection((HOST, port), timeout=5), server_hostname=HOST)
        line.sendall(head + body[:1000])
        return line

    def drip() -> None:
        with ExitStack() as opened:
            mine = [opened.enter_context(open_one()) for _ in range(lines)]
            begun.set()
            while not stop.wait(0.05):
                with suppress(OSError):
                    if len(mine) < lines:
                        mine.append(opened.enter_context(open_one()))
                for line in list(mine):
                    try:
                        line.sendall(b"x")
                    except OSError:
                        mine.remove(line)

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    begun.wait()
    try:
        yield
    finally:
        stop.set()
        thread.join()
