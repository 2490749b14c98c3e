"""Several processes' counts as one: each tells its own as a line of JSON, and they are put together where it is asked.

What counts up is added, also of processes that have ended: it never goes back. Of the rest, what there is most or least
of says more than a sum where it is an age or a state.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

_OF_ALL: Final[Mapping[str, Callable[[float, float], float]]] = {
    "gate_hub_ready": min,
    "gate_hub_sealing_key_days_ahead": min,
    "gate_hub_partition_days_ahead": min,
    "gate_hub_maintenance_age_seconds": min,
    "gate_hub_clock_doubted": max,
    "gate_hub_resident_bytes": max,
    "gate_hub_longest_write_wait_seconds": max,
    "gate_hub_alarms": max,
    "gate_hub_alerts": max,
    "gate_hub_alert_messages_waiting": max,
}
"""Every other gauge is added."""
_Key = tuple[str, tuple[tuple[str, str], ...]]


def told(registry: CollectorRegistry) -> list[dict[str, Any]]:
    """Return all that a registry counts, as JSON has it."""
    return [
        {
            "name": metric.name,
            "type": metric.type,
            "says": metric.documentation,
            "samples": [[sample.name, sample.labels, sample.value] for sample in metric.samples],
        }
        for metric in registry.collect()
    ]


class Merged(Collector):
    """The counts of several processes. Used on one thread."""

    def __init__(self) -> None:
        self._now: dict[int, list[dict[str, Any]]] = {}
        self._ended: dict[_Key, float] = {}
        self._families: dict[str, tuple[str, str]] = {}
        self._ends = 0

    def take(self, who: int, families: list[dict[str, Any]]) -> None:
        """Take in what the process *who* has just told (`told`)."""
        self._now[who] = families
        self._families |= {family["name"]: (family["type"], family["says"]) for family in families}

    def end(self, who: int) -> None:
        """Keep what a process that has ended has counted; how it stood is gone."""
        self._ends += 1
        for family in self._now.pop(who, []):
            if family["type"] == "counter":
                for name, labels, value in family["samples"]:
                    key = _key(name, labels)
                    self._ended[key] = self._ended.get(key, 0.0) + value

    def collect(self) -> Iterable[Metric]:
        """Yield all of them, put together."""
        values: dict[str, dict[_Key, float]] = {name: {} for name in self._families}
        for families in self._now.values():
            for family in families:
                together = _OF_ALL.get(family["name"], _added)
                merged = values[family["name"]]
                for name, labels, value in family["samples"]:
                    key = _key(name, labels)
                    merged[key] = together(merged[key], value) if key in merged else value
        for (name, labels), value in self._ended.items():
            merged = values[name.removesuffix("_total")]
            merged[name, labels] = merged.get((name, labels), 0.0) + value
        for called, (kind, says) in self._families.items():
            metric = Metric(called, says, kind)
            for (name, labels), value in values[called].items():
                metric.add_sample(name, dict(labels), value)
            yield metric
        yield CounterMetricFamily("gate_hub_worker_ends", "Processes that have ended.", self._ends)


def line_of(report: Mapping[str, Any]) -> bytes:
    """Return what a process tells, as a line."""
    return json.dumps(report, separators=(",", ":")).encode() + b"\n"


def _added(one: float, other: float) -> float:
    return one + other


def _key(name: str, labels: Mapping[str, str]) -> _Key:
    return name, tuple(sorted(labels.items()))
