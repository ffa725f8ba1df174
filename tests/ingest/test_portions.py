"""The state of a document that several children read."""

from pathlib import Path
from typing import Any

import pytest

from core.errors import ParserLimit, UnreadableDocument
from core.settings import Settings
from core.values import Page
from ingest.messages import page_message
from ingest.portions import Budget, Portions


def opened(**changes: Any) -> list[dict[str, Any]]:
    """A child's answer to the opening of a PDF of 45 pages."""
    return [{"opened": {"media_type": "application/pdf", "title": "", "pages": 45, "warnings": [], **changes}}]


def read(first: int, last: int, text: str = "words") -> list[dict[str, Any]]:
    """A child's answer with pages."""
    return [*(page_message(Page(n, text)) for n in range(first, last + 1)), {"done": {"warnings": ["damaged"]}}]


@pytest.fixture
def portions(settings: Settings) -> Portions:
    """A document before anything is known of it."""
    return Portions(Path("/stored"), "2021/Annual report.pdf", settings)


def test_portions_read_out_of_order_make_one_document(portions: Portions) -> None:
    assert portions.begin(opened(title="Microsoft Word - Report")) == 3
    taken = [portions.take(), portions.take(), portions.take()]
    assert portions.take() is None

    for portion in reversed(taken):
        assert portion is not None
        assert not portions.wait(0)
        portions.store(portion, read(portion.first, portion.last))

    media_type, document = portions.result()
    assert portions.wait(0)
    assert (media_type, document.title, document.warnings) == ("application/pdf", "Report", ("damaged",))
    assert [page.number for page in document.pages] == list(range(1, 46))


@pytest.mark.parametrize("title", ["", "Untitled", "x"])
def test_a_title_that_says_nothing_gives_way_to_the_name(title: str, portions: Portions) -> None:
    portions.begin(opened(title=title, pages=1))
    portion = portions.take()
    assert portion is not None
    portions.store(portion, read(1, 1))

    assert portions.result()[1].title == "Annual report"


@pytest.mark.parametrize("answer", [[], [{}], [{"opened": 1}], opened(pages="x"), opened(pages=0), opened(pages=10**9)])
def test_nonsense_instead_of_an_opening(answer: list[dict[str, Any]], portions: Portions) -> None:
    with pytest.raises(UnreadableDocument, match="makes no sense"):
        portions.begin(answer)


@pytest.mark.parametrize(
    "answer", [[], [{"done": 1}], read(2, 21), read(1, 3), [{"page": 1}, {"done": {"warnings": []}}]]
)
def test_nonsense_instead_of_pages(answer: list[dict[str, Any]], portions: Portions) -> None:
    portions.begin(opened())
    portion = portions.take()
    assert portion is not None

    with pytest.raises(UnreadableDocument, match="makes no sense"):
        portions.store(portion, answer)


def test_text_of_all_portions_counts(settings: Settings) -> None:
    portions = Portions(Path("/stored"), "a.pdf", settings.model_copy(update={"max_text_chars": 30}))
    portions.begin(opened(pages=25))
    first, second = portions.take(), portions.take()
    assert first is not None
    assert second is not None
    portions.store(second, read(21, 25, "a"))

    with pytest.raises(ParserLimit, match="30 characters"):
        portions.store(first, read(1, 20, "bb"))


def test_an_abandoned_document_is_not_read_on(portions: Portions) -> None:
    portions.begin(opened())
    portion = portions.take()
    portions.abandon()

    assert portion is not None
    assert not portion.on_pages(3)
    assert portions.take() is None


def test_a_budget_is_never_below_nothing() -> None:
    budget = Budget(2.0)
    budget.spend(5.0)

    assert budget.left() == 0.0
