"""State reports: tells the hub how the gate stands, at the start, on trouble, and every five minutes.

Called by the loop that fetches bundles (`device.sync.refresh`), on its thread and its connection: a hub that is slow to
answer, or refuses, holds up neither a check-in nor a question about a visitor. A hub from before this answers 404; the
gate goes on and tries again after hours.
"""

from __future__ import annotations

import http.client
import logging
import random
from collections.abc import Callable
from typing import Final, Protocol

from device.clock import Clock
from device.errors import HubRefused, HubUnreachable, UplinkError
from device.model import Cue
from device.store.tally import Tally
from device.uplink.retry import BackOff
from device.wire.state import encode_state
from device.wire.state_records import GateState, StateAnswer

REPORT_EVERY_S: Final = 300.0
"""A fifth more or less."""
LOOK_EVERY_S: Final = 30.0
"""How soon a trouble is noticed."""
LEAST_PAUSE_S: Final = 60.0
"""Between two reports, whatever comes and goes."""
STARTING_MOST_S: Final = 60.0
"""How long the first report waits for the camera."""
OLD_HUB_S: Final = 6 * 3600.0
_UNKNOWN_THERE: Final = frozenset(
    {
        http.client.NOT_FOUND,
        http.client.METHOD_NOT_ALLOWED,
        http.client.CONFLICT,
        http.client.UNPROCESSABLE_ENTITY,
    }
)
"""Asked again it would answer the same."""
_NOT_YET: Final = frozenset({Cue.STARTING, Cue.NOT_ENROLLED, Cue.REVOKED})
"""What the lamps say before the first sight: the camera is not there yet."""

log = logging.getLogger(__name__)


class StateDesk(Protocol):
    """Who is told; used on the refreshing thread."""

    def report(self, body: bytes) -> StateAnswer:
        """Send a report; raises `UplinkError`."""
        ...


class StateReporter:
    """Reports when it is time to; used on the refreshing thread.

    Args:
        desk: who is told.
        tell: says how the gate stands.
        tally: the counts, kept here too.
        clock: for when.
        chance: from 0 to 1, anew at each call.
    """

    def __init__(
        self,
        desk: StateDesk,
        tell: Callable[[], GateState],
        tally: Tally,
        clock: Clock,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._desk = desk
        self._tell = tell
        self._tally = tally
        self._clock = clock
        self._chance = chance
        self._back_off = BackOff(chance)
        self._began_s = self._due_s = self._soonest_s = clock.monotonic_s()
        self._told: tuple[str, ...] = ()
        self._error: str | None = None

    def turn(self) -> float:
        """Keep the counts, report if it is time to; return after how many seconds to ask again. Raises nothing."""
        self._tally.keep()
        now_s = self._clock.monotonic_s()
        if now_s >= self._soonest_s:
            state = self._tell()
            if state.lamps in _NOT_YET and now_s < self._began_s + STARTING_MOST_S:
                return 1.0
            if now_s >= self._due_s or state.troubles != self._told:
                self._report(state)
        return max(0.0, min(LOOK_EVERY_S, self._due_s - self._clock.monotonic_s()))

    def _report(self, state: GateState) -> None:
        unsent = self._tally.unsent()
        try:
            answer = self._desk.report(encode_state(state, unsent))
        except UplinkError as error:
            self._failed(error)
            return
        refused = answer.refused & {hour.hour for hour in unsent}
        self._tally.settled([hour for hour in unsent if hour.hour in answer.taken], refused)
        if refused:
            log.warning("event=hours-refused hours=%d", len(refused))
        self._note(None)
        self._told = state.troubles
        self._back_off.reset()
        self._wait(REPORT_EVERY_S * (0.8 + 0.4 * self._chance()))
        self._soonest_s = self._clock.monotonic_s() + LEAST_PAUSE_S

    def _failed(self, error: UplinkError) -> None:
        if isinstance(error, HubRefused) and error.status in _UNKNOWN_THERE:
            self._note(f"status-{error.status}")
            self._wait(OLD_HUB_S * (0.8 + 0.4 * self._chance()))
            return
        self._note(None if isinstance(error, HubUnreachable) else str(error))  # the delivery tells that one
        pause_s = self._back_off.next_s(error.retry_after if isinstance(error, HubRefused) else None)
        self._wait(max(LOOK_EVERY_S, pause_s))

    def _wait(self, pause_s: float) -> None:
        self._due_s = self._soonest_s = self._clock.monotonic_s() + pause_s

    def _note(self, error: str | None) -> None:
        """Log why the hub does not take reports; once for each reason."""
        if error not in {None, self._error}:
            log.warning("event=state-not-taken reason=%r", error)
        self._error = error
