from __future__ import annotations

import re
from pathlib import Path

import pytest

from device.clock import SystemClock
from device.errors import ConfigurationError
from device.hub.db.database import HubDatabase
from device.hub.folder import HubFolder
from device.strict_json import base64_of
from tests.support.hub_folders import as_before


def test_a_new_hub_is_its_owners_only(folder: HubFolder) -> None:
    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.path.rglob("*")}
    assert folder.path.stat().st_mode & 0o777 == 0o700
    assert {mode for name, mode in modes.items() if name not in {"keys", "tls"}} == {0o600}
    assert (modes["keys"], modes["tls"]) == (0o700, 0o700)


def test_making_a_hub_over_another_changes_nothing(folder: HubFolder) -> None:
    before = {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()}
    with pytest.raises(ConfigurationError, match="already"):
        HubFolder.create(folder.path, SystemClock())
    assert {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()} == before


def test_any_other_folder_is_not_a_hub_and_the_message_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="hub init"):
        HubFolder(tmp_path, SystemClock())


def test_a_gate_gets_a_document_with_the_hubs_public_keys_and_a_key_the_hub_knows(
    folder: HubFolder, store: HubDatabase
) -> None:
    gate = folder.add_gate("Cổng A")
    assert gate.sealing_keys == folder.sealing_keys()
    assert (gate.bundle_root, gate.ca) == (folder.public_identity().root, folder.public_identity().ca)
    assert store.key_of(gate.device_id) == (gate.key.public, None)
    assert store.key_of("gate-ffffff") is None
    assert [(known.device_id, known.name) for known in store.gates()] == [(gate.device_id, "Cổng A")]


def test_a_gates_private_key_is_kept_nowhere_at_the_hub(folder: HubFolder) -> None:
    seed = folder.add_gate("Cổng A").key.seed()
    files = [path.read_bytes() for path in folder.path.rglob("*") if path.is_file()]
    assert not any(
        form in content for content in files for form in (seed, seed.hex().encode(), base64_of(seed).encode())
    )


def named(folder: HubFolder, names: str) -> HubFolder:
    """Return the hub with other names in its hub.yaml."""
    file = folder.path / "hub.yaml"
    file.write_text(re.sub(r"names: \[.*\]", f"names: {names}", file.read_text()))
    return HubFolder(folder.path, SystemClock())


def test_new_names_keep_the_authority(folder: HubFolder) -> None:
    before = folder.public_identity()
    folder = named(folder, '["hub.example.vn"]')
    folder.certify()
    assert folder.public_identity().ca == before.ca
    assert folder.public_identity().names == {"hub.example.vn"}
    assert folder.certificate_files[1].stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["", "a b", "hub_1.example.vn", "https://hub.example.vn", "*.example.vn", "-a.vn"])
def test_a_name_that_is_none_makes_no_hub(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match="--name"):
        HubFolder.create(tmp_path / "hub", SystemClock(), [name])
    assert not (tmp_path / "hub").exists()


def test_an_authority_of_two_certificates_is_refused(folder: HubFolder) -> None:
    ca = folder.path / "tls" / "ca.pem"
    ca.write_bytes(ca.read_bytes() * 2)
    with pytest.raises(ConfigurationError, match="one certificate"):
        folder.public_identity()


def test_a_spoilt_root_names_its_file(folder: HubFolder) -> None:
    gate = folder.add_gate("Cổng A")
    (folder.path / "root.key").write_bytes(b"")
    with pytest.raises(ConfigurationError, match=r"root\.key"):
        folder.add_gate("Cổng B")
    assert gate.bundle_root


@pytest.mark.parametrize("spoilt", ["", "[]", "{}", '{"id":"a","public":"AA==","private":"AA==","made_ms":1}'])
def test_a_spoilt_key_names_its_file(folder: HubFolder, spoilt: str) -> None:
    path = next((folder.path / "keys").iterdir())
    path.write_text(spoilt)
    with pytest.raises(ConfigurationError, match=path.name):
        folder.private_keys()


def test_a_spoilt_operator_token_is_refused(folder: HubFolder) -> None:
    (folder.path / "operator.token").write_text("\n")
    with pytest.raises(ConfigurationError, match=r"operator\.token"):
        folder.operator_token()


def test_a_hub_without_sealing_keys_does_not_look_well(folder: HubFolder) -> None:
    for path in (folder.path / "keys").iterdir():
        path.unlink()
    for use in (folder.sealing_keys, folder.public_identity, lambda: folder.add_gate("Cổng A")):
        with pytest.raises(ConfigurationError, match="sealing keys are missing"):
            use()
    assert folder.open_store().gates() == []


def test_a_new_hub_says_its_settings_in_hub_yaml_alone(tmp_path: Path) -> None:
    hub = HubFolder.create(tmp_path / "hub", SystemClock(), ["hub.example.vn"], 9)
    assert not (hub.path / "hub.json").exists()
    assert hub.settings is not None
    assert (hub.settings.names, hub.retention_days, hub.settings.metrics) == (("hub.example.vn",), 9, None)


def test_where_both_are_there_hub_yaml_says_how_long(folder: HubFolder) -> None:
    (folder.path / "hub.json").write_text('{"retention_days": 3}')
    assert HubFolder(folder.path, SystemClock()).retention_days == 21


def test_a_hub_from_before_hub_yaml_works_and_gets_one_that_says_the_same(tmp_path: Path) -> None:
    HubFolder.create(tmp_path, SystemClock(), ["hub.example.vn", "10.0.0.7"])
    as_before(tmp_path, 5)
    old = HubFolder(tmp_path, SystemClock())
    assert (old.settings, old.retention_days) == (None, 5)
    old.write_settings("0.0.0.0:8400", "127.0.0.1:9464", tls=True)
    new = HubFolder(tmp_path, SystemClock())
    assert new.settings is not None
    assert (set(new.settings.names), new.retention_days) == ({"hub.example.vn", "10.0.0.7"}, 5)
    assert new.public_identity().names == old.public_identity().names
    with pytest.raises(ConfigurationError, match="is there already"):
        new.write_settings("0.0.0.0:8400", "off", tls=True)


def test_without_any_settings_no_database_is_guessed(folder: HubFolder) -> None:
    (folder.path / "hub.yaml").unlink()
    with pytest.raises(ConfigurationError, match=r"hub\.yaml: is missing, and so is hub\.json"):
        folder.open_store()


def test_a_name_that_the_certificate_lacks_is_told_with_the_command(folder: HubFolder) -> None:
    folder = named(folder, '["hub.example.vn"]')
    with pytest.raises(ConfigurationError, match=r"does not have hub\.example\.vn; run: gate-scanner hub certificate"):
        folder.public_identity()
    with pytest.raises(ConfigurationError, match="write the names there"):
        folder.certify(["other.example.vn"])
