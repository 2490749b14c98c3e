"""An evening with a bad line: the network goes, answers get lost, the hub dies; every check-in arrives once."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from device.clock import SystemClock
from device.crypto.sealing import Sealer
from device.enrolment.document import Enrolment
from device.gate.link_status import LinkState
from device.hub.child_process import HubProcess
from device.hub.folder import HubFolder
from device.hub.unsealing import unsealed
from device.model import Backlog, Batch, Receipt
from device.store.ledger import SqliteLedger
from device.store.outbox import SqliteOutbox
from device.uplink.hub import HubClient
from tests.story.fleet import HastyClock
from tests.support.databases import both_databases, hub_folder
from tests.support.delivering import Delivering
from tests.support.fake_outbox import check_in
from tests.support.fake_server import PATIENCE_S, LossyProxy
from tests.support.threads import running


class Noticing:
    """The real uplink, told apart by what came of each batch."""

    def __init__(self, inner: HubClient) -> None:
        self._inner = inner
        self.close = inner.close
        self.failed = threading.Event()

    def deliver(self, batch: Batch) -> Receipt:
        try:
            return self._inner.deliver(batch)
        except Exception:
            self.failed.set()
            raise


@dataclass
class Site:
    """A gate's ledger and a hub."""

    state: Path
    hub_folder: HubFolder
    gate: Enrolment
    ledger: SqliteLedger

    def record(self, numbers: range) -> None:
        for number in numbers:
            self.ledger.record(check_in(number))

    def backlog(self) -> Backlog:
        with SqliteOutbox(self.state) as outbox:
            return outbox.backlog()

    def at_the_centre(self, *alarms: str) -> list[str | None]:
        """Return the name in each stored check-in, in the order of the ledger; there are these alarms."""
        store = self.hub_folder.open_store()
        try:
            opened = list(unsealed(self.hub_folder, store, "test", "story"))
            assert [alarm.kind for alarm in store.alarms()] == [*alarms]
        finally:
            store.close()
        opened.sort(key=lambda pair: pair[0].row.seq)
        assert [arrived.row.seq for arrived, _ in opened] == list(range(1, len(opened) + 1))
        return [body.credential.person.name if body and body.credential else None for _, body in opened]

    def deliver(self, url: str, until: Callable[[Delivering, Noticing], bool]) -> None:
        """Run a delivery loop until *until* says that it is enough."""
        uplink = Noticing(HubClient(url, self.gate, SystemClock(), deadline_s=PATIENCE_S))
        to_url = Delivering(lambda: SqliteOutbox(self.state), uplink, HastyClock())
        with running(to_url.delivery):
            assert until(to_url, uplink)

    def all_delivered(self, delivery: Delivering, _: Noticing) -> bool:
        clock, never = SystemClock(), threading.Event()
        give_up_s = clock.monotonic_s() + 3 * PATIENCE_S
        while clock.monotonic_s() < give_up_s:
            if self.backlog().undelivered == 0 and delivery.link.state is LinkState.ONLINE:
                return True
            clock.wait(never, 0.02)
        return False


@pytest.fixture
def site(tmp_path: Path, database_url: str | None) -> Iterator[Site]:
    folder = hub_folder(tmp_path / "hub", SystemClock(), database_url)
    gate = folder.add_gate("Cổng A")
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    with SqliteLedger.open(state, gate.device_id, Sealer(gate.device_id, gate.sealing_keys)) as ledger:
        yield Site(state, folder, gate, ledger)


def names(count: int) -> list[str]:
    return [f"Nguyễn Văn Thử {number}" for number in range(1, count + 1)]


def test_while_the_hub_is_away_the_queue_grows_and_when_it_is_back_all_arrives_once(site: Site) -> None:
    with HubProcess(site.hub_folder.path) as hub:
        site.record(range(1, 11))
        site.deliver(hub.url, site.all_delivered)
        hub.stop()

        def offline(delivery: Delivering, uplink: Noticing) -> bool:
            site.record(range(11, 41))
            delivery.new_row.set()
            return uplink.failed.wait(PATIENCE_S)

        site.deliver(hub.url, offline)
        assert site.backlog() == Backlog(40, 30, 0, check_in(11).at.wall_ms)
        hub.start()
        site.deliver(hub.url, site.all_delivered)
    assert site.at_the_centre() == names(40)


@both_databases
def test_answers_lost_after_the_commit_make_batches_arrive_twice_and_check_ins_once(site: Site) -> None:
    site.record(range(1, 701))
    with HubProcess(site.hub_folder.path) as hub, LossyProxy(hub.port, lambda number: number in {0, 1, 3, 6}) as line:
        site.deliver(line.url, site.all_delivered)
        assert line.lost >= 3
        assert line.requests > line.lost + 3
    assert site.at_the_centre() == names(700)


@both_databases
def test_a_hub_killed_while_it_takes_batches_loses_nothing_and_takes_nothing_twice(site: Site) -> None:
    with HubProcess(site.hub_folder.path) as hub:
        for kill_before_the_answer in (True, False, True, False):
            site.record(range(site.backlog().recorded + 1, site.backlog().recorded + 151))
            meanwhile = hub.kill if kill_before_the_answer else (lambda: None)
            with LossyProxy(hub.port, lambda _: True, meanwhile) as line:
                site.deliver(line.url, lambda _, uplink: uplink.failed.wait(PATIENCE_S))
            assert site.backlog().undelivered == site.backlog().recorded
            hub.kill()
            hub.start()
        site.deliver(hub.url, site.all_delivered)
    assert site.at_the_centre() == names(600)


def test_a_hub_restored_from_an_old_backup_gets_again_what_the_gate_still_has(site: Site, tmp_path: Path) -> None:
    with HubProcess(site.hub_folder.path) as hub:
        site.record(range(1, 11))
        site.deliver(hub.url, site.all_delivered)
        hub.stop()
        shutil.copytree(site.hub_folder.path, tmp_path / "backup")
        hub.start()
        site.record(range(11, 41))
        site.deliver(hub.url, site.all_delivered)
        hub.stop()
        shutil.rmtree(site.hub_folder.path)
        shutil.copytree(tmp_path / "backup", site.hub_folder.path)
        hub.start()
        site.record(range(41, 46))
        site.deliver(hub.url, site.all_delivered)
    assert site.at_the_centre("gap") == names(45)


def test_check_ins_recorded_while_delivery_runs_arrive_too(site: Site) -> None:
    with HubProcess(site.hub_folder.path) as hub:

        def busy(delivery: Delivering, uplink: Noticing) -> bool:
            for number in range(1, 101):
                site.record(range(number, number + 1))
                delivery.new_row.set()
            return site.all_delivered(delivery, uplink)

        site.deliver(hub.url, busy)
    assert site.at_the_centre() == names(100)
