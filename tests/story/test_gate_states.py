"""From the visitor at the gate to the hub's list: what was answered, who walked through, what is wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from device.cli import main
from device.clock import SystemClock
from device.enrolment import document as enrolment
from device.hub.child_process import HubProcess
from device.hub.db.gate_state import counted
from device.hub.folder import HubFolder
from device.model import Count, Cue
from device.monitor.control_socket import ask
from device.store.tally import FILE_NAME
from tests.support.fake_server import PATIENCE_S
from tests.support.running_gate import Running, running

SITE = "hub: {{url: '{url}', interval: 100ms}}\n"


def listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    """Return what the list of gates says of the only one."""
    capsys.readouterr()
    assert main(["hub", "gate", "list", str(folder), "--json"]) == 0
    (gate,) = json.loads(capsys.readouterr().out)["gates"]
    assert isinstance(gate, dict)
    return gate


def until(what: Callable[[], bool]) -> None:
    clock, never = SystemClock(), threading.Event()
    give_up_s = clock.monotonic_s() + 2 * PATIENCE_S
    while not what():
        assert clock.monotonic_s() < give_up_s
        clock.wait(never, 0.1)


def walk_through(gate: Running, times: int) -> None:
    assert gate.film.pins is not None
    contact = gate.film.pins.inputs["passage"].pin
    for _ in range(times):
        contact.drive_low()
        contact.drive_high()


def totals(hub: HubFolder, device_id: str) -> dict[Count, int]:
    with closing(hub.open_store()) as store, store.reading() as connection:
        hours = counted(connection, device_id, 0).values()
        return {count: sum(hour[count] for hour in hours) for count in Count}


def test_what_was_answered_and_who_walked_through_stands_at_the_hub_after_a_restart_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub = HubFolder.create(tmp_path / "hub", SystemClock())
    document = hub.add_gate("Cổng A")
    with HubProcess(hub.path) as server:
        site = SITE.format(url=server.url)
        with running(tmp_path, site, enrolled=False, passage=26) as gate:
            enrolment.write(gate.store / "enrolment.json", document)
            until(lambda: listed(hub.path, capsys)["reported"] is not None)
            until(lambda: len(gate.answers) > 0)
            walk_through(gate, 3)
            told = ask(gate.store, "status")
            assert isinstance(told, dict)
            assert told["scans"]["passed"] == 3
        assert {answer.cue for answer in gate.answers} <= {Cue.GRANTED}
        answered = len(gate.answers)
        assert (gate.store / FILE_NAME).stat().st_size < 1_000  # kept at the orderly stop
        with running(tmp_path, site, enrolled=False, passage=26) as gate:
            until(lambda: totals(hub, document.device_id)[Count.PASSED] >= 3)
        found = totals(hub, document.device_id)
        assert found[Count.PASSED] == 3
        assert answered <= found[Count.GRANTED] <= answered + len(gate.answers)
        told = listed(hub.path, capsys)
        assert (told["name"], told["state"], told["version"]) == ("Cổng A", "well", "0.1.0")
        assert told["troubles"] == []
        server.stop()
        for file in hub.path.glob("hub.db*"):
            assert b"051090001234" not in file.read_bytes()
