"""Questions that nobody should send: each gets a typed error or a sane result, whichever way it comes in."""

import json
import string
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import pytest

from cli.main import main
from core.errors import InvalidRequest
from core.values import OPERATOR, Document, InstallationRole
from retrieval.embedders.protocol import Embedder
from tests.retrieval.conftest import publish_passages
from tests.web.site import Site, opened

# As many as any setting allows: what is bounded here is bounded everywhere.
MOST_CHARACTERS = 100_000
MOST_HITS = 200


@dataclass(frozen=True)
class Hostile:
    """A question and whether it is refused rather than answered."""

    name: str
    text: str
    refused: bool = False


def filled(part: str, length: int = MOST_CHARACTERS) -> str:
    """The part over and over."""
    return (part * (length // len(part) + 1))[:length].strip()


REFUSED = [
    Hostile("empty", "", refused=True),
    Hostile("spaces", " \t\r\n\u00a0\u2003\u3000", refused=True),
    Hostile("too long", "x" * (MOST_CHARACTERS + 1), refused=True),
    Hostile("nul", "rent\0", refused=True),
    Hostile("lone surrogate", "rent \ud83d", refused=True),
    Hostile("reversed pair", "\ude00\ud83d rent", refused=True),
]
ODD = [
    Hostile("control characters", "rent" + "".join(map(chr, range(1, 32))) + "\x7f\x9b31m"),
    Hostile("only control characters", "\x01\x02\x03"),
    Hostile("only punctuation", "?!.,;:()[]{}'\"\\/|<>"),
    Hostile("regular expression", r"(a+)+$ (.*)*\1 [^]] (?P<x>rent)* \Z {9999999999}"),
    Hostile(
        "query syntax", '+text:rent -heading:* "rent"~99 rent^9e9 [a TO z] {* TO *} AND OR NOT rent* /r.*t/ IN [rent]'
    ),
    Hostile("unbalanced query syntax", 'text:("rent AND (('),
    Hostile("sql", "'; DROP TABLE passages; -- ' OR 1=1 UNION SELECT hash FROM credentials /* %s ? :name $1 */"),
    Hostile("like patterns", "% _ %% __ \\% rent"),
    Hostile("formatting", "{0} {rent!r} %(rent)s %n%n $rent ${rent} {{rent}}"),
    Hostile("markup", "<script>alert(1)</script> <![CDATA[ rent ]]> &amp; &#0;"),
    Hostile("path", "../../../../etc/passwd file:///etc/passwd C:\\rent\\..\\.."),
    Hostile("right to left", "\u202erent\u202c \u05e9\u05db\u05e8 \u0625\u064a\u062c\u0627\u0631 \u2067rent\u2069"),
    Hostile("zero width", "r\u200be\u200cn\u200dt \ufeff \u2060 \u00ad"),
    Hostile("only zero width", "\u200b\u200c\u200d\ufeff"),
    Hostile("emoji", "\U0001f3e0\U0001f468\u200d\U0001f469\u200d\U0001f467\U0001f1e9\U0001f1ea rent\ufe0f"),
    Hostile("unassigned", "\U000e0001\U0010ffff\ufffe\uffff rent"),
    Hostile("accents on accents", "re" + "\u0300\u0327" * 1_500 + "nt"),
    Hostile("one character that becomes many", "\ufdfa" * 1_000),
    Hostile("turned and mirrored capitals", "\u0130\u1e9e\ufb03\u01c5\u2126 RENT"),
]
LONG = [
    Hostile("one long word", "x" * MOST_CHARACTERS),
    Hostile("one long number", "1" * MOST_CHARACTERS),
    Hostile("spaces inside", "rent" + " " * (MOST_CHARACTERS - 8) + "rent"),
    Hostile("10,000 words", " ".join(f"w{number}" for number in range(10_000))),
    Hostile("10,000 names", " ".join(f"Wn{number}" for number in range(10_000))),
    Hostile("the same name", filled("Quarz Pumps ")),
    Hostile("short names", " ".join(a + b for a in string.ascii_uppercase for b in string.ascii_lowercase)),
    Hostile("initials", filled("A.B.&C-")),
    Hostile("years", filled("2019 FY'20 Q1 2021Q2 ")),
    Hostile("half a quarter", filled("first - - - ")),
    Hostile("a quarter that does not come", "first" + " " * (MOST_CHARACTERS - 20) + "month"),
    Hostile("dates", filled("ended on December 31 , ")),
    Hostile("half a date", "May 1" + " " * (MOST_CHARACTERS - 10) + "x"),
    Hostile("sentences", filled("What is it? And how? ")),
    Hostile("stops", filled('."')),
    Hostile("business words", filled("capital expenditures and net income of the balance sheet? ")),
    Hostile("letters without spaces between", filled("\u6f22\u5b57")),
    Hostile("brackets", filled("([{")),
    Hostile("figures", filled("($1,234.5%) ")),
    Hostile("half an ending", filled("ended ")),
]
QUESTIONS = [*REFUSED, *ODD, *LONG]
each_question = pytest.mark.parametrize("question", QUESTIONS, ids=lambda hostile: hostile.name)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that takes the longest questions."""
    data = tmp_path_factory.mktemp("hostile") / "data"
    with opened(data, max_question_chars=MOST_CHARACTERS, max_results=MOST_HITS) as one:
        yield one


@pytest.fixture(scope="module")
def documents(site: Site, embedder: Embedder) -> list[Document]:
    """Reports that names and years lead to, and a text that nothing leads to."""
    reports = [
        publish_passages(
            site.store,
            embedder,
            f"{name}-{year}.pdf",
            f"Annual report of {name} for the fiscal year ended December 31, {year}",
            "Contents",
            "Employees and buildings",
            f"Total sales of {name} came to {year - 1900} million. The rent of its offices is 500.",
        )
        for name in ("Quarz Pumps", "Blue Heron")
        for year in (2019, 2020)
    ]
    text = publish_passages(site.store, embedder, "lease.txt", "The tenant pays a rent of 500.", "Pets are allowed.")
    return [*reports, text]


@each_question
def test_a_search_ends_well(site: Site, documents: list[Document], question: Hostile) -> None:
    if question.refused:
        with pytest.raises(InvalidRequest):
            site.services.retriever.search(OPERATOR, question.text)
        return
    hits = site.services.retriever.search(OPERATOR, question.text, k=7).hits
    assert [hit.rank for hit in hits] == list(range(1, 8))
    assert all(isfinite(hit.score) for hit in hits)
    assert len({hit.passage.id for hit in hits}) == len(hits)


@each_question
def test_rest_replies(site: Site, documents: list[Document], question: Hostile) -> None:
    caller = site.by_key(site.user(InstallationRole.ADMIN))
    body = json.dumps({"query": question.text})
    found = caller.post("/api/v1/search", data=body, content_type="application/json")
    asked = json.dumps({"question": question.text, "collections": [documents[0].collection_id]})
    answer = caller.post("/api/v1/answers", data=asked, content_type="application/json")

    expected = (400, "invalid_request") if question.refused else (200, None)
    for reply in (found, answer):
        assert reply.json is not None
        assert (reply.status_code, reply.json.get("code")) == expected
    if not question.refused:
        assert found.json is not None and answer.json is not None
        assert len(found.json["hits"]) == 10
        assert answer.json["status"] in {"answered", "not_found"}
        kept = caller.get(f"/api/v1/answers/{answer.json['id']}")
        assert kept.json == answer.json


@pytest.mark.parametrize("question", [*REFUSED, *ODD], ids=lambda hostile: hostile.name)
def test_the_command_line_says_so(
    site: Site, documents: list[Document], question: Hostile, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["search", "--data", str(site.settings.data), "--json", "-k", "3", "--", question.text])

    printed = json.loads(capsys.readouterr().out)
    if question.refused:
        assert (status, printed["error"]["code"]) == (2, "invalid_request")
    else:
        assert (status, len(printed["hits"])) == (0, 3)


@pytest.mark.parametrize("k", [0, -1, MOST_HITS + 1, 10**9, -(10**9), 10**30])
def test_a_number_of_hits_out_of_bounds_is_refused(site: Site, documents: list[Document], k: int) -> None:
    with pytest.raises(InvalidRequest):
        site.services.retriever.search(OPERATOR, "rent", k=k)
    reply = site.admin.post("/api/v1/search", json={"query": "rent", "k": k})
    assert (reply.status_code, reply.json and reply.json["code"]) == (400, "invalid_request")
    assert main(["search", "--data", str(site.settings.data), "--json", "-k", str(k), "rent"]) == 2


def test_every_hit_may_be_asked_for(site: Site, documents: list[Document]) -> None:
    found = site.services.retriever.search(OPERATOR, "rent", k=MOST_HITS).hits
    assert len(found) == sum(document.passages for document in documents)


@pytest.mark.parametrize("k", ["10", 1.5, 1e400, True, None, [10], {}, "NaN"])
def test_a_number_of_hits_that_is_none_is_refused(site: Site, k: object) -> None:
    body = json.dumps({"query": "rent", "k": k})
    reply = site.admin.post("/api/v1/search", data=body, content_type="application/json")
    assert (reply.status_code, reply.json and reply.json["code"]) == (400, "invalid_request")


@pytest.mark.parametrize("k", ["1.5", "x", "", "1e3", "0x10", "∞"])
def test_a_number_of_hits_that_is_none_is_bad_usage(tmp_path: Path, k: str) -> None:
    assert main(["search", "--data", str(tmp_path), "-k", k, "rent"]) == 2


@pytest.mark.parametrize(
    "filters", [{"colour": "red"}, {"documents": []}, {"documents": "all"}, {"documents": ["' OR 1=1"]}, [], "red", 1]
)
def test_an_unknown_filter_is_refused_rather_than_ignored(site: Site, filters: object) -> None:
    for path, name in (("/api/v1/search", "query"), ("/api/v1/answers", "question")):
        reply = site.admin.post(path, json={name: "rent", "filters": filters})
        assert (reply.status_code, reply.json and reply.json["code"]) == (400, "invalid_request")
    assert main(["search", "--data", str(site.settings.data), "--colour", "red", "rent"]) == 2
