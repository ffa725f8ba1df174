"""Runs of summaries, worked to each of their ends, cut off, taken up again, and compared with the run before."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.deliveries import Channel, Format, Wish
from core.errors import InvalidRequest, LeaseLost, ModelUnavailable, NotFound
from core.filters import Filter
from core.settings import Settings
from core.storage.store import Store
from core.storage.summaries import SUMMARISE
from core.summaries import (
    CatchUp,
    ItemState,
    Schedule,
    Summary,
    SummaryOptions,
    SummaryRequest,
    SummaryRun,
)
from core.values import CollectionRole, InstallationRole, JobState, Reader, User
from tests import factories
from tests.places import EVERYWHERE
from tests.processes import eventually, kill
from tests.workers.conftest import StartWorker
from tests.workers.first_sentences import FirstSentences
from tests.workers.halting_summaries import sign
from workers.summary_tasks import SummaryWorker

pytestmark = pytest.mark.parametrize("place", EVERYWHERE, indirect=True)
OPTIONS = SummaryOptions()
MONDAY = datetime(2026, 3, 2, 6, tzinfo=UTC)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A lost worker is noticed at once."""
    return settings.model_copy(update={"lease_seconds": 0.4, "heartbeat_seconds": 0.1})


@pytest.fixture
def writer(store: Store) -> FirstSentences:
    """What writes here."""
    return FirstSentences(store)


@pytest.fixture
def worker(settings: Settings, store: Store, writer: FirstSentences) -> SummaryWorker:
    """A worker of runs."""
    return SummaryWorker(settings, store, lambda: writer)


@pytest.fixture
def user(store: Store) -> User:
    """Somebody who may read the collection."""
    mira = store.people.add("mira@example.org", InstallationRole.MEMBER)
    store.collections.set_member(factories.collection_id(store), mira.id, CollectionRole.READER)
    return mira


def _published(store: Store, path: str, text: str) -> str:
    uploaded = factories.upload(store, path, text.encode())
    factories.publish(store, uploaded, text)
    return uploaded.document.id


def _all(store: Store) -> SummaryRequest:
    return SummaryRequest(OPTIONS, factories.collection_id(store))


def _said(run: SummaryRun) -> list[str]:
    assert run.result is not None
    return [one.text for one in run.result.statements]


def test_a_collection_is_summarised_in_the_order_of_its_paths(store: Store, worker: SummaryWorker, user: User) -> None:
    _published(store, "b.txt", "The rent is 90.")
    _published(store, "a.txt", "Pets are allowed.")
    run_id = store.summaries.start(_all(store), owner=user.id)

    assert worker.run()

    job = store.jobs.get(run_id)
    assert (job.state, job.progress.done, job.progress.total) == (JobState.DONE, 2, 2)
    assert job.result == {"documents": 2, "summarised": 2, "failed": 0, "reused": 0}
    assert _said(store.summaries.get(run_id)) == ["Pets are allowed.", "The rent is 90."]
    assert [one.state for one in store.summaries.items(run_id)] == [ItemState.DONE] * 2
    assert not worker.run()


def test_one_document_fails_alone(store: Store, worker: SummaryWorker, writer: FirstSentences, user: User) -> None:
    bad, good = _published(store, "a.txt", "Bad."), _published(store, "b.txt", "Good.")
    unread = factories.upload(store, "c.txt", b"unread").document.id

    def fail(document_id: str) -> None:
        if document_id in {bad, unread}:
            raise InvalidRequest("It makes no sense.")

    writer.before = fail
    run_id = store.summaries.start(SummaryRequest(OPTIONS, None, (bad, good, unread)), owner=user.id)

    worker.run(run_id)

    items = store.summaries.items(run_id)
    assert [one.state for one in items] == [ItemState.FAILED, ItemState.DONE, ItemState.FAILED]
    assert items[0].error is not None and items[0].error.code == "invalid_request"
    assert _said(store.summaries.get(run_id)) == ["Good."]


def test_a_model_that_is_away_is_asked_again(
    store: Store, worker: SummaryWorker, writer: FirstSentences, user: User, settings: Settings
) -> None:
    once, never = _published(store, "a.txt", "Once."), _published(store, "b.txt", "Never.")

    def fail(document_id: str) -> None:
        if document_id == never or writer.asked.count(once) == 1:
            raise ModelUnavailable("away")

    writer.before = fail
    run_id = store.summaries.start(_all(store), owner=user.id)
    worker.run(run_id)

    assert writer.asked == [once, once, *[never] * settings.job_attempts]
    items = store.summaries.items(run_id)
    assert [one.state for one in items] == [ItemState.DONE, ItemState.FAILED]
    assert items[1].error is not None and items[1].error.code == "model_unavailable"


def test_who_may_no_longer_read_gets_nothing(store: Store, worker: SummaryWorker, user: User) -> None:
    _published(store, "a.txt", "The rent is 90.")
    run_id = store.summaries.start(_all(store), owner=user.id)
    store.people.set_active(user.id, False)

    worker.run(run_id)

    assert store.jobs.get(run_id).state is JobState.FORBIDDEN
    assert store.summaries.items(run_id) == []


def test_a_cancelled_run_keeps_what_it_has(
    store: Store, worker: SummaryWorker, writer: FirstSentences, user: User
) -> None:
    first, second = _published(store, "a.txt", "First."), _published(store, "b.txt", "Second.")
    run_id = store.summaries.start(_all(store), owner=user.id)

    def cancel(document_id: str) -> None:
        if document_id == second:
            store.jobs.cancel(run_id)

    writer.before = cancel
    worker.run(run_id)

    assert store.jobs.get(run_id).state is JobState.CANCELLED
    assert [(one.document_id, one.summary is not None) for one in store.summaries.items(run_id)] == [
        (first, True),
        (second, False),
    ]
    assert not worker.run()


def test_a_run_that_is_deleted_meanwhile_leaves_nothing_and_its_schedule_goes_on(
    store: Store, worker: SummaryWorker, writer: FirstSentences, user: User
) -> None:
    _published(store, "a.txt", "First.")
    schedule = _weekly(store, user)
    wish = Wish(Channel.FOLDER, Format.JSON)
    kept = store.summaries.start(_all(store), owner=user.id, delivery=[wish])
    run_id = store.schedules.run_now(schedule)
    writer.before = lambda _: store.summaries.delete(run_id)

    worker.run(run_id)

    for missing in (store.summaries.get, store.jobs.get, store.summaries.delete):
        with pytest.raises(NotFound):
            missing(run_id)
    assert store.summaries.items(run_id) == [] and store.schedules.last_run(schedule.id) is None
    writer.before = lambda _: None
    assert worker.run(kept) and store.jobs.get(kept).state is JobState.DONE
    store.summaries.delete(kept)
    assert store.deliveries.of_run(kept) == [] and store.deliveries.take(60) is None
    again = store.schedules.run_now(schedule)
    assert worker.run(again) and _said(store.summaries.get(again)) == ["First."]


def test_a_run_that_was_cut_off_goes_on_at_the_next_document(
    store: Store, settings: Settings, worker: SummaryWorker, writer: FirstSentences, user: User
) -> None:
    ids = [_published(store, f"{name}.txt", f"Document {name}.") for name in "abc"]
    run_id = store.summaries.start(_all(store), owner=user.id)

    def die(document_id: str) -> None:
        # As after kill -9: nothing is given back, and the lease runs out.
        if writer.asked.count(document_id) <= 2:
            raise KeyboardInterrupt

    def worked() -> bool:
        try:
            return worker.run()
        except KeyboardInterrupt:
            return False

    writer.before = die
    eventually(worked)

    assert store.jobs.get(run_id).state is JobState.DONE
    assert writer.asked == [one for one in ids for _ in range(3)]
    assert _said(store.summaries.get(run_id)) == [f"Document {name}." for name in "abc"]


def test_a_deleted_document_is_told_no_more(store: Store, worker: SummaryWorker, user: User) -> None:
    gone, kept = _published(store, "a.txt", "The secret."), _published(store, "b.txt", "The rest.")
    run_id = store.summaries.start(_all(store), owner=user.id)
    worker.run(run_id)

    store.documents.delete(gone)

    assert store.summaries.get(run_id).result is None
    assert [one.document_id for one in store.summaries.items(run_id)] == [kept]


def test_a_document_that_goes_while_everything_is_put_together(
    store: Store, worker: SummaryWorker, writer: FirstSentences, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, _ = _published(store, "a.txt", "The secret."), _published(store, "b.txt", "The rest.")
    run_id = store.summaries.start(_all(store), owner=user.id)
    together = writer.many

    def slowly(reader: Reader, parts: list[tuple[str, Summary]], options: SummaryOptions) -> Summary:
        store.documents.delete(gone)
        return together(reader, parts, options)

    monkeypatch.setattr(writer, "many", slowly)
    worker.run(run_id)

    assert store.jobs.get(run_id).state is JobState.DONE
    assert store.summaries.get(run_id).result is None


def _weekly(store: Store, user: User, **changes: object) -> Schedule:
    values = {"name": "Weekly", "cron": "0 6 * * 1", "timezone": "UTC", "catch_up": CatchUp.ONE, "next_at": MONDAY}
    values |= {"request": _all(store), "delivery": {}, **changes}
    return store.schedules.add(owner=user.id, **values)  # type: ignore[arg-type]


def test_a_second_run_says_what_has_changed(
    store: Store, worker: SummaryWorker, writer: FirstSentences, user: User
) -> None:
    _weekly(store, user)
    same, other = (
        _published(store, "same.txt", "Pets are allowed."),
        _published(store, "rent.txt", "The rent is 90 euros."),
    )
    (first,) = worker.fire(MONDAY)
    worker.run()
    (second,) = worker.fire(MONDAY + timedelta(days=7))
    worker.run()

    assert store.summaries.get(first).changes is None
    assert store.summaries.get(second).changes == ()
    told = {"documents": 2, "summarised": 2, "failed": 0, "reused": 2, "differences": 0}
    assert store.jobs.get(second).result == told

    writer.asked.clear()
    _published(store, "rent.txt", "The rent is 95 euros.")
    new = _published(store, "new.txt", "The garage is new.")
    (third,) = worker.fire(MONDAY + timedelta(days=14))
    worker.run()

    assert set(writer.asked) == {other, new} and same not in writer.asked
    changes = store.summaries.get(third).changes
    assert changes is not None
    assert {(one.kind, one.document_id, one.before, one.text) for one in changes} == {
        ("new", new, "", ""),
        ("changed", other, "The rent is 90 euros.", "The rent is 95 euros."),
    }
    rent = next(one for one in changes if one.document_id == other)
    assert (rent.before_citations[0].quote, rent.citations[0].quote) == (rent.before, rent.text)


def test_each_time_runs_once_however_many_look(
    store: Store, settings: Settings, worker: SummaryWorker, user: User
) -> None:
    schedule = _weekly(store, user)
    stale = store.schedules.due(MONDAY)

    assert len(worker.fire(MONDAY)) == 1
    assert worker.fire(MONDAY) == worker.fire(MONDAY - timedelta(hours=1)) == []
    # Another beat read the schedule before this one fired it.
    assert store.schedules.fire(stale[0], [MONDAY], MONDAY + timedelta(days=7)) == []
    # Somebody changed the schedule, and the clock was set back: the same time comes again.
    store.schedules.change(schedule.id, next_at=MONDAY)
    assert worker.fire(MONDAY) == []
    assert len(store.jobs.waiting(SUMMARISE)) == 1


def test_a_paused_schedule_is_not_due(store: Store, worker: SummaryWorker, user: User) -> None:
    schedule = _weekly(store, user)
    store.schedules.change(schedule.id, next_at=None, paused=True)

    assert worker.fire(MONDAY + timedelta(days=70)) == []


def test_nothing_is_written_without_the_lease(store: Store, user: User) -> None:
    document = _published(store, "a.txt", "First.")
    run_id = store.summaries.start(_all(store), owner=user.id)
    lost = store.jobs.lease(SUMMARISE)
    assert lost is not None
    store.summaries.fill(lost, run_id, Filter(collections=(factories.collection_id(store),)))
    store.jobs.release(lost)
    summary = Summary((), (), "quoting", 1.0)

    writes: list[Callable[[], None]] = [
        lambda: store.summaries.fill(lost, run_id, Filter(collections=(factories.collection_id(store),))),
        lambda: store.summaries.begin(lost, run_id, document),
        lambda: store.summaries.finish(lost, run_id, document, "", summary),
        lambda: store.summaries.end(lost, run_id, summary, None, {"documents": 0}, []),
    ]
    for write in writes:
        with pytest.raises(LeaseLost):
            write()


def test_a_schedule_goes_on_without_a_document_that_was_deleted(
    store: Store, worker: SummaryWorker, user: User
) -> None:
    gone, kept = _published(store, "a.txt", "Gone."), _published(store, "b.txt", "Kept.")
    _weekly(store, user, request=SummaryRequest(OPTIONS, None, (gone, kept)))
    other = _weekly(store, user, name="Other", next_at=MONDAY + timedelta(minutes=1))
    store.documents.delete(gone)

    first, second = worker.fire(MONDAY + timedelta(hours=1))

    while worker.run():
        pass
    assert _said(store.summaries.get(first)) == ["Kept."]
    assert store.summaries.get(second).schedule_id == other.id


def test_a_deleted_document_is_told_as_gone(store: Store, worker: SummaryWorker, user: User) -> None:
    _weekly(store, user)
    gone, _ = _published(store, "a.txt", "The secret."), _published(store, "b.txt", "The rest.")
    (first,) = worker.fire(MONDAY)
    worker.run()
    store.documents.delete(gone)
    (second,) = worker.fire(MONDAY + timedelta(days=7))
    worker.run()
    (third,) = worker.fire(MONDAY + timedelta(days=14))
    worker.run()

    changes = store.summaries.get(second).changes
    assert changes is not None
    assert [(one.kind, one.document_id, one.before) for one in changes] == [("gone", gone, "")]
    assert store.summaries.get(third).changes == ()
    assert "secret" not in str(store.summaries.items(first))


def test_nothing_is_kept_of_a_document_that_goes_while_it_is_summarised(
    store: Store, worker: SummaryWorker, writer: FirstSentences, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    document_id = _published(store, "a.txt", "The secret.")
    written = writer.document

    def slowly(reader: Reader, document_id: str, options: SummaryOptions, **more: Callable[..., Any]) -> Summary:
        summary = written(reader, document_id, options, **more)
        store.documents.delete(document_id)
        return summary

    monkeypatch.setattr(writer, "document", slowly)
    run_id = store.summaries.start(_all(store), owner=user.id)
    worker.run(run_id)

    assert store.jobs.get(run_id).state is JobState.DONE
    assert store.summaries.get(run_id).result is None
    assert store.summaries.items(run_id) == []
    assert store.summaries.deleted_since(run_id) == [document_id]


@pytest.mark.parametrize("whole", [True, False])
def test_who_has_left_the_collection_gets_nothing(store: Store, worker: SummaryWorker, user: User, whole: bool) -> None:
    document = _published(store, "a.txt", "The rent is 90.")
    _weekly(store, user, **({} if whole else {"request": SummaryRequest(OPTIONS, None, (document,))}))
    worker.fire(MONDAY)
    worker.run()
    store.collections.set_member(factories.collection_id(store), user.id, None)

    (again,) = worker.fire(MONDAY + timedelta(days=7))
    worker.run()

    assert store.jobs.get(again).state is JobState.FORBIDDEN
    assert [one.summary for one in store.summaries.items(again) if one.summary is not None] == []
    assert store.summaries.get(again).result is None


def test_one_of_two_collections_is_left(store: Store, worker: SummaryWorker, user: User) -> None:
    here = _published(store, "a.txt", "Here.")
    elsewhere = store.collections.create("Elsewhere", owner_id=user.id).id
    uploaded = factories.upload(store, "b.txt", b"There.", collection=elsewhere)
    factories.publish(store, uploaded, "There.")
    _weekly(store, user, request=SummaryRequest(OPTIONS, None, (here, uploaded.document.id)))
    worker.fire(MONDAY)
    worker.run()
    store.collections.set_member(elsewhere, user.id, None)

    (again,) = worker.fire(MONDAY + timedelta(days=7))
    worker.run()

    assert store.jobs.get(again).state is JobState.DONE
    assert [(one.state, one.reused) for one in store.summaries.items(again)] == [
        (ItemState.DONE, True),
        (ItemState.FAILED, False),
    ]
    assert _said(store.summaries.get(again)) == ["Here."]


def test_a_fault_of_the_program_is_that_document_s_alone(
    store: Store, worker: SummaryWorker, writer: FirstSentences, user: User
) -> None:
    bad = _published(store, "a.txt", "Bad.")
    _published(store, "b.txt", "Good.")

    def fail(document_id: str) -> None:
        if document_id == bad:
            raise ZeroDivisionError("by zero")

    writer.before = fail
    run_id = store.summaries.start(_all(store), owner=user.id)
    worker.run(run_id)

    assert store.jobs.get(run_id).state is JobState.DONE
    error = store.summaries.items(run_id)[0].error
    assert error is not None and error.code == "internal_error" and "by zero" in error.message
    assert _said(store.summaries.get(run_id)) == ["Good."]


def test_kill_9_of_the_worker_loses_and_repeats_nothing(
    settings: Settings, store: Store, worker: SummaryWorker, writer: FirstSentences, user: User, start: StartWorker
) -> None:
    for name in "abc":
        _published(store, f"{name}.txt", f"Document {name}.")
    run_id, undisturbed = (store.summaries.start(_all(store), owner=user.id) for _ in range(2))
    for place in ("1", "end"):
        halting = start("tests.workers.halting_summaries", run_id, place)
        eventually(sign(settings, run_id, place).exists, 30)
        kill(halting.pid)
        eventually(lambda: run_id in store.jobs.waiting(SUMMARISE))

    assert worker.run(run_id)
    assert writer.asked == []
    assert [one.attempts for one in store.summaries.items(run_id)] == [1, 2, 1]
    worker.run(undisturbed)
    assert store.summaries.get(run_id).result == store.summaries.get(undisturbed).result
    assert store.jobs.get(run_id).result == store.jobs.get(undisturbed).result
