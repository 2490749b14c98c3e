"""The keys of the days, from a gate that is away for long to a hub that has forgotten on purpose."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from device.cli import main
from device.clock import DAY_MS, SystemClock, utc_day
from device.crypto.sealed_body import Body
from device.crypto.sealing import Sealer, SealingKey, new_key_pair
from device.enrolment import document as enrolment
from device.errors import HubRevoked
from device.hub.child_process import HubProcess
from device.hub.folder import HubFolder
from device.hub.maintenance import expire, make_sealing_keys
from device.hub.unsealing import unsealed
from device.model import Cue
from device.store.high_water_mark import HighWaterMark
from device.store.ledger import SqliteLedger
from device.store.outbox import SqliteOutbox
from device.store.reading import LedgerReader
from device.uplink.hub import HubClient
from device.wire.sealing_keys import decode_days
from tests.support.databases import both_databases, hub_folder
from tests.support.fake_outbox import check_in
from tests.support.fake_server import PATIENCE_S, HubThread
from tests.support.fakes import FakeClock
from tests.support.stage import Stage, seen
from tests.support.visitors import CARD

START_MS = 1_767_225_600_000 + 12 * 3_600_000


class Away:
    """A hub and a gate whose days a test lets pass; the line between them is up or down."""

    def __init__(self, path: Path, url: str | None) -> None:
        self.clock = FakeClock(wall_ms=START_MS)
        self.folder = hub_folder(path / "hub", self.clock, url)
        self.gate = self.folder.add_gate("Cổng A")
        self.state = path / "state"
        self.state.mkdir(mode=0o700)
        self.mark = HighWaterMark(self.state, self.gate.at_ms, self.clock)
        self.sealer = Sealer(self.gate.device_id, self.gate.sealing_keys, self.mark.today)
        self.hub = HubThread(self.folder)
        self.recorded = 0

    def a_day(self, ledger: SqliteLedger) -> None:
        """Record one visitor at noon; the hub looks after its keys at night."""
        self.mark.look()
        self.recorded += 1
        ledger.record(replace(check_in(self.recorded), at=self.clock.reading()))
        self.clock.advance(DAY_MS)
        make_sealing_keys(self.folder.keys, self.hub.store)
        expire(self.folder.keys, self.hub.store, self.folder.retention_days)

    def deliver(self) -> None:
        uplink = HubClient(
            self.hub.url,
            self.gate,
            SteadyClock(self.clock),
            deadline_s=PATIENCE_S,
            sealing_day=lambda: key.day if (key := self.sealer.key) else None,
            told=self.mark.told,
        )
        with SqliteOutbox(self.state) as outbox:
            while batch := outbox.next_batch(500, 10**6):
                outbox.settle(batch, uplink.deliver(batch))
        uplink.close()

    def at_the_hub(self) -> list[tuple[bool, Body | None]]:
        found = sorted(unsealed(self.folder, self.hub.store, "test", "story"), key=lambda pair: pair[0].row.seq)
        return [(arrived.expired, body) for arrived, body in found]


class SteadyClock(SystemClock):
    """Says what a fake clock says, and waits as long as a real one."""

    def __init__(self, said: FakeClock) -> None:
        super().__init__()
        self.reading = said.reading  # type: ignore[method-assign]


@pytest.fixture
def away(tmp_path: Path, database_url: str | None) -> Iterator[Away]:
    made = Away(tmp_path, database_url)
    with made.hub:
        yield made


def opened(away: Away) -> SqliteLedger:
    return SqliteLedger.open(away.state, away.gate.device_id, away.sealer)


@both_databases
def test_after_thirty_days_without_a_network_every_check_in_arrives_and_can_be_read(away: Away) -> None:
    with opened(away) as ledger:
        for _ in range(30):
            away.a_day(ledger)
        assert away.sealer.key == away.gate.sealing_keys[30]
        away.deliver()
    found = away.at_the_hub()
    assert [expired for expired, _ in found] == [False] * 30
    names = [body.credential.person.name for _, body in found if body and body.credential]
    assert names == [f"Nguyễn Văn Thử {number}" for number in range(1, 31)]
    assert len({arrived.row.key_id for arrived in away.hub.store.every_checkin()}) == 30


@both_databases
def test_after_sixty_days_every_check_in_is_counted_and_what_is_too_old_is_expired(away: Away) -> None:
    with opened(away) as ledger:
        for _ in range(60):
            away.a_day(ledger)
        away.deliver()
    found = away.at_the_hub()
    assert away.hub.store.count()["checkins"] == len(found) == 60
    assert all(expired for expired, _ in found)
    assert away.hub.store.alarms() == []
    with SqliteOutbox(away.state) as outbox:
        assert (outbox.backlog().undelivered, outbox.backlog().parked) == (0, 0)


@both_databases
def test_a_gate_whose_keys_have_run_out_uses_its_last_and_gets_new_ones_at_the_next_contact(
    away: Away, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(away) as ledger:
        for _ in range(33):
            away.a_day(ledger)
        assert sum("event=sealing-key state=late" in message for message in caplog.messages) == 1
        last = away.gate.sealing_keys[-1]
        assert away.sealer.key == last
        away.deliver()
        away.sealer.renew(decode_days(away.folder.sealing_days_document()))
        away.a_day(ledger)
        away.deliver()
    rows = list(away.hub.store.every_checkin())
    assert {row.key_day for row in rows[30:33]} == {str(last.day)}
    assert rows[33].key_day == str(utc_day(START_MS + 33 * DAY_MS))
    assert [body is not None for _, body in away.at_the_hub()] == [True] * 34


@both_databases
def test_a_row_sealed_to_a_key_the_hub_does_not_know_is_kept_and_alarms_and_the_line_goes_on(away: Away) -> None:
    with opened(away) as ledger:
        away.sealer.renew([replace(new_key_pair()[0], key_id="unknown", day=utc_day(START_MS))])
        away.a_day(ledger)
        away.sealer.renew(away.gate.sealing_keys)
        away.a_day(ledger)
        away.deliver()
    assert [body is not None for _, body in away.at_the_hub()] == [False, True]
    assert [(alarm.kind, alarm.seq) for alarm in away.hub.store.alarms()] == [("unknown-key", 1)]


@pytest.mark.parametrize("keys", [[], [SealingKey("zero", bytes(32))]])
def test_without_any_key_the_lamp_shows_fault_and_never_green(tmp_path: Path, keys: list[SealingKey]) -> None:
    sealer = Sealer("gate-1", [])
    if keys:  # a key nobody can seal to is none: the sealer keeps what it has, which is nothing
        with pytest.raises(Exception, match="cannot be used"):
            sealer.renew(keys)
    with SqliteLedger.open(tmp_path / "state", "gate-1", sealer) as ledger:
        stage = Stage(seen(CARD), ledger=ledger).run()
    assert [answer.cue for answer in stage.answers] == [Cue.FAULT]
    assert "lamp granted" not in stage.story.lines
    with LedgerReader(tmp_path / "state") as reader:
        assert list(reader.rows()) == []


@both_databases
def test_withdrawn_and_enrolled_again_by_command_the_same_ledger_goes_on_and_all_of_it_arrives(
    tmp_path: Path, database_url: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    hub, state, site = tmp_path / "hub", tmp_path / "store", tmp_path / "site.yaml"

    def command(*words: str) -> str:
        assert main([*words]) == 0
        return capsys.readouterr().out

    def enrol(*again: str) -> enrolment.Enrolment:
        code = command("hub", "code", str(hub), "Cổng A", *again).splitlines()[0]
        command("enrol", code, "--config", str(site))
        found = enrolment.read(state / enrolment.FILE_NAME)
        assert found is not None
        return found

    def record(gate: enrolment.Enrolment, numbers: range) -> str:
        today = utc_day(SystemClock().reading().wall_ms)
        sealer = Sealer(gate.device_id, gate.sealing_keys, lambda: today)
        with SqliteLedger.open(state, gate.device_id, sealer) as ledger:
            for number in numbers:
                ledger.record(check_in(number))
            return ledger.epoch

    def deliver(gate: enrolment.Enrolment) -> None:
        uplink = HubClient(server.url, gate, SystemClock(), deadline_s=PATIENCE_S)
        try:
            with SqliteOutbox(state) as outbox:
                while batch := outbox.next_batch(500, 10**6):
                    outbox.settle(batch, uplink.deliver(batch))
        finally:
            uplink.close()

    database = ("--database", database_url) if database_url else ()
    command("hub", "init", str(hub), "--name", "127.0.0.1", "--retention-days", "7", *database)
    with HubProcess(hub, tls=True) as server:
        site.write_text(
            "place: {name: Chợ Mẫu, province: Quảng Ngãi}\ncamera: {source: replay, replay: {path: .}}\n"
            "pins: {driver: mock, green: 17, red: 27}\n"
            f"store: {{folder: {state}}}\nhub: {{url: '{server.url}'}}\n",
            encoding="utf-8",
        )
        first = enrol()
        epoch = record(first, range(1, 4))
        deliver(first)
        record(first, range(4, 8))
        command("hub", "revoke", str(hub), "Cổng A")
        with pytest.raises(HubRevoked) as told:
            deliver(first)
        enrolment.note_revoked(state, told.value.statement)
        assert enrolment.is_revoked(state, first)
        again = enrol("--again")
        assert (again.device_id, again.key == first.key) == (first.device_id, False)
        assert not enrolment.is_revoked(state, again)
        assert record(again, range(8, 10)) == epoch
        deliver(again)
    folder = HubFolder(hub, SystemClock())
    assert folder.retention_days == 7
    store = folder.open_store()
    found = list(unsealed(folder, store, "test", "story"))
    assert [(arrived.epoch, arrived.row.seq) for arrived, _ in found] == [(epoch, seq) for seq in range(1, 10)]
    assert [body.credential.person.name for _, body in found if body and body.credential] == [
        f"Nguyễn Văn Thử {number}" for number in range(1, 10)
    ]
    assert store.alarms() == []
    store.close()


@both_databases
def test_only_the_process_that_holds_the_key_folder_can_unseal(away: Away) -> None:
    with opened(away) as ledger:
        away.a_day(ledger)
        away.deliver()
    shutil.move(away.folder.keys.path, away.folder.path.parent / "kept-elsewhere")
    assert away.at_the_hub() == [(False, None)]
    assert len(away.hub.store.unsealings()) == 1
