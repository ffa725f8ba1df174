"""The change sequence loses no number, and the log tells what is searchable."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from core.settings import ROOT, Settings, child_environment
from core.storage.changes import record_change
from core.storage.store import Store
from core.values import Operation
from tests import factories

_EACH = 100
_FROM_A_PROCESS = f"""
from core.settings import load_settings
from core.storage.store import Store
from tests.core.storage.test_changes import take_numbers
take_numbers(Store(load_settings()), {_EACH})
"""


def take_numbers(store: Store, count: int) -> list[int]:
    """Record `count` changes, each in a transaction of its own."""
    numbers = []
    for _ in range(count):
        with store.database.write() as connection:
            numbers.append(record_change(connection, Operation.DELETE, f"document-{count}", None, "collection"))
    return numbers


def test_threads_take_different_numbers(store: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        taken = [n for numbers in pool.map(lambda _: take_numbers(store, _EACH), range(4)) for n in numbers]

    assert sorted(taken) == list(range(1, 4 * _EACH + 1))


def test_processes_take_different_numbers(store: Store, settings: Settings) -> None:
    children = [
        subprocess.Popen([sys.executable, "-c", _FROM_A_PROCESS], cwd=ROOT, env=child_environment(settings))
        for _ in range(4)
    ]

    assert [child.wait() for child in children] == [0, 0, 0, 0]
    assert store.changes.latest() == 4 * _EACH


def test_the_log_keeps_the_newest_change_of_each_document(store: Store) -> None:
    first = factories.upload(store, "a.txt", b"one")
    second = factories.upload(store, "b.txt", b"two")
    factories.publish(store, first, "passage")
    factories.publish(store, second, "passage")

    receipt = store.documents.delete(first.document.id)

    assert [(c.sequence, c.operation, c.document_id) for c in store.changes.since(0)] == [
        (2, Operation.PUBLISH, second.document.id),
        (3, Operation.DELETE, first.document.id),
    ]
    assert receipt.sequence == store.changes.latest() == 3
    assert [c.document_id for c in store.changes.live()[1]] == [second.document.id]


def test_spans_tell_which_passages_each_change_published(store: Store) -> None:
    for name, passages in (("a.txt", 3), ("empty.txt", 0), ("b.txt", 2)):
        factories.publish(store, factories.upload(store, name, name.encode()), *["passage"] * passages)
    gone = factories.upload(store, "gone.txt", b"gone")
    factories.publish(store, gone, "passage")
    store.documents.delete(gone.document.id)

    found = [(change.sequence, change.operation, span) for change, span in store.changes.spans()]

    first = store.passages.ids(next(c.version_id for c in store.changes.since(0) if c.version_id))[0]
    assert found == [
        (1, Operation.PUBLISH, (first, 3)),
        (2, Operation.PUBLISH, (0, 0)),
        (3, Operation.PUBLISH, (first + 3, 2)),
        (5, Operation.DELETE, (0, 0)),
    ]
