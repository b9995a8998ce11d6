"""Whose outcome form is due: the list of the clinic, and the caseload."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.actions.outcome_forms import amend_outcome_form
from outcomes.queries.due_forms import get_due_page, list_forms_to_ask
from outcomes.queries.outcome_forms import form_said
from outcomes.rules.support import Correction
from patients.models import Episode
from tests.factories import ImportedFormFactory, OutcomeFormFactory
from tests.factories.treatment import TreatmentRoom, a_patient_in_treatment, a_treatment_room

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


def started(room: TreatmentRoom, days_ago: int, today: date, *, left_days_ago: int | None = None) -> None:
    """Put the treatment of the room's person so many days back."""
    on = today - days_ago * A_DAY
    left = None if left_days_ago is None else today - left_days_ago * A_DAY
    Episode.objects.filter(person=room.patient).update(
        accepted_on=on, started_on=on, exited_on=left, exit_reason="" if left is None else "completed"
    )


def asked(room: TreatmentRoom, today: date) -> list[tuple[str, bool]]:
    forms = list_forms_to_ask(clinic=room.clinic, people=[room.patient.id], today=today)
    return [(form.point, form.is_overdue) for form in forms]


class TestFormsToAsk:
    @pytest.mark.parametrize(
        ("days_ago", "expected"),
        [
            (0, [("Start", False)]),
            (15, [("Start", True)]),
            (60, []),
            (80, [("Review", False)]),
            (99, [("Review", True)]),
        ],
    )
    def test_follow_from_the_first_dose(self, room, today, days_ago, expected):
        started(room, days_ago, today)

        assert asked(room, today) == expected

    def test_end_with_leaving(self, room, today):
        started(room, 98, today, left_days_ago=20)

        assert asked(room, today) == [("Leaving", True)]

    @pytest.mark.parametrize("factory", [OutcomeFormFactory, ImportedFormFactory])
    def test_are_done_by_a_form_of_ours_or_of_earlier_records(self, room, today, factory):
        started(room, 80, today)

        factory(clinic=room.clinic, patient=room.patient, completed_on=today, stage="review")

        assert asked(room, today) == []

    def test_come_back_where_the_form_was_struck_out(self, room, worker, today):
        started(room, 80, today)
        form = OutcomeFormFactory(
            clinic=room.clinic, patient=room.patient, completed_on=today, stage="review"
        )

        amend_outcome_form(
            clinic=room.clinic,
            form=form.id,
            said=form_said(form),
            correction=Correction.WRONG_PERSON,
            key=form.id,
            by=worker,
            at=now(),
        )

        assert asked(room, today) == [("Review", False)]


class TestTheList:
    def url(self, room: TreatmentRoom) -> str:
        return reverse("outcomes:list_due_forms", args=[room.clinic.code])

    def test_counts_what_was_asked_in_time(self, room, today):
        started(room, 99, today)
        OutcomeFormFactory(
            clinic=room.clinic, patient=room.patient, completed_on=today - 99 * A_DAY, stage="start"
        )

        page = get_due_page(clinic=room.clinic, today=today)

        assert (page.in_time, page.closed) == (1, 2)

    def test_names_whom_to_ask_and_says_that_nobody_verified_the_numbers(self, room, worker, sign_in, today):
        started(room, 99, today)

        text = sign_in(Client(), worker).get(self.url(room)).content.decode()

        assert f"{room.patient.full_name}: outcome form, review" in text
        assert "nobody has verified them" in text
        assert "0 of 2" in text
        assert "No form is due now." in text
        seen = AuditEvent.objects.filter(event="outcomes.due_forms_seen", person=room.patient.id)
        assert seen.exists()

    def test_says_that_nothing_is_due(self, room, worker, sign_in, today):
        started(room, 14, today)
        OutcomeFormFactory(clinic=room.clinic, patient=room.patient, completed_on=today, stage="start")

        text = sign_in(Client(), worker).get(self.url(room)).content.decode()

        assert "No form is overdue." in text
        assert "The time of no form has passed yet." in text

    def test_takes_as_many_queries_for_ten_as_for_one(self, room, today, django_assert_num_queries):
        with django_assert_num_queries(2):
            get_due_page(clinic=room.clinic, today=today)
        for _ in range(9):
            a_patient_in_treatment(room.clinic, by=room.nurse)
        with django_assert_num_queries(2):
            get_due_page(clinic=room.clinic, today=today)

    def test_stands_on_the_caseload(self, room, worker, sign_in, today):
        started(room, 99, today)
        caseload = reverse("outcomes:see_caseload", args=[room.clinic.code])

        text = sign_in(Client(), worker).get(caseload).content.decode()

        assert "Outcome forms to ask" in text
        assert f"{room.patient.full_name}: outcome form, review" in text
        assert self.url(room) in text
