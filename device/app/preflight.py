"""Preflight: a site file that names what cannot be there is refused before any lamp lights."""

from __future__ import annotations

from importlib.util import find_spec

from device.app.destination import keys_of, webhook_of
from device.camera.pictures import pictures_in
from device.errors import CameraUnavailable, ConfigurationError
from device.settings.schema import Site


def check_files(site: Site) -> None:
    """Look for every file and driver that the site file names.

    Raises:
        ConfigurationError: naming the key to change.
    """
    hub, store = site.hub, site.store.folder
    if (webhook := webhook_of(site)) is not None:
        keys_of(site, webhook)
    if hub is not None and hub.ca_file is not None and not hub.ca_file.is_file():
        raise ConfigurationError(f"hub.ca_file: there is no file {hub.ca_file}")
    if store.exists() and not store.is_dir():
        raise ConfigurationError(f"store.folder: {store} is not a folder; name one")
    if site.camera.source == "picamera2" and find_spec("picamera2") is None:
        raise ConfigurationError("camera.source: picamera2 is not installed; run setup.sh install, or write replay")
    replay = site.camera.replay.path
    if site.camera.source == "replay" and replay is not None and not replay.is_fifo():
        try:
            pictures_in(replay)
        except CameraUnavailable as error:
            raise ConfigurationError(str(error)) from error
