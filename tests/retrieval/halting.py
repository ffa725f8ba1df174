"""The program `python -m tests.retrieval.halting STAGE`: a real reindexing that stands still at one point.

It keeps its lease meanwhile, so that a test can kill it exactly there.
"""

import sys
import time
from pathlib import Path
from typing import Any

import core.storage.agreements
import retrieval.reindex
from core.settings import Settings, load_settings
from core.storage.store import Store
from core.storage.vectors import Vectors
from retrieval.reindex import reindex

# After the first vectors; with everything written and nothing committed; swapped, with nothing removed.
STAGES = ("embedding", "swapping", "removing")


def sign(settings: Settings) -> Path:
    """The file that appears when it stands still."""
    return settings.data / "halted"


def main(stage: str) -> None:
    """Reindex up to the stage."""
    settings = load_settings()
    # So that there are first vectors.
    retrieval.reindex._PASSAGES_AT_ONCE = 1

    def halt() -> None:
        sign(settings).touch()
        time.sleep(3600)

    class Halting(Vectors):
        """Vectors that end at the stage."""

        def put(self, *arguments: Any) -> bool:
            """Store, and stand still at the stage."""
            stored = super().put(*arguments)
            if stage == "embedding":
                halt()
            return stored

        def keep_only(self, *arguments: Any) -> int:
            """Stand still at the stage."""
            if stage == "removing":
                halt()
            return super().keep_only(*arguments)

    store = Store(settings)
    store.vectors = Halting(store.database)
    if stage == "swapping":
        write = core.storage.agreements._write

        def write_and_halt(*arguments: Any) -> None:
            write(*arguments)
            halt()

        core.storage.agreements._write = write_and_halt  # type: ignore[assignment]
    reindex(settings, store, lambda _done, _total: None)


if __name__ == "__main__":
    main(*sys.argv[1:])
