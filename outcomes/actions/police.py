"""Every write about agreements with police forces and the references people have under them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from hat_clinic.accounts.models import Agency, Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date, now
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.models import (
    PoliceAgreement,
    PoliceAgreementEnd,
    PoliceFile,
    PoliceReference,
    PoliceReferenceEnd,
    PoliceStrike,
)
from outcomes.queries.police import facts_of, people_with_sharing, standing_references
from outcomes.rules.police import (
    AgreementSaid,
    WhyTakenBack,
    identifiers_of,
    may_give_police_reference,
    may_record_police_agreement,
    may_take_back_police_reference,
)
from patients.models import Episode, Person
from patients.queries.people import lock_person


class PoliceAgreementRefused(Refused):
    """No agreement was stored; `decision` holds every reason."""


class PoliceReferenceRefused(Refused):
    """No reference was stored; `decision` holds every reason."""


class TakingBackRefused(Refused):
    """The reference was not taken back; `decision` holds every reason."""


class PoliceKeyReused(Exception):
    """The same key came with other content: nothing was stored."""


class NeverTreatedHere(Exception):
    """The person was never accepted in this clinic: nothing was stored."""


def record_police_agreement(
    *, clinic: Clinic, agency: uuid.UUID, said: AgreementSaid, key: uuid.UUID, by: User, at: datetime
) -> PoliceAgreement:
    """Store an agreement with a police force as it was signed, once.

    The same key with the same content returns the first row. Raises PoliceAgreementRefused with every reason (the
    refusal is in the trail) and PoliceKeyReused.
    """
    content: dict[str, Any] = {
        "starts_on": said.starts_on,
        "ends_on": said.ends_on,
        "purpose": said.purpose,
        "basis": said.basis.value,
        "basis_words": said.basis_words,
        "signatories": said.signatories,
        "importer": said.importer.value,
        "case_workers_see": said.case_workers_see,
    }

    def work() -> PoliceAgreement | Decision:
        Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        stored = PoliceAgreement.objects.filter(key=key).first()
        if stored is not None:
            same = {"clinic_id": clinic.id, "agency_id": agency, "recorded_by_id": by.id, **content}
            if any(getattr(stored, name) != value for name, value in same.items()):
                raise PoliceKeyReused("This form was sent before with other answers. Open a new one.")
            return stored
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id}
        is_police = Agency.objects.filter(id=agency, kind=Agency.Kind.POLICE).exists()
        decision = may_record_police_agreement(said, is_police=is_police)
        if not decision.is_allowed:
            record("outcomes.police_agreement_recorded", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        row = PoliceAgreement.objects.create(
            clinic=clinic, agency_id=agency, key=key, recorded_by=by, recorded_at=at, **content
        )
        record("outcomes.police_agreement_recorded", thing=row, **trail)
        return row

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise PoliceAgreementRefused(answer)
    return answer


def end_police_agreement(
    *, clinic: Clinic, agreement: uuid.UUID, why: str, by: User, at: datetime
) -> PoliceAgreementEnd:
    """End an agreement before its last day, with effect at once; ended already, the first end stands."""

    def work() -> PoliceAgreementEnd:
        Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        stands = PoliceAgreement.objects.get(id=agreement, clinic=clinic)
        end, is_new = PoliceAgreementEnd.objects.get_or_create(
            agreement=stands, defaults={"why": why, "ended_by": by, "ended_at": at}
        )
        if is_new:
            record("outcomes.police_agreement_ended", by=by, at=at, clinic=clinic.id, thing=end)
        return end

    return one_act(work)


def give_police_reference(
    *, clinic: Clinic, agreement: uuid.UUID, person: uuid.UUID, reference: str, by: User, at: datetime
) -> PoliceReference:
    """Store what police are to call one person under one agreement, once.

    The same reference again returns the first row. Raises PoliceReferenceRefused with every reason (the refusal is in
    the trail) and NeverTreatedHere.
    """

    def work() -> PoliceReference | Decision:
        # The clinic first, as a file that comes in takes it: then nobody waits for the other in a circle.
        Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        if not Episode.objects.filter(clinic=clinic, person_id=person).exists():
            raise NeverTreatedHere("This person was not accepted in this clinic.")
        lock_person(person_id=person)
        who = Person.objects.get(id=person)
        under = PoliceAgreement.objects.select_related("end").get(id=agreement, clinic=clinic)
        standing = standing_references(under)
        mine = standing.filter(patient_id=person).first()
        if mine is not None and mine.reference == reference and mine.given_by_id == by.id:
            return mine
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "person": person}
        decision = may_give_police_reference(
            reference,
            facts_of(under),
            today=london_date(at),
            identifiers=identifiers_of(
                names=who.full_name, born_on=who.born_on, nhs_number=who.nhs_number or ""
            ),
            is_taken=standing.filter(reference=reference).exclude(patient_id=person).exists(),
            has_one=mine is not None,
            has_consent=person in people_with_sharing(agreement=under, people=[person], at=max(at, now())),
        )
        if not decision.is_allowed:
            record("outcomes.police_reference_given", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        row = PoliceReference.objects.create(
            agreement=under, patient_id=person, reference=reference, given_by=by, given_at=at
        )
        record("outcomes.police_reference_given", thing=row, agreement=str(under.id), **trail)
        return row

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise PoliceReferenceRefused(answer)
    return answer


def take_back_police_reference(
    *, clinic: Clinic, reference: uuid.UUID, why: WhyTakenBack, by: User, at: datetime
) -> PoliceReferenceEnd:
    """Take a reference back, once: it matches nothing from now on, and what it matched counts for nobody.

    Every file that came in under the agreement until now is struck for this person; the offences stay where they are,
    since nobody changes them, and a later file brings them to whoever has the reference then. The same once more
    returns the first row. Raises TakingBackRefused (the refusal is in the trail).
    """

    def work() -> PoliceReferenceEnd | Decision:
        # A file that comes in takes the clinic's row as well: it matched before, and is struck, or it matches no more.
        Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        row = PoliceReference.objects.get(id=reference, agreement__clinic=clinic)
        stands = PoliceReferenceEnd.objects.filter(reference=row).first()
        if stands is not None and (stands.why, stands.taken_back_by_id) == (why, by.id):
            return stands
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "person": row.patient_id}
        decision = may_take_back_police_reference(is_taken_back=stands is not None)
        if not decision.is_allowed:
            record(
                "outcomes.police_reference_taken_back", refused=True, codes=decision.refusal_codes, **trail
            )
            return decision
        end = PoliceReferenceEnd.objects.create(reference=row, why=why, taken_back_by=by, taken_back_at=at)
        files = PoliceFile.objects.filter(agreement=row.agreement_id)
        strikes = PoliceStrike.objects.bulk_create(PoliceStrike(end=end, file=file) for file in files)
        record(
            "outcomes.police_reference_taken_back",
            thing=end,
            agreement=str(row.agreement_id),
            files=len(strikes),
            why=why.value,
            **trail,
        )
        return end

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise TakingBackRefused(answer)
    return answer
