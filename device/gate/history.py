"""Answer history: the last answers of the gate, for `gate-scanner why`; which rules were asked, with what result.

In memory only, and about nobody: kinds, reasons and rules, never a payload, a name or a number. A
refusal beside a time would be about somebody's health if it were kept, so it goes with the process.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from device.clock import ClockReading, ClockState, utc_text
from device.model import CodeKind, Cue, Decision, Direction, Reason

MOST = 200


@dataclass(frozen=True, slots=True)
class Remembered:
    """One answer.

    Attributes:
        at: when.
        cue: what was shown.
        reason: why.
        kind: of the code; ``None`` for the guard's button.
        direction: which way.
        decision: ``None`` for what is no credential.
        seq: its row in the ledger; ``None`` when it has none.
    """

    at: ClockReading
    cue: Cue
    reason: Reason
    kind: CodeKind | None
    direction: Direction
    decision: Decision | None
    seq: int | None


class AnswerHistory:
    """Keeps the last answers. `note` on the scan thread, `last` on any."""

    def __init__(self, most: int = MOST) -> None:
        self._answers: deque[Remembered] = deque(maxlen=most)

    def note(self, answer: Remembered) -> None:
        """Keep one answer; the oldest goes."""
        self._answers.append(answer)

    def last(self, count: int) -> list[Mapping[str, object]]:
        """Return the last answers as plain words and numbers, newest first."""
        answers = list(self._answers)
        return [_told(answer) for answer in reversed(answers[max(0, len(answers) - count) :])]


def _told(answer: Remembered) -> Mapping[str, object]:
    decision = answer.decision
    return {
        "at": utc_text(answer.at.wall_ms),
        "clock_trusted": answer.at.state is ClockState.SYNCHRONISED,
        "cue": answer.cue.value,
        "reason": answer.reason.value,
        "kind": None if answer.kind is None else answer.kind.value,
        "direction": answer.direction.value,
        "outcome": None if decision is None else decision.outcome.value,
        "counted": None if decision is None else decision.counted,
        "policy": None if decision is None else decision.policy_version,
        "rules": [] if decision is None else list(decision.rules),
        "row": answer.seq,
    }
