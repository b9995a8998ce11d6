"""Safety incidents of a clinic: what stands, what was written before, and who is still to be told."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, QuerySet

from hat_clinic.accounts.models import Clinic
from outcomes.models import IncidentReport, IncidentTelling
from outcomes.rules.incidents import Body, Harm, IncidentSaid, Kind, ToldSaid, Where, must_tell
from patients.models import Episode, Person

INCIDENTS_ON_A_PAGE = 20


def said_of(report: IncidentReport) -> IncidentSaid:
    """Return what a stored line says."""
    return IncidentSaid(
        happened_on=report.happened_on,
        kind=Kind(report.kind),
        place=Where(report.place),
        harm=Harm(report.harm),
        naloxone_given=report.naloxone_given,
        is_drug_related=report.is_drug_related,
        words=report.words,
    )


def standing_tellings(incident: uuid.UUID) -> QuerySet[IncidentTelling]:
    """Return who was told of an incident: lines that no other amends, but for those taken back."""
    return IncidentTelling.objects.filter(incident=incident, amended_by__isnull=True, is_struck=False)


def told_said(telling: IncidentTelling) -> ToldSaid:
    """Return what a line says of somebody who was told."""
    return (
        ToldSaid(told_on=None)
        if telling.is_struck
        else ToldSaid(told_on=telling.told_on, words=telling.words)
    )


@dataclass(frozen=True, slots=True)
class ToldLine:
    """One line about somebody who was told: as first written, or a correction."""

    id: uuid.UUID
    said: ToldSaid
    why: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """One line of an incident: as it was first written down, or a correction."""

    id: uuid.UUID
    said: IncidentSaid
    why: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody who must be told: what stands (None: nothing does), and what was written before, newest first."""

    body: Body
    stands: ToldLine | None
    before: tuple[ToldLine, ...] = ()

    @property
    def told_on(self) -> date | None:
        """When they were told, None while they were not."""
        return self.stands.said.told_on if self.stands else None


@dataclass(frozen=True, slots=True)
class IncidentShown:
    """One incident: what stands, what was written before (newest first), and who is to be told."""

    person_id: uuid.UUID
    name: str
    stands: IncidentLine
    before: tuple[IncidentLine, ...]
    telling: tuple[Told, ...]

    @property
    def untold(self) -> tuple[Told, ...]:
        """Who must be told and was not."""
        return tuple(one for one in self.telling if one.told_on is None)


@dataclass(frozen=True, slots=True)
class IncidentList:
    """A page of a clinic's incidents, how many there are in all, and of how many somebody is still to be told."""

    incidents: tuple[IncidentShown, ...]
    number: int
    in_all: int
    untold: int
    has_more: bool


def list_incidents(*, clinic: Clinic, number: int) -> IncidentList:
    """Return a page of incidents: first those of which somebody is still to be told, then the newest."""
    shown = sorted(
        _shown(_lines(clinic)),
        key=lambda one: (not one.untold, -one.stands.said.happened_on.toordinal(), one.stands.id),
    )
    first = (number - 1) * INCIDENTS_ON_A_PAGE
    return IncidentList(
        incidents=tuple(shown[first : first + INCIDENTS_ON_A_PAGE]),
        number=number,
        in_all=len(shown),
        untold=sum(1 for one in shown if one.untold),
        has_more=len(shown) > first + INCIDENTS_ON_A_PAGE,
    )


def get_incident(*, clinic: Clinic, report_id: uuid.UUID) -> IncidentShown | None:
    """Return the incident that a line belongs to; None where there is none in this clinic."""
    report = IncidentReport.objects.filter(clinic=clinic, id=report_id).first()
    return None if report is None else _shown(_lines(clinic, incident=report.incident))[0]


def get_told(*, clinic: Clinic, telling_id: uuid.UUID) -> tuple[IncidentShown, Told] | None:
    """Return the incident and who was told by one line, None where there is none in this clinic or it was corrected."""
    telling = IncidentTelling.objects.filter(report__clinic=clinic, id=telling_id).first()
    if telling is None:
        return None
    incident = get_incident(clinic=clinic, report_id=telling.report_id)
    if incident is None:
        return None
    return incident, next(one for one in incident.telling if one.body == Body(telling.body))


def get_incident_person(*, clinic: Clinic, person_id: uuid.UUID) -> Person | None:
    """Return a person who is or was in treatment here, whose incident is to be written down."""
    here = Episode.objects.filter(person=OuterRef("pk"), clinic=clinic)
    return Person.objects.filter(Exists(here), id=person_id).first()


def _lines(clinic: Clinic, **only: uuid.UUID) -> Iterable[IncidentReport]:
    reports = IncidentReport.objects.filter(clinic=clinic, **only)
    return reports.select_related("patient", "recorded_by").order_by("incident", "-number")


def _shown(lines: Iterable[IncidentReport]) -> list[IncidentShown]:
    incidents: dict[uuid.UUID, list[IncidentReport]] = defaultdict(list)
    for line in lines:
        incidents[line.incident].append(line)
    tellings: dict[uuid.UUID, dict[Body, list[IncidentTelling]]] = defaultdict(lambda: defaultdict(list))
    found = IncidentTelling.objects.filter(incident__in=incidents).select_related("recorded_by")
    for one in found.order_by("-recorded_at", "-id"):
        tellings[one.incident][Body(one.body)].append(one)
    return [_incident(found, tellings[incident]) for incident, found in incidents.items()]


def _incident(lines: list[IncidentReport], tellings: dict[Body, list[IncidentTelling]]) -> IncidentShown:
    first, *before = lines
    said = said_of(first)
    told = [_told(body, tellings.get(body, [])) for body in Body]
    return IncidentShown(
        person_id=first.patient_id,
        name=first.patient.full_name,
        stands=_line(first),
        before=tuple(map(_line, before)),
        # Who was told stays on the list, even where a correction says that they need not have been.
        telling=tuple(one for one in told if one.body in must_tell(said) or one.stands),
    )


def _told(body: Body, tellings: list[IncidentTelling]) -> Told:
    amended = {one.amends_id for one in tellings}
    lines = [_told_line(one) for one in tellings if one.id not in amended]
    before = [_told_line(one) for one in tellings if one.id in amended]
    # Told anew after it was taken back, the newer line stands.
    stands = next((line for line in lines if line.said.told_on), lines[0] if lines else None)
    rest = [line for line in lines if line is not stands]
    return Told(body, stands, tuple(sorted([*rest, *before], key=lambda line: line.at, reverse=True)))


def _told_line(one: IncidentTelling) -> ToldLine:
    return ToldLine(one.id, told_said(one), one.why, one.recorded_by.full_name, one.recorded_at)


def _line(report: IncidentReport) -> IncidentLine:
    by = report.recorded_by.full_name
    return IncidentLine(report.id, said_of(report), report.why, by, report.recorded_at)
