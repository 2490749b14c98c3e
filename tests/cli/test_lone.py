from __future__ import annotations

import json
from pathlib import Path

import pytest

from device.cli import main
from device.crypto.sealing import Sealer
from device.enrolment import document as enrolment
from device.store.ledger import SqliteLedger
from tests.support.fake_outbox import check_in

SITE = (
    "place: {name: Chợ Mẫu, province: Quảng Ngãi}\npins: {driver: mock, green: 17, red: 27}\nstore: {folder: store}\n"
)


class Gate:
    """A gate without a hub, and a stick."""

    def __init__(self, folder: Path) -> None:
        self.store, self.key, self.config = folder / "store", folder / "stick" / "gate.key", folder / "site.yaml"
        self.key.parent.mkdir()
        self.config.write_text(SITE, encoding="utf-8")

    def lone(self, *words: str) -> int:
        return main(["lone", *words, "--config", str(self.config)])

    def records(self, count: int) -> None:
        found = enrolment.read(self.store / enrolment.FILE_NAME)
        assert found is not None
        sealer = Sealer(found.device_id, found.sealing_keys)
        with SqliteLedger.open(self.store, found.device_id, sealer) as ledger:
            for number in range(1, count + 1):
                ledger.record(check_in(number))


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(tmp_path)


def names(said: str) -> list[str]:
    return [json.loads(line)["unsealed"]["person"]["name"] for line in said.splitlines()]


def test_one_command_makes_a_gate_without_a_hub_work_and_another_reads_who_came(
    gate: Gate, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gate.lone("init", "--key", str(gate.key)) == 0
    assert "the gate starts by itself" in capsys.readouterr().err
    gate.records(3)
    assert gate.lone("export", "--key", str(gate.key)) == 0
    said = capsys.readouterr().out
    assert names(said) == ["Nguyễn Văn Thử 1", "Nguyễn Văn Thử 2", "Nguyễn Văn Thử 3"]
    assert json.loads(said.splitlines()[0])["place"] == "Chợ Hoa Sen"


def test_who_came_is_read_from_a_copy_of_the_card_too(gate: Gate, capsys: pytest.CaptureFixture[str]) -> None:
    gate.lone("init", "--key", str(gate.key))
    gate.records(2)
    copy = gate.store.rename(gate.store.with_name("copy"))
    capsys.readouterr()
    assert main(["lone", "export", "--key", str(gate.key), "--store", str(copy)]) == 0
    assert len(names(capsys.readouterr().out)) == 2


def test_the_key_can_be_printed_for_a_stick_that_the_gates_user_may_not_write(
    gate: Gate, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gate.lone("init", "--key", "-") == 0
    gate.key.write_text(capsys.readouterr().out)
    gate.records(1)
    assert gate.lone("export", "--key", str(gate.key)) == 0
    assert names(capsys.readouterr().out) == ["Nguyễn Văn Thử 1"]


def test_a_gate_that_recorded_nothing_yet_has_no_ledger_to_export(
    gate: Gate, capsys: pytest.CaptureFixture[str]
) -> None:
    gate.lone("init", "--key", str(gate.key))
    assert gate.lone("export", "--key", str(gate.key)) == 1
    assert "ledger.db: there is none; nothing was recorded yet, or it was removed" in capsys.readouterr().err
    nowhere = str(gate.key.with_name("nowhere"))
    assert main(["lone", "export", "--key", str(gate.key), "--store", nowhere]) == 1
    assert capsys.readouterr().err == f"{nowhere}: there is no such folder\n"


def test_nothing_on_the_card_opens_what_is_recorded(gate: Gate, capsys: pytest.CaptureFixture[str]) -> None:
    gate.lone("init", "--key", str(gate.key))
    gate.records(1)
    secret = gate.key.read_bytes().strip()
    assert all(secret not in path.read_bytes() for path in gate.store.rglob("*") if path.is_file())
    assert gate.key.stat().st_mode & 0o077 == 0
    other = gate.key.with_name("other.key")
    other.write_bytes(b"A" * 43 + b"=")
    capsys.readouterr()
    assert gate.lone("export", "--key", str(other)) == 1
    told = capsys.readouterr()
    assert json.loads(told.out)["unsealed"] is None
    assert "1 check-in does not open with this key" in told.err


def test_again_with_the_same_key_nothing_changes_and_with_another_it_is_refused(
    gate: Gate, capsys: pytest.CaptureFixture[str]
) -> None:
    gate.lone("init", "--key", str(gate.key))
    before = (gate.store / enrolment.FILE_NAME).read_bytes()
    assert gate.lone("init", "--key", str(gate.key)) == 0
    assert gate.lone("init", "--key", str(gate.key.with_name("other"))) == 78
    assert "this gate is enrolled already" in capsys.readouterr().err
    assert not gate.key.with_name("other").exists()
    assert (gate.store / enrolment.FILE_NAME).read_bytes() == before


def test_broken_off_behind_the_key_it_goes_on_with_it(gate: Gate) -> None:
    gate.lone("init", "--key", str(gate.key))
    (gate.store / enrolment.FILE_NAME).unlink()
    key = gate.key.read_bytes()
    assert gate.lone("init", "--key", str(gate.key)) == 0
    assert gate.key.read_bytes() == key


def test_the_key_must_not_lie_on_the_card(gate: Gate, capsys: pytest.CaptureFixture[str]) -> None:
    assert gate.lone("init", "--key", str(gate.store / "gate.key")) == 78
    assert "must not lie in" in capsys.readouterr().err


@pytest.mark.parametrize(
    "more",
    [
        "hub: {url: 'https://hub.example.vn'}\n",
        "sync: {kind: webhook, webhook: {url: 'https://a.vn', fields: [time], secret_file: s, private_key_file: k}}\n",
    ],
)
def test_a_gate_that_reports_to_somebody_is_not_alone(
    gate: Gate, capsys: pytest.CaptureFixture[str], more: str
) -> None:
    gate.config.write_text(SITE + more, encoding="utf-8")
    assert gate.lone("init", "--key", str(gate.key)) == 78
    assert "somebody to report to" in capsys.readouterr().err


@pytest.mark.parametrize("body", [b"", b"no key", b"A" * 20, bytes(range(100, 140))])
def test_a_file_that_is_no_key_is_told(gate: Gate, capsys: pytest.CaptureFixture[str], body: bytes) -> None:
    gate.key.write_bytes(body)
    assert gate.lone("export", "--key", str(gate.key)) == 78
    assert "holds no key" in capsys.readouterr().err
    gate.key.unlink()
    assert gate.lone("export", "--key", str(gate.key)) == 78
    assert "cannot be read" in capsys.readouterr().err
