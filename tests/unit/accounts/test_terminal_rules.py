from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hat_clinic.accounts.rules import (
    ALLOWED,
    AT_TERMINAL,
    FULL_SIGN_IN,
    Permission,
    Role,
    acts_at_terminal,
    is_touch_written,
    may_try_pin_here,
    must_lock,
)

AT = datetime(2026, 11, 24, 9, 42, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class TestMayTryPinHere:
    @pytest.mark.parametrize("failures", [0, 1, 9])
    def test_makes_nobody_wait_for_up_to_nine_wrong_tries(self, failures: int) -> None:
        assert may_try_pin_here(failures=failures, last_failed_at=AT, at=AT).is_allowed

    @pytest.mark.parametrize("failures", [10, 11, 500])
    def test_makes_wait_from_the_tenth_on_and_never_locks_out(self, failures: int) -> None:
        decision = may_try_pin_here(failures=failures, last_failed_at=AT, at=AT + 29 * SECOND)

        assert decision.refusals[0].code == "terminal_must_wait"
        assert f"{failures} wrong PINs in a row" in decision.refusals[0].message
        assert "Wait 1 second," in decision.refusals[0].message
        assert may_try_pin_here(failures=failures, last_failed_at=AT, at=AT + 30 * SECOND).is_allowed

    def test_says_how_many_seconds_are_left(self) -> None:
        decision = may_try_pin_here(failures=10, last_failed_at=AT, at=AT)

        assert "Wait 30 seconds," in decision.refusals[0].message

    def test_makes_nobody_wait_for_a_count_without_a_time(self) -> None:
        assert may_try_pin_here(failures=10, last_failed_at=None, at=AT).is_allowed


class TestTheLock:
    def test_falls_at_two_minutes(self) -> None:
        assert not must_lock(timedelta(minutes=2) - SECOND)
        assert must_lock(timedelta(minutes=2))

    def test_hears_of_a_touch_every_15_seconds(self) -> None:
        assert not is_touch_written(14 * SECOND)
        assert is_touch_written(15 * SECOND)


class TestFacesAtATerminal:
    @pytest.mark.parametrize("role", [Role.NURSE, Role.CD_LEAD])
    def test_are_of_those_who_act_or_witness(self, role: Role) -> None:
        assert acts_at_terminal(role)

    @pytest.mark.parametrize("role", [Role.CASE_WORKER, Role.COMMISSIONER, Role.INSPECTOR, Role.REFERRER])
    def test_are_of_nobody_else(self, role: Role) -> None:
        assert not acts_at_terminal(role)


class TestFullSignIn:
    def test_is_never_asked_for_what_is_done_at_a_terminal(self) -> None:
        assert not FULL_SIGN_IN & AT_TERMINAL

    def test_is_asked_of_everybody_who_signs_orders(self) -> None:
        signed = {permission for permission in ALLOWED[Role.DOCTOR] if permission.value.endswith("_order")}

        # Whoever may see the order may put it on paper: nothing is signed by that.
        assert signed - {Permission.PRINT_ORDER} <= FULL_SIGN_IN

    def test_is_asked_of_everybody_who_prints_a_prescription(self) -> None:
        assert Permission.PRINT_PRESCRIPTION in FULL_SIGN_IN

    def test_is_nothing_that_takes_people_out_of_the_clinic_or_tells_of_police(self) -> None:
        assert {
            Permission.EXPORT_NDTMS,
            Permission.RECORD_POLICE_AGREEMENT,
            Permission.IMPORT_POLICE_FILE,
            Permission.SEE_RECORDED_OFFENCES,
        } <= FULL_SIGN_IN
