"""The threads of a worker that deliver. What is due is settled in SQL, so any number of workers may look."""

import logging
import threading

from core.errors import StorageFull, Unavailable
from workers.delivery.deliverer import Deliverer

# One that hangs leaves three for the others.
_THREADS = 4

log = logging.getLogger(__name__)


class DeliveryLoop:
    """Runs until `stop`, and looks what is due every so many seconds."""

    def __init__(self, deliverer: Deliverer, seconds: float) -> None:
        self._deliverer = deliverer
        self._seconds = seconds
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begin with a look at what is due."""
        for number in range(_THREADS):
            threading.Thread(target=self._work, name=f"deliveries-{number}", daemon=True).start()

    def stop(self) -> None:
        """Begin nothing more. What is under way may be cut off, and is delivered again."""
        self._stopping.set()

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                if self._deliverer.deliver():
                    continue
            except (Unavailable, StorageFull) as error:
                log.warning("Deliveries could not be looked for: %s", error)
            self._stopping.wait(self._seconds)
