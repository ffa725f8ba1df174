"""Language and theme: what may be chosen, for how long, and where the choice leads."""

import pytest

from core.values import InstallationRole
from tests.web.site import Site


@pytest.mark.parametrize(("name", "value"), [("language", "de"), ("theme", "dark"), ("theme", "auto")])
def test_a_choice_is_kept_in_a_cookie(site: Site, name: str, value: str) -> None:
    reply = site.anonymous.post("/preferences", data={name: value, "next": "/library?x=1"})
    assert reply.status_code == 303 and reply.headers["Location"] == "/library?x=1"
    cookie = reply.headers["Set-Cookie"]
    assert cookie.startswith(f"{name}={value};") and "Max-Age=31536000" in cookie and "SameSite=Lax" in cookie


@pytest.mark.parametrize("form", [{}, {"language": "xx"}, {"theme": "<b>"}, {"language": "de", "theme": "pink"}])
def test_other_values_are_refused(site: Site, form: dict[str, str]) -> None:
    reply = site.anonymous.post("/preferences", data=form)
    assert reply.status_code == 400 and "Set-Cookie" not in reply.headers


@pytest.mark.parametrize(
    "address", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "javascript:x", "/a\nb", ""]
)
def test_a_choice_never_leads_elsewhere(site: Site, address: str) -> None:
    reply = site.anonymous.post("/preferences", data={"theme": "light", "next": address})
    assert reply.headers["Location"] == "/"


def test_other_sites_cannot_choose(site: Site) -> None:
    reply = site.anonymous.post("/preferences", data={"theme": "dark"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert reply.status_code == 403


def test_pages_follow_the_choice(site: Site) -> None:
    caller = site.by_session(site.user(InstallationRole.ADMIN))
    cookie = f"{caller._headers()['Cookie']}; language=de; theme=dark"
    page = caller.get("/library", headers={"Cookie": cookie, "Accept": "text/html"}).text
    assert '<html lang="de" data-theme="dark"' in page and "Bibliothek" in page
    plain = caller.get("/library", headers={"Cookie": f"{caller._headers()['Cookie']}; theme=x"}).text
    assert '<html lang="en" data-theme="auto"' in plain
