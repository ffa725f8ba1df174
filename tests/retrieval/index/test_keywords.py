"""Keywords: found within rights, kept through damage and replacement."""

from pathlib import Path

import pytest

from core.values import Passage
from retrieval.index.keywords import KeywordIndexDamaged, KeywordReader, KeywordWriter, faults


def passage(number: int, document: str, text: str, *, collection: str = "c1", heading: str = "") -> Passage:
    return Passage(number, document, "v", collection, "f.txt", "f", 1, 0, len(text), text, heading)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    writer = KeywordWriter(tmp_path / "keywords")
    writer.apply(
        ["d1", "d2"],
        [
            [passage(1, "d1", "The tenant pays rent monthly."), passage(2, "d1", "Dogs are allowed.")],
            [passage(2**40, "d2", "Rents rise with the index.", collection="c2", heading="Rent review")],
        ],
        5,
    )
    return tmp_path / "keywords"


@pytest.fixture
def reader(root: Path) -> KeywordReader:
    opened = KeywordReader(root)
    opened.reload()
    return opened


def found(reader: KeywordReader, text: str, **narrowed: object) -> set[int]:
    return set(reader.search(text, 10, **narrowed)[0].tolist())  # type: ignore[arg-type]


def test_word_forms_and_headings_are_found(reader: KeywordReader) -> None:
    assert found(reader, "renting") == {1, 2**40}
    assert found(reader, "reviews") == {2**40}
    assert reader.search("rent", 10)[0][0] == 2**40


def test_collections_documents_and_hidden_ones(reader: KeywordReader) -> None:
    assert found(reader, "rent", collections={"c1"}) == {1}
    assert found(reader, "rent", collections=set()) == set()
    assert found(reader, "rent", documents={"d2"}) == {2**40}
    assert found(reader, "rent", hidden={"d2"}) == {1}


@pytest.mark.parametrize("text", ['"', "rent AND (", "text:*", "\\", "a" * 5000, "", "rent~5", "[* TO *]", "💥\x00"])
def test_a_question_is_never_a_query_language(reader: KeywordReader, text: str) -> None:
    assert found(reader, text) <= {1, 2**40}


def test_a_change_shows_after_reloading_and_applying_twice_changes_nothing(root: Path, reader: KeywordReader) -> None:
    writer = KeywordWriter(root)
    for _ in range(2):
        writer.apply(["d1"], [[passage(9, "d1", "No rent at all.")]], 6)
    assert reader.sequence == 5

    reader.reload()

    assert (reader.sequence, reader.passages()) == (6, 2)
    assert found(reader, "rent") == {9, 2**40}
    reader.prove()


def test_damage_is_noticed_and_the_folder_begun_anew(root: Path, reader: KeywordReader) -> None:
    store = next(root.rglob("*.store"))
    data = bytearray(store.read_bytes())
    data[len(data) // 2] ^= 4
    damaged = store.with_suffix(".new")
    damaged.write_bytes(data)
    damaged.replace(store)  # a file that is mapped must not be cut short in place

    assert faults(root) == [f"keywords: {store.name} is damaged"]
    with pytest.raises(KeywordIndexDamaged):
        reader.prove()
    assert KeywordWriter(root).sequence == 0
    reader.reload()
    assert (reader.sequence, reader.passages()) == (0, 0)


def test_readers_stay_on_the_old_folder_until_a_new_one_is_filled(root: Path, reader: KeywordReader) -> None:
    writer = KeywordWriter(root)
    writer.rebuild()
    reader.reload()
    assert reader.sequence == 5

    writer.apply(["d1"], [[passage(3, "d1", "Fresh rent.")]], 8)
    reader.reload()

    assert (reader.sequence, found(reader, "rent")) == (8, {3})
    assert len(list(root.glob("index-*"))) == 1


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("Mieten", "Die Warmmiete ist am Ersten fällig."),
        ("fallig", "Die Warmmiete ist am Ersten fällig."),
        ("договора", "Срок действия договоров истекает в мае."),
        ("天安门", "我爱北京天安门。"),
        ("HR", "Ask HR for the form."),
    ],
)
def test_words_are_found_inflected_within_compounds_and_in_any_script(
    root: Path, reader: KeywordReader, asked: str, written: str
) -> None:
    KeywordWriter(root).apply(["d9"], [[passage(9, "d9", written)]], 8)
    reader.reload()

    ids, _ = reader.search(asked, 1)

    assert ids.tolist() == [9]


def test_a_very_long_question_is_searched_by_its_rarest_terms(root: Path, reader: KeywordReader) -> None:
    KeywordWriter(root).apply(["d9"], [[passage(9, "d9", "The quokka sleeps.")]], 8)
    reader.reload()

    ids, _ = reader.search("quokka " + " ".join(f"word{n}" for n in range(50_000)), 1)

    assert ids.tolist() == [9]
