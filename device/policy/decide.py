"""The access decision: pure, total, and in a fixed order.

known kind → accepted here → authentic → valid now → allowed here → status → repeat → room

Every rule that is asked leaves a slug in `Decision.rules`: ``signature:pass``, or what its failing
meant, ``signature:refer``. The gravest counts and among equals the first; after a ``deny`` nothing more
is asked. ``grant`` is a failing that the policy lets pass; it still gives the reason, so that the record
says so. Status is the centre's word (`device.policy.status`). The last two look at what was before: ``repeat:yes``,
and ``room`` only where it limits.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from device.clock import ClockReading
from device.credential import signature_fault, time_fault
from device.model import (
    CREDENTIAL_KINDS,
    Certificate,
    CodeKind,
    Credential,
    Decision,
    Direction,
    Outcome,
    Reason,
    Status,
)
from device.policy.entries import earned, needs_time
from device.policy.lists import NO_LISTS, Lists, list_questions
from device.policy.local import Moment, is_open, moment
from device.policy.recent import SEVERITY, Recent, repeated
from device.policy.rules import CertificateRules, Policy
from device.policy.status import OUTCOME_SLUGS, asks_status, spoken_of, with_status

_COULD_NOT_CHECK = frozenset({Reason.SIGNATURE_NOT_CHECKED, Reason.SIGNER_UNKNOWN})


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a decision depends on besides what was shown, and nothing behind its back.

    Attributes:
        policy: the rules in force.
        recent: who was here a moment ago; only asked.
        direction: which way.
        at: when.
        inside: how many people are inside.
        lists: the lists of people there are at this moment.
    """

    policy: Policy
    recent: Recent
    direction: Direction
    at: ClockReading
    inside: int = 0
    lists: Lists = NO_LISTS


def decide(credential: Credential | None, situation: Situation, status: Status | None = None) -> Decision:
    """Judge one credential where nobody is asked in between: `begin` and `Judging.end` in one."""
    return begin(credential, situation).end(status)


def begin(credential: Credential | None, situation: Situation) -> Judging:
    """Ask every rule that needs no word of the centre; each is asked once a visitor.

    Args:
        credential: what was shown; ``None`` is the guard's button for somebody without a code.
        situation: what it is judged by.
    """
    alone = _Chain()
    if credential is None:
        return Judging(credential, situation, alone, wants_status=False)
    _ask(alone, credential, situation)
    wants = asks_status(alone.decision(situation.policy), credential, situation.policy, situation.direction)
    return Judging(credential, situation, alone, wants_status=wants)


@dataclass(frozen=True, slots=True)
class Judging:
    """A decision that is begun; made by `begin`, used on one thread.

    Nothing is remembered here: after the ledger has committed, the gate calls `Recent.remember`.

    A repeat has the outcome of the first presentation and is not counted. It never lightens an answer:
    a code that would fare worse alone than the first did is judged alone, and a first refusal of the
    person stays one. Only a refusal of the *code* ends when the same person shows another, one of
    the *moment* (closed, full, clock) when that has passed, and one by the centre when the centre says
    otherwise. Who was let in just now is not asked for room.

    Attributes:
        credential: what was shown; ``None`` for the guard's button.
        situation: what it is judged by.
        alone: the rules asked so far.
        wants_status: whether the centre is to be asked before `end`: who does not pass anyway is not asked about.
    """

    credential: Credential | None
    situation: Situation
    alone: _Chain
    wants_status: bool

    def end(self, status: Status | None = None) -> Decision:
        """Return the decision; the same for the same status, however often it is asked for.

        Args:
            status: what the centre says, where `wants_status` holds; ``None`` when it was not asked or did not answer.
        """
        credential, situation, policy = self.credential, self.situation, self.situation.policy
        if credential is None:
            return Decision(Outcome.GRANTED, Reason.MANUAL, policy.version, rules=("manual",))
        alone, settled = replace(self.alone, rules=list(self.alone.rules)), frozenset[Reason]()
        if self.wants_status:
            alone.take(with_status(alone.decision(policy), status, credential, policy))
            settled = spoken_of(status)
        firsts = situation.recent.find(credential, situation.direction, policy.version, situation.at)
        first = repeated(firsts, credential, alone.outcome, alone.reason, settled)
        if first is None and _room_is_asked(policy, situation.direction, alone):
            alone.rules.append("repeat:no")
            assert policy.capacity is not None
            full = situation.inside >= policy.capacity.most
            alone.ask("room", Reason.FULL if full else None, policy.capacity.full)
            if alone.reason is Reason.FULL:
                first = repeated(firsts, credential, alone.outcome, alone.reason, settled)
        else:
            alone.rules.append("repeat:no" if first is None else "repeat:yes")
        if first is None:
            return alone.decision(policy)
        slugs = tuple(alone.rules)
        return Decision(first.outcome, Reason.REPEAT, policy.version, counted=False, rules=slugs, first=first.reason)


@dataclass(slots=True)
class _Chain:
    """The rules asked so far, and what counts of them."""

    rules: list[str] = field(default_factory=list)
    outcome: Outcome = Outcome.GRANTED
    reason: Reason = Reason.RECORDED

    def ask(self, rule: str, fault: Reason | None, meaning: Outcome | None = None) -> bool:
        """Note one rule: it passed (no fault), or what its failing means; return whether to ask on."""
        if fault is None:
            self.rules.append(f"{rule}:pass")
            return True
        meaning = meaning or Outcome.DENIED
        self.rules.append(f"{rule}:{OUTCOME_SLUGS[meaning]}")
        graver = SEVERITY[meaning] > SEVERITY[self.outcome]
        if graver or (meaning is self.outcome and self.reason is Reason.RECORDED):
            self.outcome, self.reason = meaning, fault
        return meaning is not Outcome.DENIED

    def take(self, decision: Decision) -> None:
        """Go on from a decision that was made of this one."""
        self.rules, self.outcome, self.reason = list(decision.rules), decision.outcome, decision.reason

    def decision(self, policy: Policy) -> Decision:
        """Return what the rules asked so far come to."""
        return Decision(self.outcome, self.reason, policy.version, rules=tuple(self.rules))


def _ask(chain: _Chain, credential: Credential, situation: Situation) -> bool:
    """Ask everything that does not depend on who was here before, until something is denied."""
    kind, policy = credential.kind, situation.policy
    if not chain.ask("known-kind", None if kind in CREDENTIAL_KINDS else Reason.KIND_NOT_ACCEPTED):
        return False
    if not policy.asks(situation.direction):
        chain.rules.append("direction:not-asked")
        return True
    now = moment(situation.at, policy.zone)
    return (
        chain.ask("accepted-here", None if kind in policy.accept else Reason.KIND_NOT_ACCEPTED)
        and (kind is not CodeKind.CITIZEN_NUMBER or chain.ask("weak-reading", Reason.WEAK_READING, policy.weak_reading))
        and _ask_authentic(chain, credential, policy)
        and _ask_valid_now(chain, credential, policy, now)
        and _ask_open(chain, policy, now)
        and _ask_health(chain, credential, policy, now)
        and all(chain.ask(*question) for question in list_questions(credential, policy, situation.lists))
    )


def _ask_authentic(chain: _Chain, credential: Credential, policy: Policy) -> bool:
    unverified = policy.stance(credential.kind).unverified
    if credential.kind is not CodeKind.HC1:
        if unverified is Outcome.GRANTED:  # these formats cannot do better: no failing
            return True
        return chain.ask("verified", Reason.NOT_VERIFIED, unverified)
    certificate, rules = credential.certificate, policy.certificates
    fault = Reason.SIGNATURE_NOT_CHECKED if certificate is None else signature_fault(certificate)
    wrong = Outcome.REFERRED if rules is None else rules.signature_wrong
    if not chain.ask("signature", fault, unverified if fault in _COULD_NOT_CHECK else wrong):
        return False
    return rules is None or _ask_country(chain, certificate, fault, rules)


def _ask_country(chain: _Chain, certificate: Certificate | None, fault: Reason | None, rules: CertificateRules) -> bool:
    """Ask whose signer it is, where that matters; nobody vouches for the country of one that could not be checked."""
    if not rules.signer_countries:
        return True
    if fault in _COULD_NOT_CHECK:  # our list falls short, which refuses nobody, and lets nobody round the rule
        return chain.ask("signer-country", fault, min(rules.otherwise, Outcome.REFERRED, key=SEVERITY.__getitem__))
    foreign = certificate is None or certificate.signer.country not in rules.signer_countries
    return chain.ask("signer-country", Reason.SIGNER_COUNTRY_NOT_ACCEPTED if foreign else None, rules.otherwise)


def _ask_valid_now(chain: _Chain, credential: Credential, policy: Policy, now: Moment | None) -> bool:
    """Ask what needs the time, or note that it is not known."""
    certificate, rules = credential.certificate, policy.certificates
    if now is None:
        if not _time_matters(credential, policy):
            return True
        return chain.ask("clock", Reason.CLOCK_NOT_TRUSTED, policy.stance(credential.kind).clock_not_trusted)
    if rules is None or certificate is None:
        return True
    fault = time_fault(certificate, now.wall_ms // 1000, rules.issued_ahead_ms // 1000)
    return chain.ask("dates", fault, rules.out_of_date)


def _ask_open(chain: _Chain, policy: Policy, now: Moment | None) -> bool:
    if now is None or not policy.hours:
        return True
    return chain.ask("opening-hours", None if is_open(policy.hours, now.local) else Reason.CLOSED_NOW, policy.closed)


def _ask_health(chain: _Chain, credential: Credential, policy: Policy, now: Moment | None) -> bool:
    """Ask what a certificate says, where the policy asks for certificates."""
    certificate, rules = credential.certificate, policy.certificates
    if rules is None or not rules.ask_entries:
        return True
    if certificate is None:
        return chain.ask("health", Reason.NO_DATA, policy.stance(credential.kind).no_data)
    outcome, kept = earned(certificate.entry, rules, now)
    asked_on = chain.ask("health", kept, outcome)
    if chain.reason is Reason.RECORDED:
        chain.reason = Reason.RULES_MET
    return asked_on


def _time_matters(credential: Credential, policy: Policy) -> bool:
    certificate, rules = credential.certificate, policy.certificates
    if policy.hours and policy.closed is not Outcome.GRANTED:
        return True
    if rules is None or certificate is None:
        return False
    return rules.out_of_date is not Outcome.GRANTED or (rules.ask_entries and needs_time(certificate.entry, rules))


def _room_is_asked(policy: Policy, direction: Direction, alone: _Chain) -> bool:
    if policy.capacity is None or direction is not Direction.IN or not policy.asks(direction):
        return False
    return alone.outcome is not Outcome.DENIED
