"""What a start of the hub does: ``hub.yaml``, and the options of ``hub run`` that go before it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from device.errors import ConfigurationError
from device.hub.connections import Limits
from device.hub.settings.schema import LISTEN, HubSettings, Role
from device.hub.settings.values import Address, read_address
from device.words import say

_DEFAULT: Final = read_address(LISTEN)
_LIMITS: Final = Limits()
PORT: Final = _DEFAULT.port
"""Where a hub listens when nothing else is said."""
LOOPBACK: Final = _DEFAULT.host


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What a start does.

    Attributes:
        doors: where gates reach the hub, and whether over TLS.
        limits: of connections.
        role: what it does.
        workers: how many processes.
        metrics: where it tells how it is; ``None``: nowhere.
        desk: where people reach its pages; ``None``: nowhere, as always on an ingest host.
        people: where phones of people who come reach it; ``None`` as for the desk.
    """

    doors: tuple[tuple[Address, bool], ...] = ((_DEFAULT, False),)
    limits: Limits = _LIMITS
    role: Role = Role.ALL
    workers: int = 1
    metrics: Address | None = None
    desk: Address | None = None
    people: Address | None = None


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Options of ``hub run``; ``None`` leaves a thing as ``hub.yaml`` says it, or as it is by itself."""

    host: str | None = None
    port: int | None = None
    tls: bool | None = None
    address_connections: int | None = None
    role: Role | None = None
    workers: int | None = None


def plan_of(settings: HubSettings | None, options: RunOptions) -> RunPlan:
    """Return what a start does.

    Args:
        settings: of the hub; ``None``: it has no ``hub.yaml``.
        options: what goes before them.

    Raises `ConfigurationError` when the two together are wrong.
    """
    plan = RunPlan() if settings is None else _written(settings)
    if options.host is not None or options.port is not None:
        first = plan.doors[0][0]
        host = first.host if options.host is None else options.host
        address = Address(host, first.port if options.port is None else options.port)
        plan = replace(plan, doors=((address, not address.is_for_this_machine),))
    if options.tls is not None:
        plan = replace(plan, doors=tuple((address, options.tls) for address, _ in plan.doors))
    if options.address_connections is not None:
        plan = replace(plan, limits=replace(plan.limits, an_address=options.address_connections))
    plan = replace(plan, role=options.role or plan.role, workers=options.workers or plan.workers)
    if plan.role is Role.INGEST:
        plan = replace(plan, desk=None, people=None)
    if settings is None or settings.database.url is None:
        if plan.workers > 1:
            raise ConfigurationError(say("--workers: SQLite has one writer: 1, or a database.url of PostgreSQL"))
        if plan.role is Role.INGEST:
            raise ConfigurationError(say("--role ingest: needs a database.url of PostgreSQL, which hosts share"))
    return plan


def _written(settings: HubSettings) -> RunPlan:
    return RunPlan(
        tuple((door.address, door.tls) for door in settings.listen),
        settings.limits.as_limits(),
        settings.role,
        settings.workers,
        settings.metrics,
        settings.desk,
        settings.people.listen,
    )
