from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import pytest

from device.doctor.card import measure_record
from tests.bench.ledger import FULL, add_arguments, run


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


def test_the_benchmark_ends_well_when_nothing_is_lost(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments("--kills", "2", "--powercuts", "0", "--rows", "20", "--folder", str(tmp_path))) == 0
    out = capsys.readouterr().out
    assert "gates killed            2, 1 of them between commit and lamp" in out
    assert "lost                    0" in out
    assert "bytes on disk" in out
    assert list(tmp_path.iterdir()) == []


def test_for_machines_it_is_one_line_of_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments("--kills", "1", "--powercuts", "0", "--rows", "0", "--folder", str(tmp_path), "--json")) == 0
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert found["record"] is None
    assert found["kills"]["kills"] == 1
    assert found["kills"]["lost"] == []


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed (setup.sh test installs it)")
def test_power_cuts_are_counted_beside_those_of_a_gate_that_loses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments("--kills", "0", "--powercuts", "100", "--rows", "0", "--json")) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["kills"], found["record"]) == (None, None)
    assert (found["powercuts"]["cuts"], found["powercuts"]["lost"]) == (100, 0)
    assert found["normal"]["losing"] > 0


@pytest.mark.parametrize("words", [("--kills", "-1"), ("--rows", "-5"), ("--powercuts", "few")])
def test_a_count_below_none_is_refused(capsys: pytest.CaptureFixture[str], words: tuple[str, str]) -> None:
    with pytest.raises(SystemExit) as ended:
        arguments(*words)
    assert ended.value.code == 2
    assert "from 0" in capsys.readouterr().err


def test_measuring_nothing_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments("--kills", "0", "--powercuts", "0", "--rows", "1")) == 2
    assert "nothing to measure" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "missing"
    assert run(arguments("--kills", "1", "--powercuts", "0", "--rows", "0", "--folder", str(folder))) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert str(folder) in line


def test_the_gates_under_test_import_nothing_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "device.py").write_text("raise SystemExit('not this one')")
    monkeypatch.chdir(tmp_path)
    assert run(arguments("--kills", "1", "--powercuts", "0", "--rows", "0", "--folder", str(tmp_path))) == 0


def test_the_large_counts_are_those_that_were_promised() -> None:
    assert FULL == {"kills": 1_000, "powercuts": 10_000, "rows": 150_000}


def test_a_row_stays_within_its_bytes_on_the_card(tmp_path: Path) -> None:
    result = measure_record(1000, tmp_path / "ledger")
    assert result.rows == 1000
    assert result.disk_bytes <= 550
    assert result.disk_bytes * 150_000 <= 80e6  # thirty days of 5,000
    assert result.sealed_bytes == 368
