"""The panel beside the check: it says what the answers so far mean, and stores its look alone."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from dosing.models import Hold, PreInjectionCheck, Visit
from hat_clinic.accounts.actions import enrol_totp
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests import crawl
from tests.factories.room_pages import CHECK, CHECKING
from tests.factories.treatment import TreatmentRoom, a_treatment_room


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def screen(room: TreatmentRoom, sign_in_at_terminal) -> Client:
    enrol_totp(user=room.nurse, secret=None, by=None, at=now())
    client: Client = sign_in_at_terminal(Client(), room.nurse, room.terminal, room.terminal_secret)
    return client


def panel_of(room: TreatmentRoom, visit: Visit) -> str:
    return reverse("dosing:preview_check", args=[room.clinic.code, visit.session_id])


class TestThePanelBesideTheCheck:
    @pytest.mark.parametrize(
        ("answers", "words"),
        [
            ({}, "Still needed: sedation, breathing, oxygen %, pulse, breath alcohol, other drugs"),
            (CHECK, "Nothing stands in the way"),
            (CHECK | {"breaths": "11"}, "Breathing 11 a minute, under 12."),
            (CHECK | {"breaths": "low", "breaths_exact": "8", "sedation": "4"}, "2 reasons against a dose"),
            (CHECK | {"alcohol": "hold", "alcohol_exact": "35"}, "Breath alcohol 35, 35 or more."),
            (CHECK | {"alcohol": "hold"}, "Still needed: an exact number or a reason"),
            (CHECK | {"oxygen": "unable"}, "Still needed: an exact number or a reason"),
        ],
        ids=["nothing", "well", "a hold", "an emergency", "alcohol", "no number", "no reason"],
    )
    def test_says_what_stands_against_a_dose_and_stores_its_look_alone(
        self, room: TreatmentRoom, screen: Client, answers: dict[str, str], words: str
    ) -> None:
        visit = room.identify()
        seal = CHECKING.filled(screen, room, visit.session_id)["seal"]
        before, events = crawl.fingerprints(), set(AuditEvent.objects.values_list("id", flat=True))

        answer = screen.post(panel_of(room, visit), answers | {"seal": seal})

        (look,) = AuditEvent.objects.exclude(id__in=events)
        assert words in answer.content.decode()
        assert crawl.fingerprints() == before
        assert (look.event, look.is_look, look.person, look.actor) == (
            "dosing.check_page_seen",
            True,
            room.patient.id,
            room.nurse,
        )

    def test_leaves_a_check_that_was_made_as_it_was(self, room: TreatmentRoom, screen: Client) -> None:
        visit = room.checked()
        made = PreInjectionCheck.objects.get()
        filled = CHECKING.filled(screen, room, visit.session_id)

        answer = screen.post(panel_of(room, visit), filled | {"sedation": "4"})

        visit = Visit.objects.get()
        assert "1 reason against a dose" in answer.content.decode()
        assert (visit.state, visit.check_made, visit.with_staff) == ("checked", made, room.nurse)
        assert PreInjectionCheck.objects.count() == 1
        assert not Hold.objects.exists()
