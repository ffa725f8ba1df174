"""Moderation as the settings open it, within the read flow."""

import time
from pathlib import Path
from threading import current_thread, main_thread

import pytest
import sqlalchemy as sa

from core.settings import Settings
from core.values import OPERATOR, AnswerStatus, Verdict
from core.wire import answer_json
from llm.moderation.categories import CATEGORIES, PII_KINDS, Point
from llm.moderation.detectors.rules import RULES
from llm.moderation.detectors.signals import SIGNALS
from llm.moderation.opening import open_moderator
from llm.services import Services
from tests.retrieval.conftest import Publish

QUESTION = "How long is the notice period?"


def test_every_question_and_every_answer_leaves_a_record(services: Services, publish_text: Publish) -> None:
    publish_text("lease.txt", "The notice period is three months.")

    answer = services.assistant.answer(OPERATOR, QUESTION)
    services.moderator.close()

    found = list(services.store.decisions.all())
    assert [(d.entry.point, d.entry.action) for d in found] == [("question", "allow"), ("answer", "allow")]
    assert {d.entry.request_id for d in found} == {answer.id}
    assert found[1].entry.collections == tuple(services.store.collections.ids())
    assert services.store.decisions.verify().trouble == ""


@pytest.mark.usefixtures("publish_text")
def test_whoever_asks_waits_for_no_record(services: Services) -> None:
    written: list[str] = []

    def note(*call: object) -> None:
        if current_thread() is main_thread():
            written.append(str(call[2]).split()[0])

    services.warm()
    sa.event.listen(services.store.database.engine, "before_cursor_execute", note)

    services.searching.search(OPERATOR, QUESTION)
    services.moderator.question(QUESTION)
    services.moderator.answer("Three months.")
    services.moderator.judge(QUESTION, Point.QUESTION)

    assert "SELECT" in written
    assert {"INSERT", "UPDATE", "DELETE"}.isdisjoint(written)


def test_no_question_waits_for_wordings_to_be_compiled(settings: Settings) -> None:
    wordings = (*RULES, *SIGNALS)
    for one in wordings:
        vars(one).pop("wording", None)

    open_moderator(settings).warm()

    assert all("wording" in vars(one) for one in wordings)


def test_a_policy_that_the_settings_name_holds(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text('version = "ours"')

    moderator = open_moderator(settings.model_copy(update={"moderation_policy": str(path)}))

    assert moderator.policy.version == "ours"
    assert moderator.source == str(path)
    assert (moderator.trouble, moderator.state) == ("", "basic")
    path.unlink()
    time.sleep(0.6)
    assert str(path) in moderator.trouble
    assert moderator.state.startswith("basic, in trouble")
    assert str(path) not in moderator.state


def test_who_is_in_need_is_offered_help(services: Services, publish_text: Publish) -> None:
    publish_text("lease.txt", "The notice period is three months.")

    answer = services.assistant.answer(OPERATOR, "I want to kill myself")
    services.moderator.close()

    assert (answer.status, answer.moderation.question) == (AnswerStatus.BLOCKED, "block")
    assert "You are not alone" in answer.answer
    assert [d.entry.category for d in services.store.decisions.all()] == ["S11"]


def test_a_card_is_blackened_in_the_answer_and_in_its_quote(services: Services, publish_text: Publish) -> None:
    publish_text("travel.txt", "The hotel was paid with the card 4111 1111 1111 1111 in May.")

    answer = services.assistant.answer(OPERATOR, "Which card was the hotel paid with?")

    assert answer.status is AnswerStatus.ANSWERED
    assert "4111" not in str(answer_json(answer))
    assert "[card number]" in answer.sentences[0].text
    assert answer.sentences[0].verdict is Verdict.SUPPORTED
    assert services.retriever.search(OPERATOR, "hotel").hits[0].passage.text.count("4111") == 1


def test_the_detector_finds_what_the_policy_knows(settings: Settings) -> None:
    moderator = open_moderator(settings)
    text = (
        "Write to ann@example.org or call +49 30 1234567. Card 4111 1111 1111 1111, IBAN DE89 3704 0044 0532 0130 00, "
        "SSN 536-22-1234, server 192.168.17.4."
    )

    judged = moderator.judge(text, Point.ANSWER)

    assert {span.kind for span in judged.findings.pii} == set(PII_KINDS)
    assert set(judged.findings.scores) <= set(CATEGORIES)
    assert judged.decision.action == "redact"
