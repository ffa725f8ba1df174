"""The embedder that an installation agrees on: one for all processes, and swapped only when nothing is missing."""

from threading import Barrier, Thread

import pytest

from core.errors import EmbedderReplaced
from core.storage.agreements import Recipe
from core.storage.store import Store
from tests import factories

OLD = Recipe(factories.EMBEDDER, "bundled")
NEW = Recipe("new", "a folder", "query: ", "passage: ", "cls")


def test_all_processes_agree_on_one(store: Store) -> None:
    recipes = [Recipe(str(number), "m") for number in range(8)]
    together = Barrier(len(recipes))
    found: list[Recipe] = []

    def agree(recipe: Recipe) -> None:
        together.wait()
        found.append(store.agreements.agree([recipe]))

    threads = [Thread(target=agree, args=(recipe,)) for recipe in recipes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == len(recipes)
    assert len(set(found)) == 1
    assert store.agreements.embedder() == found[0]


def test_a_recipe_comes_back_as_it_was(store: Store) -> None:
    assert store.agreements.embedder() is None
    assert store.agreements.agree([NEW]) == NEW
    assert store.agreements.embedder() == NEW
    assert store.agreements.swap(OLD, 4) == 0
    assert store.agreements.embedder() == OLD


def test_the_swap_waits_for_every_version_that_answers(store: Store) -> None:
    store.agreements.agree([OLD])
    first, second = factories.upload(store, "a.txt", b"a"), factories.upload(store, "b.txt", b"b")
    factories.publish(store, first, "One.", "Two.")
    factories.publish(store, second)
    ids = store.passages.ids(first.document.version_id)

    assert store.agreements.swap(NEW, 4) == 2
    assert store.vectors.put(first.document.version_id, NEW.name, ids, factories.vectors(2))
    assert store.agreements.swap(NEW, 4) == 1
    assert store.agreements.embedder() == OLD
    assert store.vectors.put(second.document.version_id, NEW.name, [], b"")
    assert store.agreements.swap(NEW, 5) == 1  # vectors of another length
    assert store.agreements.swap(NEW, 4) == 0
    assert store.agreements.embedder() == NEW


def test_nothing_is_published_with_another_embedder(store: Store) -> None:
    uploaded = factories.upload(store)
    store.agreements.agree([NEW])

    with pytest.raises(EmbedderReplaced):
        factories.publish(store, uploaded, "One.")

    assert store.passages.ids(uploaded.document.version_id) == []
    assert store.changes.latest() == 0
