"""Cues: reason → outcome → cue, and the default pattern of lamps and buzzer of every cue.

The lamps speak by rhythm first and by colour second, so that colour-blind and hurried people get it
too; the buzzer says the answers a third time. Two rules hold for every pattern:

* The green lamp and the door relay belong to GRANTED alone. READY is a short red wink, as on any
  appliance standing by, and REFERRED is red with a rhythm of its own: nobody walks in on half a green.
* The third lamp (amber) never speaks alone, so a gate without it loses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from device.model import Beat, Cue, Decision, Outcome, Output, Pattern, Reason


@dataclass(frozen=True, slots=True)
class ReasonOutcome:
    """What a reason means.

    Attributes:
        outcome: ``None`` for what is no credential and is never recorded.
        cue: what is shown.
    """

    outcome: Outcome | None
    cue: Cue


_GRANTED = ReasonOutcome(Outcome.GRANTED, Cue.GRANTED)
_REFERRED = ReasonOutcome(Outcome.REFERRED, Cue.REFERRED)
_DENIED = ReasonOutcome(Outcome.DENIED, Cue.DENIED)
_NOT_OURS = ReasonOutcome(None, Cue.NOT_OURS)

OUTCOMES: Mapping[Reason, ReasonOutcome] = MappingProxyType(
    {
        Reason.RECORDED: _GRANTED,
        Reason.RULES_MET: _GRANTED,
        Reason.MANUAL: _GRANTED,
        Reason.KIND_NOT_ACCEPTED: _DENIED,
        # For these two the decision's own outcome counts: the policy names that of a weak reading, and a
        # repeat has that of the first presentation. The table holds what is safe to show without one.
        Reason.WEAK_READING: _REFERRED,
        Reason.REPEAT: _REFERRED,
        # Whose signature nobody could check may be right: a person must look. What is provably wrong is
        # refused. A policy may say otherwise of each.
        Reason.SIGNATURE_NOT_CHECKED: _REFERRED,
        Reason.SIGNER_UNKNOWN: _REFERRED,
        Reason.SIGNATURE_WRONG: _DENIED,
        Reason.SIGNER_NOT_ALLOWED: _DENIED,
        Reason.SIGNER_OUT_OF_DATE: _DENIED,
        Reason.CERTIFICATE_EXPIRED: _DENIED,
        Reason.CERTIFICATE_NOT_YET_VALID: _DENIED,
        # Nobody is refused for what this gate does not know, unless its policy says so.
        Reason.NOT_VERIFIED: _REFERRED,
        Reason.NO_DATA: _REFERRED,
        Reason.CLOCK_NOT_TRUSTED: _REFERRED,
        # What the policy asks for and was not met; the policy may name another outcome.
        Reason.CLOSED_NOW: _DENIED,
        Reason.FULL: _DENIED,
        Reason.SIGNER_COUNTRY_NOT_ACCEPTED: _DENIED,
        Reason.ENTRY_NOT_ACCEPTED: _DENIED,
        Reason.PRODUCT_NOT_ACCEPTED: _DENIED,
        Reason.TOO_FEW_DOSES: _DENIED,
        Reason.DOSE_TOO_RECENT: _DENIED,
        Reason.DOSE_TOO_OLD: _DENIED,
        Reason.TEST_TYPE_NOT_ACCEPTED: _DENIED,
        Reason.TEST_NOT_NEGATIVE: _DENIED,
        Reason.TEST_TOO_OLD: _DENIED,
        Reason.RECOVERY_TOO_RECENT: _DENIED,
        Reason.RECOVERY_TOO_OLD: _DENIED,
        # The centre's word about somebody whose code anybody can print: a person must look, unless the policy
        # says otherwise.
        Reason.STATUS_HEALTH: _REFERRED,
        Reason.STATUS_DECLARATION_MISSING: _REFERRED,
        Reason.STATUS_MOVEMENT_MISSING: _REFERRED,
        Reason.STATUS_DOSES: _REFERRED,
        # The same for lists of people; a missing list is nobody's fault.
        Reason.ON_WATCH_LIST: _REFERRED,
        Reason.NOT_ON_ROSTER: _REFERRED,
        Reason.NO_LIST: _REFERRED,
        Reason.UNREADABLE: ReasonOutcome(None, Cue.UNREADABLE),
        Reason.SEVERAL: ReasonOutcome(None, Cue.SEVERAL),
        Reason.VENUE_POSTER: _NOT_OURS,
        # The gate's own poster hangs in its view: it answers nobody.
        Reason.OWN_VENUE: ReasonOutcome(None, Cue.READY),
        Reason.LOCAL_CODE: _NOT_OURS,
        Reason.WEB_LINK: _NOT_OURS,
        Reason.BANK_CODE: _NOT_OURS,
        Reason.WIFI_CODE: _NOT_OURS,
        Reason.NOT_READABLE_HERE: _NOT_OURS,
        Reason.CERTIFICATE_MALFORMED: _NOT_OURS,
        Reason.UNKNOWN_CODE: _NOT_OURS,
        Reason.LEDGER_FAULT: ReasonOutcome(None, Cue.FAULT),
    }
)
"""The one table; total over `Reason`."""

_CUES = {Outcome.GRANTED: Cue.GRANTED, Outcome.REFERRED: Cue.REFERRED, Outcome.DENIED: Cue.DENIED}


def outcome_for(reason: Reason) -> Outcome | None:
    """Return the outcome of a reason; ``None`` when it is no judgement of a credential."""
    return OUTCOMES[reason].outcome


def cue_for(reason: Reason, own: Mapping[Reason, Cue] = MappingProxyType({})) -> Cue:
    """Return the cue of a reason, for what is no credential (`Unrecognised.reason`, LEDGER_FAULT).

    Args:
        reason: why.
        own: the site's own cues, which go before the table's.
    """
    return own.get(reason, OUTCOMES[reason].cue)


def cue_of(decision: Decision, own: Mapping[Reason, Cue] = MappingProxyType({})) -> Cue:
    """Return the cue of a decision: that of its outcome, unless its reason judges no credential.

    The site's *own* cue of a reason goes before it, but for who is let in: green is green. A repeat shows
    what the first presentation did.
    """
    meaning = OUTCOMES[decision.reason]
    if meaning.outcome is None:
        return meaning.cue
    if decision.outcome is Outcome.GRANTED:
        return Cue.GRANTED
    return own.get(decision.first or decision.reason, _CUES[decision.outcome])


OWN_CUES = (Cue.REFERRED, Cue.DENIED, Cue.NOT_OURS, Cue.UNREADABLE, Cue.SEVERAL)
"""What a site may show instead; what is no credential is never shown as a judgement of one."""

_FIXED = (Reason.RECORDED, Reason.RULES_MET, Reason.MANUAL, Reason.REPEAT, Reason.OWN_VENUE, Reason.LEDGER_FAULT)
_LISTED = frozenset(reason for reason in Reason if reason.startswith("status-")) | {
    *(Reason.ON_WATCH_LIST, Reason.NOT_ON_ROSTER)
}
OWN_REASONS = tuple(reason for reason in Reason if reason not in _LISTED.union(_FIXED))
"""For these reasons. The others let in, repeat, or speak of the gate itself; and what the centre holds of a person
looks like any other answer of its outcome, or a printed code would tell strangers."""


_ALERT = frozenset({Output.RED, Output.AMBER})
_STOP = frozenset({Output.RED})
_GO = frozenset({Output.GREEN, Output.RELAY})


def _beats(lamps: frozenset[Output], *on_off_ms: int, beep_ms: int = 0) -> tuple[Beat, ...]:
    """Lamps on, off, on, off… for these times; each time they light, the buzzer sounds at first."""
    beats: list[Beat] = []
    for place, ms in enumerate(on_off_ms):
        if place % 2:
            beats.append(Beat(frozenset(), ms))
            continue
        sound_ms = min(beep_ms, ms)
        if sound_ms:
            beats.append(Beat(lamps | {Output.BUZZER}, sound_ms))
        if ms > sound_ms:
            beats.append(Beat(lamps, ms - sound_ms))
    return tuple(beats)


PATTERNS: Mapping[Cue, Pattern] = MappingProxyType(
    {
        # Answers, played once.
        Cue.GRANTED: Pattern(_beats(_GO, 1_500, beep_ms=120)),
        Cue.DENIED: Pattern(_beats(_STOP, 1_000, 300, beep_ms=1_000) + _beats(_STOP, 1_000)),
        Cue.REFERRED: Pattern(_beats(_ALERT, 350, 200, 350, 600, beep_ms=300) + _beats(_ALERT, 350, 200, 350)),
        Cue.NOT_OURS: Pattern(_beats(_STOP, 120, 120, 120, beep_ms=60)),
        Cue.SEVERAL: Pattern(_beats(_STOP, 120, 120, 120, 500, 120, 120, 120, beep_ms=60)),
        Cue.UNREADABLE: Pattern(_beats(_ALERT, *[60, 60] * 3, beep_ms=40) + _beats(_ALERT, *[60, 60] * 4)),
        # States, repeated until another comes; silent, but for the chirp that calls for help.
        Cue.STARTING: Pattern(_beats(_ALERT, 500, 500), repeats=True),
        Cue.READY: Pattern(_beats(_ALERT, 60, 2_940), repeats=True),
        Cue.OFFLINE: Pattern(_beats(_ALERT, 60, 200, 60, 2_680), repeats=True),
        Cue.NOT_ENROLLED: Pattern(_beats(_ALERT, 60, 200, 60, 200, 60, 2_420), repeats=True),
        Cue.REVOKED: Pattern(_beats(_STOP, 1_200, 200, 60, 200, 60, 1_000), repeats=True),
        Cue.CONFIG: Pattern(_beats(_STOP, 600, 300, 600, 300, 600, 1_500), repeats=True),
        Cue.FAULT: Pattern(_beats(_STOP, 200, 200, beep_ms=120) + _beats(_STOP, *[200] * 48), repeats=True),
    }
)
"""What every cue looks and sounds like unless the site says otherwise; total over `Cue`."""
