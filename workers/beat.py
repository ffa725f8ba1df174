"""The program `python -m workers.beat`: the clock that rings for periodic jobs. Which those are is in `workers.app`."""

import signal
import sys

from celery.beat import Scheduler, Service

from core.logs import log_to_stderr
from core.settings import load_settings
from workers.app import make_app


def main() -> int:
    """Ring until SIGTERM. What ran when is kept in memory only: celery's file for it is a pickle, and each of our
    periodic jobs is worth repeating after a restart.
    """
    settings = load_settings()
    log_to_stderr(settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    Service(make_app(settings), scheduler_cls=Scheduler).start()
    return 0


def _leave(*_: object) -> None:
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
