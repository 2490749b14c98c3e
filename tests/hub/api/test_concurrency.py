from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from device.clock import SystemClock
from device.hub.api.concurrency import ConcurrencyLimit
from device.hub.folder import HubFolder
from tests.support.fake_server import HubThread


@pytest.fixture
def full(tmp_path: Path) -> Iterator[HubThread]:
    """A hub that has no room for anybody."""
    with HubThread(HubFolder.create(tmp_path / "hub", SystemClock()), most_at_once=0) as hub:
        yield hub


def test_who_comes_on_top_is_sent_away_before_a_signature_is_looked_at(full: HubThread) -> None:
    answer = requests.post(f"{full.url}/v1/checkins", data=b"whatever", headers={"Connection": "close"}, timeout=20)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")
    assert answer.json() == {"error": "too many gates at once"}


def test_everything_but_batches_is_answered_all_the_same(full: HubThread) -> None:
    assert requests.get(f"{full.url}/v1/health", headers={"Connection": "close"}, timeout=20).status_code == 200


def test_a_refused_batch_leaves_its_place_to_the_next(tmp_path: Path) -> None:
    with HubThread(HubFolder.create(tmp_path / "hub", SystemClock()), most_at_once=1) as hub:
        answers = [
            requests.post(f"{hub.url}/v1/checkins", data=b"no", headers={"Connection": "close"}, timeout=20)
            for _ in range(3)
        ]
    assert [answer.status_code for answer in answers] == [401, 401, 401]


def test_a_limit_begins_with_nobody() -> None:
    assert ConcurrencyLimit(3).active == 0
