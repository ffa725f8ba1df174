"""The program `python -m tests.workers.halting_index STAGE`: a real indexer that stands still at one point of a write.

At `anywhere` it goes on writing everything anew instead, so that a test can kill it at any moment.
"""

import shutil
import sys
import time
from pathlib import Path
from typing import Any

import retrieval.index.local
from core.settings import Settings, load_settings
from core.storage.store import Store
from retrieval.index import keywords, snapshots
from retrieval.index.local import LocalIndexer

# Committed by tantivy and in no manifest; a folder written anew, by half, as a whole, and with the former one still
# there; a snapshot without its manifest, and with older ones still there.
STAGES = ("committed", "renewing", "renewed", "swapped", "saving", "saved")
ANYWHERE = "anywhere"


def sign(settings: Settings) -> Path:
    """The file that appears when it stands still."""
    return settings.run_dir / "index-halted"


def main(stage: str) -> None:
    """Write up to the stage."""
    settings = load_settings()
    # Few passages are many portions, and worth a snapshot.
    retrieval.index.local._PASSAGES_AT_ONCE = 2
    retrieval.index.local._ROWS_WORTH_SAVING = 1

    def halt(*_: Any, **__: Any) -> None:
        sign(settings).touch()
        time.sleep(3600)

    class Halting(LocalIndexer):
        """An indexer that ends at the stage of writing keywords anew."""

        def _renewed(self) -> bool:
            portion = self._renewal is not None and self._portion(self._renewal.sequence)
            if self._renewal is not None and stage == ("renewing" if portion else "renewed"):
                halt()
            return super()._renewed()

    class Tidying:
        """`shutil` where nothing is removed any more."""

        rmtree = staticmethod(halt)

    indexer = Halting(settings, Store(settings))
    assert indexer.try_own()
    if stage == ANYWHERE:
        halt_once = sign(settings).touch
        while True:
            halt_once()
            indexer.rebuild()
            shutil.rmtree(settings.index_dir / "vectors")
            indexer.purge()
    match stage:
        case "committed":
            keywords.KeywordWriter.publish = halt  # type: ignore[method-assign]
        case "swapped":
            keywords.shutil = Tidying  # type: ignore[assignment,attr-defined]
        case "saving":
            snapshots.write_manifest = halt  # type: ignore[attr-defined]
        case "saved":
            snapshots.shutil = Tidying  # type: ignore[assignment,attr-defined]
    indexer.catch_up()
    indexer.purge()


if __name__ == "__main__":
    main(*sys.argv[1:])
