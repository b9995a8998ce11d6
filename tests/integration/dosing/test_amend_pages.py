"""The pages on which a line of the room is put right, as a browser sends them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dosing.models import Correction, PreInjectionCheck, Reading, SessionOutcome
from dosing.queries.corrections import get_amend_check_page
from hat_clinic.accounts.actions import enrol_totp
from hat_clinic.core.clock import now
from tests.factories.room_pages import CHECK, NOT_GIVEN, READINGS
from tests.factories.treatment import NURSE_PIN, SECOND_PIN, TreatmentRoom, a_treatment_room
from tests.integration.dosing.conftest import Clock
from tests.integration.dosing.test_observation import Bedside, bedside

__all__ = ["bedside"]


@pytest.fixture
def enter(sign_in_at_terminal) -> Callable[..., Client]:
    """Return a function that signs one of a room's nurses in at its terminal."""

    def signed_in(room: TreatmentRoom, nurse: Any = None) -> Client:
        nurse = nurse or room.nurse
        enrol_totp(user=nurse, secret=None, by=None, at=now())
        client: Client = sign_in_at_terminal(Client(), nurse, room.terminal, room.terminal_secret)
        return client

    return signed_in


def filled(page: Any, **answers: str) -> dict[str, str]:
    form = page.context["form"]
    sealed = {"key": str(form["key"].value()), "seal": form["seal"].value()}
    return sealed | {"reason": "wrong_key", "words": "", "pin": NURSE_PIN} | answers


class TestAReading:
    @pytest.fixture
    def first(self, bedside: Bedside) -> Reading:
        bedside.read_at(2, pulse=75)
        return bedside.readings().get()

    def address(self, bedside: Bedside, reading: Reading) -> str:
        return reverse("dosing:amend_reading", args=[bedside.room.clinic.code, reading.id])

    def test_is_put_right_with_both_lines_shown(self, bedside: Bedside, first: Reading, enter) -> None:
        nurse, address = enter(bedside.room), self.address(bedside, first)
        page = nurse.get(address)
        assert "POSS 1, breathing 14, oxygen 97 %, pulse 75" in page.content.decode()

        answer = nurse.post(address, filled(page, **READINGS))

        shown = nurse.get(answer["Location"]).content.decode()
        assert "2 min, first line" in shown and "<td>75</td>" in shown and "<td>70</td>" in shown
        assert f"by {bedside.room.nurse.full_name}: Wrong key" in shown

    def test_that_somebody_has_put_right_is_refused(self, bedside: Bedside, first: Reading, enter) -> None:
        nurse, address = enter(bedside.room), self.address(bedside, first)
        page, late = nurse.get(address), nurse.get(address)
        nurse.post(address, filled(page, **READINGS))

        answer = nurse.post(address, filled(late, **READINGS | {"pulse": "65"}))

        assert answer.status_code == 409
        assert "It says now: POSS 1, breathing 14, oxygen 97 %, pulse 70" in answer.content.decode()
        assert Correction.objects.count() == 1

    def test_opens_an_emergency_where_it_is_one(self, bedside: Bedside, first: Reading, enter) -> None:
        nurse, address = enter(bedside.room), self.address(bedside, first)

        answer = nurse.post(address, filled(nurse.get(address), **READINGS | {"sedation": "4"}))

        assert "/emergency/" in answer["Location"]

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"pin": SECOND_PIN}, "PIN"),
            ({"reason": ""}, "Choose why it is put right."),
            ({"pulse": "75"}, "The new line says the same as the first."),
            ({"seal": "no seal"}, "opened by somebody else"),
        ],
        ids=["pin", "reason", "same", "seal"],
    )
    def test_is_refused_in_words(
        self, bedside: Bedside, first: Reading, enter, changes: dict[str, str], says: str
    ) -> None:
        nurse, address = enter(bedside.room), self.address(bedside, first)

        answer = nurse.post(address, filled(nurse.get(address), **READINGS | changes))

        assert answer.status_code == 200 and says in answer.content.decode()
        assert not Correction.objects.exists()

    def test_of_another_nurses_page_is_refused(self, bedside: Bedside, first: Reading, enter) -> None:
        address = self.address(bedside, first)
        sent = filled(enter(bedside.room).get(address), **READINGS | {"pin": SECOND_PIN})

        answer = enter(bedside.room, bedside.room.second_nurse).post(address, sent)

        assert "opened by somebody else" in answer.content.decode()
        assert not Correction.objects.exists()

    def test_that_is_none_is_not_there(self, bedside: Bedside, first: Reading, enter) -> None:
        nurse = enter(bedside.room)
        other = reverse("dosing:amend_reading", args=[bedside.room.clinic.code, bedside.session_id])

        assert nurse.get(other).status_code == 404

    def test_is_offered_in_the_bar_that_says_what_was_saved(self, bedside: Bedside, enter) -> None:
        bedside.wait_until(2)
        nurse = enter(bedside.room)
        page = reverse("dosing:record_reading", args=[bedside.room.clinic.code, bedside.session_id])
        seal = nurse.get(page).context["reading_seal"]

        shown = nurse.post(page, READINGS | {"minute": "2", "seal": seal}, follow=True).content.decode()

        taken = bedside.readings().get()
        assert f'pulse 70. <a href="{self.address(bedside, taken)}">Amend</a>' in shown


class TestACheck:
    def address(self, room: TreatmentRoom, name: str, thing: Any) -> str:
        return reverse(f"dosing:{name}", args=[room.clinic.code, thing])

    def test_is_reached_from_the_check_and_put_right_with_both_lines_shown(self, clock: Clock, enter) -> None:
        room = a_treatment_room()
        visit = room.identify()
        room.check(visit, pulse=75)
        first = PreInjectionCheck.objects.get()
        nurse = enter(room)
        written = self.address(room, "see_written", visit.session_id)
        assert written in nurse.get(self.address(room, "record_check", visit.session_id)).content.decode()
        address = self.address(room, "amend_check", first.id)
        assert address in nurse.get(written).content.decode()

        same = nurse.post(address, filled(nurse.get(address), **CHECK | {"pulse": "75"}))
        answer = nurse.post(address, filled(nurse.get(address), **CHECK))
        late = nurse.post(address, filled(nurse.get(address), **CHECK, pin=SECOND_PIN))

        assert "says the same" in same.content.decode() and late.status_code == 200
        assert answer["Location"] == written
        shown = nurse.get(written).content.decode()
        assert "first line" in shown and "pulse 75" in shown and "pulse 70" in shown
        assert f"by {room.nurse.full_name}: Wrong key" in shown
        assert (
            "It says now: POSS 1, breathing 14, oxygen 97 %, pulse 70" in nurse.get(address).content.decode()
        )

    def test_opens_an_emergency_where_it_is_one(self, clock: Clock, enter) -> None:
        room = a_treatment_room()
        given = room.give()
        nurse = enter(room)
        address = self.address(room, "amend_check", PreInjectionCheck.objects.get().id)

        answer = nurse.post(address, filled(nurse.get(address), **CHECK | {"sedation": "4"}))

        assert "/emergency/" in answer["Location"]
        assert (
            "To the readings"
            in nurse.get(self.address(room, "see_written", given.session_id)).content.decode()
        )

    def test_is_found_beside_another_of_the_same_moment(self, clock: Clock) -> None:
        room = a_treatment_room()
        visit = room.identify()
        room.check(visit, pulse=75)
        room.check(visit, pulse=70)
        first, second = PreInjectionCheck.objects.filter(session_id=visit.session_id).order_by("-pulse")
        assert first.made_at == second.made_at

        page = get_amend_check_page(clinic=room.clinic, check_id=first.id, at=now())

        assert page is not None and page.stands and "pulse 75" in page.now_says

    def test_of_nobody_is_not_there(self, clock: Clock, enter) -> None:
        room = a_treatment_room()
        nurse = enter(room)

        for name in ("amend_check", "see_written"):
            assert nurse.get(self.address(room, name, room.patient.id)).status_code == 404


class TestAnEnding:
    def test_is_offered_and_put_right(self, clock: Clock, enter) -> None:
        room = a_treatment_room(dose_mg=180)
        nurse = enter(room)
        thing = NOT_GIVEN.reach(room)
        nurse.post(NOT_GIVEN.address(room, thing), NOT_GIVEN.filled(nurse, room, thing))
        first = SessionOutcome.objects.get(outcome="withheld")
        address = reverse("dosing:amend_outcome", args=[room.clinic.code, first.id])
        assert address in nurse.get(reverse("dosing:see_board", args=[room.clinic.code])).content.decode()
        page = nurse.get(address)
        assert "Withheld: ill" in page.content.decode()

        same = nurse.post(address, filled(page, ended="withheld/ill"))
        answer = nurse.post(address, filled(page, ended="missed/unknown"))
        late = nurse.post(address, filled(page, ended="missed/unknown", pin=SECOND_PIN))

        assert "says the same" in same.content.decode()
        assert answer.status_code == 302 and late.status_code == 200
        live = SessionOutcome.objects.get(session_id=first.session_id, amended_by__isnull=True)
        assert (live.outcome, live.amends) == ("missed", first)
        assert "It says now: Missed: unknown" in nurse.get(address).content.decode()
        other = reverse("dosing:amend_outcome", args=[room.clinic.code, first.session_id])
        assert nurse.get(other).status_code == 404
