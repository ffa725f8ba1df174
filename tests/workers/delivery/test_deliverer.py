"""Reports by every channel, through every way an attempt can end, with the rights of the moment of delivery."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.deliveries import Channel, Delivery, DeliveryState, Format, Wish
from core.filters import Filter
from core.settings import Settings
from core.storage.store import Store
from core.summaries import CatchUp, Schedule, SummaryOptions, SummaryRequest, request_json
from core.values import CollectionRole, Failure, JobState, User
from tests import factories
from tests.processes import eventually, kill
from tests.workers.conftest import StartWorker
from tests.workers.delivery.conftest import PETS, RENT, Ended, Hook, Post
from tests.workers.first_sentences import FirstSentences
from workers.delivery.deliverer import Deliverer
from workers.summary_tasks import SummaryWorker

MAIL = Wish(Channel.EMAIL, Format.HTML, ("mira@example.org",))
FOLDER = Wish(Channel.FOLDER, Format.MARKDOWN)


def _webhook(hook: Hook) -> Wish:
    return Wish(Channel.WEBHOOK, Format.JSON, url=f"{hook.url}/in?token=secret")


def _only(store: Store, run_id: str) -> Delivery:
    (found,) = store.deliveries.of_run(run_id)
    return found


def _all(deliverer: Deliverer) -> None:
    while deliverer.deliver():
        pass


def _files(settings: Settings) -> list[Path]:
    return sorted(Path(settings.delivery_folder).iterdir(), key=lambda path: path.stat().st_mtime_ns)


def test_every_channel_has_the_statements_with_their_citations(
    store: Store, settings: Settings, deliverer: Deliverer, ended: Ended, hook: Hook, post: Post
) -> None:
    run_id = ended(MAIL, _webhook(hook), FOLDER)

    _all(deliverer)

    told = store.deliveries.of_run(run_id)
    assert [(one.state, one.attempts, one.error) for one in told] == [(DeliveryState.DELIVERED, 1, None)] * 3
    sent = hook.read()
    assert (sent["title"], sent["summary_id"], sent["documents"]) == ("Lease", run_id, 2)
    assert [(one["text"], one["citations"]) for one in sent["summary"]["statements"]] == [(RENT, [1]), (PETS, [2])]
    assert [(one["filename"], one["page"]) for one in sent["summary"]["citations"]] == [("0.txt", 1), ("1.txt", 1)]
    (addresses, message) = post.messages[0]
    html = message.get_body(("html",))
    assert addresses == ["mira@example.org"] and html is not None and RENT in html.get_content()
    (file,) = _files(settings)
    assert run_id in file.name and PETS.rstrip(".") in file.read_text()


def test_what_is_closed_by_now_is_left_out(
    store: Store, settings: Settings, deliverer: Deliverer, hook: Hook, user: User
) -> None:
    other = factories.collection_id(store, "Closed")
    store.collections.set_member(other, user.id, CollectionRole.READER)
    closed = factories.upload(store, "pay.txt", b"Pay", collection=other)
    factories.publish(store, closed, "The pay is secret.")
    kept = factories.upload(store, "rent.txt", b"Rent")
    factories.publish(store, kept, RENT)
    request = SummaryRequest(SummaryOptions(), None, (closed.document.id, kept.document.id))
    run_id = store.summaries.start(request, owner=user.id, delivery=[_webhook(hook)])
    _work(settings, store)
    store.collections.set_member(other, user.id, None)

    _all(deliverer)

    assert _only(store, run_id).state is DeliveryState.DELIVERED
    sent = hook.read()
    assert [(one["text"], one["citations"]) for one in sent["summary"]["statements"]] == [(RENT, [1])]
    assert sent["left_out"] and "secret" not in json.dumps(sent) and "pay.txt" not in json.dumps(sent)


def _work(settings: Settings, store: Store) -> None:
    worker = SummaryWorker(settings, store, lambda: FirstSentences(store))
    while worker.run():
        pass


@pytest.mark.parametrize("suspended", [True, False])
def test_who_may_read_nothing_any_more_gets_nothing(
    store: Store, deliverer: Deliverer, ended: Ended, hook: Hook, user: User, suspended: bool
) -> None:
    run_id = ended(_webhook(hook))
    if suspended:
        store.people.set_active(user.id, False)
    else:
        store.collections.set_member(factories.collection_id(store), user.id, None)

    _all(deliverer)

    told = _only(store, run_id)
    assert told.state is DeliveryState.FORBIDDEN and told.error is not None and told.error.code == "forbidden"
    assert hook.requests == []


def test_nothing_of_a_deleted_document_is_delivered(
    store: Store, deliverer: Deliverer, ended: Ended, hook: Hook
) -> None:
    run_id = ended(_webhook(hook))
    store.documents.delete(store.summaries.items(run_id)[0].document_id)

    _all(deliverer)

    sent = hook.read()
    assert [one["text"] for one in sent["summary"]["statements"]] == [PETS]
    assert [(one["n"], one["filename"]) for one in sent["summary"]["citations"]] == [(1, "1.txt")]
    assert sent["left_out"] and RENT not in json.dumps(sent)


def _schedule(store: Store, user: User, *wishes: Wish) -> Schedule:
    return store.schedules.add(
        owner=user.id,
        name="Weekly",
        cron="0 6 * * 1",
        timezone="Europe/Berlin",
        request=SummaryRequest(SummaryOptions(), factories.collection_id(store)),
        delivery=wishes,
        catch_up=CatchUp.ONE,
        next_at=None,
    )


def _rent(store: Store, text: str) -> None:
    factories.publish(store, factories.upload(store, "rent.txt", text.encode()), text)


def test_changes_come_first_and_their_absence_is_said(
    store: Store, settings: Settings, deliverer: Deliverer, hook: Hook, post: Post, user: User
) -> None:
    _rent(store, RENT)
    schedule = _schedule(store, user, _webhook(hook), MAIL, FOLDER)
    for text in (None, None, "The rent is 95 euros a month."):
        if text is not None:
            _rent(store, text)
        store.schedules.run_now(schedule)
        _work(settings, store)
        _all(deliverer)

    first, second, third = (json.loads(body) for _, body in hook.requests)
    assert (first["changes"], first["since"], first["unchanged"]) == (None, None, False)
    assert (second["changes"], second["unchanged"]) == ([], True)
    ((kind, before, after),) = ((one["kind"], one["before"], one["text"]) for one in third["changes"])
    assert (kind, before, after) == ("changed", RENT, "The rent is 95 euros a month.")
    assert [str(one["Subject"]) for _, one in post.messages] == [
        "Weekly",
        "Weekly (nothing changed)",
        "Weekly (changes: 1)",
    ]
    texts = [file.read_text() for file in _files(settings)]
    assert "Nothing changed" in texts[1]
    assert texts[2].index("90 euros") < texts[2].index("95 euros") < texts[2].index("## Summary")


def test_changes_name_no_document_that_is_closed_by_now(
    store: Store, settings: Settings, deliverer: Deliverer, hook: Hook, user: User
) -> None:
    other = factories.collection_id(store, "Closed")
    store.collections.set_member(other, user.id, CollectionRole.READER)
    _rent(store, RENT)
    schedule = _schedule(store, user, _webhook(hook))
    both = SummaryRequest(SummaryOptions(), None, (), Filter())
    schedule = store.schedules.change(schedule.id, next_at=None, request=request_json(both))
    store.schedules.run_now(schedule)
    _work(settings, store)
    factories.publish(store, factories.upload(store, "pay.txt", b"Pay", collection=other), "The pay is secret.")
    store.schedules.run_now(schedule)
    _work(settings, store)
    store.collections.set_member(other, user.id, None)

    _all(deliverer)

    sent = [json.loads(body) for _, body in hook.requests]
    assert all("pay.txt" not in json.dumps(one) and "secret" not in json.dumps(one) for one in sent)
    assert {(tuple(one["changes"] or ()), one["unchanged"]) for one in sent} == {((), False)}


@pytest.mark.parametrize("state", [JobState.CANCELLED, JobState.FORBIDDEN])
def test_of_a_run_that_was_stopped_or_is_closed_nothing_is_delivered(
    store: Store, deliverer: Deliverer, hook: Hook, user: User, state: JobState
) -> None:
    request = SummaryRequest(SummaryOptions(), factories.collection_id(store))
    run_id = store.summaries.start(request, owner=user.id, delivery=[_webhook(hook)])
    lease = store.jobs.lease("summarise", run_id)
    assert lease is not None
    store.jobs.end(lease, state, error=Failure("worker_lost", "Lost."))

    _all(deliverer)

    told = _only(store, run_id)
    assert told.state is (DeliveryState.FORBIDDEN if state is JobState.FORBIDDEN else DeliveryState.FAILED)
    assert told.error is not None and hook.requests == []


def test_that_a_run_failed_is_told_and_nothing_of_the_inside(
    store: Store, settings: Settings, deliverer: Deliverer, hook: Hook, post: Post, user: User
) -> None:
    _published(store)
    request = SummaryRequest(SummaryOptions(), factories.collection_id(store))
    wishes = [_webhook(hook), MAIL, replace(FOLDER, language="de")]

    def end(code: str) -> None:
        run_id = store.summaries.start(request, owner=user.id, title="Lease", delivery=wishes)
        lease = store.jobs.lease("summarise", run_id)
        assert lease is not None
        store.jobs.end(lease, JobState.FAILED, error=Failure(code, "KeyError: 'the pay is 90'"))
        _all(deliverer)
        told = store.deliveries.of_run(run_id)
        assert [one.state for one in told] == [DeliveryState.DELIVERED] * 3

    end("internal_error")
    sent, (_, message), (file,) = hook.read(), post.messages[-1], _files(settings)
    assert (sent["state"], sent["error"]["code"], sent["summary"]) == ("failed", "internal_error", None)
    assert message["Subject"] == "Lease (failed)"
    for text in (json.dumps(sent), message.as_string(), file.read_text()):
        assert "KeyError" not in text and "pay" not in text
    assert "Dieser Lauf ist fehlgeschlagen" in file.read_text()
    end("model_unavailable")
    assert hook.read()["error"]["message"] == "The language model did not answer."


def _published(store: Store) -> None:
    factories.publish(store, factories.upload(store, "rent.txt", RENT.encode()), RENT)


def test_it_is_tried_again_and_ends_after_some_attempts(
    store: Store, settings: Settings, deliverer: Deliverer, ended: Ended, hook: Hook
) -> None:
    hook.status = 500
    run_id = ended(_webhook(hook))

    eventually(lambda: not deliverer.deliver() and _only(store, run_id).state is DeliveryState.FAILED)

    told = _only(store, run_id)
    assert (told.attempts, told.error) == (3, Failure("refused", "The webhook answered 500."))
    assert len({headers["webhook-id"] for headers, _ in hook.requests}) == 1 and len(hook.requests) == 3
    hook.status = 200
    store.deliveries.repeat(run_id, Channel.WEBHOOK)
    _all(deliverer)
    assert _only(store, run_id).state is DeliveryState.DELIVERED


def test_what_is_allowed_no_more_is_not_delivered(store: Store, settings: Settings, ended: Ended, hook: Hook) -> None:
    run_id = ended(_webhook(hook))
    later = settings.model_copy(update={"webhook_origins": ("https://hooks.example.org",)})

    _all(Deliverer(later, store))

    told = _only(store, run_id)
    assert told.state is DeliveryState.FAILED and told.error is not None and told.error.code == "not_allowed"
    assert hook.requests == []


def test_a_worker_that_is_killed_in_the_midst_leaves_it_to_another(
    store: Store, settings: Settings, ended: Ended, hook: Hook, start: StartWorker
) -> None:
    run_id = ended(_webhook(hook))
    hook.answers.clear()
    child = start("tests.workers.delivery.delivering", delivery_seconds=1.0)
    eventually(lambda: hook.requests)
    kill(child.pid)
    hook.answers.set()
    assert _only(store, run_id).state is DeliveryState.WAITING

    eventually(lambda: Deliverer(settings, store).deliver())

    told = _only(store, run_id)
    assert (told.state, told.attempts) == (DeliveryState.DELIVERED, 2)
    assert [headers["webhook-id"] for headers, _ in hook.requests] == [told.id] * 2


def test_a_worker_delivers_by_itself(
    store: Store, settings: Settings, ended: Ended, hook: Hook, start: StartWorker
) -> None:
    run_id = ended(_webhook(hook))

    start("workers.main")

    eventually(lambda: _only(store, run_id).state is DeliveryState.DELIVERED)
    assert hook.read()["summary_id"] == run_id


def test_one_that_kills_every_worker_ends(store: Store, settings: Settings, ended: Ended, hook: Hook) -> None:
    run_id = ended(_webhook(hook))
    for _ in range(settings.delivery_attempts):
        eventually(lambda: store.deliveries.take(0.01))

    eventually(lambda: Deliverer(settings, store).deliver())

    told = _only(store, run_id)
    assert told.state is DeliveryState.FAILED and told.error is not None and told.error.code == "worker_lost"
