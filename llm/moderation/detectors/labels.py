"""The words beside a number that say what it is: `Tel.`, `order no.`, `Kontonummer`. English and German."""

import re
from enum import Enum
from functools import lru_cache

import numpy as np


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
_ANY_DIGIT = str.maketrans("123456789", "000000000")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
# A label on the line above still speaks of a number that its own line begins with.
_SENTENCE_END = re.compile(r"(?:[\n;!?]|\.\s+(?=[A-ZÄÖÜ]))(?=\s*\S)")
_KINDS = {
    Label.PHONE: re.compile(
        r"(?:tele)?fon(?:isch)?|tel|telefon\w*|telephone\w*|phones?|phoned|\w+phone|mobil\w*|handy\w*|cell|cellphone|"
        r"(?:tele)?fax\w*|call(?:s|ed|ing)?|(?:an|zurück|auf)?rufe?n?|anzurufen|angerufen|r(?:ü|ue)ck?ruf\w*|anruf\w*|"
        r"(?:un)?erreich\w*|reach(?:ed|able)?|\w*hotline\w*|whatsapp|sms|texted|dial\w*|ring|durchwahl\w*|extension|"
        r"(?:an)?w(?:ä|ae)hl(?:en|e|t)|kontakt(?:nummer|telefon)|pager|voicemail|signal|mobilfunk\w*|klingel\w*|"
        r"rufnummer\w*|(?:contact|home|work|office|landline) number|contact (?:me|us|her|him)|text (?:me|us|her|him)"
    ),
    Label.CARD: re.compile(
        r"(?:credit|debit|bank|payment|visa|kredit|giro|ec)?-?(?:card|karte)\w*|kreditkarten\w*|visa\w*|mastercard|amex|"
        r"express|charge|charged|belaste\w*|cc|diners|maestro"
    ),
    Label.SSN: re.compile(r"ssns?|social|social security|sozialversicherung\w*|taxpayer|tin|itin"),
    Label.OTHER: re.compile(
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
        r"(?:customer|contract|policy|employee|delivery|customs|reference|order|student|patient|device|model|id) "
        r"(?:no|number|id|note|nr)|id|patientennummer|device|gerät\w*|material\w*|bauteil\w*|revision|rev|norm|standard|software\w*|programm\w*|\w*stand"
    ),
}


def masked(text: str) -> str:
    """The text with 0 for each digit: lists and logs repeat what stands around their numbers, but for other numbers."""
    if text.isascii():
        return text.translate(_ANY_DIGIT)
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).copy()
    codes[(codes > ord("0")) & (codes <= ord("9"))] = ord("0")
    return codes.tobytes().decode("utf-32-le", "surrogatepass")


def label_before(around: str, place: int) -> Label:
    """What the words just before a place, in the same sentence, call what stands there. `around` is a `masked` text."""
    return _last_label(around[max(0, place - _REACH) : place])


@lru_cache(maxsize=2_000)
def _last_label(before: str) -> Label:
    ends = [match.end() for match in _SENTENCE_END.finditer(before)]
    words = _WORD.findall(before.lower(), ends[-1] if ends else 0)
    for distance in range(len(words)):
        place = len(words) - 1 - distance
        pair = _label(" ".join(words[place - 1 : place + 1])) if place else Label.NONE
        label = pair if pair is not Label.NONE else _label(words[place])
        if label is Label.OTHER and distance >= _NEAR:
            return Label.NONE
        if label is not Label.NONE:
            return label
    # `unter 030 ...`: nothing else is reached "under" a number.
    return Label.PHONE if words and words[-1] == "unter" else Label.NONE


@lru_cache(maxsize=20_000)
def _label(words: str) -> Label:
    return next((label for label, kind in _KINDS.items() if kind.fullmatch(words)), Label.NONE)
