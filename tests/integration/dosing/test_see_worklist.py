"""What waits for a prescriber, and in which order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dosing.actions.orders import record_licence
from dosing.queries.worklist import Worklist, get_worklist
from dosing.rules.orders import Product
from dosing.rules.worklist import Group, Matter
from hat_clinic.accounts.actions import close_account
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from patients.actions import withdraw_consent
from patients.models import Assessment
from patients.rules.consents import Purpose
from tests.factories import ProtocolVersionFactory
from tests.factories.order_pages import Desk
from tests.factories.people import assess
from tests.factories.treatment import (
    TreatmentRoom,
    a_clinic,
    a_member_of_staff,
    a_patient_in_treatment,
    a_treatment_room,
    an_order,
)

SitDown = Callable[..., Desk]
THEN = datetime(2026, 2, 2, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    return a_treatment_room(at=THEN)


def listed(room: TreatmentRoom, *, at: datetime = THEN + SECOND) -> Worklist:
    return get_worklist(clinic=room.clinic, viewer=room.doctor, at=at)


def what_waits(room: TreatmentRoom, *, at: datetime = THEN + SECOND) -> list[tuple[Group, Matter]]:
    """Return what is to be decided, but for finding somebody who has not come: that is told by tests of its own."""
    return [(row.group, row.matter) for row in listed(room, at=at).rows if not row.is_to_contact]


class TestAClinicWhereAllIsDecided:
    def test_has_no_row_and_says_when_the_next_order_ends(self, room: TreatmentRoom) -> None:
        worklist = listed(room)

        assert worklist.rows == ()
        assert worklist.next_end == "on 16 February 2026 at 08:00"

    def test_without_anybody_has_no_next_end(self, db: None) -> None:
        clinic = a_clinic(at=THEN)
        ProtocolVersionFactory(clinic=clinic, starts_at=THEN - DAY)
        doctor = a_member_of_staff(clinic, Role.DOCTOR, name="Dr Sam Ito", at=THEN)

        worklist = get_worklist(clinic=clinic, viewer=doctor, at=THEN)

        assert (worklist.rows, worklist.next_end) == ((), "")


class TestAnOrder:
    @pytest.mark.parametrize(
        ("before", "rows"), [(7 * DAY + SECOND, []), (7 * DAY, [(Group.WEEK, Matter.ENDS)])]
    )
    def test_is_listed_in_its_last_seven_days(self, room, before: timedelta, rows: list) -> None:
        assert what_waits(room, at=THEN + 14 * DAY - before) == rows

    def test_is_of_today_on_its_last_day(self, room: TreatmentRoom) -> None:
        worklist = listed(room, at=THEN + 14 * DAY - timedelta(hours=2))

        (row,) = (row for row in worklist.rows if not row.is_to_contact)
        assert (row.group, row.tag) == (Group.TODAY, "Ends today")
        assert row.what == "Order ends on 16 February 2026 at 08:00"
        assert row.facts.startswith("15 mg twice a day, since 2 February 2026 at 08:00.")

    def test_of_somebody_who_never_came_asks_to_find_them(self, room: TreatmentRoom) -> None:
        found = [
            [row.matter for row in listed(room, at=THEN + hours * timedelta(hours=1)).rows]
            for hours in (15, 16, 63, 64)
        ]

        # Sessions close at noon and at midnight; the order is of eight in the morning.
        assert found == [[], [Matter.CONTACT], [Matter.CONTACT], [Matter.DAYS_MISSED, Matter.CONTACT]]

    def test_that_ran_out_is_waiting_now(self, room: TreatmentRoom) -> None:
        (row,) = listed(room, at=THEN + 16 * DAY).rows

        assert (row.group, row.matter) == (Group.NOW, Matter.NO_ORDER)
        assert row.what == "Order ran out: no dose until you sign"
        assert (row.since, row.since_exactly) == ("2 days", "16 February 2026 at 08:00")

    def test_that_is_followed_by_the_next_is_not_listed(self, room: TreatmentRoom) -> None:
        end = THEN + 14 * DAY
        an_order(room.episode, room.premises, doctor=room.doctor, at=end - DAY)

        assert what_waits(room, at=end - timedelta(hours=1)) == []

    def test_of_a_doctor_who_left_is_waiting_now(self, room: TreatmentRoom) -> None:
        close_account(user=room.doctor, clinic=room.clinic, by=room.cd_lead, at=THEN + SECOND)

        rows = listed(room, at=THEN + 2 * SECOND).rows

        assert [(row.group, row.matter) for row in rows] == [(Group.NOW, Matter.SUSPENDED)]
        assert "Dr Priya Nair, who signed it, has left." in rows[0].facts

    def test_without_a_consent_is_waiting_now(self, db: None) -> None:
        room = a_treatment_room()
        withdraw_consent(
            person_id=room.patient.id, clinic=room.clinic, purpose=Purpose.TREATMENT, by=room.doctor, at=now()
        )

        assert what_waits(room, at=now()) == [(Group.NOW, Matter.NO_CONSENT)]


class TestAPersonWithoutAnOrder:
    def test_waits_for_the_first(self, room: TreatmentRoom) -> None:
        a_patient_in_treatment(room.clinic, by=room.doctor, at=THEN)

        (row,) = listed(room).rows
        assert (row.group, row.matter, row.tag) == (Group.WEEK, Matter.FIRST_ORDER, "New")

    def test_without_consent_is_not_ready(self, db: None) -> None:
        room = a_treatment_room()
        episode = a_patient_in_treatment(room.clinic, by=room.doctor)
        withdraw_consent(
            person_id=episode.person_id,
            clinic=room.clinic,
            purpose=Purpose.TREATMENT,
            by=room.doctor,
            at=now(),
        )

        (row,) = listed(room, at=now()).rows
        assert row.matter is Matter.NOT_READY
        assert row.facts == "No treatment consent stands."

    def test_is_not_assessed_before_the_signature(self, room: TreatmentRoom) -> None:
        a_patient_in_treatment(room.clinic, by=room.doctor, at=THEN)
        assert Assessment.objects.filter(signed_at=THEN).count() == 2

        rows = listed(room, at=THEN - SECOND).rows

        assert "no medical assessment is signed" in " ".join(row.facts.lower() for row in rows)


class TestAnAssessment:
    @pytest.mark.parametrize(
        ("days", "found"),
        [
            (69, []),
            (70, [(Group.WEEK, "Due soon", "Medical assessment due again on 27 April 2026")]),
            (84, [(Group.TODAY, "Due today", "Medical assessment due again today")]),
            (86, [(Group.TODAY, "Overdue", "Medical assessment overdue since 27 April 2026")]),
        ],
    )
    def test_is_listed_from_two_weeks_before_it_is_due(self, room, days: int, found: list) -> None:
        rows = listed(room, at=THEN + days * DAY).rows

        due = [row for row in rows if row.matter is Matter.ASSESSMENT_DUE]
        assert [(row.group, row.tag, row.what) for row in due] == found
        assert all(row.patient_id == room.patient.id and not row.is_to_sign for row in due)

    def test_that_was_made_anew_is_not_listed(self, room: TreatmentRoom) -> None:
        assess(room.episode, by=room.doctor, at=THEN + 80 * DAY, follows=1)

        assert Matter.ASSESSMENT_DUE not in [matter for _, matter in what_waits(room, at=THEN + 86 * DAY)]


class TestTheLimits:
    def test_are_missed_before_anything_else(self, db: None) -> None:
        clinic = a_clinic(at=THEN)
        doctor = a_member_of_staff(clinic, Role.DOCTOR, name="Dr Sam Ito", at=THEN)

        (row,) = get_worklist(clinic=clinic, viewer=doctor, at=THEN).rows

        assert (row.group, row.matter, row.name) == (Group.NOW, Matter.NO_PROTOCOL, "The clinic")


class TestALicence:
    @pytest.mark.parametrize(
        ("left", "found"),
        [
            (90 * DAY + SECOND, []),
            (90 * DAY, [(Group.WEEK, "90 days")]),
            (30 * DAY, [(Group.WEEK, "30 days")]),
            (7 * DAY + SECOND, [(Group.WEEK, "7 days")]),
            (7 * DAY, [(Group.TODAY, "7 days")]),
            (timedelta(0), [(Group.TODAY, "Ended")]),
        ],
    )
    def test_is_told_of_before_its_end(self, room, left: timedelta, found: list) -> None:
        rows = [
            (row.group, row.tag)
            for row in listed(room, at=THEN + 365 * DAY - left).rows
            if row.matter is Matter.LICENCE
        ]

        assert rows == found

    def test_that_was_renewed_is_not_told_of(self, room: TreatmentRoom) -> None:
        record_licence(
            doctor=room.doctor,
            premises=room.premises,
            product=Product.DIAMORPHINE,
            starts_at=THEN + 365 * DAY,
            ends_at=THEN + 700 * DAY,
            by=room.cd_lead,
            at=THEN,
        )

        rows = listed(room, at=THEN + 360 * DAY).rows
        assert [row for row in rows if row.matter is Matter.LICENCE] == []

    def test_is_yours_or_somebody_elses(self, room: TreatmentRoom) -> None:
        at = THEN + 350 * DAY

        own = [row.name for row in listed(room, at=at).rows if row.matter is Matter.LICENCE]
        seen_by_another = get_worklist(clinic=room.clinic, viewer=room.nurse, at=at).rows

        assert own == ["You"]
        assert "Dr Priya Nair" in {row.name for row in seen_by_another}


class TestThePage:
    def test_takes_the_same_number_of_queries_for_one_person_and_for_sixty(self, db: None) -> None:
        room = a_treatment_room(at=THEN, places=61)

        def count() -> int:
            with CaptureQueriesContext(connection) as queries:
                listed(room, at=THEN + 20 * DAY)
            return len(queries)

        one = count()
        for _ in range(59):
            episode = a_patient_in_treatment(room.clinic, by=room.doctor, at=THEN)
            an_order(episode, room.premises, doctor=room.doctor, at=THEN)

        assert count() == one
        assert len(listed(room, at=THEN + 20 * DAY).people) == 60

    def test_is_the_first_page_of_a_doctor(self, db: None, at_a_desk: SitDown) -> None:
        room = a_treatment_room()

        answer = at_a_desk(room, room.doctor).client.get("/", follow=True)

        assert answer.request["PATH_INFO"] == reverse("dosing:see_worklist", args=[room.clinic.code])
        assert "No decision waits for you. The next order ends on" in " ".join(
            answer.content.decode().replace("<strong>", "").replace("</strong>", "").split()
        )

    def test_shows_who_ended_an_order_and_leads_to_the_next(self, db: None, at_a_desk: SitDown) -> None:
        room = a_treatment_room()
        desk = at_a_desk(room, room.doctor)
        desk.end(desk.open_end())

        text = desk.client.get(reverse("dosing:see_worklist", args=[room.clinic.code])).content.decode()

        assert "Order ended: no dose until you sign" in text
        assert "dosing is not safe now. “Found asleep at home.”" in text
        assert desk.address("sign_order") in text

    def test_leads_somebody_who_may_not_sign_to_the_orders(self, db: None, at_a_desk: SitDown) -> None:
        room = a_treatment_room()
        desk = at_a_desk(room, a_member_of_staff(room.clinic, Role.PRESCRIBER, name="Sol Oduya"))
        desk.end(desk.open_end())

        text = desk.client.get(reverse("dosing:see_worklist", args=[room.clinic.code])).content.decode()

        assert desk.address("sign_order") not in text
        assert desk.address("see_orders") in text

    def test_is_a_look_at_everybody_on_it(self, db: None, at_a_desk: SitDown) -> None:
        room = a_treatment_room()
        desk = at_a_desk(room, room.doctor)
        desk.end(desk.open_end())

        desk.client.get(reverse("dosing:see_worklist", args=[room.clinic.code]))

        looks = AuditEvent.objects.filter(event="dosing.worklist_seen")
        assert [look.person for look in looks] == [room.patient.id]
