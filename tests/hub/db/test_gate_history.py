"""A gate's week: seven days that end now, hour by hour, from sums that are there."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import insert

from device.hub.db.gate_history import DAYS, week_of
from device.hub.db.tables import gate_hours, ledgers
from device.hub.folder import HubFolder
from device.model import HOUR_MS, HourCounts
from tests.support.databases import both_databases, hub_folder
from tests.support.fakes import FakeClock
from tests.support.gate_states import QUIET
from tests.support.many_gates import add_gates

pytestmark = both_databases


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def folder(tmp_path: Path, database_url: str | None, clock: FakeClock) -> HubFolder:
    return hub_folder(tmp_path / "hub", clock, database_url)


def test_a_week_has_seven_days_each_with_what_the_hub_has_and_what_the_gate_counted(folder: HubFolder) -> None:
    store = folder.open_store()
    one, other = add_gates(store, "A", "B")
    now = store.now_ms() // HOUR_MS
    for gate, granted in ((one, 5), (other, 100)):
        counted = [HourCounts(now, (granted, 2, 1, 4, 3, 0, 9)), HourCounts(now - 30, (7, *[0] * 6))]
        store.note_state(gate, QUIET, counted)
    with store.begin() as connection:
        shared = {"epoch": "e", "head_seq": 1, "head_link": b"", "settled_seq": 1, "heard_ms": 1}
        named = [{"ledger_id": number, "device_id": gate} | shared for number, gate in enumerate((one, other), 1)]
        connection.execute(insert(ledgers), named)
        sums = {"ins": 1, "outs": 2, "others": 3, "repeats": 4, "uncertain": 5}
        rows = [(1, now, "p"), (1, now, "q"), (1, now - 30, "p"), (1, now - 24 * 30, "p"), (2, now, "p")]
        connection.execute(
            insert(gate_hours),
            [{"ledger_id": ledger, "hour": hour, "place_id": place} | sums for ledger, hour, place in rows],
        )
    with store.reading() as connection:
        week = week_of(connection, one, store.now_ms())
        quiet = week_of(connection, "gate-nobody", store.now_ms())
    store.close()
    assert len(week.days) == DAYS
    assert [day.date for day in week.days] == sorted({day.date for day in week.days})
    assert len(week.delivered) == len(week.answered) == len(week.unread)
    assert 24 * (DAYS - 1) < len(week.delivered) <= 24 * DAYS + 1
    assert (week.delivered[-1], week.answered[-1], week.unread[-1]) == (30, 8, 7)
    assert (sum(week.delivered), sum(week.answered)) == (45, 15)
    assert sum(day.delivered for day in week.days) == 45
    assert week.days[-1].counts == (5, 2, 1, 4, 3, 0, 9)
    assert sum(day.counts[0] for day in week.days) == 12
    assert (sum(quiet.delivered), len(quiet.days)) == (0, DAYS)
