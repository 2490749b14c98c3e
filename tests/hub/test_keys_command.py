"""``hub keys`` and ``hub clock``: keys looked through and destroyed by hand, a clock in doubt."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from device.cli import main
from device.clock import SystemClock, utc_day
from device.hub.folder import HubFolder
from tests.support.fake_outbox import batch_of, chained_rows
from tests.support.fakes import FakeClock


def test_keys_are_looked_through_by_hand_and_the_day_must_be_the_clocks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["hub", "init", str(tmp_path), "--retention-days", "0"])
    assert ended.value.code == 2
    assert main(["hub", "init", str(tmp_path), "--retention-days", "3"]) == 0
    capsys.readouterr()
    assert main(["hub", "expire", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "nothing was due\n"
    assert main(["hub", "expire", str(tmp_path), "--today", "2020-02-29"]) == 78
    assert "not 2020-02-29; set it right first" in capsys.readouterr().err
    with (tmp_path / "hub.yaml").open("a") as file:
        file.write("retention_days: 3d\n")
    assert main(["hub", "expire", str(tmp_path)]) == 78
    assert "retention_days: given twice" in capsys.readouterr().err


def test_a_clock_in_doubt_is_told_with_what_arrived_meanwhile_and_a_person_can_accept_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub = HubFolder.create(tmp_path / "hub", FakeClock(wall_ms=1_767_225_600_000))
    gate = hub.add_gate("Cổng A")
    path = str(hub.path)
    later = HubFolder(hub.path, SystemClock())
    with closing(later.open_store()) as store:
        store.ingest(batch_of(gate.device_id, chained_rows(gate.device_id, gate.sealing_keys[0], 2)))
    assert main(["hub", "clock", path]) == 1
    said = capsys.readouterr().out
    assert "it is in doubt: it should be about 2026-01-01T00:00:00Z" in said
    assert "arrivals 1 to 2, from about 2026-01-01T00:00:00Z: the clock was off by " in said
    assert main(["hub", "code", path, "Cổng B"]) == 78
    assert "--accept" in capsys.readouterr().err
    assert main(["hub", "gate", "list", path]) == 0
    assert capsys.readouterr().out.startswith("ALARM the clock says 20")
    assert main(["hub", "clock", path, "--accept"]) == 0
    assert "it is believed" in capsys.readouterr().out
    assert main(["hub", "code", path, "Cổng B"]) == 0
    assert main(["hub", "gate", "list", path]) == 0
    assert "ALARM the clock" not in capsys.readouterr().out
    assert main(["hub", "expire", path]) == 0


def test_a_key_that_is_destroyed_by_hand_is_told_with_what_went_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    long_ago = FakeClock(wall_ms=1_767_225_600_000)
    hub = HubFolder.create(tmp_path / "hub", long_ago)
    gate = hub.add_gate("Cổng A")
    store = hub.open_store()
    store.ingest(batch_of(gate.device_id, chained_rows(gate.device_id, gate.sealing_keys[0], 2)))
    hub.revoke(store, gate.device_id, gate.key.public)
    store.close()
    today = str(utc_day(SystemClock().reading().wall_ms))
    assert main(["hub", "expire", str(tmp_path / "hub"), "--today", today]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "2026-01-01: destroyed; 2 check-ins lost their body; last used by 2026-01-01"
    assert main(["hub", "checkins", str(tmp_path / "hub"), "--unseal", "--reason", "case 7"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["expired"], line["unsealed"]) for line in lines] == [(True, None)] * 2
