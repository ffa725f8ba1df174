"""Who may do what: the only place where rights are decided.

Everything else asks `permits`, `require` or `scope`; nothing else looks at roles.
"""

from collections.abc import Iterable
from enum import StrEnum

from core.errors import Forbidden, NotFound
from core.values import CollectionRole, InstallationRole, Reader


class Action(StrEnum):
    """What a reader can want to do; the first four concern one collection, the rest the installation."""

    READ = "read"
    WRITE = "write"
    MANAGE = "manage"
    REVIEW = "review"
    CREATE_COLLECTION = "create_collection"
    ADMINISTER = "administer"


_ROLES_FOR: dict[Action, frozenset[CollectionRole]] = {
    Action.READ: frozenset({CollectionRole.READER, CollectionRole.EDITOR, CollectionRole.OWNER}),
    Action.WRITE: frozenset({CollectionRole.EDITOR, CollectionRole.OWNER}),
    Action.MANAGE: frozenset({CollectionRole.OWNER}),
    # Not whoever may upload: a document that was held back needs the look of somebody else.
    Action.REVIEW: frozenset({CollectionRole.OWNER}),
}


def permits(reader: Reader, action: Action, collection_id: str | None = None) -> bool:
    """Whether `reader` may do `action` (in the collection, where the action concerns one).

    Administrators and the operator may do everything; for anyone else what is not granted is denied.
    """
    if reader.operator or reader.role is InstallationRole.ADMIN:
        return True
    if action is Action.CREATE_COLLECTION:
        return reader.user_id is not None
    allowed = _ROLES_FOR.get(action)
    if allowed is None or collection_id is None:
        return False
    return reader.collections.get(collection_id) in allowed


def require(reader: Reader, action: Action, collection_id: str | None = None, *, what: str = "collection") -> None:
    """Raise unless permitted: `NotFound` where the reader may not know that it exists, else `Forbidden`."""
    if permits(reader, action, collection_id):
        return
    if collection_id is not None and not permits(reader, Action.READ, collection_id):
        raise NotFound(f"There is no such {what}, or you have no access to it.")
    raise Forbidden("Your role does not allow this. Ask an owner of the collection or an administrator.")


def scope(reader: Reader, existing: Iterable[str], wanted: Iterable[str] | None = None) -> frozenset[str]:
    """The collection ids that a search by `reader` may look into.

    `existing` are the ids of all collections; `wanted` narrows them. Raises `NotFound` when a wanted id does not
    exist or is not readable, so that the two cannot be told apart.
    """
    readable = frozenset(c for c in existing if permits(reader, Action.READ, c))
    if wanted is None:
        return readable
    chosen = frozenset(wanted)
    if not chosen <= readable:
        raise NotFound("There is no such collection, or you have no access to it.")
    return chosen


def require_owner(reader: Reader, owner_id: str | None, *, what: str) -> None:
    """Raise `NotFound` unless `reader` is the person something belongs to, or an administrator."""
    if permits(reader, Action.ADMINISTER) or (owner_id is not None and reader.user_id == owner_id):
        return
    raise NotFound(f"There is no such {what}, or you have no access to it.")
