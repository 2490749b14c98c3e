"""Certificates to judge: each entry of one kind, made whole, to be changed in one place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

from device.clock import ClockReading, ClockState
from device.model import (
    Certificate,
    CodeKind,
    Credential,
    LabTest,
    Person,
    Recovery,
    Signer,
    SignerState,
    Vaccination,
    Verification,
)
from tests.support.fakes import BOOT_ID

VIETNAM = timezone(timedelta(hours=7))
JANSSEN, COMIRNATY, COVID = "EU/1/20/1525", "EU/1/20/1528", "840539006"
PCR, ANTIGEN, NEGATIVE, POSITIVE = "LP6464-4", "LP217198-3", "260415000", "260373001"
NOON = datetime(2021, 10, 20, 12, 0, tzinfo=VIETNAM)
"""A Wednesday."""


Entry = Vaccination | LabTest | Recovery


def at(time: datetime, *, trusted: bool = True) -> ClockReading:
    state = ClockState.SYNCHRONISED if trusted else ClockState.UNSYNCHRONISED
    return ClockReading(BOOT_ID, 1_000_000, round(time.timestamp() * 1000), state)


def seconds(time: datetime) -> int:
    return int(time.astimezone(UTC).timestamp())


def dose(number: int = 2, *, given: date = date(2021, 6, 1), product: str = COMIRNATY, series: int = 2) -> Vaccination:
    return Vaccination(number, series, given, product, "1119349007", "ORG-100030215", "VN", COVID)


def lab_test(method: str = PCR, *, sampled: datetime = NOON - timedelta(hours=10), result: str = NEGATIVE) -> LabTest:
    return LabTest(method, result, seconds(sampled), "VN", COVID)


def recovery(first: date = date(2021, 6, 1)) -> Recovery:
    return Recovery(first, first + timedelta(days=11), date(2030, 1, 1), "VN", COVID)


SIGNER = Signer(SignerState.CHECKED, "VN", seconds(NOON - timedelta(days=300)), seconds(NOON + timedelta(days=300)))


def certificate(entry: Entry, state: SignerState = SignerState.CHECKED, **changed: int) -> Credential:
    signer = SIGNER if state is SignerState.CHECKED else Signer(state)
    made = Certificate(
        "VN", seconds(NOON - timedelta(days=100)), None, seconds(NOON + timedelta(days=100)), signer, entry
    )
    return Credential(
        CodeKind.HC1,
        Person(name="Nguyễn Văn Thử", birth="1990-03-05"),
        Verification.YES if state is SignerState.CHECKED else Verification.UNCHECKED,
        certificate=replace(made, **changed),  # type: ignore[arg-type] # times only
    )
