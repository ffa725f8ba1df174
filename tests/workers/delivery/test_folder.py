"""Files of reports: whole or not there."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from core.deliveries import Format
from core.settings import Settings
from core.summaries import SummaryOptions, SummaryRequest, SummaryRun
from workers.delivery import folder
from workers.delivery.outcomes import Outcome

RUN = SummaryRun(
    "3f6c8a52-0000-4000-8000-000000000000",
    None,
    SummaryRequest(SummaryOptions()),
    datetime(2026, 3, 2, 6, tzinfo=UTC),
    title="../../etc/passwd",
)
NAME = "20260302T060000Z-3f6c8a52-0000-4000-8000-000000000000"


def test_a_file_has_a_name_that_says_when_and_of_which_run(settings: Settings) -> None:
    for form, ending in ((Format.MARKDOWN, "md"), (Format.HTML, "html"), (Format.JSON, "json")):
        assert folder.send(settings, RUN, form, "Räume") == Outcome()
        assert (Path(settings.delivery_folder) / f"{NAME}.{ending}").read_text() == "Räume"


def test_a_second_time_takes_the_place_of_the_first_and_tidies_what_was_cut_off(settings: Settings) -> None:
    there = Path(settings.delivery_folder)
    (there / f".{NAME}.json.cut-off").write_text("{")
    (there / ".of-somebody-else").write_text("kept")

    for text in ("one", "two"):
        assert folder.send(settings, RUN, Format.JSON, text) == Outcome()

    assert {path.name: path.read_text() for path in there.iterdir()} == {
        f"{NAME}.json": "two",
        ".of-somebody-else": "kept",
    }


def test_a_folder_that_is_missing_is_waited_for_and_not_made(settings: Settings, tmp_path: Path) -> None:
    away = settings.model_copy(update={"delivery_folder": str(tmp_path / "mount" / "reports")})

    found = folder.send(away, RUN, Format.JSON, "{}")

    assert found.later is not None and found.later.code == "folder_trouble"
    assert not (tmp_path / "mount").exists()


def test_a_link_in_its_place_is_replaced_and_not_followed(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")
    (Path(settings.delivery_folder) / f"{NAME}.json").symlink_to(tmp_path / "precious")

    assert folder.send(settings, replace(RUN, title=""), Format.JSON, "{}") == Outcome()

    assert (tmp_path / "precious").read_text() == "precious"
