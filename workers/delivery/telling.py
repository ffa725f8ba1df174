"""Wishes and deliveries as people are told them, over REST and on the command line: without what may be a secret."""

from collections.abc import Iterable

from core.deliveries import Channel, Delivery, Wish
from core.wire import Json, failure_json
from workers.delivery.webhook import shown_url


def wishes_told(wishes: Iterable[Wish]) -> Json:
    """Wishes by their channels."""
    return {wish.channel.value: _wish_told(wish) for wish in wishes}


def delivery_told(delivery: Delivery) -> Json:
    """What became of a wish. `received` are the addresses of an e-mail that the mail server has taken it for."""
    is_mail = delivery.wish.channel is Channel.EMAIL
    return {
        "id": delivery.id,
        "channel": delivery.wish.channel.value,
        **{"to": None, "url": None, **_wish_told(delivery.wish)},
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "received": list(delivery.received) if is_mail else None,
        "next_attempt": delivery.next_at.isoformat() if delivery.next_at is not None else None,
        "delivered_at": delivery.delivered_at.isoformat() if delivery.delivered_at is not None else None,
        "error": failure_json(delivery.error),
    }


def _wish_told(wish: Wish) -> Json:
    told: Json = {"format": wish.format.value, "language": wish.language}
    if wish.channel is Channel.EMAIL:
        told["to"] = list(wish.to)
    elif wish.channel is Channel.WEBHOOK:
        told["url"] = shown_url(wish.url)
    return told
