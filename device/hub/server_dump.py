"""A hub's database on a PostgreSQL server as one file, by PostgreSQL's own ``pg_dump`` and ``pg_restore``.

A dump is of one moment, while hubs go on writing. It goes into a blank database only, in one transaction.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Final

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy import URL

from device.errors import ConfigurationError
from device.words import say

FILE_NAME: Final = "hub.dump"
_SAFE: Final = ("--no-owner", "--no-privileges", "--no-password")
_BLANK: Final = (
    "SELECT NOT EXISTS (SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace "
    "WHERE nspname = current_schema())"
)


def dump(url: URL, file: Path) -> None:
    """Write the database at *url* to *file*, durably. Raises `ConfigurationError` when that cannot be done."""
    _run(url, "pg_dump", "--format=custom", *_SAFE, f"--file={file}", f"--dbname={_address(url)}")
    file.chmod(0o600)


def restore_dump(url: URL, file: Path) -> None:
    """Put a dump into the blank database at *url*; all of it or nothing.

    Raises `ConfigurationError`: it is not blank, the server does not answer, or the dump is damaged.
    """
    shown = url.render_as_string(hide_password=True)
    try:
        with psycopg.connect(_address(url), password=url.password) as connection:
            is_blank = connection.execute(_BLANK).fetchone() == (True,)
    except psycopg.Error as error:
        why = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ConfigurationError(say("database.url: {url}: {why}", url=shown, why=why)) from None
    if not is_blank:
        told = say(
            "database.url: {url}: not blank; nothing was changed. Make a new one (createdb) and write its name there",
            url=shown,
        )
        raise ConfigurationError(told)
    _run(url, "pg_restore", "--exit-on-error", "--single-transaction", *_SAFE, f"--dbname={_address(url)}", str(file))


def check_dump(file: Path) -> None:
    """Look whether a dump has its table of contents. Raises `ConfigurationError` when it is missing or damaged."""
    _run(None, "pg_restore", "--list", str(file))


def _address(url: URL) -> str:
    """Return where the database is, without the password, which every user of the machine could read in a command."""
    parts = {"host": url.host, "port": url.port, "user": url.username, "dbname": url.database} | url.query
    return make_conninfo("", **{name: str(value) for name, value in parts.items() if value is not None})


def _run(url: URL | None, program: str, *arguments: str) -> None:
    secret = {"PGPASSWORD": url.password} if url is not None and url.password else {}
    try:
        done = subprocess.run(  # noqa: S603 - PostgreSQL's own, and no shell
            [program, *arguments], env=os.environ | secret, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
    except FileNotFoundError:
        told = say("{program} is missing; as root, run: apt-get install postgresql-client", program=program)
        raise ConfigurationError(told) from None
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        why = lines[0].partition(": error: ")[2] or lines[0] if lines else f"exit {done.returncode}"
        raise ConfigurationError(f"{program}: {why}")
