"""The desk for a server: uvicorn's settings of its listeners, always over TLS with the hub's certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from device.hub.app_config import app_config
from device.hub.web.app import create_desk
from device.hub.web.asking import Desk

if TYPE_CHECKING:
    import uvicorn

    from device.hub.db.database import HubDatabase
    from device.hub.folder import HubFolder
    from device.hub.paced_log import PacedLog


def desk_config(folder: HubFolder, store: HubDatabase, log: PacedLog) -> uvicorn.Config:
    """Return the settings of a hub's desk, loaded; raises `ConfigurationError` when its names cannot be used."""
    desk = create_desk(Desk(store, folder, log))
    return app_config(desk, folder.certificate_files, believes_proxy=False)
