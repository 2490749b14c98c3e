"""A PostgreSQL of the tests' own: made in a temporary folder, reached by a socket in it, gone when the tests end.

It listens on no port. Whoever is root runs it as the user ``postgres``, since PostgreSQL refuses to be root's. A shell
waits for the end of the tests, however they end, and stops the server and removes the folder.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import psycopg

PLACE: Final = Path("/usr/lib/postgresql")
HOW: Final = "PostgreSQL's server is missing; ./setup.sh test installs it (Debian's package postgresql, no database)"
USER: Final = "hub"
LOCKED: Final = "locked"
"""A user that needs `PASSWORD`; everybody else is let in."""
PASSWORD: Final = "mật khẩu:/@?#1"
_ACCESS: Final = f"local all {LOCKED} scram-sha-256\nlocal all all trust\n"
_SETTINGS: Final = "listen_addresses = ''\nshared_buffers = 64MB\nunix_socket_permissions = 0700\n"
_EMPTY: Final = """DO $$ DECLARE one text; BEGIN
  PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
  SET LOCAL session_replication_role = replica;  -- whatever refers to what
  FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE format('DELETE FROM %I', one);
  END LOOP;
  PERFORM setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences WHERE schemaname = 'public';
END $$"""
_KEEPER: Final = 'read -r _; "$0" -D "$1/data" -m immediate -s stop; rm -rf "$1"'
"""A shell that waits until whoever holds the other end of its input is gone, even by SIGKILL."""


def binaries() -> Path:
    """Return the folder with the newest server's programs."""
    there = [path for path in PLACE.glob("*/bin") if (path / "initdb").exists()]
    assert there, HOW
    return max(there, key=lambda path: int(path.parent.name))


class Cluster:
    """A PostgreSQL server; `close` stops and removes it.

    Attributes:
        folder: where it lies; its socket, too.
    """

    def __init__(self) -> None:
        self._bin = binaries()
        self._as: dict[str, Any] = {}
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # short: a socket's path has 107 bytes
        if os.geteuid() == 0:
            who = pwd.getpwnam("postgres")
            os.chown(self.folder, who.pw_uid, who.pw_gid)
            self._as = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
        self._keeper = subprocess.Popen(
            ["/bin/sh", "-c", _KEEPER, self._bin / "pg_ctl", self.folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
            **self._as,
        )
        data = self.folder / "data"
        self._run("initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
        (data / "pg_hba.conf").write_text(_ACCESS)
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(f"{_SETTINGS}unix_socket_directories = '{self.folder}'\n")
        self.start()
        with self.connect() as connection:
            connection.execute(f"CREATE ROLE {LOCKED} LOGIN PASSWORD '{PASSWORD}'")
        self._numbers = itertools.count(1)

    def _run(self, program: str, *arguments: str | Path) -> None:
        subprocess.run(
            [self._bin / program, *arguments], check=True, stdout=subprocess.DEVNULL, cwd="/", timeout=120, **self._as
        )

    def client(self, program: str, *arguments: str) -> str:
        """Run one of PostgreSQL's own programs for operators as the cluster's owner; returns what it says."""
        command = [str(self._bin / program), "-h", str(self.folder), "-U", USER, *arguments]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd="/", timeout=60)
        return done.stdout.decode()

    def start(self) -> None:
        """Start it; it answers when this returns."""
        self._run("pg_ctl", "-D", self.folder / "data", "-l", self.folder / "log", "-s", "-w", "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it: ``fast`` undoes what is open, ``immediate`` is a crash."""
        self._run("pg_ctl", "-D", self.folder / "data", "-m", mode, "-s", "-w", "stop")

    def restart(self, mode: str = "fast") -> None:
        """Stop and start it (`stop`)."""
        self.stop(mode)
        self.start()

    def close(self) -> None:
        """Stop it and remove all of it."""
        assert self._keeper.stdin is not None
        with suppress(BrokenPipeError):
            self._keeper.stdin.close()
        self._keeper.wait(60)
        shutil.rmtree(self.folder, ignore_errors=True)

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        """Return a connection that commits each statement by itself."""
        return psycopg.connect(host=str(self.folder), user=USER, dbname=database, autocommit=True)

    def url(self, database: str, user: str = USER) -> str:
        """Return what a hub's ``database:`` is for one of its databases."""
        return f"postgresql+psycopg://{user}@/{database}?host={self.folder}"

    def new_database(self, tablespace: str = "pg_default") -> str:
        """Make a blank database; returns its name."""
        name = f"hub{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TABLESPACE {tablespace}")
        return name

    def empty(self, database: str) -> None:
        """Take everything out of the tables of a database: ten times faster than to make it anew."""
        self.execute(_EMPTY, database)

    def drop(self, database: str) -> None:
        """Drop a database, whoever uses it."""
        self.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Execute one statement; returns what it found."""
        with self.connect(database) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def log(self) -> str:
        """Return what the server has written."""
        return (self.folder / "log").read_text(errors="replace")
