"""The counts of one process of a hub, in a registry of its own. Nothing about a person or a single gate is in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, Counter, disable_created_metrics
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from device.hub.metrics.standing import Standing
from device.model import Receipt

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PREFIX: Final = "gate_hub_"
_OTHER_ROUTE: Final = "other"

disable_created_metrics()  # type: ignore[no-untyped-call] # when each was made is no use to anybody


class HubNumbers:
    """What happened in this process since it began. Safe on any thread.

    Attributes:
        registry: all of it.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = self._counter("requests", "Requests answered.", ("route", "status"))
        self._batches = self._counter("batches", "Batches taken.")
        self._rows = self._counter("rows", "Rows of batches: stored, known already, or quarantined.", ("outcome",))
        self._errors = self._counter("database_errors", "Requests that the database failed.")
        for outcome in ("stored", "known", "quarantined"):
            self._rows.labels(outcome)

    def _counter(self, name: str, says: str, labels: tuple[str, ...] = ()) -> Counter:
        return Counter(PREFIX + name, says, labels, registry=self.registry)

    def watch(self, standing: Standing) -> None:
        """Tell how the process stands too, each time it is asked for."""
        self.registry.register(_Standing(standing))

    def note_batch(self, rows: int, receipt: Receipt) -> None:
        """Count a batch that is settled, of so many *rows*."""
        parked = len(receipt.parked)
        self._batches.inc()
        self._rows.labels("quarantined").inc(parked)
        self._rows.labels("stored").inc(receipt.stored)
        self._rows.labels("known").inc(max(0, rows - parked - receipt.stored))

    def note_database_error(self) -> None:
        """Count a request that the database failed."""
        self._errors.inc()

    def counting(self, app: ASGIApp) -> ASGIApp:
        """Return *app* with each answer counted by its route, of which there are few, and its status."""

        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            async def told(message: Message) -> None:
                if message["type"] == "http.response.start":
                    route = getattr(scope.get("route"), "path", _OTHER_ROUTE)
                    self._requests.labels(route, message["status"]).inc()
                await send(message)

            await app(scope, receive, told if scope["type"] == "http" else send)

        return counted


class _Standing(Collector):
    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    def collect(self) -> Iterable[Metric]:
        for name, says, value in self._standing.gauges():
            yield GaugeMetricFamily(PREFIX + name, says, value)
        for name, says, value in self._standing.counts():
            yield CounterMetricFamily(PREFIX + name, says, value)
        alarms = GaugeMetricFamily(PREFIX + "alarms", "Alarms in the database, by kind.", labels=["kind"])
        for kind, count in self._standing.alarms():
            alarms.add_metric([kind], count)
        yield alarms
        open_alerts, waiting = self._standing.alerts()
        alerts = GaugeMetricFamily(PREFIX + "alerts", "What is wrong now, by rule.", labels=["rule"])
        for rule, count in open_alerts:
            alerts.add_metric([rule], count)
        yield alerts
        yield GaugeMetricFamily(PREFIX + "alert_messages_waiting", "Messages that no sink has taken yet.", waiting)
