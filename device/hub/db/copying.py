"""Storing many rows of one table at once on PostgreSQL: ``COPY``, in its binary form.

Measured beside each other (this side's processor time alone): 3.7 µs a row, as text 6 to 7.5, by ``INSERT`` 35.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import psycopg
from sqlalchemy import Connection, Table
from sqlalchemy.dialects.postgresql.psycopg import dialect
from sqlalchemy.exc import DBAPIError


def copy_rows(connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
    """Store rows, each value of its column's own type.

    Args:
        connection: of PostgreSQL, within a transaction.
        table: which.
        columns: names of the columns that the values are of.
        rows: the values.

    Raises:
        sqlalchemy.exc.DBAPIError: as of any statement.
    """
    statement, types = _copy(table, columns)
    try:
        cursor: psycopg.Cursor[Any] = connection.connection.cursor()  # type: ignore[assignment]  # typed as DBAPI's
        with cursor, cursor.copy(statement) as copy:
            copy.set_types(types)
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        # What SQLAlchemy makes of an error of its own statements.
        raise DBAPIError.instance(str(statement), None, error, psycopg.Error, dialect=connection.dialect) from error


@lru_cache(8)
def _copy(table: Table, columns: tuple[str, ...]) -> tuple[bytes, list[str]]:
    spoken = dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's has no types
    types = [str(table.c[name].type.compile(spoken)).partition("(")[0].lower() for name in columns]
    return f"COPY {table.name} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)".encode(), types
