"""The shipped policies of two provinces, row by row of what they promised."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from device.model import CodeKind, Credential, Direction, Outcome, Person, Reason
from device.policy import Policy, Recent, Situation, decide
from device.settings.load import load_policy
from tests.policy.certificates import (
    ANTIGEN,
    JANSSEN,
    NOON,
    POSITIVE,
    VIETNAM,
    Entry,
    at,
    certificate,
    dose,
    lab_test,
    recovery,
)

CONFIG = Path(__file__).parents[2] / "config" / "policy"
KHANH_HOA = load_policy(CONFIG / "khanh-hoa-2021-10-07.yaml")
DA_NANG = load_policy(CONFIG / "da-nang-2021-10.yaml")
RECORD_ONLY = load_policy(CONFIG / "record-only.yaml")
GREEN, YELLOW, RED, WHITE = Outcome.GRANTED, Outcome.REFERRED, Outcome.DENIED, Outcome.REFERRED
MIDNIGHT = datetime(2021, 10, 20, tzinfo=VIETNAM)
SECOND = timedelta(seconds=1)
NO_CERTIFICATE = (CodeKind.NATIONAL_CODE, CodeKind.CITIZEN_CARD, CodeKind.INSURANCE_CARD)


def ago(days: int) -> date:
    return NOON.date() - timedelta(days=days)


def judged(policy: Policy, entry: Entry, time: datetime = NOON) -> tuple[Outcome, Reason]:
    decision = decide(certificate(entry), Situation(policy, Recent(), Direction.IN, at(time)))
    return decision.outcome, decision.reason


@pytest.mark.parametrize(
    ("entry", "outcome", "reason"),
    [
        (dose(2, given=ago(14)), GREEN, Reason.RULES_MET),
        (dose(3, given=ago(14)), GREEN, Reason.RULES_MET),
        (dose(1, given=ago(14), product=JANSSEN, series=1), GREEN, Reason.RULES_MET),
        (dose(3, given=ago(0), series=3), GREEN, Reason.RULES_MET),
        (dose(2, given=ago(0), product=JANSSEN, series=1), GREEN, Reason.RULES_MET),
        (recovery(ago(11)), GREEN, Reason.RULES_MET),
        (recovery(ago(180)), GREEN, Reason.RULES_MET),
        (dose(1, given=ago(14)), YELLOW, Reason.TOO_FEW_DOSES),
        (lab_test(sampled=NOON - timedelta(hours=72)), YELLOW, Reason.ENTRY_NOT_ACCEPTED),
        (dose(2, given=ago(13)), YELLOW, Reason.DOSE_TOO_RECENT),
        (dose(1, given=ago(13), product=JANSSEN, series=1), RED, Reason.DOSE_TOO_RECENT),
        (dose(1, given=ago(13)), RED, Reason.DOSE_TOO_RECENT),
        (dose(2, given=ago(-1)), RED, Reason.DOSE_TOO_RECENT),
        (dose(3, given=ago(-1), series=3), RED, Reason.DOSE_TOO_RECENT),
        (recovery(ago(181)), RED, Reason.RECOVERY_TOO_OLD),
        (recovery(ago(10)), RED, Reason.RECOVERY_TOO_RECENT),
        (lab_test(sampled=NOON - timedelta(hours=72) - SECOND), RED, Reason.TEST_TOO_OLD),
        (lab_test(sampled=NOON + SECOND), RED, Reason.CERTIFICATE_NOT_YET_VALID),
        (lab_test(result=POSITIVE), RED, Reason.TEST_NOT_NEGATIVE),
        (lab_test(ANTIGEN), RED, Reason.TEST_TYPE_NOT_ACCEPTED),
    ],
)
def test_khanh_hoa_is_green_yellow_or_red(entry: Entry, outcome: Outcome, reason: Reason) -> None:
    assert judged(KHANH_HOA, entry) == (outcome, reason)


@pytest.mark.parametrize(
    ("entry", "outcome", "reason"),
    [
        (dose(2, given=ago(0)), GREEN, Reason.RULES_MET),
        (dose(1, given=ago(0), product=JANSSEN, series=1), GREEN, Reason.RULES_MET),
        (recovery(ago(180)), GREEN, Reason.RULES_MET),
        (dose(1, given=ago(14)), YELLOW, Reason.TOO_FEW_DOSES),
        (dose(1, given=ago(13)), WHITE, Reason.DOSE_TOO_RECENT),
        (recovery(ago(181)), WHITE, Reason.RECOVERY_TOO_OLD),
        (lab_test(), WHITE, Reason.ENTRY_NOT_ACCEPTED),
    ],
)
def test_da_nang_is_green_yellow_or_white_and_refuses_nobody(entry: Entry, outcome: Outcome, reason: Reason) -> None:
    assert judged(DA_NANG, entry) == (outcome, reason)


@pytest.mark.parametrize("policy", [KHANH_HOA, DA_NANG])
@pytest.mark.parametrize("kind", NO_CERTIFICATE)
def test_a_code_without_a_certificate_is_no_data_and_never_red(policy: Policy, kind: CodeKind) -> None:
    decision = decide(
        Credential(kind, Person(citizen_number="051090001234")), Situation(policy, Recent(), Direction.IN, at(NOON))
    )
    assert (decision.outcome, decision.reason) == (WHITE, Reason.NO_DATA)


@pytest.mark.parametrize("policy", [KHANH_HOA, DA_NANG])
def test_nobody_is_kept_inside(policy: Policy) -> None:
    decision = decide(certificate(dose(1, given=ago(1))), Situation(policy, Recent(), Direction.OUT, at(NOON)))
    assert (decision.outcome, decision.reason) == (GREEN, Reason.RECORDED)


@pytest.mark.parametrize(
    ("entry", "days"), [(dose(2, given=ago(14)), 0), (dose(2, given=ago(15)), -1), (dose(2, given=ago(13)), 1)]
)
def test_the_fourteenth_day_begins_at_midnight_in_vietnam_and_not_a_second_earlier(entry: Entry, days: int) -> None:
    midnight = MIDNIGHT + timedelta(days=days)
    assert judged(KHANH_HOA, entry, midnight - SECOND) == (YELLOW, Reason.DOSE_TOO_RECENT)
    assert judged(KHANH_HOA, entry, midnight) == (GREEN, Reason.RULES_MET)


def test_the_last_day_of_a_recovery_ends_at_midnight_and_not_a_second_later() -> None:
    recovered = recovery(ago(179))
    end = MIDNIGHT + timedelta(days=2)
    assert judged(KHANH_HOA, recovered, end - SECOND) == (GREEN, Reason.RULES_MET)
    assert judged(KHANH_HOA, recovered, end) == (RED, Reason.RECOVERY_TOO_OLD)


def test_seventy_two_hours_are_good_and_a_second_more_is_too_old() -> None:
    sampled = NOON - timedelta(hours=50)
    end = sampled + timedelta(hours=72)
    assert judged(KHANH_HOA, lab_test(sampled=sampled), end)[0] is YELLOW
    assert judged(KHANH_HOA, lab_test(sampled=sampled), end + SECOND) == (RED, Reason.TEST_TOO_OLD)


@pytest.mark.parametrize(
    "entry", [dose(1, given=ago(1)), lab_test(result=POSITIVE), recovery(ago(1)), dose(2, given=ago(300))]
)
def test_record_only_asks_nothing_about_health(entry: Entry) -> None:
    assert judged(RECORD_ONLY, entry) == (GREEN, Reason.RECORDED)
    assert judged(RECORD_ONLY, entry, NOON + timedelta(days=4_000)) == (GREEN, Reason.RECORDED)
