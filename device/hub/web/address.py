"""Where people open the desk, for the lines that name it."""

from __future__ import annotations

from device.hub.settings.schema import HubSettings, Role
from device.settings.address import is_this_machine

_EVERY_NETWORK = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared only


def desk_url(settings: HubSettings | None) -> str | None:
    """Return how a browser reaches the desk, a name from outside before an address; ``None``: it does not."""
    return next(iter(desk_urls(settings)), None)


def desk_urls(settings: HubSettings | None) -> list[str]:
    """Return every way for a browser to reach the desk, as `desk_url` orders them; from outside, where there is one."""
    if settings is None or settings.desk is None or settings.role is Role.INGEST:
        return []
    hosts = [settings.desk.host]
    if settings.desk.host in _EVERY_NETWORK:
        hosts = sorted(settings.names, key=lambda name: (name[-1:].isdigit() or ":" in name, name))
        hosts = [name for name in hosts if not is_this_machine(name)] or hosts
    return [f"https://{f'[{host}]' if ':' in host else host}:{settings.desk.port}" for host in hosts]
