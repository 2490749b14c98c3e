"""The dashboard and the alert rules in config/ ask only for what a hub tells."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry, generate_latest

from device.clock import SystemClock
from device.hub.db.database import HubDatabase
from device.hub.folder import HubFolder
from device.hub.maintenance import Maintenance
from device.hub.metrics.merging import Merged, told
from device.hub.metrics.numbers import HubNumbers
from device.hub.metrics.standing import Standing

CONFIG = Path(__file__).parents[3] / "config"
DASHBOARD: dict[str, Any] = json.loads((CONFIG / "hub-dashboard.json").read_text("utf-8"))
RULES: list[dict[str, Any]] = yaml.safe_load((CONFIG / "hub-alerts.yaml").read_text("utf-8"))["groups"][0]["rules"]
NAME = re.compile(r"gate_hub_\w+")
OUTCOMES = {"stored", "known", "quarantined"}


def asked() -> Iterator[str]:
    for panel in DASHBOARD["panels"]:
        yield from (target["expr"] for target in panel["targets"])
    yield from (rule["expr"] for rule in RULES)


@pytest.fixture
def database() -> str:
    """Has what a file has, and partitions."""
    return "postgresql"


@pytest.fixture
def names(folder: HubFolder, store: HubDatabase) -> set[str]:
    """The names of all that two processes tell together."""
    maintenance = Maintenance(folder.keys, store, 21, SystemClock())
    maintenance.run_once()
    numbers, merged, registry = HubNumbers(), Merged(), CollectorRegistry()
    numbers.watch(Standing(folder, store, lambda: 0, maintenance, SystemClock()))
    merged.take(1, told(numbers.registry))
    registry.register(merged)
    return set(NAME.findall(generate_latest(registry).decode()))


def test_each_number_that_is_asked_for_is_told(names: set[str]) -> None:
    assert {name for expression in asked() for name in NAME.findall(expression)} - names == set()


def test_each_number_that_is_told_is_on_the_dashboard(names: set[str]) -> None:
    shown = {name for panel in DASHBOARD["panels"] for one in panel["targets"] for name in NAME.findall(one["expr"])}
    assert names - shown == set()


def test_an_outcome_that_is_asked_for_is_one() -> None:
    assert {outcome for expression in asked() for outcome in re.findall(r'outcome="(\w+)"', expression)} <= OUTCOMES


def test_each_rule_says_what_is_wrong_and_what_to_do() -> None:
    for rule in RULES:
        assert rule["alert"].startswith("GateHub")
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"].endswith(".")
        assert rule["annotations"]["todo"]


def test_panels_stand_side_by_side() -> None:
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]
    assert len(set(places)) == len(places)
    assert all(x + panel["gridPos"]["w"] <= 24 for (x, _), panel in zip(places, DASHBOARD["panels"], strict=True))
