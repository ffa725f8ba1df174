"""Changing over to the embedder that the settings name: its vectors are made beside those that answer, then swapped in.

Searches and uploads go on meanwhile, and a killed run goes on where it was. How a process notices the swap is in
`current`.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from threading import Event, Thread

from core.errors import Conflict, LeaseLost, StorageFull, Unavailable
from core.settings import Settings
from core.storage.agreements import Recipe
from core.storage.installation import REINDEX, Installation
from core.storage.store import Store
from retrieval.embedders import open_embedder
from retrieval.embedders.protocol import Embedder
from retrieval.embedders.recipes import agreed, chosen
from retrieval.index.indexer import Indexer
from retrieval.index.opening import open_beside, open_indexer
from retrieval.writer import embedded, passage_text

# What is embedded before it is stored, so that small documents share a batch. A killed run loses this much.
_PASSAGES_AT_ONCE = 512
# A version may be read anew while it is embedded, but not again and again.
_MOST_ATTEMPTS = 5
# For commands that own the index for a moment.
_OWNER_SECONDS = 5.0
_LOOK_SECONDS = 0.25
# Until other processes have changed over to an index that lies beside the former one, before that is removed.
_GRACE_SECONDS = 10.0

Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Reindexed:
    """What a run did: the embedders that answered before and after, and how much was embedded."""

    before: str
    after: str
    documents: int
    passages: int
    # Whether the derived indexes were made anew although the embedder stayed the same.
    rebuilt: bool


def reindex(
    settings: Settings, store: Store, on_progress: Report, *, grace_seconds: float = _GRACE_SECONDS
) -> Reindexed:
    """Let the vectors of the embedder that the settings name answer; where they do, make the indexes anew.

    `on_progress` is told how many of how many passages are embedded. Raises `Conflict` while another run or, where
    the embedder stays the same, a running server is in the way, `EmbedderMissing`, and `Unavailable` without an index
    server. Until the end nothing has changed for searches.
    """
    with _Lease(store.installation, settings.lease_seconds) as lease:
        before, after = agreed(settings, store), chosen(settings)
        embedder = open_embedder(settings, after, bulk=True)
        work = _Work(store, embedder, lease, on_progress)
        if before.name == after.name:
            work.embed_lacking()
            store.vectors.keep_only(after.name)
        else:
            _change_over(settings, store, after, work, grace_seconds)
    rebuilt = _renew_index(settings, store, anew=before.name == after.name, needed=not work.documents)
    return Reindexed(before.name, after.name, work.documents, work.passages, rebuilt)


class _Work:
    """Embeds what lacks vectors, and counts it."""

    def __init__(self, store: Store, embedder: Embedder, lease: "_Lease", on_progress: Report) -> None:
        self._store = store
        self._embedder = embedder
        self._lease = lease
        self._on_progress = on_progress
        self._attempts: Counter[str] = Counter()
        self.documents = 0
        self.passages = 0

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return self._embedder.dimensions

    def embed_lacking(self) -> None:
        """Embed and store until every version that answers has vectors. Raises `Conflict` where that has no end."""
        name, dimensions = self._embedder.name, self.dimensions
        total = self.passages + self._store.vectors.passages_lacking(name, dimensions)
        self._on_progress(self.passages, total)
        while versions := self._store.vectors.lacking(name, dimensions):
            for group in _groups(versions):
                self._embed(group, total)

    def _embed(self, version_ids: Sequence[str], total: int) -> None:
        self._refuse_repetition(version_ids)
        versions = [(version_id, self._store.passages.of_version(version_id)) for version_id in version_ids]
        texts = [passage_text(passage.heading, passage.text) for _, passages in versions for passage in passages]

        def report(done: int, _of: int) -> None:
            self._lease.prove()
            self._on_progress(self.passages + done, max(total, self.passages + done))

        report(0, 0)
        vectors, codes = embedded(self._embedder, texts, report)
        size = len(vectors) // max(1, len(texts))
        start = 0
        for version_id, passages in versions:
            ids = [passage.id for passage in passages]
            end = start + len(passages)
            mine = vectors[start * size : end * size]
            if self._store.vectors.put(version_id, self._embedder.name, ids, mine, codes[start:end]):
                self.documents += 1
                self.passages += len(passages)
            start = end

    def _refuse_repetition(self, version_ids: Sequence[str]) -> None:
        self._attempts.update(version_ids)
        for version_id in version_ids:
            if self._attempts[version_id] > _MOST_ATTEMPTS:
                raise Conflict(
                    f"The passages of version {version_id} are not as many as they should be. Run "
                    "`./archivar doctor --repair`, then this again."
                )


def _groups(versions: Sequence[tuple[str, int]]) -> Iterator[list[str]]:
    group: list[str] = []
    size = 0
    for version_id, passages in versions:
        group.append(version_id)
        size += passages
        if size >= _PASSAGES_AT_ONCE:
            yield group
            group, size = [], 0
    if group:
        yield group


def _change_over(settings: Settings, store: Store, recipe: Recipe, work: _Work, grace_seconds: float) -> None:
    beside = open_beside(settings, store, recipe)
    try:
        while True:
            work.embed_lacking()
            if beside is not None:
                _fill(beside)
            # What was published at the last moment has only the vectors that answer so far.
            if store.agreements.swap(recipe, work.dimensions) == 0:
                break
    finally:
        if beside is not None:
            beside.close()
    if beside is not None:
        time.sleep(grace_seconds)
    store.vectors.keep_only(recipe.name)


def _fill(beside: Indexer) -> None:
    # A run that was killed may hold it for the rest of a lease; nobody else wants it.
    while not beside.try_own():
        time.sleep(_LOOK_SECONDS)
    beside.catch_up()


def _renew_index(settings: Settings, store: Store, *, anew: bool, needed: bool) -> bool:
    """Bring the index up to date, or make it anew; whether that was done here rather than left to a running server."""
    with closing(open_indexer(settings, store)) as indexer:
        deadline = time.monotonic() + _OWNER_SECONDS
        while not indexer.try_own():
            if time.monotonic() > deadline or not anew:
                break
            time.sleep(_LOOK_SECONDS)
        else:
            _ = indexer.rebuild() if anew else indexer.catch_up()
            return anew
    if anew and needed:
        raise Conflict("A running server keeps the index. Stop it to have the index made anew.")
    return False


class _Lease:
    """The lease of whoever reindexes, kept in the background. Raises `Conflict` while another process has it."""

    def __init__(self, installation: Installation, seconds: float) -> None:
        self._installation = installation
        self._seconds = seconds
        self._held = 0
        self._lost = False
        self._stop = Event()
        self._thread = Thread(target=self._keep, name="reindex lease", daemon=True)

    def __enter__(self) -> "_Lease":
        held = self._installation.lease(REINDEX, self._seconds)
        if held is None:
            raise Conflict(
                "Passages are being embedded anew by another process, or one was killed a moment ago. Try again in "
                f"{self._seconds:.0f} seconds."
            )
        self._held = held
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._installation.give_back(REINDEX, self._held)

    def prove(self) -> None:
        """Raise `LeaseLost` once another process has it."""
        if self._lost:
            raise LeaseLost("Another process reindexes now.")

    def _keep(self) -> None:
        while not self._stop.wait(self._seconds / 3) and not self._lost:
            with suppress(Unavailable, StorageFull):  # there is time for another attempt
                held = self._installation.lease(REINDEX, self._seconds, self._held)
                self._held, self._lost = held or 0, held is None
