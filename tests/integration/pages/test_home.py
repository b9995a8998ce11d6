from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path, resolve, reverse

from hat_clinic.accounts.access import requires
from hat_clinic.accounts.actions import end_role, grant_role
from hat_clinic.accounts.rules import Permission, Role, may
from hat_clinic.core.clock import now
from hat_clinic.pages import navigation

pytestmark = pytest.mark.django_db


@requires(Permission.SEE_BOARD)
def board(request: HttpRequest, clinic_code: str) -> HttpResponse:
    return render(request, "base.html")


@requires(Permission.SEE_REGISTER)
def register(request: HttpRequest, clinic_code: str) -> HttpResponse:
    return HttpResponse()


@pytest.fixture
def two_pages(settings, monkeypatch) -> None:
    """A board and a register, so that the home page is tried without the rooms' own pages."""
    addresses: Any = ModuleType("addresses_of_this_test")
    addresses.urlpatterns = [
        path("<slug:clinic_code>/board/", board, name="board"),
        path("<slug:clinic_code>/register/", register, name="register"),
        path("", include("hat_clinic.urls")),
    ]
    settings.ROOT_URLCONF = addresses
    monkeypatch.setattr(
        navigation,
        "PAGES",
        (("board", Permission.SEE_BOARD, "Board"), ("register", Permission.SEE_REGISTER, "Register")),
    )


class TestPages:
    def test_exist_and_need_what_the_navigation_says(self) -> None:
        for name, permission, _ in navigation.PAGES:
            view: Any = resolve(reverse(name, kwargs={"clinic_code": "X"})).func
            assert view.permission is permission, name

    def test_stand_there_once(self) -> None:
        names = [name for name, _, _ in navigation.PAGES]
        assert len(names) == len(set(names))

    @pytest.mark.parametrize("role", list(Role))
    def test_have_a_word_each_for_whoever_sees_them(self, role: Role) -> None:
        words = [word for _, permission, word in navigation.PAGES if may(frozenset({role}), permission)]
        assert len(words) == len(set(words))


@pytest.mark.usefixtures("two_pages")
class TestHome:
    def test_sends_each_role_to_its_first_page(self, client, nurse, inspector, sign_in) -> None:
        assert sign_in(client, nurse).get("/").url == "/CLINIC1/board/"
        client.post(reverse("account_logout"))
        assert sign_in(client, inspector).get("/").url == "/CLINIC1/register/"

    def test_tells_a_role_without_a_page(self, client, case_worker, sign_in) -> None:
        page = sign_in(client, case_worker).get("/").content.decode()

        assert "Nothing here for your role yet" in page
        assert "The clinic: case worker" in page

    def test_tells_who_has_no_role_whom_to_ask(self, client, nurse, clinic, manager, sign_in) -> None:
        end_role(user=nurse, clinic=clinic, role=Role.NURSE, by=manager, at=now())

        page = sign_in(client, nurse).get("/").content.decode()

        assert "no role in any clinic" in page

    def test_asks_which_of_several_clinics(self, client, nurse, make_clinic, manager, sign_in) -> None:
        other = make_clinic("OTHER", "Another clinic")
        grant_role(user=nurse, clinic=other, role=Role.CASE_WORKER, by=manager, at=now())

        page = sign_in(client, nurse).get("/").content.decode()

        assert "Choose a clinic" in page
        assert 'href="/CLINIC1/board/"' in page
        assert "/OTHER/" not in page


@pytest.mark.usefixtures("two_pages")
class TestPageFrame:
    def test_shows_who_and_the_pages_of_the_role_alone(self, client, inspector, nurse, sign_in) -> None:
        page = sign_in(client, nurse).get("/CLINIC1/board/").content.decode()

        assert "<strong>Nurse</strong>, nurse" in page
        assert 'href="/CLINIC1/board/" aria-current="page"' in page
        assert 'href="/CLINIC1/register/">Register' in page

    def test_says_on_every_page_that_people_are_invented_in_the_demo_alone(self, client, settings) -> None:
        settings.IS_DEMO = True
        assert "invented people" in client.get("/sign-in/").content.decode()

        settings.IS_DEMO = False
        settings.SECURE_SSL_REDIRECT = False
        assert "invented people" not in client.get("/sign-in/").content.decode()
