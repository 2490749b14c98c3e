"""The headless service as systemd starts it: a real process, its signals, its exit codes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import segno

from device.enrolment import document as enrolment
from device.store.reading import LedgerReader
from tests.support.fake_enrolment import enrolled

CARD = "051090001234||Nguyễn Văn Thử|05031990|Nam|Tổ 3, Nghĩa Lộ|15042021"
SITE = """
place: {name: Chợ Mẫu, province: Quảng Ngãi}
camera: {source: replay, replay: {path: codes}}
pins: {driver: mock, green: 17, red: 27, buzzer: 22}
store: {folder: STORE, volatile_ok: true}
"""


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "device", *arguments]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "codes").mkdir()
    segno.make(CARD, micro=False, encoding="utf-8", eci=False).save(str(tmp_path / "codes" / "a.png"), scale=6)
    (tmp_path / "store").mkdir()
    enrolment.write(tmp_path / "store" / "enrolment.json", enrolled("gate-0001"))
    (tmp_path / "site.yaml").write_text(SITE.replace("STORE", f"{tmp_path}/store"), encoding="utf-8")
    return tmp_path / "site.yaml"


@contextmanager
def service(site: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], socket.socket]]:
    """The service, under *options* of Python, and the socket on which systemd would listen."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
        notified.bind(str(site.parent / "notify"))
        notified.settimeout(60)
        environment = os.environ | {"NOTIFY_SOCKET": str(site.parent / "notify")}
        process = subprocess.Popen(
            [sys.executable, *options, "-m", "device", "run", "--config", str(site)],
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield process, notified
        finally:
            process.kill()
            process.communicate()


def heard_until(notified: socket.socket, wanted: bytes) -> list[bytes]:
    heard = [notified.recv(4096)]
    while heard[-1] != wanted:
        heard.append(notified.recv(4096))
    return heard


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_service_in_order_and_nothing_is_lost(site: Path, number: signal.Signals) -> None:
    with service(site) as (process, notified):
        heard_until(notified, b"READY=1")
        assert process.stderr is not None
        answer = next(line for line in process.stderr if " event=checked-in " in line)
        process.send_signal(number)
        heard_until(notified, b"STOPPING=1")
        assert process.wait(30) == 0
    assert " seq=1 " in answer
    with LedgerReader(site.parent / "store") as ledger:
        assert [row.seq for row in ledger.rows()] == [1]


def test_the_watchdog_is_fed_while_the_service_runs(site: Path) -> None:
    with service(site) as (_, notified):
        heard_until(notified, b"READY=1")
        heard_until(notified, b"WATCHDOG=1")
        heard_until(notified, b"WATCHDOG=1")


def test_a_watchdog_that_systemd_does_not_keep_is_an_error_at_the_start(site: Path) -> None:
    with service(site) as (process, _):
        assert process.stderr is not None
        fault = next(line for line in process.stderr if " event=watchdog-fault " in line)
    assert fault.startswith("ERROR ")
    assert "WatchdogSec=10" in fault


def test_the_service_imports_nothing_that_only_a_terminal_or_a_hub_needs(site: Path) -> None:
    with service(site, "-X", "importtime") as (process, notified):
        heard_until(notified, b"READY=1")
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        told = [line.rpartition("|")[2].strip() for line in process.stderr if line.startswith("import time:")]
    imported = {name.split(".")[0] for name in told}
    assert {"device", "pydantic", "gpiozero"} <= imported
    assert imported & {"rich", "shtab", "pygments", "sqlalchemy", "fastapi", "segno", "PIL", "numpy"} == set()


def test_no_line_of_the_log_carries_what_the_code_says(site: Path) -> None:
    with service(site) as (process, _):
        assert process.stderr is not None
        log = []
        for line in process.stderr:
            log.append(line)
            if " event=checked-in " in line:
                break
        process.send_signal(signal.SIGTERM)
        log += process.stderr.readlines()
    told = "".join(log)
    assert "event=checked-in seq=1 " in told
    for piece in CARD.split("|"):
        assert not piece or piece not in told


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), capture_output=True, text=True, timeout=60, check=False)


def test_a_site_file_with_mistakes_ends_with_78_and_every_line(site: Path) -> None:
    right = site.read_text("utf-8")
    site.write_text(right.replace("green: 17", "green: 017").replace("province", "provinze"), encoding="utf-8")
    done = run("run", "--config", str(site))
    assert done.returncode == 78
    assert "site.yaml:4:29: pins.green: write the BCM number without leading zeros" in done.stderr
    assert "did you mean province?" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_without_pictures_ends_with_78_and_names_the_key(site: Path) -> None:
    (site.parent / "codes" / "a.png").unlink()
    done = run("run", "--config", str(site))
    assert done.returncode == 78
    assert done.stderr.splitlines()[-1] == (
        f"{site}:3:41: camera.replay.path: the folder holds no pictures; name one with PNG or JPEG files"
    )


def test_files_that_are_not_there_end_with_78_and_the_line_that_names_each(site: Path) -> None:
    with site.open("a", encoding="utf-8") as file:
        file.write("hub: {url: 'https://hub.vidu.vn', ca_file: nowhere.pem}\npolicy: {file: rules.yaml}\n")
    done = run("run", "--config", str(site))
    assert done.returncode == 78
    assert done.stderr.splitlines()[-2:] == [
        f"{site}:6:44: hub.ca_file: there is no file {site.parent}/nowhere.pem; put it there, or correct the path",
        f"{site}:7:16: policy.file: there is no file {site.parent}/rules.yaml; put it there, or correct the path",
    ]


def test_the_example_and_a_store_that_does_not_stay_are_refused_with_their_lines(site: Path) -> None:
    right = site.read_text("utf-8")
    site.write_text(right.replace("Chợ Mẫu", "Trường THPT Hoa Phượng").replace(", volatile_ok: true", ""), "utf-8")
    done = run("run", "--config", str(site))
    assert done.returncode == 78
    assert [line.split(": ")[:2] for line in done.stderr.splitlines()[-2:]] == [
        [f"{site}:2:15", "place.name"],
        [f"{site}:5:17", "store.folder"],
    ]


def test_safe_pins_puts_every_output_to_its_safe_level_and_ends(site: Path) -> None:
    assert run("safe-pins", "--config", str(site)).returncode == 0
    site.write_text("pins: 1", encoding="utf-8")
    assert run("safe-pins", "--config", str(site)).returncode == 78


def test_the_version_and_an_unknown_command() -> None:
    assert run("--version").stdout.startswith("gate-scanner 0.")
    assert run("opne").returncode == 2
    assert run().returncode == 2
