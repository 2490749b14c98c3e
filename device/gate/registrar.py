"""Check-ins: one visitor is judged and written down durably, and only then answered."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from device.clock import JudgedClock
from device.errors import LedgerUnavailable, SealingUnavailable
from device.gate.occupancy import Occupancy
from device.gate.rules import Rules, RulesInForce
from device.model import (
    CheckIn,
    Credential,
    Cue,
    Decision,
    Direction,
    Outcome,
    Place,
    Reading,
    Reason,
    Status,
    Unrecognised,
)
from device.policy import Recent, Situation, begin, cue_for, cue_of
from device.ports import Ledger

_DENIED_ROWS_EVERY_MS: Final = 1000
_LONG_AGO_MS: Final = -(10**9)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one presentation came to; for the log, the demo and the tests. Carries no personal content.

    Attributes:
        cue: what the visitor saw.
        reason: why.
        reading: what was answered; ``None`` for the manual button.
        decision: ``None`` for what is no credential.
        seq: the row in the ledger; ``None`` when nothing was recorded.
        direction: which way the gate led.
        lamp_ms: from the capture of the frame to the lamp.
    """

    cue: Cue
    reason: Reason
    reading: Reading | None = None
    decision: Decision | None = None
    seq: int | None = None
    direction: Direction = Direction.UNKNOWN
    lamp_ms: int = 0


@dataclass(frozen=True, slots=True)
class Way:
    """Which way a gate leads.

    Attributes:
        direction: as the site file has it, unless *turned_out* says otherwise.
        turned_out: whether people leave here now (the switch); ``None`` when nobody knows.
    """

    direction: Direction
    turned_out: Callable[[], bool | None]

    def now(self) -> Direction:
        """Return which way it leads now; read once for each visitor."""
        turned = self.turned_out()
        if turned is None:
            return Direction.UNKNOWN
        return Direction.OUT if turned else self.direction


class Registrar:
    """Decides about one visitor after the other and writes each down. Used on the scan thread.

    Args:
        rules: the rules of each moment; may be changed at any time, on any thread.
        recent: who was here a moment ago.
        occupancy: how many people are inside.
        ledger: where check-ins are written.
        clock: decisions go by its judged time, rows keep what the machine's clock said.
        place: where this is, for the row.
        way: which way the gate leads.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what a visitor is judged by, and where it is written
        self,
        rules: RulesInForce,
        recent: Recent,
        occupancy: Occupancy,
        ledger: Ledger,
        clock: JudgedClock,
        place: Place,
        way: Way,
    ) -> None:
        self._rules = rules
        self._recent = recent
        self._occupancy = occupancy
        self._ledger = ledger
        self._clock = clock
        self._place = place
        self._way = way
        self._ledger_fault = False
        self._denied_row_ms = _LONG_AGO_MS

    @property
    def ledger_fault(self) -> bool:
        """Whether the last check-in could not be written."""
        return self._ledger_fault

    def answer(self, reading: Reading) -> Answer:
        """Judge one reading; what is no credential is told, never recorded."""
        claim = reading.claim
        if isinstance(claim, Unrecognised):
            cue = cue_for(claim.reason, self._rules.now.cues)
            return Answer(cue, claim.reason, reading, direction=self._way.now())
        return self.record(reading, claim)

    def record(self, reading: Reading | None, credential: Credential | None) -> Answer:
        """Decide, make the check-in durable, and only then choose the light.

        Args:
            reading: what was shown; ``None`` for the manual button.
            credential: whose; ``None`` for somebody without a code.
        """
        at, judged = self._clock.look()  # the row keeps what the clock said
        direction, rules = self._way.now(), self._rules.now  # one set of rules for one visitor
        inside = self._occupancy.people(rules.policy, judged)
        judging = begin(credential, Situation(rules.policy, self._recent, direction, judged, inside, rules.lists))
        decision = judging.end(_asked(rules, credential) if judging.wants_status else None)
        seq = None
        if decision.outcome is not Outcome.DENIED or at.monotonic_ms - self._denied_row_ms >= _DENIED_ROWS_EVERY_MS:
            try:
                seq = self._ledger.record(CheckIn(credential, decision, self._place, direction, at))
            except (LedgerUnavailable, SealingUnavailable) as error:
                self._tell_fault(error)
                return Answer(Cue.FAULT, Reason.LEDGER_FAULT, reading, direction=direction)
            self._ledger_fault = False
            if decision.outcome is Outcome.DENIED:
                self._denied_row_ms = at.monotonic_ms
        if credential is not None:
            self._recent.remember(credential, decision, direction, at, rules.policy.repeat_window_ms)
        self._occupancy.passed(decision, direction)
        return Answer(cue_of(decision, rules.cues), decision.reason, reading, decision, seq, direction)

    def _tell_fault(self, error: Exception) -> None:
        """Say once that nothing can be written; the lamps show it until something is."""
        if not self._ledger_fault:
            log.error("event=ledger-fault reason=%r", str(error))
        self._ledger_fault = True


def _asked(rules: Rules, credential: Credential | None) -> Status | None:
    """Ask the centre about who passes otherwise, within its deadline; ``None`` when it was not asked or is late."""
    if rules.lookup is None or credential is None or rules.policy.status is None:
        return None
    return rules.lookup.ask(credential, rules.policy.status)
