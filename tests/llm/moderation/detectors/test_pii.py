"""Personal data is found, and what only looks like it is left alone."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.pii_sentences import counts, sentences
from llm.moderation.detectors.pii import find
from tests.growth import growth


def found(text: str) -> list[tuple[str, str]]:
    return [(span.kind, text[span.start : span.end]) for span in find(text)]


@pytest.mark.parametrize(
    ("kind", "data", "text"),
    [
        ("email", "j.doe+x@firm-a.co.uk", "Mail {}, please."),
        ("email", "müller@bücher.de", "An <{}>"),
        ("email", "john (at) example (dot) com", "I am {}"),
        ("email", "a@b.io", "mailto:{}?subject=x"),
        ("card", "4111 1111 1111 1111", "Card {} 12/27"),
        ("card", "378282246310005", "Amex {}."),
        ("iban", "DE89 3704 0044 0532 0130 00", "IBAN {} bei der Bank"),
        ("iban", "gb82west12345698765432", "to {}"),
        ("ssn", "123-45-6789", "SSN {}"),
        ("ssn", "123456789", "social security number: {}"),
        ("ip", "10.0.0.17", "ping {}:8080"),
        ("ip", "203.0.113.9", "http://{}/x"),
        ("ip", "1.2.3.4", "the address {} of the server"),
        ("ip", "fe80::1ff:fe23:4567:890a", "from {}."),
        ("phone", "+49 30 1234567", "Tel. {}"),
        ("phone", "+49 (0)221 456 78-90", "{} erreichen Sie uns"),
        ("phone", "030/123 45 67", "Ruf {} an"),
        ("phone", "0049 171 1234567", "{}"),
        ("phone", "(555) 234-5678", "at {} now"),
        ("phone", "415-555-2671 ext. 12", "Office {}"),
        ("phone", "+33 1 23 45 67 89", "Paris {}"),
        ("phone", "415-234-5678", "Your order 12345 has shipped. Questions? {}"),
        ("phone", "+49\u200b 30 1234567", "hidden {}"),
        ("ssn", "123-45-6789", "SSN\n{}"),
        ("card", "4111 1111 1111 1111", "Card\n{}\nExpiry"),
        ("ip", "203.0.113.9", "Server\n{}"),
        ("phone", "030 1234567", "Tel\n{}"),
        ("phone", "030 1234567", "tel:{}"),
        ("email", "john \n(at) example.com", "I am {}"),
    ],
)
def test_data_is_found_where_it_stands(kind: str, data: str, text: str) -> None:
    assert found(text.format(data)) == [(kind, data)]


@pytest.mark.parametrize("before", ["4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00", "fe80::1"])
def test_a_phone_number_is_found_right_behind_other_data(before: str) -> None:
    assert [data for kind, data in found(f"{before} (212) 555-0199") if kind == "phone"] == ["(212) 555-0199"]


@pytest.mark.parametrize(
    "text",
    [
        "git@github.com:org/x and https://user:secret@host.com/x",
        "§ 030 1234567, EUR 030 1234567, ISBN 3-030-12345-6",
        "f47ac10b-58cc-4372-a567-030123456789",
        "Card 4111 1111 1111 1112, order 4111111111111111",
        "IBAN DE12 3704 0044 0532 0130 00",
        "SSN 666-12-1234, order number 123-45-6789",
        "version 1.2.3.4, 10.2.3.4 Scope, 256.1.1.1, std::vector 12:30:45, 00:1A:2B:3C:4D:5E",
        "Am 01.02.2024 12:30, Betrag +12 345 678 EUR, Nr. 0815-4711",
        "Bestellnummer 0221 4567890, ISBN 978-3-16-148410-0, 2024-11-05 12:30:00",
        "tracking 1Z999AA10123456784 00340434161234567890",
        "commit 4f2c9a1b3d5e6f708192a3b4c5d6e7f801234567",
        "revenue 1,234,567,890 and 12.345.678,90 in 2021 2022 2023",
        "",
    ],
)
def test_a_look_alike_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_made_up_sentences_meet_the_targets() -> None:
    there, right, false, wrong = counts(list(sentences("dev", 400, seed=7)))

    assert right.total() / there.total() >= 0.99, wrong
    assert right.total() / (right.total() + false.total()) >= 0.95, wrong


@given(st.text(alphabet="0123456789 .-+()/@:aDE\u200b", max_size=200))
def test_spans_are_in_order_and_apart(text: str) -> None:
    spans = find(text)

    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(before.end <= after.start for before, after in pairwise(spans))


@pytest.mark.parametrize(
    "text",
    [
        *("1", "1 ", "0-", "@a.", "a@", "DE12 ", "::", "1.2.3.4 ", "+49 30 1234567 ", "4111 ", "4111-1111-", "(at)"),
        # Words beside numbers, and none.
        *("tel\n", "call 5551234 ", "unter 5551234\n\n", "1.2.3.4\n", "call no one. " * 9, "5551234 " + "x" * 300),
    ],
)
def test_the_cost_grows_with_the_length_only(text: str) -> None:
    assert growth(find, text) < 10


@pytest.mark.parametrize(
    ("before", "kinds"),
    [
        ("Tel. ", ["phone"]),
        ("contact number ", ["phone"]),
        ("erreichbar unter ", ["phone"]),
        ("Sie kommen unter ", ["phone"]),
        ("Unter Tage: ", []),
        ("customer number ", []),
        ("Kundennummer ", []),
        # The nearest word decides, a far one of something else no more.
        ("order for the phone ", ["phone"]),
        ("phone for the order ", []),
        # Words of another sentence, or further away than 48 characters, say nothing of it.
        ("Nobody answered the phone. There were ", []),
        ("Nobody answered the phone; there were ", []),
        ("Phone\n", ["phone"]),
        ("phone " + "and so on " * 5, []),
    ],
)
def test_words_before_a_number_say_what_it_is(before: str, kinds: list[str]) -> None:
    number = "55512346"
    for around in ("", "x " * 600, "İ and call me. " * 60):
        assert [kind for kind, data in found(f"{around}{before}{number} {around}") if number in data] == kinds


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("host 1.2.3.4", True),
        ("HOST: 1.2.3.4", True),
        ("1.2.3.4 (server)", True),
        ("the ghost 1.2.3.4", False),
        ("a ship 1.2.3.4", False),
        ("the server room is described at some length in 1.2.3.4", False),
        ("1.2.3.4 is about the room of the server", False),
    ],
)
def test_words_beside_small_numbers_say_whether_they_are_an_address(text: str, is_found: bool) -> None:
    assert bool(found(text)) is is_found


def test_whatever_is_called_a_phone_number_is_found_in_a_long_text() -> None:
    text = " ".join(f"call {number} or not; {'so ' * (number % 90)}" for number in range(7_000_001, 7_000_101))

    assert [data for _kind, data in found(text)] == [str(number) for number in range(7_000_001, 7_000_101)]


@pytest.mark.parametrize("before", ["", ".", "/", "-#"])
def test_what_a_link_says_before_an_address_is_no_part_of_it(before: str) -> None:
    assert found(f"see {before}mailto=ann.lee@acme.org") == [("email", "ann.lee@acme.org")]


def test_a_document_number_is_no_phone_number_beside_another_address() -> None:
    assert found("call 10.1234/abc(at) firma (dot) de") == [("email", "abc(at) firma (dot) de")]


@pytest.mark.parametrize("text", ["+49.30123456 0171 2345678", "Tel. +49.30123456 - 0171 2345678"])
def test_a_number_beside_what_is_none_is_found(text: str) -> None:
    assert ("phone", "0171 2345678") in found(text)
