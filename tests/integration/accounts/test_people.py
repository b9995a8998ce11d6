from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator

from hat_clinic.accounts.actions import (
    AgencyRefused,
    PinRefused,
    RoleRefused,
    UserRefused,
    add_agency,
    create_user,
    end_role,
    enrol_totp,
    forgive_wrong_pins,
    grant_role,
    prove_pin,
    set_pin,
)
from hat_clinic.accounts.models import Agency, Membership, SigningPin, User
from hat_clinic.accounts.queries import get_staff, has_second_factor, list_clinics_of, roles_of
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.factories import AgencyFactory
from tests.factories.treatment import a_terminal

pytestmark = pytest.mark.django_db
GOOD = "correct-horse-battery-staple"


def a_user(email: str = "a@clinic.example", password: str | None = GOOD) -> User:
    return create_user(email=email, full_name="Ada Example", password=password, by=None, at=now())


class TestCreateUser:
    def test_keeps_the_address_in_lower_case(self) -> None:
        assert a_user(" A@Clinic.Example ").email == "a@clinic.example"

    def test_refuses_an_address_that_is_taken(self) -> None:
        a_user()

        with pytest.raises(UserRefused, match="already signs in"):
            a_user("A@CLINIC.example")

        assert User.objects.count() == 1

    @pytest.mark.parametrize("password", ["short", "password1234", "ada example1"])
    def test_refuses_a_weak_password(self, password) -> None:
        with pytest.raises(UserRefused):
            a_user(password=password)

        assert not User.objects.exists()
        assert not AuditEvent.objects.exists()

    def test_gives_a_program_no_password(self) -> None:
        assert not a_user(password=None).has_usable_password()


class TestRoles:
    def test_stand_from_their_start_until_before_their_end(self, clinic, manager) -> None:
        user, at = a_user(), now()
        grant_role(user=user, clinic=clinic, role=Role.NURSE, by=manager, at=at)
        end_role(user=user, clinic=clinic, role=Role.NURSE, by=manager, at=at + timedelta(hours=1))

        moments = [timedelta(microseconds=-1), timedelta(0), timedelta(minutes=59), timedelta(hours=1)]
        standing = [bool(roles_of(user=user, clinic=clinic, at=at + moment)) for moment in moments]

        assert standing == [False, True, True, False]

    def test_add_up_and_have_words(self, clinic, manager) -> None:
        user = a_user()
        grant_role(user=user, clinic=clinic, role=Role.MANAGER, by=manager, at=now())
        grant_role(user=user, clinic=clinic, role=Role.NURSE, by=manager, at=now())

        staff = get_staff(user=user, clinic_code=clinic.code, at=now())

        assert staff is not None
        assert staff.roles == {Role.NURSE, Role.MANAGER}
        assert staff.role_label == "nurse, manager"

    def test_are_refused_twice(self, clinic, nurse, manager) -> None:
        with pytest.raises(RoleRefused, match="already has"):
            grant_role(user=nurse, clinic=clinic, role=Role.NURSE, by=manager, at=now())

        assert Membership.objects.filter(user=nurse).count() == 1

    def test_of_a_referrer_stand_for_an_agency(self, clinic, manager) -> None:
        user, agency = a_user(), AgencyFactory()
        with pytest.raises(RoleRefused, match="Choose the agency"):
            grant_role(user=user, clinic=clinic, role=Role.REFERRER, by=manager, at=now())

        grant_role(user=user, clinic=clinic, role=Role.REFERRER, agency=agency, by=manager, at=now())

        staff = get_staff(user=user, clinic_code=clinic.code, at=now())
        assert staff is not None
        assert staff.agency_id == agency.pk
        assert [here.agency_id for here in list_clinics_of(user=user, at=now())] == [agency.pk]

    def test_of_everybody_else_stand_for_none(self, clinic, nurse) -> None:
        staff = get_staff(user=nurse, clinic_code=clinic.code, at=now())

        assert staff is not None
        assert staff.agency_id is None

    def test_of_an_inspector_end_by_themselves(self, clinic, manager) -> None:
        user, at = a_user(), now()
        with pytest.raises(RoleRefused, match="needs a last day"):
            grant_role(user=user, clinic=clinic, role=Role.INSPECTOR, by=manager, at=at)

        grant_role(
            user=user,
            clinic=clinic,
            role=Role.INSPECTOR,
            ends_at=at + timedelta(days=1),
            by=manager,
            at=at,
        )

        assert roles_of(user=user, clinic=clinic, at=at + timedelta(hours=23)) == {Role.INSPECTOR}
        assert roles_of(user=user, clinic=clinic, at=at + timedelta(days=1)) == set()

    def test_that_do_not_stand_cannot_be_ended(self, clinic, nurse, manager) -> None:
        with pytest.raises(RoleRefused, match="does not have"):
            end_role(user=nurse, clinic=clinic, role=Role.DOCTOR, by=manager, at=now())

    def test_can_be_had_again(self, clinic, nurse, manager) -> None:
        end_role(user=nurse, clinic=clinic, role=Role.NURSE, by=manager, at=now())
        grant_role(user=nurse, clinic=clinic, role=Role.NURSE, by=manager, at=now())

        assert roles_of(user=nurse, clinic=clinic, at=now()) == {Role.NURSE}

    def test_of_a_stranger_are_none(self, nurse, make_clinic) -> None:
        elsewhere = make_clinic("OTHER")

        assert get_staff(user=nurse, clinic_code=elsewhere.code, at=now()) is None
        assert get_staff(user=nurse, clinic_code="NOWHERE", at=now()) is None

    def test_in_several_clinics_are_listed_by_the_clinics_names(self, nurse, make_clinic, manager) -> None:
        first = make_clinic("ZZ", "A clinic")
        grant_role(user=nurse, clinic=first, role=Role.DOCTOR, by=manager, at=now())

        found = [(staff.clinic.code, staff.roles) for staff in list_clinics_of(user=nurse, at=now())]

        assert found == [("ZZ", {Role.DOCTOR}), ("CLINIC1", {Role.NURSE})]

    def test_are_written_down(self, clinic, nurse, manager) -> None:
        end_role(user=nurse, clinic=clinic, role=Role.NURSE, by=manager, at=now())

        event = AuditEvent.objects.get(event="accounts.role_ended")
        assert (event.actor, event.object_id, event.clinic) == (manager, str(nurse.pk), clinic.pk)
        assert event.detail == {"role": "nurse"}


class TestAddAgency:
    def test_stores_it_with_its_kind(self, clinic, manager) -> None:
        agency = add_agency(
            name="Harbour Police", kind=Agency.Kind.POLICE, clinic=clinic, by=manager, at=now()
        )

        assert (agency.name, agency.kind) == ("Harbour Police", "police")
        assert AuditEvent.objects.get(event="accounts.agency_added").object_id == str(agency.pk)

    def test_refuses_a_name_that_is_taken(self, clinic, manager) -> None:
        known = AgencyFactory()

        with pytest.raises(AgencyRefused, match="known already"):
            add_agency(name=known.name, kind=Agency.Kind.OTHER, clinic=clinic, by=manager, at=now())

        assert Agency.objects.count() == 1


class TestEnrolTotp:
    def test_seals_the_given_secret(self) -> None:
        user = a_user()

        secret = enrol_totp(user=user, secret="JBSWY3DPEHPK3PXP", by=user, at=now())

        assert secret == "JBSWY3DPEHPK3PXP"
        assert secret not in Authenticator.objects.get(user=user).data["secret"]
        assert has_second_factor(user=user)

    def test_takes_the_place_of_the_one_before(self, nurse) -> None:
        before = Authenticator.objects.get(user=nurse).pk

        enrol_totp(user=nurse, secret=None, by=nurse, at=now())

        assert Authenticator.objects.get(user=nurse).pk != before

    def test_recovery_codes_alone_are_no_second_factor(self) -> None:
        user = a_user()
        Authenticator.objects.create(user=user, type="recovery_codes", data={})

        assert not has_second_factor(user=user)


class TestForgiveWrongPins:
    def test_turns_the_pin_on_again(self, nurse, clinic) -> None:
        here, _ = a_terminal(clinic, by=nurse)
        set_pin(user=nurse, pin="481592", by=nurse, at=now())
        SigningPin.objects.update(failures=10, last_failed_at=now())
        with pytest.raises(PinRefused):
            prove_pin(user=nurse, pin="481592", terminal_id=here.pk, at=now())

        forgive_wrong_pins(user=nurse, by=nurse, at=now())

        prove_pin(user=nurse, pin="481592", terminal_id=here.pk, at=now())
        assert AuditEvent.objects.filter(event="accounts.pin_tries_forgiven").count() == 1

    def test_writes_nothing_when_there_was_nothing(self, nurse) -> None:
        forgive_wrong_pins(user=nurse, by=nurse, at=now())

        assert not AuditEvent.objects.filter(event="accounts.pin_tries_forgiven").exists()
