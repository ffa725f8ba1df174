"""Moderation over REST: what was decided, what would be, and by which policy."""

import time
from hashlib import sha256

import pytest

from core.storage.chain import Entry
from core.values import InstallationRole, User
from llm.moderation.policy import default_policy
from tests import factories
from tests.processes import eventually
from tests.web.site import Caller, Site

HTML = {"Accept": "text/html"}
DECISIONS, TRY, POLICY = (f"/api/v1/moderation/{part}" for part in ("decisions", "try", "policy"))


def test_the_log_comes_in_pages_and_can_be_narrowed(site: Site) -> None:
    actions = ["allow", "block", "allow", "log", "block"]
    last = site.store.decisions.append(
        [Entry(1.7e9 + n, "r", "answer", action, "d", "p", "0", f"S{n}") for n, action in enumerate(actions)]
    )
    admin = site.admin

    first = admin.get(f"{DECISIONS}?point=answer&limit=3").json
    assert first is not None
    second = admin.get(f"{DECISIONS}?point=answer&limit=2&cursor={first['next_cursor']}").json
    assert second is not None
    blocked = admin.get(f"{DECISIONS}?action=block&category=S4").json
    assert blocked is not None

    assert [d["number"] for d in first["decisions"] + second["decisions"]] == list(range(last, last - 5, -1))
    assert [d["number"] for d in blocked["decisions"]] == [last]
    assert blocked["next_cursor"] is None
    assert blocked["decisions"][0]["at"] == "2023-11-14T22:13:24+00:00"


def test_whoever_looks_at_the_log_stands_in_it(site: Site) -> None:
    user = site.user(InstallationRole.ADMIN)

    site.by_key(user).get(f"{DECISIONS}?action=block")
    page = site.by_session(user).get("/moderation?category=S10", headers=HTML).text
    site.by_key(site.user()).get(DECISIONS)
    eventually(lambda: len(_looks(site, user)) == 2)

    assert _looks(site, user) == [{"how": "rest", "limit": 50, "action": "block"}, {"how": "page", "category": "S10"}]
    assert "looked_at" not in page
    assert "Somebody looked at this log" in site.by_session(user).get("/moderation", headers=HTML).text
    assert not [one for one in site.store.decisions.all() if one.entry.detail.get("how") and not one.entry.user_id]


def _looks(site: Site, user: User) -> list[dict[str, object]]:
    found = [decided.entry for decided in site.store.decisions.all()]
    return [dict(one.detail) for one in found if one.point == "looked_at" and one.user_id == user.id]


@pytest.mark.parametrize("query", ["cursor=x", "cursor=-1", "limit=0", "point=nowhere", "action=off", "since=1"])
def test_what_the_log_does_not_know(site: Site, query: str) -> None:
    assert site.admin.get(f"{DECISIONS}?{query}").status_code == 400


def test_a_text_is_tried_without_a_record(site: Site) -> None:
    before = _judged(site)
    body = {"text": "How long is the notice period?", "point": "answer", "collections": [site.collection()]}

    told = site.admin.post(TRY, json=body).json

    assert told is not None
    assert (told["action"], told["flagged"], told["text"]) == ("allow", False, body["text"])
    assert told["policy_version"] == default_policy().label
    assert _judged(site) == before
    for wrong in ({}, {"text": "x", "point": "nowhere"}, {"text": "x" * 100_001}, {"text": "x", "collections": ["y"]}):
        assert site.admin.post(TRY, json=wrong).status_code == 400


def test_the_policy_in_force_is_shown_whole(site: Site) -> None:
    told = site.admin.get(POLICY).json

    assert told is not None
    assert (told["version"], told["source"], told["trouble"]) == (default_policy().label, "default", "")
    assert told["policy"]["categories"]["S4"]["question"] == "block"


def _judged(site: Site) -> int:
    """How many decisions there are; a look at the log, by whichever test, is none."""
    return sum(decided.entry.point != "looked_at" for decided in site.store.decisions.all())


def _page(caller: Caller, address: str = "/moderation", language: str = "en") -> str:
    reply = caller.get(address, headers={"Accept": "text/html", "Cookie": f"language={language}"})
    assert reply.status_code == 200 and reply.mimetype == "text/html"
    return reply.text


def test_administrators_see_counts_and_the_log_in_their_language(site: Site) -> None:
    excerpt = "<script>alert(1)</script>"
    site.store.decisions.append(
        [Entry(time.time(), "r", "answer", "block", "d", "p", "0" * 64, "S10", 0.9, excerpt=excerpt)]
        + [Entry(time.time(), "r", "question", "allow", "d", "p", "1" * 64) for _ in range(60)]
    )
    admin = site.admin

    page, german = _page(admin), _page(admin, language="de")
    blocked = _page(admin, "/moderation?action=block&category=S10&point=answer")

    assert "Test bench" in page and "Prüfstand" in german
    assert "S10 hate" in page and "S10 Hass" in german
    assert "before=" in page and "before=" not in blocked
    assert "&lt;script&gt;alert" in blocked and "<script>alert" not in blocked
    assert "111111111111" not in blocked
    assert admin.get("/moderation?before=x").status_code == 400


def test_an_excerpt_that_went_with_its_document_is_shown_as_erased(site: Site) -> None:
    uploaded = factories.upload(site.store)
    gone = uploaded.document.id
    said = Entry(1.7e9, "r", "answer", "redact", "d", "p", "0" * 64, excerpt="A heron.", detail={"documents": [gone]})
    number = site.store.decisions.append([said])
    site.store.documents.delete(gone)
    address = "/moderation?action=redact&point=answer"

    page, german = _page(site.admin, address), _page(site.admin, address, language="de")
    listed = site.admin.get(f"{DECISIONS}?action=redact&point=answer&limit=1").json

    assert "A heron." not in page and f'title="{gone}"' in page
    assert "Excerpt erased" in page and "Auszug entfernt" in german
    assert "Excerpts of a deleted document erased" in _page(site.admin)
    assert listed is not None
    (told,) = listed["decisions"]
    assert (told["number"], told["excerpt"], told["excerpt_salt"], told["erased_for"]) == (number, "", "", gone)
    assert (told["form"], len(told["excerpt_sha256"]), told["erased_at"][:2]) == (2, 64, "20")


def test_only_administrators_are_led_there(site: Site) -> None:
    for role in InstallationRole:
        page = site.by_session(site.user(role)).get("/library").text
        assert ('href="/moderation"' in page) is (role is InstallationRole.ADMIN)


def test_the_bench_says_what_would_happen(site: Site) -> None:
    user = site.user(InstallationRole.ADMIN)
    admin = site.by_session(user)

    page = admin.post("/moderation", data={"text": "Is <b> harmless?", "point": "answer"}, headers=HTML)

    assert page.status_code == 200
    assert "Is &lt;b&gt; harmless?" in page.text and "Allowed" in page.text
    # What is recorded is written a moment later, in its order: once the look at the log is there, all before it is.
    admin.get("/moderation")
    eventually(lambda: _looks(site, user))
    of_text = sha256(b"Is <b> harmless?").hexdigest()
    assert not any(one.entry.text_sha256 == of_text for one in site.store.decisions.page(limit=200))
    assert admin.post("/moderation", data={"point": "answer"}, headers=HTML).status_code == 400
