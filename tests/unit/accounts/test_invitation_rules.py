"""What an invitation is worth at a moment, and who may be invited."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hat_clinic.accounts.rules import (
    INSPECTOR_LIMIT,
    InvitationState,
    Role,
    invitation_sentence,
    invitation_state,
    may_invite,
    signs_with_pin,
)
from hat_clinic.core.decisions import Decision

AT = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
A_MOMENT = timedelta(microseconds=1)


def state(**changes: datetime) -> InvitationState:
    facts: dict[str, datetime | None] = {
        "expires_at": AT + A_MOMENT,
        "accepted_at": None,
        "withdrawn_at": None,
    }
    return invitation_state(**(facts | changes), at=AT)  # type: ignore[arg-type]  # a test's own changes


def inviting(*roles: Role, **changes: object) -> list[str]:
    facts: dict[str, object] = {
        "roles": frozenset(roles),
        "held": frozenset(),
        "has_agency": False,
        "ends_at": None,
        "is_waiting": False,
        "is_program": False,
        "at": AT,
    }
    decision: Decision = may_invite(**(facts | changes))  # type: ignore[arg-type]  # a test's own changes
    return [finding.code for finding in decision]


class TestAnInvitation:
    def test_waits_until_just_before_it_expires(self) -> None:
        assert state() is InvitationState.WAITING
        assert state(expires_at=AT) is InvitationState.EXPIRED

    def test_that_was_accepted_stays_accepted(self) -> None:
        assert state(accepted_at=AT, expires_at=AT) is InvitationState.ACCEPTED

    def test_that_was_withdrawn_stays_withdrawn(self) -> None:
        assert state(withdrawn_at=AT, expires_at=AT) is InvitationState.WITHDRAWN

    def test_that_is_used_reads_like_one_that_never_was(self) -> None:
        assert invitation_sentence(InvitationState.ACCEPTED) == invitation_sentence(None)
        assert "does not work (any more)" in invitation_sentence(None)

    def test_that_is_over_says_so(self) -> None:
        assert "that time is over" in invitation_sentence(InvitationState.EXPIRED)
        assert "taken this invitation back" in invitation_sentence(InvitationState.WITHDRAWN)


class TestInviting:
    def test_for_a_role_or_several_is_allowed(self) -> None:
        assert inviting(Role.NURSE) == []
        assert inviting(Role.NURSE, Role.CD_LEAD) == []

    def test_for_no_role_is_refused(self) -> None:
        assert inviting() == ["no_role"]

    def test_twice_is_refused_while_the_first_waits(self) -> None:
        assert inviting(Role.NURSE, is_waiting=True) == ["invitation_waits"]

    def test_a_program_is_refused(self) -> None:
        assert inviting(Role.NURSE, is_program=True) == ["is_program"]

    def test_for_a_role_that_is_held_is_refused(self) -> None:
        assert inviting(Role.NURSE, held=frozenset({Role.DOCTOR})) == []
        assert inviting(Role.NURSE, held=frozenset({Role.NURSE})) == ["role_is_held"]

    def test_a_referrer_names_the_agency_whatever_else_they_are(self) -> None:
        assert inviting(Role.REFERRER, has_agency=True) == []
        assert inviting(Role.REFERRER, Role.NURSE, has_agency=True) == []
        assert inviting(Role.REFERRER, Role.NURSE) == ["referrer_without_agency"]

    def test_others_names_none_and_says_so_once(self) -> None:
        assert inviting(Role.NURSE, Role.DOCTOR, has_agency=True) == ["agency_without_referrer"]

    def test_an_inspector_has_an_end(self) -> None:
        assert inviting(Role.INSPECTOR, ends_at=AT + INSPECTOR_LIMIT) == []
        assert inviting(Role.INSPECTOR) == ["inspection_has_no_end"]


class TestSigningWithAPin:
    @pytest.mark.parametrize("role", [Role.NURSE, Role.CD_LEAD])
    def test_is_for_who_acts_in_the_treatment_room(self, role: Role) -> None:
        assert signs_with_pin(frozenset({role, Role.MANAGER}))

    def test_is_for_a_doctor_who_decides_at_the_hatch(self) -> None:
        assert signs_with_pin(frozenset({Role.DOCTOR}))

    @pytest.mark.parametrize("role", [Role.PRESCRIBER, Role.MANAGER, Role.REFERRER, Role.INSPECTOR])
    def test_is_not_for_the_others(self, role: Role) -> None:
        assert not signs_with_pin(frozenset({role}))
