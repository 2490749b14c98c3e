"""Status checks: what the centre's answer adds to a decision; pure, total, and never lighter than the decision was.

Only who passed everything else is asked about. Who was referred for status and comes again is referred again,
until the centre says otherwise. The slugs in `Decision.rules` are ``status:not-asked`` (no hub, too late, too
often, a broken link: all the same to the visitor), or ``status:asked`` (``status:kept`` for an answer given a
little earlier) and one for each question: ``status-health:pass``, what its failing meant, or
``status-health:unknown`` where the centre does not say, which keeps nobody out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from device.model import Credential, Decision, Direction, HealthColour, Outcome, Reason, Status, Verification
from device.policy.recent import SEVERITY
from device.policy.rules import Policy, StatusRules

OUTCOME_SLUGS: Final = {Outcome.GRANTED: "grant", Outcome.REFERRED: "refer", Outcome.DENIED: "deny"}
"""What a failing meant, as it stands in `Decision.rules`."""
_UNSAID = {Reason.RECORDED, Reason.RULES_MET}


def asks_status(decision: Decision, credential: Credential, policy: Policy, direction: Direction) -> bool:
    """Return whether the centre is to be asked about somebody, who alone would be answered *decision* without it."""
    return (
        policy.status is not None
        and credential.kind in policy.status.kinds
        and policy.asks(direction)
        and decision.outcome is Outcome.GRANTED
    )


def with_status(decision: Decision, status: Status | None, credential: Credential, policy: Policy) -> Decision:
    """Return the decision with the centre's answer.

    Args:
        decision: for which `asks_status` held.
        status: what the centre said; ``None`` when it was not asked or did not answer in time.
        credential: what was shown.
        policy: the one that judged; it has `Policy.status`.
    """
    if status is None or policy.status is None:
        return replace(decision, rules=(*decision.rules, "status:not-asked"))
    worst = Outcome.DENIED if credential.verified is Verification.YES else policy.status.may
    slugs = ["status:kept" if status.age_ms else "status:asked"]
    outcome, reason = decision.outcome, decision.reason
    for name, passed, fault, failing in _questions(status, policy.status):
        if passed is None or passed:
            slugs.append(f"status-{name}:{'unknown' if passed is None else 'pass'}")
            continue
        meaning = min(failing, worst, key=SEVERITY.__getitem__)
        slugs.append(f"status-{name}:{OUTCOME_SLUGS[meaning]}")
        if SEVERITY[meaning] > SEVERITY[outcome] or (meaning is outcome and reason in _UNSAID):
            outcome, reason = meaning, fault
    return replace(decision, outcome=outcome, reason=reason, rules=(*decision.rules, *slugs))


def spoken_of(status: Status | None) -> frozenset[Reason]:
    """Return the reasons about which the centre says something, well or ill: only that can end a refusal of its own."""
    if status is None:
        return frozenset()
    said = {
        Reason.STATUS_HEALTH: status.health,
        Reason.STATUS_DECLARATION_MISSING: status.declared,
        Reason.STATUS_MOVEMENT_MISSING: status.movement_declared,
        Reason.STATUS_DOSES: status.doses,
    }
    return frozenset(reason for reason, answer in said.items() if answer is not None)


def _questions(status: Status, rules: StatusRules) -> tuple[tuple[str, bool | None, Reason, Outcome], ...]:
    """Return each question: its name, whether it passed (``None``: the centre does not say), and what failing means."""
    well = None if status.health is None else status.health is HealthColour.GREEN
    enough = None if status.doses is None else status.doses >= rules.doses
    colour = rules.red if status.health is HealthColour.RED else rules.yellow
    asked = (
        ("health", well, Reason.STATUS_HEALTH, colour),
        ("declaration", status.declared, Reason.STATUS_DECLARATION_MISSING, rules.declaration),
        ("movement", status.movement_declared, Reason.STATUS_MOVEMENT_MISSING, rules.movement),
    )
    return (*asked, ("doses", enough, Reason.STATUS_DOSES, rules.too_few_doses)) if rules.doses else asked
