"""Preflight: a site file that names what cannot be there is refused before any lamp lights.

`run` looks for itself; `check` and `adopt` look for the users of the gate that is installed on this machine.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

from device.app.accounts import WRITABLE, WRITE_INTO, Account, Installed, is_below
from device.app.destination import destination_of, keys_of, webhook_of
from device.camera.pictures import pictures_in
from device.clock import SystemClock
from device.enrolment import document as enrolment
from device.errors import CameraUnavailable, Complaints, ConfigurationError, shown
from device.settings.in_service import STATE
from device.settings.load import load_policy
from device.settings.schema import Site
from device.settings.tree import Located, dotted
from device.settings.tree import Path as Key
from device.settings.validate import Finding
from device.trust.trust_list import load_trust
from device.uplink.request import certificates
from device.words import say, sentence, why_of

_DRIVERS: dict[str, tuple[Key, str]] = {
    "picamera2": (("camera", "source"), sentence("picamera2 is not installed; run setup.sh install, or write replay")),
    "lgpio": (("pins", "driver"), sentence("lgpio is not installed; run setup.sh install, or write mock for none")),
}
_WEBHOOK: Key = ("sync", "webhook")
_MADE = ("private_key_file", "secret_file")
_MAKE = sentence("there is no file {path}; make it with: gate-scanner webhook init")
_PUT = sentence("there is no file {path}; put it there, or correct the path")
_FOLDER = sentence("{path} is a folder; name the file itself")
_NO_FILE = sentence("{path} is no file; name the file itself")
_KEY = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")


def check_files(site: Site, located: Located | None = None) -> None:
    """Look for every file and driver that the site file names, as this process sees them.

    Args:
        site: the checked site file.
        located: where its keys stand; ``None`` where nobody knows.

    Raises:
        Complaints: each with its line.
        ConfigurationError: the first, naming the key to change, without *located*.
    """
    _refuse([*_drivers(site), *_missing(site, None)], located)


def check_for_gate(site: Site, located: Located, gate: Installed | None) -> None:
    """Look for the same for a gate that is to start with the site file, and into its policy and trust list.

    Args:
        site: the checked site file.
        located: where its keys stand.
        gate: installed on this machine; ``None``: there is none, so drivers are left out, and one looks for oneself.

    Raises:
        Complaints: each with its line.
    """
    found = [] if gate is None else [*_drivers(site), *_foreign_store(site.store.folder, gate.service)]
    _refuse([*found, *_missing(site, gate)], located)
    check_documents(site)


def check_documents(site: Site) -> None:
    """Read the policy and the trust list that a site file names, where this process may; raises `Complaints`."""
    policy, trust = site.policy.file, None if site.trust is None else site.trust.file
    if policy is not None and os.access(policy, os.R_OK):
        load_policy(policy)
    if trust is not None and os.access(trust, os.R_OK):
        load_trust(trust)


def _refuse(findings: Iterable[Finding], located: Located | None) -> None:
    found = list(findings)
    if found and located is not None:
        raise Complaints(located.complaint(finding.path, finding.message) for finding in found)
    if found:
        raise ConfigurationError(f"{dotted(found[0].path)}: {found[0].message}")


def _drivers(site: Site) -> Iterator[Finding]:
    for name in (site.camera.source.value, site.pins.driver.value):
        if name in _DRIVERS and find_spec(name) is None:
            key, told = _DRIVERS[name]
            yield Finding(key, say(told))


def _missing(site: Site, gate: Installed | None) -> Iterator[Finding]:
    users = () if gate is None else (gate.service,)
    named = list(_named(site))
    unusable = [Finding(key, why) for key, path in named if (why := _unusable_file(key, path, users))]
    yield from unusable
    yield from _replay(site, () if gate is None else (gate.eye, gate.service))
    store = site.store.folder
    there = next(folder for folder in (store, *store.parents) if os.path.exists(folder))  # noqa: PTH110 - raises nothing
    if not os.path.isdir(there):  # noqa: PTH112 - same
        yield Finding(("store", "folder"), say("{path} is not a folder; name one", path=there))
    elif not unusable and all(os.access(path, os.R_OK) for _, path in named):
        yield from _centre(site)


def _named(site: Site) -> Iterator[tuple[Key, Path]]:
    """Yield key and path of the files that a site file names."""
    webhook = webhook_of(site)
    files: dict[Key, Path | None] = {
        ("hub", "ca_file"): None if site.hub is None else site.hub.ca_file,
        ("policy", "file"): site.policy.file,
        ("trust", "file"): None if site.trust is None else site.trust.file,
    }
    if webhook is not None:
        files |= {(*_WEBHOOK, name): getattr(webhook, name) for name in (*_MADE, "ca_file")}
    yield from ((key, path) for key, path in files.items() if path is not None)


def _unusable_file(key: Key, path: Path, users: Iterable[Account]) -> str:
    """Say why there is no such file for *users* (for this process, where there are none); "" when there is."""
    told = shown(str(path), 300)
    try:
        kind = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return say(_MAKE if key[-1] in _MADE else _PUT, path=told)
    except PermissionError:
        return "" if users else say("not allowed to look for {path}; check owner and mode of its folders", path=told)
    except OSError as error:
        return f"{told}: {why_of(error)}"
    if not stat.S_ISREG(kind):
        return say(_FOLDER if stat.S_ISDIR(kind) else _NO_FILE, path=told)
    return _denied(path, users)


def _denied(path: Path, users: Iterable[Account]) -> str:
    told = [why for user in users if (why := user.why_not(path))]
    if not users and not os.access(path, os.R_OK):
        return say("not allowed to read {path}; check its owner and mode", path=path)
    return told[0] if told else ""


def _replay(site: Site, users: tuple[Account, ...]) -> Iterator[Finding]:
    key, path = ("camera", "replay", "path"), site.camera.replay.path
    if site.camera.source != "replay" or path is None:
        return
    try:
        if not (os.path.exists(path) and stat.S_ISFIFO(path.stat().st_mode)):  # noqa: PTH110 - swallows what stat says
            pictures_in(path)
    except CameraUnavailable as error:
        if not users or not isinstance(error.__cause__, PermissionError):
            yield Finding(key, str(error).removeprefix("camera.replay.path: "))
            return
    if why := _denied(path, users):
        yield Finding(key, why)


def _foreign_store(folder: Path, service: Account) -> Iterator[Finding]:
    """A folder outside that of the unit must have been opened to it, and be there; systemd sees to its own."""
    key = ("store", "folder")
    if is_below(folder, WRITABLE):
        return
    if not service.is_opened(folder):
        drop_in = f"systemctl edit gate-scanner, [Service] ReadWritePaths={folder}"
        told = say("the gate may write to {state} only; write that, or run: {command}", state=STATE, command=drop_in)
        yield Finding(key, told)
        return
    try:
        folder.stat()
    except PermissionError:
        return  # who may not look believes
    except OSError:
        command = f"install -d -m 700 -o {service.name} {folder}"
        yield Finding(key, say("there is no {folder}; run: {command}", folder=folder, command=command))
        return
    if why := service.why_not(folder, WRITE_INTO):
        yield Finding(key, why)


def _centre(site: Site) -> Iterator[Finding]:
    """What certificates, keys and enrolment say must fit together, in so far as this process may read them."""
    hub, webhook = site.hub, webhook_of(site)
    try:
        if webhook is not None:
            keys_of(site, webhook)
        for section, name in ((hub, "hub"), (webhook, "sync.webhook")):
            if section is not None and section.ca_file is not None:
                certificates(section.ca_file, f"{name}.ca_file")
        enrolled = _enrolment(site.store.folder)
        destination = None if enrolled is None else destination_of(site, enrolled, SystemClock())
        if destination is not None:
            destination.uplink.close()
    except ConfigurationError as error:
        key, _, message = str(error).partition(": ")
        known = _KEY.fullmatch(key)
        yield Finding(tuple(key.split(".")), message) if known else Finding(("hub",), str(error))


def _enrolment(folder: Path) -> enrolment.Enrolment | None:
    """Return the gate's enrolment; one that cannot be read is waited for (`device.app.startup`)."""
    try:
        return enrolment.read(folder / enrolment.FILE_NAME)
    except ConfigurationError:
        return None
