"""Gates that come back all at once after an outage, for ``./setup.sh bench hub-crowd``.

Each gate is the delivery loop of a real one (`device.sync.delivery`: cursor, back-off with jitter, ``Retry-After``,
smaller batches on a bad line) on a thread of its own, with a key, a ledger and an address of its own. A part of the
hub's answers is cut off when the hub has committed and answered.
"""

from __future__ import annotations

import http.client
import logging
import multiprocessing
import resource
import ssl
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import Final

from device.clock import SystemClock
from device.enrolment.document import Enrolment
from device.errors import HubRefused, HubUnreachable
from device.model import Batch, Receipt, SealedRow
from device.sync.delivery import DeliveryEvents
from device.uplink.hub import compressed
from device.uplink.url import retry_after
from device.wire import checkins as wire
from device.wire.hash_chain import genesis, link_of
from tests.bench.hub_gates import HOST, PATH, signed, unsealed_rows
from tests.support.delivering import Delivering
from tests.support.fake_outbox import EPOCH, MemoryOutbox, sent, with_link

DEADLINE_S: Final = 20.0
"""Of a request, as of a gate's."""
PROCESSES: Final = 2
_STACK_BYTES: Final = 256 * 1024
_FORK: Final = multiprocessing.get_context("fork")


@dataclass(frozen=True, slots=True)
class Returning:
    """A gate that comes back.

    Attributes:
        gate: its enrolment.
        number: makes its address.
        port: of its hub.
    """

    gate: Enrolment
    number: int
    port: int


@dataclass(slots=True)
class Outcome:
    """What became of a crowd.

    Attributes:
        finished: gates that have delivered all.
        wall_s: from the start to the last of them.
        what: requests by what became of them: ``taken``, ``cut`` (taken, and the answer lost), ``later`` (429),
            ``broken`` (no answer), and other statuses by their number.
        late_s: each gate's time until all of its rows were delivered.
    """

    finished: int = 0
    wall_s: float = 0.0
    what: Counter[str] = field(default_factory=Counter)
    late_s: list[float] = field(default_factory=list)


class CutUplink:
    """A gate's line to its hub, on which answers get lost; used by one gate.

    Args:
        mine: which gate.
        trust: whom to believe.
        cut_every: of so many answers one is lost; 0: none.
        what: counts, of this gate alone.
    """

    def __init__(self, mine: Returning, trust: ssl.SSLContext, cut_every: int, what: Counter[str]) -> None:
        self._gate, self._port, self._cut_every, self._what = mine.gate, mine.port, cut_every, what
        self._answers = mine.number  # gates lose different ones
        address = f"127.1.{mine.number // 250}.{mine.number % 250 + 1}"
        self._line = http.client.HTTPSConnection(
            HOST, mine.port, timeout=DEADLINE_S, context=trust, source_address=(address, 0)
        )
        self._prepared: tuple[tuple[int, int], bytes] | None = None
        self._closed = False

    def prepare(self, batch: Batch) -> None:
        """Encode a batch in advance: real gates have a processor each."""
        self._prepared = _span(batch), self._encoded(batch)

    def deliver(self, batch: Batch) -> Receipt:
        """Send one batch (`device.ports.Uplink.deliver`)."""
        if self._prepared is not None and self._prepared[0] == _span(batch):
            body = self._prepared[1]
        else:
            body = self._encoded(batch)
        status, asked, answer = self._post(body)
        if status != http.client.OK:
            self._what["later" if status == http.client.TOO_MANY_REQUESTS else str(status)] += 1
            raise HubRefused(status, asked)
        self._answers += 1
        if self._cut_every and self._answers % self._cut_every == 0:
            self._what["cut"] += 1
            self._line.close()
            raise HubUnreachable("the line was cut")
        self._what["taken"] += 1
        receipt = wire.decode_receipt(answer)
        wire.check_receipt(batch, receipt)
        return receipt

    def close(self) -> None:
        """Refuse what comes later."""
        self._closed = True
        self._line.close()

    def _encoded(self, batch: Batch) -> bytes:
        return compressed(wire.encode_batch(batch, self._gate.key.sign(wire.head_of(batch)), sent()))

    def _post(self, body: bytes) -> tuple[int, timedelta | None, bytes]:
        began_s = time.monotonic()
        try:
            if self._closed:
                raise ConnectionAbortedError
            self._line.request("POST", PATH, body, signed(self._gate, self._port, PATH, body, "gzip"))
            self._line.sock.settimeout(max(0.01, DEADLINE_S - (time.monotonic() - began_s)))
            with self._line.getresponse() as answer:
                asked = retry_after(answer.headers.get("Retry-After"), SystemClock().reading().wall_ms)
                return answer.status, asked, answer.read()
        except (OSError, http.client.HTTPException):
            self._what["broken"] += 1
            self._line.close()
            raise HubUnreachable("no answer") from None


class _UntilDelivered(DeliveryEvents):
    """Ends a delivery when there is nothing left to send."""

    ended_s: float | None = None
    delivering: Delivering

    def idle(self) -> bool:
        self.ended_s = time.monotonic()
        self.delivering.delivery.close()
        return True


class _OneGate:
    """A gate and its delivery loop."""

    def __init__(self, mine: Returning, visitors: Sequence[SealedRow], trust: ssl.SSLContext, cut_every: int) -> None:
        self.what: Counter[str] = Counter()
        self.events = _UntilDelivered()
        outbox = MemoryOutbox(mine.gate.device_id, rows_of(mine.gate, visitors))
        uplink = CutUplink(mine, trust, cut_every, self.what)
        first = outbox.next_batch(wire.BATCH_MOST_ROWS, wire.BATCH_MOST_BYTES)
        assert first is not None
        uplink.prepare(first)
        self.events.delivering = Delivering(lambda: outbox, uplink, SystemClock(), self.events)
        self.thread = threading.Thread(target=self.events.delivering.delivery.run, daemon=True)


def rows_of(gate: Enrolment, visitors: Sequence[SealedRow]) -> tuple[SealedRow, ...]:
    """Return the rows of a gate: everybody's visitors are the same, their chains are not."""
    link, made = genesis(gate.device_id, EPOCH), list[SealedRow]()
    for row in visitors:
        link = link_of(link, row)
        made.append(with_link(row, link))
    return tuple(made)


class Crowd:
    """Gates that are ready to come back at once.

    Args:
        gates: all of them.
        rows: of each.
        trust: whom they believe.
        cut_every: see `CutUplink`.
        most_s: after that they give up.
    """

    def __init__(
        self, gates: Sequence[Returning], rows: int, trust: ssl.SSLContext, cut_every: int, most_s: float
    ) -> None:
        self._trust, self._cut_every, self._most_s = trust, cut_every, most_s
        self._visitors = unsealed_rows(gates[0].gate, rows)
        shares = [gates[number::PROCESSES] for number in range(min(PROCESSES, len(gates)))]
        self._start = _FORK.Barrier(len(shares) + 1)
        self._told: list[Connection] = []
        self._children = []
        for share in shares:
            told, tell = _FORK.Pipe(duplex=False)
            child = _FORK.Process(target=self._process, args=(share, tell))
            child.start()
            tell.close()
            self._told.append(told)
            self._children.append(child)

    def come(self) -> Outcome:
        """Let them come, and wait for the last; they have been prepared by then."""
        self._start.wait()
        began_s = time.monotonic()
        found = Outcome()
        for told, child in zip(self._told, self._children, strict=True):
            ended, what = told.recv()
            child.join()
            found.what += what
            found.late_s += [at_s - began_s for at_s in ended]
        found.finished, found.wall_s = len(found.late_s), max(found.late_s, default=0.0)
        return found

    def _process(self, share: Sequence[Returning], tell: Connection) -> None:
        logging.disable()  # two thousand links that come and go
        _more_files()
        gates = [_OneGate(mine, self._visitors, self._trust, self._cut_every) for mine in share]
        threading.stack_size(_STACK_BYTES)
        self._start.wait()
        give_up_s = time.monotonic() + self._most_s
        for gate in gates:
            gate.thread.start()
        for gate in gates:
            gate.thread.join(max(0.0, give_up_s - time.monotonic()))
        ended = [gate.events.ended_s for gate in gates if gate.events.ended_s is not None]
        tell.send((ended, sum((gate.what for gate in gates), Counter())))


def _span(batch: Batch) -> tuple[int, int]:
    return batch.rows[0].seq, batch.rows[-1].seq


def _more_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 65_536)), hard))
