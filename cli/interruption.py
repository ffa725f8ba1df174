"""Signals that ask a command to end before it is done."""

import signal
from types import FrameType


class Interruption:
    """Raises `KeyboardInterrupt` in the main thread at SIGINT and SIGTERM, and remembers that it did.

    Python drops an exception that arises within a destructor or a callback, so a command that waits has to ask, too.
    """

    def __init__(self) -> None:
        self._asked = False
        signal.signal(signal.SIGTERM, self._ask)
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # as shells start what runs in the background
            signal.signal(signal.SIGINT, self._ask)

    def check(self) -> None:
        """Raise `KeyboardInterrupt` when somebody asked the command to end."""
        if self._asked:
            raise KeyboardInterrupt

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True
        raise KeyboardInterrupt
