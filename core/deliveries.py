"""Where what a run of summaries says is taken, and how far that is. Who takes it there is not known here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.values import Failure


class Channel(StrEnum):
    """By what a report travels."""

    EMAIL = "email"
    WEBHOOK = "webhook"
    FOLDER = "folder"


class Format(StrEnum):
    """What a report is written in."""

    MARKDOWN = "markdown"
    HTML = "html"
    JSON = "json"


class DeliveryState(StrEnum):
    """How far a delivery is; `forbidden` where whoever asked may no longer read any of it."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants delivered: `to` are addresses of e-mail, `url` that of a webhook.

    `language` (`en` or `de`) is that of the words around statements.
    """

    channel: Channel
    format: Format
    to: tuple[str, ...] = ()
    url: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one wish for one run.

    `id` stays the same over attempts, so that repeats can be told. `received` are the addresses that have it already;
    `next_at` is when it is tried next, None once it has ended.
    """

    id: str
    run_id: str
    wish: Wish
    state: DeliveryState
    attempts: int
    received: tuple[str, ...] = ()
    next_at: datetime | None = None
    delivered_at: datetime | None = None
    error: Failure | None = None


@dataclass(frozen=True, slots=True)
class HeldDelivery:
    """A delivery that is this worker's until its lease runs out."""

    delivery: Delivery
    token: str


def wishes_json(wishes: Iterable[Wish]) -> dict[str, Any]:
    """Wishes by their channels, as they are stored."""
    return {
        wish.channel.value: {
            "format": wish.format.value,
            "to": list(wish.to),
            "url": wish.url,
            "language": wish.language,
        }
        for wish in wishes
    }


def wishes_from(stored: Mapping[str, Any]) -> tuple[Wish, ...]:
    """Wishes from what `wishes_json` and JSON made of them."""
    return tuple(
        Wish(Channel(channel), Format(one["format"]), tuple(one["to"]), one["url"], one["language"])
        for channel, one in stored.items()
    )
