"""An old image of a card is put back, or a card is copied: the centre has other rows under the same numbers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from device.clock import SystemClock
from device.hub.child_process import HubProcess
from device.hub.folder import HubFolder
from tests.story.fleet import FleetGate, at_the_centre, names
from tests.support.databases import both_databases, hub_folder

pytestmark = both_databases


@dataclass
class Site:
    """A hub, one gate, and an image of its card with ten check-ins, all of them delivered."""

    hub: HubProcess
    hub_folder: HubFolder
    gate: FleetGate
    image: Path


@pytest.fixture
def site(tmp_path: Path, database_url: str | None) -> Iterator[Site]:
    folder = hub_folder(tmp_path / "hub", SystemClock(), database_url)
    gate = FleetGate(tmp_path / "state", folder.add_gate("Cổng A"))
    with HubProcess(folder.path) as hub:
        with gate:
            gate.record(*range(1, 11))
            gate.deliver(hub.url)
        shutil.copytree(tmp_path / "state", tmp_path / "image")
        yield Site(hub, folder, gate, tmp_path / "image")


def test_an_old_image_put_back_is_a_fork_with_an_alarm_and_the_gate_goes_on_in_a_new_epoch(site: Site) -> None:
    with site.gate as gate:
        gate.record(*range(11, 21))
        gate.deliver(site.hub.url)
    shutil.rmtree(site.gate.state)
    shutil.copytree(site.image, site.gate.state)
    with FleetGate(site.gate.state, site.gate.enrolled) as gate:
        old = gate.ledger.epoch
        assert gate.record(101, 102, 103) == [11, 12, 13]
        gate.deliver(site.hub.url)
        assert gate.ledger.epoch != old
        assert gate.record(104, 105) == [1, 2]
        gate.deliver(site.hub.url)
    stored, alarms, apart = at_the_centre(site.hub_folder)
    assert stored == names(*range(1, 21), 104, 105)
    assert apart == 3  # kept, whole, for a person to look at
    assert [(alarm.kind, alarm.epoch, alarm.seq) for alarm in alarms] == [("fork", old, 11)]


def test_of_a_copied_card_both_go_on_the_second_in_an_epoch_of_its_own(site: Site) -> None:
    copy = FleetGate(site.image, site.gate.enrolled)
    with site.gate as first, copy as second:
        shared = first.ledger.epoch
        first.record(*range(11, 16))
        second.record(*range(201, 206))
        first.deliver(site.hub.url)
        second.deliver(site.hub.url)
        first.record(16)
        second.record(206)
        first.deliver(site.hub.url)
        second.deliver(site.hub.url)
        assert (first.ledger.epoch, second.ledger.epoch != shared) == (shared, True)
    stored, alarms, apart = at_the_centre(site.hub_folder)
    assert stored == names(*range(1, 17), 206)
    assert (apart, [alarm.kind for alarm in alarms]) == (5, ["fork"])


def test_an_image_put_back_before_anything_new_was_written_is_no_fork(site: Site) -> None:
    with site.gate as gate:
        gate.record(11)
        gate.deliver(site.hub.url)
    with FleetGate(site.image, site.gate.enrolled) as gate:
        gate.deliver(site.hub.url)
        assert gate.waiting() == 0
    assert at_the_centre(site.hub_folder) == (names(*range(1, 12)), [], 0)
