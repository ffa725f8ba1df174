"""Made-up personal data, and numbers that only look like it. All of it comes from a seeded generator."""

import random
from collections.abc import Callable, Mapping

_NAMES = [
    "anna",
    "ben",
    "carla",
    "dirk",
    "elena",
    "farid",
    "greta",
    "hugo",
    "ines",
    "jonas",
    "kemal",
    "lena",
    "marco",
    "nora",
    "otto",
    "petra",
    "ravi",
    "sofia",
    "tim",
    "ute",
]
_SURNAMES = [
    "abel",
    "bauer",
    "costa",
    "diaz",
    "ernst",
    "fuchs",
    "grant",
    "huber",
    "ito",
    "jansen",
    "koch",
    "lopez",
    "moreau",
    "novak",
    "olsen",
    "peters",
    "quinn",
    "roth",
]
_HOSTS = [
    "example",
    "firma-nord",
    "acme",
    "mail",
    "kanzlei-west",
    "stadtwerke",
    "uni-sued",
    "contoso",
    "globex",
    "praxis",
    "initech",
]
_ENDINGS = ["com", "de", "org", "net", "eu", "co.uk", "info", "io", "at", "ch"]
# Two letters of the country and how many digits follow the check digits.
_IBANS = {"DE": 18, "AT": 16, "BE": 12, "DK": 14, "ES": 20, "PT": 21, "PL": 24, "FI": 14, "SE": 20, "NO": 11, "CZ": 20}
_BANKS = {"GB": ("NWBK", 14), "NL": ("ABNA", 10), "IE": ("AIBK", 14), "RO": ("BTRL", 16), "LV": ("HABA", 13)}
_CARDS = (
    ("4", 16),
    ("51", 16),
    ("55", 16),
    ("2720", 16),
    ("37", 15),
    ("34", 15),
    ("6011", 16),
    ("36", 14),
    ("3530", 16),
)
_AREAS = ("30", "40", "69", "89", "221", "341", "711", "931", "2102", "4131", "6221", "7071", "8821", "33203")

Random = random.Random
Maker = Callable[[Random], str]


def digits(rng: Random, count: int) -> str:
    """So many random digits."""
    return "".join(rng.choice("0123456789") for _ in range(count))


def _grouped(rng: Random, text: str, sizes: tuple[int, ...], gap: str) -> str:
    parts, place = [], 0
    for size in sizes:
        parts.append(text[place : place + size])
        place += size
    return gap.join(part for part in [*parts, text[place:]] if part)


def email(rng: Random) -> str:
    """An e-mail address."""
    name, surname = rng.choice(_NAMES), rng.choice(_SURNAMES)
    local = rng.choice(
        [f"{name}.{surname}", f"{name[0]}{surname}", f"{name}_{surname}{digits(rng, 2)}", f"{surname}+{name}", name]
    )
    host = rng.choice(["", "mail.", "team."]) + rng.choice(_HOSTS)
    address = f"{local}@{host}.{rng.choice(_ENDINGS)}"
    return rng.choice([address, address, address, address.title(), address.upper()])


def _luhn(body: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 - place % 2)
        total += value - 9 * (value > 9)
    return str(-total % 10)


def _card_digits(rng: Random) -> str:
    prefix, length = rng.choice(_CARDS)
    body = prefix + digits(rng, length - len(prefix) - 1)
    return body + _luhn(body)


def _written_card(rng: Random, number: str) -> str:
    sizes = {16: (4, 4, 4), 15: (4, 6), 14: (4, 6)}[len(number)]
    return rng.choice([number, _grouped(rng, number, sizes, " "), _grouped(rng, number, sizes, "-")])


def card(rng: Random) -> str:
    """A card number with the right check digit."""
    return _written_card(rng, _card_digits(rng))


def wrong_card(rng: Random) -> str:
    """One with a wrong check digit."""
    number = _card_digits(rng)
    return _written_card(rng, number[:-1] + str((int(number[-1]) + rng.randint(1, 9)) % 10))


def _iban(rng: Random, shift: int) -> str:
    if rng.random() < 0.7:
        country = rng.choice(sorted(_IBANS))
        account = digits(rng, _IBANS[country])
    else:
        country = rng.choice(sorted(_BANKS))
        account = _BANKS[country][0] + digits(rng, _BANKS[country][1])
    number = int("".join(str(int(character, 36)) for character in f"{account}{country}00"))
    check = (98 - number % 97 + shift - 2) % 97 + 2
    iban = f"{country}{check:02}{account}"
    return rng.choice([iban, _grouped(rng, iban, (4,) * 8, " "), _grouped(rng, iban, (4,) * 8, " ")])


def iban(rng: Random) -> str:
    """An IBAN with the right check digits."""
    return _iban(rng, 0)


def wrong_iban(rng: Random) -> str:
    """One with wrong check digits."""
    return _iban(rng, rng.randint(1, 96))


def ssn(rng: Random) -> str:
    """A US social security number of an area that exists."""
    area = rng.choice([number for number in range(1, 900) if number != 666])
    gap = rng.choice("---- ")
    return f"{area:03}{gap}{rng.randint(1, 99):02}{gap}{rng.randint(1, 9999):04}"


def wrong_ssn(rng: Random) -> str:
    """One that is never issued."""
    area = rng.choice(["000", "666", str(rng.randint(900, 999))])
    return f"{area}-{rng.randint(1, 99):02}-{rng.randint(1, 9999):04}"


def ip(rng: Random) -> str:
    """An address, of version 4 or 6."""
    if rng.random() < 0.65:
        first = rng.choice(["10", "172", "192", "93", "185", "203", "81"])
        return ".".join([first, *(str(rng.randint(0, 255)) for _ in range(3))])
    groups = [f"{rng.randint(1, 0xFFFF):x}" for _ in range(6)]
    return rng.choice(
        [f"2001:db8:{':'.join(groups)}", f"fe80::{':'.join(groups[:4])}", f"2a02:8{groups[0][:2]}::{groups[1]}"]
    )


def phone(rng: Random) -> str:
    """A phone number in a form used in Germany, the United States or elsewhere."""
    area = rng.choice(_AREAS)
    line = str(rng.randint(2, 9)) + digits(rng, rng.randint(8, 9) - len(area))
    mobile = rng.choice(["151", "160", "170", "175", "179"])
    us = (
        f"{rng.randint(2, 9)}{rng.randint(0, 9)}{rng.choice('02345')}",
        f"{rng.randint(2, 9)}{rng.choice('02345')}{rng.randint(2, 9)}",
    )
    last = digits(rng, 4)
    forms = [
        f"+49 {area} {line}",
        f"+49 (0){area} {line}",
        f"0{area} {line}",
        f"0{area}/{line}",
        f"0{area}-{line}",
        f"(0{area}) {line}",
        f"+49 {area} {line[:3]} {line[3:]}",
        f"0049 {area} {line}",
        f"+49{mobile}{digits(rng, 8)}",
        f"0{mobile} {digits(rng, 7)}",
        f"0{mobile}/{digits(rng, 8)}",
        f"({us[0]}) {us[1]}-{last}",
        f"{us[0]}-{us[1]}-{last}",
        f"{us[0]}.{us[1]}.{last}",
        f"+1 {us[0]} {us[1]} {last}",
        f"+1-{us[0]}-{us[1]}-{last}",
        f"1-{us[0]}-{us[1]}-{last}",
        f"+44 20 {digits(rng, 4)} {digits(rng, 4)}",
        f"+33 1 {' '.join(digits(rng, 2) for _ in range(4))}",
        f"+41 44 {digits(rng, 3)} {digits(rng, 2)} {digits(rng, 2)}",
    ]
    return rng.choice(forms)


def _isbn(rng: Random) -> str:
    group, publisher = rng.choice("03"), digits(rng, rng.randint(2, 5))
    title = digits(rng, 8 - len(publisher))
    return f"978-{group}-{publisher}-{title}-{rng.randint(0, 9)}"


def _date(rng: Random) -> str:
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(1990, 2029)
    return rng.choice(
        [
            f"{day:02}.{month:02}.{year}",
            f"{year}-{month:02}-{day:02}",
            f"{month}/{day}/{year}",
            f"{day:02}/{month:02}/{year}",
            f"{year}-{month:02}-{day:02} {rng.randint(0, 23):02}:{rng.randint(0, 59):02}:{rng.randint(0, 59):02}",
            f"{day:02}-{month:02}-{year}",
        ]
    )


def _version(rng: Random) -> str:
    parts = [str(rng.randint(0, 30)) for _ in range(rng.choice([3, 4, 4]))]
    return rng.choice(["", "v"]) + ".".join(parts)


def _order(rng: Random) -> str:
    return rng.choice(
        [
            digits(rng, 10),
            f"{digits(rng, 3)}-{digits(rng, 7)}-{digits(rng, 7)}",
            f"0{digits(rng, 3)}-{digits(rng, 4)}",
            f"A-{digits(rng, 8)}",
            f"{digits(rng, 4)} {digits(rng, 4)} {digits(rng, 4)}",
            f"{rng.randint(2000, 2029)}/{digits(rng, 6)}",
            f"{digits(rng, 3)}-{digits(rng, 2)}-{digits(rng, 4)}",
            f"{digits(rng, 3)}-{digits(rng, 3)}-{digits(rng, 4)}",
            digits(rng, 16),
            f"PO{digits(rng, 9)}",
        ]
    )


def _tracking(rng: Random) -> str:
    return rng.choice(
        [
            f"1Z{digits(rng, 3)}AA10{digits(rng, 8)}",
            f"0034043{digits(rng, 13)}",
            f"JJD{digits(rng, 18)}",
            f"RR{digits(rng, 9)}DE",
            digits(rng, 12),
            f"{digits(rng, 4)} {digits(rng, 4)} {digits(rng, 4)}",
            f"9400{digits(rng, 18)}",
        ]
    )


def _amount(rng: Random) -> str:
    whole = f"{rng.randint(1, 999)},{digits(rng, 3)},{digits(rng, 3)}"
    return rng.choice(
        [
            f"{whole}.{digits(rng, 2)}",
            whole.replace(",", ".") + f",{digits(rng, 2)}",
            whole.replace(",", " "),
            f"+{whole.replace(',', ' ')}",
        ]
    )


def _other(rng: Random) -> str:
    return rng.choice(
        [
            "-".join(f"{rng.getrandbits(bits):0{bits // 4}x}" for bits in (32, 16, 16, 16, 48)),
            f"{rng.getrandbits(160):040x}",
            ":".join(f"{rng.getrandbits(8):02X}" for _ in range(6)),
            f"{rng.randint(0, 89)}.{digits(rng, 6)}, {rng.randint(0, 179)}.{digits(rng, 6)}",
            f"DIN EN ISO {rng.randint(1000, 90000)}-{rng.randint(1, 9)}",
            f"std::map<{rng.randint(1, 9)}>",
            f"@release/{_version(rng)}",
            f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:{rng.randint(0, 59):02}",
            f"HRB {digits(rng, 6)}",
            f"§ {rng.randint(1, 300)} Abs. {rng.randint(1, 9)}",
        ]
    )


KINDS: Mapping[str, Maker] = {"email": email, "card": card, "iban": iban, "ssn": ssn, "ip": ip, "phone": phone}
LOOK_ALIKES: Mapping[str, Maker] = {
    "order": _order,
    "tracking": _tracking,
    "version": _version,
    "date": _date,
    "isbn": _isbn,
    "amount": _amount,
    "other": _other,
    "wrong_card": wrong_card,
    "wrong_iban": wrong_iban,
    "wrong_ssn": wrong_ssn,
}
