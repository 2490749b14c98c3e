from __future__ import annotations

from pathlib import Path

import pytest

from device.cli import main
from device.clock import SystemClock
from device.crypto.sealing import Sealer
from device.enrolment import document as enrolment
from device.enrolment.document import Enrolment
from device.hub.folder import HubFolder
from device.model import Receipt
from device.store.ledger import SqliteLedger
from device.store.outbox import SqliteOutbox
from device.wire.checkins import BATCH_MOST_BYTES
from tests.support.fake_outbox import check_in
from tests.support.fake_server import HubThread

SITE = """
place: {{name: Chợ Mẫu, province: Quảng Ngãi}}
camera: {{source: replay, replay: {{path: .}}}}
pins: {{driver: mock, green: 17, red: 27}}
store: {{folder: store}}
hub: {{url: "{url}"}}
"""


class Site:
    """A gate with twelve check-ins, of which the first five are settled and the third was refused."""

    def __init__(self, folder: Path) -> None:
        self.hub = HubFolder.create(folder / "hub", SystemClock())
        self.gate: Enrolment = self.hub.add_gate("Cổng A")
        self.store = folder / "store"
        self.store.mkdir(mode=0o700)
        self.config = folder / "site.yaml"
        self.at("http://127.0.0.1:9")
        enrolment.write(self.store / enrolment.FILE_NAME, self.gate)
        sealer = Sealer(self.gate.device_id, self.gate.sealing_keys)
        with SqliteLedger.open(self.store, self.gate.device_id, sealer) as ledger:
            for number in range(1, 13):
                ledger.record(check_in(number))
        with SqliteOutbox(self.store) as outbox:
            batch = outbox.next_batch(5, BATCH_MOST_BYTES)
            assert batch is not None
            self.rows = batch
            outbox.settle(batch, Receipt(5, ((3, "status-422"),)))

    def at(self, url: str) -> None:
        self.config.write_text(SITE.format(url=url), encoding="utf-8")

    def queue(self, *words: str) -> int:
        return main(["queue", *words, "--config", str(self.config)])

    def parked(self) -> int:
        with SqliteOutbox(self.store) as outbox:
            return outbox.backlog().parked


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_the_list_shows_what_waits_and_not_who(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert site.queue("list", "--most", "3") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "7 waiting of 12 recorded, 1 parked"
    assert [line.split()[0] for line in lines[1:4]] == ["6", "7", "8"]
    assert lines[4] == "and 4 more waiting"
    assert "Thử" not in "".join(lines)


def test_what_the_hub_refused_is_shown_with_its_reason(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert site.queue("parked") == 0
    assert capsys.readouterr().out.split() == ["3", "status-422"]


def test_a_refused_row_is_offered_again_and_taken(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    with HubThread(site.hub) as hub:
        site.at(hub.url)
        # The hub has its neighbours: that is how a row parked here lies in a gap there.
        for rows in (site.rows.rows[:2], site.rows.rows[3:], site.rows.rows[3:]):
            hub.store.ingest(type(site.rows)(site.rows.device_id, site.rows.epoch, rows, site.rows.places))
        assert site.queue("retry", "3") == 0
        assert sorted(arrived.row.seq for arrived in hub.store.every_checkin()) == [1, 2, 3, 4, 5]
    assert site.parked() == 0
    assert "3: taken" in capsys.readouterr().out
    site.queue("parked")
    assert "nothing is parked" in capsys.readouterr().out


def test_a_row_that_is_refused_again_stays_parked(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    with HubThread(site.hub) as hub:
        site.at(hub.url)
        hub.store.ingest(site.rows)
        forked = site.rows.rows[2]
        with hub.store._engine.begin() as connection:
            connection.exec_driver_sql("UPDATE checkins SET link = ? WHERE seq = ?", (bytes(32), forked.seq))
        assert site.queue("retry", "3") == 1
    assert site.parked() == 1
    assert "fork" in capsys.readouterr().err


def test_without_the_hub_nothing_changes(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert site.queue("retry", "3") == 1
    assert site.parked() == 1
    assert "nothing listens there" in capsys.readouterr().err


@pytest.mark.parametrize("seq", ["4", "99"])
def test_a_row_that_is_not_parked_is_said(site: Site, capsys: pytest.CaptureFixture[str], seq: str) -> None:
    assert site.queue("retry", seq) == 1
    assert "not parked" in capsys.readouterr().err


def test_a_gate_without_a_ledger_says_so(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    for path in site.store.glob("ledger.db*"):
        path.unlink()
    assert site.queue("list") == 1
    assert "ledger.db: there is none; nothing was recorded yet, or it was removed" in capsys.readouterr().err


def test_a_gate_that_is_not_enrolled_says_so(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    for path in site.store.iterdir():
        path.unlink()
    for words in (["list"], ["parked"], ["retry", "3"]):
        assert site.queue(*words) == 1
        assert "ledger.db: there is none; a gate makes it once it is enrolled" in capsys.readouterr().err


def test_a_gate_that_works_alone_is_not_asked_for_a_hub(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.config.write_text(SITE.partition("hub:")[0].replace("{{", "{").replace("}}", "}"), encoding="utf-8")
    assert site.queue("list", "--most", "1") == 0
    assert "this gate has no hub; what it recorded is read with: gate-scanner lone export" in capsys.readouterr().out
    assert site.queue("retry", "3") == 78
    assert "by it this gate works alone. If it shall have a hub, add there: hub: {url: …}" in capsys.readouterr().err
    for path in site.store.iterdir():
        path.unlink()
    assert site.queue("list") == 1
    assert "a gate that works alone makes it after: gate-scanner lone init" in capsys.readouterr().err


def test_a_refused_row_that_is_given_up_is_parked_no_more(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert site.queue("drop", "3") == 0
    assert "3: given up" in capsys.readouterr().out
    assert site.parked() == 0
    assert site.queue("drop", "3") == 1
    assert "not parked" in capsys.readouterr().err
