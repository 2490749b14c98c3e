"""What an operator publishes at a real hub is what a gate does; what is wrong with it leaves the last good one."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from device.app.bundle_adoption import refresher_of
from device.app.site_plans import inline_policy
from device.clock import DAY_MS, SystemClock, utc_day
from device.credential.hc1.trust_list import TrustList
from device.crypto.sealing import Sealer, new_key_pair
from device.crypto.signing import SigningKey, kept_key
from device.durable import replace_file
from device.enrolment.document import is_revocation
from device.gate.rules import Rules, RulesInForce
from device.gate.traffic import Traffic
from device.hub.folder import HubFolder
from device.hub.publishing.people_file import read_people_file
from device.hub.publishing.publish import content_of, content_of_people
from device.model import Cue
from device.settings.load import parse
from device.settings.policy_in_force import PolicyFollower, PolicySource
from device.settings.watched_file import Offered
from device.sync.refresh import Refresher
from device.trust.trust_list import trust_document
from device.wire import catalogue
from device.wire.bundle import PEOPLE_LISTS, BundleKind
from device.wire.catalogue import Offer, catalogue_of
from device.wire.people_list import MAGIC
from device.wire.revocation import Revocation, encode_revocation
from tests.support.databases import both_databases, hub_folder
from tests.support.fake_enrolment import enrolled
from tests.support.fake_server import PATIENCE_S, HubThread, RawServer, read_request, read_until_closed
from tests.support.issuer import Issuer
from tests.support.stage import Stage
from tests.support.threads import running

SITE = """
place: {{name: Chợ Mẫu, province: Quảng Ngãi}}
pins: {{green: 17, red: 27}}
policy: {{from: hub}}
trust: {{from: hub}}
store: {{folder: {folder}}}
hub: {{url: '{url}'}}
"""


class Place:
    """A hub that serves, and a gate that takes over what it publishes, each time it is told to look."""

    def __init__(self, folder: Path, url: str, hub: HubFolder) -> None:
        self.hub, self.files = hub, folder / "files"
        self.files.mkdir()
        self.state = folder / "state"
        self.state.mkdir()
        self.enrolled = hub.add_gate("Cổng A")
        self.site = parse(SITE.format(folder=self.state, url=url))
        self.sealer = Sealer(self.enrolled.device_id, self.enrolled.sealing_keys)
        self.clock = SystemClock()
        self.start()

    def start(self) -> None:
        """Start the gate anew."""
        self.policies = PolicySource(None, inline_policy(self.site), self.clock)
        self.rules = RulesInForce(Rules(self.policies.in_force))
        self.trust = Offered[TrustList]()
        refresher = refresher_of(
            self.site,
            self.enrolled,
            self.clock,
            Traffic(self.clock),
            self.rules,
            self.sealer,
            self.policies,
            self.trust,
        )
        assert refresher is not None
        self.refresher: Refresher = refresher
        self.take_up()

    def publish(self, kind: BundleKind, text: str, successor: SigningKey | None = None) -> None:
        file = self.files / kind
        file.write_text(text, "utf-8")
        named = None if successor is None else successor.public
        content = (
            content_of(kind, file)
            if kind not in PEOPLE_LISTS
            else content_of_people(read_people_file(file, 1_000_000).keys)
        )
        self.hub.bundles().publish(kind, content, successor=named)

    def policy(self, name: str, more: str = "") -> None:
        self.publish(BundleKind.POLICY, f"version: {name}\nvalid_from: 2021-01-01\n{more}")

    def look(self) -> None:
        self.refresher.look()
        self.take_up()

    def take_up(self) -> None:
        PolicyFollower(self.policies, self.clock, self.rules.adopt, [self.trust.look]).look()

    def watched(self, key: str) -> bool | None:
        """Tell whether the watch list in memory has a number; ``None``: there is no list."""
        watch = self.rules.now.lists.watch
        return None if watch is None else watch.holds([key])

    def published(self, kind: BundleKind) -> Path:
        return self.hub.path / "bundles" / f"{kind}.bundle"

    def refused(self, kind: BundleKind) -> str:
        kinds = self.refresher.snapshot()["kinds"]
        assert isinstance(kinds, list)
        return str(next(one["refused"] for one in kinds if one["kind"] == kind))


@pytest.fixture
def place(tmp_path: Path, database_url: str | None) -> Iterator[Place]:
    hub = hub_folder(tmp_path / "hub", SystemClock(), database_url)
    with HubThread(hub) as server:
        place = Place(tmp_path, server.url, hub)
        yield place
        place.refresher.close()


@both_databases
def test_policy_trust_list_and_keys_are_taken_over_and_kept(place: Place) -> None:
    assert place.policies.in_force.version == "record-only-1"
    place.policy("market-1")
    place.publish(BundleKind.TRUST, trust_document([Issuer.es256().trusted()]))
    place.look()
    assert place.policies.in_force.version == "market-1"
    assert place.trust.latest is not None
    place.start()
    assert place.policies.in_force.version == "market-1"
    assert place.trust.latest is not None
    assert place.trust.snapshot(place.clock)["file"] is None


def test_a_sealing_key_of_another_day_reaches_the_running_sealer(place: Place) -> None:
    place.sealer.renew(place.enrolled.sealing_keys[:1])
    before = place.sealer.key
    place.look()
    assert before is not None
    assert place.sealer.key == place.hub.sealing_keys()[-1] != before


def test_keys_kept_on_the_card_do_not_take_the_place_of_newer_ones_that_an_enrolment_brought(place: Place) -> None:
    place.look()
    late = utc_day(SystemClock().reading().wall_ms + 60 * DAY_MS)
    newer, _ = new_key_pair(late)
    place.enrolled = replace(place.enrolled, sealing_keys=(newer,))
    place.sealer = Sealer(place.enrolled.device_id, place.enrolled.sealing_keys, lambda: late)
    place.start()
    assert place.sealer.key == newer


def test_a_site_that_names_a_policy_of_its_own_keeps_it(place: Place) -> None:
    own = SITE.replace("policy: {{from: hub}}", "policy: {{version: own-1}}")
    assert place.site.hub is not None
    place.site = parse(own.format(folder=place.state, url=place.site.hub.url))
    place.start()
    place.policy("market-1")
    place.look()
    assert place.policies.in_force.version == "own-1"
    assert not (place.state / "bundles" / "policy.bundle").exists()


@both_databases
def test_a_list_is_in_memory_while_the_policy_asks_for_it_and_gone_after_a_restart(place: Place) -> None:
    place.publish(BundleKind.WATCH_LIST, "citizen_number\n051090001234\n")
    place.look()
    assert place.watched("citizen:051090001234") is None
    place.policy("watch-1", "watch_list: {}\n")
    place.look()
    place.look()
    assert place.watched("citizen:051090001234") is True
    assert place.watched("citizen:051090001235") is False
    place.start()
    assert place.policies.in_force.version == "watch-1"
    assert place.watched("citizen:051090001234") is None
    place.look()
    assert place.watched("citizen:051090001234") is True
    place.policy("plain-1")
    place.look()
    place.look()
    assert place.watched("citizen:051090001234") is None


def test_nothing_of_a_list_stands_in_any_file_of_the_state_folder(place: Place) -> None:
    numbers = [f"{number:012d}" for number in range(51_090_000_000, 51_090_000_200)]
    place.policy("both-1", "watch_list: {}\nroster: {}\n")
    for kind in (BundleKind.WATCH_LIST, BundleKind.ROSTER):
        place.publish(kind, "citizen_number\n" + "\n".join(numbers) + "\n")
    for _ in range(3):
        place.look()
    assert place.rules.now.lists.watch is not None
    assert place.rules.now.lists.roster is not None
    needles = [number.encode() for number in numbers]
    for kind in (BundleKind.WATCH_LIST, BundleKind.ROSTER):
        content = place.published(kind).read_bytes()[-(40 + 8 * len(numbers)) :]
        needles += [content[8:40], *(content[start : start + 8] for start in range(40, len(content), 8))]
    files = [path for path in place.state.rglob("*") if path.is_file()]
    assert {path.name for path in files} == {"policy.bundle", "sealing-keys.bundle", "floors.json"}
    for path in files:
        body = path.read_bytes()
        assert not [needle for needle in needles if needle in body or needle.hex().encode() in body]


# --- what can be wrong with it --------------------------------------------------------------------


def flip(body: bytes) -> bytes:
    return body[:-5] + bytes([body[-5] ^ 4]) + body[-4:]


FAULTS: dict[str, Callable[[bytes], bytes]] = {
    "bit flip": flip,
    "truncated": lambda body: body[:-5],
    "longer": lambda body: body + b"x" * 100_000,
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_bundle_damaged_at_the_hub_or_on_the_way_leaves_the_last_good_one(
    place: Place, fault: Callable[[bytes], bytes]
) -> None:
    place.policy("market-1")
    place.look()
    place.policy("market-2")
    path = place.published(BundleKind.POLICY)
    good = path.read_bytes()
    path.write_bytes(fault(good))
    place.look()
    assert place.policies.in_force.version == "market-1"
    assert place.refused(BundleKind.POLICY) != "None"
    path.write_bytes(good)
    place.look()
    assert place.policies.in_force.version == "market-2"


def test_a_bundle_of_another_kind_under_its_name_is_refused(place: Place) -> None:
    place.policy("market-1")
    place.look()
    for _ in range(3):  # a higher number than the policy's
        place.publish(BundleKind.TRUST, trust_document([Issuer.es256().trusted()]))
    place.published(BundleKind.POLICY).write_bytes(place.published(BundleKind.TRUST).read_bytes())
    place.look()
    assert place.policies.in_force.version == "market-1"
    assert "kind trust" in place.refused(BundleKind.POLICY)


def test_a_hub_restored_from_an_old_backup_is_refused_and_what_it_publishes_next_is_taken(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    place.policy("market-1")
    backup = place.published(BundleKind.POLICY).read_bytes()
    place.policy("market-2")
    place.look()
    place.published(BundleKind.POLICY).write_bytes(backup)
    place.look()
    place.start()
    place.look()
    assert place.policies.in_force.version == "market-2"
    assert "the hub fell back" in place.refused(BundleKind.POLICY)
    assert "event=bundle-refused kind=policy" in caplog.text
    for name in ("market-3", "market-4"):  # within one second of the backup it counts on by one
        place.policy(name)
    place.look()
    assert place.policies.in_force.version == "market-4"


def test_a_right_signature_over_a_policy_with_a_mistake_is_refused_with_its_line(place: Place) -> None:
    place.policy("market-1")
    place.look()
    place.hub.bundles().publish(BundleKind.POLICY, b"version: market-2\nvalid_from: soon\n")
    place.look()
    place.start()
    assert place.policies.in_force.version == "market-1"
    place.look()
    assert "policy:2:13: valid_from: write a day" in place.refused(BundleKind.POLICY)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (BundleKind.TRUST, b"[1]"),
        (BundleKind.TRUST, b"\xff\xfe"),
        (BundleKind.WATCH_LIST, MAGIC + bytes(32) + b"\x02" * 8 + b"\x01" * 8),
        (BundleKind.SEALING_KEYS, b"{}"),
    ],
)
def test_a_right_signature_over_any_broken_content_is_refused(place: Place, kind: BundleKind, content: bytes) -> None:
    place.policy("market-1", "watch_list: {}\n")
    place.look()
    place.look()
    before = place.sealer.key
    place.hub.bundles().publish(kind, content)
    place.look()
    assert place.refused(kind) != "None"
    assert (place.trust.latest, place.rules.now.lists.watch, place.sealer.key) == (None, None, before)


def test_a_bundle_larger_than_any_of_its_kind_is_not_even_asked_for(place: Place) -> None:
    place.policy("market-1")
    place.look()
    place.policy("market-2")
    path = place.published(BundleKind.POLICY)
    path.write_bytes(path.read_bytes() + bytes(1024 * 1024))
    place.look()
    assert place.policies.in_force.version == "market-1"
    assert "more than any policy has" in place.refused(BundleKind.POLICY)
    assert place.refresher.snapshot()["error"] is None


def test_a_hub_with_a_new_root_is_followed_by_a_gate_that_heard_it_and_by_one_that_was_away(place: Place) -> None:
    place.policy("market-1")
    place.look()
    successor = SigningKey.new()
    place.publish(BundleKind.POLICY, "version: market-2\nvalid_from: 2021-01-01\n", successor)
    replace_file(place.hub.path / "root.key", successor.seed())
    place.policy("market-3")  # what named the successor is gone before this gate has looked
    place.look()
    assert place.policies.in_force.version == "market-3"
    place.start()
    assert place.policies.in_force.version == "market-3"


@both_databases
def test_a_renewed_root_is_followed_and_its_word_on_time_and_withdrawal_counts(place: Place) -> None:
    place.policy("market-1")
    place.look()
    place.hub.renew_root()
    assert place.hub.public_identity().root != place.enrolled.bundle_root
    place.policy("market-2")
    place.look()
    assert place.policies.in_force.version == "market-2"
    assert place.refresher.known_roots() == (place.enrolled.bundle_root, place.hub.public_identity().root)
    place.start()
    assert place.policies.in_force.version == "market-2"
    said = Revocation(place.enrolled.device_id, place.enrolled.key.public, b"")
    with closing(place.hub.open_store()) as store:
        place.hub.revoke(store, said.device_id, said.public)
        known = store.key_of(said.device_id)
    assert known is not None
    assert known[1] is not None
    statement = encode_revocation(replace(said, signature=known[1]))
    assert is_revocation(place.enrolled, statement, place.refresher.known_roots())
    assert not is_revocation(place.enrolled, statement)


def test_a_gate_that_is_enrolled_after_the_root_was_renewed_takes_everything_from_the_new_one(place: Place) -> None:
    place.policy("market-1")
    place.publish(BundleKind.TRUST, trust_document([Issuer.es256().trusted()]))
    place.hub.renew_root()
    place.enrolled = place.hub.add_gate("Cổng B")
    place.start()
    place.look()
    assert place.policies.in_force.version == "market-1"
    assert place.trust.latest is not None
    assert place.refresher.known_roots() == (place.hub.public_identity().root,)


def test_a_renewal_that_was_broken_off_goes_on_with_the_same_root(place: Place) -> None:
    place.policy("market-1")
    new = kept_key(place.hub.path / "root.next")
    place.hub.bundles().publish(BundleKind.SEALING_KEYS, place.hub.sealing_days_document(), successor=new.public)
    place.hub.renew_root()
    assert place.hub.public_identity().root == new.public
    assert not (place.hub.path / "root.next").exists()
    place.look()
    assert place.policies.in_force.version == "market-1"


def test_a_visitor_is_answered_while_a_download_hangs(tmp_path: Path) -> None:
    hanging = threading.Event()
    body = catalogue.encode_catalogue(catalogue_of([Offer(BundleKind.SEALING_KEYS, 7, 5_000)], ()))
    head = "HTTP/1.1 200 OK\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n"

    def hang(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(head.format("application/json", len(body)).encode() + body)
        read_request(connection)
        connection.sendall(head.format("application/octet-stream", 5_000).encode() + b"GATEBUN1")
        hanging.set()
        read_until_closed(connection)

    stage, clock, gate = Stage([]), SystemClock(), enrolled()
    with RawServer(hang) as server:
        site = parse(SITE.format(folder=tmp_path, url=server.url))
        policies = PolicySource(None, inline_policy(site), clock)
        sealer = Sealer(gate.device_id, gate.sealing_keys)
        refresher = refresher_of(site, gate, clock, Traffic(clock), stage.rules, sealer, policies, Offered())
        assert refresher is not None
        with running(refresher):
            assert hanging.wait(PATIENCE_S)
            assert stage.registrar.record(None, None).cue is Cue.GRANTED
            assert sealer.key is not None
