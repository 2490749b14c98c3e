"""One bit of a ledger's file is changed while the gate is off: a small run over every column and structure."""

from __future__ import annotations

import argparse
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from device.store.schema import FILE_NAME
from tests.bench.damage import add_arguments, run
from tests.bench.damage_stage import Site, Stage, prepare

ROWS = 60
VICTIM = 50
"""A row that is not delivered, of the third boot; visitors are counted from 0, rows from 1."""


def columns_of(state: Path, query: str) -> tuple[bytes, ...]:
    with closing(sqlite3.connect(state / FILE_NAME)) as connection:
        found = connection.execute(query).fetchone()
    return tuple(value if isinstance(value, bytes) else str(value).encode() for value in found)


def places_hit(stage: Stage) -> Iterator[tuple[str, int, int]]:
    """Yield what is hit, byte and bit."""
    body, state = stage.files[FILE_NAME], stage.folder / "state"
    with closing(sqlite3.connect(state / FILE_NAME)) as connection:
        (wall_ms,) = connection.execute("SELECT wall_ms FROM check_ins WHERE seq = ?", [VICTIM]).fetchone()
    wall = body.index(wall_ms.to_bytes(6))
    sealed, link = columns_of(state, f"SELECT sealed, link FROM check_ins WHERE seq = {VICTIM}")
    # A row's cell: size, number, then its header of 13 bytes, boot (1), monotonic (3) and wall time (6).
    header = wall - 3 - 1 - 13
    yield from (("wall_ms", wall + 5, 0), ("wall_ms, high", wall, 7), ("monotonic_ms", wall - 1, 3))
    yield from (("boot ref, dangling", wall - 4, 5), ("boot ref, another", wall - 4, 1), ("number", header - 1, 1))
    yield from ((f"type of column {column}", header + column, bit) for column, bit in ((2, 1), (4, 0), (6, 0), (8, 3)))
    yield from (("size of the cell", header - 3, 0), ("sealed", body.index(sealed) + 100, 4))
    yield from (("link", body.index(link) + 7, 2), ("count of a page's cells", wall // 4096 * 4096 + 4, 0))
    for table, column in (("boots", "boot_id"), ("places", "place_id"), ("sealing_keys", "key_id")):
        (name,) = columns_of(state, f"SELECT {column} FROM {table} WHERE ref = 1")
        first = body.index(name)
        yield from ((f"{column}, once", first + 3, 1), (f"{column}, again", body.index(name, first + 1) + 3, 5))
    document, epoch = (
        body.index(b"Nghia" if b"Nghia" in body else b'"market"'),
        columns_of(state, "SELECT value FROM meta WHERE name = 'epoch'"),
    )
    again, once = body.index(epoch[0]), body.rindex(epoch[0])  # in the text of the view, and in meta
    yield from (("document", document + 2, 0), ("epoch, once", once + 5, 0), ("epoch, again", again + 5, 0))
    yield from (
        ("device id", body.index(stage.enrolled.device_id.encode()) + 6, 0),
        ("layout", body.index(b"layout1") + 6, 1),
    )
    pruned_link, proof = columns_of(state, "SELECT pruned_link, proof FROM delivery")
    cursor = body.index(pruned_link) - 2
    yield from (("cursor, up", cursor, 5), ("cursor, down", cursor, 0), ("pruned_seq", cursor + 1, 2))
    yield from (("pruned_link", cursor + 9, 0), ("proof", body.index(proof) + 1, 0))
    yield from (("a column's name", body.index(b"wall_ms INTEGER") + 2, 7), ("may not be written", 18, 4))


def test_whatever_one_bit_hits_no_other_check_in_is_lost_and_none_after_it(tmp_path: Path) -> None:
    stage = prepare(tmp_path / "recorded", ROWS, killed=False)
    found = {}
    for name, byte, bit in places_hit(stage):
        outcome = stage.flip(Site(FILE_NAME, byte, bit, stage), tmp_path / name)
        assert (name, outcome.lost_after, outcome.refused) == (name, 0, 0)
        assert outcome.lost_before <= 1, name
        assert len(outcome.alarms) <= 1, name
        found[name] = outcome
    assert len(found) > 30
    read_by_salvage_only = ["boot_id, again", "place_id, again", "key_id, again", "epoch, again"]
    assert [name for name, outcome in found.items() if not outcome.epochs] == read_by_salvage_only
    assert [name for name, outcome in found.items() if outcome.alarms == ("chain-broken",)] == [
        "wall_ms",
        "wall_ms, high",
        "monotonic_ms",
        "boot ref, another",
        "type of column 6",
        "sealed",
    ]


def log_hit(stage: Stage) -> Iterator[tuple[str, int, int]]:
    """Yield what is hit of the log of a gate that was killed, byte and bit."""
    frames = (len(stage.files[f"{FILE_NAME}-wal"]) - 32) // 4120
    yield from (("magic", 0, 0), ("size of a page", 8, 4), ("salt of all", 17, 2), ("sum of the header", 24, 7))
    for number in (0, frames // 2):
        start = 32 + number * 4120
        parts = (("page number, far", 0, 0), ("page number", 3, 1), ("commit", 7, 2), ("salt", 9, 5), ("sum", 17, 0))
        yield from ((f"{part} of frame {number}", start + byte, bit) for part, byte, bit in parts)
        yield f"page of frame {number}", start + 24 + 3_000, 3


def test_whatever_one_bit_of_the_log_hits_no_other_check_in_is_lost_and_none_becomes_a_fork(tmp_path: Path) -> None:
    stage = prepare(tmp_path / "recorded", ROWS, killed=True)
    for name, byte, bit in log_hit(stage):
        outcome = stage.flip(Site(f"{FILE_NAME}-wal", byte, bit, stage), tmp_path / name)
        assert (name, outcome.lost_after, outcome.refused, outcome.alarms) == (name, 0, 0, ())
        assert outcome.lost_before <= 1, name


def test_the_bench_says_what_it_hit_and_ends_well(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    words = ["--flips", "5", "--rows", "40", "--seed", "3", "--json", "--folder", str(tmp_path)]
    assert run(parser.parse_args(words)) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["flips"], sum(found["hits"].values()), found["lost_after"], found["worst"]) == (5, 5, 0, [])
    assert list(tmp_path.iterdir()) == []
