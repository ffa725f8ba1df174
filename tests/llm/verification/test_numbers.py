"""Numbers of sentences: how they are read, and which follow from those of a passage."""

import pytest

from llm.verification.arithmetic import derived
from llm.verification.quantities import OVER, UNDER
from llm.verification.readings import read


@pytest.mark.parametrize(
    ("text", "values", "years"),
    [
        ("Staff grew from 410 to 466.", [410, 466], []),
        ("It was plundered in 832 and again in 847.", [], [832, 847]),
        ("It carries up to 160 kg.", [160], []),
        ("A pallet of 1500 kg left in 2019.", [1500], [2019]),
        ("Die Prognose steigt von 370 auf 390 Mio. Euro.", [370e6, 390e6], []),
        ("The line was called 111 times.", [111], []),
    ],
)
def test_what_is_a_number_and_what_a_year(text: str, values: list[float], years: list[int]) -> None:
    assert [quantity.value for quantity in read(text).quantities] == pytest.approx(values)
    assert [date.year for date in read(text).dates] == years


def test_many_times_as_much_is_no_count() -> None:
    kinds = [read(text).quantities[0].kind for text in ("It is 30 times as heavy.", "It was called 30 times.")]
    assert kinds == ["times", ""]


@pytest.mark.parametrize(
    ("text", "hedge"),
    [
        ("It must not exceed 20 g.", UNDER),
        ("Erlaubt sind nicht mehr als 20 Gramm.", UNDER),
        ("It takes not less than 20 minutes.", OVER),
        ("Das Seil misst wenigstens 20 Meter.", OVER),
    ],
)
def test_a_limit_is_on_its_side(text: str, hedge: str) -> None:
    assert [quantity.hedge for quantity in read(text).quantities] == [hedge]


@pytest.mark.parametrize(
    ("sentence", "passage", "follows"),
    [
        ("The four ships cost $196 million altogether.", "It ordered four ships at $49 million apiece.", True),
        ("The four ships cost $169 million altogether.", "It ordered four ships at $49 million apiece.", False),
        ("On average a package weighed 540 kg.", "Nine packages had a weight of 4,860 kg.", True),
        ("Each was cut into twenty slices.", "Cores of 40 cm were sliced at intervals of 2 cm.", True),
        ("Thirteen lie outside Europe.", "It serves 61 cities, 48 of them in Europe.", True),
        ("She was 58 years old.", "Her life lasted from 14 August 1742 to 2 March 1801.", True),
        ("She was 60 years old.", "Her life lasted from 14 August 1742 to 2 March 1801.", False),
    ],
)
def test_what_follows_from_the_numbers_of_a_passage(sentence: str, passage: str, follows: bool) -> None:
    said, written = read(sentence), read(passage)
    assert derived(said.quantities[-1], said, written) is follows
