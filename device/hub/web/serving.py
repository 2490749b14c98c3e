"""The desk for a server: uvicorn's settings of its listeners, always over TLS with the hub's certificate."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any, cast

import uvicorn
from starlette.types import ASGIApp

from device.hub.paced_log import PacedLog
from device.hub.web.app import create_desk
from device.hub.web.asking import Desk

if TYPE_CHECKING:
    from device.hub.db.database import HubDatabase
    from device.hub.folder import HubFolder


def desk_config(folder: HubFolder, store: HubDatabase, log: PacedLog) -> uvicorn.Config:
    """Return the settings of a hub's desk, loaded; raises `ConfigurationError` when its names cannot be used."""
    return tls_config(folder, create_desk(Desk(store, folder.names, folder.retention_days, log)))


def tls_config(folder: HubFolder, desk: ASGIApp) -> uvicorn.Config:
    """Return uvicorn's settings for an application over TLS with a hub's certificate, loaded."""
    certificate, key = folder.certificate_files
    config = uvicorn.Config(
        cast("Any", desk),  # uvicorn's types and starlette's
        loop="asyncio",
        ws="none",
        log_config=None,
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    config.load()
    assert config.ssl is not None
    config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
    config.ssl.options |= ssl.OP_NO_RENEGOTIATION
    return config
