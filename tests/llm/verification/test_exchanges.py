"""Two things that have changed places are told from what has only been moved."""

import pytest

from core.values import Verdict
from llm.verification import Reason, judge
from retrieval.embedders.protocol import Embedder


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        (
            "The board engaged Mercer as its adviser in place of Tarleton.",
            "The board engaged Tarleton as its adviser in place of Mercer.",
        ),
        ("Posts are reviewed by software, not by a moderator.", "Posts are reviewed by a moderator, not by software."),
        (
            "Verwendet werden die getrockneten Blüten, nicht die Wurzeln.",
            "Verwendet werden die getrockneten Wurzeln, nicht die Blüten.",
        ),
        (
            "Die Käuferin beseitigt Altlasten bis Ende 2025 auf eigene Kosten.",
            "Die Verkäuferin beseitigt Altlasten bis Ende 2025 auf eigene Kosten.",
        ),
    ],
)
def test_what_stands_in_the_place_of_another_is_caught(sentence: str, passage: str, embedder: Embedder) -> None:
    judgement = judge(sentence, [passage], embedder)

    assert judgement.verdict is Verdict.UNSUPPORTED
    assert not {Reason.ROLE, Reason.NAME}.isdisjoint(judgement.reasons)


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        ("Tarleton was engaged by the board as its adviser.", "The board engaged Tarleton as its adviser."),
        ("Die Firma Brugger erhielt den Auftrag der Stadt.", "Den Auftrag der Stadt erhielt die Firma Brugger."),
        ("In 2019 the council met in Osk with the board.", "The council met with the board in Osk in 2019."),
        (
            "Glass vessels must not be used, as the acid attacks glass.",
            "Do not use glass vessels: acid attacks glass.",
        ),
    ],
)
def test_what_is_only_moved_is_supported(sentence: str, passage: str, embedder: Embedder) -> None:
    assert judge(sentence, [passage], embedder).verdict is Verdict.SUPPORTED
