"""Reading the files of the programme: all lines, or every problem by file, line and column."""

from __future__ import annotations

from datetime import date

import pytest

from outcomes.rules.area import AreaSaid, NeedSaid, may_record_area_figure, may_record_need
from outcomes.rules.cohort.columns import FORMAT_OF
from outcomes.rules.disruptions import DisruptionSaid
from outcomes.rules.phases import PhaseSaid
from outcomes.rules.programme_files import (
    COLUMN_OF,
    FILES,
    MOST_ROWS,
    Standing,
    read_programme_files,
)

TODAY = date(2026, 11, 24)
GOOD = {
    "phases.csv": "name,from,to,places,sessions_per_day,funded_by\n"
    "Pilot,2025-01-01,2025-07-01,10,1,Council\nGrown,2025-07-01,,20,2,\n",
    "disruptions.csv": "from,to,kind,label\n2025-03-01,2025-03-08,closed,Flood\n2025-04-01,,reduced,Staff away\n",
    "area.csv": "area,from,to,measure,count,source\n"
    "Town,2025-01-01,2025-02-01,recorded_all,120,Invented Police\n"
    "Town,2025-02-01,2025-03-01,recorded_all,0,Invented Police\n",
    "need.csv": "as_of,area,people,method,source\n2025-01-01,Town,60,counted,Invented Council\n",
}
PRINTS = {name: name[0] * 64 for name in FILES}

NOTHING_STANDS = Standing()


def read(files: dict[str, str], standing: Standing = NOTHING_STANDS):
    return read_programme_files(
        {name: text.encode() for name, text in files.items()},
        fingerprints=PRINTS,
        today=TODAY,
        standing=standing,
    )


def problems(files: dict[str, str], standing: Standing = NOTHING_STANDS) -> list[tuple[str, int, str]]:
    lines, found = read(files, standing)
    assert not (lines and found)
    return [(one.file, one.line, one.column) for one in found]


def with_line(name: str, line: str) -> dict[str, str]:
    return {name: GOOD[name] + line + "\n"}


class TestGoodFiles:
    def test_give_every_line_with_the_last_day_that_counts(self):
        lines, found = read(GOOD)

        assert found == ()
        assert {name: len(said) for name, said in lines.items()} == {
            "phases.csv": 2,
            "disruptions.csv": 2,
            "area.csv": 2,
            "need.csv": 1,
        }
        first, second = lines["phases.csv"]
        assert isinstance(first, PhaseSaid) and isinstance(second, PhaseSaid)
        assert (first.last_on, first.funded_by) == (date(2025, 6, 30), "Council")
        assert (second.last_on, second.funded_by) == (None, "")

    def test_may_be_one_alone(self):
        lines, _ = read({"need.csv": GOOD["need.csv"]})

        assert list(lines) == ["need.csv"]


class TestAProblem:
    def test_of_any_file_stops_all_and_all_are_told_at_once(self):
        files = GOOD | {
            "area.csv": GOOD["area.csv"]
            + "Town,2025-03-01,2025-03-01,recorded_all,1,x\nTown,2025-05-01,,nothing,-1,\n",
            "need.csv": "as_of,area\n",
        }

        assert problems(files) == [
            ("area.csv", 4, "to"),
            ("area.csv", 5, "to"),
            ("area.csv", 5, "measure"),
            ("area.csv", 5, "count"),
            ("area.csv", 5, "source"),
            ("need.csv", 1, "people"),
            ("need.csv", 1, "method"),
            ("need.csv", 1, "source"),
        ]

    @pytest.mark.parametrize(
        ("name", "line", "column"),
        [
            ("phases.csv", "Again,2025-02-01,2025-03-01,5,1,", "from"),
            ("phases.csv", "Short,2024-02-01,2024-02-01,5,1,", "to"),
            ("phases.csv", f"{'x' * 121},2024-02-01,2024-03-01,5,1,", "name"),
            ("phases.csv", f"Payer,2024-02-01,2024-03-01,5,1,{'x' * 121}", "funded_by"),
            ("phases.csv", "Many,2024-02-01,2024-03-01,10000,1,", "places"),
            ("disruptions.csv", "2025-03-07,2025-03-09,closed,Again", "from"),
            ("disruptions.csv", "2024-03-07,2024-03-07,closed,None", "to"),
            ("area.csv", "Town,2025-01-15,2025-01-20,recorded_all,1,x", "from"),
            ("need.csv", "2025-01-01,Town,70,guessed,x", "as_of"),
            ("need.csv", f"2024-01-01,{'x' * 121},70,guessed,x", "area"),
        ],
    )
    def test_of_the_pages_own_rule_is_told_at_its_line_and_column(self, name, line, column):
        assert problems(with_line(name, line)) == [(name, GOOD[name].count("\n") + 1, column)]

    @pytest.mark.parametrize(
        ("line", "is_known"),
        [
            ("Town,2025-03-01,2025-04-01,recorded_all,1,x", False),
            ("Other,2025-01-01,2025-02-01,recorded_all,1,x", False),
            ("Town,2025-01-01,2025-02-01,drug_deaths,1,x", False),
            ("Town,2025-02-28,2025-04-01,recorded_all,1,x", True),
        ],
    )
    def test_of_the_area_is_of_one_area_measure_and_day(self, line, is_known):
        assert bool(problems(with_line("area.csv", line))) == is_known

    def test_is_told_against_what_stands(self):
        phase = PhaseSaid(
            name="x",
            first_on=date(2025, 1, 1),
            last_on=None,
            places=1,
            sessions_per_day=1,
            funded_by="",
            funded_until=None,
        )
        standing = Standing(
            phases=(phase,),
            disruptions=(
                DisruptionSaid(first_on=date(2025, 3, 5), last_on=None, kind="closed", label="Flood"),
            ),
            area=(
                AreaSaid(
                    area="Town",
                    first_on=date(2025, 1, 31),
                    last_on=date(2025, 1, 31),
                    measure="recorded_all",
                    count=1,
                    source="x",
                ),
            ),
            need=(NeedSaid(as_of=date(2025, 1, 1), area="Town", people=1, method="x", source="x"),),
        )

        assert problems(GOOD, standing) == [
            ("phases.csv", 2, "from"),
            ("phases.csv", 3, "from"),
            ("disruptions.csv", 2, "from"),
            ("area.csv", 2, "from"),
            ("need.csv", 2, "as_of"),
        ]

    def test_is_a_file_that_was_sent_before(self):
        sent = Standing(sent=frozenset({("area.csv", PRINTS["area.csv"])}))

        assert problems(GOOD, sent) == [("area.csv", 0, "")]
        assert problems({"need.csv": GOOD["need.csv"]}, sent) == []

    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("", 0),
            ("PK\x03\x04", 0),
            ("as_of,area,people,method,source\n", 1),
            (GOOD["need.csv"] + "2024-01-01,T,1,x,x\n" * MOST_ROWS, 0),
        ],
    )
    def test_is_a_file_as_a_whole(self, text, line):
        assert problems({"need.csv": text}) == [("need.csv", line, "")]


def test_every_column_that_a_finding_is_told_at_stands_in_a_file():
    columns = {column.name for name in FILES for column in FORMAT_OF[name].columns}

    assert set(COLUMN_OF.values()) <= columns


def test_the_words_of_the_rules_are_all_known_here():
    long = "x" * 999
    area = AreaSaid(
        area=long, first_on=TODAY, last_on=date(2027, 1, 1), measure="drug_deaths", count=-1, source=""
    )
    need = NeedSaid(as_of=date(2027, 1, 1), area="", people=-1, method="=x", source=long)
    found = may_record_area_figure(area, today=TODAY, is_known=True).refusal_codes
    found += may_record_need(need, today=TODAY, is_known=True).refusal_codes

    assert set(found) <= set(COLUMN_OF)
