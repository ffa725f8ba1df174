"""Every route for every kind of person with every kind of credential. A route without a row fails."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest

from core.deliveries import Channel, Format, Wish
from core.storage.people import Credential
from core.summaries import CatchUp, OwnTemplate, SummaryOptions, SummaryRequest
from core.values import Answer, AnswerStatus, CollectionRole, InstallationRole, ModerationSummary, User
from core.wire import answer_json
from tests.places import EMBEDDED, EVERYWHERE, made
from tests.web.site import Caller, Site, opened
from web.api import Route
from web.routes import ROUTES

OK = 0
PEOPLE = ("anonymous", "wrong", "suspended", "removed", "outsider", "reader", "editor", "owner", "admin")
CARRIERS = ("key", "session")
_UNKNOWN = (401, 401, 401)

# What each of PEOPLE gets, in their order.
PUBLIC = (OK,) * 9
SIGNED_IN = (*_UNKNOWN, OK, OK, OK, OK, OK, OK)
READ = (*_UNKNOWN, 404, 404, OK, OK, OK, OK)
WRITE = (*_UNKNOWN, 404, 404, 403, OK, OK, OK)
MANAGE = (*_UNKNOWN, 404, 404, 403, 403, OK, OK)
ADMINISTER = (*_UNKNOWN, 403, 403, 403, 403, 403, OK)
NOBODY_ELSES = (*_UNKNOWN, 404, 404, 404, 404, 404, 404)
# What belongs to somebody who is none of PEOPLE.
ANOTHERS = (*_UNKNOWN, 404, 404, 404, 404, 404, OK)
# No Llama is attached.
NO_CONDITIONS = (*_UNKNOWN, *(404,) * 6)
NOTHING_TO_RETRY = tuple(409 if status is OK else status for status in WRITE)
# Nothing is held back.
NOTHING_WAITS = tuple(404 if status is OK else status for status in MANAGE)
NO_IMAGE = tuple(404 if status is OK else status for status in READ)


class People:
    """One person of each kind with one credential of each kind."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.users = {
            name: site.user(InstallationRole.ADMIN if name == "admin" else InstallationRole.MEMBER)
            for name in PEOPLE[2:]
        }
        self._callers: dict[tuple[str, str], Caller] = {}
        self.caller("suspended", "key"), self.caller("suspended", "session")
        site.store.people.set_active(self.users["suspended"].id, False)

    def caller(self, name: str, carrier: str) -> Caller:
        """The person with a credential."""
        if (name, carrier) not in self._callers:
            self._callers[name, carrier] = self._caller(name, carrier)
        return self._callers[name, carrier]

    def forget_sessions(self) -> None:
        """Sign everyone in anew when next asked."""
        self._callers = {key: value for key, value in self._callers.items() if key[0] == "suspended"}

    def _caller(self, name: str, carrier: str) -> Caller:
        if name == "anonymous":
            return self.site.anonymous
        if name == "wrong":
            wrong = "not-a-secret-of-anyone"
            app, settings = self.site.app, self.site.settings
            return Caller(app, settings, key=wrong) if carrier == "key" else Caller(app, settings, session=wrong)
        user = self.users[name]
        return self.site.by_key(user) if carrier == "key" else self.site.by_session(user)


class Things:
    """What requests are about."""

    def __init__(self, site: Site, users: dict[str, User]) -> None:
        self._people = site.store.people
        self._stranger = site.user()
        self.collection_id = site.collection()
        self.model = f"archivar/{site.store.collections.get(self.collection_id).name}"
        self.document_id = site.document(self.collection_id, "A passage.").id
        unread = site.document(self.collection_id)
        assert unread.job_id is not None
        self.job_id = unread.job_id
        self.answer_id, self.conversation_id = str(uuid4()), str(uuid4())
        self.page = 1
        wanted = SummaryRequest(SummaryOptions(), self.collection_id)
        delivery = [Wish(Channel.FOLDER, Format.JSON)]
        self.summary_id = site.store.summaries.start(wanted, owner=self._stranger.id, delivery=delivery)
        self.schedule_id = site.store.schedules.add(
            owner=self._stranger.id,
            name="Weekly",
            cron="0 6 * * 1",
            timezone="UTC",
            request=wanted,
            delivery=delivery,
            catch_up=CatchUp.ONE,
            next_at=None,
        ).id
        self.template_id = site.store.templates.add(
            OwnTemplate("", self._stranger.id, "Pay", "", "who is paid how much")
        ).id
        site.store.answers.record(
            self.answer_id, "Why?", _an_answer(), user_id=self._stranger.id, conversation_id=self.conversation_id
        )
        roles = {"suspended": CollectionRole.OWNER, "removed": CollectionRole.OWNER} | {
            r.value: r for r in CollectionRole
        }
        for name, role in roles.items():
            site.store.collections.set_member(self.collection_id, users[name].id, role)
        site.store.collections.set_member(self.collection_id, users["removed"].id, None)

    @property
    def secret(self) -> str:
        """A sign-in link that nobody has used."""
        return self._people.issue(self._stranger.id, Credential.SIGN_IN_LINK, 60)


class World:
    """People and things; things are made anew when a request has used them up."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.people = People(site)
        self.renew()

    def renew(self) -> None:
        """Make other things."""
        self.things = Things(self.site, self.people.users)


@pytest.fixture(scope="module", params=EVERYWHERE)
def world(request: pytest.FixtureRequest, site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The people and things of this module, in every place that keeps them."""
    if request.param == EMBEDDED:
        yield World(site)
        return
    data = tmp_path_factory.mktemp("elsewhere") / "data"
    with made(request.param, request) as place:
        with opened(data, database_url=place.database_url, redis_url=place.redis_url) as elsewhere:
            yield World(elsewhere)


def _an_answer() -> dict[str, Any]:
    return answer_json(Answer(str(uuid4()), "-", AnswerStatus.NOT_FOUND, (), (), ModerationSummary(), "quoting", 1.0))


@dataclass(frozen=True)
class Row:
    """Who may use a route, and what a request to it carries."""

    expected: tuple[int, ...]
    send: Callable[[Things], dict[str, Any]] = field(default=lambda _: {})


_TEMPLATE = {"title": "Pay", "instructions": "who is paid how much"}
ROWS: dict[str, Row] = {
    "collections.create": Row(SIGNED_IN, lambda _: {"json": {"name": uuid4().hex}}),
    "collections.index": Row(SIGNED_IN),
    "collections.show": Row(READ),
    "collections.change": Row(MANAGE, lambda _: {"json": {"name": uuid4().hex}}),
    "collections.delete": Row(MANAGE),
    "collections.reprocess": Row(WRITE),
    "documents.upload": Row(WRITE, lambda _: {"data": {"file": (BytesIO(uuid4().bytes), "a.txt")}}),
    "documents.index": Row(READ),
    "documents.show": Row(READ),
    "documents.tag": Row(WRITE, lambda _: {"json": {"tags": ["a tag"]}}),
    "documents.retry": Row(NOTHING_TO_RETRY),
    "documents.reprocess": Row(WRITE),
    "documents.unlock": Row(NOTHING_TO_RETRY, lambda _: {"json": {"password": "secret"}}),
    "documents.versions": Row(READ),
    "documents.delete": Row(WRITE),
    "documents.file": Row(READ),
    "documents.page_text": Row(READ),
    "documents.page_image": Row(NO_IMAGE),
    "search.search": Row(READ, lambda t: {"json": {"query": "passage", "collections": [t.collection_id]}}),
    "answers.ask": Row(READ, lambda t: {"json": {"question": "What?", "collections": [t.collection_id]}}),
    "answers.show": Row(NOBODY_ELSES),
    "answers.record": Row(NOBODY_ELSES),
    "answers.replay": Row(NOBODY_ELSES),
    "answers.export": Row(NOBODY_ELSES),
    "answers.export_conversation": Row(NOBODY_ELSES),
    "feedback.give": Row(NOBODY_ELSES, lambda _: {"json": {"rating": "up"}}),
    "feedback.take_back": Row(NOBODY_ELSES),
    "feedback.index": Row(ADMINISTER),
    "feedback.export": Row(ADMINISTER),
    "chat.models": Row(SIGNED_IN),
    "chat.complete": Row(READ, lambda t: {"json": {"model": t.model, "messages": [{"role": "user", "content": "?!"}]}}),
    "conversations.index": Row(SIGNED_IN),
    "conversations.show": Row(NOBODY_ELSES),
    "conversations.delete": Row(NOBODY_ELSES),
    "jobs.show": Row(READ),
    "jobs.cancel": Row(WRITE),
    "summaries.create": Row(READ, lambda t: {"json": {"collection": t.collection_id}}),
    "summaries.estimate": Row(READ, lambda t: {"json": {"documents": [t.document_id]}}),
    "summaries.index": Row(SIGNED_IN),
    "summaries.show": Row(ANOTHERS),
    "summaries.delete": Row(ANOTHERS),
    "summaries.items": Row(ANOTHERS),
    "summaries.export": Row(NOBODY_ELSES),
    "templates.index": Row(SIGNED_IN),
    "templates.create": Row(SIGNED_IN, lambda _: {"json": _TEMPLATE}),
    "templates.preview": Row(READ, lambda t: {"json": {**_TEMPLATE, "document": t.document_id}}),
    "templates.show": Row(NOBODY_ELSES),
    "templates.change": Row(NOBODY_ELSES, lambda _: {"json": _TEMPLATE}),
    "templates.delete": Row(NOBODY_ELSES),
    "pages.templates": Row(SIGNED_IN),
    "pages.new_template": Row(SIGNED_IN),
    "pages.template": Row(NOBODY_ELSES),
    "schedules.create": Row(
        READ, lambda t: {"json": {"name": "N", "cron": "0 6 * * 1", "summary": {"collection": t.collection_id}}}
    ),
    "schedules.preview": Row(SIGNED_IN, lambda _: {"json": {"cron": "0 6 * * 1"}}),
    "schedules.index": Row(SIGNED_IN),
    "schedules.show": Row(ANOTHERS),
    "schedules.change": Row(ANOTHERS, lambda _: {"json": {"paused": True}}),
    "schedules.delete": Row(ANOTHERS),
    "schedules.run": Row(ANOTHERS),
    "deliveries.channels": Row(SIGNED_IN),
    "deliveries.again": Row(ANOTHERS, lambda _: {"json": {"channel": "folder"}}),
    "moderation.decisions": Row(ADMINISTER),
    "moderation.attempt": Row(ADMINISTER, lambda _: {"json": {"text": "A text."}}),
    "moderation.policy": Row(ADMINISTER),
    "quarantine.index": Row(SIGNED_IN),
    "quarantine.show": Row(NOTHING_WAITS),
    "quarantine.release": Row(NOTHING_WAITS),
    "receipts.index": Row(ADMINISTER),
    "llama.models": Row(SIGNED_IN),
    "llama.plan": Row(SIGNED_IN, lambda _: {"query_string": {"model": "Llama-3.1-8B"}}),
    "operations.healthz": Row(PUBLIC),
    "operations.readyz": Row(PUBLIC),
    "operations.metrics": Row(ADMINISTER),
    "documentation.openapi": Row(SIGNED_IN),
    "documentation.docs": Row(SIGNED_IN),
    "sign-in.offer": Row(PUBLIC),
    "sign-in.sign_in": Row(PUBLIC),
    "sign-in.sign_out": Row(SIGNED_IN),
    "conditions.conditions": Row(NO_CONDITIONS),
    "conditions.accept": Row(NO_CONDITIONS, lambda _: {"data": {"version": "1"}}),
    "preferences.change": Row(PUBLIC, lambda _: {"data": {"language": "de"}}),
    "pages.home": Row(SIGNED_IN),
    "pages.library": Row(SIGNED_IN),
    "pages.ask": Row(SIGNED_IN),
    "pages.conversation": Row(NOBODY_ELSES),
    "pages.document": Row(READ),
    "pages.collection": Row(READ),
    "pages.document_page": Row(READ),
    "pages.search": Row(SIGNED_IN),
    "pages.summaries": Row(SIGNED_IN),
    "pages.new_summary": Row(SIGNED_IN),
    "pages.summary": Row(ANOTHERS),
    "pages.schedules": Row(SIGNED_IN),
    "pages.new_schedule": Row(SIGNED_IN),
    "pages.schedule": Row(ANOTHERS),
    "pages.moderation": Row(ADMINISTER),
    "pages.quarantine": Row(SIGNED_IN),
    "pages.release": Row(NOTHING_WAITS),
    "pages.discard": Row(NOTHING_WAITS),
    "pages.bench": Row(ADMINISTER, lambda _: {"data": {"text": "A text."}}),
    "pages.models_page": Row(ADMINISTER),
    "pages.feedback": Row(ADMINISTER),
}


# These succeed only once on the same things.
USES_UP = {"collections.delete", "documents.delete", "schedules.delete", "summaries.delete"}


def test_every_route_has_a_row() -> None:
    assert {route.name for route in ROUTES} == set(ROWS)


def test_the_application_serves_nothing_else(site: Site) -> None:
    assert {rule.endpoint for rule in site.app.url_map.iter_rules()} == {*ROWS, "static"}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_access(world: World, route: Route) -> None:
    row = ROWS[route.name]
    for name, expected in zip(PEOPLE, row.expected, strict=True):
        for carrier in CARRIERS:
            status = _send(world.things, route, row, world.people.caller(name, carrier))
            if expected is not OK:
                assert status == expected, (name, carrier)
                continue
            assert status in {route.endpoint.status, 503}, (name, carrier)
            if route.name in USES_UP:
                world.renew()
            if route.name == "sign-in.sign_out":
                world.people.forget_sessions()


def _send(things: Things, route: Route, row: Row, caller: Caller) -> int:
    path = route.endpoint.path.format_map(_Values(things))
    response = caller(route.endpoint.method, path, **row.send(things))
    response.close()
    return response.status_code


class _Values(dict[str, object]):
    def __init__(self, things: Things) -> None:
        super().__init__()
        self._things = things

    def __missing__(self, name: str) -> object:
        return getattr(self._things, name)


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if "_id}" in route.endpoint.path], ids=lambda route: route.name
)
def test_foreign_and_unknown_are_one(world: World, route: Route) -> None:
    things, row = world.things, ROWS[route.name]
    outsider = world.people.caller("outsider", "key")
    replies = []
    for wanted in (things, _Unknown(things)):
        path = route.endpoint.path.format_map(_Values(wanted))  # type: ignore[arg-type]
        replies.append(outsider(route.endpoint.method, path, **row.send(things)))
    assert replies[0].status_code == replies[1].status_code == 404
    assert replies[0].data == replies[1].data


class _Unknown:
    def __init__(self, things: Things) -> None:
        self._things = things

    def __getattr__(self, name: str) -> object:
        return str(uuid4()) if name.endswith("_id") else getattr(self._things, name)
