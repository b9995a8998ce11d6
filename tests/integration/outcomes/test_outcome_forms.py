"""The outcome form: what the actions store and refuse, and what the table refuses."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.actions.askings import AnswersAmended, AnswersKeyReused, NeverAskedHere
from outcomes.actions.outcome_forms import OutcomeFormRefused, amend_outcome_form
from outcomes.models import OutcomeForm
from outcomes.queries.outcome_forms import form_said, get_forms_page, standing_outcome_forms
from outcomes.rules.measures import DAY_ITEMS
from outcomes.rules.support import Correction
from tests.factories import ImportedFormFactory, OutcomeFormFactory, PersonFactory
from tests.factories.outcome_forms import an_outcome_form, form_of
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


def correct(room: TreatmentRoom, row: OutcomeForm, *, by: User, **more: Any) -> OutcomeForm:
    given: dict[str, Any] = {
        "said": form_of(row.completed_on, weeks={"crack_days": (1, 0, 0, 0)}),
        "correction": Correction.WRONG_KEY,
        "key": uuid.uuid4(),
        **more,
    }
    return amend_outcome_form(clinic=room.clinic, form=row.id, by=by, at=now(), **given)


def standing(room: TreatmentRoom) -> list[tuple[date, int | None]]:
    rows = standing_outcome_forms(room.clinic).filter(patient=room.patient)
    return sorted(rows.values_list("completed_on", "crack_days"))


class TestRecording:
    def test_stores_each_answer_with_its_weeks_and_tells_the_trail_no_answer(self, room, worker, today):
        more = {
            "weeks": {"opiates_days": (7, 6, 5, 4), "alcohol_days": (1, 1, 1, 1), "crack_days": None},
            "yes_no": {"shared_needle": True, "defrauded": None},
            "alcohol_units": 12,
        }

        row = an_outcome_form(room.clinic, room.patient.id, by=worker, on=today, **more)

        row.refresh_from_db()
        assert form_said(row) == form_of(today, **more)
        assert (row.opiates_days, row.crack_days, row.cocaine_days) == (22, None, 0)
        assert row.weeks["opiates_days"] == [7, 6, 5, 4]
        assert (row.sharing, row.other_theft, row.assault) == (True, None, False)
        event = AuditEvent.objects.get(event="outcomes.outcome_form_recorded")
        assert (event.person, event.object_id, event.actor) == (room.patient.id, str(row.id), worker)
        assert event.detail == {"stage": "review"}

    def test_stores_the_same_key_once(self, room, worker, today):
        key = uuid.uuid4()

        rows = [an_outcome_form(room.clinic, room.patient.id, by=worker, on=today, key=key) for _ in range(2)]

        assert rows[0] == rows[1]
        assert OutcomeForm.objects.count() == 1

    def test_refuses_a_key_with_another_answer_another_point_or_of_somebody_else(
        self, room, worker, make_member, today
    ):
        key = uuid.uuid4()
        an_outcome_form(room.clinic, room.patient.id, by=worker, on=today, key=key)
        other = make_member(room.clinic, Role.CASE_WORKER, "other")

        for by, changes in (
            (worker, {"weeks": {"crack_days": None}}),
            (worker, {"stage": "exit"}),
            (worker, {"scores": {"physical": 11}}),
            (other, {}),
        ):
            with pytest.raises(AnswersKeyReused, match="sent before with other answers"):
                an_outcome_form(room.clinic, room.patient.id, by=by, on=today, key=key, **changes)
        assert OutcomeForm.objects.count() == 1

    def test_refuses_a_day_that_is_taken_and_tells_the_trail(self, room, worker, today):
        an_outcome_form(room.clinic, room.patient.id, by=worker, on=today)

        with pytest.raises(OutcomeFormRefused, match="Correct those instead"):
            an_outcome_form(room.clinic, room.patient.id, by=worker, on=today, stage="exit")

        assert standing(room) == [(today, 0)]
        refused = AuditEvent.objects.get(event="outcomes.outcome_form_recorded", outcome="refused")
        assert refused.detail["codes"] == ["asked_day_taken"]

    def test_refuses_somebody_never_accepted_here(self, room, worker, today):
        with pytest.raises(NeverAskedHere):
            an_outcome_form(room.clinic, PersonFactory().id, by=worker, on=today)


class TestCorrecting:
    def test_adds_a_form_that_counts_and_leaves_the_first(self, room, worker, today):
        first = an_outcome_form(room.clinic, room.patient.id, by=worker, on=today)

        second = correct(room, first, by=worker)

        first.refresh_from_db()
        assert (first.crack_days, second.crack_days, second.amends) == (0, 1, first)
        assert standing(room) == [(today, 1)]
        event = AuditEvent.objects.get(event="outcomes.outcome_form_amended")
        assert event.detail == {"amends": str(first.id), "correction": "wrong_key"}

    def test_of_earlier_records_needs_no_weeks(self, room, worker, today):
        first = ImportedFormFactory(
            clinic=room.clinic, patient=room.patient, completed_on=today, crack_days=9, sharing=True
        )
        said = form_said(first)

        second = correct(room, first, by=worker, said=_with(said, crack_days=8))
        third = correct(room, second, by=worker, said=_with(said, crack_days=7))

        assert (third.weeks, third.sharing, third.shared_needle) == (None, True, None)
        assert standing(room) == [(today, 7)]

    def test_that_strikes_out_keeps_the_answers_and_frees_the_day(self, room, worker, today):
        first = an_outcome_form(room.clinic, room.patient.id, by=worker, on=today)

        struck = correct(room, first, by=worker, correction=Correction.WRONG_PERSON)
        assert (form_said(struck), standing(room)) == (form_said(first), [])
        an_outcome_form(room.clinic, room.patient.id, by=worker, on=today, weeks={"crack_days": (2, 0, 0, 0)})

        assert standing(room) == [(today, 2)]

    def test_that_strikes_out_takes_an_empty_form_of_earlier_records(self, room, worker, today):
        first = ImportedFormFactory(clinic=room.clinic, patient=room.patient, completed_on=today)

        correct(room, first, by=worker, correction=Correction.ENTERED_TWICE)

        assert standing(room) == []

    def test_is_stored_once_by_its_key(self, room, worker, today):
        first = an_outcome_form(room.clinic, room.patient.id, by=worker, on=today)
        key = uuid.uuid4()

        rows = [correct(room, first, by=worker, key=key) for _ in range(2)]

        assert rows[0] == rows[1]
        assert OutcomeForm.objects.count() == 2

    def test_is_refused_where_somebody_was_first(self, room, worker, today):
        first = an_outcome_form(room.clinic, room.patient.id, by=worker, on=today)
        correct(room, first, by=worker)

        with pytest.raises(AnswersAmended, match="corrected meanwhile"):
            correct(room, first, by=worker)

    def test_is_refused_onto_the_day_of_another_and_told_to_the_trail(self, room, worker, today):
        an_outcome_form(room.clinic, room.patient.id, by=worker, on=today)
        first = an_outcome_form(room.clinic, room.patient.id, by=worker, on=today - A_DAY)

        with pytest.raises(OutcomeFormRefused, match="Correct those instead"):
            correct(room, first, by=worker, said=form_of(today))

        assert AuditEvent.objects.get(event="outcomes.outcome_form_amended", outcome="refused")


def _with(said: Any, **items: Any) -> Any:
    return replace(said, items={**said.items, **items})


class TestThePage:
    def test_puts_the_newest_form_beside_the_one_before_and_the_first_that_count(self, room, worker, today):
        for days_ago, boxes in (
            (20, (7, 7, 7, 7)),
            (15, (6, 6, 6, 6)),
            (10, (5, 5, 5, 5)),
            (5, (1, 1, 1, 1)),
        ):
            an_outcome_form(
                room.clinic,
                room.patient.id,
                by=worker,
                on=today - days_ago * A_DAY,
                weeks={"opiates_days": boxes},
            )
        struck = an_outcome_form(room.clinic, room.patient.id, by=worker, on=today)
        correct(room, struck, by=worker, correction=Correction.ENTERED_TWICE)

        page = get_forms_page(clinic=room.clinic, person_id=room.patient.id)

        assert page is not None
        assert page.beside is not None
        rows = dict(page.beside.rows)
        assert [answer for _, answer in rows["Heroin and other opioids"]] == ["4 days", "20 days", "28 days"]
        assert len(page.entries) == 5

    def test_puts_nothing_beside_a_single_form(self, room, worker, today):
        an_outcome_form(room.clinic, room.patient.id, by=worker, on=today)

        page = get_forms_page(clinic=room.clinic, person_id=room.patient.id)

        assert page is not None
        assert page.beside is None


class TestTheTable:
    def test_holds_one_form_per_key(self):
        first = OutcomeFormFactory()

        with refused_by("one_outcome_form_per_key"):
            OutcomeFormFactory(key=first.key)

    def test_asks_who_recorded_it_unless_it_was_imported(self):
        with refused_by("outcome_form_is_recorded_by_a_person_or_imported"):
            OutcomeFormFactory(recorded_by=None)

    def test_asks_why_a_form_is_written_again(self):
        first = OutcomeFormFactory()

        with refused_by("outcome_form_correction_has_its_reason"):
            OutcomeFormFactory(clinic=first.clinic, patient=first.patient, amends=first)

    def test_takes_no_correction_of_another_persons_form(self):
        first = OutcomeFormFactory()

        with refused_by("outcome_form_correction_is_of_the_same_person"):
            OutcomeFormFactory(clinic=first.clinic, amends=first, correction="wrong_key")

    def test_asks_for_an_answer_unless_it_was_imported(self):
        assert ImportedFormFactory().pk
        with refused_by("outcome_form_is_not_empty"):
            OutcomeFormFactory(weeks={}, crack_days=None)

    def test_asks_a_form_of_ours_for_its_weeks(self):
        ours = OutcomeFormFactory()
        with refused_by("outcome_form_of_ours_has_its_weeks"):
            OutcomeFormFactory(weeks=None)
        with refused_by("outcome_form_of_ours_has_its_weeks"):
            OutcomeFormFactory(
                weeks=None, clinic=ours.clinic, patient=ours.patient, amends=ours, correction="wrong_key"
            )

    @pytest.mark.parametrize(
        "weeks",
        [
            {},
            {"crack_days": [1, 0, 0]},
            {"crack_days": [1, 1, 0, 0]},
            {"crack_days": [8, -7, 0, 0]},
            {"crack_days": [1, 0, 0, 0], "opiates_days": [0, 0, 0, 0]},
            {"crack_days": [1, 0, 0, 0], "psychological": [1, 0, 0, 0]},
        ],
    )
    def test_wants_four_weeks_that_make_the_days_of_exactly_what_was_answered(self, weeks):
        assert OutcomeFormFactory(crack_days=1, weeks={"crack_days": [1, 0, 0, 0]}).pk
        with refused_by("outcome_form_weeks_make_its_days"):
            OutcomeFormFactory(crack_days=1, weeks=weeks)

    @pytest.mark.parametrize(
        "answers",
        [
            {"sharing": True},
            {"sharing": False, "shared_needle": False},
            {"sharing": None, "shared_needle": True},
            {"other_theft": False, "stole_vehicle": False, "stole_property": False, "defrauded": True},
        ],
    )
    def test_wants_the_parts_to_make_their_answer(self, answers):
        with refused_by("outcome_form_parts_make_their_answer"):
            OutcomeFormFactory(**answers)

    def test_takes_no_parts_of_earlier_records(self):
        with refused_by("outcome_form_parts_make_their_answer"):
            ImportedFormFactory(shared_needle=False)

    @pytest.mark.parametrize(
        "amount", [{"alcohol_units": 3}, {"cannabis_spliffs": 3}, {"other_drug": "Spice"}]
    )
    def test_takes_no_amount_of_what_was_not_used(self, amount):
        with refused_by("outcome_form_amounts_are_of_days_of_use"):
            OutcomeFormFactory(**amount)

    @pytest.mark.parametrize("item", DAY_ITEMS)
    def test_takes_each_item_by_its_weeks(self, item):
        assert OutcomeFormFactory(**{item: 28}, weeks={item: [7, 7, 7, 7]}, **_no_crack(item)).pk

    @pytest.mark.parametrize("sql", ["UPDATE {} SET crack_days = 0", "DELETE FROM {}"])
    def test_only_grows(self, sql):
        OutcomeFormFactory()

        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.format("outcomes_outcomeform"))


def _no_crack(item: str) -> dict[str, None]:
    return {} if item == "crack_days" else {"crack_days": None}
