"""Decision, Outcome and Reason: what the gate says about a visitor, and why (see `device.model`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What the gate says about a visitor."""

    GRANTED = "granted"
    REFERRED = "referred"
    """A person must look."""
    DENIED = "denied"


class Reason(StrEnum):
    """Why; a closed list. `device.policy.cues` maps each to an outcome and a cue."""

    # a credential was judged
    RECORDED = "recorded"
    """Written down; the policy asked for no more."""
    RULES_MET = "rules-met"
    """A certificate that meets what the policy asks for."""
    REPEAT = "repeat"
    """The same person within the repeat window: the first outcome again, counted once."""
    MANUAL = "manual"
    """The guard pressed the button for somebody without a code."""
    KIND_NOT_ACCEPTED = "kind-not-accepted"
    WEAK_READING = "weak-reading"
    """Only a bare citizen number was read."""
    NOT_VERIFIED = "not-verified"
    """A format without a signature, where the policy wants proof."""
    NO_DATA = "no-data"
    """The policy asks for a certificate and this code carries none: no word about the person's health."""
    CLOCK_NOT_TRUSTED = "clock-not-trusted"
    """A rule needs the time and this gate does not know it."""
    CLOSED_NOW = "closed-now"
    """Outside the opening hours."""
    FULL = "full"
    """As many people are inside as may be."""
    SIGNATURE_NOT_CHECKED = "signature-not-checked"
    """A certificate, and this gate has no trust list at all."""
    SIGNER_UNKNOWN = "signer-unknown"
    """A certificate whose signer is not in the trust list."""
    SIGNATURE_WRONG = "signature-wrong"
    """The signer is in the trust list and did not sign this certificate."""
    SIGNER_NOT_ALLOWED = "signer-not-allowed"
    """The signature is right, of a signer that may not sign this kind of entry."""
    SIGNER_OUT_OF_DATE = "signer-out-of-date"
    """The signature is right, of a key whose time is over or has not begun."""
    CERTIFICATE_EXPIRED = "certificate-expired"
    CERTIFICATE_NOT_YET_VALID = "certificate-not-yet-valid"
    """Issued in the future by this clock."""
    SIGNER_COUNTRY_NOT_ACCEPTED = "signer-country-not-accepted"
    ENTRY_NOT_ACCEPTED = "entry-not-accepted"
    """The policy does not go by entries of this sort (vaccination, test, recovery), or of this disease."""
    PRODUCT_NOT_ACCEPTED = "product-not-accepted"
    TOO_FEW_DOSES = "too-few-doses"
    DOSE_TOO_RECENT = "dose-too-recent"
    DOSE_TOO_OLD = "dose-too-old"
    TEST_TYPE_NOT_ACCEPTED = "test-type-not-accepted"
    TEST_NOT_NEGATIVE = "test-not-negative"
    """Any result but "not detected"."""
    TEST_TOO_OLD = "test-too-old"
    RECOVERY_TOO_RECENT = "recovery-too-recent"
    RECOVERY_TOO_OLD = "recovery-too-old"
    # what the centre answered
    STATUS_HEALTH = "status-health"
    """The centre has the person as yellow or red."""
    STATUS_DECLARATION_MISSING = "status-declaration-missing"
    STATUS_MOVEMENT_MISSING = "status-movement-missing"
    STATUS_DOSES = "status-doses"
    """The centre knows of fewer doses than the policy asks for."""
    # what the centre's lists say
    ON_WATCH_LIST = "on-watch-list"
    NOT_ON_ROSTER = "not-on-roster"
    """The place expects only those on its roster."""
    NO_LIST = "no-list"
    """The policy asks for a list, and none was fetched since the gate started: lists are never kept on the card."""
    # no credential
    UNREADABLE = "unreadable"
    SEVERAL = "several"
    VENUE_POSTER = "venue-poster"
    OWN_VENUE = "own-venue"
    LOCAL_CODE = "local-code"
    WEB_LINK = "web-link"
    BANK_CODE = "bank-code"
    WIFI_CODE = "wifi-code"
    NOT_READABLE_HERE = "not-readable-here"
    """A code whose content only somebody else's system can read (VNeID)."""
    CERTIFICATE_MALFORMED = "certificate-malformed"
    """It begins as an HC1 certificate and breaks the format: damaged, or made to do harm."""
    UNKNOWN_CODE = "unknown-code"
    # nothing can be recorded
    LEDGER_FAULT = "ledger-fault"


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one credential.

    Attributes:
        outcome: what the visitor is told.
        reason: why.
        policy_version: the policy that judged.
        counted: ``False`` for a repeat: the centre counts one passage.
        rules: slugs of the rules that were asked, in order, without personal content.
        first: for a repeat, the reason of the first presentation; else ``None``.
    """

    outcome: Outcome
    reason: Reason
    policy_version: str
    counted: bool = True
    rules: tuple[str, ...] = ()
    first: Reason | None = None
