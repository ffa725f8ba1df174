"""What the process counts and how it says so, in the Prometheus text format."""

import time
from collections.abc import Iterator

from flask import Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from core.storage.store import Store

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_INGEST = "ingest"
_MOST_WAITING = 10_000


class Metrics:
    """Counts of this process, and what is stored at the moment of asking."""

    def __init__(self, store: Store) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Stored(store))
        self._requests = Counter(
            "archivar_requests", "Requests answered.", ["method", "route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "archivar_request_seconds",
            "Seconds until the reply began.",
            ["method", "route"],
            buckets=_BUCKETS,
            registry=self._registry,
        )

    def begin(self) -> None:
        """Note when a request came in."""
        g.began = time.perf_counter()

    def count(self, response: Response) -> Response:
        """Count a reply under its route, so that ids do not become labels."""
        route = request.url_rule.rule if request.url_rule is not None else "none"
        # Without a route the method is whatever a client made up.
        method = request.method if request.url_rule is not None else "any"
        self._requests.labels(method, route, response.status_code).inc()
        self._seconds.labels(method, route).observe(time.perf_counter() - g.began)
        return response

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self._registry)


class _Stored(Collector):
    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> Iterator[Metric]:
        totals = self._store.inspection.totals()
        for name, help_text, value in (
            ("archivar_documents", "Documents stored.", totals.documents),
            ("archivar_versions", "Versions stored.", totals.versions),
            ("archivar_files", "Distinct files stored.", totals.files),
            ("archivar_passages", "Passages that searches can find.", totals.published_passages),
            (
                "archivar_jobs_waiting",
                "Documents that wait for a worker.",
                len(self._store.jobs.waiting(_INGEST, _MOST_WAITING)),
            ),
        ):
            yield GaugeMetricFamily(name, help_text, value=value)
