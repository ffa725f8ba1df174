"""Threads with a child each: which thread asks which child, how often, and what happens when one fails."""

import logging
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from core.errors import ParserLimit, Unavailable
from ingest.child_process import ChildDied, ChildKind, ChildProcess
from ingest.messages import Message
from ingest.portions import STOPPING, Budget

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

_RECYCLE_AFTER = 200  # documents: what a library leaks goes with the child
_ATTEMPTS = 2


class ChildThreads:
    """Runs tasks that ask a child. Thread-safe; children start when first asked.

    Each child belongs to a thread, which starts it, asks it and lives as long as this: the signal that ends a child at
    its parent's death comes at the end of the thread that started it.
    """

    def __init__(self, kind: ChildKind, count: int, name: str) -> None:
        self.count = count
        self._kind = kind
        self._threads = ThreadPoolExecutor(count, thread_name_prefix=name)
        self._own = threading.local()
        self._lock = threading.Lock()
        self._running: set[ChildProcess] = set()
        self._closed = False

    def submit(self, task: Callable[[], _T]) -> Future[_T]:
        """Run the task in one of the threads, where it may `ask`. Raises `Unavailable` when closed."""
        try:
            return self._threads.submit(task)
        except RuntimeError as error:
            raise Unavailable(STOPPING) from error

    def ask(self, request: Message, budget: Budget, on_pages: Callable[[int], bool], cores: int = 1) -> list[Message]:
        """The answer of this thread's child; a child that dies is asked once more, in a fresh process.

        `cores` is how many it may use at the same time.
        """
        reason = ""
        for _ in range(_ATTEMPTS):
            child = self._child(may_be_replaced=request["do"] != "read")
            began = time.monotonic()
            seconds = (math.ceil(budget.left()) + 1) * cores
            try:
                return child.ask({**request, "seconds": seconds}, budget.left(), on_pages)
            except ParserLimit:
                self._discard(child)
                raise
            except ChildDied:
                reason = child.how_it_ended()
                self._discard(child)
                if self._closed or not on_pages(-1):
                    raise Unavailable(STOPPING) from None
                _log.warning("parser child %d died (%s)", child.pid, reason)
            finally:
                budget.spend(time.monotonic() - began)
        raise ParserLimit(
            f"The process that read the document died twice ({reason}): it is damaged in a way that breaks the parser, "
            "or needs more memory than is allowed."
        )

    def close(self) -> None:
        """End all children and threads. What is being read ends with `Unavailable`."""
        with self._lock:
            self._closed = True
            for child in self._running:
                child.kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for child in list(self._running):
            self._discard(child)

    def _child(self, *, may_be_replaced: bool) -> ChildProcess:
        child: ChildProcess | None = getattr(self._own, "child", None)
        if child is not None and may_be_replaced and child.documents >= _RECYCLE_AFTER:
            self._discard(child)
            child = None
        if child is None:
            child = self._started()
        return child

    def _started(self) -> ChildProcess:
        with self._lock:
            if self._closed:
                raise Unavailable(STOPPING)
            child = ChildProcess(self._kind)
            self._running.add(child)
        self._own.child = child
        try:
            child.wait_until_ready()
        except Unavailable:
            self._discard(child)
            raise
        return child

    def _discard(self, child: ChildProcess) -> None:
        child.clean_up()
        self._own.child = None
        with self._lock:
            self._running.discard(child)
