"""./hat prove: runs in scratch databases, writes what was measured, and fails when a promise is not kept."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from hat_clinic.scenarios.proofs import register
from hat_clinic.scenarios.proofs.measures import Figure


class TestProvingTheRegister:
    def test_keeps_every_promise_a_few_times(
        self, own_database, template_database, settings, tmp_path: Path
    ) -> None:
        settings.IS_DEMO = True
        out, page = io.StringIO(), tmp_path / "register.md"

        call_command("prove", "register", few=True, to=page, template=template_database, stdout=out)

        told = out.getvalue().splitlines()
        assert [line.partition(":")[0] for line in told[:-1]] == ["kept"] * 8
        assert "7 caught (7)" in out.getvalue()
        assert page.read_text().count("\n| ") == 9
        assert "seed 1" in page.read_text()

    def test_fails_when_one_is_not_kept(self, own_database, template_database, settings, monkeypatch) -> None:
        settings.IS_DEMO = True
        broken = Figure("A promise", "by hand", "1", "broken", is_kept=False)
        monkeypatch.setattr(register, "prove", lambda **_: iter([broken]))
        out = io.StringIO()

        with pytest.raises(SystemExit, match="1"):
            call_command("prove", "register", few=True, template=template_database, stdout=out)

        assert "NOT KEPT: A promise: broken (1)" in out.getvalue()

    def test_runs_only_in_the_demo(self, settings) -> None:
        settings.IS_DEMO = False

        with pytest.raises(CommandError, match="Nothing was run"):
            call_command("prove", "register")
