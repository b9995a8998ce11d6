"""The doors, tried on pages of their own, so that no real page's change can hide a broken door."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from hat_clinic.accounts.access import (
    SECOND_FACTOR_KEY,
    Door,
    StaffRequest,
    public,
    requires,
    setting_up,
    signed_in,
)
from hat_clinic.accounts.actions import close_account, end_role, grant_role
from hat_clinic.accounts.rules import Permission, Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.pages import shown

pytestmark = pytest.mark.django_db


@requires(Permission.SEE_BOARD)
def see_board(request: StaffRequest, clinic_code: str) -> HttpResponse:
    return HttpResponse(f"{request.staff.clinic.code} {clinic_code} {request.staff.role_label}")


@signed_in
def see_own(request: HttpRequest) -> HttpResponse:
    return HttpResponse("own")


@setting_up
def set_up(request: HttpRequest) -> HttpResponse:
    return HttpResponse("set up")


@public
def see_all(request: HttpRequest) -> HttpResponse:
    return HttpResponse("all")


@pytest.fixture(autouse=True)
def pages_of_this_test(settings) -> None:
    addresses: Any = ModuleType("addresses_of_this_test")
    addresses.urlpatterns = [
        path("<slug:clinic_code>/board/", see_board),
        path("own/", see_own),
        path("set-up/", set_up),
        path("all/", see_all),
        path("", include("hat_clinic.urls")),
    ]
    settings.ROOT_URLCONF = addresses


class TestRequires:
    def test_lets_a_member_in_with_their_roles_of_that_clinic(self, client, nurse, sign_in) -> None:
        sign_in(client, nurse)

        assert client.get("/CLINIC1/board/").content == b"CLINIC1 CLINIC1 nurse"

    def test_asks_an_unknown_visitor_to_sign_in_and_come_back(self, client, clinic) -> None:
        answer = client.get("/CLINIC1/board/?slot=am")

        assert answer.status_code == 302
        assert answer.url == "/sign-in/?next=%2FCLINIC1%2Fboard%2F%3Fslot%3Dam"

    def test_says_nothing_about_clinics_to_an_unknown_visitor(self, client, clinic) -> None:
        assert client.get("/NOWHERE/board/").url.startswith("/sign-in/")

    def test_sends_htmx_to_the_whole_sign_in_page(self, client, clinic) -> None:
        answer = client.get(
            "/CLINIC1/board/",
            headers={"hx-request": "true", "hx-current-url": "http://testserver/CLINIC1/today/"},
        )

        assert answer.status_code == 401
        assert answer.headers["HX-Redirect"] == "/sign-in/?next=%2FCLINIC1%2Ftoday%2F"

    @pytest.mark.parametrize(
        "there", ["http://evil.example/x", "//evil.example", "http://testserver//evil", ""]
    )
    def test_comes_back_to_no_other_host(self, client, clinic, there) -> None:
        answer = client.get("/CLINIC1/board/", headers={"hx-request": "true", "hx-current-url": there})

        assert answer.headers["HX-Redirect"] == "/sign-in/"

    def test_comes_back_from_a_form_to_the_page_it_stood_on(self, client, clinic) -> None:
        answer = client.post("/CLINIC1/board/", headers={"referer": "http://testserver/CLINIC1/dose/"})

        assert answer.url == "/sign-in/?next=%2FCLINIC1%2Fdose%2F"

    def test_sends_a_password_alone_to_the_set_up(self, client, nurse) -> None:
        Authenticator.objects.all().delete()
        client.force_login(nurse)

        assert client.get("/CLINIC1/board/").url == "/second-factor/set-up-app/"

    def test_signs_a_password_alone_out_where_a_second_factor_exists(self, client, nurse) -> None:
        client.force_login(nurse)

        answer = client.get("/CLINIC1/board/")

        assert answer.url.startswith("/sign-in/")
        assert "_auth_user_id" not in client.session
        assert "this time with your second factor" in client.get(answer.url).content.decode()

    def test_believes_no_second_factor_of_somebody_else(self, client, nurse, doctor, sign_in) -> None:
        sign_in(client, nurse)
        session = client.session
        session[SECOND_FACTOR_KEY] = str(doctor.pk)
        session.save()

        assert client.get("/CLINIC1/board/").status_code == 302

    def test_answers_a_stranger_like_a_missing_page(self, client, nurse, make_clinic, sign_in) -> None:
        make_clinic("OTHER")
        sign_in(client, nurse)

        stranger, nowhere, missing = (
            client.get(page) for page in ("/OTHER/board/", "/NOWHERE/board/", "/no-such-page/")
        )

        assert {stranger.status_code, nowhere.status_code, missing.status_code} == {404}
        assert shown(stranger) == shown(nowhere) == shown(missing)
        assert _headers(stranger) == _headers(nowhere) == _headers(missing)

    def test_refuses_a_colleague_of_another_role_in_words_and_writes_it_down(
        self, client, case_worker, clinic, sign_in
    ) -> None:
        sign_in(client, case_worker)

        answer = client.get("/CLINIC1/board/")

        assert answer.status_code == 403
        assert "Your role cannot open this page" in answer.content.decode()
        event = AuditEvent.objects.get(event="accounts.access_refused")
        assert (event.actor, event.clinic, event.outcome) == (case_worker, clinic.pk, "refused")
        assert event.detail == {"permission": "see_board"}

    def test_cuts_a_leaver_off_at_the_next_click(self, client, nurse, clinic, manager, sign_in) -> None:
        sign_in(client, nurse)
        assert client.get("/CLINIC1/board/").status_code == 200

        end_role(user=nurse, clinic=clinic, role=Role.NURSE, by=manager, at=now())

        assert client.get("/CLINIC1/board/").status_code == 404

    def test_sees_a_changed_role_at_the_next_click(self, client, nurse, clinic, manager, sign_in) -> None:
        grant_role(user=nurse, clinic=clinic, role=Role.CASE_WORKER, by=manager, at=now())
        sign_in(client, nurse)

        end_role(user=nurse, clinic=clinic, role=Role.NURSE, by=manager, at=now())

        assert client.get("/CLINIC1/board/").status_code == 403

    def test_cuts_a_closed_account_off_at_the_next_click(
        self, client, nurse, clinic, manager, sign_in
    ) -> None:
        sign_in(client, nurse)

        close_account(user=nurse, clinic=clinic, by=manager, at=now())

        assert client.get("/CLINIC1/board/").url.startswith("/sign-in/")

    def test_cuts_off_who_lost_their_second_factor(self, client, nurse, sign_in) -> None:
        sign_in(client, nurse)

        Authenticator.objects.all().delete()

        assert client.get("/CLINIC1/board/").url == "/second-factor/set-up-app/"

    def test_marks_the_view_for_the_access_matrix(self) -> None:
        assert see_board.permission is Permission.SEE_BOARD
        assert see_board.door is Door.CLINIC

    def test_costs_the_same_few_queries_at_every_click(
        self, client, nurse, sign_in, django_assert_num_queries
    ) -> None:
        sign_in(client, nurse)

        client.get("/CLINIC1/board/")

        # session, user; membership, clinic, second factor, terminal and clock are one
        with django_assert_num_queries(3):
            client.get("/CLINIC1/board/")


class TestSignedIn:
    def test_needs_no_clinic(self, client, make_clinic, nurse, manager, clinic, sign_in) -> None:
        end_role(user=nurse, clinic=clinic, role=Role.NURSE, by=manager, at=now())
        sign_in(client, nurse)

        assert client.get("/own/").content == b"own"

    def test_needs_both_factors(self, client, nurse) -> None:
        assert client.get("/own/").url == "/sign-in/?next=%2Fown%2F"
        client.force_login(nurse)
        assert client.get("/own/").url == "/sign-in/?next=%2Fown%2F"


class TestSettingUp:
    def test_lets_in_who_has_no_second_factor_yet(self, client, nurse) -> None:
        Authenticator.objects.all().delete()
        client.force_login(nurse)

        assert client.get("/set-up/").content == b"set up"

    def test_lets_in_who_proved_theirs(self, client, nurse, sign_in) -> None:
        sign_in(client, nurse)

        assert client.get("/set-up/").content == b"set up"

    def test_turns_away_a_stolen_password(self, client, nurse) -> None:
        client.force_login(nurse)

        assert client.get("/set-up/").url.startswith("/sign-in/")

    def test_turns_away_an_unknown_visitor(self, client, clinic) -> None:
        assert client.get("/set-up/").url.startswith("/sign-in/")


class TestPublic:
    def test_is_open_to_all(self, client, nurse, sign_in) -> None:
        assert client.get("/all/").content == b"all"
        sign_in(client, nurse)
        assert client.get("/all/").content == b"all"


class TestEveryAnswer:
    @pytest.mark.parametrize("page", ["/CLINIC1/board/", "/all/", "/no-such-page/", "/sign-in/"])
    def test_is_kept_nowhere_and_carries_an_id(self, client, nurse, sign_in, page) -> None:
        sign_in(client, nurse)

        answer = client.get(page)

        assert answer.headers["Cache-Control"] == "no-store, private"
        assert len(answer.headers["X-Request-ID"]) == 32

    def test_has_an_id_of_its_own(self, client, clinic) -> None:
        first, second = client.get("/all/"), client.get("/all/", headers={"x-request-id": "mine"})

        assert len({first.headers["X-Request-ID"], second.headers["X-Request-ID"], "mine"}) == 3

    def test_may_not_be_framed_sniffed_or_scripted_from_elsewhere(self, client, clinic) -> None:
        headers = client.get("/sign-in/").headers

        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe-inline" not in headers["Content-Security-Policy"]


def _headers(answer: Any) -> dict[str, str]:
    varying = {"X-Request-ID", "Content-Security-Policy"}
    return {name: value for name, value in answer.headers.items() if name not in varying}
