"""What a case worker sees: their people today, one person's sessions, and the form to log one.

Attendance is read as came or did not come; no dose, order, reading, test or drug is ever asked for here.

Source: trust design 3.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from dosing.rules.sessions import Outcome
from hat_clinic.accounts.models import Agency, Clinic, User
from hat_clinic.core.clock import london_date
from outcomes.models import CaseAssignment, IncidentReport, SupportSession
from outcomes.queries.appointments import AppointmentShown, next_appointments
from outcomes.queries.due_forms import FormToAsk, list_forms_to_ask
from outcomes.queries.following import OpenFollowUp, list_case_workers, list_open_follow_ups
from outcomes.queries.fortnight import Attendance, attendance_of, list_ends
from outcomes.queries.plans import ReviewDue, list_reviews_due
from outcomes.rules.groups import JoinedLate
from outcomes.rules.support import (
    INCIDENT_DAYS,
    STRIKING,
    Correction,
    Domain,
    LastDays,
    SessionLogged,
    should_ask_the_room,
    words_for,
)
from patients.models import Episode, Incident, Person
from patients.queries.around import AlertLine, alerts_of
from patients.queries.stages import StageShown, standing_stages

# A session that ended otherwise than planned is worth a word for this many days, today included.
TROUBLE_DAYS = 2
SESSIONS_ON_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class LastHelp:
    """The last support session of one kind."""

    about: str
    on: date
    attended: bool
    agency: str


@dataclass(frozen=True, slots=True)
class OnCaseload:
    """One person as the case worker sees them today."""

    person_id: uuid.UUID
    name: str
    is_mine: bool
    stage: StageShown | None
    attendance: Attendance
    alerts: tuple[AlertLine, ...]
    booked: AppointmentShown | None
    last_help: tuple[LastHelp, ...]
    next_step: str
    next_step_on: date | None
    ask_the_room: bool
    today: date

    @property
    def step_is_late(self) -> bool:
        """Whether the day of the next step has gone by."""
        return self.next_step_on is not None and self.next_step_on < self.today

    @property
    def step_is_today(self) -> bool:
        """Whether the next step is for today."""
        return self.next_step_on == self.today


@dataclass(frozen=True, slots=True)
class Caseload:
    """Everybody in treatment here, or the case worker's own people among them."""

    today: date
    people: tuple[OnCaseload, ...]
    shows_mine: bool
    mine: int
    everybody: int
    follow_ups: tuple[OpenFollowUp, ...]
    reviews: tuple[ReviewDue, ...]
    forms: tuple[FormToAsk, ...]

    @property
    def told_of(self) -> list[uuid.UUID]:
        """Everybody that the page names, once."""
        people = [person.person_id for person in self.people]
        return list(dict.fromkeys([*people, *(follow_up.person_id for follow_up in self.follow_ups)]))

    @property
    def to_ask(self) -> tuple[OnCaseload, ...]:
        """People to speak to the treatment room about."""
        return tuple(person for person in self.people if person.ask_the_room)


def get_caseload(*, clinic: Clinic, case_worker: User, mine: bool | None, today: date) -> Caseload:
    """Return today's caseload. `mine` None shows the case worker's own people if there are any."""
    treated = list(
        Episode.objects.filter(clinic=clinic, exited_on__isnull=True)
        .select_related("person")
        .order_by("person__given_names", "person__family_name", "person__imported_ref", "person_id")
    )
    own = set(
        CaseAssignment.objects.filter(
            clinic=clinic, case_worker=case_worker, ends_at__isnull=True
        ).values_list("patient_id", flat=True)
    )
    own &= {episode.person_id for episode in treated}
    shows_mine = bool(own) if mine is None else mine
    shown = [episode for episode in treated if not shows_mine or episode.person_id in own]
    ids = [episode.person_id for episode in shown]
    stages = standing_stages(episode_ids=[episode.id for episode in shown])
    outcomes = list_ends(clinic, ids, today)
    incidents = _people_of_incidents(clinic, ids, since=today - timedelta(days=INCIDENT_DAYS))
    alerts, booked = (
        alerts_of(people=ids, today=today),
        next_appointments(clinic=clinic, people=ids, today=today),
    )
    helped, steps = _last_help(clinic, ids), _next_steps(clinic, ids)
    return Caseload(
        today=today,
        people=tuple(
            _on_caseload(
                episode.person,
                is_mine=episode.person_id in own,
                stage=stages.get(episode.id),
                outcomes=outcomes[episode.person_id],
                had_incident=episode.person_id in incidents,
                last_help=helped[episode.person_id],
                step=steps.get(episode.person_id),
                alerts=alerts.get(episode.person_id, ()),
                booked=booked.get(episode.person_id),
                today=today,
            )
            for episode in shown
        ),
        shows_mine=shows_mine,
        mine=len(own),
        everybody=len(treated),
        follow_ups=list_open_follow_ups(
            clinic=clinic, case_worker=case_worker, people=ids if shows_mine else None, today=today
        ),
        reviews=list_reviews_due(clinic=clinic, people=ids, today=today),
        forms=list_forms_to_ask(clinic=clinic, people=ids, today=today),
    )


def _people_of_incidents(clinic: Clinic, ids: list[uuid.UUID], *, since: date) -> set[uuid.UUID]:
    """Return to whom something happened, as an earlier record or somebody of ours has written down."""
    earlier = Incident.objects.filter(clinic=clinic, person_id__in=ids, happened_on__gt=since)
    ours = IncidentReport.objects.filter(clinic=clinic, patient_id__in=ids, happened_on__gt=since)
    return {person for (person,) in earlier.values_list("person_id").union(ours.values_list("patient_id"))}


def standing_sessions(clinic: Clinic, ids: Iterable[uuid.UUID]) -> QuerySet[SupportSession]:
    """Return the sessions that count: amended by nothing and not struck out."""
    return SupportSession.objects.filter(clinic=clinic, patient_id__in=ids, amended_by__isnull=True).exclude(
        correction__in=[str(reason) for reason in STRIKING]
    )


def _last_help(clinic: Clinic, ids: list[uuid.UUID]) -> dict[uuid.UUID, tuple[LastHelp, ...]]:
    last = (
        standing_sessions(clinic, ids)
        .select_related("agency")
        .order_by("patient_id", "domain", "-booked_on", "-recorded_at", "id")
        .distinct("patient_id", "domain")
    )
    found: dict[uuid.UUID, list[LastHelp]] = defaultdict(list)
    for session in sorted(last, key=lambda session: session.booked_on, reverse=True):
        agency = session.agency.name if session.agency else ""
        about = Domain(session.domain).label
        found[session.patient_id].append(LastHelp(about, session.booked_on, session.attended, agency))
    return defaultdict(tuple, {person: tuple(rows) for person, rows in found.items()})


def _next_steps(clinic: Clinic, ids: list[uuid.UUID]) -> dict[uuid.UUID, SupportSession]:
    newest = (
        standing_sessions(clinic, ids)
        .filter(follow_up__isnull=True)
        .exclude(next_step="")
        # What is to be done where nobody came is a follow-up, done or not: put right, it is no step besides.
        .exclude(attended=False, amends__isnull=False)
        .order_by("patient_id", "-booked_on", "-recorded_at", "id")
        .distinct("patient_id")
    )
    return {session.patient_id: session for session in newest}


def _on_caseload(
    person: Person,
    *,
    is_mine: bool,
    stage: StageShown | None,
    outcomes: list[tuple[date, str]],
    had_incident: bool,
    last_help: tuple[LastHelp, ...],
    step: SupportSession | None,
    alerts: tuple[AlertLine, ...],
    booked: AppointmentShown | None,
    today: date,
) -> OnCaseload:
    since = today - timedelta(days=TROUBLE_DAYS)
    withheld = any(end == Outcome.WITHHELD and on > since for on, end in outcomes)
    days = LastDays(
        came=[end != Outcome.MISSED for _, end in outcomes if end != Outcome.EXCUSED],
        had_trouble=withheld or had_incident,
    )
    return OnCaseload(
        person_id=person.id,
        name=person.full_name,
        is_mine=is_mine,
        stage=stage,
        attendance=attendance_of(outcomes, today),
        alerts=alerts,
        booked=booked,
        last_help=last_help,
        next_step=step.next_step if step else "",
        next_step_on=step.next_step_on if step else None,
        ask_the_room=should_ask_the_room(days),
        today=today,
    )


# --- one person ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Version:
    """One row of a session: as first logged, or a correction of it."""

    id: uuid.UUID
    on: date
    about: str
    attended: bool
    minutes: int | None
    agency: str
    done: tuple[str, ...]
    note: str
    next_step: str
    next_step_on: date | None
    recorded_by: str
    recorded_at: datetime | None
    why_corrected: str
    is_struck: bool
    group_id: uuid.UUID | None
    joined_late: str


@dataclass(frozen=True, slots=True)
class SupportEntry:
    """One session: what stands now, and what was written before, newest first."""

    stands: Version
    before: tuple[Version, ...]


@dataclass(frozen=True, slots=True)
class SupportPage:
    """One person's support sessions, newest first, some at a time."""

    person_id: uuid.UUID
    name: str
    is_mine: bool
    is_in_treatment: bool
    stage: StageShown | None
    entries: tuple[SupportEntry, ...]
    number: int
    has_earlier: bool


@dataclass(frozen=True, slots=True)
class LogPage:
    """What the form to log a session needs: whose, since when, today, and which agencies there are."""

    person_id: uuid.UUID
    name: str
    accepted_on: date
    today: date
    agencies: tuple[tuple[str, str], ...]
    case_workers: tuple[tuple[str, str], ...]

    @property
    def day_ahead(self) -> date:
        """The example beside a day to come."""
        return self.today + timedelta(days=28)


@dataclass(frozen=True, slots=True)
class StandingSession:
    """What one stored session says, and with which agency (None: the clinic alone)."""

    said: SessionLogged
    agency_id: uuid.UUID | None


def get_support_page(
    *, clinic: Clinic, person_id: uuid.UUID, case_worker: User, number: int
) -> SupportPage | None:
    """Return a page of one person's sessions, or None for somebody never accepted here."""
    treatments = list(_treatments(clinic, person_id))
    if not treatments:
        return None
    rows = SupportSession.objects.filter(clinic=clinic, patient_id=person_id).select_related(
        "agency", "recorded_by"
    )
    first = (number - 1) * SESSIONS_ON_A_PAGE
    heads = list(
        rows.filter(amended_by__isnull=True).order_by("-booked_on", "-recorded_at", "id")[
            first : first + SESSIONS_ON_A_PAGE + 1
        ]
    )
    amended = {row.id: row for row in rows.filter(amended_by__isnull=False)}
    is_mine = CaseAssignment.objects.filter(
        clinic=clinic, patient_id=person_id, case_worker=case_worker, ends_at__isnull=True
    ).exists()
    running = [treatment.id for treatment in treatments if treatment.exited_on is None]
    return SupportPage(
        person_id=person_id,
        name=treatments[0].person.full_name,
        is_mine=is_mine,
        is_in_treatment=bool(running),
        stage=next(iter(standing_stages(episode_ids=running).values()), None),
        entries=tuple(_entry(head, amended) for head in heads[:SESSIONS_ON_A_PAGE]),
        number=number,
        has_earlier=len(heads) > SESSIONS_ON_A_PAGE,
    )


def get_log_page(*, clinic: Clinic, person_id: uuid.UUID, at: datetime) -> LogPage | None:
    """Return what the form needs, or None for somebody never accepted here."""
    treatments = list(_treatments(clinic, person_id))
    if not treatments:
        return None
    return LogPage(
        person_id=person_id,
        name=treatments[0].person.full_name,
        accepted_on=treatments[0].accepted_on,
        today=london_date(at),
        agencies=tuple((str(agency.id), agency.name) for agency in Agency.objects.order_by("name")),
        case_workers=list_case_workers(clinic=clinic, at=at),
    )


def get_standing_session(
    *, clinic: Clinic, person_id: uuid.UUID, session_id: uuid.UUID
) -> StandingSession | None:
    """Return what a stored session says, to be corrected, or None when it is not this person's."""
    row = SupportSession.objects.filter(clinic=clinic, patient_id=person_id, id=session_id).first()
    if row is None:
        return None
    said = SessionLogged(
        on=row.booked_on,
        domain=row.domain,
        attended=row.attended,
        minutes=row.minutes,
        done=row.done,
        note=row.note,
        next_step=row.next_step,
        next_step_on=row.next_step_on,
    )
    return StandingSession(said, row.agency_id)


def _treatments(clinic: Clinic, person_id: uuid.UUID) -> QuerySet[Episode]:
    return (
        Episode.objects.filter(clinic=clinic, person_id=person_id)
        .select_related("person")
        .order_by("accepted_on", "id")
    )


def _entry(head: SupportSession, amended: dict[uuid.UUID, SupportSession]) -> SupportEntry:
    before, row = [], head
    while row.amends_id is not None:
        row = amended[row.amends_id]
        before.append(_version(row))
    return SupportEntry(stands=_version(head), before=tuple(before))


def _version(row: SupportSession) -> Version:
    correction = Correction(row.correction) if row.correction else None
    return Version(
        id=row.id,
        on=row.booked_on,
        about=Domain(row.domain).label,
        attended=row.attended,
        minutes=row.minutes,
        agency=row.agency.name if row.agency else "",
        done=tuple(words_for(code) for code in row.done),
        note=row.note,
        next_step=row.next_step,
        next_step_on=row.next_step_on,
        recorded_by=row.recorded_by.full_name if row.recorded_by else "",
        recorded_at=row.recorded_at,
        why_corrected=correction.label if correction else "",
        is_struck=bool(correction and correction.strikes),
        group_id=row.group_id,
        joined_late=JoinedLate(row.joined_late).label if row.joined_late else "",
    )
