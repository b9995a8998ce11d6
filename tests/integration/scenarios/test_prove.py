"""./hat prove: runs in scratch databases, writes what was measured, and fails when a promise is not kept."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import redis
from django.core.management import call_command
from django.core.management.base import CommandError

from hat_clinic.scenarios.proofs import exactly_once, register, reports
from hat_clinic.scenarios.proofs.measures import Figure
from hat_clinic.scenarios.proofs.whole_numbers import list_pinned
from hat_clinic.scenarios.proofs.workers import BrokerInUse, a_broker
from outcomes.rules.evaluation.bounds import Bounds


class TestProvingExactlyOnce:
    @pytest.mark.race
    @pytest.mark.timeout(600)  # eight scratch databases, and processes that are killed
    def test_keeps_every_promise_a_few_times_and_sees_each_broken(
        self, own_database, template_database, settings, tmp_path: Path
    ) -> None:
        settings.IS_DEMO = True
        out, page = io.StringIO(), tmp_path / "exactly-once.md"

        call_command("prove", "exactly-once", few=True, to=page, template=template_database, stdout=out)

        told = out.getvalue().splitlines()
        assert [line.partition(":")[0] for line in told[:-1]] == ["kept"] * 8
        assert "0 doubles, 0 without a dose" in told[0]
        assert "1 stored 1, 0 otherwise" in told[2]
        assert "3 shown on the next screen with nothing half stored" in told[5]
        assert page.read_text().count("Positive control of those") == 4

    @pytest.mark.parametrize(
        ("failures", "tried", "words"),
        [
            (0, 1000, "rate under 0.3 %"),
            (0, 400, "rate under 0.75 %"),
            (0, 2, "rate under 100 %"),
            (1, 7, "1 of 7"),
        ],
    )
    def test_says_what_no_failure_is_worth(self, failures: int, tried: int, words: str) -> None:
        assert exactly_once.in_figures(failures, tried) == words


class TestProvingDisclosure:
    def test_keeps_every_promise_a_few_times(
        self, own_database, template_database, settings, tmp_path: Path
    ) -> None:
        settings.IS_DEMO = True
        out, page = io.StringIO(), tmp_path / "disclosure.md"

        call_command("prove", "disclosure", few=True, to=page, template=template_database, stdout=out)

        told = out.getvalue().splitlines()
        assert [line.partition(":")[0] for line in told[:-1]] == ["kept"] * 10
        assert told[0].startswith("kept: Pairs of quarters that tell a number of 1 to 7: 0 (")
        assert "a small count shown: 4 found" in out.getvalue()
        assert page.read_text().count("Positive control") == 6

    def test_sees_what_the_solver_pins(self) -> None:
        bounds = Bounds()
        bounds.know("total", 13, 17)
        bounds.believe("blank", 1, 7)
        bounds.know("shown", 8, 12)
        bounds.add("total", ["shown", "blank"])
        assert list_pinned(bounds, ["blank"]) == []

        bounds.know("shown", 12, 12)
        bounds.know("total", 13, 13)
        assert list_pinned(bounds, ["blank", "shown"]) == ["blank"]

    def test_sees_nothing_where_no_numbers_fit(self) -> None:
        bounds = Bounds()
        bounds.know("total", 30, 30)
        bounds.know("part", 1, 7)
        bounds.add("total", ["part"])

        assert list_pinned(bounds, ["part"]) == []


class TestProvingReports:
    @pytest.mark.race
    @pytest.mark.timeout(600)  # real workers that are killed, and their reports printed
    def test_keeps_every_promise_a_few_times_and_sees_it_broken(
        self, own_database, template_database, settings, tmp_path: Path
    ) -> None:
        settings.IS_DEMO = True
        out, page = io.StringIO(), tmp_path / "reports.md"

        call_command("prove", "reports", few=True, to=page, template=template_database, stdout=out)

        told = out.getvalue().splitlines()
        assert [line.partition(":")[0] for line in told[:-1]] == ["kept"] * 3
        assert f"{reports.FEW.kills} ended as exactly one issue with its 5 files" in told[0]
        assert f"{reports.FEW.kills} true each time, 0 otherwise" in told[1]
        assert f"{reports.FEW.controls} half sets of files seen" in told[2]


class TestABroker:
    def test_that_holds_something_is_left_as_it_is(self, worker_id: str) -> None:
        number = 1 + int(worker_id.removeprefix("gw") if worker_id != "master" else 0) % 14
        with a_broker(number) as broker, redis.Redis.from_url(broker.url) as server:
            server.set("theirs", "kept")

            with pytest.raises(BrokerInUse, match="is not empty"), a_broker(number):
                raise AssertionError("unreachable: it is refused")

            assert server.get("theirs") == b"kept"


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
