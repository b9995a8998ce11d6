"""The pages of appointments: what they show, store, refuse, and keep from others."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.models import Appointment, AppointmentEnd, SupportSession
from outcomes.queries.appointments import get_appointments_page
from outcomes.rules.appointments import moment_of
from referrals.models import ReleasePlan
from tests.factories import AgencyFactory, PersonFactory
from tests.factories.appointments import AgencySlotFactory, AppointmentFactory, an_appointment
from tests.factories.around import ContactDetailFactory
from tests.factories.referrals import ReferralFactory
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


def opened(browser: Client, url: str) -> dict[str, Any]:
    """Return the seal and the key of a form, as it was opened."""
    response = browser.get(url)
    form = response.context["form"]
    text = response.content.decode()
    seal = text.split('name="seal" value="')[1].split('"')[0]
    return {"seal": seal, "key": str(form["key"].value())}


class TestBooking:
    def test_a_time_of_its_own_with_a_colleague(self, room, browser, worker, tomorrow):
        url = address(room, "book_appointment")
        sent = {**opened(browser, url), "domain": "welfare", "place": "own", "minutes": "45"}
        refused = browser.post(url, {**sent, "words": "Bank letters"}).content.decode()
        assert "Write on which day." in refused
        assert "Bank letters" in refused

        sent |= {"on": f"{tomorrow:%d/%m/%Y}", "begins": "14:30", "with_whom": f"worker {worker.pk}"}
        saved = browser.post(url, sent, follow=True).content.decode()

        assert f"Saved: {room.patient.full_name} is booked." in saved
        row = Appointment.objects.get()
        assert (row.starts_at, row.worker) == (moment_of(tomorrow, time(14, 30)), worker)
        assert row.ends_at - row.starts_at == timedelta(minutes=45)
        again = browser.post(url, {**sent, **opened(browser, url)}).content.decode()
        assert "They have another appointment then" in again
        assert "sent before" in browser.post(url, {**sent, "begins": "16:00"}).content.decode()

    def test_a_free_place_of_an_agency_once(self, room, browser, tomorrow):
        slot = AgencySlotFactory(
            clinic=room.clinic, weekday=tomorrow.isoweekday(), first_on=tomorrow, places=2
        )
        url = address(room, "book_appointment")
        place = f"{slot.id} {tomorrow} 11:00"
        # What is left in the fields of a time of its own is not on the page, and falls away.
        sent = {"domain": "housing", "place": place, "on": "no day", "begins": "x", "minutes": "other"}

        first = {**sent, **opened(browser, url)}
        answers = [browser.post(url, first).status_code for _ in range(2)]

        # Sent twice, it is booked once, and nobody is told that the place is taken.
        assert answers == [302, 302]
        row = Appointment.objects.get()
        assert (row.slot, row.agency, row.starts_at) == (slot, slot.agency, moment_of(tomorrow, time(11)))
        taken = browser.post(url, {**sent, **opened(browser, url)}).content.decode()
        assert "That place is not free any more." in taken
        strange = browser.post(url, {**first, "key": "none"}).content.decode()
        assert "That place is not free any more." in strange

    @pytest.mark.parametrize(
        ("more", "words"),
        [
            ({"minutes": "other"}, "Write whole minutes"),
            ({"minutes": ""}, "Tap how long it takes."),
            ({"begins": "half two"}, "Write the time with hours and minutes"),
            ({"minutes": "other", "minutes_other": "481"}, "Say how long it takes"),
            ({"on": "31/12/9999", "begins": "23:50"}, "write a day from 1900 to 2200"),
            ({"on": "01/01/0001", "begins": "00:00"}, "write a day from 1900 to 2200"),
        ],
    )
    def test_says_what_is_missing(self, room, browser, tomorrow, more, words):
        url = address(room, "book_appointment")
        sent = {"domain": "health", "place": "own", "on": f"{tomorrow:%d/%m/%Y}", "begins": "14:30"}

        page = browser.post(url, {**sent, "minutes": "30", **more, **opened(browser, url)}).content.decode()

        assert words in page
        assert not Appointment.objects.exists()

    def test_of_somebody_who_has_died_is_refused(self, room, browser, tomorrow):
        room.patient.episodes.update(exited_on=london_date(now()), exit_reason="died")
        url = address(room, "book_appointment")
        sent = {"domain": "health", "place": "own", "on": f"{tomorrow:%d/%m/%Y}", "begins": "14:30"}

        page = browser.post(url, {**sent, "minutes": "30", **opened(browser, url)}).content.decode()

        assert "This person has died." in page
        assert not Appointment.objects.exists()

    def test_with_an_agency_somewhere_else(self, room, browser, tomorrow):
        agency = AgencyFactory()
        url = address(room, "book_appointment")
        sent = {
            "domain": "health", "place": "own", "on": f"{tomorrow:%d/%m/%Y}", "begins": "09:00",
            "minutes": "other", "minutes_other": "20", "with_whom": f"agency {agency.pk}", "where": "Town hall",
        }  # fmt: skip

        browser.post(url, {**sent, **opened(browser, url)})

        row = Appointment.objects.get()
        assert (row.agency, row.worker, row.where) == (agency, None, "Town hall")
        page = browser.get(address(room, "see_person_appointments")).content.decode()
        assert "Town hall" in page


class TestMovingAndCancelling:
    def test_shows_both_lines_with_why(self, room, browser, worker, tomorrow):
        row = an_appointment(room.clinic, room.patient.id, by=worker)
        url = address(room, "move_appointment", row.id)
        sent = {
            **opened(browser, url), "whose": "clinic", "why": "Maya is away", "domain": "housing",
            "place": "own", "on": f"{tomorrow:%d/%m/%Y}", "begins": "10:15", "minutes": "30",
        }  # fmt: skip
        assert "Write why" in browser.post(url, {**sent, "why": ""}).content.decode()

        page = browser.post(url, sent, follow=True).content.decode()

        assert "Saved: the appointment is moved." in page
        assert "asked for by the clinic: Maya is away. Now on" in page
        assert "Moved from" in page
        assert "sent before" in browser.post(url, {**sent, "begins": "16:00"}).content.decode()

    def test_to_a_free_place_sent_twice_moves_once(self, room, browser, worker, tomorrow):
        row = an_appointment(room.clinic, room.patient.id, by=worker)
        slot = AgencySlotFactory(clinic=room.clinic, weekday=tomorrow.isoweekday(), first_on=tomorrow)
        url = address(room, "move_appointment", row.id)
        sent = {**opened(browser, url), "whose": "clinic", "why": "Away", "domain": "housing"}
        sent["place"] = f"{slot.id} {tomorrow} 11:00"

        assert [browser.post(url, sent).status_code for _ in range(2)] == [302, 302]
        assert Appointment.objects.get(moved_from=row).slot == slot

    def test_cancels_with_who_asked_and_why(self, room, browser, worker):
        row = an_appointment(room.clinic, room.patient.id, by=worker)
        url = address(room, "cancel_appointment", row.id)
        sent = {**opened(browser, url), "whose": "agency"}
        assert "Write why" in browser.post(url, sent).content.decode()

        page = browser.post(url, {**sent, "why": "Adviser is ill"}, follow=True).content.decode()

        assert "asked for by the agency: Adviser is ill" in page
        assert AppointmentEnd.objects.get().appointment == row


class TestLogging:
    def test_stands_instead_of_cancelling_for_the_person_once_it_has_begun(self, room, browser, worker):
        row = begun(room, worker)
        url = address(room, "cancel_appointment", row.id)
        sent = {**opened(browser, url), "whose": "person", "why": "Did not come"}

        assert "Log whether they came." in browser.post(url, sent).content.decode()
        assert not AppointmentEnd.objects.exists()
        assert browser.post(url, {**sent, "whose": "clinic"}).status_code == 302

    def test_has_what_was_booked_filled_in_and_asks_the_rest(self, room, browser, worker):
        row = begun(room, worker)
        url = address(room, "log_appointment", row.id)
        form = browser.get(url + "?came=yes").context["form"]
        assert [form[name].value() for name in ("domain", "minutes", "attended")] == ["health", "45", "came"]
        sent = {**opened(browser, url), "domain": "health", "attended": "came", "minutes": "45"}
        sent |= {"next_when": "none"}
        assert "Tap at least one thing" in browser.post(url, sent).content.decode()

        page = browser.post(url, {**sent, "done": "talked"}, follow=True).content.decode()

        assert "is logged." in page
        session = SupportSession.objects.get()
        assert (session.appointment, session.booked_on) == (row, london_date(row.starts_at))
        assert "came" in browser.get(address(room, "see_person_appointments")).content.decode()
        assert "sent before" in browser.post(url, {**sent, "done": "phone_call"}).content.decode()

    def test_is_offered_where_a_session_would_be_logged_twice(self, room, browser, worker):
        row = begun(room, worker)
        an_appointment(room.clinic, room.patient.id, by=worker)

        page = browser.get(address(room, "log_support_session")).content.decode()

        assert page.count("/log-appointment/") == 1
        assert address(room, "log_appointment", row.id) in page

    def test_of_one_who_did_not_come_asks_who_follows_it_up(self, room, browser, worker):
        row = begun(room, worker)
        url = address(room, "log_appointment", row.id)
        assert browser.get(url + "?came=no").context["form"]["attended"].value() == "did_not_come"
        sent = {
            **opened(browser, url), "domain": "health", "attended": "did_not_come",
            "follow_up": "follow_up_call", "next_step": "Call again", "next_when": "week",
        }  # fmt: skip

        browser.post(url, sent)

        assert SupportSession.objects.get().follow_up.what == "Call again"
        page = browser.get(address(room, "see_person_appointments")).content.decode()
        assert "did not come" in page


class TestTheForms:
    @pytest.mark.parametrize(
        "name", ["book_appointment", "move_appointment", "cancel_appointment", "log_appointment"]
    )
    def test_are_refused_where_somebody_else_opened_them(
        self, room, browser, worker, sign_in, make_member, name
    ):
        colleague = make_member(room.clinic, Role.CASE_WORKER, "hanif")
        row = AppointmentFactory(clinic=room.clinic, patient=room.patient, worker=worker)
        url = address(room, name, *([] if name == "book_appointment" else [row.id]))
        sent = opened(sign_in(Client(), colleague), url)

        page = browser.post(url, {**sent, "whose": "person", "why": "x"}).content.decode()

        assert "opened by somebody else" in page
        assert (Appointment.objects.count(), AppointmentEnd.objects.count()) == (1, 0)

    @pytest.mark.parametrize("name", ["move_appointment", "cancel_appointment", "log_appointment"])
    def test_know_no_appointment_of_somebody_else(self, room, browser, name):
        row = AppointmentFactory(clinic=room.clinic)
        assert browser.get(address(room, name, row.id)).status_code == 404

    @pytest.mark.parametrize("name", ["see_person_appointments", "book_appointment"])
    def test_know_nobody_who_was_never_accepted_here(self, room, browser, name):
        url = reverse(f"outcomes:{name}", args=[room.clinic.code, PersonFactory().id])
        assert browser.get(url).status_code == 404


class TestTheDay:
    def see(self, browser: Client, room: TreatmentRoom, **asked: Any) -> str:
        url = reverse("outcomes:see_appointments", args=[room.clinic.code])
        return browser.get(url, asked).content.decode()

    def test_shows_who_is_booked_which_agency_is_here_and_who_comes_out_of_prison(
        self, room, browser, worker, tomorrow
    ):
        an_appointment(room.clinic, room.patient.id, by=worker)
        slot = AgencySlotFactory(clinic=room.clinic, weekday=tomorrow.isoweekday(), first_on=tomorrow)
        referral = ReferralFactory(clinic=room.clinic, person=PersonFactory())
        ReleasePlan.objects.create(
            referral=referral,
            number=1,
            release_on=tomorrow,
            appointment_at=time(11, 20),
            said_at=now(),
            said_by=worker,
        )

        day = self.see(browser, room, on=f"{tomorrow}")

        assert f"{slot.agency.name} is here 10:00–12:00, Room 2: 4 of 4 places free" in day
        assert room.patient.full_name in day
        assert "11:20" in day
        assert referral.full_name in day
        looked = AuditEvent.objects.filter(event="outcomes.appointments_seen")
        assert {event.person for event in looked} == {room.patient.id, referral.person_id}
        week = self.see(browser, room, on=f"{tomorrow}", span="week")
        assert room.patient.full_name in week
        assert "Nobody is booked." in self.see(browser, room, on="2020-01-01")
        assert "Nobody is booked." in self.see(browser, room, on="no day")

    @pytest.mark.parametrize("on", ["0001-01-01", "1899-12-31", "2201-01-01", "9999-12-31"])
    @pytest.mark.parametrize("span", ["day", "week"])
    def test_that_is_no_plausible_one_is_today(self, room, browser, on, span):
        url = reverse("outcomes:see_appointments", args=[room.clinic.code])

        page = browser.get(url, {"on": on, "span": span}).context["page"]

        assert page.today - page.first < 7 * A_DAY

    @pytest.mark.parametrize("on", ["1900-01-01", "2200-12-31"])
    def test_may_lie_far_away(self, room, browser, on):
        assert "Nobody is booked." in self.see(browser, room, on=on, span="week")

    def test_of_one_colleague_or_agency_shows_only_theirs(self, room, browser, worker, tomorrow, make_member):
        colleague = make_member(room.clinic, Role.CASE_WORKER, "hanif")
        slot = AgencySlotFactory(clinic=room.clinic, weekday=tomorrow.isoweekday(), first_on=tomorrow)
        an_appointment(room.clinic, room.patient.id, by=worker, slot_id=slot.id)

        def names(who: str) -> int:
            page = get_appointments_page(clinic=room.clinic, on=tomorrow, is_week=False, who=who, at=now())
            return len(page.days[0].appointments)

        assert [names(str(who.pk)) for who in (worker, slot.agency, colleague)] == [1, 1, 0]
        assert names("nobody") == 1
        assert "is here" in self.see(browser, room, on=f"{tomorrow}", who=str(slot.agency.pk))
        assert "is here" not in self.see(browser, room, on=f"{tomorrow}", who=str(colleague.pk))

    @pytest.mark.parametrize("sunday", [date(2026, 3, 29), date(2026, 10, 25)])
    def test_is_the_day_on_the_wall_when_the_clocks_change(self, room, worker, sunday):
        for on in (sunday - A_DAY, sunday, sunday + A_DAY):
            start = moment_of(on, time(22))
            AppointmentFactory(
                clinic=room.clinic,
                patient=room.patient,
                worker=worker,
                starts_at=start,
                ends_at=start + timedelta(hours=1),
            )

        page = get_appointments_page(clinic=room.clinic, on=sunday, is_week=True, who="", at=now())

        days = {day.on: [f"{one.starts_at:%d %H:%M}" for one in day.appointments] for day in page.days}
        assert days[sunday - A_DAY] == [f"{sunday - A_DAY:%d} 22:00"]
        assert days[sunday] == [f"{sunday:%d} 22:00"]
        assert (page.first, page.last) == (sunday - 6 * A_DAY, sunday)

    @pytest.mark.parametrize("sunday", [date(2026, 3, 29), date(2026, 10, 25)])
    def test_counts_the_minutes_that_go_by_when_the_clocks_change(self, room, worker, sunday):
        start = moment_of(sunday, time(0, 30))
        AppointmentFactory(
            clinic=room.clinic, patient=room.patient, starts_at=start, ends_at=start + timedelta(hours=2)
        )

        page = get_appointments_page(clinic=room.clinic, on=sunday, is_week=False, who="", at=now())

        assert [one.minutes for one in page.days[0].appointments] == [120]

    def test_asks_as_often_for_many_as_for_one(self, room, worker, tomorrow, django_assert_max_num_queries):
        for number in range(6):
            an_appointment(room.clinic, room.patient.id, by=worker, begins=time(9 + number))
        with django_assert_max_num_queries(10):
            get_appointments_page(clinic=room.clinic, on=tomorrow, is_week=True, who="", at=now())


class TestTheReminders:
    def test_show_tomorrow_and_three_days_after_with_how_to_reach_them(self, room, browser, worker):
        ContactDetailFactory(
            person=room.patient, purpose="appointments", who="Sister", how="07700 900123",
            knows_of_treatment=False,
        )  # fmt: skip
        ContactDetailFactory(person=room.patient, purpose="letters", who="Post", how="Box 7")
        for days in (1, 4, 5):
            an_appointment(room.clinic, room.patient.id, by=worker, days=days, words=f"In {days} days")

        page = browser.get(reverse("outcomes:list_reminders", args=[room.clinic.code])).content.decode()

        assert "Sister: 07700 900123 (do not say that they are in treatment)" in page
        assert "Box 7" not in page
        assert ["In 1 days" in page, "In 4 days" in page, "In 5 days" in page] == [True, True, False]
        assert AuditEvent.objects.get(event="outcomes.reminders_seen").person == room.patient.id

    def test_say_who_has_left_and_leave_out_who_has_died(self, room, browser, worker):
        an_appointment(room.clinic, room.patient.id, by=worker)
        url = reverse("outcomes:list_reminders", args=[room.clinic.code])
        assert "has left" not in browser.get(url).content.decode()
        room.patient.episodes.update(exited_on=london_date(now()), exit_reason="prison")

        page = browser.get(url).content.decode()

        assert room.patient.full_name in page
        assert "has left" in page
        room.patient.episodes.update(exit_reason="died")
        assert room.patient.full_name not in browser.get(url).content.decode()

    def test_show_nobody_where_nobody_is_booked(self, room, browser):
        page = browser.get(reverse("outcomes:list_reminders", args=[room.clinic.code])).content.decode()
        assert page.count("Nobody is booked.") == 4
