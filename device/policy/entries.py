"""Vaccination, test and recovery rules: what outcome a certificate's entry earns.

Every limit is written as what a good entry must fulfil, so that nothing odd passes by failing a
comparison; an entry without its dates earns nothing. Days are calendar days at the place; a test's
age is counted to the millisecond, and a limit itself is still good.
"""

from __future__ import annotations

from datetime import date

from device.model import LabTest, Outcome, Reason, Recovery, Vaccination
from device.policy.local import Moment
from device.policy.rules import CertificateRules, DoseRule, EntryRules, LabTestRule, RecoveryRule

NOT_DETECTED = "260415000"
"""SNOMED CT; the ``tr`` of the EU's value set ``covid-19-lab-result``."""

Entry = Vaccination | LabTest | Recovery


def earned(entry: Entry, rules: CertificateRules, now: Moment | None) -> tuple[Outcome, Reason | None]:
    """Return the outcome an entry earns, and what kept it from a better one.

    Args:
        entry: of a certificate whose signature and dates are judged elsewhere.
        rules: they must ask for entries.
        now: ``None`` leaves out every limit that needs the time.
    """
    if entry.target not in rules.diseases:
        return rules.otherwise, Reason.ENTRY_NOT_ACCEPTED
    kept = Reason.ENTRY_NOT_ACCEPTED
    for outcome, tier in ((Outcome.GRANTED, rules.grant), (Outcome.REFERRED, rules.refer)):
        fault = Reason.ENTRY_NOT_ACCEPTED if tier is None else _fault(entry, tier, rules, now)
        if fault is None:
            return outcome, None if outcome is Outcome.GRANTED else kept
        if fault is not Reason.ENTRY_NOT_ACCEPTED:
            kept = fault
    return rules.otherwise, kept


def needs_time(entry: Entry, rules: CertificateRules) -> bool:
    """Return whether the time may change what the entry earns."""
    tiers = [tier for tier in (rules.grant, rules.refer) if tier is not None]
    match entry:
        case Vaccination():  # without limits too: a dose must have been given by now
            return any(tier.vaccination is not None for tier in tiers)
        case LabTest():
            return any(tier.test is not None for tier in tiers)
        case Recovery():
            return any(tier.recovery is not None for tier in tiers)


def _fault(entry: Entry, tier: EntryRules, rules: CertificateRules, now: Moment | None) -> Reason | None:
    match entry:
        case Vaccination() if tier.vaccination is not None:
            return _dose_fault(entry, tier.vaccination, rules.one_dose_products, now)
        case LabTest() if tier.test is not None:
            return _test_fault(entry, tier.test, now)
        case Recovery() if tier.recovery is not None:
            return _recovery_fault(entry, tier.recovery, now)
    return Reason.ENTRY_NOT_ACCEPTED


def _dose_fault(
    dose: Vaccination, rule: DoseRule, one_dose_products: frozenset[str], now: Moment | None
) -> Reason | None:
    if rule.products and dose.product not in rule.products:
        return Reason.PRODUCT_NOT_ACCEPTED
    needed = 1 if dose.product in one_dose_products else rule.doses
    if not dose.doses >= needed:
        return Reason.TOO_FEW_DOSES
    if dose.given_on is None:
        return Reason.ENTRY_NOT_ACCEPTED
    if now is not None:
        days = _days(dose.given_on, now)
        if not days >= (rule.min_days if dose.doses == needed else 0):  # a further dose is given to the protected
            return Reason.DOSE_TOO_RECENT
        if rule.max_days is not None and not days <= rule.max_days:
            return Reason.DOSE_TOO_OLD
    return None


def _test_fault(test: LabTest, rule: LabTestRule, now: Moment | None) -> Reason | None:
    most_ms = rule.max_age_ms.get(test.type)
    if most_ms is None:
        return Reason.TEST_TYPE_NOT_ACCEPTED
    if test.result != NOT_DETECTED:
        return Reason.TEST_NOT_NEGATIVE
    if test.sampled_at_s is None:
        return Reason.ENTRY_NOT_ACCEPTED
    if now is not None:
        age_ms = now.wall_ms - test.sampled_at_s * 1000
        if not age_ms >= 0:
            return Reason.CERTIFICATE_NOT_YET_VALID
        if not age_ms <= most_ms:
            return Reason.TEST_TOO_OLD
    return None


def _recovery_fault(recovery: Recovery, rule: RecoveryRule, now: Moment | None) -> Reason | None:
    if recovery.first_positive_on is None or recovery.valid_from is None or recovery.valid_until is None:
        return Reason.ENTRY_NOT_ACCEPTED
    if now is None:
        return None
    days = _days(recovery.first_positive_on, now)
    if not (days >= rule.min_days and now.today >= recovery.valid_from):
        return Reason.RECOVERY_TOO_RECENT
    if not now.today <= recovery.valid_until or (rule.max_days is not None and not days <= rule.max_days):
        return Reason.RECOVERY_TOO_OLD
    return None


def _days(since: date, now: Moment) -> int:
    return (now.today - since).days
