"""Works through things, several at the same time, as many as there is room for at each moment. What they are is not
known here.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Generic, TypeVar

# Between two looks at how much room there is.
_LOOK_SECONDS = 1.0
Thing = TypeVar("Thing")


class Several(Generic[Thing]):
    """Works each of some things once, begun in their order."""

    def __init__(
        self,
        work: Callable[[Thing], None],
        *,
        places: Callable[[], int],
        alone: Callable[[Thing], bool],
        look: Callable[[], None],
    ) -> None:
        """`places` says how many may be worked at the same time, `alone` which ones only while nothing else is; `look`
        is called about once a second and raises what shall end it all.
        """
        self._work = work
        self._places = places
        self._alone = alone
        self._look = look
        self._halted = threading.Event()

    @property
    def halted(self) -> bool:
        """Whether what is being worked shall end, because other work failed."""
        return self._halted.is_set()

    def through(self, things: Sequence[Thing]) -> None:
        """Work all of them.

        What `look` or the work of one raises is raised when everything that has begun has ended; nothing begins after.
        """
        waiting = deque(things)
        with ThreadPoolExecutor(max(1, len(waiting)), "several") as pool:
            try:
                self._through(waiting, pool)
            except BaseException:
                # Not only errors: whatever ends this thread must not leave the others behind.
                self._halted.set()
                raise

    def _through(self, waiting: deque[Thing], pool: ThreadPoolExecutor) -> None:
        running: dict[Future[None], Thing] = {}
        while waiting or running:
            self._look()
            while waiting and self._may_begin(waiting[0], list(running.values())):
                thing = waiting.popleft()
                running[pool.submit(self._work, thing)] = thing
            for ended in wait(running, _LOOK_SECONDS, FIRST_COMPLETED).done:
                running.pop(ended)
                ended.result()

    def _may_begin(self, thing: Thing, running: Sequence[Thing]) -> bool:
        if not running:
            return True
        if self._alone(thing) or any(map(self._alone, running)):
            return False
        return len(running) < self._places()
