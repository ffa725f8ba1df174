"""Mail: the message and what is attached to it."""

from email.message import EmailMessage

import pytest

from core.errors import EmptyDocument, UnsupportedDocument
from core.values import Page
from ingest.parsers import Limits, Sample
from ingest.parsers.eml import PARSER, EmlDocument
from tests.ingest.conftest import Written
from tests.ingest.packages import paragraph, word
from tests.ingest.pdfs import Sheet, encrypted, lines, pdf

LIMITS = Limits(100, 1_000_000, 1_000_000)
PDF = pdf(Sheet(lines("The rent is 900 euros.")), Sheet(lines("It is due monthly.")))


def mail(text: str = "Dear Bob,\n\nsee the file.\n", subject: str = "The lease") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Änn <ann@example.org>"
    message["To"] = "bob@example.org"
    message["Date"] = "Fri, 01 Mar 2024 10:00:00 +0100"
    message["Subject"] = subject
    if text:
        message.set_content(text)
    return message


def opened(written: Written, message: EmailMessage | bytes) -> EmlDocument:
    data = message if isinstance(message, bytes) else message.as_bytes()
    return PARSER.open(written("a.eml", data), LIMITS)


def pages(document: EmlDocument) -> list[Page]:
    return document.read(1, document.page_count, lambda _: None)


def attach(message: EmailMessage, name: str, data: bytes, kind: str = "application/octet-stream") -> None:
    main, sub = kind.split("/")
    message.add_attachment(data, maintype=main, subtype=sub, filename=name)


def test_the_message_is_the_first_page(written: Written) -> None:
    document = opened(written, mail())

    (page,) = pages(document)
    assert (document.title, document.warnings, page.name) == ("The lease", (), "Message")
    assert page.text.split("\n") == [
        "The lease",
        "From: Änn <ann@example.org>",
        "To: bob@example.org",
        "Date: Fri, 01 Mar 2024 10:00:00 +0100",
        "",
        "Dear Bob,",
        "",
        "see the file.",
    ]


def test_the_page_is_read_where_there_is_no_text(written: Written) -> None:
    message = mail("  \n")
    message.add_alternative("<p>Words<p style='display:none'>hidden", subtype="html")

    document = opened(written, message)

    assert pages(document)[0].text.endswith("Words")
    assert document.warnings == ("hidden_text",)


def test_attachments_are_pages_named_by_them(written: Written) -> None:
    message = mail()
    attach(message, "lease.pdf", PDF)
    attach(message, "house.docx", word(paragraph("The house")))
    attach(message, "rooms.csv", b"Room;Rent\nKitchen;900\nBath;300\n", "text/csv")

    found = pages(opened(written, message))

    assert [(page.number, page.name) for page in found] == [
        (1, "Message"),
        (2, "Attachment 1: lease.pdf › page 1"),
        (3, "Attachment 1: lease.pdf › page 2"),
        (4, "Attachment 2: house.docx"),
        (5, "Attachment 3: rooms.csv"),
    ]
    assert found[2].text == "It is due monthly."
    assert found[3].text == "The house"
    assert found[4].lines[0].place == "row 2"
    assert all(line.box is None for page in found for line in page.lines)


def test_a_mail_within_a_mail_is_read_with_what_is_attached_to_it(written: Written) -> None:
    inner, outer = mail("Inner words", "Inside"), mail()
    attach(inner, "a.txt", b"Innermost words")
    outer.add_attachment(inner)

    found = pages(opened(written, outer))

    assert [page.name for page in found[1:]] == [
        "Attachment 1: Inside.eml › Message",
        "Attachment 1: Inside.eml › Attachment 1: a.txt",
    ]


def test_mails_within_mails_end_somewhere(written: Written) -> None:
    message = mail("Innermost words")
    for _ in range(6):
        outer = mail()
        outer.add_attachment(message)
        message = outer

    document = opened(written, message)

    assert document.page_count == 4
    assert document.warnings == ("attachment_not_read",)


def test_what_cannot_be_read_is_told_of(written: Written) -> None:
    message = mail()
    attach(message, "locked.pdf", encrypted(PDF, "secret"))
    attach(message, "noise.bin", bytes(100))
    attach(message, "photo.png", b"\x89PNG\r\n\x1a\n", "image/png")
    attach(message, "a.txt", b"words")

    document = opened(written, message)

    assert [page.name for page in pages(document)] == ["Message", "Attachment 4: a.txt"]
    assert document.warnings == ("attachment_not_read",)


def test_more_attachments_than_are_read(written: Written) -> None:
    message = mail()
    for number in range(102):
        attach(message, f"{number}.txt", b"words")

    with pytest.raises(Exception, match="ARCHIVAR_MAX_PAGES"):
        opened(written, message)
    document = PARSER.open(written("a.eml", message.as_bytes()), Limits(5000, 1_000_000, 1_000_000))
    assert (document.page_count, document.warnings) == (101, ("attachment_not_read",))


def test_names_of_attachments_lead_nowhere(written: Written) -> None:
    message = mail()
    attach(message, "../../etc/passwd", b"words")
    attach(message, "", b"words", "text/html")

    assert [page.name for page in pages(opened(written, message))][1:] == [
        "Attachment 1: passwd",
        "Attachment 2: part 2.html",
    ]


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (b"Content-Type: text/plain; charset=nonsense\n\nGr\xc3\xbc\xc3\x9fe", "Grüße"),
        (b"Content-Type: text/plain; charset=utf-8\n\nGr\xfc\xdfe", "Grüße"),
        (b"Content-Type: text/plain; charset=latin-1\nContent-Transfer-Encoding: base64\n\nR3L832U=", "Grüße"),
    ],
)
def test_encodings_that_are_told_wrongly(part: bytes, text: str, written: Written) -> None:
    assert pages(opened(written, b"From: a\nSubject: b\n" + part))[0].text.endswith(text)


def test_a_message_without_words_is_empty(written: Written) -> None:
    with pytest.raises(EmptyDocument):
        opened(written, b"X-A: b\n\n")


def test_an_encrypted_message_is_refused(written: Written) -> None:
    with pytest.raises(UnsupportedDocument, match="encrypted"):
        opened(written, b"From: a\nSubject: b\nContent-Type: application/pkcs7-mime\n\nxyz")


@pytest.mark.parametrize(
    ("name", "head", "is_mail"),
    [
        ("", b"Received: from a\r\n by b\r\nFrom: a\r\n\r\nWords", True),
        ("", b"From ann Fri Mar 1\nFrom: a\nMessage-ID: <b>\n\nWords", True),
        (".eml", b"From: a\nSubject: b\n\nWords", True),
        (".txt", b"From: a\nSubject: b\n\nWords", False),
        (".eml", b"Note: a\nWords\n", False),
        ("", b"\x89PNG\r\n\x1a\n", False),
    ],
)
def test_mail_is_told_by_its_headers(name: str, head: bytes, is_mail: bool) -> None:
    assert PARSER.recognises(Sample(head, "", name)) is is_mail
