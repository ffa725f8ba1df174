"""Summaries without a Llama: the whole document, nothing twice, word for word, within rights and moderated."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from core.errors import InvalidRequest, NotFound
from core.storage.store import Store
from core.summaries import Length, Summary, SummaryOptions
from core.values import OPERATOR, CollectionRole, Document, Reader, Verdict
from llm.checking import Checker
from llm.moderation import ALLOWED, Decision, PassThrough
from llm.services import Services
from llm.summaries import Summariser
from llm.summaries.notices import EXTRACTIVE, LANGUAGE_IGNORED, LEFT_OUT, NOTHING_FOUND

Publish = Callable[..., Document]

REPORT = (
    "The company makes bicycles in two factories. It was founded in Bremen in 1921 by two brothers.",
    "Sales of bicycles increased by 12 percent to 40 million euros in 2020. Exports grew faster than sales at home.",
    "The factory in Bremen was modernised for 6 million euros. New robots weld the frames since March.",
    "Employees received a bonus of 900 euros each. The works council has agreed to shorter night shifts.",
    "The steel supplier must deliver the frames by 30 June 2021. A penalty of 1 percent is due for each week of delay.",
    "A lawsuit about brakes could cost up to 3 million euros. The insurer has rejected the claim.",
    "The board expects sales of 45 million euros in 2021. A dividend of 2 euros per share was proposed.",
)
CONTRACT = "The tenant must pay the rent by the third day of each month. The house was painted white in the year 1990."


def statements(summary: Summary) -> list[str]:
    return [statement.text for statement in summary.statements]


def test_a_summary_covers_the_document_in_its_order_and_says_that_it_quotes(
    services: Services, publish_text: Publish
) -> None:
    document = publish_text("report.txt", *REPORT)

    summary = services.summariser.document(OPERATOR, document.id, SummaryOptions())

    pages = [summary.citations[statement.citations[0] - 1].page for statement in summary.statements]
    assert pages == sorted(pages)
    assert {1, 2, 7} <= set(pages)
    assert len(set(pages)) >= 5
    assert len(summary.statements) == 10
    assert summary.model == "quoting"
    assert [notice.code for notice in summary.notices] == [EXTRACTIVE]


def test_every_statement_is_a_quote_of_what_it_cites(services: Services, publish_text: Publish) -> None:
    document = publish_text("report.txt", *REPORT)

    summary = services.summariser.document(OPERATOR, document.id, SummaryOptions(length=Length.SHORT))

    assert len(summary.statements) == 5
    for statement in summary.statements:
        (citation,) = [one for one in summary.citations if one.n in statement.citations]
        assert statement.verdict is Verdict.SUPPORTED
        assert statement.text == citation.quote
        assert statement.text in REPORT[citation.page - 1]


def test_nothing_is_said_twice(services: Services, publish_text: Publish) -> None:
    document = publish_text("report.txt", *REPORT, *(text.replace("percent", "per cent") for text in REPORT))

    found = statements(services.summariser.document(OPERATOR, document.id, SummaryOptions(length=Length.LONG)))

    assert len(found) <= 14
    assert len({text.replace("per cent", "percent") for text in found}) == len(found)


@pytest.mark.parametrize(
    ("template", "wanted", "unwanted"),
    [
        ("obligations", "The steel supplier must deliver", "founded in Bremen"),
        ("risks", "A lawsuit about brakes", "founded in Bremen"),
        ("changes", "Sales of bicycles increased", "founded in Bremen"),
        ("key_figures", "40 million euros", "founded in Bremen"),
    ],
)
def test_a_template_chooses_what_it_is_about(
    services: Services, publish_text: Publish, template: str, wanted: str, unwanted: str
) -> None:
    document = publish_text("report.txt", *REPORT)
    options = SummaryOptions(template=template, length=Length.SHORT)

    text = "\n".join(statements(services.summariser.document(OPERATOR, document.id, options)))

    assert wanted in text
    assert unwanted not in text


def test_german_obligations_are_found(services: Services, publish_text: Publish) -> None:
    document = publish_text(
        "vertrag.txt",
        "Der Mieter muss die Miete bis zum dritten Werktag zahlen. Das Haus wurde im Jahr 1990 weiß gestrichen.",
    )

    summary = services.summariser.document(OPERATOR, document.id, SummaryOptions(template="obligations"))

    assert statements(summary) == ["Der Mieter muss die Miete bis zum dritten Werktag zahlen."]


def test_a_focus_decides_what_comes_in(services: Services, publish_text: Publish) -> None:
    document = publish_text("report.txt", *REPORT)
    options = SummaryOptions(length=Length.SHORT, focus="pay and working hours of the employees")

    found = statements(services.summariser.document(OPERATOR, document.id, options))

    assert "Employees received a bonus of 900 euros each." in found
    assert "The works council has agreed to shorter night shifts." in found


def test_wishes_that_quoting_cannot_fulfil_are_named(services: Services, publish_text: Publish) -> None:
    document = publish_text("report.txt", *REPORT)

    summary = services.summariser.document(OPERATOR, document.id, SummaryOptions(language="de"))

    assert LANGUAGE_IGNORED in [notice.code for notice in summary.notices]


def test_what_the_reader_may_not_read_is_not_there(services: Services, store: Store, publish_text: Publish) -> None:
    document = publish_text("report.txt", *REPORT)
    stranger = Reader(user_id="s", collections={"another": CollectionRole.OWNER})

    with pytest.raises(NotFound) as refused:
        services.summariser.document(stranger, document.id, SummaryOptions())
    with pytest.raises(NotFound) as missing:
        services.summariser.document(stranger, "nothing", SummaryOptions())
    with pytest.raises(NotFound):
        services.summariser.estimate(stranger, [document.id], SummaryOptions())

    assert refused.value.message == missing.value.message


@pytest.mark.parametrize(
    "options",
    [SummaryOptions(template="poem"), SummaryOptions(language="Klingon!"), SummaryOptions(focus="x" * 501)],
)
def test_options_that_make_no_sense_are_refused(
    services: Services, publish_text: Publish, options: SummaryOptions
) -> None:
    document = publish_text("report.txt", *REPORT)

    with pytest.raises(InvalidRequest):
        services.summariser.document(OPERATOR, document.id, options)


def test_a_document_without_sentences_gives_none(services: Services, publish_text: Publish) -> None:
    document = publish_text("numbers.txt", "12 14 15\n17 18 19")

    summary = services.summariser.document(OPERATOR, document.id, SummaryOptions())

    assert summary.statements == ()
    assert [notice.code for notice in summary.notices] == [EXTRACTIVE, NOTHING_FOUND]


def test_what_is_blackened_in_passages_is_not_quoted(services: Services, publish_text: Publish) -> None:
    card = "The deposit was paid with the card 4111 1111 1111 1111 of the tenant in May."
    document = publish_text("contract.txt", f"{CONTRACT} {card}")

    summary = services.summariser.document(OPERATOR, document.id, SummaryOptions())

    assert len(summary.statements) == 2
    assert "4111" not in str(summary)


class Refusing(PassThrough):
    """Blocks whatever has a word."""

    def __init__(self, word: str) -> None:
        self._word = word

    def of(self, exchange: object) -> "Refusing":
        return self

    def question(self, text: str) -> Decision:
        return self._judged(text)

    def answer(self, text: str) -> Decision:
        return self._judged(text)

    def _judged(self, text: str) -> Decision:
        return Decision("block", "Not shown.") if self._word in text else Decision(ALLOWED, text)


def test_what_moderation_blocks_takes_the_summary_with_it(services: Services, publish_text: Publish) -> None:
    document = publish_text("report.txt", *REPORT)

    def refusing(word: str) -> Summariser:
        checker = Checker(lambda: services.retriever.embedder)
        return Summariser(services.store, lambda: services.retriever.embedder, lambda: Refusing(word), checker)

    blocked = refusing("bicycles").document(OPERATOR, document.id, SummaryOptions())
    asked = refusing("weapons").document(OPERATOR, document.id, SummaryOptions(focus="weapons"))

    for summary in (blocked, asked):
        assert statements(summary) == ["Not shown."]
        assert summary.citations == ()
        assert summary.moderation == "block"


def test_many_documents_each_have_their_share_and_say_nothing_twice(services: Services, publish_text: Publish) -> None:
    options = SummaryOptions(length=Length.SHORT)
    documents = [
        publish_text("report.txt", *REPORT),
        publish_text("copy.txt", *REPORT),
        publish_text("contract.txt", CONTRACT),
    ]
    parts = [(one.id, services.summariser.document(OPERATOR, one.id, options)) for one in documents]

    summary = services.summariser.many(OPERATOR, parts, options)

    found = statements(summary)
    assert len(set(found)) == len(found) == 5
    assert {statement.heading for statement in summary.statements} >= {"report.txt", "contract.txt"}
    cited = {n for statement in summary.statements for n in statement.citations}
    assert cited == {citation.n for citation in summary.citations}
    assert {citation.document_id for citation in summary.citations} == {one.id for one in documents}
    for statement in summary.statements:
        assert all(summary.citations[n - 1].quote == statement.text for n in statement.citations)


def test_what_differs_only_in_its_figures_is_said_of_each_document(services: Services, publish_text: Publish) -> None:
    text = "Net sales of the company increased by 5 percent to 20 million euros in the year."
    documents = [publish_text("a.txt", text), publish_text("b.txt", text.replace("5 percent", "9 percent"))]
    parts = [(one.id, services.summariser.document(OPERATOR, one.id, SummaryOptions())) for one in documents]

    assert len(services.summariser.many(OPERATOR, parts, SummaryOptions()).statements) == 2


def test_documents_that_are_gone_are_left_out_of_many(services: Services, store: Store, publish_text: Publish) -> None:
    documents = [publish_text("report.txt", *REPORT), publish_text("contract.txt", CONTRACT)]
    parts = [(one.id, services.summariser.document(OPERATOR, one.id, SummaryOptions())) for one in documents]
    store.documents.delete(documents[0].id)

    summary = services.summariser.many(OPERATOR, parts, SummaryOptions())

    assert {citation.filename for citation in summary.citations} == {"contract.txt"}
    assert LEFT_OUT in [notice.code for notice in summary.notices]
    with pytest.raises(NotFound):
        services.summariser.many(replace(OPERATOR, operator=False), parts[:1], SummaryOptions())


def test_an_estimate_counts_without_reading(services: Services, publish_text: Publish) -> None:
    document = publish_text("report.txt", *REPORT)

    estimate = services.summariser.estimate(OPERATOR, [document.id], SummaryOptions())

    assert (estimate.documents, estimate.pages, estimate.passages, estimate.tokens) == (1, 7, 7, 0)
    assert estimate.seconds is not None
