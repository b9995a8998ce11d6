"""Reading the files of the programme that a manager brings in: every line, or every problem by file, line and column.

The format and the cells are those of the cohort folder; each line is then held against the rule of its own page.

Source: cohort files, phases.csv, disruptions.csv, area.csv and need.csv.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from hat_clinic.core.decisions import Decision
from outcomes.rules.area import AreaSaid, NeedSaid, may_record_area_figure, may_record_need
from outcomes.rules.cohort.columns import FORMAT_OF
from outcomes.rules.cohort.problems import Problem, in_order
from outcomes.rules.cohort.reading import read_table
from outcomes.rules.cohort.rows import AreaRow, DisruptionRow, NeedRow, PhaseRow
from outcomes.rules.costs_file import refuse_file
from outcomes.rules.disruptions import DisruptionSaid, may_record_disruption
from outcomes.rules.phases import PhaseSaid, may_record_phase

Said = PhaseSaid | DisruptionSaid | AreaSaid | NeedSaid
MOST_ROWS: Final = 2000
MOST_PROBLEMS: Final = 200
PHASES, DISRUPTIONS, AREA, NEED = "phases.csv", "disruptions.csv", "area.csv", "need.csv"
FILES: Final = (PHASES, DISRUPTIONS, AREA, NEED)
SENT_BEFORE: Final = "this file was brought in before; there is nothing to bring in again."
NO_FILE: Final = "Choose at least one file."
# Which column a finding of a rule is about.
COLUMN_OF: Final[Mapping[str, str]] = {
    **dict.fromkeys(["no_name", "long_name", "bad_name"], "name"),
    **dict.fromkeys(["long_funder", "bad_funder"], "funded_by"),
    **dict.fromkeys(["phase_in_future", "phase_known", "disruption_in_future", "disruption_known"], "from"),
    **dict.fromkeys(["phase_ends_before", "phase_end_in_future", "disruption_ends_before"], "to"),
    **dict.fromkeys(["disruption_end_in_future", "area_ends_before", "area_in_future"], "to"),
    "phase_places": "places",
    "phase_sessions": "sessions_per_day",
    "phase_funded_before": "funded_until",
    **dict.fromkeys(
        ["disruption_without_label", "disruption_long_label", "disruption_label_spelling"], "label"
    ),
    **dict.fromkeys(["no_area", "long_area", "bad_area"], "area"),
    **dict.fromkeys(["no_source", "long_source", "bad_source"], "source"),
    **dict.fromkeys(["no_method", "long_method", "bad_method"], "method"),
    "area_count": "count",
    "area_known": "from",
    "need_people": "people",
    "need_in_future": "as_of",
    "need_known": "as_of",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What counts of a clinic already, and the fingerprints of the files that were brought in, by file."""

    phases: tuple[PhaseSaid, ...] = ()
    disruptions: tuple[DisruptionSaid, ...] = ()
    area: tuple[AreaSaid, ...] = ()
    need: tuple[NeedSaid, ...] = ()
    sent: frozenset[tuple[str, str]] = field(default_factory=frozenset)


def read_programme_files(
    files: Mapping[str, bytes], *, fingerprints: Mapping[str, str], today: date, standing: Standing
) -> tuple[dict[str, tuple[Said, ...]], tuple[Problem, ...]]:
    """Return the lines of each file, or no line and every problem of all files. `today` is the Europe/London date."""
    lines: dict[str, tuple[Said, ...]] = {}
    problems: list[Problem] = []
    for name in FILES:
        if name not in files:
            continue
        if (name, fingerprints[name]) in standing.sent:
            problems.append(Problem(name, 0, "", SENT_BEFORE))
            continue
        found, wrong = _READERS[name](files[name], today, standing)
        lines[name] = tuple(found)
        problems += wrong
    return ({}, in_order(problems)) if problems else (lines, ())


Read = tuple[Sequence[Said], Sequence[Problem]]


def _read(
    name: str,
    data: bytes,
    today: date,
    *,
    make: Callable[..., Any],
    said: Callable[[Any], Any],
    decide: Callable[[Any, list[Any]], Decision],
) -> Read:
    """Read one file; `decide` holds a line against what counts and the lines before it."""
    if refusal := refuse_file(data):
        return (), [Problem(name, 0, "", refusal)]
    table, problems = read_table(data, file_format=FORMAT_OF[name], make=make, today=today)
    if table.readable and not table.rows and not problems:
        problems.append(Problem(name, 1, "", "the file has a header and no line."))
    if len(table.rows) > MOST_ROWS:
        message = f"the file has {len(table.rows)} lines; send at most {MOST_ROWS} at a time."
        return (), [Problem(name, 0, "", message)]
    lines: list[Said] = []
    for row in table.rows:
        if row.broken:
            continue
        line = said(row)
        problems += (
            Problem(name, row.line, COLUMN_OF[finding.code], finding.message)
            for finding in decide(line, lines).refusals
        )
        lines.append(line)
    return lines, problems


def _last(to_on: date | None) -> date | None:
    return to_on - timedelta(days=1) if to_on else None


def _phases(data: bytes, today: date, standing: Standing) -> Read:
    def said(row: PhaseRow) -> PhaseSaid:
        return PhaseSaid(
            name=row.name,
            first_on=row.from_on,
            last_on=_last(row.to_on),
            places=row.places,
            sessions_per_day=row.sessions_per_day,
            funded_by=row.funded_by or "",
            funded_until=row.funded_until,
        )

    return _read(
        PHASES,
        data,
        today,
        make=PhaseRow,
        said=said,
        decide=lambda line, before: may_record_phase(line, today=today, standing=[*standing.phases, *before]),
    )


def _disruptions(data: bytes, today: date, standing: Standing) -> Read:
    def said(row: DisruptionRow) -> DisruptionSaid:
        return DisruptionSaid(first_on=row.from_on, last_on=_last(row.to_on), kind=row.kind, label=row.label)

    return _read(
        DISRUPTIONS,
        data,
        today,
        make=DisruptionRow,
        said=said,
        decide=lambda line, before: may_record_disruption(
            line, today=today, standing=[*standing.disruptions, *before]
        ),
    )


def _area(data: bytes, today: date, standing: Standing) -> Read:
    def said(row: AreaRow) -> AreaSaid:
        return AreaSaid(
            area=row.area,
            first_on=row.from_on,
            last_on=row.to_on - timedelta(days=1),
            measure=row.measure,
            count=row.count,
            source=row.source,
        )

    def decide(line: AreaSaid, before: list[AreaSaid]) -> Decision:
        is_known = any(_is_of_the_same(line, other) for other in (*standing.area, *before))
        return may_record_area_figure(line, today=today, is_known=is_known)

    return _read(AREA, data, today, make=AreaRow, said=said, decide=decide)


def _is_of_the_same(one: AreaSaid, other: AreaSaid) -> bool:
    """Whether two counts are of one area and measure and share a day."""
    return (
        (one.area, one.measure) == (other.area, other.measure)
        and one.first_on <= other.last_on
        and other.first_on <= one.last_on
    )


def _need(data: bytes, today: date, standing: Standing) -> Read:
    def said(row: NeedRow) -> NeedSaid:
        return NeedSaid(
            as_of=row.as_of, area=row.area, people=row.people, method=row.method, source=row.source
        )

    def decide(line: NeedSaid, before: list[NeedSaid]) -> Decision:
        known = {(other.area, other.as_of) for other in (*standing.need, *before)}
        return may_record_need(line, today=today, is_known=(line.area, line.as_of) in known)

    return _read(NEED, data, today, make=NeedRow, said=said, decide=decide)


_READERS: Final[Mapping[str, Callable[[bytes, date, Standing], Read]]] = {
    PHASES: _phases,
    DISRUPTIONS: _disruptions,
    AREA: _area,
    NEED: _need,
}
