"""The hub's sealing key pairs: one file a day in ``keys/``, made ahead of time and destroyed when its time has come.

::

    keys/2026-01-05.json   {"id": KEY ID, "day": "2026-01-05", "public": base64, "private": base64}

A day is UTC. Only who may read this folder can unseal. Which keys are due is decided in `device.hub.db.key_uses`.
"""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from device.clock import utc_day
from device.crypto.sealing import SealingKey, new_key_pair
from device.durable import create_file, sync_folder
from device.errors import ConfigurationError, WireError
from device.strict_json import base64_of, octets
from device.wire.time_fields import day_from
from device.words import say, sentence, why_of

AHEAD_DAYS: Final = 30
"""A gate has keys for so many days to come: as long as it may be without a network."""

_SUFFIX: Final = ".json"
_DOOMED: Final = ".destroyed"
AT_THE_DESK: Final = sentence(
    "{path}: takes only what gates send (role: ingest) and has no private keys; do that where the desk runs"
)
_RESTORE: Final = sentence("{path}: not a key of this hub; restore a backup (gate-scanner hub restore)")


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A key of the hub, both halves.

    Attributes:
        key: the public half, with its day.
        private: 32 bytes, X25519.
    """

    key: SealingKey
    private: bytes = field(repr=False)

    @property
    def day(self) -> date:
        """Its day; a key of a hub always has one."""
        assert self.key.day is not None
        return self.key.day


class KeyFolder:
    """The folder of the key pairs.

    Args:
        path: of the folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def pairs(self) -> list[KeyPair]:
        """Return all key pairs, the earliest day first; raises `ConfigurationError` naming a file that is none."""
        try:
            paths = sorted(path for path in self.path.iterdir() if path.suffix == _SUFFIX)
        except FileNotFoundError:
            return []
        except OSError as error:
            told = say("{path}: cannot be read ({why})", path=self.path, why=why_of(error))
            raise ConfigurationError(told) from error
        return [pair for path in paths if (pair := _read(path)) is not None]

    def check(self) -> None:
        """Raise `ConfigurationError` when keys cannot be here at all (`NoKeys`)."""

    def make_ahead(self, now_ms: int) -> None:
        """Make the keys of today and the `AHEAD_DAYS` days to come that are not there. Raises `OSError`."""
        today = utc_day(now_ms)
        for ahead in range(AHEAD_DAYS + 1):
            day = today + timedelta(days=ahead)
            if not self._file(day).exists():
                self._make(day)

    def destroy(self, day: date) -> None:
        """Overwrite and remove a key pair, durably; nothing happens when it is gone. Raises `OSError`.

        It loses its name first: broken off at any step, what is left is no damaged key that keeps the hub from
        starting, and the next call ends it. A disk that moves blocks about (flash) may keep what was overwritten until
        it needs the room.
        """
        doomed = self.path / f".{day}{_DOOMED}"
        with suppress(FileNotFoundError):
            self._file(day).replace(doomed)
            sync_folder(self.path)
        try:
            descriptor = os.open(doomed, os.O_WRONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(os.fstat(descriptor).st_size))
            file.flush()
            os.fsync(descriptor)
        doomed.unlink()
        sync_folder(self.path)

    def _file(self, day: date) -> Path:
        return self.path / f"{day}{_SUFFIX}"

    def _make(self, day: date) -> None:
        """Make one key; of two processes that do it at once, one makes it."""
        key, private = new_key_pair(day)
        written = {"id": key.key_id, "day": str(day), "public": base64_of(key.public), "private": base64_of(private)}
        draft = self.path / f".{day}.{secrets.token_hex(8)}"
        try:
            create_file(draft, json.dumps(written).encode("ascii") + b"\n")
            try:
                os.link(draft, self._file(day))
            except FileExistsError:
                return
        finally:
            draft.unlink(missing_ok=True)
        sync_folder(self.path)


class NoKeys(KeyFolder):
    """The keys of a host that only takes what gates send: there are none, and to ask for them is a mistake."""

    def check(self) -> None:
        """Raise `ConfigurationError`; so does all else."""
        raise ConfigurationError(say(AT_THE_DESK, path=self.path.parent))

    def pairs(self) -> list[KeyPair]:
        """Raise it."""
        self.check()
        return []

    def make_ahead(self, now_ms: int) -> None:  # noqa: ARG002 - as where they are
        """Raise it."""
        self.check()

    def destroy(self, day: date) -> None:  # noqa: ARG002 - same
        """Raise it."""
        self.check()


def _read(path: Path) -> KeyPair | None:
    """Return a key pair; ``None`` when it was destroyed meanwhile."""
    try:
        found = json.loads(path.read_text(encoding="ascii"))
        day = day_from(found["day"], "day")
        public, private = (octets(found[half], 32, 32, half) for half in ("public", "private"))
        pair = KeyPair(SealingKey(str(found["id"]), public, day), private)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, WireError):
        # "from None": a parser's error carries what it read along, here a private key.
        raise ConfigurationError(say(_RESTORE, path=path)) from None
    if path.stem != str(day):
        raise ConfigurationError(say(_RESTORE, path=path))
    return pair
