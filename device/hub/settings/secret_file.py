"""Files with what must not stand in ``hub.yaml``: passwords of database and mail server, what signs to a webhook."""

from __future__ import annotations

import secrets
import stat
from pathlib import Path
from typing import Final

from device.crypto.body_signature import SECRET
from device.durable import replace_file, why_not
from device.errors import ConfigurationError
from device.words import say, why_of

_MOST_BYTES: Final = 1_024


def text_in_secret(path: Path) -> str:
    """Return the one line of a file that others may not read; raises `ConfigurationError` without a word of it."""
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(path.stat().st_mode)
            raw = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(say("{path}: cannot be read ({why})", path=path, why=why_of(error))) from error
    if mode & (stat.S_IRWXO | stat.S_IWGRP):
        raise ConfigurationError(say("{path}: others may read it or write to it; chmod 640 {path}", path=path))
    try:
        text = raw.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        text = ""
    if not text.isprintable() or not text or len(raw) > _MOST_BYTES:
        raise ConfigurationError(say("{path}: must hold a password, one line", path=path))
    return text


def signing_secret(path: Path) -> str:
    """Return what signs messages to a webhook; raises `ConfigurationError`."""
    text = text_in_secret(path)
    if not SECRET.fullmatch(text):
        raise ConfigurationError(say("{path}: must hold 16 to 256 characters of ASCII without blanks", path=path))
    return text


def make_signing_secret(path: Path) -> bool:
    """Write a new one where there is none; return whether there was none. Raises `ConfigurationError`."""
    if path.exists():
        signing_secret(path)
        return False
    try:
        replace_file(path, f"{secrets.token_urlsafe(32)}\n".encode("ascii"))
    except OSError as error:
        why = why_not(error, path.parent)
        raise ConfigurationError(say("{path}: cannot be written ({why})", path=path, why=why)) from error
    return True
