"""Keeping watch: what is wrong is looked for twice a minute, and what waits is told; beside the upkeep of the keys.

However many gates there are it asks one statement for all of them; what costs more than that is asked seldom. Nothing
is kept in this process that another one would have to know: a start anew, or a second desk, tells nothing again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from device.clock import Clock
from device.errors import AlertUntold, ConfigurationError
from device.hub.alerts import judging, ledger, waiting
from device.hub.alerts.message import messages_of
from device.hub.alerts.own import judged_hub
from device.hub.alerts.rules import Limits, Look
from device.hub.alerts.sinks import Sink
from device.hub.alerts.watched import Watched, last_scans, scanned_hours, watched
from device.hub.db.database import HubDatabase
from device.hub.folder import HubFolder
from device.hub.registry.opening_times import local_day
from device.model import HOUR_MS
from device.words import Language, speaking_here

TURN_S: Final = 5.0
"""How long a message waits at most for its first try."""
GATES_EVERY_S: Final = 30.0
"""A gate is found silent half a minute after its limit at the latest."""
PLACES_EVERY_S: Final = 300.0
OWN_EVERY_S: Final = 300.0
DAYS_EVERY_S: Final = 3_600.0
LEASE_MS: Final = 120_000
"""A desk that dies while it tells something is waited for so long; no deadline of a sink is longer."""
_TELL_S: Final = 10.0
"""How long one sink is told things before it is looked again."""
_ERRORS: Final = (ConfigurationError, OSError, SQLAlchemyError)

log = logging.getLogger(__name__)


class AlertKeeper:
    """Work of a `device.threads.ServiceThread`.

    Args:
        folder: of the hub.
        store: its database; closed by the caller when `run` has ended.
        limits: of the rules.
        sinks: where messages go.
        clock: for the pauses.
        hub_id: tells the hub from others, in the names of messages.
        language: of messages.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what it watches, by what, and whom it tells
        self,
        folder: HubFolder,
        store: HubDatabase,
        limits: Limits,
        sinks: Sequence[Sink],
        clock: Clock,
        hub_id: str = "",
        language: Language = Language.VIETNAMESE,
    ) -> None:
        self._folder = folder
        self._store = store
        self._limits = limits
        self._sinks = sinks
        self._clock = clock
        self._hub_id = hub_id
        self._language = language
        self._stop = threading.Event()
        self._due_s: dict[str, float] = {}
        self._reasons: dict[str, str] = {}
        self._judged_days: dict[str, date] = {}
        """The last day of each time zone that was judged, and written down."""
        self._judging_days: dict[str, date] = {}

    def run(self) -> None:
        """Look and tell, at once and then again and again, until closed; what it raises is a defect."""
        while True:
            self.run_once()
            if self._clock.wait(self._stop, TURN_S):
                return

    def close(self) -> None:
        """Let `run` end soon; any thread."""
        self._stop.set()
        for sink in self._sinks:
            sink.close()

    def run_once(self) -> None:
        """Look for what it is time to look for, and tell what waits; what is foreseen to go wrong is logged once."""
        self._try("look", self._look)
        for sink in self._sinks:
            self._try("tell", partial(self._tell, sink))

    def _is_due(self, what: str, every_s: float) -> bool:
        now_s = self._clock.monotonic_s()
        if now_s < self._due_s.get(what, now_s):
            return False
        self._due_s[what] = now_s + every_s
        return True

    def _look(self) -> None:
        if not self._is_due("gates", GATES_EVERY_S):
            return
        try:
            self._look_now()
        except _ERRORS:  # nothing was written down: all of it is looked for again
            self._due_s.clear()
            raise
        self._judged_days |= self._judging_days

    def _look_now(self) -> None:
        store, limits = self._store, self._limits
        now_ms = store.now_ms()
        with store.reading() as connection:
            hearing_ms = ledger.hearing_since(connection, now_ms)
            gates = watched(connection)
        look = judging.judged_gates(gates, limits, now_ms, hearing_ms)
        for more in self._seldom(gates, now_ms):
            look = look.beside(more)
        names = [sink.name for sink in self._sinks]
        with store.begin() as connection:
            ledger.alone(connection)
            settled = ledger.settle(connection, look, limits, now_ms)
            ledger.note_look(connection, now_ms, hearing_ms)
            told = messages_of(settled.events, limits.digest_from, is_everything=settled.is_everything)
            if told:
                waiting.put(connection, names, told, now_ms)
        if settled.events:
            log.info("event=alerts-changed count=%d messages=%d", len(settled.events), len(told))

    def _seldom(self, gates: Sequence[Watched], now_ms: int) -> Iterator[Look]:
        """Yield what is not looked for each time."""
        if self._is_due("hub", OWN_EVERY_S):
            yield judged_hub(self._folder, self._store, self._limits, now_ms)
        if self._is_due("places", PLACES_EVERY_S):
            yield self._places(gates, now_ms)
        if self._is_due("days", DAYS_EVERY_S):
            yield self._days(gates, now_ms)
            with self._store.begin() as connection:
                ledger.forget_some(connection, now_ms)
                waiting.forget_old(connection, [sink.name for sink in self._sinks], now_ms)

    def _places(self, gates: Sequence[Watched], now_ms: int) -> Look:
        since = judging.scans_since(gates, self._limits, now_ms)
        last: dict[str, int] = {}
        if since:
            with self._store.reading() as connection:
                last = last_scans(connection, min(since.values()) // HOUR_MS)
        return judging.judged_places(gates, since, last, self._limits, now_ms)

    def _days(self, gates: Sequence[Watched], now_ms: int) -> Look:
        """Judge the day that is over where that was not done."""
        days = {gate.time_zone: local_day(gate.time_zone, now_ms - HOUR_MS) for gate in gates if gate.opening_hours}
        zones = frozenset(zone for zone, day in days.items() if self._judged_days.get(zone) != day)
        scanned: dict[str, set[int]] = {}
        with self._store.reading() as connection:
            for zone in zones if self._limits.coverage_percent else ():
                theirs = [gate.device_id for gate in gates if gate.time_zone == zone]
                scanned |= scanned_hours(connection, theirs, *judging.yesterday_of(zone, now_ms))
        self._judging_days = {zone: days[zone] for zone in zones}
        return judging.judged_coverage(gates, scanned, self._limits, now_ms, zones)

    def _tell(self, sink: Sink) -> None:
        until_s = self._clock.monotonic_s() + _TELL_S
        while not self._stop.is_set() and self._tell_one(sink) and self._clock.monotonic_s() < until_s:
            pass

    def _tell_one(self, sink: Sink) -> bool:
        """Tell a sink what is next for it; return whether it has arrived."""
        store = self._store
        with store.reading() as connection:
            if not waiting.is_due(connection, sink.name, store.now_ms()):
                return False
        with store.begin() as connection:
            ledger.alone(connection)
            delivery = waiting.claim(connection, sink.name, store.now_ms(), LEASE_MS)
        if delivery is None:
            return False
        message_id = f"{self._hub_id}/{delivery.delivery_id}/{delivery.made_ms}"
        try:
            with speaking_here(self._language):
                sink.tell(message_id, delivery.made_ms, delivery.message)
        except AlertUntold as error:
            with store.begin() as connection:
                waiting.note_failure(connection, delivery, error.word, store.now_ms(), error.wait_s * 1000)
            self._note_untold(sink, error.word)
            return False
        with store.begin() as connection:
            waiting.note_told(connection, delivery, store.now_ms())
        self._reasons.pop(sink.name, None)
        log.info("event=alert-told sink=%s tries=%d", sink.name, delivery.tries)
        return True

    def _try(self, what: str, work: Callable[[], None]) -> None:
        try:
            work()
        except _ERRORS as error:
            # Not a database error's text: it holds the statement's parameters.
            reason = type(error).__name__ if isinstance(error, SQLAlchemyError) else str(error)
            self._note_failed(what, reason)
        else:
            self._reasons.pop(what, None)

    def _note_untold(self, sink: Sink, reason: str) -> None:
        if self._is_new(sink.name, reason):
            log.error("event=alert-untold sink=%s reason=%r", sink.name, reason)

    def _note_failed(self, step: str, reason: str) -> None:
        if self._is_new(step, reason):
            log.error("event=alerts-failed step=%s reason=%r", step, reason)

    def _is_new(self, what: str, reason: str) -> bool:
        """Return whether this fails for another reason than before: each is logged once."""
        was = self._reasons.get(what)
        self._reasons[what] = reason
        return was != reason
