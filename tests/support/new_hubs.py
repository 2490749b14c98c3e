"""Hubs made anew on either of the two databases, for tests, and for benchmarks, which run without pytest."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import make_url

from device.clock import Clock, SystemClock
from device.hub.believed_clock import BelievedClock
from device.hub.db.opening import open_database
from device.hub.folder import HubFolder
from device.hub.keyring.certificates import DEFAULT_NAMES
from device.hub.settings.schema import RETENTION_DAYS
from device.hub.settings.template import NewSettings


def hub_folder(path: Path, clock: Clock, url: str | None, retention_days: int = RETENTION_DAYS) -> HubFolder:
    """Make a hub at *path* whose database is a file there, or one of a server at *url*."""
    return HubFolder.create(path, clock, settings=NewSettings(DEFAULT_NAMES, retention_days, database=url or "sqlite"))


def make_tables(url: str) -> None:
    """Make a hub's tables in a blank database of a server."""
    open_database(make_url(url), BelievedClock(SystemClock()), new=True).close()
