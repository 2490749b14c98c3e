"""Somebody pulls the card out of a running gate. They have the software, and a list of everybody who may have come."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from device.clock import SystemClock
from device.credential import recognise
from device.model import CheckIn, Credential, Decision, Direction, Outcome, Place, Reason
from tests.bench.stolen import Lock, an_evening
from tests.bench.thief import MOST_AUC, PEOPLE, steal
from tests.bench.thief_attack import Loot, texts_of
from tests.support.running_gate import MOST_S, running
from tests.support.suspects import Suspect
from tests.support.visitors import CARD


@pytest.mark.timeout(300)
def test_a_thief_with_the_card_the_software_and_the_guest_list_does_no_better_than_a_coin(tmp_path: Path) -> None:
    result = steal(20, PEOPLE, 1, tmp_path)  # ciphertexts differ from run to run: 0.036 an evening, 0.008 in all
    assert result.high <= MOST_AUC
    assert result.high - result.low < 0.06  # enough evenings to tell


def test_the_same_thief_knows_who_came_where_bodies_are_not_sealed(tmp_path: Path) -> None:
    assert steal(2, PEOPLE, 1, tmp_path, Lock.OPEN).auc > 0.99


def test_the_same_thief_does_much_better_where_bodies_are_sealed_but_not_padded(tmp_path: Path) -> None:
    assert steal(2, PEOPLE, 1, tmp_path, Lock.UNPADDED).auc > 0.7
    assert steal(3, 30, 2, tmp_path / "few", Lock.UNPADDED).auc > 0.85  # a short guest list, lengths of one's own


def test_what_the_card_does_tell_is_how_many_when_and_which_way(tmp_path: Path) -> None:
    told = steal(2, 60, 3, tmp_path).learned
    assert set(told) == {
        *("check_ins", "repeats", "first_ms", "last_ms", "busiest_hour"),
        *("directions", "lengths", "device"),
    }
    assert list(told["lengths"]) == [368]  # type: ignore[call-overload]
    assert told["directions"] == ["in"]


def test_what_is_stolen_is_a_whole_state_folder_of_a_gate_that_was_running(tmp_path: Path) -> None:
    evening = an_evening(tmp_path / "gate", 80, 4)
    names = {path.name for path in evening.loot.rglob("*") if path.is_file()}
    assert {"site.yaml", "enrolment.json", "ledger.db", "ledger.db-wal", "ledger.ballast"} <= names
    loot = Loot.of(evening.loot)
    assert len(loot.secrets) >= 2  # the device key among them
    assert loot.rows[0].seq > 1  # the first were delivered and deleted; their pages lie free
    assert evening.check_ins == loot.rows[-1].seq >= sum(evening.came)


def test_no_file_that_the_whole_service_writes_holds_anything_of_a_visitor(tmp_path: Path) -> None:
    with running(tmp_path) as gate:
        assert gate.answered.wait(MOST_S)
        shutil.copytree(gate.store, tmp_path / "stolen", ignore=shutil.ignore_patterns("*.sock", "*.socket"))
        assert gate.end() == os.EX_OK
    claim = recognise(CARD)
    assert isinstance(claim, Credential)
    decision = Decision(Outcome.GRANTED, Reason.RECORDED, "1")
    at = SystemClock().reading()
    visitor = Suspect(CARD, CheckIn(claim, decision, Place("a", "market", "b"), Direction.IN, at))
    kept = [path for folder in (gate.store, tmp_path / "stolen") for path in folder.rglob("*") if path.is_file()]
    assert len(kept) >= 6
    told = [(path.name, text) for path in kept for text in texts_of(visitor) if text in path.read_bytes()]
    assert told == []
