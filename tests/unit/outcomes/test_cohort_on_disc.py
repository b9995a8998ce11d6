"""Reading a cohort folder from the disc: its own files and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from outcomes.queries.cohort import FolderUnreadable, load_folder
from tests.factories.cohort_folders import a_good_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "cohort"
    path.mkdir()
    for name, data in a_good_folder().items():
        (path / name).write_bytes(data)
    return path


def refusals(folder: Path) -> list[tuple[str, str]]:
    return [(problem.file, problem.message) for problem in load_folder(folder).problems]


class TestFolder:
    def test_is_read_file_by_file(self, folder: Path) -> None:
        loaded = load_folder(folder)
        assert loaded.files == a_good_folder()
        assert loaded.problems == ()

    def test_may_hold_other_files_and_folders(self, folder: Path) -> None:
        (folder / "README.md").write_text("about")
        (folder / "expected.json").write_text("{}")
        (folder / "notes").mkdir()
        loaded = load_folder(folder)
        assert loaded.files == a_good_folder()
        assert loaded.problems == ()

    def test_may_be_named_through_a_link(self, folder: Path, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(folder)
        assert load_folder(tmp_path / "link").files == a_good_folder()

    def test_that_does_not_exist_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(FolderUnreadable, match="does not exist; name the folder"):
            load_folder(tmp_path / "nowhere")

    def test_that_is_a_file_is_refused(self, folder: Path) -> None:
        with pytest.raises(FolderUnreadable, match="is not a folder"):
            load_folder(folder / "patients.csv")

    def test_with_an_impossible_name_is_refused(self) -> None:
        with pytest.raises(FolderUnreadable, match="cannot be opened"):
            load_folder(Path("a\x00b"))


class TestFiles:
    def test_that_are_links_are_refused(self, folder: Path, tmp_path: Path) -> None:
        outside = tmp_path / "outside.csv"
        outside.write_text("secret")
        (folder / "patients.csv").unlink()
        (folder / "patients.csv").symlink_to(outside)
        loaded = load_folder(folder)
        assert "patients.csv" not in loaded.files
        assert [(p.file, p.line) for p in loaded.problems] == [("patients.csv", 0)]
        assert "symbolic link" in loaded.problems[0].message

    def test_that_are_links_to_each_other_are_refused(self, folder: Path) -> None:
        (folder / "own.csv").unlink()
        (folder / "own.csv").symlink_to("housing.csv")
        assert [file for file, _ in refusals(folder)] == ["own.csv"]

    @pytest.mark.parametrize("name", ["broken.csv", "README"])
    def test_that_are_links_of_any_name_are_refused(self, folder: Path, name: str) -> None:
        (folder / name).symlink_to("nowhere")
        assert [(file, "symbolic link" in message) for file, message in refusals(folder)] == [(name, True)]

    def test_that_are_folders_are_refused(self, folder: Path) -> None:
        (folder / "need.csv").unlink()
        (folder / "need.csv").mkdir()
        assert refusals(folder) == [("need.csv", "it is a folder in place of a file; put the file there.")]

    def test_that_are_pipes_are_refused_without_waiting(self, folder: Path) -> None:
        (folder / "need.csv").unlink()
        os.mkfifo(folder / "need.csv")
        assert refusals(folder) == [("need.csv", "it is not an ordinary file; put the file itself there.")]

    def test_with_an_unknown_name_are_refused_unread(self, folder: Path) -> None:
        (folder / "people.csv").write_text("secret")
        loaded = load_folder(folder)
        assert [p.file for p in loaded.problems] == ["people.csv"]
        assert "people.csv" not in loaded.files

    @pytest.mark.parametrize("name", ["Housing.csv", "housing.CSV", "HOUSING.CSV"])
    def test_in_another_case_are_refused(self, folder: Path, name: str) -> None:
        (folder / "housing.csv").rename(folder / name)
        [(file, message)] = refusals(folder)
        assert file == name
        assert "rename the file to housing.csv" in message

    def test_with_a_name_that_is_not_utf8_are_refused(self, folder: Path) -> None:
        (Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.csv"))).write_text("x")
        assert [file for file, _ in refusals(folder)] == ["caf\\xe9.csv"]

    def test_of_the_largest_size_are_read(self, folder: Path) -> None:
        largest = max(len(data) for data in a_good_folder().values())
        assert load_folder(folder, largest_file_bytes=largest).problems == ()

    def test_that_are_larger_are_refused(self, folder: Path) -> None:
        largest = max(len(data) for data in a_good_folder().values())
        problems = load_folder(folder, largest_file_bytes=largest - 1).problems
        assert len(problems) == 1
        assert "is larger than" in problems[0].message

    def test_that_may_not_be_opened_are_refused(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        real_open = os.open

        def forbidding(path: str, flags: int, *, dir_fd: int | None = None) -> int:
            if path == "need.csv":
                raise PermissionError(13, "Permission denied")
            return real_open(path, flags, dir_fd=dir_fd)

        monkeypatch.setattr(os, "open", forbidding)  # root may open everything, so the system is spoken for
        assert refusals(folder) == [("need.csv", "it cannot be read: Permission denied.")]

    def test_that_vanish_while_the_folder_is_read_are_refused(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        names = sorted(a_good_folder())
        monkeypatch.setattr(os, "listdir", lambda _: names)
        (folder / "need.csv").unlink()
        assert refusals(folder) == [("need.csv", "it cannot be read: No such file or directory.")]

    def test_that_cannot_be_listed_are_refused(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(_: int) -> list[str]:
            raise OSError(5, "Input/output error")

        monkeypatch.setattr(os, "listdir", broken)
        with pytest.raises(FolderUnreadable, match="cannot be listed: Input/output error"):
            load_folder(folder)
