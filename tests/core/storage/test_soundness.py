"""Damage of many kinds to the rows: each is found by its name, and mended or told for what it is."""

import json
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from core.settings import Settings
from core.storage import tables as t
from core.storage.chain import Entry
from core.storage.soundness import Problem
from core.storage.store import Store
from tests import factories

SEED = 20
TEXTS = ("The tenant pays rent in advance.", "The roof is mended each spring.", "Notice is given in writing.")


@dataclass(frozen=True)
class Sound:
    """A store in which nothing is wrong, with documents to damage."""

    store: Store
    documents: list[str]

    def run(self, *statements: sa.Executable, unchecked: bool = False) -> None:
        """Change rows behind the program's back, `unchecked` by foreign keys."""
        sqlite = self.store.database.is_sqlite
        off = "PRAGMA foreign_keys=OFF" if sqlite else "SET session_replication_role = replica"
        on = "PRAGMA foreign_keys=ON" if sqlite else "SET session_replication_role = DEFAULT"
        with self.store.database.engine.connect() as connection:
            driver = connection.connection.cursor()
            if unchecked:  # outside a transaction, where alone SQLite heeds it
                driver.execute(off)
            with connection.begin():
                for statement in statements:
                    connection.execute(statement)
            if unchecked:
                driver.execute(on)
                connection.connection.commit()

    def problems(self) -> list[Problem]:
        """Everything wrong with the rows."""
        return [*self.store.soundness.problems(), *self.store.testimony.problems()]

    def mend(self, problems: Iterable[Problem]) -> None:
        """Mend, and read again what has to be, as a worker would."""
        for problem in problems:
            self.store.testimony.mend(problem)
            job_id = self.store.soundness.mend(problem)
            lease = self.store.jobs.lease("ingest", job_id) if job_id else None
            if lease is not None:
                embedder, vectors = factories.EMBEDDER, factories.vectors(len(TEXTS))
                reading = factories.reading(*TEXTS)
                codes = [b"code"] * len(TEXTS)
                self.store.passages.publish(
                    lease, lease.job.target, reading, embedder=embedder, vectors=vectors, codes=codes
                )

    def version(self, document: str) -> str:
        return self.store.documents.get(document).version_id


@pytest.fixture
def sound(store: Store) -> Sound:
    """Documents that are read, one that was deleted and an answer about it, and decisions of moderation."""
    documents = []
    for number in range(4):
        uploaded = factories.upload(store, f"{number}.txt", b"%d" % number)
        lease = store.jobs.lease("ingest", uploaded.job_id)
        assert lease is not None
        read, vectors = factories.reading(*TEXTS), factories.vectors(len(TEXTS))
        codes = [b"code"] * len(TEXTS)
        store.passages.publish(lease, lease.job.target, read, embedder=factories.EMBEDDER, vectors=vectors, codes=codes)
        documents.append(uploaded.document.id)
    gone = documents.pop()
    store.documents.delete(gone)
    citation = {"n": 1, "document_id": documents[0], "filename": "0.txt", "page": 1, "passage_id": 1, "quote": TEXTS[0]}
    body = {"answer": TEXTS[0], "sentences": [], "citations": [citation], "status": "answered", "notices": []}
    store.answers.record("1" * 36, "Who pays?", body, user_id=None, conversation_id=None)
    store.decisions.append([Entry(float(n), str(n), "question", "allow", "rules", "1", "0" * 64) for n in range(3)])
    return Sound(store, documents)


def _of(table: sa.Table, sound: Sound, document: str) -> sa.ColumnElement[bool]:
    return table.c.version_id == sound.version(document)


_JOB = {"id": "0" * 36, "kind": "ingest", "target": "0" * 36, "state": "queued", "stage": "", "created_at": 1.0}
_JOB |= dict.fromkeys(("attempts", "done", "total"), 0)


def _spent_reading(sound: Sound, document: str) -> None:
    status = t.versions.update().where(t.versions.c.id == sound.version(document)).values(status="processing")
    sound.run(status)


def _jobless(sound: Sound, document: str) -> None:
    _spent_reading(sound, document)
    sound.run(t.jobs.delete())


def _held_for_ever(sound: Sound, document: str) -> None:
    job_id = sound.store.documents.read_again(sound.version(document))
    values = {"state": "running", "lease_token": "0", "lease_until": 1.0, "attempts": 3}
    sound.run(t.jobs.update().where(t.jobs.c.id == job_id).values(**values))


def _quote_of_nobody(sound: Sound, document: str) -> None:
    query = sa.select(t.answers.c.body)
    with sound.store.database.read() as connection:
        body = json.dumps(connection.execute(query).scalar_one())
    sound.run(t.answers.update().values(body=json.loads(body.replace(document, "0" * 36).replace('""', '"Rent"'))))


def _receipt(**values: object) -> sa.Executable:
    return t.receipts.update().values(**values)


def _damaged_receipt(sound: Sound, _document: str) -> None:
    (receipt,) = sound.store.receipts.page()
    sound.run(_receipt(body={**receipt.body, "filename": "other.txt"}))


def _deleted_again(sound: Sound, document: str) -> None:
    deleted = sound.store.receipts.page()[0].body["document_id"]
    assert isinstance(deleted, str)
    new = t.documents.c.id == document
    sound.run(
        t.documents.update().where(new).values(id=deleted),
        t.versions.update().where(t.versions.c.document_id == document).values(document_id=deleted),
        t.changes.delete().where(t.changes.c.document_id == deleted),
        t.changes.update().where(t.changes.c.document_id == document).values(document_id=deleted),
        unchecked=True,
    )


def _decision(number: int, **values: object) -> sa.Executable:
    return t.decisions.update().where(t.decisions.c.number == number).values(**values)


Damage = Callable[[Sound, str], object]
MENDED: list[tuple[str, Damage]] = [
    ("page_texts", lambda s, d: s.run(t.pages.delete().where(_of(t.pages, s, d) & (t.pages.c.number == 2)))),
    ("altered_text", lambda s, d: s.run(t.passages.update().where(_of(t.passages, s, d)).values(text="The moon."))),
    (
        "token_codes",
        lambda s, d: s.run(
            t.token_codes.delete().where(
                t.token_codes.c.passage_id.in_(sa.select(sa.func.min(t.passages.c.id)).where(_of(t.passages, s, d)))
            )
        ),
    ),
    ("not_worked", _spent_reading),
    ("not_worked", _jobless),
    ("newest_version", lambda s, d: s.run(t.documents.update().values(newest_version_id="0" * 36))),
    ("not_answering", lambda s, d: s.run(t.documents.update().values(current_version_id=None))),
    ("not_answering", lambda s, d: s.run(t.documents.update().values(current_version_id="0" * 36))),
    ("change_log", lambda s, d: s.run(t.changes.delete().where(t.changes.c.document_id == d))),
    ("change_log", lambda s, d: s.run(t.changes.update().values(operation="publish", version_id="0" * 36))),
    (
        "change_log",
        lambda s, d: s.run(t.changes.update().where(t.changes.c.document_id == d).values(operation="delete")),
    ),
    ("counter", lambda s, d: s.run(t.counters.update().where(t.counters.c.name == "changes").values(n=1))),
    ("counter", lambda s, d: s.run(t.counters.delete().where(t.counters.c.name == "changes"))),
    ("stuck_job", _held_for_ever),
    ("aimless_job", lambda s, d: s.run(t.jobs.insert().values(**_JOB))),
    ("file_row", lambda s, d: s.run(t.files.insert().values(sha256="0" * 64, size=1))),
    ("dangling_row", lambda s, d: s.run(t.files.delete(), unchecked=True)),
    (
        "dangling_row",
        lambda s, d: s.run(
            t.pages.insert().values(version_id="0" * 36, number=1, text="", width=0, height=0), unchecked=True
        ),
    ),
    ("quote_of_deleted", _quote_of_nobody),
    ("open_receipt", lambda s, d: s.run(_receipt(signature="", deleted_at=1.0, pending={"ids": [], "words": []}))),
]
# What stands in one list can be wrong at the same time.
TOLD: list[dict[str, Damage]] = [
    {
        "decision_log": lambda s, d: s.run(_decision(2, action="block")),
        "receipt": _damaged_receipt,
        "empty_document": lambda s, d: s.run(t.versions.delete().where(t.versions.c.document_id == d)),
        "lost_owner": lambda s, d: s.run(t.collections.delete(), unchecked=True),
    },
    {
        "decision_log": lambda s, d: s.run(t.decisions.delete().where(t.decisions.c.number == 3)),
        "undeleted": _deleted_again,
    },
    {"signing_key": lambda s, d: s.run(t.agreements.delete().where(t.agreements.c.name == "signing key"))},
]


def test_nothing_is_wrong_with_what_is_sound(sound: Sound) -> None:
    assert sound.problems() == []


def test_what_can_be_mended_is_found_by_name_and_mended(sound: Sound) -> None:
    chosen = random.Random(SEED)
    for kind, damage in chosen.sample(MENDED, len(MENDED)):
        damage(sound, chosen.choice(sound.documents))

        found = sound.problems()
        assert kind in {problem.kind for problem in found}
        sound.mend(found)
        assert sound.problems() == [], kind
        for document in sound.documents:
            assert len(sound.store.passages.ids(sound.version(document))) == len(TEXTS)


@pytest.mark.parametrize("damages", TOLD)
def test_what_cannot_be_mended_is_told_and_left(sound: Sound, damages: dict[str, Damage]) -> None:
    document = random.Random(SEED).choice(sound.documents)
    for damage in damages.values():
        damage(sound, document)

    found = sound.problems()
    assert damages.keys() <= {problem.kind for problem in found}
    sound.mend(found)
    assert damages.keys() <= {problem.kind for problem in sound.problems()}


def test_what_was_read_is_kept_where_the_bytes_are_gone(sound: Sound) -> None:
    document = sound.documents[0]
    sound.store.files.remove(sound.store.documents.get(document).sha256)
    sound.run(t.pages.delete().where(_of(t.pages, sound, document) & (t.pages.c.number == 2)))

    sound.mend(sound.problems())

    assert [problem.kind for problem in sound.problems()] == ["page_texts"]
    assert len(sound.store.passages.ids(sound.version(document))) == len(TEXTS)


def test_a_damaged_database_is_told(sound: Sound, settings: Settings) -> None:
    if not sound.store.database.is_sqlite:
        pytest.skip("PostgreSQL refuses to read what is damaged")
    with sound.store.database.read() as connection:
        root = "SELECT rootpage FROM sqlite_schema WHERE name = 'ix_versions_sha256'"
        page = connection.execute(sa.text(root)).scalar_one()
    sound.store.database.forget_freed()
    sound.store.database.close()
    with (settings.data / "archivar.sqlite3").open("r+b") as file:
        file.seek((page - 1) * 4096 + 100)
        file.write(random.Random(SEED).randbytes(3900))

    assert [problem.kind for problem in sound.store.soundness.problems()] == ["damaged_database"]
