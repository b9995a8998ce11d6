"""What may be corrected of a clinic, and who may approve it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hat_clinic.core.decisions import Decision
from outcomes.rules.clinic_corrections import (
    LONGEST_NAME,
    LONGEST_WHY,
    MOST_PLACES,
    ClinicHas,
    ClinicSaid,
    may_approve_correction,
    may_write_correction,
)

TODAY = date(2026, 11, 24)
NOBODY_YET = ClinicHas(first_start_on=None, slots=0)


def clinic(**said: Any) -> ClinicSaid:
    given: dict[str, Any] = {
        "name": "Invented Clinic",
        "opened_on": date(2026, 1, 5),
        "places": 20,
        "sessions_per_day": 2,
    }
    return ClinicSaid(**given | said)


STANDS = clinic(places=15)


def codes(said: ClinicSaid, *, why: str = "The contract says so", has: ClinicHas = NOBODY_YET) -> list[str]:
    return may_write_correction(said, why=why, stands=STANDS, has=has, today=TODAY).refusal_codes


class TestACorrection:
    @pytest.mark.parametrize(
        ("said", "expected"),
        [
            (clinic(), []),
            (clinic(places=15), ["clinic_same"]),
            (clinic(name=""), ["no_name"]),
            (clinic(name="x" * LONGEST_NAME), []),
            (clinic(name="x" * (LONGEST_NAME + 1)), ["long_name"]),
            (clinic(name="@x"), ["bad_name"]),
            (clinic(opened_on=TODAY), []),
            (clinic(opened_on=date(2026, 11, 25)), ["clinic_opens_ahead"]),
            (clinic(places=0), ["clinic_places"]),
            (clinic(places=1), []),
            (clinic(places=MOST_PLACES), []),
            (clinic(places=MOST_PLACES + 1), ["clinic_places"]),
            (clinic(sessions_per_day=0), ["clinic_sessions"]),
            (clinic(sessions_per_day=1), []),
            (clinic(sessions_per_day=3), []),
            (clinic(sessions_per_day=4), ["clinic_sessions"]),
        ],
    )
    def test_is_written_or_refused_with_every_reason(self, said: ClinicSaid, expected: list[str]) -> None:
        assert codes(said) == expected

    @pytest.mark.parametrize(
        ("why", "expected"),
        [
            ("", ["no_why"]),
            ("x" * LONGEST_WHY, []),
            ("x" * (LONGEST_WHY + 1), ["long_why"]),
            ("+x", ["bad_why"]),
        ],
    )
    def test_says_why(self, why: str, expected: list[str]) -> None:
        assert codes(clinic(), why=why) == expected

    @pytest.mark.parametrize(("first", "expected"), [(5, []), (4, ["clinic_opens_late"])])
    def test_opens_no_clinic_after_somebody_started(self, first: int, expected: list[str]) -> None:
        has = ClinicHas(first_start_on=date(2026, 1, first), slots=0)

        assert codes(clinic(), has=has) == expected

    @pytest.mark.parametrize(
        ("sessions", "expected"), [(2, []), (1, ["clinic_slots"]), (3, ["clinic_slots"])]
    )
    def test_keeps_to_the_sessions_that_have_clock_times(self, sessions: int, expected: list[str]) -> None:
        has = ClinicHas(first_start_on=None, slots=2)

        assert codes(clinic(sessions_per_day=sessions), has=has) == expected


class TestAnApproval:
    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({}, []),
            ({"is_own": True}, ["clinic_own"]),
            ({"is_confirmed": False}, ["clinic_unconfirmed"]),
            ({"is_outdated": True}, ["clinic_outdated"]),
            ({"is_approved": True, "is_outdated": True}, ["clinic_approved"]),
        ],
    )
    def test_is_of_another_persons_correction_of_what_stands(
        self, changes: dict[str, bool], expected: list[str]
    ) -> None:
        given = {"is_own": False, "is_approved": False, "is_outdated": False, "is_confirmed": True} | changes

        assert may_approve_correction(**given, still=Decision()).refusal_codes == expected

    @pytest.mark.parametrize(
        ("is_outdated", "expected"), [(False, "clinic_opens_late"), (True, "clinic_outdated")]
    )
    def test_hears_what_speaks_against_it_by_now(self, is_outdated: bool, expected: str) -> None:
        still = may_write_correction(
            clinic(),
            why="So it is",
            stands=STANDS,
            has=ClinicHas(first_start_on=date(2026, 1, 4), slots=0),
            today=TODAY,
        )

        decision = may_approve_correction(
            is_own=False, is_approved=False, is_outdated=is_outdated, is_confirmed=True, still=still
        )

        assert decision.refusal_codes == [expected]
