"""Money and work of one person: what stands, what was written before, and which debts there are."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from hat_clinic.accounts.models import Clinic
from outcomes.models import MoneyLine
from outcomes.queries.lines import Line, counting, lines_of
from outcomes.rules.money import KINDS, OPEN_DEBT, STATES, MoneySaid, MoneyTopic
from outcomes.rules.support import Correction
from patients.models import Episode


@dataclass(frozen=True, slots=True)
class MoneyVersion:
    """One row in words: as first written, or a correction of it. `pounds` is None where nobody knows or asked."""

    id: uuid.UUID
    words: str
    on: date
    pounds: int | None
    recorded_by: str
    recorded_at: datetime
    why_corrected: str
    is_struck: bool


@dataclass(frozen=True, slots=True)
class MoneyEntry:
    """One line: what stands now, and what was written before, newest first."""

    stands: MoneyVersion
    before: tuple[MoneyVersion, ...]


@dataclass(frozen=True, slots=True)
class Debt:
    """One debt: what for, and how its newest line says it stands."""

    id: uuid.UUID
    name: str
    now: MoneyVersion
    is_open: bool


@dataclass(frozen=True, slots=True)
class MoneyPart:
    """One topic: how each thing of it stands now, and every line, newest first."""

    topic: MoneyTopic
    now: tuple[MoneyVersion, ...]
    entries: tuple[MoneyEntry, ...]


@dataclass(frozen=True, slots=True)
class MoneyPage:
    """Money and work of one person. `owed` is the sum of the open debts that have one, None where none has."""

    person_id: uuid.UUID
    name: str
    parts: tuple[MoneyPart, ...]
    debts: tuple[Debt, ...]
    owed: int | None
    without_sum: int

    def debts_for(self, topic: MoneyTopic) -> tuple[tuple[uuid.UUID, str], ...]:
        """The debts that a new line may go on with."""
        return tuple((debt.id, debt.name) for debt in self.debts) if topic is MoneyTopic.DEBT else ()


def list_money_lines(
    clinic: Clinic, person_id: uuid.UUID, topic: MoneyTopic | None = None
) -> list[Line[MoneyLine]]:
    """Return every line of one person, the newest day first."""
    rows = MoneyLine.objects.filter(clinic=clinic, patient_id=person_id)
    if topic is not None:
        rows = rows.filter(topic=topic.value)
    return lines_of(rows.select_related("recorded_by").order_by("-since_on", "-recorded_at", "id"))


def get_money_page(*, clinic: Clinic, person_id: uuid.UUID) -> MoneyPage | None:
    """Return money and work of one person, or None for somebody never accepted here."""
    treatment = Episode.objects.filter(clinic=clinic, person_id=person_id).select_related("person").first()
    if treatment is None:
        return None
    every = list_money_lines(clinic, person_id)
    counted = counting(every)
    debts = _debts(counted)
    still_owed = [debt for debt in debts if debt.is_open]
    sums = [debt.now.pounds for debt in still_owed if debt.now.pounds is not None]
    return MoneyPage(
        person_id=person_id,
        name=treatment.person.full_name,
        parts=tuple(_part(topic, every, counted) for topic in MoneyTopic),
        debts=debts,
        owed=sum(sums) if sums else None,
        without_sum=len(still_owed) - len(sums),
    )


def get_standing_money(*, clinic: Clinic, person_id: uuid.UUID, line_id: uuid.UUID) -> MoneySaid | None:
    """Return what one line says, to be corrected, or None when it is not this person's."""
    row = MoneyLine.objects.filter(clinic=clinic, patient_id=person_id, id=line_id).first()
    return money_said_in(row) if row else None


def debt_since(lines: Iterable[Line[MoneyLine]], about: uuid.UUID | None) -> date | None:
    """Return when the debt that a line goes on with began, of lines that count, or None."""
    return next(
        (
            line.row.since_on
            for line in lines
            if line.first == about and money_said_in(line.row).begins_a_debt
        ),
        None,
    )


def goes_on_from(lines: Iterable[Line[MoneyLine]], row: uuid.UUID | None) -> date | None:
    """Return the day of the first line that goes on with the debt that this row stands for, or None."""
    every = list(lines)
    first = next((line.first for line in every if line.row.id == row), None)
    return min((line.row.since_on for line in every if first and line.row.about_id == first), default=None)


def money_said_in(row: MoneyLine) -> MoneySaid:
    """Return what a row says."""
    return MoneySaid(
        topic=MoneyTopic(row.topic),
        state=row.state,
        on=row.since_on,
        kind=row.kind,
        pounds=row.pounds,
        about=row.about_id,
    )


def _part(topic: MoneyTopic, every: list[Line[MoneyLine]], counted: list[Line[MoneyLine]]) -> MoneyPart:
    """Return one topic; of each kind the newest line that counts tells how it stands now."""
    names = {line.first: line.row.kind for line in every}
    newest: dict[str, MoneyVersion] = {}
    if topic is not MoneyTopic.DEBT:
        for line in counted:
            if line.row.topic == topic:
                newest.setdefault(line.row.kind, _version(line.row, line.row.kind))
    entries = tuple(
        MoneyEntry(
            _version(line.row, _kind_of(line.row, names)),
            tuple(_version(row, _kind_of(row, names)) for row in line.before),
        )
        for line in every
        if line.row.topic == topic
    )
    return MoneyPart(topic, tuple(newest.values()), entries)


def _debts(counted: list[Line[MoneyLine]]) -> tuple[Debt, ...]:
    """Return the debts, those that are open first; the newest line about one tells how it stands."""
    debts = []
    for line in counted:
        if not money_said_in(line.row).begins_a_debt:
            continue
        # What goes on with it wins over the line it began with, though that was written again later.
        newest = next((one for one in counted if one.row.about_id == line.first), line)
        name = f"{KINDS[MoneyTopic.DEBT][line.row.kind]}, since {line.row.since_on:%-d %B %Y}"
        debts.append(
            Debt(line.first, name, _version(newest.row, line.row.kind), newest.row.state in OPEN_DEBT)
        )
    return tuple(sorted(debts, key=lambda debt: not debt.is_open))


def _kind_of(row: MoneyLine, names: dict[uuid.UUID, str]) -> str:
    return names.get(row.about_id, "") if row.about_id else row.kind


def _version(row: MoneyLine, kind: str) -> MoneyVersion:
    topic = MoneyTopic(row.topic)
    correction = Correction(row.correction) if row.correction else None
    what = KINDS.get(topic, {}).get(kind, "")
    state = STATES[topic][row.state]
    return MoneyVersion(
        id=row.id,
        words=f"{what}: {state[0].lower()}{state[1:]}" if what else state,
        on=row.since_on,
        pounds=row.pounds,
        recorded_by=row.recorded_by.full_name,
        recorded_at=row.recorded_at,
        why_corrected=correction.label if correction else "",
        is_struck=bool(correction and correction.strikes),
    )
