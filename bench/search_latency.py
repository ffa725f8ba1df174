"""Searches through the whole stack over a library of any size: how fast, from where, how exact, and how soon.

    python -m bench.search_latency [--passages 200000] [--corpus FOLDER] [--questions FILE.jsonl] [--work FOLDER]

`--corpus` is a folder of documents, or the data folder of an installation (left as it is but for its schema). A
library of that size is made once under `--work` and used again. `--questions` has a `question` in each line; without
it, sentences of the library are asked. `--parts` leaves measurements out, and `--passages 2000 --searches 50` takes a
minute in all.
"""

import argparse
import gc
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench import libraries, report, servers, shares
from core.filters import Filter
from core.settings import ROOT, Settings, child_environment
from core.storage.store import Store
from core.values import OPERATOR, DocumentStatus
from llm.services import Services
from retrieval.index.live import LiveVectors
from retrieval.questions import understand

_WARM_UP = 20
# What is prepared in the background after opening is ready by then; it grows with the library.
_SETTLES_SECONDS = 8.0
_SETTLED_PASSAGES_PER_SECOND = 40_000
_CALLERS = 16
_COLD_STARTS = 5
_NEAREST = 10
_LOOK_SECONDS = 0.02
_READ_AT_ONCE = 11
_READ_PAGES = 20
_FOUND_WITHIN = 60.0
_ROUNDS = 3


@dataclass(frozen=True)
class Bench:
    """What is measured, and with which questions."""

    settings: Settings
    services: Services
    originals: Sequence[libraries.Original]
    questions: Sequence[str]
    searches: int
    passages: int

    def asked(self) -> list[str]:
        """As many questions as there are to be searches."""
        return [self.questions[number % len(self.questions)] for number in range(self.searches)]


def main() -> None:
    """Make the library, measure and publish."""
    wanted = _wanted()
    settings = libraries.library(wanted.corpus, wanted.passages, wanted.work)
    settings = settings.model_copy(update={"port": servers.free_port()})
    originals = libraries.originals(wanted.corpus, wanted.work)
    questions = _questions(wanted.questions, originals)
    found: dict[str, object] = {"passages": wanted.passages}
    # Before this process has loaded anything that another one would have to share a processor with.
    if "cold" in wanted.parts:
        found["cold_start_seconds"] = cold_starts(settings, questions)
    services = Services(settings)
    services.retriever.warm()
    _settle(wanted.passages)
    # As the server does, when it has loaded everything.
    gc.collect()
    gc.freeze()
    bench = Bench(settings, services, originals, questions, wanted.searches, wanted.passages)
    for name in wanted.parts:
        if name in PARTS:
            print(f"Measuring {name}", file=sys.stderr)
            found[name] = PARTS[name](bench)
    report.publish(f"search_latency_{wanted.passages}", found)
    sys.stdout.flush()
    os._exit(0)  # threads inside native code are not waited for


def one_at_a_time(bench: Bench) -> dict[str, object]:
    """Searches in this process, one after the other; the memory that takes; and which parts the time goes to."""
    _times(bench, bench.questions[:_WARM_UP])
    times = _times(bench, bench.asked())
    memory = report.resident_mb()
    with shares.timed() as spent:
        _times(bench, bench.asked())
    parts = {name: round(milliseconds / bench.searches, 2) for name, milliseconds in spent.items()}
    return {**report.percentiles(times), "mean_of_part_ms": parts, "memory_mb": memory}


def over_rest(bench: Bench) -> dict[str, object]:
    """Searches over REST with an API key, from one caller and from many at once."""
    found: dict[str, object] = {}
    with servers.web_server(bench.settings) as key:
        _settle(bench.passages)
        servers.search_times(bench.settings, key, bench.asked()[:_WARM_UP], 1)
        for callers in (1, _CALLERS):
            times, seconds = servers.search_times(bench.settings, key, bench.asked(), callers)
            found[f"{callers}_callers"] = {**report.percentiles(times), "per_second": round(len(times) / seconds, 1)}
    return found


def recall(bench: Bench) -> dict[str, object]:
    """How many of the nearest passages by exact fp32 arithmetic the dense list has among its first ten."""
    asked = list(dict.fromkeys(bench.questions))
    rows = bench.services.retriever.embedder.embed_queries([understand(question).text for question in asked])
    exact = _exact(bench, rows)
    vectors = _vectors(bench)
    shared = [
        len({int(i) for i in vectors.index.search(rows[n : n + 1], _NEAREST)[0]} & exact[n]) for n in range(len(asked))
    ]
    return {"questions": len(asked), f"recall_at_{_NEAREST}": round(sum(shared) / (_NEAREST * len(asked)), 4)}


def while_reading(bench: Bench) -> dict[str, object]:
    """How soon a new document is found while ten more are read, and how much slower searches are meanwhile.

    Idle and busy rounds alternate, so that what else the machine does hits both alike.
    """
    idle, busy, fresh = [], [], []
    for number in range(_ROUNDS):
        idle += _times(bench, bench.asked())
        busy_times, seconds = _read_some(bench, f"fresh-{number}")
        busy += busy_times
        fresh += seconds
    p95 = {name: report.percentiles(times)["p95"] for name, times in (("idle", idle), ("busy", busy))}
    return {
        "documents": len(fresh),
        "found_after_job_seconds": {"median": round(float(np.median(fresh)), 2), "worst": round(max(fresh), 2)},
        "p95_ms": p95,
        "busy_to_idle": round(p95["busy"] / p95["idle"], 2),
    }


PARTS: dict[str, Callable[[Bench], dict[str, object]]] = {
    "one_at_a_time": one_at_a_time,
    "recall": recall,
    "over_rest": over_rest,
    "while_reading": while_reading,
}


def cold_starts(settings: Settings, questions: Sequence[str]) -> dict[str, float]:
    """Seconds from starting a process to its first answer: the command that people run, from its start to its end."""
    seconds = []
    for number in range(_COLD_STARTS):
        command = [sys.executable, "archivar", "search", "--json", "--", questions[number % len(questions)]]
        began = time.perf_counter()
        subprocess.run(command, cwd=ROOT, env=child_environment(settings), check=True, capture_output=True)
        seconds.append(time.perf_counter() - began)
    return {"median": round(float(np.median(seconds)), 2), "worst": round(max(seconds), 2)}


def _settle(passages: int) -> None:
    time.sleep(_SETTLES_SECONDS + passages / _SETTLED_PASSAGES_PER_SECOND)


def _times(bench: Bench, questions: Sequence[str]) -> list[float]:
    times = []
    for question in questions:
        began = time.perf_counter()
        bench.services.retriever.search(OPERATOR, question)
        times.append((time.perf_counter() - began) * 1000)
    return times


def _exact(bench: Bench, rows: libraries.Rows) -> list[set[int]]:
    scores = np.empty((len(rows), 0), np.float32)
    ids = np.empty((len(rows), 0), np.int64)
    versions = _versions(bench.services.store)
    for number, original, vectors in libraries.copies(bench.originals, bench.passages):
        passages = versions[libraries.path_of(original, number)]
        scores = np.hstack([scores, rows @ vectors.T])
        ids = np.hstack([ids, np.broadcast_to(passages, (len(rows), len(passages)))])
        best = np.argsort(-scores, axis=1, kind="stable")[:, :_NEAREST]
        scores, ids = np.take_along_axis(scores, best, 1), np.take_along_axis(ids, best, 1)
    return [set(some) for some in ids.tolist()]


def _versions(store: Store) -> dict[str, NDArray[np.int64]]:
    return {
        document.path: np.array(store.passages.ids(document.version_id), np.int64)
        for document in libraries.documents(store)
    }


def _vectors(bench: Bench) -> LiveVectors:
    """The vectors as a process opens them."""
    name = bench.services.retriever.embedder.name
    return LiveVectors(bench.settings.index_dir / "vectors", bench.services.store, name)


def _read_some(bench: Bench, collection: str) -> tuple[list[float], list[float]]:
    """Times of searches while files are read, and how long after its job each of them was found."""
    folder = _files(bench, collection)
    command = [sys.executable, "archivar", "add", str(folder), "--collection", collection, "--json"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=child_environment(bench.settings), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    seen: dict[str, float] = {}
    watching = threading.Thread(target=_watch, args=(bench, collection, seen), daemon=True)
    watching.start()
    times = []
    while process.poll() is None:
        times += _times(bench, bench.questions[:1])
        times += _times(bench, bench.asked()[-5:])
    watching.join(_FOUND_WITHIN)
    return times, list(seen.values())


def _files(bench: Bench, name: str) -> Path:
    """The texts of some documents as new files, each different from what the library has."""
    folder = bench.settings.data / name
    folder.mkdir(exist_ok=True)
    for number in range(_READ_AT_ONCE):
        original = bench.originals[number % len(bench.originals)]
        text = "\n\n".join(page.text for page in original.pages[:_READ_PAGES])
        (folder / f"{number}.txt").write_text(f"{name} {number} {time.time_ns()}\n\n{text}", errors="replace")
    return folder


def _watch(bench: Bench, collection: str, seen: dict[str, float]) -> None:
    """Fill in, for each document, the seconds between the end of its job and the first search that finds it."""
    store, retriever = bench.services.store, bench.services.retriever
    ready: dict[str, float] = {}
    deadline = time.monotonic() + 10 * _FOUND_WITHIN
    while len(seen) < _READ_AT_ONCE and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
        for document in libraries.documents(store, collection):
            if document.status is DocumentStatus.READY:
                ready.setdefault(document.id, time.monotonic())
        for document_id in ready.keys() - seen.keys():
            if retriever.search(OPERATOR, collection, within=Filter(documents=(document_id,)), k=1).hits:
                seen[document_id] = time.monotonic() - ready[document_id]


def _questions(file: Path | None, originals: Sequence[libraries.Original]) -> list[str]:
    if file is not None:
        return [str(json.loads(line)["question"]) for line in file.read_text().splitlines() if line.strip()]
    texts = [passage.text for original in originals for passage in original.passages]
    step = max(1, len(texts) // 50)
    return [" ".join(text.split()[:12]) for text in texts[::step] if text.strip()]


def _wanted() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, default=200_000)
    parser.add_argument("--searches", type=int, default=300)
    parser.add_argument("--corpus", type=Path, default=ROOT / "docs" / "sample")
    parser.add_argument("--questions", type=Path)
    parser.add_argument("--work", type=Path, default=ROOT / "data" / "bench")
    parser.add_argument("--parts", nargs="+", choices=["cold", *PARTS], default=["cold", *PARTS])
    return parser.parse_args()


if __name__ == "__main__":
    main()
