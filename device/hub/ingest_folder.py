"""The folder of a host that only takes what gates send: everything a hub's folder has but its private keys.

The desk writes it, and writes it again when something has changed: sealing keys for the days to come (once a day),
what was published, the certificate. It holds what is public and signed, the private key of the TLS certificate, the
secret under which people's statuses lie, and an operator's token and settings of its own, which are not written over.
No key that unseals, that signs as the hub, or that makes certificates is in it, nor the database's password.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from device.durable import replace_file, why_not
from device.errors import ConfigurationError
from device.hub.folder import HubFolder
from device.hub.settings.load import FILE_NAME
from device.hub.settings.schema import HubSettings, Role
from device.hub.settings.template import NewSettings
from device.words import say

PASSWORD_FILE: Final = "database.password"  # noqa: S105 - the name of a file, which the operator puts there
_COPIED: Final = ("tls/ca.pem", "tls/server.pem", "tls/server.key", "status.key")
_PRIVATE: Final = ("root.key", "root.next", "tls/ca.key", "keys")
_LISTEN: Final = "0.0.0.0:8400"


def write_ingest_folder(desk: HubFolder, target: Path) -> None:
    """Write the folder *target* of an ingest host, or bring it up to date.

    Args:
        desk: the hub's own folder.
        target: a folder of its own.

    Raises:
        ConfigurationError: the desk's database is SQLite, *target* is a hub's own folder, or it cannot be written.
    """
    settings = desk.settings
    if settings is None or settings.database.url is None:
        raise ConfigurationError(
            say("{path}: database.url: hosts share a PostgreSQL, and this is SQLite", path=desk.path)
        )
    if any(private_files(target)) or target.resolve() == desk.path.resolve():
        raise ConfigurationError(say("{path}: is a hub's own folder; name another", path=target))
    bundles = desk.bundles()
    bundles.catalogue()  # publishes today's sealing keys
    try:
        bundles.keep_root()
        _copy(desk.path, target)
        for name, text in _own(settings):
            if not (target / name).exists():
                replace_file(target / name, text.encode())
    except OSError as error:
        why = why_not(error, target)
        raise ConfigurationError(say("{path}: cannot be written ({why})", path=target, why=why)) from error


def _copy(desk: Path, target: Path) -> None:
    """Copy what is public, signed or needed to serve, and remove bundles that were withdrawn."""
    for folder in (target, target / "tls", target / "bundles"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for source in (*(desk / name for name in _COPIED), *sorted((desk / "bundles").iterdir())):
        if source.is_file() and not source.name.startswith("."):
            replace_file(target / source.relative_to(desk), source.read_bytes())
    for path in (target / "bundles").iterdir():
        if not (desk / "bundles" / path.name).exists():
            path.unlink()


def _own(desk: HubSettings) -> Iterator[tuple[str, str]]:
    """Yield what such a host has of its own: name of a file, and its text."""
    yield FILE_NAME, _settings(desk).text()
    yield "operator.token", f"{secrets.token_urlsafe(32)}\n"


def check_role(folder: HubFolder, role: Role) -> None:
    """Refuse to run a folder as what it is not: an ingest host has no private keys, and the others have them.

    Raises `ConfigurationError`.
    """
    if folder.is_ingest and role is not Role.INGEST:
        told = say("{path}: role: is ingest there, and the folder has no keys for {role}", path=folder.path, role=role)
        raise ConfigurationError(told)
    if role is not Role.INGEST:
        return
    if found := next(private_files(folder.path), None):
        told = say(
            "{path}: an ingest host must not have it; gate-scanner hub ingest writes a folder without, at the desk",
            path=found,
        )
        raise ConfigurationError(told)
    if not folder.is_ingest:
        raise ConfigurationError(say("{path}: role: is not ingest; write that there", path=folder.path / FILE_NAME))


def private_files(folder: Path) -> Iterator[Path]:
    """Yield what is in a folder that unseals, signs as the hub or makes certificates."""
    yield from (folder / name for name in _PRIVATE if (folder / name).exists())


def _settings(desk: HubSettings) -> NewSettings:
    assert desk.database.url is not None
    return NewSettings(
        desk.names,
        desk.retention_days,
        listen=_LISTEN,
        tls=True,
        metrics=str(desk.metrics or "off"),
        role=Role.INGEST,
        database=desk.database.url.render_as_string(),
        password_file=Path(PASSWORD_FILE) if desk.database.password_file else None,
    )
