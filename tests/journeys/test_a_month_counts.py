"""What a clinic did in a month through its own pages and actions stands in that month's report."""

from __future__ import annotations

import io
import re
from datetime import datetime

import pypdf
import pytest
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from outcomes.actions.evaluation.build import build_report
from outcomes.models import ReportRun, SupportSession
from outcomes.queries.evaluation.runs import print_run
from outcomes.rules.evaluation.editions import Edition
from outcomes.rules.evaluation.indicators import Indicator
from tests.factories.support import a_support_session
from tests.factories.treatment import TreatmentRoom, a_patient_in_treatment, a_treatment_room
from tests.pages import seal_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def room() -> TreatmentRoom:
    """Given a clinic that opened today, and one person referred, accepted, and with an order."""
    return a_treatment_room()


@pytest.fixture
def worker(room, make_member) -> User:
    return make_member(room.clinic, Role.CASE_WORKER, "maya")


def report_of_this_month(room: TreatmentRoom, at: datetime) -> ReportRun:
    month = london_date(at).replace(day=1)
    return build_report(clinic=room.clinic.id, month=month, edition=Edition.RESTRICTED, by=room.doctor, at=at)


def figures(run: ReportRun) -> dict[str, Indicator]:
    return {figure["id"]: figure for figure in run.figures["indicators"]}


def value(run: ReportRun, id: str) -> object:
    return figures(run)[id]["value"]


class TestAMonthOfOurOwn:
    def test_counts_the_referral_the_acceptance_the_dose_and_the_support(self, room, worker):
        waiting = a_patient_in_treatment(room.clinic, by=room.doctor)

        room.give()
        at = now()
        a_support_session(room.clinic, room.patient.id, by=worker)
        a_support_session(room.clinic, room.patient.id, by=worker, domain="health", attended=False)
        a_support_session(room.clinic, waiting.person_id, by=worker)
        run = report_of_this_month(room, at)

        assert run.is_provisional
        assert (value(run, "flow.referred"), value(run, "flow.assessed")) == (2, 2)
        assert (value(run, "flow.eligible"), value(run, "flow.referred.police")) == (2, 2)
        assert (value(run, "flow.started"), value(run, "flow.in_treatment")) == (1, 1)
        assert value(run, "flow.waiting") == 1
        attended = figures(run)["attendance.pooled.month"]
        assert (attended["numerator"], attended["denominator"]) == (1, 1)
        assert value(run, "dosing.median_daily_mg.month") == 15
        # A session with somebody who has not started is kept, and is no figure yet.
        assert value(run, "support.sessions.housing.month") == 1
        assert value(run, "support.did_not_attend.month") == 1
        assert value(run, "support.people.month") == 1

    def test_says_the_same_again_and_makes_a_new_issue_once_something_is_added(self, room, worker):
        room.give()
        at = now()
        a_support_session(room.clinic, room.patient.id, by=worker)
        first = report_of_this_month(room, at)
        assert report_of_this_month(room, at) == first

        a_support_session(room.clinic, room.patient.id, by=worker)
        second = report_of_this_month(room, at)

        assert (second.issue, second.replaces) == (2, first)
        assert value(second, "support.sessions.housing.month") == 2


class TestAHousingSessionLoggedToday:
    @pytest.fixture
    def browser(self, worker, sign_in) -> Client:
        return sign_in(Client(), worker)

    def send(self, browser: Client, name: str, *things: object, **changes: str) -> None:
        url = reverse(f"outcomes:{name}", args=things)
        page = browser.get(url)
        form = page.context["form"]
        answer = browser.post(
            url,
            {
                "seal": seal_of(page),
                "key": str(form["key"].value()),
                "domain": "housing",
                "when": "today",
                "attended": "came",
                "minutes": "30",
                "done_housing": "viewing",
                "next_when": "none",
                **changes,
            },
        )
        assert answer.status_code == 302, answer.context["form"].errors

    def test_is_in_this_months_report_and_on_its_page(self, room, browser):
        room.give()
        before = report_of_this_month(room, now())

        self.send(browser, "log_support_session", room.clinic.code, room.patient.id)
        after = report_of_this_month(room, now())

        assert value(before, "support.sessions.housing.month") == 0
        assert value(after, "support.sessions.housing.month") == 1
        sheets = pypdf.PdfReader(io.BytesIO(print_run(after.id)["pdf"])).pages
        text = re.sub(r"\s+", " ", " ".join(sheet.extract_text() for sheet in sheets))
        assert "The one support session booked in the month was attended" in text
        assert "Housing 1 0 1 0.5" in text

    def test_counts_as_its_correction_says_and_not_at_all_once_struck(self, room, browser):
        room.give()
        place = (room.clinic.code, room.patient.id)
        self.send(browser, "log_support_session", *place)
        first = SupportSession.objects.get()

        self.send(
            browser,
            "amend_support_session",
            *place,
            first.id,
            domain="health",
            done="talked",
            correction="wrong_key",
        )
        corrected = report_of_this_month(room, now())
        second = SupportSession.objects.get(amends=first)
        self.send(browser, "amend_support_session", *place, second.id, correction="wrong_person")
        struck = report_of_this_month(room, now())

        assert value(corrected, "support.sessions.housing.month") == 0
        assert value(corrected, "support.sessions.health.month") == 1
        assert value(struck, "support.sessions.health.month") == 0
        assert value(struck, "support.did_not_attend.month") == 0
