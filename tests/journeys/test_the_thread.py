"""One thread through everybody: from an agency's referral to the month's report, by the real pages alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from dosing.models import Visit
from hat_clinic.accounts.actions import enrol_totp
from hat_clinic.accounts.models import User
from hat_clinic.accounts.presence import TERMINAL_COOKIE
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import LONDON, london_date, now
from outcomes.models import ReportRequest
from outcomes.tasks import build_requested_reports
from patients.models import Person
from patients.rules.assessments import DUE_AFTER
from patients.rules.consents import Purpose
from referrals.rules.asking import REASONS, Treatment
from tests.factories.order_pages import Desk
from tests.factories.people import FOUND
from tests.factories.pictures import a_picture
from tests.factories.releases import sign_off
from tests.factories.sign_in import code_of, type_pin
from tests.factories.treatment import (
    NURSE_PIN,
    SECOND_PIN,
    TreatmentRoom,
    a_member_of_staff,
    a_treatment_room,
)
from tests.owner import as_owner

PASSWORD = "a long enough secret"
READ = {"sedation": "1", "breaths": "14", "oxygen": "97", "pulse": "70"}
ALL_SO = dict.fromkeys(("no_other_drugs", "oral_as_ordered", "not_intoxicated", "sites_are_well"), "so")


class Forms(HTMLParser):
    """The hidden fields of every form on a page, by the form."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "form":
            self.forms.append({"action": told.get("action") or ""})
        elif tag == "input" and told.get("type") == "hidden" and told.get("name") and self.forms:
            self.forms[-1][str(told["name"])] = told.get("value") or ""


class Browser:
    """Somebody at a browser in one clinic: opens a page, and sends its form with what was filled in."""

    def __init__(self, client: Client, room: TreatmentRoom) -> None:
        self.client, self.room = client, room

    def address(self, name: str, *things: object) -> str:
        return reverse(name, args=[self.room.clinic.code, *things])

    def read(self, address: str) -> str:
        answer = self.client.get(address)
        assert answer.status_code == 200, address
        return answer.content.decode()

    def send(self, address: str, *, to: str = "", **filled: Any) -> str:
        """Send the form of a page; return where it leads. `to` is the end of the form's own address."""
        forms = Forms(self.read(address)).forms
        own = [form for form in forms if not form["action"].startswith(("/terminal/", "/sign-out/"))]
        # Without a name it is the form that is sent to the page's own address.
        fitting = sorted(
            (form for form in own if form["action"].endswith(to)), key=lambda form: bool(form["action"])
        )
        assert fitting, words(self.read(address))
        form = fitting[0]
        answer = self.client.post(form.pop("action") or address, {**form, **filled})
        assert answer.status_code == 302, words(answer.content.decode())
        return str(answer["Location"])


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.fixture
def let_pass(own_database: str) -> Callable[..., None]:
    """Return a function that moves the clock on, which stands at ten in the morning."""
    with as_owner(own_database) as cursor:
        cursor.execute(
            "INSERT INTO clock_override"
            " SELECT (date_trunc('day', now() AT TIME ZONE 'Europe/London') + interval '10 hours')"
            " AT TIME ZONE 'Europe/London'"
        )

    def let(*, minutes: int) -> None:
        with as_owner(own_database) as cursor:
            cursor.execute("UPDATE clock_override SET at = at + make_interval(mins => %s)", [minutes])

    return let


@pytest.fixture
def room(let_pass: Callable[..., None]) -> TreatmentRoom:
    """Given a clinic of two places, one of them taken, with staff, stock, a licence and a terminal."""
    return a_treatment_room(places=2)


class TestTheThread:
    @pytest.fixture(autouse=True)
    def _people(self, room: TreatmentRoom, let_pass: Callable[..., None]) -> None:
        self.room, self.let_pass = room, let_pass

    def member(self, role: Role, name: str) -> Browser:
        return self.let_in(a_member_of_staff(self.room.clinic, role, name=name))

    def let_in(self, user: User) -> Browser:
        """Sign somebody in as they do it: the password, then the code of their app."""
        enrol_totp(user=user, secret=None, by=None, at=now())
        client = Client()
        client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
        client.post(reverse("mfa_authenticate"), {"code": code_of(user)})
        return Browser(client, self.room)

    def at_the_terminal(self) -> Browser:
        client = Client()
        client.cookies[TERMINAL_COOKIE] = self.room.terminal_secret
        type_pin(client, self.room.nurse, NURSE_PIN)
        return Browser(client, self.room)

    def test_runs_from_a_referral_to_the_months_report(self) -> None:
        # Given somebody whom the police refer, and a doctor who gives them the clinic's last place
        agency = self.member(Role.REFERRER, "Ash Carter")
        doctor, nurse = self.let_in(self.room.doctor), self.at_the_terminal()
        self.refer(agency, "Dale")
        robin = self.accept(doctor)

        # And who agrees, is assessed, and has an order of a licensed doctor
        self.agree_and_be_assessed(nurse, doctor, robin)
        desk = Desk(doctor.client, self.room, robin)
        assert desk.sign(desk.open(dose_mg="15", daily_max_mg="30")).status_code == 302

        # When the day is opened by two, and Robin comes, injects, is observed and leaves
        self.open_the_day(nurse)
        visit = self.give(nurse, robin)
        assert visit.state == "released"
        assert visit.outcome is not None and visit.outcome.given_mg == 15

        # And a case worker goes to see a flat with them
        worker = self.member(Role.CASE_WORKER, "Maya Lind")
        worker.send(
            worker.address("outcomes:log_support_session", robin.id),
            domain="housing",
            when="today",
            attended="came",
            minutes="30",
            done_housing="viewing",
            next_when="none",
        )

        # Then the month's report, still provisional, counts all of it
        manager = self.member(Role.MANAGER, "Morag Ellis")
        month = london_date(now()).replace(day=1)
        asked = manager.client.post(manager.address("outcomes:request_report"), {"month": month.isoformat()})
        assert asked.status_code == 302
        assert build_requested_reports() == 1
        run = ReportRequest.objects.get().run
        assert run is not None and run.is_provisional
        figures = {figure["id"]: figure for figure in run.figures["indicators"]}
        assert {
            id: figures[id]["value"]
            for id in ("flow.referred", "flow.eligible", "flow.started", "support.sessions.housing.month")
        } == {
            "flow.referred": 2,
            "flow.eligible": 2,
            "flow.started": 1,
            "support.sessions.housing.month": 1,
        }
        attended = figures["attendance.pooled.month"]
        assert (attended["numerator"], attended["denominator"]) == (1, 1)
        sign_off(run, by=a_member_of_staff(run.clinic, Role.CLINICAL_LEAD, name="Dr Lena Hart"))
        commissioner = self.member(Role.COMMISSIONER, "Rhona Keir")
        assert "Provisional" in commissioner.read(commissioner.address("outcomes:list_reports"))

        # And the manager finds the acts, the privacy officer the looks
        acts = words(manager.read(manager.address("pages:see_acts")))
        assert "Grace Okafor" in acts
        officer = self.member(Role.PRIVACY_OFFICER, "Iris Vale")
        looks = officer.read(officer.address("pages:see_looks"))
        assert all(name in looks for name in ("Grace Okafor", "Dr Priya Nair", "Maya Lind"))
        # And the agency reads how far its referral has come, and nothing else of the person
        own = words(agency.read(agency.address("referrals:list_own_referrals")))
        assert "ccepted" in own
        assert not any(secret in own for secret in ("Robin", "Dale", "15 mg"))

    def test_ends_at_the_door_while_no_place_is_free(self) -> None:
        agency, doctor = self.member(Role.REFERRER, "Ash Carter"), self.let_in(self.room.doctor)
        self.refer(agency, "Dale")
        self.accept(doctor)
        self.refer(agency, "Moss")

        address = self.referral_waiting(doctor) + "accept/"
        page = doctor.client.get(address)
        assert "place" in words(page.content.decode())
        seals = [form for form in Forms(page.content.decode()).forms if "seal" in form]
        if seals:
            sent = {name: value for name, value in seals[0].items() if name != "action"}
            answer = doctor.client.post(address, {**sent, "assessed_on": f"{london_date(now()):%d/%m/%Y}"})
            assert answer.status_code == 200
        assert not Person.objects.filter(family_name="Moss").exists()

    # --- the steps -----------------------------------------------------------------------------------------
    def refer(self, agency: Browser, family_name: str) -> None:
        agency.send(
            agency.address("referrals:refer_person"),
            given_names="Robin",
            family_name=family_name,
            born_on="04/05/1986",
            sex="U",
            has_home="no",
            has_agreed="yes",
            contact="01632 960123",
            **{f"flag_{flag}": "unknown" for flag in REASONS},
            **{f"tried_{treatment}": "unknown" for treatment in Treatment},
        )

    def referral_waiting(self, doctor: Browser) -> str:
        shown = doctor.read(doctor.address("referrals:list_referrals"))
        found = re.search(r'href="([^"]*/referrals/[0-9a-f-]{36}/)"', shown)
        assert found is not None
        return found[1]

    def accept(self, doctor: Browser) -> Person:
        doctor.send(self.referral_waiting(doctor) + "accept/", assessed_on=f"{london_date(now()):%d/%m/%Y}")
        return Person.objects.get(family_name="Dale")

    def agree_and_be_assessed(self, nurse: Browser, doctor: Browser, person: Person) -> None:
        wall = now().astimezone(LONDON)
        for purpose in (Purpose.TREATMENT, Purpose.PHOTO):
            address = nurse.address("patients:record_consent", person.id)
            nurse.send(
                f"{address}?purpose={purpose.value}",
                how="in_writing",
                given_on=f"{wall:%d/%m/%Y}",
                given_time=f"{wall:%H:%M}",
            )
        photo = SimpleUploadedFile("face.jpg", a_picture(), content_type="image/jpeg")
        nurse.send(nurse.address("patients:add_photo", person.id), photo=photo)
        parts: dict[str, Any] = {name: getattr(FOUND, name) for name in FOUND.__dataclass_fields__}
        due_on = london_date(now()) + DUE_AFTER
        doctor.send(
            doctor.address("patients:record_assessment", person.id),
            **{**parts, "options_offered": ["injected", "oral"], "due_on": f"{due_on:%d/%m/%Y}"},
        )

    def open_the_day(self, nurse: Browser) -> None:
        count = nurse.address("dosing:count_stock")
        nurse.send(count, full_boxes="10", loose="0", pin=NURSE_PIN)
        nurse.send(count, counter=str(self.room.second_nurse.id), full_boxes="10", loose="0", pin=SECOND_PIN)
        nurse.send(nurse.address("dosing:open_day"))

    def give(self, nurse: Browser, person: Person) -> Visit:
        """Go with somebody from the hatch to the door."""
        assert person.full_name in nurse.read(nurse.address("dosing:see_board"))
        nurse.send(nurse.address("dosing:identify_person", person.id), born=person.born_on.isoformat())
        session = Visit.objects.get(patient=person).session_id
        nurse.send(nurse.address("dosing:record_check", session), alcohol="0", **READ, **ALL_SO)
        nurse.send(
            nurse.address("dosing:prepare_dose", session), preparer_pin=NURSE_PIN, witness_pin=SECOND_PIN
        )
        nurse.send(nurse.address("dosing:record_injection", session), site="left_arm", went_in="all")
        observe = nurse.address("dosing:record_reading", session)
        for minutes in (2, 3, 5, 10, 10):
            self.let_pass(minutes=minutes)
            nurse.send(observe, **READ)
        nurse.send(observe, to="/release/", leaves="has")
        return Visit.objects.get(patient=person)
