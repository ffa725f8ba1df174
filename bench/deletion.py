"""What deleting one document costs in installations of different sizes: CPU seconds of this process.

    python -m bench.deletion [--sizes 5000 50000] [--documents 5] [--excerpts] [--work FOLDER]

Documents of 100 made-up passages with vectors, an answer for every ten passages with three decisions of moderation, and
nothing else, in SQLite. `taken_out` is the transaction, during which others wait to write; `looked_for` the look for
remains in the database and the signature; `index` the writing anew of the index on the disk, which many deletions share
and which is done in the background. `--excerpts` lets the log of moderation keep excerpts.
"""

import argparse
import io
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import numpy as np

from bench import report
from core.exchanges import Origin
from core.settings import Settings, load_settings
from core.storage.chain import Entry
from core.storage.store import Store
from core.values import Page, ParsedDocument, PassageDraft, Reading
from retrieval.embedders.bundled import DIMENSIONS, NAME
from retrieval.index.opening import open_indexer

_PASSAGES = 100
_WORDS_OF_A_PASSAGE = 120
_VOCABULARY = 20_000
_PASSAGES_PER_ANSWER = 10
_POINTS = ("question", "generation", "answer")
_EXCERPT_CHARS = 200

_T = TypeVar("_T")


def main() -> None:
    """Fill installations, delete from each, publish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[5_000, 50_000])
    parser.add_argument("--documents", type=int, default=5)
    parser.add_argument("--excerpts", action="store_true")
    parser.add_argument("--work", type=Path)
    wanted = parser.parse_args()
    found = {}
    for size in wanted.sizes:
        with tempfile.TemporaryDirectory(dir=wanted.work) as folder:
            found[f"{size}_passages"] = _measured(Path(folder), size, wanted.documents, excerpts=wanted.excerpts)
    report.publish("deletion_with_excerpts" if wanted.excerpts else "deletion", found)


def _measured(folder: Path, size: int, count: int, *, excerpts: bool) -> dict[str, float]:
    settings = load_settings(data=folder)
    with closing(Store(settings)) as store:
        ids = _filled(store, size, excerpts=excerpts)
        with closing(open_indexer(settings, store)) as indexer:
            indexer.try_own()
            indexer.rebuild()
        taken, looked = [], []
        for document_id in ids[:: max(1, len(ids) // count)][:count]:
            seconds, receipt_id = _cpu(lambda one=document_id: store.documents.take_out(one))
            taken.append(seconds)
            looked.append(_cpu(lambda one=receipt_id: store.receipts.complete(one))[0])
        return {
            "documents": len(ids),
            "taken_out": round(statistics.median(taken), 3),
            "looked_for": round(statistics.median(looked), 3),
            "index": round(_cpu(lambda: _written_anew(settings, store))[0], 2),
        }


def _written_anew(settings: Settings, store: Store) -> None:
    with closing(open_indexer(settings, store)) as indexer:
        indexer.try_own()
        indexer.purge()


def _cpu(done: Callable[[], _T]) -> tuple[float, _T]:
    began = time.process_time()
    result = done()
    return time.process_time() - began, result


def _filled(store: Store, size: int, *, excerpts: bool) -> Sequence[str]:
    """The ids of the documents."""
    chance = random.Random(8)
    words = ["".join(chance.choices("abcdefghijklmnoprstuw", k=chance.randint(3, 10))) for _ in range(_VOCABULARY)]
    collection = store.collections.create("Bench").id
    ids = []
    for number in range(size // _PASSAGES):
        texts = [" ".join(chance.choices(words, k=_WORDS_OF_A_PASSAGE)) for _ in range(_PASSAGES)]
        ids.append(_document(store, collection, f"{number}.txt", texts))
        _answers(store, ids[-1], texts[::_PASSAGES_PER_ANSWER], excerpts=excerpts)
    return ids


def _document(store: Store, collection: str, path: str, texts: Sequence[str]) -> str:
    uploaded = store.documents.add(collection, path, store.files.stage(io.BytesIO(" ".join(texts).encode())))
    lease = store.jobs.lease("ingest", uploaded.job_id)
    version_id = uploaded.document.version_id
    if lease is None or version_id is None:
        raise RuntimeError("nobody else works here")
    pages = tuple(Page(number, text) for number, text in enumerate(texts, 1))
    drafts = tuple(PassageDraft(page.number, 0, len(page.text), page.text, "") for page in pages)
    rows = np.random.default_rng(len(path)).standard_normal((len(texts), DIMENSIONS), np.float32)
    vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype("<f2").tobytes()
    reading = Reading("text/plain", ParsedDocument(path, pages), drafts, "en")
    codes = [row.tobytes() for row in rows]
    store.passages.publish(lease, version_id, reading, embedder=NAME, vectors=vectors, codes=codes)
    return uploaded.document.id


def _answers(store: Store, document_id: str, texts: Sequence[str], *, excerpts: bool) -> None:
    """Answers from a document, each with its decisions."""
    for text in texts:
        answer_id, said = str(uuid4()), text[:300]
        citation = {"n": 1, "document_id": document_id, "filename": "a.txt", "page": 1, "passage_id": 1, "quote": said}
        sentence = {"text": said, "verdict": "supported", "citations": [1]}
        body = {"answer": said, "sentences": [sentence], "citations": [citation], "status": "answered"}
        hits = [{"passage_id": n, "document_id": document_id, "page": 1, "sha256": "0" * 64} for n in range(10)]
        origin = Origin({"passages": hits}, None)
        store.answers.record(answer_id, "What does it say?", body, user_id=None, conversation_id=None, origin=origin)
        kept = said[:_EXCERPT_CHARS] if excerpts else ""
        detail = {"documents": [document_id]} if excerpts else {}
        rest = "log", "bench", "1", "0" * 64
        store.decisions.append(
            [Entry(time.time(), answer_id, one, *rest, excerpt=kept, detail=detail) for one in _POINTS]
        )


if __name__ == "__main__":
    main()
