"""Whose outcome form is due: the list of the clinic, and the caseload."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.actions.outcome_forms import amend_outcome_form
from outcomes.actions.own_answers import amend_own_answers
from outcomes.queries.askings import Stay, stay_of
from outcomes.queries.due_forms import Asked, InTime, get_due_page, list_forms_to_ask
from outcomes.queries.outcome_forms import form_said
from outcomes.rules.support import Correction
from patients.models import Episode
from tests.factories import EpisodeFactory, ImportedFormFactory, OutcomeFormFactory
from tests.factories.own_answers import own_answers, own_said
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


def asked(room: TreatmentRoom, today: date, asks: Asked = Asked.OUTCOME_FORM) -> list[tuple[str, bool]]:
    forms = list_forms_to_ask(clinic=room.clinic, people=[room.patient.id], today=today)
    return [(form.point, form.is_overdue) for form in forms if form.asks == asks]


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

    @pytest.mark.parametrize("left_days_ago", [0, 5])
    def test_are_none_where_somebody_died(self, room, today, left_days_ago):
        started(room, 84, today, left_days_ago=left_days_ago)
        EpisodeFactory(
            clinic=room.clinic,
            person=room.patient,
            accepted_on=today - 200 * A_DAY,
            started_on=today - 200 * A_DAY,
            exited_on=today - 100 * A_DAY,
            exit_reason="completed",
        )

        assert ("Leaving", False) in asked(room, today)
        Episode.objects.filter(person=room.patient, accepted_on=today - 84 * A_DAY).update(exit_reason="died")

        assert asked(room, today) == []

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


class TestTheFourQuestions:
    def test_are_asked_at_the_points_of_the_form_and_done_on_their_own(self, room, worker, today):
        started(room, 80, today)
        assert asked(room, today, Asked.OWN) == [("Review", False)]

        OutcomeFormFactory(clinic=room.clinic, patient=room.patient, completed_on=today, stage="review")
        assert asked(room, today, Asked.OWN) == [("Review", False)]

        own_answers(room.clinic, room.patient.id, by=worker, on=today)
        assert asked(room, today, Asked.OWN) == []

    def test_leave_the_form_due(self, room, worker, today):
        started(room, 80, today)

        own_answers(room.clinic, room.patient.id, by=worker, on=today)

        assert asked(room, today) == [("Review", False)]

    def test_come_back_where_the_answers_were_struck_out(self, room, worker, today):
        started(room, 99, today)
        answers = own_answers(room.clinic, room.patient.id, by=worker, on=today)
        assert asked(room, today, Asked.OWN) == []

        amend_own_answers(
            clinic=room.clinic,
            answers=answers.id,
            said=own_said(today),
            correction=Correction.WRONG_PERSON,
            key=answers.id,
            by=worker,
            at=now(),
        )

        assert asked(room, today, Asked.OWN) == [("Review", True)]

    @pytest.mark.parametrize(("days_ago", "point"), [(0, "start"), (80, "review")])
    def test_that_are_due_have_the_first_button_of_their_page(
        self, room, worker, sign_in, today, days_ago, point
    ):
        started(room, days_ago, today)
        OutcomeFormFactory(clinic=room.clinic, patient=room.patient, completed_on=today, stage=point)
        page = reverse("outcomes:see_own_answers", args=[room.clinic.code, room.patient.id])
        there = reverse("outcomes:record_own_answers", args=[room.clinic.code, room.patient.id, point])

        text = sign_in(Client(), worker).get(page).content.decode()

        assert f'<a class="nhsuk-button" href="{there}">' in text
        assert text.count('<a class="nhsuk-button" ') == 1


class TestTheTreatmentOfAForm:
    FIRST = Stay(date(2026, 1, 1), date(2026, 1, 1), date(2026, 4, 20))
    SECOND = Stay(date(2026, 5, 5), date(2026, 5, 5), None)

    @pytest.mark.parametrize(
        ("stage", "on", "is_second"),
        [
            ("start", date(2025, 12, 4), False),
            # In the 28 days before the second acceptance, but in the first treatment.
            ("review", date(2026, 4, 10), False),
            ("exit", date(2026, 4, 20), False),
            ("start", date(2026, 4, 20), False),
            # Between the two.
            ("exit", date(2026, 4, 22), False),
            ("review", date(2026, 4, 22), False),
            ("post_exit", date(2026, 5, 4), False),
            ("start", date(2026, 4, 21), True),
            ("start", date(2026, 5, 4), True),
            ("start", date(2026, 5, 5), True),
            ("review", date(2026, 8, 1), True),
            ("post_exit", date(2026, 8, 1), True),
            # Long before anything.
            ("start", date(2025, 1, 1), False),
        ],
    )
    def test_is_the_one_that_holds_its_day_and_between_two_goes_by_the_point(self, stage, on, is_second):
        assert stay_of([self.FIRST, self.SECOND], on, stage) == (self.SECOND if is_second else self.FIRST)

    def test_left_and_accepted_again_on_one_day_is_that_of_its_point(self):
        same_day = replace(self.SECOND, accepted_on=date(2026, 4, 20), started_on=date(2026, 4, 20))
        stays = [self.FIRST, same_day]

        assert stay_of(stays, date(2026, 4, 20), "exit") == self.FIRST
        assert stay_of(stays, date(2026, 4, 20), "start") == same_day


class TestTheList:
    def url(self, room: TreatmentRoom) -> str:
        return reverse("outcomes:list_due_forms", args=[room.clinic.code])

    def test_counts_what_was_asked_in_time(self, room, today):
        started(room, 99, today)
        OutcomeFormFactory(
            clinic=room.clinic, patient=room.patient, completed_on=today - 99 * A_DAY, stage="start"
        )

        page = get_due_page(clinic=room.clinic, today=today)

        assert page.so_far == (InTime(Asked.OUTCOME_FORM, 1, 2), InTime(Asked.OWN, 0, 2))

    def test_names_whom_to_ask_and_says_that_nobody_verified_the_numbers(self, room, worker, sign_in, today):
        started(room, 99, today)

        text = sign_in(Client(), worker).get(self.url(room)).content.decode()

        assert f"{room.patient.full_name}: outcome form, review" in text
        assert "nobody has verified them" in text
        assert f"{room.patient.full_name}: four questions, review" in text
        assert (
            reverse("outcomes:record_own_answers", args=[room.clinic.code, room.patient.id, "review"]) in text
        )
        assert text.count("0 of 2") == 2
        assert "Nothing is due now." in text
        seen = AuditEvent.objects.filter(event="outcomes.due_forms_seen", person=room.patient.id)
        assert seen.exists()

    def test_says_that_nothing_is_due(self, room, worker, sign_in, today):
        started(room, 14, today)
        OutcomeFormFactory(clinic=room.clinic, patient=room.patient, completed_on=today, stage="start")
        own_answers(room.clinic, room.patient.id, by=worker, on=today, stage="start")

        text = sign_in(Client(), worker).get(self.url(room)).content.decode()

        assert "Nothing is overdue." in text
        assert text.count("no time has passed yet") == 2

    def test_takes_as_many_queries_for_ten_as_for_one(self, room, today, django_assert_num_queries):
        with django_assert_num_queries(4):
            get_due_page(clinic=room.clinic, today=today)
        for _ in range(9):
            a_patient_in_treatment(room.clinic, by=room.nurse)
        with django_assert_num_queries(4):
            get_due_page(clinic=room.clinic, today=today)

    def test_stands_on_the_caseload(self, room, worker, sign_in, today):
        started(room, 99, today)
        caseload = reverse("outcomes:see_caseload", args=[room.clinic.code])

        text = sign_in(Client(), worker).get(caseload).content.decode()

        assert "Outcome forms and questions to ask" in text
        assert f"{room.patient.full_name}: outcome form, review" in text
        assert self.url(room) in text
