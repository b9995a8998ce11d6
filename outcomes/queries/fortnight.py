"""How the last fortnight of treatment went for people, as far as a case worker may be told: came or not, day by day.

No dose, order, reading, test or drug is ever asked for here, and no reason. Source: trust design 3.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef

from dosing.models import SessionOutcome
from dosing.rules.sessions import Outcome
from hat_clinic.accounts.models import Clinic, Slot
from outcomes.rules.support import DAYS_SHOWN

SLOTS = list(Slot.values)
Ends = Sequence[tuple[date, str]]


@dataclass(frozen=True, slots=True)
class DayOfTreatment:
    """One day: to how many sessions the person came, how many they were expected at, and whether they were excused."""

    on: date
    came: int
    expected: int
    is_excused: bool

    @property
    def is_missed(self) -> bool:
        """Whether they did not come to one."""
        return self.came < self.expected

    @property
    def mark(self) -> str:
        """What stands under the day: came of expected, a dash for not expected, nothing for nothing written."""
        if self.expected:
            return f"{self.came}/{self.expected}"
        return "–" if self.is_excused else ""

    @property
    def words(self) -> str:
        """The same in words."""
        if not self.expected:
            return "not expected" if self.is_excused else "nothing recorded"
        if not self.is_missed:
            return "came"
        return f"came to {self.came} of {self.expected}" if self.came else "did not come"


@dataclass(frozen=True, slots=True)
class Attendance:
    """How many treatment sessions of the last days a person came to, did not come to, or was excused from."""

    came: int
    missed: int
    excused: int
    days: tuple[DayOfTreatment, ...]

    @property
    def offered(self) -> int:
        """Sessions the person could have come to."""
        return self.came + self.missed


def list_ends(
    clinic: Clinic, people: Sequence[uuid.UUID], today: date
) -> dict[uuid.UUID, list[tuple[date, str]]]:
    """Return how each session of the fortnight ended, oldest first, without its dose or its reason, in one query."""
    later = SessionOutcome.objects.filter(amends=OuterRef("pk"))
    rows = SessionOutcome.objects.filter(
        ~Exists(later),
        session__clinic=clinic,
        session__patient_id__in=people,
        session__service_date__gt=today - timedelta(days=DAYS_SHOWN),
        session__service_date__lte=today,
    ).values_list("session__patient_id", "session__service_date", "session__slot", "outcome")
    ended: dict[uuid.UUID, list[tuple[date, str]]] = defaultdict(list)
    for patient_id, on, _, outcome in sorted(rows, key=lambda row: (row[1], SLOTS.index(row[2]))):
        ended[patient_id].append((on, outcome))
    return ended


def attendance_of(ends: Ends, today: date) -> Attendance:
    """Count what `list_ends` told of one person, in all and day by day, the oldest day first."""
    days = [today - timedelta(days=number) for number in reversed(range(DAYS_SHOWN))]
    outcomes = [outcome for _, outcome in ends]
    missed, excused = outcomes.count(Outcome.MISSED), outcomes.count(Outcome.EXCUSED)
    return Attendance(
        came=len(outcomes) - missed - excused,
        missed=missed,
        excused=excused,
        days=tuple(_day(on, [outcome for day, outcome in ends if day == on]) for on in days),
    )


def _day(on: date, outcomes: list[str]) -> DayOfTreatment:
    excused = outcomes.count(Outcome.EXCUSED)
    expected = len(outcomes) - excused
    return DayOfTreatment(on, expected - outcomes.count(Outcome.MISSED), expected, is_excused=excused > 0)
