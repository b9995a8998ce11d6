"""The shapes of figures, who may have which report, files that open safely, fingerprints."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from outcomes.rules.evaluation import attendance, retention
from outcomes.rules.evaluation.definitions import DEFINITIONS
from outcomes.rules.evaluation.editions import Edition, may_build_report
from outcomes.rules.evaluation.fingerprints import hash_of_document, hash_of_extract
from outcomes.rules.evaluation.flow import EXITED_REASON, REFERRED
from outcomes.rules.evaluation.indicators import (
    Period,
    Window,
    count,
    data_cut,
    document,
    in_order,
    is_over,
    last_month,
    make,
    next_month,
    proportion,
)
from outcomes.rules.evaluation.pages.blocks import Columns, Table, in_two_columns
from outcomes.rules.evaluation.pages.changes import list_differences
from outcomes.rules.evaluation.retention import SNAPSHOT, RetentionFacts
from outcomes.rules.evaluation.spreadsheet import to_csv

PERIOD = Period(month=date(2025, 3, 1), opened_on=date(2025, 1, 15), as_of=date(2025, 4, 1))


class TestPeriod:
    @pytest.mark.parametrize(
        ("today", "cut", "is_over_then"),
        [
            (date(2025, 3, 1), date(2025, 3, 2), False),
            (date(2025, 3, 30), date(2025, 3, 31), False),
            (date(2025, 3, 31), date(2025, 4, 1), False),
            (date(2025, 4, 1), date(2025, 4, 1), True),
            (date(2025, 9, 1), date(2025, 4, 1), True),
        ],
    )
    def test_ends_after_the_month_or_after_today(self, today, cut, is_over_then):
        as_of = data_cut(date(2025, 3, 1), today)

        assert as_of == cut
        assert is_over(date(2025, 3, 1), today) is is_over_then

    def test_gives_the_month_or_everything_since_opening(self):
        assert PERIOD.window(Window.MONTH) == (date(2025, 3, 1), date(2025, 4, 1))
        assert PERIOD.window(Window.CUMULATIVE) == (date(2025, 1, 15), date(2025, 4, 1))

    def test_never_runs_backwards(self):
        before = Period(month=date(2025, 3, 1), opened_on=date(2025, 5, 1), as_of=date(2025, 4, 1))

        assert before.window(Window.CUMULATIVE) == (date(2025, 4, 1), date(2025, 4, 1))

    def test_begins_on_a_first_day(self):
        with pytest.raises(ValueError, match="first day"):
            Period(month=date(2025, 3, 2), opened_on=date(2025, 1, 1), as_of=date(2025, 4, 1))

    @pytest.mark.parametrize(
        ("day", "after", "before"),
        [
            (date(2024, 12, 31), date(2025, 1, 1), date(2024, 11, 1)),
            (date(2025, 1, 1), date(2025, 2, 1), date(2024, 12, 1)),
            (date(2024, 2, 29), date(2024, 3, 1), date(2024, 1, 1)),
        ],
    )
    def test_knows_the_next_month_and_the_last(self, day, after, before):
        assert (next_month(day), last_month(day)) == (after, before)


class TestAFigure:
    @pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
    def test_is_never_infinite_or_not_a_number(self, value):
        with pytest.raises(ValueError, match="not finite"):
            make(REFERRED, PERIOD, value=value)

    def test_says_why_it_has_no_value(self):
        with pytest.raises(ValueError, match="no note"):
            make(REFERRED, PERIOD)

        assert make(REFERRED, PERIOD, note="because").value is None

    def test_takes_its_reason_into_id_and_label(self):
        figure = count(EXITED_REASON, PERIOD, 2, key="dropped_out", words="dropped out")

        assert (figure.id, figure.label) == ("flow.exited.dropped_out", "Left treatment: dropped out")

    def test_of_nobody_is_null_with_its_reason(self):
        figure = proportion(SNAPSHOT, PERIOD, 0, 0, empty="nobody")

        assert (figure.value, figure.interval, figure.note) == (None, None, "nobody")

    def test_puts_extra_keys_beside_the_others(self):
        figure = count(REFERRED, PERIOD, 2, extras={"people": 2}).to_json()

        assert figure["people"] == 2
        assert figure["window"] == {"from": "2025-01-15", "to": "2025-04-01"}


class TestDefinitions:
    def test_are_one_for_each_id(self):
        ids = [definition.id for definition in DEFINITIONS]

        assert len(ids) == len(set(ids))

    def test_leave_no_sentence_empty(self):
        for definition in DEFINITIONS:
            words = (definition.label, definition.meaning, definition.numerator, definition.denominator)
            assert all((*words, definition.missing, definition.method, definition.unit)), definition.id
            assert ("<" in definition.id) == ("{}" in definition.label), definition.id


class TestMayBuildReport:
    def ask(self, **changes):
        asked = {
            "edition": Edition.RESTRICTED,
            "month": date(2025, 3, 1),
            "opened_on": date(2025, 1, 15),
            "today": date(2025, 4, 1),
        }
        return may_build_report(**asked | changes)

    def test_allows_a_month_that_has_begun(self):
        assert self.ask(today=date(2025, 3, 1)).is_allowed
        assert not self.ask(today=date(2025, 2, 28)).is_allowed

    def test_allows_the_month_of_opening(self):
        assert self.ask(opened_on=date(2025, 3, 31)).is_allowed
        assert not self.ask(opened_on=date(2025, 4, 1)).is_allowed

    def test_gives_every_reason_at_once(self):
        decision = self.ask(edition=Edition.PUBLIC, month=date(2025, 5, 1))

        assert [finding.code for finding in decision] == [
            "report_not_a_quarter",
            "report_month_not_begun",
        ]

    def test_makes_the_public_edition_when_the_quarter_is_over(self):
        early = self.ask(edition=Edition.PUBLIC, today=date(2025, 3, 31))

        assert [finding.code for finding in early] == ["report_quarter_not_over"]
        assert self.ask(edition=Edition.PUBLIC, today=date(2025, 4, 1)).is_allowed

    def test_makes_the_justice_edition_of_any_month_when_it_is_over(self):
        month = date(2025, 2, 1)
        early = self.ask(edition=Edition.JUSTICE, month=month, today=date(2025, 2, 28))

        assert [finding.code for finding in early] == ["report_month_not_over"]
        assert self.ask(edition=Edition.JUSTICE, month=month, today=date(2025, 3, 1)).is_allowed
        begun = self.ask(edition=Edition.JUSTICE, month=date(2025, 4, 1), today=date(2025, 3, 1))
        assert [finding.code for finding in begun] == ["report_month_not_begun"]

    @pytest.mark.parametrize(("month", "codes"), [(3, 0), (4, 1), (6, 0), (9, 0), (12, 0)])
    def test_knows_the_ends_of_quarters(self, month, codes):
        decision = self.ask(edition=Edition.PUBLIC, month=date(2025, month, 1), today=date(2026, 1, 1))

        assert len(decision.findings) == codes


class TestToCsv:
    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
    def test_leads_what_a_spreadsheet_would_run_with_an_apostrophe(self, start):
        ((cell,),) = list(csv.reader(io.StringIO(to_csv(["head"], [[f"{start}1"]]), newline="")))[1:]

        assert cell == f"'{start}1"

    def test_leaves_numbers_and_words_alone(self):
        rows = list(csv.reader(io.StringIO(to_csv(["a", "b", "c"], [[-1.5, "x", None]]), newline="")))

        assert rows[1] == ["-1.5", "x", ""]


class TestFingerprints:
    def test_depend_on_order_and_on_where_hashes_end(self):
        assert hash_of_extract(["ab", "c"]) != hash_of_extract(["c", "ab"])
        assert hash_of_extract(["ab", "c"]) != hash_of_extract(["a", "bc"])

    def test_do_not_depend_on_the_order_of_keys(self):
        assert hash_of_document({"a": 1, "b": 2}) == hash_of_document({"b": 2, "a": 1})


class TestADocument:
    def made(self, number=1):
        figures = [
            count(REFERRED, PERIOD, number, extras={"b": 1, "a": 2}),
            proportion(SNAPSHOT, PERIOD, 1, 2, empty=""),
        ]
        return document(
            clinic="T",
            edition="restricted",
            period=PERIOD,
            version="1",
            extract_sha256="0",
            indicators=figures,
        )

    def test_comes_back_in_the_order_it_was_written(self):
        made = self.made()
        shuffled = {
            **dict(sorted(made.items(), reverse=True)),
            "indicators": [dict(sorted(figure.items(), reverse=True)) for figure in made["indicators"]],
        }

        assert list(in_order(shuffled)) == list(made)
        assert [list(figure) for figure in in_order(shuffled)["indicators"]] == [
            list(figure) for figure in made["indicators"]
        ]

    def test_differs_from_another_by_the_figures_that_changed(self):
        (difference,) = list_differences(self.made(1), self.made(2))

        assert (difference.id, difference.before, difference.after) == ("flow.referred", "1", "2")

    def test_differs_by_figures_that_came_and_went(self):
        whole, part = self.made(), self.made()
        part["indicators"] = part["indicators"][:1]

        assert [(d.before, d.after) for d in list_differences(whole, part)] == [("1 of 2", "not there")]
        assert [(d.before, d.after) for d in list_differences(part, whole)] == [("not there", "1 of 2")]


class TestInTwoColumns:
    def table(self, rows):
        return Table("Sessions", ["Month", "All"], [[str(row), "1"] for row in range(rows)])

    def test_halves_a_long_table(self):
        assert isinstance(in_two_columns(self.table(7)), Table)
        halves = in_two_columns(self.table(9))
        assert isinstance(halves, Columns)
        assert [len(table.rows) for table in halves.tables] == [5, 4]


class TestTheCurve:
    def test_has_a_step_for_each_day_with_an_exit(self):
        facts = RetentionFacts(durations=[10, 20, 20, 30], has_left=[True, True, False, False])

        curve = [(step.day, step.share) for step in retention.list_curve(facts)]

        assert curve == [(0, 1.0), (10, 0.75), (20, 0.5), (30, 0.5)]

    def test_of_nobody_has_no_step(self):
        assert retention.list_curve(RetentionFacts(durations=[], has_left=[])) == []

    def test_counts_people_followed_at_least_so_long(self):
        facts = RetentionFacts(durations=[90, 91, 364], has_left=[True, True, False])

        assert retention.list_at_risk(facts) == [(0, 3), (91, 2), (182, 1), (273, 1), (364, 1)]


class TestSessions:
    def test_missed_are_offered_and_not_attended(self):
        assert attendance.Sessions(attended=3, offered=5, excused=1, open=0, people=1).missed == 2
