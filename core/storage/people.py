"""Accounts and the secrets that prove who asks: sign-in links, sessions and API keys, kept as hashes only."""

import hashlib
import secrets
from collections.abc import Sequence
from enum import StrEnum
from uuid import uuid4

import sqlalchemy as sa

from core.errors import Conflict, InvalidRequest, NotFound, NotSignedIn
from core.storage import tables as t
from core.storage.database import Database, now
from core.storage.rows import Row
from core.values import CollectionRole, InstallationRole, Reader, User

_MAX_EMAIL = 320
# Every request asks who sends it, so what that takes is built once.
_UNEXPIRED = t.credentials.c.expires_at.is_(None) | (t.credentials.c.expires_at > now())
_ROLES = (
    sa.select(t.users.c.id, t.users.c.role, t.memberships.c.collection_id, t.memberships.c.role.label("part"))
    .outerjoin(t.memberships, t.memberships.c.user_id == t.users.c.id)
    .where(t.users.c.active)
)
_OF_PERSON = _ROLES.where(t.users.c.id == sa.bindparam("person"))
_OF_SECRET = _ROLES.where(
    t.users.c.id
    == sa.select(t.credentials.c.user_id)
    .where(
        (t.credentials.c.hash == sa.bindparam("hashed"))
        & (t.credentials.c.kind == sa.bindparam("of_kind"))
        & _UNEXPIRED
    )
    .scalar_subquery()
)


class Credential(StrEnum):
    """What a secret is good for."""

    SIGN_IN_LINK = "link"
    SESSION = "session"
    API_KEY = "key"


class People:
    """Accounts, and readers made from the secrets that requests carry."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, email: str, role: InstallationRole) -> User:
        """Create an account. Raises `Conflict` when the address has one."""
        email = _checked(email)
        user = User(id=str(uuid4()), email=email, role=role, active=True)
        with self._database.write() as connection:
            if connection.execute(sa.select(t.users.c.id).where(t.users.c.email == email)).first():
                raise Conflict(f"There already is an account for {email}.")
            connection.execute(
                t.users.insert().values(id=user.id, email=email, role=role, active=True, created_at=now())
            )
        return user

    def by_email(self, email: str) -> User:
        """The account with this address. Raises `NotFound`."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(t.users).where(t.users.c.email == _checked(email))).first()
        if row is None:
            raise NotFound(f"There is no account for {email}.")
        return _user(row)

    def get(self, user_id: str) -> User:
        """The account with this id. Raises `NotFound`."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(t.users).where(t.users.c.id == user_id)).first()
        if row is None:
            raise NotFound("There is no such account.")
        return _user(row)

    def set_active(self, user_id: str, active: bool) -> None:
        """Suspend or readmit a person; effective on their next request whatever secret it carries."""
        with self._database.write() as connection:
            connection.execute(t.users.update().where(t.users.c.id == user_id).values(active=active))

    def issue(self, user_id: str, kind: Credential, valid_seconds: float | None = None) -> str:
        """A new secret for a person, shown only now; without `valid_seconds` it does not run out."""
        secret = secrets.token_urlsafe(32)
        expires = now() + valid_seconds if valid_seconds is not None else None
        with self._database.write() as connection:
            connection.execute(
                t.credentials.insert().values(
                    hash=_hash(secret), kind=kind, user_id=user_id, created_at=now(), expires_at=expires
                )
            )
        return secret

    def redeem_link(self, secret: str, session_seconds: float) -> str:
        """Trade a one-time sign-in link for a session secret. Raises `NotSignedIn`."""
        with self._database.write() as connection:
            user_id = connection.execute(
                t.credentials.delete().where(_valid(secret, Credential.SIGN_IN_LINK)).returning(t.credentials.c.user_id)
            ).scalar_one_or_none()
        if user_id is None:
            raise NotSignedIn("This sign-in link has been used or has run out. Ask for a new one.")
        return self.issue(user_id, Credential.SESSION, session_seconds)

    def revoke(self, secret: str) -> None:
        """Make a secret useless."""
        with self._database.write() as connection:
            connection.execute(t.credentials.delete().where(t.credentials.c.hash == _hash(secret)))

    def delete_expired(self) -> int:
        """Forget secrets that have run out; how many."""
        with self._database.write() as connection:
            return connection.execute(t.credentials.delete().where(t.credentials.c.expires_at < now())).rowcount

    def reader(self, secret: str, kind: Credential) -> Reader:
        """Who asks, with the rights of this moment. Raises `NotSignedIn`."""
        with self._database.read() as connection:
            return _reader(connection.execute(_OF_SECRET, {"hashed": _hash(secret), "of_kind": kind}).all())

    def reader_of(self, user_id: str) -> Reader:
        """A person as reader, with the rights of this moment. Raises `NotSignedIn` when suspended or gone."""
        with self._database.read() as connection:
            return _reader(connection.execute(_OF_PERSON, {"person": user_id}).all())


def _reader(rows: Sequence[Row]) -> Reader:
    if not rows:
        raise NotSignedIn("The credential is not valid. Sign in, or send a valid API key.")
    return Reader(
        user_id=rows[0].id,
        role=InstallationRole(rows[0].role),
        collections={row.collection_id: CollectionRole(row.part) for row in rows if row.collection_id},
    )


def _valid(secret: str, kind: Credential) -> sa.ColumnElement[bool]:
    return (t.credentials.c.hash == _hash(secret)) & (t.credentials.c.kind == kind) & _UNEXPIRED


def _hash(secret: str) -> str:
    # The secrets are 256 random bits, so a fast hash cannot be searched backwards.
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _checked(email: str) -> str:
    email = email.strip().casefold()
    name, at, domain = email.rpartition("@")
    if not (name and at and domain) or len(email) > _MAX_EMAIL or not email.isprintable() or " " in email:
        raise InvalidRequest("This is not an e-mail address.")
    return email


def _user(row: Row) -> User:
    return User(id=row.id, email=row.email, role=InstallationRole(row.role), active=row.active)
