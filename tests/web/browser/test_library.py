"""Uploading in a browser: folders, taken names, refusals, progress, retry; and what becomes of collections."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from core.storage.jobs import REPROCESS
from core.values import JobState, Progress, User
from tests.ingest.pdfs import Sheet, lines, pdf
from tests.ingest.test_unlocking import SECRET, locked_pdf
from tests.web.browser.conftest import MOST_BYTES
from tests.web.browser.served import Served
from tests.web.browser.test_every_page import barriers
from tests.web.browser.visitors import Visitor


def _folder(root: Path) -> Path:
    folder = root / "contracts"
    (folder / "2021").mkdir(parents=True)
    (folder / "2022").mkdir()
    (folder / "2021" / "report.txt").write_text("The report of the year 2021 is short.")
    (folder / "2022" / "report.txt").write_text("The report of the year 2022 is long.")
    (folder / "2022" / ".DS_Store").write_bytes(b"\x00\x01")
    (folder / "read-me.txt").write_text("These are contracts of two years.")
    (folder / "annex.pdf").write_bytes(pdf(Sheet(lines("An annex with a single line of text."))))
    return folder


def test_a_dropped_folder_keeps_its_paths(
    visit: Callable[..., Visitor], served: Served, user: User, tmp_path: Path
) -> None:
    visitor = visit(user)
    visitor.open(f"/collections/{served.collection(user)}")
    visitor.drop("#drop", _folder(tmp_path))
    names = visitor.page.locator("#documents .document-name a")
    expect(names).to_have_text(
        ["contracts/2021/report.txt", "contracts/2022/report.txt", "contracts/annex.pdf", "contracts/read-me.txt"]
    )
    expect(visitor.page.locator("#documents .status.good")).to_have_count(4, timeout=30_000)
    visitor.page.locator("#filter").fill("2022")
    expect(names).to_have_text(["contracts/2022/report.txt"])
    expect(visitor.page.locator("#summary")).to_have_text("1 of 4 documents")


def test_a_chosen_folder_keeps_its_paths(
    visit: Callable[..., Visitor], served: Served, user: User, tmp_path: Path
) -> None:
    visitor = visit(user)
    visitor.open(f"/collections/{served.collection(user)}")
    visitor.page.locator("#folder").set_input_files(_folder(tmp_path))
    expect(visitor.page.locator("#documents .document-name a").first).to_have_text("contracts/2021/report.txt")
    expect(visitor.page.locator("#documents tbody tr")).to_have_count(4)


def test_taken_names_are_settled_one_by_one(
    visit: Callable[..., Visitor], served: Served, user: User, tmp_path: Path
) -> None:
    visitor = visit(user)
    page = visitor.page
    visitor.open(f"/collections/{served.collection(user)}")
    files = [tmp_path / name for name in ("a.txt", "b.txt", "c.txt", "same.txt")]
    for file in files:
        file.write_text(f"The first text of {file.name}.")
    page.locator("#files").set_input_files(files)
    expect(page.locator("#documents .status.good")).to_have_count(4, timeout=30_000)

    for file in files[:3]:
        file.write_text(f"The second text of {file.name}, which is longer.")
    page.locator("#files").set_input_files(files)
    dialog = page.get_by_role("dialog", name="These names are taken")
    expect(dialog.locator(".clashes li")).to_have_count(3)
    dialog.get_by_label("For all of them").select_option("skip")
    dialog.get_by_label("What to do with a.txt").select_option("version")
    dialog.get_by_label("What to do with b.txt").select_option("keep_both")
    dialog.get_by_role("button", name="Continue").click()

    names = page.locator("#documents .document-name")
    expect(names).to_have_text(["a.txtVersion 2", "b (2).txt", "b.txt", "c.txt", "same.txt"])
    expect(page.locator("#queue-list")).to_contain_text("same.txt")
    expect(page.locator("#queue-list")).to_contain_text("Already there, unchanged")
    visitor.button("Clear").click()
    expect(page.locator("#queue")).to_be_hidden()

    page.locator("#files").set_input_files(files[2])
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(names).to_have_count(5)


def test_what_cannot_be_taken_is_refused_before_it_is_sent(
    visit: Callable[..., Visitor], served: Served, user: User, tmp_path: Path
) -> None:
    visitor = visit(user)
    visitor.open(f"/collections/{served.collection(user)}")
    (tmp_path / "large.pdf").write_bytes(b"%PDF" + bytes(MOST_BYTES))
    (tmp_path / "empty.txt").touch()
    (tmp_path / "good.txt").write_text("This one can be read.")
    visitor.drop("#drop", *sorted(tmp_path.glob("*.*")))
    queue = visitor.page.locator("#queue-list")
    expect(queue).to_contain_text("Too large. At most 2.9")
    expect(queue).to_contain_text("Empty file. There is nothing in it.")
    expect(visitor.page.locator("#documents tbody tr")).to_have_count(1)
    assert len([url for url in visitor.requested if url.endswith("/documents")]) == 1


def test_progress_survives_a_reload(visit: Callable[..., Visitor], served: Served, user: User, tmp_path: Path) -> None:
    served.may_read.clear()
    visitor = visit(user)
    page = visitor.page
    visitor.open(f"/collections/{served.collection(user)}")
    files = [tmp_path / f"{number}.txt" for number in range(7)]
    for file in files:
        file.write_text(f"The text of file number {file.stem}.")
    page.locator("#files").set_input_files(files)
    expect(page.locator("#documents .status.quiet")).to_have_count(7)
    expect(page.locator("#summary")).to_have_text("7 documents · 7 still to be read")
    page.reload()
    expect(page.locator("#summary")).to_have_text("7 documents · 7 still to be read")

    lease = served.site.store.jobs.lease("ingest")
    assert lease is not None
    version = served.site.store.documents.version(lease.job.target)
    assert version is not None
    served.site.store.documents.begin_reading(lease, version.id)
    served.site.store.jobs.heartbeat(lease, Progress("reading", 12, 160))
    row = page.locator(f'#documents tr[data-id="{version.document_id}"]')
    expect(row.locator(".stage")).to_have_text("Reading pages: 12 of 160")
    assert row.locator("progress").evaluate("bar => [bar.value, bar.max]") == [12, 160]
    served.site.store.jobs.release(lease, forgive=True)
    served.may_read.set()
    expect(page.locator("#documents .status.good")).to_have_count(7, timeout=30_000)
    expect(page.locator("#summary")).to_have_text("7 documents")


def test_a_failed_document_says_why_and_is_tried_again(
    visit: Callable[..., Visitor], served: Served, user: User, tmp_path: Path
) -> None:
    visitor = visit(user, language="de")
    page = visitor.page
    visitor.open(f"/collections/{served.collection(user)}")
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\nnothing more")
    page.locator("#files").set_input_files(broken)
    state = page.locator("#documents td.state")
    expect(state).to_contain_text("Datei beschädigt", timeout=30_000)
    expect(state).to_contain_text("Speichern Sie das Original noch einmal")
    served.may_read.clear()
    page.get_by_role("button", name="broken.pdf erneut lesen").click()
    expect(state).to_have_text("Wartet")
    served.may_read.set()
    expect(state).to_contain_text("Datei beschädigt", timeout=30_000)

    visitor.link("broken.pdf").click()
    expect(page.locator(".state-box")).to_contain_text("Datei beschädigt")
    page.locator("#delete-document").click()
    page.get_by_role("dialog").get_by_role("button", name="Löschen").click()
    expect(page.locator("#no-documents")).to_be_visible()


def test_documents_are_read_again_and_a_reading_is_stopped(
    visit: Callable[..., Visitor], served: Served, user: User
) -> None:
    visitor, store = visit(user), served.site.store
    page = visitor.page
    collection = served.collection(user, rent="The rent is due on the first.", notice="The notice period is a month.")
    served.may_read.clear()
    visitor.open(f"/collections/{collection}")
    page.locator("#reprocess-collection").click()
    page.get_by_role("dialog").get_by_role("button", name="Read again").click()
    expect(page.locator("#summary")).to_have_text("2 documents · 2 still to be read")
    lease = store.jobs.lease(REPROCESS)
    assert lease is not None
    version = store.documents.version(lease.job.target)
    assert version is not None
    store.jobs.heartbeat(lease, Progress("recognising", 3, 40, 400.0))
    row = page.locator(f'#documents tr[data-id="{version.document_id}"]')
    expect(row.locator(".stage")).to_have_text("Reading scanned pages: 3 of 40, about 7 minutes left")

    visitor.link(version.filename).click()
    expect(page.locator("#reading")).to_contain_text("3 of 40")
    expect(page.locator(".state-box")).to_contain_text("What was read before answers meanwhile")
    expect(page.locator("#passages a")).to_have_count(1)
    page.locator("#stop-reading").click()
    expect(page.locator(".state-box")).to_have_count(0)
    assert store.jobs.get(lease.job.id).state is JobState.CANCELLED
    page.locator("#reprocess-document").click()
    expect(page.locator("#stop-reading")).to_be_visible()
    served.may_read.set()
    expect(page.locator(".state-box")).to_have_count(0, timeout=30_000)
    expect(page.locator("#passages a")).to_have_count(1)


def test_a_lost_connection_is_told_and_the_upload_repeated(
    visit: Callable[..., Visitor], served: Served, user: User, tmp_path: Path
) -> None:
    visitor = visit(user)
    visitor.open(f"/collections/{served.collection(user)}")
    (tmp_path / "late.txt").write_text("This one comes late.")
    visitor.context.set_offline(True)
    visitor.page.locator("#files").set_input_files(tmp_path / "late.txt")
    expect(visitor.page.locator("#queue-list")).to_contain_text("No connection. The server cannot be reached.")
    visitor.context.set_offline(False)
    visitor.page.locator("#queue-list").get_by_role("button", name="Try again").click()
    expect(visitor.link("late.txt")).to_be_visible()


def test_collections_are_renamed_and_deleted(visit: Callable[..., Visitor], served: Served, user: User) -> None:
    visitor = visit(user)
    page = visitor.page
    kept = served.collection(user, note="A note.")
    name = served.site.store.collections.get(kept).name
    other = served.site.store.collections.get(served.collection(user)).name
    visitor.open("/library")
    page.get_by_role("button", name=f"Rename {name}").click()
    field = page.get_by_role("dialog").get_by_label("Name")
    field.fill(other)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("Choose another name")
    field.fill(f"{name} renamed")
    page.keyboard.press("Enter")
    expect(visitor.page.get_by_role("link", name=f"{name} renamed 1 document")).to_be_visible()
    page.get_by_role("button", name=f"Delete {name} renamed").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator(".collection-row")).to_have_count(1)


def test_a_locked_document_takes_its_password(
    visit: Callable[..., Visitor], served: Served, user: User, tmp_path: Path
) -> None:
    visitor = visit(user)
    page = visitor.page
    collection = served.collection(user)
    (tmp_path / "vault.pdf").write_bytes(locked_pdf("open sesame"))
    visitor.open(f"/collections/{collection}")
    visitor.drop("#drop", tmp_path / "vault.pdf")
    row = page.locator("#documents tbody tr")
    expect(row).to_contain_text("Locked by a password", timeout=30_000)
    row.get_by_role("link", name="vault.pdf").click()
    page.get_by_label("Password of the file").fill("open says me")
    visitor.button("Unlock").click()
    expect(page.locator(".toast")).to_contain_text("does not open")
    expect(page.get_by_label("Password of the file")).to_have_value("")
    assert barriers(page) == []
    page.screenshot(path=tmp_path / "locked.png", full_page=True)
    page.set_viewport_size({"width": 390, "height": 800})
    page.emulate_media(color_scheme="dark")
    page.screenshot(path=tmp_path / "locked-390.png", full_page=True)
    assert visitor.overflow() == 0
    assert ["422" in fault for fault in visitor.faults] == [True]
    visitor.faults.clear()
    page.get_by_label("Password of the file").fill("open sesame")
    visitor.button("Unlock").click()
    expect(page.locator("#page-text")).to_contain_text(SECRET, timeout=30_000)
