"""The hub's database as an object: gates, check-ins, alarms, and who unsealed what. Safe on any thread."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    bindparam,
    case,
    func,
    insert,
    inspect,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from device.clock import utc_day
from device.enrolment.code import EnrolCode
from device.enrolment.pairing import Applicant
from device.hub.believed_clock import BelievedClock, BelievedTime
from device.hub.db import enrolments, gate_state, partitions, people_status
from device.hub.db.arrivals import settled, storing
from device.hub.db.erasure import CHUNK, erase_some
from device.hub.db.fair_lock import FairLock
from device.hub.db.ingest import ingest
from device.hub.db.problems import may_go_through
from device.hub.db.queries import (
    Alarm,
    Arrived,
    Quarantined,
    arrived_of,
    arrived_query,
    quarantined_of,
    quarantined_query,
)
from device.hub.db.read_only import is_read_only
from device.hub.db.retention import key_states, live_days, record_contact
from device.hub.db.rows import day_number
from device.hub.db.schema import migrate, must_be_current
from device.hub.db.tables import (
    alarms,
    checkins,
    destructions,
    gates,
    ledgers,
    quarantine,
    sealing_days,
    unsealings,
)
from device.hub.db.transactions import Transactions
from device.hub.db.true_times import true_times
from device.hub.keyring.public_identity import PublicIdentity
from device.model import Batch, HourCounts, Receipt, Status
from device.wire.state import GateState, StateAnswer
from device.wire.time_fields import Sent

LIST_MOST: Final = 1_000
_TRIES: Final = 5
_KEYS_LOCK: Final = 0x6761_7465_0004
_BE_ALONE: Final = text(f"SELECT pg_advisory_lock({_KEYS_LOCK})")
_BE_NO_LONGER: Final = text(f"SELECT pg_advisory_unlock({_KEYS_LOCK})")
_KEY_OF: Final = select(gates.c.public_key, gates.c.revocation).where(gates.c.device_id == bindparam("device"))
_T = TypeVar("_T")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class GateRecord:
    """A gate as the hub knows it.

    Attributes:
        device_id: whose ledgers.
        name: what people call it.
        checkins: how many of its rows are stored.
        heard_ms: wall time at which it was last heard, with check-ins or without; ``None``: never since it was added.
        public: its key, 32 bytes, Ed25519.
        revocation: the root's signature that ends this key; ``None`` while it is good.
    """

    device_id: str
    name: str
    checkins: int
    heard_ms: int | None
    public: bytes
    revocation: bytes | None


class HubDatabase:
    """The hub's database.

    Args:
        engine: of SQLite or of PostgreSQL; the statements are kept to what both have.
        clock: for the times of arrival.
        truncate_log: takes what was deleted out of the database's log too; ``None`` where there is none.
        writers: how many may write at once.

    Attributes:
        clock: the same.
    """

    def __init__(
        self,
        engine: Engine,
        clock: BelievedClock,
        truncate_log: Callable[[], None] | None = None,
        writers: int = 1,
    ) -> None:
        self._engine = engine
        self.clock = clock
        self._truncate_log = truncate_log
        self._transactions = Transactions(engine, clock, writers)

    @property
    def folder(self) -> Path | None:
        """Where its file lies; ``None`` when it is a server's."""
        is_file = self._engine.dialect.name == "sqlite"
        return Path(self._engine.url.database or "").parent if is_file else None

    def create(self) -> None:
        """Make the tables of a new hub, by every step that there ever was."""
        migrate(self._engine, self._engine.url)

    def migrate(self, where: object, tell: Callable[[str], None] | None = None, *, dry_run: bool = False) -> int:
        """Raise its schema to this program's (`device.hub.db.schema.migrate`)."""
        return migrate(self._engine, where, tell, dry_run=dry_run)

    def must_be_current(self, where: object) -> None:
        """Raise `ConfigurationError` when its schema is not this program's; *where* is how a person names it."""
        with self._engine.connect() as connection:
            must_be_current(connection, where)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only process that makes, records or destroys keys; others wait, as long as a lock is waited for.

        Not to be taken twice by one thread.
        """
        if not self._partitioned:  # one host, with one hub
            yield
            return
        with self._engine.connect() as connection:
            connection.execute(_BE_ALONE)
            connection.commit()  # the lock is the connection's
            try:
                yield
            finally:
                connection.execute(_BE_NO_LONGER)

    @property
    def _partitioned(self) -> bool:
        return self._engine.dialect.name == "postgresql"

    def make_partitions(self, sealing_days: Iterable[date] = ()) -> None:
        """Make the partitions of the days to come, of all keys that live, and of these days (PostgreSQL)."""
        if self._partitioned:
            with self._engine.connect() as connection:
                sealing_days = [*sealing_days, *live_days(connection)]
            today = utc_day(self.now_ms())
            months = partitions.months_from(today, today + timedelta(days=partitions.AHEAD_DAYS))
            made = partitions.make_partitions(self._engine, months, map(day_number, sealing_days))
            if made:
                log.info("event=partitions-made count=%d first=%s last=%s", len(made), made[0], made[-1])

    def make_partitions_for(self, arrivals: Sequence[date], sealing_days: Iterable[int]) -> None:
        """Make those of rows that came between the first and the last of some days, and of these sealing days."""
        months = partitions.months_from(arrivals[0], arrivals[-1]) if arrivals else []
        partitions.make_partitions(self._engine, months, sealing_days)

    def days_ahead(self) -> int | None:
        """Return for how many days there are partitions; ``None`` where none are needed."""
        if not self._partitioned:
            return None
        with self._engine.connect() as connection:
            return partitions.days_ahead(connection, utc_day(self.now_ms()))

    def vacuum_past_days(self) -> None:
        """Make ready what is sealed to the keys of past days to be counted quickly when it goes (PostgreSQL)."""
        if self._partitioned:
            partitions.vacuum_past(self._engine, day_number(utc_day(self.now_ms())))

    def erase_day(self, day: date) -> None:
        """Erase all that is sealed to the key of a day, in short pieces; nothing happens when it is gone."""
        if self._partitioned:
            partitions.drop_day(self._engine, day_number(day))
            return
        erased = CHUNK
        while erased == CHUNK:
            with self.begin() as connection:
                erased = erase_some(connection, day_number(day))

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def begin(self) -> AbstractContextManager[Connection]:
        """Begin a transaction; it is committed when the block ends, and undone when that raises."""
        return self._transactions.begin()

    def reading(self) -> AbstractContextManager[Connection]:
        """Open a connection that only reads: no writer waits for it."""
        return self._engine.connect()

    def together(self, works: Sequence[Callable[[], _T]]) -> list[_T | Exception]:
        """Do pieces of work that write in one transaction (`Transactions.together`)."""
        return self._transactions.together(works)

    @property
    def writers(self) -> FairLock:
        """The lock that writers of this process wait for, one after the other."""
        return self._transactions.writers

    def now_ms(self) -> int:
        """Return the hub's time, as far as it can be believed."""
        return self.clock.now().now_ms

    def check(self) -> None:
        """Ask the database something; raises `sqlalchemy.exc.SQLAlchemyError` when it does not answer."""
        with self._engine.connect() as connection:
            connection.execute(select(func.count()).select_from(gates))

    def is_read_only(self) -> bool:
        """Return whether nothing can be written now (`device.hub.db.read_only`)."""
        return is_read_only(self._engine)

    def any_gate(self) -> bool:
        """Return whether a gate is registered, whatever the version of the schema."""
        with self._engine.connect() as connection:
            there = inspect(connection).has_table(gates.name)
            return there and connection.execute(select(gates.c.device_id).limit(1)).first() is not None

    def add_gate(self, name: str, public: bytes) -> str:
        """Register a gate by its public key; returns its new device id."""
        with self.begin() as connection:
            return enrolments.add_gate(connection, name, public, self.now_ms())

    def key_of(self, device_id: str) -> tuple[bytes, bytes | None] | None:
        """Return a gate's key and the signature that ended it, if one did; ``None`` for no gate of ours."""
        with self._engine.connect() as connection:
            row = connection.execute(_KEY_OF, {"device": device_id}).first()
        return None if row is None else (row.public_key, row.revocation)

    def new_code(self, name: str, device_id: str | None = None) -> EnrolCode:
        """Make an enrolment code for a new gate called *name*, or for *device_id* again."""
        with self.begin() as connection:
            return enrolments.make_code(connection, name, device_id, self.now_ms())

    def enrol(self, applicant: Applicant, identity: PublicIdentity) -> enrolments.Enrolled | enrolments.Refused:
        """Enrol an applicant, or say why not; whatever the answer is, it is on disk."""
        with self.reading() as connection:
            answer = enrolments.answer_without_writing(connection, applicant, identity, self.now_ms())
        if answer is not None:
            return answer
        with self.begin() as connection:
            result = enrolments.enrol(connection, applicant, identity, self.now_ms())
        if isinstance(result, enrolments.Enrolled):
            self._forget()
        return result

    def forget_expired_codes(self) -> None:
        """Delete the codes that have expired, and what their proofs are made with."""
        with self.begin() as connection:
            deleted = enrolments.forget_expired(connection, self.now_ms())
        if deleted:
            self._forget()

    def _forget(self) -> None:
        if self._truncate_log is not None:
            with self.writers:
                self._truncate_log()

    def revoke(self, device_id: str, signature: bytes) -> None:
        """Withdraw a gate's present key; *signature* is the root's (`device.wire.revocation`)."""
        with self.begin() as connection:
            connection.execute(update(gates).where(gates.c.device_id == device_id).values(revocation=signature))

    def find_gates(self, name: str) -> list[GateRecord]:
        """Return the gates that have this device id or are called so."""
        return self._gates(or_(gates.c.device_id == name, gates.c.name == name))

    def gates(self) -> list[GateRecord]:
        """Return all gates, the oldest first."""
        return self._gates(true())

    def _gates(self, which: ColumnElement[bool]) -> list[GateRecord]:
        stored = func.sum(ledgers.c.stored).label("rows")
        counts = select(ledgers.c.device_id, stored).group_by(ledgers.c.device_id).subquery()
        query = (
            select(
                gates.c.device_id,
                gates.c.name,
                func.coalesce(counts.c.rows, 0),
                case((gates.c.contact_ms > gates.c.added_ms, gates.c.contact_ms)),
                gates.c.public_key,
                gates.c.revocation,
            )
            .where(which)
            .outerjoin(counts, counts.c.device_id == gates.c.device_id)
            .order_by(gates.c.added_ms, gates.c.device_id)
        )
        with self._engine.connect() as connection:
            return [GateRecord(*row) for row in connection.execute(query)]

    def ingest(self, batch: Batch, head_signature: bytes = b"", sent: Sent | None = None) -> Receipt:
        """Take a batch; when this returns, what the receipt settles is on disk."""
        time = self.clock.watch()

        def store(connection: Connection) -> Receipt:
            self._transactions.once(connection, storing)
            return ingest(connection, batch, time, head_signature, sent)

        return self._persist(store, lambda: self._make_missing(batch, time))

    def _persist(self, work: Callable[[Connection], _T], mend: Callable[[], None] | None = None) -> _T:
        """Do *work* in a transaction, and again when somebody else's went first.

        Also when a partition was missing: *mend* makes it, in a transaction of its own. Within `together` it is done
        once: that does each piece by itself when one has failed.
        """
        for _ in range(0 if self._transactions.is_shared else _TRIES - 1):
            try:
                with self.begin() as connection:
                    return work(connection)
            except SQLAlchemyError as error:
                if mend is not None and partitions.is_missing(error):
                    mend()
                elif not may_go_through(error):
                    raise
        with self.begin() as connection:
            return work(connection)

    def _make_missing(self, batch: Batch, time: BelievedTime) -> None:
        if self._partitioned:
            with self._engine.connect() as connection:
                states = key_states(connection, {row.key_id for row in batch.rows})
            days = {state.sealing_day for state in states.values() if not state.is_destroyed}
            made = partitions.make_partitions(self._engine, [utc_day(time.now_ms)], days)
            if made:
                log.warning("event=partitions-missing count=%d first=%s last=%s", len(made), made[0], made[-1])

    def note_contact(self, device_id: str, sent: Sent) -> None:
        """Note that a gate was heard that has nothing to deliver."""
        time = self.clock.watch()
        self._persist(lambda connection: record_contact(connection, device_id, sent, None, time))

    def note_state(self, device_id: str, state: GateState, hours: Sequence[HourCounts]) -> StateAnswer:
        """Keep a gate's state report; return which of its hours are counted, and which never will be."""
        return self._persist(
            lambda connection: gate_state.note_state(connection, device_id, state, hours, self.now_ms())
        )

    def forget_old_counts(self) -> None:
        """Delete what gates counted by the hour long ago, in short pieces."""
        more = True
        while more:
            with self.begin() as connection:
                more = gate_state.forget_some(connection, self.now_ms())

    def standings(self) -> list[gate_state.Standing]:
        """Return how every gate stands, the oldest first."""
        with self._engine.connect() as connection:
            return gate_state.standings(connection, self.now_ms())

    def replace_statuses(self, people: Iterable[tuple[tuple[bytes, ...], Status]]) -> None:
        """Make these (digests of a person, status) all that is known; whoever is not among them is unknown."""
        with self.begin() as connection:
            people_status.replace(connection, people)

    def status(self, digests: Iterable[bytes]) -> Status:
        """Return what is known under the first of *digests* that is known; else nothing."""
        with self._engine.connect() as connection:
            return people_status.find(connection, digests)

    def count(self) -> dict[str, int]:
        """Return how many check-ins are stored, how many of these count or are expired, and how many are apart."""
        with self._engine.connect() as connection:
            sums = (func.coalesce(func.sum(ledgers.c[name]), 0) for name in ("stored", "counted", "expired"))
            stored, counted, late = map(int, connection.execute(select(*sums)).one())
            gone = select(sealing_days.c.key_id).where(sealing_days.c.gone)
            erased = select(func.coalesce(func.sum(destructions.c.stored), 0)).where(destructions.c.key_id.in_(gone))
            forgotten = connection.execute(erased).scalar_one()
            apart = connection.execute(select(func.count()).select_from(quarantine)).scalar_one()
        return {"checkins": stored, "counted": counted, "expired": late + int(forgotten), "quarantined": apart}

    def checkins(self, after: int = 0, limit: int = LIST_MOST) -> list[Arrived]:
        """Return stored rows in the order of arrival, those with a higher number than *after*."""
        query = arrived_query().where(checkins.c.arrival > after).limit(min(limit, LIST_MOST))
        with self._engine.connect() as connection:
            found = connection.execute(query.where(settled(connection, checkins.c.arrival))).all()
            times = true_times(connection, found)
        return [arrived_of(row._mapping, when) for row, when in zip(found, times, strict=True)]  # noqa: SLF001 - its public name

    def every_checkin(self) -> Iterator[Arrived]:
        """Yield all stored rows in the order of arrival, page by page."""
        after = 0
        while page := self.checkins(after):
            yield from page
            after = page[-1].arrival

    def quarantined(self, after: int = 0, limit: int = LIST_MOST) -> list[Quarantined]:
        """Return rows kept apart in the order of arrival, those with a higher number than *after*."""
        query = quarantined_query().where(quarantine.c.arrival > after).limit(min(limit, LIST_MOST))
        with self._engine.connect() as connection:
            found = connection.execute(query.where(settled(connection, quarantine.c.arrival)))
            return [quarantined_of(row._mapping) for row in found]  # noqa: SLF001 - its public name

    def every_quarantined(self) -> Iterator[Quarantined]:
        """Yield all rows kept apart in the order of arrival, page by page."""
        after = 0
        while page := self.quarantined(after):
            yield from page
            after = page[-1].arrival

    def alarms(self) -> list[Alarm]:
        """Return all alarms, the oldest first."""
        query = (
            select(ledgers.c.device_id, ledgers.c.epoch, alarms.c.kind, alarms.c.seq, alarms.c.raised_ms)
            .join(ledgers, ledgers.c.ledger_id == alarms.c.ledger_id)
            .order_by(alarms.c.alarm_id)
        )
        with self._engine.connect() as connection:
            return [Alarm(*row) for row in connection.execute(query)]

    def note_unsealing(self, who: str, reason: str, first: int, last: int) -> None:
        """Write down durably that somebody is about to read these arrivals."""
        values = {"who": who, "reason": reason, "first_arrival": first, "last_arrival": last}
        with self.begin() as connection:
            connection.execute(insert(unsealings).values(at_ms=self.now_ms(), **values))

    def unsealings(self) -> list[tuple[int, str, str, int, int]]:
        """Return (wall time, who, reason, first arrival, last arrival) of each, the oldest first."""
        columns = [unsealings.c[name] for name in ("at_ms", "who", "reason", "first_arrival", "last_arrival")]
        with self._engine.connect() as connection:
            found = connection.execute(select(*columns).order_by(unsealings.c.unsealing_id))
            return [(at_ms, who, reason, first, last) for at_ms, who, reason, first, last in found]
