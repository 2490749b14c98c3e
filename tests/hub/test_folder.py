from __future__ import annotations

from pathlib import Path

import pytest

from device.clock import SystemClock
from device.errors import ConfigurationError
from device.hub.db.database import HubDatabase
from device.hub.folder import HubFolder
from device.strict_json import base64_of


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


def test_new_names_keep_the_authority(folder: HubFolder) -> None:
    before = folder.public_identity()
    folder.certify(["hub.example.vn"])
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
