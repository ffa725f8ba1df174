"""The typed bodies of deliveries over REST."""

from collections.abc import Collection
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from core.deliveries import Channel, DeliveryState, Format, Wish
from web.models import Failure, Id, Reply, Request
from workers.delivery.wishes import MOST_RECIPIENTS

_Format = Literal["markdown", "html", "json"]
_Language = Literal["en", "de"]
_Address = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=254)]


class _Wish(Request):
    language: _Language = Field("en", description="The language of the words around statements.")


class EmailWish(_Wish):
    """A message of text, with HTML beside it, or with the report as a file."""

    to: Annotated[list[_Address], Field(min_length=1, max_length=MOST_RECIPIENTS)] = Field(
        description="Your own address, or one that the operator allows."
    )
    format: _Format = "html"


class WebhookWish(_Wish):
    """A signed POST to an address whose scheme, host and port the operator allows."""

    url: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    format: _Format = "json"


class FolderWish(_Wish):
    """A file in the operator's folder for reports."""

    format: _Format = "markdown"


class Delivery(Request):
    """Where reports go besides here. Where a schedule is changed, what is not named stays, and null ends it."""

    email: EmailWish | None = None
    webhook: WebhookWish | None = None
    folder: FolderWish | None = None

    def wishes(self, known: Collection[Wish] = ()) -> tuple[Wish, ...]:
        """The same as values, in place of those known of the channels that are named."""
        kept = [wish for wish in known if wish.channel.value not in self.model_fields_set]
        if self.email is not None:
            kept.append(Wish(Channel.EMAIL, Format(self.email.format), tuple(self.email.to), "", self.email.language))
        if self.webhook is not None:
            form, language = Format(self.webhook.format), self.webhook.language
            kept.append(Wish(Channel.WEBHOOK, form, (), self.webhook.url, language))
        if self.folder is not None:
            kept.append(Wish(Channel.FOLDER, Format(self.folder.format), (), "", self.folder.language))
        return tuple(kept)


class Repeat(Request):
    """What is delivered again: one of the ways that were asked for with the run or its schedule."""

    channel: Literal["email", "webhook", "folder"]


class DeliveryTold(Reply):
    """What became of a report on its way. `received` are the addresses that a mail server has taken it for.

    `url` shows no path, which may hold a secret. `next_attempt` is null once it has ended.
    """

    id: Id
    channel: Channel
    format: Format
    language: str
    to: list[str] | None
    url: str | None
    state: DeliveryState
    attempts: int
    received: list[str] | None
    next_attempt: str | None
    delivered_at: str | None
    error: Failure | None


class Channels(Reply):
    """Which ways the operator has set up, and to where webhooks may go."""

    email: bool
    webhook: bool
    folder: bool
    webhook_origins: list[str]
