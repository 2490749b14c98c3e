from __future__ import annotations

import stat
from pathlib import Path

import pytest

from device.crypto.sealing import public_half
from device.enrolment import document as enrolment
from device.errors import ConfigurationError
from device.uplink.webhook_keys import KeyFiles, make, read
from tests.support.fake_enrolment import enrolled


@pytest.fixture
def files(tmp_path: Path) -> KeyFiles:
    return KeyFiles(tmp_path / "keys" / "private.key", tmp_path / "keys" / "secret")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    return folder


def test_what_is_missing_is_made_for_its_owner_only_and_what_is_there_stays(files: KeyFiles, state: Path) -> None:
    made, keys = make(files, state)
    assert made.sealing_keys == (keys.key,) == (public_half(keys.private),)
    assert {stat.S_IMODE(path.stat().st_mode) for path in (files.private_key, files.secret)} == {0o600}
    assert enrolment.read(state / enrolment.FILE_NAME) == made
    before = {path: path.read_bytes() for path in (files.private_key, files.secret, state / enrolment.FILE_NAME)}
    assert make(files, state) == (made, keys)
    assert {path: path.read_bytes() for path in before} == before
    assert read(files, state) == keys


def test_a_gate_that_had_a_hub_keeps_its_name_and_its_key(files: KeyFiles, state: Path) -> None:
    former = enrolled("gate-0a1b2c")
    enrolment.write(state / enrolment.FILE_NAME, former)
    made, keys = make(files, state)
    assert (made.device_id, made.key) == (former.device_id, former.key)
    assert made.sealing_keys == (keys.key,) != former.sealing_keys


def test_a_private_key_that_was_lost_is_a_new_one_and_the_gate_seals_to_it(files: KeyFiles, state: Path) -> None:
    before, _ = make(files, state)
    files.private_key.unlink()
    after, keys = make(files, state)
    assert after.device_id == before.device_id
    assert after.sealing_keys == (keys.key,) != before.sealing_keys


def test_a_private_key_in_the_state_folder_is_refused(files: KeyFiles, state: Path) -> None:
    inside = KeyFiles(state / "sub" / ".." / "private.key", files.secret)
    for work in (make, read):
        with pytest.raises(ConfigurationError, match=r"private_key_file: must not lie in"):
            work(inside, state)
    assert list(state.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("private_key", "bm90IGEga2V5", r"private_key_file: .* holds no key"),
        ("private_key", "Nguyễn", r"private_key_file: .* holds no key"),
        ("secret", "short", r"secret_file: .* must hold 16"),
        ("secret", "sixteen and blank", r"secret_file: .* must hold 16"),
    ],
)
def test_a_file_that_holds_something_else_is_named_and_not_repeated(
    files: KeyFiles, state: Path, name: str, text: str, told: str
) -> None:
    make(files, state)
    getattr(files, name).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=told) as refused:
        read(files, state)
    assert text not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_file_that_others_may_read_or_that_is_missing_says_what_to_do(files: KeyFiles, state: Path) -> None:
    make(files, state)
    files.secret.chmod(0o644)
    with pytest.raises(ConfigurationError, match=r"run: chmod o= "):
        read(files, state)
    files.private_key.unlink()
    with pytest.raises(ConfigurationError, match=r"there is no file .*gate-scanner webhook init"):
        read(files, state)


def test_a_place_that_cannot_be_written_says_how_to_make_one(tmp_path: Path, state: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=r"sudo install -d"):
        make(KeyFiles(tmp_path / "file" / "private.key", tmp_path / "secret"), state)


def test_no_key_and_no_secret_prints_itself(files: KeyFiles, state: Path) -> None:
    _, keys = make(files, state)
    shown = repr(keys)
    assert files.secret.read_text().strip() not in shown
    assert str(keys.private) not in shown
