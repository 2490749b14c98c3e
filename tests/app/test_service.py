"""The whole service, with a real eye, real ledger and pretended pins, in every state it can be in."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

import pytest
import segno

from device.cli import status
from device.cli.status_lines import lines_of
from device.clock import SystemClock
from device.enrolment import document as enrolment
from device.enrolment.code import new_code
from device.errors import ConfigurationError
from device.gate.link_status import LinkState
from device.hub.child_process import HubProcess
from device.hub.db.people_status import digest
from device.hub.folder import HubFolder
from device.model import Credential, Cue, HealthColour, Output, Status, Verification
from device.monitor.control_socket import ask
from device.store.folder import FolderLock
from device.store.reading import LedgerReader
from device.trust.trust_list import trust_document
from device.uplink.webhook_keys import KeyFiles, make
from tests.support.fake_server import RawServer, answering
from tests.support.fake_webhook import WebhookServer
from tests.support.issuer import Issuer
from tests.support.running_gate import MOST_S, Running, running
from tests.support.visitors import CARD


def test_a_visitor_is_seen_written_down_and_lit_green_and_then_everything_goes_dark(tmp_path: Path) -> None:
    with running(tmp_path) as gate:
        assert gate.answered.wait(MOST_S)
        assert gate.end() == os.EX_OK
    assert gate.answers[0].cue is Cue.GRANTED
    assert frozenset({Output.GREEN, Output.BUZZER}) in gate.film.shots
    assert gate.film.shots[-1] == frozenset()
    with LedgerReader(gate.store) as ledger:
        assert [row.seq for row in ledger.rows()] == [a.seq for a in gate.answers if a.seq is not None]
    assert "ready" in gate.notifier.said
    assert gate.notifier.said[-1] == "stopping"


def test_a_gate_that_is_not_enrolled_says_so_and_starts_by_itself_when_it_is(tmp_path: Path) -> None:
    with running(tmp_path, enrolled=False) as gate:
        assert gate.sees_cue(Cue.NOT_ENROLLED)
        assert "ready" in gate.notifier.said
        assert not gate.answers
        gate.enrol()
        assert gate.answered.wait(MOST_S)
        assert gate.answers[0].cue is Cue.GRANTED


def test_a_code_in_the_site_file_enrols_the_gate_once_its_hub_is_there(tmp_path: Path) -> None:
    folder = HubFolder.create(tmp_path / "hub", SystemClock())
    store = folder.open_store()
    code = store.new_code("Cổng A")
    with HubProcess(folder.path, tls=True) as hub:
        section = f"hub: {{url: '{hub.url}', enrol_code: {code.letters}, interval: 100ms}}"
        with running(tmp_path, section, enrolled=False) as gate:
            assert gate.sees_cue(Cue.NOT_ENROLLED)
            assert gate.answered.wait(MOST_S)
            assert gate.end() == os.EX_OK
    found = enrolment.read(gate.store / "enrolment.json")
    assert found is not None
    assert [known.device_id for known in store.gates()] == [found.device_id]
    store.close()


def test_a_revoked_gate_ends_and_started_anew_it_shows_so_and_records_nobody(tmp_path: Path) -> None:
    folder = HubFolder.create(tmp_path / "hub", SystemClock())
    document = folder.add_gate("Cổng A")
    with HubProcess(folder.path, tls=True) as hub:
        section = f"hub: {{url: '{hub.url}', interval: 100ms}}"
        with running(tmp_path, section, enrolled=False) as gate:
            enrolment.write(gate.store / "enrolment.json", document)
            assert gate.answered.wait(MOST_S)
            store = folder.open_store()
            folder.revoke(store, document.device_id, document.key.public)
            store.close()
            gate.thread.join(MOST_S)
            assert gate.exit == [os.EX_SOFTWARE]
        assert (gate.store / "revoked.json").exists()
        with LedgerReader(gate.store) as ledger:
            before = [row.seq for row in ledger.rows()]
        assert before
        with running(tmp_path, section, enrolled=False) as gate:
            assert gate.sees_cue(Cue.REVOKED)
            assert "ready" in gate.notifier.said
            assert not gate.answers
    with LedgerReader(gate.store) as ledger:
        assert [row.seq for row in ledger.rows()] == before


def test_an_enrolment_that_is_half_copied_is_waited_for(tmp_path: Path) -> None:
    with running(tmp_path, enrolled=False) as gate:
        (gate.store / "enrolment.json").write_text('{"contract": "gate-enr', "utf-8")
        (gate.store / "enrolment.json").chmod(0o600)
        assert gate.sees_cue(Cue.NOT_ENROLLED)
        gate.enrol()
        assert gate.answered.wait(MOST_S)


@pytest.mark.parametrize(
    "more", ["hub: {url: 'https://hub.example.vn', ca_file: none.pem}", "trust: {file: none.json}"]
)
def test_a_file_that_is_not_there_is_told_before_any_lamp_lights(tmp_path: Path, more: str) -> None:
    (tmp_path / "codes").mkdir()
    segno.make("x", micro=False).save(str(tmp_path / "codes" / "a.png"))
    gate = Running(tmp_path, more)
    with pytest.raises(ConfigurationError):
        gate.service.run(gate.stop)
    assert gate.film.shots == []


def test_a_ledger_that_cannot_be_had_is_a_fault_that_goes_away_by_itself(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    lock = FolderLock(tmp_path / "store")
    with running(tmp_path) as gate:
        with gate.film.changed:  # FAULT begins with a lit red lamp and a chirp
            assert gate.film.changed.wait_for(lambda: {Output.RED, Output.BUZZER} in gate.film.shots, MOST_S)
        assert not gate.answers
        lock.release()
        assert gate.answered.wait(MOST_S)


def test_a_hub_that_is_not_there_is_shown_and_recording_goes_on(tmp_path: Path) -> None:
    no_hub = "hub: {url: 'http://127.0.0.1:9', interval: 100ms, deadline: 1s}"
    with running(tmp_path, no_hub, at_end="hold") as gate:
        assert gate.answered.wait(MOST_S)
        with gate.film.changed:  # two winks are READY twice too
            assert gate.film.changed.wait_for(lambda: gate.service.link.now.state is LinkState.OFFLINE, MOST_S)
        gate.film.shots.clear()
        assert gate.sees_cue(Cue.OFFLINE)
        assert gate.answers[0].seq == 1
        assert gate.end() == os.EX_OK


def test_a_replay_that_stops_at_its_end_ends_the_service(tmp_path: Path) -> None:
    (tmp_path / "codes").mkdir()
    gate = Running(tmp_path, at_end="stop")
    segno.make(CARD, micro=False, encoding="utf-8", eci=False).save(str(tmp_path / "codes" / "a.png"), scale=6)
    gate.enrol()
    assert gate.service.run(gate.stop) == os.EX_OK
    assert [answer.cue for answer in gate.answers] == [Cue.GRANTED]


def test_a_certificate_is_checked_against_the_trust_list_of_the_site(tmp_path: Path) -> None:
    issuer = Issuer.es256()
    (tmp_path / "trust.json").write_text(trust_document([issuer.trusted()]), "utf-8")
    (tmp_path / "codes").mkdir()
    gate = Running(tmp_path, f"trust: {{file: {tmp_path / 'trust.json'}}}", at_end="stop")
    segno.make(issuer.issue().decode(), micro=False).save(str(tmp_path / "codes" / "a.png"), scale=4)
    gate.enrol()
    assert gate.service.run(gate.stop) == os.EX_OK
    claims = [answer.reading.claim for answer in gate.answers if answer.reading]
    assert [claim.verified for claim in claims if isinstance(claim, Credential)] == [Verification.YES]


def test_stopping_before_anything_is_open_is_fine(tmp_path: Path) -> None:
    with running(tmp_path, enrolled=False) as gate:
        assert gate.end() == os.EX_OK
    assert gate.film.shots[-1] == frozenset()


def test_an_empty_folder_is_a_mistake_in_the_site_file(tmp_path: Path) -> None:
    (tmp_path / "codes").mkdir()
    gate = Running(tmp_path)
    with pytest.raises(ConfigurationError, match=r"^camera\.replay\.path: the folder holds no pictures"):
        gate.service.run(gate.stop)
    assert gate.film.shots == []


def test_pins_that_cannot_be_opened_end_the_service_with_a_line_that_names_the_key(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "codes").mkdir()
    segno.make("x", micro=False).save(str(tmp_path / "codes" / "a.png"))
    gate = Running(tmp_path)
    pins = gate.service.site.pins
    clash = pins.model_copy(update={"red": pins.green})  # the site file itself refuses this
    gate.service.site = gate.service.site.model_copy(update={"pins": clash})
    assert gate.service.run(gate.stop) == os.EX_UNAVAILABLE
    assert "pins.red: GPIO17 cannot be used" in caplog.text


def test_a_policy_document_judges_and_whoever_asks_why_is_told_the_rules_and_not_the_person(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(
        "version: cards-1\nvalid_from: 2021-10-07\naccept: [insurance-card]\ncapacity: {most: 9}\n", "utf-8"
    )
    (tmp_path / "trust.json").write_text(trust_document([Issuer.es256().trusted()]), "utf-8")
    files = f"policy: {{file: {tmp_path / 'policy.yaml'}}}\ntrust: {{file: {tmp_path / 'trust.json'}}}"
    with running(tmp_path, files) as gate:
        assert gate.answered.wait(MOST_S)
        told = ask(gate.store, "why", last=5)
        assert gate.end() == os.EX_OK
    assert gate.answers[0].cue is Cue.DENIED
    assert isinstance(told, dict)
    assert (told["policy"]["version"], told["inside"]) == ("cards-1", 0)
    assert (told["trust"]["file"], told["trust"]["refused"]) == (str(tmp_path / "trust.json"), [])
    first = told["answers"][-1]
    assert (first["outcome"], first["reason"], first["policy"]) == ("denied", "kind-not-accepted", "cards-1")
    assert first["rules"] == ["known-kind:pass", "accepted-here:deny", "repeat:no"]
    assert "051090001234" not in str(told)
    assert "Thử" not in str(told)
    assert not (gate.store / "gate.sock").exists()


def test_a_policy_that_asks_the_centre_has_its_answer_in_the_decision_and_in_why(tmp_path: Path) -> None:
    folder = HubFolder.create(tmp_path / "hub", SystemClock())
    document, store = folder.add_gate("Cổng A"), folder.open_store()
    red = Status(health=HealthColour.RED)
    store.replace_statuses([((digest(folder.make_status_secret(), "citizen:051090001234"),), red)])
    store.close()
    (tmp_path / "policy.yaml").write_text(
        "version: asking-1\nvalid_from: 2021-10-07\nstatus: {kinds: [citizen-card], deadline: 2s}\n", "utf-8"
    )
    with HubProcess(folder.path, tls=True) as hub:
        site = f"policy: {{file: {tmp_path / 'policy.yaml'}}}\nhub: {{url: '{hub.url}', interval: 100ms}}"
        with running(tmp_path, site, enrolled=False) as gate:
            enrolment.write(gate.store / "enrolment.json", document)
            assert gate.answered.wait(MOST_S)
            told = ask(gate.store, "why", last=200)
            assert gate.end() == os.EX_OK
    assert gate.answers[0].cue is Cue.REFERRED
    assert isinstance(told, dict)
    assert {"status:asked", "status-health:refer"} <= set(told["answers"][-1]["rules"])
    assert "red" not in str(told["answers"]).replace("referred", "").replace("recorded", "")


def test_a_gate_without_a_hub_asks_nobody_and_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "policy.yaml").write_text(
        "version: asking-1\nvalid_from: 2021-10-07\nstatus: {kinds: [citizen-card]}\n", "utf-8"
    )
    with running(tmp_path, f"policy: {{file: {tmp_path / 'policy.yaml'}}}") as gate:
        assert gate.answered.wait(MOST_S)
        assert gate.end() == os.EX_OK
    assert gate.answers[0].cue is Cue.GRANTED
    assert "event=status-not-asked reason='the site file names no hub'" in caplog.text


def test_a_policy_with_a_mistake_lights_no_lamp(tmp_path: Path) -> None:
    (tmp_path / "codes").mkdir()
    segno.make("x", micro=False).save(str(tmp_path / "codes" / "a.png"))
    (tmp_path / "policy.yaml").write_text("version: cards-1\n", "utf-8")
    gate = Running(tmp_path, f"policy: {{file: {tmp_path / 'policy.yaml'}}}")
    with pytest.raises(ConfigurationError, match=r"policy\.yaml:1:1: valid_from: missing"):
        gate.service.run(gate.stop)
    assert gate.film.shots == []


def test_a_running_gate_tells_how_it_stands_in_the_words_the_command_documents(tmp_path: Path) -> None:
    with running(tmp_path, "hub: {url: 'http://127.0.0.1:9', interval: 100ms}") as gate:
        assert gate.answered.wait(MOST_S)
        told = ask(gate.store, "status")
    assert isinstance(told, dict)
    assert (told["state"], told["lamps_failing"]) in {("ready", False), ("offline", False)}
    assert told["camera"]["alive"]
    assert told["camera"]["engines"] == ["zxing", "zbar"]
    assert told["scans"]["today"] == told["queue"]["recorded"] >= 1
    assert told["scans"]["last_cue"] == "granted"
    assert told["link"]["last_success_s"] is None
    assert told["policy"]["version"] == "record-only-1"
    documented = status.__doc__ or ""
    for name, part in told.items():
        assert f"\n{name} " in documented or name == "lamps_failing"
        for key in part if isinstance(part, dict) else ():
            assert key in documented, f"{name}.{key}"
    assert [name for name, _ in lines_of(told)][:7] == [
        "gate",
        "camera",
        "scans",
        "queue",
        "link",
        "clock",
        "policy",
    ]


def test_a_gate_that_waits_for_its_enrolment_says_so_when_asked(tmp_path: Path) -> None:
    with running(tmp_path, enrolled=False) as gate:
        assert gate.sees_cue(Cue.NOT_ENROLLED)
        told = ask(gate.store, "status")
    assert isinstance(told, dict)
    assert told["state"] == "not-enrolled"
    assert [said for said in gate.notifier.said if said.startswith("status")] == [
        "status lamps say: starting",
        "status lamps say: not-enrolled",
    ]
    assert [trouble["what"] for trouble in told["troubles"]][:1] == ["not-enrolled"]
    assert told["queue"]["error"].startswith("the ledger")
    assert (told["link"], told["scans"]["today"], told["camera"]["alive"]) == (None, None, False)


def test_a_gate_whose_store_is_not_there_yet_can_be_asked_from_its_first_start(tmp_path: Path) -> None:
    (tmp_path / "codes").mkdir()
    (tmp_path / "codes" / "card.png").write_bytes(b"")
    gate = Running(tmp_path, "", "loop")
    gate.store.rmdir()
    gate.thread.start()
    try:
        assert gate.sees_cue(Cue.NOT_ENROLLED)
        assert isinstance(ask(gate.store, "status"), dict)
    finally:
        gate.end()
    assert gate.store.stat().st_mode & 0o077 == 0


def test_a_refusal_of_the_codes_that_nobody_proved_is_told_by_status(
    tmp_path: Path,
) -> None:
    noted = threading.Event()

    class Listening(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.getMessage().startswith("event=enrolment-waits"):
                noted.set()

    listening = Listening()
    logging.getLogger("device.uplink.enrol").addHandler(listening)
    head = "HTTP/1.1 403 Forbidden\nContent-Type: text/html\nContent-Length: 0"
    with RawServer(answering(head)) as portal:
        section = f"hub: {{url: '{portal.url}', enrol_code: {new_code().letters}}}"
        with running(tmp_path, section, enrolled=False) as gate:
            assert gate.sees_cue(Cue.NOT_ENROLLED)
            assert noted.wait(MOST_S)
            told = ask(gate.store, "status")
    logging.getLogger("device.uplink.enrol").removeHandler(listening)
    assert isinstance(told, dict)
    assert "captive portal?" in {trouble["what"]: trouble["do"] for trouble in told["troubles"]}["enrolment"]
    assert "captive portal?" in "".join("".join(phrases) for name, phrases in lines_of(told) if name == "startup")
    assert told["state"] == "not-enrolled"


def test_a_gate_of_a_server_that_is_not_ours_waits_to_be_prepared_and_then_sends_who_came(tmp_path: Path) -> None:
    files = KeyFiles(tmp_path / "keys" / "private.key", tmp_path / "keys" / "secret")
    (tmp_path / "prepared").mkdir()
    make(files, tmp_path / "prepared")  # the key files are there, the gate's own name is not
    with WebhookServer(files.secret.read_text().strip()) as server:
        more = f"""
sync:
  kind: webhook
  webhook: {{url: '{server.url}', fields: [name, place], secret_file: {files.secret},
    private_key_file: {files.private_key}, interval: 100ms}}
"""
        with running(tmp_path, more, at_end="hold", enrolled=False) as gate:
            assert gate.sees_cue(Cue.NOT_ENROLLED)
            make(files, gate.store)
            assert gate.answered.wait(MOST_S)
            assert server.taken_one.wait(MOST_S)
            assert gate.end() == os.EX_OK
    (said,) = server.taken.values()
    assert said["place"]["name"] == "Chợ Mẫu"
    assert said["name"].encode() in CARD


class BrokenClock(SystemClock):
    """The machine's clock, which meets a defect whenever one thread waits on it."""

    def __init__(self, thread: str) -> None:
        super().__init__()
        self.thread = thread

    def wait(self, until: threading.Event, timeout_s: float) -> bool:
        if threading.current_thread().name == self.thread:
            raise ZeroDivisionError("051090001234")
        return super().wait(until, timeout_s)


@pytest.mark.parametrize("thread", ["indicator", "policy", "bundles", "sync", "enrol"])
def test_a_defect_in_a_thread_of_the_gate_ends_the_service_so_that_it_is_started_anew(
    tmp_path: Path, thread: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "codes").mkdir()
    segno.make(CARD, micro=False, encoding="utf-8", eci=False).save(str(tmp_path / "codes" / "a.png"), scale=6)
    code = f"enrol_code: {new_code().letters}, " if thread == "enrol" else ""
    gate = Running(tmp_path, f"hub: {{url: 'http://127.0.0.1:9', {code}interval: 100ms, deadline: 1s}}")
    gate.service.clock = BrokenClock(thread)
    if thread != "enrol":
        gate.enrol()
    assert gate.service.run(gate.stop) == os.EX_SOFTWARE
    assert gate.film.shots[-1] == frozenset()
    failed = [line for line in caplog.messages if "event=thread-failed" in line]
    assert [line.partition(" at=")[0] for line in failed] == [
        f"event=thread-failed thread={thread} reason=ZeroDivisionError"
    ]
    assert "051090001234" not in caplog.text
