"""Backup and restore of a hub: its database by SQLite's online backup, also while it runs, and its other files.

A copy of ``hub.db`` alone is none: what came last lies in ``hub.db-wal``, and beside an older log a copy is damaged.
So a backup is a folder with one whole database and no log. It is written under another name first: what was broken
off is not taken for a backup. Restoring keeps what was there, in ``replaced-…`` of the hub's folder, logs included.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from device.durable import create_file, sync_folder, why_not
from device.errors import ConfigurationError
from device.hub.db.problems import NEEDED_BYTES
from device.words import say, sentence

_RUNS: Final = sentence("{folder}: a hub runs here: systemctl stop gate-hub")
_RESTORED: Final = sentence("{folder}: is being restored: wait")
_DAMAGED: Final = sentence(
    "{file}: the hub's database is damaged; nothing was changed. "
    "gate-scanner hub restore DIR BACKUP puts a backup in its place (hub backup makes one)"
)
REPLACED: Final = "replaced-"
_DATABASE: Final = "hub.db"
_TOKEN: Final = "operator.token"  # noqa: S105 - the name of a file; the last that a hub, or a restored one, has
_LOGS: Final = frozenset({"hub.db-wal", "hub.db-shm", "hub.db-journal"})


@contextmanager
def in_use(folder: Path, *, alone: bool) -> Iterator[None]:
    """Hold a hub's folder while the block runs: any number that serve, or one that restores.

    Raises `ConfigurationError` when a hub runs there (*alone*), or is being restored.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigurationError(say(_RUNS if alone else _RESTORED, folder=folder)) from None
        yield
    finally:
        os.close(descriptor)


def check_whole(database: Path) -> None:
    """Look through a database, if it is there, for damage. Raises `ConfigurationError`, which says what to do."""
    if not database.is_file():
        return
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        found = getattr(error, "sqlite_errorname", type(error).__name__)
    if found != "ok":
        raise ConfigurationError(say(_DAMAGED, file=database))


def back_up(folder: Path, target: Path) -> int:
    """Write a backup of the hub in *folder* as the new folder *target*, durably; return its bytes.

    Raises:
        ConfigurationError: *target* is there already or in the hub's folder, there is no hub, or no room.
    """
    if target.exists() or target.resolve().is_relative_to(folder.resolve()):
        told = say("{target}: name a folder that is not there yet, outside of {folder}", target=target, folder=folder)
        raise ConfigurationError(told)
    if not target.parent.is_dir():
        raise ConfigurationError(say("{folder}: there is no such folder", folder=target.parent))
    _must_be_a_hub(folder)
    draft = target.with_name(f".{target.name}.new")
    try:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        _copy(folder, draft)
        draft.rename(target)
        sync_folder(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise ConfigurationError(_not_written(target, error, target.parent)) from error
    return sum(path.stat().st_size for path in target.rglob("*") if path.is_file())


def restore(folder: Path, source: Path, now_ms: int) -> Path | None:
    """Put the backup *source* in the place of what is in *folder*, durably; return where that is now, if anything was.

    Raises:
        ConfigurationError: *source* is no backup, or damaged, a hub runs in *folder*, or it cannot be written.
    """
    _must_be_a_hub(source)
    check_whole(source / _DATABASE)
    replaced, staged = folder / f"{REPLACED}{now_ms // 1000}", folder / ".restored.new"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with in_use(folder, alone=True):
            shutil.rmtree(staged, ignore_errors=True)
            staged.mkdir(mode=0o700)
            _copy(source, staged)
            former = [path for path in folder.iterdir() if path != staged and not path.name.startswith(REPLACED)]
            if former:
                replaced.mkdir(mode=0o700)
            for path in sorted(former, key=lambda path: path.name != _TOKEN):
                path.rename(replaced / path.name)
            for path in sorted(staged.iterdir(), key=lambda path: path.name == _TOKEN):
                path.rename(folder / path.name)
            staged.rmdir()
            sync_folder(folder)
    except (OSError, sqlite3.Error) as error:
        raise ConfigurationError(_not_written(folder, error, folder)) from error
    return replaced if former else None


def _must_be_a_hub(folder: Path) -> None:
    if not (folder / _DATABASE).is_file() or not (folder / _TOKEN).is_file():
        raise ConfigurationError(say("{folder}: is no hub's folder, nor a backup of one", folder=folder))


def _copy(source: Path, target: Path) -> None:
    # The database first: a key that a row needs was there before the row.
    with closing(sqlite3.connect(source / _DATABASE)) as present, closing(sqlite3.connect(target / _DATABASE)) as copy:
        present.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    (target / _DATABASE).chmod(0o600)
    for path in sorted(source.rglob("*")):
        name = path.relative_to(source)
        if name.parts[0] == _DATABASE or name.parts[0] in _LOGS or name.parts[0].startswith((REPLACED, ".")):
            continue
        if path.is_dir():
            (target / name).mkdir(mode=0o700)
        elif path.is_file() and not path.name.startswith("."):  # a draft of a file that is being replaced
            create_file(target / name, path.read_bytes())
    for made in (target, *(path for path in target.rglob("*") if path.is_dir())):
        sync_folder(made)


def _not_written(what: Path, error: Exception, folder: Path) -> str:
    reason = why_not(error, folder, NEEDED_BYTES) if isinstance(error, OSError) else type(error).__name__
    return say(
        "{path}: cannot be written ({why}); what was there is there, or in {kept}… beside it",
        path=what,
        why=reason,
        kept=REPLACED,
    )
