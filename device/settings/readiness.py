"""What a gate with this site file needs on this machine: the files it names, a folder that lasts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from device.settings.choices import CameraSource, SyncKind
from device.settings.schema import Site
from device.settings.tree import Located, Scalar
from device.settings.tree import Path as Keys
from device.settings.validate import Finding

_LOST_AT_BOOT: Final = ("/tmp", "/var/tmp", "/run", "/var/run", "/dev", "/proc", "/sys")  # noqa: S108 - what is refused
_FOLDER: Final = ("store", "folder")


def unready(site: Site, located: Located) -> Iterator[Finding]:
    """Yield what keeps this machine from running a gate with *site*, which is right in itself."""
    yield from _folder(located)
    for keys, path, advice in _files(site):
        if not path.exists():
            yield Finding(keys, f"there is nothing at {path}{advice}")
        elif not os.access(path, os.R_OK):
            yield Finding(keys, f"{path} cannot be read here; check its owner and mode")


def _folder(located: Located) -> Iterator[Finding]:
    section = located.tree.get("store")
    written = section.get("folder") if isinstance(section, dict) else None
    if not isinstance(written, Scalar):
        return
    path = PurePosixPath(written.text)
    if not path.is_absolute():
        yield Finding(_FOLDER, "write the whole path, like /var/lib/gate-scanner")
    elif any(path.is_relative_to(lost) for lost in _LOST_AT_BOOT):
        yield Finding(_FOLDER, "what lies there is gone after a boot; write another folder, like /var/lib/gate-scanner")


def _files(site: Site) -> Iterator[tuple[Keys, Path, str]]:
    """Yield each file or folder that is named, where, and what to do when it is not there."""
    if site.policy.file is not None:
        yield ("policy", "file"), site.policy.file, ""
    if site.trust is not None and site.trust.file is not None:
        yield ("trust", "file"), site.trust.file, "; make it: gate-scanner trust compile"
    if site.hub is not None and site.hub.ca_file is not None:
        yield ("hub", "ca_file"), site.hub.ca_file, ""
    replay = site.camera.replay.path
    if site.camera.source is CameraSource.REPLAY and replay is not None:
        yield ("camera", "replay", "path"), replay, ""
    webhook = site.sync.webhook
    if site.sync.kind is SyncKind.WEBHOOK and webhook is not None:
        made = "; make it: gate-scanner webhook init"
        yield ("sync", "webhook", "secret_file"), webhook.secret_file, made
        yield ("sync", "webhook", "private_key_file"), webhook.private_key_file, made
        if webhook.ca_file is not None:
            yield ("sync", "webhook", "ca_file"), webhook.ca_file, ""
