"""A block in the middle of an answer: what was shown goes, and the conversation keeps what the person saw."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, expect

from core.values import CollectionRole, User
from llm.assistant import Assistant
from llm.moderation.means import Means
from llm.moderation.moderator import PolicyModerator
from llm.moderation.policy_file import open_policy
from tests import factories
from tests.llm.moderation.words import WordDetector
from tests.places import empty_folder
from tests.web.browser.served import Hosted, Told
from tests.web.browser.visitors import Visitor
from tests.web.site import opened

SHOWN, BLOCKED = "The hall has 340 seats.", "Everyone in it deserves hate."


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[tuple[Hosted, User]]:
    """A site with a document about a hall, and somebody who may read it and has taken note of what a model is."""
    with opened(empty_folder(tmp_path / "data")) as site, closing(Hosted(site)) as hosted:
        collection, user = site.collection(), site.user()
        factories.upload(site.store, "hall.txt", SHOWN.encode(), collection=collection)
        hosted.wait_until_read(collection)
        site.store.collections.set_member(collection, user.id, CollectionRole.OWNER)
        site.store.acceptances.accept(user.id, site.front.duties.version)
        yield hosted, user


def test_a_block_takes_back_what_was_shown(asking: tuple[Hosted, User], browser: Browser) -> None:
    hosted, user = asking
    site = hosted.site
    gate = threading.Event()
    moderator = PolicyModerator(Means(open_policy(site.settings), WordDetector()))
    writer = Told([SHOWN, BLOCKED, "Nobody hears of this."], gate=gate)
    site.services.assistant = Assistant(site.store, site.services.retriever, writer, moderator)
    visitor = Visitor(browser, hosted)
    try:
        visitor.sign_in(user)
        visitor.open("/ask")
        visitor.ask("How many seats does the hall have?")
        expect(visitor.last.locator(".sentence .words")).to_have_text([SHOWN])
        gate.set()
        expect(visitor.last.locator(".answer.blocked")).to_be_visible()
        expect(visitor.last.locator(".sentence, .source, .cite")).to_have_count(0)
        saw = visitor.last.locator(".answer-text").inner_text()
        visitor.page.wait_for_url("**/ask/*-*")
        conversation = UUID(visitor.page.url.rsplit("/", 1)[1])
        page = visitor.page.content()

        caller = site.by_key(user)
        reply = caller.get(f"/api/v1/conversations/{conversation}")
        export = caller.get(f"/api/v1/conversations/{conversation}/export.md").text
        (kept,) = [one["answer"] for one in reply.get_json()["exchanges"]]
        visitor.page.reload()
        expect(visitor.last.locator(".answer-text")).to_have_text(saw)
    finally:
        gate.set()
        visitor.close()

    assert (kept["status"], kept["answer"], kept["citations"]) == ("blocked", saw, [])
    assert saw in export.replace("\\", "")
    for text in (page, reply.text, export):
        assert SHOWN not in text
        assert BLOCKED not in text
        assert "Nobody hears" not in text
