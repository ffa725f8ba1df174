"""Rights: what is not granted is denied, and outsiders cannot tell what exists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.access import Action, permits, require, require_owner, scope
from core.errors import Forbidden, NotFound
from core.values import OPERATOR, CollectionRole, InstallationRole, Reader

COLLECTION_ACTIONS = [Action.READ, Action.WRITE, Action.MANAGE, Action.REVIEW]


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (None, []),
        (CollectionRole.READER, [Action.READ]),
        (CollectionRole.EDITOR, [Action.READ, Action.WRITE]),
        (CollectionRole.OWNER, [Action.READ, Action.WRITE, Action.MANAGE, Action.REVIEW]),
    ],
)
def test_collection_roles(role: CollectionRole | None, allowed: list[Action]) -> None:
    reader = Reader("u", collections={"c": role} if role else {})

    assert [a for a in COLLECTION_ACTIONS if permits(reader, a, "c")] == allowed
    assert not any(permits(reader, a, "other") for a in COLLECTION_ACTIONS)
    assert not permits(reader, Action.ADMINISTER)


@pytest.mark.parametrize("reader", [OPERATOR, Reader("u", InstallationRole.ADMIN)])
def test_administrators_may_everything(reader: Reader) -> None:
    assert all(permits(reader, action, "c") for action in Action)


def test_nobody_in_particular_may_nothing() -> None:
    assert not any(permits(Reader(None), action, "c") for action in Action)


def test_outsiders_learn_nothing_and_insiders_are_told() -> None:
    with pytest.raises(NotFound):
        require(Reader("u"), Action.WRITE, "c")
    with pytest.raises(Forbidden):
        require(Reader("u", collections={"c": CollectionRole.READER}), Action.WRITE, "c")


_ids = st.sampled_from(["a", "b", "c", "d"])


@given(
    roles=st.dictionaries(_ids, st.sampled_from(CollectionRole)),
    existing=st.frozensets(_ids),
    wanted=st.none() | st.frozensets(_ids),
)
def test_a_scope_never_exceeds_what_is_readable(
    roles: dict[str, CollectionRole], existing: frozenset[str], wanted: frozenset[str] | None
) -> None:
    readable = existing & roles.keys()
    reader = Reader("u", collections=roles)

    if wanted is not None and not wanted <= readable:
        with pytest.raises(NotFound):
            scope(reader, existing, wanted)
    else:
        assert scope(reader, existing, wanted) == (readable if wanted is None else wanted)


def test_what_belongs_to_a_person_is_theirs_and_the_administrators() -> None:
    for reader in (Reader("u"), Reader("a", InstallationRole.ADMIN), OPERATOR):
        require_owner(reader, "u", what="job")
    for reader, owner in ((Reader("u"), "v"), (Reader("u"), None), (Reader(None), None)):
        with pytest.raises(NotFound):
            require_owner(reader, owner, what="job")
