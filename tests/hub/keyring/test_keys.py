from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from device.hub.folder import HubFolder
from device.hub.keyring.keys import AHEAD_DAYS, KeyFolder
from device.wire.sealing_keys import decode_days
from tests.support.fakes import FakeClock

DAY_MS = 86_400_000
TODAY = date(2026, 1, 1)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(wall_ms=1_767_225_600_000)


@pytest.fixture
def keys(tmp_path: Path, clock: FakeClock) -> KeyFolder:
    keys = KeyFolder(tmp_path)
    keys.make_ahead(clock.wall_ms)
    return keys


def test_there_is_a_key_for_today_and_for_each_of_the_days_to_come(keys: KeyFolder) -> None:
    pairs = keys.pairs()
    assert [pair.day for pair in pairs] == [TODAY + timedelta(days=ahead) for ahead in range(AHEAD_DAYS + 1)]
    assert len({pair.key.key_id for pair in pairs} | {pair.private for pair in pairs}) == 2 * (AHEAD_DAYS + 1)


def test_each_day_adds_one_key_and_changes_none(keys: KeyFolder, clock: FakeClock) -> None:
    before = keys.pairs()
    keys.make_ahead(clock.wall_ms)
    assert keys.pairs() == before
    keys.make_ahead(clock.wall_ms + DAY_MS)
    assert keys.pairs()[:-1] == before
    assert keys.pairs()[-1].day == TODAY + timedelta(days=AHEAD_DAYS + 1)
    assert not list(keys.path.glob(".*"))


def test_a_destroyed_key_is_overwritten_and_gone(keys: KeyFolder) -> None:
    path = keys.path / f"{TODAY}.json"
    private = path.read_bytes()
    with path.open("rb") as still_open:
        keys.destroy(TODAY)
        assert not path.exists()
        left = still_open.read()
    assert (len(left), left == private) == (len(private), False)
    keys.destroy(TODAY)


def test_a_key_whose_destruction_was_broken_off_is_not_damaged_but_destroyed_the_next_time(
    keys: KeyFolder,
) -> None:
    script = (
        "import sys; from datetime import date; from pathlib import Path\n"
        "from device.hub.keyring.keys import KeyFolder\n"
        "sys.addaudithook(lambda event, words: sys.exit(3) if event == 'os.remove' else None)\n"
        f"KeyFolder(Path({str(keys.path)!r})).destroy(date({TODAY:%Y, %-m, %-d}))\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], check=False)
    assert ended.returncode == 3
    assert keys.pairs()[0].day == TODAY + timedelta(days=1)
    keys.destroy(TODAY)
    assert not list(keys.path.glob(".*"))


def test_a_key_file_under_another_day_is_no_key(keys: KeyFolder) -> None:
    (keys.path / f"{TODAY}.json").rename(keys.path / "2025-12-31.json")
    with pytest.raises(Exception, match=r"2025-12-31\.json: not a key of this hub"):
        keys.pairs()


def test_todays_document_leaves_past_days_out(tmp_path: Path, clock: FakeClock) -> None:
    folder = HubFolder.create(tmp_path / "hub", clock)
    first = decode_days(folder.sealing_days_document())
    assert first == folder.sealing_keys()
    clock.advance(2 * DAY_MS)
    assert decode_days(folder.sealing_days_document()) == first[2:]
    clock.advance(400 * DAY_MS)
    assert decode_days(folder.sealing_days_document()) == first[-1:]
