"""The tree drawn in `core/errors.py` is the tree of the classes, and each class can be told from the others."""

import inspect
import re

from core import errors
from core.errors import ArchivarError

_BRANCH = re.compile(r"^(?P<indent>[│├└─ ]*)(?P<name>[A-Z]\w+)(?:\s{2,}(?P<meaning>.*?))?(?:\s{2,}(?P<status>\d{3}))?$")


def drawn() -> dict[str, tuple[str, int | None]]:
    """Name -> (parent, status where one is drawn), as the docstring says."""
    found: dict[str, tuple[str, int | None]] = {}
    line_of_parents: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        if match := _BRANCH.match(line):
            depth = len(match["indent"]) // 4
            parent = line_of_parents[depth - 1] if depth else ""
            line_of_parents[depth:] = [match["name"]]
            found[match["name"]] = (parent, int(match["status"]) if match["status"] else None)
    return found


def defined() -> dict[str, type[ArchivarError]]:
    """Every error class of the module."""
    members = vars(errors).values()
    return {c.__name__: c for c in members if inspect.isclass(c) and issubclass(c, ArchivarError)}


def test_the_drawing_has_the_classes_below_their_parents() -> None:
    parents = {name: kind.__base__.__name__ for name, kind in defined().items() if kind.__base__ is not None}
    parents["ArchivarError"] = ""

    assert {name: parent for name, (parent, _status) in drawn().items()} == parents


def test_the_drawing_has_the_statuses() -> None:
    classes = defined()

    for name, (parent, status) in drawn().items():
        inherited = classes[parent].status if parent else 500
        assert classes[name].status == (status or inherited), name


def test_errors_can_be_told_apart() -> None:
    codes = [kind.code for kind in defined().values()]

    assert len(codes) == len(set(codes))
    assert all(re.fullmatch(r"[a-z_]{1,40}", code) for code in codes)
    assert all(kind.__doc__ and kind.title for kind in defined().values())


def test_an_error_carries_its_message() -> None:
    error = errors.TooManyRequests("Wait a little.", retry_after=3)

    assert (str(error), error.message, error.retry_after) == ("Wait a little.", "Wait a little.", 3)
