"""Stays in custody: what the actions store and refuse, and what the table refuses."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.utils import DatabaseError

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.actions.custody import (
    CustodyRefused,
    amend_custody,
    end_custody,
)
from outcomes.actions.lines import LineAmended, LineKeyReused, NeverTreatedHere
from outcomes.models import CustodyStay
from outcomes.queries.custody import get_custody_page, said_of, standing_custody
from outcomes.rules.custody import CustodySaid
from outcomes.rules.support import Correction
from tests.factories import CustodyStayFactory, ImportRunFactory, PersonFactory
from tests.factories.custody import a_stay
from tests.factories.treatment import TreatmentRoom, a_treatment_room
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)
OF_NOBODY = dict.fromkeys(["key", "recorded_by", "recorded_at"]) | dict.fromkeys(["kind", "source"], "")


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def worker(room, make_member) -> User:
    return make_member(room.clinic, Role.CASE_WORKER, "maya")


@pytest.fixture
def today() -> date:
    return london_date(now())


def record(room: TreatmentRoom, by: User, first_on: date, last_on: date | None = None, **more: Any):
    return a_stay(room.clinic, room.patient.id, by=by, first_on=first_on, last_on=last_on, **more)


def end(room: TreatmentRoom, stay: CustodyStay, last_on: date, *, by: User, **more: Any) -> CustodyStay:
    given = {"key": uuid.uuid4(), **more}
    return end_custody(clinic=room.clinic, stay=stay.id, last_on=last_on, by=by, at=now(), **given)


def correct(room: TreatmentRoom, stay: CustodyStay, *, by: User, **more: Any) -> CustodyStay:
    given: dict[str, Any] = {
        "said": CustodySaid(
            first_on=stay.during.lower, last_on=stay.during.lower, kind="police", source="record"
        ),
        "correction": Correction.WRONG_KEY,
        "key": uuid.uuid4(),
        **more,
    }
    return amend_custody(clinic=room.clinic, stay=stay.id, by=by, at=now(), **given)


def imported(room: TreatmentRoom, first_on: date, out_on: date | None = None) -> CustodyStay:
    return CustodyStayFactory(
        clinic=room.clinic,
        patient=room.patient,
        during=DateRange(first_on, out_on),
        import_run=ImportRunFactory(clinic=room.clinic),
        **OF_NOBODY,
    )


def standing(room: TreatmentRoom) -> list[tuple[date, date | None, str]]:
    rows = standing_custody(room.clinic, room.patient.id).order_by("during", "source")
    return [(row.during.lower, row.during.upper, row.source) for row in rows]


class TestRecording:
    def test_stores_the_days_and_who_said_so(self, room, worker, today):
        row = record(room, worker, today - A_DAY, today)

        row.refresh_from_db()
        assert row.during == DateRange(today - A_DAY, today + A_DAY)
        assert (row.kind, row.source, row.recorded_by, row.amends) == (
            "prison",
            "self_reported",
            worker,
            None,
        )
        event = AuditEvent.objects.get(event="outcomes.custody_recorded")
        assert (event.person, event.object_id, event.actor) == (room.patient.id, str(row.id), worker)
        assert "prison" not in str(event.detail)

    def test_stores_the_same_key_once(self, room, worker, today):
        key = uuid.uuid4()

        rows = [record(room, worker, today, key=key) for _ in range(2)]

        assert rows[0] == rows[1]
        assert CustodyStay.objects.count() == 1

    def test_refuses_a_key_with_other_content_or_of_somebody_else(self, room, worker, make_member, today):
        key = uuid.uuid4()
        record(room, worker, today, key=key)
        other = make_member(room.clinic, Role.CASE_WORKER, "other")

        for changed in ({"kind": "police"}, {"source": "record"}, {"last_on": today}):
            with pytest.raises(LineKeyReused, match="sent before with other answers"):
                record(room, worker, today, key=key, **changed)
        with pytest.raises(LineKeyReused):
            record(room, other, today, key=key)

    def test_refuses_days_that_the_same_source_told_and_tells_the_trail(self, room, worker, today):
        record(room, worker, today - 3 * A_DAY, today - A_DAY)

        with pytest.raises(CustodyRefused, match="Correct that one instead"):
            record(room, worker, today - A_DAY, today)

        refused = AuditEvent.objects.get(event="outcomes.custody_recorded", outcome="refused")
        assert refused.detail["codes"] == ["custody_days_taken"]
        assert CustodyStay.objects.count() == 1

    def test_takes_the_next_day_and_the_same_days_of_the_other_source(self, room, worker, today):
        record(room, worker, today - 3 * A_DAY, today - A_DAY)

        record(room, worker, today)
        record(room, worker, today - 3 * A_DAY, today - A_DAY, source="record")

        assert CustodyStay.objects.count() == 3

    def test_refuses_a_new_stay_while_one_is_open(self, room, worker, today):
        record(room, worker, today - 3 * A_DAY)

        with pytest.raises(CustodyRefused, match="write that there first"):
            record(room, worker, today)

    def test_refuses_days_out_of_order(self, room, worker, today):
        with pytest.raises(CustodyRefused, match="before the first"):
            record(room, worker, today, today - 3 * A_DAY)

    def test_refuses_somebody_never_accepted_here(self, room, worker, today):
        with pytest.raises(NeverTreatedHere):
            a_stay(room.clinic, PersonFactory().id, by=worker, first_on=today)


class TestComingOut:
    def test_closes_the_stay_and_leaves_the_first_row(self, room, worker, today):
        first = record(room, worker, today - 3 * A_DAY)

        second = end(room, first, today, by=worker)

        first.refresh_from_db()
        assert (first.during.upper, second.amends, second.correction) == (None, first, "ended")
        assert standing(room) == [(today - 3 * A_DAY, today + A_DAY, "self_reported")]
        event = AuditEvent.objects.get(event="outcomes.custody_ended")
        assert event.detail == {"amends": str(first.id), "correction": "ended"}

    def test_of_imported_history_keeps_open_what_nobody_recorded(self, room, worker, today):
        first = imported(room, today - 3 * A_DAY)

        end(room, first, today - A_DAY, by=worker)

        assert standing(room) == [(today - 3 * A_DAY, today, "")]

    def test_is_stored_once_by_its_key(self, room, worker, today):
        first = record(room, worker, today)
        key = uuid.uuid4()

        rows = [end(room, first, today, by=worker, key=key) for _ in range(2)]

        assert rows[0] == rows[1]
        with pytest.raises(LineKeyReused):
            end(room, first, today - A_DAY, by=worker, key=key)

    def test_is_refused_where_somebody_was_first(self, room, worker, today):
        first = record(room, worker, today)
        end(room, first, today, by=worker)

        with pytest.raises(LineAmended, match="corrected meanwhile"):
            end(room, first, today, by=worker)

    def test_is_refused_before_the_first_day_and_told_to_the_trail(self, room, worker, today):
        first = record(room, worker, today)

        with pytest.raises(CustodyRefused, match="before the first"):
            end(room, first, today - A_DAY, by=worker)

        refused = AuditEvent.objects.get(event="outcomes.custody_ended", outcome="refused")
        assert refused.detail["codes"] == ["custody_ends_before"]

    def test_is_refused_of_a_line_that_counts_for_nothing(self, room, worker, today):
        struck = correct(room, record(room, worker, today), by=worker, correction=Correction.WRONG_PERSON)

        with pytest.raises(CustodyRefused, match="counts for nothing"):
            end(room, struck, today, by=worker)


class TestCorrecting:
    def test_adds_a_row_that_counts_and_leaves_the_first(self, room, worker, today):
        first = record(room, worker, today)

        second = correct(room, first, by=worker)

        first.refresh_from_db()
        assert (first.kind, second.kind, second.amends) == ("prison", "police", first)
        assert standing(room) == [(today, today + A_DAY, "record")]
        event = AuditEvent.objects.get(event="outcomes.custody_amended")
        assert event.detail == {"amends": str(first.id), "correction": "wrong_key"}

    def test_of_imported_history_may_leave_open_what_nobody_recorded(self, room, worker, today):
        first = imported(room, today - 3 * A_DAY, today)

        correct(room, first, by=worker, said=CustodySaid(first_on=today, last_on=today, kind="", source=""))

        assert standing(room) == [(today, today + A_DAY, "")]

    def test_that_strikes_out_keeps_the_words_and_frees_the_days(self, room, worker, today):
        first = record(room, worker, today)

        struck = correct(room, first, by=worker, correction=Correction.ENTERED_TWICE)
        assert (said_of(struck), standing(room)) == (said_of(first), [])
        record(room, worker, today, today)

        assert standing(room) == [(today, today + A_DAY, "self_reported")]

    def test_is_stored_once_by_its_key(self, room, worker, today):
        first = record(room, worker, today)
        key = uuid.uuid4()

        rows = [correct(room, first, by=worker, key=key) for _ in range(2)]

        assert rows[0] == rows[1]
        assert CustodyStay.objects.count() == 2

    def test_is_refused_where_somebody_was_first(self, room, worker, today):
        first = record(room, worker, today)
        correct(room, first, by=worker)

        with pytest.raises(LineAmended):
            correct(room, first, by=worker)

    def test_is_refused_onto_the_days_of_another_and_told_to_the_trail(self, room, worker, today):
        record(room, worker, today, source="record")
        first = record(room, worker, today)

        with pytest.raises(CustodyRefused, match="already tells of custody"):
            correct(room, first, by=worker)

        assert AuditEvent.objects.get(event="outcomes.custody_amended", outcome="refused")

    def test_may_move_a_stay_onto_its_own_days(self, room, worker, today):
        first = record(room, worker, today - 3 * A_DAY, today, source="record")

        correct(room, first, by=worker)

        assert standing(room) == [(today - 3 * A_DAY, today - 2 * A_DAY, "record")]


class TestTheTable:
    def test_holds_one_row_per_key(self):
        first = CustodyStayFactory()

        with refused_by("one_custody_stay_per_key"):
            CustodyStayFactory(key=first.key)

    def test_asks_who_recorded_it_unless_it_was_imported(self):
        with refused_by("custody_is_recorded_by_a_person_or_imported"):
            CustodyStayFactory(recorded_by=None)

    def test_asks_which_custody_and_who_told(self):
        for missing in ("kind", "source"):
            with refused_by("custody_of_ours_has_kind_and_source"):
                CustodyStayFactory(**{missing: ""})

    def test_asks_for_the_first_day(self, today):
        with refused_by("custody_stay_has_a_first_day"):
            CustodyStayFactory(during=DateRange(None, today))
        with refused_by("custody_stay_has_a_first_day"):
            CustodyStayFactory(during=DateRange(today, today))

    def test_asks_why_a_line_is_written_again(self):
        first = CustodyStayFactory()

        with refused_by("custody_correction_has_its_reason"):
            CustodyStayFactory(clinic=first.clinic, patient=first.patient, amends=first)

    def test_takes_no_correction_of_another_persons_line(self):
        first = CustodyStayFactory()

        with refused_by("custody_correction_is_of_the_same_person"):
            CustodyStayFactory(clinic=first.clinic, amends=first, correction="wrong_key")

    def test_ends_an_open_stay_and_changes_nothing_else_of_it(self, today):
        still_in = DateRange(today, None)
        closed, opened = CustodyStayFactory(), CustodyStayFactory(during=still_in)
        ways = (
            (closed, {"during": closed.during}),
            (opened, {"during": still_in}),
            (opened, {"during": DateRange(today - A_DAY, today)}),
            (opened, {"during": DateRange(today, today + A_DAY), "kind": "prison"}),
            (opened, {"during": DateRange(today, today + A_DAY), "source": "record"}),
        )

        for first, said in ways:
            with refused_by("custody_end_is_of_an_open_stay"):
                CustodyStayFactory(
                    clinic=first.clinic, patient=first.patient, amends=first, correction="ended", **said
                )

    @pytest.mark.parametrize("sql", ["UPDATE {} SET kind = 'police'", "DELETE FROM {}"])
    def test_only_grows(self, sql):
        CustodyStayFactory()

        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.format("outcomes_custodystay"))


class TestThePage:
    def test_tells_who_is_still_in_and_every_line_of_a_stay(self, room, worker, today):
        earlier = record(room, worker, today - 9 * A_DAY)
        end(room, earlier, today - 8 * A_DAY, by=worker)
        struck = record(room, worker, today - 5 * A_DAY)
        correct(room, struck, by=worker, correction=Correction.WRONG_PERSON)
        still_in = record(room, worker, today)

        page = get_custody_page(clinic=room.clinic, person_id=room.patient.id)

        assert page is not None
        assert [stay.id for stay in page.open] == [still_in.id]
        assert [len(entry.before) for entry in page.entries] == [0, 1, 1]
        assert [entry.stands.is_struck for entry in page.entries] == [False, True, False]
        assert page.entries[2].stands.is_end

    def test_asks_the_same_number_of_questions_for_one_line_and_for_many(
        self, room, worker, today, django_assert_num_queries
    ):
        for days in range(0, 40, 2):
            record(room, worker, today - days * A_DAY, today - days * A_DAY)

        with django_assert_num_queries(2):
            get_custody_page(clinic=room.clinic, person_id=room.patient.id)
