"""The checkout's secrets: made once, never replaced silently."""

import base64
import json
import stat
from pathlib import Path

import pytest

from launcher.keys import load_keys
from launcher.problems import Problem
from launcher.processes import Run
from launcher.servers import django_environment, start_servers

from .conftest import Pretend


class TestKeys:
    def test_stay_the_same_and_are_for_their_owner_only(self, pretend: Pretend) -> None:
        first = load_keys(pretend.checkout)

        again = load_keys(pretend.checkout)

        path = pretend.checkout.state / "secrets.json"
        assert first == again
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert len(base64.b64decode(first.field_key)) == 32
        assert len(base64.b64decode(first.checkpoint_key)) == 32

    def test_of_a_folder_from_before_checkpoints_are_kept_and_one_is_added(self, pretend: Pretend) -> None:
        first = load_keys(pretend.checkout)
        path = pretend.checkout.state / "secrets.json"
        older = json.loads(path.read_text())
        del older["checkpoint_key"]
        path.write_text(json.dumps(older))

        again = load_keys(pretend.checkout)

        assert json.loads(path.read_text()) == {**older, "checkpoint_key": again.checkpoint_key}
        assert (again.field_key, again.secret_key) == (first.field_key, first.secret_key)
        assert load_keys(pretend.checkout) == again

    @pytest.mark.parametrize(
        "damage",
        [
            lambda text: text[: len(text) // 2],
            lambda text: "[]",
            lambda text: json.dumps({**json.loads(text), "field_key": "A" * 44}),
            lambda text: json.dumps({**json.loads(text), "checkpoint_key": "A" * 44}),
            lambda text: json.dumps({**json.loads(text), "secret_key": "short"}),
            lambda text: json.dumps({**json.loads(text), "more": "than there should be"}),
        ],
    )
    def test_are_refused_when_damaged(self, pretend: Pretend, damage) -> None:
        load_keys(pretend.checkout)
        path = pretend.checkout.state / "secrets.json"
        path.write_text(damage(path.read_text()))
        damaged = path.read_text()

        with pytest.raises(Problem, match=r"secrets.json is damaged: put the file back.* ./hat reset"):
            load_keys(pretend.checkout)

        assert path.read_text() == damaged

    def test_are_not_made_anew_beside_data_that_need_the_old_ones(self, pretend: Pretend) -> None:
        (pretend.checkout.state / "pg18").mkdir()

        with pytest.raises(Problem, match="is gone"):
            load_keys(pretend.checkout)


class TestDjangoEnvironment:
    def test_is_that_of_the_demo(self, pretend: Pretend, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("SECRET_KEY", "FIELD_KEY", "PIN_PEPPER"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HAT_CALLED_FROM", "/somewhere")
        keys = load_keys(pretend.checkout)

        environment = django_environment(pretend.checkout, keys, {"DATABASE_URL": "postgres://x"})

        assert environment["SECRET_KEY"] == keys.secret_key
        assert environment["FIELD_KEY"] == keys.field_key
        assert environment["PIN_PEPPER"] == keys.pin_pepper
        assert environment["DATABASE_URL"] == "postgres://x"
        assert environment["HAT_DEMO"] == "1"
        assert environment["PATH"].split(":")[0] == str(pretend.checkout.venv / "bin")
        assert "HAT_CALLED_FROM" not in environment

    def test_has_no_demo_where_production_is_judged(
        self, pretend: Pretend, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HAT_DEMO", "1")

        environment = django_environment(pretend.checkout, load_keys(pretend.checkout), {}, demo=False)

        assert "HAT_DEMO" not in environment


class TestServers:
    def test_are_those_the_environment_names(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        named = {
            "DATABASE_URL": "postgres://hat_app@db/hat",
            "DATABASE_OWNER_URL": "postgres://hat_owner@db/hat",
            "REDIS_URL": "redis://broker:6379/0",
        }
        for name, value in named.items():
            monkeypatch.setenv(name, value)

        servers = start_servers(run, load_keys(run.checkout))

        assert servers.urls == named
        assert servers.started == []

    def test_are_refused_when_only_one_role_is_named(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABASE_URL", "postgres://hat_app@db/hat")

        with pytest.raises(Problem, match="Set both DATABASE_URL"):
            start_servers(run, load_keys(run.checkout))


class TestState:
    def test_is_refused_where_the_folder_belongs_to_a_file(self, tmp_path: Path) -> None:
        from launcher.checkout import Checkout

        (tmp_path / ".hat").touch()

        with pytest.raises(Problem, match="cannot be written to"):
            Checkout(tmp_path).prepare()
