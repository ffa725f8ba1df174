"""Sessions, keys, and the proof that a browser meant what it sends."""

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from core.storage.people import Credential
from core.values import InstallationRole
from tests.web.site import Caller, Site, opened

COLLECTIONS = "/api/v1/collections"


def _sign_in(site: Site, secret: str) -> Caller:
    reply = site.anonymous.post(f"/sign-in/{secret}")
    assert (reply.status_code, reply.headers["Location"]) == (303, "/")
    cookie = reply.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    return Caller(site.app, site.settings, session=cookie.partition("=")[2].partition(";")[0])


def test_a_link_signs_in_once_and_looking_at_it_does_not_use_it_up(site: Site) -> None:
    secret = site.store.people.issue(site.user().id, Credential.SIGN_IN_LINK, 60)
    for _ in range(2):
        assert site.anonymous.get(f"/sign-in/{secret}").status_code == 200
        assert site.anonymous("HEAD", f"/sign-in/{secret}").status_code == 200
    assert _sign_in(site, secret).get("/").status_code == 200
    again = site.anonymous.post(f"/sign-in/{secret}", headers={"Accept": "text/html"})
    assert again.status_code == 401 and "has been used" in again.text


def test_signing_out_ends_the_session_everywhere(site: Site) -> None:
    someone = _sign_in(site, site.store.people.issue(site.user().id, Credential.SIGN_IN_LINK, 60))
    assert someone.post("/sign-out").status_code == 303
    assert someone.get("/").status_code == 401


def test_a_session_is_no_key_and_a_key_no_session(site: Site) -> None:
    user = site.user()
    key, session = site.by_key(user).key, site.by_session(user).session
    assert replace(site.anonymous, key=session).get(COLLECTIONS).status_code == 401
    assert replace(site.anonymous, session=key).get(COLLECTIONS).status_code == 401


def test_an_authorization_header_alone_decides(site: Site) -> None:
    someone = site.by_session(site.user())
    for header in ("Bearer wrong", "Basic abc", ""):
        assert someone.get(COLLECTIONS, headers={"Authorization": header}).status_code == 401


def test_a_session_must_prove_intent(site: Site) -> None:
    someone, other = site.by_session(site.user()), site.by_session(site.user())
    body = {"name": uuid4().hex}
    assert replace(someone, csrf=False).post(COLLECTIONS, json=body).status_code == 403
    wrong = other.get("/").text.partition('csrf-token" content="')[2].partition('"')[0]
    assert someone.post(COLLECTIONS, json=body, headers={"X-CSRF-Token": wrong}).status_code == 403
    assert someone.post(COLLECTIONS, json=body).status_code == 201


def test_a_form_field_proves_intent_too(site: Site) -> None:
    someone = replace(site.by_session(site.user()), csrf=False)
    token = someone.get("/").text.partition('csrf-token" content="')[2].partition('"')[0]
    assert someone.post("/sign-out", data={"csrf_token": token}).status_code == 303


@pytest.mark.parametrize("origin", ["cross-site", "same-site"])
def test_what_another_site_sends_is_refused(site: Site, origin: str) -> None:
    someone, header = site.by_session(site.user()), {"Sec-Fetch-Site": origin}
    assert someone.post(COLLECTIONS, json={"name": uuid4().hex}, headers=header).status_code == 403
    secret = site.store.people.issue(site.user().id, Credential.SIGN_IN_LINK, 60)
    assert site.anonymous.post(f"/sign-in/{secret}", headers=header).status_code == 403
    assert someone.get("/", headers=header).status_code == 200


def test_host_names_that_are_not_ours_are_refused(site: Site) -> None:
    for host, status in {"evil.example": 400, "": 400, "localhost": 200, "127.0.0.1:8080": 200}.items():
        assert site.anonymous.get("/healthz", headers={"Host": host}).status_code == status


def test_over_tls_the_cookie_belongs_to_this_host_only(tmp_path: Path) -> None:
    with opened(tmp_path / "data", public_url="https://archive.example.org") as site:
        secret = site.store.people.issue(site.user(InstallationRole.ADMIN).id, Credential.SIGN_IN_LINK, 60)
        reply = site.anonymous.post(f"/sign-in/{secret}", headers={"Host": "archive.example.org"})
        cookie = reply.headers["Set-Cookie"]
        assert cookie.startswith("__Host-archivar=") and "; Secure" in cookie and "Path=/" in cookie
