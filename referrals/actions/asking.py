"""Taking a referral in: from an agency, or from the clinic itself."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from hat_clinic.accounts.models import Agency, Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from patients.models import Person
from referrals.models import AgencyFlag, PriorTreatment, Referral, ReferralDraft, ReleasePlan
from referrals.queries.matching import find_first_of
from referrals.rules.asking import (
    CONSENT_WORDING_VERSION,
    Answer,
    Ending,
    Flag,
    Identity,
    Treatment,
    may_refer,
)
from referrals.rules.whens import When


class ReferralRefused(Refused):
    """Nothing was stored; `decision` holds every reason."""


class KeyReused(Exception):
    """The same key came with other content: nothing was stored."""


@dataclass(frozen=True, slots=True)
class TriedBefore:
    """What an agency knows of one treatment; the rest only where the answer is yes.

    `highest_dose_mg` is the highest daily dose of an oral opioid, `supervised` whether it was taken under supervision.
    """

    answer: Answer
    ended: When | None = None
    ending: Ending | None = None
    started: When | None = None
    highest_dose_mg: int | None = None
    supervised: Answer | None = None


@dataclass(frozen=True, slots=True)
class PersonReferred:
    """What an agency writes about a person. Empty text and `None` mean that it does not know."""

    given_names: str
    family_name: str
    born_on: date
    sex: str
    nhs_number: str | None
    has_home: Answer
    address: str
    reach: str
    concern: str
    flags: Mapping[Flag, Answer]
    treatments: Mapping[Treatment, TriedBefore]
    has_agreed: bool
    contact: str
    release_on: date | None = None
    area: str = ""

    @property
    def identity(self) -> Identity:
        """What tells the person from others."""
        return Identity(self.given_names, self.family_name, self.born_on, self.nhs_number)

    def decide(self, today: date) -> Decision:
        """Return what stands against sending it."""
        return may_refer(
            self.identity,
            has_agreed=self.has_agreed,
            today=today,
            periods=[
                (treatment.label, tried.started, tried.ended) for treatment, tried in self.treatments.items()
            ],
            release_on=self.release_on,
            area=self.area,
        )

    def sha256(self, *, clinic: Clinic, agency_id: uuid.UUID | None, by: User | None) -> str:
        """Return the hash of all of it with where and from whom, in one canonical form; `by` None is whoever of them."""
        content = {
            name: str(getattr(self, name))
            for name in self.__slots__
            if name not in {"flags", "treatments"} and (name != "area" or self.area)
        }
        content |= {f"flag.{flag}": str(answer) for flag, answer in self.flags.items()}
        content |= {f"tried.{treatment}": str(tried) for treatment, tried in self.treatments.items()}
        content |= {"clinic": str(clinic.pk), "agency": str(agency_id), "by": str(by.pk) if by else ""}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@transaction.atomic(durable=True)
def receive_referral(
    *, clinic: Clinic, person: Person, source: str, referred_on: date, by: User, at: datetime
) -> Referral:
    """Store one referral of somebody the clinic itself knows and refers."""
    referral = Referral.objects.create(clinic=clinic, person=person, source=source, referred_on=referred_on)
    record("referrals.referral_received", by=by, at=at, clinic=clinic.id, person=person.id, thing=referral)
    return referral


@transaction.atomic(durable=True)
def refer_person(
    *, clinic: Clinic, agency_id: uuid.UUID, person: PersonReferred, key: uuid.UUID, by: User, at: datetime
) -> Referral:
    """Store what an agency says about a person, once; the same key again returns the first referral.

    The clinic's row is locked, so that two agencies who write about one person at the same moment are linked:
    the later referral points at the first. The agency learns nothing of that. A draft of the same form is emptied.
    Raises ReferralRefused with every reason, and KeyReused when the key came before with other content.
    Source: product R 1 and 4; trust design 7.
    """
    clinic = Clinic.objects.select_for_update(no_key=True).get(id=clinic.pk)
    return store_referral(clinic=clinic, agency_id=agency_id, person=person, key=key, by=by, at=at)


@transaction.atomic(durable=True)
def refer_oneself(
    *, clinic: Clinic, person: PersonReferred, key: uuid.UUID, by: User, at: datetime
) -> Referral:
    """Store what somebody who comes to the clinic says about themselves, written by its staff, once.

    Raises ReferralRefused and KeyReused as `refer_person`. Source: product R 1 and 4.
    """
    clinic = Clinic.objects.select_for_update(no_key=True).get(id=clinic.pk)
    return store_referral(clinic=clinic, agency_id=None, person=person, key=key, by=by, at=at)


def store_referral(
    *,
    clinic: Clinic,
    agency_id: uuid.UUID | None,
    person: PersonReferred,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> Referral:
    """Store one referral in the caller's transaction, who holds the clinic's row. See `refer_person`."""
    content = person.sha256(clinic=clinic, agency_id=agency_id, by=by)
    first = Referral.objects.filter(key=key).first()
    if first is not None:
        if first.content_sha256 != content:
            raise KeyReused("This form was sent before with other answers. Open a new form for a new person.")
        return first
    today = london_date(at)
    decision = person.decide(today)
    if not decision.is_allowed:
        raise ReferralRefused(decision)
    agency = None if agency_id is None else Agency.objects.get(pk=agency_id)
    referral = Referral.objects.create(
        clinic=clinic,
        agency=agency,
        source=_source_of(agency),
        referred_on=today,
        sent_at=at,
        sent_by=by,
        given_names=person.given_names.strip(),
        family_name=person.family_name.strip(),
        born_on=person.born_on,
        sex=person.sex,
        nhs_number=person.nhs_number or "",
        has_home=person.has_home,
        address=person.address,
        reach=person.reach,
        area=person.area,
        concern=person.concern,
        contact=person.contact,
        consent_wording=CONSENT_WORDING_VERSION,
        same_as=find_first_of(person.identity, clinic_id=clinic.pk),
        key=key,
        content_sha256=content,
    )
    _store_facts(referral, person, by=by, at=at)
    ReferralDraft.objects.filter(key=key).update(data="", saved_at=at, saved_by=by)
    record(
        "referrals.person_referred",
        by=by,
        at=at,
        clinic=clinic.pk,
        person=referral.subject_id,
        thing=referral,
        agency=str(agency.pk) if agency else None,
        repeats=str(referral.same_as_id) if referral.same_as_id else None,
    )
    return referral


def _store_facts(referral: Referral, person: PersonReferred, *, by: User, at: datetime) -> None:
    """Store the answers, the treatments and the expected release that came with a referral."""
    AgencyFlag.objects.bulk_create(
        AgencyFlag(referral=referral, flag=flag, answer=answer) for flag, answer in person.flags.items()
    )
    PriorTreatment.objects.bulk_create(
        PriorTreatment(
            referral=referral,
            treatment=treatment,
            answer=tried.answer,
            started=tried.started.kept if tried.started else "",
            ended=tried.ended.kept if tried.ended else "",
            ending=tried.ending or "",
            highest_dose_mg=tried.highest_dose_mg,
            supervised=tried.supervised or "",
        )
        for treatment, tried in person.treatments.items()
    )
    if person.release_on is not None:
        ReleasePlan.objects.create(
            referral=referral, number=1, release_on=person.release_on, said_at=at, said_by=by
        )


def _source_of(agency: Agency | None) -> str:
    """Return which source the reports count an agency as; without one the person came themselves."""
    if agency is None:
        return Referral.Source.SELF
    if agency.kind in {Agency.Kind.HOSPITAL, Agency.Kind.GP}:
        return Referral.Source.HEALTH
    return agency.kind if agency.kind in Referral.Source.values else Referral.Source.OTHER
