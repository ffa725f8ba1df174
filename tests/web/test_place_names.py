"""Places in the language of the page."""

import pytest
from flask import Flask, g

from web.place_names import place_name


@pytest.mark.parametrize(
    ("place", "german"),
    [
        ("Slide 3", "Folie 3"),
        ("Slide 3 (hidden)", "Folie 3 (ausgeblendet)"),
        ("Slide 3 › Costs › Table 1 › rows 2-5", "Folie 3 › Costs › Tabelle 1 › Zeilen 2-5"),
        ("Attachment 1: report.docx", "Anlage 1: report.docx"),
        ("paragraph 4", "Absatz 4"),
        ("Slide › Notes", "Folie › Notizen"),
        ("Header of the state", "Header of the state"),
        ("Budget 2024!B5:F19", "Budget 2024!B5:F19"),
        ("", ""),
    ],
)
def test_words_of_parsers_are_translated_and_headings_are_not(place: str, german: str) -> None:
    app = Flask(__name__)
    with app.app_context():
        assert place_name(place) == place
        g.language = "de"
        assert place_name(place) == german
