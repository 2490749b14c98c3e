"""Who this gate is and whom it reports to: the document it keeps in its state folder.

``enrolment.json`` (mode 0600) looks like this; ``public`` is base64 of a raw X25519 public key::

    {"document": "gate-enrolment/1", "device": ID, "hub_token": TOKEN,
     "sealing_keys": [{"id": KEY ID, "public": 44 characters}]}

The hub writes it for a technician to carry over; other ways to enrol end in the same document.
"""

from __future__ import annotations

import binascii
import json
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from device.errors import ConfigurationError
from device.sealing import SealingKey

FILE_NAME: Final = "enrolment.json"
DOCUMENT: Final = "gate-enrolment/1"
_MOST_BYTES: Final = 64 * 1024
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{16,256}")


class Secret:
    """A text that does not print itself: not in a log, a traceback or a debugger's view."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text, where it is really needed."""
        return self._text

    def __repr__(self) -> str:
        return "••••"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> str:
        raise TypeError("a secret does not leave the process by itself")


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What makes this gate a gate of one hub.

    Attributes:
        device_id: whose ledger it is; never changes.
        hub_token: what the gate shows the hub with each batch.
        sealing_keys: the public keys check-ins may be sealed to, the newest last (the one to use now).
    """

    device_id: str
    hub_token: Secret
    sealing_keys: tuple[SealingKey, ...]


def read(path: Path) -> Enrolment | None:
    """Read the enrolment; ``None`` when there is none: the gate is NOT_ENROLLED.

    Raises:
        ConfigurationError: the file is there and cannot be used; says what to do.
    """
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            body = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror}); enrol the gate again") from error
    if mode & 0o077:
        raise ConfigurationError(f"{path}: others may read it; run: chmod 600 {path}")
    try:
        return _decode(body)
    except (ValueError, RecursionError) as error:
        why = str(error) if isinstance(error, _Unfit) else "not an enrolment document"
        # "from None": the parser's own error carries the token along.
        raise ConfigurationError(f"{path}: {why}; get a new one from the hub (hub gate add)") from None


def write(path: Path, enrolment: Enrolment) -> None:
    """Write the enrolment whole or not at all, durably, readable by its owner only.

    Raises:
        OSError: the folder cannot be written; the former document is then still there.
    """
    document = {
        "document": DOCUMENT,
        "device": enrolment.device_id,
        "hub_token": enrolment.hub_token.reveal(),
        "sealing_keys": [
            {"id": key.key_id, "public": binascii.b2a_base64(key.public, newline=False).decode("ascii")}
            for key in enrolment.sealing_keys
        ],
    }
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(json.dumps(document, indent=1).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class _Unfit(ValueError):
    """What is wrong, in words that hold nothing of the document."""


def _decode(body: bytes) -> Enrolment:
    if len(body) > _MOST_BYTES:
        raise _Unfit(f"larger than {_MOST_BYTES} bytes")
    document = json.loads(body.decode("utf-8"))
    if not isinstance(document, dict) or document.get("document") != DOCUMENT:
        raise _Unfit(f'"document" must be "{DOCUMENT}"')
    keys = document.get("sealing_keys")
    if not isinstance(keys, list) or not keys:
        raise _Unfit('"sealing_keys" must be a list of at least one key')
    return Enrolment(
        device_id=_text(document, "device", _NAME),
        hub_token=Secret(_text(document, "hub_token", _TOKEN)),
        sealing_keys=tuple(_sealing_key(key) for key in keys),
    )


def _sealing_key(document: object) -> SealingKey:
    if not isinstance(document, dict):
        raise _Unfit('"sealing_keys" must hold objects')
    public = document.get("public")
    if not isinstance(public, str):
        raise _Unfit('"public" of a sealing key is missing')
    try:
        raw = binascii.a2b_base64(public, strict_mode=True)
    except ValueError:
        raise _Unfit('"public" of a sealing key is not base64') from None
    if len(raw) != 32:
        raise _Unfit('"public" of a sealing key must be 32 bytes')
    return SealingKey(key_id=_text(document, "id", _NAME), public=raw)


def _text(document: dict[str, object], key: str, shape: re.Pattern[str]) -> str:
    value = document.get(key)
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise _Unfit(f'"{key}" is missing or has the wrong form')
    return value
