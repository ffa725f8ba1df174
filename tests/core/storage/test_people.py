"""Secrets prove who asks, with the rights of that moment."""

import pytest

from core.errors import Conflict, InvalidRequest, NotSignedIn
from core.storage.people import Credential
from core.storage.store import Store
from core.values import CollectionRole, InstallationRole
from tests import factories


def test_a_sign_in_link_works_once(store: Store) -> None:
    user = store.people.add("Anna@Example.org", InstallationRole.MEMBER)
    link = store.people.issue(user.id, Credential.SIGN_IN_LINK, 60)

    session = store.people.redeem_link(link, 60)

    assert store.people.reader(session, Credential.SESSION).user_id == user.id
    with pytest.raises(NotSignedIn):
        store.people.redeem_link(link, 60)


def test_secrets_are_good_for_one_purpose_and_their_time(store: Store) -> None:
    user = store.people.add("anna@example.org", InstallationRole.ADMIN)
    key = store.people.issue(user.id, Credential.API_KEY)
    expired = store.people.issue(user.id, Credential.SESSION, -1)

    assert store.people.reader(key, Credential.API_KEY).role is InstallationRole.ADMIN
    for secret, kind in [(key, Credential.SESSION), (expired, Credential.SESSION), ("", Credential.API_KEY)]:
        with pytest.raises(NotSignedIn):
            store.people.reader(secret, kind)


def test_rights_are_those_of_the_moment(store: Store) -> None:
    user = store.people.add("anna@example.org", InstallationRole.MEMBER)
    key = store.people.issue(user.id, Credential.API_KEY)
    collection = factories.collection_id(store)
    assert store.people.reader(key, Credential.API_KEY).collections == {}

    store.collections.set_member(collection, user.id, CollectionRole.EDITOR)
    assert store.people.reader(key, Credential.API_KEY).collections == {collection: CollectionRole.EDITOR}

    store.people.set_active(user.id, False)
    with pytest.raises(NotSignedIn):
        store.people.reader(key, Credential.API_KEY)


def test_a_revoked_secret_is_useless(store: Store) -> None:
    user = store.people.add("anna@example.org", InstallationRole.MEMBER)
    key = store.people.issue(user.id, Credential.API_KEY)

    store.people.revoke(key)

    with pytest.raises(NotSignedIn):
        store.people.reader(key, Credential.API_KEY)


def test_an_address_has_one_account(store: Store) -> None:
    store.people.add("anna@example.org", InstallationRole.MEMBER)

    with pytest.raises(Conflict):
        store.people.add(" ANNA@example.org", InstallationRole.MEMBER)
    with pytest.raises(InvalidRequest):
        store.people.add("anna", InstallationRole.MEMBER)


def test_secrets_that_have_run_out_are_forgotten(store: Store) -> None:
    user = store.people.add("anna@example.org", InstallationRole.MEMBER)
    for seconds in (-1, 60, None):
        for kind in Credential:
            store.people.issue(user.id, kind, seconds)

    assert store.people.delete_expired() == len(Credential)
    assert store.people.delete_expired() == 0
