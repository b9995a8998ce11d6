"""What the tables of measures, programme and report refuse, from both sides."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from outcomes.models import CustodyStay, KeptMonth, ReportFile, ReportRun, UrineTest
from outcomes.rules.measures import DAY_ITEMS, SCORE_ITEMS
from tests.factories import (
    NINE,
    TODAY,
    AreaFigureFactory,
    CustodyStayFactory,
    DisruptionFactory,
    ExtractSegmentFactory,
    HousingRecordFactory,
    ImportedFormFactory,
    ProgrammeCostFactory,
    ReportFileFactory,
    ReportRequestFactory,
    ReportRunFactory,
    ServiceUseFactory,
    UrineTestFactory,
)
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db

A_DAY = timedelta(days=1)
FIRST, SECOND = date(2026, 1, 1), date(2026, 1, 2)


class TestOutcomeForm:
    def test_is_one_per_person_and_date(self) -> None:
        form = ImportedFormFactory(completed_on=TODAY)
        ImportedFormFactory(clinic=form.clinic, patient=form.patient, completed_on=TODAY + A_DAY)
        ImportedFormFactory(completed_on=TODAY)

        with refused_by("one_outcome_form_per_person_and_date"):
            ImportedFormFactory(clinic=form.clinic, patient=form.patient, completed_on=TODAY)

    def test_counts_0_to_28_days(self) -> None:
        assert ImportedFormFactory(**dict.fromkeys(DAY_ITEMS, 28)).pk
        assert ImportedFormFactory(**dict.fromkeys(DAY_ITEMS, 0)).pk

    @pytest.mark.parametrize("item", DAY_ITEMS)
    def test_counts_no_29th_day(self, item: str) -> None:
        with refused_by("outcome_form_days_are_0_to_28"):
            ImportedFormFactory(**{item: 29})

    def test_scores_0_to_20(self) -> None:
        assert ImportedFormFactory(**dict.fromkeys(SCORE_ITEMS, 20)).pk
        assert ImportedFormFactory(**dict.fromkeys(SCORE_ITEMS, 0)).pk

    @pytest.mark.parametrize("item", SCORE_ITEMS)
    def test_scores_no_21(self, item: str) -> None:
        with refused_by("outcome_form_scores_are_0_to_20"):
            ImportedFormFactory(**{item: 21})


class TestUrineTest:
    def test_has_a_day_when_it_was_taken(self) -> None:
        UrineTestFactory(result=UrineTest.Result.VOID, taken_on=TODAY)

        with refused_by("urine_taken_unless_not_taken"):
            UrineTestFactory(result=UrineTest.Result.VOID, taken_on=None)

    def test_has_none_when_it_was_not(self) -> None:
        UrineTestFactory(result=UrineTest.Result.NOT_TAKEN, taken_on=None)

        with refused_by("urine_taken_unless_not_taken"):
            UrineTestFactory(result=UrineTest.Result.NOT_TAKEN, taken_on=TODAY)


class TestCustodyStay:
    def test_does_not_overlap_another_of_its_person(self) -> None:
        stay = CustodyStayFactory(during=DateRange(TODAY, TODAY + 7 * A_DAY))
        CustodyStayFactory(
            patient=stay.patient, clinic=stay.clinic, during=DateRange(TODAY + 7 * A_DAY, None)
        )
        CustodyStayFactory(clinic=stay.clinic, during=stay.during)
        CustodyStayFactory(
            patient=stay.patient, clinic=stay.clinic, during=stay.during, source=CustodyStay.Source.RECORD
        )

        with refused_by("custody_stays_of_a_person_do_not_overlap"):
            CustodyStayFactory(
                patient=stay.patient,
                clinic=stay.clinic,
                during=DateRange(TODAY + 6 * A_DAY, TODAY + 7 * A_DAY),
            )


class TestServiceUse:
    def test_ends_after_it_begins(self) -> None:
        ServiceUseFactory(from_on=TODAY, to_on=TODAY + A_DAY)

        with refused_by("service_use_period_runs_forward"):
            ServiceUseFactory(from_on=TODAY, to_on=TODAY)


class TestHousingRecord:
    def test_is_one_per_person_and_date(self) -> None:
        first = HousingRecordFactory(recorded_on=TODAY)
        HousingRecordFactory(patient=first.patient, clinic=first.clinic, recorded_on=TODAY + A_DAY)

        with refused_by("one_housing_record_per_person_and_date"):
            HousingRecordFactory(patient=first.patient, clinic=first.clinic, recorded_on=TODAY)


class TestProgrammeCost:
    def test_is_of_a_month(self) -> None:
        ProgrammeCostFactory(month=FIRST)

        with refused_by("cost_month_is_its_first_day"):
            ProgrammeCostFactory(month=SECOND)

    def test_is_not_negative(self) -> None:
        ProgrammeCostFactory(amount_pence=0)

        with refused_by("cost_is_not_negative"):
            ProgrammeCostFactory(amount_pence=-1)


class TestDisruption:
    def test_ends_after_it_begins_or_goes_on(self) -> None:
        DisruptionFactory(from_on=TODAY, to_on=TODAY + A_DAY)
        DisruptionFactory(from_on=TODAY, to_on=None)

        with refused_by("disruption_runs_forward"):
            DisruptionFactory(from_on=TODAY, to_on=TODAY)


class TestAreaFigure:
    def test_ends_after_it_begins(self) -> None:
        AreaFigureFactory(from_on=TODAY, to_on=TODAY + A_DAY)

        with refused_by("area_figure_runs_forward"):
            AreaFigureFactory(from_on=TODAY, to_on=TODAY)


class TestExtractSegment:
    def test_is_frozen_once(self) -> None:
        segment = ExtractSegmentFactory()
        ExtractSegmentFactory(clinic=segment.clinic)

        with refused_by("one_segment_per_content"):
            ExtractSegmentFactory(clinic=segment.clinic, sha256=segment.sha256)


class TestKeptMonth:
    def test_of_a_table_is_kept_once(self) -> None:
        segment = ExtractSegmentFactory()
        kept = {
            "clinic": segment.clinic,
            "table_name": "own",
            "month": FIRST,
            "settled_on": FIRST,
            "form": "one",
        }
        KeptMonth.objects.create(**kept)
        KeptMonth.objects.create(**(kept | {"table_name": "top"}))

        with refused_by("a_month_of_a_table_is_kept_once"):
            KeptMonth.objects.create(**(kept | {"segment": segment}))


class TestReportRun:
    def test_has_each_issue_once(self) -> None:
        first = ReportRunFactory(issue=1)
        ReportRunFactory(clinic=first.clinic, issue=2, replaces=first)
        ReportRunFactory(clinic=first.clinic, issue=1, edition=ReportRun.Edition.PUBLIC)

        with refused_by("one_report_per_clinic_month_edition_and_issue"):
            ReportRunFactory(clinic=first.clinic, issue=1)

    def test_is_of_a_month(self) -> None:
        ReportRunFactory(month=FIRST)

        with refused_by("report_month_is_its_first_day"):
            ReportRunFactory(month=SECOND)


class TestReportFile:
    def test_is_one_of_a_kind_per_report(self) -> None:
        file = ReportFileFactory(kind=ReportFile.Kind.CSV)
        ReportFileFactory(run=file.run, kind=ReportFile.Kind.PDF)

        with refused_by("one_file_of_a_kind_per_report"):
            ReportFileFactory(run=file.run, kind=ReportFile.Kind.CSV)


class TestReportRequest:
    def test_is_open_once_per_report(self) -> None:
        request = ReportRequestFactory()
        ReportRequestFactory(clinic=request.clinic, edition=ReportRun.Edition.PUBLIC)

        with refused_by("one_open_request_per_report"):
            ReportRequestFactory(clinic=request.clinic)

    def test_may_follow_one_that_is_finished(self) -> None:
        finished = ReportRequestFactory(finished_at=NINE, failure="no such month")

        assert ReportRequestFactory(clinic=finished.clinic).pk

    def test_ends_with_a_report_or_a_failure(self) -> None:
        run = ReportRunFactory()
        ReportRequestFactory(finished_at=NINE, run=run)
        ReportRequestFactory(finished_at=NINE, failure="no such month")

        with refused_by("finished_request_has_a_report_or_a_failure"):
            ReportRequestFactory(finished_at=NINE)
        with refused_by("finished_request_has_a_report_or_a_failure"):
            ReportRequestFactory(finished_at=NINE, run=run, failure="no such month")
        with refused_by("finished_request_has_a_report_or_a_failure"):
            ReportRequestFactory(finished_at=None, run=run)
