"""Changing over to another embedder: nothing is lost, mixed or in the way, whatever happens in the middle."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from cli.children import Program, stop
from core.errors import Conflict, EmbedderChanged
from core.settings import ROOT, Settings, child_environment
from core.storage import tables as t
from core.storage.installation import REINDEX
from core.storage.store import Store
from core.values import OPERATOR
from retrieval.embedders import open_embedder
from retrieval.embedders.recipes import BUNDLED, chosen
from retrieval.index import snapshots
from retrieval.index.opening import open_indexer
from retrieval.reindex import reindex
from retrieval.retriever import Retriever
from tests import factories
from tests.forking import ForkedChild
from tests.processes import eventually
from tests.retrieval import halting
from tests.retrieval.conftest import Publish, either_index
from tests.retrieval.test_retriever import names
from tests.tiny_embedders import bundled_copy, tiny_embedder

LIBRARY = {
    "rent.txt": "The tenant pays rent on the first day of each month.",
    "dog.txt": "Dogs and other animals need the consent of the landlord.",
    "code.txt": "Form ZX-4711 must be signed.",
}
SEARCHES = """
import sys
from core.settings import load_settings
from core.values import OPERATOR
from llm.services import Services
services = Services(load_settings())
print("ready" if services.retriever.search(OPERATOR, "rent").hits else "nothing", flush=True)
for line in iter(sys.stdin.readline, ""):
    hits = services.retriever.search(OPERATOR, "Who pays rent?").hits
    print(len(hits), services.retriever.embedder.name, flush=True)
"""


Start = Callable[..., "subprocess.Popen[str]"]


def quietly(_done: int, _total: int) -> None:
    """No progress."""


def vectors_of(store: Store) -> set[str]:
    """The embedders whose vectors are stored."""
    with store.database.read() as connection:
        return set(connection.execute(sa.select(t.vectors.c.embedder).distinct()).scalars())


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts Python programs that end with the test at the latest."""
    running: list[subprocess.Popen[str]] = []

    def run(settings: Settings, *arguments: str) -> "subprocess.Popen[str]":
        running.append(
            subprocess.Popen(
                [sys.executable, "-W", "ignore", *arguments],
                cwd=ROOT,
                env=child_environment(settings),
                text=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        )
        return running[-1]

    yield run
    for one in running:
        one.kill()
        one.wait()


@pytest.fixture
def library(publish_text: Publish) -> None:
    """A few documents with the bundled model's vectors."""
    for path, text in LIBRARY.items():
        publish_text(path, text)


@pytest.fixture
def retriever(settings: Settings, store: Store, library: None) -> Iterator[Retriever]:
    """One that answers with the bundled model's vectors."""
    opened = Retriever(settings, store)
    assert names(opened.search(OPERATOR, "May I keep a pet?"))[0] == "dog.txt"
    yield opened
    opened.close()


@pytest.fixture
def wanted(settings: Settings, tmp_path: Path) -> Settings:
    """Settings that name another model with prompts; of other dimensions, so that a mix with the first one fails."""
    model = tiny_embedder(tmp_path / "tiny", 24, prompts={"query": "query ", "document": "passage "})
    return settings.model_copy(update={"embedder": str(model), "embedder_device": "cpu"})


@either_index
def test_running_searches_change_over(store: Store, retriever: Retriever, wanted: Settings) -> None:
    told: list[tuple[int, int]] = []

    done = reindex(wanted, store, lambda *progress: told.append(progress), grace_seconds=0)

    name = chosen(wanted).name
    assert (done.before, done.after, done.documents, done.passages) == (BUNDLED.name, name, 3, 3)
    assert told[0] == (0, 3)
    assert told[-1] == (3, 3)
    assert vectors_of(store) == {name}
    assert len(retriever.search(OPERATOR, "Who pays rent?").hits) == 3
    eventually(lambda: retriever.embedder.name == name)
    # Of a server's collection that was loaded a moment ago a search was once seen to find nothing yet.
    eventually(lambda: len(retriever.search(OPERATOR, "Who pays rent?").hits) == 3)


@either_index
def test_the_new_model_answers_by_meaning(
    store: Store, retriever: Retriever, settings: Settings, tmp_path: Path
) -> None:
    model = bundled_copy(tmp_path / "copy", query="question: ")
    other = settings.model_copy(update={"embedder": str(model), "embedder_device": "cpu"})

    reindex(other, store, quietly, grace_seconds=0)

    fresh = Retriever(settings, store)
    assert names(fresh.search(OPERATOR, "May I keep a pet?"))[0] == "dog.txt"
    assert fresh.embedder.name == chosen(other).name != BUNDLED.name
    assert "reindex" in fresh.embedder_trouble()
    fresh.close()


@either_index
def test_what_is_published_meanwhile_changes_over_too(
    store: Store, retriever: Retriever, wanted: Settings, publish_text: Publish
) -> None:
    at_first = [("early.txt", "The deposit is three rents."), ("code.txt", "Form AB-12 must be signed.")]
    at_last = [("late.txt", "The garage is part of the rent.")]

    def progress(done: int, total: int) -> None:
        while at_first:
            publish_text(*at_first.pop())
        while done == total and at_last:
            publish_text(*at_last.pop())

    reindex(wanted, store, progress, grace_seconds=0)

    name, dimensions = chosen(wanted).name, 24
    assert store.vectors.lacking(name, dimensions) == []
    eventually(lambda: retriever.embedder.name == name)
    eventually(lambda: retriever.behind() == 0)
    found = names(retriever.search(OPERATOR, "rent"))
    assert {"early.txt", "late.txt"} <= set(found)
    # A model with weights by chance knows nothing: what the words alone find is told by their scores.
    hits = retriever.search(OPERATOR, "AB-12", explain=True).hits
    by_words = {hit.passage.filename: hit.scores.keyword or 0.0 for hit in hits if hit.scores}
    assert max(by_words, key=by_words.__getitem__) == "code.txt"
    indexer = open_indexer(wanted, store)
    assert indexer.try_own()
    indexer.catch_up()
    assert indexer.check() == []
    indexer.close()


@pytest.mark.torture
@either_index
def test_another_process_sees_the_old_or_the_new(
    settings: Settings, library: None, wanted: Settings, start: Start
) -> None:
    child = start(settings, "-c", SEARCHES)
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stdout.readline().strip() == "ready"
    run = start(wanted, "archivar", "reindex")
    name = chosen(wanted).name
    answers: list[str] = []

    def asked() -> str:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write("\n")
        child.stdin.flush()
        answers.append(child.stdout.readline().strip())
        return answers[-1]

    eventually(lambda: asked().endswith(name), 60)
    # The former index is removed a moment later, under a process that must not need it any more.
    eventually(lambda: asked() and run.poll() is not None, 60)
    asked()

    assert run.returncode == 0
    assert set(answers) == {f"3 {BUNDLED.name}", f"3 {name}"}
    child.stdin.close()
    assert child.wait(30) == 0


@pytest.mark.parametrize("stage", halting.STAGES)
@pytest.mark.parametrize("settings", ["local", pytest.param("milvus", marks=pytest.mark.torture)], indirect=True)
def test_a_killed_run_changes_nothing_and_is_gone_on_with(
    settings: Settings, store: Store, retriever: Retriever, wanted: Settings, forks: Path, stage: str
) -> None:
    hasty = wanted.model_copy(update={"lease_seconds": 2.0})
    command = [sys.executable, "-m", "tests.retrieval.halting", stage]
    run = ForkedChild(forks, Program("reindex", command, child_environment(hasty)), settings.data / "halting.log")
    eventually(lambda: halting.sign(settings).exists(), 60)
    stop([run], 0)

    name = chosen(wanted).name
    agreed = store.agreements.embedder()
    assert agreed is not None
    assert agreed.name == (name if stage == "removing" else BUNDLED.name)
    assert vectors_of(store) == {BUNDLED.name, name}
    found = names(retriever.search(OPERATOR, "Who pays rent?"))
    # A model with weights by chance finds the same three in an order by chance.
    assert "rent.txt" in found if stage == "removing" else found[0] == "rent.txt"

    eventually(lambda: not store.installation.is_held(REINDEX))
    done = reindex(hasty, store, quietly, grace_seconds=0)

    assert done.documents == (2 if stage == "embedding" else 0)
    assert vectors_of(store) == {name}
    eventually(lambda: retriever.embedder.name == name)
    # Of a server's collection that was loaded a moment ago a search was once seen to find nothing yet.
    eventually(lambda: len(retriever.search(OPERATOR, "Who pays rent?").hits) == 3)


def test_two_runs_at_once_are_refused(store: Store, library: None, wanted: Settings) -> None:
    held = store.installation.lease(REINDEX, 30)
    assert held is not None

    with pytest.raises(Conflict, match="another process"):
        reindex(wanted, store, quietly)

    store.installation.give_back(REINDEX, held)
    assert reindex(wanted, store, quietly).documents == 3


def test_a_lease_outlasts_a_long_run(store: Store, library: None, wanted: Settings) -> None:
    hasty = wanted.model_copy(update={"lease_seconds": 1.0})
    others: list[int | None] = []

    def slowly(done: int, total: int) -> None:
        if not others:
            time.sleep(2.5)
            others.append(store.installation.lease(REINDEX, 1.0))

    reindex(hasty, store, slowly)

    assert others == [None]


@either_index
def test_with_nothing_to_change_the_indexes_are_made_anew(
    settings: Settings, store: Store, retriever: Retriever
) -> None:
    done = reindex(settings, store, quietly)

    assert (done.before, done.after, done.documents, done.rebuilt) == (BUNDLED.name, BUNDLED.name, 0, True)
    # Of a server's collection that was loaded a moment ago a search was once seen to find nothing yet.
    eventually(lambda: names(retriever.search(OPERATOR, "May I keep a pet?"))[:1] == ["dog.txt"])


def test_a_server_that_keeps_the_index_is_in_the_way(
    settings: Settings, store: Store, library: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retrieval.reindex._OWNER_SECONDS", 0.0)
    keeper = open_indexer(settings, store)
    assert keeper.try_own()

    with pytest.raises(Conflict, match="running server"):
        reindex(settings, store, quietly)

    keeper.close()


@either_index
def test_vectors_that_are_missing_are_made_and_found(store: Store, retriever: Retriever, settings: Settings) -> None:
    with store.database.write() as connection:
        connection.execute(t.vectors.delete())

    done = reindex(settings, store, quietly)

    assert done.documents == 3
    assert store.vectors.lacking(BUNDLED.name, 384) == []
    eventually(lambda: names(retriever.search(OPERATOR, "May I keep a pet?"))[:1] == ["dog.txt"])


def test_vectors_of_another_length_are_told_and_made_again(settings: Settings, store: Store, library: None) -> None:
    store.agreements.agree([BUNDLED])
    with store.database.read() as connection:
        versions = list(connection.execute(sa.select(t.vectors.c.version_id)).scalars())
    for version in versions:
        assert store.vectors.put(version, BUNDLED.name, store.passages.ids(version), factories.vectors(1))
    wrong = Retriever(settings, store)
    with pytest.raises(EmbedderChanged, match="reindex"):
        wrong.search(OPERATOR, "May I keep a pet?")
    wrong.close()

    assert reindex(settings, store, quietly).documents == 3

    right = Retriever(settings, store)
    assert names(right.search(OPERATOR, "May I keep a pet?"))[0] == "dog.txt"
    right.close()


def test_a_database_that_is_not_sound_ends_the_run(store: Store, library: None, wanted: Settings) -> None:
    with store.database.write() as connection:
        connection.execute(t.versions.update().values(passages=7))

    with pytest.raises(Conflict, match="doctor"):
        reindex(wanted, store, quietly)


def test_snapshots_of_the_former_model_go(settings: Settings, store: Store, library: None, wanted: Settings) -> None:
    uploaded = factories.upload(store, "long.txt", b"long")
    lease = store.jobs.lease("ingest", uploaded.job_id)
    assert lease is not None
    reading, vectors = factories.reading(*["Rent."] * 2_000), factories.vectors(2_000, 384)
    version = uploaded.document.version_id
    store.passages.publish(lease, version, reading, embedder=BUNDLED.name, vectors=vectors)
    with_snapshot = Retriever(settings, store)
    with_snapshot.warm()
    with_snapshot.close()
    folder = settings.index_dir / "vectors"
    assert snapshots.newest(folder, BUNDLED.name)[1] == 2_003

    reindex(wanted, store, quietly)

    assert snapshots.newest(folder, BUNDLED.name) == (0, 0)
    assert snapshots.newest(folder, chosen(wanted).name)[1] == 2_003


@either_index
def test_words_answer_while_the_model_is_away(store: Store, retriever: Retriever, wanted: Settings) -> None:
    reindex(wanted, store, quietly, grace_seconds=0)
    model = Path(wanted.embedder)
    model.rename(model.with_name("away"))

    alone = Retriever(wanted, store)

    assert names(alone.search(OPERATOR, "ZX-4711")) == ["code.txt"]
    assert "words alone" in alone.embedder_trouble()
    assert str(model.parent) not in alone.embedder_trouble()
    alone.close()
    model.with_name("away").rename(model)
    again = Retriever(wanted, store)
    assert len(again.search(OPERATOR, "ZX-4711").hits) == 3
    assert again.embedder_trouble() == ""
    again.close()


def test_vectors_are_those_of_the_passages(store: Store, publish_text: Publish, wanted: Settings) -> None:
    document = publish_text("a.txt", "Dogs are allowed.", "The tenant pays.", heading="Lease")

    reindex(wanted, store, quietly)

    embedder = open_embedder(wanted)
    blob = store.passages.vectors(document.version_id, embedder.name)
    assert blob is not None
    stored = np.frombuffer(blob, "<f2").reshape(2, embedder.dimensions).astype(np.float32)
    expected = embedder.embed_passages(["Lease\nDogs are allowed.", "Lease\nThe tenant pays."])
    assert ((stored * expected).sum(1) > 0.999).all()
