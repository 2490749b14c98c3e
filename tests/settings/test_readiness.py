"""What a site file needs on this machine is looked for, and told by its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from device.errors import Complaints
from device.policy.rules import Policy
from device.settings.load import inspect, inspect_text
from device.settings.schema import Site

GOOD = "place: {name: Chợ Hoa, province: Huế}\npins: {green: 17, red: 27}\n"
WEBHOOK = (
    "sync: {kind: webhook, webhook: {url: 'https://a.vn/x', fields: [time],\n"
    "  secret_file: secret, private_key_file: key, ca_file: ca.pem}}\n"
)


def refused(text: str, folder: Path) -> list[str]:
    with pytest.raises(Complaints) as caught:
        inspect_text(text, "site.yaml", folder)
    assert isinstance(inspect_text(text, "site.yaml", folder, elsewhere=True).found, Site)
    return [str(complaint) for complaint in caught.value.complaints]


@pytest.mark.parametrize(
    ("section", "key", "file"),
    [
        ("policy: {file: rules.yaml}", "policy.file", "rules.yaml"),
        ("trust: {file: trust.json}", "trust.file", "trust.json"),
        ("hub: {url: 'https://a.vn', ca_file: hub.pem}", "hub.ca_file", "hub.pem"),
        ("camera: {source: replay, replay: {path: frames}}", "camera.replay.path", "frames"),
    ],
)
def test_a_file_that_is_named_and_not_there_is_told_by_its_line(
    section: str, key: str, file: str, tmp_path: Path
) -> None:
    (told,) = refused(f"{GOOD}{section}\n", tmp_path)
    assert told.startswith("site.yaml:3:")
    assert f" {key}: there is nothing at {tmp_path / file}" in told


def test_all_that_a_webhook_needs_is_told_at_once_with_what_makes_it(tmp_path: Path) -> None:
    told = refused(f"{GOOD}{WEBHOOK}", tmp_path)
    assert [line.split(": ")[1] for line in told] == [
        f"sync.webhook.{name}" for name in ("secret_file", "private_key_file", "ca_file")
    ]
    assert sum("gate-scanner webhook init" in line for line in told) == 2


def test_with_its_files_it_is_ready(tmp_path: Path) -> None:
    for name in ("secret", "key", "ca.pem"):
        (tmp_path / name).touch()
    assert isinstance(inspect_text(f"{GOOD}{WEBHOOK}", "site.yaml", tmp_path).found, Site)


@pytest.mark.parametrize("folder", ["data", "./data", "C:\\data", "/tmp/gate", "/run/gate", "/dev/shm/gate"])
def test_a_store_that_does_not_last_is_told(folder: str, tmp_path: Path) -> None:
    (told,) = refused(f"{GOOD}store: {{folder: '{folder}'}}\n", tmp_path)
    assert "site.yaml:3:17: store.folder: " in told
    assert "/var/lib/gate-scanner" in told


@pytest.mark.parametrize("folder", ["/var/lib/gate-scanner", "/srv/gate", "/tmpdata"])
def test_any_other_folder_will_do(folder: str, tmp_path: Path) -> None:
    assert isinstance(inspect_text(f"{GOOD}store: {{folder: {folder}}}\n", "site.yaml", tmp_path).found, Site)


def test_a_file_of_something_else_is_one_line(tmp_path: Path) -> None:
    text = "".join(f"key{number}: {number}\n" for number in range(100))
    with pytest.raises(Complaints) as caught:
        inspect_text(text, "site.yaml", tmp_path)
    assert str(caught.value) == "site.yaml:1:1: file: this is no site file: none of its keys is one of those"


def test_a_policy_is_told_from_a_site(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: shop-1\nvalid_from: 2021-10-07\n", "utf-8")
    assert isinstance(inspect(policy).found, Policy)


def test_twenty_mistakes_are_printed_and_the_rest_is_counted(tmp_path: Path) -> None:
    text = GOOD + "".join(f"key{number}: {number}\n" for number in range(100))
    with pytest.raises(Complaints) as caught:
        inspect_text(text, "site.yaml", tmp_path)
    lines = str(caught.value).splitlines()
    assert (len(lines), len(caught.value.complaints)) == (21, 100)
    assert lines[20] == "and 80 more"
