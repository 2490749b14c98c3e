from __future__ import annotations

import gzip
import json
import logging

import pytest

from device import wire
from device.clock import SystemClock
from device.enrolment import Secret
from device.errors import HubRefused
from device.model import Receipt
from device.uplink import RequestsUplink, compressed
from tests.fakes_outbox import batch_of, chained_rows
from tests.hub.conftest import RunningHub


def body_of(hub: RunningHub, count: int = 5) -> bytes:
    return wire.encode_batch(batch_of(hub.gate.device_id, chained_rows(hub.gate.device_id, hub.key, count)))


def test_a_batch_is_taken_and_answered_with_a_receipt(hub: RunningHub) -> None:
    response = hub.post(compressed(body_of(hub)))
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
    assert wire.decode_receipt(response.content) == Receipt(5)
    assert hub.get("/v1/count").json() == {"checkins": 5, "counted": 5, "quarantined": 0}


def test_our_own_uplink_and_this_hub_understand_each_other(hub: RunningHub) -> None:
    rows = chained_rows(hub.gate.device_id, hub.key, 5)
    uplink = RequestsUplink(hub.url, hub.gate.hub_token, SystemClock())
    assert uplink.deliver(batch_of(hub.gate.device_id, rows[:3])) == Receipt(3)
    assert uplink.deliver(batch_of(hub.gate.device_id, rows)) == Receipt(5)
    uplink.close()


def test_a_wrong_token_is_a_refusal(hub: RunningHub) -> None:
    uplink = RequestsUplink(hub.url, Secret("x" * 43), SystemClock())
    with pytest.raises(HubRefused) as caught:
        uplink.deliver(batch_of(hub.gate.device_id, chained_rows(hub.gate.device_id, hub.key, 1)))
    uplink.close()
    assert caught.value.status == 401
    assert hub.store.count()["checkins"] == 0


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer ", "Basic abc", "Bearer \u00e9"])
def test_a_request_without_a_token_is_refused(hub: RunningHub, authorization: str) -> None:
    assert hub.post(b"", Authorization=authorization).status_code == 401


def test_a_token_of_another_gate_does_not_open_this_ledger(hub: RunningHub) -> None:
    other = hub.folder.add_gate("Cổng B")
    response = hub.post(compressed(body_of(hub)), token=other.hub_token.reveal())
    assert response.status_code == 403
    assert hub.store.count()["checkins"] == 0


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
    assert hub.post(body_of(hub), **{"Content-Encoding": "identity"}).status_code == 415


def test_another_contract_version_is_a_conflict_not_a_bad_row(hub: RunningHub) -> None:
    assert hub.post(gzip.compress(body_of(hub).replace(b"gate/1", b"gate/9"))).status_code == 409


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
    assert "event=batch-refused" in caplog.text


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
    assert hub.get(path, hub.gate.hub_token.reveal()).status_code == 401
    assert hub.get(path).status_code == 200


@pytest.mark.parametrize("query", ["after=-1", "limit=0", "limit=1001", "after=1e3", f"after={10**30}"])
def test_a_senseless_parameter_is_refused(hub: RunningHub, query: str) -> None:
    assert hub.get(f"/v1/checkins?{query}").status_code == 422


def test_health_needs_no_token(hub: RunningHub) -> None:
    response = hub.get("/v1/health", "nobody")
    assert response.json() == {"contract": "gate/1", "status": "ok"}


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
