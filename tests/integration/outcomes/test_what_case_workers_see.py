"""What a case worker sees of treatment: whether somebody came, and risk flags. Never a dose, never the register."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.rules import Permission, Role, may
from hat_clinic.core.clock import london_date, now
from outcomes.models import IncidentReport
from tests.factories.around import AlertFactory
from tests.factories.incidents import IncidentReportFactory
from tests.factories.treatment import TreatmentRoom, a_treatment_room

pytestmark = pytest.mark.django_db
# A dose, and what stands in the register or the stock.
NEVER = re.compile(
    r"\bmg\b|milligram|ampoule|\bbatch|register\b|controlled.drug|\bstock|witness|last dose|oral medicine",
    re.IGNORECASE,
)
OF_THE_REGISTER = re.compile(r"REGISTER|STOCK|CHECKPOINT|_LINE$|ADJUSTMENT")
PAGES = ("outcomes:see_caseload", "pages:see_person", "outcomes:see_support")


@pytest.fixture
def room(make_member) -> TreatmentRoom:
    """Return a room whose person was given a dose today, drawn from a numbered batch, and has an alert."""
    room = a_treatment_room()
    room.give()
    AlertFactory(clinic=room.clinic, person=room.patient, words="Do not ring in the morning")
    return room


@pytest.fixture
def worker(room, make_member, sign_in) -> Client:
    return sign_in(Client(), make_member(room.clinic, Role.CASE_WORKER, "maya"))


def seen(room: TreatmentRoom, client: Client, page: str) -> str:
    """Return what stands on a page to be read, without its tags."""
    more = [] if page == "outcomes:see_caseload" else [room.patient.id]
    answer = client.get(reverse(page, args=[room.clinic.code, *more]))
    assert answer.status_code == 200
    body = answer.content.decode().split("<body", 1)[1]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


class TestACaseWorker:
    def test_sees_who_came_and_what_to_know(self, room, worker):
        caseload = seen(room, worker, "outcomes:see_caseload")
        person = seen(room, worker, "pages:see_person")

        assert "came 1 of 1" in caseload
        assert "1 of 1 sessions" in person
        for text in (caseload, person):
            assert "Do not ring in the morning" in text

    def test_is_told_to_speak_to_the_room_and_not_why(self, room, worker):
        IncidentReportFactory(clinic=room.clinic, patient=room.patient, happened_on=london_date(now()))

        caseload = seen(room, worker, "outcomes:see_caseload")

        assert "Speak to the treatment room before you see them." in caseload
        assert IncidentReport.objects.get().words not in caseload

    @pytest.mark.parametrize("page", PAGES)
    def test_sees_no_dose_and_nothing_of_the_register(self, room, worker, page):
        text = seen(room, worker, page)

        assert room.patient.full_name in text
        assert NEVER.findall(text) == []

    def test_has_no_permission_of_the_register_or_the_stock(self):
        of_it = [one for one in Permission if OF_THE_REGISTER.search(one.name)]

        assert len(of_it) > 8
        assert Permission.SEE_REGISTER in of_it
        assert [one for one in of_it if may(frozenset({Role.CASE_WORKER}), one)] == []

    @pytest.mark.parametrize("page", PAGES)
    def test_finds_no_link_to_the_register_and_is_turned_away_from_it(self, room, worker, page):
        register = reverse("dosing:see_register", args=[room.clinic.code])
        more = [] if page == "outcomes:see_caseload" else [room.patient.id]

        html = worker.get(reverse(page, args=[room.clinic.code, *more])).content.decode()

        assert register not in html
        assert worker.get(register).status_code == 403
