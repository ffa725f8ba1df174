"""Reports in every format: readable, and harmless whatever documents, names and models say."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from core.deliveries import Format
from core.summaries import Difference, Statement, Summary, SummaryOptions, SummaryRequest, SummaryRun
from core.values import Citation, Notice, Verdict
from llm.summaries.templates import BUILT_IN
from workers.delivery.rendering import headline, plainly, written
from workers.delivery.reports import Report
from workers.delivery.words import LANGUAGES, headings, in_language

NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
RUN = SummaryRun("run", "owner", SummaryRequest(SummaryOptions()), NOW, "Lease")
CITATION = Citation(1, "document", "lease.pdf", 3, 7, "The rent is 90 euros.")
STATEMENT = Statement("The rent is 90 euros.", Verdict.SUPPORTED, (1,), "Obligations")
SUMMARY = Summary((STATEMENT,), (CITATION,), "quoting", 1.0, (Notice("extractive", ()),))
CHANGED = Difference("changed", "document", "lease.pdf", "The rent is 95.", "The rent is 90.", (CITATION,), (CITATION,))
REPORT = Report(
    "id", RUN, "Lease", NOW, None, None, SUMMARY, 1, (), False, "https://archivar.example.org/summaries/run"
)
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=https://evil.example/p.gif>",
    '"><style>*{display:none}</style>',
    "![p](https://evil.example/p.gif)",
    "[press here](https://evil.example)",
    "https://evil.example/now www.evil.example",
    "# Heading\n\n- item\n\n> quote\n\n```\ncode\n```",
    "[1]: https://evil.example",
    "<!-- --><a href='javascript:alert(1)'>a</a>",
    "</span></li></ul><h1>Nothing changed</h1>",
    "exe.\u202etxt\u2066 \u200bhidden\x00\x1b[31m\r\nBcc: eve@evil.example",
    "&lt;b&gt; &#60;i&#62; {{7*7}} %s %(name)s",
]


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: set[tuple[str, str | None]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.attributes |= set(attrs)


def _elements(html: str) -> _Elements:
    parser = _Elements()
    parser.feed(html)
    return parser


def _poisoned(text: str) -> Report:
    citation = replace(CITATION, filename=text, quote=text, place=text)
    statement = replace(STATEMENT, text=text, heading=text)
    summary = replace(SUMMARY, statements=(statement,), citations=(citation,), notices=(), model=text)
    change = Difference("changed", "document", text, text, text, (citation,), (citation,))
    changes = (change, replace(change, kind="new"), replace(change, kind="gone"), Difference("new", "document", text))
    return replace(REPORT, title=text, since=NOW, changes=changes, summary=summary, troubles=((text, text),))


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_becomes_markup(text: str, language: str) -> None:
    words = in_language(language)
    mild, hostile = (written(_poisoned(one), Format.HTML, words, language) for one in ("mild", text))

    assert _elements(hostile).found == _elements(mild).found
    assert _elements(hostile).attributes == _elements(mild).attributes
    markdown = written(_poisoned(text), Format.MARKDOWN, words, language)
    mild_markdown = written(_poisoned("mild"), Format.MARKDOWN, words, language)
    assert _shape(markdown) == _shape(mild_markdown)
    for form in (hostile, markdown, plainly(_poisoned(text), words), headline(_poisoned(text), words)):
        assert not re.search("[\u202e\u2066\u200b\x00\x1b]", form)
    assert "\n" not in headline(_poisoned(text), words)


def _shape(markdown: str) -> list[str]:
    found = MarkdownIt("commonmark", {"linkify": False}).enable("table").parse(markdown)
    return [
        inner.type
        for token in found
        for inner in (token, *(token.children or ()))
        if inner.type not in {"text", "text_special", "softbreak", "inline"}
    ]


def test_nothing_is_fetched_from_elsewhere() -> None:
    html = written(REPORT, Format.HTML, in_language("en"), "en")

    names = {name for name, _ in _elements(html).attributes}
    assert names <= {"lang", "charset", "name", "content", "http-equiv", "class", "dir", "href", "rel"}
    assert "default-src 'none'" in html and "url(" not in html and "@import" not in html
    assert re.findall(r"https?://[^\"]+", html) == [REPORT.link]


def test_a_report_says_what_it_is_and_what_it_rests_on() -> None:
    partly = replace(STATEMENT, text="Dogs bark.", verdict=Verdict.PARTLY, citations=())
    wrong = replace(STATEMENT, text="Cats fly.", verdict=Verdict.UNSUPPORTED)
    summary = replace(SUMMARY, statements=(STATEMENT, partly, wrong), notices=(), model="Llama-3.1-8B")
    report = replace(REPORT, since=NOW, changes=(CHANGED,), summary=summary, left_out=True)

    text = written(report, Format.MARKDOWN, in_language("en"), "en")

    assert text.startswith("# Lease\n\n2026-03-02 06:00 UTC")
    assert "## Changes since 2026-03-02 06:00 UTC" in text
    assert "- **Changed in lease.pdf, before:** The rent is 90. (page 3)" in text
    assert text.index("The rent is 95.") < text.index("AI-generated by Llama-3.1-8B, may be wrong")
    assert "Built with Llama" in text and "### Obligations" in text
    assert "The rent is 90 euros. [1]\n" in text
    assert "Dogs bark. (partly supported)" in text and "Cats fly. [1] (not supported)" in text
    assert "1. lease.pdf, page 3\n\n   > The rent is 90 euros." in text
    assert "no longer open to you, are left out" in text and REPORT.link in text


def test_headings_of_built_in_templates_are_in_the_language_of_the_report() -> None:
    named = {heading for template in BUILT_IN for heading in template.headings}
    assert named == set(headings("de")) and not headings("en")

    for form in Format:
        text = written(REPORT, form, in_language("de"), "de")
        assert ("Obligations" if form is Format.JSON else "Pflichten") in text
    own = replace(REPORT, summary=replace(SUMMARY, statements=(replace(STATEMENT, heading="Haustiere"),)))
    assert "### Haustiere" in written(own, Format.MARKDOWN, in_language("de"), "de")


def test_it_says_that_nothing_changed() -> None:
    report = replace(REPORT, since=NOW, changes=())

    for language, said in (("en", "nothing changed"), ("de", "nichts hat sich geändert")):
        words = in_language(language)
        assert headline(report, words) == f"Lease ({said})"
        assert f"\n{said.capitalize()}.\n" in plainly(report, words)
        assert f"\n{said.capitalize()}.\n" not in plainly(replace(report, left_out=True), words)
    assert json.loads(written(report, Format.JSON, in_language("en"), "en"))["unchanged"] is True


def test_a_long_report_is_cut_where_people_read_it_and_whole_where_programs_do() -> None:
    changes = tuple(replace(CHANGED, kind="new", text=f"Number {n}.") for n in range(400))
    report = replace(REPORT, since=NOW, changes=changes)

    text = written(report, Format.MARKDOWN, in_language("en"), "en")

    assert "Number 299." in text and "Number 300." not in text and "and 100 more" in text
    assert len(json.loads(written(report, Format.JSON, in_language("en"), "en"))["changes"]) == 400


def test_without_statements_it_says_so() -> None:
    report = replace(REPORT, summary=replace(SUMMARY, statements=(), citations=()))

    assert "nothing in the documents" in plainly(report, in_language("en"))


def test_both_languages_say_everything() -> None:
    english, german = in_language("en"), in_language("de")
    places = re.compile(r"%\((\w+)\)s")

    for name in english.__slots__:
        one, other = getattr(english, name), getattr(german, name)
        assert one != other, name
        assert sorted(places.findall(one)) == sorted(places.findall(other)), name
