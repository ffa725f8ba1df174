"""The moderation policy: what is done about which finding at which point. Values only; files are in `policy_file`.

A policy is a TOML file laid over the default one beside this module, which documents every part of it.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.errors import InvalidRequest
from core.marks import INSTRUCTIONS
from llm.moderation.categories import ANY, CATEGORIES, DOCUMENT_KINDS, PII_KINDS, Action, Point

DEFAULT = Path(__file__).with_name("default_policy.toml")
LANGUAGE = "en"
_OF_TEXTS = frozenset(set(Action) - {Action.KEEP_OUT, Action.QUARANTINE})
_MILD = frozenset({Action.OFF, Action.LOG, Action.WARN})
# A user's own passage is never withheld from people, whatever it says; and what is shown cannot be blackened once it is
# complete.
_MAY: Mapping[tuple[str, Point], frozenset[Action]] = {
    ("categories", Point.READING): frozenset(),
    ("pii", Point.READING): frozenset(),
    **{("documents", point): frozenset() for point in Point},
    ("documents", Point.READING): _MILD | {Action.QUARANTINE},
    ("documents", Point.PASSAGE): _MILD | {Action.KEEP_OUT},
    ("categories", Point.PASSAGE): _MILD,
    ("categories", Point.RENDERING): _OF_TEXTS - {Action.REDACT},
    ("pii", Point.PASSAGE): _OF_TEXTS - {Action.BLOCK},
    ("pii", Point.RENDERING): _OF_TEXTS - {Action.REDACT},
}
_ENOUGH = 8
_Share = Annotated[float, Field(ge=0, le=1)]


class _Part(BaseModel):
    """A piece of a policy: no unknown names, no changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(_Part):
    """What is done about one category or kind, at each point; None where an override says nothing."""

    reading: Action | None = None
    question: Action | None = None
    retrieval: Action | None = None
    passage: Action | None = None
    generation: Action | None = None
    answer: Action | None = None
    rendering: Action | None = None
    threshold: _Share | None = None
    certain: _Share | None = None

    def at(self, point: Point) -> Action | None:
        """The action at a point."""
        action: Action | None = getattr(self, point)  # a `Point` is its name; `.value` takes three times as long
        return action


class Override(_Part):
    """Rules of one collection."""

    categories: dict[str, Rule] = Field(default_factory=dict)
    pii: dict[str, Rule] = Field(default_factory=dict)
    documents: dict[str, Rule] = Field(default_factory=dict)


class Redaction(_Part):
    """How personal data is blackened."""

    style: Literal["mask", "pseudonymise"]


class GuardRules(_Part):
    """What happens while a guard does not answer, and how long it is waited for."""

    question: Literal["open", "closed"]
    answer: Literal["open", "closed"]
    timeout_seconds: float = Field(gt=0, le=60)
    failures: int = Field(ge=1)
    pause_seconds: float = Field(gt=0)


class RecordRules(_Part):
    """What is recorded of a decision, and for how long."""

    allowed: bool
    excerpt: bool
    excerpt_chars: int = Field(ge=1, le=200)
    retention_days: float = Field(ge=0)


class Admin(_Part):
    """What only whoever may write the policy may loosen."""

    allow_weaker: bool


class Texts(_Part):
    """What people read, in one language."""

    question: str
    answer: str
    unchecked: str
    self_harm: str
    help: str = ""
    contact: str = ""
    categories: dict[str, str] = Field(default_factory=dict)

    def name(self, category: str) -> str:
        """What a category is called within a sentence."""
        return self.categories.get(category) or {**CATEGORIES, **DOCUMENT_KINDS}.get(category, category).lower()


class Policy(_Part):
    """A whole policy."""

    version: str = Field(min_length=1, max_length=40)
    categories: dict[str, Rule]
    pii: dict[str, Rule]
    documents: dict[str, Rule]
    redaction: Redaction
    guard: GuardRules
    record: RecordRules
    admin: Admin
    collections: dict[str, Override] = Field(default_factory=dict)
    texts: dict[str, Texts]

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        parts: list[tuple[str, Policy | Override]] = [("", self)]
        parts += [(f'collections."{name}".', override) for name, override in self.collections.items()]
        for where, part in parts:
            _check(where, "categories", part.categories, {*CATEGORIES, ANY})
            _check(where, "pii", part.pii, set(PII_KINDS))
            _check(where, "documents", part.documents, set(DOCUMENT_KINDS))
            if part is not self:
                _check_thresholds(where, self.rules, _rules(part))
            if part is not self and not self.admin.allow_weaker:
                _check_strict(where, self.rules, _rules(part))
        return self

    @cached_property
    def label(self) -> str:
        """The version that is recorded: the declared one, and a hash of everything in force."""
        told = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return f"{self.version}+{hashlib.sha256(told.encode()).hexdigest()[:12]}"

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """The rules by category, by kind of personal data and by what is found in documents, collections aside."""
        return _rules(self)

    def within(self, collections: Iterable[str]) -> Mapping[str, Rule]:
        """The strictest of the rules that hold in any of these collections, given by the names that overrides use."""
        own = [self.collections[name] for name in collections if name in self.collections]
        if not own:
            return self.rules
        # Where weaker rules are allowed they hold only where every collection has them.
        elsewhere = len(own) < len(set(collections))
        found: list[Mapping[str, Rule]] = [{**self.rules, **_over(self.rules, _rules(one))} for one in own]
        return _strictest([*found, self.rules] if elsewhere else found)

    def words(self, language: str) -> Texts:
        """The texts in a language, in English where there are none."""
        return self.texts.get(language) or self.texts[LANGUAGE]


@cache
def default_policy() -> Policy:
    """The policy that holds where no other is given."""
    return Policy.model_validate(_default())


def read_policy(text: str) -> Policy:
    """The policy in a TOML text laid over the default one. Raises `InvalidRequest` naming what is wrong."""
    try:
        return Policy.model_validate(_laid_over(_default(), tomllib.loads(text)))
    except tomllib.TOMLDecodeError as error:
        raise InvalidRequest(f"The moderation policy is no TOML: {error}.") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise InvalidRequest(f"The moderation policy: {f'{where}: ' if where else ''}{first['msg']}.") from None


def _default() -> dict[str, Any]:
    return tomllib.loads(DEFAULT.read_text(encoding="utf-8"))


def _laid_over(below: Mapping[str, Any], above: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    merged = dict(below)
    for name, value in above.items():
        under = merged.get(name)
        if isinstance(value, dict) and isinstance(under, dict) and depth < _ENOUGH:
            value = _laid_over(under, value, depth + 1)  # noqa: PLW2901 - the value as it holds
        merged[name] = value
    return merged


def _rules(part: Policy | Override) -> dict[str, Rule]:
    return {**part.categories, **part.pii, **part.documents}


def _check(where: str, section: str, rules: Mapping[str, Rule], known: set[str]) -> None:
    for name, rule in rules.items():
        if name not in known:
            raise ValueError(f"{where}{section} has no {name!r}; there are {', '.join(sorted(known))}")
        for point in Point:
            action = rule.at(point)
            may = _MAY.get((section, point), _OF_TEXTS)
            if section == "documents" and name != INSTRUCTIONS and point is Point.PASSAGE:
                may = frozenset()  # what passages of them are is not known
            if action is not None and action not in may:
                listed = ", ".join(one for one in Action if one in may) or "left out only"
                raise ValueError(f"{where}{section}.{name}.{point} may be {listed}")


def _check_thresholds(where: str, base: Mapping[str, Rule], own: Mapping[str, Rule]) -> None:
    for name, rule in own.items():
        # The detector's own one is not known here, so that nobody could say which is stricter.
        if rule.threshold is not None and base[name].threshold is None:
            raise ValueError(f"{where}{name}.threshold needs a threshold of {name} for all first")


def _check_strict(where: str, base: Mapping[str, Rule], own: Mapping[str, Rule]) -> None:
    for name, rule in own.items():
        below = base[name]
        weaker = [p.value for p in Point if _strength(rule.at(p), Action.BLOCK) < _strength(below.at(p), Action.OFF)]
        if rule.threshold is not None and below.threshold is not None and rule.threshold > below.threshold:
            weaker.append("threshold")
        # Without one, every score that counts is enough.
        if rule.certain is not None and (below.certain is None or rule.certain > below.certain):
            weaker.append("certain")
        if weaker:
            raise ValueError(
                f"{where}{name}.{weaker[0]} is weaker than the rule for all; admin.allow_weaker is not set"
            )


def _strength(action: Action | None, otherwise: Action) -> int:
    return (otherwise if action is None else action).strength


def _over(base: Mapping[str, Rule], own: Mapping[str, Rule]) -> dict[str, Rule]:
    return {name: base[name].model_copy(update=rule.model_dump(exclude_none=True)) for name, rule in own.items()}


def _strictest(several: list[Mapping[str, Rule]]) -> Mapping[str, Rule]:
    return {name: _strictest_rule([rules[name] for rules in several]) for name in several[0]}


def _strictest_rule(rules: list[Rule]) -> Rule:
    actions = {p.value: max((rule.at(p) or Action.OFF for rule in rules), key=lambda a: a.strength) for p in Point}
    threshold = min((rule.threshold for rule in rules if rule.threshold is not None), default=None)
    certain = [rule.certain for rule in rules if rule.certain is not None]
    return Rule.model_validate(
        {**actions, "threshold": threshold, "certain": min(certain) if len(certain) == len(rules) else None}
    )
