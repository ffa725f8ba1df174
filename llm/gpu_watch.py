"""Memory and load of this machine's graphics cards while it runs, by `nvidia-smi`; nothing where there is none.

A thread looks while somebody wants to know, and whoever asks gets what it saw last: no request waits for a driver.
"""

import csv
import logging
import shutil
import subprocess
import threading
import time
from dataclasses import dataclass

from core.settings import bare_environment

_QUERY = "index,name,memory.total,memory.used,utilization.gpu,temperature.gpu"
_MEBIBYTE = 1024**2
_LOOK_SECONDS = 10.0
_FIRST_SECONDS = 1.5

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CardUse:
    """A card at one moment: memory in bytes, `load` from 0 to 1 and `celsius` where the card tells."""

    index: int
    name: str
    total: int
    used: int
    load: float | None
    celsius: int | None


class GpuWatch:
    """What the cards are doing. Cheap to make; the thread starts when first asked and ends when nobody asks any more.

    `every` is the time between two looks in seconds; after `forgotten` seconds without a question it stops looking.
    """

    def __init__(self, every: float = 5.0, forgotten: float = 180.0) -> None:
        self._every, self._forgotten = every, forgotten
        self._lock = threading.Lock()
        self._seen: tuple[CardUse, ...] = ()
        self._asked_at = 0.0
        self._thread: threading.Thread | None = None
        self._looked = threading.Event()
        self._closed = threading.Event()

    def cards(self) -> tuple[CardUse, ...]:
        """The cards as seen a moment ago; empty without any, and while a driver does not answer."""
        with self._lock:
            self._asked_at = time.monotonic()
            if self._thread is None and not self._closed.is_set():
                command = shutil.which("nvidia-smi")
                if command is None:
                    return ()
                self._looked.clear()
                self._thread = threading.Thread(target=self._watch, args=(command,), name="gpu-watch", daemon=True)
                self._thread.start()
        self._looked.wait(_FIRST_SECONDS)
        return self._seen

    def close(self) -> None:
        """Stop looking."""
        self._closed.set()
        self._looked.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join(_LOOK_SECONDS)

    def _watch(self, command: str) -> None:
        while True:
            self._seen = _look(command)
            self._looked.set()
            stop = self._closed.wait(self._every)
            with self._lock:
                if stop or time.monotonic() - self._asked_at > self._forgotten:
                    self._thread, self._seen = None, ()
                    return


def _look(command: str) -> tuple[CardUse, ...]:
    query = [command, f"--query-gpu={_QUERY}", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(
            query, capture_output=True, text=True, timeout=_LOOK_SECONDS, check=False, env=bare_environment()
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError) as error:
        log.warning("The graphics cards cannot be looked at: %s.", type(error).__name__)
        return ()
    return uses_from(done.stdout)


def uses_from(table: str) -> tuple[CardUse, ...]:
    """The cards from what `nvidia-smi` prints as CSV without units; what a card does not tell is None."""
    rows = [[cell.strip() for cell in row] for row in csv.reader(table.splitlines())]
    return tuple(
        CardUse(
            int(index),
            name,
            int(total) * _MEBIBYTE,
            int(used) * _MEBIBYTE,
            min(1.0, int(load) / 100) if load.isdigit() else None,
            int(celsius) if celsius.isdigit() else None,
        )
        for index, name, total, used, load, celsius in (row for row in rows if len(row) == 6)
        if index.isdigit() and total.isdigit() and used.isdigit()
    )
