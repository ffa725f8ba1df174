"""Every text of the pages in every language, and which language, number and date a request gets."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from flask import Flask, g, request

from core.settings import ROOT
from tests.web.phrases import Phrase, extracted
from tests.web.site import Site
from web import languages, words
from web.problems import codes

TRANSLATED = [language for language in languages.LANGUAGES if language != languages.SOURCE]
SCRIPTS = ROOT / "web" / "static" / "js"
_PLACE = re.compile(r"%\(\w+\)s|%.")
_SAID = re.compile(r"""\bt\((?:\w+ \? )?"([\w.]+)"(?: : "([\w.]+)")?""")
_COUNTED = re.compile(r"""\bcount\("([\w.]+)\"""")


def _catalog(language: str) -> Catalog:
    with (languages.FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def _faults(catalog: Catalog, phrases: set[Phrase]) -> list[str]:
    """What is missing, doubtful, left over, or has other places than the text that it translates."""
    known = {message.id: message for message in catalog if message.id}
    found = [f"missing: {phrase}" for phrase in phrases - set(known)]
    found += [f"left over: {phrase}" for phrase in [*(set(known) - phrases), *catalog.obsolete]]
    for phrase, message in known.items():
        originals = phrase if isinstance(phrase, tuple | list) else (phrase,)
        texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
        if message.fuzzy or not all(texts) or len(texts) != len(originals):
            found.append(f"not done: {phrase}")
        for original, text in zip(originals, texts, strict=False):
            if sorted(_PLACE.findall(original)) != sorted(_PLACE.findall(text or "")):
                found.append(f"other places: {text}")
    return found


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated(language: str) -> None:
    phrases = extracted()
    assert len(phrases) > 200
    assert _faults(_catalog(language), phrases) == []


def test_faults_of_a_translation_are_found() -> None:
    catalog = Catalog(locale="de")
    catalog.add("Ask %(name)s", "Fragen Sie %(nam)s")
    catalog.add("Old", "Alt")
    catalog.add("Empty", "")
    catalog.add(("%(n)s page", "%(n)s pages"), ("%(n)s Seite", "Seiten"))
    catalog.add("Unsure", "Unsicher", flags=["fuzzy"])
    phrases: set[Phrase] = {"Ask %(name)s", "New", "Empty", ("%(n)s page", "%(n)s pages"), "Unsure"}
    assert sorted(fault.partition(":")[0] for fault in _faults(catalog, phrases)) == [
        "left over", "missing", "not done", "not done", "other places", "other places",
    ]  # fmt: skip


def test_scripts_say_only_what_is_in_the_table(site: Site) -> None:
    with site.app.test_request_context("/"):
        g.language = "en"
        said = words.for_scripts()
    sources = [path.read_text() for path in sorted(SCRIPTS.glob("*.js"))]
    keys = {key for source in sources for found in _SAID.findall(source) for key in found if key}
    counted = {key for source in sources for key in _COUNTED.findall(source)}
    assert len(keys) > 60 and len(counted) > 8
    computed = {"place.", "clash.", "upload.", "verdict.", "notice.", "feedback.reason."}
    table = said["words"]
    assert isinstance(table, dict) and keys <= set(table) and counted <= set(said["counted"])  # type: ignore[call-overload]
    unused = {key for key in set(table) - keys if not key.startswith(tuple(computed))}
    assert unused == set()


def test_every_code_has_words(site: Site) -> None:
    with site.app.test_request_context("/"):
        known = words.troubles()
    assert {code.code for code in codes()} <= set(known)


@pytest.mark.parametrize(
    ("cookie", "accepted", "language"),
    [
        ("", "de-AT,de;q=0.9,en;q=0.5", "de"),
        ("", "fr", "en"),
        ("", "", "en"),
        ("de", "en", "de"),
        ("en", "de", "en"),
        ("../../x", "de", "de"),
        ("xx", "", "en"),
    ],
)
def test_the_language_of_a_request(cookie: str, accepted: str, language: str) -> None:
    headers = {"Cookie": f"language={cookie}", "Accept-Language": accepted}
    with Flask(__name__).test_request_context("/", headers=headers):
        assert languages.wanted(request) == language


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", ["1,234,567", "1.5\u00a0MB", "97\u00a0kB", "5 Mar 2026"]),
        ("de", ["1.234.567", "1,5\u00a0MB", "97\u00a0kB", "05.03.2026"]),
    ],
)
def test_numbers_sizes_and_dates(language: str, written: list[str]) -> None:
    at = datetime(2026, 3, 5, 23, 30, tzinfo=UTC)
    with Flask(__name__).test_request_context("/"):
        g.language = language
        got = [languages.number(1234567), languages.size(1572864), languages.size(99_000), languages.day(at)]
    assert got == written


def test_no_compiled_translations_are_kept() -> None:
    assert [path for path in Path(languages.FOLDER).iterdir() if path.suffix != ".po"] == []
