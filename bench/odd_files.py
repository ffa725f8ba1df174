"""How reading ends for each file of a folder: `python -m bench.odd_files FOLDER`, with seconds and memory of the child.

Nothing is stored. Scanned pages are only recognised with `--ocr`, which takes seconds for each page.
"""

import argparse
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from rich.progress import track

from bench.report import percentiles, publish
from core.errors import UnreadableDocument
from core.settings import load_settings
from ingest.children import ParserPool

_RESET_PEAK = "5"  # proc(5), clear_refs
_SLOWEST = 5


@dataclass(frozen=True, slots=True)
class End:
    """How reading one file ended: `ready` or the code of an error; megabytes are 0 where the child is gone."""

    name: str
    state: str
    seconds: float
    megabytes: int
    pages: int
    characters: int


def main() -> None:
    """Read all files and tell how that ended."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--ocr", action="store_true", help="recognise scanned pages too")
    arguments.add_argument("--most", type=int, default=0, help="only so many files")
    asked = arguments.parse_args()
    files = sorted(path for path in asked.folder.rglob("*") if path.is_file())
    with tempfile.TemporaryDirectory() as work:
        pool = ParserPool(load_settings(data=Path(work), ocr=asked.ocr, parser_children=1))
        ends = [_read(pool, path) for path in track(files[: asked.most or None], "Reading")]
        pool.close()
    publish("odd_files", _told(ends))


def _read(pool: ParserPool, path: Path) -> End:
    for child in _children():
        Path(f"/proc/{child}/clear_refs").write_text(_RESET_PEAK)
    started = time.monotonic()
    try:
        _, document = pool.parse(path, path.name, lambda _: None)
    except UnreadableDocument as error:
        return End(path.name, error.code, time.monotonic() - started, _peak(), 0, 0)
    seconds = time.monotonic() - started
    characters = sum(len(page.text) for page in document.pages)
    return End(path.name, "ready", seconds, _peak(), len(document.pages), characters)


def _told(ends: list[End]) -> dict[str, object]:
    slowest = sorted(ends, key=lambda end: -end.seconds)[:_SLOWEST]
    return {
        "files": len(ends),
        "states": dict(Counter(end.state for end in ends).most_common()),
        "ready_share": round(sum(end.state == "ready" for end in ends) / max(len(ends), 1), 4),
        "ready_without_text": sum(end.state == "ready" and not end.characters for end in ends),
        "pages": sum(end.pages for end in ends),
        "milliseconds": percentiles([end.seconds * 1000 for end in ends]),
        "slowest_seconds": {end.name: round(end.seconds, 2) for end in slowest},
        "peak_mb": max(end.megabytes for end in ends),
        "not_ready": {end.name: end.state for end in ends if end.state != "ready"},
    }


def _children() -> list[int]:
    """The children that this process has."""
    tasks = Path("/proc/self/task").iterdir()
    return sorted({int(child) for task in tasks for child in (task / "children").read_text().split()})


def _peak() -> int:
    """The most memory that a child has held since it was last asked."""
    peaks = [0]
    for child in _children():
        lines = Path(f"/proc/{child}/status").read_text().splitlines()
        found = dict(line.split(":", 1) for line in lines)
        peaks.append(int(found.get("VmHWM", "0").split()[0]) // 1024)
    return max(peaks)


if __name__ == "__main__":
    main()
