"""HTML as its readers see it."""

import pytest

from core.errors import ParserLimit
from ingest.flow import Flow
from ingest.html import HtmlText, tell_html
from ingest.parsers import Limits

LIMITS = Limits(100, 10_000_000, 1_000_000)


def read(html: str) -> tuple[list[str], HtmlText]:
    flow = Flow(LIMITS)
    told = tell_html(html, flow)
    page = flow.page()
    return [page.text[line.start : line.end] for line in page.lines], told


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>No <b>smoking</b>\n here.<br>Never.</p>", ["No smoking here.", "Never."]),
        ("one<p>two<div>three</div>four", ["one", "two", "three", "four"]),
        ("<ul><li>a<li><p>b</p><p>c</p></ul>", ["• a", "• b", "c"]),
        ("<ol><li>a<ol><li>b</ol><li>c</ol>", ["1. a", "1. b", "2. c"]),
        ("<pre>one\ntwo</pre>", ["one", "two"]),
        ("<dl><dt>Term<dd>Meaning</dl>", ["Term", "Meaning"]),
        ("<details><summary>More</summary>Words</details>", ["More", "Words"]),
        ("<nav>Home</nav><div role=navigation>Menu</div><p>Text", ["Text"]),
        ("<header>Head</header><main>Text</main><footer>Foot</footer>", ["Text"]),
        ("<article>One</article><article>Two</article>", ["One", "Two"]),
        ("<p>well<script>no()</script><style>p{}</style><template>no</template><noscript>no</noscript>", ["well"]),
        ("<svg><script>no</script><text>no</text></svg><iframe src=x>no</iframe><textarea>no</textarea>yes", ["yes"]),
        ("a &lt;b&gt; &amp;amp; c", ["a <b> &amp; c"]),
        ("<table><tr><td>layout<p>of a page</table>", ["layout", "of a page"]),
        ("<table><tr><td><table><tr><td>a<td>1</table><td>b</table>", ["a | 1", "b"]),
    ],
)
def test_text_of_a_page(html: str, expected: list[str]) -> None:
    assert read(html) == (expected, HtmlText("", has_hidden=False))


def test_cells_may_stretch() -> None:
    html = (
        "<table><caption>Fees</caption><thead><tr><th>Room<th colspan=2>Fee<tr><th><th>2024<th>2023</thead>"
        "<tr><td rowspan=2>Hall<td>10<td>9<tr><td>11<td>8<tr><td colspan=2>Yard<td>7</table>"
    )

    assert read(html)[0] == [
        "Fees",
        "Room: Hall | Fee 2024: 10 | Fee 2023: 9",
        "Room: Hall | Fee 2024: 11 | Fee 2023: 8",
        "Room: Yard | Fee 2023: 7",
    ]


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>secret</p>",
        '<p style="display: none">secret</p>',
        '<p style="DISPLAY:NONE !important">secret</p>',
        '<div style="visibility:hidden"><p>secret</p></div>',
        '<span style="font-size:0">secret</span>',
        '<span style="opacity:0">secret</span>',
        '<p style="position:absolute;left:-9999px">secret</p>',
        '<p style="color:#FFF">secret</p>',
        '<span style="margin:0; color: rgb(255, 255, 255)">secret</span>',
        "<style>.gone{display:none}</style><p class=gone>secret</p>",
        "<style>/* a{ */ #gone , .x {color:red;display:none;}</style><p id=gone>secret</p>",
    ],
)
def test_hidden_text_is_left_out_and_told(hidden: str) -> None:
    assert read(f"<p>shown</p>{hidden}<p>more</p>") == (["shown", "more"], HtmlText("", has_hidden=True))


@pytest.mark.parametrize(
    "shown",
    [
        '<p style="opacity:0.5">shown</p>',
        '<p style="font-size:0.9em">shown</p>',
        "<style>@media print { p { display:none } }</style><p>shown</p>",
        '<span aria-hidden="true">shown</span>',
        '<div style="background:#000"><p style="color:#fff">shown</p></div>',
        '<table bgcolor=black><tr><td><p style="color:white">shown</p></table>',
        '<style>p{background:navy}</style><p style="color:white">shown</p>',
        '<p style="background-color:#fff;border-color:#fff">shown</p>',
    ],
)
def test_what_is_seen_is_not_hidden(shown: str) -> None:
    assert read(shown) == (["shown"], HtmlText("", has_hidden=False))


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 50_000,
        "<p " + " ".join(f"a{n}=1" for n in range(20_000)) + ">x",
        "<p " + "".join(f"a{n}='>'" for n in range(20_000)) + ">x",
        "<p " + "/".join(f"a<{n}" for n in range(20_000)) + ">x",
        ("<p " + " ".join(f"a{n}" for n in range(5_000)) + ">x") * 10,
        "<!-- <a b=' --><p " + " ".join(f"a{n}='>'" for n in range(20_000)) + ">x",
        "<b><i><u>" * 5_000,
    ],
)
def test_what_takes_too_long_is_refused(html: str) -> None:
    with pytest.raises(ParserLimit):
        read(html)


def test_pages_without_end_tags_are_not_deep() -> None:
    assert len(read("<p>one<ul><li>two</ul>" * 15_000)[0]) == 30_000
    assert read("<img alt='" + "a " * 10_000 + "'>x" + "<br>" * 20_000)[0] == ["x"]


@pytest.mark.parametrize(
    "html",
    [
        "<style>" + "a" * 500_000 + "</style>",
        "<style>" + "/*" * 250_000 + "</style>",
        "<style>" + "@" * 500_000 + "</style>",
        "<style>" + "".join(f".c{n}{{display:none}}" for n in range(20_000)) + "</style>" + "<i class=c></i>" * 20_000,
        "<!--" * 200_000,
        "<style>" * 100_000,
        "<div>" * 9_000 + "<i style='color:white'>" + "</i><i style='color:white'>" * 10_000,
    ],
)
def test_what_could_be_looked_at_again_and_again_is_not(html: str) -> None:
    # Each takes minutes or hours where every start is tried against everything behind it.
    assert read("<p>words" + html)[0] == ["words"]


def test_rows_and_columns_without_end_are_not_told() -> None:
    below = "<table><tr>" + "<td rowspan=1000>aa" * 999 + "<tr><td>b" * 1_000 + "</table>"
    beside = "<table>" + "<tr><td colspan=500>a<td colspan=500>b" * 600 + "</table>"

    assert len("".join(read(below)[0])) < 3_000_000
    assert read(beside)[0] == ["a | b"] * 600


def test_deep_and_broken_markup_ends() -> None:
    assert read("<div>" * 9_000 + "core")[0] == ["core"]
    assert read("<b><p>" * 500 + "core")[0] == ["core"]
    assert read("</p></table><<<&#0;&#x110000;<p")[0] == ["<<<��"]


def test_the_title_of_a_page() -> None:
    assert read("<title> House &amp; rules </title><p>x")[1].title.strip() == "House & rules"
