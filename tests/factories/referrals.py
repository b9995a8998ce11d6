"""Referrals: what an agency writes, sent by the real action."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from factory import SubFactory
from factory.django import DjangoModelFactory

from hat_clinic.accounts.models import Agency, Clinic, Membership, User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from referrals.actions import (
    PersonReferred,
    TriedBefore,
    approve_criteria,
    refer_person,
    save_referral_draft,
    write_criteria,
)
from referrals.models import CriteriaSet, Referral
from referrals.rules.asking import REASONS, Answer, Ending, Flag, Treatment
from referrals.rules.criteria import EXAMPLE_OF, NAMES
from referrals.rules.whens import When
from tests.factories.accounts import ClinicFactory
from tests.factories.moments import TODAY
from tests.factories.patients import PersonFactory
from tests.factories.treatment import a_member_of_staff

_numbers = itertools.count(1)

# Somebody invented, with an answer to every question; the NHS number is of the range that is never issued.
WRITTEN = PersonReferred(
    given_names="Robin",
    family_name="Dale",
    born_on=date(1986, 5, 4),
    sex="M",
    nhs_number=None,
    has_home=Answer.NO,
    address="",
    reach="The night shelter, after eight",
    concern="Arrested eleven times since spring.",
    flags=dict.fromkeys(REASONS, Answer.UNKNOWN)
    | {Flag.OFFENDING: Answer.YES, Flag.ROUGH_SLEEPING: Answer.YES, Flag.CHILDREN: Answer.NO},
    treatments=dict.fromkeys(Treatment, TriedBefore(Answer.UNKNOWN))
    | {
        Treatment.METHADONE: TriedBefore(Answer.YES, When(2024), Ending.USED_ON_TOP),
        Treatment.DETOX: TriedBefore(Answer.NO),
    },
    has_agreed=True,
    contact="01632 960123",
)


class ReferralFactory(DjangoModelFactory[Referral]):
    class Meta:
        model = Referral

    clinic = SubFactory(ClinicFactory)
    person = SubFactory(PersonFactory)
    source = Referral.Source.HEALTH
    referred_on = TODAY - timedelta(days=60)


def nhs_number_of(number: int) -> str:
    """Return an NHS number of the range 999, which is never issued, with its check digit."""
    for body in itertools.count(999_000_000 + number):
        remainder = 11 - sum(int(digit) * (10 - place) for place, digit in enumerate(str(body))) % 11
        if remainder != 10:
            return f"{body}{0 if remainder == 11 else remainder}"
    raise AssertionError("unreachable: every second number has a check digit")


def somebody(**changes: Any) -> PersonReferred:
    """Return what an agency writes about somebody whom nobody wrote about before, unless `changes` say so."""
    fresh = {"family_name": f"Dale {next(_numbers)}"}
    return replace(WRITTEN, **(fresh | changes))


def agency_of(referrer: User, clinic: Clinic) -> Agency:
    """Return the agency that a referrer works for."""
    agency = Membership.objects.get(user=referrer, clinic=clinic, role=Role.REFERRER).agency
    assert agency is not None
    return agency


def a_referral(
    clinic: Clinic,
    *,
    by: User,
    person: PersonReferred | None = None,
    key: uuid.UUID | None = None,
    at: datetime | None = None,
) -> Referral:
    """Return a referral that a referrer sent."""
    return refer_person(
        clinic=clinic,
        agency_id=agency_of(by, clinic).pk,
        person=person or somebody(),
        key=key or uuid.uuid4(),
        by=by,
        at=at or now(),
    )


def a_draft(clinic: Clinic, *, by: User) -> uuid.UUID:
    """Return the key of a referral that a referrer began and did not send."""
    key = uuid.uuid4()
    save_referral_draft(
        clinic=clinic,
        agency_id=agency_of(by, clinic).pk,
        key=key,
        fields={"given_names": ["Robin"], "family_name": ["Dale"], "services": ["concerns_police"]},
        by=by,
        at=now(),
    )
    return key


def some_criteria(clinic: Clinic, *, by: User, example: str = "middlesbrough", **changes: Any) -> CriteriaSet:
    """Return criteria that were written from a published example and wait for approval."""
    return write_criteria(
        clinic=clinic,
        criteria=replace(EXAMPLE_OF[example].criteria, **changes),
        basis=example,
        reason="The programme board wants these.",
        by=by,
        at=now(),
    )


def approved_criteria(
    clinic: Clinic,
    *,
    by: User,
    written_by: User | None = None,
    example: str = "middlesbrough",
    **changes: Any,
) -> CriteriaSet:
    """Return criteria that a clinical lead approved, written by a doctor."""
    author = written_by or a_member_of_staff(clinic, Role.DOCTOR, name="Dr Ana Brandt")
    written = some_criteria(clinic, by=author, example=example, **changes)
    approve_criteria(clinic=clinic, criteria_id=written.id, confirmed=frozenset(NAMES), by=by, at=now())
    return written
