"""The database is gone while people stand before a poster: a page that sends them to the gate, not an error."""

from __future__ import annotations

import pytest

from device.hub.db.database import HubDatabase
from device.hub.registry.place import RegisteredPlace
from tests.hub.people.people_thread import PeopleThread
from tests.support.postgres import Cluster


@pytest.fixture
def database() -> str:
    return "postgresql"


def test_while_the_database_is_away_kept_pages_stay_and_others_say_where_to_go(
    store: HubDatabase, postgres: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    with PeopleThread(store) as people:
        _, kept = people.poster(RegisteredPlace("Chợ Mới", "Huế"))
        _, other = people.poster(RegisteredPlace("Chợ Cũ", "Huế"))
        assert people.get(f"/p/{kept.poster_id}").status == 200
        postgres.stop()
        try:
            still, away = people.get(f"/p/{kept.poster_id}"), people.get(f"/p/{other.poster_id}")
        finally:
            postgres.start()
        assert (still.status, away.status, away.headers["Retry-After"]) == (200, 503, "5")
        assert "Máy quét ở cửa vẫn hoạt động" in away.text
        assert "people-database-failed" in caplog.text
        assert people.get(f"/p/{other.poster_id}").status == 200
