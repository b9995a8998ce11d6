"""Health-service use: what the actions store and refuse, and what the table refuses."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.actions.lines import LineAmended, LineKeyReused, NeverTreatedHere
from outcomes.actions.service_use import (
    UseRefused,
    amend_service_use,
)
from outcomes.models import ServiceUse
from outcomes.queries.service_use import get_service_use_page, said_of, standing_use
from outcomes.rules.support import Correction
from tests.factories import ImportRunFactory, PersonFactory, ServiceUseFactory
from tests.factories.service_use import a_period, what_was_said
from tests.factories.treatment import TreatmentRoom, a_treatment_room
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)
OF_NOBODY = dict.fromkeys(["key", "recorded_by", "recorded_at"])


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def worker(room, make_member) -> User:
    return make_member(room.clinic, Role.CASE_WORKER, "maya")


@pytest.fixture
def yesterday() -> date:
    return london_date(now()) - A_DAY


def record(room: TreatmentRoom, by: User, first_on: date, last_on: date, **more: Any) -> ServiceUse:
    return a_period(room.clinic, room.patient.id, by=by, first_on=first_on, last_on=last_on, **more)


def correct(room: TreatmentRoom, use: ServiceUse, *, by: User, **more: Any) -> ServiceUse:
    given: dict[str, Any] = {
        "said": what_was_said(use.from_on, use.to_on - A_DAY, source="record", ambulance=3),
        "correction": Correction.WRONG_KEY,
        "key": uuid.uuid4(),
        **more,
    }
    return amend_service_use(clinic=room.clinic, use=use.id, by=by, at=now(), **given)


def imported(room: TreatmentRoom, first_on: date, to_on: date, **more: Any) -> ServiceUse:
    return ServiceUseFactory(
        clinic=room.clinic,
        patient=room.patient,
        from_on=first_on,
        to_on=to_on,
        import_run=ImportRunFactory(clinic=room.clinic),
        **{**OF_NOBODY, **more},
    )


def standing(room: TreatmentRoom) -> list[tuple[date, str, int | None]]:
    rows = standing_use(room.clinic, room.patient.id).order_by("from_on", "source")
    return list(rows.values_list("from_on", "source", "ambulance"))


class TestRecording:
    def test_stores_the_numbers_and_who_said_so(self, room, worker, yesterday):
        row = record(room, worker, yesterday - 27 * A_DAY, yesterday)

        row.refresh_from_db()
        assert (row.to_on - row.from_on).days == 28
        assert (row.ambulance, row.ae, row.inpatient) == (2, 0, None)
        assert (row.source, row.recorded_by, row.amends) == ("self_reported", worker, None)
        event = AuditEvent.objects.get(event="outcomes.service_use_recorded")
        assert (event.person, event.object_id, event.actor) == (room.patient.id, str(row.id), worker)
        assert event.detail == {}

    def test_stores_the_same_key_once(self, room, worker, yesterday):
        key = uuid.uuid4()

        rows = [record(room, worker, yesterday, yesterday, key=key) for _ in range(2)]

        assert rows[0] == rows[1]
        assert ServiceUse.objects.count() == 1

    def test_refuses_a_key_with_other_content_or_of_somebody_else(self, room, worker, make_member, yesterday):
        key = uuid.uuid4()
        record(room, worker, yesterday, yesterday, key=key)
        other = make_member(room.clinic, Role.CASE_WORKER, "other")

        for changed in ({"source": "record"}, {"ambulance": 1}, {"ae": None}, {"inpatient": 0}):
            with pytest.raises(LineKeyReused, match="sent before with other answers"):
                record(room, worker, yesterday, yesterday, key=key, **changed)
        with pytest.raises(LineKeyReused):
            record(room, worker, yesterday - A_DAY, yesterday, key=key)
        with pytest.raises(LineKeyReused):
            record(room, other, yesterday, yesterday, key=key)

    def test_refuses_days_that_the_same_source_told_and_tells_the_trail(self, room, worker, yesterday):
        record(room, worker, yesterday - 3 * A_DAY, yesterday - A_DAY)

        with pytest.raises(UseRefused, match="shares days"):
            record(room, worker, yesterday - A_DAY, yesterday)

        refused = AuditEvent.objects.get(event="outcomes.service_use_recorded", outcome="refused")
        assert refused.detail["codes"] == ["use_days_taken"]
        assert ServiceUse.objects.count() == 1

    def test_takes_the_next_day_and_the_same_days_of_the_other_source(self, room, worker, yesterday):
        record(room, worker, yesterday - 3 * A_DAY, yesterday - A_DAY)

        record(room, worker, yesterday, yesterday)
        record(room, worker, yesterday - 3 * A_DAY, yesterday - A_DAY, source="record", ambulance=5)

        assert standing(room) == [
            (yesterday - 3 * A_DAY, "record", 5),
            (yesterday - 3 * A_DAY, "self_reported", 2),
            (yesterday, "self_reported", 2),
        ]

    def test_refuses_days_of_imported_history(self, room, worker, yesterday):
        imported(room, yesterday - 3 * A_DAY, yesterday)

        record(room, worker, yesterday, yesterday)
        with pytest.raises(UseRefused, match="shares days"):
            record(room, worker, yesterday - A_DAY, yesterday - A_DAY)

    def test_refuses_days_out_of_order(self, room, worker, yesterday):
        record(room, worker, yesterday - A_DAY, yesterday)

        with pytest.raises(UseRefused, match="before the first"):
            record(room, worker, yesterday, yesterday - 3 * A_DAY)

    def test_refuses_somebody_never_accepted_here(self, room, worker, yesterday):
        with pytest.raises(NeverTreatedHere):
            a_period(room.clinic, PersonFactory().id, by=worker, first_on=yesterday, last_on=yesterday)


class TestCorrecting:
    def test_adds_a_row_that_counts_and_leaves_the_first(self, room, worker, yesterday):
        first = record(room, worker, yesterday, yesterday)

        second = correct(room, first, by=worker)

        first.refresh_from_db()
        assert (first.ambulance, second.ambulance, second.amends) == (2, 3, first)
        assert standing(room) == [(yesterday, "record", 3)]
        event = AuditEvent.objects.get(event="outcomes.service_use_amended")
        assert event.detail == {"amends": str(first.id), "correction": "wrong_key"}

    def test_that_strikes_out_keeps_the_words_and_frees_the_days(self, room, worker, yesterday):
        first = record(room, worker, yesterday, yesterday)

        struck = correct(room, first, by=worker, correction=Correction.ENTERED_TWICE)
        assert (said_of(struck), standing(room)) == (said_of(first), [])
        record(room, worker, yesterday, yesterday, ambulance=1)

        assert standing(room) == [(yesterday, "self_reported", 1)]

    def test_strikes_out_imported_history_without_a_number(self, room, worker, yesterday):
        first = imported(room, yesterday, yesterday + A_DAY, ambulance=None)

        correct(room, first, by=worker, correction=Correction.WRONG_PERSON)

        assert standing(room) == []

    def test_is_stored_once_by_its_key(self, room, worker, yesterday):
        first = record(room, worker, yesterday, yesterday)
        key = uuid.uuid4()

        rows = [correct(room, first, by=worker, key=key) for _ in range(2)]

        assert rows[0] == rows[1]
        assert ServiceUse.objects.count() == 2

    def test_is_refused_where_somebody_was_first(self, room, worker, yesterday):
        first = record(room, worker, yesterday, yesterday)
        correct(room, first, by=worker)

        with pytest.raises(LineAmended, match="corrected meanwhile"):
            correct(room, first, by=worker)

    def test_is_refused_onto_the_days_of_another_and_told_to_the_trail(self, room, worker, yesterday):
        record(room, worker, yesterday, yesterday, source="record")
        first = record(room, worker, yesterday, yesterday)

        with pytest.raises(UseRefused, match="shares days"):
            correct(room, first, by=worker)

        assert AuditEvent.objects.get(event="outcomes.service_use_amended", outcome="refused")

    def test_may_move_a_period_within_its_own_days(self, room, worker, yesterday):
        first = record(room, worker, yesterday - 3 * A_DAY, yesterday)

        correct(room, first, by=worker, said=what_was_said(yesterday - A_DAY, yesterday))

        assert standing(room) == [(yesterday - A_DAY, "self_reported", 2)]


class TestTheTable:
    def test_holds_one_row_per_key(self):
        first = ServiceUseFactory()

        with refused_by("one_service_use_per_key"):
            ServiceUseFactory(key=first.key)

    def test_asks_who_recorded_it_unless_it_was_imported(self):
        with refused_by("service_use_is_recorded_by_a_person_or_imported"):
            ServiceUseFactory(recorded_by=None)

    def test_asks_for_a_number(self):
        for name in ("ambulance", "ae", "inpatient"):
            ServiceUseFactory(**{"ambulance": None, name: 0})
        with refused_by("service_use_of_ours_tells_a_number"):
            ServiceUseFactory(ambulance=None)

    def test_asks_why_a_line_is_written_again(self):
        first = ServiceUseFactory()

        with refused_by("service_use_correction_has_its_reason"):
            ServiceUseFactory(clinic=first.clinic, patient=first.patient, amends=first)

    def test_takes_no_correction_of_another_persons_line(self):
        first = ServiceUseFactory()

        with refused_by("service_use_correction_is_of_the_same_person"):
            ServiceUseFactory(clinic=first.clinic, amends=first, correction="wrong_key")

    def test_tells_of_a_day_once_by_each_source(self):
        first = ServiceUseFactory()
        them = {"clinic": first.clinic, "patient": first.patient}
        ServiceUseFactory(**them, source="record")
        ServiceUseFactory(**them, from_on=first.to_on, to_on=first.to_on + A_DAY)

        with refused_by("service_use_periods_do_not_overlap"):
            ServiceUseFactory(**them, from_on=first.to_on - A_DAY, to_on=first.to_on)

    def test_takes_in_history_that_tells_of_a_day_twice(self, room, yesterday):
        for _ in range(2):
            imported(room, yesterday, yesterday + A_DAY)

        assert len(standing(room)) == 2

    @pytest.mark.parametrize("sql", ["UPDATE {} SET ae = 0", "DELETE FROM {}"])
    def test_only_grows(self, sql):
        ServiceUseFactory()

        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.format("outcomes_serviceuse"))


class TestThePage:
    def test_tells_every_line_of_a_period_the_latest_first(self, room, worker, yesterday):
        earlier = record(room, worker, yesterday - 9 * A_DAY, yesterday - 5 * A_DAY)
        correct(room, earlier, by=worker, correction=Correction.WRONG_PERSON)
        record(room, worker, yesterday, yesterday)

        page = get_service_use_page(clinic=room.clinic, person_id=room.patient.id)

        assert page is not None
        assert [entry.stands.is_struck for entry in page.entries] == [False, True]
        assert [len(entry.before) for entry in page.entries] == [0, 1]

    def test_asks_the_same_number_of_questions_for_one_line_and_for_many(
        self, room, worker, yesterday, django_assert_num_queries
    ):
        for days in range(20):
            record(room, worker, yesterday - days * A_DAY, yesterday - days * A_DAY)

        with django_assert_num_queries(2):
            get_service_use_page(clinic=room.clinic, person_id=room.patient.id)
