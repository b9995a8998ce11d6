"""Opening a clinic from a preset, and its checklist until the first dose."""

from __future__ import annotations

import io
from datetime import time

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.actions import accept_invitation
from hat_clinic.accounts.models import Clinic, Invitation
from hat_clinic.accounts.queries import hash_of_token, roles_of
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from hat_clinic.pages.queries.opening import get_checklist_page
from tests.factories.treatment import a_treatment_room
from tests.integration.patients.pages import words

pytestmark = pytest.mark.django_db
OPTIONS = {
    "code": "NEW1",
    "name": "A new clinic",
    "opened_on": "2027-01-04",
    "premises": "Main house",
    "address": "1 Example Street",
    "session": ["08:00-12:00", "13:00-17:00"],
    "manager": "First@Clinic.example",
    "manager_name": "First Manager",
}


def open_from(preset: str, **changes: object) -> str:
    out = io.StringIO()
    call_command("open_clinic", preset, stdout=out, **OPTIONS | changes)
    return out.getvalue()


class TestTheCommand:
    def test_opens_a_clinic_with_its_hours_and_says_what_is_missing_and_not_verified(self) -> None:
        said = open_from("middlesbrough")

        clinic = Clinic.objects.get(code="NEW1")
        assert (clinic.places, clinic.sessions_per_day, clinic.preset) == (15, 2, "middlesbrough")
        assert [slot.opens_at for slot in clinic.slots.order_by("opens_at")] == [time(8), time(13)]
        assert clinic.premises.get().name == "Main house"
        assert "- Staff: Still needed: 2 × nurse" in said and "- Approved limits" in said
        assert "- Premises" not in said
        assert "NOT VERIFIED: Doses, hours" in said

    def test_takes_other_places_where_they_are_given(self) -> None:
        open_from("glasgow", places=40)
        assert Clinic.objects.get(code="NEW1").places == 40

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"session": ["08:00-12:00"]}, "2 sessions a day"),
            ({"session": ["8 to 12", "13:00-17:00"]}, "are no hours"),
            ({"session": ["12:00-08:00", "13:00-17:00"]}, "Nothing was opened"),
            ({"code": "no code"}, "Nothing was opened"),
            ({"manager": "no address"}, "address is none"),
            ({"manager": "opening-of-a-clinic@program.invalid"}, "Nothing was opened"),
            (
                {"manager": f"{'x' * 60}@{'y' * 60}.{'z' * 60}.{'w' * 60}.{'v' * 60}.example"},
                "Nothing was opened",
            ),
        ],
        ids=["too few", "no hours", "backwards", "code", "no address", "a program", "too long"],
    )
    def test_opens_nothing_from_what_is_wrong(self, changes: dict, message: str) -> None:
        with pytest.raises(CommandError, match=message):
            open_from("middlesbrough", **changes)
        assert not Clinic.objects.filter(name="A new clinic").exists()
        assert not Invitation.objects.exists()

    def test_invites_its_first_manager_by_a_link_that_works(self, client) -> None:
        link = open_from("middlesbrough").splitlines()[-1]

        invitation = Invitation.objects.get()
        assert (invitation.email, invitation.full_name) == ("first@clinic.example", "First Manager")
        assert (invitation.roles, invitation.clinic.code) == (["manager"], "NEW1")
        path, token = link.split("#")
        assert path == reverse("accounts:accept_invitation")
        assert hash_of_token(token) == invitation.token_sha256
        manager = accept_invitation(
            invitation_id=invitation.id, password="seven quiet herons", by=None, at=now()
        )
        assert roles_of(user=manager, clinic=invitation.clinic, at=now()) == {Role.MANAGER}


class TestTheChecklist:
    def test_gets_shorter_until_a_dose_is_given(self) -> None:
        room = a_treatment_room()
        before = {
            item.what for item in get_checklist_page(clinic=room.clinic, at=now()).items if item.missing
        }
        room.give()
        page = get_checklist_page(clinic=room.clinic, at=now())

        assert "First dose" in before and {"Licence", "Approved limits", "Stock"}.isdisjoint(before)
        assert page.first_dose and "First dose" not in {item.what for item in page.items if item.missing}
        assert page.preset is None

    def test_is_seen_by_who_runs_the_clinic(self, make_member, sign_in) -> None:
        open_from("riott")
        clinic = Clinic.objects.get(code="NEW1")
        manager = sign_in(Client(), make_member(clinic, Role.MANAGER, "manager"))

        page = words(manager.get(reverse("pages:see_checklist", args=[clinic.code])))

        assert "Opened after: RIOTT" in page and "Not verified" in page
        assert "sets nothing here" in page
