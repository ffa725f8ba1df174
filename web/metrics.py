"""What the process counts and how it says so, in the Prometheus text format."""

import time
from collections.abc import Callable, Iterator

from flask import Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from core.storage.jobs import READING
from core.storage.store import Store
from llm.breaker import State
from llm.client import ModelClient
from llm.gpu_watch import GpuWatch
from llm.line import Priority
from llm.moderation.moderator import PolicyModerator

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_MOST_WAITING = 10_000


class Metrics:
    """Counts of this process, and what is stored at the moment of asking."""

    def __init__(
        self,
        store: Store,
        model: Callable[[], ModelClient | None],
        gpus: GpuWatch,
        moderator: Callable[[], PolicyModerator],
    ) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Stored(store))
        self._registry.register(_Model(model))
        self._registry.register(_Cards(gpus))
        self._registry.register(_Moderation(moderator))
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
                len(self._store.jobs.waiting(READING, _MOST_WAITING)),
            ),
        ):
            yield GaugeMetricFamily(name, help_text, value=value)


class _Model(Collector):
    """The language model's server as this process finds it; nothing without one."""

    def __init__(self, model: Callable[[], ModelClient | None]) -> None:
        self._model = model

    def describe(self) -> Iterator[Metric]:
        # Otherwise the registry would collect once when it is made, before anything is open.
        return iter(())

    def collect(self) -> Iterator[Metric]:
        model = self._model()
        if model is None:
            return
        report = model.report()
        states = GaugeMetricFamily(
            "archivar_model_breaker", "1 for the state that the breaker is in.", labels=["state"]
        )
        for state in State:
            states.add_metric([state], float(state is report.breaker))
        yield states
        ended = CounterMetricFamily("archivar_model_requests", "Requests by how they ended.", labels=["outcome"])
        for outcome, number in sorted(report.outcomes.items()):
            ended.add_metric([outcome], number)
        yield ended
        waiting = GaugeMetricFamily("archivar_model_waiting", "Requests that wait for their turn.", labels=["priority"])
        waiting.add_metric([Priority.PERSON], report.queue.people)
        waiting.add_metric([Priority.BATCH], report.queue.batch)
        yield waiting
        yield GaugeMetricFamily("archivar_model_running", "Requests that are served.", value=report.queue.running)
        yield GaugeMetricFamily("archivar_model_limit", "Requests served at once at most.", value=report.queue.limit)
        yield CounterMetricFamily("archivar_model_turns", "Turns given out by this process.", value=report.queue.turns)
        yield CounterMetricFamily(
            "archivar_model_wait_seconds",
            "Seconds waited for turns in this process.",
            value=report.queue.waited_seconds,
        )


class _Moderation(Collector):
    """What this process decided about texts, and how the guard fared; the log of all processes is in the database."""

    def __init__(self, moderator: Callable[[], PolicyModerator]) -> None:
        self._moderator = moderator

    def describe(self) -> Iterator[Metric]:
        # Otherwise the registry would open moderation when it is made.
        return iter(())

    def collect(self) -> Iterator[Metric]:
        report = self._moderator().report()
        decided = CounterMetricFamily(
            "archivar_moderation_decisions",
            "Decisions of moderation; category none where nothing was found.",
            labels=["point", "category", "action"],
        )
        for (point, category, action), number in sorted(report.decisions.items()):
            decided.add_metric([point, category or "none", action], number)
        yield decided
        if report.guard is None:
            return
        asked = CounterMetricFamily("archivar_guard_requests", "Questions to the guard.", labels=["outcome"])
        asked.add_metric(["answered"], report.guard.asked - report.guard.failed)
        asked.add_metric(["failed"], report.guard.failed)
        asked.add_metric(["skipped"], report.guard.skipped)
        yield asked
        faults = CounterMetricFamily("archivar_guard_faults", "Failures of the guard by kind.", labels=["kind"])
        for kind, number in sorted(report.faults.items()):
            faults.add_metric([kind], number)
        yield faults


class _Cards(Collector):
    """The graphics cards; nothing where there are none."""

    def __init__(self, gpus: GpuWatch) -> None:
        self._gpus = gpus

    def collect(self) -> Iterator[Metric]:
        cards = self._gpus.cards()
        if not cards:
            return
        memory = GaugeMetricFamily("archivar_gpu_memory_bytes", "Memory of a card.", labels=["gpu", "name", "kind"])
        load = GaugeMetricFamily("archivar_gpu_utilisation_ratio", "Load of a card.", labels=["gpu", "name"])
        for card in cards:
            memory.add_metric([str(card.index), card.name, "used"], card.used)
            memory.add_metric([str(card.index), card.name, "total"], card.total)
            if card.load is not None:
                load.add_metric([str(card.index), card.name], card.load)
        yield memory
        yield load
