"""Values of ``hub.yaml`` that no site file has: where to listen, what a hub is called, where its database is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from device.hub.keyring.certificates import checked_name
from device.settings.address import is_this_machine
from device.settings.values import Rule, wrong
from device.words import say

IN_THE_FOLDER: Final = "sqlite"
"""The database is ``hub.db`` in the hub's folder."""
DRIVER: Final = "postgresql+psycopg"
_MOST_PORT: Final = 65_535
_LISTEN: Final = re.compile(r"(\[[0-9A-Fa-f:.%a-z]+\]|[A-Za-z0-9._-]+):([1-9][0-9]{0,4})", re.ASCII)
_TIME: Final = re.compile(r"([0-9]{2}):([0-5][0-9])", re.ASCII)
_DAY_MINUTES: Final = 24 * 60
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.:/?=&%@\[\]+~,-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen.

    Attributes:
        host: a name or an address, without brackets.
        port: from 1 to 65535.
    """

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_for_this_machine(self) -> bool:
        """Whether nobody but this machine can reach it."""
        return is_this_machine(self.host)


def read_address(text: str) -> Address:
    """Read host and port; raises `ValueError` in a sentence."""
    found = _LISTEN.fullmatch(text)
    if found is None:
        raise ValueError(say("write host and port, like 0.0.0.0:8400 or [::]:8400"))
    if int(found[2]) > _MOST_PORT:
        raise ValueError(say("write a port from 1 to 65535 after the colon"))
    return Address(found[1].strip("[]"), int(found[2]))


def listen_address(off: str = "") -> Rule:
    """A host and a port, like ``0.0.0.0:8400``; or the word *off* (``None``), where there is one."""

    def read(text: str, _folder: Path) -> Address | None:
        if off and text == off:
            return None
        try:
            return read_address(text)
        except ValueError as error:
            raise wrong(str(error), text) from None

    pattern = r".+:[1-9][0-9]{0,4}"
    return Rule(read, {"type": "string", "pattern": f"^({pattern}|{off})$" if off else f"^{pattern}$"})


def time_of_day() -> Rule:
    """A time like ``03:00``, as minutes since midnight."""

    def read(text: str, _folder: Path) -> int:
        found = _TIME.fullmatch(text)
        if found is None or int(found[1]) * 60 + int(found[2]) >= _DAY_MINUTES:
            raise wrong(say("write a time of the day, like 03:00"), text)
        return int(found[1]) * 60 + int(found[2])

    return Rule(read, {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"})


def hub_name() -> Rule:
    """A host name or an address, as certificates have it."""

    def read(text: str, _folder: Path) -> str:
        try:
            return checked_name(text)
        except ValueError as error:
            raise wrong(str(error), text) from None

    return Rule(read, {"type": "string"})


def database_url() -> Rule:
    """``sqlite`` (in the hub's folder; ``None``), or a URL of PostgreSQL without a password."""

    def read(text: str, _folder: Path) -> URL | None:
        if text == IN_THE_FOLDER:
            return None
        # What stands there may hold a password: it is never repeated.
        try:
            url = make_url(text) if _PLAIN.fullmatch(text) else None
        except (ArgumentError, ValueError):
            url = None
        if url is None or url.drivername not in {DRIVER, "postgresql", "postgres"}:
            raise wrong(say("write sqlite, or a URL like postgresql+psycopg://gate_hub@db.example.vn/gate_hub"))
        if url.drivername != DRIVER:
            raise wrong(say("write postgresql+psycopg:// at its beginning"))
        if url.password is not None or "password" in url.query:
            raise wrong(say("leave the password out; put it into a file and name that as password_file"))
        if not url.database:
            raise wrong(say("write the name of the database at its end, behind a /"))
        return url

    return Rule(read, {"type": "string", "pattern": r"^(sqlite$|postgresql\+psycopg://)"})
