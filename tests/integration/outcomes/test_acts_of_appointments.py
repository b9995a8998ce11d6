"""What can be done with an appointment, and the reason in words where nothing can."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from outcomes.models import Appointment
from outcomes.rules.appointments import moment_of
from tests.factories.appointments import AppointmentFactory, an_appointment
from tests.factories.treatment import TreatmentRoom, a_treatment_room
from tests.factories.urine import in_treatment_for

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def worker(room, make_member) -> User:
    return make_member(room.clinic, Role.CASE_WORKER, "maya")


@pytest.fixture
def browser(worker, sign_in) -> Client:
    return sign_in(Client(), worker)


@pytest.fixture
def tomorrow() -> date:
    return london_date(now()) + A_DAY


def address(room: TreatmentRoom, name: str, *more: Any) -> str:
    return reverse(f"outcomes:{name}", args=[room.clinic.code, room.patient.id, *more])


def begun(room: TreatmentRoom, worker: User) -> Appointment:
    in_treatment_for(30, room.patient)
    start = moment_of(london_date(now()) - A_DAY, time(10))
    return AppointmentFactory(
        clinic=room.clinic,
        patient=room.patient,
        worker=worker,
        domain="health",
        starts_at=start,
        ends_at=start + timedelta(minutes=45),
    )


class TestWhatCanBeDone:
    def shown(self, room, browser) -> str:
        return browser.get(address(room, "see_person_appointments")).content.decode()

    def test_is_to_move_or_cancel_one_to_come(self, room, browser, worker):
        an_appointment(room.clinic, room.patient.id, by=worker)

        page = self.shown(room, browser)

        assert ["Move<" in page, "Cancel<" in page, "Book an appointment" in page] == [True, True, True]
        assert "It has begun" not in page

    def test_of_one_that_has_begun_is_to_log_it_and_to_say_that_it_was_called_off(
        self, room, browser, worker
    ):
        begun(room, worker)

        page = self.shown(room, browser)

        assert ["Move<" in page, "Cancel<" in page, "Came: log it" in page] == [False, True, True]
        assert "It has begun: log whether they came." in page

    def test_of_somebody_who_died_is_to_cancel(self, room, browser, worker):
        an_appointment(room.clinic, room.patient.id, by=worker)
        room.patient.episodes.update(exited_on=london_date(now()), exit_reason="died")

        pages = [
            self.shown(room, browser),
            browser.get(
                reverse("outcomes:see_appointments", args=[room.clinic.code]),
                {"span": "week", "on": f"{london_date(now()) + A_DAY}"},
            ).content.decode(),
        ]

        assert [("Move<" in page, "Cancel<" in page) for page in pages] == [(False, True)] * 2
        assert "nothing can be booked" in pages[0]
        assert "Book an appointment" not in pages[0]
        assert all("This person has died: nothing is moved." in page for page in pages)
