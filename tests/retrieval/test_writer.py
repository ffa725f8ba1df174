"""Publishing: every passage gets its own vector, and equal text is embedded once."""

import numpy as np

from core.storage.store import Store
from core.values import Progress
from retrieval.embedders.protocol import Embedder
from retrieval.late import TOKEN_BYTES
from retrieval.writer import publish
from tests import factories
from tests.retrieval.conftest import Publish


def test_vectors_stand_in_the_order_of_the_passages(store: Store, embedder: Embedder, publish_text: Publish) -> None:
    texts = [f"Clause {n}: {'word ' * (n % 7)}" for n in range(20)]
    document = publish_text("a.txt", *texts, heading="Lease")

    blob = store.passages.vectors(document.version_id, embedder.name)

    assert blob is not None
    stored = np.frombuffer(blob, "<f2").reshape(20, -1).astype(np.float32)
    assert ((stored * embedder.embed_library([f"Lease\n{text}" for text in texts])).sum(1) > 0.999).all()


def test_equal_bytes_are_embedded_once(store: Store, embedder: Embedder) -> None:
    stages: list[str] = []
    for path in ("a.txt", "b.txt"):
        uploaded = factories.upload(store, path, b"same")
        lease = store.jobs.lease("ingest", uploaded.job_id)
        version = store.documents.version(uploaded.document.version_id)
        assert lease is not None
        assert version is not None
        stages.clear()

        def note(progress: Progress) -> None:
            stages.append(progress.stage)

        publish(store, embedder, lease, version, factories.reading("One.", "Two."), note)

        ids = store.passages.ids(version.id)

    assert "embedding" not in stages
    assert stages[-1] == "publishing"
    assert len(store.token_codes.of(embedder.name, ids)) == 2


def test_the_tokens_of_each_passage_are_kept(store: Store, embedder: Embedder, publish_text: Publish) -> None:
    texts = ["The tenant pays rent.", "Dogs are welcome in the garden of the house.", "Rent."]
    document = publish_text("a.txt", *texts)

    ids = store.passages.ids(document.version_id)
    codes = store.token_codes.of(embedder.name, ids)

    assert [len(codes[i]) for i in ids] == [TOKEN_BYTES * len(spans) for spans in embedder.token_spans(texts)]
