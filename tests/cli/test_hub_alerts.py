"""``hub alerts``: what is wrong on the command line, a test message, and what signs messages."""

from __future__ import annotations

import json
import stat
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert

from device.cli import main
from device.clock import SystemClock
from device.hub.db.alert_tables import alerts
from device.hub.folder import HubFolder
from device.words import LANGUAGES
from tests.support.fake_mail import MailServer
from tests.support.fake_webhook import WebhookServer

GATE = "Cổng chính trường THPT Hoa Phượng"


@pytest.fixture
def hub(tmp_path: Path) -> HubFolder:
    return HubFolder.create(tmp_path / "hub", SystemClock())


@pytest.fixture
def wrong(hub: HubFolder) -> HubFolder:
    """A hub with a silent gate, and a backup that was too old and is no more."""
    device_id = hub.add_gate(GATE).device_id
    silent = {"rule": "silent", "subject": device_id, "device_id": device_id, "ended_ms": None, "detail": ""}
    backup = {"rule": "hub", "subject": "backup", "device_id": None, "ended_ms": 1_767_600_000_000, "detail": "9"}
    with closing(hub.open_store()) as store, store.begin() as connection:
        at = {"began_ms": 1_767_571_200_000, "since_ms": 1_767_570_000_000, "again": 0}
        connection.execute(insert(alerts), [{**silent, **at}, {**backup, **at}])
    return hub


def write(hub: HubFolder, text: str) -> None:
    """Write ``alerts:`` into ``hub.yaml``."""
    before = (hub.path / "hub.yaml").read_text("utf-8").partition("\nalerts:")[0]
    (hub.path / "hub.yaml").write_text(f"{before}\nalerts:\n{text}", "utf-8")


def run(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    capsys.readouterr()
    assert main(["hub", "alerts", *words]) == code
    return capsys.readouterr().out


def test_where_nothing_is_wrong_it_says_so_and_that_nobody_is_told(
    hub: HubFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, str(hub.path)).splitlines() == [
        "nothing is wrong",
        "nobody is told: there is neither webhook nor mail under alerts: in hub.yaml",
    ]


def test_what_is_wrong_stands_in_a_table_and_what_is_over_only_with_all(
    wrong: HubFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    told = run(capsys, str(wrong.path))
    assert GATE in told
    assert "gate silent: look at its power and its network; it keeps what it records" in told
    assert "backup" not in told
    assert "the last backup is too old" in run(capsys, str(wrong.path), "--all")


def test_for_machines_it_is_one_object(wrong: HubFolder, capsys: pytest.CaptureFixture[str]) -> None:
    write(wrong, "  webhook: {url: 'http://127.0.0.1:9/', secret_file: alerts.secret}\n")
    found = json.loads(run(capsys, str(wrong.path), "--json", "--all"))
    silent, backup = found["alerts"]
    assert (silent["rule"], silent["name"], silent["since"], silent["ended"]) == (
        "silent",
        GATE,
        "2026-01-04T23:40:00Z",
        None,
    )
    assert (backup["subject"], backup["ended"]) == ("backup", "2026-01-05T08:00:00Z")
    assert found["sinks"] == [
        {"sink": "webhook", "told_ms": None, "waiting": 0, "since_ms": None, "tries": 0, "error": ""}
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_speaks_every_language(wrong: HubFolder, capsys: pytest.CaptureFixture[str], language: str) -> None:
    assert ("mất liên lạc" in run(capsys, str(wrong.path), "--lang", language)) is (language == "vi")


def test_a_test_message_goes_to_all_and_one_that_fails_is_told_with_its_reason(
    hub: HubFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "nobody is told" in run(capsys, "test", str(hub.path))
    write(hub, "  webhook: {url: 'http://127.0.0.1:9/', secret_file: alerts.secret}\n")
    assert run(capsys, "secret", str(hub.path)).startswith(f"{hub.path}/alerts.secret: made\n")
    secret_file = hub.path / "alerts.secret"
    secret = secret_file.read_text().strip()
    assert stat.S_IMODE(secret_file.stat().st_mode) == 0o600
    assert "made" not in run(capsys, "secret", str(hub.path))
    assert secret_file.read_text().strip() == secret
    with WebhookServer(secret) as webhook, MailServer() as mail:
        write(
            hub,
            f"  webhook: {{url: '{webhook.url}', secret_file: alerts.secret}}\n"
            f"  mail: {{server: 127.0.0.1, port: {mail.port}, from: hub@example.vn, to: [guard@example.vn]}}\n",
        )
        assert main(["check", str(hub.path / "hub.yaml")]) == 0
        told = run(capsys, "test", str(hub.path)).splitlines()
    assert told == ["webhook: took a test message", "mail: took a test message"]
    assert [document["kind"] for document in webhook.taken.values()] == ["test"]
    assert mail.mails[0]["Subject"].endswith("tin thử")
    told = run(capsys, "test", str(hub.path), code=1).splitlines()
    assert told == [f"{sink}: it cannot be reached: check its address and the network" for sink in ("webhook", "mail")]


def test_a_secret_that_is_spoilt_is_not_replaced(hub: HubFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "secret", str(hub.path), code=1) == "there is no webhook under alerts: in hub.yaml\n"
    write(hub, "  webhook: {url: 'http://127.0.0.1:9/', secret_file: alerts.secret}\n")
    (hub.path / "alerts.secret").write_text("short")
    (hub.path / "alerts.secret").chmod(0o600)
    assert main(["hub", "alerts", "secret", str(hub.path)]) == 78
    assert "must hold 16 to 256 characters" in capsys.readouterr().err
    assert (hub.path / "alerts.secret").read_text() == "short"


def test_check_says_where_messages_go_and_finds_a_file_that_is_missing(
    hub: HubFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(hub.path / "hub.yaml")
    assert main(["check", file]) == 0
    assert "  alerts: only on the page\n" in capsys.readouterr().out
    write(
        hub,
        "  webhook: {url: 'https://a.vn/x', secret_file: alerts.secret, ca_file: ca.pem}\n"
        "  mail: {server: mail.vn, from: a@b.vn, to: [c@d.vn, e@f.vn], user: a, password_file: mail.password}\n",
    )
    assert main(["check", file, "--elsewhere"]) == 0
    told = capsys.readouterr().out
    assert "  alerts: to the webhook at a.vn\n  alerts: by mail to 2 addresses, through mail.vn\n" in told
    assert main(["check", file]) == 78
    told = capsys.readouterr().out
    assert [line.split(": ")[1] for line in told.splitlines()] == [
        "alerts.webhook.secret_file",
        "alerts.webhook.ca_file",
        "alerts.mail.password_file",
    ]
