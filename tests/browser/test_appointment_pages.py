"""A case worker's day in the browser: book, move, cancel, log, remind, the day, the week, and an agency's times."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta

import pytest

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from outcomes.models import Appointment, SupportSession
from outcomes.rules.appointments import moment_of
from tests.browser.test_support_pages import assert_fit, tap
from tests.browser.windows import Window
from tests.factories import AgencyFactory
from tests.factories.appointments import AgencySlotFactory, AppointmentFactory, an_appointment
from tests.factories.treatment import TreatmentRoom, a_member_of_staff

pytestmark = pytest.mark.browser
Open = Callable[..., Window]
A_DAY = timedelta(days=1)


@pytest.fixture
def worker(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.CASE_WORKER, name="Maya Ellis")


@pytest.fixture
def window(room: TreatmentRoom, worker: User, open_window: Open) -> Window:
    window = open_window(worker)
    window.go(f"/clinics/{room.clinic.code}/people/{room.patient.id}/appointments/")
    return window


def begun(room: TreatmentRoom, worker: User) -> Appointment:
    """Return an appointment of nine this morning; the clock of these tests stands at ten."""
    start = moment_of(london_date(now()), time(9))
    return AppointmentFactory(
        clinic=room.clinic,
        patient=room.patient,
        worker=worker,
        starts_at=start,
        ends_at=start + timedelta(minutes=30),
    )


def at_desk(window: Window) -> None:
    """Take the wide window again after it was looked at narrow."""
    window.page.set_viewport_size({"width": 1280, "height": 900})


class TestBooking:
    def test_a_place_of_an_agency_then_moving_and_cancelling(
        self, room: TreatmentRoom, worker: User, window: Window
    ) -> None:
        tomorrow = london_date(now()) + A_DAY
        slot = AgencySlotFactory(
            clinic=room.clinic,
            agency=AgencyFactory(name=f"Coast Homes and Neighbourhood Support {room.clinic.code}"),
            weekday=tomorrow.isoweekday(),
            first_on=tomorrow,
        )
        assert "Nothing is booked." in window.text
        assert_fit(window)
        at_desk(window)
        window.follow(window.page.get_by_role("link", name="Book an appointment"))
        assert_fit(window)
        tap(window, "Housing")
        window.page.get_by_label("When?").select_option(f"{slot.id} {tomorrow} 10:30")
        assert not window.page.get_by_label("With whom?").is_visible()
        assert_fit(window)

        window.press("Book the appointment")

        assert "10:30–11:00" in window.text
        assert_fit(window)
        at_desk(window)
        window.follow(window.page.get_by_role("link", name="Move"))
        window.press("Move the appointment")
        assert window.summary_heading == "Nothing was saved"
        assert_fit(window)
        tap(window, "The agency")
        window.page.get_by_label("Why?").fill("Adviser is away in the morning")
        window.page.get_by_label("When?").select_option(f"{slot.id} {tomorrow} 11:30")
        window.press("Move the appointment")
        assert "Adviser is away in the morning" in window.text
        assert_fit(window)
        window.follow(window.page.get_by_role("link", name="Cancel"))
        assert_fit(window)
        tap(window, "The person")
        window.page.get_by_label("Why?").fill("Is ill")
        window.press("Cancel the appointment")
        assert "Nothing is booked." in window.text
        assert_fit(window)
        assert not Appointment.objects.filter(clinic=room.clinic, is_standing=True).exists()

    def test_is_done_by_keyboard_alone(self, room: TreatmentRoom, window: Window) -> None:
        window.follow(window.page.get_by_role("link", name="Book an appointment"))
        keyboard = window.page.keyboard
        window.page.locator("#id_domain_0").focus()
        keyboard.press("Space")
        for typed in ("", "", f"{london_date(now()) + A_DAY:%d/%m/%Y}", "14:30"):
            keyboard.press("Tab")
            keyboard.type(typed)
        with window.page.expect_navigation():
            keyboard.press("Enter")

        assert "is booked." in window.text
        row = Appointment.objects.get(clinic=room.clinic)
        assert row.starts_at == moment_of(london_date(now()) + A_DAY, time(14, 30))


class TestTheDay:
    def test_and_the_week_and_the_reminders_are_fit_to_read(
        self, room: TreatmentRoom, worker: User, window: Window
    ) -> None:
        begun(room, worker)
        an_appointment(room.clinic, room.patient.id, by=worker, words="Forms of the council")
        window.go(f"/clinics/{room.clinic.code}/appointments/")
        assert "not logged yet" in window.text
        assert_fit(window)
        at_desk(window)
        window.follow(window.page.get_by_role("link", name="Week", exact=True))
        assert "Nobody is booked." in window.text
        assert_fit(window)
        at_desk(window)
        window.follow(window.page.get_by_role("link", name="Whom to remind"))
        assert "Forms of the council" in window.text
        assert_fit(window)

    def test_leads_to_the_log_in_few_taps(self, room: TreatmentRoom, worker: User, window: Window) -> None:
        row = begun(room, worker)
        window.go(f"/clinics/{room.clinic.code}/appointments/")
        window.follow(window.page.get_by_role("link", name="Came: log it"))
        tap(window, "Talked")
        assert_fit(window)
        window.press("Save session")

        assert "is logged." in window.text
        session = SupportSession.objects.get(appointment=row)
        assert (session.attended, session.minutes, session.booked_on) == (True, 30, london_date(now()))

    def test_leads_from_did_not_come_to_the_follow_up(
        self, room: TreatmentRoom, worker: User, window: Window
    ) -> None:
        row = begun(room, worker)
        window.go(f"/clinics/{room.clinic.code}/appointments/")
        window.follow(window.page.get_by_role("link", name="Did not come"))
        tap(window, "Left a message", "In a week")
        window.page.get_by_label("Next step, if any").fill("Call again")
        assert_fit(window)
        window.press("Save session")

        assert "did not come" in window.text
        assert SupportSession.objects.get(appointment=row).follow_up.what == "Call again"


class TestTheTimesOfAgencies:
    def test_are_written_and_ended(self, room: TreatmentRoom, window: Window) -> None:
        agency = AgencyFactory(name=f"Coast Homes {room.clinic.code}")
        window.go(f"/clinics/{room.clinic.code}/agency-slots/")
        assert_fit(window)
        at_desk(window)
        window.follow(window.page.get_by_role("link", name="Add a time"))
        window.press("Save this time")
        assert window.summary_heading == "Nothing was saved"
        assert_fit(window)
        at_desk(window)
        window.page.get_by_label("Which agency?").select_option(label=agency.name)
        tap(window, "Wednesday")
        for label, typed in (("From", "10:00"), ("To", "12:00"), ("In which room?", "Room 2")):
            window.page.get_by_label(label, exact=True).fill(typed)
        window.page.get_by_label("How many people do they see").fill("4")
        window.press("Save this time")
        assert "4 places of 30 minutes" in window.text
        assert_fit(window)
        window.follow(window.page.get_by_role("link", name="End this time"))
        tap(window, "Written by mistake: they never came")
        assert_fit(window)
        window.press("End this time")
        assert "No agency has a time here." in window.text
