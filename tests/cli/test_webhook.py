from __future__ import annotations

from pathlib import Path

import pytest

from device.cli import main
from device.crypto.sealing import Sealer
from device.enrolment import document as enrolment
from device.model import Receipt
from device.store.ledger import SqliteLedger
from device.store.outbox import SqliteOutbox
from tests.support.fake_outbox import check_in
from tests.support.fake_webhook import OK, WebhookServer
from tests.support.site_files import SITE, SYNC


def site(folder: Path, text: str = SITE + SYNC) -> str:
    path = folder / "site.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_init_makes_a_gate_of_a_site_file_and_tells_where_its_secrets_lie_not_what_they_are(
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


def test_what_the_server_refused_is_offered_once_more_on_request(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = ["HTTP/1.1 422 No", "HTTP/1.1 503 Later", OK]
    config = site(tmp_path)
    assert main(["webhook", "init", "--config", config]) == 0
    made = enrolment.read(tmp_path / "store" / "enrolment.json")
    assert made is not None
    with SqliteLedger.open(tmp_path / "store", made.device_id, Sealer(made.device_id, made.sealing_keys)) as ledger:
        ledger.record(check_in(1))
    with SqliteOutbox(tmp_path / "store") as outbox:
        batch = outbox.next_batch(1, 10_000)
        assert batch is not None
        outbox.settle(batch, Receipt(1, ((1, "status-422"),)))
    secret = (tmp_path / "keys" / "secret").read_text().strip()
    with WebhookServer(secret, lambda number, _: answers[number]) as server:
        site(tmp_path, SITE + SYNC.replace("http://127.0.0.1:9/check-ins", server.url))
        capsys.readouterr()
        assert [main(["queue", "--config", config, "retry", "1"]) for _ in answers] == [1, 1, 0]
        assert main(["queue", "--config", config, "parked"]) == 0
        assert "nothing is parked" in capsys.readouterr().out
        assert len(server.taken) == 1
