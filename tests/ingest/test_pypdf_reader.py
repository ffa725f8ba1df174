"""What pypdf adds, and that its troubles have one name."""

import pytest

from core.errors import CorruptDocument, PasswordRequired
from ingest.pypdf_reader import PypdfFile
from tests.ingest.conftest import Written
from tests.ingest.pdfs import Sheet, encrypted, lines, pdf, with_outline

DATA = pdf(Sheet(lines("One line", "Another")), Sheet(rotate=90), title="Annual report")


def test_title_outline_size_and_text(written: Written) -> None:
    opened = PypdfFile(written("a.pdf", with_outline(DATA, "1. Risk factors", "Sales")))

    assert opened.page_count == 2
    assert opened.title == "Annual report"
    assert opened.outline_titles() == {"1riskfactors", "sales"}
    assert opened.page_size(2) == (792, 612)
    assert opened.page_lines(1) == ["One line", "Another"]


def test_passwords(written: Written) -> None:
    assert PypdfFile(written("open.pdf", encrypted(DATA, ""))).page_count == 2
    with pytest.raises(PasswordRequired):
        PypdfFile(written("shut.pdf", encrypted(DATA, "secret")))


@pytest.mark.parametrize("data", [b"%PDF-1.4\n", b"\x00" * 2000, DATA[: len(DATA) // 2]])
def test_damage(data: bytes, written: Written) -> None:
    with pytest.raises(CorruptDocument):
        PypdfFile(written("a.pdf", data))
