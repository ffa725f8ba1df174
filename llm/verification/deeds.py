"""Whether who does what to whom is the same in a sentence and its span, read from verbs and their phrases."""

from collections.abc import Sequence

from llm.verification.alignment import alike
from llm.verification.comparison import Comparison
from llm.verification.grammar import Frame, Kind, Token, frames
from llm.verification.names import known
from llm.verification.opposites import pointing

_SAME = 0.8


def wrong_deeds(both: Comparison) -> bool:
    """Whether doer and done-to have changed places, or somebody else is said to have done the same."""
    return any(
        _same_verb(said, written, both)
        and (_exchanged(said, written) or _other_doer(said, written, both) or _another(said, written, both))
        for said in frames(both.said)
        for written in frames(both.written)
    )


def _same_verb(said: Frame, written: Frame, both: Comparison) -> bool:
    if said.verb.kind is Kind.AUXILIARY or written.verb.kind is Kind.AUXILIARY:
        return False
    if said.verb.lemma == written.verb.lemma:
        return True
    one, other = said.verb.word, written.verb.word
    if one is None or other is None:
        return False
    ways, others = dict(pointing(one.low)), dict(pointing(other.low))
    if any(others.get(axis) == -way for axis, way in ways.items()):
        return False
    partner = both.partner(one)
    return partner is not None and partner.start == other.start


def _exchanged(said: Frame, written: Frame) -> bool:
    """Whether some doer of one is among the done-to of the other alone, and the other way round."""
    forth = [one for one in said.agents if _among(one, written.patients) and not _among(one, written.agents)]
    back = [one for one in said.patients if _among(one, written.agents) and not _among(one, written.patients)]
    if forth and back:
        return True
    # `It took over A` where A took it over.
    whole = said.agents and said.patients and written.agents and written.patients
    pronouns = (
        _pronouns(said.agents) and _pronouns(written.patients),
        _pronouns(said.patients) and _pronouns(written.agents),
    )
    return bool(whole and said.verb.lemma == written.verb.lemma and ((back and pronouns[0]) or (forth and pronouns[1])))


def _pronouns(some: Sequence[Token]) -> bool:
    return all(one.kind is Kind.PRONOUN for one in some)


def _other_doer(said: Frame, written: Frame, both: Comparison) -> bool:
    """Whether the same is done to the same by somebody else who has a name."""
    if not any(_among(one, written.patients) for one in said.patients):
        return False
    named = [one for one in said.agents if one.kind is Kind.NAME]
    theirs = [one for one in written.agents if one.kind is not Kind.PRONOUN]
    if not named or len(theirs) < len(written.agents) or not theirs:
        return False
    if any(_among(one, written.agents) for one in said.agents):
        return False
    # Who has a name in one place may be `the physician` in another.
    if not any(one.kind is Kind.NAME for one in theirs) and any(
        known(one.word, both.written) for one in named if one.word
    ):
        return False
    return not any(_stands_for(one, theirs, both) for one in said.agents)


def _another(said: Frame, written: Frame, both: Comparison) -> bool:
    """Whether somebody with a name, whom the passage knows as well, is said to have done it in the place of another."""
    mine = [one for one in said.agents if one.word is not None and one.kind in {Kind.NOUN, Kind.NAME}]
    theirs = [one for one in written.agents if one.word is not None]
    if said.passive or written.passive or any(one.kind is Kind.PRONOUN for one in theirs):
        return False
    if not all(any(one.kind is Kind.NAME for one in some) for some in (mine, theirs)):
        return False
    if any(_among(one, theirs) or _stands_for(one, theirs, both) for one in mine):
        return False
    return all(one.word is not None and one.word.key in both.passage.keys for one in mine)


def _stands_for(one: Token, others: Sequence[Token], both: Comparison) -> bool:
    partner = both.partner(one.word) if one.word is not None else None
    return partner is not None and any(other.word is not None and other.word.start == partner.start for other in others)


def _among(one: Token, others: Sequence[Token]) -> bool:
    if one.kind is Kind.PRONOUN or one.word is None:
        return False
    return any(other.word is not None and alike(one.word, other.word) >= _SAME for other in others)
