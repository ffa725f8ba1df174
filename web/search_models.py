"""The typed bodies of searches, questions and lists of documents, with what narrows them.

What the parts of a filter mean, `core.filters` decides.
"""

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from core.errors import InvalidRequest
from core.filters import Filter, parsed_filter, refuse_unknown
from web.models import Id, Ids, Listed, Paging, Parameters, Question, Request

Words = Annotated[list[Annotated[str, StringConstraints(max_length=200)]], Field(min_length=1, max_length=1000)]
Day = Annotated[str, StringConstraints(max_length=10)]
_FIRST = "The first day of adding documents, in UTC, such as 2026-01-31."
_LAST = "The last day of adding documents, in UTC."
Moment = Annotated[str, StringConstraints(max_length=40)]
_AS_OF = (
    "A day, such as 2025-06-30, or a moment, such as 2025-06-30T12:00:00Z: those versions of documents count that "
    "answered then, on a day at its end in UTC."
)
_TYPES = "Kinds of documents: short names such as pdf, or media types."
_LANGUAGES = "ISO 639-1 codes of the languages of documents."


class Filters(Request):
    """What narrows a search further: every part that is given has to hold, of its values any may."""

    collections: Ids | None = Field(None, description="In place of `collections` beside `filters`.")
    documents: Ids | None = Field(None, description="Ids of the documents to search in.")
    types: Words | None = Field(None, description=_TYPES)
    tags: Words | None = Field(None, description="Tags; case does not matter.")
    languages: Words | None = Field(None, description=_LANGUAGES)
    since: Day | None = Field(None, alias="from", description=_FIRST)
    until: Day | None = Field(None, alias="to", description=_LAST)
    as_of: Moment | None = Field(None, description=_AS_OF)

    @property
    def within(self) -> Filter:
        """The filter. Raises `InvalidRequest`."""
        return parsed_filter(self.model_dump(by_alias=True, exclude_none=True))

    @model_validator(mode="before")
    @classmethod
    def _names_are_known(cls, told: object) -> object:
        if isinstance(told, dict):
            _known(told)
        return told


def _known(told: dict[str, object]) -> None:
    try:
        refuse_unknown(told)
    except InvalidRequest as error:
        raise PydanticCustomError("unknown_filter", "{why}", {"why": error.message.rstrip(".")}) from None


class Narrowed(Request):
    """What both a search and a question carry; without `collections` they cover everything the caller may read."""

    collections: Ids | None = None
    filters: Filters | None = None

    @property
    def within(self) -> Filter:
        """All of it as one filter. Raises `InvalidRequest`."""
        told = self.filters.model_dump(by_alias=True, exclude_none=True) if self.filters is not None else {}
        if self.collections is not None and "collections" in told:
            raise InvalidRequest("`collections` are given twice. Leave them out of `filters`.")
        return parsed_filter({"collections": self.collections, **told})


class SearchRequest(Narrowed):
    """A search; without `collections` it covers everything the caller may read."""

    query: Question
    k: Annotated[int, Field(ge=1, le=10_000, description="How many hits.")] = 10
    explain: bool = Field(False, description="Whether hits tell where their scores come from.")


class AnswerRequest(Narrowed):
    """A question; without `collections` it is asked of everything the caller may read."""

    question: Question
    conversation_id: Id | None = Field(None, description="Any new id begins a conversation, its id continues it.")
    stream: bool = Field(False, description="Whether to reply with server-sent events.")


class Narrowing(Parameters):
    """What narrows, as query parameters; several values have commas between them."""

    types: Listed = Field("", description=_TYPES)
    tags: Listed = Field("", description="Tags; case does not matter.")
    languages: Listed = Field("", description=_LANGUAGES)
    since: Day = Field("", alias="from", description=_FIRST)
    until: Day = Field("", alias="to", description=_LAST)
    as_of: Moment = Field("", description=_AS_OF)

    @property
    def within(self) -> Filter:
        """The filter. Raises `InvalidRequest`."""
        return parsed_filter(self.model_dump(by_alias=True, include=set(Narrowing.model_fields)))


class Listing(Paging, Narrowing):
    """Which part of a list of documents, and what narrows it."""
