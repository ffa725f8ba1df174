"""The typed bodies of reading documents again."""

from web.models import Id, Reply


class Reprocessing(Reply):
    """How many documents of a collection were queued to be read again."""

    id: Id
    queued: int
