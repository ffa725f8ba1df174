"""The log of moderation: a chain that shows what was changed, and goes on after its beginning was removed."""

from collections.abc import Sequence
from threading import Thread

import pytest
import sqlalchemy as sa

from core.settings import Settings
from core.storage import tables as t
from core.storage.chain import BEGINNING, Entry
from core.storage.decisions import CHECKPOINT
from core.storage.store import Store


def entry(number: int = 0, *, at: float | None = None, point: str = "question", category: str = "S10") -> Entry:
    """A decision that differs from others of this test."""
    return Entry(
        at=1_700_000_000.25 + number if at is None else at,
        request_id=f"request-{number}",
        point=point,
        category=category,
        action="block",
        detector="basic 1",
        policy_version="1+abc",
        text_sha256="0" * 64,
        score=1,
        threshold=0.1 + 0.2,
        latency_ms=0.123,
        user_id=None,
        collections=("b", "a"),
        excerpt="=Grüße\n",
        detail={"rule": "x", "passages": [1, 2]},
    )


def append(store: Store, entries: Sequence[Entry]) -> None:
    """Each in a group of its own."""
    for one in entries:
        store.decisions.append([one])


def test_a_decision_comes_back_as_it_was(store: Store) -> None:
    assert store.decisions.append([]) == 0
    assert store.decisions.append([entry(1), entry(2)]) == 2
    assert store.decisions.append([entry(3)]) == 3

    assert [decided.entry for decided in store.decisions.all()] == [entry(1), entry(2), entry(3)]
    first, second, third = store.decisions.all()
    assert (first.previous, second.previous, third.previous) == (BEGINNING, first.hash, second.hash)
    chain = store.decisions.verify()
    assert (chain.rows, chain.removed, chain.head, chain.trouble) == (3, 0, third.hash, "")


def test_an_empty_log_is_sound(store: Store) -> None:
    chain = store.decisions.verify()

    assert (chain.rows, chain.head, chain.trouble) == (0, BEGINNING, "")
    assert store.decisions.forget(9e9) == 0


def test_pages_and_counts(store: Store) -> None:
    store.decisions.append([entry(n, category=("S1", "S10")[n % 2]) for n in range(7)])

    seen: list[int] = []
    while found := store.decisions.page(before=seen[-1] if seen else None, limit=3):
        seen += [decided.number for decided in found]

    assert seen == [7, 6, 5, 4, 3, 2, 1]
    assert [d.number for d in store.decisions.page(category="S10", point="question", action="block")] == [6, 4, 2]
    assert store.decisions.page(action="warn") == []
    assert store.decisions.counts() == [("question", "S1", "block", 4), ("question", "S10", "block", 3)]
    assert store.decisions.counts(1_700_000_006) == [("question", "S1", "block", 1)]


@pytest.mark.parametrize(
    ("tamper", "trouble"),
    [
        (t.decisions.update().where(t.decisions.c.number == 3).values(action="allow"), "Decision 3 was changed."),
        (t.decisions.update().where(t.decisions.c.number == 3).values(score=0.5), "Decision 3 was changed."),
        (t.decisions.update().where(t.decisions.c.number == 3).values(detail={}), "Decision 3 was changed."),
        (t.decisions.update().where(t.decisions.c.number == 3).values(hash="1" * 64), "Decision 3 was changed."),
        (t.decisions.delete().where(t.decisions.c.number == 3), "Decision 3 is gone."),
        (t.decisions.delete().where(t.decisions.c.number == 1), "Decision 1 is gone."),
        (t.decisions.delete().where(t.decisions.c.number > 3), "Decision 4 and those after it are gone."),
        (t.decisions.delete(), "Decision 1 and those after it are gone."),
        (t.decisions.update().where(t.decisions.c.number == 5).values(number=9), "Decision 5 is gone."),
    ],
)
def test_tampering_shows(store: Store, tamper: sa.UpdateBase, trouble: str) -> None:
    append(store, [entry(n) for n in range(5)])
    assert store.decisions.verify().trouble == ""

    with store.database.write() as connection:
        connection.execute(tamper)

    assert store.decisions.verify().trouble == trouble


def test_a_row_in_between_shows_even_with_a_right_looking_number(store: Store) -> None:
    append(store, [entry(n) for n in range(3)])
    with store.database.write() as connection:
        connection.execute(t.decisions.update().where(t.decisions.c.number == 2).values(previous="2" * 64))

    assert store.decisions.verify().trouble == "Decision 2 does not follow the one before it."


def test_removing_old_decisions_leaves_a_chain(store: Store) -> None:
    append(store, [entry(n, at=float(n)) for n in range(6)])

    assert store.decisions.forget(4.0) == 4
    assert store.decisions.verify().trouble == ""
    assert [d.number for d in store.decisions.all()] == [5, 6, 7]
    assert store.decisions.page(limit=1)[0].entry.point == CHECKPOINT
    store.decisions.append([entry(9)])
    assert store.decisions.forget(4.0) == 0
    assert store.decisions.forget(9e12) == 4
    chain = store.decisions.verify()
    assert (chain.rows, chain.removed, chain.trouble) == (1, 8, "")

    append(store, [entry(10)])
    with store.database.write() as connection:
        connection.execute(t.decisions.delete().where(t.decisions.c.point == CHECKPOINT))
    assert store.decisions.verify().trouble == "Decision 1 is gone."


def test_writers_at_the_same_time_make_one_chain(store: Store, settings: Settings) -> None:
    other = Store(settings)
    groups = [(where, n) for n in range(20) for where in (store, other)]
    threads = [Thread(target=where.decisions.append, args=([entry(n), entry(n)],)) for where, n in groups]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()

    chain = store.decisions.verify()
    assert (chain.rows, chain.trouble) == (80, "")
