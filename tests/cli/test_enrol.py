from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from device.cli import main
from device.clock import SystemClock
from device.enrolment import document as enrolment
from device.enrolment.code import new_code
from device.hub.db.database import HubDatabase
from device.hub.folder import HubFolder
from tests.support.fake_server import HubThread

SITE = """
place: {{name: Chợ Mẫu, province: Quảng Ngãi}}
camera: {{source: replay, replay: {{path: .}}}}
pins: {{driver: mock, green: 17, red: 27}}
store: {{folder: store}}
{hub}
"""


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubThread]:
    with HubThread(HubFolder.create(tmp_path / "hub", SystemClock())) as hub:
        yield hub


def site(tmp_path: Path, hub: str) -> str:
    path = tmp_path / "site.yaml"
    path.write_text(SITE.format(hub=hub), encoding="utf-8")
    return str(path)


def gates(store: HubDatabase) -> list[str]:
    return [gate.device_id for gate in store.gates()]


def test_a_code_enrols_the_gate_of_a_site_file(
    tmp_path: Path, hub: HubThread, capsys: pytest.CaptureFixture[str]
) -> None:
    code = hub.store.new_code("Cổng A")
    assert main(["enrol", code.letters, "--config", site(tmp_path, f"hub: {{url: '{hub.url}'}}")]) == 0
    found = enrolment.read(tmp_path / "store" / "enrolment.json")
    assert found is not None
    assert gates(hub.store) == [found.device_id]
    assert found.device_id in capsys.readouterr().out


def test_a_code_may_come_on_standard_input(tmp_path: Path, hub: HubThread, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(hub.store.new_code("Cổng A").letters + "\n"))
    assert main(["enrol", "-", "--config", site(tmp_path, f"hub: {{url: '{hub.url}'}}")]) == 0
    assert len(gates(hub.store)) == 1


def test_a_letter_too_few_is_said_before_anything_is_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["enrol", "GATE-SCAN", "--config", str(tmp_path / "none.yaml")]) == 2
    said = capsys.readouterr().err
    assert "17" in said
    assert "GATE" not in said


def test_a_code_the_hub_does_not_know_says_where_to_get_another(
    tmp_path: Path, hub: HubThread, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["enrol", new_code().letters, "--config", site(tmp_path, f"hub: {{url: '{hub.url}'}}")]) == 1
    assert "gate-scanner hub code" in capsys.readouterr().err


def test_a_hub_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["enrol", new_code().letters, "--config", site(tmp_path, "hub: {url: 'http://127.0.0.1:9'}")]) == 1
    assert "not enrolled: nothing listens there" in capsys.readouterr().err


def test_a_gate_that_works_alone_is_told_so_and_what_to_add_for_a_hub(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = site(tmp_path, "")
    assert main(["enrol", new_code().letters, "--config", file]) == 78
    assert capsys.readouterr().err == (
        f"{file}: by it this gate works alone. If it shall have a hub, add there: hub: {{url: …}}, as "
        "`gate-scanner hub code` prints it on the hub\n"
    )


def test_a_gate_whose_check_ins_go_to_a_webhook_is_told_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys = "url: 'https://records.vidu.vn/x', fields: [time], secret_file: s, private_key_file: k"
    file = site(tmp_path, f"sync: {{kind: webhook, webhook: {{{keys}}}}}")
    assert main(["enrol", new_code().letters, "--config", file]) == 78
    assert "by it the check-ins go to a webhook (sync.kind), so this gate has no hub" in capsys.readouterr().err


def test_a_code_in_the_site_file_is_a_secret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    letters = new_code().letters
    wrong = letters[:-1] + ("A" if letters[-1] != "A" else "B")
    path = site(tmp_path, f"hub: {{url: 'http://127.0.0.1:9', enrol_code: {wrong}}}")
    assert main(["check", path]) == 78
    said = capsys.readouterr().out
    assert "hub.enrol_code: a letter of the enrolment code is wrong" in said
    assert wrong not in said
