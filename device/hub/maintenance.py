"""Hourly maintenance of the hub: sealing keys of the days to come are made, those past their retention destroyed.

A clock that leaps must not destroy anything: while it is in doubt (`device.hub.believed_clock`), for an hour after that
and after a start, and when it stands more than `LEAP_DAYS` after the day on which keys were last looked through,
nothing is destroyed until a person has said which day it is (``gate-scanner hub expire --today``).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from device.clock import Clock, utc_day
from device.errors import ClockLeapt, ConfigurationError
from device.hub.believed_clock import BelievedTime
from device.hub.db import destroyed_keys, key_uses, retention
from device.hub.db.database import HubDatabase
from device.hub.db.destroyed_keys import DestroyedKey
from device.hub.db.key_uses import KeyUse
from device.hub.db.partitions import ALARM_DAYS
from device.hub.keyring.keys import KeyFolder
from device.words import say, sentence

LEAP_DAYS: Final = 7
"""A hub may be off for so long."""
EVERY_S: Final = 3600.0
CODES_EVERY_S: Final = 60.0
"""A code that has expired is gone a minute later."""
NO_KEYS: Final = sentence("{path}: the hub's sealing keys are missing; restore a backup (gate-scanner hub restore)")
_UNWATCHED: Final = sentence(
    "the hub's clock says {said}, it has not been watched for an hour since it was set or the machine was started: "
    "nothing is destroyed; when the clock is right, run: gate-scanner hub expire DIR --today {said}"
)
_LEAPT: Final = sentence(
    "the hub's clock says {said}, keys were last looked through on {seen}: "
    "nothing is destroyed; when the clock is right, run: gate-scanner hub expire DIR --today {said}"
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ExpiryResult:
    """Outcome of `expire`.

    Attributes:
        destroyed: just now.
        kept: their retention has passed since their own day, but they may have been used later.
    """

    destroyed: tuple[DestroyedKey, ...]
    kept: tuple[KeyUse, ...]


def make_sealing_keys(keys: KeyFolder, store: HubDatabase) -> None:
    """Make the sealing keys of today and the days to come, and record them in the database.

    While its clock is in doubt (`device.hub.believed_clock`) a hub makes none: a key of 1970 would be destroyed as soon
    as the clock is right, and one of another year would never be, and with it what gates have sealed to it meanwhile.

    Raises:
        ConfigurationError: all keys are gone, or one is damaged: a hub that lost its keys must not look well.
        OSError: the folder cannot be written.
    """
    with store.alone():
        _make_sealing_keys(keys, store)


def _make_sealing_keys(keys: KeyFolder, store: HubDatabase) -> None:
    time = store.clock.watch()
    with store.begin() as connection:
        ever = retention.any_live_key(connection)
        if retention.last_maintenance_day(connection) is None:
            retention.record_maintenance_day(connection, utc_day(time.now_ms))
    if ever and not keys.pairs():
        raise ConfigurationError(say(NO_KEYS, path=keys.path))
    if time.off_ms is not None:
        return
    keys.make_ahead(time.now_ms)
    store.make_partitions(pair.day for pair in keys.pairs())
    with store.begin() as connection:
        retention.record_keys(connection, (pair.key for pair in keys.pairs()))


def expire(
    keys: KeyFolder, store: HubDatabase, retention_days: int, who: str = "hub", confirmed: date | None = None
) -> ExpiryResult:
    """Destroy the keys that are due, with what is sealed to them; what was begun before is ended first.

    Args:
        keys: the key pairs.
        store: the database.
        retention_days: how long what arrived can be read.
        who: for the audit.
        confirmed: the day a person says it is.

    Raises:
        ClockLeapt: the clock stands too far from where it stood or was not watched for long enough, or not on the day
            that was confirmed.
        ConfigurationError: a key is damaged; what was due is destroyed.
        OSError: a key cannot be destroyed; it is tried again the next time.
    """
    keys.check()
    with store.alone():
        return _expire(keys, store, retention_days, who, confirmed)


def _expire(keys: KeyFolder, store: HubDatabase, retention_days: int, who: str, confirmed: date | None) -> ExpiryResult:
    time = _checked_time(store, confirmed)
    today = utc_day(time.now_ms)
    with store.begin() as connection:
        retention.record_maintenance_day(connection, today)
        key_uses.note_stray_keys(connection, today)
    with store.reading() as connection:
        past = key_uses.live_keys(connection, today - timedelta(days=retention_days), today)
        past += key_uses.stray_keys(connection, today)
    due = [key for key in past if key.is_due(today, retention_days)]
    if due and not time.steady:
        raise ClockLeapt(say(_UNWATCHED, said=today))
    with store.begin() as connection:
        destroyed = [destroyed_keys.mark_destroyed(connection, key, who, time.now_ms) for key in due]
        unfinished = destroyed_keys.keys_to_erase(connection)
    for key_id, day in unfinished:
        keys.destroy(day)
        store.erase_day(day)
        with store.begin() as connection:
            destroyed_keys.record_erasure(connection, key_id)
    _destroy_restored_keys(keys, store)
    for done in destroyed:
        log.info("event=sealing-key-destroyed day=%s last_day=%s checkins=%d", done.day, done.last_day, done.checkins)
    return ExpiryResult(tuple(destroyed), tuple(key for key in past if key not in due))


def _destroy_restored_keys(keys: KeyFolder, store: HubDatabase) -> None:
    """Destroy keys that came back with an old copy of the folder: what they open lies on gates' cards, too."""
    pairs = keys.pairs()
    with store.begin() as connection:
        states = retention.key_states(connection, (pair.key.key_id for pair in pairs))
    for pair in pairs:
        if (state := states.get(pair.key.key_id)) is not None and state.is_destroyed:
            keys.destroy(pair.day)
            log.warning("event=sealing-key-destroyed-again day=%s", pair.day)


def _checked_time(store: HubDatabase, confirmed: date | None) -> BelievedTime:
    """Return the time, confirmed by a person or believed; raises `ClockLeapt` when it is neither."""
    time = store.clock.watch()
    said = utc_day(time.said_ms)
    if confirmed is not None:
        if confirmed != said:
            told = say("the hub's clock says {said}, not {day}; set it right first", said=said, day=confirmed)
            raise ClockLeapt(told)
        store.clock.accept()
        return store.clock.now()
    store.clock.check()
    with store.reading() as connection:
        seen = retention.last_maintenance_day(connection)
    if seen is not None and abs(said - seen) > timedelta(days=LEAP_DAYS):
        raise ClockLeapt(say(_LEAPT, said=said, seen=seen))
    return time


class Maintenance:
    """Makes and destroys sealing keys every hour; `device.threads.ServiceThread` runs it.

    Args:
        keys: the key pairs.
        store: the database; closed by the caller when `run` has ended.
        retention_days: see `expire`.
        clock: for the pauses.

    Attributes:
        done_s: monotonic time at which keys were last looked after without a failure; ``None`` before the first.
    """

    def __init__(self, keys: KeyFolder, store: HubDatabase, retention_days: int, clock: Clock) -> None:
        self._keys = keys
        self._store = store
        self._retention_days = retention_days
        self._clock = clock
        self._stop = threading.Event()
        self._last_reason = ""
        self.done_s: float | None = None

    def run(self) -> None:
        """Do what is due, at once and then every hour, until closed; what it raises is a defect."""
        self.run_once()
        due_s = self._clock.monotonic_s() + EVERY_S
        while not self._clock.wait(self._stop, CODES_EVERY_S):
            self._try(self._store.forget_expired_codes)
            if self._clock.monotonic_s() >= due_s:
                self.run_once()
                due_s += EVERY_S

    def close(self) -> None:
        """Let `run` end soon; a key that is being destroyed is destroyed first. Any thread."""
        self._stop.set()

    def run_once(self) -> None:
        """Make and destroy what is due now; what is foreseen to go wrong is logged once."""
        self._try(self._look_after_keys)

    def _look_after_keys(self) -> None:
        make_sealing_keys(self._keys, self._store)
        if (ahead := self._store.days_ahead()) is not None and ahead < ALARM_DAYS:
            log.error("event=partitions-short days=%d needed=%d", ahead, ALARM_DAYS)
        time = self._store.clock.now()
        if time.off_ms is not None or time.steady:  # else the next look is in an hour
            expire(self._keys, self._store, self._retention_days)
        if time.steady:  # a clock that has leapt must not make all of it old
            self._store.forget_old_counts()
        self.done_s = self._clock.monotonic_s()
        self._store.vacuum_past_days()

    def _try(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (ConfigurationError, OSError, SQLAlchemyError) as error:
            # Not a database error's text: it holds the statement's parameters.
            reason = type(error).__name__ if isinstance(error, SQLAlchemyError) else str(error)
            if reason != self._last_reason:
                log.error("event=maintenance-failed reason=%r", reason)  # noqa: TRY400 - the reason says all
            self._last_reason = reason
            return
        self._last_reason = ""
