"""What holds for every page: no barriers that axe finds, in either theme; no sideways scroll; light to load."""

import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from core.storage.people import Credential
from core.values import User
from tests.ingest.pdfs import Sheet, lines, pdf
from tests.web.browser.served import Served, Told
from tests.web.browser.visitors import Visitor

MOST_WEIGHT = 150_000
WIDTHS = (390, 768, 1280, 1440)
LONG = "Beschwerdeverfahrensordnungsänderungsentwurf_" * 4


@pytest.fixture(scope="module")
def owner(served: Served) -> User:
    """Somebody whose library holds one thing of each kind."""
    return served.site.user()


@pytest.fixture(scope="module")
def places(served: Served, owner: User, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The address of every page, by name."""
    site = served.site
    collection = served.collection(owner, hall="The hall has 340 seats.", **{LONG: "A long name."})
    caller = site.by_key(owner)
    for name, data in {
        "report.pdf": pdf(Sheet(lines("The report has one page.")), Sheet(lines("And a second one."))),
        "broken.pdf": b"%PDF-1.7\nnothing",
        "scan.pdf": pdf(Sheet(lines("A page with text.")), Sheet()),
    }.items():
        path = tmp_path_factory.mktemp("uploads") / name
        path.write_bytes(data)
        with path.open("rb") as file:
            caller.post(f"/api/v1/collections/{collection}/documents", data={"file": (file, name)})
    served.wait_until_read(collection)
    conversation = "5d1f8c1a-0c4f-4f6e-9a53-0d4f30a6b001"
    served.directed.writer = Told(["The hall has 340 seats.", "The hall has 340 golden seats and a bar.", "Cats fly."])
    question = {"question": "How many seats?", "conversation_id": conversation}
    assert caller.post("/api/v1/answers", json=question).status_code == 200
    served.directed.writer = served.quoting
    caller.post("/api/v1/answers", json={**question, "question": "Wer gewann 1954 die Weltmeisterschaft?"})
    by_name = {one.filename: one.id for one in site.store.documents.page(collection)}
    site.store.tags.set(by_name["hall.txt"], ["a tag", "W" * 64])
    return {
        "ask": "/",
        "asked": f"/ask/{conversation}",
        "library": "/library",
        "passages": "/search?question=hall&types=text/plain",
        "no passages": "/search?question=hall&tags=unheard",
        "collection": f"/collections/{collection}",
        "document": f"/documents/{by_name['report.pdf']}/pages/2",
        "text": f"/documents/{by_name['hall.txt']}",
        "failed": f"/documents/{by_name['broken.pdf']}",
        "quarantine": "/quarantine",
        "interface": "/api/docs",
        "nothing": "/documents/5d1f8c1a-0c4f-4f6e-9a53-0d4f30a6b001",
    }


@pytest.fixture(scope="module")
def window(browser: Browser, served: Served, owner: User) -> Iterator[Visitor]:
    """A window that all tests here use one after the other."""
    visitor = Visitor(browser, served)
    visitor.sign_in(owner)
    yield visitor
    visitor.close()


def barriers(page: Page, **options: object) -> list[str]:
    """What axe finds that is serious or critical."""
    found = Axe().run(page, options={"resultTypes": ["violations"], **options}).response["violations"]
    return [
        f"{one['id']}: {node['html'][:200]}"
        for one in found
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]


def barriers_in_both(page: Page) -> list[str]:
    """The same in either theme, which differ in their colours and in nothing else."""
    page.emulate_media(color_scheme="light")
    light = barriers(page)
    page.emulate_media(color_scheme="dark")
    return [*light, *barriers(page, runOnly=["color-contrast"])]


def test_no_page_has_barriers(window: Visitor, places: dict[str, str]) -> None:
    found = {}
    for name, path in places.items():
        window.open(path)
        found[name] = barriers_in_both(window.page)
    assert {name: some for name, some in found.items() if some} == {}


def test_what_opens_has_no_barriers(window: Visitor, places: dict[str, str]) -> None:
    page = window.page
    window.open(places["asked"])
    page.locator("a.cite").first.click()
    expect(page.locator("#viewer mark:not(.around)")).to_be_visible()
    found = {"viewer": barriers_in_both(page)}
    page.keyboard.press("Escape")
    page.locator("#scope").click()
    expect(page.get_by_role("dialog").get_by_role("checkbox").first).to_be_visible()
    found["scope"] = barriers_in_both(page)
    page.keyboard.press("Escape")
    page.locator("#narrow summary").click()
    found["narrow"] = barriers_in_both(page)
    page.keyboard.press("Escape")
    page.locator("details.menu summary").click()
    found["menu"] = barriers_in_both(page)
    window.open(places["collection"])
    page.get_by_role("button", name="Delete hall.txt").click()
    found["confirm"] = barriers_in_both(page)
    page.keyboard.press("Escape")
    assert {name: some for name, some in found.items() if some} == {}


def test_signing_in_has_no_barriers(visit: Callable[..., Visitor], served: Served, user: User) -> None:
    visitor = visit()
    for path in ("/", served.sign_in_link(user)):
        visitor.open(path)
        assert barriers(visitor.page) == []
        assert visitor.overflow() == 0


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_page_scrolls_sideways(window: Visitor, served: Served, places: dict[str, str], language: str) -> None:
    window.context.add_cookies([{"name": "language", "value": language, "url": served.url}])
    too_wide = {}
    for name, path in places.items():
        window.open(path)
        for width in WIDTHS:
            window.page.set_viewport_size({"width": width, "height": 800})
            too_wide[name, width] = window.overflow()
    window.context.clear_cookies(name="language")
    assert {place: pixels for place, pixels in too_wide.items() if pixels} == {}


def test_the_first_page_is_light(visit: Callable[..., Visitor], served: Served, owner: User) -> None:
    visitor = visit()  # nothing is in its cache
    secret = served.site.store.people.issue(owner.id, Credential.SESSION, 600)
    visitor.context.add_cookies([{"name": "archivar", "value": secret, "url": served.url}])
    visitor.page.goto("/", wait_until="networkidle")
    weights = {reply.url.rpartition("/")[2]: len(reply.body()) for reply in visitor.replies}
    assert {"base.css", "ask.js", "words.js", "icons.svg"} <= set(weights)
    assert sum(weights.values()) < MOST_WEIGHT, weights


def test_language_and_theme_are_kept(visit: Callable[..., Visitor], user: User) -> None:
    visitor = visit(user)
    page = visitor.page
    visitor.open("/library")
    page.locator("details.menu summary").click()
    visitor.button("Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    visitor.button("Deutsch").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bibliothek")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "de")


def test_pages_can_be_read_without_scripts(
    browser: Browser, served: Served, owner: User, places: dict[str, str]
) -> None:
    visitor = Visitor(browser, served, scripts=False)
    visitor.sign_in(owner)
    page = visitor.page
    page.goto(places["collection"])
    expect(page.locator("#documents tbody tr")).to_have_count(5)
    page.get_by_role("link", name=re.compile("^hall")).click()
    page.locator("#passages a").first.click()
    expect(page.locator("mark")).to_have_text("The hall has 340 seats.")
    visitor.close()


def test_a_passage_is_marked_in_place(window: Visitor, places: dict[str, str]) -> None:
    page = window.page
    page.set_viewport_size({"width": 1280, "height": 800})
    window.open(places["document"])
    page.locator("#passages a").first.click()
    expect(page.locator("#sheet")).to_have_attribute("src", re.compile(r"passage=\d+$"))
    expect(page.locator("#page-text mark")).to_contain_text("And a second one.")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#page-number")).to_have_value("1")
