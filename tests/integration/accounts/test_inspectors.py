"""An inspector: invited for days that begin and end, read-only, cut off at the next click, everything recorded."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from dosing.rules.checkpoints import short_code
from hat_clinic.accounts.actions import (
    InviteRefused,
    accept_invitation,
    end_role,
    enrol_totp,
    invite_person,
)
from hat_clinic.accounts.models import Clinic, Invitation, Membership, User
from hat_clinic.accounts.queries import get_staff, get_staff_page
from hat_clinic.accounts.rules import ALLOWED, INSPECTOR_LIMIT, Permission, Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import LONDON, london_date, now
from tests.factories import PremisesFactory
from tests.factories.accounts import InvitationFactory
from tests.factories.cases import a_case
from tests.factories.register import an_open_register, receive
from tests.factories.treatment import a_treatment_room
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-battery-staple"
DAY = timedelta(days=1)


def invited(clinic: Clinic, by: User, starts_at: datetime | None, ends_at: datetime, **changes: Any) -> Any:
    arguments = {
        "clinic": clinic,
        "email": "owen@police.example",
        "full_name": "Owen Pryce",
        "roles": [Role.INSPECTOR],
        "agency": None,
        "roles_start_at": starts_at,
        "roles_end_at": ends_at,
        "by": by,
        "at": now(),
    }
    return invite_person(**arguments | changes)


def words(response: HttpResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


class TestTheInvitation:
    def test_gives_the_role_from_its_start_until_just_before_its_end(self, clinic, cd_lead) -> None:
        starts_at, ends_at = now() + DAY, now() + 3 * DAY
        invitation = invited(clinic, cd_lead, starts_at, ends_at).invitation
        user = accept_invitation(invitation_id=invitation.pk, password=PASSWORD, by=None, at=now())

        def is_here(at: datetime) -> bool:
            return get_staff(user=user, clinic_code=clinic.code, at=at) is not None

        moment = timedelta(microseconds=1)
        assert [is_here(at) for at in (now(), starts_at - moment, starts_at, ends_at - moment, ends_at)] == [
            False,
            False,
            True,
            True,
            False,
        ]

    def test_without_a_later_start_gives_it_at_once(self, clinic, manager) -> None:
        invitation = invited(clinic, manager, now() - DAY, now() + DAY).invitation
        user = accept_invitation(invitation_id=invitation.pk, password=PASSWORD, by=None, at=now())

        assert get_staff(user=user, clinic_code=clinic.code, at=now()) is not None

    def test_is_for_31_days_from_its_start_at_most(self, clinic, cd_lead) -> None:
        starts_at = now() + 5 * DAY
        with pytest.raises(InviteRefused, match="at most 31 days from when it begins"):
            invited(clinic, cd_lead, starts_at, starts_at + INSPECTOR_LIMIT + timedelta(seconds=1))

        assert invited(clinic, cd_lead, starts_at, starts_at + INSPECTOR_LIMIT)

    def test_does_not_end_before_it_begins(self, clinic, cd_lead) -> None:
        with pytest.raises(InviteRefused, match="The last day is before the first"):
            invited(clinic, cd_lead, now() + 2 * DAY, now() + DAY)

    def test_is_refused_by_the_database_with_a_start_after_its_end(self, clinic) -> None:
        at = now()
        for fault in ({"roles_end_at": at}, {"roles_end_at": None}):
            with refused_by("invited_roles_start_before_they_end"):
                InvitationFactory(clinic=clinic, roles_start_at=at, **fault)

        InvitationFactory(clinic=clinic, roles_start_at=at, roles_end_at=at + DAY)

    def test_shows_who_has_not_begun_among_the_staff_and_can_be_ended(self, clinic, cd_lead, manager) -> None:
        starts_at = now() + DAY
        invitation = invited(clinic, cd_lead, starts_at, starts_at + DAY).invitation
        user = accept_invitation(invitation_id=invitation.pk, password=PASSWORD, by=None, at=now())
        assert "Owen Pryce" in [row.name for row in get_staff_page(clinic=clinic, at=now()).staff]

        end_role(user=user, clinic=clinic, role=Role.INSPECTOR, by=manager, at=now())
        membership = Membership.objects.get(user=user)
        assert membership.starts_at == membership.ends_at
        assert get_staff(user=user, clinic_code=clinic.code, at=starts_at) is None


class TestThePage:
    @pytest.fixture
    def invite(self, clinic, sign_in) -> Callable[..., HttpResponse]:
        def send(by: User, **content: Any) -> HttpResponse:
            today = london_date(now())
            written = {
                "full_name": "Owen Pryce, police controlled-drug liaison officer",
                "email": "owen@police.example",
                "first_day": f"{today:%d/%m/%Y}",
                "last_day": f"{today + DAY:%d/%m/%Y}",
            }
            path = reverse("accounts:invite_inspector", args=[clinic.code])
            return sign_in(Client(), by).post(path, written | content)

        return send

    @pytest.mark.parametrize("who", ["cd_lead", "manager"])
    def test_makes_the_link_once(self, clinic, invite, request, who: str) -> None:
        answer = invite(request.getfixturevalue(who))
        invitation = Invitation.objects.get()

        assert "accept-invitation/#" in answer.content.decode()
        assert reverse("pages:see_inspections", args=[clinic.code]) in answer.content.decode()
        start = invitation.roles_start_at
        end = invitation.roles_end_at
        assert start is not None and end is not None
        assert invitation.roles == ["inspector"]
        assert (start.astimezone(LONDON).hour, end.astimezone(LONDON).hour) == (0, 0)
        assert (london_date(end) - london_date(start)).days == 2

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            ({"first_day": "01/01/2026"}, "Choose a first day that is not over."),
            ({"first_day": "tomorrow"}, "Write the first day as day/month/year"),
            ({"last_day": "01/01/1899"}, "write a day from 1900 to 2200."),
            ({"last_day": "01/01/2199"}, "at most 31 days from when it begins"),
            ({"full_name": ""}, "Write the inspector&#x27;s full name."),
            ({"email": "owen"}, "Write the whole e-mail address"),
        ],
    )
    def test_says_what_to_write(self, invite, cd_lead, content: dict[str, str], sentence: str) -> None:
        answer = invite(cd_lead, **content)

        assert sentence.replace("&#x27;", "'") in words(answer).replace("&#x27;", "'").replace("&#39;", "'")
        assert not Invitation.objects.exists()


class TestAnInspector:
    def test_may_do_nothing_but_look(self) -> None:
        assert ALLOWED[Role.INSPECTOR] == {
            Permission.SEE_REGISTER,
            Permission.PRINT_REGISTER,
            Permission.SEE_CASES,
            Permission.SEE_PROTOCOL,
            Permission.SEE_CHECKPOINTS,
            Permission.SEE_REPORTS,
        }

    def test_is_cut_off_at_the_next_click_after_the_end(self, clinic, inspector, sign_in) -> None:
        client = sign_in(Client(), inspector)
        path = reverse("dosing:see_register", args=[clinic.code])
        assert client.get(path).status_code == 200
        Membership.objects.filter(user=inspector).update(ends_at=now())

        assert client.get(path).status_code == 404

    def test_leaves_a_line_of_everything_that_the_lead_reads(
        self, clinic, inspector, cd_lead, sign_in
    ) -> None:
        line = an_open_register(PremisesFactory(clinic=clinic, name="Harbour Street"))
        receive(line, 5, at=now())
        client = sign_in(Client(), inspector)
        for name in ("see_register", "print_register", "see_cases", "see_checks"):
            assert client.get(reverse(f"dosing:{name}", args=[clinic.code])).status_code == 200
        assert client.get(reverse("dosing:see_board", args=[clinic.code])).status_code == 403

        page = sign_in(Client(), cd_lead).get(reverse("pages:see_inspections", args=[clinic.code]))
        text = words(page)
        today = f"{london_date(now()):%d/%m/%Y}"
        for part in (
            "looked at the register",
            "printed the register",
            "looked at the discrepancy cases",
            "looked at the balance checks",
            "tried to open a page that their role does not include",
            "diamorphine 100 mg, ampoule, powder for injection, Harbour Street",
            f"to {today}; lines 1 to 1",
            "May look now",
        ):
            assert part in text, part
        assert AuditEvent.objects.filter(event="pages.inspections_seen", actor=cd_lead).exists()

    def test_leaves_which_case_and_which_days_of_checks_were_opened(
        self, make_member, cd_lead, sign_in
    ) -> None:
        room = a_treatment_room(ampoules=12)
        room.open_day()
        case = a_case(room)
        inspector = make_member(room.clinic, Role.INSPECTOR)
        client = sign_in(Client(), inspector)
        client.get(reverse("dosing:see_case", args=[room.clinic.code, case.id]))
        client.get(
            reverse("dosing:see_checks", args=[room.clinic.code]),
            {"since": "01/11/2026", "until": "02/11/2026"},
        )
        code = short_code(line_id=room.line.id, seq=1, head_hash="0" * 64).text
        client.get(reverse("dosing:see_checkpoints", args=[room.clinic.code]), {"code": code})
        enrol_totp(user=room.cd_lead, secret=None, by=None, at=now())

        text = words(
            sign_in(Client(), room.cd_lead).get(reverse("pages:see_inspections", args=[room.clinic.code]))
        )

        assert f"case of {london_date(case.opened_at):%d/%m/%Y}, diamorphine" in text
        assert "01/11/2026 to 02/11/2026" in text
        assert f"code {code}" in text

    def test_is_shown_alone_and_page_by_page(self, clinic, inspector, cd_lead, sign_in, monkeypatch) -> None:
        monkeypatch.setattr("hat_clinic.pages.queries.inspections.PAGE_LINES", 2)
        client = sign_in(Client(), inspector)
        for _ in range(5):
            client.get(reverse("dosing:see_cases", args=[clinic.code]))
        lead = sign_in(Client(), cd_lead)
        path = reverse("pages:see_inspections", args=[clinic.code])
        first = lead.get(path, {"inspector": str(inspector.pk)})
        older = re.search(r"before=(\d+)", first.content.decode())

        assert older is not None
        assert words(lead.get(path, {"before": older[1]})).count("looked at the discrepancy cases") == 2
        assert "No inspector has opened anything." in words(lead.get(path, {"inspector": str(cd_lead.pk)}))
        assert lead.get(path, {"inspector": "x", "before": "-1"}).status_code == 200

    def test_before_and_after_the_visit_is_named_so(self, clinic, cd_lead, sign_in) -> None:
        path = reverse("pages:see_inspections", args=[clinic.code])
        lead = sign_in(Client(), cd_lead)
        assert "Nobody has inspected here." in words(lead.get(path))
        invitation = invited(clinic, cd_lead, now() + DAY, now() + 2 * DAY).invitation
        assert "Invited, not accepted yet: Owen Pryce" in words(lead.get(path))
        user = accept_invitation(invitation_id=invitation.pk, password=PASSWORD, by=None, at=now())
        enrol_totp(user=user, secret=None, by=None, at=now())
        assert "Not begun" in words(lead.get(path))
        Membership.objects.filter(user=user).update(starts_at=now() - 2 * DAY, ends_at=now())

        assert "Over" in words(lead.get(path))
