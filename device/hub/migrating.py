"""Raising the database of a stopped hub to what this program needs (``gate-scanner hub migrate``)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

from device.durable import no_room
from device.errors import ConfigurationError
from device.hub.backup import in_use
from device.hub.folder import HubFolder
from device.words import say


def migrate(folder: HubFolder, tell: Callable[[str], None], *, dry_run: bool = False) -> int:
    """Raise the schema of a hub's database to this program's (`device.hub.db.schema`), and make what it needs ahead.

    Args:
        folder: of the hub.
        tell: takes a line about each step, before it is done.
        dry_run: tell only; the hub may run meanwhile.

    Returns:
        How many steps there were.

    Raises:
        ConfigurationError: a hub runs here, the schema is newer than this program, or there is no room.
    """
    with ExitStack() as held:
        if not dry_run:
            held.enter_context(in_use(folder.path, alone=True))
            _must_have_room(folder.database)
        store = held.enter_context(closing(folder.open_store(old=True)))
        steps = store.migrate(folder.path, tell, dry_run=dry_run)
        if not dry_run:
            store.make_partitions()
    return steps


def _must_have_room(path: Path) -> None:
    """Raise `ConfigurationError` unless what is moved fits beside what is there, and once more into the log."""
    needed = 2 * path.stat().st_size if path.is_file() else 0
    if shutil.disk_usage(path.parent).free < needed:
        why = no_room(path.parent, needed)
        raise ConfigurationError(say("{path}: {why}", path=path, why=why))
