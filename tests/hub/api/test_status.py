from __future__ import annotations

import json
import logging
from urllib.parse import urlsplit

import pytest
import requests

from device.crypto.signing import SigningKey, signature_headers
from device.enrolment.document import is_revocation
from device.hub.api.rate_limit import MOST_A_MINUTE
from device.hub.db.people_status import digest
from device.model import HealthColour, Status
from device.wire import status as question
from tests.support.databases import both_databases
from tests.support.running_hub import RunningHub

THU, MAU = "051090001234", "051194005678"
WELL = Status(declared=True, health=HealthColour.GREEN, movement_declared=True, doses=2)


def signed(hub: RunningHub, body: bytes, key: SigningKey | None = None) -> dict[str, str]:
    """Return the headers of a question that the hub's gate has signed, or *key* in its name."""
    return signature_headers(
        key or hub.gate.key,
        hub.gate.device_id,
        method="POST",
        authority=urlsplit(hub.url).netloc,
        target="/v1/status",
        encoding="identity",
        body=body,
    ) | {"Content-Encoding": "identity", "Connection": "close"}


def ask(hub: RunningHub, body: bytes, headers: dict[str, str] | None = None) -> requests.Response:
    """Post a question signed by the hub's gate; *headers* replace those that were signed."""
    return requests.post(f"{hub.url}/v1/status", data=body, headers=signed(hub, body) | (headers or {}), timeout=20)


def about(*keys: str) -> bytes:
    return question.encode_question(keys)


def fill(hub: RunningHub, *known: tuple[tuple[str, ...], Status]) -> None:
    secret = hub.folder.make_status_secret()
    hub.store.replace_statuses((tuple(digest(secret, key) for key in keys), status) for keys, status in known)


@both_databases
def test_a_gate_is_told_what_is_known_under_any_of_the_persons_numbers(hub: RunningHub) -> None:
    fill(hub, ((f"citizen:{THU}", "insurance:5120001234"), WELL))
    for keys in ((f"citizen:{THU}",), (f"citizen:{MAU}", "insurance:5120001234")):
        response = ask(hub, about(*keys))
        assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
        assert question.decode_status(response.content) == WELL


@both_databases
def test_of_a_stranger_nothing_is_known_with_a_file_or_without(hub: RunningHub) -> None:
    assert question.decode_status(ask(hub, about(f"citizen:{MAU}")).content) == Status()
    fill(hub, ((f"citizen:{THU}",), WELL))
    assert question.decode_status(ask(hub, about(f"citizen:{MAU}")).content) == Status()


def test_a_question_nobody_of_this_hub_has_signed_is_not_answered(hub: RunningHub) -> None:
    body = about(f"citizen:{THU}")
    assert requests.post(hub.url + "/v1/status", data=body, timeout=20).status_code == 401
    assert ask(hub, body, {"Signature": f"gate=:{'A' * 86}==:"}).status_code == 401
    other = hub.folder.add_gate("Cổng B")
    assert ask(hub, body, signed(hub, body, other.key)).status_code == 401


def test_a_question_that_was_changed_on_the_way_is_not_answered(hub: RunningHub) -> None:
    asked, changed = about(f"citizen:{THU}"), about(f"citizen:{MAU}")
    assert ask(hub, changed, signed(hub, asked)).status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{}", 422),
        (b'{"contract": "gate/9", "keys": ["citizen:051090001234"]}', 409),
        (b'{"contract": "gate/1", "keys": []}', 422),
        (b'{"contract": "gate/1", "keys": ["citizen:1"]}', 422),
        (b'{"contract": "gate/1", "keys": ["citizen:051090001234"], "also": 1}', 422),
        (b"[" * 1_000, 422),
        (b" " * (question.MOST_BYTES + 1), 413),
    ],
)
def test_a_question_that_breaks_the_contract_is_refused_without_repeating_it(
    hub: RunningHub, body: bytes, status: int
) -> None:
    response = ask(hub, body)
    assert response.status_code == status
    assert "051090001234" not in response.text


def test_the_question_is_a_post_body_and_no_other_method_is_answered(hub: RunningHub) -> None:
    assert requests.get(f"{hub.url}/v1/status", timeout=20).status_code == 405


@both_databases
def test_a_withdrawn_gate_gets_the_roots_word_and_no_answer(hub: RunningHub) -> None:
    fill(hub, ((f"citizen:{THU}",), WELL))
    hub.folder.revoke(hub.store, hub.gate.device_id, hub.gate.key.public)
    response = ask(hub, about(f"citizen:{THU}"))
    assert response.status_code == 403
    assert is_revocation(hub.gate, response.content)
    assert "green" not in response.text


def test_a_gate_that_asks_too_often_is_told_when_to_come_again(hub: RunningHub) -> None:
    body = about(f"citizen:{MAU}")
    answers = [ask(hub, body) for _ in range(MOST_A_MINUTE + 1)]
    assert [answer.status_code for answer in answers] == [200] * MOST_A_MINUTE + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60


def test_a_secret_that_is_damaged_is_not_now_and_never_unknown(hub: RunningHub) -> None:
    fill(hub, ((f"citizen:{THU}",), WELL))
    (hub.folder.path / "status.key").write_bytes(b"short")
    assert ask(hub, about(f"citizen:{THU}")).status_code == 503


def test_neither_number_nor_answer_reaches_the_hubs_log(hub: RunningHub, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "gate")
    fill(hub, ((f"citizen:{THU}",), WELL))
    ask(hub, about(f"citizen:{THU}"))
    ask(hub, json.dumps({"contract": "gate/1", "keys": [f"citizen:{THU}x"]}).encode())
    assert THU not in caplog.text
