"""``gate-scanner doctor``: one line for what goes wrong, an exit code, and nothing left behind."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from device.cli import main

SITE = "place: {name: Chợ Hoa, province: Huế}\npins: {driver: mock, green: 17, red: 27}\nstore: {folder: store}\n"
MEMORY = Path("/dev/shm")
FAILED = {True: 1, False: 0}


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """Put back what the command sets for its own process."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, what in before.items():
        signal.signal(number, what)


def card(*words: str | Path) -> int:
    return main(["doctor", "card", *map(str, words)])


def the_line(capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one line of a command that measured nothing."""
    told = capsys.readouterr()
    (line,) = [line for line in told.err.splitlines() if not line.startswith("writing to ")]
    assert told.out == ""
    return line


# --- card -----------------------------------------------------------------------------------------


def test_the_disk_of_the_site_files_store_is_measured_as_a_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "site.yaml").write_text(SITE, encoding="utf-8")
    (tmp_path / "store").mkdir()
    code = card("--config", tmp_path / "site.yaml", "--rows", "20")
    told = capsys.readouterr()
    assert told.err.startswith(f"writing to {tmp_path}/store/doctor-card-")
    lines = told.out.splitlines()
    assert [line.split()[0] for line in lines[::2]] == ["disk", "flush", "record", "read-back"]
    assert all(line.startswith(" " * 19) and line.strip() for line in lines[1::2]), "each has its advice"
    assert code == FAILED["FAILURE" in told.out]
    assert list((tmp_path / "store").iterdir()) == []


def test_for_machines_it_is_one_object_with_findings_and_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = card("--folder", tmp_path, "--rows", "20", "--json")
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"findings", "disk", "flush", "record", "differs"}
    assert set(told["findings"][0]) == {"name", "verdict", "told", "advice"}
    assert told["record"]["rows"] == 20
    assert code == FAILED[any(finding["verdict"] == "failure" for finding in told["findings"])]


@pytest.mark.skipif(not MEMORY.is_dir(), reason="no file system in memory here")
def test_a_folder_in_memory_is_something_to_see_to(capsys: pytest.CaptureFixture[str]) -> None:
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        assert card("--folder", folder, "--rows", "20") == 1
    out = capsys.readouterr().out
    assert "disk       FAILURE  tmpfs" in out
    assert "store.folder" in out


def test_a_site_file_that_is_not_there_names_the_other_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert card("--config", tmp_path / "site.yaml") == os.EX_CONFIG
    said = capsys.readouterr().err
    assert "there is no such file" in said
    assert "doctor card --folder DIR" in said


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert card("--folder", tmp_path / "missing") == os.EX_NOINPUT
    assert the_line(capsys).startswith(f"{tmp_path}/missing: No such file or directory")


def test_a_file_in_place_of_a_folder_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert card("--folder", tmp_path / "file") == os.EX_NOINPUT
    assert the_line(capsys) == f"{tmp_path}/file: Not a directory: choose another --folder"


def test_a_folder_of_somebody_else_says_as_whom_to_run_it(capsys: pytest.CaptureFixture[str]) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        os.seteuid(65534)
        try:
            code = card("--folder", folder)
        finally:
            os.seteuid(0)
    assert code == os.EX_NOPERM
    assert the_line(capsys) == (
        f"{folder} belongs to root; run the same again as that user: sudo -u root gate-scanner …"
    )


def test_where_nobody_may_write_it_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert card("--folder", "/sys") in {os.EX_NOPERM, os.EX_CANTCREAT}  # the latter where it is mounted read-only
    assert "/sys" in the_line(capsys)


def test_a_disk_without_room_is_one_line_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small disk")
    small = ["mount", "-t", "tmpfs", "-o", "size=16m", "gate-scanner-test", str(tmp_path)]
    if subprocess.run(small, check=False, capture_output=True).returncode != 0:
        pytest.skip("this root may not mount")
    try:
        assert card("--folder", tmp_path) == os.EX_CANTCREAT
        assert list(tmp_path.iterdir()) == []
    finally:
        subprocess.run(["umount", "-l", str(tmp_path)], check=True, capture_output=True)
    needed, free = r"free some space: 34\.1 MB must be free in .*", r"16\.8 MB are"
    assert re.search(f"{tmp_path}: No space left on device: {needed}, {free}\n", capsys.readouterr().err)


@pytest.mark.parametrize("rows", ["1", "-5", "few", "1000001"])
def test_a_count_without_percentiles_or_beyond_a_ledger_is_refused(
    rows: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        card("--rows", rows)
    assert ended.value.code == 2
    assert "from 2 to 1000000" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_check_that_is_ended_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "device", "doctor", "card", "--folder", str(tmp_path), "--rows", "100000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as doctor:
        assert doctor.stderr is not None
        assert doctor.stderr.readline().startswith(f"writing to {tmp_path}/doctor-card-")
        assert len(list(tmp_path.iterdir())) == 1
        doctor.send_signal(number)
        assert doctor.stderr.read() == ""
        assert doctor.wait(60) == 130
    assert list(tmp_path.iterdir()) == []


# --- service, help --------------------------------------------------------------------------------


def test_the_service_is_measured_for_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "service", "--seconds", "0"]) == 0
    told = capsys.readouterr()
    assert [line.split(":")[0].strip() for line in told.out.splitlines() if ":" in line] == [
        "start to ready",
        "memory",
        "memory",
        "SIGTERM to end",
    ]
    assert told.err == ""


def test_a_service_without_room_for_its_scratch_folder_is_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "device", "doctor", "service"],
        env=os.environ | {"TMPDIR": str(tmp_path)},
        preexec_fn=partial(resource.setrlimit, resource.RLIMIT_FSIZE, (1 << 20, 1 << 20)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == os.EX_CANTCREAT
    assert done.stderr == f"doctor: File too large in {tmp_path}: it needs 50 MB; set TMPDIR to a larger folder\n"
    assert list(tmp_path.iterdir()) == []


def test_the_help_has_an_example_of_each_check(capsys: pytest.CaptureFixture[str]) -> None:
    for check, example in (("card", "--folder /mnt --json"), ("service", "--seconds 30")):
        with pytest.raises(SystemExit) as ended:
            main(["doctor", check, "--help"])
        assert ended.value.code == 0
        assert f"gate-scanner doctor {check} {example}" in capsys.readouterr().out
