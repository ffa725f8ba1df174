"""What every parser has to keep to, whatever its format."""

import random
from itertools import pairwise

import pytest

from core.errors import CorruptDocument, EmptyDocument, ParserLimit, PasswordRequired, UnreadableDocument
from core.places import MOST_CHARACTERS
from core.values import Page
from ingest import ole
from ingest.children import ParserPool
from ingest.media import choose_parser
from ingest.messages import from_line, page_from, page_message, to_line
from ingest.parsers import Limits, OpenDocument, all_parsers
from tests.ingest.conftest import Written
from tests.ingest.parsers.samples import EXAMPLES, Example

LIMITS = Limits(100, 1_000_000, 1_000_000)

every_format = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)


def opened(written: Written, data: bytes, name: str, limits: Limits = LIMITS) -> OpenDocument:
    path = written("stored", data)
    return choose_parser(path, name)[0].open(path, limits)


def pages_of(document: OpenDocument) -> list[Page]:
    return document.read(1, document.page_count, lambda _: None)


def test_every_parser_has_an_example() -> None:
    assert {parser.media_type for parser in all_parsers()} == {example.media_type for example in EXAMPLES}


@every_format
def test_the_content_tells_the_format(example: Example, written: Written) -> None:
    path = written("stored", example.make())
    other = "stored.gif" if example.scanned else "stored.png"
    names = [(example.name, ()), ("stored", ()), (other, ("type_mismatch",))]

    for name, warnings in names[:1] if example.named else names:
        parser, found = choose_parser(path, name)
        assert (parser.media_type, found) == (example.media_type, warnings)


@every_format
def test_words_are_found_where_they_stand(example: Example, written: Written) -> None:
    pages = pages_of(opened(written, example.make(), example.name))

    if example.scanned:
        assert [(page.text, page.scanned) for page in pages] == [("", True)]
        return
    found = [(page, line) for page in pages for line in page.lines if page.text[line.start : line.end] == example.words]
    assert [line.place for _, line in found] == [example.place]


@every_format
def test_lines_lie_within_their_page_in_order(example: Example, written: Written) -> None:
    document = opened(written, example.make(), example.name)
    pages = pages_of(document)

    assert [page.number for page in pages] == list(range(1, document.page_count + 1))
    for page in pages:
        for line in page.lines:
            text = page.text[line.start : line.end]
            assert text and text == text.strip() and text.isprintable()
            assert len(line.place) <= MOST_CHARACTERS and line.place.isprintable()
        assert all(before.end <= after.start for before, after in pairwise(page.lines))
        assert page_from(from_line(to_line(page_message(page)))) == page


@every_format
def test_reading_again_gives_the_same(example: Example, written: Written) -> None:
    data = example.make()
    first, second = (pages_of(opened(written, data, example.name)) for _ in range(2))

    assert first == second


@every_format
def test_any_portion_is_the_same_as_the_whole(example: Example, written: Written) -> None:
    document = opened(written, example.make(), example.name)
    told: list[int] = []

    assert document.read(document.page_count, document.page_count, told.append) == pages_of(document)[-1:]
    assert told == [1]


@every_format
def test_what_is_cut_off_or_spoilt_ends_in_an_error_of_its_kind(example: Example, written: Written) -> None:
    data = example.make()
    chance = random.Random(example.name)
    for _ in range(40):
        spoilt = bytearray(data)
        for place in chance.sample(range(len(data)), min(len(data), 20)):
            spoilt[place] = chance.randrange(256)
        for broken in (data[: chance.randrange(1, len(data))], bytes(spoilt)):
            try:
                pages_of(opened(written, broken, example.name))
            except UnreadableDocument as error:
                assert error.message


@every_format
def test_half_a_file_is_damaged(example: Example, written: Written) -> None:
    if example.needs_whole:
        data = example.make()
        with pytest.raises(CorruptDocument):
            opened(written, data[: len(data) // 2], example.name)


@every_format
def test_an_empty_file_is_told(example: Example, written: Written) -> None:
    with pytest.raises(EmptyDocument):
        opened(written, b"", example.name)


@every_format
def test_noise_is_not_read(example: Example, written: Written) -> None:
    with pytest.raises(UnreadableDocument):
        opened(written, random.Random(1).randbytes(5_000), example.name)


@every_format
def test_too_much_text_is_refused(example: Example, written: Written) -> None:
    if example.scanned:
        with pytest.raises(ParserLimit, match="ARCHIVAR_MAX_IMAGE_PIXELS"):
            opened(written, example.make(), example.name, Limits(100, 10, 100_000))
        return
    with pytest.raises(ParserLimit, match="ARCHIVAR_MAX_TEXT_CHARS"):
        pages_of(opened(written, example.make(), example.name, Limits(100, 10, 1_000_000)))


@every_format
def test_an_encrypted_office_document_of_any_name_needs_a_password(example: Example, written: Written) -> None:
    data = ole.SIGNATURE + bytes(1000) + "EncryptedPackage".encode("utf-16-le") + bytes(1000)

    with pytest.raises(PasswordRequired):
        opened(written, data, example.name)


def test_the_children_read_every_format(pool: ParserPool, written: Written) -> None:
    for example in EXAMPLES:
        path = written(example.name, example.make())

        media_type, document = pool.parse(path, example.name, lambda _: None)

        assert media_type == example.media_type
        assert any(example.words in page.text for page in document.pages)
