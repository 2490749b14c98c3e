"""Logs of a real SQLite file: what a power cut leaves is no damage, one wrong bit is."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from device.store.write_ahead_log import HEADER_BYTES, Frame, frames_of, is_log_damaged

STEP = 24 + 4096


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """The log of a killed process: 30 transactions of one to three pages, behind them frames of a former round."""
    with closing(sqlite3.connect(tmp_path / "some.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("CREATE TABLE some (ref INTEGER PRIMARY KEY, a, b UNIQUE)")
        for rounds, count in enumerate((80, 30)):
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            for number in range(count):
                values = [random.Random(number).randbytes(700), f"{rounds} {number * 7919 % 100}"]
                connection.execute("INSERT INTO some (a, b) VALUES (?, ?)", values)
        body = (tmp_path / "some.db-wal").read_bytes()
        path = tmp_path / "killed.db-wal"
        path.write_bytes(body)
        yield path


def is_damaged(log: Path, body: bytes) -> bool:
    log.write_bytes(body)
    return is_log_damaged(log.with_name(log.name.removesuffix("-wal")))


def ours_in(body: bytes) -> list[Frame]:
    frames, salt = frames_of(body)
    return [frame for frame in frames if frame.salt == salt]


def test_a_log_that_is_whole_is_not_damaged_and_no_log_is_none(log: Path, tmp_path: Path) -> None:
    frames, _ = frames_of(log.read_bytes())
    assert 60 < len(ours_in(log.read_bytes())) < len(frames)
    assert all(frame.is_right for frame in ours_in(log.read_bytes()))
    assert not is_damaged(log, log.read_bytes())
    assert not is_log_damaged(tmp_path / "other.db")
    assert not is_damaged(log, b"")
    assert not is_damaged(log, bytes(100_000))


def test_wherever_the_power_cut_the_log_off_it_is_not_damaged(log: Path) -> None:
    body, ours = log.read_bytes(), ours_in(log.read_bytes())
    for frame in ours:
        for end in (frame.offset - 24, frame.offset - 11, frame.offset, frame.offset + 1_000):
            assert not is_damaged(log, body[:end])


def test_of_a_transaction_that_never_ended_any_part_may_be_there(log: Path) -> None:
    body, ours = log.read_bytes(), ours_in(log.read_bytes())
    ends = [place for place, frame in enumerate(ours) if frame.commits]
    assert max(end - start for start, end in pairwise(ends)) > 1
    for start, end in pairwise(ends):
        for missing in range(start + 1, end + 1):
            torn = bytearray(body[: ours[end].offset + 4096])
            at = ours[missing].offset - 24
            torn[at : at + STEP] = bytes(STEP)
            assert not is_damaged(log, bytes(torn))
            torn[at : at + 512] = body[at : at + 512]  # the first sector only
            assert not is_damaged(log, bytes(torn))


def test_one_wrong_bit_is_damage_wherever_more_than_one_transaction_stands_behind_it(log: Path) -> None:
    body, ours = log.read_bytes(), ours_in(log.read_bytes())
    ends = [place for place, frame in enumerate(ours) if frame.commits]
    last = ours[ends[-3]].offset
    places = [*range(HEADER_BYTES), *range(HEADER_BYTES, HEADER_BYTES + 30), *range(last - 24, last)]
    places += [random.Random(1).randrange(last) for _ in range(150)]
    assert [place for place in places if not is_damaged(log, flipped(body, place))] == []


def flipped(body: bytes, place: int) -> bytes:
    changed = bytearray(body)
    changed[place] ^= 1 << place % 8
    return bytes(changed)
