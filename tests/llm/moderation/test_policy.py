"""Policies: what a file may say, what it changes, and which rules hold where."""

import pytest

from core.errors import InvalidRequest
from llm.moderation.categories import ANY, CATEGORIES, DOCUMENT_KINDS, PII_KINDS, Action, Point
from llm.moderation.policy import default_policy, read_policy

STRICT_LEGAL = """
[collections.Legal.categories.S13]
question = "block"
[collections.Legal.pii.email]
answer = "redact"
"""


def test_the_default_says_something_about_everything() -> None:
    rules = default_policy().rules

    assert set(rules) == {*CATEGORIES, ANY, *PII_KINDS, *DOCUMENT_KINDS}
    texts = [name for name in rules if name not in DOCUMENT_KINDS]
    later = [point for point in Point if point is not Point.READING]
    assert all(rules[name].at(point) is not None for name in texts for point in later)
    assert all(rules[name].at(Point.READING) is not None for name in DOCUMENT_KINDS)


def test_the_default_withholds_no_passage_and_names_no_phone_number() -> None:
    policy = default_policy()

    assert {policy.rules[name].passage for name in CATEGORIES} <= {Action.OFF, Action.LOG, Action.WARN}
    assert {"en", "de"} <= set(policy.texts)
    for words in policy.texts.values():
        assert "{category}" in words.question
        assert not any(c.isdigit() for c in words.self_harm + words.help)
    assert set(policy.texts["de"].categories) >= {*CATEGORIES, ANY, *DOCUMENT_KINDS}


def test_a_short_file_changes_only_what_it_says() -> None:
    policy = read_policy('version = "7"\n[categories.S13]\nquestion = "block"\n[texts.en]\ncontact = "Ask Ann."')

    assert policy.rules["S13"].question is Action.BLOCK
    assert policy.rules["S13"].answer is default_policy().rules["S13"].answer
    assert policy.rules["S1"] == default_policy().rules["S1"]
    assert policy.words("en").contact == "Ask Ann."
    assert policy.words("fr") == policy.words("en")


def test_the_label_tells_policies_apart() -> None:
    labels = [read_policy(text).label for text in ("", "[record]\nexcerpt = true", STRICT_LEGAL, 'version = "2"')]

    assert len(set(labels)) == 4
    assert labels[0] == default_policy().label == read_policy("# nothing\n").label
    assert labels[0].startswith("1+")
    assert labels[3].startswith("2+")
    assert all(len(label) <= 80 for label in labels)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version =", "no TOML"),
        ("versions = 1", "versions"),
        ('[categories.S15]\nquestion = "log"', "'S15'"),
        ('[categories.S1]\nquestion = "delete"', "categories.S1.question"),
        ('[categories.S1]\nquestions = "log"', "categories.S1.questions"),
        ('[categories.S1]\nthreshold = 1.5', "categories.S1.threshold"),
        ('[categories.S1]\npassage = "block"', "categories.S1.passage may be off, log, warn"),
        ('[categories.S1]\nrendering = "redact"', "categories.S1.rendering may be"),
        ('[pii.card]\npassage = "block"', "pii.card.passage may be"),
        ('[pii.name]\nanswer = "log"', "'name'"),
        ('[guard]\nanswer = "maybe"', "guard.answer"),
        ('[collections.Legal.categories.S1]\nquestion = "warn"', "weaker"),
        ('[collections.Legal.categories.S11]\ncertain = 0.5', "weaker"),
        ('[collections.Legal.categories.S10]\ncertain = 0.95', "weaker"),
        ('[collections.Legal.categories.S10]\nthreshold = 0.5', "for all first"),
        ('[categories.S10]\nthreshold = 0.5\n[collections.Legal.categories.S10]\nthreshold = 0.6', "weaker"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_named(text: str, said: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_policy(text)

    assert said in caught.value.message


def test_a_collection_may_be_stricter() -> None:
    policy = read_policy(STRICT_LEGAL)

    for collections in ({"Legal"}, {"Legal", "Other"}):
        assert policy.within(collections)["S13"].question is Action.BLOCK
        assert policy.within(collections)["email"].answer is Action.REDACT
        assert policy.within(collections)["S13"].answer is policy.rules["S13"].answer
    assert policy.within({"Other"}) == policy.within(set()) == policy.rules


def test_a_lower_threshold_is_stricter() -> None:
    policy = read_policy(
        "[categories.S10]\nthreshold = 0.5\ncertain = 0.9\n"
        "[collections.A.categories.S10]\nthreshold = 0.4\n[collections.B.categories.S10]\ncertain = 0.8"
    )
    both = policy.within({"A", "B"})["S10"]

    assert (policy.within({"A"})["S10"].threshold, both.threshold, both.certain) == (0.4, 0.4, 0.8)


def test_weaker_rules_hold_only_where_an_administrator_says_so_and_nothing_else_is_searched() -> None:
    weaker = '[collections.Crime.categories.S1]\nquestion = "log"'
    policy = read_policy(f"[admin]\nallow_weaker = true\n{weaker}")

    assert policy.within({"Crime"})["S1"].question is Action.LOG
    assert policy.within({"Crime", "Other"})["S1"].question is Action.BLOCK
