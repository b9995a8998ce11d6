"""When a licence may be recorded or revoked, and what it is worth."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dosing.rules.licences import (
    LicenceFacts,
    LicenceState,
    may_record_licence,
    may_revoke_licence,
    state_of,
)

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
DAY = timedelta(days=1)
FACTS = LicenceFacts(doctor_is_doctor=True, starts_at=AT, ends_at=AT + MOMENT, is_recorded=False)


class TestRecording:
    def test_is_allowed_for_a_doctor_once_even_for_the_shortest_time(self) -> None:
        assert list(may_record_licence(FACTS)) == []

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"doctor_is_doctor": False}, "not_a_doctor"),
            ({"ends_at": AT}, "ends_before_it_starts"),
            ({"is_recorded": True}, "recorded_already"),
        ],
    )
    def test_is_refused_with_its_reason(self, change, code) -> None:
        decision = may_record_licence(replace(FACTS, **change))

        assert [finding.code for finding in decision.refusals] == [code]


class TestRevoking:
    def test_is_allowed_once_with_a_reason(self) -> None:
        assert may_revoke_licence(is_revoked=False, reason="Withdrawn.").is_allowed

    def test_is_refused_twice_and_without_a_reason(self) -> None:
        decision = may_revoke_licence(is_revoked=True, reason=" ")

        assert [finding.code for finding in decision.refusals] == ["revoked_already", "reason"]


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "is_revoked", "state"),
    [
        (AT, AT + 91 * DAY, True, LicenceState.REVOKED),
        (AT + MOMENT, AT + 91 * DAY, False, LicenceState.NOT_YET),
        (AT, AT + 90 * DAY + MOMENT, False, LicenceState.IN_FORCE),
        (AT, AT + 90 * DAY, False, LicenceState.ENDS_SOON),
        (AT - DAY, AT + MOMENT, False, LicenceState.ENDS_SOON),
        (AT - DAY, AT, False, LicenceState.ENDED),
    ],
)
def test_the_state_of_a_licence(starts_at, ends_at, is_revoked, state) -> None:
    assert state_of(starts_at=starts_at, ends_at=ends_at, is_revoked=is_revoked, at=AT) is state
