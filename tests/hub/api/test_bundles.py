from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
import requests

from device.cli import main
from device.clock import SystemClock
from device.crypto.signing import SigningKey, signature_headers
from device.enrolment.document import Enrolment
from device.hub.folder import HubFolder
from device.hub.list_fetches import MOST_A_DAY
from device.wire import catalogue
from device.wire.bundle import CONTENT_MOST_BYTES, BundleKind, read_bundle
from device.wire.catalogue import Catalogue, Offer, decode_catalogue
from device.wire.people_list import encode_people
from device.wire.revocation import decode_revocation
from device.wire.sealing_keys import decode_days
from tests.support.databases import both_databases
from tests.support.fake_outbox import batch_of, chained_rows
from tests.support.fake_server import PATIENCE_S
from tests.support.raw_request import signed_head
from tests.support.running_hub import RunningHub

POLICY = b"version: market-1\nvalid_from: 2026-01-01\n"
LIST = encode_people(bytes(range(32)), [1, 2, 3])


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


@both_databases
def test_the_days_keys_are_there_without_anybody_publishing_them(hub: RunningHub) -> None:
    offer = listed(hub).offers[BundleKind.SEALING_KEYS]
    answer = asked(hub, catalogue.CONTENT_PATH, catalogue.encode_bundle_request(offer))
    content = read_bundle(answer.content, [hub.gate.bundle_root]).content
    assert decode_days(bytes(content)) == hub.folder.sealing_keys()


def test_a_version_that_is_gone_is_404(hub: RunningHub) -> None:
    body = catalogue.encode_bundle_request(Offer(BundleKind.POLICY, 1, 1000))
    assert asked(hub, catalogue.CONTENT_PATH, body).status_code == 404


@both_databases
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


def test_a_download_leaves_its_place_to_the_next(hub: RunningHub) -> None:
    hub.folder.bundles().publish(BundleKind.POLICY, POLICY)
    wish = catalogue.encode_bundle_request(listed(hub).offers[BundleKind.POLICY])
    assert {asked(hub, catalogue.CONTENT_PATH, wish).status_code for _ in range(70)} == {200}


def test_a_gate_that_does_not_read_its_downloads_gets_two_at_a_time_and_another_gate_its_own(
    folder: HubFolder, hub: RunningHub
) -> None:
    size = CONTENT_MOST_BYTES[BundleKind.WATCH_LIST]
    folder.bundles().publish(BundleKind.WATCH_LIST, bytes(size))
    wish = catalogue.encode_bundle_request(listed(hub).offers[BundleKind.WATCH_LIST])
    other = folder.add_gate("Cổng B")
    with ExitStack() as opened:
        for _ in range(2):
            opened.enter_context(unread(hub, wish))
        refused = asked(hub, catalogue.CONTENT_PATH, wish)
        served = hub.post(wish, {"Content-Encoding": "identity"}, path=catalogue.CONTENT_PATH, gate=other)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    assert (served.status_code, len(served.content) > size) == (200, True)


def test_a_list_for_one_gate_is_neither_offered_nor_sent_to_another(folder: HubFolder, hub: RunningHub) -> None:
    other = folder.add_gate("Cổng B")
    head = folder.bundles().publish(BundleKind.WATCH_LIST, LIST, device_id=other.device_id)
    question = catalogue.encode_question()
    assert BundleKind.WATCH_LIST not in listed(hub).offers
    offer = decode_catalogue(asked(hub, catalogue.PATH, question, other).content).offers[BundleKind.WATCH_LIST]
    wish = catalogue.encode_bundle_request(offer)
    assert offer.version == head.version
    assert asked(hub, catalogue.CONTENT_PATH, wish).status_code == 404
    answer = asked(hub, catalogue.CONTENT_PATH, wish, other)
    assert read_bundle(answer.content, [hub.gate.bundle_root]).head.device_id == other.device_id


def test_a_list_for_all_takes_the_place_of_those_for_single_gates_only_when_they_are_withdrawn(
    folder: HubFolder, hub: RunningHub
) -> None:
    bundles = folder.bundles()
    own = bundles.publish(BundleKind.WATCH_LIST, LIST, device_id=hub.gate.device_id)
    for_all = bundles.publish(BundleKind.WATCH_LIST, LIST + bytes(8))
    assert for_all.version > own.version
    assert listed(hub).offers[BundleKind.WATCH_LIST].version == own.version
    bundles.withdraw_own(BundleKind.WATCH_LIST)
    assert listed(hub).offers[BundleKind.WATCH_LIST].version == for_all.version


@both_databases
def test_a_list_that_is_fetched_again_and_again_is_an_alarm_that_says_revoke(
    folder: HubFolder, hub: RunningHub, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = chained_rows(hub.gate.device_id, hub.gate.sealing_keys[-1], 2)
    hub.store.ingest(batch_of(hub.gate.device_id, rows))
    folder.bundles().publish(BundleKind.WATCH_LIST, LIST)
    wish = catalogue.encode_bundle_request(listed(hub).offers[BundleKind.WATCH_LIST])
    for _ in range(MOST_A_DAY):
        assert asked(hub, catalogue.CONTENT_PATH, wish).status_code == 200
    asked(hub, catalogue.PATH, catalogue.encode_question())
    assert hub.store.alarms() == []
    for _ in range(3):
        asked(hub, catalogue.CONTENT_PATH, wish)
    until_there_is(hub.store.alarms)
    assert [alarm.kind for alarm in hub.store.alarms()] == ["watch-list-fetched-out-of-turn"]
    assert main(["hub", "gate", "list", str(folder.path)]) == 0
    assert "revoke it at once" in capsys.readouterr().out


def until_there_is(found: Callable[[], object]) -> None:
    """Wait for what the hub does after the last byte was sent."""
    clock, never = SystemClock(), threading.Event()
    give_up_s = clock.monotonic_s() + PATIENCE_S
    while not found():
        assert clock.monotonic_s() < give_up_s
        clock.wait(never, 0.02)


def unread(hub: RunningHub, wish: bytes) -> socket.socket:
    """Ask for a bundle, and read no more of it than that it comes."""
    place = urlsplit(hub.url)
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.settimeout(PATIENCE_S)
    line.connect((place.hostname or "", place.port or 0))
    line.sendall(signed_head(hub.gate, place.netloc, catalogue.CONTENT_PATH, wish) + wish)
    assert line.recv(15) == b"HTTP/1.1 200 OK"
    return line
