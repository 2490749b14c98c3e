"""uvicorn's settings of one of the hub's applications, what gates ask or what people look at: alike for both."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any, cast

import uvicorn

from device.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import ASGIApp


def app_config(app: ASGIApp, files: tuple[Path, Path] | None, *, believes_proxy: bool) -> uvicorn.Config:
    """Return the settings, loaded.

    TLS tickets are left on, though nobody comes back to a session: they are what the hub says after a handshake, and
    without a word of it a client that waits for one before its first request (Nagle) waits for 40 ms.

    Args:
        app: what answers.
        files: certificate and key; ``None``: it is served in clear.
        believes_proxy: whether one on this machine may say for whom it asks (``X-Forwarded-For``).

    Raises:
        ConfigurationError: they cannot be read.
    """
    certificate, key = files or (None, None)
    config = uvicorn.Config(
        cast("Any", app),  # uvicorn's types and starlette's
        loop="asyncio",
        ws="none",
        log_config=None,
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=believes_proxy,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        timeout_graceful_shutdown=1,
    )
    try:
        config.load()
    except OSError as error:
        raise ConfigurationError(
            f"{key}: cannot be served with; restore a backup (gate-scanner hub restore)"
        ) from error
    if config.ssl is not None:
        config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
        config.ssl.options |= ssl.OP_NO_RENEGOTIATION
    return config
