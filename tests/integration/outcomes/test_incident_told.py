"""Who was told of an incident, put right: on another day, in other words, or not told after all."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from outcomes.models import IncidentReport, IncidentTelling
from tests.factories.incidents import IncidentReportFactory, IncidentTellingFactory
from tests.factories.urine_pages import Visitor
from tests.pages import shown

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)


@pytest.fixture
def lead(treated, make_member, at_desk) -> Visitor:
    return at_desk(make_member(treated.clinic, Role.CLINICAL_LEAD, "vera"))


@pytest.fixture
def report(treated, this_day) -> IncidentReport:
    return IncidentReportFactory(clinic=treated.clinic, patient=treated.patient, happened_on=this_day - A_DAY)


@pytest.fixture
def telling(report, this_day) -> IncidentTelling:
    return IncidentTellingFactory(report=report, told_on=this_day, words="Number 12")


def send(lead: Visitor, telling: IncidentTelling, on: date, **changes: str) -> Any:
    filled = {"right": "told", "told_on": f"{on:%d/%m/%Y}", "words": "Number 13", "why": "Wrong number."}
    return lead.send("amend_incident_told", telling.id, **filled | changes)


class TestPuttingRightWhoWasTold:
    def test_leaves_both_to_be_read(self, lead, telling, this_day) -> None:
        page = shown(send(lead, telling, this_day - A_DAY))

        assert "Number 13" in page
        assert "Corrected: Wrong number." in page
        assert "Number 12, says" in page
        row = IncidentTelling.objects.get(amends=telling)
        assert (row.told_on, row.words, row.body) == (this_day - A_DAY, "Number 13", telling.body)
        assert AuditEvent.objects.get(event="outcomes.incident_told_amended").detail == {}

    def test_twice_stores_once_and_other_words_are_refused(self, lead, telling, this_day) -> None:
        send(lead, telling, this_day)
        send(lead, telling, this_day)
        answer = shown(send(lead, telling, this_day, words="Number 14"))

        assert "Somebody corrected this meanwhile." in answer
        assert IncidentTelling.objects.count() == 2
        refused = AuditEvent.objects.get(event="outcomes.incident_told_amended", outcome="refused")
        assert refused.detail == {"codes": ["incident_told_amended"]}

    def test_takes_back_that_they_were_told_and_lets_it_be_noted_anew(
        self, lead, report, telling, this_day
    ) -> None:
        page = shown(send(lead, telling, this_day, right="not_told", told_on="", words=""))

        assert "Not told after all" in page
        struck = IncidentTelling.objects.get(amends=telling)
        assert (struck.is_struck, struck.told_on, struck.words) == (True, this_day, "Number 12")
        again = shown(send(lead, struck, this_day))
        assert "Somebody corrected this meanwhile." in again

        noted = {"body": telling.body, "told_on": f"{this_day:%d/%m/%Y}", "words": "Number 15"}
        page = shown(lead.send("note_incident_told", report.id, **noted))

        assert "Number 15" in page
        assert "not told after all" in page
        assert IncidentTelling.objects.filter(amends__isnull=True).count() == 2

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"right": ""}, "Tap what is right."),
            ({"told_on": ""}, "Write the day as day/month/year"),
            ({"told_on": "1/1/2199"}, "Write a day from the incident up to today."),
            ({"why": ""}, "Write why it is written again."),
            ({"words": "Number 12"}, "Nothing differs from what stands."),
        ],
    )
    def test_says_what_stands_against_it(self, lead, telling, this_day, changes, words) -> None:
        assert words in shown(send(lead, telling, this_day, **changes))
        assert IncidentTelling.objects.count() == 1

    def test_on_a_page_of_another_line_is_refused(self, lead, report, telling, this_day) -> None:
        other = IncidentTellingFactory(report=report, body="person", told_on=this_day)
        content = {
            "seal": lead.seal("amend_incident_told", other.id)["seal"],
            "right": "not_told",
            "why": "No.",
        }

        answer = lead.client.post(lead.url("amend_incident_told", telling.id), content)

        assert "opened by somebody else" in shown(answer)

    def test_of_another_clinic_is_missing(self, lead) -> None:
        strange = IncidentTellingFactory()
        url = reverse("outcomes:amend_incident_told", args=[lead.room.clinic.code, strange.id])
        assert lead.client.get(url).status_code == 404

    def test_comes_before_the_incident_is_moved_behind_it(self, lead, report, telling, this_day) -> None:
        report_on = this_day - A_DAY
        assert IncidentReport.objects.get().happened_on == report_on
        send(lead, telling, report_on)
        moved = {
            "kind": "overdose", "happened_on": f"{this_day:%d/%m/%Y}", "place": "street", "harm": "2",
            "naloxone_given": "yes", "is_drug_related": "no", "words": "Found.", "why": "Another day.",
        }  # fmt: skip

        assert "Somebody was told of it on" in shown(lead.send("amend_incident", report.id, **moved))
        assert IncidentReport.objects.count() == 1
