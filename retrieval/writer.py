"""The end of the write flow: passages get their vectors and are committed in one transaction. No index is touched."""

from collections.abc import Callable, Sequence

from core.storage.store import Store
from core.values import Lease, Progress, Reading, Version
from retrieval.embedders.protocol import Embedder, Report, Vectors
from retrieval.late import code


def publish(  # noqa: PLR0913 - one for each part
    store: Store,
    embedder: Embedder,
    lease: Lease,
    version: Version,
    reading: Reading,
    on_progress: Callable[[Progress], None],
    *,
    held: Sequence[str] = (),
) -> int:
    """Embed what was read and commit it as the version that answers; the number of the change.

    With reasons in `held` it waits in quarantine instead.

    Embedding happens before the transaction opens. Raises `LeaseLost` when another worker holds the job by now, and
    `EmbedderReplaced` when another embedder has been agreed on meanwhile.
    """
    found = _of_twin(store, embedder, version, reading)
    if found is None:
        texts = [passage_text(draft.heading, draft.text) for draft in reading.passages]
        total = len(texts)
        on_progress(Progress("embedding", 0, total))
        found = embedded(embedder, texts, lambda done, _: on_progress(Progress("embedding", done, total)))
    vectors, codes = found
    on_progress(Progress("publishing", 0, 1))
    return store.passages.publish(
        lease, version.id, reading, embedder=embedder.name, vectors=vectors, codes=codes, held=held
    )


def embedded(embedder: Embedder, texts: Sequence[str], on_progress: Report) -> tuple[bytes, list[bytes]]:
    """What is stored of texts: one little-endian fp16 row for each, and the codes of the tokens of each."""
    codes = [b""] * len(texts)

    def keep(place: int, tokens: Vectors) -> None:
        codes[place] = code(tokens)

    rows = embedder.embed_library(texts, on_progress, keep)
    return rows.astype("<f2").tobytes(), codes


def passage_text(heading: str, text: str) -> str:
    """What is embedded of a passage: its text under its headings, which a table's middle does not repeat."""
    return f"{heading}\n{text}" if heading and not text.startswith(heading) else text


def _of_twin(store: Store, embedder: Embedder, version: Version, reading: Reading) -> tuple[bytes, list[bytes]] | None:
    # Equal bytes need not be embedded twice, as long as they were cut in the same way.
    twin = store.documents.twin(version.id)
    if twin is None:
        return None
    passages = store.passages.of_version(twin)
    mine = [(draft.heading, draft.text) for draft in reading.passages]
    if [(passage.heading, passage.text) for passage in passages] != mine:
        return None
    vectors = store.passages.vectors(twin, embedder.name)
    codes = store.token_codes.of(embedder.name, [passage.id for passage in passages])
    return (vectors, [codes.get(passage.id, b"") for passage in passages]) if vectors is not None else None
