"""``hub checkins`` and its like: who came is listed sealed, opened with a reason, and what that leaves on record."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from device.cli import main
from device.clock import SystemClock
from device.hub.db.tables import destructions
from device.hub.folder import HubFolder
from tests.support.fake_outbox import EPOCH, batch_of, chained_rows


def fill(folder: Path, count: int) -> None:
    hub = HubFolder(folder, SystemClock())
    gate = hub.add_gate("Cổng A")
    store = hub.open_store()
    store.ingest(batch_of(gate.device_id, chained_rows(gate.device_id, gate.sealing_keys[-1], count)))
    store.close()


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
