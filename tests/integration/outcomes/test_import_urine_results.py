"""A laboratory's file of results: all of it or nothing, each once, and nothing that stands is changed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from hat_clinic.audit.models import AuditEvent
from outcomes.models import UrineDraw, UrineStep
from outcomes.rules.urine_file import MOST_BYTES
from tests.factories.treatment import TreatmentRoom, a_treatment_room, another
from tests.factories.urine import UrineStepFactory, a_urine_day, in_treatment_for, steps_of
from tests.factories.urine_pages import Visitor
from tests.pages import shown

pytestmark = pytest.mark.django_db
A_WEEK = timedelta(days=7)
HEADER = "reference,assay,result,reported_on"


class Laboratory:
    """A desk at which a laboratory's files are brought in."""

    def __init__(self, desk: Visitor) -> None:
        self.desk = desk

    def send(self, *rows: str, seal: str = "") -> Any:
        data = "\n".join((HEADER, *rows)).encode()
        content = self.desk.seal("import_urine_results")
        return self.desk.client.post(
            self.desk.url("import_urine_results"),
            {"seal": seal or content["seal"], "file": SimpleUploadedFile("results.csv", data)},
            follow=True,
        )


@pytest.fixture
def laboratory(nurse_at_desk: Visitor) -> Laboratory:
    return Laboratory(nurse_at_desk)


@pytest.fixture
def label(drawn: UrineDraw) -> str:
    """The label of a sample that was sent today."""
    return steps_of(drawn, "taken", "sent")[0].reference


def row(label: str, on: date, found: str = "negative", assay: str = "street_heroin_marker") -> str:
    return f"{label},{assay},{found},{on.isoformat()}"


def results() -> list[tuple[str, str]]:
    found = UrineStep.objects.filter(kind="result").order_by("draw__due_on", "number")
    return list(found.values_list("assay", "found"))


class TestAFile:
    def test_is_matched_by_the_label_and_signed_by_who_brought_it_in(
        self, treated, laboratory, label, drawn, this_day
    ) -> None:
        other = a_urine_day(treated.clinic, treated.patient, this_day - A_WEEK)
        second = steps_of(other, "taken", "sent")[0].reference

        answer = laboratory.send(
            row(label, this_day),
            row(label, this_day, "positive", "generic_opiate"),
            row(second, this_day, "positive"),
        )

        assert "Saved: 3 results were brought in." in shown(answer)
        assert results() == [
            ("street_heroin_marker", "positive"),
            ("street_heroin_marker", "negative"),
            ("generic_opiate", "positive"),
        ]
        signed = UrineStep.objects.filter(kind="result").values_list("recorded_by", flat=True)
        assert set(signed) == {treated.nurse.id}

    def test_sent_twice_is_stored_once(self, laboratory, label, this_day) -> None:
        laboratory.send(row(label, this_day))

        answer = laboratory.send(row(label, this_day))

        assert "Saved: 0 results were brought in. 1 of this file had come before" in shown(answer)
        assert len(results()) == 1

    def test_sent_again_after_a_correction_changes_nothing(self, laboratory, label, drawn, this_day) -> None:
        laboratory.send(row(label, this_day, "positive"))
        first = UrineStep.objects.get(kind="result")
        UrineStepFactory(
            draw=drawn,
            number=4,
            before="result",
            kind="result",
            reference="",
            assay=first.assay,
            found="negative",
            reported_on=this_day,
            amends=first,
            words="Misread.",
        )

        answer = laboratory.send(row(label, this_day, "positive"))

        assert [found for _, found in results()] == ["positive", "negative"]
        (difference,) = answer.context["differences"]
        assert difference.line == 2
        assert "it was put right since, and “Negative” stands" in difference.message
        assert "The file says other than what stands: 1" in shown(answer)
        event = AuditEvent.objects.filter(event="outcomes.urine_results_imported").latest("id")
        assert (event.detail["already_there"], event.detail["differences"]) == (1, 1)

    def test_sent_again_after_the_sample_was_made_void_says_so(self, laboratory, drawn, this_day) -> None:
        taken, _, result, _ = steps_of(drawn, "taken", "sent", "result", "void")

        answer = laboratory.send(row(taken.reference, result.reported_on, result.found))

        (difference,) = answer.context["differences"]
        assert "the sample is void since, and stays so" in difference.message
        assert len(results()) == 1

    def test_may_write_the_label_in_small_letters(self, laboratory, drawn, this_day) -> None:
        label = steps_of(drawn, "taken", "sent")[0].reference

        laboratory.send(row(label.lower(), this_day))
        answer = laboratory.send(row(label, this_day), row(label.lower(), this_day))

        assert len(results()) == 1
        (problem,) = answer.context["problems"]
        assert "stands in line 2 already" in problem.message

    def test_that_is_too_large_is_refused_by_its_size(self, laboratory, label, this_day) -> None:
        rows = [row(label, this_day)] * (MOST_BYTES // len(row(label, this_day)) + 1)

        answer = laboratory.send(*rows)

        assert "Nothing was read: the file is larger than 1 MB" in shown(answer)
        assert not AuditEvent.objects.filter(event="outcomes.urine_results_imported").exists()

    def test_with_another_result_is_refused_in_a_sentence_by_line_and_column(
        self, laboratory, label, this_day
    ) -> None:
        laboratory.send(row(label, this_day))

        answer = laboratory.send(row(label, this_day, "positive"))

        (problem,) = answer.context["problems"]
        assert (problem.line, problem.column) == (2, "result")
        assert "has a result for “Street-heroin marker” already, and it was not changed" in problem.message
        assert results() == [("street_heroin_marker", "negative")]

    def test_of_a_sample_that_is_void_says_so(self, laboratory, drawn, this_day) -> None:
        label = steps_of(drawn, "taken", "sent", "result", "void")[0].reference

        answer = laboratory.send(row(label, this_day, "positive"))

        (problem,) = answer.context["problems"]
        assert "This sample is void: it cannot be written down as tested." in problem.message
        assert len(results()) == 1

    def test_of_a_label_written_again_goes_to_the_sample_that_counts(
        self, treated, laboratory, drawn, this_day
    ) -> None:
        label = steps_of(drawn, "taken", "sent", "result", "void")[0].reference
        right = a_urine_day(treated.clinic, another(treated).patient, this_day)
        UrineStepFactory(draw=right, reference=label)
        UrineStepFactory(draw=right, number=2, before="taken", kind="sent", reference="")

        laboratory.send(row(label, this_day, "negative"))

        assert UrineStep.objects.get(draw=right, kind="result").found == "negative"

    def test_with_any_problem_stores_nothing_and_tells_all_of_them(
        self, treated, laboratory, label, this_day
    ) -> None:
        waiting = a_urine_day(treated.clinic, treated.patient, this_day - A_WEEK)
        unsent = steps_of(waiting, "taken")[0].reference

        answer = laboratory.send(
            row(label, this_day),
            row("NOBODY", this_day),
            row(unsent, this_day),
            row(label, this_day - timedelta(days=1), assay="cocaine"),
            row(label, this_day, "perhaps", "benzodiazepine"),
        )

        told = [(one.line, one.column) for one in answer.context["problems"]]
        assert told == [(3, "reference"), (4, "reference"), (5, "reported_on"), (6, "result")]
        assert "Nothing was brought in: 4 things to put right" in shown(answer)
        assert results() == []
        event = AuditEvent.objects.get(event="outcomes.urine_results_imported")
        assert (event.outcome, event.detail["problems"]) == ("refused", 4)

    def test_knows_no_label_of_another_clinic(self, laboratory, label, this_day) -> None:
        elsewhere: TreatmentRoom = a_treatment_room()
        in_treatment_for(100, elsewhere.patient)
        theirs = a_urine_day(elsewhere.clinic, elsewhere.patient, this_day)
        reference = steps_of(theirs, "taken", "sent")[0].reference

        there, none = (laboratory.send(row(name, this_day)).context["problems"] for name in (reference, "X9"))

        assert there == none

    def test_leaves_how_many_in_the_trail_and_never_what_was_found(self, laboratory, label, this_day) -> None:
        laboratory.send(row(label, this_day, "positive"))

        event = AuditEvent.objects.get(event="outcomes.urine_results_imported")
        assert (event.detail["results"], event.detail["already_there"]) == (1, 0)
        told = AuditEvent.objects.filter(event__startswith="outcomes.urine").values_list("detail", flat=True)
        assert "positive" not in str(list(told))


class TestThePage:
    def test_asks_for_a_file(self, laboratory) -> None:
        desk = laboratory.desk
        answer = desk.client.post(desk.url("import_urine_results"), desk.seal("import_urine_results"))

        assert "Choose the file." in shown(answer)

    def test_of_somebody_else_is_refused(self, treated, laboratory, at_desk, label, this_day) -> None:
        theirs = at_desk(treated.second_nurse).seal("import_urine_results")["seal"]

        answer = laboratory.send(row(label, this_day), seal=theirs)

        assert "opened by somebody else" in shown(answer)
        assert results() == []
