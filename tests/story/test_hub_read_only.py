"""The hub's card or its database is read-only for a while: it says so, gates keep all, nobody starts anything anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event, make_url

from device.clock import SystemClock
from device.hub.db.database import HubDatabase
from tests.story.fleet import FleetGate, at_the_centre, names
from tests.support.databases import both_databases, hub_folder
from tests.support.fake_server import HubThread
from tests.support.postgres import Cluster
from tests.support.tmpfs import read_only, tmpfs

SQLITE_SAYS = "the hub's database is read-only"
POSTGRES_SAYS = "the database is read-only (25006)"


@contextmanager
def connections_read_only(store: HubDatabase) -> Iterator[None]:
    """Let SQLite's connections be as those of a file that could not be opened for writing; they stay so afterwards."""

    def freeze(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA query_only=ON")

    event.listen(store._engine, "checkout", freeze)
    yield
    event.remove(store._engine, "checkout", freeze)


@contextmanager
def database_read_only(postgres: Cluster, name: str) -> Iterator[None]:
    """Set what an operator sets; connections that are there see it when they are made anew, and not when it ends."""
    postgres.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    postgres.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    yield
    postgres.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")


def a_fault(request: pytest.FixtureRequest, url: str | None, store: HubDatabase) -> AbstractContextManager[None]:
    if url is None:
        return connections_read_only(store)
    return database_read_only(request.getfixturevalue("postgres"), make_url(url).database or "")


@both_databases
def test_while_the_database_is_read_only_gates_keep_all_and_afterwards_it_arrives_once(
    tmp_path: Path, database_url: str | None, caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest
) -> None:
    hub = hub_folder(tmp_path / "hub", SystemClock(), database_url)
    with FleetGate(tmp_path / "state", hub.add_gate("Cổng A")) as gate, HubThread(hub) as server:
        through(gate, server, lambda: a_fault(request, database_url, server.store))
    assert at_the_centre(hub) == (names(*range(1, 71)), [], 0)
    told = [line for line in caplog.messages if line.startswith("event=database-failed")]
    assert len(told) == 1
    assert (SQLITE_SAYS if database_url is None else POSTGRES_SAYS) in told[0]


def through(gate: FleetGate, server: HubThread, fault: Callable[[], AbstractContextManager[None]]) -> None:
    """Let a gate deliver, keep what it has while there is a fault, and deliver that afterwards."""
    gate.record(*range(1, 21))
    gate.deliver(server.url)
    with fault():
        gate.record(*range(21, 61))
        gate.deliver(server.url, lambda delivering: delivering.link.error == "status-503")
        assert gate.waiting() == 40
        assert any(pause_s >= 5 for pause_s in gate.clock.pauses)  # as Retry-After said
    gate.record(*range(61, 71))
    gate.deliver(server.url)
    assert gate.waiting() == 0


def test_a_hub_whose_card_was_made_read_only_goes_on_when_it_can_be_written_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with tmpfs(tmp_path / "card") as card:
        hub = hub_folder(card / "hub", SystemClock(), None)
        with FleetGate(tmp_path / "state", hub.add_gate("Cổng A")) as gate, HubThread(hub) as server:

            @contextmanager
            def fault() -> Iterator[None]:
                server.store.close()  # its next connections are of a file that cannot be opened for writing
                assert not server.store.is_read_only()
                with read_only(card):
                    assert server.store.is_read_only()
                    yield

            through(gate, server, fault)
        assert at_the_centre(hub) == (names(*range(1, 71)), [], 0)
    told = [line for line in caplog.messages if line.startswith("event=database-failed")]
    assert len(told) == 1
    assert SQLITE_SAYS in told[0]
