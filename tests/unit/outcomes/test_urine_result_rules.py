"""What may be said of a sample's result, how it is put right, and what a file of results may hold."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from outcomes.rules.urine import Assay, Found, Sample, UrineState
from outcomes.rules.urine_file import MOST_BYTES, MOST_ROWS, in_reading_order, read_results
from outcomes.rules.urine_results import ResultSaid, may_amend_result, may_enter_result

TAKEN_ON, TODAY = date(2026, 11, 25), date(2026, 11, 27)
A_DAY = timedelta(days=1)
HEADER = "reference,assay,result,reported_on"
ROW = "A-17,street_heroin_marker,negative,2026-11-26"


def sample(state: UrineState = UrineState.SENT) -> Sample:
    return Sample(week_on=TAKEN_ON, due_on=TAKEN_ON, state=state, taken_on=TAKEN_ON)


def said(found: Found = Found.NEGATIVE, on: date = TODAY, assay: Assay = Assay.COCAINE) -> ResultSaid:
    return ResultSaid(assay=assay, found=found, reported_on=on)


class TestEntering:
    @pytest.mark.parametrize("state", [UrineState.SENT, UrineState.RESULT])
    def test_is_allowed_once_the_sample_was_sent(self, state: UrineState) -> None:
        assert list(may_enter_result(sample(state), said(), known=frozenset(), today=TODAY)) == []

    def test_of_a_sample_that_was_not_sent_is_refused(self) -> None:
        decision = may_enter_result(sample(UrineState.TAKEN), said(), known=frozenset(), today=TODAY)

        assert decision.refusal_codes == ["urine_out_of_order"]

    def test_of_a_void_sample_is_refused_for_that_reason_alone(self) -> None:
        known = frozenset({Assay.COCAINE})
        decision = may_enter_result(sample(UrineState.VOID), said(), known=known, today=TODAY)

        assert decision.refusal_codes == ["urine_out_of_order"]

    @pytest.mark.parametrize(("known", "codes"), [(Assay.COCAINE, ["urine_result_known"]), (None, [])])
    def test_is_once_for_each_test(self, known: Assay | None, codes: list[str]) -> None:
        there = frozenset({known or Assay.AMPHETAMINE})

        assert may_enter_result(sample(), said(), known=there, today=TODAY).refusal_codes == codes

    @pytest.mark.parametrize(
        ("on", "allowed"),
        [(TAKEN_ON - A_DAY, False), (TAKEN_ON, True), (TODAY, True), (TODAY + A_DAY, False)],
    )
    def test_is_of_a_day_after_the_taking_and_not_to_come(self, on: date, allowed: bool) -> None:
        decision = may_enter_result(sample(), said(on=on), known=frozenset(), today=TODAY)

        assert decision.refusal_codes == ([] if allowed else ["urine_reported_when"])

    def test_of_the_routine_screen_is_stored_with_its_caution(self) -> None:
        screen = said(Found.POSITIVE, assay=Assay.GENERIC_OPIATE)
        decision = may_enter_result(sample(), screen, known=frozenset(), today=TODAY)

        assert decision.is_allowed
        assert [finding.code for finding in decision] == ["urine_says_nothing"]


class TestPuttingRight:
    def decide(
        self,
        new: ResultSaid,
        *,
        state: UrineState = UrineState.RESULT,
        is_amended: bool = False,
        words: str = "Misread.",
    ) -> list[str]:
        decision = may_amend_result(
            sample(state),
            said(Found.POSITIVE),
            new,
            is_amended=is_amended,
            words=words,
            today=TODAY,
        )
        return decision.refusal_codes

    def test_says_something_else_and_why(self) -> None:
        assert self.decide(said(Found.NEGATIVE)) == []

    def test_of_a_void_sample_is_refused(self) -> None:
        assert self.decide(said(Found.NEGATIVE), state=UrineState.VOID) == ["urine_out_of_order"]

    def test_to_the_same_is_none(self) -> None:
        assert self.decide(said(Found.POSITIVE)) == ["urine_nothing_changed"]

    def test_is_of_the_result_that_stands(self) -> None:
        assert self.decide(said(), is_amended=True) == ["urine_result_amended"]

    @pytest.mark.parametrize(
        ("words", "codes"),
        [("", ["urine_reason"]), ("x" * 200, []), ("x" * 201, ["urine_long_reason"])],
    )
    def test_has_its_reason(self, words: str, codes: list[str]) -> None:
        assert self.decide(said(), words=words) == codes

    def test_is_of_a_day_after_the_taking(self) -> None:
        assert self.decide(said(on=TAKEN_ON - A_DAY)) == ["urine_reported_when"]


def file_of(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join((header, *rows)).encode()


def problems_of(data: bytes) -> list[tuple[int, str, str]]:
    _, problems = read_results(data, today=TODAY)
    return [(one.line, one.column, one.message) for one in in_reading_order(problems)]


class TestAFile:
    def test_is_read_row_by_row(self) -> None:
        (row, other), problems = read_results(file_of(ROW, ROW.replace("A-17", "B-2")), today=TODAY)

        assert problems == ()
        assert (row.line, row.reference, other.reference) == (2, "A-17", "B-2")
        assert row.said == said(on=date(2026, 11, 26), assay=Assay.STREET_HEROIN_MARKER)

    def test_tells_every_problem_at_once_by_line_and_column(self) -> None:
        found = problems_of(
            file_of(
                ",street_heroin_marker,negative,2026-11-26",
                "A-17,morphine,negative,2026-11-26",
                "A-18,cocaine,perhaps,26/11/2026",
                "A-19,cocaine,negative",
                ROW,
                ROW,
            )
        )

        assert [(line, column) for line, column, _ in found] == [
            (2, "reference"),
            (3, "assay"),
            (4, "result"),
            (4, "reported_on"),
            (5, "reported_on"),
            (7, "reference"),
        ]
        assert found[-1][2] == "this test of this sample stands in line 6 already; keep one of the two rows."

    def test_of_another_test_of_the_same_sample_is_no_repetition(self) -> None:
        assert problems_of(file_of(ROW, ROW.replace("street_heroin_marker", "cocaine"))) == []

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b"", "the file is empty."),
            (b"  \n", "the file is empty."),
            (b"x" * (MOST_BYTES + 1), "larger than 1 MB"),
            (b"PK\x03\x04...", "the file is no CSV"),
            (b"a\x00b", "the file is no text"),
            (HEADER.encode("utf-16"), "the file is UTF-16"),
            (HEADER.encode(), "a header and no result"),
            (file_of(*[f"A-{n},cocaine,negative,2026-11-26" for n in range(MOST_ROWS + 1)]), "at most 500"),
            (b"a,b\n1,2", "the file has no header"),
        ],
    )
    def test_that_is_none_says_so(self, data: bytes, words: str) -> None:
        ((_, _, message),) = problems_of(data)

        assert words in message

    def test_of_as_many_rows_as_are_allowed_is_read(self) -> None:
        rows = [f"A-{n},cocaine,negative,2026-11-26" for n in range(MOST_ROWS)]

        assert problems_of(file_of(*rows)) == []
