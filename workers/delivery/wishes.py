"""What may be delivered where: looked at when somebody asks for it, and again before it happens."""

import re
from collections.abc import Collection

from core.deliveries import Channel, Wish
from core.errors import InvalidRequest
from core.settings import Settings
from core.storage.store import Store
from workers.delivery.webhook import checked_url
from workers.delivery.words import LANGUAGES

MOST_RECIPIENTS = 20
# What mail servers take without extensions.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_MOST_CHARACTERS = 254


def checked(settings: Settings, store: Store, owner: str | None, wishes: Collection[Wish]) -> tuple[Wish, ...]:
    """The wishes, if their owner may have them here; without an owner it is the operator's.

    Raises `InvalidRequest`.
    """
    for wish in wishes:
        if wish.language not in LANGUAGES:
            raise InvalidRequest(f"Reports are written in {' or '.join(LANGUAGES)}.")
        if wish.channel is Channel.WEBHOOK:
            checked_url(settings, wish.url)
        elif wish.channel is Channel.FOLDER and not settings.delivery_folder:
            raise InvalidRequest("No folder is set up here. The operator names one in ARCHIVAR_DELIVERY_FOLDER.")
        elif wish.channel is Channel.EMAIL:
            _check_addresses(settings, store, owner, wish.to)
    return tuple(wishes)


def available(settings: Settings) -> dict[Channel, bool]:
    """Which ways the operator has set up."""
    return {
        Channel.EMAIL: bool(settings.mail_server),
        Channel.WEBHOOK: bool(settings.webhook_origins),
        Channel.FOLDER: bool(settings.delivery_folder),
    }


def _check_addresses(settings: Settings, store: Store, owner: str | None, addresses: Collection[str]) -> None:
    if not settings.mail_server:
        raise InvalidRequest("E-mail is not set up here. The operator names a server in ARCHIVAR_MAIL_SERVER.")
    if not addresses or len(addresses) > MOST_RECIPIENTS or len(set(addresses)) < len(addresses):
        raise InvalidRequest(f"A report goes to 1 to {MOST_RECIPIENTS} different addresses.")
    own = store.people.get(owner).email if owner is not None else ""
    listed = {one.casefold().removeprefix("@") for one in settings.mail_recipients}
    for one in addresses:
        if len(one) > _MOST_CHARACTERS or not _ADDRESS.fullmatch(one):
            raise InvalidRequest("One of the addresses is not one that mail can be sent to.")
        folded = one.casefold()
        if owner is not None and folded != own and not {folded, folded.rpartition("@")[2]} & listed:
            raise InvalidRequest(
                f"You may send reports to {own}. The operator allows other addresses and domains in"
                " ARCHIVAR_MAIL_RECIPIENTS."
            )
