"""What may be recorded as a consent, from both sides of every edge."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from patients.rules.consent_wordings import STANDING, WORDINGS, current_wording, find_wording
from patients.rules.consents import (
    ConsentGiven,
    How,
    Purpose,
    WithdrawalReason,
    may_record_consent,
    treatment_consent_finding,
)

AT = datetime(2026, 11, 28, 10, tzinfo=UTC)
TICK = timedelta(microseconds=1)
WRITTEN = ConsentGiven(
    purpose=Purpose.TREATMENT,
    has_agency=False,
    how=How.IN_WRITING,
    has_witness=False,
    recorder_is_witness=False,
    wording_is_current=True,
    given_at=AT,
    last_withdrawn_at=None,
)
SPOKEN = replace(WRITTEN, how=How.SPOKEN, has_witness=True)
SHARING = replace(WRITTEN, purpose=Purpose.SHARING, has_agency=True)


def codes(given: ConsentGiven, **changes: Any) -> list[str]:
    return [finding.code for finding in may_record_consent(replace(given, **changes), at=AT)]


class TestAConsent:
    @pytest.mark.parametrize("given", [WRITTEN, SPOKEN, SHARING])
    def test_may_be_recorded(self, given: ConsentGiven) -> None:
        assert codes(given) == []

    @pytest.mark.parametrize(
        ("given", "changes", "code"),
        [
            (WRITTEN, {"has_agency": True}, "agency_not_asked"),
            (SHARING, {"has_agency": False}, "agency_missing"),
            (WRITTEN, {"has_witness": True}, "witness_not_asked"),
            (SPOKEN, {"has_witness": False}, "witness_missing"),
            (SPOKEN, {"recorder_is_witness": True}, "witness_is_recorder"),
            (WRITTEN, {"wording_is_current": False}, "wording_changed"),
            (WRITTEN, {"given_at": AT + TICK}, "given_in_future"),
            (WRITTEN, {"last_withdrawn_at": AT}, "given_before_withdrawal"),
        ],
    )
    def test_may_not_be_recorded(self, given: ConsentGiven, changes: dict[str, Any], code: str) -> None:
        assert codes(given, **changes) == [code]

    def test_may_be_recorded_once_it_was_said_after_a_withdrawal(self) -> None:
        assert codes(WRITTEN, last_withdrawn_at=AT - TICK) == []


class TestConsentToTreatment:
    def test_that_stands_bars_nothing(self) -> None:
        assert treatment_consent_finding(has_consent=True) is None

    def test_that_is_missing_bars_every_dose(self) -> None:
        finding = treatment_consent_finding(has_consent=False)

        assert finding is not None
        assert (finding.code, finding.word) == ("no_treatment_consent", "BLOCK")


class TestAWording:
    def test_is_there_for_every_purpose(self) -> None:
        assert {current_wording(purpose).purpose for purpose in Purpose} == set(Purpose)

    def test_is_found_again_by_its_version(self) -> None:
        for wording in WORDINGS:
            assert find_wording(wording.purpose, wording.version) is wording

    def test_that_never_was_is_not_found(self) -> None:
        assert find_wording(Purpose.TREATMENT, "1999-01") is None

    def test_says_what_follows_a_withdrawal(self) -> None:
        stops = [one.purpose for one in WORDINGS if "No dose is given" in one.after_withdrawal]

        assert stops == [Purpose.TREATMENT]

    def test_is_marked_as_a_draft(self) -> None:
        assert "to be approved" in STANDING


class TestTheWords:
    @pytest.mark.parametrize("one", [*Purpose, *How, *WithdrawalReason])
    def test_are_words_and_no_codes(self, one: Any) -> None:
        assert "_" not in one.label and one.label

    def test_name_an_agency_for_what_leaves_the_clinic_only(self) -> None:
        assert [purpose for purpose in Purpose if purpose.needs_agency] == [
            Purpose.SHARING,
            Purpose.DOSES,
            Purpose.POLICE,
        ]

    def test_of_sharing_promise_no_medicine_and_those_of_doses_say_which(self) -> None:
        assert "nothing of my medicine" in " ".join(current_wording(Purpose.SHARING).sentences)
        assert "doses of diamorphine" in " ".join(current_wording(Purpose.DOSES).sentences)
