"""The program `python -m workers.health`: whether workers answer the queues of the settings; for health checks."""

import sys

from core.errors import ArchivarError
from core.settings import load_settings
from workers.doorbell import Doorbell


def main() -> int:
    """Exit status 0 when each of the queues has a worker that showed a sign of life, else 1 and what is missing."""
    try:
        settings = load_settings()
    except ArchivarError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    doorbell = Doorbell(settings)
    silent = [queue for queue in settings.worker_queues if doorbell.worker_state(queue) != "ok"]
    if silent:
        sys.stderr.write(f"No worker answers: {', '.join(silent)}. Broker: {doorbell.broker_state()}.\n")
    return 1 if silent else 0


if __name__ == "__main__":
    sys.exit(main())
