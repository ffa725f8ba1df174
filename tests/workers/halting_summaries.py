"""The program `python -m tests.workers.halting_summaries RUN PLACE`: a summary worker that stands still at one point.

It keeps its lease meanwhile, as a living worker does. PLACE is the number of a document from 0, or `end` for where all
of them are put together.
"""

import sys
import time
from pathlib import Path

from core.settings import Settings, load_settings
from core.storage.store import Store
from core.summaries import Summary, SummaryOptions
from core.values import Reader
from tests.workers.first_sentences import FirstSentences
from workers.summary_tasks import SummaryWorker


def sign(settings: Settings, run_id: str, place: str) -> Path:
    """The file that appears when the worker stands still."""
    return settings.run_dir / f"halted-{run_id}-{place}"


def main(run_id: str, place: str) -> None:
    """Work the run up to the place."""
    settings = load_settings()
    store = Store(settings)

    def halt() -> None:
        sign(settings, run_id, place).touch()
        time.sleep(3600)

    class Halting(FirstSentences):
        """Halts at the end."""

        def many(self, reader: Reader, parts: list[tuple[str, Summary]], options: SummaryOptions) -> Summary:
            """Of many."""
            halt()
            return super().many(reader, parts, options)

    def look(document_id: str) -> None:
        if place != "end" and store.summaries.items(run_id)[int(place)].document_id == document_id:
            halt()

    writer = Halting(store)
    writer.before = look
    SummaryWorker(settings, store, lambda: writer).run(run_id)


if __name__ == "__main__":
    main(*sys.argv[1:])
