"""A centre that is not ours, on a bad evening: every check-in is there once, by its name."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from device.clock import SystemClock
from device.crypto.sealing import Sealer
from device.enrolment import document as enrolment
from device.enrolment.document import Enrolment
from device.gate.link_status import LinkState
from device.hub.folder import HubFolder
from device.model import WebhookField
from device.store.ledger import SqliteLedger
from device.store.outbox import SqliteOutbox
from device.store.reading import LedgerReader
from device.sync.delivery import Pace
from device.uplink.webhook import BATCH_ROWS, WebhookUplink
from device.uplink.webhook_keys import KeyFiles, WebhookKeys, make
from tests.story.fleet import PAUSE_S, HastyClock
from tests.support.delivering import Delivering
from tests.support.fake_outbox import check_in
from tests.support.fake_server import PATIENCE_S
from tests.support.fake_webhook import DROP, OK, WebhookServer
from tests.support.threads import running

HTML = "HTTP/1.1 200 OK\r\nContent-Type: text/html"
AWAY = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/login"
BUSY = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1"
DOWN = "HTTP/1.1 500 Internal Server Error"
KNOWN = "HTTP/1.1 409 Conflict"
BAD = "HTTP/1.1 422 Unprocessable Content"


@dataclass
class Gate:
    """A gate that reports to a webhook."""

    state: Path
    enrolled: Enrolment
    keys: WebhookKeys
    ledger: SqliteLedger

    def deliver(self, server: WebhookServer, until: Callable[[SqliteOutbox], bool]) -> tuple[Delivering, HastyClock]:
        """Run the delivery until *until* is content with the outbox."""
        clock = HastyClock()
        uplink = WebhookUplink(
            server.url, self.keys, (WebhookField.NAME,), SystemClock(), deadline_s=PATIENCE_S
        )  # fmt: skip
        to_server = Delivering(lambda: SqliteOutbox(self.state), uplink, clock, pace=Pace(most_rows=BATCH_ROWS))
        with running(to_server.delivery), SqliteOutbox(self.state) as outbox:
            give_up_s = clock.monotonic_s() + 3 * PATIENCE_S
            while not until(outbox):
                assert clock.monotonic_s() < give_up_s
                SystemClock().wait(threading.Event(), PAUSE_S)
        return to_server, clock


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    made, keys = make(KeyFiles(tmp_path / "keys" / "private.key", tmp_path / "keys" / "secret"), state)
    with SqliteLedger.open(state, made.device_id, Sealer(made.device_id, made.sealing_keys)) as ledger:
        yield Gate(state, made, keys, ledger)


def all_settled(outbox: SqliteOutbox) -> bool:
    return outbox.backlog().undelivered == 0


def names(server: WebhookServer) -> list[str]:
    return [document["name"] for document in server.taken.values()]


def test_every_check_in_is_there_once_though_answers_are_lost_and_everything_else_is_answered(gate: Gate) -> None:
    for number in range(1, 61):
        gate.ledger.record(check_in(number))
    evening = {3: DROP, 7: DOWN, 8: HTML, 14: AWAY, 15: BUSY, 22: DROP, 23: DROP, 31: DOWN, 40: HTML, 55: DROP}

    def answer(number: int, _document: dict[str, Any]) -> str:
        return evening.get(number, OK)

    with WebhookServer(gate.keys.secret.reveal(), answer) as server:
        delivery, clock = gate.deliver(server, all_settled)
    assert names(server) == [f"Nguyễn Văn Thử {number}" for number in range(1, 61)]
    assert server.repeats == 4  # answers that were lost: the server saw the name again
    assert len(server.requests) == 60 + len(evening)
    assert delivery.link.state is LinkState.ONLINE
    assert any(1 <= pause <= 1 + 300 for pause in clock.pauses)  # Retry-After, and the jitter on top


def test_a_server_that_remembers_says_conflict_and_nothing_is_sent_a_third_time(gate: Gate) -> None:
    gate.ledger.record(check_in(1))
    with WebhookServer(gate.keys.secret.reveal(), lambda number, _d: (DROP, KNOWN)[number]) as server:
        gate.deliver(server, all_settled)
    assert (len(server.taken), len(server.requests)) == (1, 2)


def test_what_the_server_cannot_take_is_parked_and_the_others_arrive(gate: Gate) -> None:
    for number in range(1, 31):
        gate.ledger.record(check_in(number))
    with WebhookServer(
        gate.keys.secret.reveal(), lambda _n, document: BAD if document["seq"] in {1, 17} else OK
    ) as server:
        gate.deliver(server, all_settled)
    with LedgerReader(gate.state) as reader:
        assert reader.parked == ((1, "status-422"), (17, "status-422"))
    assert len(server.taken) == 28
    assert len(server.requests) == 30


def test_a_wrong_secret_loses_nothing_and_is_shown(gate: Gate) -> None:
    gate.ledger.record(check_in(1))
    with WebhookServer("another-secret-than-the-gates") as server:
        delivery, _ = gate.deliver(server, lambda _outbox: len(server.requests) > 2)
    assert (delivery.link.state, delivery.link.error) == (LinkState.REFUSED, "status-401")
    assert server.taken == {}
    with SqliteOutbox(gate.state) as outbox:
        assert outbox.backlog().undelivered == 1


def test_a_gate_that_had_a_hub_sends_what_it_seals_from_now_on_and_parks_what_it_cannot_open(
    tmp_path: Path,
) -> None:
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    hubs = HubFolder.create(tmp_path / "hub", SystemClock()).add_gate("Cổng A")
    enrolment.write(state / enrolment.FILE_NAME, hubs)
    with SqliteLedger.open(state, hubs.device_id, Sealer(hubs.device_id, hubs.sealing_keys)) as ledger:
        ledger.record(check_in(1))
    made, keys = make(KeyFiles(tmp_path / "private.key", tmp_path / "secret"), state)
    with SqliteLedger.open(state, made.device_id, Sealer(made.device_id, made.sealing_keys)) as ledger:
        assert ledger.record(check_in(2)) == 2
        with WebhookServer(keys.secret.reveal()) as server:
            Gate(state, made, keys, ledger).deliver(server, all_settled)
    assert names(server) == ["Nguyễn Văn Thử 2"]
    with closing(LedgerReader(state)) as reader:
        assert reader.parked == ((1, "other-key"),)


def test_after_an_old_image_of_the_card_was_put_back_no_check_in_passes_for_one_the_server_has(gate: Gate) -> None:
    for number in (1, 2):
        gate.ledger.record(check_in(number))
    with WebhookServer(gate.keys.secret.reveal()) as server:
        gate.deliver(server, all_settled)
        image = gate.state.with_name("image")
        shutil.copytree(gate.state, image)
        gate.ledger.record(check_in(3))
        gate.deliver(server, all_settled)
        with SqliteLedger.open(
            image, gate.enrolled.device_id, Sealer(gate.enrolled.device_id, gate.enrolled.sealing_keys)
        ) as ledger:
            assert ledger.record(check_in(4)) == 3
            Gate(image, gate.enrolled, gate.keys, ledger).deliver(server, all_settled)
    assert names(server) == [f"Nguyễn Văn Thử {number}" for number in (1, 2, 3, 4)]
    assert server.repeats == 0
