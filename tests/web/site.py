"""A whole web application on real parts, and callers who hold every reply against the declared models."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from core.settings import Settings, load_settings
from core.storage.people import Credential
from core.values import CollectionRole, Document, InstallationRole, User
from ingest.children import ParserPool
from llm.gpu_watch import GpuWatch
from llm.services import Services
from retrieval.embedders.recipes import chosen
from retrieval.index.opening import open_indexer
from tests import factories
from web import chat_models, models
from web.api import Route
from web.app import create_app
from web.front import Front
from web.identity import NOBODY, Identity
from web.metrics import Metrics
from web.openapi import describe
from web.routes import ROUTES
from workers.doorbell import Doorbell
from workers.ingest_tasks import IngestWorker

_BY_NAME = {route.name: route for route in ROUTES}
_FOLLOWS_WITHIN = 30
_DIMENSIONS = 384
_BROWSER = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class Caller:
    """Someone who sends requests: with an API key, with the cookie of a session, or with nothing."""

    app: Flask
    settings: Settings
    key: str | None = None
    session: str | None = None
    csrf: bool = True

    def __call__(self, method: str, path: str, **options: Any) -> TestResponse:
        """Send a request and hold the reply against what its route declares."""
        client = self.app.test_client(use_cookies=False)
        headers = {**self._headers(), **options.pop("headers", {})}
        response = client.open(path, method=method, headers=headers, **options)
        check(self.app, method, path, response)
        return response

    def get(self, path: str, **options: Any) -> TestResponse:
        """Send a GET request."""
        return self("GET", path, **options)

    def post(self, path: str, **options: Any) -> TestResponse:
        """Send a POST request."""
        return self("POST", path, **options)

    def _headers(self) -> dict[str, str]:
        if self.key is not None:
            return {"Authorization": f"Bearer {self.key}"}
        if self.session is None:
            return {}
        name = "__Host-archivar" if self.settings.public_url.startswith("https:") else "archivar"
        headers = {"Cookie": f"{name}={self.session}", **_BROWSER}
        if self.csrf:
            headers["X-CSRF-Token"] = Identity(NOBODY, self.session).csrf_token
        return headers


def check(app: Flask, method: str, path: str, response: TestResponse) -> None:
    """What must hold for every reply."""
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src" in response.headers["Content-Security-Policy"]
    route = route_of(app, method, path)
    if response.mimetype == "application/problem+json":
        kind = chat_models.ChatProblem if path.startswith("/v1/") else models.Problem
        problem = kind.model_validate(response.json)
        assert problem.status == response.status_code >= 400
        assert re.fullmatch(r"/api/docs#[a-z_]+", problem.type)
    elif response.mimetype == "application/json" and route is not None and not isinstance(route.endpoint.gives, str):
        assert response.status_code in {route.endpoint.status, 503}
        route.endpoint.gives.model_validate_json(response.data)


def route_of(app: Flask, method: str, path: str) -> Route | None:
    """The route that serves a path."""
    try:
        name, _ = app.url_map.bind("localhost").match(path.partition("?")[0], method)
    except HTTPException:
        return None
    return _BY_NAME.get(name)


class Site:
    """The application with a way to make people and things."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.services = Services(settings)
        self.store = self.services.store
        self.pages = ParserPool(settings, children=1)
        self.gpus = GpuWatch()
        self.front = Front(
            services=self.services,
            pages=self.pages,
            doorbell=Doorbell(settings),
            metrics=Metrics(self.store, lambda: self.services.model, self.gpus, lambda: self.services.moderator),
            gpus=self.gpus,
            openapi=describe(ROUTES),
        )
        self.app = create_app(self.front)
        self.worker = IngestWorker(settings, self.store)
        self.indexer = open_indexer(settings, self.store)
        self.indexer.start()

    def close(self) -> None:
        """Let go of everything."""
        self.indexer.close()
        self.worker.close()
        self.front.close()

    def user(self, role: InstallationRole = InstallationRole.MEMBER) -> User:
        """A new account."""
        return self.store.people.add(f"{uuid4().hex}@example.org", role)

    def by_key(self, user: User) -> Caller:
        """The person with a new API key."""
        return Caller(self.app, self.settings, key=self.store.people.issue(user.id, Credential.API_KEY))

    def by_session(self, user: User) -> Caller:
        """The person with a new session."""
        secret = self.store.people.issue(user.id, Credential.SESSION, 3600)
        return Caller(self.app, self.settings, session=secret)

    @property
    def anonymous(self) -> Caller:
        """Nobody in particular."""
        return Caller(self.app, self.settings)

    @property
    def admin(self) -> Caller:
        """A new administrator with a key."""
        return self.by_key(self.user(InstallationRole.ADMIN))

    def member(self, collection_id: str, role: CollectionRole) -> Caller:
        """A new member of a collection with a key."""
        user = self.user()
        self.store.collections.set_member(collection_id, user.id, role)
        return self.by_key(user)

    def collection(self) -> str:
        """The id of a new collection that nobody belongs to."""
        return self.store.collections.create(f"Collection {uuid4().hex}").id

    def document(self, collection_id: str, *passages: str, path: str | None = None) -> Document:
        """A document that has been read, with one page for each passage."""
        name = path or f"{uuid4().hex}.txt"
        uploaded = factories.upload(self.store, name, name.encode(), collection=collection_id)
        if passages:
            lease = self.store.jobs.lease("ingest", uploaded.job_id)
            assert lease is not None
            self.store.passages.publish(
                lease,
                uploaded.document.version_id,
                factories.reading(*passages),
                embedder=chosen(self.settings).name,
                vectors=factories.vectors(len(passages), _DIMENSIONS),
            )
        return self.store.documents.get(uploaded.document.id)

    def read_everything(self) -> None:
        """Do what workers would do, and wait until searches show it."""
        while self.worker.run():
            pass
        deadline = time.monotonic() + _FOLLOWS_WITHIN
        while self.services.retriever.behind() and time.monotonic() < deadline:
            time.sleep(0.05)


@contextmanager
def opened(data: Path, **settings: object) -> Iterator[Site]:
    """A site of its own."""
    site = Site(load_settings(data=data, **settings))
    yield site
    site.close()
