"""Documents without pictures of pages: the place of a quote, and its words marked in the text."""

import io
from collections.abc import Callable
from pathlib import Path

import docx
from playwright.sync_api import expect

from core.values import User
from tests.web.browser.visitors import Visitor

ROW = "Ben Roth | Property manager"


def _lease(path: Path) -> Path:
    document = docx.Document()
    document.add_heading("Lease 🏠", 1)
    document.add_heading("Contacts", 2)
    table = document.add_table(3, 2)
    for number, text in enumerate(["Name", "Role", "Anna Berg", "Caretaker", "Ben Roth", "Property manager"]):
        table.cell(number // 2, number % 2).text = text
    buffer = io.BytesIO()
    document.save(buffer)
    path.write_bytes(buffer.getvalue())
    return path


def test_a_row_is_cited_where_it_stands(visit: Callable[..., Visitor], user: User, tmp_path: Path) -> None:
    visitor = visit(user, language="de-DE")
    page = visitor.page
    page.get_by_label("Name der Sammlung").fill("Verträge")
    visitor.button("Anlegen").click()
    page.wait_for_url("**/collections/*")
    visitor.arrived()
    visitor.drop("#drop", _lease(tmp_path / "lease.docx"))
    expect(page.locator("#documents tbody .status.good")).to_have_count(1, timeout=30_000)

    visitor.link("Diese Sammlung befragen").click()
    page.wait_for_url("**/ask?*")
    visitor.ask("Who is the property manager?")
    expect(visitor.last.locator(".source-name")).to_contain_text("Lease 🏠 › Contacts › Tabelle 1 › Zeile 3")
    visitor.last.locator("a.cite").first.click()

    expect(page.locator("#viewer-place")).to_have_text("Lease 🏠 › Contacts › Tabelle 1 › Zeile 3")
    expect(page.locator("#viewer-body mark:not(.around)")).to_have_text(ROW)
    expect(page.locator("#viewer-page")).to_be_hidden()
    page.locator("#viewer-document").click()
    expect(page.locator("#page-text mark:not(.around)")).to_have_text(ROW)
    expect(page.locator(".pager")).to_have_count(0)
    assert visitor.overflow() == 0
