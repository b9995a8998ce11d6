"""The installation: exactly what the lock names, once, and a sentence where it cannot be had."""

import json
import re
from pathlib import Path

import pytest

from launcher.install import _is_installed, ensure_installed, fingerprint
from launcher.problems import Problem

from .conftest import ROOT, Pretend


def pins(lock: str) -> set[str]:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    return set(re.findall(r"^[\w.\[\],-]+==\S+", text, flags=re.MULTILINE))


class TestLocks:
    def test_contain_one_another(self) -> None:
        assert pins("app") < pins("demo") < pins("test")

    def test_name_no_address_and_hash_everything(self) -> None:
        for path in (ROOT / "requirements").glob("*.txt"):
            text = path.read_text()
            pinned = len(re.findall(r"^\S+==", text, flags=re.MULTILINE))

            assert "://" not in text, path
            assert len(re.findall(r"==[^\n]*\\\n    --hash=sha256:", text)) == pinned, path

    def test_hold_one_postgresql_driver(self) -> None:
        assert not {pin for pin in pins("test") if pin.startswith(("psycopg==", "psycopg["))}


class TestInstallation:
    def test_is_skipped_where_the_lock_is_installed(self, pretend: Pretend) -> None:
        ensure_installed(pretend.checkout, "demo")

        assert not pretend.checkout.log("install").exists()

    def test_is_due_again_when_the_lock_changes(self, pretend: Pretend) -> None:
        lock = pretend.root / "requirements" / "demo.txt"
        lock.write_text(f"{lock.read_text()}# changed\n")

        assert not _is_installed(pretend.checkout, "demo")
        assert _is_installed(pretend.checkout, "test")

    def test_is_due_again_when_the_checkout_was_moved(self, pretend: Pretend) -> None:
        stamp = pretend.checkout.venv / "hat.json"
        stamp.write_text(json.dumps({**json.loads(stamp.read_text()), "venv": "/elsewhere/.venv"}))

        assert not _is_installed(pretend.checkout, "demo")

    def test_of_the_demo_is_not_one_of_the_tests(self, pretend: Pretend) -> None:
        locks = {name: fingerprint(pretend.checkout, name) for name in ("demo", "app")}
        stamp = pretend.checkout.venv / "hat.json"
        stamp.write_text(json.dumps({"venv": str(pretend.checkout.venv), "locks": locks}))

        assert _is_installed(pretend.checkout, "demo")
        assert not _is_installed(pretend.checkout, "test")

    def test_says_what_to_do_without_a_network(
        self, pretend: Pretend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (pretend.checkout.venv / "hat.json").unlink()
        for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
        monkeypatch.setenv("PIP_NO_INDEX", "1")

        with pytest.raises(Problem, match="could not be downloaded: connect this machine to the network"):
            ensure_installed(pretend.checkout, "demo")

        assert not (pretend.checkout.venv / "hat.json").exists()

    def test_says_that_a_lock_is_missing(self, pretend: Pretend) -> None:
        (pretend.root / "requirements" / "demo.txt").unlink()

        with pytest.raises(Problem, match="is missing: get a whole copy"):
            ensure_installed(pretend.checkout, "demo")
