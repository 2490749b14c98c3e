"""The hub's data folder: database, keys, certificates and settings, in one place to back up and to guard.

::

    hub.db            what arrived, sealed (SQLite)
    keys/DAY.json     the sealing key pair of a day; only who may read this folder can unseal
    root.key          the hub's root (Ed25519): signs bundles and revocations
    tls/ca.pem        the authority gates are to trust, tls/ca.key its private key
    tls/server.pem    what the hub serves with, tls/server.key its private key
    operator.token    what the operator's requests carry
    bundles/          what gates fetch, signed (`device.hub.publishing.store`)
    uploads/          lists that somebody has sent to the desk and not confirmed yet; in no backup
    hub.yaml          the settings (`device.hub.settings`); in a folder made before there were any, only
                      hub.json: {"retention_days": 21}

The folders are 0700, the files 0600. Behind a proxy with a certificate of its own, ``tls/ca.pem`` is that
certificate's root, put there by the operator before gates are enrolled.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Final

from device.clock import Clock, utc_day
from device.crypto.sealing import SealingKey
from device.crypto.secret import Secret
from device.crypto.signing import SigningKey, kept_key
from device.durable import replace_file, sync_folder, why_not
from device.enrolment.document import Enrolment
from device.errors import ConfigurationError, WireError
from device.hub.believed_clock import FILE_NAME as CLOCK_FILE
from device.hub.believed_clock import BelievedClock
from device.hub.db.database import HubDatabase
from device.hub.db.opening import open_database
from device.hub.db.problems import NEEDED_BYTES
from device.hub.db.sqlite import open_sqlite
from device.hub.keyring.certificates import DEFAULT_NAMES, TlsFolder, checked_names
from device.hub.keyring.keys import AHEAD_DAYS, AT_THE_DESK, KeyFolder, NoKeys
from device.hub.keyring.public_identity import PublicIdentity
from device.hub.maintenance import NO_KEYS, make_sealing_keys
from device.hub.publishing.store import PublishedBundles
from device.hub.settings.load import parse_settings, url_with_password
from device.hub.settings.of_folder import SETTINGS, SETTINGS_BEFORE, SettingsFolder
from device.hub.settings.schema import RETENTION_DAYS
from device.hub.settings.template import NewSettings
from device.wire.bundle import BundleKind
from device.wire.revocation import revocation_statement
from device.wire.sealing_keys import decode_days, encode_days
from device.words import say, why_of

_DATABASE: Final = "hub.db"
_KEYS: Final = "keys"
_OPERATOR: Final = "operator.token"
_STATUS_KEY: Final = "status.key"
_ROOT: Final = "root.key"
_NEXT_ROOT: Final = "root.next"
_TLS: Final = "tls"
_IN_ORDER: Final = (_ROOT, f"{_TLS}/ca.pem", f"{_TLS}/server.pem", _DATABASE, SETTINGS)
"""What making a hub makes, one after the other; sealing keys come after the database, the token comes last."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{16,256}")


class HubFolder(SettingsFolder):
    """A folder made by `HubFolder.create`.

    Args:
        path: of the folder.
        clock: for the times of arrival, and the days of keys.

    Attributes:
        clock: the same, as far as it can be believed.

    Raises:
        ConfigurationError: it is no hub's folder; says how to make one.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        try:
            made = (path / _OPERATOR).is_file()
        except OSError as error:
            raise ConfigurationError(say("{path}: cannot be read ({why})", path=path, why=why_of(error))) from error
        if not made:
            raise ConfigurationError(say("{path}: no hub's folder; make one: gate-scanner hub init {path}", path=path))
        super().__init__(path)
        self.clock = BelievedClock(clock, path)
        self._tls = TlsFolder(path / _TLS)

    @classmethod
    def create(
        cls,
        path: Path,
        clock: Clock,
        names: Iterable[str] = DEFAULT_NAMES,
        retention_days: int = RETENTION_DAYS,
        settings: NewSettings | None = None,
    ) -> HubFolder:
        """Make a new hub: its folder, root, authority and certificate, database, sealing keys, operator token.

        Where that was broken off, it starts over.

        Args:
            path: of the folder.
            clock: for the days of keys.
            names: what gates will call the hub.
            retention_days: how long what arrives can be read.
            settings: of ``hub.yaml``, in the place of those two.

        Raises:
            ConfigurationError: there is a hub already, or what is left of one, a name is none, or the folder cannot
                be made.
        """
        settings = settings or NewSettings(tuple(names), retention_days)
        names = checked_names(settings.names)
        settings = replace(settings, names=names)
        url = url_with_password(parse_settings(settings.text(), folder=path)[0])
        try:
            _refuse_a_hub(path, clock, has_file=url is None)
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.chmod(0o700)
            (path / _KEYS).mkdir(mode=0o700, exist_ok=True)
            (path / CLOCK_FILE).unlink(missing_ok=True)  # of a try long ago: it would be in doubt, and make no key
            replace_file(path / _ROOT, SigningKey.new().seed())
            TlsFolder(path / _TLS).create(names)
            if url is None:
                (path / _DATABASE).touch(mode=0o600)
            store = open_database(url or path / _DATABASE, BelievedClock(clock, path), new=True)
            with closing(store):
                if store.gates():
                    raise ConfigurationError(say("{path}: database.url: another hub's", path=path / SETTINGS))
                make_sealing_keys(KeyFolder(path / _KEYS), store)
            replace_file(path / SETTINGS, settings.text().encode())
            # The token comes last: it marks the folder as complete.
            replace_file(path / _OPERATOR, secrets.token_urlsafe(32).encode() + b"\n")
        except OSError as error:
            why = why_not(error, path, NEEDED_BYTES)
            raise ConfigurationError(say("{path}: cannot be made ({why})", path=path, why=why)) from error
        return cls(path, clock)

    @property
    def database(self) -> Path:
        """The file of the database, where it is one."""
        return self.path / _DATABASE

    def open_store(self, *, old: bool = False) -> HubDatabase:
        """Open the database; the caller closes it.

        Raises `ConfigurationError` when it is missing, damaged, or, unless *old*, of another version than this program.
        """
        return open_database(self.database_url() or self.database, self.clock, old=old)

    def operator_token(self) -> Secret:
        """Return what an operator's request must carry; raises `ConfigurationError` when it cannot be used."""
        try:
            text = (self.path / _OPERATOR).read_text(encoding="ascii", errors="replace").strip()
        except OSError as error:
            told = say("{path}: cannot be read ({why})", path=self.path / _OPERATOR, why=why_of(error))
            raise ConfigurationError(told) from error
        if not _TOKEN.fullmatch(text):
            told = say("{path}: must hold 16 or more letters, digits, _ and -", path=self.path / _OPERATOR)
            raise ConfigurationError(told)
        return Secret(text)

    def sealing_keys(self) -> tuple[SealingKey, ...]:
        """Return the public keys of today and the days to come, at least the newest; raises `ConfigurationError`."""
        today = utc_day(self.clock.reading().wall_ms)
        known = self._published_keys() if self.is_ingest else [pair.key for pair in self.keys.pairs()]
        if not known:
            raise ConfigurationError(say(NO_KEYS, path=self.path / _KEYS))
        until = today + timedelta(days=AHEAD_DAYS)  # a clock that once lied may have left keys of another year
        near = [key for key in known if key.day is not None and key.day <= until] or [known[-1]]
        return tuple(key for key in near if key.day is not None and key.day >= today) or (near[-1],)

    def sealing_days_document(self) -> bytes:
        """Return today's content of a bundle of kind ``sealing-keys`` (`device.wire.sealing_keys`).

        It changes once a day. Raises `ConfigurationError` when there is no key.
        """
        return encode_days(self.sealing_keys())

    def bundles(self) -> PublishedBundles:
        """Return what this hub offers its gates."""
        sealing_days = None if self.is_ingest else self.sealing_days_document
        return PublishedBundles(self.path, self._root, sealing_days, self.clock)

    def _published_keys(self) -> list[SealingKey]:
        """Return the sealing keys that the desk has published; raises `ConfigurationError` when there are none."""
        content = self.bundles().content(BundleKind.SEALING_KEYS)
        try:
            return list(decode_days(content or b""))
        except WireError:
            told = say("{path}: no sealing keys; copy what gate-scanner hub ingest writes at the desk", path=self.path)
            raise ConfigurationError(told) from None

    def write_settings(self, listen: str, metrics: str, *, tls: bool) -> Path:
        """Write ``hub.yaml`` for a folder from before there was one, with what held until now; return its path.

        Args:
            listen: host and port, as they were options of ``hub run``.
            metrics: host and port.
            tls: whether it serves with its certificate there.

        Raises `ConfigurationError`; also when there is one.
        """
        path = self.path / SETTINGS
        if self.settings is not None:
            raise ConfigurationError(say("{path}: is there already; nothing was changed", path=path))
        names = sorted(self.names)
        try:
            replace_file(path, NewSettings(names, self.retention_days, listen, tls, metrics).text().encode())
        except OSError as error:
            why = why_not(error, self.path)
            raise ConfigurationError(say("{path}: cannot be written ({why})", path=path, why=why)) from error
        return path

    @cached_property
    def keys(self) -> KeyFolder:
        """The sealing key pairs."""
        return (NoKeys if self.is_ingest else KeyFolder)(self.path / _KEYS)

    def status_secret(self) -> bytes | None:
        """Return the secret under which people's statuses lie in the database; ``None`` before the first came.

        Raises:
            ConfigurationError: it cannot be used.
        """
        if not (self.path / _STATUS_KEY).exists():
            return None
        return self.make_status_secret()

    def make_status_secret(self) -> bytes:
        """Return the same, made when it is not there; raises `ConfigurationError` when it cannot be used."""
        path = self.path / _STATUS_KEY
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

    def private_keys(self) -> dict[str, bytes]:
        """Return the private keys by key id, 32 bytes each."""
        return {pair.key.key_id: pair.private for pair in self.keys.pairs()}

    def certify(self, names: Iterable[str] = ()) -> tuple[str, ...]:
        """Make a new server certificate; gates go on trusting the same authority.

        Args:
            names: for these; none: for those of ``hub.yaml``, and others are refused where that says them.

        Returns:
            For which.

        Raises:
            ConfigurationError: a name is none, or not the file's, none is said, or the authority cannot be used.
        """
        wanted = checked_names(names)
        if self.settings is not None:
            if wanted and set(wanted) != set(self.settings.names):
                told = say(
                    "{path}: names: says what the hub is called; write the names there", path=self.path / SETTINGS
                )
                raise ConfigurationError(told)
            wanted = self.settings.names
        if not wanted:
            raise ConfigurationError(say("--name: say what gates call the hub"))
        self._tls.certify(wanted)
        return wanted

    @property
    def names(self) -> frozenset[str]:
        """What gates may call the hub. Raises `ConfigurationError`, also when its certificate lacks one."""
        certified = self._tls.ca_and_names()[1]
        if self.settings is None:
            return certified
        if missing := [name for name in self.settings.names if name not in certified]:
            told = say(
                "{path}: names: the certificate does not have {names}; run: gate-scanner hub certificate {folder}",
                path=self.path / SETTINGS,
                names=", ".join(missing),
                folder=self.path,
            )
            raise ConfigurationError(told)
        return frozenset(self.settings.names)

    @property
    def certificate_files(self) -> tuple[Path, Path]:
        """The files of the server's certificate and of its private key."""
        return self._tls.server_files

    def public_identity(self) -> PublicIdentity:
        """Return what the hub shows gates of itself. Raises `ConfigurationError`, also when there is no sealing key."""
        self.sealing_keys()
        ca = self._tls.ca_and_names()[0]
        if self.is_ingest:
            return PublicIdentity(self.names, self.bundles().root, ca, self.sealing_keys)
        root = self._root()
        return PublicIdentity(self.names, root.public, ca, self.sealing_keys, root.sign)

    def add_gate(self, name: str) -> Enrolment:
        """Register a gate and return the document it needs; its private key is kept nowhere else.

        Raises:
            ClockLeapt: the clock is in doubt, and the document would tell the gate the time.
        """
        self.clock.check()
        key, identity = SigningKey.new(), self.public_identity()
        with closing(self.open_store()) as store:
            make_sealing_keys(self.keys, store)
            device_id = store.add_gate(name, key.public)
        return Enrolment(device_id, key, identity.ca, identity.root, self.sealing_keys(), self.clock.reading().wall_ms)

    def revoke(self, store: HubDatabase, device_id: str, public: bytes) -> None:
        """Withdraw a gate's key: from now on the hub answers it with the root's signed word."""
        store.revoke(device_id, self.revocation_of(device_id, public))

    def revocation_of(self, device_id: str, public: bytes) -> bytes:
        """Return the root's word that a gate's key is withdrawn; raises `ConfigurationError`."""
        return self._root().sign(revocation_statement(device_id, public))

    def renew_root(self) -> None:
        """Make a new root, which the present one names as its successor; gates follow. Then start the serving hub anew.

        Broken off, it goes on where it was when it is called again. Raises `ConfigurationError`.
        """
        self._root()
        draft = self.path / _NEXT_ROOT
        new = kept_key(draft)

        def activate() -> None:
            draft.replace(self.path / _ROOT)
            sync_folder(self.path)

        try:
            self.bundles().renew_root(new, activate)
        except OSError as error:
            why = why_not(error, self.path)
            told = say("{path}: cannot be written ({why})", path=self.path / _ROOT, why=why)
            raise ConfigurationError(told) from error

    def _root(self) -> SigningKey:
        if self.is_ingest:
            raise ConfigurationError(say(AT_THE_DESK, path=self.path))
        try:
            return SigningKey((self.path / _ROOT).read_bytes())
        except (OSError, ValueError):
            told = say(
                "{path}: not the hub's root; restore a backup (gate-scanner hub restore)", path=self.path / _ROOT
            )
            raise ConfigurationError(told) from None


def _refuse_a_hub(path: Path, clock: Clock, *, has_file: bool) -> None:
    """Raise `ConfigurationError` when there is more in a folder than making a hub leaves that was broken off."""
    if (path / _OPERATOR).exists():
        raise ConfigurationError(say("{path}: there is a hub already; nothing was changed", path=path))
    in_order = [name for name in _IN_ORDER if has_file or name != _DATABASE]
    there = [(path / name).exists() for name in in_order]
    there[-1] = there[-1] or (path / SETTINGS_BEFORE).exists()
    if has_file and any((path / _KEYS).glob("*.json")) and not (path / _DATABASE).exists():
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
    if (path / _DATABASE).exists() and (path / _DATABASE).stat().st_size:
        with closing(open_sqlite(path / _DATABASE, BelievedClock(clock), new=True, old=True)) as store:
            if store.any_gate():
                told = say(
                    "{path}: there is a hub already, without its {file}; nothing was changed. Restore that file, "
                    "or write a new one: 16 or more letters, digits, _ and -",
                    path=path,
                    file=_OPERATOR,
                )
                raise ConfigurationError(told)
