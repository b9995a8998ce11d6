"""How much a prescription of a signed order comes to, day by day.

Every number follows from the order as it was signed: a range counts with its most, the sessions of a day with their
sum, a plan with the highest step that each day can reach. Source: clinical rules 4, 7 and 7.11.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from dosing.rules.limits import Step
from dosing.rules.orders import LONDON, Product


class Standing(StrEnum):
    """How an order stands at a moment."""

    LIVE = "live"
    PLANNED = "planned"
    ENDED = "ended"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class PrescribedOrder:
    """What of a signed order goes onto paper: its milligrams, its sessions a day, and when it is in force.

    `dose_mg` is one session's dose, or the most of a range, of the sessions or of a plan; `least_mg` the least of a
    range; `slots` the dose of each session where they differ; `plan` the steps of a titration. `ends_at` is when it
    really ends: earlier than signed where a later order takes its place.

    `plan_begins_on` is day 1 of the plan: the day of the first dose on this order, or while `plan_has_begun` is False
    the earliest that it can be.
    """

    version: int
    product: Product
    dose_mg: int
    sessions_per_day: int
    daily_max_mg: int
    starts_at: datetime
    ends_at: datetime
    standing: Standing
    least_mg: int | None = None
    slots: tuple[tuple[str, int], ...] = ()
    plan: tuple[Step, ...] = ()
    plan_begins_on: date | None = None
    plan_has_begun: bool = False

    @property
    def is_one_dose(self) -> bool:
        """True for an order of one dose, the same in every session."""
        return self.least_mg is None and not self.slots and not self.plan

    @property
    def is_at_most(self) -> bool:
        """True where less than the prescribed quantity may be given: a range, or a plan."""
        return self.least_mg is not None or bool(self.plan)

    @property
    def first_on(self) -> date:
        """The first Europe/London day with a dose."""
        return self.starts_at.astimezone(LONDON).date()

    @property
    def last_on(self) -> date:
        """The last Europe/London day with a dose: an end at midnight belongs to the day before."""
        return (self.ends_at - timedelta(microseconds=1)).astimezone(LONDON).date()

    def mg_on(self, day: date) -> int:
        """Return the most milligrams that the order can give on one day, which is what its instalment holds.

        Never more than the order's own maximum of a day, at which dosing stops. Source: clinical rules 7 and 7.11.
        """
        if self.plan:
            mg = self._of_plan(day)
        elif self.slots:
            mg = sum(mg for _, mg in self.slots)
        else:
            mg = self.dose_mg * self.sessions_per_day
        return min(mg, self.daily_max_mg)

    def _of_plan(self, day: date) -> int:
        """Return the most of one day of a plan: of every step whose day has come, as if any of them still held.

        A step is taken only once the last dose was tolerated, and may be held, so that how long it lasts is open.
        """
        began = self.plan_begins_on or self.first_on
        number = max(1, (day - began).days + 1)
        reached = [step.max_mg * self.sessions_per_day for step in self.plan if step.day <= number]
        if number == 1:
            return self._of_first_day()
        return max(reached) if self.plan_has_begun else max(self._of_first_day(), *reached)

    def _of_first_day(self) -> int:
        """Return the most of a plan's first day: the first dose, its one repeat, then a whole dose each session."""
        first = self.plan[0]
        if first.first_mg is None:
            return first.max_mg * self.sessions_per_day
        return first.first_mg + (first.repeat_mg or 0) + first.max_mg * (self.sessions_per_day - 1)


@dataclass(frozen=True, slots=True)
class Part:
    """Instalments of one amount, one for each day from the first to the last, both included."""

    instalment_mg: int
    first_on: date
    last_on: date

    @property
    def instalments(self) -> int:
        """How many instalments, which is how many days."""
        return (self.last_on - self.first_on).days + 1

    @property
    def total_mg(self) -> int:
        """The milligrams of these instalments together."""
        return self.instalment_mg * self.instalments


@dataclass(frozen=True, slots=True)
class Prescription:
    """What a prescription states: one instalment for each day, in parts that differ in their amount.

    `is_at_most` says that less may be given: the quantity is the most that can be supplied.
    """

    parts: tuple[Part, ...]
    is_at_most: bool

    @property
    def first_on(self) -> date:
        """The day of the first instalment."""
        return self.parts[0].first_on

    @property
    def last_on(self) -> date:
        """The day of the last instalment."""
        return self.parts[-1].last_on

    @property
    def instalments(self) -> int:
        """How many instalments there are, which is how many days."""
        return sum(part.instalments for part in self.parts)

    @property
    def instalment_mg(self) -> int:
        """The largest instalment, in milligrams."""
        return max(part.instalment_mg for part in self.parts)

    @property
    def total_mg(self) -> int:
        """The total quantity in milligrams: the sum of all instalments."""
        return sum(part.total_mg for part in self.parts)


def prescription_of(order: PrescribedOrder, first_on: date) -> Prescription:
    """Return what a prescription from a day to the end of its order states, one instalment for each calendar day.

    Days are counted in the calendar, so a day of 23 or 25 hours is one day. Days in a row with the same amount are
    one part. Source: clinical rules 7 and 7.11.
    """
    parts: list[Part] = []
    for number in range((order.last_on - first_on).days + 1):
        day = first_on + timedelta(days=number)
        mg = order.mg_on(day)
        if parts and parts[-1].instalment_mg == mg:
            parts[-1] = Part(mg, parts[-1].first_on, day)
        else:
            parts.append(Part(mg, day, day))
    return Prescription(parts=tuple(parts), is_at_most=order.is_at_most)
