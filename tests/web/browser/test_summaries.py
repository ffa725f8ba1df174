"""Summaries in a browser: started, followed, read with their sources beside them, stopped, and compared."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.deliveries import Channel, Format, Wish
from core.summaries import SummaryOptions, SummaryRequest
from core.values import User
from tests import factories
from tests.web.browser.served import Served
from tests.web.browser.test_every_page import WIDTHS, barriers
from tests.web.browser.visitors import Visitor
from workers.delivery.deliverer import Deliverer
from workers.summary_tasks import SummaryWorker

RENT = "The rent is 900 euros a month and must be paid on the third working day."
PETS = "Pets are allowed if the landlord agrees to them in writing."


@pytest.fixture
def worker(served: Served) -> SummaryWorker:
    """Works runs when a test says so."""
    return SummaryWorker(served.site.settings, served.site.store, lambda: served.site.services.summariser)


def _weekly(served: Served, user: User, collection: str) -> Callable[[], str]:
    caller = served.site.by_key(user)
    body = {"name": "Weekly look", "cron": "0 6 * * 1", "summary": {"collection": collection, "template": "executive"}}
    path = f"/api/v1/schedules/{caller.post('/api/v1/schedules', json=body).get_json()['id']}/run"
    return lambda: str(caller.post(path).get_json()["id"])


def test_a_summary_from_its_start_to_its_sources(
    visit: Callable[..., Visitor], served: Served, user: User, worker: SummaryWorker
) -> None:
    collection = served.collection(user, rent=RENT, pets=PETS)
    visitor = visit(user)
    page = visitor.page
    visitor.open(f"/collections/{collection}")
    visitor.link("Summarise").click()
    expect(page.locator("#estimate")).to_contain_text("2 documents · 2 pages")
    page.get_by_label("Executive summary").check(force=True)
    page.get_by_label("Title (optional)").fill("Lease <b>")
    page.get_by_role("button", name="Summarise").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Lease <b>")
    expect(page.get_by_role("progressbar")).to_be_visible()

    while worker.run():
        pass

    expect(page.locator("#summary .sentence")).to_have_count(2)
    expect(page.locator("#summary")).to_contain_text("Quoted from your documents")
    expect(page.locator("#items > li")).to_have_count(2)
    expect(page.get_by_role("progressbar")).to_have_count(0)
    page.locator("#summary a.cite").first.click()
    expect(page.locator("#viewer mark:not(.around)")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#summary a.cite").first).to_be_focused()
    with page.expect_download() as download:
        visitor.link("Download").click()
    text = download.value.path().read_text()
    assert text.startswith("# Lease \\<b\\>\n") and RENT in text and "> " in text
    visitor.open("/summaries")
    expect(page.locator("#runs > li")).to_have_count(1)
    expect(page.locator("#runs")).to_contain_text("2 documents")


def test_documents_are_shown_as_soon_as_they_are_there_and_a_run_is_stopped(
    visit: Callable[..., Visitor], served: Served, user: User
) -> None:
    store = served.site.store
    collection = served.collection(user, rent=RENT, pets=PETS)
    ids = [one.id for one in store.documents.page(collection)]
    run_id = store.summaries.start(SummaryRequest(SummaryOptions(), None, tuple(ids)), owner=user.id)
    lease = store.jobs.lease("summarise", run_id)
    assert lease is not None
    visitor = visit(user)
    page = visitor.page
    visitor.open(f"/summaries/{run_id}")
    reader = store.people.reader_of(user.id)
    said = served.site.services.summariser.document(reader, ids[0], SummaryOptions())
    version = store.documents.current_version(ids[0])
    assert version is not None

    store.summaries.finish(lease, run_id, ids[0], version.id, said)

    first = page.locator("#items > li").first
    expect(first).to_contain_text("Done")
    first.locator("summary").click()
    expect(first.locator(".sentence")).to_have_count(1)
    visitor.button("Stop").click()
    expect(page.locator("#state")).to_contain_text("Cancelled")
    expect(first.locator(".sentence")).to_be_visible()


def test_changes_are_told_word_by_word(
    visit: Callable[..., Visitor], served: Served, user: User, worker: SummaryWorker
) -> None:
    store = served.site.store
    collection = served.collection(user, rent=RENT, pets=PETS)
    again = _weekly(served, user, collection)
    again()
    while worker.run():
        pass
    factories.upload(store, "rent.txt", RENT.replace("900", "950").encode(), collection=collection)
    factories.upload(
        store, "garage.txt", b"The garage is for one car and may not be let to others.", collection=collection
    )
    served.wait_until_read(collection)
    second = again()
    while worker.run():
        pass
    visitor = visit(user)
    page = visitor.page
    visitor.open(f"/summaries/{second}")
    changes = page.locator("#changes")
    expect(changes.locator("del.figure")).to_have_text("900")
    expect(changes.locator("ins.figure")).to_have_text("950")
    expect(changes).to_contain_text("1 new document")
    changes.locator(".change a.cite").last.click()
    expect(page.locator("#viewer-quote")).to_contain_text("950")
    expect(page.locator("#viewer-body mark").first).to_be_visible()
    expect(page.locator("#viewer-changed")).to_be_hidden()
    page.keyboard.press("Escape")
    before = changes.locator(".both a.cite").first
    before.click()
    expect(page.locator("#viewer-quote")).to_contain_text("900")
    expect(page.locator("#viewer-place")).to_contain_text("version 1, replaced by version 2")
    expect(page.locator("#viewer-changed")).to_be_hidden()
    assert barriers(page) == []
    page.keyboard.press("Escape")
    visitor.open(str(before.get_attribute("href")))
    expect(page.locator("main .notice.warn")).to_contain_text("It has been replaced")
    visitor.open(f"/summaries/{second}")

    found = {}
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        for path in ("/summaries", "/summaries/new", f"/summaries/{second}"):
            visitor.open(path)
            found[theme, path] = barriers(page)
    too_wide = {}
    for path in ("/summaries", "/summaries/new", f"/summaries/{second}"):
        visitor.context.add_cookies([{"name": "language", "value": "de", "url": served.url}])
        visitor.open(path)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            too_wide[path, width] = visitor.overflow()
    assert {place: some for place, some in found.items() if some} == {}
    assert {place: some for place, some in too_wide.items() if some} == {}

    third = again()
    while worker.run():
        pass
    visitor.open(f"/summaries/{third}")
    expect(page.locator("#changes")).to_contain_text("Nichts hat sich geändert")


def test_deliveries_are_told_and_asked_for_again_and_a_run_is_deleted(
    visit: Callable[..., Visitor], served: Served, user: User, worker: SummaryWorker
) -> None:
    settings, store = served.site.settings, served.site.store
    collection = served.collection(user, rent=RENT)
    wishes = [Wish(Channel.FOLDER, Format.MARKDOWN), Wish(Channel.EMAIL, Format.HTML, ("jon@example.org",))]
    run_id = store.summaries.start(SummaryRequest(SummaryOptions(), collection), owner=user.id, delivery=wishes)
    while worker.run():
        pass
    deliverer = Deliverer(settings, store)
    while deliverer.deliver():
        pass
    visitor = visit(user)
    page = visitor.page
    visitor.open(f"/summaries/{run_id}")
    expect(page.locator("#state")).to_contain_text("A report did not arrive")
    expect(page.locator("#delivery-folder")).to_contain_text(re.compile("1 attempt.*Delivered", re.DOTALL))
    refused = page.locator("#delivery-email")
    expect(refused).to_contain_text("jon@example.org")
    expect(refused).to_contain_text(re.compile("does not allow it to go there.*Not delivered", re.DOTALL))
    (file,) = [one for one in Path(settings.delivery_folder).iterdir() if run_id in one.name]
    file.unlink()
    with page.expect_navigation():
        page.locator("#delivery-folder").get_by_role("button", name="Deliver again").click()
    expect(page.locator("#delivery-folder")).to_contain_text("Waiting")
    while deliverer.deliver():
        pass
    expect(page.locator("#delivery-folder")).to_contain_text("Delivered")
    assert file.exists()
    assert barriers(page) == []
    visitor.context.add_cookies([{"name": "language", "value": "de", "url": served.url}])
    page.set_viewport_size({"width": 360, "height": 800})
    visitor.open(f"/summaries/{run_id}")
    assert visitor.overflow() == 0
    visitor.button("Zusammenfassung löschen").click()
    page.get_by_role("dialog").get_by_role("button", name="Löschen").click()
    page.wait_for_url("**/summaries")
    expect(page.locator("main")).to_contain_text("Noch keine Zusammenfassungen")


def test_what_is_closed_by_now_is_not_told(
    visit: Callable[..., Visitor], served: Served, user: User, worker: SummaryWorker
) -> None:
    store = served.site.store
    collection = served.collection(user, rent=RENT)
    run_id = store.summaries.start(SummaryRequest(SummaryOptions(), collection), owner=user.id)
    while worker.run():
        pass
    store.collections.set_member(collection, user.id, None)
    visitor = visit(user)
    visitor.open(f"/summaries/{run_id}")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("A collection that is closed to you")
    expect(visitor.page.locator("main")).to_contain_text("no longer open to you")
    expect(visitor.page.locator("main")).not_to_contain_text(re.compile("euros|rent.txt"))


def test_a_schedule_from_the_form_to_the_calendar(
    visit: Callable[..., Visitor], served: Served, user: User, worker: SummaryWorker
) -> None:
    collection = served.collection(user, rent=RENT, pets=PETS)
    visitor = visit(user)
    page = visitor.page
    visitor.open(f"/schedules/new?collection={collection}")
    page.get_by_label("Name", exact=True).fill("Mondays")
    page.get_by_label("Time zone").fill("Europe/Berlin")
    page.get_by_label("At", exact=True).fill("07:45")
    page.get_by_label("Fri").check(force=True)
    expect(page.locator("#coming")).to_contain_text(re.compile(r"\d{4}, \d\d:45"))
    page.get_by_label("cron", exact=True).check(force=True)
    page.get_by_label("Minute, hour, day of month, month, day of week").fill("never")
    expect(page.locator("#coming")).to_contain_text("five fields")
    page.get_by_label("Weekly").check(force=True)
    visitor.button("Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mondays")
    expect(page.locator("main .facts")).to_contain_text("Monday, Friday at 07:45 (Europe/Berlin)")
    expect(page.get_by_label("Fri")).to_be_checked()
    expect(page.locator("#scope-name")).to_contain_text("Collection")
    expect(page.locator(".coming li")).to_have_count(5)

    visitor.button("Run now").click()
    page.wait_for_url("**/summaries/*")
    while worker.run():
        pass
    expect(page.locator("#summary .sentence")).to_have_count(2)
    visitor.open("/schedules")
    expect(page.locator(".event.past.done")).to_have_count(1)
    visitor.link("Next month").click()
    expect(page.locator(".event").first).to_contain_text("07:45")
    visitor.button("Pause").click()
    expect(visitor.button("Resume")).to_be_visible()
    expect(page.locator(".runs")).to_contain_text("Paused")

    found, too_wide = {}, {}
    places = ("/schedules", "/schedules/new", str(page.locator(".run").get_attribute("href")))
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        for path in places:
            visitor.open(path)
            found[theme, path] = barriers(page)
    visitor.context.add_cookies([{"name": "language", "value": "de", "url": served.url}])
    for path in places:
        visitor.open(path)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            too_wide[path, width] = visitor.overflow()
    assert {place: some for place, some in found.items() if some} == {}
    assert {place: some for place, some in too_wide.items() if some} == {}
    visitor.open(places[2])
    visitor.button("Zeitplan löschen").click()
    page.get_by_role("dialog").get_by_role("button", name="Löschen").click()
    expect(page.get_by_role("heading", name="Noch keine Zeitpläne")).to_be_visible()


def test_where_reports_go_is_kept_with_a_schedule(visit: Callable[..., Visitor], served: Served, user: User) -> None:
    collection = served.collection(user, rent=RENT)
    visitor = visit(user)
    page = visitor.page
    visitor.open(f"/schedules/new?collection={collection}")
    page.get_by_label("Name", exact=True).fill("To the folder")
    page.get_by_label("As a file in the folder of this server").check()
    visitor.button("Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("To the folder")
    [schedule] = served.site.store.schedules.of_owner(user.id)
    assert [one.channel.value for one in schedule.delivery] == ["folder"]
    with page.expect_navigation():
        visitor.button("Save").click()
    assert served.site.store.schedules.get(schedule.id).delivery == schedule.delivery
    page.get_by_label("As a file in the folder of this server").uncheck()
    with page.expect_navigation():
        visitor.button("Save").click()
    assert served.site.store.schedules.get(schedule.id).delivery == ()


def test_a_template_is_tried_before_it_is_kept(
    visit: Callable[..., Visitor], served: Served, user: User, worker: SummaryWorker
) -> None:
    served.collection(user, rent=RENT + " " + PETS)
    visitor = visit(user)
    page = visitor.page
    visitor.open("/summary-templates/new")
    page.get_by_label("Title").fill("Animals")
    page.get_by_label("What a language model is to say").fill("who may keep which pets")
    page.get_by_label(re.compile("^Without a language model: quote")).fill("pet*, dog*")
    visitor.button("Preview on a document").click()
    page.get_by_role("dialog").get_by_label("rent.txt").check()
    visitor.button("Done").click()
    expect(page.locator("#previewed")).to_contain_text("being written")
    while worker.run():
        pass
    expect(page.locator("#previewed .sentence")).to_have_text([PETS])
    visitor.button("Save").click()
    visitor.link("Animals").click()
    expect(page.get_by_label("Title")).to_have_value("Animals")

    found, too_wide = {}, {}
    places = ("/summary-templates", "/summary-templates/new", page.url.removeprefix(served.url))
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        for path in places:
            visitor.open(path)
            found[theme, path] = barriers(page)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        too_wide[width] = visitor.overflow()
    assert {place: some for place, some in found.items() if some} == {}
    assert set(too_wide.values()) == {0}
    visitor.open("/summaries/new")
    expect(page.get_by_label("Animals")).to_have_count(1)
    visitor.open(places[2])
    visitor.button("Delete template").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator("main")).to_contain_text("A template says what a summary is about.")
