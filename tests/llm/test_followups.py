"""Follow-up questions by rules: what is taken over, what wins, and what is left alone."""

import pytest

from llm.followups import understood

REVENUE = "What was the revenue of Acme in 2018?"
ACMES = "What was Acme's revenue in 2018?"
UMSATZ = "Wie hoch war der Umsatz von Siemens im Jahr 2018?"

COMPLETED = [
    # Another period.
    (REVENUE, "And in 2019?", "What was the revenue of Acme in 2019?"),
    (REVENUE, "And the year before?", "What was the revenue of Acme in 2017?"),
    ("What was revenue in Q1 2018?", "And Q2?", "What was revenue in Q2 2018?"),
    ("What was revenue?", "In 2019?", "What was revenue in 2019?"),
    ("How did sales change from 2017 to 2018?", "And from 2018 to 2019?", "How did sales change from 2018 to 2019?"),
    (UMSATZ, "Und 2019?", "Wie hoch war der Umsatz von Siemens im Jahr 2019?"),
    (UMSATZ, "Und im Vorjahr?", "Wie hoch war der Umsatz von Siemens im Jahr 2017?"),
    ("Quel était le chiffre d'affaires en 2018 ?", "Et en 2019 ?", "Quel était le chiffre d'affaires en 2019 ?"),
    # Another name or place.
    (REVENUE, "What about Beta Corp?", "What was the revenue of Beta Corp in 2018?"),
    ("How high is the rent for the office in Bonn?", "And in Kiel?", "How high is the rent for the office in Kiel?"),
    ("How much is the rent of the hut in Bonn?", "And of the garage?", "How much is the rent of the garage in Bonn?"),
    (UMSATZ, "Und bei Bosch?", "Wie hoch war der Umsatz bei Bosch im Jahr 2018?"),
    # Another matter.
    (REVENUE, "And the profit?", "What was the profit of Acme in 2018?"),
    (ACMES, "And profit?", "What was Acme's profit in 2018?"),
    (UMSATZ, "Und der Gewinn?", "Wie hoch war der Gewinn von Siemens im Jahr 2018?"),
    ("Who pays the rent?", "And the deposit?", "Who pays the deposit?"),
    ("How much leave do full-time staff have?", "And part-time staff?", "How much leave do part-time staff have?"),
    # Pronouns.
    (REVENUE, "How much did it grow in 2019?", "How much did the revenue of Acme grow in 2019?"),
    (ACMES, "What was its net income?", "What was Acme's net income (2018)?"),
    ("Who is the CEO of Acme?", "How old is she?", "How old is the CEO of Acme?"),
    ("When did Einstein move to Bern?", "What did he do there?", "What did Einstein do in Bern?"),
    ("How long is the notice period?", "Can it be extended?", "Can the notice period be extended?"),
    ("Wo liegt der Eiffelturm?", "Wie hoch ist er?", "Wie hoch ist der Eiffelturm?"),
    ("Wie hoch ist die Miete?", "Wann ist sie fällig?", "Wann ist die Miete fällig?"),
    ("Wie hoch war der Umsatz in Deutschland?", "Wie hoch war er dort 2019?",
     "Wie hoch war der Umsatz in Deutschland 2019?"),
    ("Who is the CEO of Acme?", "What did the company earn?", "What did the company earn (Acme)?"),
    # Nothing to put it in place of.
    ("Which rights does Acme give?", "What about the second one?", "Which rights does Acme give – the second one?"),
    ("Who pays the rent?", "Why?", "Who pays the rent – Why?"),
]  # fmt: skip

ALONE = [
    "Who painted the Mona Lisa?",
    "Does Beta disclose its revenue?",
    "If a tenant leaves early, what must he pay?",
    "Is it possible to terminate early?",
    "How long does it take to reply?",
    "Are there any exceptions?",
    "notice period termination",
    "When was the lease signed?",
    "Wie viele Urlaubstage gibt es?",
    "Worum geht es in dem Vertrag?",
    "Which documents say that rent is due?",
]


@pytest.mark.parametrize(("before", "question", "whole"), COMPLETED)
def test_what_a_question_leaves_out_comes_from_the_one_before(before: str, question: str, whole: str) -> None:
    assert understood(question, before) == whole


@pytest.mark.parametrize("before", [REVENUE, UMSATZ])
@pytest.mark.parametrize("question", ALONE)
def test_what_stands_by_itself_is_left_alone(question: str, before: str) -> None:
    assert understood(question, before) is None


@pytest.mark.parametrize(
    "question",
    [
        "",
        "?",
        "And?",
        "\0",
        "\u202eAnd in 2019?",
        "it " * 500,
        "And " * 100,
        "(" * 300,
        "2019 " * 70,
        "How much did it grow? " * 30,
    ],
)
def test_anything_may_be_asked(question: str) -> None:
    for before in (REVENUE, "?", "", question):
        whole = understood(question, before)
        assert whole is None or ("\n" not in whole and 0 < len(whole) <= 400)


def test_a_chain_of_follow_ups_keeps_what_was_not_replaced() -> None:
    asked = REVENUE
    for question in ("And in 2019?", "And the profit?", "What about Beta?"):
        asked = understood(question, asked) or ""

    assert asked == "What was the profit of Beta in 2019?"
