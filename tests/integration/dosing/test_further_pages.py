"""The pages of a dose that is chosen and of a further injection, as a browser sends them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from dosing.models import Injection, Preparation, SessionOutcome
from hat_clinic.accounts.actions import enrol_totp
from hat_clinic.accounts.models import User
from hat_clinic.core.clock import now
from patients.actions.consents import withdraw_consent
from patients.rules.consents import Purpose
from tests.factories.dose_pages import filled_injection
from tests.factories.treatment import NURSE_PIN, SECOND_PIN, TreatmentRoom
from tests.integration.dosing.conftest import Clock
from tests.integration.dosing.test_further_injection import a_room, draw, first_part, wait, well_at
from tests.integration.dosing.test_observation import Bedside

Enter = Callable[[User], Client]


@pytest.fixture
def enter(sign_in_at_terminal) -> Callable[[TreatmentRoom], Client]:
    """Return a function that signs a room's nurse in at its terminal."""

    def signed_in(room: TreatmentRoom) -> Client:
        enrol_totp(user=room.nurse, secret=None, by=None, at=now())
        client: Client = sign_in_at_terminal(Client(), room.nurse, room.terminal, room.terminal_secret)
        return client

    return signed_in


def address(room: TreatmentRoom, name: str, session_id: object) -> str:
    return reverse(f"dosing:{name}", args=[room.clinic.code, session_id])


def signed(page, room: TreatmentRoom) -> dict[str, str]:
    """Return what the page of both PINs would send."""
    form = page.context["form"]
    return {
        "key": str(form["key"].value()),
        "seal": form["seal"].value(),
        "batch": str(room.batch.id),
        "witness": str(room.second_nurse.id),
        "preparer_pin": NURSE_PIN,
        "witness_pin": SECOND_PIN,
    }


class TestADoseChosenInARange:
    @pytest.fixture
    def room(self, clock: Clock) -> TreatmentRoom:
        made = a_room(1, least_mg=120)
        made.open_day()
        return made

    @pytest.fixture
    def page(self, room) -> str:
        return address(room, "prepare_dose", room.checked().session_id)

    def test_is_asked_first_with_nothing_filled_in(self, room, enter, page) -> None:
        shown = enter(room).get(page)

        assert 'name="mg" value' not in shown.content.decode()
        assert "120 to 180 mg" in shown.content.decode()
        assert "preparer_pin" not in shown.content.decode()

    def test_is_drawn_up_as_it_was_chosen(self, room, enter, page) -> None:
        nurse = enter(room)

        chosen = nurse.post(page, {"choose": "1", "mg": "150", "reduction": "drowsy"})
        answer = nurse.post(page, signed(chosen, room))

        assert "150 mg" in chosen.content.decode()
        assert "Drowsier than usual" in chosen.content.decode()
        assert answer.status_code == 302
        drawn = Preparation.objects.latest("prepared_at")
        assert (drawn.dose_mg, drawn.ampoules, drawn.wasted_mg, drawn.reduced_for) == (150, 2, 50, "drowsy")

    @pytest.mark.parametrize(
        ("typed", "told"),
        [
            ("181", "The order is 180 mg, and 181 mg was written."),
            ("119", "119 mg is under 120 mg, the least that is ordered."),
            ("150", "150 mg is less than the full dose, 180 mg. Choose why."),
            ("1e2", "Write whole milligrams with the digits 0 to 9 only"),
            ("150.0", "Write whole milligrams with the digits 0 to 9 only"),
            ("", "Write the milligrams to give."),
        ],
    )
    def test_that_cannot_be_given_is_told_why_and_kept(
        self, room, enter, page, typed: str, told: str
    ) -> None:
        shown = enter(room).post(page, {"choose": "1", "mg": typed, "reduction": ""}).content.decode()

        assert told in shown
        assert not typed or f'value="{typed}"' in shown
        assert (
            Preparation.objects.filter(patient=room.patient, prepared_at__gt=room.order.signed_at).count()
            == 0
        )

    def test_takes_no_reason_that_is_not_in_the_list(self, room, enter, page) -> None:
        shown = (
            enter(room).post(page, {"choose": "1", "mg": "150", "reduction": "first_part"}).content.decode()
        )

        assert "Choose the reason from the list." in shown

    def test_is_the_one_in_the_seal_whatever_else_is_sent(self, room, enter, page) -> None:
        nurse = enter(room)
        chosen = nurse.post(page, {"choose": "1", "mg": "180"})

        nurse.post(page, signed(chosen, room) | {"mg": "120", "dose": "120"})

        assert Preparation.objects.latest("prepared_at").dose_mg == 180

    def test_is_barred_before_anything_is_typed_where_nothing_may_be_given(self, room, enter, page) -> None:
        withdraw_consent(
            person_id=room.patient.id,
            clinic=room.clinic,
            purpose=Purpose.TREATMENT,
            by=room.doctor,
            at=now(),
        )

        shown = enter(room).get(page).content.decode()

        assert "Nothing is prepared now" in shown
        assert 'name="mg"' not in shown


class TestAFixedDose:
    def test_asks_for_no_milligrams(self, clock: Clock, enter) -> None:
        room = a_room(1)
        room.open_day()

        shown = enter(room).get(address(room, "prepare_dose", room.checked().session_id)).content.decode()

        assert 'name="mg"' not in shown
        assert "Give less than this" not in shown

    def test_that_may_be_divided_offers_a_part(self, clock: Clock, enter) -> None:
        room = a_room(2)
        room.open_day()
        nurse, page = enter(room), address(room, "prepare_dose", room.checked().session_id)

        assert "Give less than this" in nurse.get(page).content.decode()
        part = nurse.get(f"{page}?less").content.decode()
        assert "A first part: the rest follows in this session" in part
        assert "1 to 180 mg" in part


class TestTheSecondInjectionOnItsPages:
    @pytest.fixture
    def bedside(self, clock: Clock) -> Bedside:
        room = a_room()
        room.open_day()
        return first_part(room, clock)

    def test_is_barred_with_every_reason_and_what_makes_it_go_away(self, bedside, enter) -> None:
        shown = enter(bedside.room).get(address(bedside.room, "record_reading", bedside.session_id))

        text = shown.content.decode()
        possible = Injection.objects.get(session_id=bedside.session_id).ended_at + timedelta(minutes=20)
        assert f"Possible from {possible:%H:%M}" in text
        assert "A reading of sedation, breathing and oxygen at most 5 minutes old is needed." in text
        assert shown.context["page"].further.left_mg == 80

    def test_is_offered_when_nothing_stands_against_it(self, bedside, enter) -> None:
        well_at(bedside, 20)

        shown = enter(bedside.room).get(address(bedside.room, "record_reading", bedside.session_id))

        assert "Prepare the second injection" in shown.content.decode()
        assert shown.context["page"].further.decision.findings == ()

    def test_is_not_offered_where_the_order_allows_one(self, clock: Clock, enter) -> None:
        room = a_room(1)
        bedside = Bedside(room, clock, room.give().session_id)
        nurse = enter(room)

        shown = nurse.get(address(room, "record_reading", bedside.session_id))
        preparing = nurse.get(address(room, "prepare_dose", bedside.session_id))

        assert shown.context["page"].further is None
        assert preparing.status_code == 302
        assert preparing["Location"] == address(room, "record_reading", bedside.session_id)

    def test_is_not_offered_when_the_dose_of_the_session_is_given(self, clock: Clock, enter) -> None:
        room = a_room(2)
        bedside = Bedside(room, clock, room.give().session_id)

        shown = enter(room).get(address(room, "record_reading", bedside.session_id))

        assert shown.context["page"].further is None

    def test_goes_from_the_readings_to_the_end_of_the_injection(self, bedside, enter) -> None:
        well_at(bedside, 20)
        nurse, room = enter(bedside.room), bedside.room
        prepare = address(room, "prepare_dose", bedside.session_id)

        page = nurse.get(prepare)
        assert "Second injection of this session." in page.content.decode()
        assert page.context["page"].dose_mg == 80
        inject = nurse.post(prepare, signed(page, room))["Location"]
        assert "at most 5 minutes old" in nurse.get(inject).content.decode()
        answer = nurse.post(inject, filled_injection(nurse, inject))

        assert answer["Location"] == address(room, "record_reading", bedside.session_id)
        live = SessionOutcome.objects.get(session_id=bedside.session_id, amended_by__isnull=True)
        assert (live.given_mg, live.outcome) == (180, "given")
        after = nurse.get(answer["Location"]).content.decode()
        assert "180 mg in this session" in after
        assert "before, beside" in after

    def test_takes_readings_while_it_is_drawn_up(self, bedside, enter) -> None:
        well_at(bedside, 20)
        draw(bedside)
        readings = address(bedside.room, "record_reading", bedside.session_id)
        nurse = enter(bedside.room)

        shown = nurse.get(readings)

        text = shown.content.decode()
        assert "The next dose is drawn up" in text and "To the injection" in text
        assert "Is leaving early" not in text and "may leave" not in text
        keys = {"sedation": "1", "breaths": "14", "oxygen": "97", "pulse": "70", "minute": "20"}
        answer = nurse.post(readings, keys | {"seal": shown.context["reading_seal"]})
        assert answer.status_code == 302

    def test_of_a_page_that_was_left_open_is_refused(self, bedside, enter) -> None:
        well_at(bedside, 20)
        nurse, room = enter(bedside.room), bedside.room
        prepare = address(room, "prepare_dose", bedside.session_id)
        page = nurse.get(prepare)
        wait(bedside, 24 + 1e-6)

        shown = nurse.post(prepare, signed(page, room)).content.decode()

        assert "A reading of sedation, breathing and oxygen at most 5 minutes old is needed." in shown
        assert Preparation.objects.filter(session_id=bedside.session_id).count() == 1
