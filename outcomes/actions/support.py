"""Every write about help around treatment."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import transaction

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.models import Appointment, CaseAssignment, FollowUp, FollowUpDone, SupportSession
from outcomes.queries.following import is_case_worker_here
from outcomes.queries.support import standing_sessions
from outcomes.rules.appointments import may_log_appointment
from outcomes.rules.support import Correction, SessionLogged, may_be_followed_up, may_log_session
from patients.models import Episode


@dataclass(frozen=True, slots=True)
class Said:
    """One session as it was sent: what the rules judge, and with which agency (None: the clinic alone)."""

    session: SessionLogged
    agency_id: uuid.UUID | None = None
    # Who follows it up when nobody came (None: whoever logs it).
    owner_id: uuid.UUID | None = None
    # What was booked, and came to be or not (None: it was not booked).
    appointment_id: uuid.UUID | None = None
    # The group it was held in (None: with this person alone).
    group_id: uuid.UUID | None = None
    # Why they were added to a group that was logged without them (empty: they were not).
    joined_late: str = ""

    def fields(self) -> dict[str, Any]:
        """Return what is stored of it, by field."""
        said = self.session
        return {
            "booked_on": said.on,
            "domain": str(said.domain),
            "attended": said.attended,
            "minutes": said.minutes,
            "agency_id": self.agency_id,
            "done": sorted(set(said.done)),
            "note": said.note,
            "next_step": said.next_step,
            "next_step_on": said.next_step_on,
            "appointment_id": self.appointment_id,
            "group_id": self.group_id,
            "joined_late": self.joined_late,
        }


class SupportRefused(Refused):
    """No session was stored; `decision` holds every reason."""


class SupportKeyReused(Exception):
    """The same key came with other content: nothing was stored."""


class SupportAmended(Exception):
    """Somebody else corrected this session first: nothing was stored."""


class NotInTreatmentHere(Exception):
    """The person was never accepted in this clinic: nothing was stored."""


def log_support_session(
    *, clinic: Clinic, person: uuid.UUID, said: Said, key: uuid.UUID, by: User, at: datetime
) -> SupportSession:
    """Store one support session of a person of the clinic, once.

    The same key with the same content from the same person returns the first row and stores nothing. One that
    was booked is logged once, on its day. Raises SupportRefused with every reason (the refusal is in the trail),
    SupportKeyReused when the key was used for something else, and NotInTreatmentHere.
    """
    return _stored(one_act(lambda: _log_once(clinic, person, said, key, by, at)))


def _log_once(
    clinic: Clinic, person: uuid.UUID, said: Said, key: uuid.UUID, by: User, at: datetime
) -> SupportSession | Decision:
    accepted_on = lock_treatment(clinic, person)
    stored = _stored_under(key, clinic=clinic, person=person, said=said, by=by, amends=None)
    if stored is not None:
        return stored
    decision = _may_log(said, clinic=clinic, accepted_on=accepted_on, by=by, at=at)
    if not decision.is_allowed:
        record(
            "outcomes.support_session_logged",
            by=by,
            at=at,
            clinic=clinic.id,
            person=person,
            refused=True,
            codes=decision.refusal_codes,
        )
        return decision
    return store_session(clinic=clinic, person=person, said=said, key=key, by=by, at=at)


def amend_support_session(
    *,
    clinic: Clinic,
    session: uuid.UUID,
    said: Said,
    correction: Correction,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> SupportSession:
    """Store a correction of one session as a new row that names it, once; the first row stays as it is.

    A correction that strikes the session out keeps what the first row said. Raises what log_support_session
    raises, and SupportAmended when the session was corrected by somebody else before.
    """
    return _stored(one_act(lambda: _amend_once(clinic, session, said, correction, key, by, at)))


def _amend_once(
    clinic: Clinic,
    session: uuid.UUID,
    said: Said,
    correction: Correction,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> SupportSession | Decision:
    first = SupportSession.objects.get(id=session, clinic=clinic)
    accepted_on = lock_treatment(clinic, first.patient_id)
    said = (
        _as_it_stands(first)
        if correction.strikes
        else replace(said, appointment_id=first.appointment_id, group_id=first.group_id)
    )
    stored = _stored_under(key, clinic=clinic, person=first.patient_id, said=said, by=by, amends=first)
    if stored is not None:
        return stored
    if SupportSession.objects.filter(amends=first).exists():
        raise SupportAmended(
            "This session was corrected meanwhile. Open the newest line and correct that one."
        )
    decision = Decision()
    if not correction.strikes:
        decision = _may_log(said, clinic=clinic, accepted_on=accepted_on, by=by, at=at, instead_of=first)
    if not decision.is_allowed:
        record(
            "outcomes.support_session_amended",
            by=by,
            at=at,
            clinic=clinic.id,
            person=first.patient_id,
            refused=True,
            codes=decision.refusal_codes,
            amends=str(first.id),
        )
        return decision
    amended = SupportSession.objects.create(
        clinic=clinic,
        patient_id=first.patient_id,
        key=key,
        recorded_by=by,
        recorded_at=at,
        amends=first,
        correction=correction.value,
        **said.fields(),
    )
    record(
        "outcomes.support_session_amended",
        by=by,
        at=at,
        clinic=clinic.id,
        person=first.patient_id,
        thing=amended,
        amends=str(first.id),
        correction=correction.value,
    )
    # What was followed up already is not asked for again because the line was written better.
    if not correction.strikes and not _was_followed_up(first):
        _follow_up(amended, said, by=by, at=at)
    return amended


@transaction.atomic(durable=True)
def join_caseload(*, clinic: Clinic, person: uuid.UUID, by: User, at: datetime) -> CaseAssignment:
    """Make a person one of `by`'s own people; asked again it changes nothing. Raises NotInTreatmentHere."""
    lock_treatment(clinic, person)
    assignment, is_new = CaseAssignment.objects.get_or_create(
        clinic=clinic, patient_id=person, case_worker=by, ends_at=None, defaults={"starts_at": at}
    )
    if is_new:
        record("outcomes.caseload_joined", by=by, at=at, clinic=clinic.id, person=person, thing=assignment)
    return assignment


@transaction.atomic(durable=True)
def leave_caseload(*, clinic: Clinic, person: uuid.UUID, by: User, at: datetime) -> None:
    """Take a person off `by`'s own people; asked again it changes nothing. Raises NotInTreatmentHere."""
    lock_treatment(clinic, person)
    assignment = CaseAssignment.objects.filter(
        clinic=clinic, patient_id=person, case_worker=by, ends_at=None
    ).first()
    if assignment is None:
        return
    assignment.ends_at = at
    assignment.save(update_fields=["ends_at"])
    record("outcomes.caseload_left", by=by, at=at, clinic=clinic.id, person=person, thing=assignment)


def _was_followed_up(session: SupportSession | None) -> bool:
    """Tell whether a session, or a line that it put right, was followed up."""
    while session is not None:
        if FollowUpDone.objects.filter(follow_up__session=session).exists():
            return True
        session = session.amends
    return False


def store_session(
    *, clinic: Clinic, person: uuid.UUID, said: Said, key: uuid.UUID, by: User, at: datetime
) -> SupportSession:
    """Store a session that was judged, in the caller's transaction, with its event and what happens next."""
    session = SupportSession.objects.create(
        clinic=clinic, patient_id=person, key=key, recorded_by=by, recorded_at=at, **said.fields()
    )
    record(
        "outcomes.support_session_logged",
        by=by,
        at=at,
        clinic=clinic.id,
        person=person,
        thing=session,
        domain=session.domain,
        attended=session.attended,
    )
    _follow_up(session, said, by=by, at=at)
    return session


def lock_treatment(clinic: Clinic, person: uuid.UUID) -> date:
    """Lock the person's treatments here, so that two presses follow each other; return the first acceptance.

    Raises NotInTreatmentHere for somebody who was never accepted here.
    """
    treatments = (
        Episode.objects.select_for_update(no_key=True)
        .filter(clinic=clinic, person_id=person)
        .order_by("accepted_on", "id")
    )
    accepted = [treatment.accepted_on for treatment in treatments]
    if not accepted:
        raise NotInTreatmentHere("This person was not accepted in this clinic.")
    return accepted[0]


def _stored_under(
    key: uuid.UUID,
    *,
    clinic: Clinic,
    person: uuid.UUID,
    said: Said,
    by: User,
    amends: SupportSession | None,
) -> SupportSession | None:
    stored = SupportSession.objects.filter(key=key).first()
    if stored is None:
        return None
    who = (stored.clinic_id, stored.patient_id, stored.recorded_by_id, stored.amends_id)
    follow_up = FollowUp.objects.filter(session=stored).first()
    is_same_owner = follow_up is None or follow_up.owner_id == (said.owner_id or by.id)
    is_same = (
        is_same_owner
        and who == (clinic.id, person, by.id, amends.id if amends else None)
        and all(getattr(stored, name) == value for name, value in said.fields().items())
    )
    if not is_same:
        raise SupportKeyReused(
            "This form was sent before with other answers. Open a new one and log it there."
        )
    return stored


def _follow_up(session: SupportSession, said: Said, *, by: User, at: datetime) -> None:
    """Put what happens next on the caseload when nobody came."""
    if session.attended or session.next_step_on is None:
        return
    follow_up = FollowUp.objects.create(
        clinic=session.clinic,
        patient_id=session.patient_id,
        session=session,
        what=session.next_step,
        due_on=session.next_step_on,
        owner_id=said.owner_id or by.id,
        set_by=by,
        set_at=at,
    )
    record(
        "outcomes.follow_up_set",
        by=by,
        at=at,
        clinic=session.clinic_id,
        person=session.patient_id,
        thing=follow_up,
    )


def _stored(answer: SupportSession | Decision) -> SupportSession:
    if isinstance(answer, Decision):
        raise SupportRefused(answer)
    return answer


def _may_log(
    said: Said,
    *,
    clinic: Clinic,
    accepted_on: date,
    by: User,
    at: datetime,
    instead_of: SupportSession | None = None,
) -> Decision:
    owner = said.owner_id or by.id
    return (
        may_log_session(said.session, today=london_date(at), accepted_on=accepted_on)
        | may_be_followed_up(
            attended=said.session.attended,
            owner_is_here=owner == by.id or is_case_worker_here(clinic=clinic, user_id=owner, at=at),
        )
        | _may_be_of_appointment(said, clinic=clinic, at=at, instead_of=instead_of)
    )


def _may_be_of_appointment(
    said: Said, *, clinic: Clinic, at: datetime, instead_of: SupportSession | None
) -> Decision:
    """Decide whether the session may be that of its appointment; Appointment.DoesNotExist for another clinic's."""
    if said.appointment_id is None:
        return Decision()
    appointment = Appointment.objects.get(id=said.appointment_id, clinic=clinic)
    logged = standing_sessions(clinic, [appointment.patient_id]).filter(appointment=appointment)
    return may_log_appointment(
        starts_at=appointment.starts_at,
        at=at,
        on=said.session.on,
        has_ended=not appointment.is_standing,
        is_logged=logged.exclude(id__in=[instead_of.id] if instead_of else []).exists(),
    )


def _as_it_stands(session: SupportSession) -> Said:
    return Said(
        session=SessionLogged(
            on=session.booked_on,
            domain=session.domain,
            attended=session.attended,
            # Imported history may tell of minutes of nobody, or of none; our own rows may not.
            minutes=(session.minutes or 1) if session.attended else None,
            done=session.done,
            note=session.note,
            next_step=session.next_step,
            next_step_on=session.next_step_on,
        ),
        agency_id=session.agency_id,
        appointment_id=session.appointment_id,
        group_id=session.group_id,
    )
