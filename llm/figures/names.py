"""Whether a document bears the names that a question asks about."""

import re
from collections.abc import Iterator, Sequence

from core.values import Passage
from llm.figures.periods import columns_of
from llm.figures.tables import split

_LETTERS = re.compile(r"[^\W_]+")
_TOP = 300  # characters of a page in which it says whose it is
_LEAST_NAME = 3


def bears(names: Sequence[str], passages: Sequence[Passage]) -> bool:
    """Whether a document bears all these names: in its file's name, its title, or at the top of the pages found."""
    if not names:
        return True
    first = passages[0]
    tops = [line for passage in passages if passage.start < _TOP for line in _titles(passage.text[:_TOP])]
    named = _LETTERS.findall(f"{first.filename} {first.title}".replace("_", " ").lower())
    words = [*named, *_LETTERS.findall(" ".join([*tops, *(passage.heading for passage in passages)]).lower())]
    initials = "".join(word[0] for word in named)
    return all(_is_borne(name, frozenset(words), "".join(named), initials) for name in names)


def _titles(top: str) -> Iterator[str]:
    """The lines above the first row of figures."""
    for line in top.splitlines():
        label, cells = split(line)
        if label and cells and columns_of(line) is None:
            return
        yield line


def _is_borne(name: str, words: frozenset[str], glued: str, initials: str) -> bool:
    bare = "".join(_LETTERS.findall(name)).lower()
    if bare in words or (len(bare) >= _LEAST_NAME and bare in glued):
        return True
    # An acronym, in which `and` may be written small.
    capitals = "".join(letter for letter in name if letter.isupper()).lower()
    return len(capitals) > 1 and capitals in initials
