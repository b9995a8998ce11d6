"""The invented first year, imported and counted: every figure as the published evaluation has it."""

from __future__ import annotations

import io
import json
import math
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import page
import pypdf
import pytest
from django.db import transaction

from hat_clinic.accounts.actions import get_program
from hat_clinic.accounts.models import Clinic
from outcomes.actions.cohort import import_cohort
from outcomes.actions.evaluation.build import build_report
from outcomes.queries.evaluation.runs import print_run
from outcomes.rules.evaluation.editions import Edition
from tests.walk import list_lines

ROOT = Path(__file__).resolve().parents[3]
COHORT = ROOT / "hat_clinic" / "demo" / "cohorts" / "middlesbrough-year-one"
EXPECTED = json.loads((ROOT / "tests/data/middlesbrough-year-one-expected-2020-10.json").read_text())
KEYS = list(EXPECTED["indicators"])
# A kind of support that nobody came for has no row.
NO_NUMBERS = {""}
AT = datetime(2026, 1, 15, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def reconstruction(django_db_setup: None, django_db_blocker) -> Iterator[dict[str, dict]]:
    """Import the invented first year once for this module, and give the figures of October 2020."""
    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer._from_testcase = True  # what Django's own test cases do, so that durable acts run inside
        with outer:
            by = get_program(name="test", at=AT)
            import_cohort(folder=COHORT, is_invented=True, by=by, at=AT)
            run = build_report(
                clinic=Clinic.objects.get(code="MBRO").id,
                month=date(2020, 10, 1),
                edition=Edition.RESTRICTED,
                by=by,
                at=AT,
            )
            figures = {key_of(figure): figure for figure in run.figures["indicators"]}
            figures["printed"] = print_run(run.id)["pdf"]
            transaction.set_rollback(True)
    yield figures


def key_of(figure: dict) -> str:
    """The id; health figures of several sources share theirs."""
    return f"{figure['id']}@{figure['source']}" if figure["domain"] == "health" else figure["id"]


def same(value, expected, tolerance):
    if value is None or expected is None:
        return value is expected
    return math.isclose(value, expected, rel_tol=tolerance, abs_tol=1e-12)


class TestTheReconstruction:
    @pytest.mark.parametrize("key", KEYS)
    def test_gives_the_expected_figure(self, reconstruction, key):
        expected, figure = EXPECTED["indicators"][key], reconstruction[key]

        for name, value in expected.items():
            if name == "interval":
                limits = figure["interval"] and [figure["interval"]["low"], figure["interval"]["high"]]
                assert (value is None) == (limits is None)
                assert value is None or limits == pytest.approx(value, abs=1e-4)
            else:
                assert same(figure[name], value, 1e-6), name

    def test_covers_every_expected_key(self):
        assert len(KEYS) == 204

    def test_says_why_where_it_gives_no_value(self, reconstruction):
        figures = [figure for key, figure in reconstruction.items() if key != "printed"]

        assert all(figure["note"] for figure in figures if figure["value"] is None)
        assert reconstruction["offending.self_reported.rate_ratio"]["note"] == "no self-report recorded"

    def test_gives_the_homes_at_the_start_that_were_published(self, reconstruction):
        for key in ("legacy.secure_start", "legacy.rough_start"):
            assert (reconstruction[key]["numerator"], reconstruction[key]["denominator"]) == (2, 6)

    def test_marks_unverified_weights(self, reconstruction):
        assert "not yet verified by a named person" in reconstruction["offending.severity.pre_median"]["note"]


@pytest.fixture(scope="module")
def text(reconstruction) -> str:
    sheets = pypdf.PdfReader(io.BytesIO(reconstruction["printed"])).pages
    return re.sub(r"\s+", " ", " ".join(sheet.extract_text() for sheet in sheets))


class TestItsPrintedReport:
    @pytest.mark.parametrize("profile", ["3a", "ua1"])
    def test_keeps_to_both_standards(self, reconstruction, profile):
        assert page.validate_pdf_bytes(reconstruction["printed"], profile=profile).failures == []

    @pytest.mark.parametrize(
        "sentence",
        [
            "14 of 20 people referred had started, 7 of them in treatment on 1 November 2020",
            "7 of the 14 people who started were still in treatment on 1 November 2020",
            "Attendance held between 93 % and 97 % in every month",
            "98 % (4,122 of 4,206) among the 6 people who stayed 30 weeks or more",
            "300 of the 375 urine samples tested were free of street heroin",
            "8 of 13 were steady responders",
            "Recorded offending fell to 0.48 of its rate before treatment",
            "Rate ratio 0.48, 95 % interval 0.26 to 0.86: 42 offences in the year before the start, 17 after it",
            "32.5 before and 13.0 after the start",
            "512 more offences are known from earlier than a year before the start: a count",
            "38 of the 43 support sessions booked in the month were attended",
            "In the month 7 of 7 people in treatment came to at least one support session",
            "No self-report of offences is recorded",
            "Invented people.",
            "The programme has 6 aims, and each has a figure in this report",
            "Aim 1. Fewer deaths in the street through heroin. Deaths in treatment: 0",
            "Aim 3. Respite for the people and shops who suffer from crime that pays for heroin.",
            "Aim 6. Less money for gangs that sell drugs.",
            "4 public bodies paid for the programme; less since, for each year: recorded offences",
            "no net saving is reckoned",
            "Police and Crime Commissioner for Cleveland, news of the launch, October 2019",
        ],
    )
    def test_says_what_was_published_with_how_sure_one_can_be(self, text, sentence):
        assert sentence in text


class TestEveryFigureOfTheDocument:
    @pytest.fixture
    def sheets(self, reconstruction) -> dict[str, str]:
        """The text of the report by the short name at the top of its pages."""
        found: dict[str, str] = {}
        for sheet in pypdf.PdfReader(io.BytesIO(reconstruction["printed"])).pages:
            words = re.sub(r"\s+", " ", sheet.extract_text())
            running = re.search(r"restricted edition (\S.*?) Invented people\. Data cut", words)
            if running:
                found[running[1]] = f"{found.get(running[1], '')} {words}"
        return found

    def test_stands_in_the_printed_pages_as_it_is(self, reconstruction, sheets):
        figures = {key: figure for key, figure in reconstruction.items() if key != "printed"}
        lines = list(list_lines(figures))

        missing = [line for line in lines if line.words not in sheets[line.page]]
        walked = {id for line in lines for id in line.ids}

        assert missing == []
        assert figures.keys() - walked == set()

    def test_would_be_missed_if_it_said_something_else(self, reconstruction, sheets):
        """The walk above finds any figure that is printed wrongly; what is not printed as a number is left out."""
        figures = {key: figure for key, figure in reconstruction.items() if key != "printed"}
        told = {id for line in list_lines(figures) if line.words in NO_NUMBERS for id in line.ids}
        changed = [
            id
            for id, figure in figures.items()
            if figure["value"] is not None and id not in told and figure["note"] != "no self-report recorded"
        ]

        unseen = []
        for id in changed:
            figure = figures[id]
            other = {**figure, "value": 2 * figure["value"] + 1, "numerator": (figure["numerator"] or 0) + 1}
            lines = list_lines({**figures, id: other})
            if all(line.words in sheets[line.page] for line in lines):
                unseen.append(id)
        assert unseen == []
