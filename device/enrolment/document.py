"""The enrolment document in a gate's state folder: who the gate is, its key, and whom it reports to.

``enrolment.json`` (mode 0600) looks like this; keys are 32 raw bytes in base64::

    {"document": "gate-enrolment/3", "device": ID, "device_key": private Ed25519 key of this gate,
     "ca": PEM text of the certificate authority to trust, or "" for the usual ones,
     "bundle_root": public Ed25519 key of the hub's root,
     "at": the hub's time when it was made, Unix ms,
     "sealing_keys": [{"day": "2026-01-05", "id": KEY ID, "public": X25519 key}]}

A gate that reports to a webhook has one key without a day there (`device.uplink.webhook_keys`).
It comes into being by a code (`device.uplink.enrol`), or at the hub for a technician to carry over on a
stick (``hub gate add --out``). One file, so that a name and its key never part. Beside it:

``device.key``    the key of a gate that is being enrolled, so that a lost answer does not make a second gate
``revoked.json``  the hub's word that this gate's key was withdrawn; worth what its signature is
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from device.crypto.sealing import SealingKey
from device.crypto.signing import SigningKey, verified_by_any
from device.durable import replace_file
from device.errors import ConfigurationError, WireError
from device.strict_json import NAME, base64_of, document, integer, octets, text
from device.wire.revocation import decode_revocation, revocation_statement
from device.wire.sealing_keys import documents_of, keys_from
from device.words import say, why_of

FILE_NAME: Final = "enrolment.json"
KEY_FILE: Final = "device.key"
REVOKED_FILE: Final = "revoked.json"
DOCUMENT: Final = "gate-enrolment/3"
_MOST_BYTES: Final = 64 * 1024
_PEM: Final = re.compile(r"[ -~\n]{0,16384}")


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What makes this gate a gate of one hub.

    Attributes:
        device_id: whose ledger it is; given by the hub, never changes.
        key: signs what the gate sends.
        ca: PEM text of the certificates to trust; empty for the usual ones.
        bundle_root: the hub's root, which signs bundles and revocations; 32 bytes, Ed25519.
        sealing_keys: the public keys check-ins may be sealed to, one a day (`device.wire.sealing_keys`).
        at_ms: the hub's time when it enrolled this gate, Unix ms; 0 when it is not known.
    """

    device_id: str
    key: SigningKey
    ca: str
    bundle_root: bytes
    sealing_keys: tuple[SealingKey, ...]
    at_ms: int = 0


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
    except NotADirectoryError as error:
        raise ConfigurationError(say("store.folder: {parent} is not a folder; name one", parent=path.parent)) from error
    except PermissionError as error:
        raise ConfigurationError(
            say("{path}: not allowed to read it; run: chown gate-scanner:gate-scanner {path}", path=path)
        ) from error
    except OSError as error:
        raise ConfigurationError(
            say("{path}: cannot be read ({why}); enrol the gate again", path=path, why=why_of(error))
        ) from error
    if mode & 0o077:
        raise ConfigurationError(say("{path}: others may read it; run: chmod 600 {path}", path=path))
    try:
        return _decode(body)
    except WireError as error:
        # "from None": the parser's own error may carry the private key along.
        raise ConfigurationError(
            say("{path}: {error}; enrol the gate again (gate-scanner enrol)", path=path, error=error)
        ) from None


def write(path: Path, enrolment: Enrolment) -> None:
    """Write the enrolment whole or not at all, durably, readable by its owner only.

    Raises:
        OSError: the folder cannot be written; the former document is then still there.
    """
    written = {
        "document": DOCUMENT,
        "device": enrolment.device_id,
        "device_key": base64_of(enrolment.key.seed()),
        "ca": enrolment.ca,
        "bundle_root": base64_of(enrolment.bundle_root),
        "at": enrolment.at_ms,
        "sealing_keys": documents_of(enrolment.sealing_keys),
    }
    replace_file(path, json.dumps(written, indent=1).encode() + b"\n")


def is_revocation(enrolment: Enrolment, statement: bytes, roots: Iterable[bytes] | None = None) -> bool:
    """Return whether *statement* is the hub's own word that this gate's present key is withdrawn.

    Args:
        enrolment: of this gate.
        statement: the body of an answer, whatever it is.
        roots: of the hub, as far as this gate has followed them; ``None`` is the one it was enrolled with.
    """
    try:
        said = decode_revocation(statement)
    except WireError:
        return False
    if (said.device_id, said.public) != (enrolment.device_id, enrolment.key.public):
        return False
    message = revocation_statement(said.device_id, said.public)
    return verified_by_any((enrolment.bundle_root,) if roots is None else roots, message, said.signature)


def note_revoked(folder: Path, statement: bytes) -> None:
    """Keep the statement, so that the gate knows after a restart without asking. Raises `OSError`."""
    replace_file(folder / REVOKED_FILE, statement)


def is_revoked(folder: Path, enrolment: Enrolment, roots: Iterable[bytes] | None = None) -> bool:
    """Return whether the gate in *folder* holds a statement that ends *enrolment*; *roots* as in `is_revocation`."""
    try:
        with (folder / REVOKED_FILE).open("rb") as file:
            statement = file.read(_MOST_BYTES)
    except OSError:
        return False
    return is_revocation(enrolment, statement, roots)


def _decode(body: bytes) -> Enrolment:
    found = document(body, _MOST_BYTES)
    if found.get("document") != DOCUMENT:
        raise WireError(f'"document" must be "{DOCUMENT}"')
    return Enrolment(
        device_id=text(found.get("device"), NAME, "device"),
        key=SigningKey(octets(found.get("device_key"), 32, 32, "device_key")),
        ca=text(found.get("ca"), _PEM, "ca"),
        bundle_root=octets(found.get("bundle_root"), 32, 32, "bundle_root"),
        sealing_keys=keys_from(found.get("sealing_keys"), every_day=True),
        at_ms=integer(found.get("at"), 0, "at"),
    )
