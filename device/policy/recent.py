"""Repeat window: who was here a moment ago, in memory, joining one person across formats.

It lives in memory only, under a key made at start: a citizen number can be searched for in seconds
from a plain hash, and nothing of this must outlive the process.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from device.clock import ClockReading
from device.credential import same_person_keys
from device.model import Certificate, CodeKind, Credential, Decision, Direction, Outcome, Reason

_DIGEST_BYTES = 16
SEVERITY = {Outcome.GRANTED: 0, Outcome.REFERRED: 1, Outcome.DENIED: 2}
"""A repeat may only keep or raise it."""

BY_THE_CENTRE = frozenset(
    {Reason.STATUS_HEALTH, Reason.STATUS_DECLARATION_MISSING, Reason.STATUS_MOVEMENT_MISSING, Reason.STATUS_DOSES}
)
"""What the centre said of the person: it binds until the centre says otherwise."""

ABOUT_THE_PERSON = frozenset(
    {Reason.RECORDED, Reason.RULES_MET, Reason.MANUAL, Reason.REPEAT, Reason.ON_WATCH_LIST, *BY_THE_CENTRE}
)
"""Whatever else a policy finds lies in the code that was shown, or in the moment."""

ABOUT_THE_MOMENT = frozenset({Reason.CLOSED_NOW, Reason.FULL, Reason.CLOCK_NOT_TRUSTED, Reason.NO_LIST})
"""Reasons that pass by themselves: they bind nobody longer than they last."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A first presentation.

    Attributes:
        decision: what was answered.
        kind: which kind of code was shown.
        certificate: and what it said, when it was one: a person has several, and they differ.
        direction: which way.
        until_ms: monotonic time at which it is forgotten.
    """

    decision: Decision
    kind: CodeKind
    certificate: Certificate | None
    direction: Direction
    until_ms: int

    def holds(self, direction: Direction, policy_version: str, at: ClockReading) -> bool:
        """Return whether a presentation now would still be the same one."""
        return (
            at.monotonic_ms < self.until_ms
            and self.direction == direction
            and self.decision.policy_version == policy_version
        )

    @property
    def binds(self) -> bool:
        """Whether it judged the person: a refusal of the code or of the moment does not."""
        return self.decision.outcome is Outcome.GRANTED or self.decision.reason in ABOUT_THE_PERSON


def repeated(
    firsts: tuple[Seen, ...],
    credential: Credential,
    alone: Outcome,
    why: Reason,
    settled: frozenset[Reason] = frozenset(),
) -> Decision | None:
    """Return the first decision that a presentation repeats; ``None`` when it stands alone.

    Args:
        firsts: of `Recent.find`.
        credential: what is shown now.
        alone: what it comes to by itself.
        why: and for which reason.
        settled: what the centre has spoken about for this presentation, of `BY_THE_CENTRE`.
    """
    for seen in firsts:
        reason = seen.decision.reason
        if reason in settled and why not in BY_THE_CENTRE:
            continue  # the centre says otherwise now
        if not seen.binds and reason in ABOUT_THE_MOMENT:
            if reason is not why:
                continue
        elif not seen.binds and (seen.kind, seen.certificate) != (credential.kind, credential.certificate):
            continue
        if SEVERITY[seen.decision.outcome] >= SEVERITY[alone]:
            return seen.decision
    return None


class Recent:
    """Remembers first presentations for their repeat window. Used on the scan thread.

    `decide` only asks; `remember` is called by the gate once the ledger has committed, so that a
    check-in that could not be written leaves no trace that would turn its retry into a repeat.
    """

    def __init__(self, most: int = 20_000) -> None:
        """Start empty, with a new key; never keep more than *most* keys (a few MB), oldest out first."""
        self._key = secrets.token_bytes(32)
        self._most = most
        self._seen: dict[bytes, Seen] = {}

    def __len__(self) -> int:
        """Count the keys kept; a person can have up to three."""
        return len(self._seen)

    def find(
        self, credential: Credential, direction: Direction, policy_version: str, at: ClockReading
    ) -> tuple[Seen, ...]:
        """Return the first presentations this one may repeat, the most severe first; often none."""
        found = (self._seen.get(digest) for digest in self._digests(credential))
        live = {seen for seen in found if seen is not None and seen.holds(direction, policy_version, at)}
        return tuple(sorted(live, key=lambda seen: -SEVERITY[seen.decision.outcome]))

    def remember(
        self, credential: Credential | None, decision: Decision, direction: Direction, at: ClockReading, window_ms: int
    ) -> None:
        """Remember a committed decision for *window_ms* from now.

        A repeat adds the code's other numbers to the first presentation and does not lengthen it. A
        manual check-in (``None``) is nobody's.
        """
        if credential is None:
            return
        self._forget(at.monotonic_ms)
        firsts = self.find(credential, direction, decision.policy_version, at)
        if decision.reason is Reason.REPEAT:
            if firsts:
                self._add_keys(credential, firsts[0], direction, at)
        else:
            seen = Seen(decision, credential.kind, credential.certificate, direction, at.monotonic_ms + window_ms)
            # A weak or unwelcome code says nothing new about somebody who was judged by a good one.
            if not seen.binds and any(first.binds for first in firsts):
                return
            for digest in self._digests(credential):
                self._seen.pop(digest, None)
                self._seen[digest] = seen
        while len(self._seen) > self._most:
            del self._seen[next(iter(self._seen))]

    def _add_keys(self, credential: Credential, first: Seen, direction: Direction, at: ClockReading) -> None:
        for digest in self._digests(credential):
            known = self._seen.get(digest)
            if known is None or not known.holds(direction, first.decision.policy_version, at):
                self._seen[digest] = first

    def _forget(self, now_ms: int) -> None:
        """Drop what has expired from the oldest end; the rest goes when its turn comes."""
        while self._seen:
            oldest = next(iter(self._seen))
            if self._seen[oldest].until_ms > now_ms:
                return
            del self._seen[oldest]

    def _digests(self, credential: Credential) -> list[bytes]:
        return [
            hashlib.blake2b(key.encode("utf-8", "surrogatepass"), key=self._key, digest_size=_DIGEST_BYTES).digest()
            for key in same_person_keys(credential)
        ]
