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

from collections.abc import Iterable
from contextlib import closing
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from device.clock import Clock, utc_day
from device.crypto.sealing import SealingKey
from device.crypto.signing import SigningKey, kept_key
from device.durable import replace_file, sync_folder, why_not
from device.enrolment.document import Enrolment
from device.errors import ConfigurationError, WireError
from device.hub.believed_clock import BelievedClock
from device.hub.db.database import HubDatabase
from device.hub.db.opening import open_database
from device.hub.folder_files import DATABASE, KEYS, NEXT_ROOT, OPERATOR, ROOT, TLS, FolderFiles
from device.hub.keyring.certificates import DEFAULT_NAMES, TlsFolder, checked_names
from device.hub.keyring.keys import AHEAD_DAYS, KeyFolder, NoKeys
from device.hub.keyring.public_identity import PublicIdentity
from device.hub.maintenance import NO_KEYS, make_sealing_keys
from device.hub.new_folder import make_folder
from device.hub.publishing.store import PublishedBundles
from device.hub.settings.of_folder import SETTINGS
from device.hub.settings.schema import RETENTION_DAYS
from device.hub.settings.template import NewSettings
from device.wire.bundle import BundleKind
from device.wire.revocation import revocation_statement
from device.wire.sealing_keys import decode_days, encode_days
from device.words import say, why_of


class HubFolder(FolderFiles):
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
            made = (path / OPERATOR).is_file()
        except OSError as error:
            raise ConfigurationError(say("{path}: cannot be read ({why})", path=path, why=why_of(error))) from error
        if not made:
            raise ConfigurationError(say("{path}: no hub's folder; make one: gate-scanner hub init {path}", path=path))
        super().__init__(path)
        self.clock = BelievedClock(clock, path)
        self._tls = TlsFolder(path / TLS)

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
        make_folder(path, clock, settings or NewSettings(tuple(names), retention_days))
        return cls(path, clock)

    @property
    def database(self) -> Path:
        """The file of the database, where it is one."""
        return self.path / DATABASE

    def open_store(self, *, old: bool = False) -> HubDatabase:
        """Open the database; the caller closes it.

        Raises `ConfigurationError` when it is missing, damaged, or, unless *old*, of another version than this program.
        """
        return open_database(self.database_url() or self.database, self.clock, old=old)

    def sealing_keys(self) -> tuple[SealingKey, ...]:
        """Return the public keys of today and the days to come, at least the newest; raises `ConfigurationError`."""
        today = utc_day(self.clock.reading().wall_ms)
        known = self._published_keys() if self.is_ingest else [pair.key for pair in self.keys.pairs()]
        if not known:
            raise ConfigurationError(say(NO_KEYS, path=self.path / KEYS))
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
        return (NoKeys if self.is_ingest else KeyFolder)(self.path / KEYS)

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
        draft = self.path / NEXT_ROOT
        new = kept_key(draft)

        def activate() -> None:
            draft.replace(self.path / ROOT)
            sync_folder(self.path)

        try:
            self.bundles().renew_root(new, activate)
        except OSError as error:
            why = why_not(error, self.path)
            told = say("{path}: cannot be written ({why})", path=self.path / ROOT, why=why)
            raise ConfigurationError(told) from error
