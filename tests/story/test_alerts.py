"""A gate is unplugged in opening hours: a webhook hears of it in time, once, and once when it is back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from device.clock import utc_text
from device.crypto.signing import signature_headers
from device.hub.alerts.making import keeper_of
from device.hub.alerts.rules import HOLD_MS
from device.hub.db.registry import add_places, assign_gate, new_place
from device.hub.folder import HubFolder
from device.hub.registry.place import RegisteredPlace
from device.hub.settings.secret_file import make_signing_secret
from device.wire.state import PATH, encode_state
from tests.support.databases import both_databases, hub_folder
from tests.support.fake_server import HubThread
from tests.support.fake_webhook import OK, WebhookServer
from tests.support.fakes import FakeClock
from tests.support.gate_states import QUIET

SEVEN_MS = 1_767_571_200_000
"""Monday, 5 January 2026, 07:00 in Hà Nội."""
MINUTE_MS = 60_000
LIMIT_MS = 20 * MINUTE_MS
DOWN = "HTTP/1.1 500 Internal Server Error"


class Venue:
    """A hub with a place and a gate; its desk is started and ended as a test says, and time passes by its word."""

    def __init__(self, path: Path, url: str | None) -> None:
        self.clock = FakeClock(wall_ms=SEVEN_MS)
        self.folder = hub_folder(path, self.clock, url)
        self.gate = self.folder.add_gate("Cổng chính")
        with closing(self.folder.open_store()) as store, store.begin() as connection:
            place = new_place(RegisteredPlace("Trường Hoa Phượng", "Hải Phòng", opening_hours="mon-sat 06:30-18:00"), 1)
            add_places(connection, [place])
            assign_gate(connection, self.gate.device_id, place.place_id, 1)
        self.is_plugged = True

    def tell(self, webhook: WebhookServer) -> None:
        """Write into ``hub.yaml`` where messages go."""
        settings = self.folder.path / "hub.yaml"
        text = settings.read_text("utf-8").partition("\nalerts:")[0]
        told = f"{{url: '{webhook.url}/alerts', secret_file: alerts.secret}}"
        settings.write_text(f"{text}\nalerts:\n  silent_after: 20m\n  webhook: {told}\n", "utf-8")
        self.folder = HubFolder(self.folder.path, self.clock)

    def report(self, url: str) -> None:
        """Let the gate say how it stands, signed, over the line."""
        body = encode_state(QUIET, [])
        authority = urlsplit(url).netloc
        headers = signature_headers(
            self.gate.key, self.gate.device_id, method="POST", authority=authority, target=PATH, encoding="identity",
            body=body,
        )  # fmt: skip
        sent = {"Content-Encoding": "identity", "Content-Type": "application/json", "Connection": "close"}
        assert requests.post(url + PATH, data=body, headers={**sent, **headers}, timeout=20).status_code == 200

    def hub_runs(self, minutes: int) -> None:
        """Start hub and desk, let so many minutes pass, and end them."""
        with HubThread(self.folder) as hub:
            keeper = keeper_of(self.folder, hub.store, self.clock)
            for half in range(2 * minutes):
                if self.is_plugged and half % 10 == 0:
                    self.report(hub.url)
                keeper.run_once()
                self.clock.advance(MINUTE_MS // 2)
            keeper.close()


@pytest.fixture
def venue(tmp_path: Path, database_url: str | None) -> Venue:
    return Venue(tmp_path / "hub", database_url)


@pytest.fixture
def secret(venue: Venue) -> str:
    path = venue.folder.path / "alerts.secret"
    assert make_signing_secret(path)
    return path.read_text().strip()


@pytest.fixture
def webhook(venue: Venue, secret: str) -> Iterator[WebhookServer]:
    with WebhookServer(secret, lambda number, _document: DOWN if number in {0, 2} else OK) as server:
        venue.tell(server)
        yield server


def silent(webhook: WebhookServer) -> list[dict[str, str]]:
    """What was told of gates; the disk of the machine that runs the test is none of it."""
    told = [event for document in webhook.taken.values() for event in document["alerts"]]
    return [event for event in told if event["rule"] == "silent"]


@both_databases
def test_a_gate_unplugged_in_opening_hours_is_told_in_time_once_whatever_is_started_anew(
    venue: Venue, webhook: WebhookServer
) -> None:
    venue.hub_runs(30)
    assert silent(webhook) == []
    venue.is_plugged = False
    unplugged_ms = venue.clock.wall_ms
    for minutes in (7, 9, 2, 3, 1, 8):  # started anew all the time
        venue.hub_runs(minutes)
    (began,) = silent(webhook)
    assert (began["what"], began["name"], began["place"]) == ("began", "Cổng chính", "Trường Hoa Phượng")
    assert began["at"] <= utc_text(unplugged_ms + LIMIT_MS + MINUTE_MS)
    venue.is_plugged = True
    back_ms = venue.clock.wall_ms
    for minutes in (5, 5, 10, 10):
        venue.hub_runs(minutes)
    _, ended = silent(webhook)
    assert (ended["what"], ended["subject"]) == ("ended", venue.gate.device_id)
    assert utc_text(back_ms + HOLD_MS) <= ended["at"] <= utc_text(back_ms + HOLD_MS + MINUTE_MS)
    assert webhook.repeats == 0
