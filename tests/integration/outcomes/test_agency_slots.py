"""The times at which agencies are in the clinic: stored, ended, shown, and taken by one at a time."""

from __future__ import annotations

import threading
import uuid
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from hat_clinic.demo.appointments import book_demo_appointments
from outcomes.actions.agency_slots import SlotKeyReused, SlotRefused, end_agency_slot, set_agency_slot
from outcomes.actions.appointments import AppointmentRefused
from outcomes.models import AgencySlot, AgencySlotEnd, Appointment
from outcomes.queries.agency_slots import get_slots_page, list_free_places
from outcomes.rules.appointments import SlotSaid
from patients.models import Person
from tests.factories import AgencyFactory
from tests.factories.appointments import (
    AgencySlotEndFactory,
    AgencySlotFactory,
    AppointmentFactory,
    an_appointment,
)
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_treatment_room, another
from tests.refusals import refused_by

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
def today() -> date:
    return london_date(now())


def weekly(on: date, **changes: Any) -> SlotSaid:
    told = {"begins": time(10), "ends": time(12), "room": "Room 2", "places": 4, "first_on": on}
    return SlotSaid(weekday=on.isoweekday(), **{**told, **changes})


@pytest.mark.django_db
class TestATime:
    def test_is_stored_once(self, room, worker, today):
        key, agency = uuid.uuid4(), AgencyFactory()
        more: dict[str, Any] = {
            "clinic": room.clinic,
            "agency": agency.id,
            "key": key,
            "by": worker,
            "at": now(),
        }

        rows = [set_agency_slot(said=weekly(today), **more) for _ in range(2)]

        assert rows[0] == rows[1] == AgencySlot.objects.get()
        assert AuditEvent.objects.filter(event="outcomes.agency_slot_set").count() == 1
        with pytest.raises(SlotKeyReused):
            set_agency_slot(said=weekly(today, places=3), **more)

    def test_is_refused_where_another_agency_has_the_room(self, room, worker, today):
        more: dict[str, Any] = {"clinic": room.clinic, "by": worker, "at": now()}
        first = set_agency_slot(
            **more, agency=AgencyFactory(name="Help").id, said=weekly(today), key=uuid.uuid4()
        )
        again = {**more, "agency": AgencyFactory().id, "key": uuid.uuid4()}

        with pytest.raises(SlotRefused, match="Help is in that room then"):
            set_agency_slot(**again, said=weekly(today, room=" room 2 ", begins=time(11), places=2))
        event = AuditEvent.objects.filter(event="outcomes.agency_slot_set").latest("id")
        assert (event.outcome, event.detail) == ("refused", {"codes": ["slot_room_taken"]})

        end_agency_slot(clinic=room.clinic, slot=first.id, last_on=None, by=worker, at=now())
        assert set_agency_slot(**again, said=weekly(today)).room == "Room 2"

    def test_is_refused_and_the_trail_says_so(self, room, worker, today):
        with pytest.raises(SlotRefused, match="end after it begins"):
            set_agency_slot(
                clinic=room.clinic,
                agency=AgencyFactory().id,
                said=weekly(today, ends=time(9)),
                key=uuid.uuid4(),
                by=worker,
                at=now(),
            )
        event = AuditEvent.objects.get(event="outcomes.agency_slot_set")
        assert (event.outcome, event.detail) == ("refused", {"codes": ["slot_ends_first"]})

    def test_ends_once_and_never_under_somebody_who_is_booked(self, room, worker, today):
        slot = AgencySlotFactory(clinic=room.clinic, weekday=(today + A_DAY).isoweekday(), first_on=today)
        an_appointment(room.clinic, room.patient.id, by=worker, slot_id=slot.id)
        more: dict[str, Any] = {"clinic": room.clinic, "slot": slot.id, "by": worker, "at": now()}
        with pytest.raises(SlotRefused, match="Move or cancel what is booked first"):
            end_agency_slot(last_on=today, **more)
        event = AuditEvent.objects.get(event="outcomes.agency_slot_ended")
        assert event.detail == {"codes": ["slot_has_appointments"]}

        ends = [end_agency_slot(last_on=today + A_DAY, **more) for _ in range(2)]

        assert ends[0] == ends[1] == AgencySlotEnd.objects.get()
        with pytest.raises(SlotRefused, match="ended before"):
            end_agency_slot(last_on=today + 8 * A_DAY, **more)

    def test_offers_its_places_until_it_ends_or_they_are_taken(self, room, worker, today):
        tomorrow = today + A_DAY
        slot = AgencySlotFactory(
            clinic=room.clinic, weekday=tomorrow.isoweekday(), first_on=today, last_on=today + 15 * A_DAY
        )
        AgencySlotEndFactory(slot=slot, last_on=today + 8 * A_DAY)
        AgencySlotEndFactory(
            slot=AgencySlotFactory(
                clinic=room.clinic, weekday=tomorrow.isoweekday(), first_on=today, room="Room 3"
            ),
            last_on=None,
        )
        AgencySlotFactory(weekday=tomorrow.isoweekday(), first_on=today)
        an_appointment(room.clinic, room.patient.id, by=worker, slot_id=slot.id, begins=time(10, 30))

        places = list_free_places(clinic=room.clinic, at=now())

        assert [(place.on, f"{place.begins:%H:%M}") for place in places] == [
            *((tomorrow, begins) for begins in ("10:00", "11:00", "11:30")),
            *((tomorrow + 7 * A_DAY, begins) for begins in ("10:00", "10:30", "11:00", "11:30")),
        ]


@pytest.mark.django_db
class TestThePages:
    def address(self, room: TreatmentRoom, name: str, *more: Any) -> str:
        return reverse(f"outcomes:{name}", args=[room.clinic.code, *more])

    def opened(self, browser: Client, url: str) -> dict[str, Any]:
        form = browser.get(url).context["form"]
        return {"seal": form["seal"].value(), "key": str(form["key"].value())}

    def test_write_a_time_and_end_it(self, room, browser, today):
        agency, url = AgencyFactory(), self.address(room, "set_agency_slot")
        assert (
            "No agency has a time here."
            in browser.get(self.address(room, "list_agency_slots")).content.decode()
        )
        sent = {
            **self.opened(browser, url), "agency": agency.pk, "weekday": "3", "begins": "10:00",
            "ends": "09:00", "room": "Room 5", "places": "4", "first_on": f"{today:%d/%m/%Y}",
        }  # fmt: skip
        refused = browser.post(url, sent).content.decode()
        assert "It must end after it begins." in refused
        assert "Room 5" in refused

        page = browser.post(url, {**sent, "ends": "12:00"}, follow=True).content.decode()
        assert f"{agency.name}, Room 5: 4 places of 30 minutes" in page
        assert "sent before" in browser.post(url, {**sent, "ends": "11:00"}).content.decode()

        slot = AgencySlot.objects.get()
        url = self.address(room, "end_agency_slot", slot.id)
        sent = {**self.opened(browser, url), "how": "last_day"}
        assert "Write their last day." in browser.post(url, sent).content.decode()
        early = {**sent, "last_on": f"{today - A_DAY:%d/%m/%Y}"}
        assert "The first day was" in browser.post(url, early).content.decode()
        page = browser.post(url, {**sent, "how": "mistake"}, follow=True).content.decode()
        assert "Written by mistake: they never came." in page
        shown = get_slots_page(clinic=room.clinic, today=today)
        assert ([row.id for row in shown.over], shown.standing) == ([slot.id], ())

    @pytest.mark.parametrize("name", ["set_agency_slot", "end_agency_slot"])
    def test_refuse_a_form_that_somebody_else_opened(self, room, browser, sign_in, make_member, name):
        colleague = make_member(room.clinic, Role.CASE_WORKER, "hanif")
        slot = AgencySlotFactory(clinic=room.clinic)
        url = self.address(room, name, *([slot.id] if name == "end_agency_slot" else []))

        sealed = self.opened(sign_in(Client(), colleague), url)

        assert "opened by somebody else" in browser.post(url, {**sealed, "how": "mistake"}).content.decode()
        assert not AgencySlotEnd.objects.exists()

    def test_know_no_time_of_another_clinic(self, room, browser):
        url = self.address(room, "end_agency_slot", AgencySlotFactory().id)
        assert browser.get(url).status_code == 404


@pytest.mark.django_db
class TestTheTables:
    @pytest.mark.parametrize(
        ("changes", "constraint"),
        [
            ({"weekday": 0}, "agency_slot_is_on_a_weekday"),
            ({"weekday": 8}, "agency_slot_is_on_a_weekday"),
            ({"ends": time(10)}, "agency_slot_begins_before_it_ends"),
            ({"places": 0}, "agency_slot_has_places_in_a_room"),
            ({"places": 31}, "agency_slot_has_places_in_a_room"),
            ({"room": ""}, "agency_slot_has_places_in_a_room"),
            ({"last_on": date(2026, 2, 1)}, "agency_slot_ends_on_or_after_its_first_day"),
        ],
    )
    def test_refuse_a_time_that_cannot_be(self, changes, constraint):
        AgencySlotFactory(places=30, last_on=date(2026, 2, 2))
        with refused_by(constraint):
            AgencySlotFactory(**changes)

    def test_store_a_time_once_per_key(self):
        with refused_by("one_agency_slot_per_key"):
            AgencySlotFactory(key=AgencySlotFactory().key)

    def test_hold_one_agency_in_a_room_at_a_time(self):
        first = AgencySlotFactory(last_on=date(2026, 2, 16))
        same = {"clinic": first.clinic, "weekday": first.weekday, "room": "ROOM 2 "}
        for changes in (
            {"clinic": AgencySlotFactory(room="Room 9").clinic},
            {"weekday": first.weekday % 7 + 1},
            {"room": "Room 3"},
            {"ends": time(10), "begins": time(9)},
            {"first_on": date(2026, 2, 17)},
        ):
            AgencySlotFactory(**{**same, **changes})
        with refused_by("one_agency_in_a_room_at_a_time"):
            AgencySlotFactory(**same, begins=time(11, 59), ends=time(13))
        AgencySlotEndFactory(slot=first, last_on=None)
        assert AgencySlotFactory(**same, last_on=date(2026, 2, 16))

    @pytest.mark.parametrize("last_on", [None, date(2026, 2, 1)])
    def test_refuse_an_appointment_after_the_end_of_a_time(self, last_on):
        slot = AgencySlotFactory()
        AgencySlotEndFactory(slot=slot, last_on=last_on)
        with refused_by("appointment_is_within_its_slot"):
            AppointmentFactory(clinic=slot.clinic, agency=slot.agency, slot=slot)


class TestTwoAtOnce:
    @pytest.mark.race
    def test_take_one_place_and_one_person_is_booked_once(self, own_database: str) -> None:
        room = a_treatment_room()
        workers = [
            a_member_of_staff(room.clinic, Role.CASE_WORKER, name=name)
            for name in ("Maya Ellis", "Hanif Aziz")
        ]
        tomorrow = london_date(now()) + A_DAY
        slot = AgencySlotFactory(clinic=room.clinic, weekday=tomorrow.isoweekday(), first_on=tomorrow)
        people = [room.patient.id, another(room).patient.id]
        refused: list[AppointmentRefused] = []

        def at_once(*bookings: dict[str, Any]) -> None:
            gate = threading.Barrier(len(bookings))

            def run(told: dict[str, Any]) -> None:
                gate.wait()
                try:
                    an_appointment(room.clinic, told.pop("person"), **told)
                except AppointmentRefused as refusal:
                    refused.append(refusal)
                finally:
                    connection.close()

            threads = [threading.Thread(target=run, args=(told,)) for told in bookings]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        at_once(*({"person": people[n], "by": workers[n], "slot_id": slot.id} for n in (0, 1)))
        assert (Appointment.objects.count(), len(refused)) == (1, 1)
        at_once(*({"person": people[0], "by": workers[n], "begins": time(15, 15 * n)} for n in (0, 1)))
        assert (Appointment.objects.count(), len(refused)) == (2, 2)
        at_once(*({"person": people[n], "by": workers[0], "begins": time(17, 15 * n)} for n in (0, 1)))
        assert (Appointment.objects.count(), len(refused)) == (3, 3)
        assert refused[-1].decision.refusal_codes == ["appointment_worker_booked"]

    @pytest.mark.race
    def test_write_one_time_for_a_room(self, own_database: str) -> None:
        room = a_treatment_room()
        worker = a_member_of_staff(room.clinic, Role.CASE_WORKER, name="Maya Ellis")
        agencies = [AgencyFactory().id, AgencyFactory().id]
        gate, refused = threading.Barrier(2), []

        def run(agency: uuid.UUID) -> None:
            gate.wait()
            try:
                set_agency_slot(
                    clinic=room.clinic,
                    agency=agency,
                    said=weekly(london_date(now())),
                    key=uuid.uuid4(),
                    by=worker,
                    at=now(),
                )
            except SlotRefused as refusal:
                refused.append(refusal.decision.refusal_codes)
            finally:
                connection.close()

        threads = [threading.Thread(target=run, args=(agency,)) for agency in agencies]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (AgencySlot.objects.count(), refused) == (1, [["slot_room_taken"]])


@pytest.mark.django_db
class TestTheDemo:
    def test_has_two_agencies_and_books_people_once(self, room, worker):
        Person.objects.filter(id=room.patient.id).update(given_names="Gemma", family_name="Reid")
        Person.objects.filter(id=another(room).patient.id).update(given_names="Jade", family_name="Linton")

        for _ in range(2):
            book_demo_appointments(clinic=room.clinic, by=worker, at=now())

        assert AgencySlot.objects.filter(clinic=room.clinic).count() == 2
        booked = Appointment.objects.filter(clinic=room.clinic).order_by("starts_at")
        assert [(row.slot is None, row.worker) for row in booked] == [(False, None), (True, worker)]
