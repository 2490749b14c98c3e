"""A host that only takes what gates send: it takes check-ins, and nothing on it unseals, signs or certifies."""

from __future__ import annotations

import base64
import json
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from device.cli import main
from device.clock import SystemClock
from device.errors import ConfigurationError
from device.hub.folder import HubFolder
from device.hub.ingest_folder import check_role, write_ingest_folder
from device.hub.maintenance import expire
from device.hub.settings.schema import Role
from device.wire.bundle import BundleKind
from tests.support.fake_outbox import batch_of, chained_rows
from tests.support.fake_server import HubThread
from tests.support.running_hub import RunningHub


@pytest.fixture
def database() -> str:
    return "postgresql"


@pytest.fixture
def ingest(folder: HubFolder, tmp_path: Path) -> HubFolder:
    """An ingest host's folder, of the desk in *folder*."""
    write_ingest_folder(folder, tmp_path / "ingest")
    return HubFolder(tmp_path / "ingest", SystemClock())


def secrets_of(desk: HubFolder) -> list[bytes]:
    """Return every private key of a hub, as it lies there."""
    pairs = [json.loads(path.read_text())["private"] for path in sorted((desk.path / "keys").iterdir())]
    assert len(pairs) == 31
    pem = (desk.path / "tls" / "ca.key").read_text().splitlines()[1:-1]
    return [*(base64.b64decode(private) for private in pairs), (desk.path / "root.key").read_bytes(), *_bytes(pem)]


def _bytes(pem: list[str]) -> list[bytes]:
    return [base64.b64decode("".join(pem))[36:68]]  # of PKCS#8, P-256: where the 32 bytes of the key lie


def test_no_private_byte_of_the_desk_lies_in_an_ingest_hosts_folder(folder: HubFolder, ingest: HubFolder) -> None:
    held = {path: path.read_bytes() for path in ingest.path.rglob("*") if path.is_file()}
    assert {"hub.yaml", "operator.token", "server.key", "succession.json", "sealing-keys.bundle"} <= {
        path.name for path in held
    }
    for secret in secrets_of(folder):
        for written in (secret, secret.hex().encode(), base64.b64encode(secret), base64.urlsafe_b64encode(secret)):
            assert [path for path, content in held.items() if written.rstrip(b"=") in content] == []
    assert all(path.stat().st_mode & 0o077 == 0 for path in (ingest.path, *held))


def test_the_place_where_a_private_key_of_the_authority_lies_is_the_right_one(folder: HubFolder) -> None:

    key = load_pem_private_key((folder.path / "tls" / "ca.key").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert secrets_of(folder)[-1] == key.private_numbers().private_value.to_bytes(32)


def test_an_ingest_host_takes_check_ins_which_only_the_desk_can_open(
    folder: HubFolder, ingest: HubFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    gate = folder.add_gate("Cổng A")
    with closing(ingest.open_store()) as store:
        receipt = store.ingest(batch_of(gate.device_id, chained_rows(gate.device_id, gate.sealing_keys[-1], 2)))
    assert (receipt.cursor, receipt.stored) == (2, 2)
    capsys.readouterr()
    unseal = ["--unseal", "--reason", "case 7"]
    assert main(["hub", "checkins", str(ingest.path), *unseal]) == 78
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "has no private keys; do that where the desk runs" in printed.err
    assert main(["hub", "checkins", str(ingest.path)]) == 0
    assert "Nguyễn" not in capsys.readouterr().out
    assert main(["hub", "checkins", str(folder.path), *unseal]) == 0
    assert "Nguyễn Văn Thử 1" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [["expire"], ["root"], ["gate", "add", "A", "--out", "OUT"], ["certificate"], ["publish", "policy", "FILE"]],
)
def test_what_needs_a_private_key_is_refused_there_and_changes_nothing(
    ingest: HubFolder, tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in ingest.path.rglob("*") if path.is_file()}
    given = {
        "OUT": str(tmp_path / "out.json"),
        "FILE": str(Path(__file__).parents[2] / "config/policy/record-only.yaml"),
    }
    command = [given.get(word, word) for word in words]
    place = 2 if command[0] == "gate" else 1
    assert main(["hub", *command[:place], str(ingest.path), *command[place:]]) == 78
    assert capsys.readouterr().err
    assert {path: path.read_bytes() for path in ingest.path.rglob("*") if path.is_file() and path in before} == before
    assert not (tmp_path / "out.json").exists()


def test_no_key_is_marked_destroyed_by_a_host_that_cannot_destroy_it(folder: HubFolder, ingest: HubFolder) -> None:
    with closing(ingest.open_store()) as store, pytest.raises(ConfigurationError, match="where the desk runs"):
        expire(ingest.keys, store, 21)
    with closing(folder.open_store()) as store:
        assert expire(folder.keys, store, 21).destroyed == ()


def test_it_serves_what_the_desk_has_signed_and_signs_nothing(folder: HubFolder, ingest: HubFolder) -> None:
    desk = folder.public_identity()
    identity = ingest.public_identity()
    assert (identity.root, identity.ca, identity.names) == (desk.root, desk.ca, desk.names)
    assert identity.sign is None
    assert ingest.sealing_keys() == folder.sealing_keys()
    assert ingest.bundles().catalogue() == folder.bundles().catalogue()
    head = ingest.bundles().head(BundleKind.SEALING_KEYS)
    assert head == folder.bundles().head(BundleKind.SEALING_KEYS)


def test_a_gate_hears_that_it_is_not_enrolled_there_and_not_told_the_time(folder: HubFolder, ingest: HubFolder) -> None:
    gate = folder.add_gate("Cổng A")
    with HubThread(ingest) as server:
        hub = RunningHub(ingest, server.url, server.store, gate)
        answers = [hub.post(b'{"contract":"gate/1","code":"ABCD"}', path="/v1/enrolment/hello")]
    assert [(answer.status_code, answer.json()["error"]) for answer in answers] == [
        (503, "this host enrols no gates; the desk does")
    ]


def test_what_is_written_again_is_what_has_changed_and_the_hosts_own_settings_stay(
    folder: HubFolder, ingest: HubFolder
) -> None:
    token = ingest.operator_token()
    settings = ingest.path / "hub.yaml"
    settings.write_text(settings.read_text().replace("workers: 1", "workers: 3"))
    folder.bundles().publish(BundleKind.POLICY, b"version: x\n")
    write_ingest_folder(folder, ingest.path)
    again = HubFolder(ingest.path, SystemClock())
    assert again.operator_token() == token
    assert again.settings is not None
    assert again.settings.workers == 3
    assert again.bundles().content(BundleKind.POLICY) == b"version: x\n"
    (folder.path / "bundles" / "policy.bundle").unlink()
    write_ingest_folder(folder, ingest.path)
    assert not (ingest.path / "bundles" / "policy.bundle").exists()


def test_after_a_new_root_it_follows(folder: HubFolder, ingest: HubFolder) -> None:
    folder.renew_root()
    write_ingest_folder(folder, ingest.path)
    assert HubFolder(ingest.path, SystemClock()).public_identity().root == folder.public_identity().root
    assert ingest.sealing_keys() == folder.sealing_keys()


def test_a_private_key_that_lies_there_all_the_same_keeps_it_from_starting(
    folder: HubFolder, ingest: HubFolder
) -> None:
    check_role(ingest, Role.INGEST)
    check_role(folder, Role.DESK)
    with pytest.raises(ConfigurationError, match=r"root\.key: an ingest host must not have it"):
        check_role(folder, Role.INGEST)
    with pytest.raises(ConfigurationError, match="has no keys for desk"):
        check_role(ingest, Role.DESK)
    (ingest.path / "keys").mkdir()
    with pytest.raises(ConfigurationError, match="keys: an ingest host must not have it"):
        check_role(ingest, Role.INGEST)


def test_a_hubs_own_folder_is_not_written_over(folder: HubFolder) -> None:
    with pytest.raises(ConfigurationError, match="is a hub's own folder"):
        write_ingest_folder(folder, folder.path)


def test_without_the_desks_keys_it_says_what_to_copy(ingest: HubFolder) -> None:
    (ingest.path / "bundles" / "sealing-keys.bundle").unlink()
    with pytest.raises(ConfigurationError, match="copy what gate-scanner hub ingest writes"):
        ingest.public_identity()


def test_the_keys_of_a_month_are_there_so_that_a_day_without_the_desk_is_none_without_keys(ingest: HubFolder) -> None:
    days = [key.day for key in ingest.sealing_keys()]
    assert days[0] is not None
    assert days[-1] == days[0] + timedelta(days=30)


def test_a_desk_is_made_on_a_server_by_one_command_and_writes_no_database_file(
    tmp_path: Path, postgres_hub_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made = ["hub", "init", str(tmp_path / "desk"), "--name", "hub.vn", "--database"]
    assert main([*made, postgres_hub_url.replace("://", "://u:geheim@")]) == 78
    assert "geheim" not in capsys.readouterr().err
    assert main([*made, postgres_hub_url]) == 0
    assert not (tmp_path / "desk" / "hub.db").exists()
    assert main(["hub", "ingest", str(tmp_path / "desk"), str(tmp_path / "ingest")]) == 0
    assert main(["hub", "gate", "list", str(tmp_path / "ingest")]) == 0
