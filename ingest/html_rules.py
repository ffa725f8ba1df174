"""Which elements of an HTML page the plain rules of the page itself hide, whatever the screen."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

UNSEEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$)|font-size\s*:\s*0(?:px|pt|em|rem|%)?\s*(?:;|!|$)"
    r"|(?:left|top|text-indent)\s*:\s*-\d{4,}",
    re.IGNORECASE,
)
# None of these looks at a character again and again, whatever is not closed.
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_MEDIA = re.compile(r"@[^{};@]+\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_RULE = re.compile(r"(?:\A|(?<=[{}]))([^{}]+)\{([^{}]*)\}")
_SIMPLE = re.compile(r"([\w-]*)(?:\.([\w-]+)|#([\w-]+))?")
_MOST_CHARACTERS = 500_000


@dataclass(frozen=True, slots=True)
class HidingRules:
    """Selectors as (element, class, id), with an empty string for what they do not name."""

    selectors: frozenset[tuple[str, str, str]]

    @classmethod
    def of(cls, styles: str) -> "HidingRules":
        """The rules among a page's styles that hide what one plain selector names."""
        rules = _RULE.findall(_MEDIA.sub(" ", _COMMENT.sub(" ", styles[:_MOST_CHARACTERS])))
        names = [one.strip() for names, said in rules if UNSEEN.search(said) for one in names.split(",")]
        found = [one for one in map(_SIMPLE.fullmatch, names) if one is not None and one[0]]
        return cls(frozenset((one[1].lower(), one[2] or "", one[3] or "") for one in found))

    def hide(self, tag: str, given: Mapping[str, str | None]) -> bool:
        """Whether they hide an element with these attributes."""
        if not self.selectors:
            return False
        names = [("", "")]
        names += [(one, "") for one in (given.get("class") or "").split()]
        names += [("", given.get("id") or "")]
        return any(
            (element, *name) in self.selectors for name in names for element in (tag, "") if element or any(name)
        )
