"""Templates: what a summary is about, under which headings. Values only, so that people's own can be stored."""

import re
from dataclasses import dataclass
from functools import lru_cache

from core.errors import InvalidRequest
from core.summaries import SummaryOptions


@dataclass(frozen=True, slots=True)
class Template:
    """What a summary is about.

    A Llama is told the `instructions`, and writes under the `headings` where there are any. Without one, sentences
    with a word of `words` are quoted (`oblig*` stands for all that begin so; none prefers nothing), and with `figures`
    those with figures and the rows of statements.
    """

    name: str
    title: str
    description: str
    instructions: str
    headings: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    figures: bool = False

    def cues(self, text: str) -> int:
        """How many different words of the template a text has."""
        if not self.words:
            return 0
        return len({found.casefold() for found in _pattern(self.words).findall(text)})


@lru_cache(maxsize=64)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    def one(word: str) -> str:
        spaced = r"\s+".join(map(re.escape, word.rstrip("*").split()))
        return rf"{spaced}\w*" if word.endswith("*") else rf"{spaced}\b"

    return re.compile(rf"\b(?:{'|'.join(map(one, words))})", re.IGNORECASE)


def _listed(words: str) -> tuple[str, ...]:
    return tuple(words.split("|"))


EXECUTIVE = Template(
    "executive",
    "Executive summary",
    "What somebody must know who reads nothing else.",
    "the main points: what the document is about, what it states or decides, the results with their figures, "
    "and what comes next",
)
KEY_FIGURES = Template(
    "key_figures",
    "Key figures",
    "The figures that matter, with their periods and units.",
    "the most important figures, each with its unit, its period and what it is compared with",
    figures=True,
)
OBLIGATIONS = Template(
    "obligations",
    "Obligations and deadlines",
    "Who must do what by when, and what follows if not.",
    "who has to do what, by when, and what follows if it is not done",
    headings=("Obligations", "Deadlines and notice periods", "Consequences"),
    words=_listed(
        "must|shall|obligat*|oblige*|is required to|are required to|agrees to|agreed to|undertake*|deadline*|due|"
        "no later than|not later than|at least|notice|terminat*|expire*|matur*|covenant*|payable|"
        "muss|müssen|hat zu|haben zu|ist zu|sind zu|verpflicht*|frist*|spätestens|innerhalb|binnen|kündig*|fällig*|"
        "schuldet|darf nicht|dürfen nicht"
    ),
)
RISKS = Template(
    "risks",
    "Risks",
    "What may go wrong, and what it would do.",
    "what may go wrong, why, what it would cost or cause, and what is done about it",
    headings=("Risks", "Disputes and liabilities", "What is done about them"),
    words=_listed(
        "risk*|uncertain*|adverse*|harm*|litigation|lawsuit*|claim*|breach*|default*|impair*|disrupt*|threat*|volatil*|"
        "shortage*|penalt*|liabilit*|damage*|fail*|loss|losses|investigat*|"
        "risik*|unsicher*|nachteil*|gefahr*|gefähr*|klage*|rechtsstreit*|haft*|schaden*|schäd*|ausfall*|verlust*|"
        "vertragsstrafe*|verstoß*|störung*"
    ),
)
CHANGES = Template(
    "changes",
    "Changes",
    "What is different from before: figures, people, rules, business.",
    "what has changed compared with before: figures with their values before and after, people, rules and business",
    headings=("Figures", "Business and organisation", "Rules and terms"),
    words=_listed(
        "increase*|decrease*|declin*|grew|rose|fell|higher|lower|compared to|compared with|change*|amend*|replac*|"
        "acquir*|acquisition*|divest*|dispos*|appoint*|resign*|discontinu*|adopt*|effective|new|no longer|instead|"
        "restructur*|steig*|stieg*|gestiegen|sank*|gesunken|rückgang|erhöh*|verringer*|gegenüber|geändert|änder*|"
        "änderung*|neu|neue|neuer|ersetz*|übern*|entfällt|nicht mehr|künftig"
    ),
)
BUILT_IN = (EXECUTIVE, KEY_FIGURES, OBLIGATIONS, RISKS, CHANGES)


def template_of(options: SummaryOptions) -> Template:
    """What the options ask for: an own template, or the built-in one that they name. Raises `InvalidRequest`."""
    own = options.own
    if own is None:
        return named(options.template)
    return Template(own.id, own.title, own.description, own.instructions, own.headings, own.words, own.figures)


def named(name: str) -> Template:
    """The built-in template of this name. Raises `InvalidRequest`."""
    found = next((one for one in BUILT_IN if one.name == name), None)
    if found is None:
        names = ", ".join(one.name for one in BUILT_IN)
        raise InvalidRequest(f"There is no template {name}. Take one of {names}.")
    return found
