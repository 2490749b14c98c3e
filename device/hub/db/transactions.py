"""Write transactions: in the order in which they were asked for, one or a few at once, and several in one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from device.clock import Clock
from device.hub.db.fair_lock import FairLock
from device.hub.db.problems import concerns_all

MOST_MS: Final = 50
"""How long a shared transaction may have been open when another piece of work is taken into it."""
_T = TypeVar("_T")


class _Spoilt(Exception):
    """A piece of work failed after it had begun to write."""


class Transactions:
    """Transactions of one database. Any thread.

    Args:
        engine: of the database.
        clock: for how long they take.
        writers: how many may write at once: one in SQLite, where the rest would only wait there, out of turn.

    Attributes:
        writers: the lock in which the threads of this process wait.
    """

    def __init__(self, engine: Engine, clock: Clock, writers: int = 1) -> None:
        self.writers = FairLock(clock, writers)
        self._engine = engine
        self._clock = clock
        self._shared = _Shared()

    @property
    def is_shared(self) -> bool:
        """Whether this thread does several pieces of work in one transaction (`together`)."""
        return self._shared.connection is not None

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Begin a transaction; it is committed when the block ends, and undone when that raises.

        Within `together` it is a part of the shared one.
        """
        shared = self._shared
        if shared.connection is None:
            with self.writers, self._engine.begin() as connection:
                yield connection
            return
        try:
            yield shared.connection
        except BaseException:
            shared.is_spoilt = True
            raise

    def once(self, connection: Connection, work: Callable[[Connection], None]) -> None:
        """Do something that holds for the whole transaction of *connection*: within `together` the first time only."""
        if work not in self._shared.done:
            work(connection)
            if self.is_shared:
                self._shared.done.add(work)

    def together(self, works: Sequence[Callable[[], _T]]) -> list[_T | Exception]:
        """Do pieces of work in one transaction, which waits for the disk once.

        Nothing of what is returned is said before all of it is on disk. When a piece fails after it had begun to
        write, or the commit does, everything is undone, and each is done by itself; but where a server is away, full or
        keeps all waiting, all have failed: to wait for it once is enough.

        Returns:
            What became of the first of them, at least of one: how many depends on how long they take.
        """
        done: list[_T | Exception] = []
        try:
            with self.begin() as connection, self._sharing(connection):
                since_ms = self._clock.monotonic_ms()
                for work in works:
                    if done and self._clock.monotonic_ms() - since_ms >= MOST_MS:
                        break
                    done.append(_outcome(work))
                    if self._shared.is_spoilt:
                        raise _Spoilt  # noqa: TRY301 - it is what undoes the transaction
        except (_Spoilt, SQLAlchemyError) as error:
            why = done[-1] if isinstance(error, _Spoilt) else error
            if isinstance(why, Exception) and concerns_all(why):
                return [why] * len(works)
            return [_outcome(work) for work in works[: max(1, len(done))]]
        return done

    @contextmanager
    def _sharing(self, connection: Connection) -> Iterator[None]:
        self._shared.connection, self._shared.is_spoilt, self._shared.done = connection, False, set()
        try:
            yield
        finally:
            self._shared.connection, self._shared.done = None, set()


class _Shared(threading.local):
    """The transaction that a thread does several pieces of work in."""

    def __init__(self) -> None:
        self.connection: Connection | None = None
        self.is_spoilt = False
        self.done: set[Callable[[Connection], None]] = set()


def _outcome(work: Callable[[], _T]) -> _T | Exception:
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - raised again where the answer is made
        return error
