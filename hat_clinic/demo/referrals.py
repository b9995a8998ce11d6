"""Invented referrals from three agencies to the demo clinic: three people, one referred by two; its criteria."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from hat_clinic.accounts.actions import add_agency, create_user, grant_role
from hat_clinic.accounts.models import Agency, Clinic, Membership, User
from hat_clinic.accounts.queries import roles_of
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date
from hat_clinic.demo.cast import AGENCY_NAME
from referrals.actions import PersonReferred, TriedBefore, approve_criteria, refer_person, write_criteria
from referrals.models import Referral
from referrals.queries.eligibility import get_newest_set
from referrals.rules.asking import REASONS, Answer, Ending, Flag, Treatment
from referrals.rules.criteria import EXAMPLE_OF
from referrals.rules.whens import When

HOUSING_NAME = "Harbour Town Housing Team (invented)"
PRISON_NAME = "HMP Harbour Town (invented)"
# Who refers for the agencies whose colleague does not sign in: kind, e-mail, name.
REFERRERS = {
    HOUSING_NAME: (Agency.Kind.HOUSING, "bea.lindqvist@agency.example", "Bea Lindqvist"),
    PRISON_NAME: (Agency.Kind.PRISON, "colm.dray@agency.example", "Colm Dray"),
}
CRITERIA_REASON = "Agreed by the programme board for the first year; reviewed when ten people have started."


@dataclass(frozen=True, slots=True)
class Sent:
    """One demo referral: from which agency, how many days ago; `number` makes its key, the same at every start."""

    number: int
    agency_name: str
    days_ago: int
    person: PersonReferred
    released_in: int | None = None


def _person(
    given_names: str,
    family_name: str,
    born_on: date,
    sex: str,
    *,
    nhs_number: str | None,
    address: str,
    reach: str,
    concern: str,
    yes: tuple[Flag, ...],
    no: tuple[Flag, ...],
    tried: dict[Treatment, TriedBefore],
) -> PersonReferred:
    return PersonReferred(
        given_names=given_names,
        family_name=family_name,
        born_on=born_on,
        sex=sex,
        nhs_number=nhs_number,
        has_home=Answer.YES if address else Answer.NO,
        address=address,
        reach=reach,
        concern=concern,
        flags={
            flag: Answer.YES if flag in yes else Answer.NO if flag in no else Answer.UNKNOWN
            for flag in REASONS
        },
        treatments={treatment: tried.get(treatment, TriedBefore(Answer.UNKNOWN)) for treatment in Treatment},
        has_agreed=True,
        contact="01632 960100",
    )


_ROSS = _person(
    "Ross",
    "Tindall",
    date(1984, 2, 9),
    "M",
    nhs_number="9990002010",
    address="",
    reach="Sleeps behind the ferry terminal; the night shelter has his phone",
    concern="Arrested fourteen times since spring, each time for shoplifting.",
    yes=(Flag.OFFENDING, Flag.ROUGH_SLEEPING, Flag.OVERDOSE),
    no=(Flag.CHILDREN,),
    tried={
        Treatment.METHADONE: TriedBefore(Answer.YES, When(2024), Ending.USED_ON_TOP),
        Treatment.BUPRENORPHINE: TriedBefore(Answer.YES, When(2019), Ending.DROPPED_OUT),
        Treatment.RESIDENTIAL: TriedBefore(Answer.NO),
    },
)
_NADIA = _person(
    "Nadia",
    "Ferris",
    date(1991, 8, 17),
    "F",
    nhs_number=None,
    address="11 Chandler Street, Harbour Town",
    reach="01632 960144, mornings",
    concern="Will lose her flat at the end of next month.",
    yes=(Flag.EMERGENCY, Flag.EXPLOITATION),
    no=(Flag.OFFENDING, Flag.ROUGH_SLEEPING),
    tried={Treatment.METHADONE: TriedBefore(Answer.YES, When(2025), Ending.UNKNOWN)},
)

_LEE = _person(
    "Lee",
    "Marchetti",
    date(1988, 11, 2),
    "M",
    nhs_number=None,
    address="",
    reach="Through the resettlement team of the prison",
    concern="Released four times in two years, and back within weeks each time.",
    yes=(Flag.CUSTODY, Flag.OFFENDING, Flag.OVERDOSE, Flag.CONCERNS_PROBATION),
    no=(Flag.CHILDREN,),
    tried={
        Treatment.METHADONE: TriedBefore(
            Answer.YES,
            started=When(2024, 1),
            ended=When(2024, 10),
            ending=Ending.USED_ON_TOP,
            highest_dose_mg=85,
            supervised=Answer.YES,
        ),
    },
)

SENT = (
    Sent(1, AGENCY_NAME, 19, _ROSS),
    Sent(2, HOUSING_NAME, 11, _NADIA),
    Sent(3, HOUSING_NAME, 4, _ROSS),
    Sent(4, PRISON_NAME, 2, _LEE, released_in=6),
)


def refer_people(*, clinic: Clinic, at: datetime) -> None:
    """Send the demo's referrals through the real action; those that were sent before stay as they are.

    The police's come from the demo's referrer, the others' from colleagues who do not sign in.
    """
    police = Membership.objects.filter(clinic=clinic, role=Role.REFERRER, agency__name=AGENCY_NAME).first()
    if police is None:
        return
    senders = {name: _referrer_of(name, clinic, at=at) for name in REFERRERS} | {AGENCY_NAME: police.user}
    for sent in SENT:
        key = uuid.uuid5(clinic.pk, f"demo referral {sent.number}")
        if Referral.objects.filter(key=key).exists():
            continue
        release_on = None if sent.released_in is None else london_date(at) + timedelta(days=sent.released_in)
        refer_person(
            clinic=clinic,
            agency_id=Agency.objects.get(name=sent.agency_name).pk,
            person=replace(sent.person, release_on=release_on),
            key=key,
            by=senders[sent.agency_name],
            at=at - timedelta(days=sent.days_ago),
        )


def set_criteria(*, clinic: Clinic, written_by: User, by: User, at: datetime) -> None:
    """Approve the demo's criteria once: the published Middlesbrough set, each of its readings confirmed."""
    if get_newest_set(clinic_id=clinic.pk) is not None:
        return
    example = EXAMPLE_OF["middlesbrough"]
    written = write_criteria(
        clinic=clinic,
        criteria=example.criteria,
        basis=example.name,
        reason=CRITERIA_REASON,
        by=written_by,
        at=at,
    )
    approve_criteria(clinic=clinic, criteria_id=written.id, confirmed=example.unverified, by=by, at=at)


def _referrer_of(name: str, clinic: Clinic, *, at: datetime) -> User:
    kind, email, full_name = REFERRERS[name]
    agency = Agency.objects.filter(name=name).first() or add_agency(
        name=name, kind=kind, clinic=clinic, by=None, at=at
    )
    user = User.objects.filter(email=email).first() or create_user(
        email=email, full_name=full_name, password=None, by=None, at=at
    )
    if Role.REFERRER not in roles_of(user=user, clinic=clinic, at=at):
        grant_role(user=user, clinic=clinic, role=Role.REFERRER, agency=agency, by=None, at=at)
    return user
