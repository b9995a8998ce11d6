"""One person's orders: the live one in full, and every earlier version with exact times."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from dosing.queries.order_pages import get_orders_page, minutes_in_words
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from patients.models import Assessment, Episode
from patients.queries.assessments import get_assessment_basis
from tests.factories.around import RelationshipFactory
from tests.factories.order_pages import Desk
from tests.factories.treatment import TreatmentRoom, a_patient_in_treatment, a_treatment_room, an_order

SitDown = Callable[..., Desk]
THEN = datetime(2026, 2, 2, 8, 0, 7, tzinfo=UTC)


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    return a_treatment_room(dose_mg=180)


@pytest.fixture
def desk(room: TreatmentRoom, at_a_desk: SitDown) -> Desk:
    return at_a_desk(room, room.nurse)


def text_of(desk: Desk) -> str:
    return desk.client.get(desk.address("see_orders")).content.decode()


class TestTheLiveOrder:
    def test_is_printed_in_full(self, room, desk: Desk) -> None:
        text = text_of(desk)

        for part in (
            "180 mg",
            "one hundred and eighty milligrams, twice a day",
            "400 mg",
            "at least 3 hours",
            "at least 20 minutes",
            "into a vein",
            "left arm, right arm",
            "Dr Priya Nair",
            "Reached by titration.",
        ):
            assert part in text

    def test_says_what_it_rests_on_and_when_that_is_due_again(self, room, desk: Desk) -> None:
        assessment = Assessment.objects.get(episode=room.episode)

        text = text_of(desk)

        assert "What orders rest on" in text
        assert f"{assessment.due_on.day} {assessment.due_on:%B %Y}" in text
        assert assessment.get_option_chosen_display().capitalize() in text
        assert escape(assessment.why_in_their_words) in text
        assert "Overdue" not in text
        assert "Line of time" in text

    @pytest.mark.parametrize(("days", "is_overdue"), [(0, False), (1, True)])
    def test_rests_on_an_assessment_until_its_day_is_over(self, room, days: int, is_overdue: bool) -> None:
        due_on = Assessment.objects.get(episode=room.episode).due_on
        at = datetime.combine(due_on + timedelta(days=days), time(12), tzinfo=UTC)

        found = get_assessment_basis(person_id=room.patient.id, at=at)

        assert found is not None
        assert found.is_overdue is is_overdue

    def test_has_no_button_for_a_nurse(self, desk: Desk) -> None:
        text = text_of(desk)

        assert "Write a new order" not in text
        assert "End dosing" not in text
        assert "A licensed doctor signs orders." in text

    def test_has_both_buttons_for_a_doctor(self, room, at_a_desk: SitDown) -> None:
        text = text_of(at_a_desk(room, room.doctor))

        assert "Write a new order" in text
        assert "End dosing" in text


@pytest.mark.django_db
class TestAChangedDose:
    @pytest.mark.parametrize(
        ("after", "is_new"), [(timedelta(hours=72), True), (timedelta(hours=72, seconds=1), False)]
    )
    def test_is_marked_new_for_72_hours(self, after: timedelta, is_new: bool) -> None:
        room = a_treatment_room(at=THEN)
        at = THEN + timedelta(hours=1)
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=14, at=at)

        page = get_orders_page(clinic=room.clinic, patient_id=room.patient.id, at=at + after)

        assert page is not None
        assert page.live is not None
        assert (page.live.is_new, page.live.earlier_mg) == (is_new, 15)

    def test_says_what_it_was(self, room, desk: Desk) -> None:
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=160)

        assert "NEW: was 180 mg" in text_of(desk)

    def test_is_not_one_that_stayed_the_same(self, room, desk: Desk) -> None:
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=180)

        assert "NEW" not in text_of(desk)

    def test_is_not_the_first_order(self, desk: Desk) -> None:
        assert "NEW" not in text_of(desk)


@pytest.mark.django_db
class TestEarlierVersions:
    def test_have_exact_times_and_who(self) -> None:
        room = a_treatment_room(at=THEN)
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=14, at=THEN + timedelta(seconds=66))

        page = get_orders_page(clinic=room.clinic, patient_id=room.patient.id, at=THEN + timedelta(hours=1))

        assert page is not None
        (earlier,) = page.earlier
        assert earlier.began == "2 February 2026 at 08:00:07"
        assert earlier.ended == (
            "A new order took its place: Dr Priya Nair, 2 February 2026 at 08:01:13. "
            "In force until 2 February 2026 at 08:01:13."
        )

    def test_that_ran_their_time_say_so(self) -> None:
        room = a_treatment_room(at=THEN)

        page = get_orders_page(clinic=room.clinic, patient_id=room.patient.id, at=THEN + timedelta(days=14))

        assert page is not None
        assert page.live is None
        assert page.earlier[0].ended == "Ran its time, until 16 February 2026 at 08:00."

    def test_take_the_same_number_of_queries_however_many(self, room) -> None:
        def count() -> int:
            with CaptureQueriesContext(
                connection,
            ) as queries:
                get_orders_page(clinic=room.clinic, patient_id=room.patient.id, at=now())
            return len(queries)

        first = count()
        for dose in (170, 160, 150):
            an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=dose)

        assert count() == first


class TestSomebodyWhoLeft:
    def test_is_shown_and_can_be_ordered_nothing(self, room, at_a_desk: SitDown) -> None:
        today = now().date()
        Episode.objects.filter(id=room.episode.id).update(
            started_on=today, exited_on=today, exit_reason=Episode.ExitReason.COMPLETED
        )
        desk = at_a_desk(room, room.doctor)
        RelationshipFactory(person=room.patient, clinic=room.clinic, colleague=room.doctor, part="aftercare")

        text = text_of(desk)

        assert "treatment here has ended" in text
        assert "Write a new order" not in text
        assert desk.client.get(desk.address("sign_order")).status_code == 404


class TestAPersonWithoutAnOrder:
    def test_is_told_so(self, room, desk: Desk) -> None:
        desk.person = a_patient_in_treatment(room.clinic, by=room.doctor).person

        assert "No order is in force: no dose may be given." in text_of(desk)

    def test_of_another_clinic_is_not_there(self, desk: Desk) -> None:
        desk.person = a_treatment_room().patient

        assert desk.client.get(desk.address("see_orders")).status_code == 404


class TestALook:
    def test_is_in_the_audit_trail(self, room, desk: Desk) -> None:
        text_of(desk)

        look = AuditEvent.objects.get(event="dosing.orders_seen")
        assert (look.actor, look.person) == (room.nurse, room.patient.id)


class TestMinutesInWords:
    @pytest.mark.parametrize(
        ("minutes", "words"),
        [
            (0, "0 minutes"),
            (1, "1 minute"),
            (60, "1 hour"),
            (61, "1 hour 1 minute"),
            (200, "3 hours 20 minutes"),
        ],
    )
    def test_are_hours_and_minutes(self, minutes: int, words: str) -> None:
        assert minutes_in_words(minutes) == words
