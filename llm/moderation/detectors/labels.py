"""The words beside a number that say what it is: `Tel.`, `order no.`, `Kontonummer`. English and German."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from enum import Enum
from functools import cached_property, lru_cache
from itertools import product
from typing import NamedTuple


class Label(Enum):
    """What the nearest word before a number calls it."""

    NONE = 0
    PHONE = 1
    CARD = 2
    SSN = 3
    OTHER = 4


# How far before a number a word still speaks of it.
_REACH = 48
# What follows a label of something else, at most, where that label decides: `order number is`.
_NEAR = 3
_UNDER = "unter"
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_SENTENCE_END = re.compile(r"[\n;!?]|\.\s+(?=[A-ZÄÖÜ])")
# In small letters, beside an address that may otherwise be the number of a version or a chapter. All begin with a plain
# letter, which a search can skip to.
_NETWORK = re.compile(
    r"i(?<!\w.)p|h(?<!\w.)ost|server|address|adresse|p(?<!\w.)ing|subnet|gateway|d(?<!\w.)ns\b|netz|network|"
    r"l(?<!\w.)og(?:in|s|ged)?\b|connect|client|router|firewall|proxy|request|anfrage|zugriff|verbind|attack|angriff|"
    r"block|gesperrt|s(?<!\w.)can|//"
)
_KINDS = {
    Label.PHONE: (
        r"(?:tele)?fon(?:isch)?|tel|telefon\w*|telephone\w*|phones?|phoned|\w+phone|mobil\w*|handy\w*|cell|cellphone|"
        r"(?:tele)?fax\w*|call(?:s|ed|ing)?|(?:an|zurück|auf)?rufe?n?|anzurufen|angerufen|r(?:ü|ue)ck?ruf\w*|anruf\w*|"
        r"(?:un)?erreich\w*|reach(?:ed|able)?|\w*hotline\w*|whatsapp|sms|texted|dial\w*|ring|durchwahl\w*|extension|"
        r"(?:an)?w(?:ä|ae)hl(?:en|e|t)|kontakt(?:nummer|telefon)|pager|voicemail|signal|mobilfunk\w*|klingel\w*|"
        r"rufnummer\w*"
    ),
    Label.CARD: (
        r"(?:credit|debit|bank|payment|visa|kredit|giro|ec)?-?(?:card|karte)\w*|kreditkarten\w*|visa\w*|mastercard|amex|"
        r"express|charge|charged|belaste\w*|cc|diners|maestro"
    ),
    Label.SSN: r"ssns?|social|sozialversicherung\w*|taxpayer|tin|itin",
    Label.OTHER: (
        r"orders?|\w*bestell\w*|\w*auftr[aä]g\w*|invoice\w*|\w*rechnung\w*|track\w*|\w*sendung\w*|paket\w*|parcels?|"
        r"shipments?|shipping|lieferschein\w*|isbn|issn|ean|gtin|upc|sku|artikel\w*|art|items?|article|serial\w*|serien\w*|"
        r"parts?|teile\w*|versions?\w*|ver|v|releases?|build|firmware\w*|kunden(?:nummer|nr|konto)\w*|\w*vertrag\w*|"
        r"versicherungs\w*|vorgang\w*|aktenzeichen|az|cases?|tickets?\w*|referen\w*|ref|\w*konto\w*|accounts?|blz|ust-id\w*|"
        r"vat|steuer\w*|hra|hrb|plz|postleitzahl\w*|zip|batch\w*|lot|charge|chargen\w*|mode?ll?\w*|imei|imsi|iccid|"
        r"personal(?:nummer|nr|ausweis)\w*|purchase|po|doi|arxiv|patent\w*|coordinates?|koordinaten|lat|lon|timestamps?|"
        r"zeitstempel|inventar\w*|inventory|assets?|transactions?|transaktion\w*|buchung\w*|bookings?|reservation\w*|"
        r"reservierung\w*|members?|membership|mitglied\w*|licen[sc]e\w*|lizenz\w*|documents?|dokument\w*|beleg\w*|vouchers?|"
        r"gutschein\w*|sections?|abschnitt\w*|chapters?|kapitel\w*|clauses?|ziffer|din|iso|matrikel\w*|passport\w*|"
        r"reisepass\w*|ausweis\w*|meter|zähler\w*|commit|hash|uuid|files?|datei\w*|regist\w*|catalog\w*|katalog\w*|"
        r"barcode\w*|drawing\w*|zeichnung\w*|proben?\w*|samples?|freight\w*|containers?|fracht\w*|range|bereich|between|"
        r"zwischen|projects?|projekt\w*|tax|waybill|consignment|receipts?|quittung\w*|claims?|schaden\w*|meldung\w*|"
        r"id|patientennummer|device|gerät\w*|material\w*|bauteil\w*|revision|rev|norm|standard|software\w*|programm\w*|\w*stand"
    ),
}
_KIND = re.compile("|".join(f"(?P<{label.name}>{kind})" for label, kind in _KINDS.items()))
_OF_PHONES = product(("contact", "home", "work", "office", "landline"), ("number",))
_OF_CALLS = product(("contact", "text"), ("me", "us", "her", "him"))
_OF_OTHERS = product(
    re.findall(
        r"\w+", "customer contract policy employee delivery customs reference order student patient device model id"
    ),
    ("no", "number", "id", "note", "nr"),
)
_PAIRS = {
    **dict.fromkeys((*_OF_PHONES, *_OF_CALLS), Label.PHONE),
    ("social", "security"): Label.SSN,
    **dict.fromkeys(_OF_OTHERS, Label.OTHER),
}


class _Said(NamedTuple):
    """A label: where its first word starts, and the number of its last one."""

    first: int
    word: int
    label: Label


class Words:
    """What the words of a text say of its numbers. Looked for when first asked, for all numbers together."""

    def __init__(self, text: str) -> None:
        self._text = text

    def label_before(self, place: int) -> Label:
        """What the words just before a place, in the same sentence, call what stands there."""
        starts, said_at = self._starts, self._said_at
        count = bisect_left(starts, place)
        if not count or starts[count - 1] < place - _REACH:
            return Label.NONE
        begin = self._begin(place)
        number = bisect_left(said_at, place) - 1
        while number >= 0 and said_at[number] >= begin:
            first, word, label = self._said[number]
            # Of a pair, the first word may belong to the sentence before.
            if first >= begin:
                return Label.NONE if label is Label.OTHER and count - 1 - word >= _NEAR else label
            number -= 1
        # `unter 030 ...`: nothing else is reached "under" a number.
        under = starts[count - 1]
        return Label.PHONE if under >= begin and self._found[count - 1][1] == _UNDER else Label.NONE

    def parts_called(self, label: Label, margin: int) -> list[tuple[int, int]]:
        """Where everything starts that is called so, and a margin before; these parts do not overlap."""
        places = [said.first for said in self._said if said.label is label]
        if label is Label.PHONE:
            places += [start for start, word in self._found if word == _UNDER]
        parts: list[tuple[int, int]] = []
        for place in sorted(places):
            start, end = max(0, place - margin), place + _REACH + 1
            if parts and start <= parts[-1][1]:
                parts[-1] = parts[-1][0], end
            else:
                parts.append((start, end))
        return parts

    def name_networks(self, start: int, end: int) -> bool:
        """Whether a word in this part shows that addresses of networks are meant."""
        starts, ends = self._networks
        number = bisect_left(starts, start)
        return number < len(ends) and ends[number] <= end

    @cached_property
    def _found(self) -> list[tuple[int, str]]:
        return [(match.start(), match[0].lower()) for match in _WORD.finditer(self._text)]

    @cached_property
    def _starts(self) -> list[int]:
        return [start for start, _word in self._found]

    @cached_property
    def _said(self) -> list[_Said]:
        """By place; of a pair, what both words say stands behind what the second one does."""
        return list(self._labels())

    @cached_property
    def _said_at(self) -> list[int]:
        return [self._starts[said.word] for said in self._said]

    def _labels(self) -> Iterator[_Said]:
        before, at = "", 0
        for number, (start, word) in enumerate(self._found):
            label = _label(word)
            if label is not Label.NONE:
                yield _Said(start, number, label)
            if pair := _PAIRS.get((before, word)):
                yield _Said(at, number, pair)
            before, at = word, start

    @cached_property
    def _ends(self) -> list[int]:
        return [match.end() for match in _SENTENCE_END.finditer(self._text)]

    @cached_property
    def _networks(self) -> tuple[list[int], list[int]]:
        # The one letter that becomes two when it is made small.
        matches = list(_NETWORK.finditer(self._text.replace("\u0130", "i").lower()))
        return [match.start() for match in matches], [match.end() for match in matches]

    def _begin(self, place: int) -> int:
        """Where the sentence begins, or what is near enough. A label on the line above still speaks of a number."""
        ends, earliest = self._ends, place - _REACH
        number = bisect_right(ends, place) - 1
        while number >= 0 and (end := ends[number]) > earliest:
            if end < place and not self._text[end:place].isspace():
                return end
            number -= 1
        return earliest


@lru_cache(maxsize=20_000)
def _label(word: str) -> Label:
    found = _KIND.fullmatch(word)
    return Label[found.lastgroup] if found and found.lastgroup else Label.NONE
