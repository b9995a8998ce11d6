"""A clinic with two places, its agencies and its people, and a way to open their pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.actions import enrol_totp
from hat_clinic.accounts.models import Membership
from hat_clinic.accounts.queries import has_second_factor
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from tests.factories.treatment import a_clinic, a_member_of_staff
from tests.pages import seal_of


def opened_before(name: str, by: Any, clinic: Any, *parts: Any) -> str:
    """Return the seal of a page that somebody opened while it still had its form."""
    about = dict(zip(("referral", "criterion"), map(str, parts), strict=False))
    agency = (
        Membership.objects.filter(user=by, agency__isnull=False).values_list("agency_id", flat=True).first()
    )
    about |= {"criteria": about.get("referral", ""), "agency": str(agency)}
    purpose = {"continue_referral": "refer_person"}.get(name, name)
    return signing.dumps({**about, "actor": str(by.pk), "terminal": ""}, salt=f"referrals.{purpose}")


@pytest.fixture
def clinic():
    return a_clinic(places=2)


@pytest.fixture
def referrer(clinic):
    return a_member_of_staff(clinic, Role.REFERRER, name="Rowan Hale")


@pytest.fixture
def other_referrer(clinic):
    return a_member_of_staff(clinic, Role.REFERRER, name="Ash Carter")


@pytest.fixture
def doctor(clinic):
    return a_member_of_staff(clinic, Role.DOCTOR, name="Dr Priya Nair")


@pytest.fixture
def nurse(clinic):
    return a_member_of_staff(clinic, Role.NURSE, name="Grace Okafor")


@pytest.fixture
def visit(clinic, sign_in):
    """Return a function that opens, or with data sends, a page of the referrals as somebody."""

    def go(name: str, by: Any, *parts: Any, data: dict[str, str] | None = None) -> Any:
        if not has_second_factor(user=by):
            enrol_totp(user=by, secret=None, by=None, at=now())
        client = sign_in(Client(), by)
        address = reverse(f"referrals:{name}", args=[clinic.code, *parts])
        if data is None:
            return client.get(address)
        seal = seal_of(client.get(address)) or opened_before(name, by, clinic, *parts)
        return client.post(address, {"seal": seal, **data})

    return go
