"""Unit costs of offences: loaded by one, approved by another, frozen with the report that prints them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.actions.evaluation.build import build_report
from outcomes.actions.unit_costs import (
    UnitCostsFileRefused,
    UnitCostsRefused,
    UnitCostsThere,
    approve_unit_costs,
    load_unit_costs,
)
from outcomes.models import UnitCostApproval, UnitCostTable
from outcomes.queries.evaluation.runs import print_run
from outcomes.queries.unit_costs import list_unit_costs_in_force
from outcomes.rules.evaluation.editions import Edition
from outcomes.rules.evaluation.unit_costs import COLUMNS
from tests.factories import ClinicFactory
from tests.factories.unit_costs import UnitCostApprovalFactory, UnitCostTableFactory
from tests.pages import hidden_fields
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)
HEADER = ",".join(COLUMNS)


def a_file(*lines: str) -> bytes:
    return "\n".join([HEADER, *lines, ""]).encode()


SHOPLIFTING = "shoplifting,120.50,,,,,0,2020,Invented table,,"
ROBBERY = "robbery,1000,,,,,,2019,Invented table,Ann Other,2026-01-05"


@pytest.fixture
def clinic():
    return ClinicFactory(opened_on=date(2025, 1, 6))


@pytest.fixture
def lead(clinic, make_member):
    return make_member(clinic, Role.CLINICAL_LEAD, "lead")


@pytest.fixture
def manager(clinic, make_member):
    return make_member(clinic, Role.MANAGER, "manager")


def seal_of(page) -> str:
    """The seal of the form that takes a file; it has no key, for a file is stored once by its fingerprint."""
    return re.search(r'name="seal" value="([^"]+)"', page.content.decode())[1]


def tomorrow() -> date:
    return london_date(now()) + A_DAY


def load(clinic, by, *lines: str, from_day: date | None = None) -> UnitCostTable:
    data = a_file(*(lines or (SHOPLIFTING, ROBBERY)))
    return load_unit_costs(clinic=clinic, from_day=from_day or tomorrow(), data=data, by=by, at=now())


def approve(clinic, table, by, *, is_confirmed: bool = True) -> UnitCostApproval:
    return approve_unit_costs(clinic=clinic, table=table.pk, is_confirmed=is_confirmed, by=by, at=now())


def in_force(clinic, as_of: date) -> list[str]:
    return [row["offence"] for row in list_unit_costs_in_force(clinic=clinic, as_of=as_of)]


class TestATable:
    def test_is_in_force_after_its_first_day_once_another_approved_it(self, clinic, lead, manager):
        first = load(clinic, manager, from_day=clinic.opened_on)
        assert in_force(clinic, tomorrow()) == []

        approve(clinic, first, lead)
        approve(clinic, load(clinic, manager, SHOPLIFTING), lead)

        assert in_force(clinic, clinic.opened_on) == []
        assert in_force(clinic, tomorrow()) == ["shoplifting", "robbery"]
        assert in_force(clinic, tomorrow() + A_DAY) == ["shoplifting"]

    def test_keeps_an_empty_cell_apart_from_nought(self, clinic, manager):
        pence = load(clinic, manager).rows[0]["pence"]

        assert (pence["police"], pence["courts"], pence["victim"]) == (12050, None, 0)

    def test_that_replaces_another_begins_tomorrow_or_later(self, clinic, lead, manager):
        first, second = (
            load(clinic, manager, one, from_day=clinic.opened_on) for one in (SHOPLIFTING, ROBBERY)
        )
        approve(clinic, first, lead)

        with pytest.raises(UnitCostsRefused, match="after the fact"):
            approve(clinic, second, lead)
        with pytest.raises(UnitCostsRefused, match="after the fact"):
            load(clinic, manager, from_day=london_date(now()))

    def test_is_stored_once(self, clinic, lead, manager):
        table = load(clinic, manager)

        with pytest.raises(UnitCostsThere):
            load(clinic, lead)
        assert approve(clinic, table, lead) == approve(clinic, table, lead)
        assert (UnitCostTable.objects.count(), UnitCostApproval.objects.count()) == (1, 1)

    def test_is_refused_with_every_problem_and_the_trail_knows(self, clinic, manager):
        with pytest.raises(UnitCostsFileRefused) as refusal:
            load(clinic, manager, "theft,x,,,,,,2020,A,,", "robbery,1,,,,,,1066,,,")

        assert [(one.line, one.column) for one in refusal.value.problems] == [
            (2, "offence"),
            (2, "police_gbp"),
            (3, "price_year"),
            (3, "source"),
        ]
        assert AuditEvent.objects.get(event="outcomes.unit_costs_loaded").outcome == "refused"
        assert UnitCostTable.objects.count() == 0

    def test_is_not_approved_by_whoever_loaded_it_twice_or_unread(self, clinic, lead, manager, make_member):
        table = load(clinic, manager)

        for by, confirmed in ((manager, True), (lead, False)):
            with pytest.raises(UnitCostsRefused):
                approve(clinic, table, by, is_confirmed=confirmed)
        approve(clinic, table, lead)
        with pytest.raises(UnitCostsRefused, match="approved already"):
            approve(clinic, table, make_member(clinic, Role.MANAGER, "second"))
        refused = AuditEvent.objects.filter(event="outcomes.unit_costs_approved", outcome="refused")
        assert refused.count() == 3

    def test_of_another_clinic_is_not_there(self, clinic, lead):
        with pytest.raises(UnitCostTable.DoesNotExist):
            approve(clinic, UnitCostTableFactory(), lead)


class TestInTheDatabase:
    def test_a_table_holds_some_rows_and_is_stored_once(self):
        table = UnitCostTableFactory()
        for rows in ([], {}, table.rows * 501):
            with refused_by("unit_cost_table_holds_some_rows"):
                UnitCostTableFactory(rows=rows)
        with refused_by("one_unit_cost_table_per_file_and_day"):
            UnitCostTableFactory(clinic=table.clinic, sha256=table.sha256, from_day=table.from_day)

    def test_another_approves_and_later_ones_before_their_first_day(self):
        table = UnitCostTableFactory(from_day=date(2020, 1, 1))
        with refused_by("unit_costs_are_approved_by_another"):
            UnitCostApprovalFactory(table=table, approved_by=table.loaded_by)
        UnitCostApprovalFactory(table=table)
        later = UnitCostTableFactory(clinic=table.clinic, from_day=date(2020, 2, 1))
        with refused_by("later_unit_costs_are_approved_before_they_begin"):
            UnitCostApprovalFactory(table=later)


class TestTheReport:
    def test_prints_the_table_frozen_with_it_in_both_editions(self, clinic, lead, manager):
        approve(clinic, load(clinic, manager, from_day=clinic.opened_on), lead)
        at = datetime(2026, 3, 2, 9, tzinfo=UTC)
        for edition in (Edition.RESTRICTED, Edition.PUBLIC):
            run = build_report(clinic=clinic.id, month=date(2025, 12, 1), edition=edition, by=manager, at=at)
            html = print_run(run.id)["html"].decode()
            assert "2 offences have a row of unit costs" in html
            assert "£120.50" in html and "not costed" in html and "unverified" in html
            assert "Ann Other" in html


class TestThePages:
    def test_take_a_file_from_one_and_the_approval_from_another(self, client, sign_in, clinic, lead, manager):
        sign_in(client, manager)
        address = reverse("outcomes:load_unit_costs", args=[clinic.code])

        def send(data: bytes, day: str = f"{tomorrow():%d/%m/%Y}"):
            sent = {"file": SimpleUploadedFile("unit-costs.csv", data), "from_day": day}
            return client.post(address, {"seal": seal_of(client.get(address)), **sent})

        wrong = send(a_file("theft,x,,,,,,2020,A,,")).content.decode()
        assert "2 things to put right" in wrong and "Line 2" in wrong
        assert "The clinic had not opened" in send(a_file(ROBBERY), "1/1/2020").content.decode()
        assert "larger than 256 kB" in send(b"x" * (256 * 1024 + 1)).content.decode()
        assert send(a_file(ROBBERY)).status_code == 302
        assert "loaded for that day already" in send(a_file(ROBBERY)).content.decode()

        sign_in(client, lead)
        listed = client.get(reverse("outcomes:see_unit_costs", args=[clinic.code])).content.decode()
        assert "Read and approve" in listed and "No table is in force" in listed
        address = reverse("outcomes:approve_unit_costs", args=[clinic.code, UnitCostTable.objects.get().pk])
        page = client.get(address)
        assert "£1,000" in page.content.decode() and "not costed" in page.content.decode()
        assert "Tick that you compared" in client.post(address, hidden_fields(page)).content.decode()
        assert client.post(address, hidden_fields(page) | {"is_confirmed": "on"}).status_code == 302
        assert UnitCostApproval.objects.get().approved_by == lead

    def test_show_what_is_in_force_and_refuse_a_form_that_somebody_else_opened(
        self, client, sign_in, clinic, lead, manager
    ):
        approve(clinic, load(clinic, manager, from_day=clinic.opened_on), lead)
        address = reverse("outcomes:load_unit_costs", args=[clinic.code])
        sign_in(client, lead)
        theirs = {"seal": seal_of(client.get(address))}
        sign_in(client, manager)

        sent = {"file": SimpleUploadedFile("a.csv", a_file(ROBBERY)), "from_day": f"{tomorrow():%d/%m/%Y}"}
        page = client.post(address, theirs | sent).content.decode()

        assert "opened by somebody else" in page and UnitCostTable.objects.count() == 1
        listed = client.get(reverse("outcomes:see_unit_costs", args=[clinic.code])).content.decode()
        assert "£120.50" in listed

    def test_are_refused_for_a_table_of_another_clinic(self, client, sign_in, clinic, lead):
        sign_in(client, lead)
        address = reverse("outcomes:approve_unit_costs", args=[clinic.code, UnitCostTableFactory().pk])

        assert client.get(address).status_code == 404
