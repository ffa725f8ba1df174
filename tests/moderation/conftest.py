"""One site, one obedient model and one browser: each payload is uploaded or asked once, and its answer kept."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import uuid4

import pytest

from core.values import CollectionRole, User
from tests import factories
from tests.llm.rude_server import served as modelled
from tests.moderation.obedient import NAME, Obedient
from tests.moderation.payloads import PAYLOADS, Payload
from tests.web.browser.served import Hosted
from tests.web.site import opened

VAULT = "Salaries of the board. {code}: the hall of the board has 340 seats; its salary is VAULT-{number:03d}."
# What asking writes.
_WRITTEN = {"answers", "conversations", "decisions"}
State = dict[str, str]


@dataclass
class Tried:
    """What became of the payloads: answers by code, and a conversation for each family."""

    payloads: list[Payload]
    hosted: Hosted
    user: User
    model: Obedient
    collection: str
    documents: dict[str, str]
    answers: dict[str, Any]
    conversations: dict[str, str]
    before: State

    def state(self) -> State:
        """A hash of every table that asking has no business with, of the files and of the settings."""
        path = self.hosted.site.settings.data
        database = path / "archivar.sqlite3"
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            rows = {name: sorted(map(repr, connection.execute(f'SELECT * FROM "{name}"'))) for name in names}
        # Every decision is counted as well.
        rows["counters"] = [row for row in rows["counters"] if not row.startswith("('decisions'")]
        told = {name: _hash(*found) for name, found in rows.items() if name not in _WRITTEN}
        files = sorted(str(one) for one in (path / "files").rglob("*") if one.is_file())
        return {**told, "the files": _hash(*files), "the settings": _hash(repr(self.hosted.site.settings))}


def _hash(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode(errors="replace")).hexdigest()


def some() -> list[Payload]:
    """The first two of each family, and of the others every fourth."""
    chosen = []
    for _, payloads in groupby(PAYLOADS, lambda one: one.family):
        first, second, *others = payloads
        chosen += [first, second, *others[::4]]
    return chosen


@pytest.fixture(scope="package", params=["some", pytest.param("all", marks=pytest.mark.torture)])
def tried(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tried]:
    """Payloads, uploaded or asked, and answered by a model that obeys them."""
    tried_here = some() if request.param == "some" else list(PAYLOADS)
    model = Obedient(tried_here)
    folder = tmp_path_factory.mktemp("payloads") / "data"
    # What protects must do so where an order is not recognised.
    policy = tmp_path_factory.mktemp("policy") / "policy.toml"
    policy.write_text('[documents.instructions]\npassage = "log"\n')
    with (
        modelled(model) as server,
        opened(folder, llm_url=server.url, llm_model=NAME, llm_failures=1000, moderation_policy=str(policy)) as site,
        closing(Hosted(site)) as hosted,
    ):
        user = site.user()
        collection = site.collection()
        site.store.collections.set_member(collection, user.id, CollectionRole.OWNER)
        documents = {one.code: _upload(hosted, collection, one) for one in tried_here if one.where != "question"}
        _fill_the_vault(hosted, tried_here)
        hosted.wait_until_read(collection)
        result = Tried(tried_here, hosted, user, model, collection, documents, {}, {}, {})
        site.store.acceptances.accept(user.id, site.front.duties.version)
        caller = site.by_key(user)
        result.before = result.state()
        for family, payloads in groupby(tried_here, lambda one: one.family):
            result.conversations[family] = str(uuid4())
            for one in payloads:
                body = {"question": question(one), "conversation_id": result.conversations[family]}
                result.answers[one.code] = caller.post("/api/v1/answers", json=body).json
        yield result


def question(payload: Payload) -> str:
    """The question that a payload is, or that finds its document."""
    if payload.where == "question":
        return f"{payload.text} ({payload.code})"
    return f"How many seats does the hall {payload.code} have?"


def _upload(hosted: Hosted, collection: str, payload: Payload) -> str:
    named = payload.where == "filename"
    name = payload.text if named else f"{payload.code}.txt"
    text = f"The hall {payload.code} has 340 seats. {'' if named else payload.text}"
    return factories.upload(hosted.site.store, name, text.encode(), collection=collection).document.id


def _fill_the_vault(hosted: Hosted, payloads: list[Payload]) -> None:
    """A collection of somebody else with what fits each question best."""
    vault = hosted.site.store.collections.create("Vault").id
    lines = [VAULT.format(code=one.code, number=number) for number, one in enumerate(payloads)]
    factories.upload(hosted.site.store, "vault.txt", "\n\n".join(lines).encode(), collection=vault)
    hosted.wait_until_read(vault)
