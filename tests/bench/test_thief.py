from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pytest

from tests.bench.stolen import Lock, an_evening, body_of
from tests.bench.thief import EVENINGS, FULL_EVENINGS, add_arguments, run
from tests.bench.thief_attack import Learned, Loot, area_under_curve, figures, texts_of


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


def test_the_area_is_one_for_a_right_guess_half_for_none_and_zero_for_a_wrong_one() -> None:
    came = np.array([True, True, False, False])
    assert area_under_curve(np.array([4.0, 3, 2, 1]), came) == 1
    assert area_under_curve(np.ones(4), came) == 0.5
    assert area_under_curve(np.array([1.0, 2, 3, 4]), came) == 0
    assert area_under_curve(np.array([2.0, 1, 2, 1]), came) == 0.5


def test_what_is_learned_from_a_figure_that_tells_is_used_and_one_that_tells_nothing_is_not() -> None:
    chance = np.random.default_rng(1)
    came = chance.random(400) < 0.5
    known = np.column_stack([chance.random(400) + came, chance.random(400), np.zeros(400)])
    learned = Learned.of(known, came)
    assert learned.weights[0] > 5 * abs(learned.weights[1])
    assert area_under_curve(learned.guess(known), came) > 0.95


def test_the_thief_finds_what_stands_in_a_file_in_any_usual_encoding(tmp_path: Path) -> None:
    evening = an_evening(tmp_path / "gate", 20, 5)
    for number, suspect in enumerate(evening.suspects[:6]):
        texts = texts_of(suspect)
        (evening.loot / f"note-{number}").write_bytes(b"..." + texts[number * (len(texts) - 1) // 5] + b"...")
    found = figures(Loot.of(evening.loot), evening.suspects, body_of(Lock.SEALED))[:, 1]
    assert all(found[:6] > 0.9)
    assert max(found[6:]) < 0.9


def test_the_thief_opens_what_a_key_in_the_folder_opens(tmp_path: Path) -> None:
    evening = an_evening(tmp_path / "gate", 20, 6, private_key_too=True)
    opened = figures(Loot.of(evening.loot), evening.suspects, body_of(Lock.SEALED))[:, 3]
    assert sum(opened > 0) >= sum(evening.came) * 3 // 4
    assert not any((opened > 0) & ~np.array(evening.came))


def test_the_thief_notices_a_key_stream_that_is_used_twice(tmp_path: Path) -> None:
    evening = an_evening(tmp_path / "gate", 20, 7, Lock.OPEN)  # the weakest of all: a stream of zeros
    loot = Loot.of(evening.loot)
    rows = tuple(row for row in loot.rows if row.counted)
    shifted = tuple(
        type(row)(row.seq, row.at, row.direction, row.counted, row.place_id, row.key_id, b"k" * 32 + row.sealed, b"")
        for row in rows
    )
    whole = figures(
        Loot(loot.device_id, loot.epoch, shifted, loot.windows, ()), evening.suspects, body_of(Lock.UNPADDED)
    )
    came = np.array(evening.came)
    assert area_under_curve(whole[:, 4], came) > 0.75


@pytest.mark.parametrize("word", ["1", "none"])
def test_one_evening_is_too_few(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments("--evenings", word)
    assert "from 2" in capsys.readouterr().err


def test_for_machines_it_is_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    run(arguments("--evenings", "2", "--people", "40", "--json"))
    (line,) = capsys.readouterr().out.splitlines()
    assert [result["lock"] for result in json.loads(line)] == [str(lock) for lock in Lock]


def test_a_person_reads_the_guess_and_what_the_card_told(capsys: pytest.CaptureFixture[str]) -> None:
    run(arguments("--evenings", "2", "--people", "40"))
    out = capsys.readouterr().out
    assert "who came, guessed       AUC " in out
    assert "were it open" in out
    assert "learned all the same" in out


def test_the_counts_are_enough_to_tell() -> None:
    assert (EVENINGS, FULL_EVENINGS) == (20, 200)
