"""Conversations: follow-ups are understood from their own history, and what was deleted does not come back."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from uuid import uuid4

import pytest

from core.errors import NotFound
from core.exchanges import Earlier
from core.filters import Filter
from core.storage.store import Store
from core.values import OPERATOR, AnswerStatus, CollectionRole, Document, Hit, Reader
from llm.assistant import Assistant
from llm.events import Finished, SentenceChecked, Understood, Waiting
from llm.moderation import Decision, PassThrough
from llm.records import sha256
from llm.replaying import replay
from llm.rewriting import Understanding
from llm.services import Services
from llm.writers import Draft, Source
from tests.retrieval.conftest import Publish

NOTICE = "How long is the notice period of the lease?"
RENT = "How high is the rent of the lease?"
DEPOSIT = "And the deposit?"
WHOLE = "How high is the deposit of the lease?"


class Listening:
    """A rewriter that notes what it is told of the conversation."""

    def __init__(self, whole: str | None = None) -> None:
        self.whole = whole
        self.told: list[Sequence[Earlier]] = []

    def understood(self, question: str, earlier: Sequence[Earlier]) -> Understanding:
        """What it was told to say, from the second question on."""
        self.told.append(earlier)
        yield Waiting(1)
        return self.whole if earlier else None


@pytest.fixture
def lease(publish_text: Publish) -> Document:
    """A document to talk about."""
    return publish_text(
        "lease.txt", "The notice period of the lease is three months.", "The deposit of the lease is 900 euros."
    )


def _assistant(services: Services, rewriter: Listening, **parts: object) -> Assistant:
    writer = parts.get("writer", services.assistant._writer)
    moderator = parts.get("moderator", PassThrough())
    return Assistant(services.store, services.retriever, writer, moderator, rewriter=rewriter)  # type: ignore[arg-type]


@pytest.mark.usefixtures("lease")
def test_a_follow_up_takes_over_what_it_leaves_out(services: Services) -> None:
    conversation = str(uuid4())
    first = services.assistant.answer(OPERATOR, RENT, conversation_id=conversation)
    events = list(services.assistant.events(OPERATOR, DEPOSIT, conversation_id=conversation))

    assert first.question_understood is None
    assert events[0] == Understood(WHOLE)
    last = events[-1]
    assert isinstance(last, Finished)
    assert last.answer.question_understood == WHOLE
    assert last.answer.sentences[0].text == "The deposit of the lease is 900 euros."
    exchange = services.store.answers.exchanges(conversation, user_id=None)[1]
    assert (exchange.question, exchange.answer["question_understood"]) == (DEPOSIT, WHOLE)
    alone = services.assistant.answer(OPERATOR, DEPOSIT)
    assert alone.question_understood is None


@pytest.mark.usefixtures("lease")
def test_only_the_own_conversation_is_told_and_only_its_end(services: Services) -> None:
    shared, listening = str(uuid4()), Listening()
    assistant = _assistant(services, listening)
    admin = Reader("ann", role=OPERATOR.role)
    for number in range(8):
        assistant.answer(OPERATOR, f"{NOTICE} {number}", conversation_id=shared)
    assistant.answer(admin, DEPOSIT, conversation_id=shared)

    assert [len(told) for told in listening.told] == [0, 1, 2, 3, 4, 5, 6, 6, 0]
    assert listening.told[7][-1].question == f"{NOTICE} 6"
    assert listening.told[7][-1].answer.startswith("The notice period of the lease is three months.")


def test_words_of_documents_that_are_gone_or_closed_are_not_told(services: Services, lease: Document) -> None:
    conversation, listening = str(uuid4()), Listening()
    assistant = _assistant(services, listening)
    reader = Reader("ann", collections={lease.collection_id: CollectionRole.READER})
    assistant.answer(reader, NOTICE, conversation_id=conversation)
    assistant.answer(reader, DEPOSIT, conversation_id=conversation)
    assistant.answer(Reader("ann"), DEPOSIT, conversation_id=conversation)
    services.store.documents.delete(lease.id)
    assistant.answer(reader, DEPOSIT, conversation_id=conversation)

    said = ["three months" in told[0].answer for told in listening.told[1:]]
    assert said == [True, False, False]
    assert all(told[0].question == NOTICE for told in listening.told[1:])


class NoDeposits(PassThrough):
    """Lets nobody ask for deposits of leases."""

    def question(self, text: str) -> Decision:
        """Blocked only once it is understood."""
        return Decision("block", "Not answered here.") if "deposit of the lease" in text else Decision("log", text)


@pytest.mark.usefixtures("lease")
def test_what_a_question_means_is_moderated_too(services: Services) -> None:
    conversation = str(uuid4())
    assistant = _assistant(services, Listening(WHOLE), moderator=NoDeposits())
    assistant.answer(OPERATOR, NOTICE, conversation_id=conversation)

    answer = assistant.answer(OPERATOR, DEPOSIT, conversation_id=conversation)

    assert (answer.status, answer.question_understood) == (AnswerStatus.BLOCKED, None)
    assert "900 euros" not in str(services.store.answers.exchanges(conversation, user_id=None)[1])


@pytest.mark.usefixtures("lease")
def test_an_answer_under_way_does_not_bring_back_its_conversation(services: Services) -> None:
    conversation, answers = str(uuid4()), services.store.answers
    services.assistant.answer(OPERATOR, NOTICE, conversation_id=conversation)
    events = services.assistant.events(OPERATOR, NOTICE, conversation_id=conversation)
    assert isinstance(next(events), SentenceChecked)

    answers.forget(conversation, user_id=None)
    *_, last = events

    assert isinstance(last, Finished)
    assert answers.conversations(None) == []
    with pytest.raises(NotFound):
        answers.get(last.answer.id, user_id=None)


class Rereading:
    """A writer whose sentence is the best passage, as it stands now."""

    model = "rereading"
    introduction = ""

    def write(self, question: str, hits: Sequence[Hit]) -> Iterator[Draft]:
        """One sentence, if anything was found."""
        for hit in hits[:1]:
            yield Draft(hit.passage.text, (Source(hit.passage, hit.passage.text),))


def test_an_answer_is_recorded_with_how_it_came_about(services: Services, lease: Document) -> None:
    within = Filter(documents=(lease.id,))
    answer = services.assistant.answer(OPERATOR, NOTICE, within=within)

    record = services.store.answers.exchange(answer.id, user_id=None).record

    assert record is not None
    assert (record["filters"], record["index"]) == ({"documents": [lease.id]}, services.store.changes.latest())
    assert record["parameters"]["embedder"]
    found = services.retriever.search(OPERATOR, NOTICE, within=within).hits
    assert [(one["passage_id"], one["sha256"]) for one in record["passages"]] == [
        (hit.passage.id, sha256(hit.passage.text)) for hit in found
    ]


def test_a_replay_shows_what_differs(services: Services, store: Store, lease: Document, publish_text: Publish) -> None:
    other = publish_text("other.txt", "A notice is given in writing.")
    asked = services.assistant.answer(OPERATOR, NOTICE)
    exchange = store.answers.exchange(asked.id, user_id=None)

    same = replay(services.assistant, store, OPERATOR, exchange)
    publish_text("lease.txt", "The notice period of the lease is six months.", "The deposit of the lease is 900 euros.")
    publish_text("third.txt", "The notice period of a garage is one month.")
    store.documents.delete(other.id)
    with closing(Services(services.settings)) as opened:
        changed = replay(opened.assistant, store, OPERATOR, exchange)
        model = replay(_assistant(opened, Listening(), writer=Rereading()), store, OPERATOR, exchange)

    assert (same["differs"], same["now"]["answer"]) == ([], asked.answer)
    assert set(changed["differs"]) == {"answer", "index", "passages"}
    assert "three months" in changed["before"]["answer"] and "six months" in changed["now"]["answer"]
    told = {state: [one["document_id"] for one in passages] for state, passages in changed["passages"].items()}
    assert (told["gone"], told["changed"], told["left"]) == ([other.id], [lease.id], [])
    assert len(told["new"]) == 2
    assert "model" in model["differs"] and model["now"]["model"] == "rereading"
    assert len(store.answers.conversations(None)) == 0


def test_a_replay_shows_nothing_that_was_closed_since(services: Services, store: Store, lease: Document) -> None:
    reader = Reader("ann", collections={lease.collection_id: CollectionRole.READER})
    within = Filter(collections=(lease.collection_id,))
    asked = services.assistant.answer(reader, NOTICE, within=within)
    exchange = store.answers.exchange(asked.id, user_id="ann")

    told = replay(services.assistant, store, Reader("ann"), exchange)

    assert told["before"]["answer"] is None and told["before"]["citations"] == []
    assert told["now"]["status"] == "not_found"
    assert {one["document_id"] for one in told["passages"]["gone"]} == {lease.id}
    assert "months" not in str(told)
