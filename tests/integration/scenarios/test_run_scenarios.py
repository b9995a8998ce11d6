"""The command that runs a folder of scenarios, and that it can fail."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections

from dosing.models import Injection, Order
from dosing.queries.history import get_dose_history
from hat_clinic.accounts.actions import get_program
from hat_clinic.core.clock import now
from hat_clinic.scenarios.facts import lay
from hat_clinic.scenarios.reading import moment, read_folder
from hat_clinic.scenarios.scratch import own_copy
from hat_clinic.scenarios.world import World

FOLDER = Path(__file__).resolve().parents[2] / "scenarios"


@pytest.fixture
def run(own_database: str, template_database: str, settings) -> Callable[..., tuple[str, int]]:
    """Return a function that runs a folder in copies of the tests' own template."""
    settings.IS_DEMO = True

    def run_folder(folder: Path, *only: str) -> tuple[str, int]:
        out = io.StringIO()
        try:
            call_command("scenarios", str(folder), only=list(only), template=template_database, stdout=out)
        except SystemExit as stopped:
            return out.getvalue(), int(str(stopped.code))
        return out.getvalue(), 0

    return run_folder


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[str, str], Path]:
    """Return a function that copies our own scenarios of signing with one text changed."""

    def change(before: str, after: str) -> Path:
        text = (FOLDER / "signing.yaml").read_text()
        assert before in text
        (tmp_path / "signing.yaml").write_text(text.replace(before, after))
        return tmp_path

    return change


class TestScenarios:
    def test_all_of_our_own_pass(self, run) -> None:
        printed, code = run(FOLDER)

        assert printed.splitlines()[-1] == "22 passed, 0 failed"
        assert code == 0

    def test_leaves_the_database_it_was_called_in_alone(self, run, own_database) -> None:
        run(FOLDER, "SIGN-STEP-SAFE")

        assert connections["default"].settings_dict["NAME"] == own_database
        assert not Order.objects.exists()

    def test_a_decision_expected_wrongly_is_a_failure(self, run, changed) -> None:
        folder = changed(
            "decision: block, reply: refused, finding: over 120 mg", "decision: allow, reply: saved"
        )

        printed, code = run(folder, "SIGN-STEP")

        assert "FAILED  SIGN-STEP" in printed
        assert "decision: expected allow, was block" in printed
        assert "reply: expected saved, was refused" in printed
        assert printed.splitlines()[-1] == "0 passed, 1 failed"
        assert code == 1

    def test_a_row_expected_wrongly_is_a_failure(self, run, changed) -> None:
        printed, code = run(changed("orders: 1, overrides: 0", "orders: 2, overrides: 0"), "SIGN-STEP-SAFE")

        assert "orders: expected 2 more, were 1" in printed
        assert code == 1

    def test_a_row_that_was_stored_where_none_was_expected_is_a_failure(self, run, changed) -> None:
        printed, _ = run(changed("after: {orders: 1, overrides: 0}", "after: unchanged"), "SIGN-STEP-SAFE")

        assert "expected no row added or altered, but dosing_order, dosing_orderperiod" in printed

    def test_an_unsafe_act_made_safe_is_a_failure(self, run, changed) -> None:
        """The facts and not the id decide: one milligram less, and the block that was expected does not come."""
        printed, code = run(changed("dose_mg: 121", "dose_mg: 120"), "SIGN-STEP")

        assert "decision: expected block, was allow" in printed
        assert code == 1

    def test_another_reason_than_expected_is_told(self, run, changed) -> None:
        printed, code = run(changed("finding: over 120 mg", "finding: no licence"), "SIGN-STEP")

        assert 'look at the reason: expected "no licence"' in printed
        assert code == 0

    @pytest.mark.parametrize(
        ("before", "after", "missing"),
        [
            ("- consent: {id: C1", "- horoscope: {id: C1", "not built: the fact horoscope"),
            ("    edit_signed_order: {by: osei", "    dance: {by: osei", "not built: the act dance"),
            ("sign_order: {by: osei", "sign_order: {mood: good, by: osei", "not built: sign_order with mood"),
            ("orders: 1, overrides: 0", "dances: 1", "not built: counting dances"),
            ("set: {}}", "set: {dances: 3}}", "not built: a limit called dances"),
            ("model: A", "model: C", "not built: premises of another model"),
            ("where: cabinet", "where: attic", "not built: stock that is in attic"),
        ],
    )
    def test_what_the_program_does_not_have_is_a_failure(self, run, changed, before, after, missing) -> None:
        ids = ("SIGN-CHANGED",) if "dance:" in after else ("SIGN-STEP-SAFE",)

        printed, code = run(changed(before, after), *ids)

        assert missing in printed
        assert printed.splitlines()[-1] == "0 passed, 1 failed"
        assert code == 1

    def test_a_scenario_that_cannot_be_run_does_not_hide_the_others(self, run, changed) -> None:
        printed, _ = run(
            changed("set: {dose_mg: 90}", "set: {dose_mg: 90}, at: nonsense"), "SIGN-WHO", "SIGN-CHANGED"
        )

        assert "passed  SIGN-WHO" in printed
        assert "could not be run: ValueError" in printed

    def test_runs_in_a_demo_alone(self, run, settings) -> None:
        settings.IS_DEMO = False

        with pytest.raises(CommandError, match="Nothing was run"):
            run(FOLDER)

    def test_a_folder_without_scenarios_is_refused(self, run, tmp_path) -> None:
        with pytest.raises(CommandError, match="No scenario is in"):
            run(tmp_path)

    def test_a_file_that_is_no_scenario_is_refused(self, run, tmp_path) -> None:
        (tmp_path / "a.yaml").write_text("a: b")

        with pytest.raises(CommandError, match="not a list of scenarios"):
            run(tmp_path)


class TestGivenDose:
    """Weeks of doses as rows: whole for the database, and real for whoever reads them."""

    @pytest.fixture
    def world(self, own_database: str, template_database: str) -> Iterator[World]:
        scenario = next(one for one in read_folder(FOLDER) if one.id == "SIGN-STEP")
        with own_copy(template_database) as clock:
            begins_at = datetime(2026, 1, 1, tzinfo=UTC)
            clock.put(begins_at)
            world = World(clock=clock, by=get_program(name="scenarios", at=begins_at), begins_at=begins_at)
            lay(world, scenario.setup, act_at=moment("2026-05-05 11:00"))
            yield world

    def test_is_read_as_given_and_tolerated(self, world) -> None:
        history = get_dose_history(episode=world.episode("wren"), at=now())

        assert len(history.doses) == 14
        assert {(dose.mg, dose.is_tolerated, dose.route) for dose in history.doses} == {(80, True, "iv")}
        assert history.missed == ()

    def test_rests_on_an_order_in_force(self, world) -> None:
        for injection in Injection.objects.select_related("order__period"):
            assert injection.started_at in injection.order.period.during

    def test_leaves_the_stock_that_the_scenario_states(self, world) -> None:
        batch = world.batches["A1"]
        batch.refresh_from_db()

        assert batch.ampoules == 50
        assert batch.line.head.balance == 50
