"""The server of the hub's database is away for a while: gates keep all, and nobody starts anything anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from device.clock import SystemClock
from tests.story.fleet import FleetGate, at_the_centre, names
from tests.support.databases import hub_folder
from tests.support.fake_server import HubThread
from tests.support.postgres import Cluster


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_while_the_databases_server_is_away_gates_keep_all_and_afterwards_it_arrives_once(
    tmp_path: Path, postgres: Cluster, postgres_hub_url: str, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    hub = hub_folder(tmp_path / "hub", SystemClock(), postgres_hub_url)
    with FleetGate(tmp_path / "state", hub.add_gate("Cổng A")) as gate, HubThread(hub) as server:
        gate.record(*range(1, 21))
        gate.deliver(server.url)
        postgres.stop(how)
        try:
            gate.record(*range(21, 61))
            gate.deliver(server.url, lambda delivering: delivering.link.error == "status-503")
            assert gate.waiting() == 40
            assert any(pause_s >= 5 for pause_s in gate.clock.pauses)  # as Retry-After said
        finally:
            postgres.start()
        gate.record(*range(61, 71))
        gate.deliver(server.url)
        assert gate.waiting() == 0
    assert at_the_centre(hub) == (names(*range(1, 71)), [], 0)
    told = [line for line in caplog.messages if line.startswith("event=database-failed")]
    assert len(told) == 1
    assert "the database's server does not answer" in told[0]
