"""System libraries: installed where that can be done, else the one command that does it."""

import os
import stat
from pathlib import Path

import pytest

from launcher import libraries
from launcher.libraries import ensure_libraries, missing_packages
from launcher.problems import Problem

from .conftest import Pretend

ORDINARY_USER, ROOT_USER = 1000, 0


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without the libraries and without a browser, whose apt-get only writes down its words."""
    programs = tmp_path / "programs"
    programs.mkdir()
    apt_get = programs / "apt-get"
    apt_get.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path / "apt-get.txt"}\n')
    apt_get.chmod(apt_get.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{programs}")
    monkeypatch.setattr(libraries, "PDF_LIBRARIES", {"libinvented-1.so.0": "libinvented-1"})
    return programs


class TestMissingPackages:
    def test_are_none_where_the_tests_run(self) -> None:
        assert missing_packages(browser=True) == []

    @pytest.mark.usefixtures("bare_machine")
    def test_hold_the_browser_only_for_the_tests(self) -> None:
        assert missing_packages(browser=False) == ["libinvented-1"]
        assert missing_packages(browser=True) == ["libinvented-1", "chromium"]


class TestEnsureLibraries:
    @pytest.mark.usefixtures("bare_machine")
    def test_prints_the_one_command_to_an_ordinary_user(
        self, pretend: Pretend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: ORDINARY_USER)

        with pytest.raises(Problem) as refused:
            ensure_libraries(pretend.checkout, browser=True)

        command = "sudo apt-get install -y --no-install-recommends libinvented-1 chromium"
        assert command in str(refused.value)
        assert refused.value.code == 2
        assert not (tmp_path / "apt-get.txt").exists()

    @pytest.mark.usefixtures("bare_machine")
    def test_installs_them_for_root_and_says_so(
        self, pretend: Pretend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
    ) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: ROOT_USER)

        with pytest.raises(Problem, match="libinvented-1 is still missing after apt-get install"):
            ensure_libraries(pretend.checkout)

        words = (tmp_path / "apt-get.txt").read_text().splitlines()
        assert words[0].endswith("update")
        assert words[1].endswith("install --no-install-recommends libinvented-1")
        assert "installing libinvented-1" in capsys.readouterr().err

    def test_says_that_the_archive_cannot_be_reached(
        self, pretend: Pretend, bare_machine: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: ROOT_USER)
        (bare_machine / "apt-get").write_text("#!/bin/sh\nexit 100\n")

        with pytest.raises(Problem, match="connect this machine to its package archive"):
            ensure_libraries(pretend.checkout)

    def test_names_the_packages_where_there_is_no_apt_get(self, pretend: Pretend, bare_machine: Path) -> None:
        (bare_machine / "apt-get").unlink()

        with pytest.raises(Problem, match="install them with its package manager"):
            ensure_libraries(pretend.checkout)
