"""The figures as pages: all of a month, one through the months, for whoever may read reports and nobody else."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from hat_clinic.accounts.models import Clinic
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from outcomes.models import ReportRun
from outcomes.queries.evaluation.series import find_definition
from tests.factories import ClinicFactory
from tests.factories.outcomes import ReportFileFactory, ReportReleaseFactory, ReportRunFactory

pytestmark = pytest.mark.django_db


SENT = "support.did_not_attend.month"
GOLDEN = (58, 61, 55, 60, 57, 63, 59, 62, 56, 60, 61, 58)


def figure(identifier: str, value: float | None, **more: object) -> dict[str, object]:
    return {
        "id": identifier,
        "label": "Sessions nobody came to",
        "domain": identifier.split(".")[0],
        "source": "clinic_record",
        "numerator": value,
        "denominator": None,
        "value": value,
        "unit": "sessions",
        "missing": 0,
        "note": None,
        **more,
    }


def issue(
    clinic: Clinic, month: date, *figures: dict[str, object], is_released: bool = True, **more: object
) -> ReportRun:
    run: ReportRun = ReportRunFactory(
        clinic=clinic, month=month, figures={"indicators": list(figures)}, **more
    )
    if is_released:
        ReportFileFactory(run=run, kind="pdf")
        ReportReleaseFactory(run=run)
    return run


@pytest.fixture
def clinic() -> Clinic:
    found: Clinic = ClinicFactory(opened_on=date(2024, 1, 1))
    return found


@pytest.fixture
def reader(client, clinic, make_member, sign_in) -> Client:
    return sign_in(client, make_member(clinic, Role.COMMISSIONER, "commissioner"))


def text(reader: Client, clinic: Clinic, rest: str = "") -> str:
    response = reader.get(f"/clinics/{clinic.code}/figures/{rest}")
    assert response.status_code == 200
    return response.content.decode()


class TestTheFiguresOfAMonth:
    def test_may_be_of_a_payer_with_a_stroke_in_the_name(self, reader, clinic) -> None:
        issue(clinic, date(2024, 1, 1), figure("cost.payer.Health/care & Co", 5, unit="GBP"))

        assert "?name=cost.payer.Health%2Fcare%20%26%20Co" in text(reader, clinic)
        assert "£5" in text(reader, clinic, "see-figure/?name=cost.payer.Health%2Fcare%20%26%20Co")

    def test_say_so_when_no_month_is_built(self, reader, clinic) -> None:
        assert "No month is built yet" in text(reader, clinic)

    def test_are_those_of_the_newest_issue_of_the_newest_month(self, reader, clinic) -> None:
        issue(clinic, date(2024, 1, 1), figure(SENT, 11))
        first = issue(clinic, date(2024, 2, 1), figure(SENT, 22))
        issue(clinic, date(2024, 2, 1), figure(SENT, 33), issue=2, replaces=first)

        page = text(reader, clinic)

        assert "Figures of February 2024" in page
        assert ">33<" in page and ">22<" not in page and ">11<" not in page
        assert f"/figures/see-figure/?name={SENT}" in page

    def test_are_those_of_the_newest_issue_that_is_signed_off(self, reader, clinic) -> None:
        first = issue(clinic, date(2024, 2, 1), figure(SENT, 22))
        issue(clinic, date(2024, 2, 1), figure(SENT, 33), issue=2, replaces=first, is_released=False)
        issue(clinic, date(2024, 3, 1), figure(SENT, 44), is_released=False)

        page = text(reader, clinic)

        assert "Figures of February 2024" in page and ">22<" in page
        one = text(reader, clinic, f"see-figure/?name={SENT}")
        assert ">22<" in one and ">33<" not in one and ">44<" not in one

    def test_stand_beside_those_of_another_month(self, reader, clinic) -> None:
        issue(clinic, date(2024, 1, 1), figure(SENT, 11))
        issue(clinic, date(2024, 2, 1), figure(SENT, 22), figure("safety.deaths", 0))

        page = text(reader, clinic, "?month=2024-02-01&beside=2024-01-01")

        assert ">22<" in page and ">11<" in page
        assert ">–<" in page, "January has no deaths figure"

    @pytest.mark.parametrize("asked", ["?month=rubbish", "?month=1999-01-01", "?month=&beside=2024-02-01"])
    def test_are_the_newest_where_the_month_asked_for_is_none(self, reader, clinic, asked) -> None:
        issue(clinic, date(2024, 2, 1), figure(SENT, 22))

        page = text(reader, clinic, asked)

        assert "Figures of February 2024" in page
        assert "beside" not in page.split("<caption", 1)[1].split("</caption>", 1)[0]

    def test_tell_of_a_month_that_is_not_final(self, reader, clinic) -> None:
        issue(clinic, date(2024, 2, 1), figure(SENT, 22), is_provisional=True)

        assert "This month is not over" in text(reader, clinic)

    def test_are_never_those_of_another_clinic_or_edition(self, reader, clinic) -> None:
        issue(ClinicFactory(), date(2024, 2, 1), figure(SENT, 77))
        issue(clinic, date(2024, 2, 1), figure(SENT, 88), edition=ReportRun.Edition.PUBLIC)

        assert "No month is built yet" in text(reader, clinic)
        assert "No month that was built has this figure" in text(reader, clinic, f"see-figure/?name={SENT}")


class TestOneFigure:
    def test_goes_through_the_months_with_what_stands_out(self, reader, clinic) -> None:
        for number, value in enumerate((*GOLDEN, 90)):
            issue(clinic, date(2024 + number // 12, number % 12 + 1, 1), figure(SENT, value))

        page = text(reader, clinic, f"see-figure/?name={SENT}")

        assert "1 month stands out" in page
        assert page.count('class="is-month"') == 12 and page.count('class="is-signal"') == 1
        assert "Outside the limits" in page
        assert page.index("January 2025") < page.index("December 2024")
        assert "[K]" in page

    def test_is_there_for_a_month_that_lacks_it_in_neither_table_nor_chart(self, reader, clinic) -> None:
        issue(clinic, date(2024, 1, 1))
        issue(clinic, date(2024, 2, 1), figure(SENT, None, note="Nobody had started."))

        page = text(reader, clinic, f"see-figure/?name={SENT}")

        assert "Nobody had started." in page
        assert "January 2024" not in page and "hat-figures__chart" not in page

    def test_means_the_same_without_a_month(self, reader, clinic) -> None:
        page = text(reader, clinic, f"see-figure/?name={SENT}")

        assert "No month that was built has this figure." in page
        assert "Name in the files" in page

    def test_that_nothing_defines_is_not_there(self, reader, clinic) -> None:
        assert reader.get(f"/clinics/{clinic.code}/figures/see-figure/?name=flow.nothing").status_code == 404

    def test_is_told_and_recorded_apart(self, reader, clinic) -> None:
        name = "health.ambulance.pre_rate"
        issue(
            clinic,
            date(2024, 1, 1),
            figure(name, 41, source="self_reported"),
            figure(name, 52, source="record"),
        )

        assert ">41<" in text(reader, clinic) and ">52<" in text(reader, clinic)
        told = text(reader, clinic, f"see-figure/?name={name}&source=self_reported")
        assert ">41<" in told and ">52<" not in told and "Told by people" in told
        assert ">52<" in text(reader, clinic, f"see-figure/?name={name}&source=record")
        refused = reader.get(f"/clinics/{clinic.code}/figures/see-figure/?name={name}&source=hearsay")
        assert refused.status_code == 404

    def test_leaves_a_look_behind(self, reader, clinic) -> None:
        text(reader, clinic, f"see-figure/?name={SENT}")

        assert AuditEvent.objects.filter(event="outcomes.figures_seen", is_look=True).count() == 1

    def test_takes_the_same_number_of_queries_for_more_months(
        self, reader, clinic, django_assert_max_num_queries
    ) -> None:
        for number in range(40):
            issue(clinic, date(2024 + number // 12, number % 12 + 1, 1), figure(SENT, number))

        with django_assert_max_num_queries(20):
            text(reader, clinic, f"see-figure/?name={SENT}")
        with django_assert_max_num_queries(20):
            text(reader, clinic)


class TestADefinition:
    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ("flow.exited.died", "flow.exited.<reason>"),
            ("flow.exited", "flow.exited"),
            ("support.sessions.housing.month", "support.sessions.<domain>.month"),
            ("support.sessions..month", None),
            ("nothing", None),
        ],
    )
    def test_is_found_by_the_name_of_a_figure(self, asked, found) -> None:
        definition = find_definition(asked)

        assert (definition.id if definition else None) == found
