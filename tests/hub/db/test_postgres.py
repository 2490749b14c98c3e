from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from sqlalchemy import event, make_url, text
from sqlalchemy.exc import OperationalError

from device.clock import SystemClock
from device.enrolment.code import EnrolCode
from device.errors import ConfigurationError
from device.hub.believed_clock import BelievedClock
from device.hub.db.database import HubDatabase
from device.hub.db.opening import open_database
from device.hub.db.postgres import check_version
from tests.support.postgres import LOCKED, PASSWORD, USER, Cluster


def opened(url: str) -> HubDatabase:
    return open_database(make_url(url), BelievedClock(SystemClock()))


def refused(url: str) -> str:
    """Return what is said about a database that cannot be used."""
    with pytest.raises(ConfigurationError) as caught:
        opened(url)
    assert caught.value.__cause__ is None  # what the driver says may hold the address whole
    return str(caught.value)


def test_every_connection_waits_for_the_disk_whatever_is_set_for_the_user(
    postgres: Cluster, postgres_hub_url: str
) -> None:
    for setting in ("synchronous_commit = off", "default_transaction_isolation = serializable"):
        postgres.execute(f"ALTER ROLE {USER} SET {setting}")
    names = ("synchronous_commit", "transaction_isolation", "lock_timeout", "statement_timeout", "application_name")
    try:
        with closing(opened(postgres_hub_url)) as store, store.begin() as one, store.begin() as other:
            found = [[held.execute(text(f"SHOW {name}")).scalar() for name in names] for held in (one, other)]
    finally:
        postgres.execute(f"ALTER ROLE {USER} RESET ALL")
    assert found == [["on", "read committed", "3s", "1min", "gate-scanner hub"]] * 2


def test_who_has_the_right_password_is_let_in_and_who_has_not_is_told_without_it(
    postgres: Cluster, postgres_hub_url: str
) -> None:
    name = make_url(postgres_hub_url).database or ""
    right = postgres.url(name, f"{LOCKED}:{quote(PASSWORD, safe='')}")
    postgres.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {LOCKED}", name)
    with closing(opened(right)) as store:
        assert store.gates() == []
    wrong = postgres.url(name, f"{LOCKED}:hunter2")
    where = f"postgresql+psycopg://{LOCKED}:***@/{name}?host={quote(str(postgres.folder), safe='')}"
    assert refused(wrong) == f"database.url: {where}: the server refuses the user or the password"
    assert "the server refuses the user or the password" in refused(postgres.url(name, LOCKED))


@dataclass(frozen=True)
class Wrong:
    """A URL that is wrong, and what is said."""

    url: str
    said: str


@pytest.mark.parametrize(
    "wrong",
    [
        Wrong("{user}@/none?host={place}", "there is no such database; make it: createdb -O USER NAME"),
        Wrong("nobody@/postgres?host={place}", "the server does not know the user; make it: createuser NAME"),
        Wrong("{user}@/postgres?host={place}", "blank; restore a backup (gate-scanner hub restore)"),
        Wrong("{user}@/postgres?host={place}&colour=red", "has a parameter behind its ? that libpq does not know"),
        Wrong("{user}@127.0.0.1:1/postgres", "no server answers there"),
        Wrong("{user}@/postgres?host={place}/nowhere", "no server answers there"),
    ],
    ids=["database", "user", "blank", "parameter", "port", "socket"],
)
def test_a_database_that_cannot_be_used_is_told_with_its_key_and_what_to_do(postgres: Cluster, wrong: Wrong) -> None:
    url = "postgresql+psycopg://" + wrong.url.format(user=USER, place=postgres.folder)
    said = refused(url)
    assert said.startswith("database.url: postgresql+psycopg://")
    assert wrong.said in said


@contextmanager
def set_for_all(postgres: Cluster, setting: str) -> Iterator[None]:
    """Set something of the whole server while the block runs."""
    name = setting.partition(" ")[0]
    postgres.execute(f"ALTER SYSTEM SET {setting}")
    postgres.restart()
    try:
        yield
    finally:
        postgres.execute(f"ALTER SYSTEM RESET {name}")
        postgres.restart()


def test_a_server_that_does_not_wait_for_its_disk_is_refused(postgres: Cluster, postgres_hub_url: str) -> None:
    with set_for_all(postgres, "fsync = off"):
        assert "its server has fsync off and loses check-ins with the power; set it on" in refused(postgres_hub_url)


@pytest.mark.parametrize("version", [90_624, 130_021])
def test_a_server_older_than_fourteen_is_refused(version: int) -> None:
    check_version(140_000, "postgresql+psycopg://hub@/hub")
    with pytest.raises(ConfigurationError, match=f"PostgreSQL {version // 10_000} is too old; a hub needs 14 or newer"):
        check_version(version, "postgresql+psycopg://hub@/hub")


def test_two_who_make_the_tables_at_once_make_them_once(postgres: Cluster, postgres_url: str) -> None:
    clock = BelievedClock(SystemClock())
    for _ in range(2):
        open_database(make_url(postgres_url), clock, new=True).close()
    with closing(opened(postgres_url)) as store:
        assert store.count()["checkins"] == 0


def test_of_what_waits_together_a_server_that_is_away_is_asked_once(postgres: Cluster, postgres_hub_url: str) -> None:
    asked: list[str] = []
    with closing(opened(postgres_hub_url)) as store:
        event.listen(store._engine, "do_connect", lambda *_: asked.append("connect"))
        postgres.stop()
        try:
            outcomes = store.together([store.check, store.check, lambda: store.new_code("Cổng A")] * 5)
        finally:
            postgres.start()
        assert [type(one) for one in outcomes] == [OperationalError] * 15
        assert len(asked) == 1
        assert isinstance(store.together([lambda: store.new_code("Cổng A")])[0], EnrolCode)


def test_who_looks_after_the_keys_is_alone_and_others_come_again(postgres_hub_url: str) -> None:
    with closing(opened(postgres_hub_url)) as store, closing(opened(postgres_hub_url)) as other:
        with store.alone(), pytest.raises(OperationalError, match="lock timeout"), other.alone():
            pass
        with other.alone():
            pass
