"""Limits of requests in progress: two of a gate, and as much waiting for the database as is written in half a second.

A request takes a place only while work is done for it: its body is whole and is what was signed by then. Who sends
slowly holds nothing but a connection, and two of those at most.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeVar, cast

from anyio import CapacityLimiter, to_thread
from fastapi import HTTPException

from device.hub.api.turns import MOST_S, Turns
from device.hub.connections import Connection, Phase
from device.hub.db.database import HubDatabase
from device.hub.db.transactions import MOST_MS

MOST_OF_A_GATE: Final = 2
"""One, and one whose line died without a word."""
MOST_WAITING_BYTES: Final = 5 * 1024 * 1024
"""Of compressed batches that wait to be written: 24 of 500 rows, or 120 of 100."""
SMALL_BYTES: Final = 16 * 1024
"""Gates that keep up with their visitors send less: they find a fourth more room, beside those that catch up."""
MOST_UNFINISHED_BYTES: Final = 64 * 1024 * 1024
"""Of bodies that are still being sent, of all gates."""
MOST_DOWNLOADS: Final = 256
_MOST_TOGETHER: Final = 16
_COME_AGAIN_S: Final = 1
"""For a gate that has two at work: they are written by then."""

_T = TypeVar("_T")


class InProgress:
    """Requests of each gate, of one kind, that are in progress. Used on the server's one thread.

    Args:
        most: of all gates together.
    """

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._all = 0
        self._of_gate: dict[str, list[Connection]] = {}
        self._turned_away = 0

    @contextmanager
    def one_of(self, device_id: str, connection: Connection) -> Iterator[None]:
        """Count a request while the block runs. One too many of a gate ends its oldest whose body is not whole.

        Raises `HTTPException` 429; the gates wait as it says: where there are too many, spread over half a minute.
        """
        mine = self._of_gate.setdefault(device_id, [])
        if len(mine) >= MOST_OF_A_GATE:
            unfinished = next((other for other in mine if other.phase is Phase.BODY), None)
            if unfinished is None:
                raise HTTPException(429, "this gate has two at once already", {"Retry-After": str(_COME_AGAIN_S)})
            mine.remove(unfinished)
            unfinished.cut("a-newer-request-of-the-gate")
        if self._all >= self._most:
            self._turned_away += 1
            raise HTTPException(429, "too many at once", {"Retry-After": str(1 + self._turned_away % MOST_S)})
        mine.append(connection)
        self._all += 1
        try:
            yield
        finally:
            self._all -= 1
            with suppress(ValueError):  # a newer one took its place
                mine.remove(connection)
            if not mine and self._of_gate.get(device_id) is mine:
                del self._of_gate[device_id]


class UnfinishedBodies:
    """Memory of bodies that are being sent. Used on the server's one thread.

    Args:
        most_bytes: in all; beyond it the one that has taken longest is ended.
    """

    def __init__(self, most_bytes: int = MOST_UNFINISHED_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes: dict[Connection, int] = {}

    @contextmanager
    def of(self, connection: Connection) -> Iterator[Callable[[int], None]]:
        """Yield what counts the bytes that came; they are forgotten when the block ends."""
        self._bytes[connection] = 0
        try:
            yield lambda more: self._came(connection, more)
        finally:
            self._bytes.pop(connection, None)

    def _came(self, connection: Connection, more: int) -> None:
        if connection in self._bytes:
            self._bytes[connection] += more
        if sum(self._bytes.values()) > self._most_bytes:
            oldest = next(iter(self._bytes))
            del self._bytes[oldest]
            oldest.cut("too-many-unfinished-bodies")


@dataclass(slots=True)
class _Waiting:
    """Work that waits for its turn; *work* is what *prepare* has made of it by then."""

    size: int
    prepare: Callable[[], Callable[[], object]]
    outcome: asyncio.Future[object]
    work: Callable[[], object] | None = None


class WriteQueue:
    """Work that writes to the database, in the order in which it came; what waits goes in together.

    Used on the server's one thread. The work is done on another, one piece after the other, and prepared there too:
    the database is not locked while a batch is read.

    Args:
        store: the database.
        most_bytes: of what waits and what is being written.
    """

    def __init__(self, store: HubDatabase, most_bytes: int = MOST_WAITING_BYTES) -> None:
        self._store = store
        self._most_bytes = most_bytes
        self._waiting_bytes = 0
        self._waiting: deque[_Waiting] = deque()
        self._writing: asyncio.Task[None] | None = None
        self._one_at_a_time = CapacityLimiter(1)
        self._turns = {is_small: Turns(store.clock) for is_small in (False, True)}

    def must_have_room(self, size: int, device_id: str) -> None:
        """Raise `HTTPException` 429 where *size* bytes more of a gate are too many; it says when to come again."""
        is_small = size <= SMALL_BYTES
        if self._waiting_bytes + size > self._most_bytes + is_small * self._most_bytes // 4:
            wait_s = self._turns[is_small].wait_s(device_id, size, self._waiting_bytes)
            raise HTTPException(429, "too many gates at once", {"Retry-After": str(wait_s)})

    async def run(self, size: int, prepare: Callable[[], Callable[[], _T]], device_id: str = "") -> _T:
        """Do what *prepare* returns when its turn comes; *size* in bytes, *device_id* whose it is.

        Raises:
            HTTPException: 429, too much waits.
            Exception: what *prepare* raised, or what it returned.
        """
        self.must_have_room(size, device_id)
        self._waiting_bytes += size
        outcome: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(size, prepare, outcome))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        try:
            return cast("_T", await outcome)
        finally:
            self._waiting_bytes -= size

    async def _write(self) -> None:
        """Write what waits until nothing does; who went away meanwhile is not told."""
        while self._waiting:
            first, began_s = list(islice(self._waiting, _MOST_TOGETHER)), self._store.clock.monotonic_s()
            try:
                outcomes = await to_thread.run_sync(self._write_some, first, limiter=self._one_at_a_time)
            except Exception as error:  # noqa: BLE001 - no thread to be had, say: the queue goes on
                outcomes = [error] * len(first)
            written = sum(one.size for one in first[: len(outcomes)])
            for turns in self._turns.values():
                turns.wrote(written, self._store.clock.monotonic_s() - began_s)
            for done in outcomes:
                outcome = self._waiting.popleft().outcome
                if outcome.cancelled():
                    continue
                if isinstance(done, Exception):
                    outcome.set_exception(done)
                else:
                    outcome.set_result(done)
        self._writing = None

    def _write_some(self, waiting: Sequence[_Waiting]) -> list[object]:
        """Prepare as many as can be in a short time, at least one, and write them."""
        works: list[Callable[[], object]] = []
        since_ms = self._store.clock.monotonic_ms()
        for one in waiting:
            if works and self._store.clock.monotonic_ms() - since_ms >= MOST_MS:
                break
            one.work = one.work or _prepared(one.prepare)
            works.append(one.work)
        return list(self._store.together(works))


def _prepared(prepare: Callable[[], Callable[[], object]]) -> Callable[[], object]:
    try:
        return prepare()
    except Exception as error:  # noqa: BLE001 - raised where its answer is made
        reason = error

    def fail() -> object:
        raise reason

    return fail
