"""A gate that has no hub: a name and a key of its own, and a key pair to seal to, whose private half leaves the card.

The private half is a file of one line: 32 bytes, X25519, in base64. Whoever has it and the card reads who came.
"""

from __future__ import annotations

import binascii
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from device.crypto.sealing import SealingKey, new_key_pair, public_half
from device.crypto.signing import SigningKey
from device.durable import replace_file, why_not
from device.enrolment import document
from device.enrolment.document import Enrolment
from device.errors import ConfigurationError
from device.strict_json import base64_of
from device.words import say, why_of

_MOST_BYTES: Final = 4096


def make_lone(state: Path, key_file: Path | None, told: Callable[[str], object] = print) -> Enrolment:
    """Enrol a gate with itself; broken off, it is begun again with the same file.

    Args:
        state: its state folder.
        key_file: where the private half goes, outside of *state*; one that is there is taken. ``None``: to *told*.
        told: is given the line of such a file, before anything is sealed to it.

    Raises:
        ConfigurationError: the gate is enrolled already, or a file cannot be used or written; says what to do.
    """
    if key_file is not None and key_file.resolve().is_relative_to(state.resolve()):
        raise ConfigurationError(
            say(
                "{key_file}: must not lie in {state}: whoever copies that folder could read who came",
                key_file=key_file,
                state=state,
            )
        )
    key = public_half(read_private(key_file)) if key_file is not None and key_file.exists() else None
    former = document.read(state / document.FILE_NAME)
    if former is not None and (key is None or former.sealing_keys != (key,)):
        raise ConfigurationError(
            say(
                "{file}: this gate is enrolled already; what it has recorded is sealed to that key",
                file=state / document.FILE_NAME,
            )
        )
    if key is None:
        key, private = new_key_pair()
        if key_file is None:
            told(base64_of(private))
        else:
            _write(key_file, f"{base64_of(private)}\n".encode("ascii"))
    return former or enrolled_with_itself(state, key, None)


def enrolled_with_itself(state: Path, key: SealingKey, former: Enrolment | None) -> Enrolment:
    """Write the enrolment of a gate that no hub gives orders to; one that was enrolled keeps its name and its key.

    Raises:
        ConfigurationError: it cannot be written.
    """
    name, device_key = (
        (f"gate-{secrets.token_hex(6)}", SigningKey.new()) if former is None else (former.device_id, former.key)
    )
    # There is no hub whose word counts: the private half of this root is thrown away here.
    made = Enrolment(name, device_key, "", SigningKey.new().public, (key,))
    path = state / document.FILE_NAME
    try:
        document.write(path, made)
    except OSError as error:
        raise ConfigurationError(
            say("{path}: cannot be written ({why})", path=path, why=why_not(error, path.parent))
        ) from error
    return made


def read_private(path: Path) -> bytes:
    """Read the private half: 32 bytes.

    Raises:
        ConfigurationError: the file cannot be read or holds something else.
    """
    try:
        with path.open("rb") as file:
            private = binascii.a2b_base64(file.read(_MOST_BYTES).strip(), strict_mode=True)
        public_half(private)
    except OSError as error:
        raise ConfigurationError(say("{path}: cannot be read ({why})", path=path, why=why_of(error))) from error
    except ValueError:
        # "from None": the parser's error may carry what it read along.
        raise ConfigurationError(
            say("{path}: holds no key; take the file of `gate-scanner lone init`", path=path)
        ) from None
    return private


def _write(path: Path, body: bytes) -> None:
    try:
        replace_file(path, body)
    except OSError as error:
        raise ConfigurationError(
            say("{path}: cannot be written ({why})", path=path, why=why_not(error, path.parent))
        ) from error
