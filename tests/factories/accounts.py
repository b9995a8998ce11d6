"""Clinics, premises, and the people who sign in."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from factory import Sequence, SubFactory
from factory.django import DjangoModelFactory

from hat_clinic.accounts.models import (
    Agency,
    Clinic,
    Draft,
    Invitation,
    Membership,
    Phase,
    Premises,
    SessionSlot,
    Slot,
    Terminal,
    TerminalEnrolment,
    User,
)
from hat_clinic.accounts.rules import INSPECTOR_LIMIT, INVITATION_LASTS, Role
from tests.factories.moments import NINE


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    email = Sequence(lambda n: f"person{n}@clinic.example")
    full_name = Sequence(lambda n: f"Invented Person {n}")


class ClinicFactory(DjangoModelFactory[Clinic]):
    class Meta:
        model = Clinic

    code = Sequence(lambda n: f"TEST{n}")
    name = "An invented clinic"
    opened_on = date(2025, 10, 1)
    places = 15
    sessions_per_day = 2
    has_invented_people = True


class PremisesFactory(DjangoModelFactory[Premises]):
    class Meta:
        model = Premises

    clinic = SubFactory(ClinicFactory)
    name = Sequence(lambda n: f"House {n}")
    address = "1 Invented Street"


class SessionSlotFactory(DjangoModelFactory[SessionSlot]):
    class Meta:
        model = SessionSlot

    clinic = SubFactory(ClinicFactory)
    name = Slot.AM
    opens_at = time(9, 0)
    closes_at = time(11, 0)


class PhaseFactory(DjangoModelFactory[Phase]):
    class Meta:
        model = Phase

    clinic = SubFactory(ClinicFactory)
    name = "first year"
    during = DateRange(date(2025, 10, 1), date(2026, 10, 1))
    places = 15
    sessions_per_day = 2


class AgencyFactory(DjangoModelFactory[Agency]):
    class Meta:
        model = Agency

    name = Sequence(lambda n: f"Invented Agency {n}")
    kind = Agency.Kind.POLICE


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    user = SubFactory(UserFactory)
    clinic = SubFactory(ClinicFactory)
    role = Role.NURSE
    starts_at = NINE


class InvitationFactory(DjangoModelFactory[Invitation]):
    class Meta:
        model = Invitation

    clinic = SubFactory(ClinicFactory)
    email = Sequence(lambda n: f"invited{n}@clinic.example")
    full_name = "Noor Malik"
    roles = [Role.NURSE.value]
    token_sha256 = Sequence(lambda n: f"{n:064x}")
    invited_at = NINE
    invited_by = SubFactory(UserFactory)
    expires_at = NINE + INVITATION_LASTS


def what_role_needs(role: Role, at: datetime) -> dict[str, Any]:
    """Return what has to be named when a role is granted: a referrer's agency, an inspector's end."""
    if role is Role.REFERRER:
        return {"agency": AgencyFactory()}
    return {"ends_at": at + INSPECTOR_LIMIT} if role is Role.INSPECTOR else {}


class TerminalFactory(DjangoModelFactory[Terminal]):
    class Meta:
        model = Terminal

    clinic = SubFactory(ClinicFactory)
    name = Sequence(lambda n: f"Treatment room {n}")
    secret_sha256 = Sequence(lambda n: f"{n:064x}")
    enrolled_at = NINE
    enrolled_by = SubFactory(UserFactory)


class TerminalEnrolmentFactory(DjangoModelFactory[TerminalEnrolment]):
    class Meta:
        model = TerminalEnrolment

    clinic = SubFactory(ClinicFactory)
    name = "Treatment room 1"
    token_sha256 = Sequence(lambda n: f"{n:064x}")
    made_at = NINE
    made_by = SubFactory(UserFactory)
    expires_at = NINE + timedelta(minutes=30)


class DraftFactory(DjangoModelFactory[Draft]):
    class Meta:
        model = Draft

    user = SubFactory(UserFactory)
    path = "/page/"
    saved_at = NINE
