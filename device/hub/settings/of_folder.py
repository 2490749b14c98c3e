"""The settings of a hub's folder: those of ``hub.yaml``, and in a folder from before there was one, of ``hub.json``."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Final

from sqlalchemy import URL

from device.errors import ConfigurationError, WireError
from device.hub.settings.load import FILE_NAME, load_settings, url_with_password
from device.hub.settings.schema import MOST_RETENTION_DAYS, RETENTION_DAYS, HubSettings, Role
from device.strict_json import document, integer
from device.words import say, why_of

SETTINGS: Final = FILE_NAME
SETTINGS_BEFORE: Final = "hub.json"


class SettingsFolder:
    """What a hub's folder says of the hub.

    Args:
        path: of the folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def settings(self) -> HubSettings | None:
        """What ``hub.yaml`` says, read once; ``None`` in a folder from before there was one.

        Raises `ConfigurationError` when it has mistakes, or is missing and nothing from before is there.
        """
        path = self.path / SETTINGS
        if path.exists() or path.is_symlink():
            return load_settings(path)
        if not (self.path / SETTINGS_BEFORE).exists():  # which database, and how long, nobody knows
            told = say("{path}: is missing, and so is {before}", path=path, before=SETTINGS_BEFORE)
            raise ConfigurationError(told)
        return None

    @property
    def is_ingest(self) -> bool:
        """Whether this host only takes what gates send, and has no private keys (`device.hub.ingest_folder`)."""
        return self.settings is not None and self.settings.role is Role.INGEST

    def database_url(self) -> URL | None:
        """Return where the database is, with its password; ``None``: ``hub.db``. Raises `ConfigurationError`."""
        return None if self.settings is None else url_with_password(self.settings)

    @property
    def retention_days(self) -> int:
        """How long what arrived can be read; raises `ConfigurationError` when the setting cannot be used."""
        if self.settings is not None:
            return self.settings.retention_days
        path = self.path / SETTINGS_BEFORE
        try:
            days = integer(document(path.read_bytes(), 4096).get("retention_days"), 1, "retention_days")
        except OSError as error:
            raise ConfigurationError(say("{path}: cannot be read ({why})", path=path, why=why_of(error))) from error
        except WireError as error:
            told = say('{path}: {why}; write: {{"retention_days": {days}}}', path=path, why=error, days=RETENTION_DAYS)
            raise ConfigurationError(told) from None
        if days > MOST_RETENTION_DAYS:
            raise ConfigurationError(say("{path}: retention_days: at most {most}", path=path, most=MOST_RETENTION_DAYS))
        return days
