"""What a hub publishes, and how gates get it."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from device.clock import SystemClock
from device.crypto.signing import SigningKey, signature_headers
from device.enrolment.document import Enrolment
from device.errors import ConfigurationError
from device.hub.folder import HubFolder
from device.hub.publishing.store import VALID_DAYS, PublishedBundles
from device.wire import catalogue
from device.wire.bundle import BundleKind, read_bundle
from device.wire.catalogue import Catalogue, Offer, decode_catalogue
from device.wire.revocation import decode_revocation
from device.wire.sealing_keys import decode_days
from tests.support.fake_server import HubThread
from tests.support.fakes import FakeClock
from tests.support.running_hub import RunningHub

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


# --- over HTTP ------------------------------------------------------------------------------------


def asked(
    hub: RunningHub, path: str, body: bytes, gate: Enrolment | None = None, sent_body: bytes | None = None
) -> requests.Response:
    gate = gate or hub.gate
    headers = {"Content-Encoding": "identity", "Connection": "close"}
    headers |= signature_headers(
        gate.key,
        gate.device_id,
        method="POST",
        authority=urlsplit(hub.url).netloc,
        target=path,
        encoding="identity",
        body=body,
    )
    return requests.post(hub.url + path, data=body if sent_body is None else sent_body, headers=headers, timeout=20)


def listed(hub: RunningHub) -> Catalogue:
    return decode_catalogue(asked(hub, catalogue.PATH, catalogue.encode_question()).content)


def test_a_gate_is_told_what_there_is_and_gets_it_with_its_length_and_tag(hub: RunningHub) -> None:
    head = hub.folder.bundles().publish(BundleKind.POLICY, POLICY)
    offer = listed(hub).offers[BundleKind.POLICY]
    answer = asked(hub, catalogue.CONTENT_PATH, catalogue.encode_bundle_request(offer))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Length"] == str(offer.size)
    assert answer.headers["ETag"] == f'"policy-{head.version}"'
    assert read_bundle(answer.content, [hub.gate.bundle_root]).content == POLICY


def test_the_days_keys_are_there_without_anybody_publishing_them(hub: RunningHub) -> None:
    offer = listed(hub).offers[BundleKind.SEALING_KEYS]
    answer = asked(hub, catalogue.CONTENT_PATH, catalogue.encode_bundle_request(offer))
    content = read_bundle(answer.content, [hub.gate.bundle_root]).content
    assert decode_days(bytes(content)) == hub.folder.sealing_keys()


def test_a_version_that_is_gone_is_404(hub: RunningHub) -> None:
    body = catalogue.encode_bundle_request(Offer(BundleKind.POLICY, 1, 1000))
    assert asked(hub, catalogue.CONTENT_PATH, body).status_code == 404


@pytest.mark.parametrize("path", [catalogue.PATH, catalogue.CONTENT_PATH])
def test_only_a_gate_of_this_hub_that_was_not_withdrawn_gets_anything(hub: RunningHub, path: str) -> None:
    hub.folder.bundles().publish(BundleKind.POLICY, POLICY)
    body = (
        catalogue.encode_question() if path == catalogue.PATH else b'{"contract":"gate/1","kind":"policy","version":1}'
    )
    assert requests.post(hub.url + path, data=body, timeout=20).status_code == 401
    stranger = Enrolment(hub.gate.device_id, SigningKey.new(), "", hub.gate.bundle_root, hub.gate.sealing_keys)
    assert asked(hub, path, body, stranger).status_code == 401
    assert asked(hub, path, body, sent_body=body.replace(b"gate/1", b"gate/2")).status_code == 401
    hub.folder.revoke(hub.store, hub.gate.device_id, hub.gate.key.public)
    answer = asked(hub, path, body)
    assert answer.status_code == 403
    assert decode_revocation(answer.content).public == hub.gate.key.public


@pytest.mark.parametrize("path", [catalogue.PATH, catalogue.CONTENT_PATH])
def test_a_question_that_breaks_the_contract_is_refused(hub: RunningHub, path: str) -> None:
    for body, status in ((b"{}", 422), (b'{"contract":"gate/2"}', 409), (b"[]", 422), (b"x" * 300, 413)):
        answer = asked(hub, path, body)
        assert answer.status_code == status
        assert set(json.loads(answer.content)) == {"error"}


def test_a_hub_that_lost_its_root_says_not_now(folder: HubFolder, hub: RunningHub) -> None:
    (folder.path / "root.key").rename(folder.path / "root.away")
    assert asked(hub, catalogue.PATH, catalogue.encode_question()).status_code == 503


def test_downloads_beyond_what_the_hub_has_room_for_are_told_to_come_again(tmp_path: Path) -> None:
    folder = HubFolder.create(tmp_path / "hub", SystemClock())
    gate = folder.add_gate("Cổng A")
    folder.bundles().publish(BundleKind.POLICY, POLICY)
    with HubThread(folder, most_at_once=0) as server:
        hub = RunningHub(folder, server.url, server.store, gate)
        offer = listed(hub).offers[BundleKind.POLICY]
        answer = asked(hub, catalogue.CONTENT_PATH, catalogue.encode_bundle_request(offer))
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "30")


def test_a_download_leaves_its_place_to_the_next(hub: RunningHub) -> None:
    hub.folder.bundles().publish(BundleKind.POLICY, POLICY)
    wish = catalogue.encode_bundle_request(listed(hub).offers[BundleKind.POLICY])
    assert {asked(hub, catalogue.CONTENT_PATH, wish).status_code for _ in range(70)} == {200}
