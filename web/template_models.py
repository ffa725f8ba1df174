"""The typed bodies of people's own templates over REST."""

from typing import Annotated

from pydantic import Field, StringConstraints

from core.summaries import OwnTemplate
from web.models import Id, Reply, Request

_NO_NUL = r"^[^\x00]*$"
_WORD = r"^[^\W_][^\x00*]*\*?$"
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=_NO_NUL)]
Told = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300, pattern=_NO_NUL)]
Instructions = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000, pattern=_NO_NUL)]
Heading = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=_NO_NUL)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=60, pattern=_WORD)]


class NewTemplate(Request):
    """What a summary is about, in a person's own words."""

    title: Title
    description: Told = ""
    instructions: Instructions = Field(description="What a Llama is to say: `who is paid how much, and for what`.")
    headings: Annotated[list[Heading], Field(max_length=8, description="A Llama writes under these.")] = Field(
        default_factory=list
    )
    words: Annotated[
        list[Word], Field(max_length=100, description="Without a Llama, sentences with one of these are quoted.")
    ] = Field(default_factory=list)
    figures: bool = Field(False, description="Without a Llama, sentences with figures and rows of statements.")
    shared: bool = Field(False, description="Whether everybody here may use it; for administrators.")

    def own(self, owner: str | None, template_id: str = "") -> OwnTemplate:
        """The same as a value."""
        return OwnTemplate(
            template_id,
            None if self.shared else owner,
            self.title,
            self.description,
            self.instructions,
            tuple(self.headings),
            tuple(self.words),
            self.figures,
        )


class TemplatePreview(NewTemplate):
    """A template that is tried on a document before it is kept."""

    document: Id


class Template(Reply):
    """A template; those that are there from the beginning have a name as their id and no instructions to change."""

    id: str
    title: str
    description: str
    instructions: str
    headings: list[str]
    words: list[str]
    figures: bool
    shared: bool
    built_in: bool


class TemplateList(Reply):
    """All templates that the person may use."""

    templates: list[Template]


class TemplateReceipt(Reply):
    """A template that is gone; what was written by it stays."""

    template_id: Id
