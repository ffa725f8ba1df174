"""Answers and conversations: kept, listed by the latest question, and never another person's."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from core.errors import NotFound
from core.exchanges import Origin
from core.storage.store import Store

ANN, BEN = str(uuid4()), str(uuid4())


def ask(store: Store, question: str, conversation: str | None, *, user: str = ANN) -> str:
    """Record an answer to a question."""
    answer_id = str(uuid4())
    store.answers.record(answer_id, question, {"answer": question}, user_id=user, conversation_id=conversation)
    return answer_id


def test_a_conversation_is_titled_by_its_first_question_and_ordered_by_its_last(store: Store) -> None:
    first, second = str(uuid4()), str(uuid4())
    for question, conversation in (("One?", first), ("Two?", second), ("Three?", first), ("Alone?", None)):
        ask(store, question, conversation)

    found = store.answers.conversations(ANN)

    assert [(c.id, c.title, c.questions) for c in found] == [(first, "One?", 2), (second, "Two?", 1)]
    assert found[0].updated_at >= found[1].updated_at
    exchanges = store.answers.exchanges(first, user_id=ANN)
    assert [(e.question, e.answer) for e in exchanges] == [
        ("One?", {"answer": "One?"}),
        ("Three?", {"answer": "Three?"}),
    ]


def test_pages_of_conversations_leave_none_out(store: Store) -> None:
    asked = [str(uuid4()) for _ in range(7)]
    for conversation in asked:
        ask(store, "Why?", conversation)

    seen: list[str] = []
    while found := store.answers.conversations(ANN, after=seen[-1] if seen else "", limit=2):
        seen += [conversation.id for conversation in found]

    assert sorted(seen) == sorted(asked)
    assert seen == [conversation.id for conversation in store.answers.conversations(ANN)]


def test_the_same_id_is_two_conversations_for_two_people(store: Store) -> None:
    shared = str(uuid4())
    answer_id = ask(store, "Ann's?", shared)
    ask(store, "Ben's?", shared, user=BEN)

    assert [c.title for c in store.answers.conversations(BEN)] == ["Ben's?"]
    assert [e.question for e in store.answers.exchanges(shared, user_id=BEN)] == ["Ben's?"]
    assert store.answers.forget(shared, user_id=BEN) == 1
    assert store.answers.get(answer_id, user_id=ANN) == {"answer": "Ann's?"}
    with pytest.raises(NotFound):
        store.answers.get(answer_id, user_id=BEN)
    with pytest.raises(NotFound):
        store.answers.exchanges(shared, user_id=BEN)
    with pytest.raises(NotFound):
        store.answers.forget(shared, user_id=BEN)


def test_an_answer_does_not_bring_back_a_conversation_that_was_deleted_meanwhile(store: Store) -> None:
    conversation = str(uuid4())
    ask(store, "One?", conversation)
    history = store.answers.history(conversation, user_id=ANN, most=5)

    store.answers.forget(conversation, user_id=ANN)

    late = Origin(asked_at=history.at)
    written = {"user_id": ANN, "conversation_id": conversation, "origin": late}
    assert not store.answers.record(str(uuid4()), "Two?", {}, **written)  # type: ignore[arg-type]
    assert store.answers.conversations(ANN) == []
    assert store.answers.record(str(uuid4()), "Two?", {}, **{**written, "user_id": BEN})  # type: ignore[arg-type]
    begun = Origin(asked_at=store.answers.history(conversation, user_id=ANN, most=5).at + 0.001)
    assert store.answers.record(str(uuid4()), "New?", {}, user_id=ANN, conversation_id=conversation, origin=begun)


def test_deleting_waits_for_an_answer_that_is_being_stored(store: Store) -> None:
    # Each answer is either stored before the deletion and goes with it, or stays away.
    conversation = str(uuid4())
    for _ in range(10):
        ask(store, "One?", conversation)
        origin = Origin(asked_at=store.answers.history(conversation, user_id=ANN, most=1).at)
        with ThreadPoolExecutor(2) as pool:
            stored = pool.submit(
                store.answers.record,
                str(uuid4()), "Late?", {}, user_id=ANN, conversation_id=conversation, origin=origin,
            )  # fmt: skip
            pool.submit(store.answers.forget, conversation, user_id=ANN).result()
            stored.result()
        assert store.answers.conversations(ANN) == []


def test_history_has_the_last_questions_of_this_person(store: Store) -> None:
    conversation = str(uuid4())
    for question in ("One?", "Two?", "Three?"):
        ask(store, question, conversation)
    ask(store, "Ben's?", conversation, user=BEN)

    history = store.answers.history(conversation, user_id=ANN, most=2)

    assert [exchange.question for exchange in history.exchanges] == ["Two?", "Three?"]
    assert store.answers.history(str(uuid4()), user_id=ANN, most=2).exchanges == ()
