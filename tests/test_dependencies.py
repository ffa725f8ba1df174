"""The locks are what pyproject.toml needs and nothing else, and what users install has a licence that fits ours.

The rule and its reasons are in CONTRIBUTING.md.
"""

import re
from importlib.metadata import distribution
from importlib.metadata import metadata as metadata_of

import pytest

from tests import locks

ALLOWED = frozenset(
    {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "CNRI-Python", "ISC", "MIT", "MIT-0"}
    | {"MIT-CMU", "MPL-2.0", "PSF-2.0", "Zlib"}
)
# What packages say who do not use SPDX expressions.
SPDX = {
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "New BSD": "BSD-3-Clause",
    "3-Clause BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "ISC License (ISCL)": "ISC",
    "Apache 2.0": "Apache-2.0",
    "Apache 2.0 License": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
EXCEPTIONS = {
    "hanta": "LGPL-3.0-or-later: a library of its own, imported unchanged and replaceable by whoever installs it",
    "psycopg": "LGPL-3.0: a library of its own, imported unchanged and replaceable by whoever installs it",
    "psycopg-binary": "LGPL-3.0: as psycopg, whose compiled half it is",
    "pypdfium2": "says 'BSD-3-Clause, Apache-2.0, dependency licenses' in words; PDFium and its parts are permissive",
}


def licences(name: str) -> set[str]:
    """The SPDX licences of an installed distribution; with `OR`, one that is allowed is enough."""
    metadata = metadata_of(name)
    expression = metadata["License-Expression"]
    if expression:
        return _needed(expression)
    classifiers = [c.rpartition(" :: ")[2] for c in metadata.get_all("Classifier") or [] if c.startswith("License ::")]
    classifiers = [classifier for classifier in classifiers if classifier != "OSI Approved"]  # which says not which
    if classifiers:
        return {SPDX.get(classifier, classifier) for classifier in classifiers}
    # Some give the whole text, which begins with its name.
    text = (metadata["License"] or "nothing").strip().partition("\n")[0]
    return {SPDX[text]} if text in SPDX else _needed(text)


def _needed(expression: str) -> set[str]:
    needed: set[str] = set()
    for part in re.sub(r"[()]|WITH LLVM-exception", "", expression).split(" AND "):
        choices = {choice.strip() for choice in part.split(" OR ")}
        needed |= (choices & ALLOWED) or choices
    return needed


def test_the_locks_are_what_the_project_needs() -> None:
    for lock, text in locks.locks().items():
        assert lock.read_text() == text, f"{lock.name}: run `make lock`"


def test_the_locks_hold_plain_names_and_versions() -> None:
    for lock in (locks.RUNTIME, locks.DEVELOPMENT):
        for line in lock.read_text().splitlines():
            assert re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", line), line
            assert not line.startswith(("nvidia-", "triton")), line


def test_what_is_installed_is_what_is_locked() -> None:
    for name, version in {**locks.read(locks.RUNTIME), **locks.read(locks.DEVELOPMENT)}.items():
        assert distribution(name).version.partition("+")[0] == version, name


@pytest.mark.parametrize("name", locks.read(locks.RUNTIME))
def test_a_dependency_has_a_licence_that_fits(name: str) -> None:
    assert name in EXCEPTIONS or licences(name) <= ALLOWED, licences(name)


def test_no_exception_outlives_its_reason() -> None:
    assert set(EXCEPTIONS) <= set(locks.read(locks.RUNTIME))
    assert [name for name in EXCEPTIONS if licences(name) <= ALLOWED] == []


@pytest.mark.parametrize(
    ("expression", "fits"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("MIT AND GPL-3.0-only", False),
        ("MIT OR GPL-3.0-only", True),
        ("Apache-2.0 WITH LLVM-exception AND (GPL-2.0-only OR MIT)", True),
        ("LicenseRef-Proprietary", False),
    ],
)
def test_licence_expressions_are_read(expression: str, fits: bool) -> None:
    assert (_needed(expression) <= ALLOWED) is fits
