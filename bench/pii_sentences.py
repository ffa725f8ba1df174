"""How well personal data is found, and told from what only looks like it, in made-up sentences.

    python -m bench.pii_sentences [--half dev|test] [--count 2000] [--seed 1] [--json] [--wrong]

Sentences are English and German. The halves share no template: who works on the detectors looks at `dev` alone. A
piece of data counts as found where a span of its kind covers it exactly, a full stop or an extension aside; every
other span is a false one. Without `--json`, `bench/results/pii_HALF.json` is written.
"""

import argparse
import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench import report
from bench.pii_values import KINDS, LOOK_ALIKES
from llm.moderation.detectors.pii import Span, find

_DEV = """
Please write to {email} or call {phone}.
My number is {phone}, and my e-mail is {email}.
The refund goes to {iban}; the order was {order}.
She paid with card {card} on {date}.
SSN {ssn} was entered twice in the form.
Login from {ip} at {other} was refused.
Order {order} was shipped on {date} under tracking number {tracking}.
Version {version} was released on {date}.
The book has ISBN {isbn} and costs EUR {amount}.
The IBAN {wrong_iban} was rejected: wrong check digits.
Card number {wrong_card} is not valid.
The number {wrong_ssn} cannot be a social security number.
We upgraded from version {version} to {version} and moved the server to {ip}.
Call us at {phone} about invoice {order}.
Total revenue was {amount} in fiscal year 2021.
Customer (email: {email}, tel: {phone}) asked about parcel {tracking}.
Host {ip} runs release {version}.
Reference: {other}
Bitte schreiben Sie an {email} oder rufen Sie {phone} an.
Meine Telefonnummer lautet {phone}.
Überweisen Sie den Betrag von {amount} EUR auf das Konto {iban}.
Die Bestellnummer {order} vom {date} wurde storniert.
Die Sendung {tracking} kommt am {date} an.
Kreditkarte {card}, gültig bis 12/27.
Die IBAN {wrong_iban} ist falsch.
Softwarestand {version}, Serverprotokoll vom {date}.
Der Zugriff kam von {ip}.
Artikelnummer {order}, ISBN {isbn}.
Tel.: {phone} | Mail: {email}
Unter {phone} erreichen Sie uns werktags.
Im Vertrag Nr. {order} steht eine Summe von {amount} Euro.
Commit {other} behebt den Fehler aus Version {version}.
"""
_TEST = """
Could you text me at {phone} once {email} has replied?
Contact: {email}, phone {phone}, account holder's IBAN {iban}.
Her social security number is {ssn}, born on {date}.
The employee's SSN ({ssn}) must not appear in the report.
Charge it to my Visa {card} please.
Payment by credit card {card} failed; try {card} instead.
The firewall blocked {ip} and {ip} within a minute.
Ping {ip} before you restart the gateway.
Fax {phone}, e-mail {email}
For questions about purchase order {order} dial {phone}.
Your parcel with tracking ID {tracking} left the depot on {date}.
Firmware {version} fixes the bug reported on {date}.
We tested builds {version} and {version}.
See ISBN {isbn}, second edition.
An amount of USD {amount} was booked on {date}.
Bank details {wrong_iban} could not be verified.
The terminal refused {wrong_card} because of a typing error.
Invalid SSN {wrong_ssn} in line 7.
Item no. {order} is out of stock.
Ticket {order} was closed on {date} at 14:30.
The log says: {other}
Serial number {order}, model {version}
Net sales grew to {amount}, up 12.5 % from {amount}.
Meet Mr Roth (mobile {phone}) on {date}.
Ihre Rechnung {order} über {amount} € ist am {date} fällig.
Rückfragen bitte an {email} oder telefonisch unter {phone}.
Frau Bauer ist mobil unter {phone} zu erreichen.
Bankverbindung: IBAN {iban}, Verwendungszweck {order}
Lastschrift von {iban} am {date} eingelöst.
Die Karte {card} wurde gesperrt.
Vom Rechner {ip} wurden 1200 Anfragen gesendet.
Paketnummer {tracking}, Zustellung {date}
Bitte aktualisieren Sie auf Version {version}.
Aktenzeichen {order}, Eingang {date}
Das Buch (ISBN {isbn}) kostet {amount} EUR.
Prüfziffer falsch: {wrong_iban}
Kartennummer {wrong_card} abgelehnt.
Kundennummer {order}, Ansprechpartner {email}
Handy: {phone}
Das Protokoll nennt {other} und {version}.
"""
HALVES = {half: templates.strip().splitlines() for half, templates in (("dev", _DEV), ("test", _TEST))}
_FIELD = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Sentence:
    """A sentence and the personal data that stands in it."""

    text: str
    data: tuple[Span, ...]


def sentences(half: str, count: int, seed: int) -> Iterator[Sentence]:
    """Made-up sentences, the same ones for the same seed."""
    rng = random.Random(f"{half}:{seed}")
    for number in range(count):
        templates = HALVES[half]
        yield _filled(templates[number % len(templates)], rng)


def _filled(template: str, rng: random.Random) -> Sentence:
    text, data, reached = "", [], 0
    for field in _FIELD.finditer(template):
        text += template[reached : field.start()]
        kind, reached = field[1], field.end()
        value = (KINDS.get(kind) or LOOK_ALIKES[kind])(rng)
        if kind in KINDS:
            data.append(Span(kind, len(text), len(text) + len(value)))
        text += value
    return Sentence(text + template[reached:], tuple(data))


def counts(examined: Sequence[Sentence]) -> tuple[Counter[str], Counter[str], Counter[str], list[str]]:
    """By kind: what there is, what was found of it, what was found wrongly; and the lines to look at."""
    there, found, false = Counter[str](), Counter[str](), Counter[str]()
    wrong: list[str] = []
    for sentence in examined:
        spans = find(sentence.text)
        there.update(span.kind for span in sentence.data)
        found.update(span.kind for span in sentence.data if span in spans)
        false.update(span.kind for span in spans if span not in sentence.data)
        missed = [f"missed {s.kind} {sentence.text[s.start : s.end]}" for s in sentence.data if s not in spans]
        extra = [f"false {s.kind} {sentence.text[s.start : s.end]}" for s in spans if s not in sentence.data]
        wrong += [f"{problem}   in: {sentence.text}" for problem in missed + extra]
    return there, found, false, wrong


def figures(half: str, count: int, seed: int) -> tuple[dict[str, object], list[str]]:
    """Recall and precision, overall and by kind, and what is wrong."""
    there, found, false, wrong = counts(list(sentences(half, count, seed)))
    kinds = {
        kind: {
            "there": there[kind],
            "recall": round(found[kind] / max(there[kind], 1), 4),
            "precision": round(found[kind] / max(found[kind] + false[kind], 1), 4),
        }
        for kind in KINDS
    }
    recall, precision = found.total() / there.total(), found.total() / (found.total() + false.total())
    return {
        "half": half,
        "sentences": count,
        "seed": seed,
        "recall": round(recall, 4),
        "precision": round(precision, 4),
        "kinds": kinds,
    }, wrong


def main() -> None:
    """Make the sentences, look for the data, show and store the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=tuple(HALVES), default="test")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--wrong", action="store_true", help="list what was missed or found wrongly")
    wanted = parser.parse_args()
    result, wrong = figures(wanted.half, wanted.count, wanted.seed)
    if wanted.wrong:
        print("\n".join(wrong))
    print(json.dumps(result, indent=None if wanted.json else 2))
    if not wanted.json:
        (report.RESULTS / f"pii_{wanted.half}.json").write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
