"""The manager's staff pages: who is shown how, roles given and ended, leaving."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.actions import (
    AccountRefused,
    RoleRefused,
    close_account,
    end_role,
    grant_role,
    invite_person,
    set_pin,
)
from hat_clinic.accounts.models import Agency, Membership, SigningPin, User
from hat_clinic.accounts.queries import get_staff_page, list_clinics_of, roles_of
from hat_clinic.accounts.rules import INSPECTOR_LIMIT, Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from tests.factories import AgencyFactory, InvitationFactory

pytestmark = pytest.mark.django_db
PIN = "592837"


def address(name: str, user: User | None = None) -> str:
    more = {"user_id": user.pk} if user else {}
    return reverse(f"accounts:{name}", kwargs={"clinic_code": "CLINIC1", **more})


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def office(client, manager, sign_in) -> Client:
    """The manager's browser."""
    return sign_in(client, manager)


class TestListStaff:
    def test_shows_everybody_with_roles_second_factor_and_pin(
        self, office, nurse, second_nurse, doctor
    ) -> None:
        set_pin(user=nurse, pin=PIN, by=nurse, at=now())
        set_pin(user=second_nurse, pin=PIN, by=second_nurse, at=now())
        SigningPin.objects.filter(user=second_nurse).update(failures=10)

        page = words(office.get(address("list_staff")))

        for name in ("Nurse", "Nurse2", "Doctor", "Manager"):
            assert f">{name}</a>" in page
        assert "Staff: 4" in page
        assert page.count("PIN set") == page.count("PIN off") == 1
        assert page.count("Second factor set") == 4

    def test_shows_until_when_an_inspector_stays(self, office, inspector) -> None:
        ends_at = Membership.objects.get(user=inspector).ends_at
        assert ends_at is not None
        last_day = london_date(ends_at - timedelta(microseconds=1))

        assert f"last day {last_day.day} {last_day:%b %Y}" in words(office.get(address("list_staff")))

    def test_shows_each_invitation_in_its_state(self, office, clinic, manager) -> None:
        at = now()
        lasts = {"invited_at": at - timedelta(days=1), "expires_at": at + timedelta(days=1)}
        InvitationFactory(clinic=clinic, full_name="Wai Ting", **lasts)
        InvitationFactory(clinic=clinic, full_name="Ex Pired", **(lasts | {"expires_at": at}))
        InvitationFactory(clinic=clinic, full_name="Ac Cepted", accepted_at=at, accepted_by=manager, **lasts)
        InvitationFactory(
            clinic=clinic, full_name="With Drawn", withdrawn_at=at, withdrawn_by=manager, **lasts
        )
        InvitationFactory(full_name="Of Another Clinic")

        page = get_staff_page(clinic=clinic, at=at)
        shown = words(office.get(address("list_staff")))

        assert {row.name: row.state.value for row in (*page.unanswered, *page.answered)} == {
            "Wai Ting": "waiting",
            "Ex Pired": "expired",
            "Ac Cepted": "accepted",
            "With Drawn": "withdrawn",
        }
        for word in ("Waiting", "Expired", "Accepted", "Withdrawn"):
            assert f"<span>{word}</span>" in shown
        assert "Of Another Clinic" not in shown

    def test_folds_leavers_below(self, office, clinic, nurse, manager) -> None:
        end_role(user=nurse, clinic=clinic, role=Role.NURSE, by=manager, at=now())

        page = words(office.get(address("list_staff")))

        assert "People who have left: 1" in page
        assert "Staff: 1" in page

    def test_takes_the_same_few_queries_for_one_and_for_many(
        self, clinic, manager, make_member, django_assert_num_queries
    ) -> None:
        at = now()
        with django_assert_num_queries(4):
            assert len(get_staff_page(clinic=clinic, at=at).staff) == 1
        for number in range(8):
            make_member(clinic, Role.NURSE, f"nurse{number}")
            InvitationFactory(clinic=clinic, invited_by=manager)

        with django_assert_num_queries(4):
            assert len(get_staff_page(clinic=clinic, at=at).staff) == 9

    def test_is_written_down(self, office, clinic, manager) -> None:
        office.get(address("list_staff"))

        event = AuditEvent.objects.get(event="accounts.staff_seen")
        assert (event.actor, event.clinic) == (manager, clinic.pk)


class TestGrantRole:
    def test_works_at_the_next_click(self, office, clinic, case_worker, sign_in) -> None:
        theirs = sign_in(Client(), case_worker)
        assert theirs.get("/clinics/CLINIC1/board/").status_code == 403

        answer = office.post(address("grant_role", case_worker), {"role": "nurse"})

        assert answer.url == address("see_staff_member", case_worker)
        assert theirs.get("/clinics/CLINIC1/board/").status_code == 200
        assert "is nurse from now on" in words(office.get(answer.url))

    def test_keeps_what_was_typed_and_says_what_to_do(self, office, nurse) -> None:
        answer = office.post(
            address("grant_role", nurse), {"role": "inspector", "last_day": "", "agency": ""}
        )

        page = words(answer)
        assert "role needs a last day, at most 31 days from when it begins" in page
        assert '<option value="inspector" selected>' in page

    def test_ends_with_the_last_day_in_london(self, office, clinic, nurse) -> None:
        day = london_date(now()) + timedelta(days=3)

        office.post(address("grant_role", nurse), {"role": "inspector", "last_day": f"{day:%d/%m/%Y}"})

        ends_at = Membership.objects.get(user=nurse, role=Role.INSPECTOR).ends_at
        assert ends_at is not None
        assert london_date(ends_at - timedelta(microseconds=1)) == day
        assert london_date(ends_at) == day + timedelta(days=1)

    def test_takes_the_latest_day_that_it_offers_an_inspector(self, office, nurse) -> None:
        day = london_date(now() + INSPECTOR_LIMIT) - timedelta(days=1)
        assert f"{day:%d/%m/%Y} at the latest" in words(office.get(address("grant_role", nurse)))

        office.post(address("grant_role", nurse), {"role": "inspector", "last_day": f"{day:%d/%m/%Y}"})

        assert Membership.objects.filter(user=nurse, role=Role.INSPECTOR).exists()

    @pytest.mark.parametrize(
        ("day", "said"),
        [("tomorrow", "Write"), ("31/02/2027", "Write"), ("01/01/9999", "Check the year: write")],
    )
    def test_asks_again_for_a_day_that_cannot_be_read(self, office, nurse, day: str, said: str) -> None:
        answer = office.post(address("grant_role", nurse), {"role": "doctor", "last_day": day})

        assert said in words(answer)
        assert "nhsuk-error-message" in words(answer)
        assert not Membership.objects.filter(user=nurse, role=Role.DOCTOR).exists()

    def test_takes_a_referrers_agency(self, office, clinic, nurse) -> None:
        agency = AgencyFactory()

        office.post(address("grant_role", nurse), {"role": "referrer", "agency": str(agency.pk)})

        assert list_clinics_of(user=nurse, at=now())[0].agency_id == agency.pk

    def test_of_a_closed_account_is_refused(self, office, clinic, nurse, manager) -> None:
        close_account(user=nurse, clinic=clinic, by=manager, at=now())

        answer = office.post(address("grant_role", nurse), {"role": "doctor"})

        assert "This account is closed" in words(answer)
        assert roles_of(user=nurse, clinic=clinic, at=now()) == set()

    def test_shows_nobody_who_never_worked_here(self, office, make_clinic, make_member) -> None:
        stranger = make_member(make_clinic("OTHER"), Role.NURSE)

        assert office.get(address("see_staff_member", stranger)).status_code == 404
        assert office.post(address("grant_role", stranger), {"role": "nurse"}).status_code == 404


class TestEndRole:
    def test_refuses_the_next_click(self, office, nurse, sign_in) -> None:
        theirs = sign_in(Client(), nurse)
        assert theirs.get("/clinics/CLINIC1/board/").status_code == 200

        answer = office.post(address("end_role", nurse), {"role": "nurse"})

        assert theirs.get("/clinics/CLINIC1/board/").status_code == 404
        assert "is no longer nurse here" in words(office.get(answer.url))

    def test_leaves_the_roles_in_other_clinics(self, office, nurse, make_clinic, manager) -> None:
        other = make_clinic("OTHER")
        grant_role(user=nurse, clinic=other, role=Role.NURSE, by=manager, at=now())

        office.post(address("end_role", nurse), {"role": "nurse"})

        assert roles_of(user=nurse, clinic=other, at=now()) == {Role.NURSE}

    def test_of_the_last_manager_is_barred_and_refused(self, office, clinic, manager) -> None:
        page = words(office.get(address("see_staff_member", manager)))
        assert "Nobody else is manager here without a last day" in page
        assert "hat-button--barred" in page
        assert 'name="role"' not in page

        answer = office.post(address("end_role", manager), {"role": "manager"})

        assert "Nobody else is manager here" in words(office.get(answer.url))
        assert roles_of(user=manager, clinic=clinic, at=now()) == {Role.MANAGER}

    def test_counts_no_manager_who_has_left_or_is_about_to(self, clinic, manager, make_member) -> None:
        closed = make_member(clinic, Role.MANAGER, "closed")
        User.objects.filter(pk=closed.pk).update(is_active=False)
        limited = make_member(clinic, Role.NURSE, "limited")
        until = now() + timedelta(days=1)
        grant_role(user=limited, clinic=clinic, role=Role.MANAGER, ends_at=until, by=manager, at=now())

        with pytest.raises(RoleRefused, match="Nobody else is manager"):
            end_role(user=manager, clinic=clinic, role=Role.MANAGER, by=manager, at=now())

    def test_of_oneself_leads_away_from_the_staff(self, office, clinic, manager, make_member) -> None:
        make_member(clinic, Role.MANAGER, "second")

        answer = office.post(address("end_role", manager), {"role": "manager"})

        assert answer.url == "/"
        assert office.get(address("list_staff")).status_code == 404

    def test_that_does_not_stand_changes_nothing(self, office, nurse) -> None:
        answer = office.post(address("end_role", nurse), {"role": "doctor"})

        assert "does not have that role here" in words(office.get(answer.url))

    def test_that_names_no_role_changes_nothing(self, office, nurse) -> None:
        answer = office.post(address("end_role", nurse), {"role": "pope"})

        assert "Nothing was changed" in words(office.get(answer.url))


class TestCloseAccount:
    def test_sends_the_next_click_to_the_sign_in_page(self, office, clinic, nurse, sign_in) -> None:
        theirs = sign_in(Client(), nurse)
        assert "Close the account of Nurse" in words(office.get(address("close_account", nurse)))

        answer = office.post(address("close_account", nurse))

        assert answer.url == address("list_staff")
        assert theirs.get("/clinics/CLINIC1/board/").url.startswith("/sign-in/")
        assert roles_of(user=nurse, clinic=clinic, at=now()) == set()
        event = AuditEvent.objects.get(event="accounts.account_closed")
        assert (event.object_id, event.clinic) == (str(nurse.pk), clinic.pk)

    def test_is_refused_while_the_person_works_elsewhere(self, office, nurse, make_clinic, manager) -> None:
        other = make_clinic("OTHER")
        grant_role(user=nurse, clinic=other, role=Role.NURSE, by=manager, at=now())
        page = words(office.get(address("close_account", nurse)))
        assert "End the roles here instead" in page
        assert "hat-button--barred" in page

        answer = office.post(address("close_account", nurse))

        assert "The account stays open." in words(office.get(answer.url))
        nurse.refresh_from_db()
        assert nurse.is_active

    def test_of_the_last_manager_is_refused(self, clinic, manager) -> None:
        with pytest.raises(AccountRefused, match="Nobody else is manager"):
            close_account(user=manager, clinic=clinic, by=manager, at=now())

    def test_shows_a_closed_account_as_closed(self, office, clinic, nurse, manager) -> None:
        close_account(user=nurse, clinic=clinic, by=manager, at=now())

        assert "This account is closed." in words(office.get(address("close_account", nurse)))
        assert "<span>Closed</span>" in words(office.get(address("see_staff_member", nurse)))


class TestAddAgency:
    def test_makes_it_a_choice(self, office) -> None:
        answer = office.post(address("add_agency"), {"name": "Harbour Police", "kind": "police"})

        assert answer.url == address("invite_person")
        assert "Harbour Police" in words(office.get(answer.url))
        assert Agency.objects.get().kind == "police"

    def test_refuses_a_known_name_in_words(self, office) -> None:
        known = AgencyFactory()

        answer = office.post(address("add_agency"), {"name": known.name, "kind": "other"})

        assert "known already" in words(answer)


class TestInvitePersonPage:
    def test_shows_the_link_once(self, office, clinic) -> None:
        asked = {"full_name": "Noor Malik", "email": "Noor@Clinic.example", "roles": ["nurse", "cd_lead"]}

        page = words(office.post(address("invite_person"), asked))

        assert "http://testserver/accept-invitation/#" in page
        link = page.split("accept-invitation/#")[1].split("<")[0]
        again = words(office.post(address("invite_person"), asked))
        assert "is waiting already" in again
        assert 'value="Noor Malik"' in again
        assert link not in again + words(office.get(address("list_staff")))
        assert not AuditEvent.objects.filter(detail__contains={"token": link}).exists()

    def test_says_each_thing_that_is_missing(self, office) -> None:
        page = words(office.post(address("invite_person"), {"email": "noor", "last_day": "soon"}))

        for sentence in (
            "Write the person&#x27;s full name.",
            "Write the whole e-mail address",
            "Choose at least one role.",
            "Write the last day as day/month/year",
        ):
            assert sentence in page

    def test_withdraws_an_invitation(self, office, clinic, manager) -> None:
        invited = invite_person(
            clinic=clinic,
            email="noor@clinic.example",
            full_name="Noor Malik",
            roles=[Role.NURSE],
            agency=None,
            roles_end_at=None,
            by=manager,
            at=now(),
        )
        where = reverse("accounts:withdraw_invitation", args=["CLINIC1", invited.invitation.pk])

        first, second = office.post(where), office.post(where)

        assert first.url == second.url == address("list_staff")
        page = words(office.get(first.url))
        assert "the invitation is withdrawn" in page
        assert "no longer waiting" in page
