"""Feedback belongs to its answer and to whoever asked."""

from uuid import uuid4

import pytest

from core.errors import NotFound
from core.exchanges import Exchange, FeedbackReason, Origin, Rating
from core.storage.store import Store

ANN, BEN = "ann", "ben"


def _answer(store: Store, user: str = ANN, conversation: str | None = None) -> str:
    answer_id = str(uuid4())
    origin = Origin({"index": 7})
    store.answers.record(
        answer_id, "Why?", {"answer": "So."}, user_id=user, conversation_id=conversation, origin=origin
    )
    return answer_id


def _told(exchange: Exchange) -> tuple[str, Rating, FeedbackReason | None, str]:
    assert exchange.feedback is not None
    return exchange.id, exchange.feedback.rating, exchange.feedback.reason, exchange.feedback.text


def test_feedback_is_given_changed_and_taken_back(store: Store) -> None:
    answer = _answer(store)
    assert store.answers.exchange(answer, user_id=ANN).feedback is None

    store.opinions.give(answer, Rating.UP, None, "", user_id=ANN)
    store.opinions.give(answer, Rating.DOWN, FeedbackReason.OUTDATED, "Of last year.", user_id=ANN)

    (found,) = store.opinions.page()
    assert _told(found) == (answer, Rating.DOWN, FeedbackReason.OUTDATED, "Of last year.")
    assert found == store.answers.exchange(answer, user_id=ANN)
    assert (found.record, found.question) == ({"index": 7}, "Why?")
    store.opinions.take_back(answer, user_id=ANN)
    assert store.opinions.page() == []


def test_nobody_judges_what_others_were_told(store: Store) -> None:
    answer = _answer(store)

    for one in (answer, str(uuid4())):
        with pytest.raises(NotFound):
            store.opinions.give(one, Rating.DOWN, None, "", user_id=BEN)
    with pytest.raises(NotFound):
        store.opinions.take_back(answer, user_id=BEN)
    assert store.opinions.page() == []


def test_feedback_goes_with_its_conversation(store: Store) -> None:
    conversation = str(uuid4())
    store.opinions.give(_answer(store, conversation=conversation), Rating.UP, None, "", user_id=ANN)

    store.answers.forget(conversation, user_id=ANN)

    assert store.opinions.page() == []


def test_pages_of_feedback_leave_none_out(store: Store) -> None:
    for number in range(7):
        answer = _answer(store)
        reason = FeedbackReason.WRONG if number % 2 else None
        store.opinions.give(answer, Rating.DOWN if number % 2 else Rating.UP, reason, "", user_id=ANN)

    seen: list[str] = []
    while found := store.opinions.page(after=seen[-1] if seen else "", limit=2):
        seen += [exchange.id for exchange in found]

    assert len(set(seen)) == 7
    assert len(store.opinions.page(rating=Rating.UP)) == 4
    assert len(store.opinions.page(reason=FeedbackReason.WRONG)) == 3
