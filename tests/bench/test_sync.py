from __future__ import annotations

import argparse
import json
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from tests.bench.drain import Stage, drain, prepare
from tests.bench.evening import LOSE_ANSWER, Arrivals, compare, mishaps
from tests.bench.sync import FULL_ROWS, ROWS, add_arguments, run
from tests.support.bad_line import Mishap


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


@pytest.mark.timeout(300)
def test_five_thousand_check_ins_arrive_once_though_answers_are_lost_and_both_sides_killed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments("--folder", str(tmp_path), "--json")) == 0
    out, err = capfd.readouterr()
    found = json.loads(out)
    assert found["evening"]["arrivals"] == {"rows": ROWS, "lost": 0, "twice": 0, "quarantined": 0, "alarms": 0}
    assert found["evening"]["answers_lost"] >= 10
    assert found["evening"]["resets"] >= 3
    assert found["evening"]["hub_killed"] >= 3
    assert found["evening"]["gate_killed"] >= 1
    assert found["evening"]["wire_bytes"] <= 450
    assert found["drain"]["rows"] == ROWS
    assert found["drain"]["disk_bytes"] <= 550
    assert found["drain"]["growth_mb"] is None or found["drain"]["growth_mb"] < 10
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_a_check_in_that_is_missing_at_the_hub_or_there_twice_is_found(tmp_path: Path) -> None:
    stage = prepare(tmp_path / "stage", 30)
    assert compare(stage) == Arrivals(30, lost=30, twice=0, quarantined=0, alarms=0)
    drain(stage)
    assert compare(stage).exactly_once
    with sqlite3.connect(stage.hub / "hub.db") as hub:
        hub.execute("DELETE FROM checkins WHERE seq = 7")
        names = [name for _, name, *_ in hub.execute("PRAGMA table_info(checkins)") if name not in {"arrival", "seq"}]
        again = ", ".join(names)
        hub.execute(f"INSERT INTO checkins (seq, {again}) SELECT 99, {again} FROM checkins WHERE seq = 8")
    hub.close()
    found = compare(stage)
    assert (found.lost, found.twice, found.exactly_once) == (1, 1, False)


def test_a_fifth_of_the_answers_is_lost_and_the_same_seed_has_the_same_evening() -> None:
    drawn = [mishaps(3)(number) for number in range(2_000)]
    assert drawn == [mishaps(3)(number) for number in range(2_000)] != [mishaps(4)(number) for number in range(2_000)]
    share = Counter(drawn)[Mishap.ANSWER_LOST] / 2_000
    assert abs(share - LOSE_ANSWER) < 0.03
    assert set(drawn) == set(Mishap)


def test_a_person_reads_what_went_wrong_and_what_it_came_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments("--rows", "3", "--tls", "--folder", str(tmp_path))) == 0
    out = capsys.readouterr().out
    assert "lost / arrived twice    0 / 0" in out
    assert "a second: 3 in" in out


def test_the_large_count_is_the_one_that_was_promised() -> None:
    assert FULL_ROWS == 100_000


@pytest.mark.parametrize("word", ["0", "-3", "many"])
def test_a_count_that_is_none_is_refused(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments("--rows", word)
    assert "from 1" in capsys.readouterr().err


def test_a_copy_of_the_stage_is_delivered_and_the_original_still_waits(tmp_path: Path) -> None:
    stage = prepare(tmp_path / "stage", 3)
    copy = stage.copy(tmp_path / "copy")
    assert copy == Stage(tmp_path / "copy", 3)
    drain(copy)
    assert (compare(copy).lost, compare(stage).lost) == (0, 3)
