from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from device.cli import main
from device.clock import SystemClock, utc_day
from device.enrolment import document as enrolment
from device.enrolment import pairing
from device.enrolment.code import read_code
from device.hub.db.enrolments import Enrolled
from device.hub.db.tables import destructions
from device.hub.folder import HubFolder
from device.hub.keyring.public_identity import PublicIdentity
from device.strict_json import base64_of
from device.wire.bundle import BundleKind
from tests.support.fake_outbox import EPOCH, batch_of, chained_rows
from tests.support.fakes import FakeClock
from tests.support.hub_folders import as_before


def fill(folder: Path, count: int) -> None:
    hub = HubFolder(folder, SystemClock())
    gate = hub.add_gate("Cổng A")
    store = hub.open_store()
    store.ingest(batch_of(gate.device_id, chained_rows(gate.device_id, gate.sealing_keys[-1], count)))
    store.close()


def test_init_and_gate_add_end_in_a_document_the_gate_can_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "enrolment.json"
    assert main(["hub", "init", str(tmp_path / "hub")]) == 0
    assert main(["hub", "gate", "add", str(tmp_path / "hub"), "Cổng  A", "--out", str(out)]) == 0
    document = enrolment.read(out)
    assert document is not None
    assert base64_of(document.key.seed()) not in capsys.readouterr().out
    assert main(["hub", "gate", "list", str(tmp_path / "hub")]) == 0
    listed = capsys.readouterr().out
    assert "Cổng A" in listed


def test_a_code_is_printed_on_a_line_of_its_own_and_enrols(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(tmp_path / "hub")
    main(["hub", "init", folder, "--name", "hub.example.vn", "--name", "127.0.0.1"])
    capsys.readouterr()
    assert main(["hub", "code", folder, "Cổng A"]) == 0
    code = read_code(capsys.readouterr().out.splitlines()[0])
    applicant = pairing.Applicant(code.code_id, bytes(32), bytes(32), "", b"")
    identity = identity_of(folder)
    proof = pairing.gate_proof(pairing.proof_key(code), identity.hello(code.code_id), applicant)
    result = HubFolder(Path(folder), SystemClock()).open_store().enrol(replace(applicant, proof=proof), identity)
    assert isinstance(result, Enrolled)


def identity_of(folder: str) -> PublicIdentity:
    return HubFolder(Path(folder), SystemClock()).public_identity()


@pytest.mark.parametrize(
    ("names", "url"),
    [
        (["hub.example.vn", "127.0.0.1", "192.168.1.9"], "https://hub.example.vn:8400"),
        (["192.168.1.9", "localhost"], "https://192.168.1.9:8400"),
        (["::1", "fd00::9"], "https://[fd00::9]:8400"),
        (["localhost", "127.0.0.1"], "http://localhost:8400"),
    ],
)
def test_a_code_comes_with_the_url_of_the_hub_and_the_whole_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], names: list[str], url: str
) -> None:
    HubFolder.create(tmp_path / "hub", SystemClock(), names)
    assert main(["hub", "code", str(tmp_path / "hub"), "Cổng A"]) == 0
    said = capsys.readouterr().out
    code = said.splitlines()[0]
    assert f"hub: {{url: '{url}'}}" in said
    assert f"gate-scanner enrol {code}\n" in said


def test_a_code_for_a_gate_that_is_registered_must_be_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["hub", "init", str(tmp_path)])
    gate = HubFolder(tmp_path, SystemClock()).add_gate("Cổng A")
    assert main(["hub", "code", str(tmp_path), "Cổng A"]) == 1
    assert "--again" in capsys.readouterr().err
    assert main(["hub", "code", str(tmp_path), "Cổng B", "--again"]) == 1
    assert "no such gate" in capsys.readouterr().err
    for name in ("Cổng A", gate.device_id):
        assert main(["hub", "code", str(tmp_path), name, "--again"]) == 0
        assert gate.device_id in capsys.readouterr().out


def test_a_second_code_says_until_when_the_first_one_stays_good(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["hub", "init", str(tmp_path)])
    gate = HubFolder(tmp_path, SystemClock()).add_gate("Cổng A")
    for name, again in [("Cổng B", []), ("Cổng C", []), (gate.device_id, ["--again"])]:
        assert main(["hub", "code", str(tmp_path), name, *again]) == 0
        assert "older code" not in capsys.readouterr().out
    for name, again in [("Cổng B", []), ("Cổng A", ["--again"])]:
        assert main(["hub", "code", str(tmp_path), name, *again]) == 0
        assert "\nAn older code of it stays good too: another 15 min, or until it is used.\n" in capsys.readouterr().out


def test_a_gate_is_revoked_by_name_and_the_list_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["hub", "init", str(tmp_path)])
    folder = HubFolder(tmp_path, SystemClock())
    one, twin, _ = (folder.add_gate(name) for name in ("Cổng A", "Cổng A", "Cổng B"))
    assert main(["hub", "revoke", str(tmp_path), "Cổng A"]) == 1
    said = capsys.readouterr().err
    assert one.device_id in said
    assert twin.device_id in said
    assert main(["hub", "revoke", str(tmp_path), "Cổng B"]) == 0
    main(["hub", "gate", "list", str(tmp_path)])
    listed = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in listed if "REVOKED" in line] == ["Cổng B"]
    assert sum(gate.device_id in line for gate in (one, twin) for line in listed) == 2  # else nobody could name one


def test_a_hub_from_before_hub_yaml_gets_other_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["hub", "init", str(tmp_path / "hub")])
    as_before(tmp_path / "hub")
    assert main(["hub", "certificate", str(tmp_path / "hub"), "--name", "hub.example.vn"]) == 0
    assert identity_of(str(tmp_path / "hub")).names == {"hub.example.vn"}
    assert main(["hub", "certificate", str(tmp_path / "hub"), "--name", "a b"]) == 78
    assert "--name" in capsys.readouterr().err


def test_a_document_is_never_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "enrolment.json"
    out.write_text("another gate's")
    main(["hub", "init", str(tmp_path / "hub")])
    assert main(["hub", "gate", "add", str(tmp_path / "hub"), "Cổng A", "--out", str(out)]) == 1
    assert out.read_text() == "another gate's"
    assert "--out" in capsys.readouterr().err


def test_a_second_init_is_a_configuration_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["hub", "init", str(tmp_path)])
    assert main(["hub", "init", str(tmp_path)]) == 78
    assert "already" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["run"], ["checkins"], ["gate", "list"]])
def test_a_folder_that_is_no_hub_says_how_to_make_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert main(["hub", *words, str(tmp_path)]) == 78
    assert "gate-scanner hub init" in capsys.readouterr().err


def test_check_ins_are_listed_sealed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["hub", "init", str(tmp_path)])
    fill(tmp_path, 3)
    capsys.readouterr()
    assert main(["hub", "checkins", str(tmp_path)]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["seq"] for line in lines] == [1, 2, 3]
    assert {line["place"] for line in lines} == {"Chợ Hoa Sen"}
    assert all(line["earliest"] <= line["latest"] <= line["arrived"] for line in lines)
    assert {line["expired"] for line in lines} == {False}
    assert all(re.fullmatch("20[0-9]{2}-[0-9]{2}-[0-9]{2}", line["key_day"]) for line in lines)
    assert all("unsealed" not in line for line in lines)


def test_keys_are_looked_through_by_hand_and_the_day_must_be_the_clocks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["hub", "init", str(tmp_path), "--retention-days", "0"])
    assert ended.value.code == 2
    assert main(["hub", "init", str(tmp_path), "--retention-days", "3"]) == 0
    capsys.readouterr()
    assert main(["hub", "expire", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "nothing was due\n"
    assert main(["hub", "expire", str(tmp_path), "--today", "2020-02-29"]) == 78
    assert "not 2020-02-29; set it right first" in capsys.readouterr().err
    with (tmp_path / "hub.yaml").open("a") as file:
        file.write("retention_days: 3d\n")
    assert main(["hub", "expire", str(tmp_path)]) == 78
    assert "retention_days: given twice" in capsys.readouterr().err


def test_a_clock_in_doubt_is_told_with_what_arrived_meanwhile_and_a_person_can_accept_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub = HubFolder.create(tmp_path / "hub", FakeClock(wall_ms=1_767_225_600_000))
    gate = hub.add_gate("Cổng A")
    path = str(hub.path)
    later = HubFolder(hub.path, SystemClock())
    with closing(later.open_store()) as store:
        store.ingest(batch_of(gate.device_id, chained_rows(gate.device_id, gate.sealing_keys[0], 2)))
    assert main(["hub", "clock", path]) == 1
    said = capsys.readouterr().out
    assert "it is in doubt: it should be about 2026-01-01T00:00:00Z" in said
    assert "arrivals 1 to 2, from about 2026-01-01T00:00:00Z: the clock was off by " in said
    assert main(["hub", "code", path, "Cổng B"]) == 78
    assert "--accept" in capsys.readouterr().err
    assert main(["hub", "gate", "list", path]) == 0
    assert capsys.readouterr().out.startswith("ALARM the clock says 20")
    assert main(["hub", "clock", path, "--accept"]) == 0
    assert "it is believed" in capsys.readouterr().out
    assert main(["hub", "code", path, "Cổng B"]) == 0
    assert main(["hub", "gate", "list", path]) == 0
    assert "ALARM the clock" not in capsys.readouterr().out
    assert main(["hub", "expire", path]) == 0


def test_a_key_that_is_destroyed_by_hand_is_told_with_what_went_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    long_ago = FakeClock(wall_ms=1_767_225_600_000)
    hub = HubFolder.create(tmp_path / "hub", long_ago)
    gate = hub.add_gate("Cổng A")
    store = hub.open_store()
    store.ingest(batch_of(gate.device_id, chained_rows(gate.device_id, gate.sealing_keys[0], 2)))
    hub.revoke(store, gate.device_id, gate.key.public)
    store.close()
    today = str(utc_day(SystemClock().reading().wall_ms))
    assert main(["hub", "expire", str(tmp_path / "hub"), "--today", today]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "2026-01-01: destroyed; 2 check-ins lost their body; last used by 2026-01-01"
    assert main(["hub", "checkins", str(tmp_path / "hub"), "--unseal", "--reason", "case 7"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["expired"], line["unsealed"]) for line in lines] == [(True, None)] * 2


def two_gates(folder: Path) -> None:
    """Make a hub with two rows of each of two gates."""
    hub = HubFolder.create(folder, SystemClock())
    store = hub.open_store()
    for name in ("Cổng A", "Cổng B"):
        gate = hub.add_gate(name)
        store.ingest(batch_of(gate.device_id, chained_rows(gate.device_id, gate.sealing_keys[-1], 2)))
    store.close()


@pytest.mark.parametrize(
    ("words", "arrivals"),
    [
        ([], [1, 2, 3, 4]),
        (["--gate", "Cổng B"], [3, 4]),
        (["--gate", "Cổng B", "--gate", "Cổng A"], [1, 2, 3, 4]),
        (["--place", "chợ hoa sen"], [1, 2, 3, 4]),
        (["--day", "2001-01-01"], []),
        (["--from", "2001-01-01T07:00", "--gate", "Cổng A"], [1, 2]),
        (["--until", "2001-01-01T07:00+07:00"], []),
    ],
)
def test_only_what_is_asked_for_is_opened_and_the_record_says_what_that_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], arrivals: list[int]
) -> None:
    two_gates(tmp_path / "hub")
    assert main(["hub", "checkins", str(tmp_path / "hub"), *words]) == 0
    assert [json.loads(line)["arrival"] for line in capsys.readouterr().out.splitlines()] == arrivals
    assert main(["hub", "checkins", str(tmp_path / "hub"), *words, "--unseal", "--reason", "case 7"]) == 0
    listed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["arrival"] for line in listed] == arrivals
    assert all(line["unsealed"]["person"]["name"].startswith("Nguyễn") for line in listed)
    assert main(["hub", "audit", str(tmp_path / "hub")]) == 0
    audit = capsys.readouterr().out
    if arrivals:
        assert f"read arrivals {arrivals[0]} to {arrivals[-1]}" in audit
        assert "case 7" in audit
        assert ("(gates=" in audit) is ("--gate" in words)
    else:
        assert "nobody has opened a seal" in audit


def test_a_day_is_vietnams(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    two_gates(tmp_path / "hub")
    listing = ["hub", "checkins", str(tmp_path / "hub"), "--gate", "Cổng A", "--from"]
    assert main([*listing, "2001-01-01"]) == 0
    row = json.loads(capsys.readouterr().out.splitlines()[0])
    days = {(datetime.fromisoformat(row[end]) + timedelta(hours=7)).date() for end in ("earliest", "latest")}
    for day in days:
        assert main([*listing[:-1], "--day", str(day)]) == 0
        assert json.loads(capsys.readouterr().out.splitlines()[0]) == row
    for day in (min(days) - timedelta(days=1), max(days) + timedelta(days=1)):
        assert main([*listing[:-1], "--day", str(day)]) == 0
        assert capsys.readouterr().out == ""


@pytest.mark.parametrize("words", [["--day", "yesterday"], ["--from", "7:00"], ["--day", "2026-02-30"]])
def test_a_day_or_time_that_is_none_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["hub", "checkins", str(tmp_path), *words])
    assert "write a " in capsys.readouterr().err


def test_a_place_that_nothing_came_from_is_told_with_those_that_are_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    HubFolder.create(tmp_path / "empty", SystemClock())
    assert main(["hub", "checkins", str(tmp_path / "empty"), "--place", "Chợ khác"]) == 0
    assert "nothing has arrived" in capsys.readouterr().err
    two_gates(tmp_path / "hub")
    for words in [], ["--quarantined"]:
        assert main(["hub", "checkins", str(tmp_path / "hub"), "--place", "Chợ khác", *words]) == 1
        told = capsys.readouterr()
        assert told.err == "Chợ khác: nothing has come from such a place, but from Chợ Hoa Sen\n"
        assert told.out == ""


def test_a_gate_that_is_not_there_is_told_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    two_gates(tmp_path / "hub")
    assert main(["hub", "checkins", str(tmp_path / "hub"), "--gate", "Cổng C"]) == 1
    assert "there is no such gate" in capsys.readouterr().err


def test_the_audit_names_the_keys_that_were_destroyed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hub = HubFolder.create(tmp_path / "hub", SystemClock())
    with closing(hub.open_store()) as store, store.begin() as connection:
        connection.execute(
            insert(destructions).values(
                at_ms=0, who="hub", key_id="0" * 64, day="2026-01-01", last_day="2026-01-02", checkins=1_204
            )
        )
    assert main(["hub", "audit", str(hub.path)]) == 0
    said = capsys.readouterr().out
    assert "destroyed the key of 2026-01-01" in said
    assert "1,204 check-ins" in said


def test_what_is_kept_apart_is_listed_and_unsealed_with_a_record(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["hub", "init", str(tmp_path)])
    hub = HubFolder(tmp_path, SystemClock())
    gate = hub.add_gate("Cổng A")
    rows = chained_rows(gate.device_id, gate.sealing_keys[0], 5)
    changed = replace(rows[2], counted=not rows[2].counted)
    with closing(hub.open_store()) as store:
        store.ingest(batch_of(gate.device_id, (*rows[:2], changed, *rows[3:])))
        capsys.readouterr()
        assert main(["hub", "checkins", str(tmp_path), "--quarantined"]) == 0
        (line,) = capsys.readouterr().out.splitlines()
        told = json.loads(line)
        assert (told["gate"], told["device"], told["seq"], told["reason"]) == (
            "Cổng A",
            gate.device_id,
            3,
            "chain-broken",
        )
        assert told["epoch"] == EPOCH
        assert re.fullmatch("20[0-9-]{8}T[0-9:]{8}Z", told["arrived"])
        assert "unsealed" not in told
        assert main(["hub", "checkins", str(tmp_path), "--quarantined", "--unseal"]) == 2
        assert main(["hub", "checkins", str(tmp_path), "--quarantined", "--unseal", "--reason", "case 7"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["unsealed"]["person"]["name"] == "Nguyễn Văn Thử 3"
        assert [record[2:] for record in store.unsealings()] == [("quarantined: case 7", 1, 1)]


def test_unsealing_needs_a_reason_and_leaves_a_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["hub", "init", str(tmp_path)])
    fill(tmp_path, 1)
    capsys.readouterr()
    assert main(["hub", "checkins", str(tmp_path), "--unseal"]) == 2
    assert capsys.readouterr().out == ""
    assert main(["hub", "checkins", str(tmp_path), "--unseal", "--reason", "case 7"]) == 0
    printed = capsys.readouterr().out
    assert "Nguyễn Văn Thử 1" in printed
    assert json.loads(printed)["unsealed"]["person"]["name"] == "Nguyễn Văn Thử 1"
    store = HubFolder(tmp_path, SystemClock()).open_store()
    assert [(reason, first, last) for _, _, reason, first, last in store.unsealings()] == [("case 7", 1, 1)]
    store.close()


def test_a_port_that_is_none_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["hub", "init", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        main(["hub", "run", str(tmp_path), "--port", "0"])
    assert ended.value.code == 2
    assert "--port: must be a whole number from 1 to 65535" in capsys.readouterr().err


EVERY_COMMAND = [["run"], ["checkins"], ["gate", "list"], ["code"], ["gate", "add"]]


def said_by(words: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one line with which a command refuses a hub that is not usable."""
    more = {"code": ["Cổng B"], "add": ["Cổng B", "--out", str(folder.parent / "enrolment.json")]}
    capsys.readouterr()
    assert main(["hub", *words, str(folder), *more.get(words[-1], [])]) == 78
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    return line


@pytest.mark.parametrize("words", EVERY_COMMAND)
def test_a_hub_without_its_database_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    hub = tmp_path / "hub"
    main(["hub", "init", str(hub)])
    (hub / "hub.db").write_bytes(b"not a database" * 1000)
    assert "damaged" in said_by(words, hub, capsys)
    (hub / "hub.db").unlink()
    assert "missing" in said_by(words, hub, capsys)
    assert not (hub / "hub.db").exists()
    assert not (tmp_path / "enrolment.json").exists()


def test_damage_that_shows_only_in_a_query_is_one_line_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hub = tmp_path / "hub"
    main(["hub", "init", str(hub)])
    database = hub / "hub.db"
    pages = database.read_bytes()
    database.write_bytes(pages[:4096] + b"\x1b" * (len(pages) - 4096))  # the first page says which tables there are
    assert "damaged" in said_by(["checkins"], hub, capsys)


@pytest.mark.parametrize("words", [["run"], ["code"], ["gate", "add"]])
def test_a_hub_without_sealing_keys_enrols_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    hub = tmp_path / "hub"
    main(["hub", "init", str(hub)])
    for key in (hub / "keys").iterdir():
        key.unlink()
    assert "sealing keys are missing" in said_by(words, hub, capsys)
    assert not (tmp_path / "enrolment.json").exists()


@pytest.mark.parametrize("words", EVERY_COMMAND)
def test_a_folder_that_cannot_be_looked_into_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert "cannot be read" in said_by(words, tmp_path / ("x" * 300), capsys)


def test_a_host_that_is_none_and_a_port_that_is_taken_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["hub", "init", str(tmp_path)])
    capsys.readouterr()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for words in (["--port", port], ["--host", "x" * 300], ["--host", "192.0.2.1", "--no-tls"]):
            assert main(["hub", "run", str(tmp_path), *words]) == 69
            printed = capsys.readouterr()
            assert printed.out == ""
            (line,) = printed.err.splitlines()
            assert "cannot listen" in line


def test_a_people_list_is_published_for_the_gates_that_are_named_and_a_policy_for_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub = HubFolder.create(tmp_path / "hub", SystemClock())
    one, other = hub.add_gate("Cổng A"), hub.add_gate("Cổng B")
    people = tmp_path / "people.csv"
    people.write_text("citizen_number\n051090001234\n")
    publish = ["hub", "publish", str(hub.path)]
    assert main([*publish, "roster", str(people), "--gate", "Cổng A"]) == 0
    assert f"roster for {one.device_id} (Cổng A) alone: 1 number (none before)" in capsys.readouterr().out
    assert BundleKind.ROSTER in hub.bundles().catalogue(one.device_id).offers
    assert BundleKind.ROSTER not in hub.bundles().catalogue(other.device_id).offers
    assert main([*publish, "roster", str(people), "--gate", "Cổng C"]) == 1
    assert main([*publish, "policy", str(people), "--gate", "Cổng A"]) == 2
    assert main([*publish, "roster", str(people)]) == 0
    assert BundleKind.ROSTER in hub.bundles().catalogue(other.device_id).offers
    assert hub.bundles().catalogue(one.device_id) == hub.bundles().catalogue(other.device_id)


def test_publishing_a_people_list_says_how_many_are_in_it_and_were_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub, people = HubFolder.create(tmp_path / "hub", SystemClock()), tmp_path / "people.csv"
    publish = ["hub", "publish", str(hub.path), "roster", str(people)]
    people.write_text("Họ tên;Số CCCD\nThử;051090001234\nMẫu;051194005678\n")
    assert main(publish) == 0
    assert capsys.readouterr().out.splitlines()[:2] == [
        "passed over columns: Họ tên",
        "roster: 2 numbers (none before)",
    ]
    people.write_text("cccd\n051090001234\n051090001234\n")
    assert main(publish) == 0
    told = capsys.readouterr().out
    assert "a number that stands further up already, counted once, in rows: 3\nroster: 1 number (before 2)" in told


def test_a_people_list_that_no_published_policy_asks_is_told_so_and_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub, people, policy = HubFolder.create(tmp_path / "hub", SystemClock()), tmp_path / "a.csv", tmp_path / "p.yaml"
    people.write_text("cccd\n051090001234\n")
    publish = ["hub", "publish", str(hub.path)]
    assert main([*publish, "watch-list", str(people)]) == 0
    told = capsys.readouterr().out
    assert "do not look at the watch-list yet, for no policy is published here" in told
    assert f"gate-scanner hub publish {hub.path} policy FILE" in told
    policy.write_text("version: market-1\nvalid_from: 2026-01-01\nroster: {}\n", "utf-8")
    assert main([*publish, "policy", str(policy)]) == 0
    told = capsys.readouterr().out
    assert f"no roster is published for all gates: gate-scanner hub publish {hub.path} roster FILE" in told
    assert "watch-list" not in told
    assert main([*publish, "watch-list", str(people)]) == 0
    assert "the watch-list, for policy market-1, published here, has no watch_list" in capsys.readouterr().out
    assert main([*publish, "roster", str(people)]) == 0
    assert "gates with" not in capsys.readouterr().out
    assert main([*publish, "policy", str(policy)]) == 0
    assert "is published for all gates" not in capsys.readouterr().out


def test_a_policy_that_begins_later_is_told_so_where_it_is_published(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub, policy = HubFolder.create(tmp_path / "hub", SystemClock()), tmp_path / "policy.yaml"
    for year, later in (("2020", False), ("9000", True)):
        policy.write_text(f"version: market-1\nvalid_from: {year}-01-01\n", "utf-8")
        assert main(["hub", "publish", str(hub.path), "policy", str(policy)]) == 0
        told = capsys.readouterr().out
        assert f"in force from {year}-01-01 00:00+07:00" in told
        assert ("NOT IN FORCE YET: until 9000-01-01 00:00+07:00 gates" in told) == later


@pytest.mark.parametrize("written", ["", "citizen_number\n", "citizen_number;x\n;\n"])
def test_a_list_of_nobody_is_published_only_when_that_is_meant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], written: str
) -> None:
    hub, people = HubFolder.create(tmp_path / "hub", SystemClock()), tmp_path / "people.csv"
    people.write_text(written)
    publish = ["hub", "publish", str(hub.path), "watch-list", str(people)]
    assert main(publish) == 78
    assert "people.csv: nobody is in it; write --empty if that is meant" in capsys.readouterr().err
    assert hub.bundles().head(BundleKind.WATCH_LIST) is None
    assert main([*publish, "--empty"]) == 0
    assert "watch-list: 0 numbers (none before)" in capsys.readouterr().out


def test_what_is_known_of_people_is_forgotten_only_when_that_is_meant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub, people = HubFolder.create(tmp_path / "hub", SystemClock()), tmp_path / "people.jsonl"
    people.write_text("\n")
    assert main(["hub", "status", str(hub.path), str(people)]) == 78
    assert "people.jsonl: nobody is in it; write --empty" in capsys.readouterr().err
    assert main(["hub", "status", str(hub.path), str(people), "--empty"]) == 0
    assert "0 people" in capsys.readouterr().out


def test_publishing_says_the_version_and_a_mistake_names_its_line_and_signs_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, policy, people = tmp_path / "hub", tmp_path / "policy.yaml", tmp_path / "people.csv"
    HubFolder.create(folder, SystemClock())
    policy.write_text("version: market-1\nvalid_from: soon\n", "utf-8")
    assert main(["hub", "publish", str(folder), "policy", str(policy)]) == 78
    assert "policy.yaml:2:13: valid_from" in capsys.readouterr().err
    assert not (folder / "bundles").exists()
    policy.write_text("version: market-1\nvalid_from: 2026-01-01\n", "utf-8")
    assert main(["hub", "publish", str(folder), "policy", str(policy), "--days", "30"]) == 0
    assert re.match(r"policy version \d+, 41 bytes; gates warn after \d{4}-", capsys.readouterr().out)
    people.write_text("citizen_number\n051090001234\n", "utf-8")
    assert main(["hub", "publish", str(folder), "watch-list", str(people)]) == 0
    assert "keep" in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        main(["hub", "publish", str(folder), "policy", str(policy), "--days", "0"])
    assert ended.value.code == 2


def test_a_new_root_takes_the_place_of_the_old_one_and_the_command_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub = HubFolder.create(tmp_path / "hub", SystemClock())
    before = hub.public_identity().root
    assert main(["hub", "root", str(tmp_path / "hub")]) == 0
    assert "start the hub anew" in capsys.readouterr().out
    assert hub.public_identity().root != before
    assert len(hub.bundles().catalogue().succession) == 1


def test_who_unseals_is_told_with_the_login_that_the_kernel_keeps() -> None:
    login = int(Path("/proc/self/loginuid").read_text("ascii"))
    told = subprocess.run(
        [sys.executable, "-c", "from device.cli.hub_keys import who; print(who())"],
        env={**os.environ, "SUDO_USER": "lan\x1b[2J"},
        capture_output=True,
        check=True,
        encoding="utf-8",
    ).stdout
    assert told.startswith("lan\ufffd[2J (")
    assert told.endswith("(no login)\n" if login == 0xFFFF_FFFF else ")\n")
    assert ("login" if login == 0xFFFF_FFFF else f"login {login}") in told
