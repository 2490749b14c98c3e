"""Where people open the desk, for the lines that name it."""

from __future__ import annotations

from device.hub.settings.schema import HubSettings, Role
from device.settings.address import is_this_machine

_EVERY_NETWORK = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared only


def desk_url(settings: HubSettings | None) -> str | None:
    """Return how a browser reaches the desk, a name from outside before an address; ``None``: it does not."""
    if settings is None or settings.desk is None or settings.role is Role.INGEST:
        return None
    host = settings.desk.host
    if host in _EVERY_NETWORK:
        host = min(settings.names, key=lambda name: (is_this_machine(name), name[-1:].isdigit() or ":" in name, name))
    return f"https://{f'[{host}]' if ':' in host else host}:{settings.desk.port}"
