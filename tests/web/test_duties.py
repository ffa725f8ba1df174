"""What an attached Llama's licence asks of the pages: its notice everywhere, and an acceptance by each person."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.values import InstallationRole, User
from tests.web.site import Caller, Site, opened

HTML = {"Accept": "text/html"}
NOWHERE = "http://127.0.0.1:9"
NOTICE = "Llama 3.1 is licensed under the Llama 3.1 Community License, Copyright © Meta Platforms, Inc."
POLICY = 'href="https://www.llama.com/llama3_1/use-policy/"'
PAGES = ("/library", "/search", "/ask", "/api/docs", "/documents/5d1f8c1a-0c4f-4f6e-9a53-0d4f30a6b001")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of all sites here."""
    return tmp_path_factory.mktemp("duties") / "data"


@pytest.fixture(scope="module")
def llama(data: Path) -> Iterator[Site]:
    """A site with a Llama."""
    with opened(data, llm_url=NOWHERE, llm_model="llama3.1:8b") as one:
        yield one


def accept(caller: Caller, following: str = "/library") -> str:
    """Press the button on the page of conditions; where that leads."""
    form = caller.get("/conditions", headers=HTML).text
    version = re.search(r'name="version" value="([^"]+)"', form)
    assert version is not None
    response = caller.post("/conditions", data={"version": version[1], "next": following})
    assert response.status_code == 303
    return response.headers["Location"]


def test_the_notice_stands_on_every_page(llama: Site) -> None:
    person = llama.by_session(llama.user(InstallationRole.ADMIN))
    pages = {"/conditions": person.get("/conditions", headers=HTML).text}
    accept(person)
    pages |= {path: person.get(path, headers=HTML).text for path in (*PAGES, "/moderation", "/models")}
    pages |= {path: llama.anonymous.get(path, headers=HTML).text for path in ("/", "/sign-in/x", "/nowhere")}

    for path, text in pages.items():
        assert "Built with Llama" in text and NOTICE in text and POLICY in text, path


@pytest.mark.parametrize(("url", "model"), [("", ""), (NOWHERE, "qwen2.5:7b"), (NOWHERE, "")])
def test_without_a_llama_nothing_of_it_is_shown(tmp_path: Path, url: str, model: str) -> None:
    with opened(tmp_path / "data", llm_url=url, llm_model=model) as site:
        person = site.by_session(site.user())
        for path in PAGES:
            response = person.get(path, headers=HTML)
            assert response.status_code in {200, 404}
            assert not re.search(r"Built with|Community License|use-policy|/conditions", response.text), path
        assert person.get("/conditions").status_code == person.post("/conditions").status_code == 404


def test_each_person_accepts_once_and_goes_on(llama: Site) -> None:
    user = llama.user()
    person = llama.by_session(user)

    sent = person.get("/search?question=hall", headers=HTML)
    assert (sent.status_code, sent.headers["Location"]) == (303, "/conditions?next=%2Fsearch%3Fquestion%3Dhall")
    asked = person.get(sent.headers["Location"], headers=HTML).text
    assert "I accept these conditions" in asked and 'value="/search?question=hall"' in asked
    assert person.get("/library", headers=HTML).status_code == 303
    assert _accepted(llama, user) is None

    assert accept(person, "/search?question=hall") == "/search?question=hall"

    at = _accepted(llama, user)
    assert at is not None and abs(time.time() - at) < 60
    assert person.get("/library", headers=HTML).status_code == 200
    assert llama.by_session(user).get("/library", headers=HTML).status_code == 200
    again = person.get("/conditions", headers=HTML).text
    assert "You accepted them on" in again and "I accept" not in again
    assert llama.by_session(llama.user()).get("/library", headers=HTML).status_code == 303


def test_who_is_not_asked(llama: Site) -> None:
    person = llama.user()

    assert llama.by_key(person).get("/library", headers=HTML).status_code == 200
    assert llama.by_key(person).get("/api/v1/collections").status_code == 200
    assert llama.by_session(person).post("/preferences", data={"theme": "dark"}).headers["Location"] == "/"
    assert llama.by_session(person).post("/sign-out").headers["Location"] == "/"
    assert _accepted(llama, person) is None


@pytest.mark.parametrize("form", [{"version": "Llama 3, 2024-04-18; 1"}, {"version": ""}, {}])
def test_no_other_text_is_accepted(llama: Site, form: dict[str, str]) -> None:
    user = llama.user()
    person = llama.by_session(user)

    person.post("/conditions", data=form)

    assert _accepted(llama, user) is None
    assert person.get("/library", headers=HTML).status_code == 303


def test_the_button_needs_the_page_and_leads_nowhere_else(llama: Site) -> None:
    user = llama.user()
    forged = llama.by_session(user)
    forged.csrf = False

    assert forged.post("/conditions", data={"version": llama.front.duties.version}).status_code == 403
    assert _accepted(llama, user) is None
    assert accept(llama.by_session(user), "https://evil.example/") == "/"


def test_another_text_is_asked_for_again(llama: Site, data: Path) -> None:
    user = llama.user()
    accept(llama.by_session(user))

    with opened(data, llm_url=NOWHERE, llm_model="Llama-3.3-70B-Instruct") as later:
        person = later.by_session(user)
        assert person.get("/library", headers=HTML).status_code == 303
        accept(person)
        assert person.get("/library", headers=HTML).status_code == 200
    assert _accepted(llama, user) is not None


def test_it_is_asked_in_german(llama: Site) -> None:
    person = llama.by_session(llama.user())

    text = person.get("/conditions", headers={**HTML, "Accept-Language": "de"}).text

    assert "Ich stimme diesen Bedingungen zu" in text and "llama3.1:8b" in text


@pytest.mark.parametrize("inside", [True, False])
def test_operators_in_the_eu_see_a_warning_on_the_page_of_models(tmp_path: Path, inside: bool) -> None:
    with opened(tmp_path / "data", llm_url=NOWHERE, llm_model="llama4:scout", operator_in_eu=inside) as site:
        person = site.by_session(site.user(InstallationRole.ADMIN))
        accept(person)
        text = person.get("/models", headers=HTML).text

    assert ("run from within the EU" in text) == inside


def _accepted(site: Site, user: User) -> float | None:
    return site.store.acceptances.accepted_at(user.id, site.front.duties.version)
