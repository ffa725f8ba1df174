"""Verdicts: shares over sentences about made-up facts, exact spans, and what a verdict never does."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.verdict_pairs import load_own
from core.values import Verdict
from llm.verification import Reason, judge
from retrieval.embedders.protocol import Embedder

PASSAGE = (
    "The notice period is three months.\nIt begins on the first day of a month. Rent is due on the third working day."
)


def verdict(sentence: str, *passages: str, embedder: Embedder | None = None) -> Verdict:
    return judge(sentence, passages or (PASSAGE,), embedder).verdict


# Every twentieth pair: all of them take minutes. What all of them come to is in `bench/results`.
SOME = load_own()[::20]
NUMERIC = {"number", "unit", "scale", "date"}


def test_few_true_sentences_are_flagged_and_most_false_ones_caught(embedder: Embedder) -> None:
    marked: Counter[tuple[bool, bool]] = Counter()
    total: Counter[tuple[bool, bool]] = Counter()
    for pair in SOME:
        of = (pair.true, pair.kind in NUMERIC)
        total[of] += 1
        passages = [passage for passage in pair.passages if isinstance(passage, str)]
        marked[of] += judge(pair.sentence, passages, embedder).verdict is not Verdict.SUPPORTED
    true = sum(marked[True, numeric] for numeric in (True, False)) / sum(total[True, n] for n in (True, False))

    # What the engine has reached, not what it should reach: see decision 0015.
    assert true <= 0.25
    assert marked[False, True] >= 0.75 * total[False, True]
    assert marked[False, False] >= 0.4 * total[False, False]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The notice period is three months.", Verdict.SUPPORTED),
        ("the  NOTICE period is\nthree months.", Verdict.SUPPORTED),
        ("months. It begins", Verdict.SUPPORTED),
        ("notice", Verdict.SUPPORTED),
        ("The notice period is six months.", Verdict.UNSUPPORTED),
        ("Nobody knows.", Verdict.UNSUPPORTED),
        ("", Verdict.UNSUPPORTED),
        ("?!", Verdict.UNSUPPORTED),
    ],
)
def test_single_verdicts(sentence: str, expected: Verdict) -> None:
    assert verdict(sentence, "Something else.", PASSAGE) is expected


def test_a_span_is_the_sentence_that_supports(embedder: Embedder) -> None:
    judgement = judge("Rent must be paid by the third working day.", ["Another text.", PASSAGE], embedder)

    assert judgement.verdict is Verdict.SUPPORTED
    assert judgement.span is not None and judgement.span.passage == 1
    assert PASSAGE[judgement.span.start : judgement.span.end] == "Rent is due on the third working day."
    assert judgement.reasons == (Reason.FACTS_AGREE,)


def test_a_row_of_a_table_is_a_span(embedder: Embedder) -> None:
    table = "(in thousands)\n2021 2020\nRevenue $ 5,200 $ 4,100\nCosts 3,900 3,700"
    judgement = judge("In 2020 revenue was 4.1 million dollars.", [table], embedder)

    assert judgement.verdict is Verdict.SUPPORTED and judgement.span is not None
    assert table[judgement.span.start : judgement.span.end] == "Revenue $ 5,200 $ 4,100"


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("The bridge was built in 1912.", Reason.DATE),
        ("The bridge cost 4 million dollars.", Reason.NUMBER),
        ("The bridge is 310 miles long.", Reason.UNIT),
        ("The bridge was designed by Olga Petri.", Reason.NAME),
        ("The bridge was not designed by Nora Weiss.", Reason.NEGATION),
        ("The bridge is shorter than the older one.", Reason.DIRECTION),
    ],
)
def test_a_reason_is_told(sentence: str, reason: Reason, embedder: Embedder) -> None:
    passage = (
        "The bridge, designed by Nora Weiss, was built in 1921. It is 310 metres long and cost 7 million dollars. "
        "The bridge is longer than the older one."
    )
    judgement = judge(sentence, [passage], embedder)

    assert judgement.verdict is Verdict.UNSUPPORTED
    assert reason in judgement.reasons


def test_clauses_may_rest_on_two_passages(embedder: Embedder) -> None:
    first = "Dalmar Airport was opened in 1964. Its runway is 2,400 metres long."
    second = "Dalmar Airport had 3.1 million passengers in 2019."
    both = judge(
        "Dalmar Airport was opened in 1964, and it had 3.1 million passengers in 2019.", [first, second], embedder
    )
    half = judge("Dalmar Airport was opened in 1964, and its director plays the violin.", [first, second], embedder)

    assert both.verdict is Verdict.SUPPORTED
    assert {both.span and both.span.passage, *(span.passage for span in both.more)} == {0, 1}
    assert half.verdict is Verdict.PARTLY


def test_what_two_passages_say_of_different_things_is_no_statement(embedder: Embedder) -> None:
    first = "Dalmar Airport was opened in 1964 by the minister of transport."
    second = "Kestrel Field handled 3.1 million passengers in 2019."

    assert verdict("Kestrel Field was opened in 1964.", first, second, embedder=embedder) is Verdict.UNSUPPORTED


def test_another_language_is_judged_by_its_facts(embedder: Embedder) -> None:
    english = "The museum in Harwick was founded by Edith Lowell in 1911 and has 4,200 paintings."
    right = judge("Das Museum in Harwick wurde 1911 von Edith Lowell gegründet.", [english], embedder)
    wrong = judge("Das Museum in Harwick wurde 1913 von Edith Lowell gegründet.", [english], embedder)

    assert (right.verdict, right.reasons) == (Verdict.PARTLY, (Reason.ANOTHER_LANGUAGE,))
    assert wrong.verdict is Verdict.UNSUPPORTED


def test_without_passages_nothing_is_supported() -> None:
    assert judge("The notice period is three months.", [], None).verdict is Verdict.UNSUPPORTED


@given(st.lists(st.from_regex(r"[a-z]{1,6}", fullmatch=True), min_size=3, max_size=30), st.data())
def test_any_run_of_words_of_a_passage_is_supported(words: list[str], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(words) - 1))
    end = data.draw(st.integers(start + 1, len(words)))

    assert verdict(" ".join(words[start:end]), " ".join(words)) is Verdict.SUPPORTED


@given(st.text(max_size=200), st.text(max_size=400))
def test_no_text_is_too_strange(sentence: str, passage: str) -> None:
    judgement = judge(sentence, [passage], None)

    assert judgement.span is None or 0 <= judgement.span.start < judgement.span.end <= len(passage)


@pytest.mark.parametrize(
    "unit", ["word ", "12,345 ", "not all more than ", "Name Other. ", "a,", "(5) ", "row 1 2 3\n", "$"]
)
def test_long_texts_are_bounded(unit: str, embedder: Embedder) -> None:
    long = (unit * 50_000)[:50_000]
    # What is not bounded takes minutes here, and the time that a test may take.
    assert judge(long, [PASSAGE, long[1:]], None).verdict in Verdict
    assert judge("There were 7 names in 2019, and not all of them were new.", [long], None).verdict in Verdict


def test_what_is_not_read_of_many_figures_is_not_called_supported(embedder: Embedder) -> None:
    passage = f"The rooms have {', '.join(str(n) for n in range(101, 151))} seats."
    false = f"The rooms have got {', '.join(str(n) for n in range(101, 150))}, 777 seats."

    assert verdict(false, passage, embedder=embedder) is not Verdict.SUPPORTED


def test_the_same_input_has_the_same_verdict(embedder: Embedder) -> None:
    sentence = "Within three months after notice the tenancy ends."

    assert len({judge(sentence, [PASSAGE], embedder) for _ in range(3)}) == 1


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Net sales were 1,577 million euros in 2023.", Verdict.SUPPORTED),
        ("Net sales were 1,400 million euros in 2022.", Verdict.SUPPORTED),
        ("Net sales were 1,577 million euros in 2022.", Verdict.UNSUPPORTED),
        ("Net sales were 1,578 million euros in 2023.", Verdict.UNSUPPORTED),
    ],
)
def test_rows_that_say_what_heads_their_cells(sentence: str, expected: Verdict) -> None:
    table = "Results in EUR million\nItem: Net sales | 2023: 1,577 | 2022: 1,400\nItem: Staff | 2023: 20 | 2022: 19"

    assert verdict(sentence, table) is expected
