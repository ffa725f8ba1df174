"""Terms: folded words and their 4-grams, and stems."""

from retrieval.index.terms import folded, grams, stems


def test_words_are_folded_to_lower_case_without_accents_and_punctuation() -> None:
    assert folded("Häuser, STRASSE & Straße: 1,577.00") == " hauser strasse strasse 1 577 00 "
    assert folded("ﬁnal ‚Café‘") == " final cafe "


def test_grams_run_across_words_in_order() -> None:
    assert grams("Rent due") == [" ren", "rent", "ent ", "nt d", "t du", " due", "due "]


def test_the_shortest_texts_have_one_gram_and_empty_ones_none() -> None:
    assert grams("5") == [" 5  "]
    assert grams("") == grams(" ?! ") == []


def test_scripts_without_spaces_become_pairs() -> None:
    assert folded("我爱北京") == " 我爱 爱北 北京 "
    assert folded("人") == " 人 "


def test_stems_are_in_order() -> None:
    assert stems("Renting 1,577 HOUSES") == ["rent", "1", "577", "hous"]
