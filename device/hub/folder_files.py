"""The files of a hub's folder (`device.hub.folder`), and those that hold a secret: root, operator's token, statuses."""

from __future__ import annotations

import re
import secrets
from typing import Final

from device.crypto.secret import Secret
from device.crypto.signing import SigningKey
from device.durable import replace_file, why_not
from device.errors import ConfigurationError
from device.hub.keyring.keys import AT_THE_DESK
from device.hub.settings.of_folder import SettingsFolder
from device.words import say, why_of

DATABASE: Final = "hub.db"
KEYS: Final = "keys"
OPERATOR: Final = "operator.token"
STATUS_KEY: Final = "status.key"
ROOT: Final = "root.key"
NEXT_ROOT: Final = "root.next"
TLS: Final = "tls"
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{16,256}")


class FolderFiles(SettingsFolder):
    """A hub's folder as far as its secrets go.

    Args:
        path: of the folder.
    """

    def operator_token(self) -> Secret:
        """Return what an operator's request must carry; raises `ConfigurationError` when it cannot be used."""
        try:
            text = (self.path / OPERATOR).read_text(encoding="ascii", errors="replace").strip()
        except OSError as error:
            told = say("{path}: cannot be read ({why})", path=self.path / OPERATOR, why=why_of(error))
            raise ConfigurationError(told) from error
        if not _TOKEN.fullmatch(text):
            told = say("{path}: must hold 16 or more letters, digits, _ and -", path=self.path / OPERATOR)
            raise ConfigurationError(told)
        return Secret(text)

    def status_secret(self) -> bytes | None:
        """Return the secret under which people's statuses lie in the database; ``None`` before the first came.

        Raises:
            ConfigurationError: it cannot be used.
        """
        if not (self.path / STATUS_KEY).exists():
            return None
        return self.make_status_secret()

    def make_status_secret(self) -> bytes:
        """Return the same, made when it is not there; raises `ConfigurationError` when it cannot be used."""
        path = self.path / STATUS_KEY
        if self.is_ingest and not path.exists():
            raise ConfigurationError(say(AT_THE_DESK, path=self.path))
        try:
            if not path.exists():
                replace_file(path, secrets.token_bytes(32))
            found = path.read_bytes()
        except OSError as error:
            why = why_not(error, path.parent)
            raise ConfigurationError(say("{path}: cannot be used ({why})", path=path, why=why)) from error
        if len(found) != 32:
            told = say("{path}: is no key; remove the file, then import the statuses again", path=path)
            raise ConfigurationError(told)
        return found

    def _root(self) -> SigningKey:
        if self.is_ingest:
            raise ConfigurationError(say(AT_THE_DESK, path=self.path))
        try:
            return SigningKey((self.path / ROOT).read_bytes())
        except (OSError, ValueError):
            told = say("{path}: not the hub's root; restore a backup (gate-scanner hub restore)", path=self.path / ROOT)
            raise ConfigurationError(told) from None
