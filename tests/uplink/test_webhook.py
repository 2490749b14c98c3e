from __future__ import annotations

import json
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from device.clock import ClockReading, ClockState, SystemClock
from device.crypto.sealing import new_key_pair, unseal
from device.crypto.secret import Secret
from device.errors import ConfigurationError, HubNonsense, HubRefused, HubUnreachable
from device.model import Batch, Person, Receipt, SealedRow, WebhookField
from device.uplink.webhook import WebhookUplink, document_of, encoded
from device.uplink.webhook_keys import WebhookKeys
from tests.support.authority import authority
from tests.support.fake_outbox import PLACE, batch_of, chained_rows
from tests.support.fake_server import PATIENCE_S, RawServer
from tests.support.fake_webhook import DROP, OK, WebhookServer

DEVICE = "gate-0a1b2c"
KEY, PRIVATE = new_key_pair()
SECRET = "a-secret-of-two-sides"
KEYS = WebhookKeys(KEY, PRIVATE, Secret(SECRET))
ROWS = chained_rows(DEVICE, KEY, 4)
FIELDS = (WebhookField.TIME, WebhookField.NAME)


def uplink_to(server: RawServer, fields: tuple[WebhookField, ...] = FIELDS) -> WebhookUplink:
    return WebhookUplink(f"{server.url}/hook/", KEYS, fields, SystemClock(), deadline_s=PATIENCE_S)


def sent_to(server: RawServer, batch: Batch) -> Receipt:
    with closing(uplink_to(server)) as uplink:
        return uplink.deliver(batch)


def test_a_check_in_is_one_signed_and_named_document_with_the_fields_that_were_chosen() -> None:
    with WebhookServer(SECRET) as server:
        assert sent_to(server, batch_of(DEVICE, ROWS[:1])) == Receipt(1)
    (document,) = server.taken.values()
    name = f"{DEVICE}/00112233445566778899aabbccddeeff/1/{ROWS[0].link.hex()[:16]}"
    assert document == {
        "id": name,
        "device": DEVICE,
        "epoch": "00112233445566778899aabbccddeeff",
        "seq": 1,
        "time": "2026-01-01T00:00:01.700Z",
        "name": "Nguyễn Văn Thử 1",
    }
    assert server.headers["content-type"] == "application/json"
    assert "content-encoding" not in server.headers
    assert server.connections == 1


def test_the_slash_at_the_end_of_the_address_is_kept() -> None:
    lines: list[bytes] = []

    def script(connection: Any) -> None:  # noqa: ANN401 - a socket
        lines.append(connection.recv(65_536).split(b"\r\n")[0])

    with RawServer(script) as server, pytest.raises(HubUnreachable):
        sent_to(server, batch_of(DEVICE, ROWS[:1]))
    assert lines[0] == b"POST /hook/ HTTP/1.1"


def test_every_field_is_told_and_what_the_code_did_not_say_is_null() -> None:
    batch = batch_of(DEVICE, ROWS[:1])
    body = unseal(PRIVATE, DEVICE, batch.epoch, ROWS[0])
    said = json.loads(encoded(document_of(batch, ROWS[0], body, tuple(WebhookField))))
    assert set(said) == {"id", "device", "epoch", "seq", *(field.value for field in WebhookField)}
    assert (said["citizen_number"], said["phone"], said["kind"]) == ("000000000001", None, "citizen-card")
    assert said["place"]["name"] == PLACE.name
    assert (said["outcome"], said["counted"], said["clock"]) == ("granted", True, "synchronised")


def test_a_time_nobody_can_write_is_null_and_stops_nothing() -> None:
    row = ROWS[0]
    far = SealedRow(
        row.seq,
        ClockReading(row.at.boot_id, 0, 2**53, ClockState.UNSYNCHRONISED),
        row.direction,
        row.counted,
        row.place_id,
        row.key_id,
        row.sealed,
        row.link,
    )
    body = unseal(PRIVATE, DEVICE, batch_of(DEVICE, ROWS[:1]).epoch, row)
    assert document_of(batch_of(DEVICE, (far,)), far, body, (WebhookField.TIME,))["time"] is None


@pytest.mark.parametrize("answer", ["HTTP/1.1 200 OK", "HTTP/1.1 201 Created", "HTTP/1.1 202 Accepted", OK])
def test_any_success_settles_whatever_it_says(answer: str) -> None:
    with WebhookServer(SECRET, lambda _n, _d: answer) as server:
        assert sent_to(server, batch_of(DEVICE, ROWS)) == Receipt(4)


def test_a_server_that_has_it_already_settles_it() -> None:
    with WebhookServer(SECRET, lambda _n, _d: "HTTP/1.1 409 Conflict") as server:
        assert sent_to(server, batch_of(DEVICE, ROWS)) == Receipt(4)


def test_a_web_page_is_no_answer_though_its_status_is_200() -> None:
    page = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8"
    with WebhookServer(SECRET, lambda _n, _d: page) as server, pytest.raises(HubNonsense, match=r"sync\.webhook\.url"):
        sent_to(server, batch_of(DEVICE, ROWS))


def test_a_redirect_is_not_followed() -> None:
    away = "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:9/"
    with WebhookServer(SECRET, lambda _n, _d: away) as server, pytest.raises(HubNonsense, match="307"):
        sent_to(server, batch_of(DEVICE, ROWS))
    assert len(server.requests) == 1


def test_what_was_taken_before_a_failure_is_settled_and_the_failure_told_next_without_asking() -> None:
    busy = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 40"
    with (
        WebhookServer(SECRET, lambda number, _d: busy if number == 2 else OK) as server,
        closing(uplink_to(server)) as uplink,
    ):
        assert uplink.deliver(batch_of(DEVICE, ROWS)) == Receipt(2)
        with pytest.raises(HubRefused) as refused:
            uplink.deliver(batch_of(DEVICE, ROWS[2:]))
        assert (refused.value.status, refused.value.retry_after) == (429, timedelta(seconds=40))
        assert len(server.requests) == 3
        assert uplink.deliver(batch_of(DEVICE, ROWS[2:])) == Receipt(4)
    assert [document["seq"] for document in server.taken.values()] == [1, 2, 3, 4]


def test_a_check_in_the_server_cannot_take_is_refused_alone_so_that_it_can_be_parked() -> None:
    with (
        WebhookServer(SECRET, lambda _n, said: OK if said["seq"] != 1 else "HTTP/1.1 422 No") as server,
        closing(uplink_to(server)) as uplink,
    ):
        for rows in (ROWS, ROWS[:2], ROWS[:1]):
            with pytest.raises(HubRefused) as refused:
                uplink.deliver(batch_of(DEVICE, rows))
            assert refused.value.status == 422
        assert len(server.requests) == 1
        assert uplink.deliver(batch_of(DEVICE, ROWS[1:])) == Receipt(4)


def test_what_was_sealed_for_a_hub_or_does_not_open_is_parked_and_the_line_goes_on() -> None:
    theirs = chained_rows(DEVICE, new_key_pair()[0], 1)
    spoilt = SealedRow(
        4, ROWS[3].at, ROWS[3].direction, counted=True, place_id=ROWS[3].place_id, key_id=KEY.key_id, sealed=b"x" * 80,
        link=ROWS[3].link,
    )  # fmt: skip
    with WebhookServer(SECRET) as server:
        receipt = sent_to(server, batch_of(DEVICE, (*theirs, *ROWS[1:3], spoilt)))
    assert receipt == Receipt(4, ((1, "other-key"), (4, "unreadable")))
    assert len(server.taken) == 2


def test_an_answer_that_is_lost_is_unreachable() -> None:
    with WebhookServer(SECRET, lambda _n, _d: DROP) as server, pytest.raises(HubUnreachable):
        sent_to(server, batch_of(DEVICE, ROWS))


def test_a_closed_uplink_sends_nothing_more() -> None:
    with WebhookServer(SECRET) as server:
        uplink = uplink_to(server)
        uplink.close()
        with pytest.raises(HubUnreachable):
            uplink.deliver(batch_of(DEVICE, ROWS))
    assert server.requests == []


def test_mistakes_name_their_key_in_the_site_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"^sync\.webhook\.url: "):
        WebhookUplink("http://records.example.vn", KEYS, FIELDS, SystemClock())
    with pytest.raises(ConfigurationError, match=r"^sync\.webhook\.ca_file: "):
        WebhookUplink("https://records.example.vn", KEYS, FIELDS, SystemClock(), ca_file=tmp_path / "missing.pem")


def test_no_field_of_a_person_is_left_out_of_what_can_be_chosen() -> None:
    assert set(Person.__slots__) <= {field.value for field in WebhookField}


def test_a_server_without_a_trusted_certificate_gets_nothing_one_of_the_named_authority_all(
    tmp_path: Path,
) -> None:
    theirs = authority(tmp_path / "theirs")
    url = "https://127.0.0.1:"
    with WebhookServer(SECRET, tls=theirs.context) as server:
        for ca_file in (None, authority(tmp_path / "other").ca_file):
            doubting = WebhookUplink(f"{url}{server.port}", KEYS, FIELDS, SystemClock(), ca_file=ca_file)
            with closing(doubting) as uplink, pytest.raises(HubNonsense, match=r"sync\.webhook\.ca_file"):
                uplink.deliver(batch_of(DEVICE, ROWS))
        assert server.requests == []
        trusting = WebhookUplink(f"{url}{server.port}", KEYS, FIELDS, SystemClock(), ca_file=theirs.ca_file)
        with closing(trusting) as uplink:
            assert uplink.deliver(batch_of(DEVICE, ROWS)) == Receipt(4)
    assert len(server.taken) == 4
