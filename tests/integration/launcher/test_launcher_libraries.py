"""System libraries: installed where that can be done, else the one command that does it."""

import os
import stat
from pathlib import Path

import pytest

from launcher import libraries
from launcher.libraries import libraries_beside, missing_packages
from launcher.problems import Problem

from .conftest import Pretend, wait_until

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


class TestLibrariesBeside:
    @pytest.mark.usefixtures("bare_machine")
    def test_prints_the_one_command_to_an_ordinary_user(
        self, pretend: Pretend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: ORDINARY_USER)

        with pytest.raises(Problem) as refused, libraries_beside(pretend.checkout, browser=True):
            pytest.fail("the installation began all the same")

        command = "as root, run  apt-get install -y --no-install-recommends libinvented-1 chromium"
        assert command in str(refused.value)
        assert refused.value.code == 2
        assert not (tmp_path / "apt-get.txt").exists()

    def test_names_sudo_where_there_is_one(
        self, pretend: Pretend, bare_machine: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: ORDINARY_USER)
        (bare_machine / "sudo").symlink_to("/bin/true")

        with pytest.raises(Problem, match="run  sudo apt-get install -y"), libraries_beside(pretend.checkout):
            pytest.fail("the installation began all the same")

    @pytest.mark.usefixtures("bare_machine")
    def test_installs_them_for_root_and_says_so(
        self, pretend: Pretend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
    ) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: ROOT_USER)
        written = tmp_path / "apt-get.txt"

        still_missing = "libinvented-1 is still missing after apt-get install"
        with pytest.raises(Problem, match=still_missing), libraries_beside(pretend.checkout):
            wait_until(lambda: "install" in written.read_text() if written.exists() else False)

        words = written.read_text().splitlines()
        assert words[0].endswith("update")
        assert words[1].endswith("install --no-install-recommends libinvented-1")
        assert "installing libinvented-1" in capsys.readouterr().err

    def test_says_that_the_archive_cannot_be_reached(
        self, pretend: Pretend, bare_machine: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: ROOT_USER)
        (bare_machine / "apt-get").write_text("#!/bin/sh\nexit 100\n")

        unreachable = "connect this machine to its package archive"
        with pytest.raises(Problem, match=unreachable), libraries_beside(pretend.checkout):
            pass

    def test_stops_apt_get_when_what_it_runs_beside_fails(
        self, pretend: Pretend, bare_machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: ROOT_USER)
        begun, ended = tmp_path / "begun.txt", tmp_path / "ended.txt"
        (bare_machine / "apt-get").write_text(f"#!/bin/sh\n: > {begun}\n/bin/sleep 20\n: > {ended}\n")

        with pytest.raises(Problem, match="no network"), libraries_beside(pretend.checkout):
            wait_until(begun.exists)
            raise Problem("no network")

        assert not ended.exists()

    def test_names_the_packages_where_there_is_no_apt_get(self, pretend: Pretend, bare_machine: Path) -> None:
        (bare_machine / "apt-get").unlink()

        by_hand = "install them with its package manager"
        with pytest.raises(Problem, match=by_hand), libraries_beside(pretend.checkout):
            pytest.fail("the installation began all the same")
