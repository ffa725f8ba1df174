"""The Celery application: how messages travel, and the one table of periodic jobs. What tasks do is not here.

Celery over Redis does not count deliveries, so nothing relies on one: messages are acknowledged before the work
starts and expire, and what they are about is a row in SQL that leases protect and sweeps ring for again.
"""

from celery import Celery

from core.settings import Settings
from workers.broker import celery_url

# The queue in which documents wait to be read, and the one for everything else; `worker_queues` has their names.
INGEST_QUEUE = "ingest"
BATCH_QUEUE = "batch"
INGEST_TASK = "archivar.ingest"
SWEEP_TASK = "archivar.sweep"
UPKEEP_TASK = "archivar.upkeep"
SUMMARISE_TASK = "archivar.summarise"
# A doorbell that nobody heard in this time is rung again by the sweep.
DOORBELL_SECONDS = 600
_UPKEEP_SECONDS = 900.0
# Longer than a waiting read of the worker, which asks for one second at a time.
_SOCKET_SECONDS = 3.0


def make_app(settings: Settings) -> Celery:
    """A Celery application for the Redis of the settings; connects only when used."""
    app = Celery("archivar", broker=celery_url(settings), set_as_current=False)
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        event_serializer="json",
        task_default_queue=BATCH_QUEUE,
        task_acks_late=False,
        task_ignore_result=True,
        result_backend=None,
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "socket_timeout": _SOCKET_SECONDS,
            "socket_connect_timeout": _SOCKET_SECONDS,
            "retry_on_timeout": False,
            # Whoever rings does not wait for a broker that is away; the worker's own patience is set above.
            "max_retries": 1,
            "interval_start": 0,
            "interval_step": 0,
            "interval_max": 0,
        },
        beat_schedule=periodic_jobs(settings),
        timezone="UTC",
        enable_utc=True,
    )
    return app


def periodic_jobs(settings: Settings) -> dict[str, dict[str, object]]:
    """Everything that happens again and again; each message is worthless once the next one is due."""
    return {
        "sweep": _every(settings.sweep_seconds, SWEEP_TASK),
        "upkeep": _every(_UPKEEP_SECONDS, UPKEEP_TASK),
    }


def _every(seconds: float, task: str) -> dict[str, object]:
    return {"task": task, "schedule": seconds, "options": {"expires": seconds, "queue": BATCH_QUEUE}}
