from __future__ import annotations

from pathlib import Path

import pytest

from device import enrolment
from device.cli import main

SITE = """
place: {name: Chợ Mẫu, province: Quảng Ngãi}
camera: {source: replay, replay: {path: .}}
pins: {driver: mock, green: 17, red: 27}
store: {folder: store}
"""
SYNC = """
sync:
  kind: webhook
  webhook:
    url: http://127.0.0.1:9/check-ins
    fields: [time, name]
    secret_file: keys/secret
    private_key_file: keys/private.key
"""


def site(folder: Path, text: str = SITE + SYNC) -> str:
    path = folder / "site.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_init_makes_a_gate_of_a_site_file_and_tells_where_its_secrets_lie_but_not_what_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["webhook", "init", "--config", site(tmp_path)]) == 0
    made = enrolment.read(tmp_path / "store" / "enrolment.json")
    out = capsys.readouterr().out
    assert made is not None
    assert made.device_id in out
    secrets = [(tmp_path / "keys" / name).read_text().strip() for name in ("secret", "private.key")]
    assert all(str(tmp_path / "keys" / name) in out for name in ("secret", "private.key"))
    assert not any(secret in out for secret in secrets)


def test_a_site_with_a_hub_has_nothing_to_prepare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["webhook", "init", "--config", site(tmp_path, SITE)]) == 78
    assert "sync.kind" in capsys.readouterr().err
    assert not (tmp_path / "keys").exists()


def test_a_private_key_beside_the_ledger_is_a_mistake_in_the_site_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["webhook", "init", "--config", site(tmp_path, SITE + SYNC.replace("keys/pri", "store/pri"))]) == 78
    assert "must not lie in" in capsys.readouterr().err
