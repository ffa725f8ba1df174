"""The models read real pictures."""

import re

import pytest
from PIL import Image

from ingest.recognition import Recogniser, Sighting
from tests.ingest.scan_files import ENGLISH, GERMAN, picture_of, sheet


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    """The models, loaded once for all tests here."""
    return Recogniser(threads=1)


def words(sighting: Sighting) -> set[str]:
    """All words that were read."""
    return set(re.findall(r"\w+", " ".join(strip.text for strip in sighting.strips)))


def test_german_keeps_its_letters(recogniser: Recogniser) -> None:
    sighting = recogniser.read(picture_of(sheet(GERMAN)))

    assert sighting.turns == 0
    assert words(sighting) >= set(re.findall(r"\w+", " ".join(GERMAN)))
    assert all(strip.score > 0.9 for strip in sighting.strips)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_page_that_was_put_in_the_wrong_way_up(recogniser: Recogniser, turns: int) -> None:
    picture = picture_of(sheet(ENGLISH)).rotate(-90 * turns, expand=True)

    sighting = recogniser.read(picture)

    assert sighting.turns == turns
    assert words(sighting) >= set(re.findall(r"\w+", " ".join(ENGLISH)))
    tops = [strip.corners[0][1] for strip in sighting.strips]
    assert tops == sorted(tops)


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (900, 3), (600, 800)])
def test_pictures_without_words(recogniser: Recogniser, size: tuple[int, int]) -> None:
    assert recogniser.read(Image.new("RGB", size, "white")).strips == ()


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "CMYK", "I;16"])
def test_pictures_of_every_kind(recogniser: Recogniser, mode: str) -> None:
    drawn = picture_of(sheet(ENGLISH[:1], size=20))
    picture = (
        drawn.convert("I").point(lambda value: value * 257).convert("I;16") if mode == "I;16" else drawn.convert(mode)
    )

    assert "Rotterdam" in words(recogniser.read(picture))


def test_faint_letters_on_grey_paper(recogniser: Recogniser) -> None:
    faint = picture_of(sheet(ENGLISH)).point(lambda value: 150 + value // 8)

    sighting = recogniser.read(faint)

    assert words(sighting) >= set(re.findall(r"\w+", " ".join(ENGLISH)))


def test_the_grain_of_empty_paper_is_no_text(recogniser: Recogniser) -> None:
    grain = Image.blend(Image.new("L", (850, 1100), 235), Image.effect_noise((850, 1100), 30), 0.15)

    assert recogniser.read(grain).strips == ()
