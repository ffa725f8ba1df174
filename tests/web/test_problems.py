"""Errors are problem documents for programs and pages for people."""

import pytest

from tests.web.site import Site


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "code"),
    [
        ("GET", "/nowhere", {}, 404, "not_found"),
        ("GET", "/api/v1/collections/not-an-id", {}, 404, "not_found"),
        ("PUT", "/api/v1/collections", {}, 405, "method_not_allowed"),
        ("GET", "/api//v1/collections", {}, 404, "not_found"),
        ("POST", "/api/v1/search", {"data": "query=a"}, 415, "unsupported_media_type"),
        ("POST", "/api/v1/search", {"data": "{", "content_type": "application/json"}, 400, "invalid_request"),
        ("POST", "/api/v1/search", {"json": {"query": "a", "k": "1"}}, 400, "invalid_request"),
        ("POST", "/api/v1/search", {"json": {"query": "a", "k": True}}, 400, "invalid_request"),
        ("POST", "/api/v1/search", {"json": {"query": "a", "k": 51}}, 400, "invalid_request"),
        ("POST", "/api/v1/search", {"json": {"query": "a" * 201}}, 400, "invalid_request"),
        ("POST", "/api/v1/search", {"json": {"query": "a\x00"}}, 400, "invalid_request"),
        ("POST", "/api/v1/search", {"json": {"query": "a", "role": "admin"}}, 400, "invalid_request"),
        ("POST", "/api/v1/search", {"json": {"query": "a", "collections": []}}, 400, "invalid_request"),
        ("POST", "/api/v1/search", {"json": {"query": "a", "collections": ["Papers"]}}, 400, "invalid_request"),
        ("POST", "/api/v1/answers", {"json": {"question": " "}}, 400, "invalid_request"),
        ("POST", "/api/v1/answers", {"json": {"question": "a" * 201, "stream": True}}, 400, "invalid_request"),
        ("POST", "/api/v1/answers", {"json": {"question": "a", "stream": "true"}}, 400, "invalid_request"),
        ("POST", "/api/v1/collections", {"json": {"name": "a\nb\x07"}}, 400, "invalid_request"),
        ("GET", "/api/v1/collections?limit=0", {}, 400, "invalid_request"),
        ("GET", "/api/v1/collections?limit=1&limit=x&other=1", {}, 400, "invalid_request"),
        ("GET", "/api/v1/collections?cursor=!", {}, 400, "invalid_request"),
        ("GET", "/api/v1/collections?cursor=AAAA", {}, 400, "invalid_request"),
    ],
)
def test_codes(site: Site, method: str, path: str, options: dict[str, object], status: int, code: str) -> None:
    reply = site.admin(method, path, **options)
    assert reply.json is not None
    assert (reply.status_code, reply.json["code"]) == (status, code)


def test_browsers_get_a_page(site: Site) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    reply = site.admin.get("/nowhere", headers=browser)
    assert (reply.status_code, reply.mimetype) == (404, "text/html")
    reply = site.anonymous.get("/", headers=browser)
    assert (reply.status_code, reply.mimetype) == (401, "text/html") and "Sign in" in reply.text


def test_nobody_learns_which_routes_exist(site: Site) -> None:
    for method, path in (("GET", "/nowhere"), ("PUT", "/api/v1/collections"), ("OPTIONS", "/api/v1/collections")):
        reply = site.anonymous(method, path)
        assert reply.status_code == 401
        assert reply.headers["WWW-Authenticate"].startswith("Bearer")
