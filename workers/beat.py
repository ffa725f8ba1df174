"""The program `python -m workers.beat`: the clock that rings for periodic jobs. Which those are is in `workers.app`."""

import signal
import sys
from functools import partial
from typing import Any

from celery.beat import ScheduleEntry, Scheduler, Service
from redis import Redis

from core.logs import log_to_stderr
from core.settings import load_settings
from workers.app import make_app
from workers.broker import is_full, redis_client


def main() -> int:
    """Ring until SIGTERM. What ran when is kept in memory only: celery's file for it is a pickle, and each of our
    periodic jobs is worth repeating after a restart.
    """
    settings = load_settings()
    log_to_stderr(settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    Service(make_app(settings), scheduler_cls=partial(Clock, redis_client(settings))).start()
    return 0


class Clock(Scheduler):  # type: ignore[misc]
    """Rings on time, but not into a queue that nobody empties."""

    def __init__(self, redis: Redis | None, *arguments: Any, **options: Any) -> None:
        self._redis = redis
        super().__init__(*arguments, **options)

    def apply_async(self, entry: ScheduleEntry, *arguments: Any, **options: Any) -> Any:
        """Send what is due."""
        if is_full(self._redis, entry.options["queue"]):
            return None
        return super().apply_async(entry, *arguments, **options)


def _leave(*_: object) -> None:
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
