"""``gate-scanner check FILE``."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest

from device.cli import check, main
from device.cli.arguments import SITE
from device.hub.settings.schema import HubSettings
from device.settings.keys import fields
from device.trust.trust_list import trust_document
from tests.support.issuer import Issuer

GOLDEN = Path(__file__).parents[1] / "golden" / "complaints"
GOOD = "place: {name: Chợ Hoa, province: Huế}\npins: {green: 17, red: 27}\n"


def checked(path: Path | str, *options: str) -> int:
    parser = argparse.ArgumentParser()
    check.add_arguments(parser)
    return check.run(parser.parse_args([str(path), *options]))


def test_a_good_file_is_ok(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "site.yaml"
    file.write_text(GOOD, "utf-8")
    assert checked(file) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{file}: ok",
        "  place: Chợ Hoa (other), Huế; the gate leads in",
        "  pins: green 17, red 27",
        "  hub: none; check-ins stay here",
        "  policy: record-only-1",
    ]


def test_the_file_may_be_named_as_in_other_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "site.yaml"
    file.write_text(GOOD, "utf-8")
    assert checked("--config", str(file)) == 0
    assert capsys.readouterr().out.startswith(f"{file}: ok\n")


@pytest.mark.skipif(SITE.exists(), reason="a gate is installed here")
def test_where_no_gate_is_installed_a_file_must_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 78
    assert capsys.readouterr().out == f"{SITE}: there is none on this machine; name a file: gate-scanner check FILE\n"


def test_what_was_understood_and_what_to_look_at_again_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "site.yaml"
    file.write_text(
        "place:\n  name: Cổng #2 Trường A\n  kind: school\n  ward: Nghĩa Lộ\n  province: Quảng Ngãi\n"
        "pins: {green: 17, red: 27, relay: 5, manual_button: 6}\n"
        "hub: {url: 'https://hub.vidu.vn:8400'}\npolicy: {from: hub}\n",
        "utf-8",
    )
    assert checked(file) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[1:3] for line in said[:2]] == [["place.name", "warning"], ["pins.relay", "warning"]]
    assert said[2:] == [
        f"{file}: ok",
        "  place: Cổng (school), Nghĩa Lộ, Quảng Ngãi; the gate leads in",
        "  pins: green 17, red 27, relay 5, manual_button 6",
        "  hub: https://hub.vidu.vn:8400",
        "  policy: the hub says",
    ]


@pytest.mark.parametrize(
    ("hub", "address"),
    [
        ("", "localhost"),
        ("hub: {url: 'https://hub.example.vn'}\n", ""),
        ("hub: {url: 'https://10.1.2.3:8400'}\n", "10.1.2.3"),
        ("hub: {url: 'https://[2001:db8::7]'}\n", "2001:db8::7"),
        ("hub: {url: 'http://127.0.0.1:8400'}\n", "localhost"),
    ],
)
def test_the_only_address_a_gate_needs_is_told_when_there_is_one(
    hub: str, address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "site.yaml"
    file.write_text(GOOD + hub, "utf-8")
    assert checked(file, "--hub-address") == 0
    assert capsys.readouterr() == (f"{address}\n", "")


def test_every_mistake_is_a_line_on_stdout_and_the_code_is_78(capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(GOLDEN / "pins.yaml") == 78
    expected = (GOLDEN / "pins.txt").read_text("utf-8").replace("site.yaml", str(GOLDEN / "pins.yaml"))
    assert capsys.readouterr() == (expected, "")


@pytest.mark.parametrize(
    "content", [None, b"\xff\xfe", b"", b"[" * 1_000, b"#" * 1_000_000, b"!!python/object:x", b"\0"]
)
def test_a_hopeless_file_is_one_line_and_78(
    content: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "site.yaml"
    if content is not None:
        file.write_bytes(content)
    assert checked(file) == 78
    assert capsys.readouterr().out.count("\n") == 1


def test_a_folder_is_one_line_and_78(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(tmp_path) == 78
    assert capsys.readouterr().out == f"{tmp_path}:1:1: file: this is a folder; name the YAML file in it\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_one_line_and_78(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "site.yaml"
    file.write_text(GOOD, "utf-8")
    file.chmod(0)
    assert checked(file) == 78
    assert "not allowed to read it" in capsys.readouterr().out


def test_a_terminal_without_vietnamese_letters_gets_escapes(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    file.write_text(GOOD + "tiếng: Việt\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "device", "check", str(file)],
        env={"PYTHONIOENCODING": "ascii", "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (78, b"")
    assert b":3:1: ti\\u1ebfng: unknown key" in done.stdout


def test_a_policy_is_told_from_a_site_and_checked_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: shop-1\nvalid_from: 2021-10-07\n", "utf-8")
    assert checked(policy) == 0
    assert capsys.readouterr().out.startswith(f"{policy}: ok\n  policy shop-1: takes national-code, ")
    policy.write_text("version: shop-1\nvalid_from: 2021-10-07\nclosed: red\n", "utf-8")
    assert checked(policy) == 78
    assert f"{policy}:3:9: closed: write grant, refer or deny (got 'red')\n" in capsys.readouterr().out


def test_what_a_policy_says_of_days_people_and_lists_is_told_as_it_was_understood(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(
        "version: shop-1\nvalid_from: 2031-10-07\ncapacity: {most: 1200}\nroster: {}\n"
        'hours: [{days: [tue, mon], from: "07:00", to: "05:30"}, {days: [sun], from: "08:00", to: "24:00"}]\n',
        "utf-8",
    )
    assert checked(policy) == 0
    assert capsys.readouterr().out.splitlines()[2:] == [
        "  in force from 2031-10-07 00:00+07:00",
        "  open mon, tue 07:00 to 05:30 of the next day; sun 08:00 to 24:00",
        "  at most 1,200 inside",
        "  asks the hub's roster",
    ]


def test_a_site_is_checked_with_the_policy_it_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(GOOD + "policy: {file: rules.yaml}\n", "utf-8")
    (tmp_path / "rules.yaml").write_text("version: 1\n", "utf-8")
    assert checked(site) == 78
    assert capsys.readouterr().out.startswith(f"{tmp_path / 'rules.yaml'}:1:1: ")


def test_a_trust_list_is_checked_alone_and_with_the_site_that_names_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site, trust = tmp_path / "site.yaml", tmp_path / "trust.json"
    site.write_text(GOOD + "trust: {file: trust.json}\n", "utf-8")
    trust.write_text(trust_document([Issuer.es256().trusted()]), "utf-8")
    for file in (site, trust):
        assert checked(file) == 0
    trust.write_text('[\n{"kid": "AAAA", "alg": "ES256"}\n]\n', "utf-8")
    capsys.readouterr()
    for file in (site, trust):
        assert checked(file) == 78
        assert capsys.readouterr().out == f"{trust}:2:1: [1].key: missing\n"


def test_what_a_site_names_and_is_not_there_is_a_mistake_and_on_another_machine_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(
        GOOD
        + "camera: {source: replay, replay: {path: photos}}\nhub: {url: 'https://hub.vidu.vn', ca_file: ca.pem}\n"
        + "policy: {file: rules.yaml}\ntrust: {file: trust.json}\n",
        "utf-8",
    )
    assert checked(site) == 78
    told = [line.removeprefix(f"{site}:").split(": ")[:2] for line in capsys.readouterr().out.splitlines()]
    assert told == [
        ["3:41", "camera.replay.path"],
        ["4:44", "hub.ca_file"],
        ["5:16", "policy.file"],
        ["6:15", "trust.file"],
    ]
    assert checked(site, "--elsewhere") == 0
    assert capsys.readouterr().out.startswith(f"{site}: ok\n")


def test_on_another_machine_a_policy_that_lies_beside_is_still_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(GOOD + "policy: {file: rules.yaml}\n", "utf-8")
    (tmp_path / "rules.yaml").write_text("version: 1\n", "utf-8")
    assert checked(site, "--elsewhere") == 78
    assert f"{tmp_path / 'rules.yaml'}:1:1: valid_from: missing" in capsys.readouterr().out


@pytest.mark.parametrize("options", [(), ("--elsewhere",)])
def test_the_example_and_a_store_without_a_place_are_refused_on_every_machine(
    options: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(GOOD.replace("Chợ Hoa", "Trường THPT Hoa Phượng") + "store: {folder: data}\n", "utf-8")
    assert checked(site, *options) == 78
    told = capsys.readouterr().out.splitlines()
    assert [line.removeprefix(f"{site}:").split(": ")[:2] for line in told] == [
        ["1:15", "place.name"],
        ["3:17", "store.folder"],
    ]


def test_a_hubs_settings_are_known_by_name_or_keys_and_told_as_they_were_understood(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pw").write_text("geheim")
    (tmp_path / "pw").chmod(0o600)
    text = (
        "names: [hub.vn]\ndatabase:\n  url: postgresql+psycopg://hub@db.vn/gates\n  password_file: pw\n"
        "listen: [{address: '0.0.0.0:8400'}]\nworkers: 2\nmetrics: off\n"
    )
    for name in ("hub.yaml", "of-the-desk.yaml"):
        file = tmp_path / name
        file.write_text(text, "utf-8")
        assert checked(file) == 0
        assert capsys.readouterr().out.splitlines() == [
            f"{file}: ok",
            "  hub: hub.vn; all",
            "  2 processes listen on https://0.0.0.0:8400",
            "  database: postgresql+psycopg://hub@db.vn/gates",
            "  who came can be read for 21 days",
            "  metrics: nowhere",
            "  pages for people: https://127.0.0.1:8443",
            "  alerts: only on the page",
            "  phones of people who come: no address that phones trust: hub.yaml has no people.url",
            (
                "  phones of people who come: Pages for staff work on this network all the same. Self check-in, pages "
                "with a camera and whatever else needs an address that phones trust stay off."
            ),
        ]


def test_a_mistake_in_a_hubs_settings_is_told_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "hub.yaml"
    file.write_text("naems: [hub.vn]\nrole: gate\n", "utf-8")
    assert checked(file) == os.EX_CONFIG
    assert capsys.readouterr().out.splitlines() == [
        f"{file}:1:1: naems: unknown key; did you mean names?",
        f"{file}:2:7: role: write ingest, desk or all (got 'gate')",
    ]


def test_a_password_file_is_looked_for_on_the_hub_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "hub.yaml"
    file.write_text("names: [a.vn]\ndatabase: {url: 'postgresql+psycopg://h@d/g', password_file: pw}\n", "utf-8")
    assert checked(file, "--elsewhere") == 0
    capsys.readouterr()
    assert checked(file) == os.EX_CONFIG
    told = f"{file}:2:62: database.password_file: {tmp_path / 'pw'}: cannot be read (No such file or directory)\n"
    assert capsys.readouterr().out == told


def test_settings_from_before_that_lie_beside_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "hub.yaml"
    file.write_text("names: [a.vn]\n", "utf-8")
    (tmp_path / "hub.json").write_text('{"retention_days": 3}')
    assert checked(file) == 0
    assert f"{file}:1:1: file: hub.json lies beside it, from before" in capsys.readouterr().out


def test_a_folder_of_the_daily_export_that_is_not_there_is_told_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "hub.yaml"
    file.write_text("names: [a.vn]\nexport: {folder: daily}\n")
    assert checked(file) == os.EX_CONFIG
    assert capsys.readouterr().out == f"{file}:2:18: export.folder: there is no such folder\n"
    assert checked(file, "--elsewhere") == 0
    (tmp_path / "daily").mkdir()
    assert checked(file) == 0
    assert f"each day's coverage goes into {tmp_path / 'daily'}" in capsys.readouterr().out


def test_what_check_knows_of_hub_yaml_are_its_top_keys() -> None:
    assert set(check.HUB_KEYS) == set(fields(HubSettings))
