"""A page of the referrals is of who opened it and of what it was opened for: sent otherwise, it stores nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from hat_clinic.accounts.actions import grant_role
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from tests import crawl
from tests.factories.accounts import UserFactory
from tests.factories.referrals import a_referral, agency_of, some_criteria, somebody
from tests.factories.treatment import a_member_of_staff
from tests.integration.referrals.reading import words
from tests.pages import seal_of

pytestmark = pytest.mark.django_db

DAY, TODAY = "the day after next week", "today"

# What would be stored if the page were one's own; pages about one referral first.
ABOUT_ONE: dict[str, dict[str, str]] = {
    "plan_assessment": {"due_on": DAY},
    "accept_referral": {"assessed_on": TODAY},
    "decline_referral": {"reason": "not_wanted"},
    "ask_agency": {"question": "reach", "key": "11111111-1111-4111-8111-111111111111"},
    "stop_telling": {},
    "plan_release": {"release_on": DAY, "appointment_at": "14:30"},
    "note_fact": {"answer": "yes", "evidence": "Said so.", "source": "interview"},
}
OF_THE_AGENCY: dict[str, dict[str, str]] = {
    "withdraw_referral": {"reason": "moved"},
    "write_to_clinic": {"text": "He moved.", "key": "11111111-1111-4111-8111-111111111111"},
    "tell_release": {"release_on": DAY},
}
OF_A_LIST = ["refer_oneself", "write_criteria", "import_for_agency"]
OF_AN_AGENCY = ["refer_person", "import_referrals"]


def stored() -> dict[str, str]:
    """Return what the tables of the referrals and the people hold."""
    kept = ("referrals_", "patients_")
    return {table: rows for table, rows in crawl.fingerprints().items() if table.startswith(kept)}


def filled(fields: dict[str, str]) -> dict[str, str]:
    """Return the fields with their days written out."""
    today = london_date(now())
    days = {DAY: f"{today + timedelta(days=9):%d/%m/%Y}", TODAY: f"{today:%d/%m/%Y}"}
    return {name: days.get(value, value) for name, value in fields.items()}


def parts_of(name: str, referral: Any) -> list[Any]:
    return [referral.id, "capacity"] if name == "note_fact" else [referral.id]


@pytest.fixture
def colleague(clinic):
    return a_member_of_staff(clinic, Role.CLINICAL_LEAD, name="Dr Owen Reid")


@pytest.fixture
def another_of_the_agency(clinic, referrer):
    colleague = UserFactory()
    grant_role(
        user=colleague,
        clinic=clinic,
        role=Role.REFERRER,
        agency=agency_of(referrer, clinic),
        by=None,
        at=now(),
    )
    return colleague


@pytest.mark.parametrize("name", list(ABOUT_ONE))
class TestAPageOfTheClinic:
    def test_is_refused_when_a_colleague_sends_it(self, clinic, referrer, visit, doctor, colleague, name):
        release = london_date(now()) + timedelta(days=5)
        referral = a_referral(clinic, by=referrer, person=somebody(release_on=release))
        parts = parts_of(name, referral)
        seal = seal_of(visit(name, doctor, *parts))
        visit(name, colleague, *parts)
        before = stored()

        answer = visit(name, colleague, *parts, data=filled(ABOUT_ONE[name]) | {"seal": seal})

        assert "opened by somebody else" in words(answer)
        assert stored() == before

    def test_is_refused_when_it_was_opened_for_another_referral(self, clinic, referrer, visit, doctor, name):
        release = london_date(now()) + timedelta(days=5)
        one, other = (a_referral(clinic, by=referrer, person=somebody(release_on=release)) for _ in range(2))
        seal = seal_of(visit(name, doctor, *parts_of(name, one)))
        visit(name, doctor, *parts_of(name, other))
        before = stored()

        answer = visit(name, doctor, *parts_of(name, other), data=filled(ABOUT_ONE[name]) | {"seal": seal})

        assert "opened by somebody else" in words(answer)
        assert stored() == before


@pytest.mark.parametrize("name", list(OF_THE_AGENCY))
def test_a_page_of_the_agency_is_refused_when_a_colleague_sends_it(
    clinic, referrer, another_of_the_agency, visit, name
):
    referral = a_referral(clinic, by=referrer)
    seal = seal_of(visit(name, referrer, referral.id))
    before = stored()

    answer = visit(
        name, another_of_the_agency, referral.id, data=filled(OF_THE_AGENCY[name]) | {"seal": seal}
    )

    assert "opened by somebody else" in words(answer)
    assert stored() == before


@pytest.mark.parametrize("name", [*OF_A_LIST, *OF_AN_AGENCY])
@pytest.mark.parametrize("more", [{}, {"save_draft": ""}])
def test_a_page_about_nobody_yet_is_of_who_opened_it_too(
    clinic, referrer, another_of_the_agency, visit, doctor, colleague, name, more
):
    opener, sender = (doctor, colleague) if name in OF_A_LIST else (referrer, another_of_the_agency)
    seal = seal_of(visit(name, opener))
    before = stored()

    answer = visit(name, sender, data={"seal": seal, "key": "11111111-1111-4111-8111-111111111111", **more})

    assert "opened by somebody else" in words(answer)
    assert stored() == before


def test_criteria_are_approved_by_who_opened_them(clinic, visit, doctor, colleague):
    written = some_criteria(clinic, by=doctor)
    lead = a_member_of_staff(clinic, Role.CLINICAL_LEAD, name="Dr Ida Wray")
    seal = seal_of(visit("approve_criteria", colleague, written.id))
    before = stored()

    answer = visit("approve_criteria", lead, written.id, data={"seal": seal})

    assert "opened by somebody else" in words(answer)
    assert stored() == before
