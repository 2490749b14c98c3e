"""Every test starts from the same environment, whatever the person or the machine that runs it has set."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import time
from collections.abc import Generator, Iterator, Mapping
from fnmatch import fnmatch
from typing import Final

import pytest

from tests.support.postgres import Cluster

KEPT: Final = ("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "PYTEST_*", "COVERAGE_*")
KEPT_FOR_APPLIANCE: Final = ("GATE_FULL", "GATE_APPLIANCE", "GATE_MACHINE", "PIP_*", "*_proxy", "*_PROXY", "SSL_CERT_*")
"""These tests fetch Debian's packages and Python's, from where the machine says."""

_LIBC: Final = ctypes.CDLL(None)
FIXED: Final = {"LC_ALL": "C.UTF-8", "TZ": "ODD-03:25"}
"""Letters of every language on every pipe; a local time that is nobody's: where UTC is meant, any other shows."""


def scrubbed(environment: Mapping[str, str], kept: tuple[str, ...] = KEPT) -> dict[str, str]:
    """Return what a test may see of *environment*: names that match one of *kept*, and what is fixed."""
    seen = {name: value for name, value in environment.items() if any(fnmatch(name, one) for one in kept)}
    return seen | FIXED


def _put(environment: Mapping[str, str]) -> None:
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]
    os.environ.update(environment)
    time.tzset()


def pytest_configure() -> None:
    """Let child processes be interrupted and hung up also where this one was started by ``nohup`` or with ``&``.

    What is ignored is ignored by children too; a handler of our own, which does nothing, they do not inherit.
    """
    for number in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda _number, _frame: None)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Scrub before the first fixture of a test is made, of any scope; undo afterwards what the test has set."""
    before, handlers, levels = dict(os.environ), list(logging.root.handlers), _levels()
    kept = KEPT + KEPT_FOR_APPLIANCE if item.get_closest_marker("appliance") else KEPT
    _put(scrubbed(before, kept))
    try:
        return (yield)
    finally:
        _put(before)
        logging.root.handlers[:] = handlers  # what a command logs, and where, ends with its test
        for logger in _levels():
            logger.setLevel(levels.get(logger, logging.NOTSET))
        _LIBC.munlockall()  # a gate that ran in this process has locked it: for a user with a limit nothing works then


def _levels() -> dict[logging.Logger, int]:
    """Return the level of every logger."""
    named = (logger for logger in logging.root.manager.loggerDict.values() if isinstance(logger, logging.Logger))
    return {logger: logger.level for logger in (logging.root, *named)}


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL of this process's own (`tests.support.postgres`), made for the first test that asks for it."""
    cluster = Cluster()
    yield cluster
    cluster.close()


@pytest.fixture
def postgres_url(postgres: Cluster) -> Iterator[str]:
    """The URL of a blank database there, of one test."""
    name = postgres.new_database()
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture(scope="session")
def _postgres_hub(postgres: Cluster) -> str:
    from tests.support.databases import make_tables  # noqa: PLC0415 - a gate's tests need no database

    name = postgres.new_database()
    make_tables(postgres.url(name))
    return name


@pytest.fixture
def postgres_hub_url(postgres: Cluster, _postgres_hub: str) -> str:
    """The URL of a database there with a hub's tables, all of them empty."""
    postgres.empty(_postgres_hub)
    return postgres.url(_postgres_hub)


@pytest.fixture
def database() -> str:
    """Where the hub's database is: ``sqlite``, unless a module is of `both_databases`."""
    return "sqlite"


@pytest.fixture
def database_url(database: str, request: pytest.FixtureRequest) -> str | None:
    """The URL of a database on a server that has tables; ``None``: a file."""
    found: str | None = request.getfixturevalue("postgres_hub_url") if database == "postgresql" else None
    return found
