from __future__ import annotations

import json
from pathlib import Path

import pytest

from device import enrolment
from device.cli import main
from device.clock import SystemClock
from device.fields import base64_of
from device.hub.folder import HubFolder
from tests.fakes_outbox import batch_of, chained_rows


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
    assert main(["hub", "gate", "add", str(tmp_path / "hub"), "Cổng\x1b[31m A", "--out", str(out)]) == 0
    document = enrolment.read(out)
    assert document is not None
    assert base64_of(document.key.seed()) not in capsys.readouterr().out
    assert main(["hub", "gate", "list", str(tmp_path / "hub")]) == 0
    listed = capsys.readouterr().out
    assert document.device_id in listed
    assert "Cổng?[31m A" in listed


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
    assert all("unsealed" not in line for line in lines)


def test_unsealing_needs_a_reason_and_leaves_a_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["hub", "init", str(tmp_path)])
    fill(tmp_path, 1)
    capsys.readouterr()
    assert main(["hub", "checkins", str(tmp_path), "--unseal"]) == 2
    assert capsys.readouterr().out == ""
    assert main(["hub", "checkins", str(tmp_path), "--unseal", "--reason", "case 7"]) == 0
    printed = capsys.readouterr().out
    assert printed.isascii()
    assert json.loads(printed)["unsealed"]["person"]["name"] == "Nguyễn Văn Thử 1"
    store = HubFolder(tmp_path, SystemClock()).open_store()
    assert [(reason, first, last) for _, _, reason, first, last in store.unsealings()] == [("case 7", 1, 1)]
    store.close()


def test_a_port_that_is_none_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["hub", "init", str(tmp_path)])
    assert main(["hub", "run", str(tmp_path), "--port", "0"]) == 2
    assert "--port" in capsys.readouterr().err
