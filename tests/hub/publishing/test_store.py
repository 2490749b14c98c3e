from __future__ import annotations

from pathlib import Path

import pytest

from device.crypto.signing import SigningKey
from device.errors import ConfigurationError
from device.hub.publishing.store import VALID_DAYS, PublishedBundles
from device.wire.bundle import BundleKind, read_bundle
from device.wire.catalogue import Offer
from tests.support.fakes import FakeClock

POLICY = b"version: market-1\nvalid_from: 2026-01-01\n"
ROOT = SigningKey(bytes(range(32)))


class Offering:
    """A hub's bundles without the rest of a hub."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock, self.days = folder, FakeClock(), b"keys of day one"
        self.root = ROOT

    def bundles(self) -> PublishedBundles:
        return PublishedBundles(self.folder, lambda: self.root, lambda: self.days, self.clock)

    def sent(self, kind: BundleKind) -> bytes:
        bundles = self.bundles()
        found = bundles.open(kind, bundles.catalogue().offers[kind].version)
        assert found is not None
        with found.file:
            return b"".join(found.pieces())


@pytest.fixture
def offering(tmp_path: Path) -> Offering:
    return Offering(tmp_path)


def test_what_is_published_is_listed_and_sent_as_it_was_signed(offering: Offering) -> None:
    head = offering.bundles().publish(BundleKind.POLICY, POLICY)
    sent = offering.sent(BundleKind.POLICY)
    read = read_bundle(sent, [ROOT.public])
    assert (read.head, bytes(read.content)) == (head, POLICY)
    assert offering.bundles().catalogue().offers[BundleKind.POLICY] == Offer(BundleKind.POLICY, head.version, len(sent))
    assert head.valid_until_ms - head.made_ms == VALID_DAYS[BundleKind.POLICY] * 86_400_000


def test_each_version_is_higher_even_within_a_second_and_with_a_clock_that_went_back(offering: Offering) -> None:
    bundles = offering.bundles()
    versions = [bundles.publish(BundleKind.POLICY, POLICY).version for _ in range(2)]
    offering.clock.advance(-86_400_000)
    versions.append(offering.bundles().publish(BundleKind.POLICY, POLICY).version)
    assert versions == [1_767_225_600, 1_767_225_601, 1_767_225_602]


def test_what_is_published_after_a_backup_was_restored_is_newer_than_what_was_lost(offering: Offering) -> None:
    offering.bundles().publish(BundleKind.POLICY, POLICY)
    backup = (offering.folder / "bundles" / "policy.bundle").read_bytes()
    offering.clock.advance(3_600_000)
    lost = offering.bundles().publish(BundleKind.POLICY, POLICY)
    (offering.folder / "bundles" / "policy.bundle").write_bytes(backup)
    offering.clock.advance(3_600_000)
    assert offering.bundles().publish(BundleKind.POLICY, POLICY).version > lost.version


def test_the_sealing_keys_are_published_by_the_hub_itself_when_they_change_and_only_then(offering: Offering) -> None:
    bundles = offering.bundles()
    first = bundles.catalogue().offers[BundleKind.SEALING_KEYS]
    assert bundles.catalogue().offers[BundleKind.SEALING_KEYS] == first
    assert offering.bundles().catalogue().offers[BundleKind.SEALING_KEYS] == first
    offering.clock.advance(86_400_000)
    assert bundles.catalogue().offers[BundleKind.SEALING_KEYS] == first
    offering.clock.advance(86_400_000)
    offering.days = b"keys of day two"
    assert bundles.catalogue().offers[BundleKind.SEALING_KEYS].version > first.version
    assert offering.sent(BundleKind.SEALING_KEYS).endswith(offering.days)


def test_a_bundle_published_by_another_process_is_noticed_and_changes_the_mark(offering: Offering) -> None:
    serving = offering.bundles()
    before = serving.catalogue().etag
    offering.bundles().publish(BundleKind.POLICY, POLICY)
    assert serving.catalogue().etag != before
    assert BundleKind.POLICY in serving.catalogue().offers


def test_a_file_that_is_no_bundle_of_this_hub_is_not_offered(
    offering: Offering, caplog: pytest.LogCaptureFixture
) -> None:
    offering.bundles().publish(BundleKind.POLICY, POLICY)
    path = offering.folder / "bundles" / "policy.bundle"
    for damage in (b"", b"GATEBUN1", path.read_bytes()[:-20].replace(b"gate", b"Gate"), b"x" * 5000):
        path.write_bytes(damage)
        assert BundleKind.POLICY not in offering.bundles().catalogue().offers
        assert offering.bundles().open(BundleKind.POLICY, 1_767_225_600) is None
    assert "bundle-unusable" in caplog.text


def test_a_bundle_that_is_replaced_while_it_is_sent_arrives_as_it_was(offering: Offering) -> None:
    bundles = offering.bundles()
    head = bundles.publish(BundleKind.TRUST, b"a" * 300_000)
    found = bundles.open(BundleKind.TRUST, head.version)
    assert found is not None
    with found.file:
        begun = found.file.read(1000)
        bundles.publish(BundleKind.TRUST, b"b" * 300_000)
        assert read_bundle(begun + b"".join(found.pieces()), [ROOT.public]).content == b"a" * 300_000
    assert bundles.open(BundleKind.TRUST, head.version) is None


def test_a_content_larger_than_any_or_empty_is_not_published(offering: Offering) -> None:
    for content in (b"", b"x" * (256 * 1024 + 1)):
        with pytest.raises(ConfigurationError, match="must have 1 to"):
            offering.bundles().publish(BundleKind.POLICY, content)


def test_a_bundle_that_names_a_new_root_stays_in_the_succession_and_the_new_root_signs_on(offering: Offering) -> None:
    successor = SigningKey.new()
    offering.bundles().publish(BundleKind.POLICY, POLICY, successor=successor.public)
    offering.root = successor
    offering.bundles().publish(BundleKind.POLICY, POLICY)
    found = offering.bundles().catalogue()
    assert len(found.succession) == 1
    assert BundleKind.POLICY in found.offers
    read_bundle(offering.sent(BundleKind.POLICY), [successor.public])


def test_another_root_signs_the_lists_of_single_gates_too_and_they_stay_theirs(offering: Offering) -> None:
    offering.bundles().publish(BundleKind.ROSTER, bytes(40), device_id="gate-b")
    new = SigningKey(bytes(range(1, 33)))

    def activate() -> None:
        offering.root = new

    offering.bundles().renew_root(new, activate)
    found = offering.bundles().open(
        BundleKind.ROSTER, offering.bundles().catalogue("gate-b").offers[BundleKind.ROSTER].version, "gate-b"
    )
    assert found is not None
    with found.file:
        head = read_bundle(b"".join(found.pieces()), [new.public]).head
    assert head.device_id == "gate-b"
    assert BundleKind.ROSTER not in offering.bundles().catalogue("gate-a").offers
