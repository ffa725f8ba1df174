"""Tables on standard output."""

import sys

from rich.console import Console

# Wide enough for any table of ours.
_FILE_WIDTH = 160


def wide_console() -> Console:
    """As wide as the terminal, and wide where there is none."""
    return Console() if sys.stdout.isatty() else Console(width=_FILE_WIDTH)
