"""How it stands with each bundle, in words for people."""

from __future__ import annotations

from dataclasses import replace

import pytest

from device.strict_json import MOST_INT
from device.sync.bundle_status import BundleStatus
from device.wire.bundle import BundleKind, Head
from tests.support.fake_bundles import MADE_MS, bundle
from tests.support.fakes import FakeClock

HEAD: Head = bundle(BundleKind.POLICY, 7, b"seven").head


def standing() -> BundleStatus:
    return BundleStatus([BundleKind.POLICY, BundleKind.ROSTER])


def test_what_is_in_force_is_told_with_its_age_and_what_is_not_there_with_its_refusal_only() -> None:
    told = standing()
    told.taken(HEAD)
    told.refuse(BundleKind.ROSTER, "cut short")
    assert told.told(BundleKind.POLICY, MADE_MS + 90_000) == {
        "kind": "policy",
        "version": 7,
        "made": "2026-01-01T00:00:00Z",
        "age_s": 90,
        "valid_until": "2026-04-01T00:00:00Z",
        "old": False,
        "refused": None,
    }
    assert told.told(BundleKind.ROSTER, 0) == {"kind": "roster", "version": None, "refused": "cut short"}
    told.dropped(BundleKind.POLICY)
    assert told.head(BundleKind.POLICY) is None


def test_a_time_no_calendar_has_and_a_clock_that_went_back_are_told_all_the_same() -> None:
    told = standing()
    told.taken(replace(HEAD, valid_until_ms=MOST_INT))
    said = told.told(BundleKind.POLICY, 0)
    assert (said["valid_until"], said["age_s"]) == (f"{MOST_INT} ms", 0)


def test_one_that_is_old_is_warned_of_again_when_another_old_one_takes_its_place(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told, clock = standing(), FakeClock()
    for version in (7, 8):
        told.taken(replace(HEAD, version=version, valid_until_ms=1))
        for _ in range(2):
            told.taken(replace(HEAD, version=version, valid_until_ms=1))
            told.warn_of_old(clock.reading())
    assert sum("event=bundle-old" in line for line in caplog.messages) == 2
