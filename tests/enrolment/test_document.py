from __future__ import annotations

import json
import pickle
import traceback
from datetime import date
from pathlib import Path

import pytest

from device.crypto.sealing import SealingKey
from device.crypto.secret import Secret
from device.crypto.signing import SigningKey
from device.enrolment import document as enrolment
from device.enrolment.document import Enrolment
from device.errors import ConfigurationError
from device.strict_json import base64_of
from device.wire.revocation import Revocation, encode_revocation, revocation_statement
from tests.support.fake_enrolment import ROOT

TOKEN = "tok_" + "x" * 39
KEY = SigningKey(b"\7" * 32)
SEED = base64_of(KEY.seed())
DOCUMENT = Enrolment(
    "gate-0a1b2c",
    KEY,
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ROOT.public,
    (SealingKey("k1", bytes(32), date(2026, 1, 1)), SealingKey("k2", b"\1" * 32, date(2026, 1, 2))),
    1_767_225_600_000,
)


def written(tmp_path: Path) -> Path:
    path = tmp_path / enrolment.FILE_NAME
    enrolment.write(path, DOCUMENT)
    return path


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    assert enrolment.read(written(tmp_path)) == DOCUMENT


def test_a_gate_without_a_document_is_not_enrolled(tmp_path: Path) -> None:
    assert enrolment.read(tmp_path / enrolment.FILE_NAME) is None


def test_only_the_owner_may_read_the_document(tmp_path: Path) -> None:
    assert written(tmp_path).stat().st_mode & 0o777 == 0o600


def test_a_document_others_may_read_is_refused_with_the_command_that_helps(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        enrolment.read(path)


def test_writing_again_replaces_the_document_and_leaves_no_draft(tmp_path: Path) -> None:
    path = written(tmp_path)
    (tmp_path / f".{path.name}.new").write_text("half a document of a power cut")
    other = Enrolment("gate-ffffff", KEY, "", ROOT.public, DOCUMENT.sealing_keys[:1])
    enrolment.write(path, other)
    assert enrolment.read(path) == other
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_folder_in_the_place_of_the_document_is_a_configuration_error(tmp_path: Path) -> None:
    (tmp_path / enrolment.FILE_NAME).mkdir()
    with pytest.raises(ConfigurationError):
        enrolment.read(tmp_path / enrolment.FILE_NAME)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"document": "gate-enrolment/2"},
        {"device": None},
        {"device": "a b"},
        {"device_key": "short"},
        {"device_key": None},
        {"bundle_root": "AAAA"},
        {"ca": 1},
        {"ca": "\x1b[31m"},
        {"sealing_keys": []},
        {"sealing_keys": [1]},
        {"sealing_keys": [{"day": "2026-01-01", "id": "k", "public": "AAAA"}]},
        {"sealing_keys": [{"id": "k", "public": "A" * 43 + "="}] * 2},
        {"at": None},
        {"at": -1},
    ],
)
def test_a_spoilt_document_is_a_configuration_error_that_tells_no_secret(
    tmp_path: Path, spoilt: dict[str, object]
) -> None:
    path = written(tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text()) | spoilt))
    with pytest.raises(ConfigurationError) as caught:
        enrolment.read(path)
    assert str(path) in str(caught.value)
    assert SEED not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"[]", b"[" * 60_000, b'{"device_key": "' + SEED.encode(), b" " * 70_000]
)
def test_bytes_that_are_no_document_are_a_configuration_error(tmp_path: Path, body: bytes) -> None:
    path = written(tmp_path)
    path.write_bytes(body)
    with pytest.raises(ConfigurationError) as caught:
        enrolment.read(path)
    assert SEED not in "".join(traceback.format_exception(caught.value))


def test_secrets_print_nothing_and_do_not_travel() -> None:
    assert f"{Secret(TOKEN)} {Secret(TOKEN)!r} {[Secret(TOKEN)]}".count(TOKEN) == 0
    printed = f"{DOCUMENT} {KEY!r}"
    assert SEED not in printed
    assert KEY.seed().hex() not in printed
    for secret in (Secret(TOKEN), KEY):
        with pytest.raises(TypeError):
            pickle.dumps(secret)


def statement(device_id: str = DOCUMENT.device_id, key: SigningKey = KEY, root: SigningKey = ROOT) -> bytes:
    signature = root.sign(revocation_statement(device_id, key.public))
    return encode_revocation(Revocation(device_id, key.public, signature))


def test_a_kept_statement_revokes_this_key_of_this_gate_and_no_other(tmp_path: Path) -> None:
    assert not enrolment.is_revoked(tmp_path, DOCUMENT)
    enrolment.note_revoked(tmp_path, statement())
    assert enrolment.is_revoked(tmp_path, DOCUMENT)
    anew = Enrolment(DOCUMENT.device_id, SigningKey.new(), "", ROOT.public, DOCUMENT.sealing_keys)
    assert not enrolment.is_revoked(tmp_path, anew)


@pytest.mark.parametrize(
    "planted",
    [
        b"",
        b"\xff",
        b'{"contract":"gate/1","revoked":{}}',
        statement(device_id="gate-ffffff"),
        statement(key=SigningKey.new()),
        statement(root=SigningKey.new()),
    ],
)
def test_a_statement_that_anybody_could_plant_revokes_nothing(tmp_path: Path, planted: bytes) -> None:
    enrolment.note_revoked(tmp_path, planted)
    assert not enrolment.is_revoked(tmp_path, DOCUMENT)
