"""The language of a document is told by its text, and not where there is too little of it."""

import pytest

from ingest.language import language_of


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The tenant pays the rent on the first day of every month, without being asked."),
        ("de", "Der Mieter zahlt die Miete am ersten Tag jedes Monats, ohne dazu aufgefordert zu werden."),
        ("es", "El inquilino paga el alquiler el primer día de cada mes sin que nadie se lo pida."),
        ("ru", "Арендатор платит арендную плату в первый день каждого месяца без напоминания."),
    ],
)
def test_a_text_tells_its_language(language: str, text: str) -> None:
    assert language_of([text]) == language


def test_figures_and_few_words_tell_none() -> None:
    assert language_of([]) == ""
    assert language_of(["12,345 67 €", "Total"]) == ""


def test_a_long_document_is_judged_by_all_of_its_parts() -> None:
    pages = ["Imprint in English: all rights are reserved by the publisher."]
    pages += ["Der Bericht beschreibt die Lage des Unternehmens im vergangenen Jahr und den Ausblick."] * 40

    assert language_of(pages) == "de"
