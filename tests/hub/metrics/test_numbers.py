"""Counts of one process, and of several put together."""

from __future__ import annotations

import asyncio

from prometheus_client import CollectorRegistry, generate_latest
from starlette.types import ASGIApp, Message, Scope

from device.crypto.secret import Secret
from device.hub.api.app import create_app
from device.hub.db.database import HubDatabase
from device.hub.keyring.public_identity import PublicIdentity
from device.hub.metrics.merging import Merged, line_of, told
from device.hub.metrics.numbers import HubNumbers
from device.model import Receipt


def lines(registry: CollectorRegistry) -> list[str]:
    return [line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")]


def test_rows_of_a_batch_are_stored_known_or_quarantined() -> None:
    numbers = HubNumbers()
    numbers.note_batch(5, Receipt(5, ((4, "fork"),), stored=3))
    numbers.note_batch(5, Receipt(5, stored=0))
    numbers.note_database_error()
    assert lines(numbers.registry) == [
        "gate_hub_batches_total 2.0",
        'gate_hub_rows_total{outcome="stored"} 3.0',
        'gate_hub_rows_total{outcome="known"} 6.0',
        'gate_hub_rows_total{outcome="quarantined"} 1.0',
        "gate_hub_database_errors_total 1.0",
    ]


def test_counts_are_added_and_of_states_the_worst_is_told() -> None:
    merged, registry = Merged(), CollectorRegistry()
    registry.register(merged)
    one, other = HubNumbers(), HubNumbers()
    one.note_batch(2, Receipt(2, stored=2))
    other.note_batch(3, Receipt(3, stored=1))
    ready = {"name": "gate_hub_ready", "type": "gauge", "says": "x"}
    for who, numbers, is_ready in ((1, one, 1.0), (2, other, 0.0)):
        merged.take(who, [*told(numbers.registry), ready | {"samples": [["gate_hub_ready", {}, is_ready]]}])
    assert 'gate_hub_rows_total{outcome="stored"} 3.0' in lines(registry)
    assert "gate_hub_ready 0.0" in lines(registry)


def test_what_a_process_has_counted_stays_when_it_has_ended_and_how_it_stood_does_not() -> None:
    merged, registry = Merged(), CollectorRegistry()
    registry.register(merged)
    numbers = HubNumbers()
    numbers.note_batch(2, Receipt(2, stored=2))
    workers = {"name": "gate_hub_workers", "type": "gauge", "says": "x", "samples": [["gate_hub_workers", {}, 1.0]]}
    for who in (1, 2):
        merged.take(who, [*told(numbers.registry), workers])
    merged.end(1)
    assert {"gate_hub_batches_total 2.0", "gate_hub_workers 1.0", "gate_hub_worker_ends_total 1.0"} <= set(
        lines(registry)
    )
    merged.end(2)
    assert "gate_hub_batches_total 2.0" in lines(registry)
    assert "gate_hub_workers 1.0" not in lines(registry)


def test_what_a_worker_tells_is_one_line() -> None:
    line = line_of({"families": told(HubNumbers().registry), "reason": ""})
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1


async def ended(_: Message) -> None:
    """Take an answer."""


async def nothing() -> Message:
    return {"type": "http.request"}


async def asked(app: ASGIApp, scope: Scope) -> None:
    await app(scope, nothing, ended)


def test_a_request_is_counted_by_its_route_and_a_strangers_path_is_not_repeated(store: HubDatabase) -> None:
    numbers = HubNumbers()
    app = numbers.counting(create_app(store, Secret("x" * 16), PublicIdentity(frozenset(), b"", "", tuple)))
    for path in ("/v1/health", "/v1/count", "/v1/of-a-stranger-0123"):
        scope: Scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""}
        asyncio.run(asked(app, scope))
    assert [line for line in lines(numbers.registry) if "requests" in line] == [
        'gate_hub_requests_total{route="/v1/health",status="200"} 1.0',
        'gate_hub_requests_total{route="/v1/count",status="401"} 1.0',
        'gate_hub_requests_total{route="other",status="404"} 1.0',
    ]
