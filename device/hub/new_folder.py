"""Making a hub's folder (`device.hub.folder`), and over again where that was broken off."""

from __future__ import annotations

import secrets
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

from device.clock import Clock
from device.crypto.signing import SigningKey
from device.durable import replace_file, why_not
from device.errors import ConfigurationError
from device.hub.believed_clock import FILE_NAME as CLOCK_FILE
from device.hub.believed_clock import BelievedClock
from device.hub.db.opening import open_database
from device.hub.db.problems import NEEDED_BYTES
from device.hub.db.sqlite import open_sqlite
from device.hub.folder_files import DATABASE, KEYS, OPERATOR, ROOT, TLS
from device.hub.keyring.certificates import TlsFolder, checked_names
from device.hub.keyring.keys import KeyFolder
from device.hub.maintenance import make_sealing_keys
from device.hub.settings.load import parse_settings, url_with_password
from device.hub.settings.of_folder import SETTINGS, SETTINGS_BEFORE
from device.hub.settings.template import NewSettings
from device.words import say

_IN_ORDER: Final = (ROOT, f"{TLS}/ca.pem", f"{TLS}/server.pem", DATABASE, SETTINGS)
"""What making a hub makes, one after the other; sealing keys come after the database, the token comes last."""


def make_folder(path: Path, clock: Clock, settings: NewSettings) -> None:
    """Make a new hub: its folder, root, authority and certificate, database, sealing keys, operator token.

    Where that was broken off, it starts over.

    Args:
        path: of the folder.
        clock: for the days of keys.
        settings: of ``hub.yaml``.

    Raises:
        ConfigurationError: there is a hub already, or what is left of one, a name is none, or the folder cannot
            be made.
    """
    names = checked_names(settings.names)
    settings = replace(settings, names=names)
    url = url_with_password(parse_settings(settings.text(), folder=path)[0])
    try:
        _refuse_a_hub(path, clock, has_file=url is None)
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)
        (path / KEYS).mkdir(mode=0o700, exist_ok=True)
        (path / CLOCK_FILE).unlink(missing_ok=True)  # of a try long ago: it would be in doubt, and make no key
        replace_file(path / ROOT, SigningKey.new().seed())
        TlsFolder(path / TLS).create(names)
        if url is None:
            (path / DATABASE).touch(mode=0o600)
        store = open_database(url or path / DATABASE, BelievedClock(clock, path), new=True)
        with closing(store):
            if store.gates():
                raise ConfigurationError(say("{path}: database.url: another hub's", path=path / SETTINGS))
            make_sealing_keys(KeyFolder(path / KEYS), store)
        replace_file(path / SETTINGS, settings.text().encode())
        # The token comes last: it marks the folder as complete.
        replace_file(path / OPERATOR, secrets.token_urlsafe(32).encode() + b"\n")
    except OSError as error:
        why = why_not(error, path, NEEDED_BYTES)
        raise ConfigurationError(say("{path}: cannot be made ({why})", path=path, why=why)) from error


def _refuse_a_hub(path: Path, clock: Clock, *, has_file: bool) -> None:
    """Raise `ConfigurationError` when there is more in a folder than making a hub leaves that was broken off."""
    if (path / OPERATOR).exists():
        raise ConfigurationError(say("{path}: there is a hub already; nothing was changed", path=path))
    in_order = [name for name in _IN_ORDER if has_file or name != DATABASE]
    there = [(path / name).exists() for name in in_order]
    there[-1] = there[-1] or (path / SETTINGS_BEFORE).exists()
    if has_file and any((path / KEYS).glob("*.json")) and not (path / DATABASE).exists():
        there[-1] = True
    if there != sorted(there, reverse=True):
        missing = in_order[there.index(False)]
        told = say(
            "{path}: what is left of a hub: {missing} is missing; nothing was changed. "
            "Restore a backup (gate-scanner hub restore), or, when no gate was ever enrolled at it, remove the folder",
            path=path,
            missing=missing,
        )
        raise ConfigurationError(told)
    if (path / DATABASE).exists() and (path / DATABASE).stat().st_size:
        with closing(open_sqlite(path / DATABASE, BelievedClock(clock), new=True, old=True)) as store:
            if store.any_gate():
                told = say(
                    "{path}: there is a hub already, without its {file}; nothing was changed. Restore that file, "
                    "or write a new one: 16 or more letters, digits, _ and -",
                    path=path,
                    file=OPERATOR,
                )
                raise ConfigurationError(told)
