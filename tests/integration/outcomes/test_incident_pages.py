"""Safety incidents as browsers send them: written down, put right, and told to whom they must be."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction

from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.models import IncidentReport, IncidentTelling
from outcomes.queries.incidents import INCIDENTS_ON_A_PAGE
from outcomes.queries.support import get_caseload
from tests.factories import ClinicFactory, PersonFactory
from tests.factories.incidents import IncidentReportFactory, IncidentTellingFactory
from tests.factories.treatment import a_treatment_room
from tests.factories.urine_pages import Visitor
from tests.pages import shown
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)


@pytest.fixture
def nurse(nurse_at_desk: Visitor) -> Visitor:
    return nurse_at_desk


@pytest.fixture
def lead(treated, make_member, at_desk) -> Visitor:
    return at_desk(make_member(treated.clinic, Role.CLINICAL_LEAD, "vera"))


@pytest.fixture
def report(treated, this_day) -> IncidentReport:
    return IncidentReportFactory(clinic=treated.clinic, patient=treated.patient, happened_on=this_day)


def said(on: date, **changes: str) -> dict[str, str]:
    return {
        "kind": "overdose",
        "happened_on": f"{on:%d/%m/%Y}",
        "place": "street",
        "harm": "2",
        "naloxone_given": "yes",
        "is_drug_related": "unknown",
        "words": "Found by a passer-by; ambulance came.",
        **changes,
    }


class TestRecording:
    def test_stores_it_and_says_who_is_to_be_told(self, treated, nurse, this_day) -> None:
        answer = nurse.send("record_incident", treated.patient.id, **said(this_day))

        report = IncidentReport.objects.get()
        assert (report.kind, report.place, report.harm) == ("overdose", "street", 2)
        assert (report.naloxone_given, report.is_drug_related, report.recorded_by) == (
            True,
            None,
            treated.nurse,
        )
        page = shown(answer)
        assert "duty of candour" in page and "The controlled-drugs accountable officer" in page
        assert "The coroner" not in page

    def test_twice_stores_once(self, treated, nurse, this_day) -> None:
        url = nurse.url("record_incident", treated.patient.id)
        content = nurse.seal("record_incident", treated.patient.id) | said(this_day)

        assert [nurse.client.post(url, content).status_code for _ in range(2)] == [302, 302]
        assert IncidentReport.objects.count() == 1
        answer = nurse.client.post(url, content | {"harm": "0"})
        assert "sent before with other answers" in shown(answer)

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"kind": ""}, "Tap what happened."),
            ({"happened_on": "soon"}, "Write the day as day/month/year"),
            ({"happened_on": "1/1/2199"}, "That day has not come yet."),
            ({"happened_on": "1/1/2001"}, "when this person was accepted here"),
            ({"kind": "death"}, "A death has the harm “Death”"),
            ({"words": ""}, "Write what happened."),
        ],
    )
    def test_says_what_stands_against_it(self, treated, nurse, this_day, changes, words) -> None:
        answer = nurse.send("record_incident", treated.patient.id, **said(this_day, **changes))

        assert words in shown(answer)
        assert not IncidentReport.objects.exists()

    def test_refused_is_in_the_trail_by_its_codes(self, treated, nurse, this_day) -> None:
        nurse.send("record_incident", treated.patient.id, **said(this_day, kind="death"))

        event = AuditEvent.objects.get(event="outcomes.incident_recorded")
        assert (event.outcome, event.detail) == ("refused", {"codes": ["incident_death_and_harm"]})

    def test_of_a_stranger_is_missing(self, nurse) -> None:
        elsewhere = a_treatment_room().patient.id
        there, none = (
            nurse.client.get(nurse.url("record_incident", who)) for who in (elsewhere, uuid.uuid4())
        )
        assert there.status_code == none.status_code == 404
        assert shown(there) == shown(none)

    def test_on_a_page_of_somebody_else_is_refused(self, treated, nurse, at_desk, this_day) -> None:
        opened = nurse.seal("record_incident", treated.patient.id)
        other = at_desk(treated.second_nurse)

        answer = other.client.post(other.url("record_incident", treated.patient.id), opened | said(this_day))

        assert "opened by somebody else" in shown(answer)
        assert not IncidentReport.objects.exists()

    def test_lets_the_case_worker_ask_the_room_and_no_more(
        self, treated, make_member, report, this_day
    ) -> None:
        worker = make_member(treated.clinic, Role.CASE_WORKER, "maya")

        caseload = get_caseload(clinic=treated.clinic, case_worker=worker, mine=None, today=this_day)

        assert [one.ask_the_room for one in caseload.people] == [True]


class TestPuttingRight:
    def send(self, who: Visitor, report: IncidentReport, on: date, **changes: str) -> Any:
        return who.send("amend_incident", report.id, **said(on, why="Learned more.", **changes))

    def test_leaves_both_to_be_read(self, nurse, report, this_day) -> None:
        page = shown(self.send(nurse, report, this_day))

        assert "Corrected: Learned more." in page and report.words in page
        numbers = IncidentReport.objects.filter(incident=report.incident).values_list("number", flat=True)
        assert sorted(numbers) == [1, 2]

    def test_of_a_line_that_was_put_right_is_refused(self, nurse, report, this_day) -> None:
        self.send(nurse, report, this_day)

        answer = self.send(nurse, report, this_day, harm="3")

        assert "Somebody corrected this incident meanwhile." in shown(answer)
        refused = AuditEvent.objects.get(event="outcomes.incident_amended", outcome="refused")
        assert refused.detail["codes"] == ["incident_amended"]

    def test_twice_stores_once(self, nurse, report, this_day) -> None:
        content = nurse.seal("amend_incident", report.id) | said(this_day, why="Learned more.")
        url = nurse.url("amend_incident", report.id)

        assert [nurse.client.post(url, content).status_code for _ in range(2)] == [302, 302]
        assert IncidentReport.objects.count() == 2

    def test_on_a_page_of_somebody_else_is_refused(self, treated, nurse, at_desk, report, this_day) -> None:
        opened = nurse.seal("amend_incident", report.id)
        other = at_desk(treated.second_nurse)
        filled = opened | said(this_day, why="Learned more.")

        answer = other.client.post(other.url("amend_incident", report.id), filled)

        assert "opened by somebody else" in shown(answer)


class TestTelling:
    def send(self, lead: Visitor, report: IncidentReport, on: date, **changes: str) -> Any:
        filled = {"body": "learning", "told_on": f"{on:%d/%m/%Y}", "words": "Number 12", **changes}
        return lead.send("note_incident_told", report.id, **filled)

    def test_is_noted_by_the_clinical_lead(self, lead, report, this_day) -> None:
        page = shown(self.send(lead, report, this_day))

        assert "Number 12" in page
        telling = IncidentTelling.objects.get()
        assert (telling.body, telling.told_on, telling.incident) == ("learning", this_day, report.incident)

    def test_is_noted_once_and_the_same_again_is_the_first(self, lead, report, this_day) -> None:
        self.send(lead, report, this_day)
        self.send(lead, report, this_day)
        answer = self.send(lead, report, this_day, words="Number 13")

        assert "is written down as told already" in shown(answer)
        assert IncidentTelling.objects.count() == 1

    def test_stands_after_a_correction(self, lead, report, this_day) -> None:
        self.send(lead, report, this_day)
        lead.send("amend_incident", report.id, **said(this_day, why="Learned more."))

        page = lead.client.get(lead.url("list_incidents"))

        (incident,) = page.context["page"].incidents
        assert [(one.body.value, one.told_on) for one in incident.telling] == [
            ("person", None),
            ("learning", this_day),
            ("cd_officer", None),
        ]

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"body": ""}, "Tap who was told."),
            ({"told_on": ""}, "Write the day as day/month/year"),
            ({"told_on": "1/1/2199"}, "Write a day from the incident up to today."),
        ],
    )
    def test_says_what_stands_against_it(self, lead, report, this_day, changes, words) -> None:
        assert words in shown(self.send(lead, report, this_day, **changes))
        assert not IncidentTelling.objects.exists()

    def test_on_a_page_of_somebody_else_is_refused(self, lead, nurse, report, this_day) -> None:
        content = {"seal": nurse.seal("amend_incident", report.id)["seal"], "body": "learning"}
        content |= {"told_on": f"{this_day:%d/%m/%Y}", "words": ""}

        answer = lead.client.post(lead.url("note_incident_told", report.id), content)

        assert "opened by somebody else" in shown(answer)


class TestTheList:
    def test_says_that_it_is_empty(self, nurse) -> None:
        assert "No incident was written down." in nurse.read("list_incidents")

    def test_has_first_what_somebody_is_still_to_be_told_of(self, treated, nurse, report, this_day) -> None:
        older = IncidentReportFactory(
            clinic=treated.clinic, patient=treated.patient, happened_on=this_day - A_DAY
        )
        for body in ("learning", "cd_officer"):
            IncidentTellingFactory(report=report, body=body, told_on=this_day)

        page = nurse.client.get(nurse.url("list_incidents"))

        assert [one.stands.id for one in page.context["page"].incidents] == [older.id, report.id]

    def test_is_read_page_by_page_and_loses_nothing(self, treated, nurse, this_day) -> None:
        made = [
            IncidentReportFactory(
                clinic=treated.clinic, patient=treated.patient, happened_on=this_day - n * A_DAY
            )
            for n in range(INCIDENTS_ON_A_PAGE + 1)
        ]
        url = nurse.url("list_incidents")
        first, second, beyond = (nurse.client.get(url, {"page": number}) for number in ("1", "2", "3"))

        shown_ids = [one.stands.id for page in (first, second) for one in page.context["page"].incidents]
        assert shown_ids == [one.id for one in made]
        assert len(first.context["page"].incidents) == INCIDENTS_ON_A_PAGE
        assert f"Incidents: {len(made)}" in shown(first)
        assert "Earlier incidents" in shown(first) and "Later incidents" not in shown(first)
        assert "Later incidents" in shown(second) and "Earlier incidents" not in shown(second)
        assert "No incident stands on this page." in shown(beyond)

    @pytest.mark.parametrize("asked", ["0", "-1", "x", "99999", "²"])
    def test_takes_an_odd_page_for_the_first(self, nurse, report, asked) -> None:
        page = nurse.client.get(nurse.url("list_incidents"), {"page": asked})

        assert [one.stands.id for one in page.context["page"].incidents] == [report.id]

    def test_leads_the_clinical_lead_alone_to_those_of_emergencies(self, treated, lead, nurse) -> None:
        there = f"/clinics/{treated.clinic.code}/incidents/"

        assert f'href="{there}"' in lead.client.get(lead.url("list_incidents")).content.decode()
        assert there not in nurse.client.get(nurse.url("list_incidents")).content.decode()
        back = lead.client.get(there).content.decode()
        assert lead.url("list_incidents") in back

    def test_has_one_entry_in_the_navigation(self, lead) -> None:
        entries = lead.client.get(lead.url("list_incidents")).context["navigation"]

        assert [one.label for one in entries if "ncident" in one.label] == ["Incidents"]


class TestTheTables:
    def test_refuse_what_must_not_be(self) -> None:
        first = IncidentReportFactory()
        IncidentTellingFactory(report=first)
        with refused_by("incident_lines_are_numbered_once"):
            IncidentReportFactory(incident=first.incident)
        with refused_by("one_incident_line_per_key"):
            IncidentReportFactory(key=first.key)
        with refused_by("incident_correction_has_its_reason"):
            IncidentReportFactory(
                incident=first.incident, number=2, clinic=first.clinic, patient=first.patient
            )
        with refused_by("incident_correction_has_its_reason"):
            IncidentReportFactory(why="There was nothing before.")
        with refused_by("incident_death_has_its_harm"):
            IncidentReportFactory(kind="death", harm=3)
        with refused_by("incident_death_has_its_harm"):
            IncidentReportFactory(kind="overdose", harm=4)
        with refused_by("each_is_told_of_an_incident_once"):
            IncidentTellingFactory(report=first)
        again = {"incident": first.incident, "why": "Learned more."}
        same = {**again, "clinic": first.clinic, "patient": first.patient}
        for others in (again, same | {"clinic": ClinicFactory()}, same | {"patient": PersonFactory()}):
            with refused_by("incident_correction_is_of_the_same_person"):
                IncidentReportFactory(**others, number=2)
        with refused_by("incident_correction_is_of_the_same_person"):
            IncidentReportFactory(**same, number=3)
        assert IncidentReportFactory(**same, number=2).pk
        assert IncidentReportFactory(kind="death", harm=4).pk

    @pytest.mark.parametrize("changes", [{"kind": "nothing"}, {"kind": ""}, {"place": "moon"}, {"words": ""}])
    def test_ask_what_happened_where_and_what_harm_came_of_it(self, changes) -> None:
        with refused_by("incident_says_what_where_and_what_harm"):
            IncidentReportFactory(**changes)

    def test_hold_an_incident_that_has_happened_and_who_was_told_after_it(self) -> None:
        ahead = london_date(now()) + 2 * A_DAY
        with refused_by("incident_has_happened"):
            IncidentReportFactory(happened_on=ahead)
        first = IncidentReportFactory()
        for told_on in (first.happened_on - A_DAY, ahead):
            with refused_by("incident_is_told_once_it_happened"):
                IncidentTellingFactory(report=first, told_on=told_on)
        IncidentTellingFactory(report=first)
        with refused_by("incident_is_told_once_it_happened"):
            IncidentReportFactory(
                clinic=first.clinic,
                patient=first.patient,
                incident=first.incident,
                number=2,
                why="Another day.",
                happened_on=first.happened_on + A_DAY,
            )

    def test_keep_a_correction_of_who_was_told_with_its_body_and_reason(self) -> None:
        first = IncidentTellingFactory()
        same = {"report": first.report, "amends": first, "why": "Wrong day."}
        with refused_by("incident_telling_correction_has_its_reason"):
            IncidentTellingFactory(**same | {"why": ""})
        with refused_by("incident_telling_correction_has_its_reason"):
            IncidentTellingFactory(report=first.report, body="person", why="There was nothing before.")
        with refused_by("incident_telling_correction_has_its_reason"):
            IncidentTellingFactory(report=first.report, body="person", is_struck=True)
        with refused_by("incident_telling_is_of_a_body"):
            IncidentTellingFactory(report=first.report, body="king")
        with refused_by("incident_telling_is_of_its_incident"):
            IncidentTellingFactory(report=first.report, body="person", incident=uuid.uuid4())
        with refused_by("incident_telling_correction_is_of_the_same_body"):
            IncidentTellingFactory(**same, body="person")
        struck = IncidentTellingFactory(**same, is_struck=True)
        with refused_by("incident_telling_correction_is_of_the_same_body"):
            IncidentTellingFactory(**same | {"amends": struck})
        assert IncidentTellingFactory(report=first.report).pk
        with refused_by("each_is_told_of_an_incident_once"):
            IncidentTellingFactory(report=first.report)

    @pytest.mark.parametrize("table", ["outcomes_incidentreport", "outcomes_incidenttelling"])
    def test_are_only_ever_added_to(self, table) -> None:
        refused = pytest.raises(ProgrammingError, match="permission denied")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table}")
