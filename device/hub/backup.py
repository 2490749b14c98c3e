"""Backup and restore of a hub, also while it runs: its database and its other files, together or apart.

A copy of ``hub.db`` alone is none: what came last lies in ``hub.db-wal``, and beside an older log a copy is damaged.
So a backup is a folder with one whole database and no log; of a PostgreSQL server's, a dump (`device.hub.server_dump`),
and the keys go elsewhere, for beside them every copy of the database can be read. It is written under another name
first: what was broken off is not taken for a backup. Restoring keeps what was there, in ``replaced-…`` of the hub's
folder, logs included; a server's database is restored into a blank one only.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from device.clock import SystemClock, utc_day
from device.durable import create_file, sync_folder, why_not
from device.errors import ConfigurationError
from device.hub import server_dump
from device.hub.backup_terms import FILE_NAME as TERMS
from device.hub.backup_terms import BackupTerms, Part, hub_id, new_terms, read_terms
from device.hub.damage import MARK, check_whole
from device.hub.db.problems import NEEDED_BYTES
from device.hub.db.retention import days_without_key
from device.hub.folder import HubFolder
from device.hub.web.kept_files import KEPT_FILES
from device.words import number, say, sentence

_RUNS: Final = sentence("{folder}: a hub runs here: systemctl stop gate-hub")
_RESTORED: Final = sentence("{folder}: is being restored: wait")
_APART: Final = sentence(
    "the database is a server's, and beside its keys every copy of it can be read: make two backups in two places, "
    "hub backup DIR BACKUP --only database and hub backup DIR BACKUP --only keys"
)
_OVERDUE: Final = sentence(
    "{source}: was to be removed by {day}: who came then is to be forgotten; nothing was changed. "
    "When there is no other, add --outlive-retention; what is due is destroyed again within the hour"
)
_KEYS_FIRST: Final = sentence("{folder}: the backup has the database alone; restore one with the keys there first")
_NO_SERVER: Final = sentence("{folder}: hub.yaml has no database.url of PostgreSQL, and the backup is of one")
_NO_DATABASE: Final = sentence(
    "{why}. If the database is lost, restore it too: without it what was delivered is gone, and gates enrol anew."
)
_NO_KEY: Final = sentence(
    "Keys from {first} to {last} are not there ({count}): nobody can read what is sealed to them."
)
REPLACED: Final = "replaced-"
_DATABASE: Final = "hub.db"
_TOKEN: Final = "operator.token"  # noqa: S105 - the name of a file; the last that a hub, or a restored one, has
_LOGS: Final = frozenset({"hub.db-wal", "hub.db-shm", "hub.db-journal", MARK})


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


@dataclass(frozen=True, slots=True)
class Restored:
    """Outcome of `restore`.

    Attributes:
        part: what was put back.
        replaced: where that is now what was there; ``None``: nothing was.
        lost: a sentence of each thing that is missing now.
    """

    part: Part
    replaced: Path | None
    lost: tuple[str, ...]


def back_up(hub: HubFolder, target: Path, part: Part | None = None, keep_days: int | None = None) -> BackupTerms:
    """Write a backup of a hub as the new folder *target*, durably.

    Args:
        hub: which.
        target: a folder that is not there yet, outside of the hub's.
        part: what of it; ``None``: all, where the database is a file in the hub's folder.
        keep_days: how long it will be kept; ``None``: as long as what it holds may be read.

    Raises:
        ConfigurationError: *target* is there already or in the hub's folder, the database is a server's and no part is
            said, there is no room, or the server does not answer.
    """
    folder, url = hub.path, hub.database_url()
    if target.exists() or target.resolve().is_relative_to(folder.resolve()):
        told = say("{target}: name a folder that is not there yet, outside of {folder}", target=target, folder=folder)
        raise ConfigurationError(told)
    if not target.parent.is_dir():
        raise ConfigurationError(say("{folder}: there is no such folder", folder=target.parent))
    if url is not None and part in {None, Part.ALL}:
        raise ConfigurationError(say(_APART))
    part = part or Part.ALL
    if url is None and not hub.database.is_file():
        raise ConfigurationError(say("{folder}: is no hub's folder, nor a backup of one", folder=folder))
    draft = target.with_name(f".{target.name}.new")
    try:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        days = hub.retention_days if keep_days is None else keep_days
        terms = new_terms(part, hub_id(folder), SystemClock().reading().wall_ms, days)
        terms.write(draft)
        if url is not None and part is Part.DATABASE:
            server_dump.dump(url, draft / server_dump.FILE_NAME)
        _copy(folder, draft, part)
        draft.rename(target)
        sync_folder(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise ConfigurationError(_not_written(target, error, target.parent)) from error
    return terms


def restore(folder: Path, source: Path, now_ms: int, *, overdue: bool = False) -> Restored:
    """Put the backup *source* in the place of what is in *folder*, durably.

    Args:
        folder: of the hub; one that is not there yet is made.
        source: what `back_up` made.
        now_ms: wall time, which names what was there before.
        overdue: take also a backup that was to be removed by now.

    Raises:
        ConfigurationError: *source* is no backup, damaged, overdue or another hub's, a hub runs in *folder*, it is a
            database alone and the keys are not there, a server's database is not blank, or it cannot be written.
    """
    terms = read_terms(source)
    part = Part.ALL if terms is None else terms.part
    _must_be_whole(source, part)
    if terms is not None and not overdue and terms.remove_by < utc_day(now_ms):
        raise ConfigurationError(say(_OVERDUE, source=source, day=terms.remove_by))
    if part is Part.DATABASE and not (folder / _TOKEN).is_file():
        raise ConfigurationError(say(_KEYS_FIRST, folder=folder))
    if terms is not None and part is not Part.ALL and (folder / _TOKEN).exists() and hub_id(folder) != terms.hub:
        raise ConfigurationError(say("{source}: is of another hub than {folder}", source=source, folder=folder))
    replaced = folder / f"{REPLACED}{now_ms // 1000}"
    while replaced.exists():  # its other part was restored in the same second
        replaced = replaced.with_name(f"{replaced.name}-2")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with in_use(folder, alone=True):
            former = _exchange(folder, source, part, replaced)
            if (source / server_dump.FILE_NAME).exists():
                url = HubFolder(folder, SystemClock()).database_url()
                if url is None:
                    raise ConfigurationError(say(_NO_SERVER, folder=folder))
                server_dump.restore_dump(url, source / server_dump.FILE_NAME)
    except (OSError, sqlite3.Error) as error:
        raise ConfigurationError(_not_written(folder, error, folder)) from error
    return Restored(part, replaced if former else None, tuple(_lost(HubFolder(folder, SystemClock()))))


def _exchange(folder: Path, source: Path, part: Part, replaced: Path) -> bool:
    """Put copies of the files of *source* in the place of what is there; return whether anything was."""
    staged = folder / ".restored.new"
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(mode=0o700)
    _copy(source, staged, part)
    former = [path for path in folder.iterdir() if _belongs(part, path.name)]
    if former:
        replaced.mkdir(mode=0o700)
    for path in sorted(former, key=lambda path: path.name != _TOKEN):
        path.rename(replaced / path.name)
    for path in sorted(staged.iterdir(), key=lambda path: path.name == _TOKEN):
        path.rename(folder / path.name)
    staged.rmdir()
    sync_folder(folder)
    return bool(former)


def _belongs(part: Part, name: str) -> bool:
    """Return whether a file of a hub's folder, or the folder at the top, belongs to a part."""
    if name.startswith((REPLACED, ".restored")) or name in {TERMS, server_dump.FILE_NAME, KEPT_FILES}:
        return False
    is_database = name == _DATABASE or name in _LOGS
    return part is Part.ALL or is_database is (part is Part.DATABASE)


def _must_be_whole(source: Path, part: Part) -> None:
    dumped = source / server_dump.FILE_NAME
    has_database, has_keys = (source / _DATABASE).is_file() or dumped.is_file(), (source / _TOKEN).is_file()
    if not (has_database or part is Part.KEYS) or not (has_keys or part is Part.DATABASE):
        raise ConfigurationError(say("{folder}: is no hub's folder, nor a backup of one", folder=source))
    check_whole(source / _DATABASE)
    if dumped.exists():
        server_dump.check_dump(dumped)


def _lost(hub: HubFolder) -> Iterator[str]:
    """Yield what a hub lacks now that one part of it came from elsewhere than the other; an ingest host has no keys."""
    if hub.is_ingest:
        return
    try:
        with closing(hub.open_store(old=True)) as store, store.reading() as connection:
            days = days_without_key(connection, (pair.key.key_id for pair in hub.keys.pairs()))
    except ConfigurationError as error:
        yield say(_NO_DATABASE, why=error)
        return
    if days:
        yield say(_NO_KEY, count=number(len(days), ","), first=days[0], last=days[-1])


def _copy(source: Path, target: Path, part: Part) -> None:
    # The database first: a key that a row needs was there before the row.
    if part is not Part.KEYS and (source / _DATABASE).is_file():
        _copy_database(source / _DATABASE, target / _DATABASE)
    for path in sorted(source.rglob("*")):
        name = path.relative_to(source)
        if part is Part.DATABASE or name.parts[0] in {_DATABASE, *_LOGS} or not _belongs(part, name.parts[0]):
            continue
        if name.parts[0].startswith("."):
            continue
        if path.is_dir():
            (target / name).mkdir(mode=0o700)
        elif path.is_file() and not path.name.startswith("."):  # a draft of a file that is being replaced
            create_file(target / name, path.read_bytes())
    for made in (target, *(path for path in target.rglob("*") if path.is_dir())):
        sync_folder(made)


def _copy_database(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as present, closing(sqlite3.connect(target)) as copy:
        present.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    target.chmod(0o600)


def _not_written(what: Path, error: Exception, folder: Path) -> str:
    reason = why_not(error, folder, NEEDED_BYTES) if isinstance(error, OSError) else type(error).__name__
    return say(
        "{path}: cannot be written ({why}); what was there is there, or in {kept}… beside it",
        path=what,
        why=reason,
        kept=REPLACED,
    )
