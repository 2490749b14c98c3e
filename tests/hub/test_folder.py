from __future__ import annotations

from pathlib import Path

import pytest

from device.clock import SystemClock
from device.errors import ConfigurationError
from device.hub.folder import HubFolder
from device.hub.register import HubStore


def test_a_new_hub_is_its_owners_only(folder: HubFolder) -> None:
    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.path.rglob("*") if path.suffix != ".db"}
    assert folder.path.stat().st_mode & 0o777 == 0o700
    assert {mode for name, mode in modes.items() if name != "keys"} == {0o600}
    assert modes["keys"] == 0o700


def test_making_a_hub_over_another_changes_nothing(folder: HubFolder) -> None:
    before = {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()}
    with pytest.raises(ConfigurationError, match="already"):
        HubFolder.create(folder.path, SystemClock())
    assert {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()} == before


def test_any_other_folder_is_not_a_hub_and_the_message_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="hub init"):
        HubFolder(tmp_path, SystemClock())


def test_a_gate_gets_a_document_with_the_hubs_public_key_and_its_token_is_known(
    folder: HubFolder, store: HubStore
) -> None:
    gate = folder.add_gate("Cổng A")
    assert gate.sealing_keys == folder.sealing_keys()
    assert store.device_of(gate.hub_token.reveal()) == gate.device_id
    assert store.device_of("x" * 43) is None
    assert [(known.device_id, known.name) for known in store.gates()] == [(gate.device_id, "Cổng A")]


def test_no_token_lies_in_the_database(folder: HubFolder) -> None:
    token = folder.add_gate("Cổng A").hub_token.reveal()
    files = [path.read_bytes() for path in folder.path.rglob("*") if path.is_file()]
    assert not any(token.encode() in content for content in files)


@pytest.mark.parametrize("spoilt", ["", "[]", "{}", '{"id":"a","public":"AA==","private":"AA==","made_ms":1}'])
def test_a_spoilt_key_names_its_file(folder: HubFolder, spoilt: str) -> None:
    (path,) = (folder.path / "keys").iterdir()
    path.write_text(spoilt)
    with pytest.raises(ConfigurationError, match=path.name):
        folder.private_keys()


def test_a_spoilt_operator_token_is_refused(folder: HubFolder) -> None:
    (folder.path / "operator.token").write_text("\n")
    with pytest.raises(ConfigurationError, match=r"operator\.token"):
        folder.operator_token()
