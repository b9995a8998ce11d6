"""The clinic's one row, the phases of its programme, and every period: what must be true of them.

Source: cohort files (evaluation), programme.csv, phases.csv and checks across rows.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date

from outcomes.rules.cohort.columns import SESSIONS, SESSIONS_OFFERED
from outcomes.rules.cohort.periods import Periods
from outcomes.rules.cohort.problems import Problem
from outcomes.rules.cohort.rows import (
    AreaRow,
    CustodyRow,
    DisruptionRow,
    PhaseRow,
    ProgrammeRow,
    ServiceUseRow,
)
from outcomes.rules.cohort.tables import Tables

PeriodRow = CustodyRow | ServiceUseRow | PhaseRow | DisruptionRow | AreaRow


def check_programme(tables: Tables) -> Iterator[Problem]:
    """Exactly one row."""
    rows = tables.programme.rows
    if tables.programme.readable and not rows:
        yield Problem("programme.csv", 1, "", "the file has no row; write the one row of the clinic.")
    for row in rows[1:]:
        yield Problem(
            "programme.csv", row.line, "", "the file has more than one row; keep only the clinic's."
        )


def the_clinic(tables: Tables) -> ProgrammeRow | None:
    """The row of programme.csv where there is exactly one."""
    return tables.programme.rows[0] if len(tables.programme.rows) == 1 else None


def check_periods(tables: Tables) -> Iterator[Problem]:
    """`to` lies after `from` wherever there is one."""
    files: tuple[tuple[str, Iterable[PeriodRow]], ...] = (
        ("custody.csv", tables.custody.rows),
        ("service_use.csv", tables.service_use.rows),
        ("phases.csv", tables.phases.rows),
        ("disruptions.csv", tables.disruptions.rows),
        ("area.csv", tables.area.rows),
    )
    for file, rows in files:
        for row in rows:
            if row.reads("from", "to") and row.to_on is not None and row.to_on <= row.from_on:
                yield Problem(
                    file, row.line, "to", f'"{row.to_on}" is not after from; the day of to is not included.'
                )


def is_a_period(row: PeriodRow) -> bool:
    """True when both ends can be read and hold at least one day."""
    return row.reads("from", "to") and (row.to_on is None or row.to_on > row.from_on)


def check_phases(tables: Tables) -> Iterator[Problem]:
    """Phases of the clinic do not overlap; reported at the later line."""
    taken = Periods()
    for row in tables.phases.rows:
        if is_a_period(row):
            earlier = taken.claim(row.from_on, row.to_on, row.line)
            if earlier is not None:
                yield Problem(
                    "phases.csv",
                    row.line,
                    "from",
                    f'"{row.from_on}" begins a phase that overlaps the phase of line {earlier}; '
                    "end one before the other begins.",
                )


class SessionsOffered:
    """Which sessions the clinic offered on a day.

    The phase of the day says so, and programme.csv on a day without a phase. Where that cannot be known,
    because of another problem, every session counts as offered.
    """

    def __init__(self, tables: Tables) -> None:
        clinic = the_clinic(tables)
        usual = clinic.sessions_per_day if clinic and clinic.reads("sessions_per_day") else len(SESSIONS)
        phases = sorted(
            (phase for phase in tables.phases.rows if is_a_period(phase)), key=lambda phase: phase.from_on
        )
        if not tables.phases.readable or not all(
            is_a_period(phase) and phase.reads("sessions_per_day") for phase in tables.phases.rows
        ):
            usual, phases = len(SESSIONS), []
        elif any(check_phases(tables)):
            usual, phases = max(usual, *(phase.sessions_per_day for phase in phases)), []
        self._usual = usual
        self._phases = phases
        self._starts = [phase.from_on for phase in phases]
        self._known: dict[date, tuple[str, ...]] = {}

    def on(self, day: date) -> tuple[str, ...]:
        """The sessions offered on this day."""
        if day not in self._known:
            self._known[day] = SESSIONS_OFFERED[self._per_day(day)]
        return self._known[day]

    def _per_day(self, day: date) -> int:
        place = bisect_right(self._starts, day) - 1
        if place >= 0:
            phase = self._phases[place]
            if phase.to_on is None or day < phase.to_on:
                return phase.sessions_per_day
        return self._usual
