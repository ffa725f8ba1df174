"""The words of moderation: categories of harm, kinds of personal data, points and actions. No behaviour."""

from collections.abc import Mapping
from enum import StrEnum

# Of the MLCommons taxonomy, under the numbers that Llama Guard 3 and 4 use. Guards that number otherwise are mapped by
# their adapters.
CATEGORIES: Mapping[str, str] = {
    "S1": "Violent Crimes",
    "S2": "Non-Violent Crimes",
    "S3": "Sex-Related Crimes",
    "S4": "Child Sexual Exploitation",
    "S5": "Defamation",
    "S6": "Specialized Advice",
    "S7": "Privacy",
    "S8": "Intellectual Property",
    "S9": "Indiscriminate Weapons",
    "S10": "Hate",
    "S11": "Suicide & Self-Harm",
    "S12": "Sexual Content",
    "S13": "Elections",
    "S14": "Code Interpreter Abuse",
}
PRIVACY, SELF_HARM = "S7", "S11"
# Something is wrong, but no category says what.
ANY = "any"
PII_KINDS: Mapping[str, str] = {
    "email": "e-mail address",
    "card": "card number",
    "iban": "bank account",
    "ssn": "social security number",
    "ip": "network address",
    "phone": "phone number",
}


class Point(StrEnum):
    """Where moderation looks, in the order of the read flow."""

    QUESTION = "question"
    RETRIEVAL = "retrieval"
    PASSAGE = "passage"
    GENERATION = "generation"
    ANSWER = "answer"
    RENDERING = "rendering"


class Action(StrEnum):
    """What a policy does about a finding, the mildest first."""

    OFF = "off"
    LOG = "log"
    WARN = "warn"
    REDACT = "redact"
    BLOCK = "block"

    @property
    def strength(self) -> int:
        """The stricter, the higher."""
        return _STRENGTHS[self]


_STRENGTHS = {action: number for number, action in enumerate(Action)}
