"""Invitations: made, withdrawn, and accepted by somebody new, somebody known, somebody back, and nobody else."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator

from hat_clinic.accounts.actions import (
    InvitationRefused,
    InviteRefused,
    NoSuchInvitation,
    UserRefused,
    accept_invitation,
    close_account,
    grant_role,
    withdraw_invitation,
)
from hat_clinic.accounts.models import Invitation, Membership, User
from hat_clinic.accounts.queries import list_clinics_of, roles_of
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.factories import AgencyFactory
from tests.factories.invitations import accept
from tests.factories.sign_in import PASSWORD

pytestmark = pytest.mark.django_db


class TestInvitePerson:
    def test_keeps_a_hash_of_the_token_and_the_token_nowhere(self, invite) -> None:
        invited = invite("Noor@Clinic.example", Role.NURSE, Role.CD_LEAD)

        kept = Invitation.objects.get()
        assert kept.token_sha256 == hashlib.sha256(invited.token.encode()).hexdigest()
        assert invited.token not in str(Invitation.objects.values().get())
        assert (kept.email, kept.roles) == ("noor@clinic.example", ["nurse", "cd_lead"])
        event = AuditEvent.objects.get(event="accounts.person_invited")
        assert invited.token not in str(event.detail)

    def test_is_good_for_7_days_or_until_the_roles_would_end(self, invite) -> None:
        at = now()
        week = invite(at=at).invitation
        until = at + timedelta(days=2)
        shorter = invite("i@police.example", Role.INSPECTOR, roles_end_at=until, at=at).invitation

        assert week.expires_at == at + timedelta(days=7)
        assert shorter.expires_at == until

    def test_is_refused_while_another_waits(self, invite) -> None:
        invite()

        with pytest.raises(InviteRefused, match="waiting already"):
            invite(" NOOR@clinic.example")

        assert Invitation.objects.count() == 1

    def test_takes_the_place_of_one_that_expired(self, invite) -> None:
        old = invite(at=now() - timedelta(days=8)).invitation

        new = invite().invitation

        old.refresh_from_db()
        assert old.withdrawn_at is not None
        assert new.withdrawn_at is None

    def test_is_refused_for_a_role_that_is_held(self, invite, nurse) -> None:
        with pytest.raises(InviteRefused, match="already has that role"):
            invite(nurse.email)

    def test_is_refused_for_a_program(self, invite) -> None:
        User.objects.create(email="demo@program.invalid", full_name="demo", is_service=True)

        with pytest.raises(InviteRefused, match="Nobody can sign in"):
            invite("demo@program.invalid")


class TestWithdrawInvitation:
    def test_makes_the_link_useless(self, clinic, manager, invite) -> None:
        invited = invite()

        withdraw_invitation(clinic=clinic, invitation_id=invited.invitation.pk, by=manager, at=now())

        with pytest.raises(InvitationRefused, match="taken this invitation back"):
            accept(invited)
        assert not User.objects.filter(email="noor@clinic.example").exists()

    def test_of_another_clinic_is_not_there(self, make_clinic, manager, invite) -> None:
        invited = invite()

        with pytest.raises(NoSuchInvitation):
            withdraw_invitation(
                clinic=make_clinic("OTHER"), invitation_id=invited.invitation.pk, by=manager, at=now()
            )

    def test_is_too_late_after_it_was_accepted(self, clinic, manager, invite) -> None:
        invited = invite()
        accept(invited)

        with pytest.raises(InvitationRefused, match="no longer waiting"):
            withdraw_invitation(clinic=clinic, invitation_id=invited.invitation.pk, by=manager, at=now())


class TestAcceptInvitation:
    def test_makes_the_person_with_their_roles(self, clinic, manager, invite) -> None:
        user = accept(invite("noor@clinic.example", Role.NURSE, Role.CD_LEAD))

        assert (user.email, user.full_name) == ("noor@clinic.example", "Noor Malik")
        assert user.check_password(PASSWORD)
        assert roles_of(user=user, clinic=clinic, at=now()) == {Role.NURSE, Role.CD_LEAD}
        assert {row.granted_by for row in Membership.objects.filter(user=user)} == {manager}
        assert AuditEvent.objects.get(event="accounts.invitation_accepted").actor == user

    def test_gives_a_referrer_their_agency_and_an_inspector_their_end(self, invite) -> None:
        agency, at = AgencyFactory(), now()
        until = at + timedelta(days=20)

        referrer = accept(invite("a@police.example", Role.REFERRER, agency=agency))
        inspector = accept(invite("b@police.example", Role.INSPECTOR, roles_end_at=until))

        assert list_clinics_of(user=referrer, at=now())[0].agency_id == agency.pk
        assert Membership.objects.get(user=inspector).ends_at == until

    def test_works_until_just_before_it_expires(self, invite) -> None:
        first, second = invite("a@clinic.example"), invite("b@clinic.example")
        moment = timedelta(microseconds=1)

        accept(first, at=first.invitation.expires_at - moment)

        with pytest.raises(InvitationRefused, match="that time is over"):
            accept(second, at=second.invitation.expires_at)

    def test_works_once(self, invite) -> None:
        invited = invite()
        accept(invited)

        with pytest.raises(InvitationRefused, match="does not work"):
            accept(invited)

        assert Membership.objects.filter(user__email="noor@clinic.example").count() == 1

    def test_refuses_a_weak_password_and_stays_good(self, invite) -> None:
        invited = invite()

        with pytest.raises(UserRefused):
            accept_invitation(invitation_id=invited.invitation.pk, password="short", by=None, at=now())

        assert accept(invited).has_usable_password()

    def test_gives_an_open_account_its_roles_only_when_it_signs_in_itself(
        self, clinic, make_clinic, make_member, nurse, invite
    ) -> None:
        known = make_member(make_clinic("OTHER"), Role.NURSE)
        invited = invite(known.email, Role.DOCTOR)
        for by in (None, nurse):
            with pytest.raises(InvitationRefused, match="Sign in with it"):
                accept(invited, by=by)

        accept(invited, by=known)

        assert roles_of(user=known, clinic=clinic, at=now()) == {Role.DOCTOR}
        known.refresh_from_db()
        assert known.check_password(PASSWORD)

    def test_gives_what_is_not_held_by_then(self, clinic, manager, nurse, invite) -> None:
        invited = invite(nurse.email, Role.DOCTOR, Role.CD_LEAD)
        grant_role(user=nurse, clinic=clinic, role=Role.DOCTOR, by=manager, at=now())

        accept(invited, by=nurse)

        held = Membership.objects.filter(user=nurse, clinic=clinic).values_list("role", flat=True)
        assert Counter(held) == {"nurse": 1, "doctor": 1, "cd_lead": 1}

    def test_opens_a_closed_account_again_with_a_new_password_and_the_old_second_factor(
        self, clinic, manager, nurse, invite
    ) -> None:
        close_account(user=nurse, clinic=clinic, by=manager, at=now())
        invited = invite(nurse.email)

        accept_invitation(
            invitation_id=invited.invitation.pk, password="another-horse-another-staple", by=None, at=now()
        )

        nurse.refresh_from_db()
        assert nurse.is_active
        assert nurse.check_password("another-horse-another-staple")
        assert Authenticator.objects.filter(user=nurse).count() == 1
        assert AuditEvent.objects.filter(event="accounts.account_reopened").count() == 1

    def test_is_refused_to_somebody_else_who_is_signed_in(self, nurse, invite) -> None:
        with pytest.raises(InvitationRefused, match="for somebody else"):
            accept(invite(), by=nurse)
