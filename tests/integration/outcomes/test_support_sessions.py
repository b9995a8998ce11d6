"""Support sessions: what the actions store and refuse, and what the table refuses."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from hat_clinic.accounts.models import Agency, User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.actions.support import (
    NotInTreatmentHere,
    SupportAmended,
    SupportKeyReused,
    SupportRefused,
    amend_support_session,
)
from outcomes.models import SupportSession
from outcomes.rules.support import Correction
from tests.factories import ImportRunFactory, PersonFactory
from tests.factories.outcomes import SupportSessionFactory
from tests.factories.support import a_support_session, said
from tests.factories.treatment import TreatmentRoom, a_treatment_room
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def worker(room, make_member) -> User:
    return make_member(room.clinic, Role.CASE_WORKER, "maya")


@pytest.fixture
def today() -> date:
    return london_date(now())


class TestLogging:
    def test_stores_one_session_with_who_and_when(self, room, worker, today):
        agency = Agency.objects.create(name="Coast Homes")
        step = {"next_step": "Bring two letters", "next_step_on": today + 7 * A_DAY}

        session = a_support_session(
            room.clinic, room.patient.id, by=worker, done=("viewing", "talked"), agency_id=agency.id, **step
        )

        stored = SupportSession.objects.get()
        assert stored == session
        assert (stored.recorded_by, stored.import_run, stored.amends) == (worker, None, None)
        assert (stored.booked_on, stored.minutes, stored.agency) == (today, 45, agency)
        assert stored.done == ["talked", "viewing"]
        assert (stored.next_step, stored.next_step_on) == tuple(step.values())

    def test_tells_the_audit_trail_about_whom_but_not_what_was_written(self, room, worker):
        session = a_support_session(room.clinic, room.patient.id, by=worker, note="Letter from the landlord")

        event = AuditEvent.objects.get(event="outcomes.support_session_logged")
        assert (event.person, event.object_id, event.actor) == (room.patient.id, str(session.id), worker)
        assert event.detail == {"domain": "housing", "attended": True}

    def test_stores_the_same_key_once(self, room, worker):
        key = uuid.uuid4()

        first = a_support_session(room.clinic, room.patient.id, by=worker, key=key)
        second = a_support_session(room.clinic, room.patient.id, by=worker, key=key)

        assert first == second
        assert SupportSession.objects.count() == 1
        assert AuditEvent.objects.filter(event="outcomes.support_session_logged").count() == 1

    def test_refuses_a_key_that_comes_with_other_answers(self, room, worker):
        key = uuid.uuid4()
        a_support_session(room.clinic, room.patient.id, by=worker, key=key)

        with pytest.raises(SupportKeyReused, match="sent before with other answers"):
            a_support_session(room.clinic, room.patient.id, by=worker, key=key, minutes=30)

    def test_refuses_a_key_of_somebody_else(self, room, worker, make_member):
        key = uuid.uuid4()
        a_support_session(room.clinic, room.patient.id, by=worker, key=key)

        with pytest.raises(SupportKeyReused):
            a_support_session(
                room.clinic, room.patient.id, by=make_member(room.clinic, Role.CASE_WORKER, "other"), key=key
            )

    def test_refuses_the_future_with_the_reason(self, room, worker):
        with pytest.raises(SupportRefused, match="has not come yet"):
            a_support_session(room.clinic, room.patient.id, by=worker, days_ago=-1)

        assert not SupportSession.objects.exists()

    def test_refuses_somebody_never_accepted_here(self, room, worker):
        with pytest.raises(NotInTreatmentHere):
            a_support_session(room.clinic, PersonFactory().id, by=worker)


class TestCorrecting:
    def test_adds_a_row_and_leaves_the_first(self, room, worker, today):
        first = a_support_session(room.clinic, room.patient.id, by=worker)

        second = self.correct(room, first, said(today, minutes=60), by=worker)

        first.refresh_from_db()
        assert (first.minutes, first.amends) == (45, None)
        assert (second.minutes, second.amends, second.correction) == (60, first, "wrong_key")
        event = AuditEvent.objects.get(event="outcomes.support_session_amended")
        assert event.detail == {"amends": str(first.id), "correction": "wrong_key"}

    def test_is_stored_once_by_its_key(self, room, worker, today):
        first = a_support_session(room.clinic, room.patient.id, by=worker)
        key = uuid.uuid4()

        rows = [self.correct(room, first, said(today, minutes=60), by=worker, key=key) for _ in range(2)]

        assert rows[0] == rows[1]
        assert SupportSession.objects.count() == 2

    def test_is_refused_once_somebody_else_has_corrected_it(self, room, worker, today):
        first = a_support_session(room.clinic, room.patient.id, by=worker)
        self.correct(room, first, said(today, minutes=60), by=worker)

        with pytest.raises(SupportAmended, match="corrected meanwhile"):
            self.correct(room, first, said(today, minutes=30), by=worker)

    def test_is_judged_as_a_session_is(self, room, worker, today):
        first = a_support_session(room.clinic, room.patient.id, by=worker)

        with pytest.raises(SupportRefused, match="whole minutes"):
            self.correct(room, first, said(today, minutes=0), by=worker)

    def test_that_strikes_out_keeps_what_was_said(self, room, worker, today):
        first = a_support_session(room.clinic, room.patient.id, by=worker, note="as it was")

        struck = self.correct(
            room, first, said(today, minutes=999), by=worker, correction=Correction.WRONG_PERSON
        )

        assert (struck.minutes, struck.note, struck.correction) == (45, "as it was", "wrong_person")

    @pytest.mark.parametrize("attended", [True, False])
    def test_strikes_out_imported_history_that_says_less(self, room, worker, today, attended):
        imported = SupportSessionFactory(
            clinic=room.clinic,
            patient=room.patient,
            attended=attended,
            minutes=None if attended else 20,
            import_run=ImportRunFactory(),
            recorded_by=None,
            recorded_at=None,
            key=None,
        )

        struck = self.correct(room, imported, said(today), by=worker, correction=Correction.ENTERED_TWICE)

        assert (struck.attended, struck.amends) == (attended, imported)

    @staticmethod
    def correct(
        room: TreatmentRoom,
        session: SupportSession,
        content: Any,
        *,
        by: User,
        correction: Correction = Correction.WRONG_KEY,
        key: uuid.UUID | None = None,
    ) -> SupportSession:
        return amend_support_session(
            clinic=room.clinic,
            session=session.id,
            said=content,
            correction=correction,
            key=key or uuid.uuid4(),
            by=by,
            at=now(),
        )


class TestTheTable:
    def test_holds_our_own_rows_with_their_recorder(self):
        assert SupportSessionFactory().pk

        with refused_by("support_is_recorded_by_a_person_or_imported"):
            SupportSessionFactory(recorded_by=None)

    def test_holds_imported_rows_without_one(self):
        imported = {"recorded_by": None, "recorded_at": None, "key": None}
        assert SupportSessionFactory(import_run=ImportRunFactory(), **imported).pk

        with refused_by("support_is_recorded_by_a_person_or_imported"):
            SupportSessionFactory(import_run=ImportRunFactory())

    def test_holds_each_key_once(self):
        first = SupportSessionFactory()

        with refused_by("one_support_session_per_key"):
            SupportSessionFactory(key=first.key)

    @pytest.mark.parametrize(("attended", "minutes"), [(True, 1), (True, 480), (False, None)])
    def test_holds_minutes_where_somebody_came(self, attended, minutes):
        assert SupportSessionFactory(attended=attended, minutes=minutes).pk

    @pytest.mark.parametrize(("attended", "minutes"), [(True, None), (True, 0), (True, 481), (False, 5)])
    def test_refuses_minutes_of_nobody_and_a_session_of_no_time(self, attended, minutes):
        with refused_by("own_support_has_minutes_where_somebody_came"):
            SupportSessionFactory(attended=attended, minutes=minutes)

    def test_holds_no_day_without_a_next_step(self, today):
        assert SupportSessionFactory(next_step="Bring letters", next_step_on=today).pk

        with refused_by("support_next_step_day_has_a_step"):
            SupportSessionFactory(next_step_on=today)

    def test_holds_a_correction_with_its_reason(self):
        first = SupportSessionFactory()
        with refused_by("support_correction_has_its_reason"):
            SupportSessionFactory(amends=first)
        with refused_by("support_correction_has_its_reason"):
            SupportSessionFactory(correction="wrong_key")

        assert SupportSessionFactory(amends=first, correction="wrong_key").pk

    def test_is_never_changed(self):
        session = SupportSessionFactory()

        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            SupportSession.objects.filter(id=session.id).update(minutes=5)
        with (
            pytest.raises(Exception, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("DELETE FROM outcomes_supportsession")
