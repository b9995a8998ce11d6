"""Appointments: booked, moved, cancelled and logged once; what the trail and the tables hold."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.actions.appointments import (
    AppointmentKeyReused,
    AppointmentRefused,
    Reason,
    book_appointment,
    cancel_appointment,
    move_appointment,
)
from outcomes.actions.support import (
    NotInTreatmentHere,
    SupportRefused,
    amend_support_session,
    log_support_session,
)
from outcomes.models import Appointment, AppointmentEnd, FollowUp, SupportSession
from outcomes.rules.appointments import Whose, moment_of
from outcomes.rules.support import Correction
from tests.factories import ImportRunFactory, PersonFactory
from tests.factories.appointments import (
    AgencySlotFactory,
    AppointmentEndFactory,
    AppointmentFactory,
    an_appointment,
    booking,
)
from tests.factories.outcomes import SupportSessionFactory
from tests.factories.support import said
from tests.factories.treatment import TreatmentRoom, a_treatment_room, another
from tests.factories.urine import in_treatment_for
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)
ILL = Reason(whose=Whose.PERSON, words="Is ill")


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def worker(room, make_member) -> User:
    return make_member(room.clinic, Role.CASE_WORKER, "maya")


def begun(room: TreatmentRoom, worker: User, **changes: Any) -> Appointment:
    """Return an appointment that began yesterday at ten, as if it had been booked before."""
    in_treatment_for(30, room.patient)
    on = london_date(now()) - A_DAY
    return AppointmentFactory(
        clinic=room.clinic,
        patient=room.patient,
        worker=worker,
        starts_at=moment_of(on, time(10)),
        ends_at=moment_of(on, time(10, 30)),
        **changes,
    )


def log(room: TreatmentRoom, worker: User, appointment: Appointment, **changes: Any) -> SupportSession:
    on = london_date(appointment.starts_at)
    key = changes.pop("key", None) or uuid.uuid4()
    return log_support_session(
        clinic=room.clinic,
        person=appointment.patient_id,
        said=replace(said(on, **changes), appointment_id=appointment.id),
        key=key,
        by=worker,
        at=now(),
    )


class TestBooking:
    def test_stores_it_once_with_who_and_tells_the_trail_no_words(self, room, worker):
        key, at = uuid.uuid4(), now()
        sent = booking(london_date(at) + A_DAY, by=worker, words="Forms of the council", where="Town hall")

        rows = [
            book_appointment(
                clinic=room.clinic, person=room.patient.id, booking=sent, key=key, by=worker, at=at
            )
            for _ in range(2)
        ]

        assert rows[0] == rows[1] == Appointment.objects.get()
        assert (rows[0].worker, rows[0].booked_by, rows[0].is_standing) == (worker, worker, True)
        assert rows[0].starts_at == moment_of(london_date(at) + A_DAY, time(10))
        event = AuditEvent.objects.get(event="outcomes.appointment_booked")
        assert (event.person, event.detail) == (room.patient.id, {"domain": "housing"})

    def test_refuses_a_key_with_other_answers(self, room, worker):
        key, at = uuid.uuid4(), now()
        more: dict[str, Any] = {
            "clinic": room.clinic,
            "person": room.patient.id,
            "key": key,
            "by": worker,
            "at": at,
        }
        book_appointment(booking=booking(london_date(at) + A_DAY, by=worker), **more)

        with pytest.raises(AppointmentKeyReused):
            book_appointment(booking=booking(london_date(at) + 2 * A_DAY, by=worker), **more)

    def test_refuses_a_person_twice_at_once_and_tells_the_trail(self, room, worker):
        an_appointment(room.clinic, room.patient.id, by=worker)

        with pytest.raises(AppointmentRefused, match="another appointment then"):
            an_appointment(room.clinic, room.patient.id, by=worker, begins=time(10, 15))

        event = AuditEvent.objects.filter(event="outcomes.appointment_booked").latest("id")
        assert (event.outcome, event.detail) == ("refused", {"codes": ["appointment_twice_at_once"]})
        an_appointment(room.clinic, room.patient.id, by=worker, begins=time(10, 30))
        assert Appointment.objects.count() == 2

    def test_refuses_a_colleague_twice_at_once_but_moves_what_they_have(self, room, worker):
        first = an_appointment(room.clinic, room.patient.id, by=worker)
        other = another(room).patient.id

        with pytest.raises(AppointmentRefused, match="booked with somebody else then"):
            an_appointment(room.clinic, other, by=worker, begins=time(10, 15))
        assert AuditEvent.objects.latest("id").detail == {"codes": ["appointment_worker_booked"]}

        an_appointment(room.clinic, other, by=worker, begins=time(10, 30))
        moved = move_appointment(
            clinic=room.clinic,
            appointment=first.id,
            booking=booking(london_date(first.starts_at), time(9, 45), by=worker),
            reason=ILL,
            key=uuid.uuid4(),
            by=worker,
            at=now(),
        )
        assert moved.moved_from == first

    def test_takes_a_place_of_an_agency_once(self, room, worker):
        at = now()
        tomorrow = london_date(at) + A_DAY
        slot = AgencySlotFactory(clinic=room.clinic, weekday=tomorrow.isoweekday(), first_on=london_date(at))
        row = an_appointment(room.clinic, room.patient.id, by=worker, slot_id=slot.id)
        assert (row.slot, row.agency) == (slot, slot.agency)

        with pytest.raises(AppointmentRefused, match="Somebody else took that place"):
            an_appointment(room.clinic, another(room).patient.id, by=worker, slot_id=slot.id)

    def test_refuses_a_colleague_who_is_no_case_worker_here(self, room, worker):
        with pytest.raises(AppointmentRefused, match="case worker of this clinic"):
            book_appointment(
                clinic=room.clinic,
                person=room.patient.id,
                booking=booking(london_date(now()) + A_DAY, by=room.nurse),
                key=uuid.uuid4(),
                by=worker,
                at=now(),
            )

    def test_refuses_nobody_to_see_and_somebody_never_accepted_here(self, room, worker):
        with pytest.raises(AppointmentRefused, match="with whom"):
            book_appointment(
                clinic=room.clinic,
                person=room.patient.id,
                booking=booking(london_date(now()) + A_DAY),
                key=uuid.uuid4(),
                by=worker,
                at=now(),
            )
        with pytest.raises(NotInTreatmentHere):
            an_appointment(room.clinic, PersonFactory().id, by=worker)


class TestMoving:
    def move(self, room: TreatmentRoom, first: Appointment, by: User, **changes: Any) -> Appointment:
        at = now()
        key = changes.pop("key", None) or uuid.uuid4()
        reason = changes.pop("reason", ILL)
        sent = booking(london_date(at) + A_DAY, changes.pop("begins", time(10, 15)), by=by, **changes)
        return move_appointment(
            clinic=room.clinic, appointment=first.id, booking=sent, reason=reason, key=key, by=by, at=at
        )

    def test_ends_the_first_and_books_another_that_names_it_once(self, room, worker):
        first, key = an_appointment(room.clinic, room.patient.id, by=worker), uuid.uuid4()

        rows = [self.move(room, first, worker, key=key) for _ in range(2)]

        first.refresh_from_db()
        assert rows[0] == rows[1]
        assert (rows[0].moved_from, first.is_standing, rows[0].is_standing) == (first, False, True)
        end = AppointmentEnd.objects.get()
        assert (end.appointment, end.how, end.whose, end.words) == (first, "moved", "person", "Is ill")
        event = AuditEvent.objects.get(event="outcomes.appointment_moved")
        assert event.detail == {"moved": str(first.id), "whose": "person"}

    def test_refuses_a_key_with_other_answers(self, room, worker):
        first, key = an_appointment(room.clinic, room.patient.id, by=worker), uuid.uuid4()
        self.move(room, first, worker, key=key)

        with pytest.raises(AppointmentKeyReused):
            self.move(room, first, worker, key=key, begins=time(15))

    def test_refuses_one_that_was_moved_or_says_not_why(self, room, worker):
        first = an_appointment(room.clinic, room.patient.id, by=worker)
        with pytest.raises(AppointmentRefused, match="Write why"):
            self.move(room, first, worker, reason=Reason(whose=Whose.CLINIC, words=" "))
        self.move(room, first, worker)

        with pytest.raises(AppointmentRefused, match="cancelled or moved meanwhile"):
            self.move(room, first, worker, begins=time(15))

        event = AuditEvent.objects.filter(event="outcomes.appointment_moved").latest("id")
        assert (event.outcome, event.detail) == ("refused", {"codes": ["appointment_has_ended"]})
        assert Appointment.objects.count() == 2


class TestCancelling:
    def cancel(
        self, room: TreatmentRoom, asked: Appointment, by: User, reason: Reason = ILL
    ) -> AppointmentEnd:
        return cancel_appointment(clinic=room.clinic, appointment=asked.id, reason=reason, by=by, at=now())

    def test_frees_the_time_once(self, room, worker):
        asked = an_appointment(room.clinic, room.patient.id, by=worker)

        ends = [self.cancel(room, asked, worker) for _ in range(2)]

        assert ends[0] == ends[1]
        asked.refresh_from_db()
        assert not asked.is_standing
        assert AuditEvent.objects.filter(event="outcomes.appointment_cancelled").count() == 1
        assert an_appointment(room.clinic, room.patient.id, by=worker).is_standing

    def test_refuses_other_words_afterwards_and_one_that_is_logged(self, room, worker):
        asked = an_appointment(room.clinic, room.patient.id, by=worker)
        self.cancel(room, asked, worker)
        with pytest.raises(AppointmentRefused, match="meanwhile"):
            self.cancel(room, asked, worker, Reason(whose=Whose.AGENCY, words="Other"))

        kept = begun(room, worker)
        log(room, worker, kept)
        with pytest.raises(AppointmentRefused, match="is logged"):
            self.cancel(room, kept, worker)
        event = AuditEvent.objects.filter(event="outcomes.appointment_cancelled").latest("id")
        assert (event.outcome, event.detail) == ("refused", {"codes": ["appointment_is_logged"]})


class TestLogging:
    def test_keeps_the_appointment_with_the_session_and_sets_the_follow_up(self, room, worker):
        appointment, key = begun(room, worker), uuid.uuid4()

        for _ in range(2):
            log(room, worker, appointment, attended=False, key=key)

        session = SupportSession.objects.get()
        assert (session.appointment, session.attended) == (appointment, False)
        assert FollowUp.objects.get().session == session

    def test_happens_once_and_not_before_it_has_begun(self, room, worker):
        appointment = begun(room, worker)
        log(room, worker, appointment)
        with pytest.raises(SupportRefused, match="logged already"):
            log(room, worker, appointment)
        coming = an_appointment(room.clinic, room.patient.id, by=worker)
        with pytest.raises(SupportRefused, match="not begun"):
            log(room, worker, coming)

    def test_is_corrected_like_any_session_and_stands_with_its_appointment(self, room, worker):
        appointment = begun(room, worker)
        first = log(room, worker, appointment)

        def amend(session: SupportSession, correction: Correction, **changes: Any) -> SupportSession:
            return amend_support_session(
                clinic=room.clinic,
                session=session.id,
                said=said(changes.pop("on", first.booked_on), **changes),
                correction=correction,
                key=uuid.uuid4(),
                by=worker,
                at=now(),
            )

        second = amend(first, Correction.LEARNED_LATER, minutes=60)
        assert second.appointment == appointment
        with pytest.raises(SupportRefused, match="on its day"):
            amend(second, Correction.WRONG_KEY, on=first.booked_on - A_DAY)

        struck = amend(second, Correction.WRONG_PERSON)
        assert struck.appointment == appointment
        # Struck out, it counts for nothing, and the appointment is to be logged again.
        assert log(room, worker, appointment).appointment == appointment
        with pytest.raises(SupportRefused, match="logged already"):
            amend(struck, Correction.WRONG_KEY)


class TestTheTables:
    def test_store_an_appointment_once_per_key(self):
        with refused_by("one_appointment_per_key"):
            AppointmentFactory(key=AppointmentFactory().key)

    def test_hold_a_person_once_at_a_time_and_a_place_once(self):
        first = AppointmentFactory()
        same = {"clinic": first.clinic, "patient": first.patient}
        with refused_by("one_appointment_of_a_person_at_a_time"):
            AppointmentFactory(**same, starts_at=first.ends_at - timedelta(minutes=1), ends_at=first.ends_at)
        AppointmentFactory(**same, starts_at=first.ends_at, ends_at=first.ends_at + timedelta(minutes=1))

        slot = AgencySlotFactory(clinic=first.clinic)
        here = {"clinic": slot.clinic, "agency": slot.agency, "slot": slot}
        taken = AppointmentFactory(**here)
        with refused_by("one_person_at_a_place_of_a_slot"):
            AppointmentFactory(**here)
        AppointmentEndFactory(appointment=taken)
        AppointmentFactory(**here)

    def test_hold_a_colleague_with_one_person_at_a_time(self):
        first = AppointmentFactory()
        AppointmentFactory(worker=first.worker, starts_at=first.ends_at, ends_at=first.ends_at + A_DAY / 48)
        with refused_by("one_person_with_a_colleague_at_a_time"):
            AppointmentFactory(worker=first.worker)
        AppointmentEndFactory(appointment=first)
        assert AppointmentFactory(worker=first.worker)

    def test_refuse_one_of_no_length_and_with_nobody(self):
        first = AppointmentFactory()
        with refused_by("appointment_ends_after_it_starts"):
            AppointmentFactory(starts_at=first.starts_at, ends_at=first.starts_at)
        with refused_by("appointment_is_with_somebody"):
            AppointmentFactory(worker=None, booked_by=first.booked_by)

    @pytest.mark.parametrize(
        "changes", [{"weekday": 2}, {"begins": time(10, 15)}, {"ends": time(10, 15)}, {"other_clinic": True}]
    )
    def test_refuse_one_outside_the_time_of_its_agency(self, changes):
        is_elsewhere = changes.pop("other_clinic", False)
        slot = AgencySlotFactory(**changes)
        more = {} if is_elsewhere else {"clinic": slot.clinic}
        with refused_by("appointment_is_within_its_slot"):
            AppointmentFactory(slot=slot, agency=slot.agency, **more)

    @pytest.mark.parametrize("change", [{"is_standing": False}, {"words": "Other"}, {"is_standing": True}])
    def test_let_an_appointment_only_fall_and_by_its_end(self, change):
        first = AppointmentFactory()
        with pytest.raises(IntegrityError, match="only ever falls"), transaction.atomic():
            Appointment.objects.filter(id=first.id).update(**change)
        with pytest.raises(IntegrityError, match="stands when it is booked"), transaction.atomic():
            AppointmentFactory(is_standing=False)

    def test_move_one_of_the_same_person_that_was_moved(self):
        first = AppointmentFactory()
        later = {"starts_at": first.ends_at, "ends_at": first.ends_at + timedelta(minutes=30)}
        with refused_by("appointment_is_moved_of_the_same_person"):
            AppointmentFactory(clinic=first.clinic, patient=first.patient, moved_from=first, **later)
        AppointmentEndFactory(appointment=first, how="moved")
        with refused_by("appointment_is_moved_of_the_same_person"):
            AppointmentFactory(clinic=first.clinic, moved_from=first, **later)
        AppointmentFactory(clinic=first.clinic, patient=first.patient, moved_from=first, **later)

    @pytest.mark.parametrize("changes", [{"how": "lost"}, {"whose": "nobody"}, {"words": ""}])
    def test_refuse_an_end_that_says_not_how_or_why(self, changes):
        with refused_by("appointment_end_says_how_and_why"):
            AppointmentEndFactory(**changes)

    def test_refuse_a_session_of_an_appointment_that_is_over_logged_or_of_somebody_else(self):
        booked = AppointmentFactory()
        same = {"clinic": booked.clinic, "patient": booked.patient, "appointment": booked}
        with refused_by("support_is_of_a_standing_appointment"):
            SupportSessionFactory(clinic=booked.clinic, appointment=booked)
        SupportSessionFactory(**same)
        with refused_by("one_support_session_per_appointment"):
            SupportSessionFactory(**same)
        with refused_by("logged_appointment_stays"):
            AppointmentEndFactory(appointment=booked)

    def test_refuse_an_imported_session_of_an_appointment(self):
        booked = AppointmentFactory()
        with refused_by("imported_support_has_no_appointment"):
            SupportSessionFactory(
                clinic=booked.clinic,
                patient=booked.patient,
                appointment=booked,
                import_run=ImportRunFactory(clinic=booked.clinic),
                key=None,
                recorded_by=None,
                recorded_at=None,
            )
