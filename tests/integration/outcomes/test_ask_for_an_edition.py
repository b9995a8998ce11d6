"""Asking for an edition of a month on the page: the restricted one unless another is chosen."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.rules import Role
from outcomes.models import ReportRequest
from tests.factories import ClinicFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic():
    return ClinicFactory(opened_on=date(2025, 1, 1))


@pytest.fixture
def manager(clinic, make_member, sign_in):
    return sign_in(Client(), make_member(clinic, Role.MANAGER))


def ask(client, clinic, **fields):
    address = reverse("outcomes:request_report", kwargs={"clinic_code": clinic.code})
    return client.post(address, fields)


class TestAskingForAnEdition:
    @pytest.mark.parametrize(
        ("fields", "edition"),
        [({}, "restricted"), *(({"edition": name}, name) for name in ("restricted", "public", "justice"))],
    )
    def test_stores_which_one(self, clinic, manager, fields, edition):
        assert ask(manager, clinic, month="2025-03-01", **fields).status_code == 302

        assert [request.edition for request in ReportRequest.objects.all()] == [edition]

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"month": "2025-02-01", "edition": "public"}, "for quarters only"),
            ({"month": "2025-03-01", "edition": "secret"}, "Choose an edition from the list."),
        ],
    )
    def test_says_why_not(self, clinic, manager, fields, sentence):
        answer = ask(manager, clinic, **fields)

        assert sentence in answer.content.decode()
        assert not ReportRequest.objects.exists()
