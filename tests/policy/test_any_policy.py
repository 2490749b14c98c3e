"""Any credential under any policy at any time: a decision, and the gravest of what the rules said."""

from __future__ import annotations

from datetime import timedelta, timezone
from types import MappingProxyType

from hypothesis import given, settings
from hypothesis import strategies as st

from device.clock import ClockReading, ClockState
from device.gate.occupancy import Occupancy
from device.model import (
    Certificate,
    CodeKind,
    Credential,
    Decision,
    Direction,
    HealthColour,
    LabTest,
    Outcome,
    Person,
    Recovery,
    Signer,
    SignerState,
    Status,
    Vaccination,
)
from device.policy import Policy, Recent, Situation, begin
from device.policy.recent import SEVERITY
from device.policy.rules import (
    Capacity,
    CertificateRules,
    DoseRule,
    EntryRules,
    LabTestRule,
    OpeningHours,
    RecoveryRule,
    Stance,
    StatusRules,
)
from tests.policy.certificates import (
    ANTIGEN,
    PCR,
    VIETNAM,
)

GRANT, REFER, DENY = Outcome.GRANTED, Outcome.REFERRED, Outcome.DENIED
OUTCOMES = st.sampled_from(Outcome)
DAYS = st.integers(0, 400)
DATES = st.dates()
TIMES = st.integers(-(10**12), 253_402_300_799)
WORDS = st.sampled_from(["", "VN", "840539006", PCR, ANTIGEN, "260415000", "EU/1/20/1525"])
ENTRIES = st.one_of(
    st.builds(Vaccination, st.integers(1, 99), st.integers(1, 99), DATES, WORDS, WORDS, WORDS, WORDS, WORDS),
    st.builds(LabTest, WORDS, WORDS, TIMES, WORDS, WORDS),
    st.builds(Recovery, DATES, DATES, DATES, WORDS, WORDS),
)
SIGNERS = st.builds(Signer, st.sampled_from(SignerState), st.none() | WORDS, st.none() | TIMES, st.none() | TIMES)
CREDENTIALS = st.builds(
    Credential,
    st.sampled_from(CodeKind),
    st.builds(
        Person, name=st.none() | st.text(), birth=st.none() | st.just("1990-03-05"), citizen_number=st.none() | WORDS
    ),
    certificate=st.none()
    | st.builds(Certificate, st.none() | WORDS, st.none() | TIMES, st.none() | TIMES, TIMES, SIGNERS, ENTRIES),
)
TIERS = st.none() | st.builds(
    EntryRules,
    st.none() | st.builds(DoseRule, st.integers(1, 9), DAYS, st.none() | DAYS, st.frozensets(WORDS)),
    st.none() | st.builds(LabTestRule, st.dictionaries(WORDS, st.integers(0, 10**9))),
    st.none() | st.builds(RecoveryRule, DAYS, st.none() | DAYS),
)
MINUTES = st.integers(0, 1440)
POLICIES = st.builds(
    Policy,
    st.just("any"),
    st.frozensets(st.sampled_from(CodeKind)),
    OUTCOMES,
    st.sampled_from([0, 120_000]),
    zone=st.sampled_from([VIETNAM, timezone(timedelta(hours=-14)), timezone(timedelta(hours=14))]),
    kinds=st.dictionaries(st.sampled_from(CodeKind), st.builds(Stance, OUTCOMES, OUTCOMES, OUTCOMES)).map(
        MappingProxyType
    ),
    certificates=st.none()
    | st.builds(
        CertificateRules,
        OUTCOMES,
        OUTCOMES,
        st.sampled_from([0, 10**9]),
        st.frozensets(WORDS),
        st.frozensets(WORDS),
        st.frozensets(WORDS),
        TIERS,
        TIERS,
        OUTCOMES,
    ),
    hours=st.lists(st.builds(OpeningHours, st.frozensets(st.integers(0, 6)), MINUTES, MINUTES), max_size=3).map(tuple),
    closed=OUTCOMES,
    asked=st.sampled_from(Direction),
    capacity=st.none() | st.builds(Capacity, st.integers(1, 3), OUTCOMES, st.none() | st.integers(0, 1439)),
    status=st.none()
    | st.builds(
        StatusRules,
        st.frozensets(st.sampled_from(CodeKind)),
        st.just(300),
        *(OUTCOMES, OUTCOMES, OUTCOMES, OUTCOMES, OUTCOMES),
        st.integers(0, 3),
        OUTCOMES,
    ),
)
TRUTHS = st.none() | st.booleans()
STATUSES = st.none() | st.builds(
    Status, TRUTHS, st.none() | st.sampled_from(HealthColour), TRUTHS, st.none() | st.integers(0, 3)
)
READINGS = st.builds(
    ClockReading, st.just("0" * 32), st.integers(0, 10**6), st.integers(-(10**18), 10**18), st.sampled_from(ClockState)
)


@settings(max_examples=400, deadline=None)
@given(
    POLICIES, st.lists(st.tuples(st.none() | CREDENTIALS, st.sampled_from(Direction), READINGS, STATUSES), max_size=5)
)
def test_any_credential_under_any_policy_at_any_time_gets_a_decision(
    policy: Policy, shown: list[tuple[Credential | None, Direction, ClockReading, Status | None]]
) -> None:
    recent, room = Recent(), Occupancy()
    for credential, way, now, status in shown:
        judging = begin(credential, Situation(policy, recent, way, now, room.people(policy, now)))
        without = judging.end()
        decision = judging.end(status)
        if decision.counted and without.counted:
            assert SEVERITY[decision.outcome] >= SEVERITY[without.outcome]
        assert isinstance(decision, Decision)
        assert decision.policy_version == "any"
        assert decision.rules
        if credential is not None and decision.counted:
            said = {rule.split(":")[1] for rule in decision.rules}
            gravest = DENY if "deny" in said else REFER if "refer" in said else GRANT
            assert decision.outcome is gravest
        recent.remember(credential, decision, way, now, policy.repeat_window_ms)
        room.passed(decision, way)
        assert room.inside >= 0
