"""The decision: pure, total, and in a fixed order: known kind, accepted here, repeat."""

from __future__ import annotations

from dataclasses import dataclass

from device.clock import ClockReading
from device.model import CREDENTIAL_KINDS, CodeKind, Credential, Decision, Direction, Outcome, Reason
from device.policy.cues import outcome_for
from device.policy.link import ABOUT_THE_CODE, SEVERITY, Recent, Seen


@dataclass(frozen=True, slots=True)
class Policy:
    """What this place asks of a visitor. The default records everyone and refuses nobody.

    Attributes:
        version: stored with every check-in it judged.
        accept: the kinds of credential accepted here.
        weak_reading: the outcome for a bare citizen number, which anybody can print.
        repeat_window_ms: how long the same person is a repeat; 0 switches repeats off.
    """

    version: str
    accept: frozenset[CodeKind] = frozenset(CREDENTIAL_KINDS)
    weak_reading: Outcome = Outcome.REFERRED
    repeat_window_ms: int = 120_000


def decide(
    credential: Credential | None, policy: Policy, recent: Recent, direction: Direction, at: ClockReading
) -> Decision:
    """Judge one credential; ``None`` is the guard's button for somebody without a code.

    Nothing is remembered here: after the ledger has committed, the gate calls `Recent.remember`.

    A repeat has the outcome of the first presentation and is not counted. It never lightens an answer:
    a code that would fare worse alone than the first did is judged alone, and a first refusal of the
    person stays one. Only a refusal of the *code* (kind not accepted, weak reading) ends when the same
    person shows another kind.
    """
    if credential is None:
        return Decision(Outcome.GRANTED, Reason.MANUAL, policy.version, rules=("manual",))
    rules = ["known-kind"]
    reason = Reason.RECORDED
    if credential.kind not in CREDENTIAL_KINDS:
        reason = Reason.KIND_NOT_ACCEPTED
    else:
        rules.append("accepted-here")
        if credential.kind not in policy.accept:
            reason = Reason.KIND_NOT_ACCEPTED
        elif credential.kind is CodeKind.CITIZEN_NUMBER:
            rules.append("weak-reading")
            reason = Reason.WEAK_READING
    outcome = policy.weak_reading if reason is Reason.WEAK_READING else outcome_for(reason)
    assert outcome is not None  # every reason above judges a credential: see the table
    rules.append("repeat")
    first = _repeated(recent.find(credential, direction, policy.version, at), credential.kind, outcome)
    if first is not None:
        return Decision(first.outcome, Reason.REPEAT, policy.version, counted=False, rules=tuple(rules))
    return Decision(outcome, reason, policy.version, rules=tuple(rules))


def _repeated(firsts: tuple[Seen, ...], kind: CodeKind, alone: Outcome) -> Decision | None:
    """Return the first decision this presentation repeats; ``None`` when it stands alone."""
    for seen in firsts:
        if seen.decision.reason in ABOUT_THE_CODE and seen.kind != kind:
            continue
        if SEVERITY[seen.decision.outcome] >= SEVERITY[alone]:
            return seen.decision
    return None
