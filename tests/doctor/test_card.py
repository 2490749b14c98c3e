"""What is measured on a disk, and what is said of it."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from device.clock import SystemClock
from device.crypto.sealing import Sealer, new_key_pair
from device.doctor.card import (
    LAMP_MS,
    QUICKEST_FLASH_MS,
    CardResult,
    RecordResult,
    differs,
    examine,
    findings,
    last_link,
    measure_record,
)
from device.doctor.disk import Disk, FlushResult
from device.doctor.finding import Finding, Verdict
from device.store.ledger import SqliteLedger
from device.store.reading import read_back
from device.store.schema import FILE_NAME
from tests.support.visitors import visitor

CARD = Disk("ext4", "/dev/mmcblk0p2", "")
SERVER = Disk("ext4", "/dev/vda", "")
MEMORY = Disk("tmpfs", "tmpfs", "a power cut empties it")
WELL = CardResult(CARD, FlushResult(300, 2.5, 9.0), RecordResult(500, 0.4, 3.0, 12.0, 549.0, 0.3, 368.0), differs="")


def found(seen: CardResult, name: str) -> Finding:
    (finding,) = [finding for finding in findings(seen) if finding.name == name]
    return finding


def with_flush(disk: Disk, median_ms: float) -> CardResult:
    return replace(WELL, disk=disk, flush=FlushResult(300, median_ms, 9.0))


# --- measuring ------------------------------------------------------------------------------------


def test_everything_is_measured_and_nothing_is_left_behind(tmp_path: Path) -> None:
    begun: list[Path] = []
    seen = examine(tmp_path, 20, begun.append)
    assert (seen.record.rows, seen.differs) == (20, "")
    assert seen.record.cpu_ms > 0
    assert seen.flush.median_ms > 0
    assert [scratch.parent for scratch in begun] == [tmp_path]
    assert list(tmp_path.iterdir()) == []


def test_the_ledger_of_a_gate_at_work_is_not_touched(tmp_path: Path) -> None:
    def digests() -> dict[str, str]:
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in tmp_path.iterdir()}

    key, _ = new_key_pair()
    with SqliteLedger.open(tmp_path, "gate-1", Sealer("gate-1", [key])) as ledger:
        ledger.record(visitor(1, SystemClock()))
        before = digests()
        examine(tmp_path, 5, lambda _: None)
        assert digests() == before
        assert ledger.record(visitor(2, SystemClock())) == 2


def test_a_check_in_is_recorded_with_a_whole_body_like_that_of_a_visitor(tmp_path: Path) -> None:
    assert measure_record(3, tmp_path / "ledger").sealed_bytes == 368
    assert [row.seq for row in read_back(tmp_path / "ledger")] == [1, 2, 3]


def test_a_byte_that_changed_on_the_disk_is_noticed(tmp_path: Path) -> None:
    measure_record(20, tmp_path)
    written, last = last_link(tmp_path), list(read_back(tmp_path))[-1]
    path = tmp_path / FILE_NAME
    whole = path.read_bytes()
    changed = bytes([last.sealed[100] ^ 1])
    place = whole.index(last.sealed) + 100
    path.write_bytes(whole[:place] + changed + whole[place + 1 :])
    assert "20" in differs(tmp_path, written)


def test_a_disk_that_goes_back_to_an_older_state_is_noticed(tmp_path: Path) -> None:
    key, _ = new_key_pair()
    sealer, old = Sealer("doctor", [key]), tmp_path / "old"
    ledger = tmp_path / "ledger"
    for rows in (12, 8):
        with SqliteLedger.open(ledger, "doctor", sealer) as opened:
            for number in range(rows):
                opened.record(visitor(number, SystemClock()))
        if rows == 12:
            shutil.copy(ledger / FILE_NAME, old)
    written = last_link(ledger)
    assert differs(ledger, written) == ""
    old.replace(ledger / FILE_NAME)
    assert differs(ledger, written) == "20 check-ins were recorded, 12 others are there"


# --- judging --------------------------------------------------------------------------------------


def test_a_card_that_is_well_has_nothing_but_good_findings() -> None:
    assert [finding.name for finding in findings(WELL)] == ["disk", "flush", "record", "read-back"]
    assert {finding.verdict for finding in findings(WELL)} == {Verdict.GOOD}


def test_a_flush_as_quick_as_the_quickest_flash_is_believed() -> None:
    assert found(with_flush(CARD, QUICKEST_FLASH_MS), "flush").verdict is Verdict.GOOD


def test_a_disk_quicker_than_flash_is_a_warning_where_it_may_have_power_of_its_own() -> None:
    flush = found(with_flush(SERVER, QUICKEST_FLASH_MS - 0.001), "flush")
    assert flush.verdict is Verdict.WARNING
    assert "written before it can be" in flush.advice
    assert "cannot be told apart" in flush.advice


def test_a_card_quicker_than_flash_fails() -> None:
    flush = found(with_flush(CARD, QUICKEST_FLASH_MS - 0.001), "flush")
    assert flush.verdict is Verdict.FAILURE
    assert "another card" in flush.advice


def test_memory_fails_with_its_own_words_and_claims_nothing_of_a_disk() -> None:
    seen = with_flush(MEMORY, 0.001)
    assert found(seen, "disk") == Finding("disk", Verdict.FAILURE, "tmpfs on tmpfs", MEMORY.volatile)
    assert found(seen, "flush").verdict is Verdict.FAILURE
    assert "kernel" not in found(seen, "read-back").told


@pytest.mark.parametrize(("p99_ms", "verdict"), [(LAMP_MS, Verdict.GOOD), (LAMP_MS + 0.1, Verdict.FAILURE)])
def test_recording_must_leave_the_lamp_its_tenth_of_a_second(p99_ms: float, verdict: Verdict) -> None:
    seen = replace(WELL, record=replace(WELL.record, wall_p99_ms=p99_ms))
    assert found(seen, "record").verdict is verdict


def test_a_disk_that_gives_back_something_else_fails() -> None:
    finding = found(replace(WELL, differs="row 7 is changed"), "read-back")
    assert (finding.verdict, finding.told) == (Verdict.FAILURE, "row 7 is changed")
