"""Which files are meant."""

from pathlib import Path

from cli.sources import Source, sources


def test_files_of_a_folder_go_by_their_path_below_it(tmp_path: Path) -> None:
    for name in ("2022/report.pdf", "2021/report.pdf", "a.txt", ".hidden", ".git/config"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "link.txt").symlink_to(tmp_path / "a.txt")
    (tmp_path / "loop").symlink_to(tmp_path)

    assert [source.path for source in sources([tmp_path])] == ["a.txt", "2021/report.pdf", "2022/report.pdf"]


def test_what_is_given_by_itself_goes_by_its_name(tmp_path: Path) -> None:
    file, link = tmp_path / "folder" / "a.txt", tmp_path / "link.txt"
    file.parent.mkdir()
    file.touch()
    link.symlink_to(file)

    assert list(sources([link, file])) == [Source(link, "link.txt"), Source(file, "a.txt")]


def test_what_does_not_exist_keeps_its_place(tmp_path: Path) -> None:
    missing = tmp_path / "missing.pdf"

    assert list(sources([missing])) == [Source(missing, str(missing))]
