from __future__ import annotations

import gzip
import json
import logging
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from device.clock import DAY_MS, SystemClock
from device.crypto.signing import signature_headers
from device.enrolment import pairing
from device.enrolment.document import is_revocation
from device.errors import HubRefused
from device.hub.believed_clock import BelievedClock
from device.model import Receipt
from device.strict_json import base64_of
from device.uplink.enrol import EnrolmentClient, enrol
from device.uplink.hub import HubClient, compressed
from device.wire import catalogue, status
from device.wire import checkins as wire
from device.wire import time as hub_time
from device.wire.bundle import BundleKind
from device.wire.catalogue import Offer
from tests.support.databases import both_databases
from tests.support.fake_enrolment import enrolled
from tests.support.fake_outbox import batch_of, chained_rows, sent
from tests.support.fakes import FakeClock
from tests.support.raw_request import signed_head
from tests.support.running_hub import RunningHub


def body_of(hub: RunningHub, count: int = 5) -> bytes:
    batch = batch_of(hub.gate.device_id, chained_rows(hub.gate.device_id, hub.key, count))
    return wire.encode_batch(batch, hub.gate.key.sign(wire.head_of(batch)), sent())


@both_databases
def test_a_batch_is_taken_and_answered_with_a_receipt(hub: RunningHub) -> None:
    response = hub.post(compressed(body_of(hub)))
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
    assert wire.decode_receipt(response.content) == Receipt(5)
    assert hub.get("/v1/count").json() == {"checkins": 5, "counted": 5, "expired": 0, "quarantined": 0}


def test_our_own_uplink_and_this_hub_understand_each_other(hub: RunningHub) -> None:
    rows = chained_rows(hub.gate.device_id, hub.key, 5)
    uplink = HubClient(hub.url, hub.gate, SystemClock())
    assert uplink.deliver(batch_of(hub.gate.device_id, rows[:3])) == Receipt(3)
    assert uplink.deliver(batch_of(hub.gate.device_id, rows)) == Receipt(5)
    uplink.close()


def test_each_answer_tells_the_gate_the_time_and_the_uplink_passes_it_on(hub: RunningHub) -> None:
    heard: list[int] = []
    before_ms = SystemClock().reading().wall_ms
    uplink = HubClient(hub.url, hub.gate, SystemClock(), told=heard.append)
    uplink.deliver(batch_of(hub.gate.device_id, chained_rows(hub.gate.device_id, hub.key, 1)))
    uplink.ask_time()
    uplink.close()
    after_ms = SystemClock().reading().wall_ms
    assert len(heard) == 2
    assert before_ms <= heard[0] <= heard[1] <= after_ms


@both_databases
@pytest.mark.parametrize("years", [10, -10])
def test_a_hub_whose_clock_is_in_doubt_takes_batches_tells_no_time_and_enrols_nobody(
    hub: RunningHub, tmp_path: Path, years: int
) -> None:
    code = hub.store.new_code("Cổng B")
    # What an earlier boot has kept says so.
    now_ms = SystemClock().reading().wall_ms
    BelievedClock(FakeClock(wall_ms=now_ms - years * 365 * DAY_MS), hub.folder.path).accept()
    heard: list[int] = []
    uplink = HubClient(hub.url, hub.gate, SystemClock(), told=heard.append)
    batch = batch_of(hub.gate.device_id, chained_rows(hub.gate.device_id, hub.key, 1))
    assert uplink.deliver(batch).cursor == 1
    with pytest.raises(HubRefused) as caught:
        uplink.ask_time()
    uplink.close()
    assert (caught.value.status, heard) == (503, [])
    with pytest.raises(HubRefused, match="503"):
        enrol(tmp_path, code, EnrolmentClient(hub.url, SystemClock()))
    assert hub.get("/v1/health").json()["clock"] == "doubted"
    (told,) = hub.get("/v1/checkins").json()["checkins"]
    assert told["arrived_in_doubt"] is True
    assert told["earliest"] <= now_ms <= told["latest"]


def test_a_question_for_the_time_must_be_a_gates_own_and_whole(hub: RunningHub) -> None:
    good = hub_time.encode_question(sent())
    assert hub.post(good, {"Content-Encoding": "identity"}, path=hub_time.PATH).status_code == 200
    answer = requests.post(hub.url + hub_time.PATH, data=good, timeout=20)
    assert answer.status_code == 401


@both_databases
def test_a_gate_the_hub_does_not_know_is_refused(hub: RunningHub) -> None:
    uplink = HubClient(hub.url, enrolled("gate-ffffff"), SystemClock())
    with pytest.raises(HubRefused) as caught:
        uplink.deliver(batch_of(hub.gate.device_id, chained_rows(hub.gate.device_id, hub.key, 1)))
    uplink.close()
    assert caught.value.status == 401
    assert hub.store.count()["checkins"] == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Signature": ""},
        {"Signature": "gate=:AAAA:"},
        {"Signature": f"gate=:{'A' * 86}==:"},
        {"Signature-Input": ""},
        {"Signature-Input": 'gate=("@method");keyid="{device}";alg="ed25519"'},
        {"Signature-Input": 'gate=();keyid="../../etc";alg="none"'},
        {"Content-Digest": ""},
        {"Content-Digest": f"sha-256=:{'A' * 43}=:"},
        {"Content-Digest": f"sha-512=:{'A' * 43}=:"},
        {"Authorization": "Bearer x", "Signature": ""},
    ],
)
def test_a_request_that_is_not_signed_as_the_contract_says_is_refused(hub: RunningHub, headers: dict[str, str]) -> None:
    assert hub.post(compressed(body_of(hub)), headers).status_code == 401
    assert hub.store.count()["checkins"] == 0


def signed(hub: RunningHub, body: bytes, **other: str) -> dict[str, str]:
    """Sign a request for what *other* says; the rest is as it will be sent."""
    parts = {"method": "POST", "authority": urlsplit(hub.url).netloc, "target": "/v1/checkins", "encoding": "gzip"}
    headers = signature_headers(hub.gate.key, hub.gate.device_id, **(parts | other), body=body)
    return {"Content-Encoding": "gzip", "Connection": "close"} | headers


@pytest.mark.parametrize(
    "other",
    [
        {"method": "PUT"},
        {"authority": "hub.example.vn"},
        {"authority": "127.0.0.1"},
        {"target": "/v1/checkins?a=1"},
        {"target": "/v1/enrolment/proof"},
        {"encoding": "identity"},
    ],
    ids=str,
)
def test_a_signature_for_another_request_does_not_hold(hub: RunningHub, other: dict[str, str]) -> None:
    body = compressed(body_of(hub))
    response = requests.post(hub.url + "/v1/checkins", data=body, headers=signed(hub, body, **other), timeout=20)
    assert response.status_code == 401
    assert hub.store.count()["checkins"] == 0


def test_a_signature_for_another_body_does_not_hold(hub: RunningHub) -> None:
    body = compressed(body_of(hub))
    headers = signed(hub, compressed(body_of(hub, 1)))
    assert requests.post(hub.url + "/v1/checkins", data=body, headers=headers, timeout=20).status_code == 401
    assert hub.store.count()["checkins"] == 0


def test_a_query_is_part_of_what_is_signed(hub: RunningHub) -> None:
    body = compressed(body_of(hub))
    url = hub.url + "/v1/checkins?a=1"
    good = signed(hub, body, target="/v1/checkins?a=1")
    assert requests.post(url, data=body, headers=signed(hub, body), timeout=20).status_code == 401
    assert requests.post(url, data=body, headers=good, timeout=20).status_code == 200


def test_a_request_meant_for_another_host_is_not_taken_even_with_its_signature(hub: RunningHub) -> None:
    body = compressed(body_of(hub))
    headers = signed(hub, body, authority="other.example.vn") | {"Host": "other.example.vn"}
    assert requests.post(hub.url + "/v1/checkins", data=body, headers=headers, timeout=20).status_code == 421


@both_databases
def test_a_replayed_request_changes_nothing(hub: RunningHub) -> None:
    body = compressed(body_of(hub))
    headers = signed(hub, body)
    answers = [requests.post(hub.url + "/v1/checkins", data=body, headers=headers, timeout=20) for _ in range(3)]
    receipts = [wire.decode_receipt(answer.content) for answer in answers]
    assert receipts == [Receipt(5)] * 3
    assert {receipt.etag for receipt in receipts} == {hub.folder.bundles().catalogue().etag}
    assert hub.get("/v1/count").json() == {"checkins": 5, "counted": 5, "expired": 0, "quarantined": 0}


@both_databases
def test_a_gate_cannot_speak_for_another_ones_ledger(hub: RunningHub) -> None:
    other = hub.folder.add_gate("Cổng B")
    response = hub.post(compressed(body_of(hub)), gate=other)
    assert response.status_code == 403
    assert "revoked" not in response.json()
    assert hub.store.count()["checkins"] == 0


@both_databases
def test_a_head_that_the_gate_has_not_signed_is_refused_and_splits_nothing(hub: RunningHub) -> None:
    document = json.loads(body_of(hub)) | {"head": base64_of(bytes(64))}
    assert hub.post(gzip.compress(json.dumps(document).encode())).status_code == 403
    assert hub.store.count()["checkins"] == 0


@both_databases
def test_a_revoked_gate_gets_the_roots_word_and_nothing_of_it_is_taken(hub: RunningHub) -> None:
    hub.folder.revoke(hub.store, hub.gate.device_id, hub.gate.key.public)
    response = hub.post(compressed(body_of(hub)))
    assert (response.status_code, response.headers["Content-Type"]) == (403, "application/json")
    assert is_revocation(hub.gate, response.content)
    assert hub.store.count()["checkins"] == 0


def test_only_the_gate_itself_hears_that_it_is_revoked(hub: RunningHub) -> None:
    hub.folder.revoke(hub.store, hub.gate.device_id, hub.gate.key.public)
    assert hub.post(compressed(body_of(hub)), {"Signature": f"gate=:{'A' * 86}==:"}).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not gzip",
        gzip.compress(b"[]"),
        gzip.compress(b"{}" * 10) + b"more",
        gzip.compress(b"x" * 1000)[:-9],
        gzip.compress(bytes(20 * 1024 * 1024), 1),
    ],
    ids=["empty", "plain", "list", "trailing", "cut", "bomb"],
)
def test_a_body_that_is_no_batch_is_refused_in_words_of_ours(hub: RunningHub, body: bytes) -> None:
    response = hub.post(body)
    assert response.status_code == 422
    assert set(response.json()) == {"error"}


def test_a_body_that_is_too_large_is_refused_before_it_is_read_whole(hub: RunningHub) -> None:
    assert hub.post(bytes(wire.BODY_MOST_BYTES + 1)).status_code == 413


def test_a_body_that_is_not_gzipped_is_refused(hub: RunningHub) -> None:
    assert hub.post(body_of(hub), {"Content-Encoding": "identity"}).status_code == 415


def requests_of(hub: RunningHub) -> dict[str, bytes]:
    """Return a good body for each path that a gate posts to."""
    applicant = pairing.Applicant("GATE", hub.gate.key.public, bytes(32), "", bytes(32))
    return {
        "/v1/checkins": body_of(hub),
        hub_time.PATH: hub_time.encode_question(sent()),
        status.PATH: status.encode_question(("citizen:051090001234",)),
        catalogue.PATH: catalogue.encode_question(),
        catalogue.CONTENT_PATH: catalogue.encode_bundle_request(Offer(BundleKind.POLICY, 1, 1)),
        pairing.HELLO_PATH: pairing.encode_question("GATE"),
        pairing.PROOF_PATH: pairing.encode_applicant(applicant),
    }


POSTED = (
    "/v1/checkins",
    hub_time.PATH,
    status.PATH,
    catalogue.PATH,
    catalogue.CONTENT_PATH,
    pairing.HELLO_PATH,
    pairing.PROOF_PATH,
)


def posted(hub: RunningHub, path: str, body: bytes) -> requests.Response:
    if path == "/v1/checkins":
        return hub.post(gzip.compress(body))
    return hub.post(body, {"Content-Encoding": "identity"}, path=path)


@pytest.mark.parametrize("path", POSTED)
def test_another_contract_version_is_a_conflict_whatever_is_asked(hub: RunningHub, path: str) -> None:
    response = posted(hub, path, requests_of(hub)[path].replace(b"gate/1", b"gate/9"))
    assert (response.status_code, response.json()) == (409, {"error": "contract: this side speaks gate/1"})


@pytest.mark.parametrize("path", POSTED)
def test_a_body_that_breaks_the_contract_is_refused_whatever_is_asked(
    hub: RunningHub, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    document = json.loads(requests_of(hub)[path])
    del document["contract"]
    response = posted(hub, path, json.dumps(document).encode())
    assert (response.status_code, response.json()) == (422, {"error": "contract: missing"})
    said = f"event=request-refused device={hub.gate.device_id} path={path} reason='contract: missing' left_out=0"
    # Who enrols is nobody yet: a stranger must not fill the log.
    assert caplog.messages == ([] if path.startswith("/v1/enrolment/") else [said])


def test_a_gate_that_breaks_the_contract_again_and_again_is_told_of_once_a_minute(
    hub: RunningHub, caplog: pytest.LogCaptureFixture
) -> None:
    other = hub.folder.add_gate("Cổng B")
    answers = [
        hub.post(b"{}", {"Content-Encoding": "identity"}, gate=gate, path="/v1/time")
        for gate in [hub.gate] * 9 + [other]
    ]
    assert {answer.status_code for answer in answers} == {422}
    refused = [line for line in caplog.messages if "event=request-refused" in line]
    assert [gate.device_id in line for gate, line in zip((hub.gate, other), refused, strict=True)] == [True, True]


@pytest.mark.parametrize("path", POSTED)
def test_a_body_of_this_contract_version_is_neither(hub: RunningHub, path: str) -> None:
    assert posted(hub, path, requests_of(hub)[path]).status_code in {200, 403, 404}


def test_no_answer_and_no_log_line_repeats_what_was_sent(hub: RunningHub, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "device")
    document = json.loads(body_of(hub))
    document["rows"][0]["clock"] = "Nguyễn Văn Thử 079090001234"
    answers = [
        hub.post(gzip.compress(json.dumps(document).encode())),
        hub.get("/v1/checkins?after=Nguy%E1%BB%85n&limit=079090001234"),
        hub.get("/v1/Nguy%E1%BB%85n"),
    ]
    assert [answer.status_code for answer in answers] == [422, 422, 404]
    said = "".join(answer.text for answer in answers) + caplog.text
    assert "Nguy" not in said
    assert "079090001234" not in said
    assert "event=request-refused" in caplog.text


@both_databases
def test_the_list_shows_what_arrived_without_what_is_sealed(hub: RunningHub) -> None:
    hub.post(compressed(body_of(hub, 5)))
    page = hub.get("/v1/checkins?limit=3").json()
    rest = hub.get(f"/v1/checkins?after={page['next']}").json()
    rows = page["checkins"] + rest["checkins"]
    assert [row["seq"] for row in rows] == [1, 2, 3, 4, 5]
    assert {row["device"] for row in rows} == {hub.gate.device_id}
    assert rows[0]["place_name"] == "Chợ Hoa Sen"
    assert "sealed" not in rows[0]
    assert hub.get(f"/v1/checkins?after={rest['next']}").json() == {"checkins": [], "next": None}


@pytest.mark.parametrize("path", ["/v1/count", "/v1/checkins"])
def test_the_view_is_the_operators_only(hub: RunningHub, path: str) -> None:
    assert hub.get(path, "x" * 43).status_code == 401
    assert hub.get(path).status_code == 200


@pytest.mark.parametrize("query", ["after=-1", "limit=0", "limit=1001", "after=1e3", f"after={10**30}"])
def test_a_senseless_parameter_is_refused(hub: RunningHub, query: str) -> None:
    assert hub.get(f"/v1/checkins?{query}").status_code == 422


def test_health_needs_no_token(hub: RunningHub) -> None:
    response = hub.get("/v1/health", "nobody")
    assert response.json() == {"contract": "gate/1", "status": "ok", "clock": "believed"}


def test_a_database_that_does_not_answer_is_for_now_and_says_nothing(
    hub: RunningHub, caplog: pytest.LogCaptureFixture
) -> None:
    body = compressed(body_of(hub))
    with hub.store._engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE quarantine")
        connection.exec_driver_sql("DROP TABLE checkins")
    response = hub.post(body)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert "INSERT" not in response.text + caplog.text


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_no_page_that_needs_the_internet_is_served(hub: RunningHub, path: str) -> None:
    assert hub.get(path).status_code == 404


def test_an_unknown_path_and_a_wrong_method_are_refused_like_everything_else(hub: RunningHub) -> None:
    for path in ("/", "/v1/nothing"):
        response = hub.get(path)
        assert (response.status_code, response.json()) == (404, {"error": "Not Found"})
    response = requests.delete(f"{hub.url}/v1/count", headers={"Connection": "close"}, timeout=20)
    assert (response.status_code, response.json()) == (405, {"error": "Method Not Allowed"})
    assert response.headers["Allow"] == "GET"


@both_databases
def test_a_gate_that_goes_away_in_the_middle_of_a_body_is_no_error_of_the_hubs(
    hub: RunningHub, caplog: pytest.LogCaptureFixture
) -> None:
    body = compressed(body_of(hub))
    place = urlsplit(hub.url)
    with socket.create_connection((place.hostname, place.port)) as line:
        line.sendall(signed_head(hub.gate, place.netloc, "/v1/checkins", body, "gzip") + body[:10])
    assert hub.post(body).status_code == 200
    assert caplog.messages == []
