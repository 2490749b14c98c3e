from __future__ import annotations

import os
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from device.app.accounts import Account, Installed
from device.app.preflight import check_files, check_for_gate
from device.enrolment import document as enrolment
from device.errors import Complaints, ConfigurationError
from device.settings.load import parse
from device.settings.located import read
from device.uplink import webhook_keys
from device.uplink.webhook_keys import KeyFiles
from tests.support.authority import authority
from tests.support.fake_enrolment import enrolled
from tests.support.site_files import SITE, SYNC

HUB = "hub: {url: 'https://hub.vidu.vn', ca_file: hub.pem}\n"
CAMERA = "camera: {source: replay, replay: {path: .}}"
OWNER = Account("gate-scanner", os.geteuid(), frozenset())
STRANGER = Account("gate-scanner", os.geteuid() + 4_242, frozenset({os.getegid() + 4_242}))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a picture to show."""
    (tmp_path / "a.png").touch()
    return tmp_path


def check(folder: Path, text: str = SITE) -> None:
    check_files(parse(text, folder=folder))


def told(folder: Path, text: str, user: Account | None = None) -> list[str]:
    """Return the mistakes that `check` tells, without the name of the file."""
    gate = None if user is None else Installed(user, user)
    try:
        check_for_gate(parse(text, folder=folder), read(text, "site.yaml"), gate)
    except Complaints as mistakes:
        return str(mistakes).replace(f"{folder}/", "").replace("site.yaml:", "").splitlines()
    return []


def test_a_site_whose_files_are_all_there_passes(folder: Path) -> None:
    authority(folder / "tls").ca_file.rename(folder / "hub.pem")
    (folder / "rules.yaml").write_text("version: shop-1\nvalid_from: 2021-10-07\n", "utf-8")
    text = SITE + HUB + "policy: {file: rules.yaml}\n"
    check(folder, text)
    assert told(folder, text) == []


def test_every_file_that_is_not_there_is_told_with_the_line_that_names_it(folder: Path) -> None:
    text = SITE + HUB + "policy: {file: rules.yaml}\ntrust: {file: a.png/trust.json}\n"
    put = "; put it there, or correct the path"
    assert told(folder, text.replace("path: .", "path: photos")) == [
        "3:41: camera.replay.path: no such file or folder",
        f"6:44: hub.ca_file: there is no file hub.pem{put}",
        f"7:16: policy.file: there is no file rules.yaml{put}",
        f"8:15: trust.file: there is no file a.png/trust.json{put}",
    ]
    with pytest.raises(ConfigurationError, match=r"^hub\.ca_file: there is no file .*/hub\.pem; put it there"):
        check(folder, text)


def test_a_folder_in_the_place_of_a_file_is_named(folder: Path) -> None:
    for name in ("hub.pem", "rules.yaml", "trust.json"):
        (folder / name).mkdir()
    found = told(folder, SITE + HUB + "policy: {file: rules.yaml}\ntrust: {file: trust.json}\n")
    assert [line.partition(" is a folder; ")[2] for line in found] == ["name the file itself"] * 3


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "rules.yaml")
    assert told(folder, SITE + "policy: {file: rules.yaml}\n") == [
        "6:16: policy.file: rules.yaml is no file; name the file itself"
    ]


def test_frames_that_will_come_through_a_pipe_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "frames")
    check(tmp_path, SITE.replace("path: .", "path: frames"))


@pytest.mark.parametrize("content", ["-----BEGIN CERTIFICATE-----\n", "", "\n", "Hải Phòng"])
def test_a_file_that_holds_no_certificate_is_told(folder: Path, content: str) -> None:
    (folder / "hub.pem").write_text(content, "utf-8")
    assert told(folder, SITE + HUB) == ["6:44: hub.ca_file: hub.pem holds no certificates in PEM"]


def test_a_webhook_without_its_files_is_told_how_to_make_them(folder: Path) -> None:
    make = "; make it with: gate-scanner webhook init"
    assert told(folder, SITE + SYNC) == [
        f"12:18: sync.webhook.secret_file: there is no file keys/secret{make}",
        f"13:23: sync.webhook.private_key_file: there is no file keys/private.key{make}",
    ]


def test_a_webhook_whose_key_is_not_that_of_the_gate_is_told(folder: Path) -> None:
    (folder / "keys").mkdir()
    (folder / "store").mkdir()
    made, _ = webhook_keys.make(KeyFiles(folder / "keys/private.key", folder / "keys/secret"), folder / "store")
    assert told(folder, SITE + SYNC) == []
    enrolment.write(folder / "store" / "enrolment.json", enrolled(made.device_id))
    assert told(folder, SITE + SYNC) == [
        "13:23: sync.webhook.private_key_file: is not the key this gate seals to; run: gate-scanner webhook init"
    ]
    (folder / "keys" / "secret").write_text("short")
    (line,) = told(folder, SITE + SYNC)
    assert line.startswith("12:18: sync.webhook.secret_file: keys/secret must hold 16 to 256 characters")


def test_a_policy_and_a_trust_list_are_read_and_their_own_lines_are_told(folder: Path) -> None:
    (folder / "rules.yaml").write_text("version: shop-1\n", "utf-8")
    text = SITE + "policy: {file: rules.yaml}\n"
    check(folder, text)  # the service reads them itself
    assert told(folder, text)[0].startswith("rules.yaml:1:1: valid_from: missing")


def test_a_file_in_the_place_of_the_store_is_named(folder: Path) -> None:
    (folder / "store").touch()
    with pytest.raises(ConfigurationError, match=r"store\.folder: .*/store is not a folder"):
        check(folder)
    for text in (SITE, SITE.replace("folder: store", "folder: store/below")):
        assert told(folder, text) == ["5:17: store.folder: store is not a folder; name one"]


def test_a_replay_without_pictures_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"camera\.replay\.path: the folder holds no pictures"):
        check(tmp_path)


@pytest.mark.skipif(find_spec("picamera2") is not None, reason="picamera2 is installed")
def test_a_camera_whose_driver_is_not_installed_is_told_with_what_to_do(tmp_path: Path) -> None:
    text = SITE.replace(CAMERA, "camera: {source: picamera2}")
    with pytest.raises(ConfigurationError, match=r"camera\.source: picamera2 is not installed; run setup\.sh install"):
        check(tmp_path, text)
    assert "3:18: camera.source: picamera2 is not installed" in told(tmp_path, text, OWNER)[0]


@pytest.mark.skipif(find_spec("picamera2") is not None, reason="picamera2 is installed")
def test_where_no_gate_is_installed_its_drivers_are_not_asked_for(tmp_path: Path) -> None:
    assert told(tmp_path, SITE.replace(CAMERA, "camera: {source: picamera2}").replace("driver: mock, ", "")) == []


def test_what_the_service_s_user_may_not_read_is_told_though_root_may(folder: Path) -> None:
    (folder / "rules.yaml").write_text("version: shop-1\nvalid_from: 2021-10-07\n", "utf-8")
    (folder / "rules.yaml").chmod(0o600)
    text = SITE.replace("folder: store", "folder: /var/lib/gate-scanner") + "policy: {file: rules.yaml}\n"
    assert told(folder, text) == []
    assert [line.split(": ")[1] for line in told(folder, text, STRANGER)] == ["camera.replay.path", "policy.file"]


@pytest.mark.parametrize(
    ("store", "drop_ins", "said"),
    [
        ("/var/lib/gate-scanner/a", "", None),
        ("/tmp/gate", "", None),
        ("/srv/nowhere", "", "the gate may write to /var/lib/gate-scanner only; write that, or run: systemctl edit "),
        (
            "/srv/nowhere",
            "ReadWritePaths=/srv/nowhere",
            "there is no /srv/nowhere; run: install -d -m 700 -o gate-scan",
        ),
        ("/etc", "ReadWritePaths=/etc", "gate-scanner may not write there; run: chown gate-scanner: /etc"),
        ("/var/lib/nowhere", "", "the gate may write to /var/lib/gate-scanner only"),
    ],
)
def test_a_store_of_an_installed_gate_must_be_one_that_its_unit_may_write_to(
    folder: Path, store: str, drop_ins: str, said: str | None
) -> None:
    found = told(folder, SITE.replace("folder: store", f"folder: {store}"), replace(STRANGER, drop_ins=drop_ins))
    lines = [line.split(": ", 2)[2] for line in found if " store.folder: " in line]
    assert [line[: len(said or "")] for line in lines] == ([] if said is None else [said])
