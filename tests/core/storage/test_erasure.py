"""Excerpts in the moderation log go with the document that they are of, and the log can still be proved."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import sqlalchemy as sa

from core.exchanges import Origin
from core.settings import Settings
from core.storage import tables as t
from core.storage.backup import back_up
from core.storage.chain import BEGINNING, ERASED, FORM, FORMER, Decided, Entry, chained, values
from core.storage.database import Database
from core.storage.erasure import Quotes
from core.storage.migrate import upgrade
from core.storage.restore import restore
from core.storage.store import Store
from tests.core.storage.test_receipts import CANARY, answer, publish
from tests.places import unmigrate

OTHER = "Something else entirely: the ferry to the island costs four euros and leaves at noon."


def entry(excerpt: str, point: str = "question", *, request: str = "r", **detail: Any) -> Entry:
    """A decision with an excerpt."""
    found = Entry(1.7e9 + 0.25, request, point, "log", "basic 1", "1+abc", "0" * 64, "S10", 1, 0.1 + 0.2, 1.5)
    return replace(found, excerpt=excerpt, detail=detail)


def excerpts(store: Store) -> list[str]:
    """Those that are left, empty ones as dashes; without rows about the log itself."""
    return [one.entry.excerpt or "-" for one in store.decisions.all() if one.entry.point != ERASED]


def append_former(store: Store, entries: Sequence[Entry]) -> None:
    """Rows as they were written before excerpts had seals."""
    with store.database.write() as connection:
        previous = BEGINNING
        for number, one in enumerate(entries, 1):
            own = chained(previous, number, one, None)
            link = {"form": FORMER, "excerpt_sha256": "", "excerpt_salt": "", "previous": previous, "hash": own}
            connection.execute(t.decisions.insert().values(number=number, **values(one), **link))
            previous = own
        connection.execute(t.counters.update().where(t.counters.c.name == "decisions").values(n=len(entries)))


def tamper(store: Store, number: int, **changed: Any) -> None:
    """Change a row behind the log's back."""
    with store.database.write() as connection:
        connection.execute(t.decisions.update().where(t.decisions.c.number == number).values(**changed))


def row(store: Store, number: int) -> Decided:
    """A decision by its number."""
    return next(one for one in store.decisions.all() if one.number == number)


def test_what_came_from_a_document_goes_with_it(store: Store) -> None:
    gone, kept = publish(store), publish(store, "b.txt", OTHER, CANARY)
    store.answers.record("1" * 36, "Who counts?", answer(gone), user_id=None, conversation_id=None)
    store.answers.record("2" * 36, "Ferry?", answer(kept, OTHER), user_id=None, conversation_id=None)
    with store.database.read() as connection:
        query = sa.select(sa.func.min(t.passages.c.id)).where(t.passages.c.text == CANARY)
        passage = connection.execute(query).scalar_one()
    store.decisions.append(
        [
            entry("A heron.", "passage", documents=[gone], passage=99),
            entry("The heron.", "passage", passage=passage),
            entry("No right.", "retrieval", passages=[98, passage]),
            entry("It is eleven.", "answer", request="1" * 36),
            entry("Who counts?", "question", request="1" * 36),
            entry(f"Is it true that “{CANARY.upper()}”?"),
            entry("A ferry.", "answer", request="2" * 36),
            entry(CANARY, "passage", documents=[kept], passage=97),
            entry("", "answer", request="1" * 36),
        ]
    )
    head = store.decisions.verify().head

    receipt = store.documents.delete(gone).receipt

    assert excerpts(store) == ["-", "-", "-", "-", "Who counts?", "-", "A ferry.", CANARY, "-"]
    assert receipt.body["removed"]["excerpts"] == 5
    first, last = row(store, 1), row(store, 10)
    assert (first.erased_for, first.seal.salt, row(store, 9).erased_at) == (gone, "", None)
    assert (last.entry.point, last.entry.at, last.previous) == (ERASED, first.erased_at, head)
    assert (last.entry.detail["document"], last.entry.detail["rows"]) == (gone, [1, 2, 3, 4, 6])
    chain = store.decisions.verify()
    assert (chain.rows, chain.erased, chain.trouble) == (10, 5, "")
    assert receipt.body["clean"]


def test_what_could_have_been_quoted_goes_too(store: Store) -> None:
    gone, kept = publish(store), publish(store, "b.txt", OTHER)
    could = Origin({"passages": [{"document_id": gone, "passage_id": 1}]}, None)
    blocked = {**answer(kept, "Blocked."), "citations": []}
    store.answers.record("1" * 36, "Who?", blocked, user_id=None, conversation_id=None, origin=could)
    store.decisions.append([entry("Something of it.", "generation", request="1" * 36)])

    assert store.documents.delete(gone).receipt.body["removed"]["excerpts"] == 1
    assert excerpts(store) == ["-"]


def test_nothing_is_written_where_no_excerpt_is_concerned(store: Store) -> None:
    store.decisions.append([entry(""), entry(OTHER)])

    assert store.documents.delete(publish(store)).receipt.body["removed"]["excerpts"] == 0
    assert (excerpts(store), store.decisions.verify().rows) == (["-", OTHER], 2)


def test_an_excerpt_that_comes_too_late_is_not_kept(store: Store) -> None:
    gone, kept = publish(store), publish(store, "b.txt", OTHER)
    store.documents.delete(gone)

    store.decisions.append([entry("A heron.", "answer", documents=[gone, kept]), entry("A ferry.", documents=[kept])])

    assert (excerpts(store), store.decisions.verify().trouble) == (["-", "A ferry."], "")


def test_rows_of_the_former_form_are_proved_before_and_after(store: Store) -> None:
    gone = publish(store)
    append_former(store, [entry(CANARY), entry(OTHER), entry("")])
    store.decisions.append([entry(CANARY), entry(OTHER)])
    assert [one.form for one in store.decisions.all()] == [FORMER] * 3 + [FORM] * 2
    before = store.decisions.verify()
    hashes = [one.hash for one in store.decisions.all()]

    store.documents.delete(gone)

    assert excerpts(store) == ["-", OTHER, "-", "-", OTHER]
    assert [one.hash for one in store.decisions.all()][:5] == hashes
    after = store.decisions.verify()
    assert (before.trouble, after.trouble, after.erased) == ("", "", 2)
    tamper(store, 1, action="allow")
    assert store.decisions.verify().trouble == "Decision 1 was changed."


def test_erasing_does_not_cover_up_that_a_row_was_changed(store: Store) -> None:
    gone = publish(store)
    append_former(store, [entry(CANARY)])
    tamper(store, 1, action="allow")

    store.documents.delete(gone)

    assert store.decisions.verify().trouble == "Decision 1 was changed."


_CHANGED = "Decision {} was changed."
_LOST = "Decision {} has lost its excerpt, and no later one says why."
_EMPTY = {"excerpt": "", "excerpt_salt": ""}
TAMPERING: Sequence[tuple[int, dict[str, Any], str]] = (
    (1, {"action": "allow"}, _CHANGED),
    (1, {"excerpt": "Another."}, _CHANGED),
    (1, {"excerpt_sha256": "0" * 64}, _CHANGED),
    (1, {"erased_for": "0" * 36}, _LOST),
    (1, {"erased_at": 1.0}, _LOST),
    (1, {"erased_at": None}, _CHANGED),
    (2, _EMPTY, _CHANGED),
    (2, {**_EMPTY, "erased_at": 1.0, "erased_for": "x"}, _LOST),
    (2, {"excerpt_salt": "0"}, _CHANGED),
    (2, {"form": FORMER}, _CHANGED),
    (3, {"detail": {}}, _CHANGED),
)


def test_tampering_with_what_is_erased_shows(store: Store) -> None:
    store.decisions.append([entry(CANARY), entry(OTHER)])
    store.documents.delete(publish(store))
    assert store.decisions.verify().trouble == ""

    for number, changed, trouble in TAMPERING:
        columns = [t.decisions.c[name] for name in changed]
        with store.database.read() as connection:
            was = connection.execute(sa.select(*columns).where(t.decisions.c.number == number)).one()._asdict()
        tamper(store, number, **changed)
        assert store.decisions.verify().trouble == trouble.format(number), changed
        tamper(store, number, **was)

    tamper(store, 2, **_EMPTY)
    assert [one.kind for one in store.testimony.problems()] == ["decision_log"]


def test_what_is_erased_is_forgotten_like_other_rows(store: Store) -> None:
    store.decisions.append([entry(CANARY), replace(entry(OTHER), at=9e12)])
    store.documents.delete(publish(store))

    assert store.decisions.forget(8e12) == 1
    chain = store.decisions.verify()
    assert (chain.rows, chain.removed, chain.erased, chain.trouble) == (3, 1, 0, "")


def test_a_backup_keeps_what_is_erased_and_brings_back_no_more_than_it_has(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    first, second = publish(store), publish(store, "b.txt", OTHER)
    append_former(store, [entry(CANARY)])
    store.decisions.append([entry(CANARY), entry(OTHER)])
    store.documents.delete(first)
    back_up(store, tmp_path / "backup", lambda *_: None)
    store.documents.delete(second)
    log = [one for one in store.decisions.all() if one.number <= 4]
    store.close()

    restore(settings, tmp_path / "backup", lambda *_: None, replace=True, without_deleted=True)

    with closing(Store(settings)) as opened:
        assert excerpts(opened) == ["-", "-", "-"]
        assert list(opened.decisions.all())[:2] == log[:2]
        chain = opened.decisions.verify()
        assert (chain.erased, chain.trouble) == (3, "")


def test_migrating_changes_no_row_and_no_hash(settings: Settings) -> None:
    unmigrate(settings)
    one = entry(CANARY)
    with closing(Database(settings.sqlalchemy_url)) as former, former.write() as connection:
        upgrade(connection, "0017")
        table = sa.Table("decisions", sa.MetaData(), autoload_with=connection)
        own = chained(BEGINNING, 1, one, None)
        connection.execute(table.insert().values(number=1, **values(one), previous=BEGINNING, hash=own))
        connection.execute(t.counters.update().where(t.counters.c.name == "decisions").values(n=1))

    with closing(Store(settings)) as store:
        assert list(store.decisions.all()) == [Decided(1, one, BEGINNING, own, FORMER)]
        assert store.decisions.verify().trouble == ""
        store.decisions.append([entry(CANARY)])
        store.documents.delete(publish(store))
        assert (excerpts(store), store.decisions.verify().trouble) == (["-", "-"], "")


def test_how_much_of_a_text_is_a_quote() -> None:
    quotes = Quotes([CANARY, "Short.", ""])

    assert quotes.are_in(f"See: the HERON of Zwickau, stands\nin the reeds -- and counts eleven carp? {OTHER}")
    assert quotes.are_in(CANARY[2:-1])
    assert not quotes.are_in("The heron of Zwickau stands in the rain.")
    assert not any(quotes.are_in(text) for text in ("", "Short.", OTHER))


def test_doctor_finds_what_was_left_before_and_erases_it(store: Store) -> None:
    gone, kept = publish(store), publish(store, "b.txt", OTHER)
    store.documents.delete(gone)
    store.answers.record("1" * 36, "Who?", answer(gone), user_id=None, conversation_id=None)
    store.answers.record("2" * 36, "Ferry?", answer(kept, OTHER), user_id=None, conversation_id=None)
    append_former(store, [entry(CANARY, "answer", request="1" * 36), entry(OTHER, "answer", request="2" * 36)])

    (problem,) = store.testimony.problems()
    assert (problem.kind, problem.subject) == ("excerpt_of_deleted", gone)
    store.testimony.mend(problem)

    assert excerpts(store) == ["-", OTHER]
    assert list(store.testimony.problems()) == []


def test_what_is_written_down_while_documents_go_is_of_none_that_is_gone(store: Store, settings: Settings) -> None:
    ids = [publish(store, f"{number}.txt", f"{number}: {CANARY}") for number in range(4)]
    both = [ids[0], ids[1]]
    ended = Event()

    def decide() -> None:
        with closing(Store(settings)) as other:
            while not ended.wait(0.01):
                several = [entry(f"Of {one}.", "answer", documents=[one]) for one in ids]
                other.decisions.append([*several, entry("Of both.", "answer", documents=both)])

    with ThreadPoolExecutor(2) as pool:
        deciding = [pool.submit(decide) for _ in range(2)]
        for document_id in ids[:3]:
            store.documents.delete(document_id)
        ended.set()
        for one in deciding:
            one.result()

    assert {one for one in excerpts(store) if one != "-"} <= {f"Of {one}." for one in ids[3:]}
    assert store.decisions.verify().trouble == ""
