"""What asks is left out of what is searched for by words."""

import pytest

from retrieval.interrogatives import without_interrogatives


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("Wie viele Tage Urlaub habe ich?", "Tage Urlaub habe ich?"),
        ("WELCHES Buch liegt wo?", "Buch liegt ?"),
        ("¿Cuántos empleados trabajan en Madrid?", "¿ empleados trabajan en Madrid?"),
        ("Где находится музей?", "находится музей?"),
        ("Combien d'habitants ?", "d'habitants ?"),
    ],
)
def test_words_that_ask_go(question: str, left: str) -> None:
    assert without_interrogatives(question).split() == left.split()


@pytest.mark.parametrize("question", ["", "Wer?", "wie viel", "¿Qué?"])
def test_something_is_always_left(question: str) -> None:
    assert without_interrogatives(question) == question


def test_english_stays() -> None:
    assert without_interrogatives("Which team won, and when?") == "Which team won, and when?"
