"""Keys for a webhook: a key pair to seal to, the secret that signs requests, and a device id, all made by the gate.

Check-ins are sealed on the card as for a hub, but the gate has to open them to send them, so the private half
lies on the gate: in a file that the site file names, outside the state folder. The promise is weaker for it: the card
alone tells nothing, the card and that file tell who came. ``gate-scanner webhook init`` makes all of it:

``private_key_file``    32 bytes, X25519, in base64 and a line end
``secret_file``         16 to 256 characters of ASCII without blanks, and a line end; the server has the same
``enrolment.json``      in the state folder (`device.enrolment.document`): device id, device key, and the public half
"""

from __future__ import annotations

import binascii
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from device.crypto.body_signature import SECRET
from device.crypto.sealing import SealingKey, new_key_pair, public_half
from device.crypto.secret import Secret
from device.durable import replace_file
from device.enrolment import document as enrolment
from device.enrolment.document import Enrolment
from device.enrolment.lone import enrolled_with_itself
from device.errors import ConfigurationError
from device.strict_json import base64_of
from device.words import say, why_of

_SECTION: Final = "sync.webhook"
_INIT: Final = "gate-scanner webhook init"
_MOST_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """Where the two files are, as the site file says."""

    private_key: Path
    secret: Path


@dataclass(frozen=True, slots=True)
class WebhookKeys:
    """What the files hold.

    Attributes:
        key: check-ins are sealed to it.
        private: opens them; 32 bytes.
        secret: signs requests.
    """

    key: SealingKey
    private: bytes = field(repr=False)
    secret: Secret


def read(files: KeyFiles, state: Path) -> WebhookKeys:
    """Read both files.

    Args:
        files: where they are.
        state: the state folder, which must not hold the private key.

    Raises:
        ConfigurationError: one is missing, badly placed, readable by others, or holds something else.
    """
    _refuse_in_state(files, state)
    return _keys(_text(files.private_key, "private_key_file"), _text(files.secret, "secret_file"), files)


def make(files: KeyFiles, state: Path) -> tuple[Enrolment, WebhookKeys]:
    """Make what is missing of files and enrolment; what is there stays.

    A gate that was enrolled with a hub keeps its device id, hence its ledger.

    Raises:
        ConfigurationError: what is there cannot be used, or something cannot be written; says what to do.
    """
    _refuse_in_state(files, state)
    _new(files.private_key, base64_of(new_key_pair()[1]))
    _new(files.secret, secrets.token_urlsafe(32))
    keys = read(files, state)
    path = state / enrolment.FILE_NAME
    former = enrolment.read(path)
    if former is not None and former.sealing_keys == (keys.key,):
        return former, keys
    return enrolled_with_itself(state, keys.key, former), keys


def _refuse_in_state(files: KeyFiles, state: Path) -> None:
    if files.private_key.resolve().is_relative_to(state.resolve()):
        raise ConfigurationError(
            say(
                "{section}.private_key_file: must not lie in {state}: whoever copies that folder could read who came",
                section=_SECTION,
                state=state,
            )
        )


def _keys(private_text: str, secret: str, files: KeyFiles) -> WebhookKeys:
    try:
        private = binascii.a2b_base64(private_text, strict_mode=True)
        key = public_half(private)
    except ValueError:
        # "from None": the parser's error may carry what it read along.
        raise ConfigurationError(
            say(
                "{section}.private_key_file: {private_key} holds no key; restore it, or remove it and run: {init}",
                section=_SECTION,
                private_key=files.private_key,
                init=_INIT,
            )
        ) from None
    if not SECRET.fullmatch(secret):
        raise ConfigurationError(
            say(
                "{section}.secret_file: {secret} must hold 16 to 256 characters of ASCII without blanks",
                section=_SECTION,
                secret=files.secret,
            )
        )
    return WebhookKeys(key, private, Secret(secret))


def _text(path: Path, key: str) -> str:
    """Return what a file holds, without the blanks around it."""
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            body = file.read(_MOST_BYTES)
    except FileNotFoundError:
        raise ConfigurationError(
            say(
                "{section}.{key}: there is no file {path}; make it with: {init}",
                section=_SECTION,
                key=key,
                path=path,
                init=_INIT,
            )
        ) from None
    except OSError as error:
        raise ConfigurationError(
            say(
                "{section}.{key}: {path} cannot be read ({why})",
                section=_SECTION,
                key=key,
                path=path,
                why=why_of(error),
            )
        ) from error
    if mode & 0o007:
        raise ConfigurationError(
            say("{section}.{key}: others may read {path}; run: chmod o= {path}", section=_SECTION, key=key, path=path)
        )
    return body.decode("ascii", "replace").strip()


def _new(path: Path, text: str) -> None:
    """Write a file that is not there yet, and the folder it lies in."""
    if path.exists():
        return
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(path, f"{text}\n".encode("ascii"))
    except OSError as error:
        raise ConfigurationError(
            say(
                "{path}: cannot be written ({why}); give the gate a folder for it: sudo install -d -o gate-scanner "
                "-g gate-scanner -m 700 {parent}",
                path=path,
                why=why_of(error),
                parent=path.parent,
            )
        ) from error
