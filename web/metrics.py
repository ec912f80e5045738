"""Figures of the service in Prometheus' text format: of this process, and of everything from the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from marsad import __version__
from storage.status import ServiceStatus

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})


class RequestMetrics:
    """What this process counted since it started; one registry for each app."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        # Memory, CPU seconds and file handles of this process, where the system tells them.
        ProcessCollector(registry=self.registry)
        self._requests = Counter(
            "marsad_http_requests",
            "Requests that were answered, by method and class of status.",
            ("method", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "marsad_http_request_seconds",
            "Time until a request was answered.",
            registry=self.registry,
            buckets=(0.005, 0.02, 0.1, 0.5, 2, 10),
        )
        self._sign_ins = Counter(
            "marsad_sign_ins", "Attempts to sign in, by outcome.", ("outcome",), registry=self.registry
        )

    def observe(self, method: str, status: int, seconds: float) -> None:
        """Count one request; a status of 0 is one that was cut off."""
        shown = f"{status // 100}xx" if status else "none"
        self._requests.labels(method if method in _METHODS else "other", shown).inc()
        self._seconds.observe(seconds)

    def count_sign_in(self, outcome: str) -> None:
        """Count an attempt to sign in: "done", "wrong" or "throttled"."""
        self._sign_ins.labels(outcome).inc()


def write_metrics(counted: RequestMetrics, status: ServiceStatus | None) -> bytes:
    """Return everything in the text format; without a status only what needs no database."""
    everything = CollectorRegistry()
    everything.register(_Of(counted.registry.collect()))
    everything.register(_Of(_service_metrics(status)))
    return generate_latest(everything)


class _Of(Collector):
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    def collect(self) -> Iterator[Metric]:
        return iter(self._metrics)


def _service_metrics(status: ServiceStatus | None) -> Iterator[Metric]:
    yield _gauge("marsad_info", "Constant 1; the version as a label.", {(__version__,): 1}, ("version",))
    yield _gauge("marsad_database_up", "Whether the database answers.", {(): 0 if status is None else 1})
    if status is None:
        return
    workers: dict[tuple[str, ...], float] = {}
    for worker in status.workers:
        key = (worker.kind, "silent" if worker.silent else "alive" if worker.alive else "dead")
        workers[key] = workers.get(key, 0) + 1
    yield _gauge("marsad_workers", "Registered processes, by kind and state.", workers, ("kind", "state"))
    hosts, sources, waiting = status.hosts, status.sources, status.deliveries
    yield _gauge(
        "marsad_hosts",
        "Hosts: all, those due for a poll, and those being polled.",
        {("total",): hosts.total, ("due",): hosts.due, ("leased",): hosts.leased},
        ("state",),
    )
    yield _gauge(
        "marsad_sources",
        "Sources: all, those not paused, and of these those whose last poll failed.",
        {("total",): sources.total, ("active",): sources.active, ("failing",): sources.failing},
        ("state",),
    )
    yield _gauge("marsad_pages_waiting", "Article pages still to be read.", {(): status.pages_waiting})
    yield _gauge(
        "marsad_deliveries",
        "Alerts in the outbox, by state.",
        {
            ("pending",): waiting.pending,
            ("sent",): waiting.sent,
            ("failed",): waiting.failed,
            ("parked",): waiting.parked,
        },
        ("state",),
    )
    due = status.oldest_due.total_seconds() if status.oldest_due else 0.0
    yield _gauge("marsad_oldest_due_seconds", "How long the most overdue host has waited.", {(): due})
    oldest = status.oldest_undelivered
    yield _gauge(
        "marsad_oldest_undelivered_seconds",
        "Age of the oldest alert that was not sent.",
        {(): oldest.age.total_seconds() if oldest else 0.0},
    )
    if status.last_success_at is not None:
        yield _gauge(
            "marsad_last_success_timestamp_seconds",
            "When a source was last read successfully.",
            {(): status.last_success_at.timestamp()},
        )


def _gauge(
    name: str, told: str, values: dict[tuple[str, ...], float], labels: tuple[str, ...] = ()
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, told, labels=labels)
    for key, value in values.items():
        family.add_metric(list(key), value)
    return family
