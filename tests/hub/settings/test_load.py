"""``hub.yaml``: each mistake has its line, and a password is shown nowhere."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.errors import Complaints, ConfigurationError
from device.hub.connections import Limits
from device.hub.settings.load import load_settings, parse_settings, url_with_password
from device.hub.settings.schema import HubSettings, LimitsSection, Role
from device.hub.settings.values import Address

POSTGRES = "names: [hub.vn]\ndatabase:\n  url: postgresql+psycopg://gate_hub@db.vn:5433/gates?sslmode=verify-full\n"


def settings_of(text: str) -> HubSettings:
    return parse_settings(text)[0]


def refused(text: str) -> list[str]:
    with pytest.raises(Complaints) as caught:
        parse_settings(text)
    return str(caught.value).splitlines()


def test_names_alone_are_enough_and_the_rest_is_a_hub_for_this_machine() -> None:
    settings = settings_of("names: [Hub.Example.vn, '::1']")
    assert settings.names == ("hub.example.vn", "::1")
    assert (settings.role, settings.workers, settings.retention_days) == (Role.ALL, 1, 21)
    assert [(door.address, door.tls) for door in settings.listen] == [(Address("127.0.0.1", 8400), False)]
    assert settings.metrics == Address("127.0.0.1", 9464)
    assert settings.database.url is None


def test_limits_that_are_not_written_are_those_a_hub_has_by_itself() -> None:
    assert LimitsSection().as_limits() == Limits()
    written = settings_of("names: [a.vn]\nlimits: {head: 3s, answer: 1h, address_connections: 1000}").limits.as_limits()
    assert (written.head_s, written.answer_s, written.an_address) == (3.0, 3600.0, 1000)


def test_the_daily_export_is_off_until_a_folder_is_named() -> None:
    assert (settings_of("names: [a.vn]").export.folder, settings_of("names: [a.vn]").export.time) == (None, 180)
    export = settings_of("names: [a.vn]\nexport: {folder: daily, time: '23:59'}").export
    assert (export.folder, export.time) == (Path("daily"), 1439)
    for wrong in ("24:00", "7:00", "07:60", "7h", "''"):
        told = refused(f"names: [a.vn]\nexport: {{time: '{wrong.strip(chr(39))}'}}")
        assert "export.time: write a time of the day, like 03:00" in told[0]


def test_several_listeners_are_each_with_tls_or_without() -> None:
    text = "names: [a.vn]\nlisten:\n- address: 0.0.0.0:8400\n- {address: '[::1]:8401', tls: false}\n"
    doors = settings_of(text).listen
    assert [(str(door.address), door.tls) for door in doors] == [("0.0.0.0:8400", True), ("[::1]:8401", False)]
    assert [door.address.is_for_this_machine for door in doors] == [False, True]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("naems: [a.vn]", "1:1: naems: unknown key; did you mean names?"),
        ("retention_days: 3", "1:1: names: missing; write it, like names: [hub.example.vn, 192.168.1.20]"),
        ("names: [a_b]", "1:9: names[1]: write a host name like hub.example.vn, or an IP address (got 'a_b')"),
        ("names: []", "1:8: names: list at least one"),
        ("names: [a.vn]\nretention_days: 0", "2:17: retention_days: write a whole number from 1 to 3650 (got 0)"),
        ("names: [a.vn]\nlimits: {haed: 3s}", "2:10: limits.haed: unknown key; did you mean head?"),
        ("names: [a.vn]\nlimits: {head: 3}", "2:16: limits.head: write a number with a unit, like 30s (got '3')"),
        ("names: [a.vn]\nrole: gate", "2:7: role: write ingest, desk or all (got 'gate')"),
        (
            "names: [a.vn]\nlisten: [{address: 0.0.0.0}]",
            "2:20: listen[1].address: write host and port, like 0.0.0.0:8400 or [::]:8400 (got '0.0.0.0')",
        ),
        (
            "names: [a.vn]\nmetrics: 1.2.3.4:99999",
            "2:10: metrics: write a port from 1 to 65535 after the colon (got '1.2.3.4:99999')",
        ),
        (
            "names: [a.vn]\nmetrics: 0.0.0.0:8400\nlisten: [{address: '0.0.0.0:8400'}]",
            "2:10: metrics: listened to already; write another address or port",
        ),
        ("names: [a.vn]\nworkers: 2", "2:10: workers: SQLite has one writer: write 1, or a database.url of PostgreSQL"),
        (
            "names: [a.vn]\nrole: ingest",
            "2:7: role: an ingest host has no database of its own: write a database.url of PostgreSQL",
        ),
        (
            "names: [a.vn]\ndatabase: {password_file: pw}",
            "2:12: database.password_file: SQLite has no password; remove the line",
        ),
        (
            "names: [a.vn]\ndatabase: {url: 'postgresql://a@b/c'}",
            "2:17: database.url: write postgresql+psycopg:// at its beginning",
        ),
        (
            "names: [a.vn]\ndatabase: {url: 'postgresql+psycopg://a@b'}",
            "2:17: database.url: write the name of the database at its end, behind a /",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line_and_what_to_write(text: str, told: str) -> None:
    assert refused(text) == [f"hub.yaml:{told}"]


def test_every_mistake_is_told_at_once() -> None:
    told = refused("names: [a_b]\nrole: x\nworkers: 0\nlimits: {body: never}\n")
    assert [line.split(": ")[1] for line in told] == ["names[1]", "role", "workers", "limits.body"]


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://u:geheim@h/d",
        "postgresql+psycopg://h/d?password=geheim",
        "mysql://u:geheim@h/d",
        "postgresql+psycopg://u:geheim@h:x/d",
        "geheim",
        "postgresql+psycopg://u:geheim @h/d",
    ],
)
def test_a_password_in_the_url_is_refused_and_not_repeated(url: str) -> None:
    (told,) = refused(f"names: [a.vn]\ndatabase: {{url: '{url}'}}")
    assert told.startswith("hub.yaml:2:17: database.url: ")
    assert "geheim" not in told


def test_the_password_comes_from_its_file_and_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("geheim\n")
    (tmp_path / "pw").chmod(0o640)
    (tmp_path / "hub.yaml").write_text(f"{POSTGRES}  password_file: pw\nworkers: 4\nrole: ingest\n")
    settings = load_settings(tmp_path / "hub.yaml")
    url = url_with_password(settings)
    assert url is not None
    assert (url.password, url.port, url.query["sslmode"]) == ("geheim", 5433, "verify-full")
    assert "geheim" not in f"{url} {settings!r}"


@pytest.mark.parametrize(
    ("content", "mode", "told"),
    [
        (None, 0o600, "cannot be read (No such file or directory)"),
        (b"geheim", 0o644, "others may read it or write to it; chmod 640"),
        (b"geheim", 0o660, "others may read it or write to it; chmod 640"),
        (b"", 0o600, "must hold a password, one line"),
        (b"two\nlines", 0o600, "must hold a password, one line"),
        (b"\xff", 0o600, "must hold a password, one line"),
        (b"x" * 2000, 0o600, "must hold a password, one line"),
    ],
)
def test_a_password_file_that_cannot_be_used_is_named(
    tmp_path: Path, content: bytes | None, mode: int, told: str
) -> None:
    if content is not None:
        (tmp_path / "pw").write_bytes(content)
        (tmp_path / "pw").chmod(mode)
    (tmp_path / "hub.yaml").write_text(f"{POSTGRES}  password_file: pw\n")
    with pytest.raises(ConfigurationError) as caught:
        url_with_password(load_settings(tmp_path / "hub.yaml"))
    assert f"{tmp_path / 'pw'}: {told}" in str(caught.value)


@given(st.text(max_size=80))
def test_whatever_stands_as_a_value_is_right_or_a_mistake(text: str) -> None:
    quoted = text.replace("'", "''")
    for key in ("database: {url: '%s'}", "metrics: '%s'", "names: ['%s']", "listen: [{address: '%s'}]"):
        with suppress(Complaints):
            settings = settings_of(("" if key.startswith("names") else "names: [a.vn]\n") + key % quoted)
            assert all(settings.names)
