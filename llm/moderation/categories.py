"""The words of moderation: categories of harm, kinds of personal data, points and actions. No behaviour."""

from collections.abc import Mapping
from enum import StrEnum

from core.marks import INSTRUCTIONS

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


HIDDEN_TEXT, ACTIVE_CONTENT = "hidden_text", "active_content"
# What is found in documents when they are read.
DOCUMENT_KINDS: Mapping[str, str] = {
    INSTRUCTIONS: "Text that talks to a language model",
    HIDDEN_TEXT: "Text that nobody sees",
    ACTIVE_CONTENT: "Scripts, programs or files inside",
}


class Point(StrEnum):
    """Where moderation looks, in the order of the read flow; `reading` is when a document comes in."""

    READING = "reading"
    QUESTION = "question"
    RETRIEVAL = "retrieval"
    PASSAGE = "passage"
    GENERATION = "generation"
    ANSWER = "answer"
    RENDERING = "rendering"


class Action(StrEnum):
    """What a policy does about a finding, the mildest first.

    `keep_out` shows a passage to people and to no writer, `quarantine` lets a document wait for somebody to look at it.
    """

    OFF = "off"
    LOG = "log"
    WARN = "warn"
    KEEP_OUT = "keep_out"
    QUARANTINE = "quarantine"
    REDACT = "redact"
    BLOCK = "block"

    @property
    def strength(self) -> int:
        """The stricter, the higher."""
        return _STRENGTHS[self]


_STRENGTHS = {action: number for number, action in enumerate(Action)}
