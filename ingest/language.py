"""The language that a document is written in, from its text."""

from collections.abc import Sequence
from functools import cache
from threading import Lock

from py3langid.langid import MODEL_FILE, LanguageIdentifier

# Fewer letters say nothing reliable.
_FEWEST_LETTERS = 40
_SAMPLES = 12
_SAMPLE_CHARACTERS = 400


# Unpacking the model takes most of a second: two documents that are read at once would both do it.
_unpacking = Lock()


@cache
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE)


def language_of(texts: Sequence[str]) -> str:
    """The ISO 639-1 code of the language of these texts, by samples of them; empty where they say too little."""
    step = max(1, len(texts) // _SAMPLES)
    sample = "\n".join(text[:_SAMPLE_CHARACTERS] for text in texts[::step])
    if sum(map(str.isalpha, sample)) < _FEWEST_LETTERS:
        return ""
    with _unpacking:
        identifier = _identifier()
    language, _ = identifier.classify(sample)
    return str(language)
