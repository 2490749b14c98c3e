"""COPY's binary form, as the server reads it back."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from device.clock import SystemClock
from device.hub.db.copying import copy_plain_rows
from device.hub.db.rows import BODY_COLUMNS, CHECKIN_COLUMNS, UNKNOWN_DAY
from device.hub.db.tables import bodies, checkins
from tests.support.databases import hub_folder


def test_what_is_copied_stands_there_value_by_value(tmp_path: Path, postgres_hub_url: str) -> None:
    store = hub_folder(tmp_path / "hub", SystemClock(), postgres_hub_url).open_store()
    now_ms, least, most = store.now_ms(), -(2**63), 2**63 - 1
    rows = [
        (now_ms, 1, least, most, -1, 0, 2**31 - 1, -(2**31), 2, 1, True, b"a" * 32),
        (now_ms, most, 0, 1, least, most, 1, 2, 0, 0, False, b"\xff" * 32),
    ]
    sealed = [(UNKNOWN_DAY, 1, 1, 0, b""), (UNKNOWN_DAY, 1, 2, 5, bytes(range(256)) * 300)]
    with store.begin() as connection:
        copy_plain_rows(connection, checkins, CHECKIN_COLUMNS, rows)
        copy_plain_rows(connection, bodies, BODY_COLUMNS, sealed)
    with store.reading() as connection:
        found = connection.execute(select(*(checkins.c[name] for name in CHECKIN_COLUMNS)).order_by(checkins.c.seq))
        assert [tuple(row) for row in found] == rows
        found = connection.execute(select(*(bodies.c[name] for name in BODY_COLUMNS)).order_by(bodies.c.seq))
        assert [tuple(row) for row in found] == sealed
    with pytest.raises(DBAPIError), store.begin() as connection:
        copy_plain_rows(connection, bodies, BODY_COLUMNS, sealed[:1])
    store.close()
